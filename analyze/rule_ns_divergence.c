/* SPDX-License-Identifier: BSD-2-Clause */
/* ns-set-divergence: witnesses hold disjoint NS sets for one delegation at the same time. */
#include "analyze/rules.h"

static void
judge(const struct gw_rule_event *event, const struct gw_rule_case *found)
{
    const struct gw_split_view *view = &found->view;
    struct gw_finding finding;

    if (found->host != NULL || !view->disjoint || !gw_rule_is_unexplained(event, view) ||
        !view->steady || view->known.messages < 2 || view->contrary.messages < 2)
        return;

    const struct gw_rule_history history = gw_rule_history(event, found);

    gw_rule_begin(event, GW_KIND_NS_SET_DIVERGENCE, NULL, &finding);
    gw_rule_term(&finding, "base", -1.0);
    gw_rule_term(&finding, "disjoint", 1.5);
    gw_rule_support_terms(&finding, view);
    gw_rule_history_term(&finding, &history);
    gw_rule_turned_term(event, found, &finding);
    gw_rule_cross_terms(event, found, &finding);
    gw_rule_add_sides(event, found, &finding);
    finding.severity = gw_signal_confidence(&finding) >= 0.7 ? GW_MEDIUM : GW_LOW;
    gw_rule_conclude(event, &finding, NULL, 0);
}

const struct gw_rule gw_rule_ns_divergence = {.kind = GW_KIND_NS_SET_DIVERGENCE, .split = judge};
