/* SPDX-License-Identifier: Apache-2.0 */
/* Curves and a histogram as an SVG: no library, one file that every browser shows. */
#include "cli/cli.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define LEFT 80
#define TOP 50
#define WIDTH 760
#define HEIGHT 400
#define GAP 40
#define BARS_WIDTH 150
#define LEGEND_WIDTH 250
#define LEGEND_LINE 18
#define LEGEND_MOST 21
#define BINS 41	 /* odd: one lies about zero */
#define LINES 10 /* of the grid */

static const char *const colours[] = { "#1f77b4", "#d62728", "#2ca02c", "#ff7f0e", "#9467bd",
				       "#8c564b", "#e377c2", "#17becf", "#bcbd22", "#7f7f7f" };
static const char *const dashes[] = { "none", "6 2", "2 2", "8 2 2 2" };

#define COLOURS (sizeof(colours) / sizeof(colours[0]))
#define DASHES (sizeof(dashes) / sizeof(dashes[0]))

/* What one clock has shown. */
struct curve {
	int samples;
	int beyond; /* outside of the picture */
	int32_t low;
	int32_t high;
	double rms;
};

struct picture {
	FILE *file;
	const struct cli_trace *trace;
	int limit; /* ns at the top and, negative, at the bottom */
	double seconds;
	int beyond;
};

static int32_t value_at(const struct cli_trace *trace, int sample, int slave)
{
	return trace->values[(size_t)sample * (size_t)trace->slaves + (size_t)slave];
}

/* The reference has no difference to itself; others have none before they are set. */
static bool drawn(const struct cli_trace *trace, int sample, int slave)
{
	return slave != trace->reference && value_at(trace, sample, slave) != INT32_MIN;
}

/* The second half has settled: it sets the scale, so that the beginning does not flatten the rest. */
static int scale(const struct cli_trace *trace)
{
	int most = trace->threshold / 10;
	int step = 2;

	for (int i = trace->samples / 2; i < trace->samples; i++)
		for (int k = 0; k < trace->slaves; k++)
			if (drawn(trace, i, k) && abs(value_at(trace, i, k)) > most)
				most = abs(value_at(trace, i, k));
	for (int i = 0; step * 5 < most + most / 8; i++)
		step = i % 3 == 1 ? step / 2 * 5 : step * 2; /* 2, 4, 10, 20, 40, 100 ... */
	return step * 5;
}

static struct curve look_at(const struct picture *picture, int slave)
{
	const struct cli_trace *trace = picture->trace;
	struct curve curve = { .low = INT32_MAX, .high = INT32_MIN };
	double sum = 0;
	int settled = 0;

	for (int i = 0; i < trace->samples; i++) {
		int32_t value = value_at(trace, i, slave);

		if (!drawn(trace, i, slave))
			continue;
		curve.samples++;
		curve.beyond += abs(value) > picture->limit;
		if (i < trace->samples / 2)
			continue;
		settled++;
		curve.low = value < curve.low ? value : curve.low;
		curve.high = value > curve.high ? value : curve.high;
		sum += (double)value * value;
	}
	curve.rms = settled ? sqrt(sum / settled) : 0;
	return curve;
}

static double x_of(const struct picture *picture, int sample)
{
	int last = picture->trace->samples > 1 ? picture->trace->samples - 1 : 1;

	return LEFT + (double)sample * WIDTH / last;
}

/* Far outside is as good as outside: the picture's frame cuts it. */
static double y_of(const struct picture *picture, int32_t value)
{
	double share = (double)value / picture->limit;

	share = share > 3 ? 3 : share < -3 ? -3 : share;
	return TOP + HEIGHT / 2.0 * (1 - share);
}

