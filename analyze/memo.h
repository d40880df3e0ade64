/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file memo.h
 * A bounded memory of small records by key, which forgets what was not touched for longest.
 *
 * Two generations: what is touched is in the young one or moves there; when that is full, the old
 * one is forgotten and the young one becomes old. So what is forgotten depends on the order of
 * events alone, never on the hash secret, and a flood of keys costs no more than its own place.
 */
#ifndef GLUEWATCH_ANALYZE_MEMO_H
#define GLUEWATCH_ANALYZE_MEMO_H

#include <stdbool.h>

#include "base/hash.h"

/** Octets that one record may have. */
#define GW_MEMO_RECORD_MAX 256u

/** What a record is about: a name, an address, or both. Zero what is not used. */
struct gw_memo_key {
    uint64_t name;       /**< keyed hash of a name */
    struct gw_addr addr; /**< of a server or a resolver */
    uint8_t zero[7];     /**< all octets are compared */
};

/** The memory; owned by the module that uses it. */
struct gw_memo;

/**
 * Make an empty memory.
 *
 * @param room        records of each generation, a power of two
 * @param record_len  octets of a record, a multiple of 8, GW_MEMO_RECORD_MAX at the most
 * @return NULL when there is no memory
 */
struct gw_memo *gw_memo_new(const struct gw_hash_key *key, uint32_t room, uint32_t record_len);

/** Free it; accepts NULL. */
void gw_memo_free(struct gw_memo *memo);

/** Return the record of @p key, or NULL; valid until the next gw_memo_take(). */
void *gw_memo_find(struct gw_memo *memo, const struct gw_memo_key *key);

/** Return the record of @p key, a zeroed one when it is new; valid until the next call of it. */
void *gw_memo_take(struct gw_memo *memo, const struct gw_memo_key *key);

/** Return how many records were forgotten for want of room. */
uint64_t gw_memo_forgotten(const struct gw_memo *memo);

#endif
