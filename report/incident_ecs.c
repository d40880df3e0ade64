/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Incidents as JSON Lines in the shape of the Elastic Common Schema, ours under gluewatch.incident;
 * the shape is laid down in report/schema/incident-1.schema.json. Beside findings the dataset tells
 * them apart.
 */
#include "report/ecs.h"

#include <stdio.h>

#include "report/incident_text.h"
#include "report/json_dns.h"
#include "report/mnemonic.h"

#define ECS_VERSION "9.4.0"

/* ECS has no words for severity; these are the numbers that Elastic's own rules use. */
static const uint32_t severity_numbers[GW_SEVERITY_COUNT] = {0, 21, 47, 73, 99};

const char *
gw_ecs_id(const uint8_t id[16], char ret_text[GW_ECS_ID_SIZE])
{
    for (size_t i = 0; i < 16; i++)
        (void)snprintf(ret_text + 2 * i, 3, "%02x", id[i]);
    return ret_text;
}

uint32_t
gw_ecs_severity(enum gw_severity severity)
{
    return severity_numbers[severity];
}

void
gw_ecs_version(struct gw_json *json)
{
    gw_json_put_object(json, "ecs");
    gw_json_put_string(json, "version", ECS_VERSION);
    gw_json_object_end(json);
    gw_json_put_array(json, "tags");
    gw_json_string(json, "gluewatch");
    gw_json_array_end(json);
}

void
gw_ecs_event(struct gw_json *json, const char *kind, bool detection, const char *dataset)
{
    gw_json_put_string(json, "kind", kind);
    gw_json_put_array(json, "category");
    gw_json_string(json, "network");
    if (detection)
        gw_json_string(json, "intrusion_detection");
    gw_json_array_end(json);
    gw_json_put_array(json, "type");
    gw_json_string(json, "info");
    gw_json_array_end(json);
    gw_json_put_string(json, "module", "gluewatch");
    gw_json_put_string(json, "dataset", dataset);
    gw_json_put_string(json, "provider", "gluewatch");
}

void
gw_ecs_observer(struct gw_json *json, const struct gw_sink *sink)
{
    const char *name = sink->options.observer;

    gw_json_put_object(json, "observer");
    if (name != NULL)
        gw_json_put_string(json, "name", name);
    gw_json_put_string(json, "vendor", "gluewatch");
    gw_json_put_string(json, "product", "gluewatch");
    gw_json_put_string(json, "type", "sensor");
    gw_json_put_string(json, "version", GLUEWATCH_VERSION);
    gw_json_object_end(json);
}

static void
write_event(struct gw_json *json, const struct gw_incident *incident)
{
    const uint32_t severity = gw_ecs_severity(incident->severity);
    char id[GW_ECS_ID_SIZE];

    gw_json_put_object(json, "event");
    gw_ecs_event(json, "alert", true, "gluewatch.incident");
    gw_json_put_string(json, "action", gw_text_family(incident->family)->name);
    gw_json_put_string(json, "id", gw_ecs_id(incident->id, id));
    gw_json_put_u64(json, "sequence", incident->sequence);
    gw_json_put_time(json, "start", incident->first_ns);
    gw_json_put_time(json, "end", incident->last_ns);
    gw_json_put_u64(json, "severity", severity);
    gw_json_put_fixed(json, "risk_score", severity * incident->confidence, 1);
    gw_json_object_end(json);
}

/* The names and addresses that can be searched for, each once. */
static void
write_related(struct gw_json *json, const struct gw_incident *incident)
{
    const struct gw_name *names[] = {&incident->cut, &incident->name, &incident->zone};
    const struct gw_addr *ends[] = {&incident->server, &incident->address};

    gw_json_put_object(json, "related");
    gw_json_put_array(json, "ip");
    for (uint32_t i = 0; i < incident->resolver_count; i++)
        gw_json_addr(json, &incident->resolvers[i]);
    for (size_t i = 0; i < GW_ARRAY_LEN(ends); i++)
        if (ends[i]->family != 0)
            gw_json_addr(json, ends[i]);
    gw_json_array_end(json);
    gw_json_put_array(json, "hosts");
    for (size_t i = 0; i < GW_ARRAY_LEN(names); i++)
        if (names[i]->len > 1)
            gw_json_wire(json, names[i]->wire, names[i]->len);
    gw_json_array_end(json);
    gw_json_object_end(json);
}

static void
write_scope(struct gw_json *json, const struct gw_incident *incident)
{
    gw_json_put_object(json, "scope");
    gw_json_put_string(json, "type", gw_text_scope(incident->scope));
    gw_json_put_name(json, "zone", &incident->zone);
    gw_json_put_name(json, "cut", &incident->cut);
    gw_json_put_name(json, "name_server", &incident->name);
    gw_json_put_addr(json, "server", &incident->server);
    gw_json_put_addr(json, "resolver", &incident->resolver);
    gw_json_put_addr(json, "address", &incident->address);
    gw_json_object_end(json);
}

