/* SPDX-License-Identifier: Apache-2.0 */
/* Objects' values as a person types and reads them, by the names that IgH's command has for types. */
#include "cli/cli.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers of ETG.1000.6, table of base data types; 0: the type has none. */
static const struct cli_type types[] = {
	{ "bool", 1, CLI_BOOL, 1 },
	{ "int8", 2, CLI_SIGNED, 1 },
	{ "int16", 3, CLI_SIGNED, 2 },
	{ "int32", 4, CLI_SIGNED, 4 },
	{ "uint8", 5, CLI_UNSIGNED, 1 },
	{ "uint16", 6, CLI_UNSIGNED, 2 },
	{ "uint32", 7, CLI_UNSIGNED, 4 },
	{ "float", 8, CLI_REAL, 4 },
	{ "string", 9, CLI_STRING, 0 },
	{ "octet_string", 10, CLI_OCTETS, 0 },
	{ "unicode_string", 11, CLI_UNICODE, 0 },
	{ "int24", 16, CLI_SIGNED, 3 },
	{ "double", 17, CLI_REAL, 8 },
	{ "int40", 18, CLI_SIGNED, 5 },
	{ "int48", 19, CLI_SIGNED, 6 },
	{ "int56", 20, CLI_SIGNED, 7 },
	{ "int64", 21, CLI_SIGNED, 8 },
	{ "uint24", 22, CLI_UNSIGNED, 3 },
	{ "uint40", 24, CLI_UNSIGNED, 5 },
	{ "uint48", 25, CLI_UNSIGNED, 6 },
	{ "uint56", 26, CLI_UNSIGNED, 7 },
	{ "uint64", 27, CLI_UNSIGNED, 8 },
	{ "sm8", 0, CLI_MAGNITUDE, 1 },
	{ "sm16", 0, CLI_MAGNITUDE, 2 },
	{ "sm32", 0, CLI_MAGNITUDE, 4 },
	{ "sm64", 0, CLI_MAGNITUDE, 8 },
	{ "raw", 0, CLI_RAW, 0 },
	/* The same by other numbers and names. */
	{ "uint8", 30, CLI_UNSIGNED, 1 },
	{ "uint16", 31, CLI_UNSIGNED, 2 },
	{ "uint32", 32, CLI_UNSIGNED, 4 },
	{ "octet", 0, CLI_OCTETS, 0 },
};

#define TYPES (sizeof(types) / sizeof(types[0]))

const struct cli_type *cli_type_named(const char *name)
{
	for (size_t i = 0; i < TYPES; i++)
		if (strcmp(types[i].name, name) == 0)
			return &types[i];
	return NULL;
}

const struct cli_type *cli_type_of(uint16_t data_type)
{
	for (size_t i = 0; i < TYPES && data_type; i++)
		if (types[i].data_type == data_type)
			return &types[i];
	return NULL;
}

void cli_list_types(FILE *to)
{
	const char *last = "";

	for (size_t i = 0; i < TYPES && strcmp(last, "raw") != 0; i++) {
		fprintf(to, "%s%s", i ? ", " : "", types[i].name);
		last = types[i].name;
	}
	fputc('\n', to);
}

static uint64_t number_of(const uint8_t *bytes, size_t size, bool is_signed)
{
	uint64_t value = 0;

	for (size_t i = size; i--;)
		value = value << 8 | bytes[i];
	if (is_signed && size < 8 && bytes[size - 1] & 0x80)
		value |= UINT64_MAX << size * 8;
	return value;
}

static double real_of(const uint8_t *bytes, size_t size)
{
	uint64_t raw = number_of(bytes, size, false);
	uint32_t half = (uint32_t)raw;
	double value;
	float single;

	if (size == 4) {
		memcpy(&single, &half, sizeof(single));
		return (double)single;
	}
	memcpy(&value, &raw, sizeof(value));
	return value;
}

/* One character as UTF-8, or escaped within a JSON string. */
static void put_character(uint32_t c, bool json)
{
	if (json && (c < 0x20 || c == '"' || c == '\\' || c > 0x7E))
		printf("\\u%04x", c & 0xFFFF);
	else if (c < 0x80)
		putchar((int)c);
	else if (c < 0x800)
		printf("%c%c", (int)(0xC0 | c >> 6), (int)(0x80 | (c & 0x3F)));
	else
		printf("%c%c%c", (int)(0xE0 | c >> 12), (int)(0x80 | (c >> 6 & 0x3F)),
		       (int)(0x80 | (c & 0x3F)));
}

/* Characters of one byte, taken as Latin-1, or of two; up to a terminator. */
static void put_text(const uint8_t *bytes, size_t size, size_t width, bool json)
{
	for (size_t i = 0; i + width <= size; i += width) {
		uint32_t c = (uint32_t)number_of(bytes + i, width, false);

		if (!c)
			break;
		put_character(c, json);
	}
}

void cli_json_text(const char *text)
{
	putchar('"');
	put_text((const uint8_t *)text, strlen(text), 1, true);
	putchar('"');
}

static void put_octets(const uint8_t *bytes, size_t size, bool json)
{
	for (size_t i = 0; i < size; i++)
		printf(json ? "%02x" : i ? " 0x%02x" : "0x%02x", bytes[i]);
}

static uint64_t sign_bit(size_t size)
{
	return UINT64_C(1) << (size * 8 - 1) % 64;
}

/* The highest bit is the sign, the others the magnitude; there and back. */
static uint64_t other_notation(uint64_t value, size_t size)
{
	uint64_t magnitude = value & sign_bit(size) ? 0 - value : value;

	return value & sign_bit(size) ? sign_bit(size) | (magnitude & (sign_bit(size) - 1)) : value;
}

