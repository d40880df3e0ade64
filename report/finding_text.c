/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/finding_text.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "report/format.h"
#include "report/frames.h"
#include "report/mnemonic.h"
#include "report/page.h"
#include "report/sentence.h"
#include "report/summary_text.h"

/* Column in which a finding's text starts, and that in which the values of its lines do. */
#define BLOCK_INDENT 4u
#define LABEL_INDENT 12u

/* Members and witnesses of a set that a block shows; the rest is counted. */
#define MEMBERS_SHOWN   6u
#define WITNESSES_SHOWN 5u

#define LINE_SIZE 2048u

/* What the parts of one block share. */
struct block {
    struct gw_text_page *page;
    const struct gw_finding *finding;
    bool many_inputs; /* a frame needs its input named */
    bool one_day;     /* the run lies within one day, whose date the head of the report has */
    int64_t day_ns;   /* a time on that day */
};

int
gw_text_report_new(struct gw_text_report **ret_report)
{
    struct gw_text_report *report = calloc(1, sizeof(*report));

    if (report == NULL)
        return GW_E_NOMEM;
    *ret_report = report;
    return GW_DONE;
}

void
gw_text_report_free(struct gw_text_report *report)
{
    free(report);
}

/* Findings are told by severity, then by time. */
static bool
is_before(const struct gw_finding *left, const struct gw_finding *right)
{
    if (left->severity != right->severity)
        return left->severity > right->severity;
    if (left->trigger_ns != right->trigger_ns)
        return left->trigger_ns < right->trigger_ns;
    return left->sequence < right->sequence;
}

static int
keep_finding(struct gw_sink *sink, const struct gw_finding *finding)
{
    struct gw_text_report *report = sink->report;
    struct gw_finding *room =
        &report->store[report->count < GW_TEXT_FINDINGS_MAX ? report->count : 0];
    uint32_t at = report->count;

    if (report->count == GW_TEXT_FINDINGS_MAX) {
        report->left_out++;
        if (!is_before(finding, report->order[report->count - 1]))
            return GW_DONE;
        room = report->order[report->count - 1];
        at--;
    } else {
        report->count++;
    }
    while (at > 0 && is_before(finding, report->order[at - 1])) {
        report->order[at] = report->order[at - 1];
        at--;
    }
    *room = *finding;
    report->order[at] = room;
    return GW_DONE;
}

/* They come in order: the gravest first. */
static int
keep_incident(struct gw_sink *sink, const struct gw_incident *incident)
{
    struct gw_text_report *report = sink->report;

    if (report->incident_count == GW_TEXT_INCIDENTS_MAX)
        report->incidents_left_out++;
    else
        report->incident[report->incident_count++] = *incident;
    return GW_DONE;
}

/* The room that a name may take in running text. */
static size_t
name_room(const struct gw_text_page *page)
{
    return page->width - LABEL_INDENT;
}

static void
put_title(const struct block *block, uint32_t number)
{
    const struct gw_finding *finding = block->finding;
    char severity[16];
    char left[128];
    char right[32];

    (void)snprintf(severity, sizeof(severity), "%s", gw_text_severity(finding->severity));
    for (char *letter = severity; *letter != '\0'; letter++)
        *letter = (char)(*letter - ('a' - 'A'));
    (void)snprintf(
        left, sizeof(left), "%2u. %s  %s", number, severity, gw_text_kind(finding->kind)->name);
    (void)snprintf(right, sizeof(right), "confidence %.2f", finding->confidence);
    gw_text_page_ends(
        block->page, (enum gw_text_style)(GW_TEXT_INFO + (uint32_t)finding->severity), left, right);
}

static void
put_subject(const struct block *block)
{
    const struct gw_finding *finding = block->finding;
    char line[LINE_SIZE];
    struct gw_text text;

    gw_text_init(&text, line, sizeof(line));
    text.name_room = name_room(block->page);
    if (finding->name.len > 0) {
        gw_text_name(&text, &finding->name);
        gw_text_put(&text, " in the delegation of ");
    }
    gw_text_name(&text, &finding->cut);
    if (finding->zone.len > 0) {
        gw_text_put(&text, ", parent zone ");
        gw_text_name(&text, &finding->zone);
    }
    gw_text_page_paragraph(block->page, GW_TEXT_STRONG, "", BLOCK_INDENT, line);
    gw_text_page_paragraph(
        block->page, GW_TEXT_DIM, "", BLOCK_INDENT, gw_text_kind(finding->kind)->title);
}

