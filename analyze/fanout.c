/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/fanout.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/memo.h"

#define MINUTE_REFERRALS 10u
#define MINUTE_TICKS     (60u * GW_TICKS_PER_S)

/* A burst: so many queries for what the referral names, so soon. */
#define BURST_QUERIES 20u
#define BURST_NS      (5LL * 1000000000)

/* Enclosing domains of targets that are told apart; a domain counts when several targets have it.
 */
#define DOMAINS_MAX 8u

struct minute {
    gw_tick at[MINUTE_REFERRALS]; /* of the latest ones, in a ring */
    uint32_t next;
    uint32_t count; /* of entries, MINUTE_REFERRALS at the most */
};

struct watch {
    struct gw_addr resolver;
    int64_t told_ns;
    uint32_t target_count;
    uint32_t domain_count;
    uint64_t target[GW_TARGETS_MAX]; /* keyed hashes of the names */
    uint64_t domain[DOMAINS_MAX];    /* likewise, of what is left without their first label */
    uint32_t domain_targets[DOMAINS_MAX];
    uint32_t queries;
    struct gw_finding finding;
};

struct gw_fanout {
    const struct gw_hash_key *key;
    struct gw_memo *zones;
    struct watch watch[GW_FANOUT_WATCHED];
    uint32_t next;
    int64_t latest_ns; /* when a referral was told last that is watched */
};

struct gw_fanout *
gw_fanout_new(const struct gw_hash_key *key)
{
    struct gw_fanout *fanout = calloc(1, sizeof(*fanout));

    if (fanout == NULL)
        return NULL;
    fanout->key = key;
    fanout->latest_ns = INT64_MIN;
    fanout->zones = gw_memo_new(key, GW_FANOUT_ZONES, sizeof(struct minute));
    if (fanout->zones == NULL) {
        free(fanout);
        return NULL;
    }
    return fanout;
}

void
gw_fanout_free(struct gw_fanout *fanout)
{
    if (fanout == NULL)
        return;
    gw_memo_free(fanout->zones);
    free(fanout);
}

bool
gw_fanout_count(struct gw_fanout *fanout, uint64_t zone, gw_tick now)
{
    const struct gw_memo_key key = {.name = zone};
    struct minute *minute = gw_memo_take(fanout->zones, &key);
    const gw_tick from = now > MINUTE_TICKS ? now - MINUTE_TICKS : 0;

    minute->at[minute->next] = now;
    minute->next = (minute->next + 1) % MINUTE_REFERRALS;
    if (minute->count < MINUTE_REFERRALS)
        minute->count++;
    return minute->count == MINUTE_REFERRALS && minute->at[minute->next] >= from;
}

/* The hash of a name without its first label. */
static uint64_t
domain_of(const struct gw_fanout *fanout, const uint8_t *wire, uint8_t len)
{
    const uint32_t skip = wire[0] == 0 ? 0 : 1u + wire[0];

    return gw_hash_octets(fanout->key, wire + skip, len - skip);
}

static void
add_domain(struct watch *watch, uint64_t hash)
{
    uint32_t i = 0;

    while (i < watch->domain_count && watch->domain[i] != hash)
        i++;
    if (i == DOMAINS_MAX)
        return;
    if (i == watch->domain_count) {
        watch->domain[i] = hash;
        watch->domain_targets[i] = 0;
        watch->domain_count++;
    }
    watch->domain_targets[i]++;
}

void
gw_fanout_watch(
    struct gw_fanout *fanout, const struct gw_observation *seen, const struct gw_finding *finding)
{
    struct watch *watch = &fanout->watch[fanout->next];

    fanout->next = (fanout->next + 1) % GW_FANOUT_WATCHED;
    if (seen->time_ns > fanout->latest_ns)
        fanout->latest_ns = seen->time_ns;
    watch->resolver = seen->resolver;
    watch->told_ns = seen->time_ns;
    watch->target_count = seen->target_count;
    watch->domain_count = 0;
    watch->queries = 0;
    watch->finding = *finding;
    for (uint32_t i = 0; i < seen->target_count; i++) {
        const struct gw_observation_name *name = &seen->target[i].name;
        const uint8_t *wire = seen->names + name->off;

        watch->target[i] = gw_hash_octets(fanout->key, wire, name->len);
        add_domain(watch, domain_of(fanout, wire, name->len));
    }
}

static bool
asks_for_target(const struct watch *watch, uint64_t name, uint64_t domain)
{
    for (uint32_t i = 0; i < watch->domain_count; i++)
        if (watch->domain[i] == domain && watch->domain_targets[i] > 1)
            return true;
    for (uint32_t i = 0; i < watch->target_count; i++)
        if (watch->target[i] == name)
            return true;
    return false;
}

static bool
is_watched(const struct watch *watch, const struct gw_exchange *query)
{
    return watch->target_count != 0 && query->time_ns >= watch->told_ns &&
           query->time_ns - watch->told_ns <= BURST_NS &&
           memcmp(&watch->resolver, &query->resolver, sizeof(watch->resolver)) == 0;
}

const struct gw_finding *
gw_fanout_query(struct gw_fanout *fanout, const struct gw_exchange *query)
{
    uint64_t name = 0;
    uint64_t domain = 0;

    if (query->qname_len == 0 || fanout->latest_ns == INT64_MIN ||
        query->time_ns - fanout->latest_ns > BURST_NS)
        return NULL;
    name = gw_hash_octets(fanout->key, query->qname, query->qname_len);
    domain = domain_of(fanout, query->qname, query->qname_len);
    for (uint32_t i = 0; i < GW_FANOUT_WATCHED; i++) {
        struct watch *watch = &fanout->watch[i];

        if (is_watched(watch, query) && asks_for_target(watch, name, domain) &&
            ++watch->queries == BURST_QUERIES)
            return &watch->finding;
    }
    return NULL;
}
