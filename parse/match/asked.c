/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/match/asked.h"

#include <string.h>

#define ASKED_MIN   1024u
#define TRACKERS    1024u
#define SAME_MAX    128u /* queries of one port and ID, or of one question, that are looked at */
#define OPEN_NS     (5 * GW_NS_PER_S)
#define RENEWALS_NS (30 * GW_NS_PER_S) /* one query is not sent again for longer */
#define HELD_UDP_NS (10 * GW_NS_PER_S)
#define HELD_TCP_NS (2 * GW_NS_PER_S)
#define LATE_NS     (30 * GW_NS_PER_S)
#define PRECIOUS_NS (2 * GW_NS_PER_S) /* most further responses come that soon */

int
gw_match_table_init(struct gw_match_table *table, uint64_t memory, struct gw_match_stats *stats)
{
    const uint64_t each = sizeof(*table->asked) + 4 * sizeof(uint32_t);

    table->stats = stats;
    gw_match_ring_init(&table->ring, gw_match_power(memory / each, ASKED_MIN));
    table->asked = calloc((size_t)table->ring.mask + 1, sizeof(*table->asked));
    table->tracker = calloc(TRACKERS, sizeof(*table->tracker));
    if (table->asked == NULL || table->tracker == NULL ||
        gw_match_index_init(&table->by_port, &table->ring) != GW_DONE)
        return GW_E_NOMEM;
    return gw_match_index_init(&table->by_question, &table->ring);
}

void
gw_match_table_done(struct gw_match_table *table)
{
    free(table->asked);
    free(table->tracker);
    gw_match_index_done(&table->by_port);
    gw_match_index_done(&table->by_question);
}

static struct gw_match_asked *
asked_at(const struct gw_match_table *table, uint32_t number)
{
    return &table->asked[number & table->ring.mask];
}

enum gw_match_age
gw_match_asked_age(const struct gw_match_asked *asked, int64_t now_ns)
{
    const int64_t held = asked->transport == GW_TRANSPORT_TCP ? HELD_TCP_NS : HELD_UDP_NS;
    const int64_t life = asked->is_answered ? held : OPEN_NS;
    const int64_t age =
        gw_match_elapsed(now_ns, asked->is_answered ? asked->reply.time_ns : asked->renewed_ns);

    if (age <= life)
        return asked->is_answered ? GW_MATCH_HELD : GW_MATCH_OPEN;
    return age - life <= LATE_NS ? GW_MATCH_LATE : GW_MATCH_OVER;
}

static void
drop_oldest(struct gw_match_table *table)
{
    const struct gw_match_asked *asked = asked_at(table, table->ring.first++);

    table->stats->unanswered += !asked->is_answered && !asked->was_late;
}

void
gw_match_table_expire(struct gw_match_table *table, int64_t now_ns)
{
    while (table->ring.first != table->ring.end &&
           (now_ns == INT64_MAX ||
               gw_match_asked_age(asked_at(table, table->ring.first), now_ns) == GW_MATCH_OVER))
        drop_oldest(table);
}

/* The oldest gives way; who is still of use is a loss. */
static void
make_room(struct gw_match_table *table, int64_t now_ns)
{
    const struct gw_match_asked *asked = asked_at(table, table->ring.first);
    const bool is_fresh =
        asked->is_answered && gw_match_elapsed(now_ns, asked->reply.time_ns) <= PRECIOUS_NS;

    if (!gw_match_ring_is_full(&table->ring))
        return;
    if (is_fresh || gw_match_asked_age(asked, now_ns) == GW_MATCH_OPEN) {
        table->stats->overflow++;
        table->any_overflow = true;
        table->overflow_ns = now_ns;
    }
    drop_oldest(table);
}

static bool
same_resolver(const struct gw_match_asked *asked, const struct gw_match_view *view)
{
    return asked->resolver_port == view->resolver_port &&
           gw_match_same_addr(&asked->resolver, &view->resolver);
}

static bool
same_server(const struct gw_match_asked *asked, const struct gw_match_view *view)
{
    return asked->server_port == view->server_port &&
           asked->transport == view->payload->transport &&
           gw_match_same_addr(&asked->server, &view->server);
}

static bool
same_question(const struct gw_match_asked *asked, const struct gw_match_view *view)
{
    return asked->qname_hash == view->qname_hash && asked->qtype == view->qtype &&
           asked->has_question == view->has_question;
}

/* Servers may leave the question out of an error: the parser says which. */
static bool
may_lack_question(const struct gw_match_view *view)
{
    return !view->has_question && view->msg->class != GW_CLASS_MALFORMED;
}

