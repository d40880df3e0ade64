/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Findings as JSON Lines in the shape of the Elastic Common Schema 9.4, ours under gluewatch.*; the
 * shape is laid down in report/schema/finding-1.schema.json. The resolver asked, so it is the
 * source, and the server is the destination, although the packet that shows it went the other way.
 */
#include "report/ecs.h"
#include "report/format.h"
#include "report/frames.h"
#include "report/json_dns.h"
#include "report/mnemonic.h"
#include "report/sentence.h"
#include "report/stats.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define RULE_VERSION "1"

/* Names of a finding that may be told again as related: its own five and those of its sets. */
#define HOSTS_MAX (5u + GW_FINDING_SETS_MAX * GW_FINDING_MEMBERS_MAX)

/* Addresses likewise: both ends, the members of its sets and both ends of their witnesses. */
#define ADDRESSES_MAX \
    (2u + GW_FINDING_SETS_MAX * (GW_FINDING_MEMBERS_MAX + 2u * GW_FINDING_WITNESSES_MAX))

/* Names of the techniques in the list of kinds (MITRE ATT&CK 17, Enterprise). */
static const struct {
    const char *id;
    const char *name;
    const char *parent; /* "" unless it is a sub-technique */
} techniques[] = {
    {"T1557", "Adversary-in-the-Middle", ""},
    {"T1499", "Endpoint Denial of Service", ""},
    {"T1584", "Compromise Infrastructure", ""},
    {"T1584.001", "Domains", "T1584"},
    {"T1584.002", "DNS Server", "T1584"},
};

/* The input that a frame is of: its index, and its path when that is known. */
static void
put_input(struct gw_json *json, const struct gw_sink *sink, uint32_t input)
{
    const char *path = gw_sink_input_path(sink, input);

    gw_json_put_u64(json, "input", input);
    if (path != NULL)
        gw_json_put_string(json, "file", path);
}

static void
write_event(struct gw_json *json, const struct gw_finding *finding)
{
    const struct gw_text_kind *kind = gw_text_kind(finding->kind);
    const uint32_t severity = gw_ecs_severity(finding->severity);
    char id[GW_ECS_ID_SIZE];

    gw_json_put_object(json, "event");
    gw_ecs_event(json, "alert", true, "gluewatch.finding");
    gw_json_put_string(json, "action", kind->name);
    gw_json_put_string(json, "code", kind->name);
    gw_json_put_string(json, "id", gw_ecs_id(finding->id, id));
    gw_json_put_u64(json, "sequence", finding->sequence);
    gw_json_put_time(json, "start", finding->first_ns);
    gw_json_put_time(json, "end", finding->last_ns);
    gw_json_put_u64(json, "severity", severity);
    gw_json_put_fixed(json, "risk_score", severity * finding->confidence, 1);
    gw_json_object_end(json);
}

static void
write_rule(struct gw_json *json, const struct gw_text_kind *kind)
{
    gw_json_put_object(json, "rule");
    gw_json_put_string(json, "id", kind->name);
    gw_json_put_string(json, "name", kind->title);
    gw_json_put_string(json, "version", RULE_VERSION);
    gw_json_put_string(json, "category", "dns-glue");
    gw_json_put_string(json, "ruleset", "gluewatch-builtin");
    gw_json_object_end(json);
}

static const char *
technique_name(const char *id)
{
    for (size_t i = 0; i < GW_ARRAY_LEN(techniques); i++) {
        if (strcmp(techniques[i].id, id) == 0)
            return techniques[i].name;
    }
    return NULL;
}

static void
put_technique(struct gw_json *json, const char *id)
{
    const char *name = technique_name(id);

    gw_json_put_array(json, "id");
    gw_json_string(json, id);
    gw_json_array_end(json);
    if (name != NULL) {
        gw_json_put_array(json, "name");
        gw_json_string(json, name);
        gw_json_array_end(json);
    }
}

/* ECS holds a sub-technique below its technique. */
static void
write_threat(struct gw_json *json, const struct gw_text_kind *kind)
{
    const char *dot = strchr(kind->technique, '.');
    char parent[16];

    if (kind->technique[0] == '\0')
        return;
    (void)snprintf(parent, sizeof(parent), "%.*s",
        (int)(dot != NULL ? dot - kind->technique : (ptrdiff_t)strlen(kind->technique)),
        kind->technique);
    gw_json_put_object(json, "threat");
    gw_json_put_string(json, "framework", "MITRE ATT&CK");
    gw_json_put_object(json, "technique");
    put_technique(json, parent);
    if (dot != NULL) {
        gw_json_put_object(json, "subtechnique");
        put_technique(json, kind->technique);
        gw_json_object_end(json);
    }
    gw_json_object_end(json);
    gw_json_object_end(json);
}

