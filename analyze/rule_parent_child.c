/* SPDX-License-Identifier: BSD-2-Clause */
/* parent-child-mismatch: what a zone says of itself is not what its parent hands out. */
#include <string.h>

#include "analyze/child.h"
#include "analyze/rules.h"
#include "analyze/suspect.h"

/* Agreement for this long makes a difference news; in a short capture a quarter of it. */
#define TYPE_AAAA    28u
#define AGREED_NS    (7 * 86400 * GW_NS_PER_S)
#define AGREED_COUNT 3u
#define SHORT_COUNT  10u

/* Parent and child are not changed in one moment. */
#define LAG_NS (2 * 3600 * GW_NS_PER_S)

#define MANY_ALIKE 20u

/* What to make of a difference. */
enum news {
    NEWS_NONE,       /* it has always been so */
    NEWS_TOO_FRESH,  /* a change that is under way looks the same */
    NEWS_TRANSITION, /* parent and child agreed for long, and part */
};

static int64_t
span_ns(const struct gw_rule_event *event)
{
    return gw_table_tick_ns(event->table, event->now) -
           gw_table_tick_ns(event->table, event->begin);
}

static enum news
news_of(const struct gw_rule_event *event, const struct gw_child *child, bool *ret_short)
{
    const int64_t span = span_ns(event);
    const int64_t agreed = child->agreed.last_ns - child->agreed.first_ns;
    const int64_t differs = child->differs.last_ns - child->differs.first_ns;
    const bool is_long = agreed >= AGREED_NS && child->agreed.count >= AGREED_COUNT;
    const bool is_short = agreed >= span / 4 && child->agreed.count >= SHORT_COUNT;

    *ret_short = !is_long;
    if (child->agreed.count == 0 || !(is_long || is_short))
        return NEWS_NONE;
    if (child->differs.count < 2 || differs < (span / 4 < LAG_NS ? span / 4 : LAG_NS))
        return NEWS_TOO_FRESH;
    return NEWS_TRANSITION;
}

/* Told to one resolver group of several, it may be a forged referral: other kinds see to that. */
static bool
is_shared(const struct gw_rule_event *event, const struct gw_subject *subject, uint64_t claims)
{
    return event->table->group.count < 2 ||
           gw_table_side(event->table, subject, claims).groups >= 2;
}

static void
weigh(const struct gw_rule_event *event, const struct gw_child *child, enum news news,
    bool is_short, uint32_t alike, struct gw_finding *finding)
{
    const double weeks =
        (double)(child->agreed.last_ns - child->agreed.first_ns) / (double)AGREED_NS;

    (void)event;
    if (news != NEWS_TRANSITION) {
        gw_rule_term(finding, "base", 2.0);
        finding->severity = GW_INFO;
        return;
    }
    gw_rule_term(finding, "base", 0.5);
    gw_rule_term_in(finding, GW_CHANNEL_HISTORY, "agreed-before", weeks < 2.0 ? weeks : 2.0);
    gw_rule_term(finding, "many-alike", alike >= MANY_ALIKE ? -1.5 : 0.0);
    if (is_short)
        finding->caveats |= GW_CAVEAT_SHORT_BASELINE;
    finding->baseline_s = (double)(child->agreed.last_ns - child->agreed.first_ns) / 1e9;
    finding->severity = GW_MEDIUM;
}

/* A store of matters that were always so must not fill the report. */
static bool
may_tell(const struct gw_rule_event *event, struct gw_child *child, enum news news)
{
    struct gw_children *children = event->context->children;

    if (news == NEWS_TRANSITION || child->told)
        return true;
    if (children->told_count == GW_CHILD_TOLD_MAX) {
        children->untold++;
        event->store->stats->raised++;
        event->store->stats->suppressed_rate++;
        return false;
    }
    children->told_count++;
    child->told = true;
    return true;
}

