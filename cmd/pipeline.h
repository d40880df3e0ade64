/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file pipeline.h
 * Batches from a source through parse and analyze, findings to the sinks. The only place where the
 * rooms meet.
 */
#ifndef GLUEWATCH_CMD_PIPELINE_H
#define GLUEWATCH_CMD_PIPELINE_H

#include <signal.h>
#include <stdio.h>

#include "base/hash.h"
#include "cmd/progress.h"
#include "gluewatch/stats.h"
#include "report/sink.h"

#define GW_PIPELINE_SINKS_MAX 17u

struct gw_lists;
struct gw_reference;
struct gw_reference_roots;
struct gw_state;

/** What a run needs; owned by the caller, outlives the run. */
struct gw_pipeline_spec {
    struct gw_source *source;                    /**< opened */
    struct gw_sink *sink[GW_PIPELINE_SINKS_MAX]; /**< opened */
    uint32_t sink_count;
    struct gw_hash_key key;                 /**< for all hashes of the analysis */
    uint64_t memory;                        /**< octets for tables and findings */
    uint64_t frame_max;                     /**< frames that the source delivers at most; 0: all */
    uint32_t workers;                       /**< threads, 1..GW_CREW_MAX */
    const struct gw_reference *reference;   /**< zones that are known; NULL: none */
    const struct gw_reference_roots *roots; /**< the root servers; NULL: none */
    const struct gw_lists *lists;           /**< of the operator; NULL: none */
    struct gw_state *history;               /**< what earlier runs knew; NULL: nothing */
    const char *state_path; /**< file that what is known at the end is written to; NULL: none */
    FILE *snapshot;         /**< the same, to an open file that is not closed; NULL: none */
    bool lab;               /**< documentation ranges count as public */
    const volatile sig_atomic_t *stop; /**< set: finish with what was read so far */
    struct gw_progress *progress;      /**< told after each batch */
};

/**
 * Read the source to its end, analyze, and tell every sink what was found; then write down what is
 * known, unless something of the output was lost: it can then be told again. Without any packet, no
 * state file is written.
 *
 * @param stats      zeroed but for what the caller knows (profile, filter); every counter is filled
 * @param ret_error  says what went wrong; written on failure only
 * @return GW_DONE, GW_E_NOMEM (or no threads), GW_E_READ or GW_E_WRITE (some output, or the state,
 * is not whole)
 */
GW_MUST_CHECK int gw_pipeline_run(
    const struct gw_pipeline_spec *spec, struct gw_stats *stats, struct gw_error_text *ret_error);

#endif
