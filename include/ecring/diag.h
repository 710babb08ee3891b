/* SPDX-License-Identifier: Apache-2.0 */
/* What a ring tells of its cables and of its slaves' states: read in the background of every session, once a second. */
#ifndef ECRING_DIAG_H
#define ECRING_DIAG_H

#include <ecring/info.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ecr_master;

/* Of what arrives at one port, since the session began. */
struct ecr_port_errors {
	uint32_t crc;	    /* frames damaged on the cable before this port */
	uint32_t physical;  /* symbols that are none */
	uint32_t forwarded; /* damaged frames that somebody before has marked */
	uint32_t lost_links;
	uint32_t recent; /* crc and physical ones of the last minute */
};

/* One cable. */
struct ecr_link_report {
	int32_t from; /* position of the slave nearer to the master; -1: the master */
	int32_t to;   /* -1: the master's second port; nobody when it has no name */
	uint8_t from_port;
	uint8_t to_port;
	bool swapped; /* `to` is entered at another port than 0: its IN and OUT are exchanged */
	char from_name[ECR_NAME_SIZE]; /* "master" */
	char to_name[ECR_NAME_SIZE];
	struct ecr_port_errors at_from; /* what arrives there: on the way back */
	struct ecr_port_errors at_to;
};

/* One change of a slave's AL status as the session has seen it. */
#define ECR_AL_HISTORY 16

struct ecr_al_entry {
	ecr_time at;
	uint16_t status; /* register 0x0130; 0: it did not answer */
	uint16_t code;	 /* AL status code */
};

/* What stands on the ring otherwise than configured. */
enum ecr_difference_kind {
	ECR_DIFFERENCE_MISSING, /* `slave` does not answer */
	ECR_DIFFERENCE_ADDED,	/* who stands at `position` is not configured */
	ECR_DIFFERENCE_MOVED,	/* `slave` stands behind `what`, configured behind `other` */
	ECR_DIFFERENCE_IDENTITY, /* `what` of the device in the place of `slave`; it is that of `other` */
	ECR_DIFFERENCE_GUESSED, /* `slave` may as well be `other`, who is absent: known by their places alone */
	ECR_DIFFERENCE_SWAPPED, /* IN and OUT of `slave` are exchanged: it is entered at port `actual` */
};

struct ecr_difference {
	enum ecr_difference_kind kind;
	int32_t position;
	char slave[ECR_NAME_SIZE];
	char other[ECR_NAME_SIZE]; /* "" nobody */
	const char *what;	   /* lives as long as the session */
	uint32_t expected;
	uint32_t actual;
};

/* Fills up to `room`, returns how many there are. NOT_STARTED. */
ECR_API int ecr_differences(struct ecr_master *master, struct ecr_difference *differences,
			    int room);
/* "axis_x (2): identification 42 wanted, 43 found, which is axis_y's" */
ECR_API void ecr_difference_text(const struct ecr_difference *difference, char *text, size_t size);

/* What the flight recorder has done. */
struct ecr_record_info {
	uint64_t frames;  /* seen */
	uint64_t missed;  /* that found no room while a fault was being written */
	uint32_t faults;  /* that have begun since the start, */
	uint32_t written; /* and were written */
	uint32_t
		left_out; /* and are no longer in the file, those of the starts before among them */
	int system_error; /* errno when the last fault could not be written, 0 it could; of one that the stop
			     writes ecr_last_failure tells */
};

/* NOT_STARTED; INVALID_OPTIONS without a recorder. */
ECR_API int ecr_record_info(struct ecr_master *master, struct ecr_record_info *info);
/* Writes what is kept, as if a fault began now; nothing when nothing has passed since the last one was written, nor in
 * the time after. The same errors; SYSTEM: the fault before could not be written (it is tried
 * again). */
ECR_API int ecr_record_now(struct ecr_master *master);

/* Every cable, in the order of frames. Fills up to `room`; returns how many there are; UNKNOWN_TOPOLOGY when
 * the ports of the slaves do not make a tree. */
ECR_API int ecr_links(struct ecr_master *master, struct ecr_link_report *links, int room);
/* Ports that lead to nobody now and have lost a link or had errors: a cable that is out, or broken. `to` has no
 * name. In the order of slaves; otherwise as ecr_links. */
ECR_API int ecr_loose_ends(struct ecr_master *master, struct ecr_link_report *ends, int room);
/* The last ones, oldest first; returns how many are kept. */
ECR_API int ecr_al_history(struct ecr_master *master, const char *slave,
			   struct ecr_al_entry *entries, int room);
/* A slave that may be why the counter of a domain is wrong. */
struct ecr_suspect {
	char name[ECR_NAME_SIZE];
	uint16_t position;
	uint16_t station;
};

/*
 * The last cycle's counter was wrong although the slaves of that domain answer and are where they should be:
 * those whose share is just what lacked, or, when there is none, all that share the datagram. Nobody is
 * blamed without proof: none of them has a fault for it. Fills up to `room`, returns how many there are: 0
 * when the cycle was valid, or what lacked is explained by slaves that are known to be missing.
 * NOT_STARTED, NOT_FOUND.
 */
ECR_API int ecr_suspects(struct ecr_master *master, const char *domain,
			 struct ecr_suspect *suspects, int room);
/* An AL status code's name; never NULL. */
ECR_API const char *ecr_al_code_text(uint16_t code);
/* "between outputs (2) port 1 and rtd (3) port 0: 14 CRC errors in 60 s"; "" when there is nothing to say.
 * Returns whether there is. */
ECR_API bool ecr_link_text(const struct ecr_link_report *link, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
