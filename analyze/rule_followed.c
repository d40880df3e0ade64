/* SPDX-License-Identifier: BSD-2-Clause */
/* suspect-glue-followed: a resolver asks an address that suspect glue told it of. */
#include <string.h>

#include "analyze/rules.h"
#include "analyze/suspect.h"

/* A resolver asks at once; later only while it may hold the glue. */
#define AT_ONCE_NS (120 * GW_NS_PER_S)

/* Before that much was seen, "never asked before" means little. */
#define WATCHED_TICKS GW_TICKS_PER_H

/* Delegations of a name server that the QNAME may be under. */
#define CUTS_LOOKED_AT 16u

static const struct gw_host *
host_of(const struct gw_table *table, const struct gw_name *name)
{
    const struct gw_table_name key = {
        name->wire, gw_hash_octets(&table->key, name->wire, name->len), name->len};

    return name->len == 0 ? NULL : gw_table_host(table, &key);
}

/* Under the delegation in which the glue was told, or another one with the same name server? */
static bool
is_under_cut(const struct gw_table *table, const struct gw_suspect *suspect,
    const struct gw_suspect_contact *contact)
{
    const uint8_t len = contact->exchange.qname_len;
    const struct gw_host *host = host_of(table, &suspect->name);
    gw_arena_ref ref = host == NULL ? 0 : host->oldest;

    if (len == 0)
        return false;
    if (gw_zone_covers(suspect->cut.wire, suspect->cut.len, contact->qname, len))
        return true;
    for (uint32_t i = 0; i < CUTS_LOOKED_AT && ref != 0; i++) {
        const struct gw_cut *cut = gw_arena_at(&table->arena, ref);
        const uint8_t *name = gw_arena_at(&table->arena, cut->name);

        if (gw_zone_covers(name, cut->name_len, contact->qname, len))
            return true;
        ref = gw_table_next_naming(table, host, ref);
    }
    return false;
}

static uint64_t
claim_of(const struct gw_table *table, const struct gw_host *host, const struct gw_addr *addr)
{
    const struct gw_claim *claim = gw_table_claims(table, &host->subject);

    for (uint32_t i = 0; i < host->subject.claim_count; i++)
        if (claim[i].family == addr->family &&
            memcmp(claim[i].octet, addr->octet, sizeof(addr->octet)) == 0)
            return 1ull << i;
    return 0;
}

/* An address that is as old as any other is what a server that lags may hold. */
static bool
is_old(const struct gw_table *table, const struct gw_host *host, uint64_t claim)
{
    const struct gw_claim *claims = gw_table_claims(table, &host->subject);
    const struct gw_claim *suspect = &claims[__builtin_ctzll(claim)];

    for (uint32_t i = 0; i < host->subject.claim_count; i++)
        if (claims[i].family == suspect->family && !(claims[i].flags & GW_CLAIM_UNRELATED) &&
            claims[i].first_ns < suspect->first_ns)
            return false;
    return host->subject.claim_count > 1;
}

/* Is the address what everybody is told, or was told? Then whoever asks it does right. */
static bool
is_agreed(const struct gw_rule_event *event, const struct gw_suspect *suspect)
{
    const struct gw_host *host = host_of(event->table, &suspect->name);
    const uint64_t claim = host == NULL ? 0 : claim_of(event->table, host, &suspect->address);
    struct gw_split_view view;

    if (claim == 0)
        return false;
    if (suspect->kind != GW_KIND_RESP_DOUBLE_CONFLICT && is_old(event->table, host, claim))
        return true;

    const struct gw_split_query query = {
        .subject = &host->subject, .family = suspect->address.family, .now = event->now};

    if (!gw_table_split(event->table, &query, &view))
        return gw_table_side(event->table, &host->subject, claim).groups >= 2;
    return (view.known.claims & claim) != 0 ||
           (view.change && (view.contrary.claims & claim) && view.contrary.groups >= 2);
}

/*
 * The time from the latest message that told the resolver to its query, or -1: it came before, or
 * when nothing of it could be held any more.
 */
static int64_t
delay_of(const struct gw_suspect *suspect, const struct gw_suspect_told *told, int64_t asked_ns)
{
    const int64_t from = asked_ns >= told->last_ns ? told->last_ns : told->first_ns;
    const int64_t held_ns = (int64_t)suspect->ttl_s * GW_NS_PER_S;
    const int64_t delay = asked_ns - from;

    if (asked_ns < told->first_ns || (delay > AT_ONCE_NS && delay > held_ns) ||
        delay > GW_SUSPECT_SILENCE_NS)
        return -1;
    return delay;
}

