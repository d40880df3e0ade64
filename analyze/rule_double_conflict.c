/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * resp-double-conflict: two responses to one query, every field as asked, that contradict each
 * other. Which of them is the true one their order does not tell.
 */
#include <string.h>

#include "analyze/race.h"

#define DAY_NS (86400 * GW_NS_PER_S)

/* What a response says, as far as two of them can contradict each other in it. */
enum sort {
    SORT_NOTHING, /* errors and truncated ones: the same server may well say more on another day */
    SORT_REFERS,
    SORT_ANSWERS,
    SORT_DENIES,
    SORT_NO_DATA,
};

/* Where two responses differ. */
struct difference {
    const char *variant; /* NULL: nowhere */
    const struct gw_observation *first, *second;
    enum sort sort[2];
    uint8_t target[2]; /* GW_NO_TARGET, or whose addresses differ */
    uint8_t family;
};

static enum sort
sort_of(const struct gw_observation *seen)
{
    if (seen->facts & GW_FACT_TC)
        return SORT_NOTHING;
    switch (seen->class) {
    case GW_CLASS_REFERRAL:
    case GW_CLASS_PARTIAL_REFERRAL:
    case GW_CLASS_SIDEWAYS:
    case GW_CLASS_SELF_REFERRAL:
    case GW_CLASS_MULTI_CUT:
    case GW_CLASS_UPWARD:
        return SORT_REFERS;
    case GW_CLASS_DELEGATION:
        return (seen->facts & GW_FACT_ANSWERED) && !(seen->facts & GW_FACT_NS_IN_ANSWER)
                   ? SORT_ANSWERS
                   : SORT_REFERS;
    case GW_CLASS_ANSWER:
    case GW_CLASS_AUTH_NS:
    case GW_CLASS_PRIMING:
    case GW_CLASS_RECURSIVE_ANSWER:
        return SORT_ANSWERS;
    case GW_CLASS_NEGATIVE:
        return SORT_DENIES;
    case GW_CLASS_NODATA:
    case GW_CLASS_NODATA_NOSOA:
        return SORT_NO_DATA;
    case GW_CLASS_QUERY:
    case GW_CLASS_MALFORMED:
    case GW_CLASS_IGNORED:
    case GW_CLASS_CUT:
    case GW_CLASS_ERROR:
    case GW_CLASS_EMPTY:
    case GW_CLASS_TC_EMPTY:
    case GW_CLASS_OTHER:
        break;
    }
    return SORT_NOTHING;
}

static bool
is_same_name(const struct gw_observation *left, const struct gw_observation_name *left_name,
    const struct gw_observation *right, const struct gw_observation_name *right_name)
{
    return left_name->len == right_name->len &&
           memcmp(left->names + left_name->off, right->names + right_name->off, left_name->len) ==
               0;
}

/* The same target in the other response, or GW_NO_TARGET. */
static uint8_t
target_like(const struct gw_observation *seen, const struct gw_observation *other, uint32_t index)
{
    for (uint8_t i = 0; i < other->target_count; i++)
        if (is_same_name(seen, &seen->target[index].name, other, &other->target[i].name))
            return i;
    return GW_NO_TARGET;
}

static uint32_t
targets_missing(const struct gw_observation *seen, const struct gw_observation *other)
{
    uint32_t missing = 0;

    for (uint32_t i = 0; i < seen->target_count; i++)
        missing += target_like(seen, other, i) == GW_NO_TARGET;
    return missing;
}

static uint32_t
addresses_of(const struct gw_observation *seen, uint8_t target, uint8_t family)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < seen->glue_count; i++)
        count += seen->glue[i].target == target && seen->glue[i].addr.family == family;
    return count;
}

static bool
has_address(const struct gw_observation *seen, uint8_t target, const struct gw_addr *addr)
{
    for (uint32_t i = 0; i < seen->glue_count; i++)
        if (seen->glue[i].target == target && memcmp(&seen->glue[i].addr, addr, sizeof(*addr)) == 0)
            return true;
    return false;
}

/* Both have addresses of the family for the name, and not one in common. */
static bool
is_disjoint(const struct gw_observation *left, uint8_t left_target,
    const struct gw_observation *right, uint8_t right_target, uint8_t family)
{
    if (addresses_of(left, left_target, family) == 0 ||
        addresses_of(right, right_target, family) == 0)
        return false;
    for (uint32_t i = 0; i < left->glue_count; i++)
        if (left->glue[i].target == left_target && left->glue[i].addr.family == family &&
            has_address(right, right_target, &left->glue[i].addr))
            return false;
    return true;
}