/* Longest text that no column should break: an address of a set or of its witnesses. */
static size_t
address_width(const struct gw_finding *finding)
{
    size_t longest = 0;

    for (uint32_t i = 0; i < finding->set_count; i++) {
        const struct gw_finding_set *set = &finding->set[i];
        char text[GW_ESCAPE_ADDR_SIZE];

        for (uint32_t j = 0; j < set->address_count; j++) {
            const size_t len = gw_escape_addr(&set->address[j], text);

            longest = len > longest ? len : longest;
        }
        for (uint32_t j = 0; j < set->witness_count; j++) {
            const size_t server = gw_escape_addr(&set->witness[j].server, text) + 5;
            const size_t resolver = gw_escape_addr(&set->witness[j].resolver, text);

            longest = resolver > longest ? resolver : longest;
            longest = server > longest ? server : longest;
        }
    }
    return longest;
}

static void
add_more(struct gw_text_column *column, uint64_t count, const char *one, const char *more)
{
    char line[64];
    struct gw_text text;

    gw_text_init(&text, line, sizeof(line));
    gw_text_put(&text, "and ");
    gw_text_count(&text, count, one, more);
    gw_text_column_add(column, GW_TEXT_DIM, line);
}

/* A change has a before and an after, and nobody who contradicts anybody. */
static bool
is_change(const struct gw_finding *finding)
{
    return finding->kind == GW_KIND_GLUE_CHANGED_AFTER_STABLE ||
           finding->kind == GW_KIND_NS_SET_CHANGED;
}

static const char *
side_name(const struct gw_finding *finding, enum gw_set_role role)
{
    if (is_change(finding))
        return role == GW_SET_CONTRARY ? "AFTER: " : "BEFORE: ";
    return role == GW_SET_CONTRARY ? "CONTRARY: " : "KNOWN: ";
}

static void
add_heading(struct gw_text_column *column, const struct gw_finding *finding,
    const struct gw_finding_set *set)
{
    char line[128];
    struct gw_text text;

    gw_text_init(&text, line, sizeof(line));
    gw_text_put(&text, side_name(finding, set->role));
    gw_text_count(&text, set->group_count, "resolver group", "resolver groups");
    gw_text_put(&text, ", ");
    gw_text_count(&text, set->server_count, "server", "servers");
    gw_text_column_add(column, set->role == GW_SET_CONTRARY ? GW_TEXT_ALARM : GW_TEXT_STRONG, line);
}

static void
add_members(struct gw_text_column *column, const struct gw_finding_set *set)
{
    const enum gw_text_style style = set->role == GW_SET_CONTRARY ? GW_TEXT_ALARM : GW_TEXT_PLAIN;
    const uint32_t kept = set->address_count + set->name_count;
    const uint32_t total = set->member_total > kept ? set->member_total : kept;
    uint32_t shown = 0;

    while (shown < kept && shown < MEMBERS_SHOWN) {
        char line[GW_ESCAPE_NAME_SIZE];
        struct gw_text text;

        gw_text_init(&text, line, sizeof(line));
        text.name_room = 2u * column->width - 2;
        if (shown < set->address_count)
            gw_text_addr(&text, &set->address[shown]);
        else
            gw_text_name(&text, &set->name[shown - set->address_count]);
        gw_text_column_add(column, style, line);
        shown++;
    }
    if (total == 0)
        gw_text_column_add(column, style, "no address");
    else if (total > shown)
        add_more(column, total - shown, "more", "more");
    if (total == 0)
        return;

    char line[64];

    if (set->ttl_min_s == set->ttl_max_s)
        (void)snprintf(line, sizeof(line), "TTL %u", set->ttl_min_s);
    else
        (void)snprintf(line, sizeof(line), "TTL %u to %u", set->ttl_min_s, set->ttl_max_s);
    gw_text_column_add(column, GW_TEXT_DIM, line);
}

static bool
same_day(int64_t left_ns, int64_t right_ns)
{
    char left[GW_ESCAPE_TIME_SIZE];
    char right[GW_ESCAPE_TIME_SIZE];

    (void)gw_escape_time(left_ns, left);
    (void)gw_escape_time(right_ns, right);
    return memcmp(left, right, 10) == 0;
}

static void
add_witness(
    struct gw_text_column *column, const struct block *block, const struct gw_witness *witness)
{
    const bool clock_only = block->one_day && same_day(block->day_ns, witness->first_ns);
    char line[256];
    struct gw_text text;

