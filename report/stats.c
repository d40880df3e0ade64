/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/stats.h"

#include <assert.h>

#include "base/reason.h"
#include "report/format.h"
#include "report/json_dns.h"
#include "report/mnemonic.h"

static uint64_t
sum(const uint64_t *counters, size_t count)
{
    uint64_t total = 0;

    for (size_t i = 0; i < count; i++)
        total += counters[i];
    return total;
}

uint64_t
gw_stats_skipped(const struct gw_stats *stats)
{
    return sum(stats->packet.skipped, GW_WHY_COUNT);
}

uint64_t
gw_stats_incidents(const struct gw_stats *stats)
{
    return stats->incident.opened - stats->incident.rolled_up;
}

const char *
gw_stats_law_name(enum gw_stats_law law)
{
    static const char *const names[GW_STATS_LAW_COUNT] = {
        "packets", "held", "messages", "malformed", "table", "findings", "incidents"};

    assert(law < GW_STATS_LAW_COUNT);
    return names[law];
}

bool
gw_stats_law_holds(const struct gw_stats *stats, enum gw_stats_law law)
{
    const struct gw_packet_stats *packet = &stats->packet;
    const struct gw_message_stats *message = &stats->message;
    const struct gw_finding_stats *finding = &stats->finding;

    switch (law) {
    case GW_STATS_LAW_PACKETS:
        return packet->seen == packet->parsed + gw_stats_skipped(stats) + packet->held;
    case GW_STATS_LAW_HELD:
        return packet->held == 0;
    case GW_STATS_LAW_MESSAGES:
        return message->seen == sum(message->classes, GW_CLASS_COUNT);
    case GW_STATS_LAW_MALFORMED:
        return message->classes[GW_CLASS_MALFORMED] == sum(message->malformed, GW_WHY_COUNT);
    case GW_STATS_LAW_TABLE:
        return stats->table.inserted == stats->table.delegations + stats->table.evicted;
    case GW_STATS_LAW_FINDINGS:
        return finding->raised == finding->emitted + finding->aggregated + finding->suppressed_low +
                                      finding->suppressed_full + finding->suppressed_rule +
                                      finding->suppressed_rate;
    case GW_STATS_LAW_INCIDENTS:
        return stats->incident.opened == stats->incident.open + stats->incident.closed;
    case GW_STATS_LAW_COUNT:
        break;
    }
    assert(false);
    return false;
}

bool
gw_stats_laws_hold(const struct gw_stats *stats)
{
    for (uint32_t law = 0; law < GW_STATS_LAW_COUNT; law++) {
        if (!gw_stats_law_holds(stats, (enum gw_stats_law)law))
            return false;
    }
    return true;
}

/* "1,200 seen", and what leads to the next figure. */
static void
put_figure(struct gw_text *text, uint64_t figure, const char *what)
{
    gw_text_number(text, figure);
    gw_text_put(text, what);
}

void
gw_stats_law_text(struct gw_text *text, const struct gw_stats *stats, enum gw_stats_law law)
{
    const struct gw_message_stats *message = &stats->message;
    const struct gw_finding_stats *finding = &stats->finding;

    switch (law) {
    case GW_STATS_LAW_PACKETS:
        put_figure(text, stats->packet.seen, " seen = ");
        put_figure(text, stats->packet.parsed, " read as DNS + ");
        put_figure(text, gw_stats_skipped(stats), " skipped + ");
        put_figure(text, stats->packet.held, " held");
        break;
    case GW_STATS_LAW_HELD:
        put_figure(text, stats->packet.held, " packets wait in reassembly at the end");
        break;
    case GW_STATS_LAW_MESSAGES:
        put_figure(text, message->seen, " seen = ");
        put_figure(text, sum(message->classes, GW_CLASS_COUNT), " by class");
        break;
    case GW_STATS_LAW_MALFORMED:
        put_figure(text, message->classes[GW_CLASS_MALFORMED], " malformed = ");
        put_figure(text, sum(message->malformed, GW_WHY_COUNT), " by reason");
        break;
    case GW_STATS_LAW_TABLE:
        put_figure(text, stats->table.inserted, " zone cuts taken in = ");
        put_figure(text, stats->table.delegations, " kept + ");
        put_figure(text, stats->table.evicted, " evicted");
        break;
    case GW_STATS_LAW_FINDINGS:
        put_figure(text, finding->raised, " raised = ");
        put_figure(text, finding->emitted, " told + ");
        put_figure(text, finding->aggregated, " joined + ");
        put_figure(text, finding->suppressed_low, " too weak + ");
        put_figure(text, finding->suppressed_full, " for lack of room + ");
        put_figure(text, finding->suppressed_rule, " by a rule + ");
        put_figure(text, finding->suppressed_rate, " too fast");
        break;
    case GW_STATS_LAW_INCIDENTS:
        put_figure(text, stats->incident.opened, " opened = ");
        put_figure(text, stats->incident.open, " open + ");
        put_figure(text, stats->incident.closed, " closed");
        break;
    case GW_STATS_LAW_COUNT:
        assert(false);
        break;
    }
}

