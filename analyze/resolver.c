/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/resolver.h"

#include <stdlib.h>
#include <string.h>

#include "gluewatch/limits.h"

#define MINUTE_NS (60 * GW_NS_PER_S)
#define HOUR_NS   (60 * MINUTE_NS)
#define WINDOW_NS (5 * MINUTE_NS)
#define SLICE_NS  (10 * GW_NS_PER_S)

/* Responses that a window must hold to speak. */
#define WINDOW_LEAST 20u

#define PAIRED_SHARE       0.95
#define PAIRED_SHARE_SHORT 0.8
#define ANSWERED_SHARE     0.8

/* Queries of a minute that speak for it; the whole capture does below that. */
#define ANSWERED_LEAST 20u

struct gw_resolver_table *
gw_resolver_new(const struct gw_hash_key *key)
{
    struct gw_resolver_table *table = calloc(1, sizeof(*table));

    if (table == NULL)
        return NULL;
    if (gw_table_recent_init(&table->resolvers, key, sizeof(struct gw_addr),
            sizeof(struct gw_resolver), GW_RESOLVERS_KNOWN) == GW_DONE)
        return table;
    gw_resolver_free(table);
    return NULL;
}

void
gw_resolver_free(struct gw_resolver_table *table)
{
    if (table == NULL)
        return;
    gw_table_recent_done(&table->resolvers);
    free(table);
}

uint64_t
gw_resolver_octets(const struct gw_resolver_table *table)
{
    return sizeof(*table) + gw_table_recent_octets(&table->resolvers);
}

const struct gw_resolver *
gw_resolver_find(const struct gw_resolver_table *table, const struct gw_addr *resolver)
{
    return gw_table_recent_find(&table->resolvers, resolver);
}

/* Empties the windows between the latest and number `no`; false when `no` is too long ago. */
static bool
move_on(struct gw_resolver_window *window, uint32_t count, int64_t *latest, int64_t no)
{
    if (no <= *latest - count)
        return false;
    if (no > *latest + count)
        *latest = no - count;
    while (*latest < no)
        window[(uint64_t)++ * latest % count] = (struct gw_resolver_window){0};
    return true;
}

static void
add(struct gw_resolver_window *to, const struct gw_resolver_window *more)
{
    to->queries += more->queries;
    to->first += more->first;
    to->unmatched += more->unmatched;
}

static void
count_in_windows(
    struct gw_resolver *resolver, int64_t time_ns, const struct gw_resolver_window *more)
{
    const int64_t window_no = time_ns / WINDOW_NS;
    const int64_t slice_no = time_ns / SLICE_NS;

    if (move_on(resolver->window, GW_RESOLVER_WINDOWS, &resolver->window_no, window_no))
        add(&resolver->window[(uint64_t)window_no % GW_RESOLVER_WINDOWS], more);
    if (move_on(resolver->slice, GW_RESOLVER_SLICES, &resolver->slice_no, slice_no))
        add(&resolver->slice[(uint64_t)slice_no % GW_RESOLVER_SLICES], more);
}

static void
enter_second(struct gw_resolver *resolver, int64_t time_ns)
{
    if (resolver->second_no != time_ns / GW_NS_PER_S) {
        resolver->second_no = time_ns / GW_NS_PER_S;
        resolver->second_first = 0;
        resolver->second_unmatched = 0;
    }
    if (resolver->hour_no != time_ns / HOUR_NS) {
        resolver->hour_no = time_ns / HOUR_NS;
        resolver->hour_unsolicited = 0;
        resolver->hour_first = 0;
        resolver->hour_sources = 0;
        resolver->hour_begin_ns = time_ns;
    }
}

static void
count_unsolicited(struct gw_resolver *resolver, const struct gw_exchange *exchange)
{
    const struct gw_addr *source = &exchange->server;

    if (resolver->hour_unsolicited++ == 0)
        resolver->hour_begin_ns = exchange->time_ns;
    if (memcmp(&resolver->hour_source, source, sizeof(*source)) != 0)
        resolver->hour_sources++;
    resolver->hour_source = *source;
    if (resolver->second_unmatched > resolver->second_first)
        return;
    resolver->second_unmatched++;
    count_in_windows(resolver, exchange->time_ns, &(struct gw_resolver_window){.unmatched = 1});
}

static void
count_mismatch(struct gw_resolver *resolver, int64_t time_ns)
{
    const int64_t minute_no = time_ns / MINUTE_NS;

    resolver->mismatched++;
    if (minute_no <= resolver->minute_no - (int64_t)GW_RESOLVER_MINUTES)
        return;
    if (minute_no > resolver->minute_no + (int64_t)GW_RESOLVER_MINUTES)
        resolver->minute_no = minute_no - GW_RESOLVER_MINUTES;
    while (resolver->minute_no < minute_no)
        resolver->minute[(uint64_t)++resolver->minute_no % GW_RESOLVER_MINUTES] = 0;
    resolver->minute[(uint64_t)minute_no % GW_RESOLVER_MINUTES]++;
}

static void
count_query(struct gw_resolver *resolver, int64_t time_ns)
{
    if (resolver->queries++ == 0)
        resolver->first_ns = time_ns;
    count_in_windows(resolver, time_ns, &(struct gw_resolver_window){.queries = 1});
}

