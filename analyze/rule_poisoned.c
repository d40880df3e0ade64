/* SPDX-License-Identifier: BSD-2-Clause */
/* poisoned-answer-suspected: after suspect glue was followed, clients get other answers. */
#include <string.h>

#include "analyze/answers.h"
#include "analyze/rules.h"
#include "analyze/suspect.h"

/* Answers are compared with those of a day; older ones explain what a resolver serves stale. */
#define CURRENT_NS (86400 * GW_NS_PER_S)
#define STALE_NS   (7 * CURRENT_NS)

#define CLIENTS_MIN 2u

/* What others say of the question. */
struct others {
    uint32_t groups;      /* resolver groups with another answer */
    uint32_t authorities; /* authoritative servers with another answer */
    bool agree;           /* somebody says the same */
    bool vary;            /* they contradict each other: answers by region, a CDN */
    bool stale;           /* it was said within a week */
    uint32_t sources;     /* bits of those with another answer */
};

/* Those that follow the same suspect glue are no witnesses for the truth, nor is the suspect. */
static bool
is_witness(const struct gw_rule_event *event, const struct gw_answer_source *source,
    const struct gw_table_name *name)
{
    struct gw_suspects *suspects = event->context->suspects;

    if (source->authority)
        return !gw_suspect_is(suspects, &source->who);
    return gw_suspect_follow_of(suspects, &source->group, name) == NULL;
}

static void
weigh_source(const struct gw_answer *answer, uint32_t i, const struct gw_answer_set *said,
    struct others *others)
{
    const struct gw_answer_source *source = &answer->source[i];
    const int64_t age = said->time_ns - source->now.time_ns;
    const bool same = gw_suspect_answers_overlap(&source->now, said);

    if (source->before.count != 0 && said->time_ns - source->before.time_ns <= STALE_NS)
        others->stale |= gw_suspect_answers_overlap(&source->before, said);
    if (age > CURRENT_NS) {
        others->stale |= same && age <= STALE_NS;
        return;
    }
    if (same) {
        others->agree = true;
        return;
    }
    for (uint32_t mask = others->sources; mask != 0; mask &= mask - 1)
        others->vary |=
            !gw_suspect_answers_overlap(&answer->source[__builtin_ctz(mask)].now, &source->now);
    others->sources |= 1u << i;
    if (source->authority)
        others->authorities++;
    else
        others->groups++;
}

static struct others
ask_others(const struct gw_rule_event *event, const struct gw_answer *answer, uint32_t self)
{
    const struct gw_table_name name = gw_zone_name(event->seen, &event->seen->qname);
    struct others others = {0};

    for (uint32_t i = 0; i < answer->source_count; i++)
        if (i != self && is_witness(event, &answer->source[i], &name))
            weigh_source(answer, i, &answer->source[self].now, &others);
    return others;
}

static void
add_source(const struct gw_answer_source *source, struct gw_finding_set *set)
{
    for (uint32_t i = 0; i < source->now.count; i++) {
        uint32_t pos = 0;

        while (pos < set->address_count &&
               memcmp(&set->address[pos], &source->now.addr[i], sizeof(struct gw_addr)) < 0)
            pos++;
        if (set->address_count == GW_FINDING_MEMBERS_MAX ||
            (pos < set->address_count &&
                memcmp(&set->address[pos], &source->now.addr[i], sizeof(struct gw_addr)) == 0))
            continue;
        memmove(&set->address[pos + 1], &set->address[pos],
            (set->address_count - pos) * sizeof(struct gw_addr));
        set->address[pos] = source->now.addr[i];
        set->address_count++;
    }
    set->member_total = set->address_count;
    set->witness[set->witness_count++] = (struct gw_witness){source->who, source->who,
        source->now.time_ns, source->now.time_ns, 1, source->frame, source->input};
    set->witness_total++;
    if (source->authority)
        set->server_count++;
    else
        set->group_count++;
}

