/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/sentence.h"

#include <assert.h>

#include "report/mnemonic.h"

/* Members of a set that a sentence names; the rest is counted. */
#define MEMBERS_TOLD 3u

/* What a set is for a rule that sets nothing side by side. */
static const struct gw_finding_set nothing;

static const struct gw_finding_set *
side(const struct gw_finding *finding, enum gw_set_role role)
{
    assert(finding->set_count <= GW_FINDING_SETS_MAX);
    for (uint32_t i = 0; i < finding->set_count; i++) {
        if (finding->set[i].role == role)
            return &finding->set[i];
    }
    return &nothing;
}

static bool
has_members(const struct gw_finding_set *set)
{
    return set->address_count + set->name_count > 0;
}

/* The name that the finding is about: the name server, or else the zone cut. */
static void
put_subject(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_name(text, finding->name.len > 0 ? &finding->name : &finding->cut);
}

/* "192.0.2.11", "192.0.2.11 and 192.0.2.12", "a, b, c and 4 more". */
static void
put_members(struct gw_text *text, const struct gw_finding_set *set)
{
    const bool names = set->name_count > 0;
    const uint32_t kept = names ? set->name_count : set->address_count;
    const uint32_t total = set->member_total > kept ? set->member_total : kept;
    const uint32_t most = total > MEMBERS_TOLD + 1 ? MEMBERS_TOLD : total;
    const uint32_t shown = kept < most ? kept : most;

    if (total == 0)
        gw_text_put(text, "nothing");
    for (uint32_t i = 0; i < shown; i++) {
        if (i > 0)
            gw_text_put(text, i + 1 == total ? " and " : ", ");
        if (names)
            gw_text_name(text, &set->name[i]);
        else
            gw_text_addr(text, &set->address[i]);
    }
    if (total > shown) {
        gw_text_put(text, shown > 0 ? " and " : "");
        gw_text_number(text, total - shown);
        gw_text_put(text, " more");
    }
}

/* "resolver 198.18.3.53" or "4 resolver groups". */
static void
put_told(struct gw_text *text, const struct gw_finding_set *set)
{
    if (set->group_count == 1 && set->witness_count > 0) {
        gw_text_put(text, "resolver ");
        gw_text_addr(text, &set->witness[0].resolver);
    } else {
        gw_text_count(text, set->group_count, "resolver group", "resolver groups");
    }
}

/* "192.0.2.1" or "4 servers". */
static void
put_tellers(struct gw_text *text, const struct gw_finding_set *set)
{
    if (set->server_count == 1 && set->witness_count > 0)
        gw_text_addr(text, &set->witness[0].server);
    else
        gw_text_count(text, set->server_count, "server", "servers");
}

/* "was told" or "were told": one group is told, several are. */
static const char *
were(uint32_t count)
{
    return count == 1 ? "was" : "were";
}

/* " (1 of 5 resolver groups, told by 192.0.2.1)" */
static void
put_share(struct gw_text *text, const struct gw_finding *finding, bool of_servers)
{
    const struct gw_finding_set *contrary = side(finding, GW_SET_CONTRARY);
    const uint32_t part = of_servers ? contrary->server_count : contrary->group_count;
    const uint32_t whole = of_servers ? finding->server_total : finding->group_total;

    gw_text_put(text, " (");
    gw_text_number(text, part);
    gw_text_put(text, " of ");
    if (of_servers)
        gw_text_count(text, whole, "server", "servers");
    else
        gw_text_count(text, whole, "resolver group", "resolver groups");
    gw_text_put(text, of_servers ? ", heard by " : ", told by ");
    if (of_servers)
        put_told(text, contrary);
    else
        put_tellers(text, contrary);
    gw_text_put(text, ")");
}

/* The end of every sentence that sets two sides against each other: ", while … told …." */
static void
put_known_side(struct gw_text *text, const struct gw_finding *finding, const char *lead)
{
    const struct gw_finding_set *known = side(finding, GW_SET_KNOWN);

    if (has_members(known)) {
        gw_text_put(text, lead);
        put_told(text, known);
        gw_text_format(text, " %s told ", were(known->group_count));
        put_members(text, known);
        gw_text_put(text, " by ");
        put_tellers(text, known);
    }
    gw_text_put(text, ".");
}

