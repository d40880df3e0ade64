/* SPDX-License-Identifier: BSD-2-Clause */
/* glue-fanin-surge: name servers of many domains gain one and the same new address in a day. */
#include "analyze/rules.h"

#include <string.h>

#include "analyze/normal.h"

#define HOSTS_MIN   10u
#define DOMAINS_MIN 5u

/* What the name server was known by, and whether this message is the first to say the address. */
struct gained {
    bool is_first_sight; /* of the name server */
    bool is_new;         /* the address, of a name server that had others */
};

static struct gained
look_at(const struct gw_rule_event *event, const struct gw_host *host, const struct gw_addr *addr)
{
    const struct gw_claim *claim = gw_table_claims(event->table, &host->subject);
    struct gained gained = {.is_first_sight = true};

    for (uint32_t i = 0; i < host->subject.claim_count; i++) {
        const bool same = claim[i].family == addr->family &&
                          memcmp(claim[i].octet, addr->octet, sizeof(claim[i].octet)) == 0;

        if (same && claim[i].messages == 1 && claim[i].first_ns == event->seen->time_ns)
            gained.is_new = true;
        if (claim[i].family == addr->family && claim[i].first_ns < event->seen->time_ns)
            gained.is_first_sight = false;
    }
    return gained;
}

static bool
child_agrees(
    const struct gw_rule_event *event, const struct gw_host *host, const struct gw_addr *addr)
{
    const struct gw_truth *truth =
        host->truth == 0 ? NULL : gw_arena_at(&event->table->arena, host->truth);

    for (uint32_t i = 0; truth != NULL && i < truth->count; i++)
        if (memcmp(&truth->addr[i], addr, sizeof(*addr)) == 0)
            return true;
    return false;
}

static void
judge_glue(const struct gw_rule_event *event, const struct gw_observation_glue *glue)
{
    const struct gw_table_name name = gw_rule_glue_owner(event->seen, glue);
    const struct gw_host *host = gw_table_host(event->table, &name);
    const struct gained gained =
        host == NULL ? (struct gained){0} : look_at(event, host, &glue->addr);
    struct gw_normal_surge surge;
    struct gw_finding finding;

    if (!gained.is_new)
        return;
    surge = gw_normal_gain(event->context->normal, event->zone.id, event->zone.len, &name,
        &glue->addr, event->now, gained.is_first_sight);
    if (surge.hosts < HOSTS_MIN || surge.domains < DOMAINS_MIN)
        return;

    const double more = surge.domains - (double)DOMAINS_MIN;

    gw_rule_begin(event, GW_KIND_GLUE_FANIN_SURGE, &name, &finding);
    gw_rule_term(&finding, "base", -0.5);
    gw_rule_term(&finding, "domains", 0.3 * (more < 8.0 ? more : 8.0));
    gw_rule_term(&finding, "address-in-use", surge.established ? -1.5 : 0.0);
    gw_rule_term(&finding, "child-agrees", child_agrees(event, host, &glue->addr) ? -3.0 : 0.0);
    gw_rule_add_address(event, glue, &finding);
    gw_rule_add_known(event, host, &finding);
    finding.severity = gw_signal_confidence(&finding) >= 0.9 ? GW_HIGH : GW_MEDIUM;
    gw_rule_conclude_on_address(event, &finding, &glue->addr);
}

static void
judge(const struct gw_rule_event *event)
{
    for (uint32_t i = 0; i < event->seen->glue_count; i++)
        if (event->seen->glue[i].target != GW_NO_TARGET &&
            event->seen->glue[i].stray == GW_NO_TARGET)
            judge_glue(event, &event->seen->glue[i]);
}

const struct gw_rule gw_rule_fanin_surge = {.kind = GW_KIND_GLUE_FANIN_SURGE, .message = judge};
