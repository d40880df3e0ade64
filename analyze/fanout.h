/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file fanout.h
 * Referrals that name many servers without an address: how often one zone gives them, and whether
 * the resolver that was told one asks for what it names.
 */
#ifndef GLUEWATCH_ANALYZE_FANOUT_H
#define GLUEWATCH_ANALYZE_FANOUT_H

#include "analyze/record.h"
#include "base/hash.h"
#include "gluewatch/finding.h"
#include "gluewatch/observation.h"

/** The memory of it, bounded by GW_FANOUT_ZONES and GW_FANOUT_WATCHED; owned by the analyzer. */
struct gw_fanout;

/** Make an empty one; NULL when there is no memory. */
struct gw_fanout *gw_fanout_new(const struct gw_hash_key *key);

/** Free it; accepts NULL. */
void gw_fanout_free(struct gw_fanout *fanout);

/**
 * Count one more large referral of the zone with the keyed hash @p zone.
 *
 * @return whether it is the tenth within a minute, or one more of them
 */
bool gw_fanout_count(struct gw_fanout *fanout, uint64_t zone, gw_tick now);

/**
 * Watch what the resolver does that was told the large referral @p seen.
 *
 * @param finding  about the referral, before it was concluded; copied
 */
void gw_fanout_watch(
    struct gw_fanout *fanout, const struct gw_observation *seen, const struct gw_finding *finding);

/**
 * Look at a query.
 *
 * @return the finding about the referral that it and queries before it come of, once, when they
 *         have become a burst; else NULL. Valid until the next gw_fanout_watch()
 */
const struct gw_finding *gw_fanout_query(struct gw_fanout *fanout, const struct gw_exchange *query);

#endif
