/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/server.h"

#include <stdlib.h>
#include <string.h>

#include "gluewatch/limits.h"

/* Round trips below this differ by chance: the two ends are beside each other. */
#define RTT_LEAST_NS 1000000

/* The server's paths to all resolvers are alike when at most one in so many is off. */
#define ODD_PATHS 20u

/* A TTL that came so often beside the usual one is usual, too. */
#define STRAYS 3u

/* Identifications of a counter step by no more. */
#define ID_STEP 64u

#define COUNT_MAX (UINT32_MAX / 2)

struct gw_server_table *
gw_server_new(const struct gw_hash_key *key)
{
    struct gw_server_table *table = calloc(1, sizeof(*table));

    if (table == NULL)
        return NULL;
    if (gw_table_recent_init(&table->servers, key, sizeof(struct gw_addr), sizeof(struct gw_server),
            GW_SERVERS_KNOWN) == GW_DONE &&
        gw_table_recent_init(&table->paths, key, 2 * sizeof(struct gw_addr),
            sizeof(struct gw_server_path), GW_PATHS_KNOWN) == GW_DONE &&
        gw_table_recent_init(&table->stand_ins, key, 2 * sizeof(struct gw_addr), sizeof(uint32_t),
            GW_RACE_PAIRS) == GW_DONE)
        return table;
    gw_server_free(table);
    return NULL;
}

void
gw_server_free(struct gw_server_table *table)
{
    if (table == NULL)
        return;
    gw_table_recent_done(&table->servers);
    gw_table_recent_done(&table->paths);
    gw_table_recent_done(&table->stand_ins);
    free(table);
}

uint64_t
gw_server_octets(const struct gw_server_table *table)
{
    return sizeof(*table) + gw_table_recent_octets(&table->servers) +
           gw_table_recent_octets(&table->paths) + gw_table_recent_octets(&table->stand_ins);
}

const struct gw_server *
gw_server_find(const struct gw_server_table *table, const struct gw_addr *server)
{
    return gw_table_recent_find(&table->servers, server);
}

bool
gw_server_always(const struct gw_server_habit *habit)
{
    return habit->could >= GW_SERVER_SAMPLES && habit->did == habit->could;
}

bool
gw_server_never(const struct gw_server_habit *habit)
{
    return habit->could >= GW_SERVER_SAMPLES && habit->did == 0;
}

static bool
is_close(uint8_t left, uint8_t right)
{
    return left - right <= 1 && right - left <= 1;
}

bool
gw_server_ttl_fits(const struct gw_server_judgement *judgement, uint8_t ip_ttl)
{
    return is_close(ip_ttl, judgement->usual_ip_ttl) ||
           (judgement->second_ip_ttl != 0 && is_close(ip_ttl, judgement->second_ip_ttl));
}

static bool
is_judged(const struct gw_exchange *exchange)
{
    return (exchange->fit == GW_FIT_FIRST || exchange->fit == GW_FIT_SECOND) &&
           exchange->leg != GW_LEG_CLIENT && exchange->transport == GW_TRANSPORT_UDP;
}

/* What the two are known by: the path between them, or else all paths of the server. */
static const struct gw_server_path *
path_of(const struct gw_server_table *table, const struct gw_exchange *exchange)
{
    const struct gw_addr pair[2] = {exchange->resolver, exchange->server};
    const struct gw_server_path *path = gw_table_recent_find(&table->paths, pair);
    const struct gw_server *server = gw_server_find(table, &exchange->server);

    if (path != NULL && path->seen >= GW_SERVER_SAMPLES)
        return path;
    if (server == NULL || server->path.seen < GW_SERVER_SAMPLES ||
        server->path.other > server->path.seen / ODD_PATHS)
        return NULL;
    return &server->path;
}

static void
judge_path(const struct gw_server_path *path, const struct gw_exchange *exchange,
    struct gw_server_judgement *judgement)
{
    const bool second = path->ttl_seen[1] > path->ttl_seen[0];

