/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * root-mismatch: address of a root server that is not its own. Variants: `address`, another one;
 * `ns-set`, another root server; `retired-address`, one that it had once; `stale-hint`, a resolver
 * that asks such an address.
 */
#include "analyze/rules.h"

#include <string.h>

#include "analyze/roots.h"

/* The known side: what the table has for this name and family. */
static void
add_known(const struct gw_reference_roots *roots, const struct gw_table_name *name, uint8_t family,
    struct gw_finding *finding)
{
    struct gw_finding_set *set = &finding->set[finding->set_count++];

    set->role = GW_SET_KNOWN;
    for (uint32_t i = 0; i < roots->count; i++) {
        const struct gw_reference_root *root = &roots->root[i];

        if (root->retired == 0 && root->addr.family == family && root->name.len == name->len &&
            memcmp(root->name.wire, name->wire, name->len) == 0 &&
            set->address_count < GW_FINDING_MEMBERS_MAX)
            set->address[set->address_count++] = root->addr;
    }
    set->member_total = set->address_count;
}

static void
judge_address(const struct gw_rule_event *event, const struct gw_observation_glue *glue)
{
    const struct gw_reference_roots *roots = event->context->roots;
    const struct gw_table_name name = gw_rule_glue_owner(event->seen, glue);
    const enum gw_reference_root_word word =
        gw_reference_roots_say(roots, name.wire, name.len, &glue->addr);
    const struct gw_reference_root *source = gw_reference_roots_at(roots, &event->seen->server);
    struct gw_finding finding;

    if (word != GW_ROOT_RETIRED && word != GW_ROOT_WRONG)
        return;
    gw_rule_begin(event, GW_KIND_ROOT_MISMATCH, &name, &finding);
    gw_rule_term(&finding, "base", 3.0);
    gw_rule_term(&finding, "retired-address", word == GW_ROOT_RETIRED ? -2.0 : 0.0);
    add_known(roots, &name, glue->addr.family, &finding);
    gw_rule_add_address(event, glue, &finding);
    finding.variant = word == GW_ROOT_RETIRED ? "retired-address" : "address";
    finding.severity = word == GW_ROOT_RETIRED                  ? GW_INFO
                       : source != NULL && source->retired == 0 ? GW_CRITICAL
                                                                : GW_MEDIUM;
    gw_rule_conclude(event, &finding, &glue->addr, sizeof(glue->addr));
}

/* NS records of the root, from a root server or in answer to a priming query. */
static void
judge_names(const struct gw_rule_event *event)
{
    const struct gw_reference_roots *roots = event->context->roots;
    const struct gw_observation *seen = event->seen;
    const struct gw_reference_root *source = gw_reference_roots_at(roots, &seen->server);
    const bool from_root = source != NULL && source->retired == 0;
    const bool inner = gw_rule_is_inner(event);
    struct gw_finding finding;

    if (seen->cut.len != 1 || (!from_root && seen->kind != GW_OBSERVATION_AUTHORITY))
        return;
    gw_rule_begin(event, GW_KIND_ROOT_MISMATCH, NULL, &finding);
    for (uint32_t i = 0; i < seen->target_count; i++) {
        const struct gw_table_name name = gw_zone_name(seen, &seen->target[i].name);

        if (!gw_reference_roots_names(roots, name.wire, name.len))
            gw_rule_add_name(event, &name, seen->target[i].ttl_s, &finding);
    }
    if (finding.set_count == 0)
        return;
    gw_rule_term(&finding, "base", 3.0);
    gw_rule_term(&finding, "inner-network", inner ? -3.0 : 0.0);
    finding.variant = "ns-set";
    finding.severity = from_root ? GW_CRITICAL : inner ? GW_LOW : GW_MEDIUM;
    gw_rule_conclude(event, &finding, "ns", 2);
}

/* A response from an address that was a root server's once, about the root or a TLD. */
static void
judge_source(const struct gw_rule_event *event)
{
    const struct gw_observation *seen = event->seen;
    const struct gw_reference_root *source =
        gw_reference_roots_at(event->context->roots, &seen->server);
    const uint8_t *cut = seen->names + seen->cut.off;
    struct gw_finding finding;

    if (source == NULL || source->retired == 0 ||
        (seen->kind != GW_OBSERVATION_DELEGATION && seen->kind != GW_OBSERVATION_AUTHORITY) ||
        (cut[0] != 0 && cut[1u + cut[0]] != 0))
        return;

    const struct gw_table_name name = {source->name.wire, 0, source->name.len};
    const struct gw_observation_glue asked = {.addr = seen->server};

    gw_rule_begin(event, GW_KIND_ROOT_MISMATCH, &name, &finding);
    gw_rule_term(&finding, "base", 3.0);
    gw_rule_term(&finding, "retired-address", -2.0);
    add_known(event->context->roots, &name, seen->server.family, &finding);
    gw_rule_add_address(event, &asked, &finding);
    finding.variant = "stale-hint";
    finding.severity = GW_INFO;
    gw_rule_conclude(event, &finding, &seen->resolver, sizeof(seen->resolver));
}

static void
judge(const struct gw_rule_event *event)
{
    const struct gw_observation *seen = event->seen;

    if (event->context->roots == NULL || event->context->roots->count == 0)
        return;
    for (uint32_t i = 0; i < seen->glue_count; i++)
        if (seen->glue[i].target != GW_NO_TARGET || seen->glue[i].stray < seen->stray_count)
            judge_address(event, &seen->glue[i]);
    judge_names(event);
    judge_source(event);
}

const struct gw_rule gw_rule_root_mismatch = {
    .kind = GW_KIND_ROOT_MISMATCH, .message = judge, .odd = judge, .fact = judge};
