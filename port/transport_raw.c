/* SPDX-License-Identifier: Apache-2.0 */
/* AF_PACKET on a network interface, or what goes past it. */
#define _GNU_SOURCE 1
#include "port/clock.h"
#include "port/claim.h"
#include "port/hardware_stamp.h"
#include "port/packet.h"
#include "port/stamp.h"
#include "port/transport.h"
#include "wire/ethernet.h"
#include "wire/frame.h"

#include <ecring/xdp.h>

#include <errno.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_SIZE 1600
#define XDP "xdp:"
#define OFFSET_NS ECR_MS(1) /* how old the distance of the two clocks may be */

struct raw_transport {
	struct port_transport base;
	struct port_interface interface;
	struct ecr_fast_path *fast; /* NULL: frames go through the packet socket */
	struct ecr_fast_path *(*open_fast)(const char *interface, char *text, size_t size);
	bool wants_fast;
	bool wants_hardware;
	int clock_fd;	 /* of the card's clock; -1 none */
	clockid_t clock; /* that arrivals are noted by */
	char lacking[320];
	bool bypass;
	int lock;
	int locked_index;
	uint32_t opened; /* which of the interface's sockets has been set up */
	struct ecr_ethernet header;
	size_t header_size;
	ecr_time wall_offset;
	ecr_time wall_offset_at;
	uint8_t out[BUFFER_SIZE]; /* header, frame, padding */
	uint8_t in[BUFFER_SIZE];
	struct ecr_link_info info;
	uint64_t not_ethercat;
};

static int raw_send(struct port_transport *transport, ecr_time now, size_t length)
{
	struct raw_transport *raw = (struct raw_transport *)transport;
	bool sent;

	length = ecr_ethernet_pad(raw->out, raw->header_size + length, sizeof(raw->out));
	sent = raw->fast ? raw->fast->send(raw->fast, raw->out, length)
			 : send(raw->base.fd, raw->out, length, MSG_DONTWAIT) == (ssize_t)length;
	/* While the frame is under way, not when it has come. */
	if (now - raw->wall_offset_at > OFFSET_NS) {
		raw->wall_offset = port_stamp_offset(raw->clock);
		raw->wall_offset_at = now;
	}
	return sent ? 0 : ECR_ERR_TRANSPORT_UNAVAILABLE;
}

/* The first slave sets bit 0x02 of the source address of what it forwards. */
static bool is_from(const uint8_t *source, const uint8_t *mac)
{
	return ((source[0] ^ mac[0]) & ~ECR_SOURCE_PASSED) == 0 &&
	       !memcmp(source + 1, mac + 1, ECR_MAC_SIZE - 1);
}

static enum ecr_origin origin_of(const struct raw_transport *raw, const uint8_t *source)
{
	if (is_from(source, raw->header.source))
		return ECR_ORIGIN_OWN;
	return raw->base.other_source && is_from(source, raw->base.other_source)
		       ? ECR_ORIGIN_OTHER_PORT
		       : ECR_ORIGIN_FOREIGN;
}

static void note_foreign(struct raw_transport *raw, const uint8_t *source, ecr_time at)
{
	raw->info.foreign_frames++;
	raw->info.foreign_at = at;
	memcpy(raw->info.foreign_source, source, ECR_MAC_SIZE);
}

static uint8_t *next_frame(struct raw_transport *raw, size_t *length, struct timespec *stamp)
{
	long got;

	*stamp = (struct timespec){ 0 };
	if (raw->fast)
		return raw->fast->receive(raw->fast, length);
	if (raw->interface.ring.memory)
		return port_ring_receive(&raw->interface.ring, length, stamp);
	got = port_stamp_read(raw->base.fd, raw->in, sizeof(raw->in), stamp);
	*length = got > 0 ? (size_t)got : 0;
	return got > 0 ? raw->in : NULL;
}

static uint8_t *raw_receive(struct port_transport *transport, ecr_time now, size_t *length,
			    struct ecr_rx_meta *meta)
{
	struct raw_transport *raw = (struct raw_transport *)transport;
	struct ecr_ethernet header;
	struct timespec stamp;
	uint8_t *buffer;

