/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/match.h"

#include <stdlib.h>
#include <string.h>

#include "parse/dns/message.h"
#include "parse/match/asked.h"
#include "parse/match/copies.h"
#include "parse/match/kept.h"
#include "parse/match/peers.h"
#include "parse/match/waiting.h"

#define KEPT_MAX    (64ull * 1024 * 1024)
#define STEP_NS     (10 * GW_NS_PER_S) /* time that steps back further begins another capture */
#define DEGRADED_NS (60 * GW_NS_PER_S)
#define TYPE_IXFR   251u /* RFC 1995 */
#define TYPE_AXFR   252u /* RFC 5936 */

struct gw_match {
    struct gw_hash_key key;
    struct gw_match_stats *stats;
    struct gw_match_table table;
    struct gw_match_kept kept; /* first responses */
    struct gw_match_copies copies;
    struct gw_match_peers peers;
    struct gw_match_waiting waiting;
    int64_t latest_ns;
    struct gw_match_view view;      /* of the message told last */
    struct gw_msg waited;           /* of the response told last that waited */
    const struct gw_payload *first; /* of the SECOND told last */
};

struct gw_match *
gw_match_new(const struct gw_hash_key *key, uint64_t memory, struct gw_match_stats *stats)
{
    const uint64_t share = memory / 16;
    struct gw_match *match = calloc(1, sizeof(*match));

    if (match == NULL)
        return NULL;
    match->key = *key;
    match->stats = stats;
    if (gw_match_table_init(&match->table, 6 * share, stats) != GW_DONE ||
        gw_match_kept_init(&match->kept, 6 * share < KEPT_MAX ? 6 * share : KEPT_MAX) != GW_DONE ||
        gw_match_copies_init(&match->copies, share) != GW_DONE ||
        gw_match_peers_init(&match->peers, key, 2 * share) != GW_DONE ||
        gw_match_waiting_init(&match->waiting, share) != GW_DONE) {
        gw_match_free(match);
        return NULL;
    }
    return match;
}

void
gw_match_free(struct gw_match *match)
{
    if (match == NULL)
        return;
    gw_match_table_done(&match->table);
    gw_match_kept_done(&match->kept);
    gw_match_copies_done(&match->copies);
    gw_match_peers_done(&match->peers);
    gw_match_waiting_done(&match->waiting);
    free(match);
}

/* A clock that steps back far shows another capture: what was before says nothing of it. */
static void
keep_time(struct gw_match *match, int64_t time_ns)
{
    if (match->peers.began && gw_match_elapsed(match->latest_ns, time_ns) <= STEP_NS) {
        if (time_ns > match->latest_ns)
            match->latest_ns = time_ns;
        gw_match_table_expire(&match->table, match->latest_ns);
        return;
    }
    gw_match_table_expire(&match->table, INT64_MAX);
    gw_match_waiting_flush(&match->waiting);
    gw_match_peers_begin(&match->peers, time_ns);
    match->table.any_overflow = false;
    match->latest_ns = time_ns;
}

static bool
is_degraded(const struct gw_match *match, int64_t time_ns)
{
    return match->table.any_overflow &&
           gw_match_elapsed(time_ns, match->table.overflow_ns) <= DEGRADED_NS;
}

static bool
is_transfer(const struct gw_match_view *view)
{
    return view->payload->transport == GW_TRANSPORT_TCP &&
           (view->qtype == TYPE_AXFR || view->qtype == TYPE_IXFR);
}

/* How the response of the view compares with the query it belongs to. */
static uint32_t
compare(const struct gw_match_view *view, const struct gw_match_asked *asked)
{
    const struct gw_match_opt *opt = &view->opt;
    uint32_t facts = 0;

    if (view->has_question && view->qname_hash == asked->qname_hash &&
        view->case_hash != asked->case_hash)
        facts |= GW_REPLY_CASE_DIFFERS;
    if (opt->has_cookie)
        facts |= asked->opt.has_cookie &&
                         memcmp(opt->cookie, asked->opt.cookie, sizeof(opt->cookie)) == 0
                     ? GW_REPLY_COOKIE_ECHOED
                     : GW_REPLY_COOKIE_WRONG;
    if (opt->has_subnet && (!asked->opt.has_subnet || opt->subnet != asked->opt.subnet))
        facts |= GW_REPLY_ECS_DIFFERS;
    return facts;
}

