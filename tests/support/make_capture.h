/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file make_capture.h
 * Capture files written octet by octet in memory, right and wrong ones, for tests.
 */
#ifndef GLUEWATCH_TESTS_MAKE_CAPTURE_H
#define GLUEWATCH_TESTS_MAKE_CAPTURE_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define MAKE_ROOM (1536u * 1024u)

/** A file that grows. Zero it; `big` chooses its byte order. */
struct make {
    bool big;
    size_t len;
    size_t block; /**< offset of the block that is being written */
    uint8_t octets[MAKE_ROOM];
};

static inline void
make_octets(struct make *make, const void *octets, size_t len)
{
    assert(len <= MAKE_ROOM - make->len);
    memcpy(make->octets + make->len, octets, len);
    make->len += len;
}

static inline void
make_fill(struct make *make, uint8_t octet, size_t len)
{
    assert(len <= MAKE_ROOM - make->len);
    memset(make->octets + make->len, octet, len);
    make->len += len;
}

static inline void
make_number(struct make *make, uint64_t value, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        const uint32_t shift = 8 * (make->big ? len - 1 - i : i);
        const uint8_t octet = (uint8_t)(value >> shift);

        make_octets(make, &octet, 1);
    }
}

static inline void
make_u16(struct make *make, uint16_t value)
{
    make_number(make, value, 2);
}

static inline void
make_u32(struct make *make, uint32_t value)
{
    make_number(make, value, 4);
}

/** Write a number over the 32 bits at @p off. */
static inline void
make_u32_at(struct make *make, size_t off, uint32_t value)
{
    const size_t len = make->len;

    make->len = off;
    make_u32(make, value);
    make->len = len;
}

static inline void
make_pcap(struct make *make, uint32_t magic, uint32_t snap_len, uint32_t link_type)
{
    make_u32(make, magic);
    make_u16(make, 2);
    make_u16(make, 4);
    make_u32(make, 0);
    make_u32(make, 0);
    make_u32(make, snap_len);
    make_u32(make, link_type);
}

static inline void
make_record_header(
    struct make *make, uint32_t s, uint32_t fraction, uint32_t len, uint32_t wire_len)
{
    make_u32(make, s);
    make_u32(make, fraction);
    make_u32(make, len);
    make_u32(make, wire_len);
}

/** Begin a block of pcapng; make_block_end() writes its lengths. */
static inline void
make_block(struct make *make, uint32_t type)
{
    make->block = make->len;
    make_u32(make, type);
    make_u32(make, 0);
}

static inline void
make_block_end(struct make *make)
{
    make_fill(make, 0, (4 - (make->len - make->block) % 4) % 4);

    const uint32_t len = (uint32_t)(make->len - make->block) + 4;

    make_u32(make, len);
    make_u32_at(make, make->block + 4, len);
}

static inline void
make_section(struct make *make)
{
    make_block(make, 0x0a0d0d0a);
    make_u32(make, 0x1a2b3c4d);
    make_u16(make, 1);
    make_u16(make, 0);
    make_number(make, UINT64_MAX, 8);
    make_block_end(make);
}

/** @p resolution -1: no such option; @p offset_s 0: no such option. */
static inline void
make_interface(
    struct make *make, uint16_t link_type, uint32_t snap_len, int resolution, int64_t offset_s)
{
    make_block(make, 1);
    make_u16(make, link_type);
    make_u16(make, 0);
    make_u32(make, snap_len);
    if (resolution >= 0) {
        make_u16(make, 9);
        make_u16(make, 1);
        make_fill(make, (uint8_t)resolution, 1);
        make_fill(make, 0, 3);
    }
    if (offset_s != 0) {
        make_u16(make, 14);
        make_u16(make, 8);
        make_number(make, (uint64_t)offset_s, 8);
    }
    if (resolution >= 0 || offset_s != 0)
        make_u32(make, 0);
    make_block_end(make);
}

/** Fields of an enhanced packet block, for make_packet(). */
struct make_packet {
    uint32_t interface;
    uint64_t units;
    uint32_t wire_len;
};

static inline void
make_packet(struct make *make, const struct make_packet *packet, const void *octets, uint32_t len)
{
    make_block(make, 6);
    make_u32(make, packet->interface);
    make_u32(make, (uint32_t)(packet->units >> 32));
    make_u32(make, (uint32_t)packet->units);
    make_u32(make, len);
    make_u32(make, packet->wire_len);
    make_octets(make, octets, len);
    make_block_end(make);
}

#endif
