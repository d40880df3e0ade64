/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/frame/slots.h"

#include <assert.h>
#include <stdlib.h>

static uint32_t *
bucket_of(const struct gw_frame_slots *slots, uint64_t hash)
{
    return &slots->bucket[hash & (slots->capacity - 1)];
}

static uint32_t
find_from(const struct gw_frame_slots *slots, uint32_t link, uint64_t hash)
{
    while (link != 0 && slots->slot[link - 1].hash != hash)
        link = slots->slot[link - 1].next;
    return link == 0 ? GW_SLOT_NONE : link - 1;
}

static void
age_link(struct gw_frame_slots *slots, uint32_t index)
{
    struct gw_frame_slot *slot = &slots->slot[index];

    slot->older = slots->newest;
    slot->newer = GW_SLOT_NONE;
    if (slots->newest != GW_SLOT_NONE)
        slots->slot[slots->newest].newer = index;
    else
        slots->oldest = index;
    slots->newest = index;
}

static void
age_unlink(struct gw_frame_slots *slots, uint32_t index)
{
    const struct gw_frame_slot *slot = &slots->slot[index];

    if (slot->older != GW_SLOT_NONE)
        slots->slot[slot->older].newer = slot->newer;
    else
        slots->oldest = slot->newer;
    if (slot->newer != GW_SLOT_NONE)
        slots->slot[slot->newer].older = slot->older;
    else
        slots->newest = slot->older;
}

int
gw_frame_slots_init(struct gw_frame_slots *slots, uint32_t capacity)
{
    assert((capacity & (capacity - 1)) == 0);
    *slots = (struct gw_frame_slots){
        .slot = calloc(capacity, sizeof(*slots->slot)),
        .bucket = calloc(capacity, sizeof(*slots->bucket)),
        .capacity = capacity,
        .freed = GW_SLOT_NONE,
        .oldest = GW_SLOT_NONE,
        .newest = GW_SLOT_NONE,
    };
    return slots->slot != NULL && slots->bucket != NULL ? GW_DONE : GW_E_NOMEM;
}

void
gw_frame_slots_done(struct gw_frame_slots *slots)
{
    free(slots->slot);
    free(slots->bucket);
    *slots = (struct gw_frame_slots){0};
}

uint32_t
gw_frame_slots_find(const struct gw_frame_slots *slots, uint64_t hash)
{
    return find_from(slots, *bucket_of(slots, hash), hash);
}

uint32_t
gw_frame_slots_next(const struct gw_frame_slots *slots, uint32_t index)
{
    return find_from(slots, slots->slot[index].next, slots->slot[index].hash);
}

uint32_t
gw_frame_slots_take(struct gw_frame_slots *slots, uint64_t hash)
{
    uint32_t index = slots->freed;
    uint32_t *bucket = bucket_of(slots, hash);

    assert(slots->count < slots->capacity);
    if (index != GW_SLOT_NONE)
        slots->freed = slots->slot[index].next;
    else
        index = slots->top++;
    slots->count++;
    slots->slot[index].hash = hash;
    slots->slot[index].next = *bucket;
    *bucket = index + 1;
    age_link(slots, index);
    return index;
}

void
gw_frame_slots_touch(struct gw_frame_slots *slots, uint32_t index)
{
    if (index == slots->newest)
        return;
    age_unlink(slots, index);
    age_link(slots, index);
}

void
gw_frame_slots_drop(struct gw_frame_slots *slots, uint32_t index)
{
    struct gw_frame_slot *slot = &slots->slot[index];
    uint32_t *link = bucket_of(slots, slot->hash);

    while (*link != index + 1)
        link = &slots->slot[*link - 1].next;
    *link = slot->next;
    age_unlink(slots, index);
    slot->next = slots->freed;
    slots->freed = index;
    slots->count--;
}
