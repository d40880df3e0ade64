/* SPDX-License-Identifier: BSD-2-Clause */
/* glue-addr-minority: one witness alone was told an address that the others' sets do not have. */
#include "analyze/accept.h"

/* Few were heard since the new address appeared: a change that has just begun looks the same. */
static bool
is_unconfirmed(const struct gw_rule_event *event, const struct gw_split_view *view)
{
    return !gw_rule_is_unexplained(event, view) && view->newer_is_contrary &&
           view->contrary.groups == 1 && view->steady_groups >= 2;
}

static void
judge(const struct gw_rule_event *event, const struct gw_rule_case *found)
{
    const struct gw_split_view *view = &found->view;
    const bool unconfirmed = is_unconfirmed(event, view);
    const bool enough = view->steady_groups >= 2 || view->steady_servers >= 2;
    struct gw_finding finding;

    if (found->host == NULL || !enough || (view->disjoint && gw_rule_is_shared(view)) ||
        !(unconfirmed || gw_rule_is_unexplained(event, view)))
        return;

    const struct gw_table_name name = gw_rule_host_name(event->table, found->host);
    const struct gw_rule_history history = gw_rule_history(event, found);

    gw_rule_begin(event, GW_KIND_GLUE_ADDR_MINORITY, &name, &finding);
    gw_rule_term(&finding, "base", -1.5);
    gw_rule_support_terms(&finding, view);
    gw_rule_history_term(&finding, &history);
    gw_rule_term(&finding, "nearby-address", gw_rule_is_nearby(event->table, found) ? -2.5 : 0.0);
    gw_rule_term(&finding, "unconfirmed", unconfirmed ? -1.5 : 0.0);
    gw_rule_cross_terms(event, found, &finding);
    /* What may yet turn out to be a change waits for the end, unless it came by a race. */
    if (unconfirmed && event->seen != NULL && !gw_rule_is_attacked(&finding))
        return;
    gw_rule_add_sides(event, found, &finding);
    gw_accept_glue(event, &name, &finding.set[1].address[0], &finding);
    if (gw_rule_is_attacked(&finding))
        finding.severity = GW_HIGH;
    else
        finding.severity = unconfirmed ? GW_LOW : GW_MEDIUM;
    gw_rule_conclude(event, &finding, NULL, 0);
}

const struct gw_rule gw_rule_addr_minority = {.kind = GW_KIND_GLUE_ADDR_MINORITY, .split = judge};