/*
 * A finding that more than one message led to may stand for an earlier one, of which the addresses
 * and the frame are known, but no longer the question, the ports and the transport.
 */
static bool
knows_message(const struct gw_finding *finding)
{
    return finding->qname.len > 0;
}

static void
write_endpoints(struct gw_json *json, const struct gw_finding *finding)
{
    gw_json_put_object(json, "source");
    gw_json_put_addr(json, "ip", &finding->resolver);
    gw_json_put_addr(json, "address", &finding->resolver);
    if (knows_message(finding))
        gw_json_put_u64(json, "port", finding->resolver_port);
    gw_json_object_end(json);
    gw_json_put_object(json, "destination");
    gw_json_put_addr(json, "ip", &finding->server);
    gw_json_put_addr(json, "address", &finding->server);
    if (knows_message(finding))
        gw_json_put_u64(json, "port", finding->server_port);
    gw_json_object_end(json);
}

static void
write_network(struct gw_json *json, const struct gw_finding *finding)
{
    gw_json_put_object(json, "network");
    if (knows_message(finding)) {
        gw_json_put_string(json, "transport", gw_text_transport(finding->transport));
        gw_json_put_string(
            json, "iana_number", finding->transport == GW_TRANSPORT_TCP ? "6" : "17");
    }
    gw_json_put_string(json, "type", finding->server.family == 6 ? "ipv6" : "ipv4");
    gw_json_put_string(json, "protocol", "dns");
    gw_json_object_end(json);
}

static void
write_dns(struct gw_json *json, const struct gw_finding *finding)
{
    char type[GW_TEXT_TYPE_SIZE];
    char id[8];

    (void)snprintf(id, sizeof(id), "%u", finding->id_dns);
    gw_json_put_object(json, "dns");
    gw_json_put_string(json, "type", "answer");
    if (knows_message(finding)) {
        gw_json_put_string(json, "id", id);
        gw_json_put_object(json, "question");
        gw_json_put_name(json, "name", &finding->qname);
        gw_json_put_string(json, "type", gw_text_type(finding->qtype, type));
        gw_json_put_string(json, "class", "IN");
        gw_json_object_end(json);
    }
    gw_json_object_end(json);
}

/* What was told once in this line. */
struct related {
    uint32_t host_count, address_count;
    const struct gw_name *host[HOSTS_MAX];
    const struct gw_addr *address[ADDRESSES_MAX];
};

static void
relate_name(struct related *related, const struct gw_name *name)
{
    if (name->len <= 1) /* absent, or the root */
        return;
    for (uint32_t i = 0; i < related->host_count; i++) {
        if (related->host[i]->len == name->len &&
            memcmp(related->host[i]->wire, name->wire, name->len) == 0)
            return;
    }
    assert(related->host_count < HOSTS_MAX);
    related->host[related->host_count++] = name;
}

static void
relate_addr(struct related *related, const struct gw_addr *addr)
{
    if (addr->family == 0)
        return;
    for (uint32_t i = 0; i < related->address_count; i++) {
        if (related->address[i]->family == addr->family &&
            memcmp(related->address[i]->octet, addr->octet, sizeof(addr->octet)) == 0)
            return;
    }
    assert(related->address_count < ADDRESSES_MAX);
    related->address[related->address_count++] = addr;
}

static void
relate_set(struct related *related, const struct gw_finding_set *set)
{
    for (uint32_t i = 0; i < set->address_count; i++)
        relate_addr(related, &set->address[i]);
    for (uint32_t i = 0; i < set->name_count; i++)
        relate_name(related, &set->name[i]);
    for (uint32_t i = 0; i < set->witness_count; i++) {
        relate_addr(related, &set->witness[i].resolver);
        relate_addr(related, &set->witness[i].server);
    }
}