static void
write_evidence(struct gw_json *json, const struct gw_incident *incident)
{
    char id[GW_ECS_ID_SIZE];

    gw_json_put_array(json, "kinds");
    for (uint32_t i = 0; i < GW_KIND_COUNT; i++)
        if (incident->kinds >> i & 1)
            gw_json_string(json, gw_text_kind((enum gw_kind)i)->name);
    gw_json_array_end(json);
    gw_json_put_fixed(json, "prior", incident->prior, 3);
    gw_json_put_object(json, "channels");
    for (uint32_t i = 0; i < GW_CHANNEL_COUNT; i++)
        gw_json_put_fixed(json, gw_text_channel((enum gw_channel)i), incident->channel[i], 3);
    gw_json_object_end(json);
    gw_json_put_object(json, "findings");
    gw_json_put_u64(json, "total", incident->finding_total);
    gw_json_put_array(json, "ids");
    for (uint32_t i = 0; i < incident->finding_count; i++)
        gw_json_string(json, gw_ecs_id(incident->finding[i], id));
    gw_json_array_end(json);
    gw_json_object_end(json);
}

static void
write_reach(struct gw_json *json, const struct gw_incident *incident)
{
    gw_json_put_object(json, "delegations");
    gw_json_put_u64(json, "total", incident->delegation_total);
    gw_json_put_array(json, "names");
    for (uint32_t i = 0; i < incident->cut_count; i++)
        gw_json_wire(json, incident->cuts[i].wire, incident->cuts[i].len);
    gw_json_array_end(json);
    gw_json_object_end(json);
    gw_json_put_object(json, "resolvers");
    gw_json_put_u64(json, "total", incident->resolver_total);
    gw_json_put_array(json, "addresses");
    for (uint32_t i = 0; i < incident->resolver_count; i++)
        gw_json_addr(json, &incident->resolvers[i]);
    gw_json_array_end(json);
    gw_json_object_end(json);
}

static void
write_own(struct gw_json *json, const struct gw_incident *incident)
{
    char id[GW_ECS_ID_SIZE];

    gw_json_put_object(json, "gluewatch");
    gw_json_put_string(json, "version", GW_ECS_SCHEMA_VERSION);
    gw_json_put_object(json, "incident");
    gw_json_put_string(json, "id", gw_ecs_id(incident->id, id));
    gw_json_put_string(json, "family", gw_text_family(incident->family)->name);
    gw_json_put_string(json, "severity", gw_text_severity(incident->severity));
    gw_json_put_fixed(json, "confidence", incident->confidence, 3);
    gw_json_put_string(json, "state", gw_text_state(incident->state));
    if (incident->reason != GW_CLOSED_NOT)
        gw_json_put_string(json, "reason", gw_text_reason(incident->reason));
    gw_json_put_time(json, "opened", incident->opened_ns);
    if (incident->state == GW_INCIDENT_CLOSED)
        gw_json_put_time(json, "closed", incident->closed_ns);
    write_scope(json, incident);
    write_evidence(json, incident);
    write_reach(json, incident);
    gw_json_put_bits(json, "caveats", incident->caveats, gw_text_caveat);
    if (incident->watched)
        gw_json_put_bool(json, "watched", true);
    gw_json_object_end(json);
    gw_json_object_end(json);
}

int
gw_ecs_incident(struct gw_sink *sink, const struct gw_incident *incident)
{
    struct gw_json *json = &sink->json;
    char sentence[GW_TEXT_INCIDENT_SIZE];

    gw_text_incident(incident, 0, sentence);
    gw_json_object_begin(json);
    gw_json_put_time(json, "@timestamp", incident->opened_ns);
    gw_json_put_string(json, "message", sentence);
    gw_ecs_version(json);
    write_event(json, incident);
    gw_json_put_object(json, "rule");
    gw_json_put_string(json, "id", gw_text_family(incident->family)->name);
    gw_json_put_string(json, "name", gw_text_family(incident->family)->text);
    gw_json_put_string(json, "category", "dns-glue");
    gw_json_put_string(json, "ruleset", "gluewatch-incidents");
    gw_json_object_end(json);
    gw_ecs_observer(json, sink);
    write_related(json, incident);
    write_own(json, incident);
    gw_json_object_end(json);
    return gw_sink_json_line(sink);
}

const struct gw_sink_ops gw_sink_incidents_ops = {
    .name = "incidents",
    .text = "incidents alone, as JSON Lines in ECS shape",
    .incident = gw_ecs_incident,
};
