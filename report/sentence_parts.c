/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/sentence_parts.h"

#include <assert.h>

/* Members of a set that a sentence names; the rest is counted. */
#define MEMBERS_TOLD 3u

/* What a set is for a rule that sets nothing side by side. */
static const struct gw_finding_set nothing;

const struct gw_finding_set *
gw_text_side(const struct gw_finding *finding, enum gw_set_role role)
{
    assert(finding->set_count <= GW_FINDING_SETS_MAX);
    for (uint32_t i = 0; i < finding->set_count; i++) {
        if (finding->set[i].role == role)
            return &finding->set[i];
    }
    return &nothing;
}

bool
gw_text_has_members(const struct gw_finding_set *set)
{
    return set->address_count + set->name_count > 0;
}

/* The name that the finding is about: the name server, or else the zone cut. */
void
gw_text_put_subject(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_name(text, finding->name.len > 0 ? &finding->name : &finding->cut);
}

/* "192.0.2.11", "192.0.2.11 and 192.0.2.12", "a, b, c and 4 more". */
void
gw_text_put_members(struct gw_text *text, const struct gw_finding_set *set)
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
void
gw_text_put_told(struct gw_text *text, const struct gw_finding_set *set)
{
    if (set->group_count == 1 && set->witness_count > 0) {
        gw_text_put(text, "resolver ");
        gw_text_addr(text, &set->witness[0].resolver);
    } else {
        gw_text_count(text, set->group_count, "resolver group", "resolver groups");
    }
}

/* "192.0.2.1" or "4 servers". */
void
gw_text_put_tellers(struct gw_text *text, const struct gw_finding_set *set)
{
    if (set->server_count == 1 && set->witness_count > 0)
        gw_text_addr(text, &set->witness[0].server);
    else
        gw_text_count(text, set->server_count, "server", "servers");
}

/* "was told" or "were told": one group is told, several are. */
const char *
gw_text_were(uint32_t count)
{
    return count == 1 ? "was" : "were";
}

/* " (1 of 5 resolver groups, told by 192.0.2.1)" */
void
gw_text_put_share(struct gw_text *text, const struct gw_finding *finding, bool of_servers)
{
    const struct gw_finding_set *contrary = gw_text_side(finding, GW_SET_CONTRARY);
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
        gw_text_put_told(text, contrary);
    else
        gw_text_put_tellers(text, contrary);
    gw_text_put(text, ")");
}

/* The end of every sentence that sets two sides against each other: ", while … told …." */
void
gw_text_put_known_side(struct gw_text *text, const struct gw_finding *finding, const char *lead)
{
    const struct gw_finding_set *known = gw_text_side(finding, GW_SET_KNOWN);

    if (gw_text_has_members(known)) {
        gw_text_put(text, lead);
        gw_text_put_told(text, known);
        gw_text_format(text, " %s told ", gw_text_were(known->group_count));
        gw_text_put_members(text, known);
        gw_text_put(text, " by ");
        gw_text_put_tellers(text, known);
    }
    gw_text_put(text, ".");
}

/* "A is X for resolver R only (…), while … were told Y by …." with the verb of the kind. */
void
gw_text_put_split(struct gw_text *text, const struct gw_finding *finding, const char *verb)
{
    const struct gw_finding_set *contrary = gw_text_side(finding, GW_SET_CONTRARY);
    const bool by_server = finding->split == GW_SPLIT_SERVER;

    gw_text_put_subject(text, finding);
    gw_text_format(text, " %s ", verb);
    gw_text_put_members(text, contrary);
    if (by_server) {
        gw_text_put(text, " according to ");
        gw_text_put_tellers(text, contrary);
    } else {
        gw_text_put(text, " for ");
        gw_text_put_told(text, contrary);
    }
    if (finding->split == GW_SPLIT_RESOLVER || by_server) {
        gw_text_put(text, " only");
        gw_text_put_share(text, finding, by_server);
    } else {
        gw_text_put(text, ", told by ");
        gw_text_put_tellers(text, contrary);
    }
    gw_text_put_known_side(text, finding, ", while ");
}

/* What a change is followed by: " after 14 days without a change; 5 resolver groups were told …" */
void
gw_text_put_change(struct gw_text *text, const struct gw_finding *finding)
{
    const struct gw_finding_set *contrary = gw_text_side(finding, GW_SET_CONTRARY);

    gw_text_put(text, " after ");
    gw_text_duration(text, finding->baseline_s);
    gw_text_put(text, " without a change; ");
    gw_text_put_told(text, contrary);
    gw_text_format(text, " %s told so by ", gw_text_were(contrary->group_count));
    gw_text_put_tellers(text, contrary);
    gw_text_put(text, ".");
}

/* "The glue of ns1.foo.example for foo.example is 10.1.2.3" */
void
gw_text_put_glue_is(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_put(text, "The glue of ");
    gw_text_put_subject(text, finding);
    gw_text_put(text, " for ");
    gw_text_name(text, &finding->cut);
    gw_text_put(text, " is ");
    gw_text_put_members(text, gw_text_side(finding, GW_SET_CONTRARY));
}

/* "; resolver 198.18.3.53 was told so by 192.0.2.1" and, if anybody was, the known side. */
void
gw_text_put_who_was_told(struct gw_text *text, const struct gw_finding *finding)
{
    const struct gw_finding_set *contrary = gw_text_side(finding, GW_SET_CONTRARY);

    gw_text_put(text, "; ");
    gw_text_put_told(text, contrary);
    gw_text_format(text, " %s told so by ", gw_text_were(contrary->group_count));
    gw_text_put_tellers(text, contrary);
    gw_text_put_known_side(text, finding, ", while ");
}
