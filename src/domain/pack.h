/* SPDX-License-Identifier: Apache-2.0 */
/* Bits in and out of a process image (least significant bit first), and values in and out of bits.
 * Pure. */
#ifndef ECR_DOMAIN_PACK_H
#define ECR_DOMAIN_PACK_H

#include <ecring/driver.h>

/* `bytes` holds (bits + 7) / 8 bytes; unused high bits are zero after get and ignored by put. */
void ecr_bits_get(const uint8_t *image, uint32_t bit_offset, uint32_t bits, uint8_t *bytes);
void ecr_bits_put(uint8_t *image, uint32_t bit_offset, uint32_t bits, const uint8_t *bytes);

/* The same bits of another image. */
void ecr_bits_copy(uint8_t *to, const uint8_t *from, uint32_t bit_offset, uint32_t bits);

/* Through the driver's functions where it has them, else by the signal's type. 0, 1 (encode: no
 * change), or error. */
int ecr_value_encode(const struct ecr_driver *driver, const void *config,
		     const struct ecr_signal_model *signal, uint16_t bit_size,
		     const struct ecr_value *value, uint8_t *bytes);
int ecr_value_decode(const struct ecr_driver *driver, const void *config,
		     const struct ecr_signal_model *signal, uint16_t bit_size, const uint8_t *bytes,
		     struct ecr_value *value);

#endif
