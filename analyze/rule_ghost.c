/* SPDX-License-Identifier: BSD-2-Clause */
/* ghost-delegation: a delegation stays in use long after its parent withdrew it. */
#include <string.h>

#include "analyze/denial.h"
#include "analyze/rules.h"

/* Resolvers may hold the delegation for its TTL; an hour more is nobody's fault. */
#define GRACE_NS (3600 * GW_NS_PER_S)

/* New delegations below the denied one that make it the deep variant. */
#define DEEP_CUTS 3u

#define LABELS_LOOKED_AT 40u

static bool
was_told_by(const struct gw_rule_event *event, const struct gw_cut *cut)
{
    const struct gw_row *row = gw_table_rows(event->table, &cut->subject);
    const uint32_t server = gw_table_intern_find(&event->table->server, &event->seen->server);

    for (uint32_t i = 0; i < cut->subject.row_count; i++)
        if (gw_table_witness_at(event->table, row[i].witness)->server == server)
            return true;
    return false;
}

/* Is it a server of the zone that it speaks for, as far as anything else tells? */
static bool
speaks_for_parent(const struct gw_rule_event *event, const struct gw_cut *cut)
{
    const struct gw_observation *seen = event->seen;

    if (event->zone.name != NULL && event->zone.len == seen->cut.len &&
        memcmp(event->zone.name, seen->names + seen->cut.off, seen->cut.len) == 0)
        return true;
    return was_told_by(event, cut);
}

/* No delegation lies between the zone that answers and the QNAME. */
static void
note_denials(const struct gw_rule_event *event)
{
    const struct gw_observation *seen = event->seen;
    const struct gw_table_name qname = gw_zone_name(seen, &seen->qname);
    const struct gw_table_name apex = gw_zone_name(seen, &seen->cut);
    uint32_t pos = 0;

    if (!gw_denial_is_solid(seen) || !gw_zone_covers(apex.wire, apex.len, qname.wire, qname.len))
        return;
    for (uint32_t i = 0; i < LABELS_LOOKED_AT && qname.len - pos > apex.len; i++) {
        const uint8_t len = (uint8_t)(qname.len - pos);
        const struct gw_table_name name = {
            qname.wire + pos, gw_hash_octets(&event->table->key, qname.wire + pos, len), len};
        struct gw_cut *cut = gw_table_cut(event->table, &name);

        if (cut != NULL && speaks_for_parent(event, cut))
            gw_denial_note(event->context->denials, event->table, cut, seen);
        pos += 1u + qname.wire[pos];
    }
}

/* An NS set that was replaced for everybody: its old servers are denied, too. */
static void
note_replaced(const struct gw_rule_event *event, const struct gw_rule_case *found)
{
    struct gw_rule_case change;
    struct gw_finding sides = {.kind = GW_KIND_GHOST_DELEGATION};

    if (found->host != NULL || event->context->denials == NULL || event->cut == NULL ||
        !gw_rule_is_change(event, found, &change) || found->view.reverted)
        return;
    gw_rule_add_side(event, found->subject, change.view.contrary.claims, GW_SET_CONTRARY, &sides);
    if (sides.set[0].witness_count != 0)
        gw_denial_note_replaced(event->context->denials, event->table,
            gw_table_cut_of(event->table, found->subject), change.view.known.claims,
            &sides.set[0].witness[0]);
}

/* What shows that a delegation is in use. */
struct use {
    const struct gw_denial *denial;
    struct gw_cut *cut; /* the denied one */
    uint32_t nested;    /* delegations below it that are new since */
    bool renewed;       /* its servers gave an NS set */
    bool new_names;     /* with names that the parent never gave */
};

static bool
is_named(const struct gw_table *table, const struct gw_cut *cut, uint64_t hash)
{
    const struct gw_claim *claim = gw_table_claims(table, &cut->subject);

    for (uint32_t i = 0; i < cut->subject.claim_count; i++)
        if (gw_table_claim_host(table, &claim[i])->hash == hash)
            return true;
    return false;
}

