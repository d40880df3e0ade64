/* SPDX-License-Identifier: BSD-2-Clause */
/* How rules conclude: the common parts of a finding, its terms, its sides with their witnesses. */
#include "analyze/rules.h"

#include <assert.h>
#include <string.h>

#include "analyze/lists.h"
#include "analyze/suspect.h"

#define IDENTITY_EXTRA_MAX 64u

static void
keep_name(struct gw_name *name, const uint8_t *wire, uint8_t len)
{
    name->len = len;
    memcpy(name->wire, wire, len);
}

/* What the exchange says of the message's way. */
static void
keep_fit(const struct gw_exchange *exchange, struct gw_finding *finding)
{
    struct gw_finding_transport *to = &finding->transport_facts;

    to->fit = exchange->fit;
    to->leg = exchange->leg;
    to->has_query = exchange->has_query;
    to->rtt_ns = exchange->rtt_ns;
    to->query_id = exchange->query_id;
    to->query_frame = exchange->query_frame;
    to->query_input = exchange->query_input;
    to->wrong_count = exchange->wrong_count;
    if (exchange->fit == GW_FIT_WRONG_SOURCE)
        to->asked = exchange->asked;
    to->has_rival = exchange->fit == GW_FIT_SAME || exchange->fit == GW_FIT_SECOND;
    to->rival_ip_ttl = exchange->first_ip_ttl;
    to->rival_class = exchange->first_class;
    to->rival_ns = exchange->first_ns;
    to->rival_frame = exchange->first_frame;
    to->rival_input = exchange->first_input;
}

static void
keep_trigger(const struct gw_observation *seen, struct gw_finding *finding)
{
    finding->facts = seen->facts;
    finding->server = seen->server;
    finding->resolver = seen->resolver;
    finding->server_port = seen->server_port;
    finding->resolver_port = seen->resolver_port;
    finding->id_dns = seen->id;
    finding->qtype = seen->qtype;
    finding->transport = seen->facts & GW_FACT_TCP ? GW_TRANSPORT_TCP : GW_TRANSPORT_UDP;
    finding->ip_ttl = seen->ip_ttl;
    keep_name(&finding->qname, seen->names + seen->qname.off, seen->qname.len);
    finding->frame = seen->frame;
    finding->input = seen->input;
    finding->trigger_ns = seen->time_ns;
    finding->first_ns = seen->time_ns;
    finding->last_ns = seen->time_ns;
    keep_fit(&seen->exchange, finding);
    finding->transport_facts.fragment_count = seen->fragment_count;
}

void
gw_rule_begin(const struct gw_rule_event *event, enum gw_kind kind,
    const struct gw_table_name *name, struct gw_finding *ret_finding)
{
    const struct gw_table *table = event->table;

    *ret_finding = (struct gw_finding){.kind = kind, .class = event->class};
    if (event->seen != NULL) {
        keep_trigger(event->seen, ret_finding);
        keep_name(
            &ret_finding->cut, event->seen->names + event->seen->cut.off, event->seen->cut.len);
    } else if (event->cut != NULL) {
        keep_name(
            &ret_finding->cut, gw_arena_at(&table->arena, event->cut->name), event->cut->name_len);
    }
    if (event->zone.name != NULL)
        keep_name(&ret_finding->zone, event->zone.name, event->zone.len);
    else
        ret_finding->caveats |= GW_CAVEAT_ZONE_UNKNOWN;
    if (name != NULL)
        keep_name(&ret_finding->name, name->wire, name->len);
    if (table->group.count < 2)
        ret_finding->caveats |= GW_CAVEAT_ONE_RESOLVER;
}

