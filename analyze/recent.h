/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file recent.h
 * A set of so many fixed-size keys with a record each: the key that was met longest ago gives way
 * to a new one. Which one that is does not depend on the hash secret.
 */
#ifndef GLUEWATCH_ANALYZE_RECENT_H
#define GLUEWATCH_ANALYZE_RECENT_H

#include "base/hash.h"

/** Owned by the caller; all memory is taken at the start, and touched as it is used. */
struct gw_recent {
    const struct gw_hash_key *hash_key; /**< of the caller; outlives it */
    uint8_t *keys;                      /**< the keys, one after the other */
    uint8_t *records;                   /**< likewise what is held about them; zeroed when new */
    uint32_t *slot;                     /**< by hash: number of the first key + 1, or 0 */
    uint32_t *chain;                    /**< by number: next with the same slot + 1, or 0 */
    uint32_t *older;                    /**< by number: the one met before it */
    uint32_t *newer;                    /**< by number: the one met after it */
    uint32_t key_len;                   /**< octets of a key */
    uint32_t record_len;                /**< octets of a record */
    uint32_t room;                      /**< most keys */
    uint32_t count;                     /**< keys held */
    uint32_t slot_mask;                 /**< slots - 1 */
    uint32_t oldest, newest;            /**< numbers; meaningful when count is not 0 */
    uint64_t displaced;                 /**< keys that gave way */
};

/**
 * Make an empty set for @p room keys.
 *
 * @return GW_DONE or GW_E_NOMEM
 */
GW_MUST_CHECK int gw_table_recent_init(struct gw_recent *recent, const struct gw_hash_key *hash_key,
    uint32_t key_len, uint32_t record_len, uint32_t room);

/** Free it; accepts a zeroed one. */
void gw_table_recent_done(struct gw_recent *recent);

/** Return the record of @p key, or NULL; does not count as a meeting. Valid until the next key. */
void *gw_table_recent_find(const struct gw_recent *recent, const void *key);

/** Return the record of @p key, adding it when it is new; valid until the next new key. */
void *gw_table_recent_meet(struct gw_recent *recent, const void *key);

/** Return the octets of memory that it may touch. */
size_t gw_table_recent_octets(const struct gw_recent *recent);

#endif