/* "A is X for resolver R only (…), while … were told Y by …." with the verb of the kind. */
static void
put_split(struct gw_text *text, const struct gw_finding *finding, const char *verb)
{
    const struct gw_finding_set *contrary = side(finding, GW_SET_CONTRARY);
    const bool by_server = finding->split == GW_SPLIT_SERVER;

    put_subject(text, finding);
    gw_text_format(text, " %s ", verb);
    put_members(text, contrary);
    if (by_server) {
        gw_text_put(text, " according to ");
        put_tellers(text, contrary);
    } else {
        gw_text_put(text, " for ");
        put_told(text, contrary);
    }
    if (finding->split == GW_SPLIT_RESOLVER || by_server) {
        gw_text_put(text, " only");
        put_share(text, finding, by_server);
    } else {
        gw_text_put(text, ", told by ");
        put_tellers(text, contrary);
    }
    put_known_side(text, finding, ", while ");
}

static void
put_addr_conflict(struct gw_text *text, const struct gw_finding *finding)
{
    put_split(text, finding, "is");
}

static void
put_addr_minority(struct gw_text *text, const struct gw_finding *finding)
{
    const struct gw_finding_set *contrary = side(finding, GW_SET_CONTRARY);

    if (finding->split == GW_SPLIT_SERVER) {
        gw_text_put(text, "Only ");
        put_tellers(text, contrary);
        gw_text_format(text, " %s that ", contrary->server_count == 1 ? "says" : "say");
    } else {
        gw_text_put(text, "Only ");
        put_told(text, contrary);
        gw_text_format(text, " %s told that ", were(contrary->group_count));
    }
    put_subject(text, finding);
    gw_text_put(text, " is ");
    put_members(text, contrary);
    put_share(text, finding, finding->split == GW_SPLIT_SERVER);
    put_known_side(text, finding, "; ");
}

/* What a change is followed by: " after 14 days without a change; 5 resolver groups were told …" */
static void
put_change(struct gw_text *text, const struct gw_finding *finding)
{
    const struct gw_finding_set *contrary = side(finding, GW_SET_CONTRARY);

    gw_text_put(text, " after ");
    gw_text_duration(text, finding->baseline_s);
    gw_text_put(text, " without a change; ");
    put_told(text, contrary);
    gw_text_format(text, " %s told so by ", were(contrary->group_count));
    put_tellers(text, contrary);
    gw_text_put(text, ".");
}

static void
put_changed_after_stable(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_put(text, "The address of ");
    put_subject(text, finding);
    gw_text_put(text, " became ");
    put_members(text, side(finding, GW_SET_CONTRARY));
    if (has_members(side(finding, GW_SET_KNOWN))) {
        gw_text_put(text, " instead of ");
        put_members(text, side(finding, GW_SET_KNOWN));
    }
    put_change(text, finding);
}

/* "The glue of ns1.foo.example for foo.example is 10.1.2.3" */
static void
put_glue_is(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_put(text, "The glue of ");
    put_subject(text, finding);
    gw_text_put(text, " for ");
    gw_text_name(text, &finding->cut);
    gw_text_put(text, " is ");
    put_members(text, side(finding, GW_SET_CONTRARY));
}

/* "; resolver 198.18.3.53 was told so by 192.0.2.1" and, if anybody was, the known side. */
static void
put_who_was_told(struct gw_text *text, const struct gw_finding *finding)
{
    const struct gw_finding_set *contrary = side(finding, GW_SET_CONTRARY);

    gw_text_put(text, "; ");
    put_told(text, contrary);
    gw_text_format(text, " %s told so by ", were(contrary->group_count));
    put_tellers(text, contrary);
    put_known_side(text, finding, ", while ");
}

static void
put_bogon(struct gw_text *text, const struct gw_finding *finding)
{
    put_glue_is(text, finding);
    gw_text_put(text, ", in the special-purpose block ");
    gw_text_put(text, finding->block != NULL ? finding->block : "of its kind");
    put_who_was_told(text, finding);
}