void
gw_rule_begin_exchange(
    const struct gw_rule_event *event, enum gw_kind kind, struct gw_finding *ret_finding)
{
    const struct gw_exchange *exchange = event->exchange;

    *ret_finding = (struct gw_finding){
        .kind = kind,
        .class = exchange->class,
        .facts = exchange->facts,
        .server = exchange->server,
        .resolver = exchange->resolver,
        .server_port = exchange->server_port,
        .resolver_port = exchange->resolver_port,
        .id_dns = exchange->id,
        .qtype = exchange->qtype,
        .transport = exchange->transport,
        .ip_ttl = exchange->ip_ttl,
        .frame = exchange->frame,
        .input = exchange->input,
        .trigger_ns = exchange->time_ns,
        .first_ns = exchange->time_ns,
        .last_ns = exchange->time_ns,
    };
    keep_name(&ret_finding->qname, exchange->qname, exchange->qname_len);
    keep_fit(exchange, ret_finding);
}

void
gw_rule_term_in(
    struct gw_finding *finding, enum gw_channel channel, const char *name, double points)
{
    if (points == 0.0 && finding->term_count != 0)
        return;
    assert(finding->term_count < GW_TERMS_MAX);
    finding->term[finding->term_count++] = (struct gw_term){name, points, channel};
}

void
gw_rule_term(struct gw_finding *finding, const char *name, double points)
{
    static const enum gw_channel channels[GW_KIND_COUNT] = {
#define CHANNEL(id, name, stem, channel, title, technique, cwe, source) GW_CHANNEL_##channel,
        GW_KIND_LIST(CHANNEL)
#undef CHANNEL
    };

    gw_rule_term_in(finding, channels[finding->kind], name, points);
}

void
gw_rule_support_terms(struct gw_finding *finding, const struct gw_split_view *view)
{
    const double groups = view->known.groups > 1 ? view->known.groups - 1.0 : 0.0;
    const double servers = view->known.servers > 1 ? view->known.servers - 1.0 : 0.0;

    gw_rule_term(finding, "resolver-groups", 0.8 * (groups < 3.0 ? groups : 3.0));
    gw_rule_term(finding, "servers", 0.6 * (servers < 2.0 ? servers : 2.0));
}

/* When and where did this witness say this side? */
static struct gw_witness
witness_of(const struct gw_table *table, const struct gw_subject *subject, const struct gw_row *row,
    uint64_t claims)
{
    const struct gw_witness_record *record = gw_table_witness_at(table, row->witness);
    struct gw_witness witness = {
        .resolver = record->resolver,
        .server = gw_table_server_at(table, record->server),
        .first_ns = row->since_ns,
        .last_ns = gw_table_tick_ns(table, row->last),
        .count = row->told,
        .frame = row->frame,
        .input = row->input,
    };

    if (row->now & claims) {
        if (witness.last_ns < witness.first_ns)
            witness.last_ns = witness.first_ns;
        return witness;
    }
    for (uint64_t mask = claims & row->ever; mask != 0; mask &= mask - 1) {
        const struct gw_claim *claim = &gw_table_claims(table, subject)[__builtin_ctzll(mask)];

        witness.last_ns = row->since_ns;
        witness.count = row->count - row->told;
        if (claim->witness == row->witness) {
            witness.first_ns = claim->first_ns;
            witness.last_ns = claim->first_ns;
            witness.frame = gw_packet_frame(claim->packet);
            witness.input = gw_packet_input(claim->packet);
        }
    }
    return witness;
}

/* Members are told in ascending order, so that a finding reads the same in every run. */
static void
add_name(const uint8_t *wire, uint8_t len, struct gw_finding_set *set)
{
    struct gw_name name = {0};
    uint32_t pos;

    if (set->name_count == GW_FINDING_MEMBERS_MAX)
        return;
    keep_name(&name, wire, len);
    for (pos = set->name_count++; pos > 0; pos--) {
        if (memcmp(set->name[pos - 1].wire, name.wire, GW_NAME_MAX) <= 0)
            break;
        set->name[pos] = set->name[pos - 1];
    }
    set->name[pos] = name;
}

void
gw_rule_put_name(const struct gw_name *name, struct gw_finding_set *set)
{
    set->member_total++;
    add_name(name->wire, name->len, set);
}