static void draw_grid(const struct picture *picture)
{
	int right = LEFT + WIDTH + GAP + BARS_WIDTH;

	for (int i = 0; i <= LINES; i++) {
		int value = picture->limit - i * 2 * picture->limit / LINES;
		double y = y_of(picture, value);
		double x = LEFT + (double)i * WIDTH / LINES;

		fprintf(picture->file,
			"<path d='M%d %.1fH%dM%d %.1fH%d' stroke='%s'/>\n"
			"<text x='%d' y='%.1f' text-anchor='end'>%s%d</text>\n",
			LEFT, y, LEFT + WIDTH, LEFT + WIDTH + GAP, y, right,
			value ? "#ddd" : "#555", LEFT - 8, y + 4, value > 0 ? "+" : "", value);
		fprintf(picture->file,
			"<path d='M%.1f %dV%d' stroke='#eee'/>\n"
			"<text x='%.1f' y='%d' text-anchor='middle'>%.*f</text>\n",
			x, TOP, TOP + HEIGHT, x, TOP + HEIGHT + 18,
			picture->seconds < LINES ? 1 : 0, picture->seconds * i / LINES);
	}
}

static void draw_threshold(const struct picture *picture)
{
	for (int sign = -1; sign <= 1; sign += 2) {
		int value = sign * picture->trace->threshold;

		if (abs(value) > picture->limit)
			continue;
		fprintf(picture->file,
			"<path d='M%d %.1fH%d' stroke='#c00' stroke-dasharray='4 4'/>\n"
			"<text x='%d' y='%.1f' fill='#c00' text-anchor='end'>threshold</text>\n",
			LEFT, y_of(picture, value), LEFT + WIDTH, LEFT + WIDTH - 4,
			y_of(picture, value) - 4);
	}
}

static void draw_curve(const struct picture *picture, int slave, size_t number)
{
	const struct cli_trace *trace = picture->trace;
	bool on = false;

	fprintf(picture->file,
		"<path fill='none' stroke='%s' stroke-dasharray='%s' clip-path='url(#frame)' d='",
		colours[number % COLOURS], dashes[number / COLOURS % DASHES]);
	for (int i = 0; i < trace->samples; i++) {
		bool now = drawn(trace, i, slave);

		if (now)
			fprintf(picture->file, "%c%.1f %.1f", on ? 'L' : 'M', x_of(picture, i),
				y_of(picture, value_at(trace, i, slave)));
		on = now;
	}
	fprintf(picture->file, "'/>\n");
}

static void print_name(FILE *file, const char *name)
{
	for (const char *c = name; *c; c++)
		fprintf(file, *c == '<' || *c == '&' ? "&#%d;" : "%c", *c);
}

static void draw_key(const struct picture *picture, int slave, size_t number,
		     const struct curve *curve)
{
	int x = LEFT + WIDTH + GAP + BARS_WIDTH + 30;
	int y = TOP + (int)(number + 2) * LEGEND_LINE;

	fprintf(picture->file,
		"<path d='M%d %dh24' stroke='%s' stroke-width='3' stroke-dasharray='%s'/>\n"
		"<text x='%d' y='%d'>",
		x, y - 4, colours[number % COLOURS], dashes[number / COLOURS % DASHES], x + 32, y);
	print_name(picture->file, picture->trace->names[slave]);
	fprintf(picture->file, "</text>\n");
	if (curve->low <= curve->high)
		fprintf(picture->file,
			"<text x='%d' y='%d' text-anchor='end' fill='#555'>%d to %d, %.1f</text>\n",
			x + LEGEND_WIDTH - 30, y, curve->low, curve->high, curve->rms);
}

static void draw_legend(const struct picture *picture, size_t more)
{
	const struct cli_trace *trace = picture->trace;
	int x = LEFT + WIDTH + GAP + BARS_WIDTH + 30;
	int y = TOP + (LEGEND_MOST + 2) * LEGEND_LINE;

	fprintf(picture->file, "<text x='%d' y='%d' fill='#555'>reference: ", x, TOP);
	if (trace->reference < 0)
		fprintf(picture->file, "the master");
	else
		print_name(picture->file, trace->names[trace->reference]);
	fprintf(picture->file,
		"</text>\n<text x='%d' y='%d' text-anchor='end' fill='#555'>settled: from, to, RMS "
		"(ns)</text>\n",
		x + LEGEND_WIDTH - 30, TOP + LEGEND_LINE);
	if (more)
		fprintf(picture->file, "<text x='%d' y='%d' fill='#555'>and %zu more</text>\n", x,
			y, more);
}

