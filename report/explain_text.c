/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An id leads to a finding or to an incident with all of its findings: every term, every witness,
 * every packet that is known, and what stands against it.
 */
#include "report/explain_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/ecs.h"
#include "report/escape.h"
#include "report/frames.h"
#include "report/incident_text.h"
#include "report/mnemonic.h"
#include "report/page.h"
#include "report/sentence.h"
#include "report/summary_text.h"
#include "report/term_text.h"

#define WANTED_MIN 6u

/* Column in which values start, and that in which a term's meaning does. */
#define INDENT      16u
#define TERM_INDENT 40u

#define LINE_SIZE 4096u

int
gw_text_explain_new(const char *wanted, struct gw_text_explain **ret_explain)
{
    const size_t len = strlen(wanted);
    struct gw_text_explain *explain;

    if (len < WANTED_MIN || len >= sizeof(explain->wanted) ||
        strspn(wanted, "0123456789abcdefABCDEF") != len)
        return GW_E_USAGE;
    explain = calloc(1, sizeof(*explain));
    if (explain == NULL)
        return GW_E_NOMEM;
    for (size_t i = 0; i < len; i++)
        explain->wanted[i] = (char)tolower((unsigned char)wanted[i]);
    *ret_explain = explain;
    return GW_DONE;
}

void
gw_text_explain_free(struct gw_text_explain *explain)
{
    free(explain);
}

static bool
begins(const struct gw_text_explain *explain, const uint8_t id[16])
{
    char text[GW_ECS_ID_SIZE];

    return strncmp(gw_ecs_id(id, text), explain->wanted, strlen(explain->wanted)) == 0;
}

/* A finding that was asked for itself stands alone. */
static int
take_finding(struct gw_sink *sink, const struct gw_finding *finding)
{
    struct gw_text_explain *explain = sink->explain;
    const bool itself = begins(explain, finding->id);

    if (!itself && !begins(explain, finding->incident))
        return GW_DONE;
    if (itself) {
        explain->match_count++;
        if (!explain->by_id)
            explain->count = 0;
        explain->by_id = true;
    } else if (explain->by_id) {
        return GW_DONE;
    }
    if (explain->count == GW_TEXT_EXPLAINED_MAX)
        explain->left_out++;
    else
        explain->finding[explain->count++] = *finding;
    return GW_DONE;
}

static int
take_incident(struct gw_sink *sink, const struct gw_incident *incident)
{
    struct gw_text_explain *explain = sink->explain;

    if (!begins(explain, incident->id))
        return GW_DONE;
    explain->match_count++;
    explain->has_incident = true;
    explain->incident = *incident;
    return GW_DONE;
}

static void
put_line(struct gw_text_page *page, const char *label, const char *line)
{
    char lead[INDENT + 1];

    (void)snprintf(lead, sizeof(lead), "  %s", label);
    gw_text_page_paragraph(page, GW_TEXT_PLAIN, lead, INDENT, line);
}

static void
put_heading(struct gw_text_page *page, const char *text)
{
    gw_text_page_gap(page);
    gw_text_page_paragraph(page, GW_TEXT_STRONG, "", 0, text);
}

static void
put_moment(struct gw_text_page *page, const char *label, int64_t time_ns)
{
    char line[64];
    struct gw_text text;

    gw_text_init(&text, line, sizeof(line));
    gw_text_time(&text, time_ns, false);
    gw_text_put(&text, " UTC");
    put_line(page, label, line);
}

/* "captures/day.pcap, frame 681, 2026-11-23 05:36:26.029 UTC". */
static void
put_packet(struct gw_text_page *page, const struct gw_sink *sink, const char *label, uint32_t input,
    uint64_t frame, int64_t time_ns)
{
    const char *path = gw_sink_input_path(sink, input);
    char shown[LINE_SIZE];
    char line[LINE_SIZE + 128];
    struct gw_text text;

    gw_text_init(&text, shown, sizeof(shown));
    gw_text_outside(&text, path != NULL ? path : "");
    gw_text_elide(shown, page->width - INDENT);
    gw_text_init(&text, line, sizeof(line));
    if (path != NULL)
        gw_text_put(&text, shown);
    else
        gw_text_format(&text, "input %u", input + 1);
    gw_text_format(&text, ", frame %" PRIu64, frame);
    if (time_ns != 0) {
        gw_text_put(&text, ", ");
        gw_text_time(&text, time_ns, false);
        gw_text_put(&text, " UTC");
    }
    put_line(page, label, line);
}

