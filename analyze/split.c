/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/split.h"

#include <string.h>

/*
 * A server's processes reload one after the other: this much going back and forth is no evidence.
 */
#define RELOAD_TICKS (2u * GW_TICKS_PER_S)

/* Queries that two responses answered with disjoint addresses: one may be a zone that was reloaded.
 */
#define DISPUTES 2u

/* Messages with one and the same set that make a group or a server steady. */
#define STEADY_MESSAGES 3u

/*
 * The same when both sides are told to several groups by several servers, and were almost from the
 * start: a pool of which each message shows one at random looks steady three times in a row.
 */
#define SPREAD_MESSAGES 8u

/* Along which line witnesses are told apart. */
enum line {
    BY_GROUP,
    BY_SERVER
};

struct compared {
    const struct gw_table *table;
    const struct gw_claim *claim;
    const struct gw_row *row;
    uint64_t family;               /* claims that are compared */
    uint64_t rows;                 /* rows that are compared */
    gw_tick again;                 /* as in the subject, of the family */
    bool disputed;                 /* two responses to one query differed, more than once */
    uint64_t same[2][GW_ROWS_MAX]; /* per line and row: the rows of the same group or server */
    uint64_t ip6[2];               /* per line: rows whose group or server has an IPv6 address */
    uint64_t named;                /* rows whose group the operator's list has */
    uint32_t needed;               /* messages that make a group or a server steady */
};