/* A name whose addresses differ altogether. */
static void
compare_addresses(struct difference *ret_found)
{
    const struct gw_observation *first = ret_found->first;
    const struct gw_observation *second = ret_found->second;

    for (uint8_t i = 0; i < first->target_count; i++) {
        const uint8_t like = target_like(first, second, i);

        for (uint8_t family = 4; family <= 6 && like != GW_NO_TARGET; family += 2) {
            if (!is_disjoint(first, i, second, like, family))
                continue;
            ret_found->variant = "addresses";
            ret_found->target[0] = i;
            ret_found->target[1] = like;
            ret_found->family = family;
            return;
        }
    }
}

/* An address that the response gives as its answer. */
static bool
is_answer(const struct gw_observation *seen, const struct gw_observation_glue *glue)
{
    return seen->kind == GW_OBSERVATION_ADDRESS || seen->kind == GW_OBSERVATION_ANSWER ||
           seen->kind == GW_OBSERVATION_OTHER || glue->stray == GW_IN_ANSWER;
}

/* Both answer with addresses of the family, and not one in common. */
static bool
answers_differ(
    const struct gw_observation *left, const struct gw_observation *right, uint8_t family)
{
    uint32_t pairs = 0;

    for (uint32_t i = 0; i < left->glue_count; i++)
        for (uint32_t j = 0; j < right->glue_count; j++) {
            const struct gw_observation_glue *one = &left->glue[i];
            const struct gw_observation_glue *other = &right->glue[j];

            if (!is_answer(left, one) || !is_answer(right, other) || one->addr.family != family ||
                other->addr.family != family)
                continue;
            if (memcmp(&one->addr, &other->addr, sizeof(one->addr)) == 0)
                return false;
            pairs++;
        }
    return pairs != 0;
}

static void
compare_answer_addresses(struct difference *ret_found)
{
    for (uint8_t family = 4; family <= 6; family += 2) {
        if (!answers_differ(ret_found->first, ret_found->second, family))
            continue;
        ret_found->variant = "addresses";
        ret_found->family = family;
        return;
    }
}

static void
compare_referrals(struct difference *ret_found)
{
    const struct gw_observation *first = ret_found->first;
    const struct gw_observation *second = ret_found->second;

    if (!is_same_name(first, &first->cut, second, &second->cut))
        ret_found->variant = "zone-cuts";
    else if (targets_missing(first, second) != 0 && targets_missing(second, first) != 0)
        ret_found->variant = "name-servers";
    else
        compare_addresses(ret_found);
}

/* NS records of another zone than the one that the server was asked in are no courtesy. */
static bool
adds_foreign_ns(const struct gw_rule_event *event, const struct gw_observation *seen)
{
    return (seen->facts & GW_FACT_NS) != 0 && event->zone.name != NULL &&
           !(seen->cut.len == event->zone.len &&
               memcmp(seen->names + seen->cut.off, event->zone.name, seen->cut.len) == 0);
}

static void
compare_answers(const struct gw_rule_event *event, struct difference *ret_found)
{
    const struct gw_observation *first = ret_found->first;
    const struct gw_observation *second = ret_found->second;
    const bool first_ns = (first->facts & GW_FACT_NS) != 0;
    const bool second_ns = (second->facts & GW_FACT_NS) != 0;

    if (first_ns && second_ns && first->kind == GW_OBSERVATION_DELEGATION &&
        second->kind == GW_OBSERVATION_DELEGATION)
        compare_referrals(ret_found);
    else if (first_ns != second_ns && adds_foreign_ns(event, first_ns ? first : second))
        ret_found->variant = "name-servers";
    else if (first->kind == second->kind && first->kind == GW_OBSERVATION_ALIAS &&
             first->target_count != 0 && second->target_count != 0 &&
             targets_missing(first, second) != 0)
        ret_found->variant = "aliases";
    else
        compare_answer_addresses(ret_found);
}

static struct difference
compare(const struct gw_rule_event *event, const struct gw_observation *first)
{
    struct difference found = {.first = first,
        .second = event->seen,
        .sort = {sort_of(first), sort_of(event->seen)},
        .target = {GW_NO_TARGET, GW_NO_TARGET}};

    if (found.sort[0] == SORT_NOTHING || found.sort[1] == SORT_NOTHING)
        return found;
    if (found.sort[0] != found.sort[1])
        found.variant = "classes";
    else if (found.sort[0] == SORT_REFERS)
        compare_referrals(&found);
    else if (found.sort[0] == SORT_ANSWERS)
        compare_answers(event, &found);
    return found;
}

