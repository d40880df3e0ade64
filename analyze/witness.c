/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/table.h"

#include <assert.h>
#include <string.h>

#include "analyze/lists.h"

/*
 * Neighbours are not independent witnesses: a resolver group is one /24 of IPv4 or one /56 of
 * IPv6, unless the operator knows better.
 */
#define GROUP_OCTETS_IP4 3u
#define GROUP_OCTETS_IP6 7u

struct gw_addr
gw_table_group_of(const struct gw_table *table, const struct gw_addr *resolver)
{
    struct gw_addr group;
    uint32_t number;

    memset(&group, 0, sizeof(group));
    if (table != NULL && gw_lists_group(table->anchors.lists, resolver, &number)) {
        group.family = GW_GROUP_NAMED;
        memcpy(group.octet, &number, sizeof(number));
        return group;
    }
    group.family = resolver->family;
    memcpy(
        group.octet, resolver->octet, resolver->family == 4 ? GROUP_OCTETS_IP4 : GROUP_OCTETS_IP6);
    return group;
}

uint64_t
gw_table_witness_hash(
    const struct gw_table *table, const struct gw_addr *resolver, const struct gw_addr *server)
{
    const struct gw_addr pair[2] = {gw_table_group_of(table, resolver), *server};

    return gw_hash_octets(&table->key, pair, sizeof(pair));
}

/* The number of `key`, or UINT32_MAX when there is no room for it. */
static uint32_t
number_of(struct gw_table *table, struct gw_intern *intern, const void *key)
{
    const uint32_t held = gw_table_intern_find(intern, key);

    if (held != UINT32_MAX)
        return held;
    return gw_table_intern_make_way(table, intern) ? gw_table_intern(intern, key) : UINT32_MAX;
}

uint32_t
gw_table_server(struct gw_table *table, const struct gw_addr *addr)
{
    return number_of(table, &table->server, addr);
}

gw_witness_id
gw_table_witness(
    struct gw_table *table, const struct gw_addr *resolver, const struct gw_addr *server)
{
    const struct gw_addr group = gw_table_group_of(table, resolver);
    const uint32_t pair[2] = {
        number_of(table, &table->group, &group), gw_table_server(table, server)};
    const uint32_t known = table->witness.count;
    const uint32_t number = pair[0] == UINT32_MAX || pair[1] == UINT32_MAX
                                ? UINT32_MAX
                                : number_of(table, &table->witness, pair);

    if (number == UINT32_MAX) {
        table->stats->refused_memory++;
        return UINT32_MAX;
    }
    if (number == known) {
        struct gw_witness_record *record = (void *)gw_table_intern_record(&table->witness, number);

        *record =
            (struct gw_witness_record){.group = pair[0], .server = pair[1], .resolver = *resolver};
    }
    return number;
}

const struct gw_witness_record *
gw_table_witness_at(const struct gw_table *table, gw_witness_id witness)
{
    assert(witness < table->witness.count);
    return (const void *)gw_table_intern_record(&table->witness, witness);
}

struct gw_addr
gw_table_server_at(const struct gw_table *table, uint32_t server)
{
    struct gw_addr addr;

    memcpy(&addr, gw_table_intern_at(&table->server, server), sizeof(addr));
    return addr;
}
