/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/budget.h"

#include <string.h>

#include "base/hash.h"

#define MINUTE_NS (60 * GW_NS_PER_S)

/* Octets of an address that make a resolver group, as in analyze/witness.c. */
#define GROUP_OCTETS_IP4 3u
#define GROUP_OCTETS_IP6 7u

static uint64_t
key_of(const uint8_t *octets, size_t len)
{
    uint8_t id[16];
    uint64_t key;

    gw_hash_stable(octets, len, id);
    memcpy(&key, id, sizeof(key));
    return key | 1u;
}

/* The bucket of `key`, one that owes nothing, or the one that is shared. */
static struct gw_signal_bucket *
find(struct gw_signal_bucket *buckets, uint64_t key, int64_t now_ns)
{
    struct gw_signal_bucket *spare = NULL;

    for (uint32_t i = 0; i < GW_SIGNAL_BUCKETS; i++) {
        if (buckets[i].key == key)
            return &buckets[i];
        if (spare == NULL && (buckets[i].key == 0 || buckets[i].spent_ns <= now_ns))
            spare = &buckets[i];
    }
    if (spare == NULL)
        return &buckets[GW_SIGNAL_BUCKETS];
    *spare = (struct gw_signal_bucket){.key = key};
    return spare;
}

static bool
has_token(const struct gw_signal_bucket *bucket, uint32_t rate, int64_t now_ns)
{
    const int64_t token_ns = MINUTE_NS / rate;

    return bucket == NULL ||
           bucket->spent_ns + token_ns <= now_ns + (int64_t)GW_SIGNAL_BURST_MINUTES * MINUTE_NS;
}

static void
take(struct gw_signal_bucket *bucket, uint32_t rate, int64_t now_ns)
{
    if (bucket == NULL)
        return;
    if (bucket->spent_ns < now_ns)
        bucket->spent_ns = now_ns;
    bucket->spent_ns += MINUTE_NS / rate;
}

bool
gw_signal_spend(struct gw_signal_budget *budget, const struct gw_finding *finding, int64_t now_ns)
{
    const uint32_t grave = finding->severity >= GW_HIGH ? 2 : finding->severity >= GW_LOW ? 1 : 0;
    const uint32_t octets = finding->resolver.family == 4 ? GROUP_OCTETS_IP4 : GROUP_OCTETS_IP6;
    struct gw_signal_bucket *kind = &budget->kind[grave][finding->kind];
    struct gw_signal_bucket *parent = NULL;
    struct gw_signal_bucket *resolver = NULL;

    if (finding->watched)
        return true;
    if (finding->zone.len != 0)
        parent = find(budget->parent[grave], key_of(finding->zone.wire, finding->zone.len), now_ns);
    if (finding->resolver.family != 0)
        resolver = find(budget->resolver[grave], key_of(finding->resolver.octet, octets), now_ns);
    if (!has_token(kind, GW_SIGNAL_KIND_RATE, now_ns) ||
        !has_token(parent, GW_SIGNAL_PARENT_RATE, now_ns) ||
        !has_token(resolver, GW_SIGNAL_RESOLVER_RATE, now_ns))
        return false;
    take(kind, GW_SIGNAL_KIND_RATE, now_ns);
    take(parent, GW_SIGNAL_PARENT_RATE, now_ns);
    take(resolver, GW_SIGNAL_RESOLVER_RATE, now_ns);
    return true;
}
