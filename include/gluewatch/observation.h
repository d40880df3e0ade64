/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file observation.h
 * What crosses from parse to analyze: a self-contained copy of one fact about delegations.
 */
#ifndef GLUEWATCH_OBSERVATION_H
#define GLUEWATCH_OBSERVATION_H

#include "gluewatch/exchange.h"

/** What an observation tells. */
enum gw_observation_kind {
    GW_OBSERVATION_DELEGATION, /**< a response with an NS RRset of a zone cut: cut, targets, glue */
    GW_OBSERVATION_AUTHORITY, /**< AA=1 and SOA or NS of an apex: the server serves `cut`; where the
                                 apex NS RRset is in the message, targets and glue are it */
    GW_OBSERVATION_ADDRESS,   /**< AA=1 and addresses of the QNAME: target[0], and they in glue */
    GW_OBSERVATION_DENIAL, /**< AA=1 and NXDOMAIN: the QNAME is not there; cut is the owner of the
                              SOA (GW_FACT_SOA), the root without one */
    GW_OBSERVATION_ERROR,  /**< another RCODE than NOERROR and NXDOMAIN, nothing in any section, or
                              an  answer out of a cache (RA=1, AA=0) to a query with RD=0 */
    GW_OBSERVATION_ALIAS,  /**< AA=1 and a CNAME at the QNAME: target[0] is what it points to */
    GW_OBSERVATION_ANSWER, /**< a resolver's answer to its client: addresses in glue, of any
                           owner (GW_IN_ANSWER) */
    GW_OBSERVATION_OTHER,  /**< anything else; made only on demand, for one of two responses */
};

/** A name in gw_observation.names: canonical (uncompressed, folded, root label included). */
struct gw_observation_name {
    uint64_t hash; /**< keyed hash of the name */
    uint16_t off;  /**< octets from the start of gw_observation.names */
    uint8_t len;   /**< octets, 1..255 */
};

/** A name server that the NS RRset names. */
struct gw_observation_target {
    struct gw_observation_name name;
    uint32_t ttl_s; /**< of the NS record; smallest of duplicates */
    bool in_domain; /**< the name is under the zone cut (RFC 9471 section 2.1) */
    bool has_a;     /**< an A record of it was in the message */
    bool has_aaaa;  /**< an AAAA record of it was in the message */
};

/** An address record of ADDITIONAL (of ANSWER for GW_OBSERVATION_ADDRESS). */
struct gw_observation_glue {
    struct gw_addr addr;
    uint32_t ttl_s; /**< smallest of duplicates */
    uint8_t target; /**< index into targets, or GW_NO_TARGET */
    uint8_t stray;  /**< index into strays when no NS record names the owner; GW_NO_TARGET; or
                           GW_IN_ANSWER */
    uint8_t
        fragment; /**< which piece of the fragment map brought it whole; 0 when not fragmented */
};

#define GW_NO_TARGET 0xffu

/**
 * In gw_observation_glue.stray: not glue, but an address of the QNAME in ANSWER beside the NS
 * RRset that names it (GW_FACT_ADDRESS); `target` says which target the QNAME is.
 */
#define GW_IN_ANSWER 0xfeu

/** Names one observation can hold: cut, QNAME, other, targets, strays. */
#define GW_OBSERVATION_NAMES (3u + GW_TARGETS_MAX + GW_STRAYS_MAX)

/** Fragments whose frames an observation names. */
#define GW_OBSERVATION_PIECES 4u

/**
 * One fact, by value: no pointer, so that it may cross threads; valid until the consumer advances.
 * Sets are sets: duplicates are merged (RFC 2181 section 5), the order is that of first appearance.
 */
struct gw_observation {
    enum gw_observation_kind kind;
    enum gw_class class;     /**< as gw_msg.class */
    uint32_t facts;          /**< enum gw_fact */
    int64_t time_ns;         /**< of the message; ns since 1970 UTC */
    uint64_t frame;          /**< record number in the input */
    uint32_t input;          /**< index of the input */
    struct gw_addr server;   /**< who sent the response */
    struct gw_addr resolver; /**< whom it was sent to */
    uint16_t server_port;    /**< host order */
    uint16_t resolver_port;  /**< host order */
    uint16_t id;             /**< DNS message ID */
    uint16_t qtype;          /**< of the question */
    uint16_t message_len;    /**< octets of the DNS message */
    uint16_t edns_size;      /**< of the response's OPT; meaningful with GW_FACT_OPT */
    uint8_t ip_ttl;          /**< TTL or hop limit of the response */
    uint8_t rcode;           /**< 0..15 */
    uint8_t fragment_count;  /**< pieces that the message came in; 0: whole */
    uint64_t
        fragment_frame[GW_OBSERVATION_PIECES]; /**< record number of each of the first pieces */
    struct gw_exchange exchange;      /**< how it fits what was asked; qname pointer NULL */
    uint8_t target_count;             /**< entries in target, 0..GW_TARGETS_MAX */
    uint8_t glue_count;               /**< entries in glue, 0..GW_GLUE_MAX */
    uint8_t stray_count;              /**< entries in stray, 0..GW_STRAYS_MAX */
    uint16_t target_total;            /**< distinct NS targets in the message */
    uint16_t glue_total;              /**< distinct address records in the message */
    uint64_t content;                 /**< as gw_referral.content; 0 for other kinds */
    struct gw_observation_name cut;   /**< NS owner, or the apex; the root alone for ADDRESS */
    struct gw_observation_name qname; /**< QNAME; the end of the alias chain where there is one */
    struct gw_observation_name other; /**< GW_FACT_MULTI_CUT: the second NS owner; WRONG_SECTION:
                                         the owner; else len 0 */
    struct gw_observation_target target[GW_TARGETS_MAX];
    struct gw_observation_glue glue[GW_GLUE_MAX];
    struct gw_observation_name stray[GW_STRAYS_MAX]; /**< owners of addresses that are no glue */
    uint16_t names_len;                              /**< octets used of names */
    uint8_t names[GW_OBSERVATION_NAMES * GW_NAME_MAX];
};

#endif
