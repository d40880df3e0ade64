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
    uint64_t frame;             /**< record number of the message told last; from 1 */
    int64_t last_ns;            /**< latest packet time */
    struct gw_observation seen; /**< the message told last */
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

/** Begin a run with @p options; their key is replaced, their memory of 0 is 64 MiB. */
void gw_observe_open_as(
    struct gw_observe_run *run, uint64_t seed, const struct gw_analyzer_options *options);

/** Tell that a server gives the NS RRset of an apex, and addresses beside it, with AA=1. */
void gw_observe_apex(struct gw_observe_run *run, const struct gw_told *told);

#endif