/* The client is left out of everything: who was answered is nobody's business. */
static void
keep_answer(const struct gw_answer_source *source, struct gw_finding *finding)
{
    finding->server = source->who;
    finding->resolver = source->who;
    finding->server_port = 53;
    finding->resolver_port = 0;
    finding->id_dns = 0;
    finding->facts = 0;
    finding->ip_ttl = 0;
    finding->transport_facts = (struct gw_finding_transport){.leg = GW_LEG_CLIENT};
    finding->class = GW_CLASS_RECURSIVE_ANSWER;
    finding->trigger_ns = source->now.time_ns;
    finding->first_ns = source->now.time_ns;
    finding->frame = source->frame;
    finding->input = source->input;
}

static void
conclude(const struct gw_rule_event *event, const struct gw_answer *answer, uint32_t self,
    const struct gw_suspect_follow *follow, const struct others *others)
{
    const struct gw_answer_source *source = &answer->source[self];
    const struct gw_table_name cut = {follow->cut.wire,
        gw_hash_octets(&event->table->key, follow->cut.wire, follow->cut.len), follow->cut.len};
    struct gw_rule_event about = *event;
    struct gw_finding finding;
    double more = (double)others->groups - 1.0;

    about.cut = gw_table_cut(event->table, &cut);
    about.zone = (struct gw_zone){
        .name = follow->zone.len == 0 ? NULL : follow->zone.wire, .len = follow->zone.len};
    gw_rule_begin(&about, GW_KIND_POISONED_ANSWER_SUSPECTED, NULL, &finding);
    finding.cut = follow->cut;
    finding.family = source->now.addr[0].family;
    keep_answer(source, &finding);
    finding.set_count = 2;
    finding.set[0].role = GW_SET_KNOWN;
    for (uint32_t mask = others->sources; mask != 0; mask &= mask - 1)
        add_source(&answer->source[__builtin_ctz(mask)], &finding.set[0]);
    finding.set[1].role = GW_SET_CONTRARY;
    add_source(source, &finding.set[1]);
    more = more < 0.0 ? 0.0 : more > 3.0 ? 3.0 : more;
    gw_rule_term(&finding, "base", 1.0);
    gw_rule_term(&finding, "resolver-groups", 0.8 * more);
    gw_rule_term(&finding, "address-never-seen",
        gw_suspect_answers_is_new(event->context->answers, &source->now.addr[0], follow->since_ns)
            ? 1.0
            : 0.0);
    gw_rule_term(&finding, "answers-vary", others->vary ? -2.0 : 0.0);
    gw_rule_term(&finding, "said-before", others->stale ? -3.0 : 0.0);

    const bool plain = !others->vary && !others->stale;

    finding.severity = !plain                                            ? GW_LOW
                       : others->authorities != 0 || others->groups >= 2 ? GW_CRITICAL
                                                                         : GW_HIGH;
    gw_rule_conclude(&about, &finding, &follow->group, sizeof(follow->group));
}

/* Every answer may show that another one, given before, is odd. */
static void
judge(const struct gw_rule_event *event)
{
    struct gw_suspects *suspects = event->context->suspects;
    const struct gw_observation *seen = event->seen;
    uint32_t self = 0;

    if (suspects == NULL || event->context->answers == NULL ||
        (seen->kind != GW_OBSERVATION_ANSWER && seen->kind != GW_OBSERVATION_ADDRESS))
        return;

    const struct gw_table_name name = gw_zone_name(seen, &seen->qname);
    const struct gw_answer *answer = gw_suspect_answers_note(event->context->answers, seen, &self);

    if (answer == NULL || suspects->follow_count == 0)
        return;
    for (uint32_t i = 0; i < answer->source_count; i++) {
        const struct gw_answer_source *source = &answer->source[i];
        struct gw_suspect_follow *follow =
            source->authority ? NULL : gw_suspect_follow_of(suspects, &source->group, &name);

        if (follow == NULL || source->now.time_ns < follow->since_ns)
            continue;

        const struct others others = ask_others(event, answer, i);

        if (i == self && !others.agree)
            (void)gw_suspect_note_client(suspects, follow, &seen->resolver);
        if (!others.agree && others.sources != 0 && follow->client_count >= CLIENTS_MIN)
            conclude(event, answer, i, follow, &others);
    }
}

const struct gw_rule gw_rule_poisoned = {.kind = GW_KIND_POISONED_ANSWER_SUSPECTED, .fact = judge};
