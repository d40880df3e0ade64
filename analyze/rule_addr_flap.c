/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * glue-addr-flap: one witness is told one address, another, and the first again, time after time.
 */
#include "analyze/rules.h"

/* Ways back to addresses said before. */
#define RETURNS_MIN 2u

/* Where nobody else tells, one side must have been said so often before the other appeared. */
#define HELD_MESSAGES 8u

static const struct gw_row *
row_of(const struct gw_rule_event *event, const struct gw_subject *subject)
{
    const struct gw_row *row = gw_table_rows(event->table, subject);

    for (uint32_t i = 0; i < subject->row_count; i++)
        if (row[i].last == event->now && row[i].flipped == event->now)
            return &row[i];
    return NULL;
}

/* The claims of one family that a mask holds. */
static uint64_t
of_family(const struct gw_rule_event *event, const struct gw_subject *subject, uint64_t claims,
    uint8_t family)
{
    const struct gw_claim *claim = gw_table_claims(event->table, subject);
    uint64_t mask = 0;

    for (; claims != 0; claims &= claims - 1)
        if (claim[__builtin_ctzll(claims)].family == family)
            mask |= claims & -claims;
    return mask;
}

/* A pool that rotates is told to everybody by everybody; what is forged is not. */
static bool
is_pool(const struct gw_rule_event *event, const struct gw_rule_case *found)
{
    const struct gw_side *known = &found->view.known;
    const struct gw_side *contrary = &found->view.contrary;
    const struct gw_claim *claim = gw_table_claims(event->table, found->subject);
    const struct gw_claim *older = &claim[__builtin_ctzll(known->claims)];
    const struct gw_claim *newer = &claim[__builtin_ctzll(contrary->claims)];

    if (known->groups >= 2 && contrary->groups >= 2 && known->servers >= 2 &&
        contrary->servers >= 2)
        return true;
    if (known->groups >= 2 || known->servers >= 2)
        return false;
    return older->messages < HELD_MESSAGES || newer->first <= older->first;
}

static void
conclude(const struct gw_rule_event *event, struct gw_rule_case *found, uint32_t flips)
{
    const struct gw_table_name name = gw_rule_host_name(event->table, found->host);
    struct gw_finding finding;

    found->view.split = GW_SPLIT_NONE;
    found->view.group_total = found->view.known.groups;
    found->view.server_total = found->view.known.servers;
    gw_rule_begin(event, GW_KIND_GLUE_ADDR_FLAP, &name, &finding);
    gw_rule_term(&finding, "base", -1.0);
    gw_rule_term(&finding, "returns", 0.7 * (flips < 4 ? flips - 1.0 : 3.0));
    gw_rule_term(&finding, "resolver-groups",
        0.8 * (found->view.known.groups < 4 ? found->view.known.groups - 1.0 : 3.0));
    gw_rule_term(&finding, "nearby-address", gw_rule_is_nearby(event->table, found) ? -2.5 : 0.0);
    gw_rule_add_sides(event, found, &finding);
    finding.severity = GW_MEDIUM;
    gw_rule_conclude(event, &finding, NULL, 0);
}

static void
judge_host(const struct gw_rule_event *event, const struct gw_host *host, uint8_t family)
{
    const struct gw_subject *subject = &host->subject;
    const struct gw_row *row = row_of(event, subject);
    const uint32_t flips = row == NULL ? 0 : row->flips[family == 6];
    struct gw_rule_case found = {.subject = subject, .host = host, .family = family};

    if (flips < RETURNS_MIN)
        return;

    const uint64_t now = of_family(event, subject, row->now, family);
    const uint64_t before = of_family(event, subject, row->ever & ~row->now, family);

    if (now == 0 || before == 0)
        return;
    found.view.known = gw_table_side(event->table, subject, now);
    found.view.contrary = gw_table_side(event->table, subject, before);
    if (found.view.contrary.first < found.view.known.first) {
        const struct gw_side newer = found.view.known;

        found.view.known = found.view.contrary;
        found.view.contrary = newer;
    }
    if (!is_pool(event, &found))
        conclude(event, &found, flips);
}

static void
judge(const struct gw_rule_event *event)
{
    const struct gw_observation *seen = event->seen;

    for (uint32_t i = 0; i < seen->target_count; i++) {
        const struct gw_table_name name = gw_zone_name(seen, &seen->target[i].name);
        const struct gw_host *host = gw_table_host(event->table, &name);

        if (host == NULL)
            continue;
        if (seen->target[i].has_a)
            judge_host(event, host, 4);
        if (seen->target[i].has_aaaa)
            judge_host(event, host, 6);
    }
}

const struct gw_rule gw_rule_addr_flap = {.kind = GW_KIND_GLUE_ADDR_FLAP, .message = judge};