static void
add_member(const struct gw_table *table, const struct gw_claim *claim, struct gw_finding_set *set)
{
    uint32_t pos;

    set->member_total++;
    if (claim->family == 0) {
        const struct gw_host *host = gw_table_claim_host(table, claim);

        add_name(gw_arena_at(&table->arena, host->name), host->name_len, set);
        return;
    }

    struct gw_addr addr = {.family = claim->family};

    if (set->address_count == GW_FINDING_MEMBERS_MAX)
        return;
    memcpy(addr.octet, claim->octet, sizeof(addr.octet));
    for (pos = set->address_count++; pos > 0; pos--) {
        if (memcmp(set->address[pos - 1].octet, addr.octet, sizeof(addr.octet)) <= 0)
            break;
        set->address[pos] = set->address[pos - 1];
    }
    set->address[pos] = addr;
}

static void
add_witness(const struct gw_witness *witness, struct gw_finding_set *set)
{
    uint32_t pos;

    set->witness_total++;
    if (set->witness_count == GW_FINDING_WITNESSES_MAX) {
        const struct gw_witness *latest = &set->witness[GW_FINDING_WITNESSES_MAX - 1];

        if (witness->first_ns >= latest->first_ns)
            return;
        set->witness_count--;
    }
    for (pos = set->witness_count++; pos > 0; pos--) {
        const struct gw_witness *before = &set->witness[pos - 1];

        if (before->first_ns < witness->first_ns ||
            (before->first_ns == witness->first_ns && before->frame <= witness->frame))
            break;
        set->witness[pos] = *before;
    }
    set->witness[pos] = *witness;
}

static void
add_side(const struct gw_table *table, const struct gw_subject *subject, const struct gw_side *side,
    struct gw_finding_set *set)
{
    const struct gw_claim *claim = gw_table_claims(table, subject);
    const struct gw_row *row = gw_table_rows(table, subject);

    set->ttl_min_s = UINT32_MAX;
    for (uint64_t mask = side->claims; mask != 0; mask &= mask - 1) {
        const struct gw_claim *member = &claim[__builtin_ctzll(mask)];

        add_member(table, member, set);
        if (member->ttl_min_s < set->ttl_min_s)
            set->ttl_min_s = member->ttl_min_s;
        if (member->ttl_max_s > set->ttl_max_s)
            set->ttl_max_s = member->ttl_max_s;
    }
    for (uint64_t mask = side->rows; mask != 0; mask &= mask - 1) {
        const struct gw_witness witness =
            witness_of(table, subject, &row[__builtin_ctzll(mask)], side->claims);

        add_witness(&witness, set);
    }
    set->group_count = side->groups;
    set->server_count = side->servers;
}

void
gw_rule_add_sides(
    const struct gw_rule_event *event, const struct gw_rule_case *found, struct gw_finding *finding)
{
    struct gw_finding_set *known = &finding->set[0];
    struct gw_finding_set *contrary = &finding->set[1];

    known->role = GW_SET_KNOWN;
    contrary->role = GW_SET_CONTRARY;
    finding->set_count = 2;
    finding->family = found->family;
    finding->split = found->view.split;
    finding->group_total = found->view.group_total;
    finding->server_total = found->view.server_total;
    add_side(event->table, found->subject, &found->view.known, known);
    add_side(event->table, found->subject, &found->view.contrary, contrary);

    const struct gw_witness *first = &contrary->witness[0];

    finding->first_ns = first->first_ns;
    finding->message_count = found->view.contrary.messages;
    if (event->seen == NULL || event->seen->frame != first->frame ||
        event->seen->input != first->input) {
        /* The contrary side's first message stands for it, not the one that gave it away. */
        finding->qname.len = 0;
        finding->resolver_port = 0;
        finding->id_dns = 0;
        finding->facts = 0;
        finding->server = first->server;
        finding->resolver = first->resolver;
        finding->server_port = 53;
        finding->frame = first->frame;
        finding->input = first->input;
        finding->trigger_ns = first->first_ns;
        finding->last_ns = gw_table_tick_ns(event->table, found->view.contrary.last);
        if (finding->last_ns < finding->first_ns)
            finding->last_ns = finding->first_ns;
        finding->transport = GW_TRANSPORT_UDP;
        finding->class = GW_CLASS_REFERRAL;
    }

    const gw_tick begin = found->view.known.first;
    const gw_tick end = found->view.contrary.first;

    finding->baseline_s = end > begin ? (double)(end - begin) * (1 << GW_TICK_SHIFT) / 1e9 : 0.0;
}

