/* SPDX-License-Identifier: BSD-2-Clause */
/* Which findings belong together? */
#include "analyze/matter.h"

#include <string.h>

#include "analyze/signal.h"
#include "analyze/zone.h"
#include "base/hash.h"

/* A race lasts no longer than a resolver waits. */
#define NEAR_NS (2 * GW_NS_PER_S)

/* What has one address, or one resolver, in common belongs together for so long. */
#define DAY_NS (24 * 3600 * GW_NS_PER_S)

#define REOPEN_NS (7 * DAY_NS)

/* Neighbours are one resolver group, as in analyze/witness.c. */
#define GROUP_OCTETS_IP4 3u
#define GROUP_OCTETS_IP6 7u

uint64_t
gw_incident_key(const struct gw_name *name)
{
    uint8_t id[16];
    uint64_t key;

    if (name->len == 0)
        return 0;
    gw_hash_stable(name->wire, name->len, id);
    memcpy(&key, id, sizeof(key));
    return key | 1u;
}

bool
gw_incident_same_group(const struct gw_addr *left, const struct gw_addr *right)
{
    return left->family != 0 && left->family == right->family &&
           memcmp(left->octet, right->octet,
               left->family == 4 ? GROUP_OCTETS_IP4 : GROUP_OCTETS_IP6) == 0;
}

static bool
same_addr(const struct gw_addr *left, const struct gw_addr *right)
{
    return left->family != 0 && left->family == right->family &&
           memcmp(left->octet, right->octet, sizeof(left->octet)) == 0;
}

bool
gw_incident_has_key(const struct gw_matter *matter, uint64_t key)
{
    for (uint32_t i = 0; key != 0 && i < matter->key_count; i++)
        if (matter->key[i] == key)
            return true;
    return false;
}

enum gw_matter_sort
gw_incident_sort(const struct gw_finding *finding)
{
    static const enum gw_matter_sort sorts[GW_KIND_COUNT] = {
        [GW_KIND_NS_FANOUT] = GW_MATTER_DOS,
        [GW_KIND_GLUE_BOGON] = GW_MATTER_BROKEN,
        [GW_KIND_GLUE_LOOPBACK] = GW_MATTER_BROKEN,
        [GW_KIND_REQUIRED_GLUE_MISSING] = GW_MATTER_BROKEN,
        [GW_KIND_REFERRAL_UPWARD] = GW_MATTER_BROKEN,
        [GW_KIND_NS_TARGET_INVALID] = GW_MATTER_BROKEN,
        [GW_KIND_GLUE_ORPHAN] = GW_MATTER_BROKEN,
    };
    const bool broken_unless_new = finding->kind == GW_KIND_DELEGATION_NOT_SERVED ||
                                   finding->kind == GW_KIND_PARENT_CHILD_MISMATCH;

    if (broken_unless_new && finding->severity < GW_MEDIUM)
        return GW_MATTER_BROKEN;
    if (gw_signal_is_stale_server(finding))
        return GW_MATTER_BROKEN;
    return sorts[finding->kind];
}

bool
gw_incident_has_resolver(const struct gw_matter *matter, const struct gw_addr *resolver)
{
    for (uint32_t i = 0; i < matter->resolver_count; i++)
        if (gw_incident_same_group(&matter->resolvers[i], resolver))
            return true;
    return false;
}

uint32_t
gw_incident_first_odd(const struct gw_finding *finding)
{
    if (finding->set_count == 0)
        return 0;
    return finding->kind == GW_KIND_RESP_DOUBLE_CONFLICT && finding->set[0].group_count < 2
               ? 0
               : finding->set_count - 1;
}

static bool
has_address(const struct gw_matter *matter, const struct gw_finding *finding)
{
    for (uint32_t set = gw_incident_first_odd(finding); set < finding->set_count; set++)
        for (uint32_t i = 0; i < finding->set[set].address_count; i++)
            for (uint32_t j = 0; j < matter->address_count; j++)
                if (same_addr(&finding->set[set].address[i], &matter->addresses[j]))
                    return true;
    return false;
}

/* Do two spans of time touch when each is made longer by `reach`? */
static bool
is_near(const struct gw_matter *matter, const struct gw_finding *finding, int64_t reach)
{
    return finding->first_ns <= matter->last_ns + reach &&
           matter->first_ns <= finding->last_ns + reach;
}

static bool
covers(const struct gw_name *cut, const struct gw_name *question)
{
    return cut->len > 1 && question->len != 0 &&
           gw_zone_covers(cut->wire, cut->len, question->wire, question->len);
}

/* How long what was forged is believed. */
static int64_t
belief_ns(uint32_t ttl_s)
{
    const int64_t ttl_ns = (int64_t)ttl_s * GW_NS_PER_S;

    return ttl_ns < NEAR_NS ? NEAR_NS : ttl_ns > DAY_NS ? DAY_NS : ttl_ns;
}

