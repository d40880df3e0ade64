/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file snapshot_matter.h
 * The part of a snapshot's record that tells of an incident. Only for analyze/snapshot.c and
 * analyze/incident_recall.c.
 *
 * Kinds of findings go by their names, not by their numbers, so that a later version with more of
 * them can read it; evidence of a kind that is not known is left out. What follows from the rest
 * (score, family, keys of names) is not written.
 */
#ifndef GLUEWATCH_ANALYZE_SNAPSHOT_MATTER_H
#define GLUEWATCH_ANALYZE_SNAPSHOT_MATTER_H

#include "analyze/matter.h"

/** A matter that was an incident, with the delegations that it names; `matter.cuts` is not used. */
struct gw_snapshot_matter {
    struct gw_matter matter;
    struct gw_matter_cuts cuts;
};

/**
 * Put all sets of @p matter into ascending order, evidence and delegations the surest first; what
 * is there twice is joined.
 */
void gw_snapshot_sort_matter(struct gw_snapshot_matter *matter);

/** Write sorted @p matter to @p ret_octets; return the octets written, at most 32 KiB. */
size_t gw_snapshot_put_matter(const struct gw_snapshot_matter *matter, uint8_t *ret_octets);

/**
 * Read what lies at the start of @p len octets @p octets.
 *
 * @param ret_len  octets that it took
 * @return NULL, or what is wrong with it, in static text
 */
const char *gw_snapshot_get_matter(
    const uint8_t *octets, size_t len, struct gw_snapshot_matter *ret_matter, size_t *ret_len);

/**
 * Merge @p other, of the same id, into @p matter: all evidence of both, the earlier begin, the
 * later end with its state, the names of the graver. The same in either order.
 */
void gw_snapshot_merge_matter(
    struct gw_snapshot_matter *matter, const struct gw_snapshot_matter *other);

#endif