	while (raw->base.fd >= 0 && (buffer = next_frame(raw, length, &stamp))) {
		if (!ecr_ethernet_read(buffer, *length, &header) ||
		    header.ethertype != ECR_ETHERTYPE) {
			raw->not_ethercat++;
			continue;
		}
		*length -= header.payload;
		*meta = (struct ecr_rx_meta){ .port = raw->base.port,
					      .origin = origin_of(raw, header.source),
					      .at = port_stamp_at(&stamp, raw->wall_offset, now) };
		if (meta->origin == ECR_ORIGIN_FOREIGN)
			note_foreign(raw, header.source, meta->at);
		return buffer + header.payload;
	}
	return NULL;
}

static void raw_release(struct port_transport *transport)
{
	struct raw_transport *raw = (struct raw_transport *)transport;

	if (raw->fast)
		raw->fast->release(raw->fast);
	else if (raw->interface.ring.memory)
		port_ring_release(&raw->interface.ring);
}

static bool raw_pending(struct port_transport *transport)
{
	const struct raw_transport *raw = (struct raw_transport *)transport;

	if (raw->fast)
		return raw->fast->pending(raw->fast);
	return raw->base.fd >= 0 && port_ring_pending(&raw->interface.ring);
}

static int lock_interface(int index)
{
	char name[32];

	snprintf(name, sizeof(name), "interface-%d", index);
	return port_claim(name);
}

static void lack(struct raw_transport *raw, const char *instead, const char *why)
{
	size_t used = strlen(raw->lacking);

	snprintf(raw->lacking + used, sizeof(raw->lacking) - used, "%s%s: %s", used ? "; " : "",
		 instead, why);
	raw->base.lacking = raw->lacking;
}

static void close_fast(struct raw_transport *raw)
{
	if (raw->fast)
		raw->fast->close(raw->fast);
	raw->fast = NULL;
}

/* Of the interface as it is now. Without it the packet socket does. */
static void set_up_fast(struct raw_transport *raw)
{
	char why[112] = "the library ecring_xdp is not there";

	close_fast(raw);
	if (raw->open_fast)
		raw->fast = raw->open_fast(raw->interface.name, why, sizeof(why));
	raw->info.xdp = raw->fast;
	if (raw->fast)
		return;
	lack(raw, "a packet socket instead of XDP", why);
}

/* The kernel notes without being asked where there is a ring. */
static void set_up_stamps(struct raw_transport *raw)
{
	bool ring = raw->interface.ring.memory;
	char why[112] = "not with XDP";

	if (raw->clock_fd >= 0)
		close(raw->clock_fd);
	raw->clock_fd = -1;
	raw->clock = CLOCK_REALTIME;
	if (raw->wants_hardware && !raw->fast)
		raw->clock_fd = port_hardware_stamp_open(raw->interface.name, raw->interface.fd,
							 ring, &raw->clock, why, sizeof(why));
	raw->info.hardware_stamps = raw->interface.ring.hardware = raw->clock_fd >= 0;
	if (raw->wants_hardware && raw->clock_fd < 0)
		lack(raw, "arrivals noted by the kernel instead of the network card", why);
	if (!ring && raw->clock_fd < 0)
		port_stamp_enable(raw->interface.fd);
	raw->wall_offset = port_stamp_offset(raw->clock);
	raw->wall_offset_at = port_now();
}

/* Past the queueing discipline only when asked. */
static void set_up_socket(struct raw_transport *raw)
{
	int on = 1;

	raw->lacking[0] = '\0';
	if (raw->wants_fast)
		set_up_fast(raw);
	set_up_stamps(raw);
	raw->base.pending = raw->fast || raw->interface.ring.memory ? raw_pending : NULL;
	raw->info.ring = !raw->fast && raw->interface.ring.memory;
	raw->info.bypass = raw->bypass && setsockopt(raw->interface.fd, SOL_PACKET,
						     PACKET_QDISC_BYPASS, &on, sizeof(on)) == 0;
	raw->opened = raw->interface.reopened + 1;
}

/* Takes over the interface as it is now: its lock, its address. False while another master has it.
 */
static bool adopt(struct raw_transport *raw)
{
	if (raw->locked_index != raw->interface.index) {
		if (raw->lock >= 0)
			close(raw->lock);
		raw->lock = lock_interface(raw->interface.index);
		raw->locked_index = raw->lock < 0 ? 0 : raw->interface.index;
	}
	if (raw->lock >= 0 && raw->opened != raw->interface.reopened + 1)
		set_up_socket(raw);
	memcpy(raw->header.source, raw->interface.mac, ECR_MAC_SIZE);
	raw->header_size = ecr_ethernet_write(raw->out, sizeof(raw->out), &raw->header);
	raw->base.out = raw->out + raw->header_size;
	raw->base.fd = raw->lock < 0 ? -1 : raw->fast ? raw->fast->fd : raw->interface.fd;
	return raw->lock >= 0;
}