static void
write_related(struct gw_json *json, const struct gw_finding *finding)
{
    struct related related = {0};

    relate_addr(&related, &finding->resolver);
    relate_addr(&related, &finding->server);
    relate_name(&related, &finding->cut);
    relate_name(&related, &finding->name);
    relate_name(&related, &finding->qname);
    relate_name(&related, &finding->zone);
    for (uint32_t i = 0; i < finding->set_count; i++)
        relate_set(&related, &finding->set[i]);

    gw_json_put_object(json, "related");
    gw_json_put_array(json, "ip");
    for (uint32_t i = 0; i < related.address_count; i++)
        gw_json_addr(json, related.address[i]);
    gw_json_array_end(json);
    gw_json_put_array(json, "hosts");
    for (uint32_t i = 0; i < related.host_count; i++)
        gw_json_wire(json, related.host[i]->wire, related.host[i]->len);
    gw_json_array_end(json);
    gw_json_object_end(json);
}

static void
write_terms(struct gw_json *json, const struct gw_finding *finding)
{
    gw_json_put_array(json, "terms");
    for (uint32_t i = 0; i < finding->term_count; i++) {
        gw_json_object_begin(json);
        gw_json_put_string(json, "name", finding->term[i].name);
        gw_json_put_fixed(json, "points", finding->term[i].points, 3);
        gw_json_put_string(json, "channel", gw_text_channel(finding->term[i].channel));
        gw_json_object_end(json);
    }
    gw_json_array_end(json);
}

static void
write_delegation(struct gw_json *json, const struct gw_finding *finding)
{
    gw_json_put_object(json, "delegation");
    gw_json_put_name(json, "zone", &finding->zone);
    gw_json_put_name(json, "cut", &finding->cut);
    gw_json_put_name(json, "name_server", &finding->name);
    if (finding->family == 4 || finding->family == 6)
        gw_json_put_string(json, "family", finding->family == 6 ? "ipv6" : "ipv4");
    if (finding->block != NULL)
        gw_json_put_string(json, "block", finding->block);
    gw_json_object_end(json);
}

static void
write_witness(struct gw_json *json, const struct gw_sink *sink, const struct gw_witness *witness)
{
    gw_json_object_begin(json);
    gw_json_put_addr(json, "resolver", &witness->resolver);
    gw_json_put_addr(json, "server", &witness->server);
    gw_json_put_time(json, "first", witness->first_ns);
    gw_json_put_time(json, "last", witness->last_ns);
    gw_json_put_u64(json, "count", witness->count);
    gw_json_put_u64(json, "frame", witness->frame);
    put_input(json, sink, witness->input);
    gw_json_object_end(json);
}

static void
write_set(struct gw_json *json, const struct gw_sink *sink, const struct gw_finding_set *set)
{
    gw_json_object_begin(json);
    gw_json_put_string(json, "role", gw_text_role(set->role));
    gw_json_put_array(json, "addresses");
    for (uint32_t i = 0; i < set->address_count; i++)
        gw_json_addr(json, &set->address[i]);
    gw_json_array_end(json);
    gw_json_put_array(json, "names");
    for (uint32_t i = 0; i < set->name_count; i++)
        gw_json_wire(json, set->name[i].wire, set->name[i].len);
    gw_json_array_end(json);
    gw_json_put_u64(json, "members", set->member_total);
    gw_json_put_u64(json, "ttl_min", set->ttl_min_s);
    gw_json_put_u64(json, "ttl_max", set->ttl_max_s);
    gw_json_put_u64(json, "groups", set->group_count);
    gw_json_put_u64(json, "servers", set->server_count);
    gw_json_put_u64(json, "witness_total", set->witness_total);
    gw_json_put_array(json, "witnesses");
    for (uint32_t i = 0; i < set->witness_count; i++)
        write_witness(json, sink, &set->witness[i]);
    gw_json_array_end(json);
    gw_json_object_end(json);
}

static void
write_trigger(struct gw_json *json, const struct gw_sink *sink, const struct gw_finding *finding)
{
    gw_json_put_object(json, "trigger");
    gw_json_put_string(json, "class", gw_text_class(finding->class));
    if (knows_message(finding))
        gw_json_put_bits(json, "facts", finding->facts, gw_text_fact);
    gw_json_put_u64(json, "frame", finding->frame);
    put_input(json, sink, finding->input);
    if (knows_message(finding))
        gw_json_put_u64(json, "ip_ttl", finding->ip_ttl);
    gw_json_object_end(json);
}