static void
add_sides(const struct gw_rule_event *event, const struct gw_suspect *suspect,
    const struct gw_suspect_told *told, struct gw_finding *finding)
{
    const struct gw_host *host = host_of(event->table, &suspect->name);
    struct gw_finding_set *set;
    uint64_t others = 0;

    for (uint32_t i = 0; host != NULL && i < host->subject.claim_count; i++) {
        const struct gw_claim *claim = &gw_table_claims(event->table, &host->subject)[i];

        if (claim->family == suspect->address.family && !(claim->flags & GW_CLAIM_UNRELATED))
            others |= 1ull << i;
    }
    if (host != NULL)
        others &= ~claim_of(event->table, host, &suspect->address);
    if (others != 0)
        gw_rule_add_side(event, &host->subject, others, GW_SET_KNOWN, finding);
    set = &finding->set[finding->set_count++];
    *set = (struct gw_finding_set){.role = GW_SET_CONTRARY,
        .address_count = 1,
        .member_total = 1,
        .address = {suspect->address},
        .ttl_max_s = suspect->ttl_s,
        .ttl_min_s = suspect->ttl_s,
        .group_count = 1,
        .server_count = 1,
        .witness_count = 1,
        .witness_total = 1,
        .witness = {{told->resolver, told->server, told->first_ns, told->last_ns, 1, told->frame,
            told->input}}};
    finding->family = suspect->address.family;
}

static void
conclude(const struct gw_rule_event *event, const struct gw_suspect *suspect,
    const struct gw_suspect_told *told, struct gw_suspect_contact *contact)
{
    const struct gw_table *table = event->table;
    const int64_t delay = delay_of(suspect, told, contact->exchange.time_ns);
    const int64_t ttl_ns = (int64_t)suspect->ttl_s * GW_NS_PER_S;
    const struct gw_addr group = gw_table_group_of(NULL, &contact->exchange.resolver);
    const struct gw_addr extra[2] = {group, suspect->address};
    const bool other_family = group.family != told->group.family;
    const struct gw_table_name cut = {suspect->cut.wire,
        gw_hash_octets(&table->key, suspect->cut.wire, suspect->cut.len), suspect->cut.len};
    struct gw_exchange asked = contact->exchange;
    struct gw_rule_event of_query = *event;
    struct gw_finding finding;

    asked.qname = contact->qname;
    of_query.seen = NULL;
    of_query.exchange = &asked;
    of_query.cut = gw_table_cut(table, &cut);
    of_query.zone = (struct gw_zone){
        .name = suspect->zone.len == 0 ? NULL : suspect->zone.wire, .len = suspect->zone.len};
    gw_rule_begin_exchange(&of_query, GW_KIND_SUSPECT_GLUE_FOLLOWED, &finding);
    finding.zone = suspect->zone;
    finding.cut = suspect->cut;
    finding.name = suspect->name;
    finding.first_ns = told->first_ns;
    finding.message_count = 1;
    add_sides(&of_query, suspect, told, &finding);
    gw_rule_term(&finding, "trigger", suspect->points < 3.0 ? suspect->points : 3.0);
    gw_rule_term(&finding, "server-answers", contact->answered ? 1.0 : 0.0);
    gw_rule_term(&finding, "never-asked-before",
        contact->alone && event->now - event->begin > WATCHED_TICKS ? 1.0 : 0.0);
    gw_rule_term(&finding, "other-family", other_family ? -1.0 : 0.0);
    if (delay > AT_ONCE_NS)
        gw_rule_term(&finding, "asked-later", -0.5 - 1.5 * (double)delay / (double)ttl_ns);
    finding.severity = suspect->severity >= GW_MEDIUM ? GW_HIGH : GW_MEDIUM;
    gw_rule_conclude(&of_query, &finding, extra, sizeof(extra));

    struct gw_suspect_told asker = *told;

    if (other_family) {
        asker.group = group;
        asker.resolver = contact->exchange.resolver;
    }
    if (finding.confidence >= GW_SIGNAL_CONFIDENCE_MIN)
        gw_suspect_note_follow(
            event->context->suspects, suspect, &asker, contact->exchange.time_ns);
}

