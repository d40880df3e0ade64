/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/sentence.h"

#include <assert.h>

#include "report/mnemonic.h"
#include "report/sentence_parts.h"

static void
put_addr_conflict(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_put_split(text, finding, "is");
}

static void
put_addr_minority(struct gw_text *text, const struct gw_finding *finding)
{
    const struct gw_finding_set *contrary = gw_text_side(finding, GW_SET_CONTRARY);

    if (finding->split == GW_SPLIT_SERVER) {
        gw_text_put(text, "Only ");
        gw_text_put_tellers(text, contrary);
        gw_text_format(text, " %s that ", contrary->server_count == 1 ? "says" : "say");
    } else {
        gw_text_put(text, "Only ");
        gw_text_put_told(text, contrary);
        gw_text_format(text, " %s told that ", gw_text_were(contrary->group_count));
    }
    gw_text_put_subject(text, finding);
    gw_text_put(text, " is ");
    gw_text_put_members(text, contrary);
    gw_text_put_share(text, finding, finding->split == GW_SPLIT_SERVER);
    gw_text_put_known_side(text, finding, "; ");
}

static void
put_changed_after_stable(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_put(text, "The address of ");
    gw_text_put_subject(text, finding);
    gw_text_put(text, " became ");
    gw_text_put_members(text, gw_text_side(finding, GW_SET_CONTRARY));
    if (gw_text_has_members(gw_text_side(finding, GW_SET_KNOWN))) {
        gw_text_put(text, " instead of ");
        gw_text_put_members(text, gw_text_side(finding, GW_SET_KNOWN));
    }
    gw_text_put_change(text, finding);
}

static void
put_bogon(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_put_glue_is(text, finding);
    gw_text_put(text, ", in the special-purpose block ");
    gw_text_put(text, finding->block != NULL ? finding->block : "of its kind");
    gw_text_put_who_was_told(text, finding);
}

static void
put_loopback(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_put_glue_is(text, finding);
    gw_text_put(text, ", which makes a resolver ask itself");
    gw_text_put_who_was_told(text, finding);
}

static void
put_unrelated(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_put(text, "The referral for ");
    gw_text_name(text, &finding->cut);
    gw_text_put(text, " gives ");
    gw_text_put_members(text, gw_text_side(finding, GW_SET_CONTRARY));
    gw_text_put(text, " for ");
    gw_text_put_subject(text, finding);
    if (finding->zone.len > 0) {
        gw_text_put(text, ", a name outside the parent zone ");
        gw_text_name(text, &finding->zone);
    } else {
        gw_text_put(text, ", a name outside the parent zone");
    }
    gw_text_put_who_was_told(text, finding);
}

static void
put_unreferenced(struct gw_text *text, const struct gw_finding *finding)
{
    const bool is_misplaced = finding->variant != NULL;

    gw_text_put(
        text, is_misplaced ? "A response from the zone " : "A response with the delegation of ");
    gw_text_name(text, &finding->cut);
    gw_text_put(text, " gives ");
    gw_text_put_members(text, gw_text_side(finding, GW_SET_CONTRARY));
    gw_text_put(text, " for ");
    gw_text_put_subject(text, finding);
    gw_text_put(text, is_misplaced ? ", beside records in a section that they do not belong to"
                                   : ", which none of its NS records names");
    gw_text_put_who_was_told(text, finding);
}

static void
put_ns_divergence(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_put_split(text, finding, "is delegated to");
}

static void
put_ns_changed(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_name(text, &finding->cut);
    gw_text_put(text, " was delegated to ");
    gw_text_put_members(text, gw_text_side(finding, GW_SET_CONTRARY));
    if (gw_text_has_members(gw_text_side(finding, GW_SET_KNOWN))) {
        gw_text_put(text, " instead of ");
        gw_text_put_members(text, gw_text_side(finding, GW_SET_KNOWN));
    }
    gw_text_put_change(text, finding);
}

static void
put_required_missing(struct gw_text *text, const struct gw_finding *finding)
{
    const struct gw_finding_set *contrary = gw_text_side(finding, GW_SET_CONTRARY);

    gw_text_put(text, "The referral for ");
    gw_text_name(text, &finding->cut);
    gw_text_put(text, " names the in-domain name server ");
    gw_text_put_subject(text, finding);
    gw_text_put(text, " without an address");
    if (contrary->group_count > 0) {
        gw_text_put_who_was_told(text, finding);
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
    gw_text_put_known_side(text, finding, ", while ");
}

static void
put_addr_flap(struct gw_text *text, const struct gw_finding *finding)
{
    const struct gw_finding_set *contrary = gw_text_side(finding, GW_SET_CONTRARY);

    gw_text_put(text, "The address of ");
    gw_text_put_subject(text, finding);
    gw_text_put(text, " goes to and fro between ");
    gw_text_put_members(text, gw_text_side(finding, GW_SET_KNOWN));
    gw_text_put(text, " and ");
    gw_text_put_members(text, contrary);
    gw_text_put(text, " for ");
    gw_text_put_told(text, contrary);
    gw_text_put(text, ", told by ");
    gw_text_put_tellers(text, contrary);
    gw_text_put(text, ".");
}

static void
put_ttl_outlier(struct gw_text *text, const struct gw_finding *finding)
{
    const struct gw_finding_set *contrary = gw_text_side(finding, GW_SET_CONTRARY);

    gw_text_put(text, "The glue of ");
    gw_text_put_subject(text, finding);
    gw_text_put(text, ", ");
    gw_text_put_members(text, contrary);
    gw_text_put(text, ", has a TTL of ");
    gw_text_number(text, contrary->ttl_max_s);
    gw_text_put(text, " s, unlike the rest of its parent zone and unlike before");
    gw_text_put_who_was_told(text, finding);
}

static void
put_fanin_surge(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_put(text, "Name servers of many domains gained ");
    gw_text_put_members(text, gw_text_side(finding, GW_SET_CONTRARY));
    gw_text_put(text, " within a day, ");
    gw_text_put_subject(text, finding);
    gw_text_put(text, " the latest of them");
    gw_text_put_who_was_told(text, finding);
}

void
gw_text_sentence(
    const struct gw_finding *finding, size_t name_room, char ret_text[GW_TEXT_SENTENCE_SIZE])
{
    static const gw_text_put_kind put[GW_KIND_COUNT] = {
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
        [GW_KIND_GLUE_ADDR_FLAP] = put_addr_flap,
        [GW_KIND_GLUE_TTL_OUTLIER] = put_ttl_outlier,
        [GW_KIND_GLUE_FANIN_SURGE] = put_fanin_surge,
    };
    struct gw_text text;

    gw_text_put_kind writer = put[finding->kind];

    if (writer == NULL)
        writer = gw_text_race(finding->kind);
    if (writer == NULL)
        writer = gw_text_structure(finding->kind);
    if (writer == NULL)
        writer = gw_text_truth(finding->kind);
    if (writer == NULL)
        writer = gw_text_effects(finding->kind);
    assert(writer != NULL);
    gw_text_init(&text, ret_text, GW_TEXT_SENTENCE_SIZE);
    text.name_room = name_room;
    writer(&text, finding);
    assert(!text.cut);
}