/* Frame numbers mean something within one file only: one entry for each input. */
static void
write_evidence(struct gw_json *json, const struct gw_sink *sink, const struct gw_finding *finding)
{
    struct gw_text_frame frames[GW_TEXT_FRAMES_MAX];
    const uint32_t count = gw_text_frames(finding, frames);
    uint32_t start = 0;

    gw_json_put_array(json, "evidence");
    while (start < count) {
        const uint32_t same = gw_text_frames_of_input(frames + start, count - start);
        char filter[GW_TEXT_FILTER_SIZE];
        struct gw_text text;

        gw_json_object_begin(json);
        put_input(json, sink, frames[start].input);
        gw_json_put_array(json, "frames");
        for (uint32_t i = start; i < start + same; i++)
            gw_json_u64(json, frames[i].number);
        gw_json_array_end(json);
        gw_text_init(&text, filter, sizeof(filter));
        gw_text_frame_filter(&text, frames + start, same);
        gw_json_put_string(json, "display_filter", filter);
        gw_json_object_end(json);
        start += same;
    }
    gw_json_array_end(json);
}

/* How the message travelled: what is known beyond what every finding has. */
static void
write_rival(
    struct gw_json *json, const struct gw_sink *sink, const struct gw_finding_transport *way)
{
    if (!way->has_rival)
        return;
    gw_json_put_object(json, "rival");
    gw_json_put_string(json, "class", gw_text_class(way->rival_class));
    gw_json_put_time(json, "time", way->rival_ns);
    gw_json_put_u64(json, "frame", way->rival_frame);
    put_input(json, sink, way->rival_input);
    gw_json_put_u64(json, "ip_ttl", way->rival_ip_ttl);
    gw_json_object_end(json);
}

static void
write_transport(
    struct gw_json *json, const struct gw_sink *sink, const struct gw_finding_transport *way)
{
    gw_json_put_object(json, "transport");
    gw_json_put_string(json, "fit", gw_text_fit(way->fit));
    gw_json_put_string(json, "leg", gw_text_leg(way->leg));
    if (way->has_query) {
        gw_json_put_object(json, "query");
        gw_json_put_u64(json, "id", way->query_id);
        gw_json_put_u64(json, "frame", way->query_frame);
        put_input(json, sink, way->query_input);
        gw_json_put_fixed(json, "rtt_ms", (double)way->rtt_ns / 1e6, 3);
        gw_json_object_end(json);
    }
    write_rival(json, sink, way);
    if (way->wrong_count != 0)
        gw_json_put_u64(json, "wrong", way->wrong_count);
    if (way->port_count != 0)
        gw_json_put_u64(json, "ports", way->port_count);
    if (way->usual_ip_ttl != 0)
        gw_json_put_u64(json, "usual_ip_ttl", way->usual_ip_ttl);
    if (way->usual_rtt_ns != 0)
        gw_json_put_fixed(json, "usual_rtt_ms", (double)way->usual_rtt_ns / 1e6, 3);
    gw_json_put_addr(json, "asked", &way->asked);
    if (way->fragment_count != 0) {
        gw_json_put_object(json, "fragments");
        gw_json_put_u64(json, "count", way->fragment_count);
        if (way->fragment_frame != 0) {
            gw_json_put_u64(json, "from", way->fragment_from);
            gw_json_put_u64(json, "frame", way->fragment_frame);
        }
        gw_json_object_end(json);
    }
    gw_json_object_end(json);
}

static bool
is_of_incident(const struct gw_finding *finding)
{
    static const uint8_t none[16];

    return memcmp(finding->incident, none, sizeof(none)) != 0;
}

/* What came to be known of it beside its own proof. */
static void
write_context(struct gw_json *json, const struct gw_finding *finding)
{
    char id[GW_ECS_ID_SIZE];

    if (finding->detected_ns != 0)
        gw_json_put_time(json, "detected", finding->detected_ns);
    if (finding->accept_known)
        gw_json_put_bits(json, "accepted_by", finding->accept, gw_text_accept);
    if (finding->watched)
        gw_json_put_bool(json, "watched", true);
    if (finding->delegation_count != 0)
        gw_json_put_u64(json, "delegations", finding->delegation_count);
    if (is_of_incident(finding))
        gw_json_put_string(json, "incident", gw_ecs_id(finding->incident, id));
}

