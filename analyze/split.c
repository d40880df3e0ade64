/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/split.h"

#include <string.h>

/*
 * A server's processes reload one after the other: this much going back and forth is no evidence.
 */
#define RELOAD_TICKS (2u * GW_TICKS_PER_S)

struct compared {
    const struct gw_table *table;
    const struct gw_claim *claim;
    const struct gw_row *row;
    uint64_t family; /* claims that are compared */
    uint64_t rows;   /* rows that are compared */
};

static uint64_t
family_mask(const struct gw_claim *claim, uint32_t count, uint8_t family)
{
    uint64_t mask = 0;

    for (uint32_t i = 0; i < count; i++)
        if (claim[i].family == family && !(claim[i].flags & GW_CLAIM_UNRELATED))
            mask |= 1ull << i;
    return mask;
}

static uint64_t
rows_in_question(const struct compared *cmp, const struct gw_split_query *query)
{
    uint64_t mask = 0;

    for (uint32_t i = 0; i < query->subject->row_count; i++) {
        const struct gw_row *row = &cmp->row[i];
        const bool fits = row->zone == query->zone || row->zone == GW_ZONE_UNKNOWN ||
                          query->zone == GW_ZONE_UNKNOWN;
        const bool recent = query->now <= row->last || query->now - row->last <= GW_WINDOW_TICKS;

        if (fits && recent && (row->ever & cmp->family) != 0)
            mask |= 1ull << i;
    }
    return mask;
}

static uint64_t
rows_that_said(const struct compared *cmp, uint64_t claims)
{
    uint64_t said = 0;

    for (uint64_t rows = cmp->rows; rows != 0; rows &= rows - 1) {
        const uint32_t i = (uint32_t)__builtin_ctzll(rows);

        if (cmp->row[i].ever & claims)
            said |= 1ull << i;
    }
    return said;
}

static const struct gw_witness_record *
witness_of(const struct compared *cmp, uint32_t row)
{
    return gw_table_witness_at(cmp->table, cmp->row[row].witness);
}

/*
 * A resolver or a server with an IPv4 and an IPv6 address is one: count what is distinct per
 * family and take the larger number.
 */
static uint32_t
count_distinct(const struct compared *cmp, uint64_t rows, bool servers)
{
    uint32_t seen[GW_ROWS_MAX];
    uint32_t count = 0;
    uint32_t of_family[2] = {0, 0};

    for (; rows != 0; rows &= rows - 1) {
        const struct gw_witness_record *witness = witness_of(cmp, (uint32_t)__builtin_ctzll(rows));
        const uint32_t number = servers ? witness->server : witness->group;
        uint32_t i = 0;

        while (i < count && seen[i] != number)
            i++;
        if (i < count)
            continue;
        seen[count++] = number;
        of_family[witness->resolver.family == 6]++;
    }
    return of_family[0] > of_family[1] ? of_family[0] : of_family[1];
}

static uint32_t
count_groups(const struct compared *cmp, uint64_t rows)
{
    return count_distinct(cmp, rows, false);
}

static uint32_t
count_servers(const struct compared *cmp, uint64_t rows)
{
    return count_distinct(cmp, rows, true);
}

static struct gw_side
side_of(const struct compared *cmp, uint64_t claims)
{
    struct gw_side side = {
        .claims = claims, .rows = rows_that_said(cmp, claims), .first = UINT32_MAX};

    for (uint64_t mask = claims; mask != 0; mask &= mask - 1) {
        const struct gw_claim *claim = &cmp->claim[__builtin_ctzll(mask)];

        if (claim->first < side.first)
            side.first = claim->first;
        if (claim->last > side.last)
            side.last = claim->last;
        if (claim->messages > side.messages)
            side.messages = claim->messages;
    }
    side.groups = count_groups(cmp, side.rows);
    side.servers = count_servers(cmp, side.rows);
    return side;
}

/* Claims that are said together belong together. */
static uint64_t
cluster_of(const struct compared *cmp, uint64_t seed)
{
    uint64_t cluster = seed;
    uint64_t before = 0;

    while (cluster != before) {
        before = cluster;
        for (uint64_t rows = cmp->rows; rows != 0; rows &= rows - 1) {
            const uint64_t now = cmp->row[__builtin_ctzll(rows)].now & cmp->family;

            if (now & cluster)
                cluster |= now;
        }
    }
    return cluster;
}

static bool
better_supported(const struct gw_side *left, const struct gw_side *right)
{
    if (left->groups != right->groups)
        return left->groups > right->groups;
    if (left->servers != right->servers)
        return left->servers > right->servers;
    if (left->messages != right->messages)
        return left->messages > right->messages;
    return left->first < right->first;
}

/* The best supported cluster against all the others; false when there is one only. */
static bool
part_by_cluster(const struct compared *cmp, uint64_t said, struct gw_split_view *view)
{
    uint64_t rest = said;
    bool any = false;

    while (rest != 0) {
        const uint64_t cluster = cluster_of(cmp, rest & (~rest + 1)) & said;
        const struct gw_side side = side_of(cmp, cluster);

        if (!any || better_supported(&side, &view->known))
            view->known = side;
        any = true;
        rest &= ~cluster;
    }
    if ((said & ~view->known.claims) == 0)
        return false;
    view->contrary = side_of(cmp, said & ~view->known.claims);
    view->disjoint = true;
    return true;
}

/*
 * Members that one group or one server alone says, while the others' exact and steady sets lack
 * them.
 */
