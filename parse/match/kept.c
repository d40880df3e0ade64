/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/match/kept.h"

#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 16u

int
gw_match_kept_init(struct gw_match_kept *kept, uint64_t size)
{
    kept->size = size & ~(uint64_t)(ALIGNMENT - 1);
    kept->written = 0;
    kept->octets = calloc(1, kept->size + GW_FRAME_PAD);
    return kept->octets == NULL ? GW_E_NOMEM : GW_DONE;
}

void
gw_match_kept_done(struct gw_match_kept *kept)
{
    free(kept->octets);
    kept->octets = NULL;
}

static uint64_t
room_for(const struct gw_payload *payload)
{
    uint64_t room = sizeof(*payload) + payload->len;

    room += payload->fragments != NULL ? sizeof(*payload->fragments) : 0;
    return (room + ALIGNMENT - 1) & ~(uint64_t)(ALIGNMENT - 1);
}

/* Where the next @p room octets lie: nothing is kept across the end of the ring. */
static uint64_t
next_place(const struct gw_match_kept *kept, uint64_t room)
{
    const uint64_t at = kept->written % kept->size;

    return at + room <= kept->size ? kept->written : kept->written + (kept->size - at);
}

uint64_t
gw_match_kept_after(const struct gw_match_kept *kept, const struct gw_payload *payload)
{
    const uint64_t room = room_for(payload);

    return next_place(kept, room) + room;
}

bool
gw_match_kept_put(struct gw_match_kept *kept, const struct gw_payload *payload, uint64_t *ret_place)
{
    const uint64_t room = room_for(payload);
    const uint64_t place = next_place(kept, room);
    struct gw_payload *copy = NULL;
    uint8_t *octets = NULL;

    if (room > kept->size / 4)
        return false;
    octets = kept->octets + place % kept->size;
    copy = (struct gw_payload *)(void *)octets;
    *copy = *payload;
    octets += sizeof(*copy);
    if (payload->fragments != NULL) {
        memcpy(octets, payload->fragments, sizeof(*payload->fragments));
        copy->fragments = (const struct gw_frag_map *)(const void *)octets;
        octets += sizeof(*payload->fragments);
    }
    memcpy(octets, payload->data, payload->len);
    copy->data = octets;
    kept->written = place + room;
    *ret_place = place;
    return true;
}

const struct gw_payload *
gw_match_kept_at(const struct gw_match_kept *kept, uint64_t place)
{
    if (place + kept->size < kept->written)
        return NULL;
    return (const struct gw_payload *)(const void *)(kept->octets + place % kept->size);
}
