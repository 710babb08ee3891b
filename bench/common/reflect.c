/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/common/reflect.h"

#include "base/le.h"
#include "wire/frame.h"

#define HEADER 2u
#define DATAGRAM 10u

struct place {
	size_t at; /* of the datagram */
	size_t length;
	bool more;
};

static bool next(const uint8_t *frame, size_t size, struct place *place)
{
	uint16_t field;

	if (place->at + DATAGRAM + 2 > size)
		return false;
	field = ecr_le16(frame + place->at + 6);
	place->length = field & 0x7FFu;
	place->more = field & 0x8000u;
	return place->at + DATAGRAM + place->length + 2 <= size;
}

static bool logical(const uint8_t *datagram)
{
	return datagram[0] >= ECR_CMD_LRD && datagram[0] <= ECR_CMD_LRW;
}

static int find(const struct bench_counters *counters, const uint8_t *datagram)
{
	uint32_t address = ecr_le32(datagram + 2) ^ (uint32_t)datagram[0] << 28;

	for (int i = 0; i < counters->count; i++)
		if (counters->address[i] == address)
			return i;
	return -1;
}

int bench_place(const struct bench_counters *counters, const uint8_t *frame, size_t length)
{
	struct place place = { .at = HEADER };

	return next(frame, length, &place) ? find(counters, frame + place.at) : -1;
}

void bench_learn(struct bench_counters *counters, const uint8_t *frame, size_t length)
{
	struct place place = { .at = HEADER };

	for (bool more = true; more && next(frame, length, &place);) {
		const uint8_t *datagram = frame + place.at;
		int known = find(counters, datagram);

		if (logical(datagram) && known < 0 && counters->count < BENCH_DATAGRAMS) {
			known = counters->count++;
			counters->address[known] = ecr_le32(datagram + 2) ^ (uint32_t)datagram[0]
										    << 28;
		}
		if (logical(datagram) && known >= 0)
			counters->wkc[known] = ecr_le16(datagram + DATAGRAM + place.length);
		more = place.more;
		place.at += DATAGRAM + place.length + 2;
	}
}

bool bench_patch(const struct bench_counters *counters, uint8_t *frame, size_t length)
{
	struct place place = { .at = HEADER };

	for (bool more = true; more;) {
		int known;

		if (!next(frame, length, &place))
			return false;
		known = find(counters, frame + place.at);
		if (known < 0 || !logical(frame + place.at))
			return false;
		ecr_put_le16(frame + place.at + DATAGRAM + place.length, counters->wkc[known]);
		more = place.more;
		place.at += DATAGRAM + place.length + 2;
	}
	return true;
}

static uint16_t counter_of(const struct bench_counters *counters, const uint8_t *datagram)
{
	int known = logical(datagram) ? find(counters, datagram) : -1;

	if (known >= 0)
		return counters->wkc[known];
	return datagram[0] >= ECR_CMD_BRD && datagram[0] <= ECR_CMD_BRW ? counters->slaves : 1;
}

void bench_answer(const struct bench_counters *counters, uint8_t *frame, size_t length)
{
	struct place place = { .at = HEADER };

	for (bool more = true; more && next(frame, length, &place);) {
		ecr_put_le16(frame + place.at + DATAGRAM + place.length,
			     counter_of(counters, frame + place.at));
		more = place.more;
		place.at += DATAGRAM + place.length + 2;
	}
}
