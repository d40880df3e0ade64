/* SPDX-License-Identifier: BSD-2-Clause */
#include "cmd/parcel.h"

#include <assert.h>
#include <string.h>

#include "parse/dns/message.h"
#include "parse/dns/referral.h"

/* Where a copy may begin: fragment maps hold 64-bit integers. */
#define GRAIN 16u

_Static_assert(
    GW_PARCEL_OCTETS >= GW_MESSAGE_MAX + GW_FRAME_PAD + sizeof(struct gw_frag_map) + 2 * GRAIN,
    "the longest message fits into an empty parcel");
_Static_assert(sizeof(struct gw_message_stats) % sizeof(uint64_t) == 0, "counters and no padding");

void
gw_parcel_clear(struct gw_parcel *parcel)
{
    parcel->payloads.count = 0;
    parcel->payloads.sighting_count = 0;
    parcel->referral_count = 0;
    parcel->octets_used = 0;
}

static size_t
grained(size_t len)
{
    return (len + GRAIN - 1) / GRAIN * GRAIN;
}

/* Copies octets into the parcel, which has room for them. */
static uint8_t *
keep(struct gw_parcel *parcel, const void *octets, size_t len, size_t pad)
{
    uint8_t *copy = parcel->octets + parcel->octets_used;

    parcel->octets_used += grained(len + pad);
    assert(parcel->octets_used <= GW_PARCEL_OCTETS);
    memcpy(copy, octets, len);
    return copy;
}

bool
gw_parcel_put(struct gw_parcel *parcel, const struct gw_payload *payload)
{
    const size_t map_len = payload->fragments == NULL ? 0 : sizeof(*payload->fragments);
    struct gw_payload *copy = &parcel->payloads.item[parcel->payloads.count];

    if (parcel->payloads.count == GW_BATCH_FRAMES ||
        grained(payload->len + GW_FRAME_PAD) + grained(map_len) >
            GW_PARCEL_OCTETS - parcel->octets_used)
        return false;
    *copy = *payload;
    copy->data = keep(parcel, payload->data, payload->len, GW_FRAME_PAD);
    if (map_len != 0)
        copy->fragments = (const void *)keep(parcel, payload->fragments, map_len, 0);
    parcel->payloads.count++;
    return true;
}

bool
gw_parcel_sight(struct gw_parcel *parcel, const struct gw_sighting *sighting)
{
    struct gw_payloads *payloads = &parcel->payloads;

    if (payloads->sighting_count == GW_BATCH_FRAMES)
        return false;
    payloads->sighting[payloads->sighting_count] = *sighting;
    payloads->sighting[payloads->sighting_count++].before = payloads->count;
    return true;
}

void
gw_parcel_read(struct gw_parcel *parcel, const struct gw_hash_key *key)
{
    memset(&parcel->stats, 0, sizeof(parcel->stats));
    gw_msg_parse_bulk(&parcel->payloads, parcel->msg, &parcel->stats);
    parcel->referral_count =
        gw_referral_digest_bulk(parcel->msg, parcel->payloads.count, key, parcel->referral);
}

void
gw_parcel_count(const struct gw_parcel *parcel, struct gw_message_stats *stats)
{
    const uint64_t *from = (const uint64_t *)(const void *)&parcel->stats;
    uint64_t *to = (uint64_t *)(void *)stats;

    for (size_t i = 0; i < sizeof(*stats) / sizeof(*to); i++)
        to[i] += from[i];
}
