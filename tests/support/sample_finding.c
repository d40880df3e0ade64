/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/support/sample_finding.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

#define START_NS (1795395600LL * GW_NS_PER_S) /* 2026-11-23 01:00:00 UTC */

struct gw_name
gw_sample_name(const char *text)
{
    struct gw_name name = {0};

    while (*text != '\0') {
        const size_t len = strcspn(text, ".");

        assert(len > 0 && len <= GW_LABEL_MAX && name.len + len + 2 <= GW_NAME_MAX);
        name.wire[name.len] = (uint8_t)len;
        memcpy(name.wire + name.len + 1, text, len);
        name.len = (uint8_t)(name.len + len + 1);
        text += len + (text[len] == '.');
    }
    name.wire[name.len++] = 0;
    return name;
}

struct gw_addr
gw_sample_addr(const char *text)
{
    struct gw_addr addr = {.family = strchr(text, ':') != NULL ? 6 : 4};
    const int done = inet_pton(addr.family == 6 ? AF_INET6 : AF_INET, text, addr.octet);

    assert(done == 1);
    (void)done;
    return addr;
}

static void
add_witness(struct gw_finding_set *set, const char *resolver, const char *server, int64_t first_ns)
{
    const uint32_t at = set->witness_count++;

    set->witness_total++;
    set->witness[at] = (struct gw_witness){.resolver = gw_sample_addr(resolver),
        .server = gw_sample_addr(server),
        .first_ns = first_ns,
        .last_ns = first_ns + 3600 * GW_NS_PER_S * at,
        .count = 1 + 20 * at,
        .frame = 1200 + 37 * at + (set->role == GW_SET_CONTRARY ? 5000u : 0u),
        .input = 0};
}

static void
add_known_witnesses(struct gw_finding_set *set)
{
    add_witness(set, "198.18.1.53", "192.0.2.1", START_NS);
    add_witness(set, "198.18.2.53", "192.0.2.2", START_NS + 61 * GW_NS_PER_S);
    add_witness(set, "198.18.4.53", "192.0.2.3", START_NS + 3700 * GW_NS_PER_S);
    add_witness(set, "198.18.5.53", "192.0.2.4", START_NS + 3701 * GW_NS_PER_S + 120000000);
    set->group_count = 4;
    set->server_count = 4;
    set->ttl_min_s = 3600;
    set->ttl_max_s = 3600;
}

static void
add_contrary_witness(struct gw_finding_set *set)
{
    add_witness(set, "198.18.3.53", "192.0.2.1", START_NS + 3899 * GW_NS_PER_S + 120000000);
    set->group_count = 1;
    set->server_count = 1;
    set->ttl_min_s = 600;
    set->ttl_max_s = 3600;
}

static struct gw_finding_set *
add_set(struct gw_finding *finding, enum gw_set_role role)
{
    struct gw_finding_set *set = &finding->set[finding->set_count++];

    set->role = role;
    if (role == GW_SET_KNOWN)
        add_known_witnesses(set);
    else
        add_contrary_witness(set);
    return set;
}

static void
add_addr(struct gw_finding_set *set, const char *text)
{
    set->address[set->address_count++] = gw_sample_addr(text);
    set->member_total++;
}

static void
add_name(struct gw_finding_set *set, const char *text)
{
    set->name[set->name_count++] = gw_sample_name(text);
    set->member_total++;
}

/* Known and contrary addresses, either may be NULL. */
static void
set_addresses(struct gw_finding *finding, const char *known, const char *contrary)
{
    finding->name = gw_sample_name("ns1.foo.example");
    finding->family = 4;
    if (known != NULL)
        add_addr(add_set(finding, GW_SET_KNOWN), known);
    if (contrary != NULL)
        add_addr(add_set(finding, GW_SET_CONTRARY), contrary);
}

static void
set_names(struct gw_finding *finding)
{
    struct gw_finding_set *known = add_set(finding, GW_SET_KNOWN);
    struct gw_finding_set *contrary = add_set(finding, GW_SET_CONTRARY);

    add_name(known, "ns1.foo.example");
    add_name(known, "ns2.foo.example");
    add_name(contrary, "ns1.evil.test");
}

/* Names that one message told. */
static void
set_told_names(struct gw_finding *finding, const char *variant)
{
    finding->variant = variant;
    add_name(add_set(finding, GW_SET_CONTRARY), "ns1.evil.test");
}

