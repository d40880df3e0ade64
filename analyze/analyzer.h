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

/** How to analyze. */
struct gw_analyzer_options {
    const struct gw_hash_key *key; /**< for all hashes; copied */
    uint64_t memory;               /**< octets for tables and findings, 8 MiB at least */
    bool lab;                      /**< documentation and benchmarking ranges count as public */
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

#endif
