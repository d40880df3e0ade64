/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file suspect.h
 * What became of suspect glue: addresses that findings tell of, who was told them, and who asked
 * them afterwards.
 *
 * Method. Every query of a resolver leaves its pair (resolver group, server) in a store, so that it
 * is known whether a resolver ever asked an address before. The first query of a pair is kept whole
 * for a while, for a finding may come after the query that follows it: the forged response comes,
 * the resolver asks the address in it, and only the true response shows the contradiction. All
 * stores are bounded; what was longest not renewed leaves.
 */
#ifndef GLUEWATCH_ANALYZE_SUSPECT_H
#define GLUEWATCH_ANALYZE_SUSPECT_H

#include "analyze/recall.h"
#include "analyze/table.h"
#include "gluewatch/finding.h"

/** Resolver groups remembered of one suspect. */
#define GW_SUSPECT_TOLD_MAX 8u

/** Cases of a resolver that followed suspect glue under one delegation. */
#define GW_SUSPECT_FOLLOWS_MAX 128u

/** Distinct clients counted of such a case. */
#define GW_SUSPECT_CLIENTS_MAX 4u

/** A pair that is silent for longer has no prior traffic. */
#define GW_SUSPECT_SILENCE_NS (7 * 86400 * GW_NS_PER_S)

/** A resolver that was told a suspect address. */
struct gw_suspect_told {
    struct gw_addr group;    /**< its group */
    struct gw_addr resolver; /**< one address of it */
    struct gw_addr server;   /**< who told it first */
    int64_t first_ns;        /**< when it was told first */
    int64_t last_ns;         /**< and last, at least */
    uint64_t frame;          /**< record number of the first */
    uint32_t input;          /**< and its input */
};

/** An address that a finding tells of, for one name server of one delegation. */
struct gw_suspect {
    struct gw_addr address;
    struct gw_name zone, cut, name; /**< of the finding; zone and name may be absent */
    enum gw_kind kind;              /**< of the finding with most points */
    enum gw_severity severity;      /**< the highest of its findings */
    double points;                  /**< what the terms of the finding add up to; the highest */
    uint32_t ttl_s;                 /**< longest TTL that the address was told with */
    uint8_t told_count;             /**< entries in told */
    bool pending;                   /**< news: queries before it are to be looked through */
    struct gw_suspect_told told[GW_SUSPECT_TOLD_MAX];
};

/** Whether and since when a resolver group asks a server. */
struct gw_suspect_pair {
    int64_t first_ns; /**< first query after a week's silence */
    int64_t last_ns;  /**< latest query, up to a minute before it */
};

/** The first query of a pair, whole. */
struct gw_suspect_contact {
    struct gw_exchange exchange; /**< its qname pointer is NULL */
    uint8_t qname[GW_NAME_MAX];  /**< exchange.qname_len octets */
    bool taken;                  /**< false in a record never used */
    bool alone;                  /**< nobody asked this server before */
    bool answered;               /**< a response with AA=1 came back */
};

/** A resolver group that asked a suspect address after it was told it. */
struct gw_suspect_follow {
    struct gw_addr group, resolver; /**< group, and one address of it */
    struct gw_addr address;         /**< the suspect */
    struct gw_name zone, cut;       /**< as in the suspect */
    int64_t since_ns;               /**< of the first query */
    uint8_t client_count;           /**< distinct clients with other answers, up to the bound */
    uint64_t client[GW_SUSPECT_CLIENTS_MAX]; /**< keyed hashes: the addresses are not kept */
};

/** All of it; owned by the analyzer. */
struct gw_suspects {
    const struct gw_hash_key *key; /**< the tables' */
    struct gw_recall suspects;     /**< struct gw_suspect */
    struct gw_recall pairs;        /**< struct gw_suspect_pair */
    struct gw_recall servers;      /**< int64_t: when anybody asked the server first */
    struct gw_recall contacts;     /**< struct gw_suspect_contact */
    bool pending;                  /**< there are suspects with news */
    uint32_t follow_count;         /**< entries in follow */
    uint64_t refused;              /**< cases that there was no room for */
    uint64_t filter[16];           /**< bits of the suspects' addresses, for a quick no */
    struct gw_suspect_follow follow[GW_SUSPECT_FOLLOWS_MAX];
};

/** Make empty stores that take @p memory octets at most, where it is 1 MiB at least; or NULL. */
struct gw_suspects *gw_suspect_new(const struct gw_hash_key *key, uint64_t memory);

/** Free them; accepts NULL. */
void gw_suspect_free(struct gw_suspects *suspects);

/**
 * Note the contrary addresses of @p finding, if it is of a kind and severity that makes an address
 * suspect, and of a confidence of 0.3 or more; of two responses to one query, those that the
 * tables contradict.
 */
void gw_suspect_add(
    struct gw_suspects *suspects, const struct gw_table *table, const struct gw_finding *finding);

/** Tell whether @p address may be suspect: one look at the filter; no is certain. */
bool gw_suspect_may_be(const struct gw_suspects *suspects, const struct gw_addr *address);

/** Tell whether @p address is suspect. */
bool gw_suspect_is(const struct gw_suspects *suspects, const struct gw_addr *address);

/** Tell whether a resolver asked @p address after suspect glue had told it to. */
bool gw_suspect_was_followed(const struct gw_suspects *suspects, const struct gw_addr *address);

/**
 * Note a query of a resolver.
 *
 * @return the contact when it is the first of its pair in a week, else NULL
 */
struct gw_suspect_contact *gw_suspect_note_query(
    struct gw_suspects *suspects, const struct gw_exchange *exchange);

/**
 * Note a response with AA=1.
 *
 * @return the contact when it is the first such response after the first query, else NULL
 */
struct gw_suspect_contact *gw_suspect_note_answer(
    struct gw_suspects *suspects, const struct gw_exchange *exchange);

/** Return the first query of (group @p group, server @p server) while it is held, or NULL. */
struct gw_suspect_contact *gw_suspect_contact_of(
    const struct gw_suspects *suspects, const struct gw_addr *group, const struct gw_addr *server);

/** Return the case of resolver group @p group that holds @p name under its cut, or NULL. */
struct gw_suspect_follow *gw_suspect_follow_of(
    struct gw_suspects *suspects, const struct gw_addr *group, const struct gw_table_name *name);

/** Note that @p group, with the address @p resolver, follows @p suspect since @p since_ns. */
void gw_suspect_note_follow(struct gw_suspects *suspects, const struct gw_suspect *suspect,
    const struct gw_suspect_told *told, int64_t since_ns);

/** Count @p client among those of @p follow; return how many are known, up to the bound. */
uint32_t gw_suspect_note_client(const struct gw_suspects *suspects,
    struct gw_suspect_follow *follow, const struct gw_addr *client);

/** Octets of memory that @p suspects takes now. */
uint64_t gw_suspect_octets(const struct gw_suspects *suspects);

#endif
