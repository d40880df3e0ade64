/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file observe.h
 * Observations from text, and an analyzer that is fed with them the way a run feeds it.
 *
 * What a referral says is written as the cut, a colon, and its name servers with their addresses;
 * a plus sign stands before the owner of an address that no NS record names:
 *
 *     foo.example: ns1.foo.example=192.0.2.11,2001:db8::11 ns2.bar.test +www.bank.test=192.0.2.66
 *
 * Names are text with dots, "." is the root; no escapes. Wrong text ends the program.
 */
#ifndef GLUEWATCH_TESTS_SUPPORT_OBSERVE_H
#define GLUEWATCH_TESTS_SUPPORT_OBSERVE_H

#include "analyze/analyzer.h"

/** Packet time of second 0 of every test: 2026-01-01 00:00 UTC, in ns. */
#define GW_OBSERVE_EPOCH_NS 1767225600000000000LL

/** Seconds of longer times. */
#define GW_OBSERVE_H   3600.0
#define GW_OBSERVE_DAY 86400.0

/** Facts of an ordinary referral. */
#define GW_OBSERVE_FACTS (GW_FACT_NS | GW_FACT_UNDER_CUT)

/** One message to tell the analyzer of; what is left 0 is as in an ordinary referral over UDP. */
struct gw_told {
    double at_s;          /**< seconds after GW_OBSERVE_EPOCH_NS; may be negative */
    const char *server;   /**< address of the sender */
    const char *resolver; /**< address of the receiver */
    const char *says;     /**< see the top of this file */
    const char *qname;    /**< NULL: www under the cut */
    uint16_t qtype;       /**< 0: A */
    uint32_t facts;       /**< or-ed with GW_OBSERVE_FACTS */
    uint32_t facts_off;   /**< facts that it has not, though ordinary ones have them */
    enum gw_class class;  /**< GW_CLASS_QUERY (0): undecided, GW_CLASS_DELEGATION */
    uint32_t ttl_s;       /**< of all records; 0: 3600 */
};

/** An analyzer with all that is around it; large. */
struct gw_observe_run {
    struct gw_hash_key key;
    struct gw_stats stats;
    struct gw_analyzer *analyzer;
    uint64_t frame;              /**< record number of the message told last; from 1 */
    int64_t last_ns;             /**< latest packet time */
    struct gw_observation seen;  /**< the message told last */
    struct gw_observation first; /**< the first response of gw_observe_answered() */
};

/** Write the canonical wire form of @p text; return its octets. */
uint8_t gw_observe_name(const char *text, uint8_t wire[GW_NAME_MAX]);

/** Return the address that @p text writes. */
struct gw_addr gw_observe_addr(const char *text);

/** Build the observation of @p told under the key @p key; frame 0. */
void gw_observe_build(
    const struct gw_hash_key *key, const struct gw_told *told, struct gw_observation *ret_seen);

/** Begin a run with the lab profile (documentation addresses are public) and 64 MiB. */
void gw_observe_open(struct gw_observe_run *run, uint64_t seed);

/** Begin a run with @p memory octets. */
void gw_observe_open_with(struct gw_observe_run *run, uint64_t seed, uint64_t memory, bool lab);

/** End it; accepts a zeroed one. */
void gw_observe_close(struct gw_observe_run *run);

/** Tell of one referral, through the look for repeats first, as a run does; return its class. */
enum gw_class gw_observe_tell(struct gw_observe_run *run, const struct gw_told *told);

/** Tell that @p server answers with AA=1 for @p apex. */
void gw_observe_authority(
    struct gw_observe_run *run, double at_s, const char *server, const char *apex);

/** Tell that a name server's own zone gives the addresses in @p says: "ns1.foo.example=…". */
void gw_observe_truth(struct gw_observe_run *run, double at_s, const char *says);

/** End the run at @p at_s, or at the latest message when that is later. */
void gw_observe_finish(struct gw_observe_run *run, double at_s, uint32_t caveats);

/** Return the finding of @p kind about @p name (name server or owner, else the cut), or NULL. */
const struct gw_finding *gw_observe_find(
    const struct gw_observe_run *run, enum gw_kind kind, const char *name);

/** Count the findings of at least @p severity and @p confidence. */
uint32_t gw_observe_count(
    const struct gw_observe_run *run, enum gw_severity severity, double confidence);

/** Print the findings, for a test that fails. */
void gw_observe_print(const struct gw_observe_run *run);

/** Return the next number of a sequence, and move @p state on; the same everywhere. */
uint64_t gw_observe_next(uint64_t *state);