/* Claims that are said together, in order of first sight. */
struct clusters {
    uint32_t count;
    struct gw_side side[GW_CLAIMS_MAX];
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

static bool
is_named(const struct gw_table *table, uint32_t group)
{
    const struct gw_addr *key = gw_table_intern_at(&table->group, group);

    return key->family == GW_GROUP_NAMED;
}

static void
find_same(struct compared *cmp)
{
    uint32_t number[2][GW_ROWS_MAX];

    for (uint64_t rows = cmp->rows; rows != 0; rows &= rows - 1) {
        const uint32_t i = (uint32_t)__builtin_ctzll(rows);
        const struct gw_witness_record *witness = witness_of(cmp, i);

        number[BY_GROUP][i] = witness->group;
        number[BY_SERVER][i] = witness->server;
        if (witness->resolver.family == 6)
            cmp->ip6[BY_GROUP] |= 1ull << i;
        if (is_named(cmp->table, witness->group))
            cmp->named |= 1ull << i;
    }
    cmp->ip6[BY_SERVER] = cmp->ip6[BY_GROUP]; /* both ends of a message are of one family */
    for (uint32_t line = BY_GROUP; line <= BY_SERVER; line++) {
        for (uint64_t rows = cmp->rows; rows != 0; rows &= rows - 1) {
            const uint32_t i = (uint32_t)__builtin_ctzll(rows);
            uint64_t same = 0;

            for (uint64_t others = cmp->rows; others != 0; others &= others - 1) {
                const uint32_t other = (uint32_t)__builtin_ctzll(others);

                same |= (uint64_t)(number[line][other] == number[line][i]) << other;
            }
            cmp->same[line][i] = same;
        }
    }
}

/*
 * A resolver or a server with an IPv4 and an IPv6 address is one: count what is distinct per
 * family and take the larger number. Groups of the operator's list are told apart by it.
 */
static uint32_t
count_distinct(const struct compared *cmp, uint64_t rows, enum line line)
{
    uint32_t of_family[2] = {0, 0};
    uint32_t named = 0;

    while (rows != 0) {
        const uint32_t i = (uint32_t)__builtin_ctzll(rows);

        if (line == BY_GROUP && ((cmp->named >> i) & 1u))
            named++;
        else
            of_family[(cmp->ip6[line] >> i) & 1u]++;
        rows &= ~cmp->same[line][i];
    }
    return named + (of_family[0] > of_family[1] ? of_family[0] : of_family[1]);
}

static uint32_t
count_groups(const struct compared *cmp, uint64_t rows)
{
    return count_distinct(cmp, rows, BY_GROUP);
}

static uint32_t
count_servers(const struct compared *cmp, uint64_t rows)
{
    return count_distinct(cmp, rows, BY_SERVER);
}

/* Do these rows, of one group or server, say the same set of `claims` again and again? */
static bool
is_steady(const struct compared *cmp, uint64_t rows, uint64_t claims)
{
    const uint64_t set = cmp->row[__builtin_ctzll(rows)].now & claims;
    uint64_t messages = 0;

    for (; rows != 0; rows &= rows - 1) {
        const struct gw_row *row = &cmp->row[__builtin_ctzll(rows)];

        if (!row->exact || (row->now & claims) != set || (row->ever & claims) != set)
            return false;
        messages += row->told;
    }
    return messages >= cmp->needed;
}

/* Count the groups or servers that are steady and never said the contrary. */
static uint32_t
count_steady(const struct compared *cmp, uint64_t claims, uint64_t contrary_rows, enum line line)
{
    uint64_t steady = 0;

    for (uint64_t rows = rows_that_said(cmp, claims); rows != 0;) {
        const uint64_t first = rows & (~rows + 1);
        const uint64_t same = cmp->same[line][__builtin_ctzll(rows)] & rows;

        if ((same & contrary_rows) == 0 && is_steady(cmp, same, claims))
            steady |= first;
        rows &= ~same;
    }
    return count_distinct(cmp, steady, line);
}

static struct gw_side
side_of(const struct compared *cmp, uint64_t claims)
{
    struct gw_side side = {
        .claims = claims,
        .rows = rows_that_said(cmp, claims),
        .first = UINT32_MAX,
        .suspect = claims != 0,
    };

    for (uint64_t mask = claims; mask != 0; mask &= mask - 1) {
        const struct gw_claim *claim = &cmp->claim[__builtin_ctzll(mask)];

        if (claim->first < side.first)
            side.first = claim->first;
        if (claim->last > side.last)
            side.last = claim->last;
        if (claim->messages > side.messages)
            side.messages = claim->messages;
        side.suspect = side.suspect && (claim->flags & GW_CLAIM_SUSPECT) != 0;
    }
    side.groups = count_groups(cmp, side.rows);
    side.servers = count_servers(cmp, side.rows);
    return side;
}

/*
 * Do two claims that one message said together belong together? Yes, if they came together in the
 * first place, are said together now, or were said by two groups: one witness alone cannot tie an
 * address of its own to the known ones.
 */
static bool
belong_together(const struct compared *cmp, uint32_t left, uint32_t right)
{
    const uint64_t both = 1ull << left | 1ull << right;
    uint64_t said = 0;

    if (cmp->claim[left].packet == cmp->claim[right].packet &&
        cmp->claim[left].first_ns == cmp->claim[right].first_ns)
        return true;
    for (uint64_t rows = cmp->rows; rows != 0; rows &= rows - 1) {
        const struct gw_row *row = &cmp->row[__builtin_ctzll(rows)];

        if ((row->now & both) == both)
            return true;
        if ((row->ever & both) == both)
            said |= rows & (~rows + 1);
    }
    return count_groups(cmp, said) >= 2;
}

/* The claims that belong together with one of `seed`, and with these in turn. */
static uint64_t
cluster_of(const struct compared *cmp, uint64_t seed)
{
    uint64_t cluster = seed;
    uint64_t open = seed;

    while (open != 0) {
        const uint32_t from = (uint32_t)__builtin_ctzll(open);
        uint64_t with = cmp->claim[from].with & cmp->family & ~cluster;

        open &= open - 1;
        for (; with != 0; with &= with - 1) {
            if (!belong_together(cmp, from, (uint32_t)__builtin_ctzll(with)))
                continue;
            open |= with & (~with + 1);
            cluster |= with & (~with + 1);
        }
    }
    return cluster;
}

static bool
better_supported(const struct gw_side *left, const struct gw_side *right)
{
    if (left->suspect != right->suspect)
        return right->suspect;
    if (left->groups != right->groups)
        return left->groups > right->groups;
    if (left->servers != right->servers)
        return left->servers > right->servers;
    if (left->messages != right->messages)
        return left->messages > right->messages;
    return left->first < right->first;
}

static void
find_clusters(const struct compared *cmp, uint64_t said, struct clusters *clusters)
{
    while (said != 0) {
        const uint64_t claims = cluster_of(cmp, said & (~said + 1)) & said;
        const struct gw_side side = side_of(cmp, claims);
        uint32_t pos = clusters->count++;

        for (; pos > 0 && clusters->side[pos - 1].first > side.first; pos--)
            clusters->side[pos] = clusters->side[pos - 1];
        clusters->side[pos] = side;
        said &= ~claims;
    }
}

/* Have several witnesses gone over to a later cluster, and nobody said this one since? */
static bool
is_superseded(const struct compared *cmp, const struct clusters *clusters, uint32_t index)
{
    gw_tick silent_since = 0;

    for (uint64_t rows = clusters->side[index].rows; rows != 0; rows &= rows - 1) {
        const struct gw_row *row = &cmp->row[__builtin_ctzll(rows)];

        if ((row->now & clusters->side[index].claims) && row->last > silent_since)
            silent_since = row->last;
    }
    for (uint32_t i = index + 1; i < clusters->count; i++) {
        const struct gw_side *later = &clusters->side[i];

        if (later->first >= silent_since && (later->groups >= 2 || later->servers >= 2))
            return true;
    }
    return false;
}

/* What several have left behind is no side any more, but for the latest when one alone is left. */
static void
drop_superseded(const struct compared *cmp, struct clusters *clusters)
{
    uint64_t dropped = 0;
    uint32_t latest = 0;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < clusters->count; i++) {
        if (!is_superseded(cmp, clusters, i))
            continue;
        if (dropped == 0 || clusters->side[i].last >= clusters->side[latest].last)
            latest = i;
        dropped |= 1ull << i;
    }
    if ((uint32_t)__builtin_popcountll(dropped) + 1 == clusters->count)
        dropped &= ~(1ull << latest);
    for (uint32_t i = 0; i < clusters->count; i++)
        if (!((dropped >> i) & 1u))
            clusters->side[kept++] = clusters->side[i];
    clusters->count = kept;
}