void
gw_rule_add_side(const struct gw_rule_event *event, const struct gw_subject *subject,
    uint64_t claims, enum gw_set_role role, struct gw_finding *finding)
{
    const struct gw_side side = gw_table_side(event->table, subject, claims);
    struct gw_finding_set *set = &finding->set[finding->set_count++];

    set->role = role;
    add_side(event->table, subject, &side, set);
}

void
gw_rule_add_claims(const struct gw_rule_event *event, const struct gw_subject *subject,
    uint64_t claims, struct gw_finding_set *set)
{
    const struct gw_side side = gw_table_side(event->table, subject, claims);

    add_side(event->table, subject, &side, set);
}

/* A contrary side that this message alone tells. */
static struct gw_finding_set *
add_told(const struct gw_observation *seen, struct gw_finding *finding)
{
    struct gw_finding_set *set = &finding->set[finding->set_count++];

    set->role = GW_SET_CONTRARY;
    set->group_count = 1;
    set->server_count = 1;
    set->witness_count = 1;
    set->witness_total = 1;
    set->witness[0] = (struct gw_witness){
        .resolver = seen->resolver,
        .server = seen->server,
        .first_ns = seen->time_ns,
        .last_ns = seen->time_ns,
        .count = 1,
        .frame = seen->frame,
        .input = seen->input,
    };
    return set;
}

void
gw_rule_add_teller(const struct gw_rule_event *event, struct gw_finding *finding)
{
    (void)add_told(event->seen, finding);
}

void
gw_rule_add_address(const struct gw_rule_event *event, const struct gw_observation_glue *glue,
    struct gw_finding *finding)
{
    struct gw_finding_set *set = add_told(event->seen, finding);

    set->address_count = 1;
    set->member_total = 1;
    set->address[0] = glue->addr;
    set->ttl_min_s = glue->ttl_s;
    set->ttl_max_s = glue->ttl_s;
    finding->family = glue->addr.family;
}

void
gw_rule_add_targets(const struct gw_rule_event *event, struct gw_finding *finding)
{
    const struct gw_observation *seen = event->seen;
    struct gw_finding_set *set = add_told(seen, finding);

    set->member_total = seen->target_total;
    set->ttl_min_s = seen->target_count == 0 ? 0 : UINT32_MAX;
    for (uint32_t i = 0; i < seen->target_count; i++) {
        const struct gw_observation_target *target = &seen->target[i];

        add_name(seen->names + target->name.off, target->name.len, set);
        if (target->ttl_s < set->ttl_min_s)
            set->ttl_min_s = target->ttl_s;
        if (target->ttl_s > set->ttl_max_s)
            set->ttl_max_s = target->ttl_s;
    }
}

void
gw_rule_add_known_targets(const struct gw_rule_event *event, struct gw_finding *finding)
{
    const struct gw_table_name name = {finding->cut.wire,
        gw_hash_octets(&event->table->key, finding->cut.wire, finding->cut.len), finding->cut.len};
    struct gw_cut *cut = gw_table_cut(event->table, &name);
    const uint32_t count = cut == NULL ? 0 : cut->subject.claim_count;

    if (count == 0)
        return;
    gw_table_fold(event->table, cut);

    const uint64_t claims = count == 64 ? UINT64_MAX : (1ull << count) - 1;
    const struct gw_side side = gw_table_side(event->table, &cut->subject, claims);

    finding->set[finding->set_count].role = GW_SET_KNOWN;
    add_side(event->table, &cut->subject, &side, &finding->set[finding->set_count++]);
}

