/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reference-mismatch: a delegation unlike the zone file that the operator has given. Variants:
 * `ns-set`, `glue`, `ds-missing`, `ds-added`.
 */
#include "analyze/rules.h"

#include <string.h>

#include "analyze/reference.h"

/* Zone files change at any time: within an hour, none is of another time. */
#define REFRESH_LEAST_S 3600

/* Below that confidence, nothing is more than of medium severity. */
#define SURE 0.7

/* Terms that the end of the run looks for. */
#define AGREEING   "resolver-groups"
#define OTHER_TIME "reference-of-another-time"
#define NOBODY     "nobody-agrees"

/* What a referral is held against. */
struct comparison {
    const struct gw_rule_event *event;
    const struct gw_reference *reference;
    struct gw_reference_cut cut;
    bool old;       /* the file is older than the message by more than its zone's refresh */
    bool elsewhere; /* older or younger */
};

static bool
is_tld(const struct gw_observation *seen)
{
    const uint8_t *cut = seen->names + seen->cut.off;

    return cut[0] != 0 && cut[1u + cut[0]] == 0;
}

static void
set_age(struct comparison *comparison)
{
    const struct gw_reference_zone *zone = comparison->cut.zone;
    const int64_t refresh_s =
        zone->refresh_s > REFRESH_LEAST_S ? (int64_t)zone->refresh_s : REFRESH_LEAST_S;
    const int64_t age_s =
        comparison->event->seen->time_ns / GW_NS_PER_S - zone->loaded_ns / GW_NS_PER_S;

    comparison->old = age_s > refresh_s;
    comparison->elsewhere = comparison->old || age_s < -refresh_s;
}

/* Which claims of the subject does the reference hold? */
static uint64_t
claims_known(const struct comparison *comparison, const struct gw_subject *subject,
    const struct gw_table_name *host, uint8_t family)
{
    const struct gw_table *table = comparison->event->table;
    const struct gw_claim *claim = gw_table_claims(table, subject);
    uint64_t known = 0;

    for (uint32_t i = 0; i < subject->claim_count; i++) {
        struct gw_addr addr = {.family = claim[i].family};

        if (claim[i].family != family)
            continue;
        memcpy(addr.octet, claim[i].octet, sizeof(addr.octet));
        if (host != NULL) {
            known |= (uint64_t)(gw_reference_says(comparison->reference, host->wire, host->len,
                                    &addr) == GW_REFERENCE_AGREES)
                     << i;
        } else {
            const struct gw_table_name name =
                gw_rule_host_name(table, gw_table_claim_host(table, &claim[i]));

            known |= (uint64_t)gw_reference_has_target(
                         comparison->reference, &comparison->cut, name.wire, name.len)
                     << i;
        }
    }
    return known;
}

/* Was another row of the same group told something later? */
static bool
is_past(const struct gw_table *table, const struct gw_subject *subject, uint32_t index)
{
    const struct gw_row *row = gw_table_rows(table, subject);
    const uint32_t group = gw_table_witness_at(table, row[index].witness)->group;

    for (uint32_t i = 0; i < subject->row_count; i++)
        if (i != index && gw_table_witness_at(table, row[i].witness)->group == group &&
            (row[i].last > row[index].last || (row[i].last == row[index].last && i > index)))
            return true;
    return false;
}

/* Groups that were told latest what the reference holds; per family, the larger number. */
static uint32_t
count_agreeing(const struct gw_table *table, const struct gw_subject *subject, uint64_t known)
{
    const struct gw_row *row = gw_table_rows(table, subject);
    uint32_t of_family[2] = {0, 0};

    for (uint32_t i = 0; i < subject->row_count; i++)
        if ((row[i].now & known) != 0 && !is_past(table, subject, i))
            of_family[gw_table_witness_at(table, row[i].witness)->resolver.family == 6]++;
    return of_family[0] > of_family[1] ? of_family[0] : of_family[1];
}

