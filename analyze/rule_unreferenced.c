/* SPDX-License-Identifier: BSD-2-Clause */
/* glue-unreferenced: an address record in a referral whose owner no NS record names. */
#include "analyze/rules.h"

/* A server that adds such records again and again is old software, not an attacker. */
#define HABIT_REPEATS 20u

static uint8_t
count_habit(const struct gw_rule_event *event)
{
    const uint32_t server = gw_table_intern_find(&event->table->server, &event->seen->server);

    if (server == UINT32_MAX)
        return 0;

    uint8_t *habit = gw_table_habit(event->table, server);

    if (*habit < UINT8_MAX)
        (*habit)++;
    return *habit;
}

static void
judge_glue(const struct gw_rule_event *event, const struct gw_observation_glue *glue)
{
    const struct gw_table_name name = gw_rule_glue_owner(event->seen, glue);
    const struct gw_host *host = gw_table_host(event->table, &name);
    const bool contradicts = host != NULL && gw_rule_contradicts(event, host, &glue->addr);
    const uint8_t repeats = count_habit(event);
    struct gw_finding finding;

    gw_rule_begin(event, GW_KIND_GLUE_UNREFERENCED, &name, &finding);
    gw_rule_term(&finding, "base", 0.0);
    gw_rule_term(&finding, "other-address-known", contradicts ? 3.0 : 0.0);
    gw_rule_term(&finding, "server-habit", repeats > HABIT_REPEATS ? -4.0 : 0.0);
    gw_rule_add_address(event, glue, &finding);
    if (contradicts)
        gw_rule_add_known(event, host, &finding);
    finding.severity = contradicts ? GW_HIGH : GW_LOW;
    gw_rule_conclude(event, &finding, &glue->addr, sizeof(glue->addr));
}

static void
judge(const struct gw_rule_event *event)
{
    for (uint32_t i = 0; i < event->seen->glue_count; i++)
        if (event->seen->glue[i].target == GW_NO_TARGET &&
            event->seen->glue[i].stray < event->seen->stray_count)
            judge_glue(event, &event->seen->glue[i]);
}

const struct gw_rule gw_rule_unreferenced = {.kind = GW_KIND_GLUE_UNREFERENCED, .message = judge};
