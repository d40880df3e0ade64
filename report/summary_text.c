/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/summary_text.h"

#include <string.h>

#include "base/reason.h"
#include "report/escape.h"
#include "report/mnemonic.h"
#include "report/stats.h"

/* Inputs of each sort, sound and damaged, that are named; the rest is counted. */
#define INPUTS_SHOWN 12u

/* Column in which the values of the head start. */
#define HEAD_INDENT 11u

/* A history shorter than this cannot tell what is usual. */
#define SHORT_SPAN_S 86400.0

#define LINE_SIZE 1024u

void
gw_text_time(struct gw_text *text, int64_t time_ns, bool clock_only)
{
    char time[GW_ESCAPE_TIME_SIZE];

    (void)gw_escape_time(time_ns, time);
    if (!clock_only)
        gw_text_format(text, "%.10s ", time);
    gw_text_format(text, "%.12s", time + 11);
}

static double
share(uint64_t part, uint64_t whole)
{
    return whole == 0 ? 0 : 100.0 * (double)part / (double)whole;
}

/* "12 %", "0.4 %", "0 %"; never 0 or 100 when it is not exactly that. */
static void
put_share(struct gw_text *text, uint64_t part, uint64_t whole)
{
    const double percent = share(part, whole);

    if (part == 0 || part == whole)
        gw_text_format(text, "%.0f %%", percent);
    else if (percent < 0.1)
        gw_text_put(text, "under 0.1 %");
    else if (percent > 99.9)
        gw_text_put(text, "over 99.9 %");
    else
        gw_text_format(text, percent < 9.95 || percent > 99 ? "%.1f %%" : "%.0f %%", percent);
}

static void
put_input(struct gw_text_page *page, const char *label, const struct gw_input *input)
{
    char path[LINE_SIZE];
    char line[2 * LINE_SIZE];
    struct gw_text text;

    gw_text_init(&text, path, sizeof(path));
    gw_text_outside(&text, input->path != NULL ? input->path : "");
    gw_text_elide(path, page->width - HEAD_INDENT);

    gw_text_init(&text, line, sizeof(line));
    gw_text_format(&text, "%s", strcmp(path, "-") == 0 ? "standard input" : "");
    if (text.len == 0)
        gw_text_put(&text, path);
    gw_text_put(&text, ": ");
    gw_text_count(&text, input->packets, "packet", "packets");
    gw_text_format(&text, ", %s", input->format != NULL ? input->format : "unknown format");
    if (input->compression != NULL && strcmp(input->compression, "none") != 0)
        gw_text_format(&text, " (%s)", input->compression);
    if (input->too_long > 0) {
        gw_text_put(&text, ", ");
        gw_text_number(&text, input->too_long);
        gw_text_put(&text, " too long");
    }
    if (input->damage.damaged) {
        gw_text_put(&text, "; DAMAGED at record ");
        gw_text_number(&text, input->damage.record);
        gw_text_put(&text, ", offset ");
        gw_text_number(&text, input->damage.offset);
        gw_text_format(&text, ": %s", input->damage.what != NULL ? input->damage.what : "unknown");
    }
    gw_text_page_paragraph(
        page, input->damage.damaged ? GW_TEXT_ALARM : GW_TEXT_PLAIN, label, HEAD_INDENT, line);
}

/* The first inputs, and of those after them the damaged ones. */
static void
put_inputs(struct gw_text_page *page, const struct gw_stats *stats)
{
    uint32_t shown = 0;
    uint32_t damaged = 0;

    for (uint32_t i = 0; i < stats->input_count; i++) {
        const struct gw_input *input = &stats->input[i];
        char label[16];
        struct gw_text text;

        if (i >= INPUTS_SHOWN && (!input->damage.damaged || damaged >= INPUTS_SHOWN))
            continue;
        damaged += i >= INPUTS_SHOWN;
        gw_text_init(&text, label, sizeof(label));
        if (stats->input_count > 1 && i < 99999)
            gw_text_format(&text, "%s%u", i < 9999 ? "Input " : "", i + 1);
        else
            gw_text_put(&text, "Input");
        put_input(page, label, input);
        shown++;
    }
    if (shown < stats->input_count) {
        char line[LINE_SIZE];
        struct gw_text text;

        gw_text_init(&text, line, sizeof(line));
        gw_text_put(&text, "and ");
        gw_text_number(&text, stats->input_count - shown);
        gw_text_put(&text, " more");
        gw_text_page_paragraph(page, GW_TEXT_PLAIN, "", HEAD_INDENT, line);
    }
}