static void
tell_query(const struct gw_match_asked *asked, struct gw_exchange *exchange)
{
    exchange->has_query = true;
    exchange->query_ip_ttl = asked->ip_ttl;
    exchange->query_edns_size = asked->opt.size;
    exchange->query_id = asked->id;
    exchange->query_facts = asked->facts;
    exchange->query_frame = asked->frame;
    exchange->query_input = asked->input;
    exchange->rtt_ns = gw_match_elapsed(exchange->time_ns, asked->asked_ns);
    exchange->asked = asked->server;
    exchange->wrong_count = asked->wrong_count;
    exchange->wrong_ids = asked->wrong_ids;
    exchange->wrong_steps = asked->wrong_steps;
    exchange->first_wrong_ns = asked->first_wrong_ns;
    exchange->same_question = asked->same_question;
}

static void
tell_first(const struct gw_match_reply *reply, struct gw_exchange *exchange)
{
    exchange->first_ip_ttl = reply->ip_ttl;
    exchange->first_class = reply->class;
    exchange->first_ns = reply->time_ns;
    exchange->first_frame = reply->frame;
    exchange->first_input = reply->input;
    exchange->first_facts = reply->facts;
}

static void
set_leg(struct gw_match *match, const struct gw_match_asked *asked, struct gw_exchange *exchange)
{
    const bool response = match->view.msg->response;
    const bool rd = asked != NULL ? (asked->facts & GW_QUERY_RD) != 0
                                  : (match->view.msg->facts & GW_FACT_RD) != 0;

    if (response && !rd && asked != NULL) {
        exchange->leg = asked->leg;
        return;
    }
    exchange->leg = gw_match_peers_leg(&match->peers, exchange,
        (struct gw_match_leg_facts){.response = response, .plain_query = !rd});
}

/* A response that could not be read leaves its query open: resolvers go on waiting. */
static void
keep_first(struct gw_match *match, struct gw_match_asked *asked)
{
    const struct gw_match_view *view = &match->view;
    const struct gw_payload *payload = view->payload;
    struct gw_match_reply *reply = &asked->reply;

    if (view->msg->class == GW_CLASS_MALFORMED)
        return;
    if (is_transfer(view)) { /* a transfer has many messages */
        asked->renewed_ns = payload->time_ns;
        return;
    }
    asked->is_answered = true;
    *reply = (struct gw_match_reply){
        .time_ns = payload->time_ns,
        .frame = payload->frame,
        .octets_hash = view->octets_hash,
        .input = payload->input,
        .facts = view->msg->facts,
        .class = view->msg->class,
        .ip_ttl = payload->ip_ttl,
    };
    reply->is_kept = gw_match_kept_put(&match->kept, payload, &reply->place);
}

/* Of messages that the snap length cut, what both have is compared. */
static bool
says_the_same(const struct gw_payload *payload, const struct gw_payload *first)
{
    const bool any_cut = ((payload->flags | first->flags) & GW_PAYLOAD_CUT) != 0;
    const uint32_t len = payload->len < first->len ? payload->len : first->len;

    if (payload->declared_len != first->declared_len || (payload->len != first->len && !any_cut))
        return false;
    return memcmp(payload->data, first->data, len) == 0;
}

static enum gw_fit
fit_further(struct gw_match *match, const struct gw_match_reply *reply)
{
    const struct gw_payload *first =
        reply->is_kept ? gw_match_kept_at(&match->kept, reply->place) : NULL;

    if (match->view.octets_hash == reply->octets_hash)
        return GW_FIT_SAME;
    if (first != NULL && says_the_same(match->view.payload, first))
        return GW_FIT_SAME;
    match->first = first;
    match->stats->forgotten += first == NULL;
    return GW_FIT_SECOND;
}

/* The response of the view has every field as @p asked has it. */
static void
settle(struct gw_match *match, struct gw_match_asked *asked, struct gw_exchange *exchange)
{
    switch (gw_match_asked_age(asked, exchange->time_ns)) {
    case GW_MATCH_OPEN:
        tell_query(asked, exchange);
        exchange->fit = GW_FIT_FIRST;
        match->peers.matched++;
        match->stats->rtt_ns_total += exchange->rtt_ns > 0 ? (uint64_t)exchange->rtt_ns : 0;
        keep_first(match, asked);
        return;
    case GW_MATCH_HELD:
        tell_query(asked, exchange);
        tell_first(&asked->reply, exchange);
        exchange->fit = fit_further(match, &asked->reply);
        return;
    case GW_MATCH_LATE:
    case GW_MATCH_OVER:
        break;
    }
    exchange->fit = GW_FIT_LATE;
    asked->was_late = true;
}

static void
take_wrong(struct gw_match *match, struct gw_match_asked *asked, struct gw_exchange *exchange)
{
    if (exchange->fit != GW_FIT_WRONG_SOURCE)
        gw_match_table_note_wrong(&match->table, asked, &match->view);
    tell_query(asked, exchange);
    exchange->same_question = gw_match_table_same_question(&match->table, &match->view);
}

