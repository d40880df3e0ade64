/* SPDX-License-Identifier: BSD-2-Clause */
/* glue-changed-after-stable: every witness went over from a stable set of addresses to another. */
#include "analyze/accept.h"

static void
judge(const struct gw_rule_event *event, const struct gw_rule_case *found)
{
    struct gw_rule_case change;
    struct gw_finding finding;

    if (found->host == NULL || !gw_rule_is_change(event, found, &change))
        return;

    const struct gw_table_name name = gw_rule_host_name(event->table, found->host);
    const struct gw_rule_history history = gw_rule_history(event, found);
    const enum gw_rule_child child = gw_rule_child_says(event, &change);

    gw_rule_begin(event, GW_KIND_GLUE_CHANGED_AFTER_STABLE, &name, &finding);
    gw_rule_term(&finding, "base", -1.0);
    gw_rule_history_term(&finding, &history);
    gw_rule_crowd_term(event, &change, &finding);
    gw_rule_term(&finding, "nearby-address", gw_rule_is_nearby(event->table, found) ? -2.5 : 0.0);
    gw_rule_term(&finding, "child-agrees", child == GW_CHILD_NEW ? -3.0 : 0.0);
    gw_rule_term(&finding, "child-still-old", child == GW_CHILD_OLD ? 1.0 : 0.0);
    gw_rule_reverted_term(found, &finding);
    gw_rule_cross_terms(event, &change, &finding);
    gw_rule_add_sides(event, &change, &finding);
    gw_accept_glue(event, &name, &finding.set[1].address[0], &finding);

    const bool likely = gw_signal_confidence(&finding) >= 0.5;

    if (child == GW_CHILD_OLD || (likely && found->view.reverted && !history.is_short))
        finding.severity = GW_MEDIUM;
    else
        finding.severity = likely ? GW_LOW : GW_INFO;
    gw_rule_conclude(event, &finding, NULL, 0);
}

const struct gw_rule gw_rule_changed_after_stable = {
    .kind = GW_KIND_GLUE_CHANGED_AFTER_STABLE, .split = judge};