static void
put_span(struct gw_text_page *page, const struct gw_stats *stats)
{
    char line[LINE_SIZE];
    struct gw_text text;

    gw_text_init(&text, line, sizeof(line));
    if (stats->packet.seen == 0) {
        gw_text_put(&text, "no packet");
    } else {
        gw_text_time(&text, stats->first_ns, false);
        gw_text_put(&text, " to ");
        gw_text_time(&text, stats->last_ns, false);
        gw_text_put(&text, " UTC (");
        gw_text_duration(&text, ((double)stats->last_ns - (double)stats->first_ns) / GW_NS_PER_S);
        gw_text_put(&text, ")");
    }
    if (stats->interrupted)
        gw_text_put(&text, "; STOPPED before the end of the inputs");
    gw_text_page_paragraph(page, GW_TEXT_PLAIN, "Time", HEAD_INDENT, line);
}

static void
put_history(struct gw_text_page *page, const struct gw_stats *stats)
{
    const struct gw_history_stats *history = &stats->history;
    char line[LINE_SIZE];
    struct gw_text text;

    if (!history->loaded)
        return;
    gw_text_init(&text, line, sizeof(line));
    gw_text_count(&text, history->records, "record", "records");
    gw_text_put(&text, " of earlier runs");
    if (history->records != 0) {
        gw_text_put(&text, ", since ");
        gw_text_time(&text, history->begin_ns, false);
        gw_text_put(&text, " UTC");
    }
    gw_text_page_paragraph(page, GW_TEXT_PLAIN, "History", HEAD_INDENT, line);
}

static void
put_vantage(struct gw_text_page *page, const struct gw_stats *stats)
{
    char line[LINE_SIZE];
    struct gw_text text;

    gw_text_init(&text, line, sizeof(line));
    gw_text_count(&text, stats->table.resolver_groups, "resolver group", "resolver groups");
    gw_text_put(&text, ", ");
    gw_text_count(&text, stats->table.servers, "server", "servers");
    gw_text_put(&text, ", ");
    gw_text_count(&text, stats->table.delegations, "zone cut", "zone cuts");
    gw_text_put(&text, ", ");
    gw_text_count(&text, stats->table.name_servers, "name server", "name servers");
    gw_text_page_paragraph(page, GW_TEXT_PLAIN, "Vantage", HEAD_INDENT, line);
}

static void
put_traffic(struct gw_text_page *page, const struct gw_stats *stats)
{
    const struct gw_message_stats *message = &stats->message;
    char line[LINE_SIZE];
    struct gw_text text;

    gw_text_init(&text, line, sizeof(line));
    gw_text_count(&text, message->queries, "query", "queries");
    gw_text_put(&text, ", ");
    gw_text_count(&text, message->responses, "response", "responses");
    gw_text_put(&text, ", of them ");
    gw_text_count(&text, message->referral_shaped, "referral", "referrals");
    gw_text_put(&text, "; ");
    put_share(&text, message->tcp, message->seen);
    gw_text_put(&text, " over TCP, ");
    gw_text_count(&text, stats->packet.fragments, "fragment", "fragments");
    gw_text_put(&text, ", ");
    gw_text_count(&text, stats->packet.encrypted, "encrypted packet", "encrypted packets");
    gw_text_page_paragraph(page, GW_TEXT_PLAIN, "Traffic", HEAD_INDENT, line);
}

