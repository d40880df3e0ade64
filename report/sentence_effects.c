/* SPDX-License-Identifier: BSD-2-Clause */
/* The sentences of the kinds about what came of it: who followed, who was answered, what parted. */
#include <string.h>

#include "report/sentence_parts.h"

static void
put_variant_of_ns(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_name(text, &finding->cut);
    gw_text_put(text, " is delegated to ");
    gw_text_put_members(text, gw_text_side(finding, GW_SET_CONTRARY));
    gw_text_put(text, " by ");
    gw_text_put_tellers(text, gw_text_side(finding, GW_SET_CONTRARY));
    gw_text_put(text, ", while its own NS records name ");
    gw_text_put_members(text, gw_text_side(finding, GW_SET_KNOWN));
}

static void
put_parent_child(struct gw_text *text, const struct gw_finding *finding)
{
    if (finding->family == 0) {
        put_variant_of_ns(text, finding);
    } else {
        gw_text_put(text, "The parent zone gives ");
        gw_text_put_members(text, gw_text_side(finding, GW_SET_CONTRARY));
        gw_text_put(text, " for ");
        gw_text_put_subject(text, finding);
        gw_text_put(text, ", its own zone ");
        gw_text_put_members(text, gw_text_side(finding, GW_SET_KNOWN));
    }
    if (finding->baseline_s > 0) {
        gw_text_put(text, ", after both agreed for ");
        gw_text_duration(text, finding->baseline_s);
    }
    gw_text_put(text, ".");
}

static void
put_ghost(struct gw_text *text, const struct gw_finding *finding)
{
    const struct gw_finding_set *denied = gw_text_side(finding, GW_SET_KNOWN);
    const struct gw_finding_set *used = gw_text_side(finding, GW_SET_CONTRARY);

    gw_text_put(text, "Resolver ");
    gw_text_addr(text, &finding->resolver);
    gw_text_put(text, " is still answered for ");
    gw_text_name(text, &finding->cut);
    gw_text_put(text, " by ");
    gw_text_put_tellers(text, used);
    if (gw_text_has_members(used)) {
        gw_text_put(text, ", which names ");
        gw_text_put_members(text, used);
    }
    gw_text_put(text, ", ");
    gw_text_duration(text, finding->baseline_s);
    gw_text_put(text, " after ");
    gw_text_put_tellers(text, denied);
    if (finding->variant != NULL && strcmp(finding->variant, "replaced") == 0)
        gw_text_put(text, " delegated it to others.");
    else
        gw_text_put(text, " denied the delegation.");
}

static void
put_orphan(struct gw_text *text, const struct gw_finding *finding)
{
    const struct gw_finding_set *contrary = gw_text_side(finding, GW_SET_CONTRARY);

    gw_text_put_subject(text, finding);
    if (gw_text_has_members(contrary)) {
        gw_text_put(text, ", to which ");
        gw_text_addr(text, &finding->server);
        gw_text_put(text, " gives ");
        gw_text_put_members(text, contrary);
        gw_text_put(text, ",");
    }
    gw_text_put(text, " is a name server");
    if (finding->delegation_count > 0) {
        gw_text_put(text, " of ");
        gw_text_count(text, finding->delegation_count, "delegation", "delegations");
    }
    gw_text_put(text, " under ");
    gw_text_name(text, &finding->cut);
    gw_text_put(text, ", of which ");
    gw_text_put_tellers(text, contrary);
    gw_text_put(text, " says that it is not delegated.");
}

static void
put_followed(struct gw_text *text, const struct gw_finding *finding)
{
    const struct gw_finding_set *contrary = gw_text_side(finding, GW_SET_CONTRARY);
    double delay_s = 0;

    if (contrary->witness_count > 0)
        delay_s = ((double)finding->trigger_ns - (double)contrary->witness[0].last_ns) / 1e9;
    gw_text_put(text, "Resolver ");
    gw_text_addr(text, &finding->resolver);
    gw_text_put(text, " asked ");
    gw_text_put_members(text, contrary);
    if (finding->qname.len > 0) {
        gw_text_put(text, " for ");
        gw_text_name(text, &finding->qname);
    }
    gw_text_put(text, ", ");
    gw_text_duration(text, delay_s);
    gw_text_put(text, " after ");
    gw_text_put_tellers(text, contrary);
    gw_text_put(text, " told it that this is the address of ");
    gw_text_put_subject(text, finding);
    gw_text_put_known_side(text, finding, ", while ");
}

static void
put_poisoned(struct gw_text *text, const struct gw_finding *finding)
{
    const struct gw_finding_set *known = gw_text_side(finding, GW_SET_KNOWN);

    gw_text_put(text, "Clients of resolver ");
    gw_text_addr(text, &finding->server);
    gw_text_put(text, ", which follows suspect glue for ");
    gw_text_name(text, &finding->cut);
    gw_text_put(text, ", are answered ");
    gw_text_put_members(text, gw_text_side(finding, GW_SET_CONTRARY));
    if (finding->qname.len > 0) {
        gw_text_put(text, " for ");
        gw_text_name(text, &finding->qname);
    }
    if (!gw_text_has_members(known)) {
        gw_text_put(text, ".");
        return;
    }
    gw_text_put(text, ", while ");
    if (known->group_count > 0)
        gw_text_count(text, known->group_count, "other resolver group", "other resolver groups");
    if (known->group_count > 0 && known->server_count > 0)
        gw_text_put(text, " and ");
    if (known->server_count > 0)
        gw_text_count(text, known->server_count, "authoritative server", "authoritative servers");
    gw_text_put(text, known->group_count + known->server_count == 1 ? " says " : " say ");
    gw_text_put_members(text, known);
    gw_text_put(text, ".");
}

gw_text_put_kind
gw_text_effects(enum gw_kind kind)
{
    static const gw_text_put_kind put[GW_KIND_COUNT] = {
        [GW_KIND_PARENT_CHILD_MISMATCH] = put_parent_child,
        [GW_KIND_GHOST_DELEGATION] = put_ghost,
        [GW_KIND_GLUE_ORPHAN] = put_orphan,
        [GW_KIND_SUSPECT_GLUE_FOLLOWED] = put_followed,
        [GW_KIND_POISONED_ANSWER_SUSPECTED] = put_poisoned,
    };

    return put[kind];
}
