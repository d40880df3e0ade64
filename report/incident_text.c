/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/incident_text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "report/mnemonic.h"
#include "report/summary_text.h"

/* Column in which a block's text starts, and that in which the values of its lines do. */
#define BLOCK_INDENT 4u
#define LABEL_INDENT 14u

/* Delegations and resolvers that a block names; the rest is counted. */
#define NAMES_SHOWN 8u

#define LINE_SIZE 8192u

static const char *const what[GW_FAMILY_COUNT] = {
    [GW_FAMILY_POISON_RACE] = "Responses that do not fit what the other witnesses were told",
    [GW_FAMILY_PATH_INJECTION] = "Something on the path answers in a server's place",
    [GW_FAMILY_DELEGATION_HIJACK] = "What the parent zone's servers say",
    [GW_FAMILY_MISCONFIG] = "What the parent zone's servers say",
    [GW_FAMILY_RESOLVER_DOS] = "Referrals that make resolvers work for nothing",
};

const char *
gw_text_advice(enum gw_family family)
{
    static const char *const advice[GW_FAMILY_COUNT] = {
        [GW_FAMILY_POISON_RACE] =
            "Ask the listed resolvers what they hold for these names, remove it from their caches "
            "where it is wrong, and look at the frames of the findings. Query over TCP or with "
            "cookies keeps such responses out.",
        [GW_FAMILY_PATH_INJECTION] =
            "Compare with a resolver on another path. The same injected addresses for many names "
            "speak for a filter on the way, which is no attack on one name.",
        [GW_FAMILY_DELEGATION_HIJACK] =
            "Ask the registrant or registry whether the change was meant, and compare with the "
            "registry's own data, before resolvers' caches fill with it.",
        [GW_FAMILY_MISCONFIG] =
            "Tell whoever runs the delegation or the listed server; nothing here speaks for an "
            "attack.",
        [GW_FAMILY_RESOLVER_DOS] =
            "Limit how many name servers a resolver chases for one referral, and see which "
            "clients ask for these names.",
    };

    assert(family < GW_FAMILY_COUNT);
    return advice[family];
}

/* "the name server ns1.foo.example", "12 delegations of example", "resolver 198.18.1.53". */
static void
put_scope(struct gw_text *text, const struct gw_incident *incident)
{
    switch (incident->scope) {
    case GW_SCOPE_HOST:
        gw_text_put(text, "the name server ");
        gw_text_name(text, incident->name.len != 0 ? &incident->name : &incident->cut);
        break;
    case GW_SCOPE_CUT:
        if (incident->cut.len <= 1) {
            gw_text_put(text, "the root");
            break;
        }
        gw_text_put(text, "the delegation of ");
        gw_text_name(text, &incident->cut);
        break;
    case GW_SCOPE_PARENT:
        gw_text_count(text, incident->delegation_total, "delegation", "delegations");
        gw_text_put(text, " of ");
        gw_text_name(text, &incident->zone);
        break;
    case GW_SCOPE_SERVER:
        if (incident->family == GW_FAMILY_DELEGATION_HIJACK) {
            gw_text_count(text, incident->delegation_total, "delegation", "delegations");
            gw_text_put(text, " according to server ");
            gw_text_addr(text, &incident->server);
            break;
        }
        gw_text_put(text, "what server ");
        gw_text_addr(text, &incident->server);
        gw_text_put(text, " is asked");
        break;
    case GW_SCOPE_RESOLVER:
        gw_text_put(text, "resolver ");
        gw_text_addr(text, &incident->resolver);
        break;
    case GW_SCOPE_ADDRESS:
        gw_text_count(text, incident->delegation_total, "delegation", "delegations");
        gw_text_put(text, " whose name servers are said to be at ");
        gw_text_addr(text, &incident->address);
        break;
    }
}

void
gw_text_incident(
    const struct gw_incident *incident, size_t name_room, char ret_text[GW_TEXT_INCIDENT_SIZE])
{
    struct gw_text text;

    gw_text_init(&text, ret_text, GW_TEXT_INCIDENT_SIZE);
    text.name_room = name_room;
    gw_text_put(&text, what[incident->family]);
    if (incident->family == GW_FAMILY_DELEGATION_HIJACK)
        gw_text_put(&text, " changed against what is known, for ");
    else if (incident->family == GW_FAMILY_MISCONFIG)
        gw_text_put(&text, " cannot work as it should for ");
    else
        gw_text_put(&text,
            incident->family == GW_FAMILY_POISON_RACE ? " reached the resolvers for " : ", for ");
    if (incident->scope == GW_SCOPE_RESOLVER && incident->family == GW_FAMILY_POISON_RACE) {
        gw_text_init(&text, ret_text, GW_TEXT_INCIDENT_SIZE);
        gw_text_put(&text, "Responses that were not asked for in this form reached ");
    }
    put_scope(&text, incident);
    gw_text_put(&text,
        incident->channel[GW_CHANNEL_ACCEPTANCE] >= 1.0 ? ", and resolvers act on it." : ".");
    assert(!text.cut);
}

static void
put_labelled(struct gw_text_page *page, const char *label, const char *text)
{
    char lead[LABEL_INDENT + 1];

    (void)snprintf(lead, sizeof(lead), "    %s", label);
    gw_text_page_paragraph(page, GW_TEXT_PLAIN, lead, LABEL_INDENT, text);
}

