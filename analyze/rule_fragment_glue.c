/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * resp-fragment-glue: addresses that a later IP fragment brought. It carries neither port nor
 * message ID, so that only the identification of the datagram has to be guessed to put another one
 * in its place. Large signed referrals come so without any harm.
 */
#include <string.h>

#include "analyze/race.h"

/* How long the two fragments that contradict each other may lie apart (RFC 8200 section 4.5). */
#define CONFLICT_NS (60 * GW_NS_PER_S)

#define ORPHAN_NS    (30 * GW_NS_PER_S)
#define ORPHAN_LEAST 8u

#define HOUR_NS (3600 * GW_NS_PER_S)

/* Identifications of a counter stay so near; of ten, nine must have done so. */
#define ID_STEP 64u

enum shape {
    SHAPE_GLUE,
    SHAPE_PLAIN,
    SHAPE_ORPHAN,
    SHAPE_BARE,
};

/* The address in a later fragment that contradicts what is known, or else the first there. */
static const struct gw_observation_glue *
glue_behind(const struct gw_rule_event *event, enum gw_race_standing *ret_standing)
{
    const struct gw_observation *seen = event->seen;
    const struct gw_observation_glue *found = NULL;

    *ret_standing = GW_RACE_NEW;
    for (uint32_t i = 0; i < seen->glue_count; i++) {
        const struct gw_observation_glue *glue = &seen->glue[i];

        if (glue->fragment == 0 || glue->target >= seen->target_count)
            continue;

        const struct gw_table_name name = gw_rule_glue_owner(seen, glue);
        const enum gw_race_standing standing =
            gw_race_address_standing(event->table, &name, &glue->addr, seen);

        if (found == NULL || standing == GW_RACE_OTHER) {
            found = glue;
            *ret_standing = standing;
        }
        if (standing == GW_RACE_OTHER)
            break;
    }
    return found;
}

/* The claims of the host other than `addr`, of its family. */
static uint64_t
other_claims(const struct gw_table *table, const struct gw_host *host, const struct gw_addr *addr)
{
    const struct gw_claim *claim = gw_table_claims(table, &host->subject);
    uint64_t mask = 0;

    for (uint32_t i = 0; i < host->subject.claim_count; i++)
        if (claim[i].family == addr->family && !(claim[i].flags & GW_CLAIM_UNRELATED) &&
            memcmp(claim[i].octet, addr->octet, sizeof(addr->octet)) != 0)
            mask |= 1ull << i;
    return mask;
}

/* Who told the address that it contradicts, and for how long. */
static void
add_support(const struct gw_rule_event *event, const struct gw_observation_glue *glue,
    struct gw_finding *finding)
{
    const struct gw_table_name name = gw_rule_glue_owner(event->seen, glue);
    const struct gw_host *host = gw_table_host(event->table, &name);
    const uint64_t claims = host == NULL ? 0 : other_claims(event->table, host, &glue->addr);

    gw_rule_term(finding, "contradicts-baseline", 1.0);
    if (claims == 0)
        return;

    const struct gw_split_view view = {
        .known = gw_table_side(event->table, &host->subject, claims)};
    const gw_tick age = event->now > view.known.first ? event->now - view.known.first : 0;
    const double weeks = (double)age / (7.0 * GW_TICKS_PER_DAY);

    gw_rule_support_terms(finding, &view);
    gw_rule_term(finding, "stable-history", weeks < 2.0 ? weeks : 2.0);
    gw_rule_add_known(event, host, finding);
}

static bool
is_out_of_step(const struct gw_server *habits, const struct gw_exchange *exchange)
{
    const struct gw_server_habit *step = &habits->id_step;

    return (exchange->payload_flags & GW_PAYLOAD_IP_ID) && step->could >= GW_SERVER_SAMPLES &&
           10ull * step->did >= 9ull * step->could &&
           (uint16_t)(exchange->ip_id - habits->ip_id - 1u) >= 2 * ID_STEP;
}

