/* SPDX-License-Identifier: BSD-2-Clause */
/* glue-orphan: the address, or the name, of a name server whose own domain is gone. */
#include <string.h>

#include "analyze/denial.h"
#include "analyze/rules.h"

#define CUTS_LOOKED_AT   16u
#define LABELS_LOOKED_AT 40u

static uint32_t
labels_of(const uint8_t *name)
{
    uint32_t labels = 0;

    for (; *name != 0; name += 1u + *name)
        labels++;
    return labels;
}

/* The delegations outside of `domain` that name the server; the first of them. */
static struct gw_cut *
third_party(const struct gw_table *table, const struct gw_host *host, const uint8_t *domain,
    uint8_t domain_len, uint32_t *ret_count)
{
    gw_arena_ref ref = host->oldest;
    struct gw_cut *first = NULL;

    *ret_count = 0;
    for (uint32_t i = 0; i < CUTS_LOOKED_AT && ref != 0; i++) {
        struct gw_cut *cut = gw_arena_at(&table->arena, ref);
        const uint8_t *name = gw_arena_at(&table->arena, cut->name);

        if (!gw_zone_covers(domain, domain_len, name, cut->name_len)) {
            first = first == NULL ? cut : first;
            (*ret_count)++;
        }
        ref = gw_table_next_naming(table, host, ref);
    }
    return first;
}

/* What is orphaned, and what shows it. */
struct orphan {
    struct gw_table_name name; /* of the name server */
    const uint8_t *domain;     /* that is gone */
    uint8_t domain_len;        /* octets of it */
    struct gw_witness denial;  /* who was told so, and by whom */
    const char *variant;
};

static void
conclude(const struct gw_rule_event *event, const struct orphan *orphan)
{
    const struct gw_host *host = gw_table_host(event->table, &orphan->name);
    const struct gw_observation *seen = event->seen;
    struct gw_rule_event about = *event;
    struct gw_finding finding;
    uint32_t cuts = 0;

    if (host == NULL)
        return;
    about.cut = third_party(event->table, host, orphan->domain, orphan->domain_len, &cuts);
    if (about.cut == NULL && strcmp(orphan->variant, "abandoned") == 0)
        return;
    gw_rule_begin(&about, GW_KIND_GLUE_ORPHAN, &orphan->name, &finding);
    finding.variant = orphan->variant;
    finding.cut.len = orphan->domain_len;
    memcpy(finding.cut.wire, orphan->domain, orphan->domain_len);
    finding.set_count = 1;
    finding.set[0] = (struct gw_finding_set){.role = GW_SET_CONTRARY,
        .group_count = 1,
        .server_count = 1,
        .witness_count = 1,
        .witness_total = 1,
        .witness = {orphan->denial}};
    if (seen->kind == GW_OBSERVATION_ADDRESS) {
        finding.set[0].address[0] = seen->glue[0].addr;
        finding.set[0].address_count = 1;
        finding.set[0].member_total = seen->glue_total;
    }
    gw_rule_term(&finding, "base", -0.5);
    gw_rule_term(&finding, "domain-denied", 2.0);
    gw_rule_term(&finding, "named-elsewhere", cuts != 0 ? 1.0 : 0.0);
    finding.severity = cuts != 0 ? GW_LOW : GW_INFO;
    gw_rule_conclude(&about, &finding, NULL, 0);
}

/*
 * Is the domain gone? A registry's own hosts lie below names that are no zone cuts and never were:
 * only what does not exist counts, and what was delegated before. It may be back, too.
 */
static bool
is_gone(const struct gw_rule_event *event, const struct gw_table_name *domain,
    const struct gw_absent *absent)
{
    const struct gw_denial *denial = gw_denial_of(event->context->denials, domain);
    struct gw_cut *cut = gw_table_cut(event->table, domain);

    if (cut != NULL && gw_table_tick_ns(event->table, cut->subject.last) > absent->time_ns)
        return false;
    return absent->nonexistent ||
           (cut != NULL && denial != NULL && !gw_denial_is_withdrawn(denial, event->table, cut));
}