/* All reasons of one stage, those that never occurred too. */
static void
put_reasons(struct gw_json *json, const char *key, enum gw_stage stage,
    const uint64_t counters[GW_WHY_COUNT])
{
    gw_json_put_object(json, key);
    for (uint32_t i = 0; i < GW_WHY_COUNT; i++) {
        const enum gw_why why = (enum gw_why)i;

        /* A count under a reason of another stage is a fault, and must show. */
        if (gw_why_stage(why) == stage || counters[i] != 0)
            gw_json_put_u64(json, gw_why_name(why), counters[i]);
    }
    gw_json_object_end(json);
}

static void
write_packets(struct gw_json *json, const struct gw_stats *stats)
{
    const struct gw_packet_stats *packet = &stats->packet;

    gw_json_put_object(json, "packets");
    gw_json_put_u64(json, "seen", packet->seen);
    gw_json_put_u64(json, "parsed", packet->parsed);
    gw_json_put_u64(json, "skipped", gw_stats_skipped(stats));
    gw_json_put_u64(json, "held", packet->held);
    put_reasons(json, "reasons", GW_STAGE_PACKET, packet->skipped);
    gw_json_put_u64(json, "tagged", packet->tagged);
    gw_json_put_u64(json, "tunnelled", packet->tunnelled);
    gw_json_put_u64(json, "fragments", packet->fragments);
    gw_json_put_u64(json, "snapped", packet->snapped);
    gw_json_put_u64(json, "ip4", packet->ip4);
    gw_json_put_u64(json, "ip6", packet->ip6);
    gw_json_put_u64(json, "udp", packet->udp);
    gw_json_put_u64(json, "tcp", packet->tcp);
    gw_json_put_u64(json, "encrypted", packet->encrypted);
    gw_json_object_end(json);
}

static void
write_messages(struct gw_json *json, const struct gw_stats *stats)
{
    const struct gw_message_stats *message = &stats->message;

    gw_json_put_object(json, "messages");
    gw_json_put_u64(json, "seen", message->seen);
    gw_json_put_u64(json, "queries", message->queries);
    gw_json_put_u64(json, "responses", message->responses);
    gw_json_put_object(json, "classes");
    for (uint32_t i = 0; i < GW_CLASS_COUNT; i++)
        gw_json_put_u64(json, gw_text_class((enum gw_class)i), message->classes[i]);
    gw_json_object_end(json);
    put_reasons(json, "malformed", GW_STAGE_MESSAGE, message->malformed);
    put_reasons(json, "notes", GW_STAGE_RECORD, message->notes);
    gw_json_put_u64(json, "referral_shaped", message->referral_shaped);
    gw_json_put_u64(json, "tc", message->tc);
    gw_json_put_u64(json, "aa", message->aa);
    gw_json_put_u64(json, "udp", message->udp);
    gw_json_put_u64(json, "tcp", message->tcp);
    gw_json_object_end(json);
}

static void
write_matching(struct gw_json *json, const struct gw_stats *stats)
{
    const struct gw_match_stats *match = &stats->match;

    gw_json_put_object(json, "matching");
    gw_json_put_object(json, "fits");
    for (uint32_t i = 0; i < GW_FIT_COUNT; i++)
        gw_json_put_u64(json, gw_text_fit((enum gw_fit)i), match->fits[i]);
    gw_json_object_end(json);
    gw_json_put_u64(json, "unanswered", match->unanswered);
    gw_json_put_u64(json, "overflow", match->overflow);
    gw_json_put_u64(json, "forgotten", match->forgotten);
    gw_json_put_u64(json, "deferred", match->deferred);
    gw_json_put_u64(json, "rtt_ns_total", match->rtt_ns_total);
    gw_json_object_end(json);
}

