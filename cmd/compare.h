/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file compare.h
 * What changed between two snapshots.
 */
#ifndef GLUEWATCH_CMD_COMPARE_H
#define GLUEWATCH_CMD_COMPARE_H

#include "cmd/state.h"
#include "gluewatch/difference.h"

/** Two snapshots being compared; large. */
struct gw_compare;

/** Begin to compare @p before with @p after; both outlive it. NULL without memory. */
struct gw_compare *gw_compare_new(struct gw_state *before, struct gw_state *after);

/** Free it; accepts NULL. */
void gw_compare_free(struct gw_compare *compare);

/**
 * Return the next difference, delegations before name servers, each in the order of names; NULL
 * after the last. Valid until the next call.
 *
 * A name server's addresses are compared only where both snapshots know it: a delegation that is
 * new tells enough of its name servers.
 */
const struct gw_difference *gw_compare_next(struct gw_compare *compare);

/**
 * Write all differences to @p out: a line for each, and, as text, a last line with their number.
 *
 * @return GW_DONE, GW_E_NOMEM or GW_E_WRITE
 */
GW_MUST_CHECK int gw_compare_tell(struct gw_state *before, struct gw_state *after, bool json,
    FILE *out, struct gw_error_text *ret_error);

#endif