/* The denied name above `name`, strictly: the domain that is gone. */
static bool
is_denied_above(
    const struct gw_rule_event *event, const struct gw_table_name *name, struct orphan *ret_orphan)
{
    uint32_t pos = 1u + name->wire[0];

    for (uint32_t i = 0; i < LABELS_LOOKED_AT && name->wire[0] != 0 && name->wire[pos] != 0; i++) {
        const uint8_t len = (uint8_t)(name->len - pos);
        const struct gw_table_name above = {
            name->wire + pos, gw_hash_octets(&event->table->key, name->wire + pos, len), len};
        const struct gw_absent *absent =
            gw_denial_absent(event->context->denials, &above, event->seen->time_ns);

        if (absent != NULL && is_gone(event, &above, absent)) {
            ret_orphan->domain = above.wire;
            ret_orphan->domain_len = above.len;
            ret_orphan->denial = absent->witness;
            return true;
        }
        pos += 1u + name->wire[pos];
    }
    return false;
}

/* A server of a TLD gives, AA=1, the address of a name server under a domain that it denies. */
static void
judge_address(const struct gw_rule_event *event)
{
    const struct gw_observation *seen = event->seen;
    struct orphan orphan = {.variant = "served"};

    if (seen->target_count == 0 || seen->glue_count == 0 || event->zone.name == NULL ||
        labels_of(event->zone.name) != 1)
        return;
    orphan.name = gw_zone_name(seen, &seen->target[0].name);
    if (gw_table_host(event->table, &orphan.name) != NULL &&
        is_denied_above(event, &orphan.name, &orphan) && orphan.domain_len > event->zone.len)
        conclude(event, &orphan);
}

/* The name of a name server is asked for, and two labels above it nothing knows of it. */
static void
judge_denial(const struct gw_rule_event *event)
{
    const struct gw_observation *seen = event->seen;
    const struct gw_table_name qname = gw_zone_name(seen, &seen->qname);
    struct orphan orphan = {.name = qname, .variant = "abandoned"};
    uint32_t below;

    if (!gw_zone_covers(seen->names + seen->cut.off, seen->cut.len, qname.wire, qname.len))
        return;
    gw_denial_note_absent(event->context->denials, seen);

    const struct gw_absent *absent =
        gw_denial_absent(event->context->denials, &qname, seen->time_ns);

    below = labels_of(qname.wire) - labels_of(seen->names + seen->cut.off);
    /* The root denies a TLD: then every name server under it is gone, but that is no registrar's.
     */
    if (below < 2 || absent == NULL || !absent->nonexistent || seen->cut.len == 1)
        return;
    orphan.domain = qname.wire;
    for (; below > 1; below--)
        orphan.domain += 1u + *orphan.domain;
    orphan.domain_len = (uint8_t)(qname.len - (orphan.domain - qname.wire));
    orphan.denial = absent->witness;
    conclude(event, &orphan);
}

static void
judge_fact(const struct gw_rule_event *event)
{
    if (event->context->denials == NULL)
        return;
    if (event->seen->kind == GW_OBSERVATION_ADDRESS)
        judge_address(event);
    else if (gw_denial_is_solid(event->seen))
        judge_denial(event);
}

/* A referral names a server whose domain is known to be gone. */
static void
judge_referral(const struct gw_rule_event *event)
{
    const struct gw_observation *seen = event->seen;

    if (event->context->denials == NULL || event->context->denials->absent.count == 0)
        return;
    for (uint32_t i = 0; i < seen->target_count; i++) {
        struct orphan orphan = {
            .name = gw_zone_name(seen, &seen->target[i].name), .variant = "abandoned"};

        if (!seen->target[i].in_domain && is_denied_above(event, &orphan.name, &orphan))
            conclude(event, &orphan);
    }
}

const struct gw_rule gw_rule_orphan = {
    .kind = GW_KIND_GLUE_ORPHAN, .fact = judge_fact, .message = judge_referral};
