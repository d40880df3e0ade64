/* SPDX-License-Identifier: BSD-2-Clause */
/* The sentences of the kinds about the shape of referrals and of what else is odd in them. */
#include <string.h>

#include "report/sentence_parts.h"

static bool
is_variant(const struct gw_finding *finding, const char *variant)
{
    return finding->variant != NULL && strcmp(finding->variant, variant) == 0;
}

/* "192.0.2.1, asked in the zone foo.example, " */
static void
put_asked_in(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_addr(text, &finding->server);
    if (finding->zone.len > 0) {
        gw_text_put(text, ", asked in the zone ");
        gw_text_name(text, &finding->zone);
        gw_text_put(text, ",");
    }
}

/* ": ns1.evil.test and ns2.evil.test" */
static void
put_named(struct gw_text *text, const struct gw_finding *finding)
{
    const struct gw_finding_set *contrary = gw_text_side(finding, GW_SET_CONTRARY);

    if (!gw_text_has_members(contrary))
        return;
    gw_text_put(text, " with ");
    gw_text_put_members(text, contrary);
}

static void
put_upward(struct gw_text *text, const struct gw_finding *finding)
{
    put_asked_in(text, finding);
    gw_text_put(text, " referred resolver ");
    gw_text_addr(text, &finding->resolver);
    gw_text_put(text, " up to ");
    gw_text_name(text, &finding->cut);
    put_named(text, finding);
    gw_text_put_known_side(text, finding, ", while ");
}

static void
put_sideways(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_addr(text, &finding->server);
    gw_text_put(text, " referred resolver ");
    gw_text_addr(text, &finding->resolver);
    gw_text_put(text, " to ");
    gw_text_name(text, &finding->cut);
    put_named(text, finding);
    if (finding->qname.len > 0) {
        gw_text_put(text, ", a zone that ");
        gw_text_name(text, &finding->qname);
        gw_text_put(text, " is not in");
    }
    gw_text_put_known_side(text, finding, "; ");
}

/* What the server did instead, by variant. */
static const char *
instead_of_serving(const struct gw_finding *finding)
{
    static const struct {
        const char *variant;
        const char *text;
    } rows[] = {
        {"refused", "it refuses queries"},
        {"servfail", "it answers SERVFAIL"},
        {"upward", "it refers to a zone above"},
        {"self", "it refers to the zone itself"},
        {"self-pointing", "it refers to the zone itself, and to its own address"},
        {"nonaa-recursive", "it answers from a cache"},
    };

    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++)
        if (is_variant(finding, rows[i].variant))
            return rows[i].text;
    return "it gives no answer of its own";
}

static void
put_not_served(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_addr(text, &finding->server);
    if (is_variant(finding, "revived")) {
        gw_text_put(text, " answers for ");
        gw_text_name(text, &finding->cut);
        gw_text_put(text, ", which no server of its unchanged delegation had served for ");
        gw_text_duration(text, finding->baseline_s);
        gw_text_put(text, ".");
        return;
    }
    gw_text_put(text, " does not serve ");
    gw_text_name(text, &finding->cut);
    gw_text_put(text, ", which is delegated to it: ");
    gw_text_put(text, instead_of_serving(finding));
    gw_text_put(text, ", as at least ");
    gw_text_count(text, finding->message_count, "response shows.", "responses show.");
}

static void
put_cut_overlap(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_addr(text, &finding->server);
    if (is_variant(finding, "past-a-cut")) {
        gw_text_put(text, " referred resolver ");
        gw_text_addr(text, &finding->resolver);
        gw_text_put(text, " to ");
        gw_text_name(text, &finding->cut);
        gw_text_put(text, ", past the delegation of ");
        gw_text_put_subject(text, finding);
        gw_text_put(text, " that it gives as well.");
        return;
    }
    gw_text_put(text, " gave resolver ");
    gw_text_addr(text, &finding->resolver);
    gw_text_put(text, " NS records of ");
    gw_text_name(text, &finding->cut);
    if (finding->name.len > 0) {
        gw_text_put(text, " and of ");
        gw_text_name(text, &finding->name);
        gw_text_put(text, " in one response");
    } else {
        gw_text_put(text, " and of other zones in one response");
    }
    gw_text_put_known_side(text, finding, ", while ");
}

static void
put_target_invalid(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_put_subject(text, finding);
    gw_text_put(text, ", a name server of ");
    gw_text_name(text, &finding->cut);
    if (is_variant(finding, "alias")) {
        gw_text_put(text, ", is an alias");
        if (gw_text_has_members(gw_text_side(finding, GW_SET_CONTRARY))) {
            gw_text_put(text, " of ");
            gw_text_put_members(text, gw_text_side(finding, GW_SET_CONTRARY));
        }
        gw_text_put(text, ".");
    } else if (is_variant(finding, "address-like")) {
        gw_text_put(text, ", is an address written as a name.");
    } else {
        gw_text_put(text, ", is not a host name.");
    }
}

static void
put_ns_fanout(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_put(text, "A referral out of ");
    gw_text_name(text, &finding->cut);
    gw_text_put(text, " names ");
    gw_text_put_members(text, gw_text_side(finding, GW_SET_CONTRARY));
    gw_text_put(text, " without an address; ");
    gw_text_addr(text, &finding->server);
    gw_text_put(text, " gave it to resolver ");
    gw_text_addr(text, &finding->resolver);
    if (is_variant(finding, "many-referrals"))
        gw_text_put(text, ", the tenth of its like in a minute or a later one");
    if (is_variant(finding, "query-burst"))
        gw_text_put(text, ", which asked for the names at once");
    gw_text_put(text, ".");
}

static void
put_promiscuous(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_addr(text, &finding->server);
    gw_text_put(text, " added NS records of ");
    gw_text_name(text, &finding->cut);
    put_named(text, finding);
    gw_text_put(text, " to ");
    if (is_variant(finding, "forwarder"))
        gw_text_put(text, "what it forwarded to resolver ");
    else if (is_variant(finding, "apex"))
        gw_text_put(text, "an answer, unlike those before, for resolver ");
    else
        gw_text_put(text, "a response that gives no delegation to resolver ");
    gw_text_addr(text, &finding->resolver);
    gw_text_put_known_side(text, finding, ", while ");
}

gw_text_put_kind
gw_text_structure(enum gw_kind kind)
{
    static const gw_text_put_kind put[GW_KIND_COUNT] = {
        [GW_KIND_REFERRAL_UPWARD] = put_upward,
        [GW_KIND_REFERRAL_SIDEWAYS] = put_sideways,
        [GW_KIND_DELEGATION_NOT_SERVED] = put_not_served,
        [GW_KIND_CUT_OVERLAP] = put_cut_overlap,
        [GW_KIND_NS_TARGET_INVALID] = put_target_invalid,
        [GW_KIND_NS_FANOUT] = put_ns_fanout,
        [GW_KIND_PROMISCUOUS_NS] = put_promiscuous,
    };

    return put[kind];
}
