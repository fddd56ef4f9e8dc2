/* CRC-32 as PAR2's slices carry it (the one of zlib), and one that slides over a file. */
#ifndef CODEC_PAR2_PAR2_CRC_H
#define CODEC_PAR2_PAR2_CRC_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* Go on with `crc` (0 at the start) over `in`. */
uint32_t par2_crc(uint32_t crc, struct bytes in);

/* For windows of one length: what taking a byte in and another out does to the CRC. */
struct par2_crc_window {
    uint32_t in[256];
    uint32_t out[256];
};

void par2_crc_window_init(struct par2_crc_window *window, uint64_t len);

/* The CRC of the window one byte on: `gone` left it, `came` joined it. */
static inline uint32_t par2_crc_slide(
    const struct par2_crc_window *window, uint32_t crc, uint8_t gone, uint8_t came)
{
    return crc >> 8 ^ window->in[(crc ^ came) & 0xff] ^ window->out[gone];
}

#endif