static void
add_child_set(const struct gw_child *child, struct gw_finding *finding)
{
    struct gw_finding_set *set = &finding->set[finding->set_count++];

    *set = (struct gw_finding_set){.role = GW_SET_KNOWN,
        .address_count = child->address_count,
        .member_total = child->address_count,
        .group_count = 1,
        .server_count = 1,
        .witness_count = 1,
        .witness_total = 1,
        .witness = {child->witness}};
    memcpy(set->address, child->address, child->address_count * sizeof(child->address[0]));
}

static void
keep_message(const struct gw_child *child, struct gw_finding *finding)
{
    finding->class = GW_CLASS_ANSWER;
    finding->facts = GW_FACT_AA;
    finding->server = child->witness.server;
    finding->resolver = child->witness.resolver;
    finding->server_port = child->server_port;
    finding->resolver_port = child->resolver_port;
    finding->id_dns = child->id;
    finding->qtype = child->qtype;
    finding->qname = child->name;
    finding->transport = child->transport;
    finding->ip_ttl = child->ip_ttl;
    finding->frame = child->witness.frame;
    finding->input = child->witness.input;
    finding->trigger_ns = child->differs.first_ns;
    finding->first_ns = child->differs.first_ns;
    finding->last_ns = child->differs.last_ns;
    finding->message_count = child->differs.count;
}

static struct gw_host *
host_of(const struct gw_table *table, const struct gw_child *child)
{
    const struct gw_table_name name = {child->name.wire,
        gw_hash_octets(&table->key, child->name.wire, child->name.len), child->name.len};

    return gw_table_host(table, &name);
}

static void
fold(struct gw_table *table, const struct gw_host *host)
{
    gw_arena_ref cut = host->oldest;

    for (uint32_t i = 0; i < GW_FOLDED_CUTS && cut != 0; i++) {
        gw_table_fold(table, gw_arena_at(&table->arena, cut));
        cut = gw_table_next_naming(table, host, cut);
    }
}

static bool
says_one_of(const struct gw_table *table, const struct gw_subject *subject, uint64_t claims,
    const struct gw_child *child)
{
    const struct gw_claim *claim = gw_table_claims(table, subject);

    for (; claims != 0; claims &= claims - 1)
        for (uint32_t i = 0; i < child->address_count; i++)
            if (memcmp(claim[__builtin_ctzll(claims)].octet, child->address[i].octet,
                    sizeof(claim->octet)) == 0)
                return true;
    return false;
}

/* A name server's own zone gives its address: is it what the parent gives? */
static void
note_address(const struct gw_rule_event *event)
{
    const struct gw_observation *seen = event->seen;
    const uint8_t target = gw_zone_answered_target(seen);

    if (target == GW_NO_TARGET)
        return;

    const struct gw_table_name name = gw_zone_name(seen, &seen->target[target].name);
    const struct gw_host *host = gw_table_host(event->table, &name);
    const uint8_t family = seen->qtype == TYPE_AAAA ? 6 : 4;

    if (host == NULL || gw_suspect_is(event->context->suspects, &seen->server))
        return;
    fold(event->table, host);

    const uint64_t parent = gw_zone_child_parent_says(event->table, &host->subject, family);
    struct gw_child *child = gw_zone_child(event->context->children, &name, family);

    gw_zone_child_say(child, seen);
    if (parent != 0)
        gw_zone_child_compare(
            child, seen, says_one_of(event->table, &host->subject, parent, child));
}

static void
conclude_address(const struct gw_rule_event *event, struct gw_child *child, enum news news,
    bool is_short, uint32_t alike)
{
    struct gw_host *host = host_of(event->table, child);
    const struct gw_table_name name = gw_rule_host_name(event->table, host);
    const uint64_t parent = gw_zone_child_parent_says(event->table, &host->subject, child->family);
    struct gw_rule_event about = *event;
    struct gw_finding finding;

    about.class = GW_CLASS_ANSWER;
    about.cut = host->oldest == 0 ? NULL : gw_arena_at(&event->table->arena, host->oldest);
    if (about.cut != NULL && about.cut->parent != GW_ZONE_UNKNOWN) {
        const struct gw_zone_record *zone = gw_table_zone_at(event->table, about.cut->parent);

        about.zone = (struct gw_zone){
            about.cut->parent, gw_arena_at(&event->table->arena, zone->name), zone->name_len, true};
    }
    gw_rule_begin(&about, GW_KIND_PARENT_CHILD_MISMATCH, &name, &finding);
    finding.variant = "addr";
    finding.family = child->family;
    keep_message(child, &finding);
    add_child_set(child, &finding);
    gw_rule_add_side(&about, &host->subject, parent, GW_SET_CONTRARY, &finding);
    weigh(&about, child, news, is_short, alike, &finding);
    gw_rule_conclude(&about, &finding, finding.variant, strlen(finding.variant));
}

