/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/dns/name.h"

#include <assert.h>
#include <string.h>

/* The two highest bits of a length octet: 11 is a pointer, 01 and 10 are not assigned. */
#define POINTER_BITS 0xc0u

/*
 * Copies octets of labels, A-Z folded. Length octets may be among them: they are below 'A'.
 * The one place where letters are folded.
 */
static void
fold(uint8_t *to, const uint8_t *from, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        const uint8_t octet = from[i];
        const bool upper = octet >= 'A' && octet <= 'Z';

        to[i] = (uint8_t)(octet | (upper ? 0x20 : 0));
    }
}

/* Takes what touching @p len octets costs off the budget. */
static bool
spend(struct gw_name_reader *reader, uint32_t len)
{
    if (reader->work < len) {
        reader->work = 0;
        return false;
    }
    reader->work -= len;
    return true;
}

/* Reads the pointer at @p pos; @p start is where the run of labels began that it ends. */
static enum gw_why
follow(struct gw_name_reader *reader, uint32_t pos, uint32_t start, uint32_t *ret_target)
{
    uint32_t target = 0;

    if (reader->len - pos < 2)
        return GW_NAME_CUT;
    if (!spend(reader, 2))
        return GW_WORK;
    target = ((uint32_t)reader->msg[pos] & 0x3fu) << 8 | reader->msg[pos + 1];
    if (target < GW_HEADER_LEN)
        return GW_POINTER_HEADER;
    if (target >= start)
        return GW_POINTER_FORWARD;
    *ret_target = target;
    return GW_OK;
}

/* Walks the name at @p off; writes it folded to @p out (GW_NAME_MAX octets) unless that is NULL. */
static enum gw_why
walk(
    struct gw_name_reader *reader, uint32_t off, uint8_t *out, uint32_t *ret_len, uint32_t *ret_end)
{
    uint32_t pos = off;
    uint32_t start = off;
    uint32_t name_len = 0;
    uint32_t pointers = 0;
    uint32_t end = 0;

    while (pos < reader->len) {
        const uint8_t octet = reader->msg[pos];
        const uint32_t step = 1u + octet;

        if (octet >= POINTER_BITS) {
            const enum gw_why why = follow(reader, pos, start, &start);

            if (why != GW_OK)
                return why;
            if (pointers == 0)
                end = pos + 2;
            if (++pointers > GW_POINTERS_MAX)
                return GW_POINTERS;
            pos = start;
            continue;
        }
        if (octet > GW_LABEL_MAX)
            return GW_LABEL_TYPE;
        if (reader->len - pos < step)
            return GW_NAME_CUT;
        if (name_len + step + (octet != 0) > GW_NAME_MAX) /* the root label must follow */
            return GW_NAME_LONG;
        if (!spend(reader, step))
            return GW_WORK;
        if (out != NULL)
            fold(out + name_len, reader->msg + pos, step);
        name_len += step;
        pos += step;
        if (octet == 0) {
            *ret_len = name_len;
            *ret_end = pointers == 0 ? pos : end;
            return GW_OK;
        }
    }
    return GW_NAME_CUT;
}

struct gw_name_reader
gw_name_reader_make(const uint8_t *msg, uint32_t len)
{
    const struct gw_name_reader reader = {.msg = msg, .len = len, .work = 8u * len + 1000u};

    assert(len <= GW_MESSAGE_MAX);
    return reader;
}

enum gw_why
gw_name_skip(const uint8_t *msg, uint32_t msg_len, uint32_t off, uint32_t *ret_end)
{
    uint32_t pos = off;

    assert(off <= msg_len);

    while (pos < msg_len) {
        const uint8_t octet = msg[pos];

        if (octet == 0) {
            *ret_end = pos + 1;
            return GW_OK;
        }
        if (octet >= POINTER_BITS) {
            if (msg_len - pos < 2)
                return GW_NAME_CUT;
            *ret_end = pos + 2;
            return GW_OK;
        }
        if (octet > GW_LABEL_MAX)
            return GW_LABEL_TYPE;
        pos += 1u + octet;
        if (pos - off >= GW_NAME_MAX) /* the root label or a pointer must follow */
            return GW_NAME_LONG;
    }
    return GW_NAME_CUT;
}

enum gw_why
gw_name_check(struct gw_name_reader *reader, uint32_t off, uint32_t *ret_end)
{
    uint32_t len = 0;

    assert(off <= reader->len);
    return walk(reader, off, NULL, &len, ret_end);
}

enum gw_why
gw_name_canonical(
    struct gw_name_reader *reader, uint32_t off, struct gw_name *ret_name, uint32_t *ret_end)
{
    uint32_t len = 0;
    enum gw_why why = GW_OK;

    assert(off <= reader->len);
    why = walk(reader, off, ret_name->wire, &len, ret_end);
    if (why == GW_OK)
        ret_name->len = (uint8_t)len;
    return why;
}

uint32_t
gw_name_start(const uint8_t *msg, uint32_t msg_len, uint32_t off)
{
    uint32_t pos = off;

    while (pos < msg_len && msg_len - pos >= 2 && msg[pos] >= POINTER_BITS) {
        const uint32_t target = ((uint32_t)msg[pos] & 0x3fu) << 8 | msg[pos + 1];

        if (target >= pos)
            break;
        pos = target;
    }
    return pos;
}

bool
gw_name_equal(const struct gw_name *name, const struct gw_name *other)
{
    return name->len == other->len && memcmp(name->wire, other->wire, name->len) == 0;
}

bool
gw_name_under(const struct gw_name *name, const struct gw_name *zone)
{
    uint32_t pos = 0;

    assert(name->len >= 1 && zone->len >= 1);
    if (name->len < zone->len)
        return false;
    while (name->len - pos > zone->len)
        pos += 1u + name->wire[pos];
    return name->len - pos == zone->len && memcmp(name->wire + pos, zone->wire, zone->len) == 0;
}

bool
gw_name_strictly_under(const struct gw_name *name, const struct gw_name *zone)
{
    return name->len > zone->len && gw_name_under(name, zone);
}

struct gw_name
gw_name_parent(const struct gw_name *name)
{
    struct gw_name parent = {.len = 1, .wire = {0}};

    if (name->len > 1) {
        const uint32_t first = 1u + name->wire[0];

        parent.len = (uint8_t)(name->len - first);
        memcpy(parent.wire, name->wire + first, parent.len);
    }
    return parent;
}