static bool
is_about_ns(const struct difference *found)
{
    return strcmp(found->variant, "name-servers") == 0 || strcmp(found->variant, "zone-cuts") == 0;
}

/* Does the side show this address? */
static bool
is_of_side(const struct difference *found, const struct gw_observation *seen, uint8_t target,
    const struct gw_observation_glue *glue)
{
    if (found->family != 0 && glue->addr.family != found->family)
        return false;
    return target == GW_NO_TARGET ? !is_about_ns(found) && is_answer(seen, glue)
                                  : glue->target == target;
}

/* How the side stands as a whole: one member that others do not know makes it stand out. */
static enum gw_race_standing
standing_of(const struct gw_rule_event *event, const struct gw_observation *seen,
    const struct difference *found, uint8_t target)
{
    const struct gw_observation *first = found->first;
    enum gw_race_standing standing = GW_RACE_NEW;

    if (found->family != 0) {
        const struct gw_table_name name =
            gw_zone_name(seen, target == GW_NO_TARGET ? &seen->qname : &seen->target[target].name);

        for (uint32_t i = 0; i < seen->glue_count; i++) {
            if (!is_of_side(found, seen, target, &seen->glue[i]))
                continue;
            standing = gw_race_address_standing(event->table, &name, &seen->glue[i].addr, first);
            if (standing == GW_RACE_OTHER)
                break;
        }
        return standing;
    }

    const struct gw_table_name cut = gw_zone_name(seen, &seen->cut);

    for (uint32_t i = 0; i < seen->target_count && (seen->facts & GW_FACT_NS); i++) {
        const struct gw_table_name name = gw_zone_name(seen, &seen->target[i].name);

        standing = gw_race_target_standing(event->table, &cut, &name, first);
        if (standing == GW_RACE_OTHER)
            break;
    }
    return standing;
}

static void
add_address(struct gw_finding_set *set, const struct gw_addr *addr)
{
    uint32_t pos;

    set->member_total++;
    if (set->address_count == GW_FINDING_MEMBERS_MAX)
        return;
    for (pos = set->address_count++; pos > 0; pos--) {
        if (memcmp(set->address[pos - 1].octet, addr->octet, sizeof(addr->octet)) <= 0)
            break;
        set->address[pos] = set->address[pos - 1];
    }
    set->address[pos] = *addr;
}

static void
add_target(struct gw_finding_set *set, const struct gw_observation *seen,
    const struct gw_observation_name *target)
{
    struct gw_name name = {.len = target->len};
    uint32_t pos;

    memcpy(name.wire, seen->names + target->off, target->len);
    set->member_total++;
    if (set->name_count == GW_FINDING_MEMBERS_MAX)
        return;
    for (pos = set->name_count++; pos > 0; pos--) {
        if (memcmp(set->name[pos - 1].wire, name.wire, GW_NAME_MAX) <= 0)
            break;
        set->name[pos] = set->name[pos - 1];
    }
    set->name[pos] = name;
}

/* One response is one side, with one witness. */
static void
fill_side(const struct gw_observation *seen, const struct difference *found, uint32_t which,
    struct gw_finding_set *set)
{
    const uint8_t target = found->target[which];

    set->ttl_min_s = UINT32_MAX;
    for (uint32_t i = 0; i < seen->glue_count; i++) {
        if (!is_of_side(found, seen, target, &seen->glue[i]))
            continue;
        add_address(set, &seen->glue[i].addr);
        if (seen->glue[i].ttl_s < set->ttl_min_s)
            set->ttl_min_s = seen->glue[i].ttl_s;
        if (seen->glue[i].ttl_s > set->ttl_max_s)
            set->ttl_max_s = seen->glue[i].ttl_s;
    }
    for (uint32_t i = 0; i < seen->target_count && set->address_count == 0; i++)
        add_target(set, seen, &seen->target[i].name);
    if (set->ttl_min_s == UINT32_MAX)
        set->ttl_min_s = 0;
    set->group_count = 1;
    set->server_count = 1;
    set->witness_count = 1;
    set->witness_total = 1;
    set->witness[0] = (struct gw_witness){.resolver = seen->resolver,
        .server = seen->server,
        .first_ns = seen->time_ns,
        .last_ns = seen->time_ns,
        .count = 1,
        .frame = seen->frame,
        .input = seen->input};
}

