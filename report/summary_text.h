/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file summary_text.h
 * What a report for people says about the run: what was examined, what it cannot show, and whether
 * the counters agree. Only for report.
 */
#ifndef GLUEWATCH_REPORT_SUMMARY_TEXT_H
#define GLUEWATCH_REPORT_SUMMARY_TEXT_H

#include "gluewatch/stats.h"
#include "report/page.h"

/** Write the head of the report: inputs, time, vantage, traffic, findings. */
void gw_text_head(struct gw_text_page *page, const struct gw_stats *stats);

/** Write what to make of a run without findings. */
void gw_text_no_findings(struct gw_text_page *page, const struct gw_stats *stats);

/** Write what this capture cannot show, each point with its figures. */
void gw_text_blind_spots(struct gw_text_page *page, const struct gw_stats *stats);

/** Write the laws between the counters with their figures. */
void gw_text_accounting(struct gw_text_page *page, const struct gw_stats *stats);

/**
 * Append a time as "2026-11-23 01:04:59.120", in UTC, or only its clock part.
 *
 * @param clock_only  leave out the date
 */
void gw_text_time(struct gw_text *text, int64_t time_ns, bool clock_only);

#endif
