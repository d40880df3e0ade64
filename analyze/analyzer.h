/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file analyzer.h
 * The door of the room: observations in, findings out.
 */
#ifndef GLUEWATCH_ANALYZE_ANALYZER_H
#define GLUEWATCH_ANALYZE_ANALYZER_H

#include "base/hash.h"
#include "gluewatch/finding.h"
#include "gluewatch/observation.h"
#include "gluewatch/referral.h"
#include "gluewatch/stats.h"

struct gw_analyzer;
struct gw_lists;
struct gw_reference;
struct gw_reference_roots;
struct gw_snapshot_record;
struct gw_snapshot_walk;

/** How to analyze. */
struct gw_analyzer_options {
    const struct gw_hash_key *key; /**< for all hashes; copied */
    uint64_t memory;               /**< octets for tables and findings, 8 MiB at least */
    bool lab;                      /**< documentation and benchmarking ranges count as public */
    const struct gw_reference
        *reference; /**< what is known to be true; outlives it; NULL: nothing */
    const struct gw_reference_roots
        *roots;                   /**< the root servers; outlive it; NULL: nothing is known */
    const struct gw_lists *lists; /**< the operator's lists; outlive it; NULL: none */
};

/**
 * Make an analyzer.
 *
 * @param stats  its `table` and `finding` parts are filled; owned by the caller, outlives the
 * analyzer
 * @return NULL when there is no memory
 */
struct gw_analyzer *gw_analyzer_new(
    const struct gw_analyzer_options *options, struct gw_stats *stats);

/** Free @p analyzer; accepts NULL. */
void gw_analyzer_free(struct gw_analyzer *analyzer);

/** Prepare for the referrals of a batch: their cache misses overlap. */
void gw_analyzer_prefetch_bulk(
    const struct gw_analyzer *analyzer, const struct gw_referral *referral, uint32_t count);

/**
 * Tell whether a referral only repeats what the same witness said before: then it is counted and
 * needs no observation.
 *
 * @param ret_class  its final class; written for a repeat only
 */
bool gw_analyzer_is_repeat(
    struct gw_analyzer *analyzer, const struct gw_referral *referral, enum gw_class *ret_class);

/**
 * Learn one observation and judge it.
 *
 * @param seen  its facts may gain GW_FACT_PROMISCUOUS
 * @return the final class of the message
 */
enum gw_class gw_analyzer_observe(struct gw_analyzer *analyzer, struct gw_observation *seen);

/**
 * Return the class that a response with a delegation has by what is known now; nothing is learned
 * or judged.
 *
 * @param seen  its facts may gain GW_FACT_PROMISCUOUS
 */
enum gw_class gw_analyzer_classify(struct gw_analyzer *analyzer, struct gw_observation *seen);

/**
 * Judge one message by how it fits what was asked; to be told of every message, queries too,
 * before gw_analyzer_is_repeat() and gw_analyzer_observe() are asked about it.
 */
void gw_analyzer_exchange(struct gw_analyzer *analyzer, const struct gw_exchange *exchange);

/**
 * Judge a second response to one query; nothing is learned from it.
 *
 * @param second  the response, of fit GW_FIT_SECOND
 * @param first   the one before it
 */
void gw_analyzer_second(struct gw_analyzer *analyzer, struct gw_observation *second,
    const struct gw_observation *first);

/** Judge what a packet showed that is no message. */
void gw_analyzer_sighting(struct gw_analyzer *analyzer, const struct gw_sighting *sighting);

/**
 * End the run: judge once more what is contested, and order the findings.
 *
 * @param last_ns  packet time of the run's last record
 * @param caveats  of the whole run (enum gw_caveat)
 */
void gw_analyzer_finish(struct gw_analyzer *analyzer, int64_t last_ns, uint32_t caveats);

/**
 * Return finding @p index in order of telling, or NULL past the last; valid until the analyzer
 * ends.
 */
const struct gw_finding *gw_analyzer_finding(const struct gw_analyzer *analyzer, uint32_t index);

/** Return incident @p index in order of telling, or NULL past the last. */
const struct gw_incident *gw_analyzer_incident(const struct gw_analyzer *analyzer, uint32_t index);

/** Say when what is going to be recalled began: see gw_snapshot_recall_begin(). */
void gw_analyzer_recall_begin(struct gw_analyzer *analyzer, int64_t begin_ns, int64_t latest_ns);

/** Know again what @p record tells; before the first packet. */
void gw_analyzer_recall(struct gw_analyzer *analyzer, const struct gw_snapshot_record *record);

/** Begin to tell all that is known, for a snapshot; NULL without memory. */
struct gw_snapshot_walk *gw_analyzer_walk_new(struct gw_analyzer *analyzer);

#endif
