/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file hash.h
 * Keyed hashing. XXH3 with a random secret of 192 octets per process: a seed alone does not stop
 * constructed collisions.
 */
#ifndef GLUEWATCH_BASE_HASH_H
#define GLUEWATCH_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "gluewatch/base.h"

#define GW_HASH_SECRET_LEN 192u

/** A secret for hashing; owned by the caller, constant once set. */
struct gw_hash_key {
    uint8_t secret[GW_HASH_SECRET_LEN];
};

/**
 * Set @p key from the system's random source.
 *
 * @return GW_DONE, or GW_E_READ when there is no random source
 */
GW_MUST_CHECK int gw_hash_key_random(struct gw_hash_key *key);

/** Set @p key from @p seed: the same secret for the same seed, for tests of determinism. */
void gw_hash_key_seeded(struct gw_hash_key *key, uint64_t seed);

/** Hash @p len octets (any number) at @p data with @p key. */
uint64_t gw_hash_octets(const struct gw_hash_key *key, const void *data, size_t len);

/** Mix two hashes into one; the order of the two matters. */
uint64_t gw_hash_mix(uint64_t left, uint64_t right);

/** Hash @p len octets without a key: the same 16 octets in every run. For identifiers only. */
void gw_hash_stable(const void *data, size_t len, uint8_t ret_id[16]);

#endif
