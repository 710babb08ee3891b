/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L
#include "port/thread.h"

#include <signal.h>

static int start(pthread_t *thread, pthread_attr_t *attributes, void *(*run)(void *),
		 void *argument)
{
	static const int own[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS };
	sigset_t others;
	sigset_t before;
	int error;

	sigfillset(&others);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		sigdelset(&others, own[i]);
	pthread_sigmask(SIG_SETMASK, &others, &before);
	error = pthread_create(thread, attributes, run, argument);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

int port_thread_start(pthread_t *thread, size_t stack, void *(*run)(void *), void *argument)
{
	pthread_attr_t attributes;
	size_t usual = 0;
	int error = pthread_attr_init(&attributes);

	if (error)
		return error;
	pthread_attr_getstacksize(&attributes, &usual);
	if (usual < stack)
		pthread_attr_setstacksize(&attributes, stack);
	error = start(thread, &attributes, run, argument);
	pthread_attr_destroy(&attributes);
	return error;
}
