/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file exchange.h
 * How a message fits what was asked: queries and responses brought together by parse/match.
 */
#ifndef GLUEWATCH_EXCHANGE_H
#define GLUEWATCH_EXCHANGE_H

#include "gluewatch/message.h"

/* X(enumerator, name, text): how one message fits the queries and responses before it. */
#define GW_FIT_LIST(X)                                                                           \
    X(UNKNOWN, "unknown", "a response that cannot be matched: the tap does not see the queries") \
    X(QUERY, "query", "a query")                                                                 \
    X(QUERY_AGAIN, "query-again", "a query sent again while it was open")                        \
    X(COPY, "copy", "a packet seen before: mirrored twice, or at two tap points")                \
    X(FIRST, "first", "the first response to a query, every field as asked")                     \
    X(SAME, "same", "a further response that says the same")                                     \
    X(SECOND, "second", "a further response with other octets")                                  \
    X(WRONG_ID, "wrong-id", "ports and question as asked, another message ID")                   \
    X(WRONG_QUESTION, "wrong-question", "ports and message ID as asked, another question")       \
    X(WRONG_SOURCE, "wrong-source", "as asked, but from another address or port")                \
    X(LATE, "late", "its query was given up before")                                             \
    X(UNSOLICITED, "unsolicited", "nothing was asked on these ports")

enum gw_fit {
#define GW_FIT_ENUM(id, name, text) GW_FIT_##id,
    GW_FIT_LIST(GW_FIT_ENUM)
#undef GW_FIT_ENUM
    GW_FIT_COUNT
};

/** Between whom a message travels (docs/DETECTION.md, section 1). */
enum gw_leg {
    GW_LEG_UNKNOWN,
    GW_LEG_UPSTREAM, /**< a resolver asks authoritative servers (RD=0, or RA=0) */
    GW_LEG_CLIENT,   /**< a client asks a resolver */
    GW_LEG_FORWARD,  /**< a resolver asks another resolver */
};

/** What the query had, or-ed into gw_exchange.query_facts. */
enum gw_query_fact {
    GW_QUERY_RD = 1u << 0,
    GW_QUERY_OPT = 1u << 1,
    GW_QUERY_DO = 1u << 2,
    GW_QUERY_COOKIE = 1u << 3,     /**< a COOKIE option (RFC 7873) */
    GW_QUERY_ECS = 1u << 4,        /**< a CLIENT-SUBNET option (RFC 7871) */
    GW_QUERY_MIXED_CASE = 1u << 5, /**< QNAME in both cases, as draft-vixie-dnsext-dns0x20 has it */
    GW_QUERY_TCP = 1u << 6,
};

/** How the response compares with its query, or-ed into gw_exchange.reply_facts. */
enum gw_reply_fact {
    GW_REPLY_CASE_DIFFERS = 1u << 0,  /**< question equal only when folded */
    GW_REPLY_COOKIE_ECHOED = 1u << 1, /**< client part as in the query */
    GW_REPLY_COOKIE_WRONG = 1u << 2,  /**< a client part that the query did not have */
    GW_REPLY_ECS_DIFFERS = 1u << 3, /**< CLIENT-SUBNET that was not asked, or for another prefix */
    GW_REPLY_ECS = 1u << 4,         /**< has a CLIENT-SUBNET option */
    GW_REPLY_TCP_RETRY = 1u << 5,   /**< a query: asks over TCP what is open over UDP */
};

/**
 * One message and its place among queries and responses. By value; `qname` points into memory of
 * the matcher and is valid for the call. Times are packet time.
 */
struct gw_exchange {
    enum gw_fit fit;
    enum gw_leg leg;
    enum gw_class class;     /**< as gw_msg.class: GW_CLASS_QUERY, …, GW_CLASS_DELEGATION */
    uint32_t facts;          /**< enum gw_fact of the message itself */
    int64_t time_ns;         /**< of the message; ns since 1970 UTC */
    uint64_t frame;          /**< record number in the input */
    uint32_t input;          /**< index of the input */
    struct gw_addr resolver; /**< who asks: source of a query, destination of a response */
    struct gw_addr server;   /**< who is asked: destination of a query, source of a response */
    uint16_t resolver_port;  /**< host order */
    uint16_t server_port;    /**< host order */
    uint16_t id;             /**< of the message */
    uint16_t qtype;          /**< of the question; 0 when it has none */
    uint8_t rcode;           /**< of a response, 0..15 */
    uint8_t transport;       /**< enum gw_transport */
    uint8_t ip_ttl;          /**< TTL or hop limit */
    uint8_t qname_len;       /**< octets of qname; 0 when the message has no readable question */
    uint16_t ip_id;          /**< IPv4 identification; meaningful with GW_PAYLOAD_IP_ID */
    uint16_t payload_flags;  /**< enum gw_payload_flag */
    uint16_t edns_size;      /**< of the message's OPT; meaningful with GW_FACT_OPT */
    uint16_t message_len;    /**< octets of the DNS message */
    uint64_t qname_hash;     /**< keyed hash of qname */
    const uint8_t *qname;    /**< canonical wire form, folded; for the call */
    bool
        degraded; /**< open queries were displaced in the last 60 s: pairing is not to be trusted */
    /* Of the query that a response belongs to; meaningful when has_query. */
    bool has_query;           /**< FIRST, SAME, SECOND, WRONG_ID, WRONG_QUESTION, WRONG_SOURCE */
    uint8_t query_ip_ttl;     /**< TTL or hop limit of the query */
    uint16_t query_edns_size; /**< of its OPT; meaningful with GW_QUERY_OPT */
    uint16_t query_id;        /**< its message ID: differs for WRONG_ID */
    uint32_t query_facts;     /**< enum gw_query_fact; of the message itself when it is a query */
    uint32_t reply_facts;     /**< enum gw_reply_fact */
    int64_t rtt_ns;           /**< response minus query; may be negative by a little (skew) */
    uint64_t query_frame;     /**< record number of the query */
    uint32_t query_input;     /**< and its input */
    struct gw_addr asked;     /**< whom the query was sent to: differs for WRONG_SOURCE */
    uint16_t wrong_count;     /**< responses with a wrong ID or question to this query so far */
    uint16_t wrong_ids;       /**< distinct IDs among them, counted up to 64 */
    uint16_t wrong_steps;     /**< of them, those whose ID is one above or below the one before */
    uint16_t
        same_question; /**< open queries of this resolver for the same question, this one too */
    int64_t first_wrong_ns; /**< when the first of the wrong ones came */
    /* Of the first response, for SAME and SECOND. */
    uint8_t first_ip_ttl;      /**< its TTL or hop limit */
    enum gw_class first_class; /**< its gw_msg.class */
    int64_t first_ns;          /**< when it came */
    uint64_t first_frame;      /**< its record number */
    uint32_t first_input;      /**< and its input */
    uint32_t first_facts;      /**< enum gw_fact */
};

/** Matching as a whole. Law: responses = sum of fits[FIRST..UNSOLICITED] + fits[UNKNOWN] + copies.
 */
struct gw_match_stats {
    uint64_t fits[GW_FIT_COUNT]; /**< messages by fit */
    uint64_t unanswered;         /**< queries given up without any response */
    uint64_t overflow;           /**< open queries displaced by others: pairing is degraded */
    uint64_t forgotten;          /**< second responses whose first was no longer held */
    uint64_t deferred;           /**< responses that waited for a query behind them */
    uint64_t rtt_ns_total;       /**< of the FIRST ones */
};

#endif