static void
set_common(struct gw_finding *finding, enum gw_kind kind)
{
    *finding = (struct gw_finding){.sequence = (uint64_t)kind + 1,
        .kind = kind,
        .severity = GW_MEDIUM,
        .confidence = 0.957,
        .term_count = 4,
        .term = {{"base", -0.5, GW_CHANNEL_CONTENT}, {"resolvers", 2.4, GW_CHANNEL_CONTENT},
            {"servers", 1.2, GW_CHANNEL_CONTENT}, {"clipped", 0.0, GW_CHANNEL_CONTENT}},
        .zone = gw_sample_name("example"),
        .cut = gw_sample_name("foo.example"),
        .first_ns = START_NS,
        .last_ns = START_NS + 3899 * GW_NS_PER_S + 120000000,
        .message_count = 125,
        .class = GW_CLASS_REFERRAL,
        .facts = GW_FACT_OPT | GW_FACT_DO | GW_FACT_UNDER_CUT | GW_FACT_NS,
        .server = gw_sample_addr("192.0.2.1"),
        .resolver = gw_sample_addr("198.18.3.53"),
        .server_port = 53,
        .resolver_port = 40112,
        .id_dns = 4660,
        .qtype = 1,
        .transport = GW_TRANSPORT_UDP,
        .ip_ttl = 57,
        .qname = gw_sample_name("www.foo.example"),
        .trigger_ns = START_NS + 3899 * GW_NS_PER_S + 120000000,
        .frame = 6200,
        .baseline_s = 14 * 86400.0};
    finding->group_total = 5;
    finding->server_total = 5;
    for (size_t i = 0; i < sizeof(finding->id); i++)
        finding->id[i] = (uint8_t)(0x11u * i + (uint32_t)kind);
}

/* As a message that an exchange tells of: with the way that it took, and no delegation. */
static void
set_way(struct gw_finding *finding, enum gw_fit fit, const char *variant)
{
    finding->variant = variant;
    finding->cut = (struct gw_name){0};
    finding->zone = (struct gw_name){0};
    finding->transport_facts = (struct gw_finding_transport){.fit = fit,
        .leg = GW_LEG_UPSTREAM,
        .has_query = true,
        .rtt_ns = 5000000,
        .query_id = 4660,
        .query_frame = 6190,
        .wrong_count = 400,
        .usual_ip_ttl = 52,
        .usual_rtt_ns = 80000000};
}

static void
set_rival(struct gw_finding *finding)
{
    finding->cut = gw_sample_name("foo.example");
    finding->zone = gw_sample_name("example");
    finding->transport_facts.has_rival = true;
    finding->transport_facts.rival_ip_ttl = 52;
    finding->transport_facts.rival_class = GW_CLASS_ANSWER;
    finding->transport_facts.rival_ns = finding->trigger_ns - 75000000;
    finding->transport_facts.rival_frame = 6195;
}

static void
set_fragments(struct gw_finding *finding)
{
    finding->cut = gw_sample_name("foo.example");
    finding->zone = gw_sample_name("example");
    finding->facts |= GW_FACT_FRAGMENTED;
    finding->transport_facts.fragment_count = 2;
    finding->transport_facts.fragment_from = 1;
    finding->transport_facts.fragment_frame = 6199;
}

/* Findings of the kinds about races and transport. */
static bool
sample_race(enum gw_kind kind, struct gw_finding *finding)
{
    switch ((int)kind) {
    case GW_KIND_RESP_UNSOLICITED:
        set_way(finding, GW_FIT_UNSOLICITED, "port-spray");
        finding->transport_facts.port_count = 1200;
        return true;
    case GW_KIND_RESP_TXID_BURST:
        set_way(finding, GW_FIT_WRONG_ID, "burst");
        return true;
    case GW_KIND_RESP_DOUBLE_CONFLICT:
        finding->severity = GW_HIGH;
        set_way(finding, GW_FIT_SECOND, "addresses");
        set_rival(finding);
        set_addresses(finding, "192.0.2.11", "198.51.100.66");
        return true;
    case GW_KIND_RESP_CASE_MISMATCH:
        set_way(finding, GW_FIT_FIRST, "break");
        return true;
    case GW_KIND_RESP_WRONG_SOURCE:
        set_way(finding, GW_FIT_WRONG_SOURCE, NULL);
        finding->transport_facts.asked = gw_sample_addr("192.0.2.9");
        return true;
    case GW_KIND_RESP_FRAGMENT_GLUE:
        set_way(finding, GW_FIT_FIRST, "conflict");
        set_fragments(finding);
        set_addresses(finding, "192.0.2.11", "198.51.100.66");
        return true;
    case GW_KIND_RESP_BAD_CHECKSUM:
        finding->severity = GW_INFO;
        set_way(finding, GW_FIT_FIRST, NULL);
        return true;
    case GW_KIND_RESP_PATH_OUTLIER:
        set_way(finding, GW_FIT_FIRST, NULL);
        return true;
    default:
        return false;
    }
}