struct gw_match_asked *
gw_match_table_again(struct gw_match_table *table, const struct gw_match_view *view)
{
    const int64_t now_ns = view->payload->time_ns;
    const struct gw_match_ring *ring = &table->ring;
    struct gw_match_walk walk = gw_match_walk_begin(&table->by_port, ring, view->port_hash);
    uint32_t same = 0;

    for (; gw_match_walk_holds(&walk, ring) && same < SAME_MAX;
         gw_match_walk_on(&walk, &table->by_port, ring)) {
        struct gw_match_asked *asked = asked_at(table, walk.number);

        if (asked->id != view->msg->id || !same_resolver(asked, view))
            continue;
        same++;
        if (!same_server(asked, view) || !same_question(asked, view) ||
            asked->case_hash != view->case_hash)
            continue;
        return gw_match_asked_age(asked, now_ns) == GW_MATCH_OPEN &&
                       gw_match_elapsed(now_ns, asked->asked_ns) <= RENEWALS_NS
                   ? asked
                   : NULL;
    }
    return NULL;
}

struct gw_match_asked *
gw_match_table_ask(struct gw_match_table *table, const struct gw_match_view *view)
{
    const struct gw_payload *payload = view->payload;
    struct gw_match_ring *ring = &table->ring;
    struct gw_match_asked *asked = NULL;

    make_room(table, payload->time_ns);
    asked = asked_at(table, ring->end);
    *asked = (struct gw_match_asked){
        .resolver = view->resolver,
        .server = view->server,
        .resolver_port = view->resolver_port,
        .server_port = view->server_port,
        .id = view->msg->id,
        .qtype = view->qtype,
        .transport = payload->transport,
        .ip_ttl = payload->ip_ttl,
        .has_question = view->has_question,
        .facts = gw_match_view_query_facts(view),
        .number = ring->end,
        .qname_hash = view->qname_hash,
        .case_hash = view->case_hash,
        .asked_ns = payload->time_ns,
        .renewed_ns = payload->time_ns,
        .frame = payload->frame,
        .input = payload->input,
        .opt = view->opt,
    };
    gw_match_index_add(&table->by_port, ring, view->port_hash, ring->end);
    gw_match_index_add(&table->by_question, ring, view->question_hash, ring->end);
    ring->end++;
    return asked;
}

struct gw_match_asked *
gw_match_table_answered(struct gw_match_table *table, const struct gw_match_view *view)
{
    const struct gw_match_ring *ring = &table->ring;
    struct gw_match_walk walk = gw_match_walk_begin(&table->by_port, ring, view->port_hash);
    struct gw_match_asked *best = NULL;
    enum gw_match_age best_age = GW_MATCH_OVER;
    uint32_t same = 0;

    for (; gw_match_walk_holds(&walk, ring) && same < SAME_MAX;
         gw_match_walk_on(&walk, &table->by_port, ring)) {
        struct gw_match_asked *asked = asked_at(table, walk.number);
        enum gw_match_age age = GW_MATCH_OVER;

        if (asked->id != view->msg->id || !same_resolver(asked, view))
            continue;
        same++;
        if (!same_server(asked, view) || !(same_question(asked, view) || may_lack_question(view)))
            continue;
        age = gw_match_asked_age(asked, view->payload->time_ns);
        if (age > best_age || age == GW_MATCH_OVER)
            continue;
        /* Of those alike the newest, unless an older one has the very case. */
        if (age == best_age && best != NULL &&
            (best->case_hash == view->case_hash || asked->case_hash != view->case_hash))
            continue;
        best = asked;
        best_age = age;
    }
    return best;
}

static struct gw_match_asked *
find_wrong_id(struct gw_match_table *table, const struct gw_match_view *view)
{
    const struct gw_match_ring *ring = &table->ring;
    struct gw_match_walk walk = gw_match_walk_begin(&table->by_question, ring, view->question_hash);
    uint32_t same = 0;

    for (; gw_match_walk_holds(&walk, ring) && same < SAME_MAX;
         gw_match_walk_on(&walk, &table->by_question, ring)) {
        struct gw_match_asked *asked = asked_at(table, walk.number);

        if (!same_question(asked, view) || !gw_match_same_addr(&asked->resolver, &view->resolver))
            continue;
        same++;
        if (asked->resolver_port == view->resolver_port && same_server(asked, view) &&
            gw_match_asked_age(asked, view->payload->time_ns) <= GW_MATCH_HELD)
            return asked;
    }
    return NULL;
}

struct gw_match_asked *
gw_match_table_wrong(
    struct gw_match_table *table, const struct gw_match_view *view, enum gw_fit *ret_fit)
{
    const struct gw_match_ring *ring = &table->ring;
    struct gw_match_walk walk = gw_match_walk_begin(&table->by_port, ring, view->port_hash);
    uint32_t same = 0;