    gw_text_init(&text, line, sizeof(line));
    gw_text_addr(&text, &witness->resolver);
    gw_text_put(&text, " <- ");
    gw_text_addr(&text, &witness->server);
    gw_text_column_add(column, GW_TEXT_PLAIN, line);

    gw_text_init(&text, line, sizeof(line));
    gw_text_put(&text, "  ");
    gw_text_time(&text, witness->first_ns, clock_only);
    if (witness->count > 1 && witness->last_ns > witness->first_ns) {
        gw_text_put(&text, " to ");
        gw_text_time(&text, witness->last_ns, same_day(witness->first_ns, witness->last_ns));
    }
    gw_text_put(&text, ", ");
    gw_text_number(&text, witness->count);
    gw_text_put(&text, "x, frame ");
    gw_text_format(&text, "%llu", (unsigned long long)witness->frame);
    if (block->many_inputs)
        gw_text_format(&text, " of input %u", witness->input + 1);
    gw_text_column_add(column, GW_TEXT_DIM, line);
}

static void
fill_column(struct gw_text_column *column, const struct block *block,
    const struct gw_finding_set *set, uint32_t width)
{
    uint32_t shown = 0;

    column->width = width;
    column->count = 0;
    add_heading(column, block->finding, set);
    add_members(column, set);
    while (shown < set->witness_count && shown < WITNESSES_SHOWN)
        add_witness(column, block, &set->witness[shown++]);
    if (set->witness_total > shown)
        add_more(column, set->witness_total - shown, "more witness", "more witnesses");
}

/* What matters stands left: the contrary side, or what was before; stacked on a narrow page. */
static void
put_sets(const struct block *block)
{
    const struct gw_finding *finding = block->finding;
    const uint32_t room = block->page->width - BLOCK_INDENT;
    const uint32_t half = (room - 3) / 2;
    const bool beside = finding->set_count == 2 && address_width(finding) <= half;
    struct gw_text_column columns[GW_FINDING_SETS_MAX];
    uint32_t first = 0;

    if (finding->set_count == 0)
        return;
    if (finding->set_count == 2 && finding->set[0].role == GW_SET_KNOWN && !is_change(finding))
        first = 1;
    for (uint32_t i = 0; i < finding->set_count; i++)
        fill_column(
            &columns[i], block, &finding->set[i == 0 ? first : 1 - first], beside ? half : room);
    gw_text_page_gap(block->page);
    if (beside) {
        gw_text_page_columns(block->page, BLOCK_INDENT, &columns[0], &columns[1]);
    } else {
        for (uint32_t i = 0; i < finding->set_count; i++) {
            if (i > 0)
                gw_text_page_gap(block->page);
            gw_text_page_column(block->page, BLOCK_INDENT, &columns[i]);
        }
    }
    gw_text_page_gap(block->page);
}

static void
put_labelled(const struct block *block, const char *label, const char *text)
{
    char lead[LABEL_INDENT + 1];

    (void)snprintf(lead, sizeof(lead), "    %s", label);
    gw_text_page_paragraph(block->page, GW_TEXT_PLAIN, lead, LABEL_INDENT, text);
}

static void
put_terms(const struct block *block)
{
    const struct gw_finding *finding = block->finding;
    char line[LINE_SIZE];
    struct gw_text text;
    double sum = 0;

    gw_text_init(&text, line, sizeof(line));
    for (uint32_t i = 0; i < finding->term_count; i++) {
        gw_text_format(&text, "%s %+.2f, ", finding->term[i].name, finding->term[i].points);
        sum += finding->term[i].points;
    }
    gw_text_format(&text, "sum %+.2f", sum);
    put_labelled(block, "Terms", line);
}

static void
put_caveats(const struct block *block)
{
    const char *label = "But";

    for (uint32_t bit = 0; gw_text_caveat(bit) != NULL; bit++) {
        if ((block->finding->caveats >> bit & 1) == 0)
            continue;
        put_labelled(block, label, gw_text_caveat_meaning(bit));
        label = "";
    }
}

/* The frames behind it, for each input. */
static void
put_frames(const struct block *block)
{
    struct gw_text_frame frames[GW_TEXT_FRAMES_MAX];
    const uint32_t count = gw_text_frames(block->finding, frames);
    const char *label = "Look";
    uint32_t start = 0;

    while (start < count) {
        const uint32_t same = gw_text_frames_of_input(frames + start, count - start);
        char line[2 * LINE_SIZE];
        struct gw_text text;

        gw_text_init(&text, line, sizeof(line));
        gw_text_put(&text, same == 1 ? "frame" : "frames");
        for (uint32_t i = start; i < start + same; i++)
            gw_text_format(
                &text, "%s %llu", i > start ? "," : "", (unsigned long long)frames[i].number);
        if (block->many_inputs)
            gw_text_format(&text, " of input %u", frames[start].input + 1);
        put_labelled(block, label, line);
        label = "";
        start += same;
    }
}