    judgement->path_known = true;
    judgement->usual_ip_ttl = path->ttl[second];
    judgement->second_ip_ttl = path->ttl[!second];
    judgement->usual_rtt_ns = path->rtt_min_ns;
    if (!gw_server_ttl_fits(judgement, exchange->ip_ttl))
        judgement->breaks |= GW_SERVER_BREAK_TTL;
    if (path->rtt_min_ns >= RTT_LEAST_NS && exchange->rtt_ns < path->rtt_min_ns / 2)
        judgement->breaks |= GW_SERVER_BREAK_RTT;
}

/* Errors are often made elsewhere than answers: before the name server, or without EDNS. */
static uint32_t
breaks_of_edns(const struct gw_server *server, const struct gw_exchange *exchange)
{
    const bool answers = exchange->rcode == 0 || exchange->rcode == 3;
    uint32_t breaks = 0;

    if (answers && (exchange->query_facts & GW_QUERY_OPT) && !(exchange->facts & GW_FACT_OPT) &&
        gw_server_always(&server->opt))
        breaks |= GW_SERVER_BREAK_OPT;
    if (exchange->reply_facts & GW_REPLY_COOKIE_WRONG)
        breaks |= GW_SERVER_BREAK_COOKIE;
    if (answers && (exchange->query_facts & GW_QUERY_COOKIE) &&
        !(exchange->facts & GW_FACT_COOKIE) && gw_server_always(&server->cookie))
        breaks |= GW_SERVER_BREAK_COOKIE;
    if ((exchange->query_facts & GW_QUERY_MIXED_CASE) &&
        (exchange->reply_facts & GW_REPLY_CASE_DIFFERS) && gw_server_always(&server->echo))
        breaks |= GW_SERVER_BREAK_CASE;
    return breaks;
}

/* A reassembled datagram has no identification or DF of its own to compare. */
static uint32_t
breaks_of_ip(const struct gw_server *server, const struct gw_exchange *exchange)
{
    const bool df = (exchange->payload_flags & GW_PAYLOAD_DF) != 0;
    const bool zero = exchange->ip_id == 0;
    uint32_t breaks = 0;

    if (!(exchange->payload_flags & GW_PAYLOAD_IP_ID) ||
        (exchange->payload_flags & GW_PAYLOAD_FRAGMENTED))
        return 0;
    if (df ? gw_server_never(&server->df) : gw_server_always(&server->df))
        breaks |= GW_SERVER_BREAK_DF;
    if (zero ? gw_server_never(&server->id_zero) : gw_server_always(&server->id_zero))
        breaks |= GW_SERVER_BREAK_IP_ID;
    return breaks;
}

void
gw_server_judge(struct gw_server_table *table, const struct gw_exchange *exchange)
{
    struct gw_server_judgement *judgement = &table->latest;
    const struct gw_server_path *path;

    *judgement = (struct gw_server_judgement){.frame = exchange->frame, .input = exchange->input};
    if (!exchange->has_query || exchange->class == GW_CLASS_QUERY)
        return;

    const struct gw_server *server = gw_server_find(table, &exchange->server);

    if (server != NULL)
        judgement->habits = *server;
    if (exchange->fit == GW_FIT_WRONG_SOURCE) {
        const struct gw_addr pair[2] = {exchange->asked, exchange->server};
        const uint32_t *habit = gw_table_recent_find(&table->stand_ins, pair);

        judgement->pair_habit = habit == NULL ? 0 : *habit;
    }
    if (!is_judged(exchange))
        return;
    path = path_of(table, exchange);
    if (path != NULL)
        judge_path(path, exchange, judgement);
    judgement->breaks |= breaks_of_edns(&judgement->habits, exchange);
    judgement->breaks |= breaks_of_ip(&judgement->habits, exchange);

    const struct gw_addr pair[2] = {exchange->resolver, exchange->server};
    const struct gw_server_path *own = gw_table_recent_find(&table->paths, pair);

    judgement->shifted = exchange->fit == GW_FIT_FIRST &&
                         (judgement->breaks & GW_SERVER_BREAKS_PATH) != 0 && own != NULL &&
                         own->shift_count + 1u >= GW_SERVER_SHIFT &&
                         own->shift_ttl == exchange->ip_ttl;
}