static void
write_table(struct gw_json *json, const struct gw_stats *stats)
{
    const struct gw_table_stats *table = &stats->table;

    gw_json_put_object(json, "table");
    gw_json_put_u64(json, "delegations", table->delegations);
    gw_json_put_u64(json, "name_servers", table->name_servers);
    gw_json_put_u64(json, "witnesses", table->witnesses);
    gw_json_put_u64(json, "resolver_groups", table->resolver_groups);
    gw_json_put_u64(json, "servers", table->servers);
    gw_json_put_u64(json, "inserted", table->inserted);
    gw_json_put_u64(json, "evicted", table->evicted);
    gw_json_put_u64(json, "refused_admission", table->refused_admission);
    gw_json_put_u64(json, "refused_quota", table->refused_quota);
    gw_json_put_u64(json, "refused_memory", table->refused_memory);
    gw_json_put_u64(json, "repeats", table->repeats);
    gw_json_put_u64(json, "observations", table->observations);
    gw_json_put_u64(json, "memory_octets", table->memory_octets);
    gw_json_put_u64(json, "memory_budget", table->memory_budget);
    gw_json_put_u64(json, "zone_known", table->zone_known);
    gw_json_put_u64(json, "zone_unknown", table->zone_unknown);
    gw_json_put_u64(json, "claims_dropped", table->claims_dropped);
    gw_json_put_u64(json, "rows_dropped", table->rows_dropped);
    gw_json_put_u64(json, "targets_dropped", table->targets_dropped);
    gw_json_object_end(json);
}

static void
write_reference(struct gw_json *json, const struct gw_stats *stats)
{
    const struct gw_reference_stats *reference = &stats->reference;

    if (reference->zones == 0)
        return;
    gw_json_put_object(json, "reference");
    gw_json_put_u64(json, "zones", reference->zones);
    gw_json_put_u64(json, "delegations", reference->delegations);
    gw_json_put_u64(json, "names", reference->names);
    gw_json_put_u64(json, "memory_octets", reference->memory_octets);
    gw_json_put_u64(json, "compared", reference->compared);
    gw_json_put_u64(json, "differing", reference->differing);
    gw_json_put_u64(json, "withheld", reference->withheld);
    gw_json_put_bool(json, "stale", reference->stale);
    gw_json_object_end(json);
}

static void
write_history(struct gw_json *json, const struct gw_stats *stats)
{
    const struct gw_history_stats *history = &stats->history;

    if (!history->loaded)
        return;
    gw_json_put_object(json, "history");
    gw_json_put_u64(json, "records", history->records);
    if (history->records != 0) {
        gw_json_put_time(json, "first", history->begin_ns);
        gw_json_put_time(json, "last", history->latest_ns);
    }
    gw_json_object_end(json);
}

static void
write_findings(struct gw_json *json, const struct gw_stats *stats)
{
    const struct gw_finding_stats *finding = &stats->finding;

    gw_json_put_object(json, "findings");
    gw_json_put_u64(json, "raised", finding->raised);
    gw_json_put_u64(json, "emitted", finding->emitted);
    gw_json_put_u64(json, "aggregated", finding->aggregated);
    gw_json_put_u64(json, "suppressed_low", finding->suppressed_low);
    gw_json_put_u64(json, "suppressed_full", finding->suppressed_full);
    gw_json_put_u64(json, "suppressed_rule", finding->suppressed_rule);
    gw_json_put_u64(json, "suppressed_rate", finding->suppressed_rate);
    gw_json_put_object(json, "by_kind");
    for (uint32_t i = 0; i < GW_KIND_COUNT; i++)
        gw_json_put_u64(json, gw_text_kind((enum gw_kind)i)->name, finding->by_kind[i]);
    gw_json_object_end(json);
    gw_json_put_object(json, "by_severity");
    for (uint32_t i = 0; i < GW_SEVERITY_COUNT; i++)
        gw_json_put_u64(json, gw_text_severity((enum gw_severity)i), finding->by_severity[i]);
    gw_json_object_end(json);
    gw_json_object_end(json);
}