/* Samples of the kinds in this part of the list; false for others. */
static bool
sample_structure(enum gw_kind kind, struct gw_finding *finding)
{
    switch ((int)kind) {
    case GW_KIND_REFERRAL_UPWARD:
        set_told_names(finding, "known-servers");
        finding->class = GW_CLASS_UPWARD;
        finding->cut = gw_sample_name("");
        finding->zone = gw_sample_name("foo.example");
        break;
    case GW_KIND_REFERRAL_SIDEWAYS:
        set_told_names(finding, "foreign");
        finding->class = GW_CLASS_SIDEWAYS;
        finding->cut = gw_sample_name("bar.test");
        break;
    case GW_KIND_DELEGATION_NOT_SERVED:
        finding->variant = "refused";
        finding->class = GW_CLASS_ERROR;
        break;
    case GW_KIND_CUT_OVERLAP:
        set_told_names(finding, "several-owners");
        finding->class = GW_CLASS_MULTI_CUT;
        finding->name = gw_sample_name("example");
        break;
    case GW_KIND_NS_TARGET_INVALID:
        finding->variant = "address-like";
        finding->name = gw_sample_name("192.0.2.99");
        break;
    case GW_KIND_NS_FANOUT:
        set_told_names(finding, "query-burst");
        finding->set[0].member_total = 60;
        break;
    case GW_KIND_PROMISCUOUS_NS:
        set_names(finding);
        finding->variant = "negative";
        finding->class = GW_CLASS_NEGATIVE;
        break;
    default:
        return false;
    }
    return true;
}

/* Samples of the kinds in this part of the list; false for others. */
static bool
sample_truth(enum gw_kind kind, struct gw_finding *finding)
{
    switch ((int)kind) {
    case GW_KIND_PARENT_CHILD_MISMATCH:
        finding->variant = "addr";
        set_addresses(finding, "192.0.2.11", "198.51.100.66");
        break;
    case GW_KIND_GHOST_DELEGATION:
        finding->variant = "denied";
        finding->baseline_s = 3 * 86400.0;
        set_names(finding);
        finding->set[0].name_count = 0;
        finding->set[0].member_total = 0;
        finding->set[0].server_count = 1;
        break;
    case GW_KIND_GLUE_ORPHAN:
        finding->severity = GW_LOW;
        finding->variant = "abandoned";
        finding->delegation_count = 3;
        set_addresses(finding, NULL, NULL);
        (void)add_set(finding, GW_SET_CONTRARY);
        finding->name = gw_sample_name("ns9.gone.example");
        finding->cut = gw_sample_name("gone.example");
        finding->family = 0;
        break;
    case GW_KIND_SUSPECT_GLUE_FOLLOWED:
        finding->severity = GW_HIGH;
        set_addresses(finding, "192.0.2.11", "198.51.100.66");
        finding->class = GW_CLASS_QUERY;
        finding->server = gw_sample_addr("198.51.100.66");
        finding->trigger_ns += 2 * GW_NS_PER_S;
        break;
    case GW_KIND_POISONED_ANSWER_SUSPECTED:
        finding->severity = GW_CRITICAL;
        set_addresses(finding, "192.0.2.80", "198.51.100.80");
        finding->name = (struct gw_name){0};
        finding->class = GW_CLASS_RECURSIVE_ANSWER;
        finding->server = gw_sample_addr("198.18.3.53");
        finding->resolver_port = 0;
        finding->set[0].server_count = 1;
        break;
    case GW_KIND_ROOT_MISMATCH:
        finding->severity = GW_CRITICAL;
        finding->variant = "address";
        set_addresses(finding, "198.41.0.4", "198.51.100.66");
        finding->name = gw_sample_name("a.root-servers.net");
        finding->cut = gw_sample_name("");
        finding->zone = gw_sample_name("");
        break;
    case GW_KIND_REFERENCE_MISMATCH:
        finding->severity = GW_HIGH;
        finding->variant = "ns-set";
        finding->caveats = GW_CAVEAT_STALE_REFERENCE;
        set_names(finding);
        break;
    default:
        return false;
    }
    return true;
}

