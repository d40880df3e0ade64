/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file asked.h
 * The queries of the last seconds, and what came to each. For this folder only.
 */
#ifndef GLUEWATCH_PARSE_MATCH_ASKED_H
#define GLUEWATCH_PARSE_MATCH_ASKED_H

#include "parse/match/queue.h"
#include "parse/match/view.h"

#define GW_MATCH_IDS 64u /**< wrong IDs of one query that are told apart */

/** The first response to a query. */
struct gw_match_reply {
    int64_t time_ns;
    uint64_t frame;
    uint64_t octets_hash;
    uint64_t place; /**< where its octets are kept; meaningful when is_kept */
    uint32_t input;
    uint32_t facts;
    enum gw_class class;
    uint8_t ip_ttl;
    bool is_kept;
};

/** One query. */
struct gw_match_asked {
    struct gw_addr resolver, server;
    uint16_t resolver_port, server_port;
    uint16_t id, qtype;
    uint8_t transport;
    uint8_t ip_ttl;
    bool has_question;
    bool is_answered;
    bool was_late; /**< a response came when it had been given up */
    enum gw_leg leg;
    uint32_t facts; /**< enum gw_query_fact */
    uint32_t number;
    uint64_t qname_hash, case_hash;
    int64_t asked_ns;   /**< sent first */
    int64_t renewed_ns; /**< sent last */
    uint64_t frame;
    uint32_t input;
    uint32_t tracker; /**< where its wrong IDs are */
    struct gw_match_opt opt;
    struct gw_match_reply reply; /**< meaningful when is_answered */
    uint16_t wrong_count, wrong_ids, wrong_steps, wrong_last;
    uint16_t same_question; /**< open queries for the question when it was sent */
    int64_t first_wrong_ns;
};

/** The wrong IDs that came to one query. */
struct gw_match_tracker {
    uint32_t owner; /**< number of the query; 0: free */
    uint16_t id[GW_MATCH_IDS];
};

/** How far a query's life is at some time. */
enum gw_match_age {
    GW_MATCH_OPEN, /**< a response is expected */
    GW_MATCH_HELD, /**< it was answered: a further response is recognised */
    GW_MATCH_LATE, /**< given up, and not long ago */
    GW_MATCH_OVER, /**< forgotten */
};

/** The queries, found by port and by question. */
struct gw_match_table {
    struct gw_match_asked *asked;
    struct gw_match_tracker *tracker;
    uint32_t tracker_next;
    struct gw_match_ring ring;
    struct gw_match_index by_port, by_question;
    struct gw_match_stats *stats;
    bool any_overflow;
    int64_t overflow_ns; /**< when an open query was displaced last */
};

/** Set up @p table within @p memory octets; GW_DONE or GW_E_NOMEM. */
GW_MUST_CHECK int gw_match_table_init(
    struct gw_match_table *table, uint64_t memory, struct gw_match_stats *stats);

/** Free what it holds. */
void gw_match_table_done(struct gw_match_table *table);

/** Let go of what is over at @p now_ns; of all for INT64_MAX. */
void gw_match_table_expire(struct gw_match_table *table, int64_t now_ns);

/** Return how far the life of @p asked is at @p now_ns. */
enum gw_match_age gw_match_asked_age(const struct gw_match_asked *asked, int64_t now_ns);

/** Return the open query that the query @p view sends again, or NULL. */
struct gw_match_asked *gw_match_table_again(
    struct gw_match_table *table, const struct gw_match_view *view);

/** Take in the query @p view; return it. */
struct gw_match_asked *gw_match_table_ask(
    struct gw_match_table *table, const struct gw_match_view *view);

/** Return the query that the response @p view answers, open, held or late, or NULL. */
struct gw_match_asked *gw_match_table_answered(
    struct gw_match_table *table, const struct gw_match_view *view);

/**
 * Return the query, open or held, that the response @p view fits but for one thing, or NULL.
 *
 * @param ret_fit  GW_FIT_WRONG_ID, GW_FIT_WRONG_QUESTION or GW_FIT_WRONG_SOURCE
 */
struct gw_match_asked *gw_match_table_wrong(
    struct gw_match_table *table, const struct gw_match_view *view, enum gw_fit *ret_fit);

/** Note a response with a wrong ID or question to @p asked. */
void gw_match_table_note_wrong(
    struct gw_match_table *table, struct gw_match_asked *asked, const struct gw_match_view *view);

/**
 * Return how many queries for the question of @p view, of its resolver and to any server, are
 * open; those sent first more than five seconds ago are not counted.
 */
uint16_t gw_match_table_same_question(
    const struct gw_match_table *table, const struct gw_match_view *view);

/** Whether the TCP query @p view asks what is open over UDP, of the same server. */
bool gw_match_table_is_retry(const struct gw_match_table *table, const struct gw_match_view *view);

#endif
