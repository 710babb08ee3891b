/* SPDX-License-Identifier: Apache-2.0 */
/* Curves and a histogram as an SVG: no library, one file that every browser shows. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

#define LEFT 70
#define TOP 40
#define WIDTH 760
#define HEIGHT 360
#define GAP 30
#define BARS_WIDTH 160
#define BINS 60
#define LINES 10 /* of the grid */

static const char *const colours[] = { "#1f77b4", "#d62728", "#2ca02c", "#ff7f0e", "#9467bd",
				       "#8c564b", "#e377c2", "#17becf", "#bcbd22", "#7f7f7f" };

#define COLOURS (sizeof(colours) / sizeof(colours[0]))

struct picture {
	FILE *file;
	const struct cli_trace *trace;
	int limit; /* ns at the top and, negative, at the bottom */
};

static int32_t value_at(const struct cli_trace *trace, int sample, int slave)
{
	return trace->values[(size_t)sample * (size_t)trace->slaves + (size_t)slave];
}

/* The second half has settled: it sets the scale, so that the beginning does not flatten the rest. */
static int scale(const struct cli_trace *trace)
{
	int most = trace->threshold / 5;
	int step = 10;

	for (int i = trace->samples / 2; i < trace->samples; i++)
		for (int k = 0; k < trace->slaves; k++) {
			int32_t value = value_at(trace, i, k);

			if (value != INT32_MIN && abs(value) > most)
				most = abs(value);
		}
	while (step * 5 < most)
		step *= step % 3 ? 2 : 5;
	return step * 5;
}

static double y_of(const struct picture *picture, int32_t value)
{
	int32_t limit = picture->limit;

	value = value > limit ? limit : value < -limit ? -limit : value;
	return TOP + HEIGHT / 2.0 - (double)value * HEIGHT / 2.0 / limit;
}

static void draw_grid(const struct picture *picture)
{
	double seconds = (double)picture->trace->samples * (double)picture->trace->interval / 1e9;

	for (int i = 0; i <= LINES; i++) {
		int value = picture->limit - i * 2 * picture->limit / LINES;
		double x = LEFT + (double)i * WIDTH / LINES;

		fprintf(picture->file,
			"<line x1='%d' y1='%.1f' x2='%d' y2='%.1f' stroke='%s'/>\n"
			"<text x='%d' y='%.1f' text-anchor='end'>%d</text>\n",
			LEFT, y_of(picture, value), LEFT + WIDTH + GAP + BARS_WIDTH,
			y_of(picture, value), value ? "#ddd" : "#888", LEFT - 6,
			y_of(picture, value) + 4, value);
		fprintf(picture->file,
			"<line x1='%.1f' y1='%d' x2='%.1f' y2='%d' stroke='#eee'/>\n"
			"<text x='%.1f' y='%d' text-anchor='middle'>%.1f</text>\n",
			x, TOP, x, TOP + HEIGHT, x, TOP + HEIGHT + 18, seconds * i / LINES);
	}
}

static void draw_curve(const struct picture *picture, int slave)
{
	const struct cli_trace *trace = picture->trace;

	fprintf(picture->file, "<polyline fill='none' stroke='%s' points='",
		colours[(size_t)slave % COLOURS]);
	for (int i = 0; i < trace->samples; i++) {
		int32_t value = value_at(trace, i, slave);

		if (value != INT32_MIN)
			fprintf(picture->file, "%.1f,%.1f ",
				LEFT + (double)i * WIDTH /
						(trace->samples > 1 ? trace->samples - 1 : 1),
				y_of(picture, value));
	}
	fprintf(picture->file, "'><title>");
	for (const char *c = trace->names[slave]; *c; c++)
		fprintf(picture->file, *c == '<' || *c == '&' ? "&#%d;" : "%c", *c);
	fprintf(picture->file, "</title></polyline>\n");
}

/* How often each difference was seen, beside its place on the axis. */
static void draw_histogram(const struct picture *picture)
{
	const struct cli_trace *trace = picture->trace;
	long bins[BINS] = { 0 };
	long most = 1;

	for (long i = 0; i < (long)trace->samples * trace->slaves; i++) {
		int32_t value = trace->values[i];

		if (value != INT32_MIN && abs(value) < picture->limit)
			bins[(int)((double)(value + picture->limit) * BINS / 2 / picture->limit)]++;
	}
	for (int i = 0; i < BINS; i++)
		most = bins[i] > most ? bins[i] : most;
	for (int i = 0; i < BINS; i++)
		fprintf(picture->file,
			"<rect x='%d' y='%.1f' width='%.1f' height='%.1f' fill='#1f77b4'/>\n",
			LEFT + WIDTH + GAP, TOP + HEIGHT - (double)(i + 1) * HEIGHT / BINS,
			(double)bins[i] * BARS_WIDTH / (double)most, (double)HEIGHT / BINS - 1);
}

bool cli_plot(const char *file, const struct cli_trace *trace)
{
	struct picture picture = { fopen(file, "w"), trace, scale(trace) };
	bool written;

	if (!picture.file)
		return false;
	fprintf(picture.file,
		"<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' "
		"font-family='sans-serif' font-size='12'>\n"
		"<rect width='100%%' height='100%%' fill='white'/>\n"
		"<text x='%d' y='22'>difference of each clock from the reference (ns) over time "
		"(s), "
		"and how often</text>\n",
		LEFT + WIDTH + GAP + BARS_WIDTH + 20, TOP + HEIGHT + 40, LEFT);
	draw_grid(&picture);
	for (int i = 0; i < trace->slaves; i++)
		draw_curve(&picture, i);
	draw_histogram(&picture);
	fprintf(picture.file, "</svg>\n");
	written = !ferror(picture.file);
	return fclose(picture.file) == 0 && written;
}
