/* SPDX-License-Identifier: Apache-2.0 */
/* Threads of the library's own. */
#ifndef PORT_THREAD_H
#define PORT_THREAD_H

#include <pthread.h>
#include <stddef.h>

/* Signals are for the threads of the application: this one gets none but those that it causes itself. Its stack has
 * `stack` bytes at least. An error number. */
int port_thread_start(pthread_t *thread, size_t stack, void *(*run)(void *), void *argument);

#endif