void
gw_sample_finding(enum gw_kind kind, struct gw_finding *ret_finding)
{
    struct gw_finding *finding = ret_finding;

    set_common(finding, kind);
    if (sample_race(kind, finding) || sample_structure(kind, finding) ||
        sample_truth(kind, finding))
        return;
    switch ((int)kind) {
    case GW_KIND_GLUE_ADDR_CONFLICT:
        finding->severity = GW_HIGH;
        finding->split = GW_SPLIT_RESOLVER;
        set_addresses(finding, "192.0.2.11", "198.51.100.66");
        break;
    case GW_KIND_GLUE_ADDR_MINORITY:
        finding->split = GW_SPLIT_RESOLVER;
        set_addresses(finding, "2001:db8::11", "2001:db8:bad:cafe:1234:5678:9abc:def0");
        finding->family = 6;
        finding->caveats = GW_CAVEAT_SHORT_BASELINE | GW_CAVEAT_RESPONSES_ONLY;
        break;
    case GW_KIND_GLUE_CHANGED_AFTER_STABLE:
        set_addresses(finding, "192.0.2.11", "198.51.100.66");
        break;
    case GW_KIND_GLUE_BOGON:
        finding->severity = GW_LOW;
        finding->block = "10.0.0.0/8 (RFC 1918)";
        set_addresses(finding, NULL, "10.1.2.3");
        break;
    case GW_KIND_GLUE_LOOPBACK:
        finding->severity = GW_CRITICAL;
        finding->block = "0.0.0.0/8 (RFC 1122)";
        set_addresses(finding, "192.0.2.11", "0.0.0.0");
        break;
    case GW_KIND_GLUE_UNRELATED:
        set_addresses(finding, NULL, "198.51.100.66");
        finding->name = gw_sample_name("ns.bank.test");
        break;
    case GW_KIND_GLUE_UNREFERENCED:
        set_addresses(finding, NULL, "198.51.100.66");
        finding->name = gw_sample_name("www.bank.test");
        finding->caveats = GW_CAVEAT_ZONE_UNKNOWN;
        finding->zone = (struct gw_name){0};
        break;
    case GW_KIND_NS_SET_DIVERGENCE:
        finding->split = GW_SPLIT_SERVER;
        set_names(finding);
        break;
    case GW_KIND_NS_SET_CHANGED:
        set_names(finding);
        break;
    case GW_KIND_REQUIRED_GLUE_MISSING:
        finding->severity = GW_INFO;
        set_addresses(finding, NULL, NULL);
        (void)add_set(finding, GW_SET_CONTRARY);
        break;
    case GW_KIND_GLUE_ADDR_FLAP:
    case GW_KIND_GLUE_FANIN_SURGE:
        set_addresses(finding, "192.0.2.11", "198.51.100.66");
        break;
    case GW_KIND_GLUE_TTL_OUTLIER:
        finding->severity = GW_LOW;
        set_addresses(finding, NULL, "198.51.100.66");
        finding->set[0].ttl_max_s = 604800;
        break;
    default:
        assert(false);
        break;
    }
}

/* What hostile names are made of; each is repeated until the name is as long as it can be. */
static const struct {
    const char *octets;
    size_t len;
} nasty[GW_SAMPLE_NASTY_COUNT] = {
    {"\n", 1},
    {"\033[2J\033]0;x\007", 11},
    {"\0", 1},
    {"\"'`", 3},
    {"</script>", 9},
    {"${jndi:ldap://x}", 16},
    {"%n%s%x", 6},
    {"|=,;", 4},
    {"\\", 1},
    {"\342\200\250", 3},         /* U+2028 LINE SEPARATOR in UTF-8 */
    {"\342\200\256txt.exe", 10}, /* U+202E RIGHT-TO-LEFT OVERRIDE */
    {"\377\376\200", 3},         /* no UTF-8 at all */
    {".", 1},
    {" \t\r\v\f\b\177", 7},
    {"@$();", 5},
    {"a", 1},
};

