/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/denial.h"

#include <stdlib.h>
#include <string.h>

#define CUTS_MAX   4096u
#define ABSENT_MAX (1u << 16)

#define RCODE_NXDOMAIN 3u
#define TYPE_DS        43u

/* Packet time of a tick is rounded down. */
#define TICK_NS (1ll << GW_TICK_SHIFT)

struct gw_denials *
gw_denial_new(const struct gw_hash_key *key, uint64_t memory)
{
    struct gw_denials *denials = calloc(1, sizeof(*denials));

    if (denials == NULL)
        return NULL;
    denials->key = key;
    if (gw_table_recall_init(&denials->cuts, memory / 2, sizeof(struct gw_denial), CUTS_MAX) !=
            GW_DONE ||
        gw_table_recall_init(&denials->absent, memory / 2, sizeof(struct gw_absent), ABSENT_MAX) !=
            GW_DONE) {
        gw_denial_free(denials);
        return NULL;
    }
    return denials;
}

void
gw_denial_free(struct gw_denials *denials)
{
    if (denials == NULL)
        return;
    gw_table_recall_done(&denials->cuts);
    gw_table_recall_done(&denials->absent);
    free(denials);
}

uint64_t
gw_denial_octets(const struct gw_denials *denials)
{
    return sizeof(*denials) + gw_table_recall_octets(&denials->cuts) +
           gw_table_recall_octets(&denials->absent);
}

bool
gw_denial_is_solid(const struct gw_observation *seen)
{
    if (!(seen->facts & GW_FACT_AA) || (seen->facts & GW_FACT_TC))
        return false;
    if (seen->kind == GW_OBSERVATION_DENIAL)
        return seen->rcode == RCODE_NXDOMAIN || seen->qtype != TYPE_DS;
    return seen->kind == GW_OBSERVATION_AUTHORITY && seen->class == GW_CLASS_NODATA &&
           (seen->facts & GW_FACT_SOA) && seen->qtype != TYPE_DS;
}

static uint32_t
ttl_of(const struct gw_table *table, const struct gw_cut *cut)
{
    const struct gw_claim *claim = gw_table_claims(table, &cut->subject);
    uint32_t ttl_s = 0;

    for (uint32_t i = 0; i < cut->subject.claim_count; i++)
        if (claim[i].ttl_max_s > ttl_s)
            ttl_s = claim[i].ttl_max_s;
    return ttl_s;
}

static struct gw_denial *
take(struct gw_denials *denials, const struct gw_table *table, const struct gw_cut *cut)
{
    struct gw_denial *denial = gw_table_recall_take(&denials->cuts, cut->hash);

    if (denial->cut.len == 0) {
        denial->cut.len = cut->name_len;
        memcpy(denial->cut.wire, gw_arena_at(&table->arena, cut->name), cut->name_len);
    }
    denial->ttl_s = ttl_of(table, cut);
    return denial;
}

static void
restart(struct gw_denial *denial, const struct gw_witness *witness)
{
    denial->first_ns = witness->first_ns;
    denial->last_ns = witness->first_ns;
    denial->witness = *witness;
    denial->group_count = 0;
    denial->address_count = 0;
    denial->replaced = false;
}

static void
note_group(struct gw_denial *denial, const struct gw_addr *resolver)
{
    const struct gw_addr group = gw_table_group_of(NULL, resolver);
    const uint32_t kept =
        denial->group_count < GW_DENIAL_GROUPS ? denial->group_count : GW_DENIAL_GROUPS;

    for (uint32_t i = 0; i < kept; i++)
        if (memcmp(&denial->group[i], &group, sizeof(group)) == 0)
            return;
    if (denial->group_count < GW_DENIAL_GROUPS)
        denial->group[denial->group_count++] = group;
}