const struct gw_server_judgement *
gw_server_latest(const struct gw_server_table *table, const struct gw_exchange *exchange)
{
    const struct gw_server_judgement *latest = &table->latest;

    return latest->frame == exchange->frame && latest->input == exchange->input ? latest : NULL;
}

static void
count(struct gw_server_habit *habit, bool did)
{
    if (habit->could == COUNT_MAX)
        return;
    habit->could++;
    habit->did += did;
}

static void
learn_ttl(struct gw_server_path *path, uint8_t ttl)
{
    for (uint32_t i = 0; i < 2; i++) {
        if (path->ttl_seen[i] == 0)
            path->ttl[i] = ttl;
        if (path->ttl[i] == ttl) {
            path->ttl_seen[i]++;
            return;
        }
    }
    path->other++;
    /* Of two that were met by chance at the start, the rarer gives way. */
    if (path->ttl_seen[1] < path->other / 4 && path->seen < GW_SERVER_SAMPLES) {
        path->ttl[1] = ttl;
        path->ttl_seen[1] = 1;
    }
}

static void
learn_path(struct gw_server_path *path, const struct gw_exchange *exchange)
{
    if (path->seen == COUNT_MAX)
        return;
    learn_ttl(path, exchange->ip_ttl);
    path->seen++;
    path->shift_count = 0;
    if (exchange->rtt_ns <= 0)
        return;
    if (path->rtt_min_ns == 0 || exchange->rtt_ns < path->rtt_min_ns)
        path->rtt_min_ns = exchange->rtt_ns;
    path->rtt_mean_ns += (exchange->rtt_ns - path->rtt_mean_ns) / (path->rtt_mean_ns == 0 ? 1 : 8);
}

/* Returns whether the new path is the path from now on. */
static bool
shift(struct gw_server_path *path, const struct gw_exchange *exchange)
{
    if (path->shift_count == 0 || path->shift_ttl != exchange->ip_ttl) {
        path->shift_ttl = exchange->ip_ttl;
        path->shift_count = 0;
        path->shift_rtt_ns = INT64_MAX;
    }
    if (exchange->rtt_ns > 0 && exchange->rtt_ns < path->shift_rtt_ns)
        path->shift_rtt_ns = exchange->rtt_ns;
    if (++path->shift_count < GW_SERVER_SHIFT)
        return false;

    const uint32_t rarer = path->ttl_seen[1] < path->ttl_seen[0];

    if (path->ttl[!rarer] != exchange->ip_ttl) {
        path->ttl[rarer] = exchange->ip_ttl;
        path->ttl_seen[rarer] = GW_SERVER_SHIFT;
    }
    if (path->rtt_min_ns == 0 || path->shift_rtt_ns < path->rtt_min_ns)
        path->rtt_min_ns = path->shift_rtt_ns == INT64_MAX ? 0 : path->shift_rtt_ns;
    /* From now on this path speaks for itself, not the server's others. */
    if (path->seen < GW_SERVER_SAMPLES)
        path->seen = GW_SERVER_SAMPLES;
    path->shift_count = 0;
    return true;
}

/*
 * Instances of an anycast server take turns: a second TTL that keeps coming is usual. So is a
 * quicker round trip that keeps coming.
 */
static void
learn_stray(struct gw_server_path *path, const struct gw_exchange *exchange, bool quick)
{
    if (path->stray_count == 0 || path->stray_ttl != exchange->ip_ttl) {
        path->stray_count = 0;
        path->stray_rtt_ns = INT64_MAX;
    }
    path->stray_ttl = exchange->ip_ttl;
    if (exchange->rtt_ns > 0 && exchange->rtt_ns < path->stray_rtt_ns)
        path->stray_rtt_ns = exchange->rtt_ns;
    if (++path->stray_count < STRAYS)
        return;
    path->stray_count = 0;
    if (quick) {
        if (path->stray_rtt_ns < path->rtt_min_ns)
            path->rtt_min_ns = path->stray_rtt_ns;
    } else if (path->ttl_seen[1] * ODD_PATHS <= path->seen) {
        path->ttl[1] = exchange->ip_ttl;
        path->ttl_seen[1] = STRAYS;
    }
}

