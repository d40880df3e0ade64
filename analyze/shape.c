/* SPDX-License-Identifier: BSD-2-Clause */
/* What the rules about the shape of responses ask of a message and of the tables. */
#include "analyze/rules.h"

#include <string.h>

uint32_t
gw_rule_labels(const uint8_t *wire)
{
    uint32_t labels = 0;

    for (uint32_t pos = 0; wire[pos] != 0; pos += 1u + wire[pos])
        labels++;
    return labels;
}

/* The host that claim @p claim of a cut names, as one of the message's targets? */
static bool
is_target(const struct gw_observation *seen, const struct gw_host *host)
{
    for (uint32_t i = 0; i < seen->target_count; i++)
        if (seen->target[i].name.hash == host->hash && seen->target[i].name.len == host->name_len)
            return true;
    return false;
}

enum gw_rule_ns
gw_rule_ns_known(const struct gw_rule_event *event)
{
    const struct gw_table_name name = gw_zone_name(event->seen, &event->seen->cut);
    struct gw_cut *cut = gw_table_cut(event->table, &name);

    if (gw_rule_is_root_set(event->seen))
        return GW_NS_AS_KNOWN;
    if (cut == NULL || cut->subject.claim_count == 0 || event->seen->target_count == 0)
        return GW_NS_NOT_KNOWN;
    gw_table_fold(event->table, cut);

    const struct gw_claim *claim = gw_table_claims(event->table, &cut->subject);

    for (uint32_t i = 0; i < cut->subject.claim_count; i++)
        if (is_target(event->seen, gw_table_claim_host(event->table, &claim[i])))
            return GW_NS_AS_KNOWN;
    return cut->subject.messages < GW_KNOWN_MESSAGES ? GW_NS_NOT_KNOWN : GW_NS_OTHERWISE;
}

bool
gw_rule_is_root_set(const struct gw_observation *seen)
{
    static const uint8_t root_servers[] = "\014root-servers\003net";

    if (seen->names[seen->cut.off] != 0 || seen->target_count == 0)
        return false;
    for (uint32_t i = 0; i < seen->target_count; i++) {
        const struct gw_observation_name *name = &seen->target[i].name;

        if (!gw_zone_covers(root_servers, sizeof(root_servers), seen->names + name->off, name->len))
            return false;
    }
    return true;
}

bool
gw_rule_is_guarded(const struct gw_observation *seen)
{
    return (seen->facts & (GW_FACT_TCP | GW_FACT_SIGNED)) != 0 ||
           (seen->exchange.reply_facts & GW_REPLY_COOKIE_ECHOED) != 0;
}

bool
gw_rule_is_to_client(const struct gw_observation *seen)
{
    const enum gw_leg leg = seen->exchange.leg;

    if (leg == GW_LEG_FORWARD || leg == GW_LEG_UPSTREAM)
        return false;
    return leg == GW_LEG_CLIENT ||
           (seen->facts & (GW_FACT_RD | GW_FACT_RA)) == (GW_FACT_RD | GW_FACT_RA);
}

bool
gw_rule_has_glue(const struct gw_observation *seen)
{
    for (uint32_t i = 0; i < seen->target_count; i++)
        if (seen->target[i].has_a || seen->target[i].has_aaaa)
            return true;
    return false;
}

void
gw_rule_about(struct gw_finding *finding, const uint8_t *wire, uint8_t len)
{
    finding->cut.len = len;
    memcpy(finding->cut.wire, wire, len);
}