/* The known side: what the reference holds, and who was told some of it. */
static uint32_t
add_known(const struct comparison *comparison, const struct gw_subject *subject,
    const struct gw_table_name *host, uint8_t family, struct gw_finding *finding)
{
    struct gw_finding_set *set = &finding->set[finding->set_count++];
    const uint64_t known = subject == NULL ? 0 : claims_known(comparison, subject, host, family);

    const uint32_t groups =
        known == 0 ? 0 : count_agreeing(comparison->event->table, subject, known);

    set->role = GW_SET_KNOWN;
    if (known != 0)
        gw_rule_add_claims(comparison->event, subject, known, set);
    set->address_count = 0;
    set->name_count = 0;
    if (host != NULL) {
        set->member_total = gw_reference_addresses(comparison->reference, host->wire, host->len,
            family, set->address, GW_FINDING_MEMBERS_MAX);
        set->address_count =
            set->member_total < GW_FINDING_MEMBERS_MAX ? set->member_total : GW_FINDING_MEMBERS_MAX;
        return groups;
    }
    set->member_total = 0;
    for (uint32_t i = 0; i < comparison->cut.target_count; i++) {
        struct gw_name name = {0};

        gw_reference_target(comparison->reference, &comparison->cut, i, &name);
        gw_rule_put_name(&name, set);
    }
    return groups;
}

/* The terms that all variants share; `groups` are told what the reference says. */
static void
conclude(const struct comparison *comparison, struct gw_finding *finding, uint32_t groups)
{
    const double more = groups > 1 ? (groups < 4 ? groups - 1.0 : 3.0) : 0.0;
    const bool nobody = comparison->elsewhere && groups == 0;

    gw_rule_term(finding, AGREEING, 0.8 * more);
    gw_rule_term(finding, OTHER_TIME, comparison->elsewhere ? -2.0 : 0.0);
    gw_rule_term(finding, NOBODY, nobody ? -1.0 : 0.0);
    if (comparison->old)
        finding->caveats |= GW_CAVEAT_STALE_REFERENCE;
    if (is_tld(comparison->event->seen) && finding->severity >= GW_HIGH)
        finding->severity = GW_CRITICAL;
    if (nobody && finding->severity > GW_LOW)
        finding->severity--;
    if (gw_signal_confidence(finding) < SURE && finding->severity > GW_MEDIUM)
        finding->severity = GW_MEDIUM;
}

/* How the NS set differs from the reference's. */
enum difference {
    SAME,
    PART,    /* some are missing */
    MORE,    /* others are there beside known ones */
    DISJOINT /* others only */
};

static enum difference
compare_names(const struct comparison *comparison)
{
    const struct gw_observation *seen = comparison->event->seen;
    const bool partial = (seen->facts & (GW_FACT_TC | GW_FACT_CLIPPED)) != 0;
    uint32_t known = 0;

    if (seen->target_count == 0)
        return SAME;
    for (uint32_t i = 0; i < seen->target_count; i++) {
        const struct gw_table_name name = gw_zone_name(seen, &seen->target[i].name);

        known +=
            gw_reference_has_target(comparison->reference, &comparison->cut, name.wire, name.len);
    }
    if (known == 0)
        return DISJOINT;
    if (comparison->cut.own) /* a parent may name fewer and others than the zone itself does */
        return SAME;
    if (known < seen->target_count || seen->target_total > seen->target_count)
        return MORE;
    return known < comparison->cut.target_count && !partial ? PART : SAME;
}

