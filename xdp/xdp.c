/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AF_XDP with libxdp. Frames lie in memory that is shared with the kernel; who owns which of them is told by four rings:
 * the kernel fills those of `fill` and puts them into `in`, sends those of `out` and gives them back through `done`.
 */
#define _GNU_SOURCE 1
#include <ecring/xdp.h>

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_xdp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <xdp/libxdp.h>
#include <xdp/xsk.h>

#define FRAME_BYTES 2048u
#define RING 128u
#define INCOMING RING
#define OUTGOING (2 * RING) /* as many as both of its rings hold */
#define BYTES ((size_t)FRAME_BYTES * (INCOMING + OUTGOING))
#define QUEUE 0

struct xdp {
	struct ecr_fast_path base;
	uint8_t *memory;
	struct xsk_umem *umem;
	struct xsk_socket *socket;
	struct xsk_ring_prod fill;
	struct xsk_ring_cons done;
	struct xsk_ring_cons in;
	struct xsk_ring_prod out;
	uint32_t sent;
	uint64_t held; /* the frame that the caller has */
	bool holds;
};

/* What copy mode answers while it is at work: the frames are in its ring. */
static bool is_busy(int error)
{
	return error == EAGAIN || error == EBUSY || error == ENOBUFS;
}

static bool wake_sender(struct xdp *xdp)
{
	return !xsk_ring_prod__needs_wakeup(&xdp->out) ||
	       sendto(xdp->base.fd, NULL, 0, MSG_DONTWAIT, NULL, 0) >= 0 || is_busy(errno);
}

static bool send_frame(struct ecr_fast_path *path, const uint8_t *frame, size_t length)
{
	struct xdp *xdp = (struct xdp *)path;
	uint64_t at = (uint64_t)(INCOMING + xdp->sent % OUTGOING) * FRAME_BYTES;
	uint32_t slot;
	uint32_t done = xsk_ring_cons__peek(&xdp->done, RING, &slot);

	if (done)
		xsk_ring_cons__release(&xdp->done, done);
	if (length > FRAME_BYTES || xsk_ring_prod__reserve(&xdp->out, 1, &slot) != 1)
		return false;
	memcpy(xdp->memory + at, frame, length);
	*xsk_ring_prod__tx_desc(&xdp->out, slot) =
		(struct xdp_desc){ .addr = at, .len = (uint32_t)length };
	xsk_ring_prod__submit(&xdp->out, 1);
	xdp->sent++;
	return wake_sender(xdp);
}

static void give(struct xdp *xdp, uint64_t frame)
{
	uint32_t slot;

	if (xsk_ring_prod__reserve(&xdp->fill, 1, &slot) != 1)
		return; /* there is a place for each */
	*xsk_ring_prod__fill_addr(&xdp->fill, slot) = frame;
	xsk_ring_prod__submit(&xdp->fill, 1);
}

static void release(struct ecr_fast_path *path)
{
	struct xdp *xdp = (struct xdp *)path;

	if (xdp->holds)
		give(xdp, xdp->held);
	xdp->holds = false;
}

static bool pending(struct ecr_fast_path *path)
{
	return xsk_cons_nb_avail(&((struct xdp *)path)->in, 1) > 0;
}

static uint8_t *receive(struct ecr_fast_path *path, size_t *length)
{
	struct xdp *xdp = (struct xdp *)path;
	const struct xdp_desc *found;
	uint32_t slot;

	release(path);
	if (xsk_ring_cons__peek(&xdp->in, 1, &slot) != 1) {
		if (xsk_ring_prod__needs_wakeup(&xdp->fill))
			(void)recvfrom(path->fd, NULL, 0, MSG_DONTWAIT, NULL, NULL);
		return NULL;
	}
	found = xsk_ring_cons__rx_desc(&xdp->in, slot);
	xdp->held = xsk_umem__extract_addr(found->addr);
	xdp->holds = true;
	*length = found->len;
	slot = (uint32_t)xsk_umem__add_offset_to_addr(found->addr);
	xsk_ring_cons__release(&xdp->in, 1);
	return xdp->memory + slot;
}

static void close_path(struct ecr_fast_path *path)
{
	struct xdp *xdp = (struct xdp *)path;

	if (xdp->socket)
		xsk_socket__delete(xdp->socket);
	if (xdp->umem)
		(void)xsk_umem__delete(xdp->umem);
	if (xdp->memory)
		munmap(xdp->memory, BYTES);
	free(xdp);
}

static int open_memory(struct xdp *xdp)
{
	const struct xsk_umem_config config = { .fill_size = RING,
						.comp_size = RING,
						.frame_size = FRAME_BYTES };
	void *memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED)
		return -errno;
	xdp->memory = memory;
	return xsk_umem__create(&xdp->umem, memory, BYTES, &xdp->fill, &xdp->done, &config);
}

/* Without a mode libxdp takes the driver's own or, failing that, the one that every driver has; the kernel likewise copies
 * where it cannot share. */
static int open_socket(struct xdp *xdp, const char *interface)
{
	const struct xsk_socket_config config = { .rx_size = RING,
						  .tx_size = RING,
						  .bind_flags = XDP_USE_NEED_WAKEUP };

	return xsk_socket__create(&xdp->socket, interface, QUEUE, xdp->umem, &xdp->in, &xdp->out,
				  &config);
}

struct ecr_fast_path *ecr_xdp_open(const char *interface, char *text, size_t size)
{
	struct xdp *xdp = calloc(1, sizeof(*xdp));
	int error;

	if (!xdp)
		return NULL;
	xdp->base = (struct ecr_fast_path){ .fd = -1,
					    .send = send_frame,
					    .receive = receive,
					    .release = release,
					    .pending = pending,
					    .close = close_path };
	/* A library does not print. */
	(void)libbpf_set_print(NULL);
	(void)libxdp_set_print(NULL);
	error = open_memory(xdp);
	if (!error)
		error = open_socket(xdp, interface);
	if (error) {
		snprintf(text, size, "AF_XDP on %s: %s", interface, strerror(-error));
		close_path(&xdp->base);
		return NULL;
	}
	for (uint64_t i = 0; i < INCOMING; i++)
		give(xdp, i * FRAME_BYTES);
	xdp->base.fd = xsk_socket__fd(xdp->socket);
	return &xdp->base;
}
