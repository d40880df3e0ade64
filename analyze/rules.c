/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/rules.h"

#define DECLARE(id, name, stem, channel, title, technique, cwe, source) \
    extern const struct gw_rule gw_rule_##stem;
GW_KIND_LIST(DECLARE)
#undef DECLARE

static const struct gw_rule *const rules[GW_KIND_COUNT] = {
#define ENTRY(id, name, stem, channel, title, technique, cwe, source) &gw_rule_##stem,
    GW_KIND_LIST(ENTRY)
#undef ENTRY
};

void
gw_rule_judge_message(const struct gw_rule_event *event)
{
    for (uint32_t i = 0; i < GW_KIND_COUNT; i++)
        if (rules[i]->message != NULL)
            rules[i]->message(event);
}

void
gw_rule_judge_odd(const struct gw_rule_event *event)
{
    for (uint32_t i = 0; i < GW_KIND_COUNT; i++)
        if (rules[i]->odd != NULL)
            rules[i]->odd(event);
}

void
gw_rule_judge_fact(const struct gw_rule_event *event)
{
    for (uint32_t i = 0; i < GW_KIND_COUNT; i++)
        if (rules[i]->fact != NULL)
            rules[i]->fact(event);
}

void
gw_rule_judge_exchange(const struct gw_rule_event *event)
{
    for (uint32_t i = 0; i < GW_KIND_COUNT; i++)
        if (rules[i]->exchange != NULL)
            rules[i]->exchange(event);
}

void
gw_rule_judge_second(const struct gw_rule_event *event, const struct gw_observation *first)
{
    for (uint32_t i = 0; i < GW_KIND_COUNT; i++)
        if (rules[i]->second != NULL)
            rules[i]->second(event, first);
}

void
gw_rule_judge_sighting(const struct gw_rule_event *event, const struct gw_sighting *sighting)
{
    for (uint32_t i = 0; i < GW_KIND_COUNT; i++)
        if (rules[i]->sighting != NULL)
            rules[i]->sighting(event, sighting);
}

void
gw_rule_judge_finish(const struct gw_rule_event *event)
{
    for (uint32_t i = 0; i < GW_KIND_COUNT; i++)
        if (rules[i]->finish != NULL)
            rules[i]->finish(event);
}

/* Returns whether the witnesses differ. */
static bool
judge_family(const struct gw_rule_event *event, struct gw_subject *subject,
    const struct gw_host *host, uint8_t family)
{
    const struct gw_split_query query = {
        .subject = subject, .family = family, .zone = event->zone.id, .now = event->now};
    struct gw_rule_case found = {.subject = subject, .host = host, .family = family};

    if (!gw_table_split(event->table, &query, &found.view))
        return false;
    gw_table_contest(event->table, subject, host == NULL);
    for (uint32_t i = 0; i < GW_KIND_COUNT; i++)
        if (rules[i]->split != NULL)
            rules[i]->split(event, &found);
    if (found.view.left == 0)
        return true;
    gw_table_settle(event->table, subject, found.view.left);
    return false;
}

void
gw_rule_judge_subject(
    const struct gw_rule_event *event, struct gw_subject *subject, const struct gw_host *host)
{
    bool differ = false;

    if (subject->frozen)
        gw_rule_thaw(event, subject, host);
    if (host == NULL) {
        differ = judge_family(event, subject, NULL, 0);
    } else {
        differ = judge_family(event, subject, host, 4);
        differ |= judge_family(event, subject, host, 6);
    }
    /* To watch many cuts costs time: what is known to be contested by many stays so. */
    if (host == NULL || host->refs <= GW_FOLDED_CUTS || differ)
        subject->contested = differ;
}
