/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file signal.h
 * The findings of a run, held until they are told: one per identity, later evidence joins it.
 */
#ifndef GLUEWATCH_ANALYZE_SIGNAL_H
#define GLUEWATCH_ANALYZE_SIGNAL_H

#include "analyze/budget.h"
#include "analyze/incident.h"
#include "base/arena.h"
#include "base/hash.h"
#include "gluewatch/finding.h"
#include "gluewatch/stats.h"

/** Findings below this confidence are counted as suppressed, unless they explain a change. */
#define GW_SIGNAL_CONFIDENCE_MIN 0.3

/** Tells whether an operator's rule holds @p finding back; @p rules are whatever it knows. */
typedef bool (*gw_signal_rule)(const void *rules, const struct gw_finding *finding);

/**
 * Held findings; owned by the analyzer. Their memory is a part of its own, so that neither a flood
 * of delegations leaves no room for findings nor the other way round.
 */
struct gw_signal_store {
    struct gw_arena arena;
    struct gw_hash_key key;
    struct gw_finding_stats *stats;
    struct gw_incident_log *incidents; /**< told of every finding; NULL: nobody is */
    gw_signal_rule holds_back;         /**< NULL: nothing is held back */
    const void *rules;                 /**< its first argument */
    int64_t now_ns;                    /**< packet time of what is judged; 0: as the finding says */
    struct gw_signal_budget budget;
    uint32_t count;
    uint32_t most; /**< findings that there is room for, 1..GW_FINDINGS_MAX */
    uint32_t hand; /**< where a full store looks for one to give up */
    gw_arena_ref finding[GW_FINDINGS_MAX];
    uint16_t slot[2u * GW_FINDINGS_MAX]; /**< open addressing by id: index + 1; until sorted */
};

/** Return the octets of memory that the findings may take when all may take @p memory. */
uint64_t gw_signal_share(uint64_t memory);

/**
 * Make an empty store for @p share octets of findings, as gw_signal_share() returns.
 *
 * @return GW_DONE or GW_E_NOMEM
 */
GW_MUST_CHECK int gw_signal_init(struct gw_signal_store *store, const struct gw_hash_key *key,
    uint64_t share, struct gw_finding_stats *stats);

/** Free what it holds; accepts a zeroed store. */
void gw_signal_done(struct gw_signal_store *store);

/**
 * Let @p holds_back decide about findings from now on: those for which it returns true are counted
 * and neither held nor evidence of an incident.
 *
 * @param rules  its first argument; outlives the store
 */
void gw_signal_hold_back(
    struct gw_signal_store *store, gw_signal_rule holds_back, const void *rules);

/**
 * Hold @p finding, or join it to the held one with the same id: counts add up, evidence is
 * renewed. When the store is full, one of lower severity is given up for it (counted), so that a
 * flood of small matters cannot hide a great one. What comes too fast is counted and not held
 * (analyze/budget.h). The log of incidents is told of each, held or not, unless it is too weak or
 * an operator's rule holds it back.
 */
void gw_signal_raise(struct gw_signal_store *store, const struct gw_finding *finding);

/** Return the confidence that the terms of @p finding add up to: 0.01..0.99. */
double gw_signal_confidence(const struct gw_finding *finding);

/** Name of the term for a server that went over to what it alone says. */
#define GW_TERM_TURNED "server-turned"

/** Tell whether @p finding has a term of this name. */
bool gw_signal_has_term(const struct gw_finding *finding, const char *name);

/**
 * Tell whether @p finding shows a server that was left behind by the others, or was never seen to
 * agree with them, and needs repair: an attack begins after what it contradicts was known for a
 * while, or turns a server that agreed.
 */
bool gw_signal_is_stale_server(const struct gw_finding *finding);

/**
 * Halve the weight of the evidence for @p finding, all terms but the base; @p why is static text.
 */
void gw_signal_halve(struct gw_finding *finding, const char *why);

/**
 * End the run: findings of a capture that holds no queries lose half of their weight, and those
 * that are left are put in order of telling (first packet, kind, id) and numbered from 1.
 *
 * @param caveats  of the whole run, added to each finding (enum gw_caveat)
 */
void gw_signal_finish(struct gw_signal_store *store, uint32_t caveats);

/** Return held finding @p index, in order of telling after gw_signal_finish(). */
struct gw_finding *gw_signal_at(const struct gw_signal_store *store, uint32_t index);

#endif