/* Did the parent say it again after the child began to differ? Its next word may have been cut. */
static bool
is_said_since(struct gw_table *table, const struct gw_subject *subject, uint64_t claims,
    const struct gw_child *child)
{
    const struct gw_claim *claim = gw_table_claims(table, subject);
    const gw_tick since = gw_table_tick(table, child->differs.first_ns);

    for (; claims != 0; claims &= claims - 1)
        if (claim[__builtin_ctzll(claims)].last > since)
            return true;
    return false;
}

/* Does the difference stand at the end of the run, and is it not one of place or of time? */
static bool
stands(const struct gw_rule_event *event, const struct gw_child *child, enum news *ret_news,
    bool *ret_short)
{
    const struct gw_host *host = host_of(event->table, child);

    if (child->family == 0 || child->differs.count == 0 || child->varies || host == NULL)
        return false;
    fold(event->table, host);

    const uint64_t parent = gw_zone_child_parent_says(event->table, &host->subject, child->family);

    if (parent == 0 || says_one_of(event->table, &host->subject, parent, child))
        return false;
    *ret_news = news_of(event, child, ret_short);
    return *ret_news == NEWS_NONE ||
           (*ret_news == NEWS_TRANSITION && is_shared(event, &host->subject, parent) &&
               is_said_since(event->table, &host->subject, parent, child));
}

/* Addresses wait for the end: only then it is known whether they vary by who asks. */
static void
finish(const struct gw_rule_event *event)
{
    struct gw_children *children = event->context->children;
    enum news news = NEWS_NONE;
    uint32_t alike = 0;
    bool is_short = false;

    if (children == NULL)
        return;
    for (struct gw_child *child = gw_table_recall_first(&children->matters); child != NULL;
         child = gw_table_recall_next(&children->matters, child))
        alike += stands(event, child, &news, &is_short) && news == NEWS_TRANSITION;
    for (struct gw_child *child = gw_table_recall_first(&children->matters); child != NULL;
         child = gw_table_recall_next(&children->matters, child))
        if (stands(event, child, &news, &is_short) && may_tell(event, child, news))
            conclude_address(event, child, news, is_short, alike);
}

/* How the child's NS set lies to the parent's; NULL when they are the same. */
static const char *
relate(const struct gw_rule_event *event, const struct gw_subject *subject, uint64_t parent)
{
    const struct gw_claim *claim = gw_table_claims(event->table, subject);
    const struct gw_observation *seen = event->seen;
    const uint32_t parent_count = (uint32_t)__builtin_popcountll(parent);
    uint32_t common = 0;

    for (uint64_t mask = parent; mask != 0; mask &= mask - 1) {
        const struct gw_host *host =
            gw_table_claim_host(event->table, &claim[__builtin_ctzll(mask)]);

        for (uint32_t i = 0; i < seen->target_count; i++)
            common += host->hash == seen->target[i].name.hash;
    }
    if (common == 0)
        return "ns-disjoint";
    if (common == parent_count && common == seen->target_count)
        return NULL;
    if (common == seen->target_count)
        return "ns-subset";
    return common == parent_count ? "ns-superset" : "ns-overlap";
}

