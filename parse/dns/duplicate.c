/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/dns/duplicate.h"

#include <endian.h>
#include <string.h>

#include "base/hash.h"
#include "base/load.h"

/* Octets of names that comparing records of equal prints may touch in one message. */
#define COMPARE_WORK 4096u

/* Returns up to eight octets of the first label of the checked name at @p off, letters folded. */
static uint64_t
head(const uint8_t *msg, uint32_t msg_len, uint32_t off)
{
    const uint32_t start = gw_name_start(msg, msg_len, off);
    const uint32_t len = msg[start] + 1u;
    uint64_t word = 0;

    if (msg_len - start >= sizeof(word))
        word = gw_load_ne64(msg + start);
    else
        memcpy(&word, msg + start, msg_len - start);
    word = le64toh(word);
    if (len < sizeof(word))
        word &= (UINT64_C(1) << 8 * len) - 1;
    return gw_name_fold(word);
}

/* Mixes what is cheap to read of the record and the same however it is spelled. */
static uint64_t
print_of(const struct gw_name_reader *reader, const struct gw_rr *rr, enum gw_section section)
{
    const uint64_t owner = head(reader->msg, reader->len, rr->owner_off);
    uint64_t rdata[2] = {0, 0};

    if (gw_rr_is_address(rr))
        memcpy(rdata, reader->msg + rr->rdata_off, rr->rdata_len);
    else
        rdata[0] = head(reader->msg, reader->len, rr->rdata_off);
    return gw_hash_mix(
        gw_hash_mix(owner + ((uint64_t)rr->type << 8 | section), rdata[0]), rdata[1]);
}

/*
 * Whether the names at @p off and @p other_off are the same; false when comparing costs too much.
 */
static bool
names_same(struct gw_name_reader *reader, uint32_t off, uint32_t other_off)
{
    struct gw_name name;
    struct gw_name other;
    uint32_t end = 0;

    if (gw_name_start(reader->msg, reader->len, off) ==
        gw_name_start(reader->msg, reader->len, other_off))
        return true;
    if (gw_name_canonical(reader, off, &name, &end) != GW_OK ||
        gw_name_canonical(reader, other_off, &other, &end) != GW_OK)
        return false;
    return gw_name_equal(&name, &other);
}

static bool
records_same(struct gw_name_reader *reader, const struct gw_rr *rr, const struct gw_rr *other)
{
    if (rr->type != other->type || !names_same(reader, rr->owner_off, other->owner_off))
        return false;
    if (!gw_rr_is_address(rr))
        return names_same(reader, rr->rdata_off, other->rdata_off);
    return memcmp(reader->msg + rr->rdata_off, reader->msg + other->rdata_off, rr->rdata_len) == 0;
}

void
gw_rr_seen_init(struct gw_rr_seen *seen, const uint8_t *msg, uint32_t len)
{
    seen->count = 0;
    memset(seen->hint, 0, sizeof(seen->hint));
    seen->reader = (struct gw_name_reader){.msg = msg, .len = len, .work = COMPARE_WORK};
}

/* Marks @p print in the hints; whether its mark was there before. */
static bool
mark(struct gw_rr_seen *seen, uint64_t print)
{
    uint64_t *hint = &seen->hint[print >> 62];
    const uint64_t bit = UINT64_C(1) << (print >> 56 & 63u);
    const bool was_there = (*hint & bit) != 0;

    *hint |= bit;
    return was_there;
}

bool
gw_rr_seen_before(struct gw_rr_seen *seen, const struct gw_rr *rr, enum gw_section section)
{
    uint64_t print = 0;

    if (seen->count == GW_RR_SEEN_MAX)
        return false;
    print = print_of(&seen->reader, rr, section);
    for (uint32_t i = mark(seen, print) ? 0 : seen->count; i < seen->count; i++) {
        if (seen->print[i] == print && seen->entry[i].section == section &&
            records_same(&seen->reader, rr, &seen->entry[i].rr))
            return true;
    }
    seen->print[seen->count] = print;
    seen->entry[seen->count].rr = *rr;
    seen->entry[seen->count].section = section;
    seen->count++;
    return false;
}