static bool
was_told_denial(const struct gw_denial *denial, const struct gw_addr *resolver)
{
    const struct gw_addr group = gw_table_group_of(NULL, resolver);

    for (uint32_t i = 0; i < denial->group_count; i++)
        if (memcmp(&denial->group[i], &group, sizeof(group)) == 0)
            return true;
    return false;
}

/* After a replacement only the old servers count, and only while they give none of the new set. */
static bool
is_old_server(const struct gw_rule_event *event, const struct use *use)
{
    const struct gw_observation *seen = event->seen;
    const struct gw_claim *claim = gw_table_claims(event->table, &use->cut->subject);
    const struct gw_row *row = gw_table_rows(event->table, &use->cut->subject);
    uint64_t now = 0;
    bool known = false;

    for (uint32_t i = 0; i < use->denial->address_count; i++)
        known |= memcmp(&use->denial->address[i], &seen->server, sizeof(seen->server)) == 0;
    if (!known || seen->target_count == 0)
        return false;
    for (uint32_t i = 0; i < use->cut->subject.row_count; i++)
        if (gw_table_tick_ns(event->table, row[i].last) >= use->denial->first_ns)
            now |= row[i].now;
    for (; now != 0; now &= now - 1)
        for (uint32_t i = 0; i < seen->target_count; i++)
            if (gw_table_claim_host(event->table, &claim[__builtin_ctzll(now)])->hash ==
                seen->target[i].name.hash)
                return false;
    return true;
}

static bool
is_ghost(const struct gw_rule_event *event, const struct use *use)
{
    const int64_t ttl_ns = (int64_t)use->denial->ttl_s * GW_NS_PER_S;

    if (event->seen->time_ns < use->denial->first_ns + ttl_ns + GRACE_NS ||
        was_told_denial(use->denial, &event->seen->resolver))
        return false;
    if (use->denial->replaced)
        return is_old_server(event, use);
    return !gw_denial_is_withdrawn(use->denial, event->table, use->cut);
}

static void
add_sides(const struct gw_rule_event *event, const struct use *use, struct gw_finding *finding)
{
    const struct gw_observation *seen = event->seen;
    struct gw_finding_set *denied = &finding->set[0];
    struct gw_finding_set *used = &finding->set[1];

    finding->set_count = 2;
    *denied = (struct gw_finding_set){.role = GW_SET_KNOWN,
        .group_count = use->denial->group_count,
        .server_count = 1,
        .witness_count = 1,
        .witness_total = 1,
        .witness = {use->denial->witness}};
    *used = (struct gw_finding_set){.role = GW_SET_CONTRARY,
        .group_count = 1,
        .server_count = 1,
        .witness_count = 1,
        .witness_total = 1,
        .witness = {{seen->resolver, seen->server, seen->time_ns, seen->time_ns, 1, seen->frame,
            seen->input}}};
    if (seen->kind != GW_OBSERVATION_AUTHORITY)
        return;
    used->member_total = seen->target_total;
    for (uint32_t i = 0; i < seen->target_count && i < GW_FINDING_MEMBERS_MAX; i++) {
        struct gw_name name = {.len = seen->target[i].name.len};
        uint32_t pos = used->name_count++;

        memcpy(name.wire, seen->names + seen->target[i].name.off, name.len);
        for (; pos > 0 && memcmp(used->name[pos - 1].wire, name.wire, GW_NAME_MAX) > 0; pos--)
            used->name[pos] = used->name[pos - 1];
        used->name[pos] = name;
    }
}

