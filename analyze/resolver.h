/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file resolver.h
 * How well each resolver's queries and responses are paired at this tap, and how many responses
 * fit badly. What a resolver's health is judged by an attacker cannot spoil: queries, the past,
 * and what fits nobody's query only as far as it is no more than what fits.
 */
#ifndef GLUEWATCH_ANALYZE_RESOLVER_H
#define GLUEWATCH_ANALYZE_RESOLVER_H

#include "analyze/recent.h"
#include "gluewatch/exchange.h"

/** Five-minute windows of a day. */
#define GW_RESOLVER_WINDOWS 288u

/** Ten-second windows: the latest, and the six before it. */
#define GW_RESOLVER_SLICES 7u

/** Minutes that the rate of mismatches is counted over. */
#define GW_RESOLVER_MINUTES 10u

/** Responses after which health is known. */
#define GW_RESOLVER_REPLIES 200u

/** Responses without which nothing is said of it. */
#define GW_RESOLVER_REPLIES_LEAST 20u

/** What a resolver asked and was told in some time. */
struct gw_resolver_window {
    uint32_t queries;   /**< not sent before */
    uint32_t first;     /**< responses of fit FIRST */
    uint32_t unmatched; /**< of fit UNSOLICITED; in each second no more than 1 + those that fit */
};

/** One resolver; all zero for one never seen. */
struct gw_resolver {
    int64_t first_ns;      /**< its first query */
    int64_t window_no;     /**< number of the latest five-minute window */
    int64_t slice_no;      /**< number of the latest ten-second window */
    int64_t minute_no;     /**< number of the latest minute with a mismatch */
    int64_t second_no;     /**< of the latest unmatched response */
    int64_t hour_no;       /**< of the latest unmatched response */
    uint64_t queries;      /**< in all */
    uint64_t replies;      /**< of fit FIRST, in all */
    uint64_t mismatched;   /**< queries in all that got a response with a wrong ID or question */
    uint32_t second_first; /**< of fit FIRST in that second */
    uint32_t second_unmatched;  /**< counted as unmatched in that second */
    uint32_t hour_unsolicited;  /**< of fit UNSOLICITED in that hour, all of them */
    uint32_t hour_first;        /**< of fit FIRST in that hour */
    uint32_t hour_sources;      /**< of them, whose source was another than the one before */
    int64_t hour_begin_ns;      /**< first of them */
    struct gw_addr hour_source; /**< latest of them */
    struct gw_resolver_window window[GW_RESOLVER_WINDOWS];
    struct gw_resolver_window slice[GW_RESOLVER_SLICES];
    uint32_t minute[GW_RESOLVER_MINUTES]; /**< queries with mismatches */
};

/** What the pairing of a resolver's queries allows to say. */
struct gw_resolver_health {
    bool both_ways;  /**< its queries are seen, and responses that fit them */
    bool healthy;    /**< both ways, and enough of them are paired */
    bool short_run;  /**< fewer than GW_RESOLVER_REPLIES responses were seen at all */
    bool degraded;   /**< the matcher displaced open queries, or packets were lost */
    double paired;   /**< median share of five-minute windows, 0..1 */
    double answered; /**< share of the last minute's queries, 0..1 */
};

/** Up to GW_RESOLVERS_KNOWN resolvers; owned by the analyzer. */
struct gw_resolver_table {
    struct gw_recent resolvers; /**< key: struct gw_addr; struct gw_resolver */
    uint64_t replies;           /**< of fit FIRST to any of them */
};

/** Make an empty table; NULL without memory. @p key outlives it. */
struct gw_resolver_table *gw_resolver_new(const struct gw_hash_key *key);

/** Free @p table; accepts NULL. */
void gw_resolver_free(struct gw_resolver_table *table);

/** Return the octets of memory that it may touch. */
uint64_t gw_resolver_octets(const struct gw_resolver_table *table);

/** Return what is known of @p resolver, or NULL. */
const struct gw_resolver *gw_resolver_find(
    const struct gw_resolver_table *table, const struct gw_addr *resolver);

/** Count a message upstream; those between clients and resolvers are left out. */
void gw_resolver_learn(struct gw_resolver_table *table, const struct gw_exchange *exchange);

/** Judge the pairing of the resolver of @p exchange at its time. */
struct gw_resolver_health gw_resolver_health(
    const struct gw_resolver_table *table, const struct gw_exchange *exchange);

/**
 * Tell whether the pairing of the resolver's queries is healthy at @p now_ns: then the absence of
 * a query means something.
 */
bool gw_resolver_pairing_is_healthy(
    const struct gw_resolver_table *table, const struct gw_addr *resolver, int64_t now_ns);

/** Count its queries of the ten minutes up to @p now_ns that had mismatches. */
uint32_t gw_resolver_mismatches(const struct gw_resolver *resolver, int64_t now_ns);

#endif
