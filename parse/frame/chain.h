/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file chain.h
 * Octets that wait for others, in chains of small chunks of one size from a pool with a lid.
 *
 * One size means that freed memory always fits the next need: no pattern of traffic can splinter
 * the pool. Memory of the pool is touched only as it is first used. For this folder only.
 */
#ifndef GLUEWATCH_PARSE_FRAME_CHAIN_H
#define GLUEWATCH_PARSE_FRAME_CHAIN_H

#include "gluewatch/base.h"

#define GW_CHUNK_LEN  512u                                        /**< octets of a chunk */
#define GW_CHUNK_DATA (GW_CHUNK_LEN - (uint32_t)sizeof(uint32_t)) /**< of these, octets of data */

/** One chunk; its reference is its index in the pool plus one, 0 is none. */
struct gw_frame_chunk {
    uint32_t next; /**< reference of the chain's next chunk, or of the next freed one */
    uint8_t data[GW_CHUNK_DATA];
};

/** Owned by a table of reassembly; not for two threads at a time. */
struct gw_frame_pool {
    struct gw_frame_chunk *chunk; /**< the reserved range */
    uint32_t count;               /**< chunks in the range */
    uint32_t top;                 /**< chunks ever given out; the rest is untouched */
    uint32_t freed;               /**< reference of the first freed chunk */
    uint32_t used;                /**< chunks in chains now */
};

/** A sequence of octets. All zero: empty. Its chunks belong to one pool until dropped. */
struct gw_frame_chain {
    uint32_t head, tail; /**< references of the first and last chunk */
    uint32_t start;      /**< octets of the first chunk that are consumed, 0..GW_CHUNK_DATA */
    uint32_t len;        /**< octets in the chain */
};

/**
 * Reserve a range for chains of @p octets in all.
 *
 * @return GW_DONE or GW_E_NOMEM
 */
GW_MUST_CHECK int gw_frame_pool_init(struct gw_frame_pool *pool, size_t octets);

/** Give the range back; accepts a pool that is all zero. */
void gw_frame_pool_done(struct gw_frame_pool *pool);

/**
 * Append a copy of @p len octets (any number).
 *
 * @return false when the pool has not enough chunks; nothing is appended then
 */
GW_MUST_CHECK bool gw_frame_chain_append(
    struct gw_frame_pool *pool, struct gw_frame_chain *chain, const uint8_t *data, size_t len);

/** Copy @p len octets from offset @p off on (both within the chain) to @p ret_data. */
void gw_frame_chain_copy(const struct gw_frame_pool *pool, const struct gw_frame_chain *chain,
    size_t off, size_t len, uint8_t *ret_data);

/** Return whether @p len octets from offset @p off on (both within the chain) equal @p data. */
bool gw_frame_chain_equals(const struct gw_frame_pool *pool, const struct gw_frame_chain *chain,
    size_t off, const uint8_t *data, size_t len);

/** Take @p len octets (0..len of the chain) away from its front. */
void gw_frame_chain_consume(struct gw_frame_pool *pool, struct gw_frame_chain *chain, size_t len);

/** Free all chunks of @p chain; it is empty then. */
void gw_frame_chain_drop(struct gw_frame_pool *pool, struct gw_frame_chain *chain);

#endif