static void
judge_names(const struct comparison *comparison, enum difference difference)
{
    const struct gw_rule_event *event = comparison->event;
    const struct gw_observation *seen = event->seen;
    const struct gw_subject *subject = event->cut == NULL ? NULL : &event->cut->subject;
    struct gw_finding finding;

    gw_rule_begin(event, GW_KIND_REFERENCE_MISMATCH, NULL, &finding);
    finding.variant = "ns-set";
    finding.severity = difference == PART ? GW_LOW : comparison->cut.own ? GW_MEDIUM : GW_HIGH;
    gw_rule_term(&finding, "base", 4.0);
    gw_rule_term(&finding, "part-of-reference", difference == PART ? -3.0 : 0.0);
    gw_rule_term(&finding, "overlap", difference == MORE ? -1.0 : 0.0);
    gw_rule_term(&finding, "own-zone-only", comparison->cut.own ? -1.0 : 0.0);

    const uint32_t groups = add_known(comparison, subject, NULL, 0, &finding);

    for (uint32_t i = 0; i < seen->target_count; i++) {
        const struct gw_table_name name = gw_zone_name(seen, &seen->target[i].name);

        if (difference == PART ||
            !gw_reference_has_target(comparison->reference, &comparison->cut, name.wire, name.len))
            gw_rule_add_name(event, &name, seen->target[i].ttl_s, &finding);
    }
    conclude(comparison, &finding, difference == PART ? 0 : groups);
    gw_rule_conclude(event, &finding, "ns", 2);
}

static void
judge_address(const struct comparison *comparison, const struct gw_observation_glue *glue)
{
    const struct gw_rule_event *event = comparison->event;
    const struct gw_table_name name = gw_rule_glue_owner(event->seen, glue);
    const struct gw_host *host = gw_table_host(event->table, &name);
    struct gw_finding finding;

    gw_rule_begin(event, GW_KIND_REFERENCE_MISMATCH, &name, &finding);
    finding.variant = "glue";
    finding.severity = GW_HIGH;
    gw_rule_term(&finding, "base", 4.0);

    const uint32_t groups = add_known(
        comparison, host == NULL ? NULL : &host->subject, &name, glue->addr.family, &finding);

    gw_rule_add_address(event, glue, &finding);
    conclude(comparison, &finding, groups);
    gw_rule_conclude(event, &finding, &glue->addr, sizeof(glue->addr));
}

/* A DS is sent, or left out, only where DNSSEC records were asked for (RFC 4035 section 3.1.4). */
static bool
ds_differs(const struct comparison *comparison)
{
    const uint32_t facts = comparison->event->seen->facts;
    const bool complete = (facts & GW_FACT_DO) != 0 &&
                          (facts & (GW_FACT_TC | GW_FACT_CLIPPED | GW_FACT_NS_IN_ANSWER)) == 0;

    if (comparison->cut.own)
        return false;
    return (facts & GW_FACT_DS) != 0 ? !comparison->cut.has_ds : comparison->cut.has_ds && complete;
}

static void
judge_ds(const struct comparison *comparison)
{
    const struct gw_rule_event *event = comparison->event;
    struct gw_finding finding;

    gw_rule_begin(event, GW_KIND_REFERENCE_MISMATCH, NULL, &finding);
    finding.variant = comparison->cut.has_ds ? "ds-missing" : "ds-added";
    finding.severity = is_tld(event->seen) ? GW_HIGH : GW_MEDIUM;
    gw_rule_term(&finding, "base", 4.0);
    gw_rule_add_teller(event, &finding);
    conclude(comparison, &finding, 0);
    gw_rule_conclude(event, &finding, "ds", 2);
}

/* Of the name servers' glue only: what else is in the message is other rules' matter. */
static bool
contradicts(const struct comparison *comparison, const struct gw_observation_glue *glue)
{
    if (glue->target == GW_NO_TARGET || glue->stray != GW_NO_TARGET)
        return false;

    const struct gw_table_name name = gw_rule_glue_owner(comparison->event->seen, glue);

    return gw_reference_says(comparison->reference, name.wire, name.len, &glue->addr) ==
           GW_REFERENCE_CONTRADICTS;
}