/* The newest cluster that a row says now, or `count`. */
static uint32_t
cluster_now(const struct clusters *clusters, const struct gw_row *row)
{
    for (uint32_t i = clusters->count; i > 0; i--)
        if (row->now & clusters->side[i - 1].claims)
            return i - 1;
    return clusters->count;
}

static uint64_t
claims_after(const struct clusters *clusters, uint32_t index)
{
    uint64_t claims = 0;

    for (uint32_t i = index + 1; i < clusters->count; i++)
        claims |= clusters->side[i].claims;
    return claims;
}

static bool
same_server_said(const struct compared *cmp, uint32_t row, uint64_t newer)
{
    const struct gw_row *late = &cmp->row[row];
    const int64_t late_ns =
        gw_table_tick_ns(cmp->table, late->last > RELOAD_TICKS ? late->last - RELOAD_TICKS : 0);

    for (uint64_t rows = cmp->same[BY_SERVER][row]; rows != 0; rows &= rows - 1) {
        const uint32_t i = (uint32_t)__builtin_ctzll(rows);
        const struct gw_row *other = &cmp->row[i];

        if (i != row && (other->now & newer) && late_ns > other->since_ns)
            return true;
    }
    return false;
}

/* Did the server of this row give @p newer to another resolver after it? Then it only lagged. */
static bool
same_server_went_over(const struct compared *cmp, uint32_t row, uint64_t newer)
{
    const int64_t last_ns = gw_table_tick_ns(cmp->table, cmp->row[row].last);

    for (uint64_t rows = cmp->same[BY_SERVER][row]; rows != 0; rows &= rows - 1) {
        const uint32_t i = (uint32_t)__builtin_ctzll(rows);

        if (i != row && (cmp->row[i].now & newer) && cmp->row[i].since_ns > last_ns)
            return true;
    }
    return false;
}

/* Did every witness go from older clusters to newer ones, and nobody back? */
static void
order_in_time(
    const struct compared *cmp, const struct clusters *clusters, struct gw_split_view *view)
{
    view->change = true;
    view->caught_up = true;
    for (uint64_t rows = cmp->rows; rows != 0; rows &= rows - 1) {
        const uint32_t i = (uint32_t)__builtin_ctzll(rows);
        const struct gw_row *row = &cmp->row[i];
        const uint32_t now = cluster_now(clusters, row);
        const uint64_t newer = claims_after(clusters, now);

        if (newer == 0)
            continue;
        if (row->ever & newer) { /* it said a newer one and went back */
            view->taken_back = true;
            view->change = false;
        }
        if (row->last <= clusters->side[now + 1].first)
            continue;
        view->change = false;
        view->caught_up = view->caught_up && same_server_went_over(cmp, i, newer);
        if (row->last - clusters->side[now + 1].first > view->overlap)
            view->overlap = row->last - clusters->side[now + 1].first;
        if (same_server_said(cmp, i, newer))
            view->taken_back = true;
    }
    if (!view->change && cmp->disputed) /* no server lags behind itself within one answer */
        view->taken_back = true;
}

