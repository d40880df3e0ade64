/* SPDX-License-Identifier: BSD-2-Clause */
/* referral-sideways: a referral to a zone that the question is not in. */
#include "analyze/accept.h"

static bool
covers(const struct gw_rule_event *event)
{
    return event->zone.name != NULL &&
           gw_zone_covers(event->zone.name, event->zone.len,
               event->seen->names + event->seen->cut.off, event->seen->cut.len);
}

/* Who else the tables know for the zone decides: a broken load balancer at least names the same. */
static enum gw_severity
severity_of(const struct gw_rule_event *event, enum gw_rule_ns known, bool is_sibling)
{
    if (known != GW_NS_OTHERWISE || gw_rule_is_guarded(event->seen))
        return GW_LOW;
    return is_sibling || gw_rule_labels(event->seen->names + event->seen->cut.off) <= 1 ? GW_MEDIUM
                                                                                        : GW_LOW;
}

static void
judge(const struct gw_rule_event *event)
{
    const struct gw_observation *seen = event->seen;
    const enum gw_rule_ns known = gw_rule_ns_known(event);
    const bool is_sibling = covers(event);
    struct gw_finding finding;

    if (event->class != GW_CLASS_SIDEWAYS || gw_rule_is_to_client(seen) ||
        gw_rule_is_root_set(seen))
        return;
    gw_rule_begin(event, GW_KIND_REFERRAL_SIDEWAYS, NULL, &finding);
    gw_rule_term(&finding, "base", 0.0);
    gw_rule_term(&finding, "other-servers-known", known == GW_NS_OTHERWISE ? 2.0 : 0.0);
    gw_rule_term(&finding, "as-known", known == GW_NS_AS_KNOWN ? -1.5 : 0.0);
    gw_rule_term(
        &finding, "top-level-zone", gw_rule_labels(seen->names + seen->cut.off) <= 1 ? 2.0 : 0.0);
    gw_rule_term(&finding, "guarded-transport", gw_rule_is_guarded(seen) ? -2.0 : 0.0);
    finding.variant = is_sibling ? "sibling" : "foreign";
    finding.severity = severity_of(event, known, is_sibling);
    gw_rule_add_targets(event, &finding);
    if (known == GW_NS_OTHERWISE)
        gw_rule_add_known_targets(event, &finding);
    gw_accept_ns(event, &finding);
    gw_rule_conclude(event, &finding, &seen->server, sizeof(seen->server));
}

const struct gw_rule gw_rule_sideways = {.kind = GW_KIND_REFERRAL_SIDEWAYS, .odd = judge};
