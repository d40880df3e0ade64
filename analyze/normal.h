/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file normal.h
 * What is usual in each parent zone: TTLs, glue of other zones, how many delegations change in an
 * hour, and which addresses many name servers gain at once. Learned from referrals, bounded, and
 * by packet time.
 *
 * Method. One record for each of GW_NORMAL_ZONES parent zones, found by the zone's dense number;
 * when there are more, the one with fewest delegations of a few gives way (counted). TTLs are held
 * in a short list of candidates with counts, the least counted of which gives way, so that the
 * usual ones stay.
 */
#ifndef GLUEWATCH_ANALYZE_NORMAL_H
#define GLUEWATCH_ANALYZE_NORMAL_H

#include "analyze/table.h"

/** What the glue in a parent zone's referrals is about, as a policy of its registry. */
enum gw_normal_policy {
    GW_NORMAL_UNKNOWN, /**< too few delegations seen */
    GW_NORMAL_NARROW,  /**< glue of the parent zone's names only */
    GW_NORMAL_WIDE,    /**< glue of other zones' names is usual */
};

/** Which records a TTL is of. */
enum gw_normal_ttl {
    GW_NORMAL_NS,
    GW_NORMAL_GLUE
};

struct gw_normal;

/** Make an empty memory; NULL without memory. */
struct gw_normal *gw_normal_new(void);

/** Free it; accepts NULL. */
void gw_normal_free(struct gw_normal *normal);

/**
 * Learn one referral of parent zone @p zone.
 *
 * @param is_new        the delegation is seen for the first time
 * @param has_unrelated it brings glue of a name that is not under the parent zone
 */
void gw_normal_learn(struct gw_normal *normal, gw_zone_id zone, const struct gw_observation *seen,
    bool is_new, bool has_unrelated);

/** Return the policy of @p zone (docs/DETECTION.md, section 2). */
enum gw_normal_policy gw_normal_policy_of(const struct gw_normal *normal, gw_zone_id zone);

/**
 * Return the usual TTL of @p zone in seconds, or 0 when it is not known: fewer than 200
 * delegations, or no TTL that a half of them has.
 */
uint32_t gw_normal_ttl_of(
    const struct gw_normal *normal, gw_zone_id zone, enum gw_normal_ttl which);

/** Note that a delegation or name server of @p zone changed for everybody at @p when. */
void gw_normal_note_change(
    struct gw_normal *normal, gw_zone_id zone, uint64_t identity, gw_tick when);

/** Return how many delegations and name servers of @p zone changed within an hour of @p when. */
uint32_t gw_normal_changes(const struct gw_normal *normal, gw_zone_id zone, gw_tick when);

/** That many name servers gained one address within a day. */
struct gw_normal_surge {
    uint32_t hosts;   /**< name servers that gained it, counted up to 32 */
    uint32_t domains; /**< domains under the parent zone that they are of, counted up to 16 */
    gw_tick first;    /**< when the first gained it */
    bool established; /**< another name server had it from its first sight */
};

/**
 * Note that the known name server @p host of a zone below @p zone gained @p addr at @p now, and
 * tell how many others did within a day.
 *
 * @param is_first  the name server itself is seen for the first time: not a gain, but noted
 */
struct gw_normal_surge gw_normal_gain(struct gw_normal *normal, gw_zone_id zone, uint8_t zone_len,
    const struct gw_table_name *host, const struct gw_addr *addr, gw_tick now, bool is_first);

#endif