static void
put_terms(struct gw_text_page *page, const struct gw_finding *finding)
{
    double sum = 0.0;

    put_heading(page, "Confidence: points, their sum so far, and the confidence it stands for");
    for (uint32_t i = 0; i < finding->term_count; i++) {
        const struct gw_term *term = &finding->term[i];
        char lead[TERM_INDENT + 1];
        char line[LINE_SIZE];
        struct gw_text text;

        sum += term->points;
        (void)snprintf(
            lead, sizeof(lead), "  %-21.21s%+6.2f %+6.2f  ", term->name, term->points, sum);
        gw_text_init(&text, line, sizeof(line));
        gw_text_format(
            &text, "%.2f  %s: ", 1.0 / (1.0 + exp(-sum)), gw_text_channel(term->channel));
        gw_text_put(&text, gw_text_term(term->name));
        gw_text_page_paragraph(page, GW_TEXT_PLAIN, lead, TERM_INDENT, line);
    }
}

static void
put_set(struct gw_text_page *page, const struct gw_sink *sink, const struct gw_finding_set *set)
{
    char line[LINE_SIZE];
    struct gw_text text;

    gw_text_init(&text, line, sizeof(line));
    gw_text_format(&text, "%s side: ", set->role == GW_SET_CONTRARY ? "Contrary" : "Known");
    gw_text_count(&text, set->group_count, "resolver group", "resolver groups");
    gw_text_put(&text, ", ");
    gw_text_count(&text, set->server_count, "server", "servers");
    gw_text_format(&text, ", TTL %u to %u", set->ttl_min_s, set->ttl_max_s);
    put_heading(page, line);
    for (uint32_t i = 0; i < set->address_count + set->name_count; i++) {
        gw_text_init(&text, line, sizeof(line));
        text.name_room = page->width - INDENT;
        if (i < set->address_count)
            gw_text_addr(&text, &set->address[i]);
        else
            gw_text_name(&text, &set->name[i - set->address_count]);
        put_line(page, i == 0 ? "Says" : "", line);
    }
    for (uint32_t i = 0; i < set->witness_count; i++) {
        const struct gw_witness *witness = &set->witness[i];

        gw_text_init(&text, line, sizeof(line));
        gw_text_addr(&text, &witness->resolver);
        gw_text_put(&text, " was told by ");
        gw_text_addr(&text, &witness->server);
        gw_text_put(&text, ", at least ");
        gw_text_count(&text, witness->count, "time", "times");
        gw_text_put(&text, ", last at ");
        gw_text_time(&text, witness->last_ns, false);
        put_line(page, "Witness", line);
        put_packet(page, sink, "  first in", witness->input, witness->frame, witness->first_ns);
    }
    if (set->witness_total > set->witness_count) {
        gw_text_init(&text, line, sizeof(line));
        gw_text_put(&text, "and ");
        gw_text_count(&text, set->witness_total - set->witness_count, "more", "more");
        put_line(page, "", line);
    }
}

static void
put_ttl_and_time(struct gw_text *text, uint8_t ip_ttl, int64_t rtt_ns)
{
    gw_text_format(text, "IP TTL %u", ip_ttl);
    if (rtt_ns != 0)
        gw_text_format(text, ", after %.3f ms", (double)rtt_ns / 1e6);
}

static void
put_rival(struct gw_text_page *page, const struct gw_sink *sink, const struct gw_finding *finding)
{
    const struct gw_finding_transport *way = &finding->transport_facts;
    char line[LINE_SIZE];
    struct gw_text text;

    if (!way->has_rival)
        return;
    gw_text_init(&text, line, sizeof(line));
    gw_text_format(&text, "of class %s, IP TTL %u, %.3f ms before this one",
        gw_text_class(way->rival_class), way->rival_ip_ttl,
        (double)(finding->trigger_ns - way->rival_ns) / 1e6);
    put_line(page, "Other answer", line);
    put_packet(page, sink, "  seen in", way->rival_input, way->rival_frame, way->rival_ns);
}

static void
put_wrong(struct gw_text_page *page, const struct gw_finding_transport *way)
{
    char line[LINE_SIZE];
    struct gw_text text;

    if (way->wrong_count == 0)
        return;
    gw_text_init(&text, line, sizeof(line));
    gw_text_count(&text, way->wrong_count, "response does", "responses do");
    gw_text_put(&text, " not fit what was asked");
    if (way->port_count != 0) {
        gw_text_put(&text, ", on ");
        gw_text_count(&text, way->port_count, "port", "ports");
    }
    put_line(page, "Misfits", line);
}