static uint64_t magnitude_of(const uint8_t *bytes, size_t size)
{
	uint64_t raw = number_of(bytes, size, false);

	return raw & sign_bit(size) ? 0 - (raw & (sign_bit(size) - 1)) : raw;
}

static void put_number(const struct cli_type *type, const uint8_t *bytes, size_t size, bool json)
{
	uint64_t value = type->kind == CLI_MAGNITUDE
				 ? magnitude_of(bytes, size)
				 : number_of(bytes, size, type->kind == CLI_SIGNED);

	if (!json)
		printf("0x%0*llx ", (int)size * 2,
		       (unsigned long long)number_of(bytes, size, false));
	if (type->kind != CLI_UNSIGNED)
		printf("%lld", (long long)value);
	else
		printf("%llu", (unsigned long long)value);
}

bool cli_type_fits(const struct cli_type *type, size_t size)
{
	return !type->bytes || type->bytes == size;
}

void cli_put_value(const struct cli_type *type, const uint8_t *bytes, size_t size, bool json)
{
	bool quoted = json && type->kind >= CLI_STRING;
	double real;

	if (quoted)
		putchar('"');
	switch (type->kind) {
	case CLI_BOOL:
		printf("%s", json ? (bytes[0] ? "true" : "false") : (bytes[0] ? "1" : "0"));
		break;
	case CLI_SIGNED:
	case CLI_UNSIGNED:
	case CLI_MAGNITUDE:
		put_number(type, bytes, size, json);
		break;
	case CLI_REAL:
		real = real_of(bytes, size);
		printf(json && !isfinite(real) ? "null" : "%.*g", size == 4 ? 7 : 16, real);
		break;
	case CLI_STRING:
		put_text(bytes, size, 1, json);
		break;
	case CLI_UNICODE:
		put_text(bytes, size, 2, json);
		break;
	default:
		put_octets(bytes, size, json);
		break;
	}
	if (quoted)
		putchar('"');
}

static void put_bytes(uint8_t *to, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		to[i] = (uint8_t)(value >> i * 8);
}

static int parse_number(const struct cli_type *type, const char *text, uint8_t *to)
{
	unsigned int bits = type->bytes * 8u;
	char *end;
	uint64_t value;

	errno = 0;
	if (type->kind != CLI_UNSIGNED) {
		int64_t number = strtoll(text, &end, 0);
		int64_t limit = bits == 64 ? INT64_MAX : (INT64_C(1) << (bits - 1)) - 1;

		value = (uint64_t)number;
		if (errno || number > limit || number < -limit - (type->kind == CLI_SIGNED))
			return -1;
		if (type->kind == CLI_MAGNITUDE)
			value = other_notation(value, type->bytes);
	} else {
		value = strtoull(text, &end, 0);
		if (errno || text[0] == '-' || (bits < 64 && value >> bits))
			return -1;
	}
	if (end == text || *end)
		return -1;
	put_bytes(to, value, type->bytes);
	return type->bytes;
}

static int parse_real(const struct cli_type *type, const char *text, uint8_t *to)
{
	char *end;
	double value = strtod(text, &end);
	float single = (float)value;
	uint64_t raw = 0;
	uint32_t half;

	if (end == text || *end)
		return -1;
	memcpy(&raw, &value, sizeof(raw));
	memcpy(&half, &single, sizeof(half));
	put_bytes(to, type->bytes == 4 ? half : raw, type->bytes);
	return type->bytes;
}

/* "0x12 0x34", "12 34" or "1234" */
static int parse_raw(const char *text, uint8_t *to, size_t room)
{
	int size = 0;
	unsigned int byte;
	int used;

	while (*text) {
		if (*text == ' ' || *text == ',' || *text == ':') {
			text++;
			continue;
		}
		if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
			text += 2;
		if (sscanf(text, "%2x%n", &byte, &used) != 1 || (size_t)size == room)
			return -1;
		to[size++] = (uint8_t)byte;
		text += used;
	}
	return size;
}

/* UTF-8 to UTF-16, as far as it is in the basic plane. */
static int parse_unicode(const char *text, uint8_t *to, size_t room)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t size = 0;

	while (*p && size + 2 <= room) {
		size_t more = *p < 0x80 ? 0 : *p < 0xE0 ? 1 : 2;
		uint32_t c = more == 0 ? *p : more == 1 ? *p & 0x1Fu : *p & 0x0Fu;

		for (p++; more && (*p & 0xC0) == 0x80; more--)
			c = c << 6 | (*p++ & 0x3Fu);
		if (more)
			return -1;
		put_bytes(to + size, c, 2);
		size += 2;
	}
	return *p ? -1 : (int)size;
}

int cli_parse_value(const struct cli_type *type, const char *text, uint8_t *to, size_t room)
{
	size_t length = strlen(text);

	switch (type->kind) {
	case CLI_BOOL:
		to[0] = strcmp(text, "1") == 0 || strcmp(text, "true") == 0;
		return to[0] || strcmp(text, "0") == 0 || strcmp(text, "false") == 0 ? 1 : -1;
	case CLI_SIGNED:
	case CLI_UNSIGNED:
	case CLI_MAGNITUDE:
		return parse_number(type, text, to);
	case CLI_REAL:
		return parse_real(type, text, to);
	case CLI_UNICODE:
		return parse_unicode(text, to, room);
	case CLI_RAW:
		return parse_raw(text, to, room);
	default:
		if (length > room)
			return -1;
		/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): no string */
		memcpy(to, text, length);
		return (int)length;
	}
}