static void
add_targets(const struct gw_observation *seen, struct gw_finding *finding)
{
    struct gw_finding_set *set = &finding->set[finding->set_count++];

    *set = (struct gw_finding_set){.role = GW_SET_KNOWN,
        .member_total = seen->target_total,
        .group_count = 1,
        .server_count = 1,
        .witness_count = 1,
        .witness_total = 1,
        .witness = {{seen->resolver, seen->server, seen->time_ns, seen->time_ns, 1, seen->frame,
            seen->input}}};
    for (uint32_t i = 0; i < seen->target_count; i++) {
        struct gw_name name = {.len = seen->target[i].name.len};
        uint32_t pos = set->name_count;

        memcpy(name.wire, seen->names + seen->target[i].name.off, name.len);
        if (set->name_count == GW_FINDING_MEMBERS_MAX)
            continue;
        for (; pos > 0 && memcmp(set->name[pos - 1].wire, name.wire, GW_NAME_MAX) > 0; pos--)
            set->name[pos] = set->name[pos - 1];
        set->name[pos] = name;
        set->name_count++;
    }
}

/* The apex NS RRset, AA=1: is it the delegation's? */
static void
judge_ns(const struct gw_rule_event *event)
{
    const struct gw_observation *seen = event->seen;
    const struct gw_table_name name = gw_zone_name(seen, &seen->cut);
    struct gw_cut *cut = gw_table_cut(event->table, &name);
    bool is_short = false;

    if (cut == NULL || seen->target_count != seen->target_total ||
        (seen->facts & (GW_FACT_TC | GW_FACT_CLIPPED)) ||
        gw_suspect_is(event->context->suspects, &seen->server))
        return;
    gw_table_fold(event->table, cut);

    const uint64_t parent = gw_zone_child_parent_says(event->table, &cut->subject, 0);
    const char *variant = parent == 0 ? NULL : relate(event, &cut->subject, parent);

    if (parent == 0)
        return;

    struct gw_child *child = gw_zone_child(event->context->children, &name, 0);

    gw_zone_child_compare(child, seen, variant == NULL);
    if (variant == NULL)
        return;

    enum news news = news_of(event, child, &is_short);
    struct gw_rule_event about = *event;
    struct gw_finding finding;

    if (news == NEWS_TOO_FRESH ||
        (news == NEWS_TRANSITION &&
            (!is_shared(event, &cut->subject, parent) ||
                !is_said_since(event->table, &cut->subject, parent, child))))
        return;
    /* Name servers join and leave one zone before the other: that is how it is done. */
    if (strcmp(variant, "ns-disjoint") != 0)
        news = NEWS_NONE;
    if (!may_tell(event, child, news))
        return;
    about.cut = cut;
    about.zone = (struct gw_zone){.id = cut->parent};
    if (cut->parent != GW_ZONE_UNKNOWN) {
        const struct gw_zone_record *zone = gw_table_zone_at(event->table, cut->parent);

        about.zone.name = gw_arena_at(&event->table->arena, zone->name);
        about.zone.len = zone->name_len;
    }
    gw_rule_begin(&about, GW_KIND_PARENT_CHILD_MISMATCH, NULL, &finding);
    finding.variant = variant;
    finding.first_ns = child->differs.first_ns;
    finding.message_count = child->differs.count;
    add_targets(seen, &finding);
    gw_rule_add_side(&about, &cut->subject, parent, GW_SET_CONTRARY, &finding);
    weigh(&about, child, news, is_short, 0, &finding);
    gw_rule_conclude(&about, &finding, "ns", 2);
}

static void
judge(const struct gw_rule_event *event)
{
    if (event->context->children == NULL || event->context->suspects == NULL)
        return;
    if (event->seen->kind == GW_OBSERVATION_ADDRESS ||
        event->seen->kind == GW_OBSERVATION_AUTHORITY)
        note_address(event);
    if (event->seen->kind == GW_OBSERVATION_AUTHORITY && event->seen->target_count != 0)
        judge_ns(event);
}

const struct gw_rule gw_rule_parent_child = {
    .kind = GW_KIND_PARENT_CHILD_MISMATCH, .fact = judge, .finish = finish};