void
gw_sample_nasty_name(uint32_t variant, uint8_t salt, struct gw_name *ret_name)
{
    static const uint8_t labels[] = {63, 63, 63, 61};
    struct gw_name name = {0};
    size_t next = 0;

    assert(variant < GW_SAMPLE_NASTY_COUNT);
    for (size_t i = 0; i < sizeof(labels); i++) {
        name.wire[name.len++] = labels[i];
        for (size_t j = 0; j < labels[i]; j++)
            name.wire[name.len++] = (uint8_t)nasty[variant].octets[next++ % nasty[variant].len];
    }
    name.wire[1] = salt; /* so that the names of a set differ */
    name.wire[name.len++] = 0;
    *ret_name = name;
}

static void
fill_set(struct gw_finding_set *set, uint32_t variant)
{
    set->address_count = set->name_count > 0 ? 0 : GW_FINDING_MEMBERS_MAX;
    set->name_count = set->name_count > 0 ? GW_FINDING_MEMBERS_MAX : 0;
    set->member_total = 4000000000u;
    set->group_count = UINT32_MAX;
    set->server_count = UINT32_MAX;
    set->ttl_max_s = INT32_MAX;
    set->witness_count = GW_FINDING_WITNESSES_MAX;
    set->witness_total = UINT32_MAX;
    for (uint32_t i = 0; i < GW_FINDING_MEMBERS_MAX; i++) {
        set->address[i] = gw_sample_addr("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff");
        set->address[i].octet[5] = (uint8_t)(0x80 + i);
        gw_sample_nasty_name(variant, (uint8_t)i, &set->name[i]);
    }
    for (uint32_t i = 0; i < GW_FINDING_WITNESSES_MAX; i++)
        set->witness[i] = (struct gw_witness){
            .resolver = gw_sample_addr("2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff"),
            .server = gw_sample_addr("2001:db8:1111:2222:3333:4444:5555:6666"),
            .first_ns = INT64_MIN,
            .last_ns = INT64_MAX,
            .count = UINT32_MAX,
            .frame = (uint64_t)INT64_MAX - i,
            .input = i % 2};
}

void
gw_sample_nasty(enum gw_kind kind, uint32_t variant, struct gw_finding *ret_finding)
{
    struct gw_finding *finding = ret_finding;

    gw_sample_finding(kind, finding);
    gw_sample_nasty_name(variant, 'c', &finding->cut);
    gw_sample_nasty_name(variant, 'n', &finding->name);
    gw_sample_nasty_name(variant, 'z', &finding->zone);
    gw_sample_nasty_name(variant, 'q', &finding->qname);
    finding->caveats = UINT32_MAX;
    finding->facts = UINT32_MAX;
    finding->message_count = INT64_MAX; /* JSON readers often know no more */
    finding->frame = INT64_MAX;
    finding->trigger_ns = INT64_MIN;
    finding->first_ns = INT64_MIN;
    finding->last_ns = INT64_MAX;
    finding->baseline_s = 1e300;
    finding->qtype = 65535;
    finding->term_count = GW_TERMS_MAX;
    for (uint32_t i = 0; i < GW_TERMS_MAX; i++)
        finding->term[i] = (struct gw_term){"resolvers", -1e5, GW_CHANNEL_CONTENT};
    for (uint32_t i = 0; i < finding->set_count; i++)
        fill_set(&finding->set[i], variant);
}

static const struct gw_input inputs[] = {
    {.path = "captures/resolver-side.pcapng",
        .format = "pcapng",
        .compression = "zstd",
        .packets = 1000,
        .filtered = 3,
        .first_ns = START_NS,
        .last_ns = START_NS + 3600 * GW_NS_PER_S},
    {.path = "captures/odd\nname\033[31m \"\342\200\256.pcap",
        .format = "pcap",
        .compression = "none",
        .packets = 234,
        .first_ns = START_NS + 3600 * GW_NS_PER_S,
        .last_ns = START_NS + 7200 * GW_NS_PER_S,
        .damage = {true, 235, 65536, "record runs past the end of the file"}},
};