/* How responses fit the queries; nothing where there is nothing to match. */
static void
put_matching(struct gw_text_page *page, const struct gw_stats *stats)
{
    const uint64_t *fits = stats->match.fits;
    const uint64_t strays = fits[GW_FIT_UNKNOWN] + fits[GW_FIT_UNSOLICITED];
    char line[LINE_SIZE];
    struct gw_text text;

    if (fits[GW_FIT_FIRST] == 0)
        return;
    gw_text_init(&text, line, sizeof(line));
    put_share(&text, fits[GW_FIT_FIRST], fits[GW_FIT_FIRST] + strays);
    gw_text_put(&text, " of the responses have a query; ");
    gw_text_count(&text, fits[GW_FIT_SECOND], "second response", "second responses");
    gw_text_put(&text, ", ");
    gw_text_count(&text, fits[GW_FIT_WRONG_ID] + fits[GW_FIT_WRONG_QUESTION],
        "with a wrong ID or question", "with a wrong ID or question");
    gw_text_put(&text, ", ");
    gw_text_count(&text, fits[GW_FIT_WRONG_SOURCE], "from a wrong source", "from a wrong source");
    gw_text_put(&text, ", ");
    gw_text_number(&text, fits[GW_FIT_UNSOLICITED]);
    gw_text_put(&text, " unsolicited; ");
    gw_text_count(&text, fits[GW_FIT_COPY], "copy", "copies");
    gw_text_put(
        &text, stats->match.overflow != 0 ? "; too many open queries: pairing is degraded" : "");
    gw_text_page_paragraph(page, GW_TEXT_PLAIN, "Matching", HEAD_INDENT, line);
}

static void
put_mode(struct gw_text_page *page, const struct gw_stats *stats)
{
    char line[LINE_SIZE];
    struct gw_text text;

    gw_text_init(&text, line, sizeof(line));
    gw_text_put(&text,
        stats->responses_only ? "responses only (no query was seen)" : "queries and responses");
    gw_text_put(&text, stats->lab_profile ? "; lab profile: documentation addresses count as public"
                                          : "; public profile");
    gw_text_page_paragraph(page, GW_TEXT_PLAIN, "Mode", HEAD_INDENT, line);
    if (stats->filter != NULL) {
        gw_text_init(&text, line, sizeof(line));
        gw_text_outside(&text, stats->filter);
        gw_text_page_paragraph(page, GW_TEXT_PLAIN, "Filter", HEAD_INDENT, line);
    }
}

static void
put_total(struct gw_text_page *page, const char *label, uint64_t total, const uint64_t *by_severity)
{
    enum gw_text_style style = GW_TEXT_GOOD;
    char line[LINE_SIZE];
    struct gw_text text;

    gw_text_init(&text, line, sizeof(line));
    gw_text_number(&text, total);
    for (uint32_t i = GW_SEVERITY_COUNT; i > 0; i--) {
        const enum gw_severity severity = (enum gw_severity)(i - 1);

        if (by_severity[severity] == 0)
            continue;
        if (style == GW_TEXT_GOOD) {
            style = severity >= GW_HIGH ? GW_TEXT_ALARM : GW_TEXT_STRONG;
            gw_text_put(&text, ": ");
        } else {
            gw_text_put(&text, ", ");
        }
        gw_text_number(&text, by_severity[severity]);
        gw_text_format(&text, " %s", gw_text_severity(severity));
    }
    gw_text_page_paragraph(page, style, label, HEAD_INDENT, line);
}

static void
put_totals(struct gw_text_page *page, const struct gw_stats *stats)
{
    put_total(page, "Incidents", gw_stats_incidents(stats), stats->incident.by_severity);
    put_total(page, "Findings", stats->finding.emitted, stats->finding.by_severity);
}

void
gw_text_head(struct gw_text_page *page, const struct gw_stats *stats)
{
    gw_text_page_ends(
        page, GW_TEXT_STRONG, "gluewatch " GLUEWATCH_VERSION, "glue compared across resolvers");
    gw_text_page_rule(page, true);
    put_inputs(page, stats);
    put_span(page, stats);
    put_history(page, stats);
    put_vantage(page, stats);
    put_traffic(page, stats);
    put_matching(page, stats);
    put_mode(page, stats);
    put_totals(page, stats);
    gw_text_page_rule(page, true);
}

void
gw_text_no_findings(struct gw_text_page *page, const struct gw_stats *stats)
{
    char line[LINE_SIZE];
    struct gw_text text;

    gw_text_init(&text, line, sizeof(line));
    if (stats->message.seen == 0)
        gw_text_put(&text, "No DNS message was found, so nothing could be judged.");
    else if (stats->message.referral_shaped == 0)
        gw_text_put(&text,
            "No referral was seen, so there was no glue to judge. Is the capture taken "
            "between the resolvers and the authoritative servers?");
    else {
        gw_text_put(&text, "No findings: what ");
        gw_text_count(&text, stats->table.servers, "server", "servers");
        gw_text_put(&text, " told ");
        gw_text_count(&text, stats->table.resolver_groups, "resolver group", "resolver groups");
        gw_text_put(&text, " about ");
        gw_text_count(&text, stats->table.delegations, "zone cut", "zone cuts");
        gw_text_put(&text, " in ");
        gw_text_count(&text, stats->message.referral_shaped, "referral", "referrals");
        gw_text_put(&text, " is consistent as far as it was seen.");
    }
    gw_text_page_gap(page);
    gw_text_page_paragraph(page, GW_TEXT_STRONG, "", 0, line);
}