static void
write_own(struct gw_json *json, const struct gw_sink *sink, const struct gw_finding *finding)
{
    const struct gw_text_kind *kind = gw_text_kind(finding->kind);

    gw_json_put_object(json, "gluewatch");
    gw_json_put_string(json, "version", GW_ECS_SCHEMA_VERSION);
    gw_json_put_string(json, "kind", kind->name);
    if (finding->variant != NULL)
        gw_json_put_string(json, "variant", finding->variant);
    gw_json_put_string(json, "severity", gw_text_severity(finding->severity));
    gw_json_put_fixed(json, "confidence", finding->confidence, 3);
    gw_json_put_string(json, "state", "new");
    gw_json_put_string(json, "source", kind->source);
    if (kind->cwe != 0)
        gw_json_put_u64(json, "cwe", kind->cwe);
    write_terms(json, finding);
    write_delegation(json, finding);
    gw_json_put_string(json, "split", gw_text_split(finding->split));
    gw_json_put_bits(json, "caveats", finding->caveats, gw_text_caveat);
    gw_json_put_u64(json, "messages", finding->message_count);
    gw_json_put_fixed(json, "baseline_seconds", finding->baseline_s, 3);
    gw_json_put_array(json, "sets");
    for (uint32_t i = 0; i < finding->set_count; i++)
        write_set(json, sink, &finding->set[i]);
    gw_json_array_end(json);
    write_trigger(json, sink, finding);
    write_transport(json, sink, &finding->transport_facts);
    write_context(json, finding);
    write_evidence(json, sink, finding);
    gw_json_object_end(json);
}

static int
tell_finding(struct gw_sink *sink, const struct gw_finding *finding)
{
    struct gw_json *json = &sink->json;
    char sentence[GW_TEXT_SENTENCE_SIZE];

    gw_text_sentence(finding, 0, sentence);
    gw_json_object_begin(json);
    gw_json_put_time(json, "@timestamp", finding->trigger_ns);
    gw_json_put_string(json, "message", sentence);
    gw_ecs_version(json);
    write_event(json, finding);
    write_rule(json, gw_text_kind(finding->kind));
    write_threat(json, gw_text_kind(finding->kind));
    gw_ecs_observer(json, sink);
    write_network(json, finding);
    write_endpoints(json, finding);
    write_dns(json, finding);
    write_related(json, finding);
    write_own(json, sink, finding);
    gw_json_object_end(json);
    return gw_sink_json_line(sink);
}

/* "1,200 packets and 900 DNS messages of 2 inputs were examined; 3 findings." */
static void
put_summary(struct gw_json *json, const struct gw_stats *stats)
{
    char message[256];
    struct gw_text text;

    gw_text_init(&text, message, sizeof(message));
    gw_text_count(&text, stats->packet.seen, "packet", "packets");
    gw_text_put(&text, " with ");
    gw_text_count(&text, stats->message.seen, "DNS message", "DNS messages");
    gw_text_put(&text, " examined; ");
    gw_text_count(&text, stats->message.referral_shaped, "referral", "referrals");
    gw_text_put(&text, ", ");
    gw_text_count(&text, stats->table.delegations, "delegation", "delegations");
    gw_text_put(&text, " known; ");
    gw_text_count(&text, stats->finding.emitted, "finding", "findings");
    gw_text_put(&text, ", ");
    gw_text_count(&text, gw_stats_incidents(stats), "incident", "incidents");
    gw_text_put(&text, gw_stats_laws_hold(stats) ? "." : "; THE COUNTERS CONTRADICT EACH OTHER.");
    gw_json_put_string(json, "message", message);
}

static int
tell_end(struct gw_sink *sink, const struct gw_stats *stats)
{
    struct gw_json *json = &sink->json;

    gw_json_object_begin(json);
    gw_json_put_time(json, "@timestamp", stats->last_ns);
    put_summary(json, stats);
    gw_ecs_version(json);
    gw_json_put_object(json, "event");
    gw_ecs_event(json, "metric", false, "gluewatch.stats");
    if (stats->packet.seen > 0) {
        gw_json_put_time(json, "start", stats->first_ns);
        gw_json_put_time(json, "end", stats->last_ns);
    }
    gw_json_object_end(json);
    gw_ecs_observer(json, sink);
    gw_json_put_object(json, "gluewatch");
    gw_json_put_string(json, "version", GW_ECS_SCHEMA_VERSION);
    gw_json_put_object(json, "stats");
    gw_stats_write(json, stats);
    gw_json_object_end(json);
    gw_json_object_end(json);
    gw_json_object_end(json);
    return gw_sink_json_line(sink);
}

const struct gw_sink_ops gw_ecs_ops = {
    .name = "json",
    .text = "findings and incidents as JSON Lines in ECS shape, and a last line with the counters",
    .finding = tell_finding,
    .incident = gw_ecs_incident,
    .end = tell_end,
};