static void
count_first(struct gw_resolver *resolver, int64_t time_ns)
{
    resolver->replies++;
    resolver->second_first++;
    resolver->hour_first++;
    count_in_windows(resolver, time_ns, &(struct gw_resolver_window){.first = 1});
}

void
gw_resolver_learn(struct gw_resolver_table *table, const struct gw_exchange *exchange)
{
    struct gw_resolver *resolver = NULL;

    if (exchange->leg == GW_LEG_CLIENT)
        return;
    /* Only who asks is a resolver: what is sent to others is not its doing. */
    if (exchange->fit == GW_FIT_QUERY)
        resolver = gw_table_recent_meet(&table->resolvers, &exchange->resolver);
    else
        resolver = gw_table_recent_find(&table->resolvers, &exchange->resolver);
    if (resolver == NULL)
        return;
    enter_second(resolver, exchange->time_ns);
    if (exchange->fit == GW_FIT_QUERY) {
        count_query(resolver, exchange->time_ns);
    } else if (exchange->fit == GW_FIT_FIRST) {
        table->replies++;
        count_first(resolver, exchange->time_ns);
    } else if (exchange->fit == GW_FIT_UNSOLICITED) {
        count_unsolicited(resolver, exchange);
    } else if (exchange->fit == GW_FIT_WRONG_ID || exchange->fit == GW_FIT_WRONG_QUESTION) {
        if (exchange->wrong_count <= 1)
            count_mismatch(resolver, exchange->time_ns);
    }
}

uint32_t
gw_resolver_mismatches(const struct gw_resolver *resolver, int64_t now_ns)
{
    const int64_t now = now_ns / MINUTE_NS;
    uint32_t sum = 0;

    for (uint32_t i = 0; i < GW_RESOLVER_MINUTES; i++) {
        const int64_t minute = resolver->minute_no - i;

        if (minute >= 0 && minute > now - (int64_t)GW_RESOLVER_MINUTES)
            sum += resolver->minute[(uint64_t)minute % GW_RESOLVER_MINUTES];
    }
    return sum;
}

static double
share(uint64_t part, uint64_t whole)
{
    return whole == 0 ? 1.0 : (double)part / (double)whole;
}

/* The median over windows that hold enough; over all of them together when none does. */
static double
paired_share(const struct gw_resolver *resolver)
{
    uint32_t hundredths[101] = {0};
    uint32_t windows = 0;
    struct gw_resolver_window all = {0};

    for (uint32_t i = 0; i < GW_RESOLVER_WINDOWS; i++) {
        const struct gw_resolver_window *window = &resolver->window[i];
        const uint32_t replies = window->first + window->unmatched;

        add(&all, window);
        if (replies < WINDOW_LEAST)
            continue;
        hundredths[100ull * window->first / replies]++;
        windows++;
    }
    if (windows == 0)
        return share(all.first, (uint64_t)all.first + all.unmatched);

    uint32_t below = 0;

    for (uint32_t i = 0; i <= 100; i++) {
        below += hundredths[i];
        if (2 * below >= windows + 1)
            return i / 100.0;
    }
    return 1.0;
}

/* Of the queries of the last minute; those of the latest ten seconds may still be open. */
static double
answered_share(const struct gw_resolver *resolver, int64_t now_ns)
{
    const int64_t now = now_ns / SLICE_NS;
    struct gw_resolver_window sum = {0};

    for (uint32_t i = 0; i < GW_RESOLVER_SLICES; i++) {
        const int64_t slice = resolver->slice_no - i;

        if (slice >= 0 && slice < now && slice >= now - (int64_t)GW_RESOLVER_SLICES + 1)
            add(&sum, &resolver->slice[(uint64_t)slice % GW_RESOLVER_SLICES]);
    }
    return sum.queries < ANSWERED_LEAST ? share(resolver->replies, resolver->queries)
                                        : share(sum.first, sum.queries);
}

static struct gw_resolver_health
health_at(const struct gw_resolver_table *table, const struct gw_addr *address, int64_t now_ns)
{
    const struct gw_resolver *resolver = gw_resolver_find(table, address);
    struct gw_resolver_health health = {.short_run = true};

    if (resolver == NULL)
        return health;
    health.short_run =
        resolver->replies < GW_RESOLVER_REPLIES && table->replies < GW_RESOLVER_REPLIES;
    health.both_ways = resolver->queries != 0 && resolver->replies != 0 &&
                       table->replies >= GW_RESOLVER_REPLIES_LEAST;
    health.paired = paired_share(resolver);
    health.answered = answered_share(resolver, now_ns);
    health.healthy = health.both_ways && health.answered >= ANSWERED_SHARE &&
                     health.paired >= (health.short_run ? PAIRED_SHARE_SHORT : PAIRED_SHARE);
    return health;
}

struct gw_resolver_health
gw_resolver_health(const struct gw_resolver_table *table, const struct gw_exchange *exchange)
{
    struct gw_resolver_health health = health_at(table, &exchange->resolver, exchange->time_ns);

    health.degraded = exchange->degraded;
    return health;
}

bool
gw_resolver_pairing_is_healthy(
    const struct gw_resolver_table *table, const struct gw_addr *resolver, int64_t now_ns)
{
    return health_at(table, resolver, now_ns).healthy;
}