static void
add_fragment_terms(const struct gw_rule_event *event, struct gw_finding *finding)
{
    const struct gw_server_judgement *judgement =
        gw_server_latest(event->context->servers, event->exchange);

    if (judgement == NULL)
        return;
    gw_rule_term(
        finding, "never-in-fragments", gw_server_never(&judgement->habits.fragment) ? 1.0 : 0.0);
    gw_rule_term(
        finding, "identification", is_out_of_step(&judgement->habits, event->exchange) ? 1.0 : 0.0);
}

static void
add_fragment(const struct gw_observation *seen, const struct gw_observation_glue *glue,
    struct gw_finding *finding)
{
    finding->transport_facts.fragment_count = seen->fragment_count;
    finding->transport_facts.fragment_from = glue->fragment;
    if (glue->fragment < GW_OBSERVATION_PIECES)
        finding->transport_facts.fragment_frame = seen->fragment_frame[glue->fragment];
}

static bool
is_contradicted(const struct gw_rule_event *event)
{
    const struct gw_race_pair *pair = gw_race_pair_find(
        event->context->races, &event->exchange->resolver, &event->exchange->server);

    return (event->exchange->payload_flags & GW_PAYLOAD_FRAG_CONFLICT) != 0 ||
           (pair != NULL && pair->conflict_ns != 0 &&
               event->exchange->time_ns - pair->conflict_ns <= CONFLICT_NS);
}

static void
conclude_conflict(const struct gw_rule_event *event, bool minority, struct gw_finding *finding)
{
    gw_rule_term(finding, "fragments-conflict", 5.0);
    finding->variant = "conflict";
    finding->severity = minority ? GW_HIGH : GW_MEDIUM;
    gw_race_conclude(event, finding,
        &(struct gw_race_key){.resolver = &finding->resolver,
            .server = &finding->server,
            .name = &finding->name,
            .shape = SHAPE_GLUE});
}

static void
judge(const struct gw_rule_event *event)
{
    enum gw_race_standing standing;
    struct gw_finding finding;

    if (event->seen->fragment_count < 2 || !gw_race_is_judged(event))
        return;

    const struct gw_observation_glue *glue = glue_behind(event, &standing);

    if (glue == NULL)
        return;

    const struct gw_table_name name = gw_rule_glue_owner(event->seen, glue);
    const bool minority = standing == GW_RACE_OTHER;
    struct gw_race_log *races = event->context->races;

    gw_rule_begin(event, GW_KIND_RESP_FRAGMENT_GLUE, &name, &finding);
    finding.caveats = 0;
    gw_rule_term(&finding, "base", -3.0);
    add_fragment_terms(event, &finding);
    gw_rule_add_address(event, glue, &finding);
    if (minority)
        add_support(event, glue, &finding);
    add_fragment(event->seen, glue, &finding);
    races->fragmented[races->fragmented_next++ % GW_RACE_FRAGMENTED] = finding;
    if (is_contradicted(event)) {
        conclude_conflict(event, minority, &finding);
        return;
    }
    finding.variant = minority ? "minority" : "plain";
    finding.severity = minority ? GW_MEDIUM : GW_INFO;
    gw_race_conclude(event, &finding,
        &(struct gw_race_key){.resolver = minority ? &finding.resolver : NULL,
            .server = &finding.server,
            .name = minority ? &finding.name : NULL,
            .shape = minority ? SHAPE_GLUE : SHAPE_PLAIN});
}

static void
judge_second(const struct gw_rule_event *event, const struct gw_observation *first)
{
    (void)first;
    judge(event);
}

/* A fragment is all there is: no message to begin with. */
static void
begin_bare(const struct gw_sighting *sighting, struct gw_finding *finding)
{
    *finding = (struct gw_finding){
        .kind = GW_KIND_RESP_FRAGMENT_GLUE,
        .class = GW_CLASS_OTHER,
        .facts = GW_FACT_FRAGMENTED,
        .server = sighting->source,
        .resolver = sighting->destination,
        .server_port = 53,
        .transport = GW_TRANSPORT_UDP,
        .frame = sighting->frame,
        .input = sighting->input,
        .trigger_ns = sighting->time_ns,
        .first_ns = sighting->time_ns,
        .last_ns = sighting->time_ns,
    };
    gw_rule_term(finding, "base", -3.0);
}