static void
put_identity(const struct block *block)
{
    const struct gw_finding *finding = block->finding;
    char line[256];
    struct gw_text text;

    gw_text_init(&text, line, sizeof(line));
    for (size_t i = 0; i < sizeof(finding->id); i++)
        gw_text_format(&text, "%02x", finding->id[i]);
    gw_text_put(&text, ", ");
    gw_text_count(&text, finding->message_count, "message", "messages");
    gw_text_put(&text, ", ");
    gw_text_time(&text, finding->first_ns, false);
    gw_text_put(&text, " to ");
    gw_text_time(&text, finding->last_ns, same_day(finding->first_ns, finding->last_ns));
    gw_text_format(&text, "; %s", gw_text_kind(finding->kind)->source);
    put_labelled(block, "Id", line);
}

static void
put_block(const struct block *block, uint32_t number)
{
    char sentence[GW_TEXT_SENTENCE_SIZE];

    put_title(block, number);
    put_subject(block);
    put_sets(block);
    gw_text_sentence(block->finding, name_room(block->page), sentence);
    put_labelled(block, "Why", sentence);
    put_terms(block);
    put_caveats(block);
    put_frames(block);
    put_identity(block);
}

static void
put_left_out(struct gw_text_page *page, uint64_t left_out)
{
    char line[256];
    struct gw_text text;

    gw_text_init(&text, line, sizeof(line));
    gw_text_count(&text, left_out,
        "more finding is not shown here, of the same or a lower severity",
        "more findings are not shown here, of the same or a lower severity");
    gw_text_put(&text, "; the format json has all of them.");
    gw_text_page_paragraph(page, GW_TEXT_STRONG, "", 0, line);
}

static void
put_incidents(struct gw_text_page *page, const struct gw_text_report *report)
{
    char line[128];
    struct gw_text text;

    if (report->incident_count == 0)
        return;
    gw_text_page_gap(page);
    gw_text_page_paragraph(page, GW_TEXT_STRONG, "", 0, "Incidents");
    for (uint32_t i = 0; i < report->incident_count; i++) {
        gw_text_page_gap(page);
        gw_text_incident_block(page, &report->incident[i], i + 1);
    }
    if (report->incidents_left_out != 0) {
        gw_text_init(&text, line, sizeof(line));
        gw_text_count(&text, report->incidents_left_out, "more incident is", "more incidents are");
        gw_text_put(&text, " not shown here; the format incidents has all of them.");
        gw_text_page_gap(page);
        gw_text_page_paragraph(page, GW_TEXT_STRONG, "", 0, line);
    }
    gw_text_page_gap(page);
    gw_text_page_paragraph(page, GW_TEXT_STRONG, "", 0, "Findings");
}

static int
tell_report(struct gw_sink *sink, const struct gw_stats *stats)
{
    const struct gw_text_report *report = sink->report;
    struct gw_text_page page = {.writer = &sink->writer,
        .width = sink->options.width,
        .colour = sink->options.colour,
        .utf8 = sink->options.utf8,
        .status = GW_DONE};

    gw_text_head(&page, stats);
    put_incidents(&page, report);
    for (uint32_t i = 0; i < report->count; i++) {
        const struct block block = {.page = &page,
            .finding = report->order[i],
            .many_inputs = stats->input_count > 1,
            .one_day = same_day(stats->first_ns, stats->last_ns),
            .day_ns = stats->first_ns};

        gw_text_page_gap(&page);
        if (i > 0)
            gw_text_page_rule(&page, false);
        put_block(&block, i + 1);
    }
    if (report->left_out > 0) {
        gw_text_page_gap(&page);
        put_left_out(&page, report->left_out);
    }
    if (report->count == 0)
        gw_text_no_findings(&page, stats);
    gw_text_page_gap(&page);
    gw_text_page_rule(&page, true);
    gw_text_blind_spots(&page, stats);
    gw_text_accounting(&page, stats);
    return page.status;
}

const struct gw_sink_ops gw_text_ops = {
    .name = "text",
    .text = "a report for people: incidents, findings, what they rest on, and what could not be "
            "seen",
    .finding = keep_finding,
    .incident = keep_incident,
    .end = tell_report,
};
