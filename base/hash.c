/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/hash.h"

#include <string.h>
#include <sys/random.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

int
gw_hash_key_random(struct gw_hash_key *key)
{
    const ssize_t got = getrandom(key->secret, sizeof(key->secret), 0);

    return got == (ssize_t)sizeof(key->secret) ? GW_DONE : GW_E_READ;
}

void
gw_hash_key_seeded(struct gw_hash_key *key, uint64_t seed)
{
    for (size_t i = 0; i < sizeof(key->secret); i += sizeof(uint64_t)) {
        const uint64_t word = XXH3_64bits_withSeed(&i, sizeof(i), seed);

        memcpy(key->secret + i, &word, sizeof(word));
    }
}

uint64_t
gw_hash_octets(const struct gw_hash_key *key, const void *data, size_t len)
{
    return XXH3_64bits_withSecret(data, len, key->secret, sizeof(key->secret));
}

uint64_t
gw_hash_mix(uint64_t left, uint64_t right)
{
    const __uint128_t product =
        (__uint128_t)(left ^ 0x9e3779b97f4a7c15u) * (right ^ 0xd6e8feb86659fd93u);

    return (uint64_t)product ^ (uint64_t)(product >> 64) ^ left;
}

void
gw_hash_stable(const void *data, size_t len, uint8_t ret_id[16])
{
    XXH128_canonical_t id;

    XXH128_canonicalFromHash(&id, XXH3_128bits(data, len));
    memcpy(ret_id, id.digest, 16);
}