/* It may have changed nothing that matters: no message tells. */
static void
tell_bare_conflict(const struct gw_rule_event *event, const struct gw_sighting *sighting)
{
    struct gw_finding finding;

    begin_bare(sighting, &finding);
    gw_rule_term(&finding, "fragments-conflict", 5.0);
    finding.variant = "bare-conflict";
    finding.severity = GW_LOW;
    gw_race_conclude(event, &finding,
        &(struct gw_race_key){.resolver = &sighting->destination,
            .server = &sighting->source,
            .period = sighting->time_ns / HOUR_NS,
            .shape = SHAPE_BARE});
}

/* A fragment contradicts one of a message that is complete already, or will be. */
static void
judge_conflict(const struct gw_rule_event *event, const struct gw_sighting *sighting)
{
    struct gw_race_log *races = event->context->races;
    struct gw_race_pair *pair = gw_race_pair_meet(races, &sighting->destination, &sighting->source);

    pair->conflict_ns = sighting->time_ns;
    for (uint32_t i = 0; i < GW_RACE_FRAGMENTED; i++) {
        struct gw_finding finding = races->fragmented[i];

        if (memcmp(&finding.server, &sighting->source, sizeof(finding.server)) != 0 ||
            memcmp(&finding.resolver, &sighting->destination, sizeof(finding.server)) != 0 ||
            sighting->time_ns - finding.trigger_ns > CONFLICT_NS)
            continue;
        races->fragmented[i].server.family = 0;
        finding.last_ns = sighting->time_ns;
        conclude_conflict(event, finding.set_count == 2, &finding);
        return;
    }
    tell_bare_conflict(event, sighting);
}

static void
tell_orphans(const struct gw_rule_event *event, const struct gw_sighting *sighting,
    const struct gw_race_pair *pair)
{
    struct gw_finding finding;

    begin_bare(sighting, &finding);
    gw_rule_term(&finding, "orphans", 2.0);
    gw_rule_term(&finding, "identification", pair->orphan_steps >= ORPHAN_LEAST - 1 ? 1.0 : 0.0);
    finding.variant = "orphan";
    finding.severity = pair->orphan_steps >= ORPHAN_LEAST - 1 ? GW_LOW : GW_INFO;
    finding.first_ns = pair->orphan_ns;
    finding.message_count = pair->orphan_count;
    finding.transport_facts.wrong_count = pair->orphan_count;
    gw_race_conclude(event, &finding,
        &(struct gw_race_key){.resolver = &sighting->destination,
            .server = &sighting->source,
            .period = sighting->time_ns / HOUR_NS,
            .shape = SHAPE_ORPHAN});
}

static void
judge_orphan(const struct gw_rule_event *event, const struct gw_sighting *sighting)
{
    struct gw_race_pair *pair =
        gw_race_pair_meet(event->context->races, &sighting->destination, &sighting->source);

    if (pair->orphan_ns == 0 || sighting->time_ns - pair->orphan_ns > ORPHAN_NS) {
        pair->orphan_ns = sighting->time_ns;
        pair->orphan_count = 0;
        pair->orphan_steps = 0;
    }
    pair->orphan_steps += pair->orphan_count != 0 && sighting->ip_id == pair->orphan_id + 1;
    pair->orphan_id = sighting->ip_id;
    if (++pair->orphan_count >= ORPHAN_LEAST)
        tell_orphans(event, sighting, pair);
}

/* Fragments have no ports: only those between a server and a resolver of ours are about DNS. */
static void
judge_sighting(const struct gw_rule_event *event, const struct gw_sighting *sighting)
{
    if (gw_server_find(event->context->servers, &sighting->source) == NULL ||
        gw_resolver_find(event->context->resolvers, &sighting->destination) == NULL)
        return;
    if (sighting->kind == GW_SIGHTING_FRAG_CONFLICT)
        judge_conflict(event, sighting);
    else if (sighting->kind == GW_SIGHTING_FRAG_ORPHAN)
        judge_orphan(event, sighting);
}

const struct gw_rule gw_rule_fragment_glue = {.kind = GW_KIND_RESP_FRAGMENT_GLUE,
    .message = judge,
    .second = judge_second,
    .sighting = judge_sighting};
