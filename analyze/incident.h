/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file incident.h
 * Findings that belong together, scored as one matter (docs/DETECTION.md, section 6).
 *
 * Every finding that is raised goes in, again whenever more evidence joins it. Matters that reach
 * the bound for opening are incidents and are told at the end of the run; the others are evidence.
 * All order is that of raising and all identity comes from names, so that one capture gives the
 * same incidents for any hash secret.
 */
#ifndef GLUEWATCH_ANALYZE_INCIDENT_H
#define GLUEWATCH_ANALYZE_INCIDENT_H

#include "gluewatch/incident.h"
#include "gluewatch/stats.h"

/** An incident is opened at this confidence, and is evidence at the lower one. */
#define GW_INCIDENT_OPEN_MIN     0.7
#define GW_INCIDENT_PAGE_MIN     0.9
#define GW_INCIDENT_EVIDENCE_MIN 0.3

struct gw_incident_log;
struct gw_snapshot_matter;

/** Return the octets of memory that matters may take when all may take @p memory. */
uint64_t gw_incident_share(uint64_t memory);

/**
 * Make a log for @p share octets of matters, as gw_incident_share() returns.
 *
 * @param stats  its counters; owned by the caller, outlives the log
 * @return NULL when there is no memory
 */
struct gw_incident_log *gw_incident_new(uint64_t share, struct gw_incident_stats *stats);

/** Free @p log; accepts NULL. */
void gw_incident_free(struct gw_incident_log *log);

/** Return the octets of memory that its matters take. */
uint64_t gw_incident_octets(const struct gw_incident_log *log);

/**
 * Take in a finding: find the matter that it is evidence of, or begin one.
 *
 * @param finding  its `incident` holds what an earlier call for this finding put there, or zeros
 * @param again    evidence joined a finding that was taken in before
 * @param now_ns   packet time
 * @return what to keep in the finding's `incident` until gw_incident_name(); 0: no matter
 */
uint32_t gw_incident_add(
    struct gw_incident_log *log, const struct gw_finding *finding, bool again, int64_t now_ns);

/** Keep @p matter, as gw_incident_add() returned it, in @p finding until the end of the run. */
void gw_incident_keep(struct gw_finding *finding, uint32_t matter);

/** Tell whether an incident about name server or delegation @p name is open at @p now_ns. */
bool gw_incident_is_open(struct gw_incident_log *log, const struct gw_name *name, int64_t now_ns);

/** Count a finding that an operator's rule holds back from the log. */
void gw_incident_suppress(struct gw_incident_log *log);

/**
 * End the run: close what was quiet for long, and put incidents in order of telling: severity,
 * time of opening, id.
 *
 * @param last_ns  packet time of the run's last record
 * @param caveats  of the whole run; without queries all evidence counts half
 */
void gw_incident_finish(struct gw_incident_log *log, int64_t last_ns, uint32_t caveats);

/** After gw_incident_finish(): put the id of its incident into @p finding, or zeros. */
void gw_incident_name(const struct gw_incident_log *log, struct gw_finding *finding);

/**
 * Know an incident of an earlier run again, before any finding: it is told at the end unless it was
 * closed and stayed so, and goes on with further evidence. Without room it is dropped (counted).
 */
void gw_incident_recall(struct gw_incident_log *log, const struct gw_snapshot_matter *earlier);

/** Return the number of slots, of which each may hold an incident. */
uint32_t gw_incident_slots(const struct gw_incident_log *log);

/**
 * After gw_incident_finish(): tell whether slot @p slot holds an incident that the next run shall
 * know: one that is not closed, or was closed less than a week ago.
 */
bool gw_incident_is_kept(const struct gw_incident_log *log, uint32_t slot);

/** Return the 16 octets of the id of the incident in slot @p slot. */
const uint8_t *gw_incident_id(const struct gw_incident_log *log, uint32_t slot);

/** Write down the incident in slot @p slot; false where there is none to be kept. */
bool gw_incident_tell(
    const struct gw_incident_log *log, uint32_t slot, struct gw_snapshot_matter *ret_matter);

/**
 * Return incident @p index in order of telling, or NULL past the last.
 *
 * @return valid until the next call
 */
const struct gw_incident *gw_incident_at(struct gw_incident_log *log, uint32_t index);

#endif