static void
write_incidents(struct gw_json *json, const struct gw_stats *stats)
{
    const struct gw_incident_stats *incident = &stats->incident;

    gw_json_put_object(json, "incidents");
    gw_json_put_u64(json, "opened", incident->opened);
    gw_json_put_u64(json, "open", incident->open);
    gw_json_put_u64(json, "closed", incident->closed);
    gw_json_put_u64(json, "evidence", incident->evidence);
    gw_json_put_u64(json, "rolled_up", incident->rolled_up);
    gw_json_put_u64(json, "suppressed", incident->suppressed);
    gw_json_put_u64(json, "dropped", incident->dropped);
    gw_json_put_object(json, "by_severity");
    for (uint32_t i = 0; i < GW_SEVERITY_COUNT; i++)
        gw_json_put_u64(json, gw_text_severity((enum gw_severity)i), incident->by_severity[i]);
    gw_json_object_end(json);
    gw_json_object_end(json);
}

static void
write_input(struct gw_json *json, const struct gw_input *input)
{
    gw_json_object_begin(json);
    gw_json_put_string(json, "path", input->path != NULL ? input->path : "");
    gw_json_put_string(json, "format", input->format != NULL ? input->format : "unknown");
    gw_json_put_string(
        json, "compression", input->compression != NULL ? input->compression : "none");
    gw_json_put_u64(json, "packets", input->packets);
    gw_json_put_u64(json, "filtered", input->filtered);
    gw_json_put_u64(json, "too_long", input->too_long);
    if (input->packets > 0) {
        gw_json_put_time(json, "first", input->first_ns);
        gw_json_put_time(json, "last", input->last_ns);
    }
    if (input->damage.damaged) {
        gw_json_put_object(json, "damage");
        gw_json_put_u64(json, "record", input->damage.record);
        gw_json_put_u64(json, "offset", input->damage.offset);
        gw_json_put_string(
            json, "what", input->damage.what != NULL ? input->damage.what : "unknown");
        gw_json_object_end(json);
    }
    gw_json_object_end(json);
}

void
gw_stats_write(struct gw_json *json, const struct gw_stats *stats)
{
    write_packets(json, stats);
    write_messages(json, stats);
    write_matching(json, stats);
    write_table(json, stats);
    write_reference(json, stats);
    write_history(json, stats);
    write_findings(json, stats);
    write_incidents(json, stats);
    gw_json_put_array(json, "inputs");
    for (uint32_t i = 0; i < stats->input_count; i++)
        write_input(json, &stats->input[i]);
    gw_json_array_end(json);
    if (stats->packet.seen > 0) {
        gw_json_put_time(json, "first", stats->first_ns);
        gw_json_put_time(json, "last", stats->last_ns);
    }
    gw_json_put_bool(json, "responses_only", stats->responses_only);
    gw_json_put_bool(json, "lab_profile", stats->lab_profile);
    gw_json_put_bool(json, "interrupted", stats->interrupted);
    if (stats->filter != NULL)
        gw_json_put_string(json, "filter", stats->filter);
    gw_json_put_object(json, "laws");
    for (uint32_t law = 0; law < GW_STATS_LAW_COUNT; law++)
        gw_json_put_bool(json, gw_stats_law_name((enum gw_stats_law)law),
            gw_stats_law_holds(stats, (enum gw_stats_law)law));
    gw_json_object_end(json);
}

static int
end(struct gw_sink *sink, const struct gw_stats *stats)
{
    struct gw_json *json = &sink->json;

    gw_json_object_begin(json);
    gw_json_put_string(json, "version", GLUEWATCH_VERSION);
    gw_stats_write(json, stats);
    gw_json_put_fixed(json, "elapsed_seconds", (double)stats->elapsed_ns / GW_NS_PER_S, 6);
    gw_json_put_u64(json, "workers", stats->workers);
    gw_json_put_u64(json, "parcel_octets", stats->parcel_octets);
    gw_json_object_end(json);
    return gw_sink_json_line(sink);
}

const struct gw_sink_ops gw_stats_ops = {
    .name = "stats",
    .text = "all counters of the run as one JSON object",
    .end = end,
};