static void
put_title(struct gw_text_page *page, const struct gw_incident *incident, uint32_t number)
{
    char severity[16];
    char left[128];
    char right[48];

    (void)snprintf(severity, sizeof(severity), "%s", gw_text_severity(incident->severity));
    for (char *letter = severity; *letter != '\0'; letter++)
        *letter = (char)(*letter - ('a' - 'A'));
    (void)snprintf(left, sizeof(left), "I%u. %s  %s, %s", number, severity,
        gw_text_family(incident->family)->name, gw_text_state(incident->state));
    (void)snprintf(right, sizeof(right), "confidence %.2f", incident->confidence);
    gw_text_page_ends(
        page, (enum gw_text_style)(GW_TEXT_INFO + (uint32_t)incident->severity), left, right);
}

static void
put_since(struct gw_text_page *page, const struct gw_incident *incident)
{
    char line[LINE_SIZE];
    struct gw_text text;

    gw_text_init(&text, line, sizeof(line));
    gw_text_time(&text, incident->first_ns, false);
    gw_text_put(&text, " to ");
    gw_text_time(&text, incident->last_ns, false);
    gw_text_put(&text, " UTC; known as an incident since ");
    gw_text_time(&text, incident->opened_ns, false);
    if (incident->state == GW_INCIDENT_CLOSED) {
        gw_text_put(&text, "; closed at ");
        gw_text_time(&text, incident->closed_ns, false);
        gw_text_format(&text, " (%s)", gw_text_reason(incident->reason));
    }
    put_labelled(page, "Since", line);
}

/* "begins at -4.00; content +2.10, history +2.00; sum +0.10". */
static void
put_sure(struct gw_text_page *page, const struct gw_incident *incident)
{
    char line[LINE_SIZE];
    struct gw_text text;
    double sum = incident->prior;

    gw_text_init(&text, line, sizeof(line));
    gw_text_format(&text, "begins at %+.2f", incident->prior);
    for (uint32_t i = 0; i < GW_CHANNEL_COUNT; i++) {
        if (incident->channel[i] > -0.005 && incident->channel[i] < 0.005)
            continue;
        gw_text_format(
            &text, ", %s %+.2f", gw_text_channel((enum gw_channel)i), incident->channel[i]);
        sum += incident->channel[i];
    }
    gw_text_format(&text, "; sum %+.2f", sum);
    put_labelled(page, "How sure", line);
}

static void
put_kinds(struct gw_text_page *page, const struct gw_incident *incident)
{
    char line[LINE_SIZE];
    struct gw_text text;
    bool first = true;

    gw_text_init(&text, line, sizeof(line));
    gw_text_count(&text, incident->finding_total, "finding", "findings");
    for (uint32_t i = 0; i < GW_KIND_COUNT; i++) {
        if ((incident->kinds >> i & 1) == 0)
            continue;
        gw_text_format(&text, "%s%s", first ? ": " : ", ", gw_text_kind((enum gw_kind)i)->name);
        first = false;
    }
    put_labelled(page, "Rests on", line);
}

static void
put_affected(struct gw_text_page *page, const struct gw_incident *incident, size_t name_room)
{
    char line[LINE_SIZE];
    struct gw_text text;

    gw_text_init(&text, line, sizeof(line));
    text.name_room = name_room;
    gw_text_count(&text, incident->resolver_total, "resolver group", "resolver groups");
    for (uint32_t i = 0; i < incident->resolver_count && i < NAMES_SHOWN; i++) {
        gw_text_put(&text, i == 0 ? " (" : ", ");
        gw_text_addr(&text, &incident->resolvers[i]);
    }
    if (incident->resolver_count != 0)
        gw_text_put(&text, incident->resolver_count > NAMES_SHOWN ? ", and more)" : ")");
    if (incident->delegation_total != 0) {
        gw_text_put(&text, "; ");
        gw_text_count(&text, incident->delegation_total, "delegation", "delegations");
    }
    for (uint32_t i = 0; i < incident->cut_count && i < NAMES_SHOWN; i++) {
        gw_text_put(&text, i == 0 ? ": " : ", ");
        gw_text_name(&text, &incident->cuts[i]);
    }
    put_labelled(page, "Affected", line);
}

void
gw_text_incident_block(
    struct gw_text_page *page, const struct gw_incident *incident, uint32_t number)
{
    const size_t name_room = page->width - LABEL_INDENT;
    char sentence[GW_TEXT_INCIDENT_SIZE];
    char id[64];
    struct gw_text text;

    put_title(page, incident, number);
    gw_text_incident(incident, name_room, sentence);
    gw_text_page_paragraph(page, GW_TEXT_STRONG, "", BLOCK_INDENT, sentence);
    put_since(page, incident);
    put_sure(page, incident);
    put_kinds(page, incident);
    put_affected(page, incident, name_room);
    for (uint32_t bit = 0; gw_text_caveat(bit) != NULL; bit++)
        if (incident->caveats >> bit & 1)
            put_labelled(page, "But", gw_text_caveat_meaning(bit));
    put_labelled(page, "Next", gw_text_advice(incident->family));
    gw_text_init(&text, id, sizeof(id));
    for (size_t i = 0; i < sizeof(incident->id); i++)
        gw_text_format(&text, "%02x", incident->id[i]);
    put_labelled(page, "Id", id);
}