/* The known side stands first: the one that others were told, too, or else the first to come. */
static void
add_sides(const struct difference *found, bool second_is_known, struct gw_finding *finding)
{
    struct gw_finding_set *of_first = &finding->set[second_is_known ? 1 : 0];
    struct gw_finding_set *of_second = &finding->set[second_is_known ? 0 : 1];

    fill_side(found->first, found, 0, of_first);
    fill_side(found->second, found, 1, of_second);
    finding->set[0].role = GW_SET_KNOWN;
    finding->set[1].role = GW_SET_CONTRARY;
    finding->set_count = 2;
    finding->family = found->family;
}

/* All addresses of both sides lie in one /24 (/48): two members of a cluster. */
static bool
is_nearby(const struct gw_finding *finding)
{
    const struct gw_finding_set *known = &finding->set[0];
    const struct gw_finding_set *contrary = &finding->set[1];

    if (known->address_count == 0 || contrary->address_count == 0)
        return false;
    for (uint32_t i = 0; i < contrary->address_count; i++) {
        const struct gw_addr *addr = &contrary->address[i];
        const size_t prefix = addr->family == 4 ? 3 : 6;

        if (addr->family != known->address[0].family ||
            memcmp(addr->octet, known->address[0].octet, prefix) != 0)
            return false;
    }
    return true;
}

/* Do the two differ in how they came? +2 when one of them is unlike the server. */
static void
add_path_terms(const struct gw_rule_event *event, struct gw_finding *finding)
{
    const struct gw_exchange *exchange = event->exchange;
    const struct gw_server_judgement *judgement = &event->context->servers->latest;
    const int64_t gap_ns = exchange->time_ns - exchange->first_ns;
    bool odd = judgement->breaks != 0;

    if (judgement->path_known) {
        odd |= !gw_server_ttl_fits(judgement, exchange->first_ip_ttl);
        odd |= exchange->rtt_ns - gap_ns < judgement->usual_rtt_ns / 2;
        finding->transport_facts.usual_ip_ttl = judgement->usual_ip_ttl;
        finding->transport_facts.usual_rtt_ns = judgement->usual_rtt_ns;
        if (judgement->usual_rtt_ns > 0 && gap_ns < judgement->usual_rtt_ns / 2)
            gw_rule_term(finding, "close-together", 1.0);
    }
    if (odd)
        gw_rule_term(finding, "unlike-its-server", 2.0);
    else if (exchange->first_ip_ttl > exchange->ip_ttl + 1 ||
             exchange->ip_ttl > exchange->first_ip_ttl + 1)
        gw_rule_term(finding, "ip-ttl-differs", 1.0);
}

/* What was forged and believed once is known, too: after a race, to be known excuses nothing. */
static void
add_terms(const struct gw_rule_event *event, const struct difference *found,
    const enum gw_race_standing standing[2], struct gw_finding *finding)
{
    const struct gw_exchange *exchange = event->exchange;
    const bool both = standing[0] == GW_RACE_KNOWN && standing[1] == GW_RACE_KNOWN &&
                      !gw_race_near(event->context->races, &exchange->resolver, NULL,
                          exchange->time_ns - DAY_NS, exchange->time_ns);
    const bool against = standing[0] == GW_RACE_OTHER || standing[1] == GW_RACE_OTHER;
    const bool again = gw_race_was_asked_again(event->context->races, exchange);
    const bool denials = found->sort[0] >= SORT_DENIES && found->sort[1] >= SORT_DENIES;

    gw_rule_term(finding, "base", 1.5);
    add_path_terms(event, finding);
    gw_rule_term(finding, "contradicts-baseline", against ? 1.0 : 0.0);
    gw_rule_term(finding, "both-known", both ? -3.0 : 0.0);
    gw_rule_term(finding, "nearby-address", is_nearby(finding) ? -2.5 : 0.0);
    gw_rule_term(finding, "asked-again",
        again && found->sort[0] == SORT_ANSWERS && found->sort[1] == SORT_ANSWERS ? -2.5 : 0.0);
    gw_rule_term(finding, "both-deny", denials ? -2.0 : 0.0);
    gw_rule_term(finding, "tcp", exchange->transport == GW_TRANSPORT_TCP ? -4.0 : 0.0);
}

/* The deepest delegation known that the QNAME is under; len 0 when there is none. */
static struct gw_name
cut_above(const struct gw_rule_event *event, const struct gw_observation *seen)
{
    const uint8_t *wire = seen->names + seen->qname.off;
    struct gw_name cut = {0};

    for (uint32_t pos = 0; pos < seen->qname.len && wire[pos] != 0; pos += 1u + wire[pos]) {
        const uint8_t len = (uint8_t)(seen->qname.len - pos);
        const struct gw_table_name name = {
            wire + pos, gw_hash_octets(&event->table->key, wire + pos, len), len};

        if (gw_table_cut(event->table, &name) == NULL)
            continue;
        cut.len = len;
        memcpy(cut.wire, wire + pos, len);
        break;
    }
    return cut;
}