static void
point(struct gw_text_page *page, const char *text)
{
    gw_text_page_paragraph(page, GW_TEXT_PLAIN, "  - ", 4, text);
}

/* A point with a count in front, unless the count is 0. */
static void
counted_point(struct gw_text_page *page, uint64_t count, const char *one, const char *more)
{
    char line[LINE_SIZE];
    struct gw_text text;

    if (count == 0)
        return;
    gw_text_init(&text, line, sizeof(line));
    gw_text_count(&text, count, one, more);
    point(page, line);
}

static void
put_history_points(struct gw_text_page *page, const struct gw_stats *stats)
{
    const bool has_history = stats->history.records != 0;
    const int64_t begin_ns = has_history && stats->history.begin_ns < stats->first_ns
                                 ? stats->history.begin_ns
                                 : stats->first_ns;
    const double span_s = ((double)stats->last_ns - (double)begin_ns) / GW_NS_PER_S;
    const uint64_t zones = stats->table.zone_known + stats->table.zone_unknown;
    char line[LINE_SIZE];
    struct gw_text text;

    if (stats->responses_only)
        point(page, "No query was seen: whether a response was asked for cannot be told, and every "
                    "confidence is halved.");
    if (stats->packet.seen > 0 && span_s < SHORT_SPAN_S) {
        gw_text_init(&text, line, sizeof(line));
        gw_text_put(&text, has_history ? "The capture and what was known before it span only "
                                       : "The capture spans only ");
        gw_text_duration(&text, span_s);
        gw_text_put(&text, ": changes cannot be told from what was always so.");
        point(page, line);
    }
    if (stats->table.resolver_groups == 1)
        point(page, "Only one resolver group was seen: it has nobody to be compared with.");
    if (stats->table.zone_unknown > 0) {
        gw_text_init(&text, line, sizeof(line));
        gw_text_put(&text, "For ");
        put_share(&text, stats->table.zone_unknown, zones);
        gw_text_put(&text, " of the referrals that said something new (");
        gw_text_number(&text, stats->table.zone_unknown);
        gw_text_put(
            &text, ") the parent zone is not known: glue outside of it cannot be told there.");
        point(page, line);
    }
    point(page,
        "A resolver asks for a delegation about once per TTL: what it held in its cache before "
        "the first packet was not seen.");
}

static void
put_packet_points(struct gw_text_page *page, const struct gw_stats *stats)
{
    uint32_t damaged = 0;

    for (uint32_t i = 0; i < stats->input_count; i++)
        damaged += stats->input[i].damage.damaged;
    counted_point(page, damaged, "input is damaged: what follows the damage was not read.",
        "inputs are damaged: what follows the damage was not read.");
    counted_point(page, stats->packet.snapped,
        "packet was cut by the snap length; nothing is concluded from a cut message.",
        "packets were cut by the snap length; nothing is concluded from a cut message.");
    counted_point(page, stats->packet.encrypted,
        "packet on port 853 is encrypted; the glue in it was not seen.",
        "packets on port 853 are encrypted; the glue in them was not seen.");
    counted_point(page, stats->packet.skipped[GW_TCP_GAP] + stats->packet.skipped[GW_TCP_LOST],
        "TCP packet could not be read because others of its stream are missing.",
        "TCP packets could not be read because others of their streams are missing.");
    counted_point(page, stats->packet.skipped[GW_FRAG_INCOMPLETE],
        "fragment stayed alone: the rest of its datagram is missing.",
        "fragments stayed alone: the rest of their datagrams is missing.");
    if (stats->filter != NULL)
        point(page,
            "A filter was set: tagged frames (VLAN, MPLS, PPPoE) and fragments do not match a "
            "filter by port unless it says so, and were then not seen.");
}

