/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/dns/name.h"

#include <assert.h>
#include <string.h>

#include "base/load.h"

/* The two highest bits of a length octet: 11 is a pointer, 01 and 10 are not assigned. */
#define POINTER_BITS 0xc0u

/* Folds A-Z in the @p len octets of a name in place. The one loop over the letters of a name. */
static void
fold(uint8_t *octets, uint32_t len)
{
    uint64_t word = 0;

    if (len < sizeof(word)) {
        for (uint32_t pos = 0; pos < len; pos++)
            octets[pos] = (uint8_t)gw_name_fold(octets[pos]);
        return;
    }
    for (uint32_t pos = 0; pos < len; pos += sizeof(word)) {
        const uint32_t at = len - pos < sizeof(word) ? len - (uint32_t)sizeof(word) : pos;

        word = gw_name_fold(gw_load_ne64(octets + at)); /* folding twice does no harm */
        memcpy(octets + at, &word, sizeof(word));
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
    if (!spend(reader, 1)) /* the first octet was paid for with the run before it */
        return GW_WORK;
    target = ((uint32_t)reader->msg[pos] & 0x3fu) << 8 | reader->msg[pos + 1];
    if (target < GW_HEADER_LEN)
        return GW_POINTER_HEADER;
    if (target >= start)
        return GW_POINTER_FORWARD;
    *ret_target = target;
    return GW_OK;
}

/*
 * Steps over the labels at @p pos to the root label or pointer that ends them. @p name_len octets
 * of the name came before.
 */
static enum gw_why
step_labels(
    const uint8_t *msg, uint32_t msg_len, uint32_t pos, uint32_t name_len, uint32_t *ret_stop)
{
    const uint32_t begin = pos;

    while (pos < msg_len) {
        const uint32_t octet = msg[pos];

        if (octet == 0 || octet >= POINTER_BITS) {
            *ret_stop = pos;
            return GW_OK;
        }
        if (octet > GW_LABEL_MAX)
            return GW_LABEL_TYPE;
        if (msg_len - pos <= octet)
            return GW_NAME_CUT;
        pos += 1u + octet;
        if (name_len + (pos - begin) >= GW_NAME_MAX) /* the root label must follow */
            return GW_NAME_LONG;
    }
    return GW_NAME_CUT;
}

/* A name on the way through it. */
struct walk {
    uint32_t pos;      /* where the present run of labels begins */
    uint32_t stop;     /* where it ends: the root label or a pointer */
    uint32_t name_len; /* octets of the name up to there */
    uint32_t pointers;
    uint32_t end; /* just past the name where it stands; 0: not known yet */
};

/* Goes over the run of labels at walk->pos. */
static enum gw_why
walk_run(struct gw_name_reader *reader, struct walk *walk)
{
    const enum gw_why why =
        step_labels(reader->msg, reader->len, walk->pos, walk->name_len, &walk->stop);

    if (why != GW_OK)
        return why;
    if (!spend(reader, walk->stop - walk->pos + 1))
        return GW_WORK;
    walk->name_len += walk->stop - walk->pos;
    return GW_OK;
}

/* Goes on where the pointer at walk->stop leads. */
static enum gw_why
walk_pointer(struct gw_name_reader *reader, struct walk *walk)
{
    const enum gw_why why = follow(reader, walk->stop, walk->pos, &walk->pos);

    if (why != GW_OK)
        return why;
    if (walk->end == 0)
        walk->end = walk->stop + 2;
    return ++walk->pointers > GW_POINTERS_MAX ? GW_POINTERS : GW_OK;
}

/*
 * Takes the rest of the name from what is known of the place where it goes on; false: it is not
 * known.
 */
static bool
walk_known(struct gw_name_reader *reader, struct walk *walk, enum gw_why *ret_why)
{
    const uint32_t slot = walk->pos % GW_NAME_KNOWN;
    const uint32_t len = reader->known[slot].len;
    const uint32_t pointers = reader->known[slot].pointers;

    if (reader->known[slot].start != walk->pos)
        return false;
    if (walk->name_len + len > GW_NAME_MAX || walk->pointers + pointers > GW_POINTERS_MAX)
        return false; /* the walk finds out which comes first */
    *ret_why = spend(reader, len + 2 * pointers) ? GW_OK : GW_WORK;
    walk->name_len += len;
    walk->pointers += pointers;
    return true;
}

/* Checks a name that is a pointer alone, to a name that is known; false: not such a one. */
static bool
check_known_pointer(struct gw_name_reader *reader, uint32_t off)
{
    uint32_t target = 0;
    uint32_t slot = 0;

    if (reader->len - off < 2 || reader->msg[off] < POINTER_BITS)
        return false;
    target = ((uint32_t)reader->msg[off] & 0x3fu) << 8 | reader->msg[off + 1];
    slot = target % GW_NAME_KNOWN;
    return target < off && target >= GW_HEADER_LEN && reader->known[slot].start == target &&
           reader->known[slot].pointers < GW_POINTERS_MAX &&
           spend(reader, 2u + reader->known[slot].len + 2u * reader->known[slot].pointers);
}

/* Remembers that the @p len last octets of the name start at @p start. */
static void
remember(struct gw_name_reader *reader, uint32_t start, uint32_t len, uint32_t pointers)
{
    const uint32_t slot = start % GW_NAME_KNOWN;

    if (start < GW_HEADER_LEN)
        return;
    reader->known[slot].start = (uint16_t)start;
    reader->known[slot].len = (uint8_t)len;
    reader->known[slot].pointers = (uint8_t)pointers;
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
    uint32_t stop = off;
    enum gw_why why = GW_OK;

    assert(off <= msg_len);

    why = step_labels(msg, msg_len, off, 0, &stop);
    if (why != GW_OK)
        return why;
    if (msg[stop] != 0 && msg_len - stop < 2)
        return GW_NAME_CUT;
    *ret_end = stop + (msg[stop] == 0 ? 1 : 2);
    return GW_OK;
}

enum gw_why
gw_name_check(struct gw_name_reader *reader, uint32_t off, uint32_t *ret_end)
{
    struct walk walk = {.pos = off};
    uint32_t first = 0; /* where the first label stands, and how many pointers came before it */
    uint32_t first_pointers = 0;
    enum gw_why why = GW_OK;

    assert(off <= reader->len);

    if (check_known_pointer(reader, off)) {
        *ret_end = off + 2;
        return GW_OK;
    }
    while (!(walk.pointers > 0 && walk_known(reader, &walk, &why))) {
        why = walk_run(reader, &walk);
        if (why != GW_OK)
            return why;
        if (first == 0 && (walk.name_len > 0 || reader->msg[walk.stop] == 0)) {
            first = walk.pos;
            first_pointers = walk.pointers;
        }
        if (reader->msg[walk.stop] == 0) {
            walk.name_len++;
            break;
        }
        why = walk_pointer(reader, &walk);
        if (why != GW_OK)
            return why;
    }
    if (why != GW_OK)
        return why;
    if (first != 0)
        remember(reader, first, walk.name_len, walk.pointers - first_pointers);
    *ret_end = walk.end != 0 ? walk.end : walk.stop + 1;
    return GW_OK;
}

enum gw_why
gw_name_canonical(
    struct gw_name_reader *reader, uint32_t off, struct gw_name *ret_name, uint32_t *ret_end)
{
    struct walk walk = {.pos = off};
    enum gw_why why = GW_OK;

    assert(off <= reader->len);

    for (;;) {
        const uint32_t before = walk.name_len;

        why = walk_run(reader, &walk);
        if (why != GW_OK)
            return why;
        memcpy(ret_name->wire + before, reader->msg + walk.pos, walk.name_len - before);
        if (reader->msg[walk.stop] == 0)
            break;
        why = walk_pointer(reader, &walk);
        if (why != GW_OK)
            return why;
    }
    ret_name->wire[walk.name_len] = 0;
    ret_name->len = (uint8_t)(walk.name_len + 1);
    fold(ret_name->wire, ret_name->len);
    *ret_end = walk.end != 0 ? walk.end : walk.stop + 1;
    return GW_OK;
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
