/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file accept.h
 * Which resolver families would have believed a record (docs/DETECTION.md, section 1): what their
 * present versions do as they come, not what one operator has set.
 */
#ifndef GLUEWATCH_ANALYZE_ACCEPT_H
#define GLUEWATCH_ANALYZE_ACCEPT_H

#include "analyze/rules.h"

/**
 * Note in @p finding who would have used @p addr for the name server @p owner of the event's
 * delegation.
 *
 * @param addr  NULL: any address; else blocks that resolvers do not ask are left out
 */
void gw_accept_glue(const struct gw_rule_event *event, const struct gw_table_name *owner,
    const struct gw_addr *addr, struct gw_finding *finding);

/** Note in @p finding who would have used the NS RRset of a message that is no referral. */
void gw_accept_ns(const struct gw_rule_event *event, struct gw_finding *finding);

/** Note in @p finding that nobody would have used the record. */
void gw_accept_nobody(struct gw_finding *finding);

#endif