static void
put_table_points(struct gw_text_page *page, const struct gw_stats *stats)
{
    const struct gw_table_stats *table = &stats->table;

    counted_point(page, table->evicted, "zone cut was forgotten for lack of memory.",
        "zone cuts were forgotten for lack of memory.");
    counted_point(page, table->refused_admission + table->refused_quota + table->refused_memory,
        "zone cut was not taken in: limits of memory or of one parent's share.",
        "zone cuts were not taken in: limits of memory or of one parent's share.");
    counted_point(page, table->claims_dropped + table->rows_dropped + table->targets_dropped,
        "address, witness or name server was beyond what is kept of one delegation.",
        "addresses, witnesses or name servers were beyond what is kept of one delegation.");
    counted_point(page, stats->finding.suppressed_low, "suspicion was too weak to be told.",
        "suspicions were too weak to be told.");
    counted_point(page, stats->finding.suppressed_full,
        "finding was not told because the store was full.",
        "findings were not told because the store was full.");
    counted_point(page, stats->finding.suppressed_rule,
        "finding was held back by an operator's rule.",
        "findings were held back by an operator's rules.");
    counted_point(page, stats->finding.suppressed_rate,
        "finding was not told because too many like it came at once; incidents count it.",
        "findings were not told because too many like them came at once; incidents count them.");
    counted_point(page, stats->incident.evidence,
        "matter has some evidence behind it, but not enough for an incident.",
        "matters have some evidence behind them, but not enough for an incident.");
    counted_point(page, stats->incident.dropped, "matter was given up for lack of room.",
        "matters were given up for lack of room.");
}

void
gw_text_blind_spots(struct gw_text_page *page, const struct gw_stats *stats)
{
    gw_text_page_gap(page);
    gw_text_page_paragraph(page, GW_TEXT_STRONG, "", 0, "What this capture cannot show");
    put_history_points(page, stats);
    put_packet_points(page, stats);
    put_table_points(page, stats);
}

/* "Skipped: 30,000 not-port-53, 4,567 tcp-no-data", in falling order, if anything was. */
static void
put_reasons(struct gw_text_page *page, const char *label, const uint64_t counters[GW_WHY_COUNT])
{
    bool told[GW_WHY_COUNT] = {false};
    char line[4 * LINE_SIZE];
    struct gw_text text;

    gw_text_init(&text, line, sizeof(line));
    for (uint32_t rank = 0; rank < GW_WHY_COUNT; rank++) {
        uint32_t next = GW_WHY_COUNT;

        for (uint32_t i = 0; i < GW_WHY_COUNT; i++) {
            if (!told[i] && counters[i] != 0 &&
                (next == GW_WHY_COUNT || counters[i] > counters[next]))
                next = i;
        }
        if (next == GW_WHY_COUNT)
            break;
        told[next] = true;
        gw_text_put(&text, text.len == 0 ? label : ", ");
        gw_text_number(&text, counters[next]);
        gw_text_format(&text, " %s", gw_why_name((enum gw_why)next));
    }
    if (text.len > 0)
        gw_text_page_paragraph(page, GW_TEXT_DIM, "", 13, line);
}

void
gw_text_accounting(struct gw_text_page *page, const struct gw_stats *stats)
{
    gw_text_page_gap(page);
    gw_text_page_paragraph(page, GW_TEXT_STRONG, "", 0, "Accounting");
    for (uint32_t i = 0; i < GW_STATS_LAW_COUNT; i++) {
        const enum gw_stats_law law = (enum gw_stats_law)i;
        const bool holds = gw_stats_law_holds(stats, law);
        char label[16];
        char line[LINE_SIZE];
        struct gw_text text;

        gw_text_init(&text, label, sizeof(label));
        gw_text_format(&text, "  %s", gw_stats_law_name(law));
        gw_text_init(&text, line, sizeof(line));
        gw_stats_law_text(&text, stats, law);
        gw_text_put(&text, holds ? ": exact" : ": BROKEN");
        gw_text_page_paragraph(page, holds ? GW_TEXT_PLAIN : GW_TEXT_ALARM, label, 13, line);
        if (law == GW_STATS_LAW_PACKETS)
            put_reasons(page, "skipped: ", stats->packet.skipped);
        if (law == GW_STATS_LAW_MALFORMED)
            put_reasons(page, "malformed: ", stats->message.malformed);
    }
}
