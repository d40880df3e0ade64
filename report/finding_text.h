/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file finding_text.h
 * What the report for people keeps until the end of the run. Only for report.
 */
#ifndef GLUEWATCH_REPORT_FINDING_TEXT_H
#define GLUEWATCH_REPORT_FINDING_TEXT_H

#include "gluewatch/incident.h"
#include "report/incident_text.h"

/** Findings that a report for people tells in full; the JSON has all. */
#define GW_TEXT_FINDINGS_MAX 50u

/** The most severe findings so far; made by gw_sink_open(), lives as long as the sink. */
struct gw_text_report {
    uint32_t count;                                 /**< entries in order */
    uint64_t left_out;                              /**< findings told that are not kept */
    struct gw_finding *order[GW_TEXT_FINDINGS_MAX]; /**< by severity, then time, then sequence */
    struct gw_finding store[GW_TEXT_FINDINGS_MAX];
    uint32_t incident_count;                            /**< entries in incident */
    uint64_t incidents_left_out;                        /**< incidents told that are not kept */
    struct gw_incident incident[GW_TEXT_INCIDENTS_MAX]; /**< as told: the gravest first */
};

/** Make an empty report. @return GW_DONE or GW_E_NOMEM */
GW_MUST_CHECK int gw_text_report_new(struct gw_text_report **ret_report);

/** Free a report; accepts NULL. */
void gw_text_report_free(struct gw_text_report *report);

#endif