static void
put_message(struct gw_text_page *page, const struct gw_sink *sink, const struct gw_finding *finding)
{
    const struct gw_finding_transport *way = &finding->transport_facts;
    char type[GW_TEXT_TYPE_SIZE];
    char line[LINE_SIZE];
    struct gw_text text;

    put_heading(page, "The message that shows it");
    put_packet(page, sink, "Seen in", finding->input, finding->frame, finding->trigger_ns);
    gw_text_init(&text, line, sizeof(line));
    gw_text_addr(&text, &finding->server);
    if (finding->qname.len != 0)
        gw_text_format(&text, " port %u", finding->server_port);
    gw_text_put(&text, " to ");
    gw_text_addr(&text, &finding->resolver);
    if (finding->qname.len != 0)
        gw_text_format(&text, " port %u", finding->resolver_port);
    gw_text_format(&text, ", class %s", gw_text_class(finding->class));
    put_line(page, "From", line);
    if (finding->qname.len != 0) {
        gw_text_init(&text, line, sizeof(line));
        text.name_room = page->width - INDENT;
        gw_text_name(&text, &finding->qname);
        gw_text_format(&text, " %s, message ID %u, %s, ", gw_text_type(finding->qtype, type),
            finding->id_dns, gw_text_transport(finding->transport));
        put_ttl_and_time(&text, finding->ip_ttl, way->has_query ? way->rtt_ns : 0);
        put_line(page, "Question", line);
    }
    put_line(page, "Fits as", gw_text_fit_meaning(way->fit));
    if (way->has_query)
        put_packet(page, sink, "Query in", way->query_input, way->query_frame, 0);
    if (way->usual_ip_ttl != 0 || way->usual_rtt_ns != 0) {
        gw_text_init(&text, line, sizeof(line));
        put_ttl_and_time(&text, way->usual_ip_ttl, way->usual_rtt_ns);
        put_line(page, "Usual is", line);
    }
    put_wrong(page, way);
    if (way->fragment_count != 0) {
        gw_text_init(&text, line, sizeof(line));
        gw_text_count(&text, way->fragment_count, "fragment", "fragments");
        if (way->fragment_frame != 0)
            gw_text_format(&text, "; the record came in frame %" PRIu64, way->fragment_frame);
        put_line(page, "Came in", line);
    }
    put_rival(page, sink, finding);
}

/* What limits it, and who would have believed it. */
static void
put_limits(struct gw_text_page *page, const struct gw_finding *finding)
{
    put_heading(page, "What limits it");
    for (uint32_t bit = 0; gw_text_caveat(bit) != NULL; bit++)
        if (finding->caveats >> bit & 1)
            put_line(page, "But", gw_text_caveat_meaning(bit));
    if (finding->caveats == 0)
        put_line(page, "But", "no limit is known");
    if (!finding->accept_known)
        put_line(page, "Believed by", "not known for what this finding is about");
    for (uint32_t bit = 0; finding->accept_known && gw_text_accept(bit) != NULL; bit++) {
        char line[64];

        (void)snprintf(line, sizeof(line), "%s: %s", gw_text_accept(bit),
            finding->accept >> bit & 1 ? "yes, by its default rules" : "no");
        put_line(page, bit == 0 ? "Believed by" : "", line);
    }
}

static void
put_filters(struct gw_text_page *page, const struct gw_sink *sink, const struct gw_finding *finding)
{
    struct gw_text_frame frames[GW_TEXT_FRAMES_MAX];
    const uint32_t count = gw_text_frames(finding, frames);
    uint32_t start = 0;

    put_heading(page, "Display filter for Wireshark");
    while (start < count) {
        const uint32_t same = gw_text_frames_of_input(frames + start, count - start);
        const char *path = gw_sink_input_path(sink, frames[start].input);
        char filter[GW_TEXT_FILTER_SIZE];
        char shown[LINE_SIZE];
        struct gw_text text;

        gw_text_init(&text, shown, sizeof(shown));
        gw_text_outside(&text, path != NULL ? path : "the input");
        gw_text_elide(shown, page->width - 2);
        gw_text_page_paragraph(page, GW_TEXT_PLAIN, "", 2, shown);
        gw_text_init(&text, filter, sizeof(filter));
        gw_text_frame_filter(&text, frames + start, same);
        gw_text_page_paragraph(page, GW_TEXT_PLAIN, "", 4, filter);
        start += same;
    }
}

