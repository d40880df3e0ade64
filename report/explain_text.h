/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file explain_text.h
 * Everything behind one finding or incident. Only for report.
 */
#ifndef GLUEWATCH_REPORT_EXPLAIN_TEXT_H
#define GLUEWATCH_REPORT_EXPLAIN_TEXT_H

#include "report/format.h"

/** Findings that an explanation tells in full. */
#define GW_TEXT_EXPLAINED_MAX GW_INCIDENT_FINDINGS_MAX

/** What is asked for, and what was found; made by gw_sink_open(), lives as long as the sink. */
struct gw_text_explain {
    char wanted[33];      /**< hexadecimal digits that the id begins with */
    bool by_id;           /**< a finding itself was asked for, and not its incident */
    uint32_t match_count; /**< findings and incidents whose ids begin so */
    uint32_t count;       /**< entries in finding */
    uint64_t left_out;    /**< findings that there was no room for */
    bool has_incident;
    struct gw_incident incident;                      /**< meaningful with has_incident */
    struct gw_finding finding[GW_TEXT_EXPLAINED_MAX]; /**< those of the incident, or the one */
};

/**
 * Make an explanation of @p wanted, 6..32 hexadecimal digits in either case.
 *
 * @return GW_DONE, GW_E_USAGE when it is something else, or GW_E_NOMEM
 */
GW_MUST_CHECK int gw_text_explain_new(const char *wanted, struct gw_text_explain **ret_explain);

/** Free an explanation; accepts NULL. */
void gw_text_explain_free(struct gw_text_explain *explain);

/** The operations of the output; opened by gw_sink_open() when the options say what to explain. */
extern const struct gw_sink_ops gw_text_explain_ops;

#endif
