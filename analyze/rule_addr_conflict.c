/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * glue-addr-conflict: witnesses hold disjoint addresses for one name server, several on each
 * side.
 */
#include "analyze/accept.h"

static void
judge(const struct gw_rule_event *event, const struct gw_rule_case *found)
{
    const struct gw_split_view *view = &found->view;
    struct gw_finding finding;

    if (found->host == NULL || !view->disjoint || !gw_rule_is_unexplained(event, view) ||
        !view->steady || view->known.messages < 2 || !gw_rule_is_shared(view))
        return;

    const struct gw_table_name name = gw_rule_host_name(event->table, found->host);
    const struct gw_rule_history history = gw_rule_history(event, found);

    gw_rule_begin(event, GW_KIND_GLUE_ADDR_CONFLICT, &name, &finding);
    gw_rule_term(&finding, "base", -0.5);
    gw_rule_support_terms(&finding, view);
    gw_rule_history_term(&finding, &history);
    gw_rule_turned_term(event, found, &finding);
    gw_rule_term(&finding, "nearby-address", gw_rule_is_nearby(event->table, found) ? -2.5 : 0.0);
    gw_rule_cross_terms(event, found, &finding);
    gw_rule_add_sides(event, found, &finding);
    gw_accept_glue(event, &name, &finding.set[1].address[0], &finding);
    /* What a server tells that merely needs repair is followed, too. */
    finding.severity =
        gw_rule_is_attacked(&finding) && !gw_signal_is_stale_server(&finding) ? GW_HIGH : GW_MEDIUM;
    gw_rule_conclude(event, &finding, NULL, 0);
}

const struct gw_rule gw_rule_addr_conflict = {.kind = GW_KIND_GLUE_ADDR_CONFLICT, .split = judge};
