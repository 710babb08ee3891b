/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target without libFuzzer: over the files of the folders named, and over a few inputs of its own. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned inputs;

/* A copy of the exact size, so that a sanitizer sees a read behind the end. */
static void run_bytes(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
	inputs++;
}

static void run_file(const char *path)
{
	static uint8_t data[INPUT_MAX];
	FILE *file = fopen(path, "rb");

	if (!file)
		return;
	run_bytes(data, fread(data, 1, sizeof(data), file));
	fclose(file);
}

static void run_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[4096];

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) <
		    (int)sizeof(path))
			run_file(path);
	}
	closedir(dir);
}

/* Every length up to a frame's, filled with zeros, ones and a count. */
static void run_patterns(void)
{
	static uint8_t data[1600];

	for (size_t size = 0; size <= sizeof(data); size += 1 + size / 8) {
		memset(data, 0, size);
		run_bytes(data, size);
		memset(data, 0xff, size);
		run_bytes(data, size);
		for (size_t i = 0; i < size; i++)
			data[i] = (uint8_t)i;
		run_bytes(data, size);
	}
}

int main(int argc, char **argv)
{
	run_patterns();
	for (int i = 1; i < argc; i++)
		run_folder(argv[i]);
	printf("%u inputs\n", inputs);
	return 0;
}