static void
put_loopback(struct gw_text *text, const struct gw_finding *finding)
{
    put_glue_is(text, finding);
    gw_text_put(text, ", which makes a resolver ask itself");
    put_who_was_told(text, finding);
}

static void
put_unrelated(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_put(text, "The referral for ");
    gw_text_name(text, &finding->cut);
    gw_text_put(text, " gives ");
    put_members(text, side(finding, GW_SET_CONTRARY));
    gw_text_put(text, " for ");
    put_subject(text, finding);
    if (finding->zone.len > 0) {
        gw_text_put(text, ", a name outside the parent zone ");
        gw_text_name(text, &finding->zone);
    } else {
        gw_text_put(text, ", a name outside the parent zone");
    }
    put_who_was_told(text, finding);
}

static void
put_unreferenced(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_put(text, "A response with the delegation of ");
    gw_text_name(text, &finding->cut);
    gw_text_put(text, " gives ");
    put_members(text, side(finding, GW_SET_CONTRARY));
    gw_text_put(text, " for ");
    put_subject(text, finding);
    gw_text_put(text, ", which none of its NS records names");
    put_who_was_told(text, finding);
}

static void
put_ns_divergence(struct gw_text *text, const struct gw_finding *finding)
{
    put_split(text, finding, "is delegated to");
}

static void
put_ns_changed(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_name(text, &finding->cut);
    gw_text_put(text, " was delegated to ");
    put_members(text, side(finding, GW_SET_CONTRARY));
    if (has_members(side(finding, GW_SET_KNOWN))) {
        gw_text_put(text, " instead of ");
        put_members(text, side(finding, GW_SET_KNOWN));
    }
    put_change(text, finding);
}

static void
put_required_missing(struct gw_text *text, const struct gw_finding *finding)
{
    const struct gw_finding_set *contrary = side(finding, GW_SET_CONTRARY);

    gw_text_put(text, "The referral for ");
    gw_text_name(text, &finding->cut);
    gw_text_put(text, " names the in-domain name server ");
    put_subject(text, finding);
    gw_text_put(text, " without an address");
    if (contrary->group_count > 0) {
        put_who_was_told(text, finding);
        return;
    }
    gw_text_put(text, "; ");
    gw_text_addr(text, &finding->server);
    gw_text_put(text, " sent it to ");
    gw_text_addr(text, &finding->resolver);
    if (finding->message_count > 1) {
        gw_text_put(text, ", the first of at least ");
        gw_text_count(text, finding->message_count, "message", "messages");
    }
    put_known_side(text, finding, ", while ");
}

void
gw_text_sentence(
    const struct gw_finding *finding, size_t name_room, char ret_text[GW_TEXT_SENTENCE_SIZE])
{
    static void (*const put[GW_KIND_COUNT])(struct gw_text *, const struct gw_finding *) = {
        [GW_KIND_GLUE_ADDR_CONFLICT] = put_addr_conflict,
        [GW_KIND_GLUE_ADDR_MINORITY] = put_addr_minority,
        [GW_KIND_GLUE_CHANGED_AFTER_STABLE] = put_changed_after_stable,
        [GW_KIND_GLUE_BOGON] = put_bogon,
        [GW_KIND_GLUE_LOOPBACK] = put_loopback,
        [GW_KIND_GLUE_UNRELATED] = put_unrelated,
        [GW_KIND_GLUE_UNREFERENCED] = put_unreferenced,
        [GW_KIND_NS_SET_DIVERGENCE] = put_ns_divergence,
        [GW_KIND_NS_SET_CHANGED] = put_ns_changed,
        [GW_KIND_REQUIRED_GLUE_MISSING] = put_required_missing,
    };
    struct gw_text text;

    assert(finding->kind < GW_KIND_COUNT && put[finding->kind] != NULL);
    gw_text_init(&text, ret_text, GW_TEXT_SENTENCE_SIZE);
    text.name_room = name_room;
    put[finding->kind](&text, finding);
    assert(!text.cut);
}