static void
put_names(struct gw_text_page *page, const struct gw_finding *finding)
{
    const struct gw_name *names[] = {&finding->zone, &finding->cut, &finding->name};
    static const char *const labels[] = {"Parent zone", "Delegation", "Name server"};
    char line[LINE_SIZE];
    struct gw_text text;

    for (size_t i = 0; i < GW_ARRAY_LEN(names); i++) {
        if (names[i]->len == 0)
            continue;
        gw_text_init(&text, line, sizeof(line));
        text.name_room = page->width - INDENT;
        gw_text_name(&text, names[i]);
        put_line(page, labels[i], line);
    }
    if (finding->delegation_count == 0)
        return;
    gw_text_init(&text, line, sizeof(line));
    gw_text_count(&text, finding->delegation_count, "delegation names", "delegations name");
    gw_text_put(&text, " this name server");
    put_line(page, "Shared", line);
}

static void
put_finding(struct gw_text_page *page, const struct gw_sink *sink, const struct gw_finding *finding)
{
    static const uint8_t none[16];
    const struct gw_text_kind *kind = gw_text_kind(finding->kind);
    char sentence[GW_TEXT_SENTENCE_SIZE];
    char id[GW_ECS_ID_SIZE];
    char left[128];
    char right[32];

    (void)snprintf(left, sizeof(left), "Finding %s, %s%s%s", kind->name,
        gw_text_severity(finding->severity), finding->variant != NULL ? ", " : "",
        finding->variant != NULL ? finding->variant : "");
    (void)snprintf(right, sizeof(right), "confidence %.2f", finding->confidence);
    gw_text_page_rule(page, true);
    gw_text_page_ends(
        page, (enum gw_text_style)(GW_TEXT_INFO + (uint32_t)finding->severity), left, right);
    gw_text_page_rule(page, false);
    gw_text_sentence(finding, page->width, sentence);
    gw_text_page_paragraph(page, GW_TEXT_STRONG, "", 0, sentence);
    gw_text_page_gap(page);
    put_line(page, "Id", gw_ecs_id(finding->id, id));
    put_line(page, "Incident",
        memcmp(finding->incident, none, sizeof(none)) == 0 ? "none"
                                                           : gw_ecs_id(finding->incident, id));
    put_line(page, "Source", kind->source);
    put_names(page, finding);
    put_moment(page, "First packet", finding->first_ns);
    put_moment(page, "Last packet", finding->last_ns);
    if (finding->detected_ns != 0)
        put_moment(page, "Detected at", finding->detected_ns);
    put_terms(page, finding);
    for (uint32_t i = 0; i < finding->set_count; i++)
        put_set(page, sink, &finding->set[i]);
    put_message(page, sink, finding);
    put_limits(page, finding);
    put_filters(page, sink, finding);
}

/* Several ids begin so: say which, and explain none. */
static void
put_ambiguous(struct gw_text_page *page, const struct gw_text_explain *explain)
{
    char id[GW_ECS_ID_SIZE];
    char line[128];

    (void)snprintf(
        line, sizeof(line), "%u ids begin with %s:", explain->match_count, explain->wanted);
    gw_text_page_paragraph(page, GW_TEXT_STRONG, "", 0, line);
    if (explain->has_incident)
        put_line(page, "incident", gw_ecs_id(explain->incident.id, id));
    for (uint32_t i = 0; explain->by_id && i < explain->count; i++)
        put_line(page, "finding", gw_ecs_id(explain->finding[i].id, id));
}

static int
tell_explanation(struct gw_sink *sink, const struct gw_stats *stats)
{
    const struct gw_text_explain *explain = sink->explain;
    struct gw_text_page page = {.writer = &sink->writer,
        .width = sink->options.width,
        .colour = sink->options.colour,
        .utf8 = sink->options.utf8,
        .status = GW_DONE};
    char line[128];

    (void)stats;
    if (explain->match_count == 0)
        return GW_DONE;
    if (explain->match_count > 1) {
        put_ambiguous(&page, explain);
        return page.status;
    }
    if (explain->has_incident) {
        gw_text_page_rule(&page, true);
        gw_text_incident_block(&page, &explain->incident, 1);
    }
    for (uint32_t i = 0; i < explain->count; i++) {
        if (i > 0 || explain->has_incident)
            gw_text_page_gap(&page);
        put_finding(&page, sink, &explain->finding[i]);
    }
    if (explain->left_out != 0) {
        (void)snprintf(line, sizeof(line),
            "%" PRIu64 " more findings of this incident are not shown.", explain->left_out);
        gw_text_page_gap(&page);
        gw_text_page_paragraph(&page, GW_TEXT_STRONG, "", 0, line);
    }
    return page.status;
}

const struct gw_sink_ops gw_text_explain_ops = {
    .name = "explain",
    .text = "everything behind one finding or incident",
    .finding = take_finding,
    .incident = take_incident,
    .end = tell_explanation,
};