void
gw_rule_add_name(const struct gw_rule_event *event, const struct gw_table_name *name,
    uint32_t ttl_s, struct gw_finding *finding)
{
    struct gw_name kept = {0};

    if (finding->set_count == 0 || finding->set[finding->set_count - 1].role != GW_SET_CONTRARY) {
        gw_rule_add_teller(event, finding);
        finding->set[finding->set_count - 1].ttl_min_s = ttl_s;
    }

    struct gw_finding_set *set = &finding->set[finding->set_count - 1];

    keep_name(&kept, name->wire, name->len);
    gw_rule_put_name(&kept, set);
    if (ttl_s < set->ttl_min_s)
        set->ttl_min_s = ttl_s;
    if (ttl_s > set->ttl_max_s)
        set->ttl_max_s = ttl_s;
}

void
gw_rule_renew(const struct gw_table *table, const struct gw_host *host, struct gw_finding *finding)
{
    struct gw_finding_set *set = &finding->set[finding->set_count - 1];
    const struct gw_claim *claim = gw_table_claims(table, &host->subject);
    uint32_t i = 0;

    assert(finding->set_count != 0 && set->address_count == 1);
    while (i < host->subject.claim_count &&
           (claim[i].family != set->address[0].family ||
               memcmp(claim[i].octet, set->address[0].octet, sizeof(claim[i].octet)) != 0))
        i++;
    if (i == host->subject.claim_count)
        return;

    const struct gw_side side = gw_table_side(table, &host->subject, 1ull << i);

    *set = (struct gw_finding_set){.role = set->role};
    add_side(table, &host->subject, &side, set);
    finding->message_count = claim[i].messages;
    if (finding->last_ns < gw_table_tick_ns(table, claim[i].last))
        finding->last_ns = gw_table_tick_ns(table, claim[i].last);
}

void
gw_rule_add_known(
    const struct gw_rule_event *event, const struct gw_host *host, struct gw_finding *finding)
{
    const struct gw_claim *claim = gw_table_claims(event->table, &host->subject);
    const struct gw_addr *contrary = &finding->set[0].address[0];
    uint64_t claims = 0;

    for (uint32_t i = 0; i < host->subject.claim_count; i++)
        if (!(claim[i].flags & GW_CLAIM_UNRELATED) && claim[i].family == finding->family &&
            memcmp(claim[i].octet, contrary->octet, sizeof(contrary->octet)) != 0)
            claims |= 1ull << i;

    if (claims == 0 && host->truth == 0)
        return;
    /* The known side stands first. */
    finding->set[1] = finding->set[0];
    finding->set[0] = (struct gw_finding_set){.role = GW_SET_KNOWN};
    finding->set_count = 2;
    if (claims != 0) {
        const struct gw_side side = gw_table_side(event->table, &host->subject, claims);

        add_side(event->table, &host->subject, &side, &finding->set[0]);
        return;
    }

    /* No other referral tells it: its own zone does. */
    const struct gw_truth *truth = gw_arena_at(&event->table->arena, host->truth);

    for (uint32_t i = 0; i < truth->count; i++) {
        struct gw_claim own = {.family = truth->addr[i].family};

        memcpy(own.octet, truth->addr[i].octet, sizeof(own.octet));
        if (own.family == finding->family)
            add_member(event->table, &own, &finding->set[0]);
    }
}

struct gw_host *
gw_rule_host_of(const struct gw_table *table, const struct gw_finding *finding)
{
    const struct gw_table_name name = {finding->name.wire,
        gw_hash_octets(&table->key, finding->name.wire, finding->name.len), finding->name.len};

    return finding->name.len == 0 ? NULL : gw_table_host(table, &name);
}

