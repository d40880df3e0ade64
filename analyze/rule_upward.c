/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * referral-upward: a server refers above the zone it was asked in: it does not serve the zone.
 * Old software did so with the root's servers; what names others leads resolvers astray.
 */
#include "analyze/accept.h"

static void
judge(const struct gw_rule_event *event)
{
    const enum gw_rule_ns known = gw_rule_ns_known(event);
    struct gw_finding finding;

    if (event->class != GW_CLASS_UPWARD || gw_rule_is_to_client(event->seen) ||
        event->zone.name == NULL)
        return;
    gw_rule_begin(event, GW_KIND_REFERRAL_UPWARD, NULL, &finding);
    gw_rule_term(&finding, "base", 1.0);
    gw_rule_term(&finding, "served-before", event->zone.sure ? 1.5 : 0.0);
    gw_rule_term(&finding, "other-servers-known", known == GW_NS_OTHERWISE ? 1.0 : 0.0);
    finding.variant = known == GW_NS_AS_KNOWN ? "known-servers" : "other-servers";
    finding.severity = known == GW_NS_OTHERWISE && event->zone.sure   ? GW_MEDIUM
                       : event->zone.sure || known == GW_NS_OTHERWISE ? GW_LOW
                                                                      : GW_INFO;
    if (gw_rule_is_guarded(event->seen) && finding.severity > GW_LOW)
        finding.severity = GW_LOW;
    gw_rule_add_targets(event, &finding);
    if (known == GW_NS_OTHERWISE)
        gw_rule_add_known_targets(event, &finding);
    gw_accept_nobody(&finding);
    /* One for each server and zone asked in, whatever the referral is to. */
    finding.name = finding.zone;
    gw_rule_conclude(event, &finding, &event->seen->server, sizeof(event->seen->server));
}

const struct gw_rule gw_rule_upward = {.kind = GW_KIND_REFERRAL_UPWARD, .odd = judge};