/*
 * Was the newest set, and no other, told to every group and by several servers, until an older one
 * came back? Then the zone changed twice, and nobody contradicted anybody.
 */
static bool
is_reverted(const struct compared *cmp, const struct clusters *clusters)
{
    const struct gw_side *newest = &clusters->side[clusters->count - 1];
    const uint32_t groups = count_groups(cmp, cmp->rows);

    return cmp->again > newest->first && newest->last <= cmp->again && groups >= 2 &&
           newest->groups == groups && (newest->servers >= 2 || count_servers(cmp, cmp->rows) == 1);
}

static void
part(const struct gw_side *left, const struct gw_side *right, struct gw_split_view *view)
{
    const bool left_is_known = better_supported(left, right);

    view->known = left_is_known ? *left : *right;
    view->contrary = left_is_known ? *right : *left;
}

/* A change parts the two latest clusters; a conflict the best supported from all the others. */
static void
part_by_cluster(
    const struct compared *cmp, const struct clusters *clusters, struct gw_split_view *view)
{
    const uint32_t count = clusters->count;
    uint64_t rest = 0;
    uint32_t best = 0;

    view->disjoint = true;
    order_in_time(cmp, clusters, view);
    if (view->taken_back && is_reverted(cmp, clusters)) {
        view->reverted = true;
        view->change = true;
        view->taken_back = false;
        view->overlap = 0;
    }
    if (!view->taken_back && view->overlap <= GW_LAG_TICKS) {
        part(&clusters->side[count - 2], &clusters->side[count - 1], view);
        return;
    }
    for (uint32_t i = 1; i < count; i++)
        if (better_supported(&clusters->side[i], &clusters->side[best]))
            best = i;
    for (uint32_t i = 0; i < count; i++)
        if (i != best)
            rest |= clusters->side[i].claims;
    view->known = clusters->side[best];
    view->contrary = side_of(cmp, rest);
}

/*
 * Members that one group or one server alone says, while the others' exact and steady sets lack
 * them.
 */
