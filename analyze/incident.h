/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file incident.h
 * The findings of a run, held until they are told: one per identity, later evidence joins it.
 */
#ifndef GLUEWATCH_ANALYZE_INCIDENT_H
#define GLUEWATCH_ANALYZE_INCIDENT_H

#include "base/arena.h"
#include "gluewatch/finding.h"
#include "gluewatch/stats.h"

/** Findings below this confidence are counted as suppressed, unless they explain a change. */
#define GW_INCIDENT_CONFIDENCE_MIN 0.3

/** Held findings; owned by the analyzer, the findings lie in its arena. */
struct gw_incident_store {
    struct gw_arena *arena;
    struct gw_finding_stats *stats;
    uint32_t count;
    gw_arena_ref finding[GW_FINDINGS_MAX];
    uint16_t slot[2u * GW_FINDINGS_MAX]; /**< open addressing by id: index + 1; until sorted */
};

/** Make @p store empty. */
void gw_incident_init(
    struct gw_incident_store *store, struct gw_arena *arena, struct gw_finding_stats *stats);

/**
 * Hold @p finding, or join it to the held one with the same id: counts add up, evidence is
 * renewed.
 */
void gw_incident_raise(struct gw_incident_store *store, const struct gw_finding *finding);

/** Return the confidence that the terms of @p finding add up to: 0.01..0.99. */
double gw_incident_confidence(const struct gw_finding *finding);

/**
 * Halve the weight of the evidence for @p finding, all terms but the base; @p why is static text.
 */
void gw_incident_halve(struct gw_finding *finding, const char *why);

/**
 * End the run: findings of a capture that holds no queries lose half of their weight, and those
 * that are left are put in order of telling (first packet, kind, id) and numbered from 1.
 *
 * @param caveats  of the whole run, added to each finding (enum gw_caveat)
 */
void gw_incident_finish(struct gw_incident_store *store, uint32_t caveats);

/** Return held finding @p index, in order of telling after gw_incident_finish(). */
struct gw_finding *gw_incident_at(const struct gw_incident_store *store, uint32_t index);

#endif