/* Returns false when the response has to wait, which @p may_wait allows. */
static bool
take_response(struct gw_match *match, bool may_wait, struct gw_exchange *exchange)
{
    const struct gw_match_view *view = &match->view;
    struct gw_match_asked *asked = gw_match_table_answered(&match->table, view);

    if (asked != NULL) {
        settle(match, asked, exchange);
    } else if ((asked = gw_match_table_wrong(&match->table, view, &exchange->fit)) != NULL) {
        take_wrong(match, asked, exchange);
    } else {
        if (may_wait &&
            gw_match_peers_may_ask(
                &match->peers, &view->resolver, &view->server, exchange->time_ns) &&
            gw_match_waiting_put(&match->waiting, view))
            return false;
        exchange->fit =
            gw_match_peers_stray(&match->peers, &view->resolver, &view->server, exchange->time_ns);
    }
    if (asked != NULL)
        exchange->reply_facts |= compare(view, asked);
    set_leg(match, asked, exchange);
    if ((exchange->fit == GW_FIT_FIRST || exchange->fit == GW_FIT_UNKNOWN) &&
        (view->msg->facts & (GW_FACT_RA | GW_FACT_RD)) == (GW_FACT_RA | GW_FACT_RD))
        gw_match_peers_answered(&match->peers, &view->server, &view->resolver);
    return true;
}

static void
take_query(struct gw_match *match, struct gw_exchange *exchange)
{
    const struct gw_match_view *view = &match->view;
    struct gw_match_asked *asked = gw_match_table_again(&match->table, view);

    gw_match_peers_asked(
        &match->peers, &view->resolver, &view->server, (view->msg->facts & GW_FACT_RD) != 0);
    exchange->fit = asked != NULL ? GW_FIT_QUERY_AGAIN : GW_FIT_QUERY;
    if (asked == NULL) {
        if (view->payload->transport == GW_TRANSPORT_TCP &&
            gw_match_table_is_retry(&match->table, view))
            exchange->reply_facts |= GW_REPLY_TCP_RETRY;
        asked = gw_match_table_ask(&match->table, view);
        set_leg(match, asked, exchange);
        asked->leg = exchange->leg;
        asked->same_question = gw_match_table_same_question(&match->table, view);
    } else if (view->payload->time_ns > asked->renewed_ns) {
        asked->renewed_ns = view->payload->time_ns;
    }
    exchange->leg = asked->leg;
    exchange->query_facts = asked->facts;
    exchange->query_edns_size = asked->opt.size;
    exchange->same_question = asked->same_question;
    gw_match_waiting_wake(&match->waiting, view);
}

static void
finish_exchange(struct gw_match *match, struct gw_exchange *exchange)
{
    exchange->degraded = is_degraded(match, exchange->time_ns);
    match->stats->fits[exchange->fit]++;
}

bool
gw_match_message(struct gw_match *match, const struct gw_msg *msg, struct gw_exchange *ret_exchange)
{
    struct gw_match_view *view = &match->view;

    match->first = NULL;
    gw_match_view_make(&match->key, msg, view);
    gw_match_view_tell(view, ret_exchange);
    keep_time(match, ret_exchange->time_ns);
    if (gw_match_copies_take(&match->copies, &match->key, view->payload, view->octets_hash)) {
        ret_exchange->fit = GW_FIT_COPY;
    } else if (!msg->response) {
        take_query(match, ret_exchange);
    } else if (!take_response(match, true, ret_exchange)) {
        match->stats->deferred++;
        return false;
    }
    finish_exchange(match, ret_exchange);
    return true;
}

bool
gw_match_waited(struct gw_match *match, int64_t now_ns, struct gw_payload *ret_payload,
    struct gw_exchange *ret_exchange)
{
    const struct gw_payload *payload = gw_match_waiting_next(&match->waiting, now_ns);

    if (payload == NULL)
        return false;
    match->first = NULL;
    *ret_payload = *payload;
    gw_msg_parse(payload, &match->waited);
    gw_match_view_make(&match->key, &match->waited, &match->view);
    gw_match_view_tell(&match->view, ret_exchange);
    (void)take_response(match, false, ret_exchange);
    finish_exchange(match, ret_exchange);
    return true;
}

const struct gw_payload *
gw_match_first(const struct gw_match *match)
{
    return match->first;
}

void
gw_match_finish(struct gw_match *match)
{
    gw_match_table_expire(&match->table, INT64_MAX);
}
