/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file restore.h
 * Between the tables and the records of a snapshot: what is known is written down, and known
 * again.
 */
#ifndef GLUEWATCH_ANALYZE_RESTORE_H
#define GLUEWATCH_ANALYZE_RESTORE_H

#include "analyze/incident.h"
#include "analyze/snapshot.h"
#include "analyze/table.h"

/** A walk over all that the tables hold, in the order of a snapshot. */
struct gw_snapshot_walk;

/**
 * Begin a walk over @p table and @p incidents (NULL: none), which stay as they are until the walk
 * is freed; what the lines have counted is folded.
 *
 * @return NULL without memory
 */
struct gw_snapshot_walk *gw_snapshot_walk_new(
    struct gw_table *table, const struct gw_incident_log *incidents);

/** Return how many records the walk tells in all. */
uint64_t gw_snapshot_walk_count(const struct gw_snapshot_walk *walk);

/** Free it; accepts NULL. */
void gw_snapshot_walk_free(struct gw_snapshot_walk *walk);

/** Return the next record; false after the last. */
bool gw_snapshot_walk_next(struct gw_snapshot_walk *walk, struct gw_snapshot_record *ret_record);

/**
 * Say when what will be recalled began, before anything else is told to the tables.
 *
 * @param begin_ns, latest_ns  packet times of the first and the last record behind it
 */
void gw_snapshot_recall_begin(struct gw_table *table, int64_t begin_ns, int64_t latest_ns);

/** Know @p record again, as far as there is room (counted as for what is seen). */
void gw_snapshot_recall(struct gw_table *table, const struct gw_snapshot_record *record);

#endif
