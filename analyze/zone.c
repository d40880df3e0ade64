/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/zone.h"

#include <string.h>

#include "analyze/roots.h"

#define TYPE_DS 43u

/* Labels of a name below the root that zones are looked for at: ip6.arpa has 34. */
#define ANCESTORS_LOOKED_AT 40u

/* Addresses that the server of one message is compared with: eight delegations' at the most. */
#define POOL_WORK (8u * GW_CLAIMS_MAX * GW_CLAIMS_MAX)

bool
gw_zone_covers(const uint8_t *zone, uint8_t zone_len, const uint8_t *name, uint8_t name_len)
{
    uint32_t pos = 0;

    while ((uint32_t)name_len - pos > zone_len)
        pos += 1u + name[pos];
    return (uint32_t)name_len - pos == zone_len && memcmp(name + pos, zone, zone_len) == 0;
}

struct gw_table_name
gw_zone_name(const struct gw_observation *seen, const struct gw_observation_name *name)
{
    return (struct gw_table_name){seen->names + name->off, name->hash, name->len};
}

static bool
has_evidence(const struct gw_table *table, gw_zone_id zone, uint32_t server)
{
    const uint32_t pair[2] = {zone, server};

    return gw_table_intern_find(&table->evidence, pair) != UINT32_MAX;
}

void
gw_zone_learn(
    struct gw_table *table, const struct gw_table_name *apex, const struct gw_addr *server)
{
    const gw_zone_id zone = gw_table_zone_make(table, apex);

    if (zone == GW_ZONE_UNKNOWN)
        return;

    const uint32_t pair[2] = {zone, gw_table_server(table, server)};

    if (pair[1] == UINT32_MAX || !gw_table_intern_make_way(table, &table->evidence) ||
        gw_table_intern(&table->evidence, pair) == UINT32_MAX)
        table->stats->refused_memory++;
}

/* Do the delegation's own name servers have this address, as far as their glue was seen? */
static bool
pool_contains(struct gw_table *table, const struct gw_table_name *zone, const struct gw_addr *addr)
{
    const struct gw_cut *cut = gw_table_cut(table, zone);

    if (cut == NULL)
        return false;

    const struct gw_claim *target = gw_table_claims(table, &cut->subject);

    for (uint32_t i = 0; i < cut->subject.claim_count; i++) {
        const struct gw_subject *host = &gw_table_claim_host(table, &target[i])->subject;
        const struct gw_claim *claim = gw_table_claims(table, host);

        if (table->pool_work < host->claim_count) {
            table->pool_work = 0;
            return false;
        }
        table->pool_work -= host->claim_count;
        for (uint32_t j = 0; j < host->claim_count; j++)
            if (claim[j].family == addr->family &&
                memcmp(claim[j].octet, addr->octet, sizeof(addr->octet)) == 0)
                return true;
    }
    return false;
}

/* Where the part of a name begins that is looked at: no zone is as deep as a name may be. */
static uint32_t
looked_at_from(const struct gw_table_name *name)
{
    uint32_t labels = 0;
    uint32_t pos = 0;

    for (uint32_t end = 0; name->wire[end] != 0; end += 1u + name->wire[end])
        labels++;
    for (; labels > ANCESTORS_LOOKED_AT; labels--)
        pos += 1u + name->wire[pos];
    return pos;
}

/* The root servers are known without evidence, unless the run is about another root. */
static bool
is_root_server(const struct gw_table *table, const struct gw_addr *server)
{
    const struct gw_reference_root *root = gw_reference_roots_at(table->anchors.roots, server);

    return root != NULL && root->retired == 0;
}

struct gw_zone
gw_zone_infer(struct gw_table *table, const struct gw_observation *seen)
{
    const struct gw_table_name qname = gw_zone_name(seen, &seen->qname);
    const uint32_t server = gw_table_intern_find(&table->server, &seen->server);
    struct gw_zone by_glue = {.id = GW_ZONE_UNKNOWN};
    uint32_t pos = looked_at_from(&qname);

    table->pool_work = POOL_WORK;
    if (seen->qtype == TYPE_DS && qname.wire[pos] != 0)
        pos += 1u + qname.wire[pos]; /* DS is asked at the parent (RFC 4035 section 3.1.4.1) */
    for (;; pos += 1u + qname.wire[pos]) {
        const uint8_t len = (uint8_t)(qname.len - pos);
        const struct gw_table_name zone = {
            qname.wire + pos, gw_hash_octets(&table->key, qname.wire + pos, len), len};
        const gw_zone_id id = gw_table_zone(table, &zone);

        if (id != GW_ZONE_UNKNOWN && server != UINT32_MAX && has_evidence(table, id, server))
            return (struct gw_zone){id, zone.wire, len, true};
        if (qname.wire[pos] == 0 && is_root_server(table, &seen->server))
            return (struct gw_zone){gw_table_zone_make(table, &zone), zone.wire, len, true};
        if (by_glue.name == NULL && pool_contains(table, &zone, &seen->server))
            by_glue = (struct gw_zone){gw_table_zone_make(table, &zone), zone.wire, len, false};
        if (qname.wire[pos] == 0)
            return by_glue;
    }
}

