/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file slots.h
 * A hash index over a fixed number of entries that also knows their order by age.
 *
 * The table that uses it keeps the entries in an array of its own and compares the keys; here are
 * only numbers. Memory is touched only as slots are first used. For this folder only.
 */
#ifndef GLUEWATCH_PARSE_FRAME_SLOTS_H
#define GLUEWATCH_PARSE_FRAME_SLOTS_H

#include "gluewatch/base.h"

#define GW_SLOT_NONE UINT32_MAX

/** One slot; index is the entry's. */
struct gw_frame_slot {
    uint64_t hash;         /**< of the entry's key */
    uint32_t next;         /**< next slot of the bucket, or next free slot */
    uint32_t older, newer; /**< neighbours by age */
};

/** Owned by a table of reassembly. */
struct gw_frame_slots {
    struct gw_frame_slot *slot;
    uint32_t *bucket;        /**< first slot of each bucket, plus one; 0 is none */
    uint32_t capacity;       /**< slots, a power of two; as many buckets */
    uint32_t top;            /**< slots ever used */
    uint32_t freed;          /**< first free slot below top, or GW_SLOT_NONE */
    uint32_t count;          /**< slots in use */
    uint32_t oldest, newest; /**< or GW_SLOT_NONE */
};

/**
 * Make room for @p capacity (a power of two) slots.
 *
 * @return GW_DONE or GW_E_NOMEM
 */
GW_MUST_CHECK int gw_frame_slots_init(struct gw_frame_slots *slots, uint32_t capacity);

/** Free what gw_frame_slots_init() took; accepts slots that are all zero. */
void gw_frame_slots_done(struct gw_frame_slots *slots);

/** Return the first slot in use with @p hash, or GW_SLOT_NONE. */
uint32_t gw_frame_slots_find(const struct gw_frame_slots *slots, uint64_t hash);

/** Return the slot after @p index with the same hash, or GW_SLOT_NONE. */
uint32_t gw_frame_slots_next(const struct gw_frame_slots *slots, uint32_t index);

/** Take a slot for @p hash as the newest; one must be free. */
uint32_t gw_frame_slots_take(struct gw_frame_slots *slots, uint64_t hash);

/** Make @p index the newest. */
void gw_frame_slots_touch(struct gw_frame_slots *slots, uint32_t index);

/** Free slot @p index. */
void gw_frame_slots_drop(struct gw_frame_slots *slots, uint32_t index);

#endif