/** What else a message may have; for gw_observe_tell_more(). */
struct gw_told_more {
    enum gw_observation_kind kind;
    uint8_t rcode;
    enum gw_leg leg;
    const char *other;     /**< name for gw_observation.other; NULL: none */
    uint16_t target_total; /**< NS records in all; 0: those that are written */
};

/** Tell of a message that is more than a referral; return its class. */
enum gw_class gw_observe_tell_more(
    struct gw_observe_run *run, const struct gw_told *told, const struct gw_told_more *more);

/** Tell that @p resolver asks @p server for @p qname (type A). */
void gw_observe_query(struct gw_observe_run *run, double at_s, const char *resolver,
    const char *server, const char *qname);

/**
 * Return the finding of @p kind and @p variant (NULL: any) with the greatest severity, or NULL.
 */
const struct gw_finding *gw_observe_variant(
    const struct gw_observe_run *run, enum gw_kind kind, const char *variant);
/**
 * Tell of an observation of @p kind as @p told describes it; `says` is the cut (of DENIAL the zone
 * that answers; of ADDRESS and ANSWER the root), a colon and what is said.
 */
void gw_observe_fact(struct gw_observe_run *run, enum gw_observation_kind kind, uint8_t rcode,
    uint32_t reply_facts, const struct gw_told *told);

/** Tell that @p resolver sends @p server a query for @p qname (RD=0). */
void gw_observe_contact(struct gw_observe_run *run, double at_s, const char *resolver,
    const char *server, const char *qname);

/** Tell that @p server answers such a query with AA=1, first and as asked. */
void gw_observe_contact_reply(struct gw_observe_run *run, double at_s, const char *resolver,
    const char *server, const char *qname);
/** One message and how it fits; what is left 0 is as in an ordinary response over UDP. */
struct gw_fitted {
    double at_s;          /**< seconds after GW_OBSERVE_EPOCH_NS */
    enum gw_fit fit;      /**< GW_FIT_UNKNOWN (0): GW_FIT_FIRST */
    enum gw_leg leg;      /**< GW_LEG_UNKNOWN (0): upstream */
    enum gw_class class;  /**< GW_CLASS_QUERY (0): of a response, GW_CLASS_DELEGATION */
    const char *server;   /**< address */
    const char *resolver; /**< address */
    const char *asked;    /**< for GW_FIT_WRONG_SOURCE */
    const char *qname;    /**< NULL: www.foo.example */
    uint16_t port;        /**< of the resolver; 0: 4242 */
    uint16_t id;
    uint32_t facts;         /**< of the response */
    uint32_t query_facts;   /**< of its query */
    uint32_t reply_facts;   /**< how the two compare */
    uint16_t payload_flags; /**< besides GW_PAYLOAD_IP_ID */
    uint16_t ip_id;         /**< IPv4 identification */
    uint8_t ip_ttl;         /**< 0: 57 */
    uint8_t rcode;          /**< 0..15 */
    uint8_t transport;      /**< 0: UDP */
    double rtt_s;           /**< 0: 20 ms */
    uint16_t wrong;         /**< responses with a wrong ID so far, each with its own ID */
    uint16_t steps;         /**< of them, those one above the one before */
    uint16_t same_question; /**< open queries for the same question; 0: 1 */
    double first_wrong_s;   /**< before at_s, when the first wrong one came */
    double first_s;         /**< before at_s, when the first response came, of fit SECOND */
    uint8_t first_ip_ttl;   /**< its TTL; 0: 57 */
    bool degraded;          /**< as in gw_exchange */
    uint8_t fragments;      /**< pieces that the message came in */
    uint8_t from_fragment;  /**< the piece that brought the last address; the others the first */
};

/** Tell of one message by how it fits, and of nothing else. */
void gw_observe_fitted(struct gw_observe_run *run, const struct gw_fitted *fitted);

/** Tell of a query from @p resolver to @p server. */
void gw_observe_asking(
    struct gw_observe_run *run, double at_s, const char *resolver, const char *server);

/** Tell of a query and of the response that fits it first, @p says as in struct gw_told. */
void gw_observe_answered(
    struct gw_observe_run *run, const struct gw_fitted *fitted, const struct gw_told *told);

/**
 * Tell of a second response to the query that gw_observe_answered() told last; both are given to
 * the analyzer.
 */
void gw_observe_second(
    struct gw_observe_run *run, const struct gw_fitted *fitted, const struct gw_told *told);

/** Begin a run with @p options; their key is replaced, their memory of 0 is 64 MiB. */
void gw_observe_open_as(
    struct gw_observe_run *run, uint64_t seed, const struct gw_analyzer_options *options);

/** Tell that a server gives the NS RRset of an apex, and addresses beside it, with AA=1. */
void gw_observe_apex(struct gw_observe_run *run, const struct gw_told *told);

#endif