static bool raw_look(struct port_transport *transport)
{
	struct raw_transport *raw = (struct raw_transport *)transport;
	bool was_up = raw->info.status == ECR_LINK_STATUS_UP;
	bool up = port_packet_look(&raw->interface);

	raw->base.fd = -1;
	if (!raw->interface.index)
		raw->info.status = ECR_LINK_STATUS_GONE;
	else if (!adopt(raw))
		raw->info.status = ECR_LINK_STATUS_TAKEN;
	else
		raw->info.status = up ? ECR_LINK_STATUS_UP : ECR_LINK_STATUS_DOWN;
	up = raw->info.status == ECR_LINK_STATUS_UP;
	raw->info.losses += was_up && !up;
	return up;
}

/* The kernel counts what it could not keep for us, and forgets it when asked. */
static void raw_info(struct port_transport *transport, struct ecr_bus_info *info)
{
	struct raw_transport *raw = (struct raw_transport *)transport;
	struct tpacket_stats stats = { 0 };
	socklen_t size = sizeof(stats);

	if (raw->base.fd >= 0 &&
	    getsockopt(raw->base.fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0)
		raw->info.kernel_drops += stats.tp_drops;
	raw->info.reopened = raw->interface.reopened;
	info->link = raw->info;
	info->dropped[ECR_DROP_NOT_ETHERCAT] += raw->not_ethercat;
}

static void raw_close(struct port_transport *transport)
{
	struct raw_transport *raw = (struct raw_transport *)transport;

	close_fast(raw);
	port_packet_close(&raw->interface);
	if (raw->clock_fd >= 0)
		close(raw->clock_fd);
	if (raw->lock >= 0)
		close(raw->lock);
	free(raw);
}

/* Frames at most. */
static unsigned int in_flight(const struct ecr_config *config)
{
	return config->limits.frames_in_flight ? config->limits.frames_in_flight : ECR_CORE_FLIGHTS;
}

int port_open_raw(const struct ecr_config *config, struct port_transport **transport, char *text,
		  size_t size)
{
	struct raw_transport *raw = calloc(1, sizeof(*raw));
	const char *name = config->interface;
	int error;

	if (!raw)
		return ECR_ERR_NO_MEMORY;
	raw->lock = raw->clock_fd = -1;
	raw->wants_hardware = config->raw.hardware_stamps;
	raw->bypass = config->raw.bypass_qdisc;
	raw->wants_fast = strncmp(name, XDP, sizeof(XDP) - 1) == 0;
	raw->open_fast = config->raw.xdp;
	if (raw->wants_fast)
		name += sizeof(XDP) - 1;
	error = port_packet_open(name, config->raw.no_ring ? 0 : in_flight(config), &raw->interface,
				 text, size);
	if (error) {
		free(raw);
		return error;
	}
	raw->base = (struct port_transport){ .send = raw_send,
					     .receive = raw_receive,
					     .release = raw_release,
					     .look = raw_look,
					     .info = raw_info,
					     .close = raw_close,
					     .fd = raw->interface.fd,
					     .watch_fd = raw->interface.watch_fd };
	memset(raw->header.destination, 0xFF, ECR_MAC_SIZE);
	raw->header.ethertype = ECR_ETHERTYPE;
	raw->header.tagged = config->vlan;
	raw->header.vlan = config->vlan_tag;
	raw->info.status = raw->interface.up ? ECR_LINK_STATUS_UP : ECR_LINK_STATUS_DOWN;
	if (!adopt(raw)) {
		snprintf(text, size, "interface %s is used by another master of this machine",
			 name);
		raw_close(&raw->base);
		return ECR_ERR_INTERFACE_IN_USE;
	}
	*transport = &raw->base;
	return 0;
}

void port_raw_pair(struct port_transport *primary, struct port_transport *backup)
{
	struct raw_transport *one = (struct raw_transport *)primary;
	struct raw_transport *two = (struct raw_transport *)backup;

	backup->port = 1;
	primary->other_source = two->header.source;
	backup->other_source = one->header.source;
}
