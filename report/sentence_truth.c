/* SPDX-License-Identifier: BSD-2-Clause */
/* The sentences of the kinds about what is known to be true, and about what resolvers did. */
#include "report/sentence_parts.h"

#include <string.h>

static bool
is_variant(const struct gw_finding *finding, const char *variant)
{
    return finding->variant != NULL && strcmp(finding->variant, variant) == 0;
}

/* "; resolver 198.18.3.53 was told so by 192.0.2.1" */
static void
put_teller(struct gw_text *text, const struct gw_finding *finding)
{
    const struct gw_finding_set *contrary = gw_text_side(finding, GW_SET_CONTRARY);

    gw_text_put(text, "; ");
    gw_text_put_told(text, contrary);
    gw_text_format(text, " %s told so by ", gw_text_were(contrary->group_count));
    gw_text_put_tellers(text, contrary);
}

static void
put_root_mismatch(struct gw_text *text, const struct gw_finding *finding)
{
    const struct gw_finding_set *known = gw_text_side(finding, GW_SET_KNOWN);
    const struct gw_finding_set *contrary = gw_text_side(finding, GW_SET_CONTRARY);

    if (is_variant(finding, "stale-hint")) {
        gw_text_put(text, "Resolver ");
        gw_text_addr(text, &finding->resolver);
        gw_text_put(text, " still asks ");
        gw_text_put_members(text, contrary);
        gw_text_put(text, ", a retired address of the root server ");
        gw_text_put_subject(text, finding);
    } else if (is_variant(finding, "ns-set")) {
        gw_text_put(text, "The root is said to be served by ");
        gw_text_put_members(text, contrary);
        gw_text_put(text, ", which no root server is called");
        put_teller(text, finding);
    } else {
        gw_text_put(text, "The root server ");
        gw_text_put_subject(text, finding);
        gw_text_put(text, is_variant(finding, "retired-address") ? " is said to be at the retired "
                                                                 : " is said to be at ");
        gw_text_put_members(text, contrary);
        put_teller(text, finding);
    }
    if (gw_text_has_members(known)) {
        gw_text_put(text, "; its address is ");
        gw_text_put_members(text, known);
    }
    gw_text_put(text, ".");
}

static void
put_reference_mismatch(struct gw_text *text, const struct gw_finding *finding)
{
    if (is_variant(finding, "ds-missing") || is_variant(finding, "ds-added")) {
        const bool missing = is_variant(finding, "ds-missing");

        gw_text_put(text, "The referral for ");
        gw_text_name(text, &finding->cut);
        gw_text_put(text, missing ? " has no DS" : " has a DS");
        put_teller(text, finding);
        gw_text_put(text, missing ? "; the reference zone has one." : "; the reference has none.");
        return;
    }
    gw_text_put_subject(text, finding);
    gw_text_put(text, finding->name.len > 0 ? " is " : " is delegated to ");
    gw_text_put_members(text, gw_text_side(finding, GW_SET_CONTRARY));
    gw_text_put(text, " and not, as in the reference zone, ");
    if (finding->name.len == 0)
        gw_text_put(text, "to ");
    gw_text_put_members(text, gw_text_side(finding, GW_SET_KNOWN));
    put_teller(text, finding);
    gw_text_put(text, ".");
}

gw_text_put_kind
gw_text_truth(enum gw_kind kind)
{
    static const gw_text_put_kind put[GW_KIND_COUNT] = {
        [GW_KIND_ROOT_MISMATCH] = put_root_mismatch,
        [GW_KIND_REFERENCE_MISMATCH] = put_reference_mismatch,
    };

    return put[kind];
}
