/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file stats.h
 * The counters of a run as JSON, and whether the laws between them hold.
 */
#ifndef GLUEWATCH_REPORT_STATS_H
#define GLUEWATCH_REPORT_STATS_H

#include "gluewatch/stats.h"
#include "report/json.h"
#include "report/text.h"

/** The laws of gluewatch/stats.h. */
enum gw_stats_law {
    GW_STATS_LAW_PACKETS,   /**< seen = parsed + skipped + held */
    GW_STATS_LAW_HELD,      /**< held = 0 at the end of a run */
    GW_STATS_LAW_MESSAGES,  /**< seen = sum of the classes */
    GW_STATS_LAW_MALFORMED, /**< class malformed = sum of its reasons */
    GW_STATS_LAW_TABLE,     /**< inserted = live + evicted */
    GW_STATS_LAW_FINDINGS,  /**< raised = emitted + aggregated + suppressed */
    GW_STATS_LAW_INCIDENTS, /**< opened = open + closed */
    GW_STATS_LAW_COUNT
};

/** Return the name of @p law; static. */
const char *gw_stats_law_name(enum gw_stats_law law);

/** Return whether @p law holds exactly. */
bool gw_stats_law_holds(const struct gw_stats *stats, enum gw_stats_law law);

/** Return whether all laws hold. */
bool gw_stats_laws_hold(const struct gw_stats *stats);

/** Append @p law with its figures: "1,200 seen = 1,000 read as DNS + 200 skipped + 0 held". */
void gw_stats_law_text(struct gw_text *text, const struct gw_stats *stats, enum gw_stats_law law);

/** Return how many incidents are told: those opened, without what became part of others. */
uint64_t gw_stats_incidents(const struct gw_stats *stats);

/** Return the sum of all reasons why packets went no further. */
uint64_t gw_stats_skipped(const struct gw_stats *stats);

/**
 * Write all counters as the members of one JSON object. Wall time is left out, so that the same
 * capture yields the same octets.
 */
void gw_stats_write(struct gw_json *json, const struct gw_stats *stats);

#endif