static uint32_t
ttl_of(const struct gw_finding *finding)
{
    return finding->set_count == 0 ? 0 : finding->set[finding->set_count - 1].ttl_max_s;
}

/* Was a resolver of this group told the contrary side, by this server where one is given? */
static bool
was_told(
    const struct gw_finding *finding, const struct gw_addr *resolver, const struct gw_addr *server)
{
    const struct gw_finding_set *contrary =
        finding->set_count == 0 ? NULL : &finding->set[finding->set_count - 1];

    if (gw_incident_same_group(&finding->resolver, resolver) &&
        (server == NULL || same_addr(&finding->server, server)))
        return true;
    for (uint32_t i = 0; contrary != NULL && i < contrary->witness_count; i++)
        if (gw_incident_same_group(&contrary->witness[i].resolver, resolver) &&
            (server == NULL || same_addr(&contrary->witness[i].server, server)))
            return true;
    return false;
}

/*
 * Transport evidence names a resolver, a server and a question; what was believed names a
 * delegation. They are one race when one resolver was told, and the server is the same or the
 * question lies under the delegation.
 */
static bool
is_race_of_matter(const struct gw_matter *matter, const struct gw_finding *finding)
{
    if (!gw_incident_has_resolver(matter, &finding->resolver))
        return false;
    if (covers(&matter->cut, &finding->qname))
        return is_near(matter, finding, belief_ns(matter->ttl_s));
    return same_addr(&matter->server, &finding->server) && is_near(matter, finding, NEAR_NS);
}

static bool
is_outcome_of_matter(const struct gw_matter *matter, const struct gw_finding *finding)
{
    if (!was_told(finding, &matter->resolver, NULL))
        return false;
    if (covers(&finding->cut, &matter->question))
        return is_near(matter, finding, belief_ns(ttl_of(finding)));
    return was_told(finding, &matter->resolver, &matter->server) &&
           is_near(matter, finding, NEAR_NS);
}

static bool
is_same_pair(const struct gw_matter *matter, const struct gw_finding *finding)
{
    return gw_incident_same_group(&matter->resolver, &finding->resolver) &&
           same_addr(&matter->server, &finding->server) && is_near(matter, finding, DAY_NS);
}

/* One server that alone says otherwise does so of many delegations. */
static bool
is_of_server(const struct gw_matter *matter, const struct gw_finding *finding)
{
    const struct gw_finding_set *contrary =
        finding->set_count == 0 ? NULL : &finding->set[finding->set_count - 1];

    if (!matter->by_server || finding->split != GW_SPLIT_SERVER || contrary == NULL ||
        !is_near(matter, finding, DAY_NS))
        return false;
    for (uint32_t i = 0; i < contrary->witness_count; i++)
        if (same_addr(&contrary->witness[i].server, &matter->server))
            return true;
    return same_addr(&finding->server, &matter->server);
}

static bool
is_of_injection(const struct gw_matter *matter, const struct gw_finding *finding)
{
    return (finding->kind == GW_KIND_RESP_DOUBLE_CONFLICT ||
               finding->kind == GW_KIND_RESP_PATH_OUTLIER ||
               finding->kind == GW_KIND_PROMISCUOUS_NS) &&
           (gw_incident_has_resolver(matter, &finding->resolver) ||
               same_addr(&matter->server, &finding->server)) &&
           is_near(matter, finding, DAY_NS);
}

static bool
is_of_rolled(const struct gw_matter *matter, const struct gw_matter_clue *clue)
{
    return matter->zone_key == clue->zone && clue->zone != 0 &&
           (matter->kind_count[clue->finding->kind] != 0) && !clue->finding->watched &&
           clue->finding->severity < GW_HIGH && is_near(matter, clue->finding, DAY_NS);
}

bool
gw_incident_fits(const struct gw_matter *matter, const struct gw_matter_clue *clue)
{
    const struct gw_finding *finding = clue->finding;
    const bool bare = clue->cut == 0 && clue->name == 0;

    if (matter->sort != clue->sort)
        return false;
    if (matter->state == GW_INCIDENT_CLOSED && clue->now_ns - matter->closed_ns > REOPEN_NS)
        return false;
    if (gw_incident_has_key(matter, clue->name) || gw_incident_has_key(matter, clue->cut))
        return true;
    if (matter->rolled && is_of_rolled(matter, clue))
        return true;
    if (bare && !matter->has_cut && !matter->injection)
        return is_same_pair(matter, finding);
    if (matter->sort != GW_MATTER_ATTACK)
        return false;
    if (matter->injection)
        return is_of_injection(matter, finding);
    if (is_of_server(matter, finding))
        return true;
    if (has_address(matter, finding) && is_near(matter, finding, DAY_NS))
        return true;
    if (bare)
        return is_race_of_matter(matter, finding);
    return !matter->has_cut && is_outcome_of_matter(matter, finding);
}