static void
conclude(const struct gw_rule_event *event, const struct use *use)
{
    const struct gw_denial *denial = use->denial;
    const int64_t ttl_ns = (denial->ttl_s == 0 ? 1 : (int64_t)denial->ttl_s) * GW_NS_PER_S;
    const int64_t over = event->seen->time_ns - denial->first_ns - ttl_ns - GRACE_NS;
    const int64_t more = over / ttl_ns > 3 ? 3 : over / ttl_ns;
    const struct gw_addr group = gw_table_group_of(NULL, &event->seen->resolver);
    const double groups = denial->group_count > 1 ? denial->group_count - 1.0 : 0.0;
    struct gw_rule_event about = *event;
    struct gw_finding finding;

    about.cut = use->cut;
    about.zone = (struct gw_zone){
        .name = denial->zone.len == 0 ? NULL : denial->zone.wire, .len = denial->zone.len};
    gw_rule_begin(&about, GW_KIND_GHOST_DELEGATION, NULL, &finding);
    finding.cut = denial->cut;
    finding.variant = use->nested >= DEEP_CUTS ? "deep" : denial->replaced ? "replaced" : "denied";
    finding.first_ns = denial->first_ns;
    finding.baseline_s = (double)(event->seen->time_ns - denial->first_ns) / 1e9;
    add_sides(&about, use, &finding);
    gw_rule_term(&finding, "base", -1.0);
    gw_rule_term(&finding, "lifetimes-since", (double)more);
    gw_rule_term(&finding, "ns-renewed", use->renewed ? 0.5 : 0.0);
    gw_rule_term(&finding, "new-name-servers", use->new_names ? 1.0 : 0.0);
    gw_rule_term(&finding, "resolver-groups", 0.8 * (groups < 3.0 ? groups : 3.0));

    const bool grave =
        !denial->replaced && (use->new_names || more == 3 || use->nested >= DEEP_CUTS);

    finding.severity = grave && gw_signal_confidence(&finding) >= 0.7 ? GW_MEDIUM : GW_LOW;
    gw_rule_conclude(&about, &finding, &group, sizeof(group));
}

static struct use
use_of(const struct gw_rule_event *event, const struct gw_denial *denial, struct gw_cut *cut,
    uint32_t nested)
{
    const struct gw_observation *seen = event->seen;
    struct use use = {.denial = denial, .cut = cut, .nested = nested};

    if (seen->kind != GW_OBSERVATION_AUTHORITY || seen->target_count == 0)
        return use;
    use.renewed = true;
    if (seen->cut.len == denial->cut.len)
        for (uint32_t i = 0; i < seen->target_count; i++)
            use.new_names |= !is_named(event->table, cut, seen->target[i].name.hash);
    return use;
}

/* An authoritative answer of the zone, or of one below it, to somebody: from the QNAME upwards. */
static void
judge_use(const struct gw_rule_event *event, const struct gw_observation_name *of)
{
    const struct gw_table_name name = gw_zone_name(event->seen, of);
    uint32_t pos = 0;
    struct gw_cut *below[LABELS_LOOKED_AT];
    uint32_t below_count = 0;

    for (uint32_t i = 0; i < LABELS_LOOKED_AT && name.wire[pos] != 0; i++) {
        const uint8_t len = (uint8_t)(name.len - pos);
        const struct gw_table_name part = {
            name.wire + pos, gw_hash_octets(&event->table->key, name.wire + pos, len), len};
        const struct gw_denial *denial = gw_denial_of(event->context->denials, &part);
        struct gw_cut *cut = gw_table_cut(event->table, &part);
        uint32_t nested = 0;

        if (denial != NULL && cut != NULL) {
            for (uint32_t j = 0; j < below_count; j++)
                nested +=
                    gw_table_tick_ns(event->table, below[j]->subject.first) >= denial->first_ns;

            const struct use use = use_of(event, denial, cut, nested);

            if (is_ghost(event, &use)) {
                conclude(event, &use);
                return;
            }
        }
        if (cut != NULL)
            below[below_count++] = cut;
        pos += 1u + name.wire[pos];
    }
}

static void
judge(const struct gw_rule_event *event)
{
    const struct gw_observation *seen = event->seen;

    if (event->context->denials == NULL)
        return;
    if (gw_denial_is_solid(seen))
        note_denials(event);
    if (event->context->denials->cuts.count == 0 || !(seen->facts & GW_FACT_AA))
        return;
    if (seen->kind == GW_OBSERVATION_AUTHORITY && !gw_denial_is_solid(seen))
        judge_use(event, &seen->cut);
    else if (seen->kind == GW_OBSERVATION_ADDRESS)
        judge_use(event, &seen->qname);
}

const struct gw_rule gw_rule_ghost = {
    .kind = GW_KIND_GHOST_DELEGATION, .fact = judge, .split = note_replaced};
