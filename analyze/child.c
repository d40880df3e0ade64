/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/child.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/zone.h"

#define MATTERS_MAX (1u << 16)

/* A difference that lasts no longer is a lapse: agreement goes on. */
#define LAPSE_NS (2 * 3600 * GW_NS_PER_S)

struct gw_children *
gw_zone_children_new(const struct gw_hash_key *key, uint64_t memory)
{
    struct gw_children *children = calloc(1, sizeof(*children));

    if (children == NULL)
        return NULL;
    children->key = key;
    if (gw_table_recall_init(&children->matters, memory, sizeof(struct gw_child), MATTERS_MAX) !=
        GW_DONE) {
        free(children);
        return NULL;
    }
    return children;
}

void
gw_zone_children_free(struct gw_children *children)
{
    if (children == NULL)
        return;
    gw_table_recall_done(&children->matters);
    free(children);
}

uint64_t
gw_zone_children_octets(const struct gw_children *children)
{
    return sizeof(*children) + gw_table_recall_octets(&children->matters);
}

struct gw_child *
gw_zone_child(struct gw_children *children, const struct gw_table_name *name, uint8_t family)
{
    struct gw_child *child =
        gw_table_recall_take(&children->matters, gw_hash_mix(name->hash, family));

    if (child->name.len == 0) {
        child->name.len = name->len;
        memcpy(child->name.wire, name->wire, name->len);
        child->family = family;
    }
    return child;
}

static bool
overlap(const struct gw_addr *left, uint32_t left_count, const struct gw_addr *right,
    uint32_t right_count)
{
    for (uint32_t i = 0; i < left_count; i++)
        for (uint32_t j = 0; j < right_count; j++)
            if (memcmp(&left[i], &right[j], sizeof(left[i])) == 0)
                return true;
    return false;
}

static uint32_t
add_sorted(struct gw_addr *list, uint32_t count, const struct gw_addr *addr)
{
    uint32_t pos = 0;

    while (pos < count && memcmp(list[pos].octet, addr->octet, sizeof(addr->octet)) < 0)
        pos++;
    if (pos == GW_CHILD_ADDRESSES || overlap(list, count, addr, 1))
        return count;
    if (count < GW_CHILD_ADDRESSES)
        count++;
    memmove(&list[pos + 1], &list[pos], (count - 1u - pos) * sizeof(list[0]));
    list[pos] = *addr;
    return count;
}

void
gw_zone_child_say(struct gw_child *child, const struct gw_observation *seen)
{
    struct gw_addr said[GW_CHILD_ADDRESSES];
    uint32_t count = 0;

    for (uint32_t i = 0; i < seen->glue_count; i++)
        if (seen->glue[i].addr.family == child->family && gw_zone_is_answered(seen, i))
            count = add_sorted(said, count, &seen->glue[i].addr);
    if (seen->exchange.reply_facts & (GW_REPLY_ECS | GW_REPLY_ECS_DIFFERS))
        child->varies = true;
    if (child->address_count != 0 && !overlap(child->address, child->address_count, said, count)) {
        /* Back to what it said before: that is no change, it depends on who asks. */
        child->varies |= overlap(child->before, child->before_count, said, count);
        memcpy(child->before, child->address, sizeof(child->before));
        child->before_count = child->address_count;
        child->differs.count = 0;
    }
    memcpy(child->address, said, count * sizeof(said[0]));
    child->address_count = (uint8_t)count;
}

static void
keep_witness(struct gw_child *child, const struct gw_observation *seen)
{
    child->witness = (struct gw_witness){.resolver = seen->resolver,
        .server = seen->server,
        .first_ns = seen->time_ns,
        .last_ns = seen->time_ns,
        .count = 1,
        .frame = seen->frame,
        .input = seen->input};
    child->server_port = seen->server_port;
    child->resolver_port = seen->resolver_port;
    child->id = seen->id;
    child->qtype = seen->qtype;
    child->transport = seen->facts & GW_FACT_TCP ? GW_TRANSPORT_TCP : GW_TRANSPORT_UDP;
    child->ip_ttl = seen->ip_ttl;
}

void
gw_zone_child_compare(struct gw_child *child, const struct gw_observation *seen, bool agree)
{
    struct gw_child_span *span = agree ? &child->agreed : &child->differs;

    if (agree && child->differs.count != 0) {
        if (child->differs.last_ns - child->differs.first_ns > LAPSE_NS)
            child->agreed.count = 0; /* agreement begins anew */
        child->differs.count = 0;
    }
    if (!agree && span->count == 0)
        keep_witness(child, seen);
    if (span->count == 0)
        span->first_ns = seen->time_ns;
    if (span->count == 0 || seen->time_ns > span->last_ns)
        span->last_ns = seen->time_ns;
    span->count = gw_table_add(span->count, 1);
    child->witness.last_ns = agree ? child->witness.last_ns : span->last_ns;
    child->witness.count = agree ? child->witness.count : span->count;
}

uint64_t
gw_zone_child_parent_says(
    const struct gw_table *table, const struct gw_subject *subject, uint8_t family)
{
    const struct gw_claim *claim = gw_table_claims(table, subject);
    const struct gw_row *row = gw_table_rows(table, subject);
    const struct gw_row *latest = NULL;
    uint64_t of_family = 0;
    uint64_t said = 0;

    for (uint32_t i = 0; i < subject->claim_count; i++)
        if (claim[i].family == family && !(claim[i].flags & GW_CLAIM_UNRELATED))
            of_family |= 1ull << i;
    for (uint32_t i = 0; i < subject->row_count; i++)
        if ((row[i].now & of_family) && row[i].exact &&
            (latest == NULL || row[i].last > latest->last ||
                (row[i].last == latest->last && row[i].since_ns > latest->since_ns)))
            latest = &row[i];
    for (uint32_t i = 0; latest != NULL && i < subject->row_count; i++)
        if (row[i].exact && gw_table_tick_ns(table, row[i].last + 1) >= latest->since_ns)
            said |= row[i].now & of_family;
    return said;
}