bool
gw_zone_is_served_by(
    struct gw_table *table, const struct gw_table_name *zone, const struct gw_addr *server)
{
    const uint32_t number = gw_table_intern_find(&table->server, server);
    const gw_zone_id id = gw_table_zone(table, zone);

    if (id != GW_ZONE_UNKNOWN && number != UINT32_MAX && has_evidence(table, id, number))
        return true;
    table->pool_work = POOL_WORK;
    return pool_contains(table, zone, server);
}

static bool
strictly_under(const struct gw_table_name *name, const struct gw_zone *zone)
{
    return name->len > zone->len && gw_zone_covers(zone->name, zone->len, name->wire, name->len);
}

static enum gw_class
classify_answer(const struct gw_table *table, struct gw_observation *seen,
    const struct gw_zone *zone, const struct gw_table_name *cut)
{
    const gw_zone_id apex = gw_table_zone(table, cut);
    const uint32_t server = gw_table_intern_find(&table->server, &seen->server);
    const bool serves =
        apex != GW_ZONE_UNKNOWN && server != UINT32_MAX && has_evidence(table, apex, server);
    const bool at_zone =
        zone->name != NULL && zone->len == cut->len && memcmp(zone->name, cut->wire, cut->len) == 0;
    /* A server of the parent that answers for the child as well serves both (AA=1 from below z). */
    const bool both =
        (seen->facts & GW_FACT_UNDER_CUT) && (zone->name == NULL || strictly_under(cut, zone));

    if (!(seen->facts & GW_FACT_AA) || !(serves || at_zone || both))
        seen->facts |= GW_FACT_PROMISCUOUS;
    return GW_CLASS_ANSWER;
}

enum gw_class
gw_zone_classify(
    const struct gw_table *table, struct gw_observation *seen, const struct gw_zone *zone)
{
    const struct gw_table_name cut = gw_zone_name(seen, &seen->cut);
    const bool under_cut = (seen->facts & (GW_FACT_UNDER_CUT | GW_FACT_NS_IN_ANSWER)) != 0;
    const bool below_zone = zone->name == NULL ? cut.wire[0] != 0 : strictly_under(&cut, zone);

    if (seen->class != GW_CLASS_DELEGATION)
        return seen->class;
    if ((seen->facts & GW_FACT_ALIAS) && under_cut && below_zone)
        return GW_CLASS_PARTIAL_REFERRAL;
    if ((seen->facts & (GW_FACT_ALIAS | GW_FACT_ANSWERED)) && !(seen->facts & GW_FACT_NS_IN_ANSWER))
        return classify_answer(table, seen, zone, &cut);
    if (below_zone && under_cut)
        return GW_CLASS_REFERRAL;
    if (!under_cut)
        return GW_CLASS_SIDEWAYS;
    if (zone->name != NULL && zone->len == cut.len)
        return seen->facts & GW_FACT_AA ? GW_CLASS_NODATA_NOSOA : GW_CLASS_SELF_REFERRAL;
    return GW_CLASS_UPWARD;
}

/* Does the server serve a zone, other than the one it was asked in, that the owner is under? */
static bool
serves_ancestor(
    struct gw_table *table, const struct gw_observation *seen, const struct gw_table_name *owner)
{
    const uint32_t server = gw_table_intern_find(&table->server, &seen->server);

    for (uint32_t pos = looked_at_from(owner); server != UINT32_MAX; pos += 1u + owner->wire[pos]) {
        const uint8_t len = (uint8_t)(owner->len - pos);
        const struct gw_table_name zone = {
            owner->wire + pos, gw_hash_octets(&table->key, owner->wire + pos, len), len};
        const gw_zone_id id = gw_table_zone(table, &zone);

        if (id != GW_ZONE_UNKNOWN && has_evidence(table, id, server))
            return true;
        if (len > 1 && pool_contains(table, &zone, &seen->server))
            return true;
        if (owner->wire[pos] == 0)
            break;
    }
    return false;
}

enum gw_zone_relation
gw_zone_relate(struct gw_table *table, const struct gw_observation *seen,
    const struct gw_zone *zone, const struct gw_observation_name *owner)
{
    const struct gw_table_name name = gw_zone_name(seen, owner);

    if (gw_zone_covers(seen->names + seen->cut.off, seen->cut.len, name.wire, name.len))
        return GW_ZONE_IN_DOMAIN;
    if (zone->name == NULL)
        return GW_ZONE_UNCERTAIN;
    if (gw_zone_covers(zone->name, zone->len, name.wire, name.len))
        return GW_ZONE_SIBLING;
    if (serves_ancestor(table, seen, &name))
        return GW_ZONE_COHOSTED;
    return table->pool_work == 0 ? GW_ZONE_UNCERTAIN : GW_ZONE_FOREIGN;
}

bool
gw_zone_is_answered(const struct gw_observation *seen, uint32_t index)
{
    return seen->kind == GW_OBSERVATION_ADDRESS || seen->glue[index].stray == GW_IN_ANSWER;
}

uint8_t
gw_zone_answered_target(const struct gw_observation *seen)
{
    for (uint32_t i = 0; i < seen->glue_count; i++)
        if (gw_zone_is_answered(seen, i) && seen->glue[i].target < seen->target_count)
            return seen->glue[i].target;
    return GW_NO_TARGET;
}