static bool
part_by_extra(const struct compared *cmp, uint64_t said, struct gw_split_view *view)
{
    uint64_t extra = 0;

    for (uint64_t mask = said; mask != 0; mask &= mask - 1) {
        const uint64_t claim = mask & (~mask + 1);
        const uint64_t rows = rows_that_said(cmp, claim);

        if (count_groups(cmp, rows) == 1 || count_servers(cmp, rows) == 1)
            extra |= claim;
    }
    if (extra == 0 || extra == said)
        return false;
    view->contrary = side_of(cmp, extra);
    view->known = side_of(cmp, said & ~extra);
    view->known.rows &= ~view->contrary.rows;
    view->known.groups = count_groups(cmp, view->known.rows);
    view->known.servers = count_servers(cmp, view->known.rows);

    const uint32_t groups = count_steady(cmp, said, view->contrary.rows, BY_GROUP);
    const uint32_t servers = count_steady(cmp, said, view->contrary.rows, BY_SERVER);
    struct clusters sides = {.count = 2, .side = {view->known, view->contrary}};

    if (view->contrary.first < view->known.first)
        sides = (struct clusters){.count = 2, .side = {view->contrary, view->known}};
    order_in_time(cmp, &sides, view);
    return groups >= 2 || servers >= 2;
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

/* What nobody says any more since all have gone over to the newest cluster. */
static uint64_t
left_behind(const struct compared *cmp, const struct clusters *clusters, uint64_t said)
{
    const uint64_t newest = clusters->side[clusters->count - 1].claims;

    if ((cmp->rows & (cmp->rows - 1)) == 0 || clusters->side[clusters->count - 1].suspect)
        return 0;
    for (uint64_t rows = cmp->rows; rows != 0; rows &= rows - 1) {
        const uint64_t now = cmp->row[__builtin_ctzll(rows)].now & cmp->family;

        if (now == 0 || (now & ~newest) != 0)
            return 0;
    }
    return said & ~newest;
}

static enum gw_split
line_of_split(const struct compared *cmp, const struct gw_split_view *view)
{
    const bool one_group = view->contrary.groups == 1 && count_groups(cmp, cmp->rows) > 1;
    const bool one_server = view->contrary.servers == 1 && count_servers(cmp, cmp->rows) > 1;

    if (one_group && one_server)
        return GW_SPLIT_BOTH;
    if (one_group)
        return GW_SPLIT_RESOLVER;
    return one_server ? GW_SPLIT_SERVER : GW_SPLIT_NONE;
}

/* Was the second set said so soon that one of a pool at random would have been? */
static bool
is_mixed_from_the_start(const struct gw_subject *subject, uint8_t family)
{
    const uint32_t alone = subject->alone[family == 6];

    return alone != 0 && alone < SPREAD_MESSAGES;
}

static bool
is_spread(const struct gw_side *side)
{
    return side->groups >= 2 && side->servers >= 2;
}

static void
find_steady(const struct compared *cmp, struct gw_split_view *view)
{
    const uint64_t claims = view->known.claims | view->contrary.claims;
    const uint64_t known = rows_that_said(cmp, view->known.claims);

    view->steady_groups = count_steady(cmp, claims, view->contrary.rows, BY_GROUP);
    view->steady_servers = count_steady(cmp, claims, view->contrary.rows, BY_SERVER);
    view->steady = view->steady_groups >= 2 || view->steady_servers >= 2 ||
                   (view->steady_groups == 1 && count_steady(cmp, claims, known, BY_GROUP) != 0) ||
                   (view->steady_servers == 1 && count_steady(cmp, claims, known, BY_SERVER) != 0);
}

/* Compare by clusters of claims, or by members that few say; false when the witnesses agree. */
static bool
compare(const struct compared *cmp, uint64_t said, struct gw_split_view *view)
{
    struct clusters clusters;

    clusters.count = 0;
    find_clusters(cmp, said, &clusters);
    if (clusters.count < 2)
        return part_by_extra(cmp, said, view);
    view->left = left_behind(cmp, &clusters, said);
    drop_superseded(cmp, &clusters);
    part_by_cluster(cmp, &clusters, view);
    return true;
}

bool
gw_table_split(const struct gw_table *table, const struct gw_split_query *query,
    struct gw_split_view *ret_view)
{
    struct compared cmp = {
        .table = table,
        .claim = gw_table_claims(table, query->subject),
        .row = gw_table_rows(table, query->subject),
        .again = query->subject->again[query->family == 6],
        .disputed = query->subject->disputed >= DISPUTES,
        .needed = STEADY_MESSAGES,
    };
    struct gw_split_view view = {0};
    uint64_t said = 0;

    cmp.family = family_mask(cmp.claim, query->subject->claim_count, query->family);
    cmp.rows = rows_in_question(&cmp, query);
    for (uint64_t rows = cmp.rows; rows != 0; rows &= rows - 1)
        said |= cmp.row[__builtin_ctzll(rows)].ever & cmp.family;
    if ((said & (said - 1)) == 0)
        return false;
    find_same(&cmp);
    if (!compare(&cmp, said, &view))
        return false;
    if (is_spread(&view.known) && is_spread(&view.contrary) &&
        is_mixed_from_the_start(query->subject, query->family))
        cmp.needed = SPREAD_MESSAGES;
    find_steady(&cmp, &view);
    view.newer_is_contrary = view.contrary.first >= view.known.first;
    view.since = view.newer_is_contrary ? view.contrary.first : view.known.first;
    if (!view.change && view.steady_groups == 0 && view.steady_servers == 0 && is_pool(&cmp, said))
        return false;
    view.split = line_of_split(&cmp, &view);
    view.group_total = count_groups(&cmp, cmp.rows);
    view.server_total = count_servers(&cmp, cmp.rows);
    *ret_view = view;
    return true;
}

void
gw_table_settle(const struct gw_table *table, const struct gw_subject *subject, uint64_t left)
{
    struct gw_row *row = gw_table_rows(table, subject);

    for (uint32_t i = 0; i < subject->row_count; i++)
        row[i].ever &= ~left | row[i].now;
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
    find_same(&cmp);
    return side_of(&cmp, claims);
}
