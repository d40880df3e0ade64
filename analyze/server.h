/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file server.h
 * How each server's responses look and travel, learned from the responses that fit a query first,
 * and how one response differs from that.
 *
 * Habits (OPT, cookies, DF, identifications, letter case, fragments, checksums) are kept per
 * server address. The path (IP TTL, round trip) is that between one resolver and one server; where
 * too little is known of the two, the server's paths to all resolvers stand for it as long as they
 * are alike.
 */
#ifndef GLUEWATCH_ANALYZE_SERVER_H
#define GLUEWATCH_ANALYZE_SERVER_H

#include "analyze/recent.h"
#include "gluewatch/exchange.h"

/** Responses after which a habit counts as known. */
#define GW_SERVER_SAMPLES 20u

/** Responses in a row on a new path after which it is the path. */
#define GW_SERVER_SHIFT 5u

/** The usual path of responses. */
struct gw_server_path {
    uint32_t seen;        /**< responses learned */
    uint32_t other;       /**< of them, those with neither of the two usual TTLs */
    uint32_t ttl_seen[2]; /**< of them, those with each */
    int64_t rtt_min_ns;   /**< smallest round trip; 0: none yet */
    int64_t rtt_mean_ns;  /**< smoothed by eighths */
    uint8_t ttl[2];       /**< the usual TTLs or hop limits: an anycast server has two */
    uint8_t shift_ttl;    /**< of the responses that took another path, last */
    uint8_t shift_count;  /**< how many of them came one after the other */
    uint8_t stray_ttl;    /**< of the responses that were unlike in TTL or round trip alone, last */
    uint8_t stray_count;  /**< how many there were */
    int64_t shift_rtt_ns; /**< smallest round trip among those that took another path */
    int64_t stray_rtt_ns; /**< smallest round trip among those with stray_ttl */
};

/** How often a server does a thing, of the times that it could. */
struct gw_server_habit {
    uint32_t could;
    uint32_t did;
};

/** What is known of a server; all zero for one never heard. */
struct gw_server {
    uint32_t seen;                   /**< responses learned, over UDP */
    struct gw_server_path path;      /**< to all resolvers together */
    struct gw_server_habit opt;      /**< an OPT record, where the query had one */
    struct gw_server_habit cookie;   /**< a COOKIE, where the query had one */
    struct gw_server_habit df;       /**< the DF bit, over IPv4 */
    struct gw_server_habit id_zero;  /**< identification 0, over IPv4 */
    struct gw_server_habit id_step;  /**< one up to 64 above the one before, over IPv4 */
    struct gw_server_habit echo;     /**< the case of a QNAME in mixed case */
    struct gw_server_habit fragment; /**< comes in fragments */
    struct gw_server_habit sum_bad;  /**< a wrong UDP checksum, of those that could be computed */
    uint16_t edns_size;              /**< of its latest OPT */
    uint16_t ip_id;                  /**< of its latest response over IPv4 */
};

/** What of a response is unlike its server, or-ed into gw_server_judgement.breaks. */
enum gw_server_break {
    GW_SERVER_BREAK_TTL = 1u << 0,    /**< more than one off from both usual TTLs */
    GW_SERVER_BREAK_RTT = 1u << 1,    /**< after less than half of the smallest round trip */
    GW_SERVER_BREAK_OPT = 1u << 2,    /**< no OPT from a server that always sends it */
    GW_SERVER_BREAK_COOKIE = 1u << 3, /**< no COOKIE from one that always does, or a wrong one */
    GW_SERVER_BREAK_DF = 1u << 4,     /**< DF unlike always */
    GW_SERVER_BREAK_IP_ID = 1u << 5,  /**< identification 0 unlike always, or out of step */
    GW_SERVER_BREAK_CASE = 1u << 6,   /**< case not echoed by a server that always does */
};

#define GW_SERVER_BREAKS_PATH (GW_SERVER_BREAK_TTL | GW_SERVER_BREAK_RTT)

/** How one response compares with its server, before it is learned. */
struct gw_server_judgement {
    uint64_t frame;          /**< of the message judged */
    uint32_t input;          /**< likewise */
    uint32_t breaks;         /**< enum gw_server_break */
    bool path_known;         /**< TTL and round trip could be compared */
    bool shifted;            /**< the fifth in a row on a new path, which is the path from now */
    uint8_t usual_ip_ttl;    /**< the most frequent; 0 when not known */
    uint8_t second_ip_ttl;   /**< the other usual one; 0 when there is none */
    int64_t usual_rtt_ns;    /**< the smallest; 0 when not known */
    struct gw_server habits; /**< as they were before the message */
    uint32_t pair_habit;     /**< times this server answered for the one asked, before */
};

/** How many of GW_SERVERS_KNOWN servers look; owned by the analyzer. */
struct gw_server_table {
    struct gw_recent servers;          /**< key: struct gw_addr; struct gw_server */
    struct gw_recent paths;            /**< key: resolver and server; struct gw_server_path */
    struct gw_recent stand_ins;        /**< key: asked and answering address; uint32_t: how often */
    struct gw_server_habit sum_bad;    /**< of the tap */
    struct gw_server_judgement latest; /**< of the message judged last */
};

/** Make an empty table; NULL without memory. @p key outlives it. */
struct gw_server_table *gw_server_new(const struct gw_hash_key *key);

/** Free @p table; accepts NULL. */
void gw_server_free(struct gw_server_table *table);

/** Return the octets of memory that it may touch. */
uint64_t gw_server_octets(const struct gw_server_table *table);

/** Return what is known of @p server, or NULL. */
const struct gw_server *gw_server_find(
    const struct gw_server_table *table, const struct gw_addr *server);

/** Compare a message with its server into gw_server_table.latest; learns nothing. */
void gw_server_judge(struct gw_server_table *table, const struct gw_exchange *exchange);

/**
 * Learn from a message, after it was judged: habits and paths from those of fit FIRST over UDP
 * upstream, and who answers in whose place from those of fit WRONG_SOURCE.
 */
void gw_server_learn(struct gw_server_table *table, const struct gw_exchange *exchange);

/** Return the judgement of the message @p exchange, or NULL when it was not the latest. */
const struct gw_server_judgement *gw_server_latest(
    const struct gw_server_table *table, const struct gw_exchange *exchange);

/** Tell whether @p ip_ttl is one off at most from a usual TTL of the judgement's server. */
bool gw_server_ttl_fits(const struct gw_server_judgement *judgement, uint8_t ip_ttl);

/** Tell whether @p habit is known and was kept every time. */
bool gw_server_always(const struct gw_server_habit *habit);

/** Tell whether @p habit is known and never was done. */
bool gw_server_never(const struct gw_server_habit *habit);

#endif