void
gw_sample_stats(struct gw_stats *ret_stats, struct gw_source *ret_source)
{
    struct gw_stats *stats = ret_stats;

    *ret_source = (struct gw_source){.input_count = GW_ARRAY_LEN(inputs), .input = inputs};
    *stats = (struct gw_stats){.first_ns = START_NS,
        .last_ns = START_NS + 7200 * GW_NS_PER_S,
        .input_count = GW_ARRAY_LEN(inputs),
        .input = inputs,
        .lab_profile = true,
        .filter = "port 53 and not host \"x\"",
        .elapsed_ns = 123456789};
    stats->packet = (struct gw_packet_stats){.seen = 1234,
        .parsed = 1000,
        .tagged = 3,
        .fragments = 12,
        .snapped = 7,
        .ip4 = 800,
        .ip6 = 190,
        .udp = 970,
        .tcp = 20,
        .encrypted = 41};
    stats->packet.skipped[GW_FILTERED] = 3;
    stats->packet.skipped[GW_NOT_DNS_PORT] = 200;
    stats->packet.skipped[GW_TCP_NO_DATA] = 31;
    stats->message = (struct gw_message_stats){.seen = 990,
        .queries = 500,
        .responses = 490,
        .referral_shaped = 300,
        .tc = 4,
        .aa = 100,
        .udp = 970,
        .tcp = 20};
    stats->message.classes[GW_CLASS_QUERY] = 500;
    stats->message.classes[GW_CLASS_REFERRAL] = 300;
    stats->message.classes[GW_CLASS_ANSWER] = 187;
    stats->message.classes[GW_CLASS_MALFORMED] = 3;
    stats->message.malformed[GW_LABEL_TYPE] = 1;
    stats->message.malformed[GW_NAME_CUT] = 2;
    stats->message.notes[GW_RR_DUPLICATE] = 5;
    stats->table = (struct gw_table_stats){.delegations = 120,
        .name_servers = 250,
        .witnesses = 900,
        .resolver_groups = 5,
        .servers = 4,
        .inserted = 121,
        .evicted = 1,
        .repeats = 100,
        .observations = 200,
        .memory_octets = 1 << 20,
        .memory_budget = 512 << 20,
        .zone_known = 117,
        .zone_unknown = 3};
    stats->finding = (struct gw_finding_stats){.raised = 20 + GW_KIND_COUNT,
        .emitted = GW_KIND_COUNT,
        .aggregated = 18,
        .suppressed_low = 2};
    for (uint32_t i = 0; i < GW_KIND_COUNT; i++) {
        struct gw_finding finding;

        gw_sample_finding((enum gw_kind)i, &finding);
        stats->finding.by_kind[i]++;
        stats->finding.by_severity[finding.severity]++;
    }
}

static struct gw_observation_name
observe_name(struct gw_observation *seen, const char *text)
{
    const struct gw_name name = gw_sample_name(text);
    const struct gw_observation_name observed = {.off = seen->names_len, .len = name.len};

    memcpy(seen->names + seen->names_len, name.wire, name.len);
    seen->names_len = (uint16_t)(seen->names_len + name.len);
    return observed;
}

void
gw_sample_referral(struct gw_observation *ret_seen)
{
    struct gw_observation *seen = ret_seen;

    *seen = (struct gw_observation){.kind = GW_OBSERVATION_DELEGATION,
        .class = GW_CLASS_DELEGATION,
        .facts = GW_FACT_NS | GW_FACT_UNDER_CUT | GW_FACT_OPT,
        .time_ns = START_NS,
        .frame = 7,
        .input = 0,
        .server = gw_sample_addr("192.0.2.1"),
        .resolver = gw_sample_addr("198.18.1.53"),
        .server_port = 53,
        .resolver_port = 40000,
        .qtype = 28,
        .target_count = 2,
        .glue_count = 3,
        .stray_count = 1,
        .target_total = 2,
        .glue_total = 3};
    seen->cut = observe_name(seen, "foo.example");
    seen->qname = observe_name(seen, "www.foo.example");
    seen->target[0] = (struct gw_observation_target){.name = observe_name(seen, "ns1.foo.example"),
        .ttl_s = 3600,
        .in_domain = true,
        .has_a = true};
    seen->target[1] =
        (struct gw_observation_target){.name = observe_name(seen, "ns2.bar.test"), .ttl_s = 3600};
    seen->stray[0] = observe_name(seen, "www.bank.test");
    seen->glue[0] = (struct gw_observation_glue){
        .addr = gw_sample_addr("192.0.2.11"), .ttl_s = 3600, .target = 0};
    seen->glue[1] = (struct gw_observation_glue){
        .addr = gw_sample_addr("2001:db8::11"), .ttl_s = 3600, .target = 0};
    seen->glue[2] = (struct gw_observation_glue){
        .addr = gw_sample_addr("198.51.100.66"), .ttl_s = 60, .target = GW_NO_TARGET};
}

