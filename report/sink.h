/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file sink.h
 * Opening outputs by specification, and telling them what was found. Used by cmd.
 */
#ifndef GLUEWATCH_REPORT_SINK_H
#define GLUEWATCH_REPORT_SINK_H

#include "gluewatch/sink.h"

/** What all sinks of a run share. Copied when opening; what it points at outlives the sink. */
struct gw_sink_options {
    uint32_t width;       /**< columns of text reports; 0: 100; otherwise held within 60..160 */
    bool colour;          /**< text may use terminal colours */
    bool utf8;            /**< text may use line drawing in UTF-8 */
    const char *observer; /**< name of this sensor, or NULL */
    const struct gw_source *source; /**< names the inputs of frames, or NULL when unknown */
    const char *explain; /**< id of what the format explain explains; NULL: there is no such one */
};

/**
 * Open the sink that @p spec describes: FORMAT or FORMAT:DEST. DEST is a path, created or truncated
 * now; "-" or none is standard output. GW_E_WRITE from any later call stays: the sink is then
 * silent.
 *
 * @param spec       for the call
 * @param options    for the call
 * @param ret_sink   to be closed with gw_sink_close(); written only on success
 * @param ret_error  says what is wrong; written only on failure
 * @return GW_DONE, GW_E_USAGE (no such format), GW_E_OPEN or GW_E_NOMEM
 */
GW_MUST_CHECK int gw_sink_open(const char *spec, const struct gw_sink_options *options,
    struct gw_sink **ret_sink, struct gw_error_text *ret_error);

/** Return the operations of format number @p index, for the help, or NULL past the last one. */
const struct gw_sink_ops *gw_sink_format(uint32_t index);

/** Return whether the sink wants gw_sink_referral() to be called. */
bool gw_sink_wants_referrals(const struct gw_sink *sink);

/** Tell a response shaped like a referral, with its final class. @return GW_DONE or GW_E_WRITE */
GW_MUST_CHECK int gw_sink_referral(
    struct gw_sink *sink, const struct gw_observation *seen, enum gw_class class);

/** Tell a finding. @return GW_DONE or GW_E_WRITE */
GW_MUST_CHECK int gw_sink_finding(struct gw_sink *sink, const struct gw_finding *finding);

/** Tell an incident, after all findings. @return GW_DONE or GW_E_WRITE */
GW_MUST_CHECK int gw_sink_incident(struct gw_sink *sink, const struct gw_incident *incident);

/**
 * Tell the end of the run, write out everything and close the file; to be called once. What was
 * told is safe in the system's hands only when this returned GW_DONE.
 *
 * @return GW_DONE or GW_E_WRITE
 */
GW_MUST_CHECK int gw_sink_end(struct gw_sink *sink, const struct gw_stats *stats);

/** Return how many ids begin as an explanation was asked for; 1: it was given. */
uint32_t gw_sink_matches(const struct gw_sink *sink);

/** Return what went wrong, naming the destination, after GW_E_WRITE; owned by the sink. */
const struct gw_error_text *gw_sink_error(const struct gw_sink *sink);

/** Return whether the write failed because the reader of the pipe went away. */
bool gw_sink_broken_pipe(const struct gw_sink *sink);

/** Close the sink and free it; without gw_sink_end() unwritten octets are lost. Accepts NULL. */
void gw_sink_close(struct gw_sink *sink);

#endif
