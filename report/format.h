/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file format.h
 * What the output formats share: the inside of a sink. Only for report.
 */
#ifndef GLUEWATCH_REPORT_FORMAT_H
#define GLUEWATCH_REPORT_FORMAT_H

#include "report/json.h"
#include "report/sink.h"
#include "report/writer.h"

struct gw_text_report;
struct gw_text_explain;

/** One output of a run. Made by gw_sink_open(). */
struct gw_sink {
    const struct gw_sink_ops *ops;
    struct gw_sink_options options;
    struct gw_sink_writer writer;
    struct gw_json json;             /**< for JSON formats: the line under construction */
    struct gw_text_report *report;   /**< for text: findings that wait for the end; or NULL */
    struct gw_text_explain *explain; /**< for an explanation: what is wanted; or NULL */
    bool ended;
};

/** JSON Lines in ECS shape. */
extern const struct gw_sink_ops gw_ecs_ops;
/** A report for people. */
extern const struct gw_sink_ops gw_text_ops;
/** Every response shaped like a referral, as JSON Lines. */
extern const struct gw_sink_ops gw_sink_referrals_ops;
/** Incidents alone, as JSON Lines in ECS shape. */
extern const struct gw_sink_ops gw_sink_incidents_ops;
/** Every counter of the run, as one JSON object. */
extern const struct gw_sink_ops gw_stats_ops;

/** Hand the finished line in sink->json to the writer. @return GW_DONE or GW_E_WRITE */
GW_MUST_CHECK int gw_sink_json_line(struct gw_sink *sink);

/** Return the path of input @p index, or NULL when it is not known; owned by the source. */
const char *gw_sink_input_path(const struct gw_sink *sink, uint32_t index);

#endif