static long fill_bins(const struct picture *picture, long *bins)
{
	const struct cli_trace *trace = picture->trace;
	long count = 0;

	for (int i = trace->samples / 2; i < trace->samples; i++)
		for (int k = 0; k < trace->slaves; k++) {
			int32_t value = value_at(trace, i, k);
			double share = ((double)value + picture->limit) / 2 / picture->limit;

			if (!drawn(trace, i, k) || share < 0 || share > 1)
				continue;
			count++;
			bins[(int)(share * (BINS - 1) + 0.5)]++;
		}
	return count;
}

/* How often each difference was seen once all had settled, beside its place on the axis. */
static void draw_histogram(const struct picture *picture)
{
	int left = LEFT + WIDTH + GAP;
	double height = (double)HEIGHT / (BINS - 1);
	long bins[BINS] = { 0 };
	long count = fill_bins(picture, bins);
	long most = 1;

	for (int i = 0; i < BINS; i++)
		most = bins[i] > most ? bins[i] : most;
	fprintf(picture->file, "<g clip-path='url(#bars)'>\n");
	for (int i = 0; i < BINS; i++)
		if (bins[i])
			fprintf(picture->file,
				"<rect x='%d' y='%.1f' width='%.1f' height='%.1f' "
				"fill='#5b7fa6'/>\n",
				left, TOP + HEIGHT - (i + 0.5) * height + 0.5,
				(double)bins[i] * BARS_WIDTH / (double)most, height - 1);
	fprintf(picture->file,
		"</g>\n<text x='%d' y='%d'>0</text>\n<text x='%d' y='%d' text-anchor='end'>%.0f "
		"%%</text>\n",
		left, TOP + HEIGHT + 18, left + BARS_WIDTH, TOP + HEIGHT + 18,
		count ? 100.0 * (double)most / (double)count : 0);
}

static void draw_frame(const struct picture *picture)
{
	int left = LEFT + WIDTH + GAP;

	fprintf(picture->file,
		"<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' "
		"font-family='sans-serif' font-size='12'>\n"
		"<rect width='100%%' height='100%%' fill='white'/>\n"
		"<clipPath id='frame'><rect x='%d' y='%d' width='%d' height='%d'/></clipPath>\n"
		"<clipPath id='bars'><rect x='%d' y='%d' width='%d' height='%d'/></clipPath>\n",
		left + BARS_WIDTH + LEGEND_WIDTH + 30, TOP + HEIGHT + 60, LEFT, TOP, WIDTH, HEIGHT,
		left, TOP, BARS_WIDTH, HEIGHT);
	fprintf(picture->file,
		"<text x='%d' y='24' font-size='15'>Difference of each clock from the reference "
		"(ns)</text>\n"
		"<text x='%d' y='24' font-size='15'>how often, settled</text>\n"
		"<text x='%d' y='%d' text-anchor='middle'>time (s)</text>\n",
		LEFT, left, LEFT + WIDTH / 2, TOP + HEIGHT + 40);
}

static void draw_curves(struct picture *picture)
{
	size_t number = 0;

	for (int i = 0; i < picture->trace->slaves; i++) {
		struct curve curve = look_at(picture, i);

		if (!curve.samples)
			continue; /* no clock, or the reference */
		picture->beyond += curve.beyond;
		draw_curve(picture, i, number);
		if (number < LEGEND_MOST)
			draw_key(picture, i, number, &curve);
		number++;
	}
	draw_legend(picture, number > LEGEND_MOST ? number - LEGEND_MOST : 0);
	if (picture->beyond)
		fprintf(picture->file,
			"<text x='%d' y='%d' fill='#555'>%d values lie outside of the "
			"picture</text>\n",
			LEFT, TOP + HEIGHT + 40, picture->beyond);
}

bool cli_plot(const char *file, const struct cli_trace *trace)
{
	struct picture picture = { .file = fopen(file, "w"),
				   .trace = trace,
				   .limit = scale(trace),
				   .seconds =
					   (double)trace->samples * (double)trace->interval / 1e9 };
	bool written;

	if (!picture.file)
		return false;
	draw_frame(&picture);
	draw_grid(&picture);
	draw_histogram(&picture);
	draw_curves(&picture);
	draw_threshold(&picture);
	fprintf(picture.file, "</svg>\n");
	written = !ferror(picture.file);
	return fclose(picture.file) == 0 && written;
}