static void
judge_contact(const struct gw_rule_event *event, const struct gw_suspect *suspect,
    const struct gw_suspect_told *told, struct gw_suspect_contact *contact)
{
    if (delay_of(suspect, told, contact->exchange.time_ns) >= 0 &&
        is_under_cut(event->table, suspect, contact) && !is_agreed(event, suspect))
        conclude(event, suspect, told, contact);
}

/*
 * Was the address told over the other IP family alone? A resolver with both may be told over the
 * one and ask over the other, and nothing shows which groups are one resolver.
 */
static bool
is_told_otherwise(const struct gw_suspect *suspect, uint8_t family)
{
    for (uint32_t i = 0; i < suspect->told_count; i++)
        if (suspect->told[i].group.family == family)
            return false;
    return suspect->told_count != 0;
}

/* A first query, or the first answer to it: is the server suspect? */
static void
judge_server(const struct gw_rule_event *event, struct gw_suspect_contact *contact)
{
    const struct gw_suspects *suspects = event->context->suspects;
    const struct gw_addr *server = &contact->exchange.server;
    const struct gw_addr group = gw_table_group_of(NULL, &contact->exchange.resolver);

    if (!gw_suspect_may_be(suspects, server))
        return;
    for (const struct gw_suspect *suspect = gw_table_recall_first(&suspects->suspects);
         suspect != NULL; suspect = gw_table_recall_next(&suspects->suspects, suspect)) {
        if (memcmp(&suspect->address, server, sizeof(*server)) != 0)
            continue;
        if (is_told_otherwise(suspect, group.family))
            judge_contact(event, suspect, &suspect->told[0], contact);
        for (uint32_t i = 0; i < suspect->told_count; i++)
            if (memcmp(&suspect->told[i].group, &group, sizeof(group)) == 0)
                judge_contact(event, suspect, &suspect->told[i], contact);
    }
}

/* The same for whoever asked over the IP family that the address was not told over. */
static void
look_back_otherwise(const struct gw_rule_event *event, const struct gw_suspect *suspect)
{
    const struct gw_recall *contacts = &event->context->suspects->contacts;

    for (struct gw_suspect_contact *contact = gw_table_recall_first(contacts); contact != NULL;
         contact = gw_table_recall_next(contacts, contact))
        if (memcmp(&contact->exchange.server, &suspect->address, sizeof(suspect->address)) == 0 &&
            is_told_otherwise(suspect, contact->exchange.resolver.family))
            judge_contact(event, suspect, &suspect->told[0], contact);
}

/* What has become suspect may have been asked before that. */
static void
look_back(const struct gw_rule_event *event)
{
    struct gw_suspects *suspects = event->context->suspects;

    if (suspects == NULL || !suspects->pending)
        return;
    suspects->pending = false;
    for (struct gw_suspect *suspect = gw_table_recall_first(&suspects->suspects); suspect != NULL;
         suspect = gw_table_recall_next(&suspects->suspects, suspect)) {
        if (!suspect->pending)
            continue;
        suspect->pending = false;
        for (uint32_t i = 0; i < suspect->told_count; i++) {
            struct gw_suspect_contact *contact =
                gw_suspect_contact_of(suspects, &suspect->told[i].group, &suspect->address);

            if (contact != NULL)
                judge_contact(event, suspect, &suspect->told[i], contact);
        }
        look_back_otherwise(event, suspect);
    }
}

static bool
is_resolvers_query(const struct gw_exchange *exchange)
{
    if (exchange->fit != GW_FIT_QUERY && exchange->fit != GW_FIT_QUERY_AGAIN)
        return false;
    return exchange->leg == GW_LEG_UPSTREAM ||
           (exchange->leg == GW_LEG_UNKNOWN && !(exchange->query_facts & GW_QUERY_RD));
}

static void
judge(const struct gw_rule_event *event)
{
    struct gw_suspects *suspects = event->context->suspects;
    struct gw_suspect_contact *contact = NULL;

    if (suspects == NULL)
        return;
    look_back(event);
    if (is_resolvers_query(event->exchange))
        contact = gw_suspect_note_query(suspects, event->exchange);
    else if (event->exchange->fit == GW_FIT_FIRST && (event->exchange->facts & GW_FACT_AA))
        contact = gw_suspect_note_answer(suspects, event->exchange);
    if (contact != NULL)
        judge_server(event, contact);
}

const struct gw_rule gw_rule_followed = {
    .kind = GW_KIND_SUSPECT_GLUE_FOLLOWED, .exchange = judge, .finish = look_back};