static size_t
identify(const struct gw_name *name, uint8_t *identity)
{
    identity[0] = name->len;
    memcpy(identity + 1, name->wire, name->len);
    return 1u + name->len;
}

/* How many delegations hang on the name server that the finding is about. */
static uint32_t
delegations_of(const struct gw_table *table, const struct gw_name *name)
{
    const struct gw_table_name key = {
        name->wire, gw_hash_octets(&table->key, name->wire, name->len), name->len};
    const struct gw_host *host = name->len == 0 ? NULL : gw_table_host(table, &key);

    return host == NULL ? 0 : host->refs;
}

/* What came how does not depend on the zone that was asked in. */
static bool
judges_content(const struct gw_finding *finding)
{
    return finding->term_count != 0 && (finding->term[0].channel == GW_CHANNEL_CONTENT ||
                                           finding->term[0].channel == GW_CHANNEL_HISTORY);
}

/* What the operator watches weighs one step more. */
static void
watch(const struct gw_rule_event *event, struct gw_finding *finding)
{
    const struct gw_lists *lists = event->context == NULL ? NULL : event->context->lists;

    finding->watched =
        (finding->cut.len != 0 && gw_lists_watches(lists, finding->cut.wire, finding->cut.len)) ||
        (finding->name.len != 0 && gw_lists_watches(lists, finding->name.wire, finding->name.len));
    if (finding->watched && finding->severity > GW_INFO && finding->severity < GW_CRITICAL)
        finding->severity++;
}

void
gw_rule_raise(const struct gw_rule_event *event, struct gw_finding *finding)
{
    finding->delegation_count = delegations_of(event->table, &finding->name);
    watch(event, finding);
    gw_signal_raise(event->store, finding);
    gw_rule_freeze(event, finding);
    if (event->context != NULL && event->context->suspects != NULL)
        gw_suspect_add(event->context->suspects, event->table, finding);
}

static void
raise(const struct gw_rule_event *event, struct gw_finding *finding, const uint8_t *identity,
    size_t len)
{
    gw_hash_stable(identity, len, finding->id);
    /* Who forwards asks in no zone. */
    if (event->zone.name == NULL && judges_content(finding) &&
        finding->transport_facts.leg != GW_LEG_FORWARD)
        gw_signal_halve(finding, "zone-unknown");
    finding->confidence = gw_signal_confidence(finding);
    if (event->cut != NULL)
        event->cut->pinned = 1;
    gw_rule_raise(event, finding);
}

void
gw_rule_conclude(const struct gw_rule_event *event, struct gw_finding *finding, const void *extra,
    size_t extra_len)
{
    uint8_t identity[2 + 1 + GW_NAME_MAX + IDENTITY_EXTRA_MAX];
    size_t len = 0;

    assert(extra_len <= IDENTITY_EXTRA_MAX);
    /* One disagreement keeps its identity when more evidence makes a minority a conflict. */
    identity[len++] = finding->kind == GW_KIND_GLUE_ADDR_MINORITY ? GW_KIND_GLUE_ADDR_CONFLICT
                                                                  : (uint8_t)finding->kind;
    identity[len++] = finding->family;
    /* A name is one matter, whichever of its delegations brought it. */
    len += identify(finding->name.len != 0 ? &finding->name : &finding->cut, identity + len);
    if (extra_len != 0)
        memcpy(identity + len, extra, extra_len);
    raise(event, finding, identity, len + extra_len);
}

void
gw_rule_conclude_on_address(
    const struct gw_rule_event *event, struct gw_finding *finding, const struct gw_addr *addr)
{
    uint8_t identity[2 + 1 + GW_NAME_MAX + sizeof(*addr)];
    size_t len = 0;

    identity[len++] = (uint8_t)finding->kind;
    identity[len++] = addr->family;
    len += identify(&finding->zone, identity + len);
    memcpy(identity + len, addr, sizeof(*addr));
    raise(event, finding, identity, len + sizeof(*addr));
}