    for (; gw_match_walk_holds(&walk, ring) && same < SAME_MAX;
         gw_match_walk_on(&walk, &table->by_port, ring)) {
        struct gw_match_asked *asked = asked_at(table, walk.number);

        if (asked->id != view->msg->id || !same_resolver(asked, view))
            continue;
        same++;
        if (gw_match_asked_age(asked, view->payload->time_ns) > GW_MATCH_HELD)
            continue;
        if (same_server(asked, view)) {
            *ret_fit = GW_FIT_WRONG_QUESTION;
            return asked;
        }
        if (same_question(asked, view) && asked->transport == GW_TRANSPORT_UDP &&
            view->payload->transport == GW_TRANSPORT_UDP) {
            *ret_fit = GW_FIT_WRONG_SOURCE;
            return asked;
        }
    }
    *ret_fit = GW_FIT_WRONG_ID;
    return view->has_question ? find_wrong_id(table, view) : NULL;
}

/* The wrong IDs of @p asked; those of the query that had the oldest are forgotten for it. */
static struct gw_match_tracker *
tracker_of(struct gw_match_table *table, struct gw_match_asked *asked)
{
    struct gw_match_tracker *tracker = &table->tracker[asked->tracker];

    if (tracker->owner == asked->number && asked->wrong_count != 0)
        return tracker;
    asked->tracker = table->tracker_next;
    table->tracker_next = (table->tracker_next + 1) % TRACKERS;
    tracker = &table->tracker[asked->tracker];
    tracker->owner = asked->number;
    asked->wrong_ids = 0;
    return tracker;
}

/* Whether one ID is just above or below the other. */
static bool
is_step(uint16_t id, uint16_t other)
{
    return (uint16_t)(id - other) == 1 || (uint16_t)(other - id) == 1;
}

void
gw_match_table_note_wrong(
    struct gw_match_table *table, struct gw_match_asked *asked, const struct gw_match_view *view)
{
    const uint16_t id = view->msg->id;
    struct gw_match_tracker *tracker = tracker_of(table, asked);
    bool is_new = asked->wrong_ids < GW_MATCH_IDS;

    for (uint32_t i = 0; i < asked->wrong_ids && is_new; i++)
        is_new = tracker->id[i] != id;
    if (is_new)
        tracker->id[asked->wrong_ids++] = id;
    if (asked->wrong_count == 0)
        asked->first_wrong_ns = view->payload->time_ns;
    else if (asked->wrong_steps != UINT16_MAX && is_step(asked->wrong_last, id))
        asked->wrong_steps++;
    asked->wrong_last = id;
    asked->wrong_count = (uint16_t)(asked->wrong_count + (asked->wrong_count != UINT16_MAX));
}

uint16_t
gw_match_table_same_question(const struct gw_match_table *table, const struct gw_match_view *view)
{
    const struct gw_match_ring *ring = &table->ring;
    struct gw_match_walk walk = gw_match_walk_begin(&table->by_question, ring, view->question_hash);
    uint32_t same = 0;
    uint16_t open = 0;

    for (; gw_match_walk_holds(&walk, ring) && same < SAME_MAX;
         gw_match_walk_on(&walk, &table->by_question, ring)) {
        const struct gw_match_asked *asked = asked_at(table, walk.number);

        if (!same_question(asked, view) || !gw_match_same_addr(&asked->resolver, &view->resolver))
            continue;
        same++;
        open =
            (uint16_t)(open + (gw_match_asked_age(asked, view->payload->time_ns) == GW_MATCH_OPEN));
    }
    return open;
}

bool
gw_match_table_is_retry(const struct gw_match_table *table, const struct gw_match_view *view)
{
    const struct gw_match_ring *ring = &table->ring;
    struct gw_match_walk walk = gw_match_walk_begin(&table->by_question, ring, view->question_hash);
    uint32_t same = 0;

    for (; gw_match_walk_holds(&walk, ring) && same < SAME_MAX;
         gw_match_walk_on(&walk, &table->by_question, ring)) {
        const struct gw_match_asked *asked = asked_at(table, walk.number);

        if (!same_question(asked, view) || !gw_match_same_addr(&asked->resolver, &view->resolver))
            continue;
        same++;
        if (asked->transport == GW_TRANSPORT_UDP && asked->server_port == view->server_port &&
            gw_match_same_addr(&asked->server, &view->server) &&
            gw_match_asked_age(asked, view->payload->time_ns) == GW_MATCH_OPEN)
            return true;
    }
    return false;
}
