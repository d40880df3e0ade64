/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file recall.h
 * A bounded store of fixed-size records, found by a 64-bit hash: when it is full, the record that
 * was longest not renewed leaves. Which one leaves never depends on the hash.
 */
#ifndef GLUEWATCH_ANALYZE_RECALL_H
#define GLUEWATCH_ANALYZE_RECALL_H

#include "gluewatch/base.h"

/** How one record hangs in the store; indexes are one higher than the record's, 0 is none. */
struct gw_recall_link {
    uint64_t hash;
    uint32_t chain;        /**< next record of the same slot */
    uint32_t older, newer; /**< neighbours in order of renewal */
};

/**
 * The store; by value in its owner, zeroed before it is made. Two keys with one hash would be one
 * record: callers give keyed hashes, so that nobody can make such keys.
 */
struct gw_recall {
    uint8_t *records;
    struct gw_recall_link *link; /**< one per record */
    uint32_t *slot;              /**< heads of chains */
    uint32_t slot_mask;          /**< slots - 1 */
    uint32_t record_len;         /**< octets of a record */
    uint32_t most;               /**< records that there is room for, 1 at least */
    uint32_t count;              /**< records held */
    uint32_t oldest, newest;     /**< ends of the order of renewal; one higher than the index */
    uint64_t displaced;          /**< records that left for others */
};

/**
 * Make an empty store for @p memory octets, of at least one record of @p record_len octets and of
 * at most @p most.
 *
 * @return GW_DONE or GW_E_NOMEM
 */
GW_MUST_CHECK int gw_table_recall_init(
    struct gw_recall *recall, uint64_t memory, uint32_t record_len, uint32_t most);

/** Free it; accepts a zeroed one. */
void gw_table_recall_done(struct gw_recall *recall);

/** Return the record of @p hash, or NULL; valid until the next gw_table_recall_take(). */
void *gw_table_recall_find(const struct gw_recall *recall, uint64_t hash);

/** Make @p record, which is held, the one that leaves last. */
void gw_table_recall_renew(struct gw_recall *recall, const void *record);

/**
 * Return the record of @p hash, renewed; a new one is zeroed, and another leaves for it when there
 * is no room.
 */
void *gw_table_recall_take(struct gw_recall *recall, uint64_t hash);

/** Return the record that was renewed longest ago, or NULL when there is none. */
void *gw_table_recall_first(const struct gw_recall *recall);

/** Return the record that was renewed next after @p record, or NULL after the latest. */
void *gw_table_recall_next(const struct gw_recall *recall, const void *record);

/** Octets of memory that @p recall takes now. */
uint64_t gw_table_recall_octets(const struct gw_recall *recall);

#endif
