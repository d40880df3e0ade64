/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file name.h
 * Domain names: where they end on the wire, and their canonical form.
 *
 * Canonical form is the only form in which names are compared or hashed: uncompressed wire form,
 * the letters A-Z folded to lower case and nothing else, the root label included (RFC 4343
 * section 3).
 */
#ifndef GLUEWATCH_PARSE_DNS_NAME_H
#define GLUEWATCH_PARSE_DNS_NAME_H

#include "gluewatch/base.h"
#include "gluewatch/finding.h" /* struct gw_name */
#include "gluewatch/limits.h"
#include "gluewatch/why.h"

/** Octets of a DNS header (RFC 1035 section 4.1.1); no name starts in it. */
#define GW_HEADER_LEN 12u

/** Places of names that a reader remembers; a power of two. */
#define GW_NAME_KNOWN 32u

/**
 * A message from which names are read, and what reading them may still cost. Compression lets few
 * octets stand for many; the budget keeps the cost of a message linear in its length.
 */
struct gw_name_reader {
    const uint8_t *msg; /**< first octet of the DNS header; as long as the reader is used */
    uint32_t len;       /**< octets readable at msg, 0..65535 */
    uint32_t work;      /**< octets of names that may still be touched */
    struct {
        uint16_t start;   /**< where a checked name starts; 0: free, as none starts in the header */
        uint8_t len;      /**< its octets in canonical form */
        uint8_t pointers; /**< pointers in it */
    } known[GW_NAME_KNOWN]; /**< names that gw_name_check() need not walk again, by start */
};

/**
 * Return a reader of the @p len octets at @p msg with the budget of one pass: 8 * @p len + 1000.
 */
struct gw_name_reader gw_name_reader_make(const uint8_t *msg, uint32_t len);

/**
 * Find where the name at @p off ends on the wire, without following compression.
 *
 * @param msg      first octet of the DNS header; for the call
 * @param msg_len  octets readable at @p msg, 0..65535
 * @param off      octets from @p msg to the first length octet, <= @p msg_len
 * @param ret_end  octets from @p msg to just past the name; written only on GW_OK
 * @return GW_OK, GW_NAME_CUT, GW_NAME_LONG or GW_LABEL_TYPE
 *
 * Source: RFC 1035 sections 2.3.4 and 4.1.4; RFC 6891 section 5.
 */
GW_MUST_CHECK enum gw_why gw_name_skip(
    const uint8_t *msg, uint32_t msg_len, uint32_t off, uint32_t *ret_end);

/**
 * Check the whole name at @p off, compression included.
 *
 * @param reader   the message; the octets touched are taken off its budget
 * @param off      octets from the header to the first length octet, <= reader->len
 * @param ret_end  octets from the header to just past the name where it stands; only on GW_OK
 * @return GW_OK, GW_NAME_CUT, GW_NAME_LONG, GW_LABEL_TYPE, GW_POINTER_FORWARD, GW_POINTER_HEADER,
 *         GW_POINTERS or GW_WORK
 *
 * A pointer must lead before the place where the present run of labels began, so that no name can
 * loop. A name that was checked costs as much again, but is not walked again where a pointer
 * leads to it. 255 octets hold at most 127 labels, so labels are not counted (RFC 1035 section
 * 2.3.4).
 */
GW_MUST_CHECK enum gw_why gw_name_check(
    struct gw_name_reader *reader, uint32_t off, uint32_t *ret_end);

/**
 * Read the name at @p off into canonical form. Parameters and results as gw_name_check(); the
 * octets of @p ret_name serve as scratch, its len is set only on GW_OK.
 */
GW_MUST_CHECK enum gw_why gw_name_canonical(
    struct gw_name_reader *reader, uint32_t off, struct gw_name *ret_name, uint32_t *ret_end);

/**
 * Return where the first label of the name at @p off stands: @p off, or what a leading pointer
 * leads to. Names with the same start are the same; the reverse does not hold. For names that
 * were checked.
 */
static inline uint32_t
gw_name_start(const uint8_t *msg, uint32_t msg_len, uint32_t off)
{
    uint32_t pos = off;

    while (pos + 1 < msg_len && msg[pos] >= 0xc0) {
        const uint32_t target = ((uint32_t)msg[pos] & 0x3fu) << 8 | msg[pos + 1];

        if (target >= pos)
            break;
        pos = target;
    }
    return pos;
}

/**
 * Fold the letters A-Z among eight octets, whatever their order in @p word; other octets stay. A
 * length octet is below 'A', so that labels may be folded together with their lengths.
 */
static inline uint64_t
gw_name_fold(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101u;
    const uint64_t low = word & 0x7f * ones;
    const uint64_t from_a = low + (0x80 - 'A') * ones; /* highest bit of an octet: it is >= 'A' */
    const uint64_t past_z = low + (0x7f - 'Z') * ones; /* likewise > 'Z' */
    const uint64_t upper = (from_a ^ past_z) & ~word & 0x80 * ones;

    return word | upper >> 2; /* 0x80 >> 2 is the bit between 'A' and 'a' */
}

/** Whether @p name and @p other are the same. */
bool gw_name_equal(const struct gw_name *name, const struct gw_name *other);

/** Whether @p name is @p zone or below it. */
bool gw_name_under(const struct gw_name *name, const struct gw_name *zone);

/** Whether @p name is below @p zone and not @p zone itself. */
bool gw_name_strictly_under(const struct gw_name *name, const struct gw_name *zone);

/** Return @p name without its first label; the root for the root. */
struct gw_name gw_name_parent(const struct gw_name *name);

#endif
