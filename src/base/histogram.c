/* SPDX-License-Identifier: Apache-2.0 */
/* Logarithmic bins, four to an octave from 1 us on; below that, one bin for everything under 1 us.
 */
#include <ecring/info.h>

#define FIRST_NS 1000

/* Floors within an octave: 1, 1.25, 1.5, 1.75. */
int64_t ecr_histogram_floor(unsigned int bin)
{
	unsigned int step = bin - 1;

	return bin ? ((int64_t)FIRST_NS << step / 4) / 4 * (4 + step % 4) : 0;
}

#define FOUR(n) n, n, n, n
#define SIXTEEN(n) FOUR(n), FOUR(n), FOUR(n), FOUR(n)

/* Where the highest bit of a byte is. */
static const uint8_t highest[256] = { 0,	  0,	      1,	  1,	      FOUR(2),
				      FOUR(3),	  FOUR(3),    SIXTEEN(4), SIXTEEN(5), SIXTEEN(5),
				      SIXTEEN(6), SIXTEEN(6), SIXTEEN(6), SIXTEEN(6), SIXTEEN(7),
				      SIXTEEN(7), SIXTEEN(7), SIXTEEN(7), SIXTEEN(7), SIXTEEN(7),
				      SIXTEEN(7), SIXTEEN(7) };

/* In quarters of the first octave: the octave, then which of its own quarters. */
static unsigned int bin_of(int64_t value_ns)
{
	uint64_t quarters = value_ns < FIRST_NS ? 0 : (uint64_t)value_ns / (FIRST_NS / 4);
	unsigned int octave = 0;
	unsigned int bin;

	if (!quarters)
		return 0;
	while (quarters >> octave >= 4 * 256)
		octave += 8;
	octave += highest[quarters >> (octave + 2)];
	bin = octave * 4 + (unsigned int)(quarters >> octave) - 3;
	return bin < ECR_HISTOGRAM_BINS ? bin : ECR_HISTOGRAM_BINS - 1;
}

void ecr_histogram_add(struct ecr_histogram *histogram, int64_t value_ns)
{
	if (!histogram->count || value_ns < histogram->min_ns)
		histogram->min_ns = value_ns;
	if (!histogram->count || value_ns > histogram->max_ns)
		histogram->max_ns = value_ns;
	histogram->bins[bin_of(value_ns)]++;
	histogram->count++;
}

int64_t ecr_histogram_at(const struct ecr_histogram *histogram, uint32_t per_10000)
{
	uint64_t wanted = (histogram->count * per_10000 + 9999) / 10000;
	uint64_t seen = 0;

	for (unsigned int bin = 0; wanted && bin < ECR_HISTOGRAM_BINS; bin++) {
		seen += histogram->bins[bin];
		if (seen >= wanted)
			return bin + 1 < ECR_HISTOGRAM_BINS &&
					       ecr_histogram_floor(bin + 1) < histogram->max_ns
				       ? ecr_histogram_floor(bin + 1)
				       : histogram->max_ns;
	}
	return 0;
}
