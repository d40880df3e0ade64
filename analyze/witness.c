/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * Neighbours are not independent witnesses: a resolver group is one /24 of IPv4 or one /56 of
 * IPv6.
 */
#define GROUP_OCTETS_IP4 3u
#define GROUP_OCTETS_IP6 7u

static struct gw_addr
group_of(const struct gw_addr *resolver)
{
    struct gw_addr group;

    memset(&group, 0, sizeof(group));
    group.family = resolver->family;
    memcpy(
        group.octet, resolver->octet, resolver->family == 4 ? GROUP_OCTETS_IP4 : GROUP_OCTETS_IP6);
    return group;
}

uint64_t
gw_table_witness_hash(
    const struct gw_table *table, const struct gw_addr *resolver, const struct gw_addr *server)
{
    const struct gw_addr pair[2] = {group_of(resolver), *server};

    return gw_hash_octets(&table->key, pair, sizeof(pair));
}

/* The per-server and per-witness arrays grow with the interned keys. */
static bool
grow_strays_init(struct gw_table *table, uint32_t room)
{
    uint8_t *strays = realloc(table->stray_count, table->server.room);

    if (strays == NULL)
        return false;
    memset(strays + room, 0, table->server.room - room);
    table->stray_count = strays;
    return true;
}

uint32_t
gw_table_server(struct gw_table *table, const struct gw_addr *addr)
{
    const uint32_t room = table->server.room;
    const uint32_t number = gw_table_intern(&table->server, addr);

    return room == table->server.room || grow_strays_init(table, room) ? number : UINT32_MAX;
}

static bool
grow_records_init(struct gw_table *table)
{
    struct gw_witness_record *records =
        realloc(table->witness_record, table->witness.room * sizeof(*records));

    if (records == NULL)
        return false;
    table->witness_record = records;
    return true;
}

gw_witness_id
gw_table_witness(
    struct gw_table *table, const struct gw_addr *resolver, const struct gw_addr *server)
{
    const struct gw_addr group = group_of(resolver);
    const uint32_t pair[2] = {
        gw_table_intern(&table->group, &group), gw_table_server(table, server)};
    const uint32_t room = table->witness.room;
    const uint32_t known = table->witness.count;
    const uint32_t number = pair[0] == UINT32_MAX || pair[1] == UINT32_MAX
                                ? UINT32_MAX
                                : gw_table_intern(&table->witness, pair);

    if (number == UINT32_MAX || (room != table->witness.room && !grow_records_init(table))) {
        table->stats->refused_memory++;
        return UINT32_MAX;
    }
    if (number == known)
        table->witness_record[number] =
            (struct gw_witness_record){.group = pair[0], .server = pair[1], .resolver = *resolver};
    return number;
}

const struct gw_witness_record *
gw_table_witness_at(const struct gw_table *table, gw_witness_id witness)
{
    assert(witness < table->witness.count);
    return &table->witness_record[witness];
}

struct gw_addr
gw_table_server_at(const struct gw_table *table, uint32_t server)
{
    struct gw_addr addr;

    memcpy(&addr, gw_table_intern_at(&table->server, server), sizeof(addr));
    return addr;
}
