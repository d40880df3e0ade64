/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file arena.h
 * Memory with a lid: pieces of fixed sizes cut from one reserved range, named by 32-bit references.
 *
 * Everything that the analysis keeps lives in one arena, so that its budget is one number. A
 * piece is a multiple of 16 octets, rounded up to one of 4 sizes per power of two; freed pieces
 * are reused for the same size. Memory of the range is touched only as it is first used.
 */
#ifndef GLUEWATCH_BASE_ARENA_H
#define GLUEWATCH_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "gluewatch/base.h"

/** A piece of an arena; 0 is no piece. Stays valid until it is freed. */
typedef uint32_t gw_arena_ref;

#define GW_ARENA_CLASSES 64u

/** Owned by the caller; not for two threads at a time. */
struct gw_arena {
    uint8_t *range;                       /**< the reserved range */
    size_t range_len;                     /**< its octets */
    size_t top;                           /**< octets ever handed out; the rest is untouched */
    size_t used;                          /**< octets in pieces now */
    size_t budget;                        /**< most octets in pieces at a time */
    gw_arena_ref freed[GW_ARENA_CLASSES]; /**< first freed piece of each size */
};

/**
 * Reserve a range for @p budget octets.
 *
 * @return GW_DONE or GW_E_NOMEM
 */
GW_MUST_CHECK int gw_arena_init(struct gw_arena *arena, size_t budget);

/** Give the range back; accepts an arena that was never initialised but zeroed. */
void gw_arena_done(struct gw_arena *arena);

/**
 * Take a piece of at least @p len octets (1..1 MiB), zeroed.
 *
 * @return its reference, or 0 when the budget does not allow it
 */
GW_MUST_CHECK gw_arena_ref gw_arena_take(struct gw_arena *arena, size_t len);

/** Free the piece @p ref that was taken with @p len; nothing happens when it is 0. */
void gw_arena_free(struct gw_arena *arena, gw_arena_ref ref, size_t len);

/** Return the octets that a piece for @p len really takes. */
size_t gw_arena_size(size_t len);

/** Return the address of piece @p ref (not 0); valid until it is freed. */
static inline void *
gw_arena_at(const struct gw_arena *arena, gw_arena_ref ref)
{
    return arena->range + ((size_t)ref << 4);
}

#endif
