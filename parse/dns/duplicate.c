/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/dns/duplicate.h"

#include <string.h>

#include "base/hash.h"

/* Octets of names that comparing records of equal prints may touch in one message. */
#define COMPARE_WORK 4096u

/* Returns the first octets of the first label of the checked name at @p off, letters folded. */
static uint64_t
head(const uint8_t *msg, uint32_t msg_len, uint32_t off)
{
    const uint32_t start = gw_name_start(msg, msg_len, off);
    const uint32_t len = msg[start] < 8u ? msg[start] + 1u : 8u;
    uint64_t word = 0;

    for (uint32_t i = 0; i < len; i++) {
        const uint8_t octet = msg[start + i];
        const bool upper = octet >= 'A' && octet <= 'Z';

        word = word << 8 | (uint8_t)(octet | (upper ? 0x20 : 0));
    }
    return word;
}

/* Mixes what is cheap to read of the record and the same however it is spelled. */
static uint64_t
print_of(const struct gw_name_reader *reader, const struct gw_rr *rr, enum gw_section section)
{
    uint64_t rdata[2] = {0, 0};

    if (gw_rr_is_address(rr))
        memcpy(rdata, reader->msg + rr->rdata_off, rr->rdata_len);
    else
        rdata[0] = head(reader->msg, reader->len, rr->rdata_off);
    return gw_hash_mix(head(reader->msg, reader->len, rr->owner_off) ^ (uint64_t)rr->type << 48 ^
                           (uint64_t)section << 40,
        gw_hash_mix(rdata[0], rdata[1]));
}

/* Whether the names at @p off and @p other_off are the same; false when comparing costs too much. */
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
    seen->reader = (struct gw_name_reader){.msg = msg, .len = len, .work = COMPARE_WORK};
}

bool
gw_rr_seen_before(struct gw_rr_seen *seen, const struct gw_rr *rr, enum gw_section section)
{
    uint64_t print = 0;

    if (seen->count == GW_RR_SEEN_MAX)
        return false;
    print = print_of(&seen->reader, rr, section);
    for (uint32_t i = 0; i < seen->count; i++) {
        if (seen->entry[i].print == print && seen->entry[i].section == section &&
            records_same(&seen->reader, rr, &seen->entry[i].rr))
            return true;
    }
    seen->entry[seen->count].print = print;
    seen->entry[seen->count].rr = *rr;
    seen->entry[seen->count].section = section;
    seen->count++;
    return false;
}