static void
judge(const struct gw_rule_event *event)
{
    struct comparison comparison = {.event = event, .reference = event->context->reference};
    const struct gw_observation *seen = event->seen;
    bool wrong[GW_GLUE_MAX] = {false};
    bool any = false;

    if (comparison.reference == NULL ||
        !gw_reference_cut_of(
            comparison.reference, seen->names + seen->cut.off, seen->cut.len, &comparison.cut))
        return;
    set_age(&comparison);
    for (uint32_t i = 0; i < seen->glue_count; i++) {
        wrong[i] = contradicts(&comparison, &seen->glue[i]);
        any |= wrong[i];
    }

    const enum difference difference = compare_names(&comparison);
    const bool ds = ds_differs(&comparison);

    if (!gw_reference_meter_note(event->context->meter, &comparison.cut,
            any || ds || (difference != SAME && difference != PART)))
        return;
    if (difference != SAME)
        judge_names(&comparison, difference);
    for (uint32_t i = 0; i < seen->glue_count; i++)
        if (wrong[i])
            judge_address(&comparison, &seen->glue[i]);
    if (ds)
        judge_ds(&comparison);
}

static struct gw_term *
find_term(struct gw_finding *finding, const char *name)
{
    for (uint32_t i = 0; i < finding->term_count; i++)
        if (strcmp(finding->term[i].name, name) == 0)
            return &finding->term[i];
    return NULL;
}

/* Who says at the end what the reference holds: nobody, if all have gone over. */
static uint32_t
count_left(const struct gw_rule_event *event, const struct gw_finding *finding)
{
    struct comparison comparison = {.event = event, .reference = event->context->reference};
    const struct gw_name *about = finding->name.len != 0 ? &finding->name : &finding->cut;
    const struct gw_table_name name = {
        about->wire, gw_hash_octets(&event->table->key, about->wire, about->len), about->len};
    const struct gw_cut *cut;
    const struct gw_host *host;

    if (finding->name.len != 0) {
        host = gw_table_host(event->table, &name);
        return host == NULL
                   ? 1
                   : count_agreeing(event->table, &host->subject,
                         claims_known(&comparison, &host->subject, &name, finding->family));
    }
    cut = gw_table_cut(event->table, &name);
    if (cut == NULL ||
        !gw_reference_cut_of(comparison.reference, name.wire, name.len, &comparison.cut))
        return 1;
    return count_agreeing(
        event->table, &cut->subject, claims_known(&comparison, &cut->subject, NULL, 0));
}

/* A file of another time against a change that everybody saw: the zone has changed since. */
static void
weigh_again(const struct gw_rule_event *event, struct gw_finding *finding)
{
    struct gw_term *agreeing = find_term(finding, AGREEING);

    if (find_term(finding, OTHER_TIME) == NULL || find_term(finding, NOBODY) != NULL ||
        finding->set_count < 2 || count_left(event, finding) != 0)
        return;
    if (agreeing != NULL)
        agreeing->points = 0.0;
    gw_rule_term(finding, NOBODY, -1.0);
    if (finding->severity > GW_LOW)
        finding->severity--;
}

/* What was told before the reference proved to be out of date rests on it, too. */
static void
doubt(struct gw_finding *finding)
{
    finding->caveats |= GW_CAVEAT_STALE_REFERENCE;
    gw_rule_term(finding, "reference-out-of-date", -3.0);
    if (finding->severity > GW_LOW)
        finding->severity = GW_LOW;
}

static void
finish(const struct gw_rule_event *event)
{
    if (event->context->reference == NULL)
        return;
    for (uint32_t i = 0; i < event->store->count; i++) {
        struct gw_finding *finding = gw_signal_at(event->store, i);

        if (finding->kind != GW_KIND_REFERENCE_MISMATCH)
            continue;
        weigh_again(event, finding);
        if (gw_reference_meter_is_stale(event->context->meter))
            doubt(finding);
    }
}

const struct gw_rule gw_rule_reference_mismatch = {
    .kind = GW_KIND_REFERENCE_MISMATCH, .message = judge, .finish = finish};