static bool
part_by_extra(const struct compared *cmp, uint64_t said, struct gw_split_view *view)
{
    uint64_t extra = 0;
    uint64_t steady = 0;

    for (uint64_t mask = said; mask != 0; mask &= mask - 1) {
        const uint64_t claim = mask & (~mask + 1);
        const uint64_t rows = rows_that_said(cmp, claim);

        if (count_groups(cmp, rows) == 1 || count_servers(cmp, rows) == 1)
            extra |= claim;
    }
    for (uint64_t rows = cmp->rows & ~rows_that_said(cmp, extra); rows != 0; rows &= rows - 1) {
        const struct gw_row *row = &cmp->row[__builtin_ctzll(rows)];

        if (!row->exact || ((row->ever ^ row->now) & cmp->family) != 0)
            return false;
        steady |= rows & (~rows + 1);
    }
    if (extra == 0 || extra == said)
        return false;
    view->contrary = side_of(cmp, extra);
    view->known = side_of(cmp, said & ~extra);
    view->known.rows = steady;
    view->known.groups = count_groups(cmp, steady);
    view->known.servers = count_servers(cmp, steady);
    return view->known.groups >= 2 || view->known.servers >= 2;
}

/* Each address known to several groups and several servers: the zone rotates a pool. */
static bool
is_pool(const struct compared *cmp, uint64_t said)
{
    for (; said != 0; said &= said - 1) {
        const uint64_t rows = rows_that_said(cmp, said & (~said + 1));

        if (count_groups(cmp, rows) < 2 || count_servers(cmp, rows) < 2)
            return false;
    }
    return true;
}

static bool
same_server_said_newer(const struct compared *cmp, uint32_t row, uint64_t newer)
{
    const struct gw_row *late = &cmp->row[row];
    const uint32_t server = witness_of(cmp, row)->server;

    for (uint64_t rows = cmp->rows; rows != 0; rows &= rows - 1) {
        const uint32_t i = (uint32_t)__builtin_ctzll(rows);
        const struct gw_row *other = &cmp->row[i];
        const int64_t late_ns = gw_table_tick_ns(cmp->table, late->last);

        if (i != row && witness_of(cmp, i)->server == server && (other->now & newer) &&
            gw_table_tick_ns(cmp->table,
                late->last > RELOAD_TICKS ? late->last - RELOAD_TICKS : 0) > other->since_ns &&
            late_ns > other->since_ns)
            return true;
    }
    return false;
}

/* Who still said the older side after the newer was first seen? */
static void
order_in_time(const struct compared *cmp, struct gw_split_view *view)
{
    const struct gw_side *newer = view->newer_is_contrary ? &view->contrary : &view->known;

    view->since = newer->first;
    view->change = true;
    for (uint64_t rows = cmp->rows; rows != 0; rows &= rows - 1) {
        const uint32_t i = (uint32_t)__builtin_ctzll(rows);
        const struct gw_row *row = &cmp->row[i];

        if (row->now & newer->claims)
            continue;
        if (row->ever & newer->claims) { /* it said the newer side and went back */
            view->taken_back = true;
            view->change = false;
        }
        if (row->last <= newer->first)
            continue;
        view->change = false;
        if (row->last - newer->first > view->overlap)
            view->overlap = row->last - newer->first;
        if (same_server_said_newer(cmp, i, newer->claims))
            view->taken_back = true;
    }
}

static enum gw_split
line_of_split(const struct compared *cmp, const struct gw_split_view *view)
{
    const bool one_group = count_groups(cmp, view->contrary.rows) == 1;
    const bool one_server = view->contrary.servers == 1;

    if (one_group && one_server)
        return GW_SPLIT_BOTH;
    if (one_group)
        return GW_SPLIT_RESOLVER;
    return one_server ? GW_SPLIT_SERVER : GW_SPLIT_NONE;
}

bool
gw_table_split(const struct gw_table *table, const struct gw_split_query *query,
    struct gw_split_view *ret_view)
{
    struct compared cmp = {
        .table = table,
        .claim = gw_table_claims(table, query->subject),
        .row = gw_table_rows(table, query->subject),
    };
    struct gw_split_view view = {0};
    uint64_t said = 0;

    cmp.family = family_mask(cmp.claim, query->subject->claim_count, query->family);
    cmp.rows = rows_in_question(&cmp, query);
    for (uint64_t rows = cmp.rows; rows != 0; rows &= rows - 1)
        said |= cmp.row[__builtin_ctzll(rows)].ever & cmp.family;
    if ((said & (said - 1)) == 0)
        return false;
    if (!part_by_cluster(&cmp, said, &view) && !part_by_extra(&cmp, said, &view))
        return false;
    view.newer_is_contrary = view.contrary.first >= view.known.first;
    order_in_time(&cmp, &view);
    if (!view.change && is_pool(&cmp, said))
        return false;
    view.split = line_of_split(&cmp, &view);
    view.group_total = count_groups(&cmp, cmp.rows);
    view.server_total = count_servers(&cmp, cmp.rows);
    view.other_groups = count_groups(&cmp, view.known.rows & ~view.contrary.rows);
    view.other_servers = count_servers(&cmp, view.known.rows & ~view.contrary.rows);
    *ret_view = view;
    return true;
}

struct gw_side
gw_table_side(const struct gw_table *table, const struct gw_subject *subject, uint64_t claims)
{
    struct compared cmp = {
        .table = table,
        .claim = gw_table_claims(table, subject),
        .row = gw_table_rows(table, subject),
        .family = claims,
    };

    for (uint32_t i = 0; i < subject->row_count; i++)
        cmp.rows |= 1ull << i;
    return side_of(&cmp, claims);
}