static void
learn_way(struct gw_server_table *table, const struct gw_exchange *exchange)
{
    const struct gw_addr pair[2] = {exchange->resolver, exchange->server};
    const uint32_t breaks = table->latest.breaks;
    struct gw_server_path *path = gw_table_recent_meet(&table->paths, pair);
    struct gw_server *server = gw_table_recent_meet(&table->servers, &exchange->server);

    if (!(breaks & GW_SERVER_BREAKS_PATH)) {
        learn_path(path, exchange);
        learn_path(&server->path, exchange);
        return;
    }
    if (shift(path, exchange)) {
        learn_path(&server->path, exchange);
        return;
    }
    /* What comes in a row is a new path; what comes and goes is another instance. */
    if (path->shift_count == 1 &&
        (breaks == GW_SERVER_BREAK_TTL || breaks == GW_SERVER_BREAK_RTT)) {
        learn_stray(path, exchange, breaks == GW_SERVER_BREAK_RTT);
        learn_stray(&server->path, exchange, breaks == GW_SERVER_BREAK_RTT);
    }
}

static void
learn_habits(struct gw_server *server, const struct gw_exchange *exchange)
{
    const bool answers = exchange->rcode == 0 || exchange->rcode == 3;
    const uint16_t flags = exchange->payload_flags;

    server->seen += server->seen < COUNT_MAX;
    count(&server->fragment, (flags & GW_PAYLOAD_FRAGMENTED) != 0);
    if (answers && (exchange->query_facts & GW_QUERY_OPT))
        count(&server->opt, (exchange->facts & GW_FACT_OPT) != 0);
    if (answers && (exchange->query_facts & GW_QUERY_COOKIE))
        count(&server->cookie, (exchange->facts & GW_FACT_COOKIE) != 0);
    if (exchange->query_facts & GW_QUERY_MIXED_CASE)
        count(&server->echo, !(exchange->reply_facts & GW_REPLY_CASE_DIFFERS));
    if (exchange->facts & GW_FACT_OPT)
        server->edns_size = exchange->edns_size;
    if (!(flags & GW_PAYLOAD_IP_ID) || (flags & GW_PAYLOAD_FRAGMENTED))
        return;
    count(&server->df, (flags & GW_PAYLOAD_DF) != 0);
    count(&server->id_zero, exchange->ip_id == 0);
    count(&server->id_step, (uint16_t)(exchange->ip_id - server->ip_id - 1u) < ID_STEP);
    server->ip_id = exchange->ip_id;
}

static void
learn_sum(struct gw_server_table *table, const struct gw_exchange *exchange)
{
    const bool bad = (exchange->payload_flags & GW_PAYLOAD_SUM_BAD) != 0;

    if (!bad && !(exchange->payload_flags & GW_PAYLOAD_SUM_GOOD))
        return;

    struct gw_server *server = gw_table_recent_meet(&table->servers, &exchange->server);

    count(&server->sum_bad, bad);
    count(&table->sum_bad, bad);
}

void
gw_server_learn(struct gw_server_table *table, const struct gw_exchange *exchange)
{
    if (exchange->fit == GW_FIT_WRONG_SOURCE) {
        const struct gw_addr pair[2] = {exchange->asked, exchange->server};
        uint32_t *habit = gw_table_recent_meet(&table->stand_ins, pair);

        *habit += *habit < COUNT_MAX;
    }
    if (!is_judged(exchange))
        return;
    if (exchange->fit == GW_FIT_FIRST) {
        learn_sum(table, exchange);
        learn_way(table, exchange);
        learn_habits(gw_table_recent_meet(&table->servers, &exchange->server), exchange);
        return;
    }

    /* Where the other response to a query took the usual path, the path is what it was. */
    const struct gw_addr pair[2] = {exchange->resolver, exchange->server};
    struct gw_server_path *path = gw_table_recent_find(&table->paths, pair);

    if (path != NULL && !(table->latest.breaks & GW_SERVER_BREAKS_PATH)) {
        path->shift_count = 0;
        path->stray_count = 0;
    }
}