static void
concern_many(struct gw_incident *incident)
{
    static const char *const cuts[] = {"foo.example", "bar.example", "x.example"};

    incident->delegation_total = 214;
    for (uint32_t i = 0; i < GW_ARRAY_LEN(cuts); i++)
        incident->cuts[incident->cut_count++] = gw_sample_name(cuts[i]);
}

void
gw_sample_incident(enum gw_family family, struct gw_incident *ret_incident)
{
    static const enum gw_scope scopes[GW_FAMILY_COUNT] = {[GW_FAMILY_POISON_RACE] = GW_SCOPE_HOST,
        [GW_FAMILY_PATH_INJECTION] = GW_SCOPE_RESOLVER,
        [GW_FAMILY_DELEGATION_HIJACK] = GW_SCOPE_ADDRESS,
        [GW_FAMILY_MISCONFIG] = GW_SCOPE_PARENT,
        [GW_FAMILY_RESOLVER_DOS] = GW_SCOPE_CUT};

    *ret_incident = (struct gw_incident){
        .id = {0xca, 0xfe, 0xca, 0xfe, 5},
        .sequence = 1,
        .family = family,
        .scope = scopes[family],
        .state = GW_INCIDENT_OPEN,
        .severity = family == GW_FAMILY_POISON_RACE ? GW_CRITICAL : GW_MEDIUM,
        .confidence = 0.99,
        .prior = -4.0,
        .channel = {2.1, 3.5, 2.0, 0.0, 3.0},
        .kinds = 1ull << GW_KIND_GLUE_ADDR_MINORITY | 1ull << GW_KIND_RESP_TXID_BURST,
        .zone = gw_sample_name("example"),
        .cut = gw_sample_name("foo.example"),
        .name = gw_sample_name("ns1.foo.example"),
        .server = gw_sample_addr("192.0.2.1"),
        .resolver = gw_sample_addr("198.18.3.53"),
        .address = gw_sample_addr("198.51.100.66"),
        .opened_ns = START_NS + 40000000,
        .first_ns = START_NS,
        .last_ns = START_NS + 3600 * GW_NS_PER_S,
        .finding_total = 2,
        .finding_count = 2,
        .finding = {{1}, {2}},
        .delegation_total = 1,
        .resolver_total = 1,
        .resolver_count = 1,
        .resolvers = {gw_sample_addr("198.18.3.53")},
    };
    ret_incident->id[15] = (uint8_t)family;
    if (scopes[family] == GW_SCOPE_PARENT || scopes[family] == GW_SCOPE_ADDRESS)
        concern_many(ret_incident);
}

void
gw_sample_nasty_incident(enum gw_family family, uint32_t variant, struct gw_incident *ret_incident)
{
    gw_sample_incident(family, ret_incident);
    ret_incident->scope = (enum gw_scope)(variant % (GW_SCOPE_ADDRESS + 1u));
    ret_incident->state = GW_INCIDENT_CLOSED;
    ret_incident->reason = GW_CLOSED_RESOLVED;
    ret_incident->closed_ns = INT64_MAX;
    ret_incident->delegation_total = UINT64_MAX / 2;
    ret_incident->caveats = 0xff;
    ret_incident->watched = true;
    gw_sample_nasty_name(variant, 1, &ret_incident->zone);
    gw_sample_nasty_name(variant, 2, &ret_incident->cut);
    gw_sample_nasty_name(variant, 3, &ret_incident->name);
    ret_incident->cut_count = GW_INCIDENT_CUTS_MAX;
    for (uint32_t i = 0; i < GW_INCIDENT_CUTS_MAX; i++)
        gw_sample_nasty_name(variant, (uint8_t)(i + 10), &ret_incident->cuts[i]);
    ret_incident->resolver_count = GW_INCIDENT_RESOLVERS_MAX;
    for (uint32_t i = 0; i < GW_INCIDENT_RESOLVERS_MAX; i++) {
        ret_incident->resolvers[i] = gw_sample_addr("2001:db8:ffff:ffff:ffff:ffff:ffff:0");
        ret_incident->resolvers[i].octet[15] = (uint8_t)i;
    }
    ret_incident->finding_count = GW_INCIDENT_FINDINGS_MAX;
    for (uint32_t i = 0; i < GW_INCIDENT_FINDINGS_MAX; i++)
        ret_incident->finding[i][0] = (uint8_t)(i + 1);
}
