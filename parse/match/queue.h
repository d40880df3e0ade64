/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file queue.h
 * Records in the order in which they came, within a bound, found by hash. For this folder only.
 *
 * A ring numbers its records; the newest displaces the oldest. An index holds, for each bucket, the
 * number of its newest record, and for each record that of the one before it in its bucket. What
 * has left the ring is recognised by its number, so that nothing is ever unlinked; and what leaves
 * is decided by age alone, never by the hash secret.
 */
#ifndef GLUEWATCH_PARSE_MATCH_QUEUE_H
#define GLUEWATCH_PARSE_MATCH_QUEUE_H

#include <stdlib.h>

#include "base/load.h"
#include "gluewatch/base.h"

/** Numbers of the records in use: first..end-1, modulo 2^32; a power of two of them at most. */
struct gw_match_ring {
    uint32_t first; /**< the oldest */
    uint32_t end;   /**< the next to be given */
    uint32_t mask;  /**< number & mask is the record's place */
};

/** Where records with a hash are found; see the top of this file. */
struct gw_match_index {
    uint32_t *head; /**< by bucket: number of the newest record; as many as places */
    uint32_t *next; /**< by place: number of the one before it */
};

/** A way through one bucket, from the newest record to the oldest. */
struct gw_match_walk {
    uint32_t number; /**< of the record looked at */
    uint32_t bound;  /**< records older than the one looked at before */
};

/** Return the largest power of two that is at most @p count, or @p least. */
static inline uint32_t
gw_match_power(uint64_t count, uint32_t least)
{
    uint32_t power = least;

    while (power < 1u << 24 && (uint64_t)power * 2 <= count)
        power *= 2;
    return power;
}

/** Set up @p ring for @p count records, a power of two. */
static inline void
gw_match_ring_init(struct gw_match_ring *ring, uint32_t count)
{
    *ring = (struct gw_match_ring){.first = 1, .end = 1, .mask = count - 1};
}

/** Whether every place is taken. */
static inline bool
gw_match_ring_is_full(const struct gw_match_ring *ring)
{
    return ring->end - ring->first > ring->mask;
}

/** Set up @p index for the places of @p ring; GW_DONE or GW_E_NOMEM. */
GW_MUST_CHECK static inline int
gw_match_index_init(struct gw_match_index *index, const struct gw_match_ring *ring)
{
    index->head = (uint32_t *)calloc((size_t)ring->mask + 1, sizeof(*index->head));
    index->next = (uint32_t *)calloc((size_t)ring->mask + 1, sizeof(*index->next));
    return index->head == NULL || index->next == NULL ? GW_E_NOMEM : GW_DONE;
}

/** Free what @p index holds. */
static inline void
gw_match_index_done(struct gw_match_index *index)
{
    free(index->head);
    free(index->next);
}

/** Put record @p number at the front of the bucket of @p hash. */
static inline void
gw_match_index_add(
    struct gw_match_index *index, const struct gw_match_ring *ring, uint64_t hash, uint32_t number)
{
    uint32_t *head = &index->head[(uint32_t)hash & ring->mask];

    index->next[number & ring->mask] = *head;
    *head = number;
}

/** Begin with the newest record in the bucket of @p hash. */
static inline struct gw_match_walk
gw_match_walk_begin(
    const struct gw_match_index *index, const struct gw_match_ring *ring, uint64_t hash)
{
    return (struct gw_match_walk){
        .number = index->head[(uint32_t)hash & ring->mask], .bound = ring->end - ring->first};
}

/** Whether there is a record at @p walk; each is older than the one before, so that it ends. */
static inline bool
gw_match_walk_holds(const struct gw_match_walk *walk, const struct gw_match_ring *ring)
{
    return walk->number - ring->first < walk->bound;
}

/** Go on to the record before. */
static inline void
gw_match_walk_on(struct gw_match_walk *walk, const struct gw_match_index *index,
    const struct gw_match_ring *ring)
{
    walk->bound = walk->number - ring->first;
    walk->number = index->next[walk->number & ring->mask];
}

/** Return @p time minus @p since in ns, held within the range of the type. */
static inline int64_t
gw_match_elapsed(int64_t time, int64_t since)
{
    int64_t elapsed = 0;

    if (__builtin_sub_overflow(time, since, &elapsed))
        return time > since ? INT64_MAX : INT64_MIN;
    return elapsed;
}

/** Whether @p addr and @p other are the same. */
static inline bool
gw_match_same_addr(const struct gw_addr *addr, const struct gw_addr *other)
{
    return ((gw_load_ne64(addr->octet) ^ gw_load_ne64(other->octet)) |
               (gw_load_ne64(addr->octet + 8) ^ gw_load_ne64(other->octet + 8)) |
               (uint64_t)(addr->family ^ other->family)) == 0;
}

#endif