/* What the first is, where it says the same as the second or is told apart by a look at it. */
static enum gw_class
rival_class(const struct gw_rule_event *event, const struct difference *found)
{
    if (found->first->class != GW_CLASS_DELEGATION)
        return found->first->class;
    if (found->sort[0] == found->sort[1])
        return event->class;
    return found->sort[0] == SORT_REFERS ? GW_CLASS_REFERRAL : GW_CLASS_ANSWER;
}

/* The response whose zone cut the finding is about, the contrary one first; NULL: neither. */
static const struct gw_observation *
delegating(const struct difference *found, bool second_is_known)
{
    const struct gw_observation *side[2] = {found->first, found->second};
    const uint32_t contrary = second_is_known ? 0 : 1;

    for (uint32_t i = 0; i < 2; i++) {
        const uint32_t which = i == 0 ? contrary : 1 - contrary;

        if (found->sort[which] == SORT_REFERS)
            return side[which];
    }
    for (uint32_t i = 0; i < 2 && is_about_ns(found); i++) {
        const uint32_t which = i == 0 ? contrary : 1 - contrary;

        if (side[which]->facts & GW_FACT_NS)
            return side[which];
    }
    return NULL;
}

/* About the delegation that one of them gives, else about the one that the QNAME is under. */
static void
begin(const struct gw_rule_event *event, const struct difference *found, bool second_is_known,
    struct gw_finding *finding)
{
    const struct gw_observation *told = delegating(found, second_is_known);
    const struct gw_table_name name =
        found->target[0] == GW_NO_TARGET
            ? (struct gw_table_name){NULL, 0, 0}
            : gw_zone_name(found->first, &found->first->target[found->target[0]].name);

    gw_rule_begin(event, GW_KIND_RESP_DOUBLE_CONFLICT, name.len == 0 ? NULL : &name, finding);
    finding->transport_facts.rival_class = rival_class(event, found);
    finding->caveats = 0;
    if (told == NULL) {
        finding->cut = cut_above(event, found->first);
        return;
    }
    finding->cut = (struct gw_name){.len = told->cut.len};
    memcpy(finding->cut.wire, told->names + told->cut.off, told->cut.len);
}

static enum gw_severity
severity_of(const struct gw_finding *finding, const struct difference *found)
{
    const double confidence = gw_signal_confidence(finding);
    const bool delegates =
        found->sort[0] == SORT_REFERS || found->sort[1] == SORT_REFERS || finding->cut.len != 0;

    if (confidence < 0.7)
        return GW_LOW;
    return delegates || confidence >= 0.9 ? GW_HIGH : GW_MEDIUM;
}

static void
judge(const struct gw_rule_event *event, const struct gw_observation *first)
{
    const struct difference found = compare(event, first);
    struct gw_finding finding;

    if (found.variant == NULL || !gw_race_is_judged(event))
        return;

    const enum gw_race_standing standing[2] = {
        standing_of(event, found.first, &found, found.target[0]),
        standing_of(event, found.second, &found, found.target[1])};
    const bool second_is_known = standing[1] == GW_RACE_KNOWN && standing[0] != GW_RACE_KNOWN;
    struct gw_race_pair *pair = gw_race_pair_meet(
        event->context->races, &event->exchange->resolver, &event->exchange->server);
    const int64_t day = event->exchange->time_ns / DAY_NS;

    begin(event, &found, second_is_known, &finding);
    add_sides(&found, second_is_known, &finding);
    add_terms(event, &found, standing, &finding);
    finding.variant = found.variant;
    finding.first_ns = event->exchange->first_ns;
    finding.severity = severity_of(&finding, &found);

    struct gw_race_key key = {
        .resolver = &event->exchange->resolver, .server = &event->exchange->server};
    const struct gw_name *about = finding.cut.len != 0 ? &finding.cut : &finding.qname;

    key.name = about;
    if (!gw_race_has_room(pair, about, event->exchange->time_ns)) {
        key.name = NULL;
        key.period = day;
        key.shape = 1;
        finding.variant = "many-names";
    }
    gw_race_conclude(event, &finding, &key);
}

const struct gw_rule gw_rule_double_conflict = {
    .kind = GW_KIND_RESP_DOUBLE_CONFLICT, .second = judge};