bool
gw_denial_is_withdrawn(const struct gw_denial *denial, struct gw_table *table, struct gw_cut *cut)
{
    const struct gw_row *row;

    gw_table_fold(table, cut);
    row = gw_table_rows(table, &cut->subject);
    for (uint32_t i = 0; i < cut->subject.row_count; i++)
        if (gw_table_tick_ns(table, row[i].last) > denial->last_ns + TICK_NS)
            return true;
    return false;
}

static struct gw_witness
witness_of(const struct gw_observation *seen)
{
    return (struct gw_witness){.resolver = seen->resolver,
        .server = seen->server,
        .first_ns = seen->time_ns,
        .last_ns = seen->time_ns,
        .count = 1,
        .frame = seen->frame,
        .input = seen->input};
}

void
gw_denial_note(struct gw_denials *denials, struct gw_table *table, struct gw_cut *cut,
    const struct gw_observation *seen)
{
    struct gw_denial *denial = take(denials, table, cut);
    const struct gw_witness witness = witness_of(seen);

    if (denial->witness.count == 0 || denial->replaced ||
        gw_denial_is_withdrawn(denial, table, cut))
        restart(denial, &witness);
    denial->zone.len = seen->cut.len;
    memcpy(denial->zone.wire, seen->names + seen->cut.off, seen->cut.len);
    if (seen->time_ns > denial->last_ns)
        denial->last_ns = seen->time_ns;
    denial->witness.last_ns = denial->last_ns;
    note_group(denial, &seen->resolver);
}

static void
keep_addresses(
    const struct gw_table *table, const struct gw_cut *cut, uint64_t old, struct gw_denial *denial)
{
    const struct gw_claim *claim = gw_table_claims(table, &cut->subject);

    for (; old != 0; old &= old - 1) {
        const struct gw_subject *host =
            &gw_table_claim_host(table, &claim[__builtin_ctzll(old)])->subject;
        const struct gw_claim *said = gw_table_claims(table, host);

        for (uint32_t i = 0; i < host->claim_count && denial->address_count < GW_DENIAL_ADDRESSES;
             i++) {
            struct gw_addr *addr = &denial->address[denial->address_count++];

            *addr = (struct gw_addr){.family = said[i].family};
            memcpy(addr->octet, said[i].octet, sizeof(addr->octet));
        }
    }
}

void
gw_denial_note_replaced(struct gw_denials *denials, struct gw_table *table, struct gw_cut *cut,
    uint64_t old, const struct gw_witness *witness)
{
    struct gw_denial *denial = take(denials, table, cut);

    if (denial->replaced && denial->first_ns == witness->first_ns)
        return;
    restart(denial, witness);
    denial->replaced = true;
    note_group(denial, &witness->resolver);
    keep_addresses(table, cut, old, denial);
    if (cut->parent != GW_ZONE_UNKNOWN) {
        const struct gw_zone_record *zone = gw_table_zone_at(table, cut->parent);

        denial->zone.len = zone->name_len;
        memcpy(denial->zone.wire, gw_arena_at(&table->arena, zone->name), zone->name_len);
    }
}

struct gw_denial *
gw_denial_of(const struct gw_denials *denials, const struct gw_table_name *name)
{
    return gw_table_recall_find(&denials->cuts, name->hash);
}

void
gw_denial_note_absent(struct gw_denials *denials, const struct gw_observation *seen)
{
    struct gw_absent *absent = gw_table_recall_take(&denials->absent, seen->qname.hash);

    *absent = (struct gw_absent){.time_ns = seen->time_ns,
        .zone_len = seen->cut.len,
        .nonexistent = seen->rcode == RCODE_NXDOMAIN,
        .witness = witness_of(seen)};
}

const struct gw_absent *
gw_denial_absent(const struct gw_denials *denials, const struct gw_table_name *name, int64_t now_ns)
{
    const struct gw_absent *absent = gw_table_recall_find(&denials->absent, name->hash);

    if (absent == NULL || absent->time_ns == 0 || now_ns - absent->time_ns > GW_DENIAL_ABSENT_NS)
        return NULL;
    return absent;
}
