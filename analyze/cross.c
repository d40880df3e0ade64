/* SPDX-License-Identifier: BSD-2-Clause */
/* What else speaks for or against one side: how it came, what is known, what became of it. */
#include "analyze/race.h"
#include "analyze/reference.h"
#include "analyze/rules.h"
#include "analyze/suspect.h"

#include <string.h>

/* A race is about the message that first told a claim, or one beside it. */
#define NEAR_NS (5 * GW_NS_PER_S)

/* What the contrary claims have against them, each asked of all of them. */
struct evidence {
    bool raced;       /* a race about the message that told it */
    bool contradicts; /* the operator's reference knows others */
    bool agrees;      /* or knows it */
    bool followed;    /* a resolver asked it */
};

static bool
was_raced(const struct gw_rule_event *event, const struct gw_claim *claim)
{
    const struct gw_witness_record *witness = gw_table_witness_at(event->table, claim->witness);
    const struct gw_addr server = gw_table_server_at(event->table, witness->server);

    return event->context->races != NULL &&
           gw_race_near(event->context->races, &witness->resolver, &server,
               claim->first_ns - NEAR_NS, claim->first_ns + NEAR_NS);
}

static void
weigh_address(const struct gw_rule_event *event, const struct gw_host *host,
    const struct gw_claim *claim, struct evidence *evidence)
{
    const struct gw_table_name name = gw_rule_host_name(event->table, host);
    struct gw_addr addr = {.family = claim->family};

    memcpy(addr.octet, claim->octet, sizeof(addr.octet));

    const enum gw_reference_word word =
        gw_reference_says(event->context->reference, name.wire, name.len, &addr);

    evidence->contradicts |= word == GW_REFERENCE_CONTRADICTS;
    evidence->agrees |= word == GW_REFERENCE_AGREES;
    evidence->followed |= event->context->suspects != NULL &&
                          gw_suspect_was_followed(event->context->suspects, &addr);
}

void
gw_rule_cross_terms(
    const struct gw_rule_event *event, const struct gw_rule_case *found, struct gw_finding *finding)
{
    const struct gw_claim *claim = gw_table_claims(event->table, found->subject);
    struct evidence evidence = {0};

    for (uint64_t mask = found->view.contrary.claims; mask != 0; mask &= mask - 1) {
        const struct gw_claim *contrary = &claim[__builtin_ctzll(mask)];

        evidence.raced |= was_raced(event, contrary);
        if (found->host != NULL)
            weigh_address(event, found->host, contrary, &evidence);
    }
    gw_rule_term_in(finding, GW_CHANNEL_TRANSPORT, "race-beside-it", evidence.raced ? 3.0 : 0.0);
    gw_rule_term_in(finding, GW_CHANNEL_REFERENCE, "reference-contradicts",
        evidence.contradicts && !evidence.agrees ? 5.0 : 0.0);
    gw_rule_term_in(
        finding, GW_CHANNEL_REFERENCE, "reference-agrees", evidence.agrees ? -6.0 : 0.0);
    gw_rule_term_in(finding, GW_CHANNEL_ACCEPTANCE, "followed", evidence.followed ? 2.0 : 0.0);
}

bool
gw_rule_is_attacked(const struct gw_finding *finding)
{
    for (uint32_t i = 0; i < finding->term_count; i++) {
        const enum gw_channel channel = finding->term[i].channel;

        if (finding->term[i].points > 0.0 &&
            (channel == GW_CHANNEL_TRANSPORT || channel == GW_CHANNEL_REFERENCE ||
                channel == GW_CHANNEL_ACCEPTANCE))
            return true;
    }
    return false;
}
