/* SPDX-License-Identifier: BSD-2-Clause */
/* ns-set-changed: every witness went over from a stable NS set to a disjoint one. */
#include "analyze/rules.h"

/* Are the new name servers named by nobody else, and never seen before the change? */
static bool
are_new(const struct gw_rule_event *event, const struct gw_rule_case *change)
{
    const struct gw_claim *claim = gw_table_claims(event->table, change->subject);

    for (uint64_t mask = change->view.contrary.claims; mask != 0; mask &= mask - 1) {
        const struct gw_host *host =
            gw_table_claim_host(event->table, &claim[__builtin_ctzll(mask)]);

        if (host->refs > 1 ||
            (host->subject.messages != 0 && host->subject.first < change->view.since))
            return false;
    }
    return true;
}

static void
judge(const struct gw_rule_event *event, const struct gw_rule_case *found)
{
    struct gw_rule_case change;
    struct gw_finding finding;

    if (found->host != NULL || !gw_rule_is_change(event, found, &change))
        return;

    const struct gw_rule_history history = gw_rule_history(event, found);

    gw_rule_begin(event, GW_KIND_NS_SET_CHANGED, NULL, &finding);
    gw_rule_term(&finding, "base", -2.0);
    gw_rule_history_term(&finding, &history);
    gw_rule_crowd_term(event, &change, &finding);
    gw_rule_reverted_term(found, &finding);
    gw_rule_term(&finding, "new-name-servers", are_new(event, &change) ? 1.0 : 0.0);
    gw_rule_cross_terms(event, &change, &finding);
    gw_rule_add_sides(event, &change, &finding);
    if (gw_signal_confidence(&finding) < 0.5)
        finding.severity = GW_INFO;
    else
        finding.severity = found->view.reverted && !history.is_short ? GW_MEDIUM : GW_LOW;
    gw_rule_conclude(event, &finding, NULL, 0);
}

const struct gw_rule gw_rule_ns_changed = {.kind = GW_KIND_NS_SET_CHANGED, .split = judge};
