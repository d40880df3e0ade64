/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * glue-ttl-outlier: a TTL far from what is usual in the parent zone, and from what this name had.
 */
#include "analyze/rules.h"

#include <string.h>

#include "analyze/normal.h"

/* A week: longer than any parent zone needs. */
#define LONG_S (7u * 86400u)

/* How much of a TTL is unusual: 0 nothing, 1 outside a half to twice, 2 more than four times. */
static uint32_t
distance(uint32_t ttl_s, uint32_t usual_s)
{
    if (usual_s == 0)
        return ttl_s > LONG_S ? 1 : 0;
    if (ttl_s / 4 > usual_s)
        return 2;
    return ttl_s > usual_s * 2ull || ttl_s < usual_s / 2 || ttl_s > LONG_S ? 1 : 0;
}

/* Did the name have this TTL with other addresses, or this address before? */
static bool
had_before(const struct gw_rule_event *event, const struct gw_host *host,
    const struct gw_observation_glue *glue, bool *ret_is_new)
{
    const struct gw_claim *claim = gw_table_claims(event->table, &host->subject);
    bool had = false;
    bool any = false;

    *ret_is_new = true;
    for (uint32_t i = 0; i < host->subject.claim_count; i++) {
        const bool same = claim[i].family == glue->addr.family &&
                          memcmp(claim[i].octet, glue->addr.octet, sizeof(claim[i].octet)) == 0;

        if (same && claim[i].messages > 1)
            *ret_is_new = false;
        if ((!same || claim[i].messages > 1) && claim[i].family == glue->addr.family) {
            any = true;
            had = had || (claim[i].ttl_min_s <= glue->ttl_s && glue->ttl_s <= claim[i].ttl_max_s &&
                             !(same && claim[i].ttl_min_s != claim[i].ttl_max_s));
        }
    }
    return had || !any; /* of a family that is new nothing is known */
}

static void
judge_glue(const struct gw_rule_event *event, const struct gw_observation_glue *glue)
{
    const uint32_t usual_s =
        gw_normal_ttl_of(event->context->normal, event->zone.id, GW_NORMAL_GLUE);
    const uint32_t far = distance(glue->ttl_s, usual_s);
    const struct gw_table_name name = gw_rule_glue_owner(event->seen, glue);
    const struct gw_host *host = far == 0 ? NULL : gw_table_host(event->table, &name);
    bool is_new = false;
    struct gw_finding finding;

    if (host == NULL || host->subject.messages < 2 || had_before(event, host, glue, &is_new))
        return;
    gw_rule_begin(event, GW_KIND_GLUE_TTL_OUTLIER, &name, &finding);
    gw_rule_term(&finding, "base", -2.0);
    gw_rule_term(&finding, "ttl-far", far == 2 ? 1.0 : 0.0);
    gw_rule_term(&finding, "new-address", is_new && host->subject.claim_count > 1 ? 1.0 : 0.0);
    gw_rule_add_address(event, glue, &finding);
    if (is_new && host->subject.claim_count > 1)
        gw_rule_add_known(event, host, &finding);
    finding.severity = GW_LOW;
    gw_rule_conclude(event, &finding, NULL, 0);
}

static void
judge(const struct gw_rule_event *event)
{
    for (uint32_t i = 0; i < event->seen->glue_count; i++)
        if (event->seen->glue[i].target != GW_NO_TARGET &&
            event->seen->glue[i].stray == GW_NO_TARGET)
            judge_glue(event, &event->seen->glue[i]);
}

const struct gw_rule gw_rule_ttl_outlier = {.kind = GW_KIND_GLUE_TTL_OUTLIER, .message = judge};
