/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ns-target-invalid: an NS record whose name cannot be that of a name server: an alias (RFC 2181
 * section 10.3), an address written as a name, or no host name (RFC 1123 section 2.1).
 */
#include "analyze/rules.h"

#include <string.h>

static bool
is_octet_label(const uint8_t *label)
{
    uint32_t value = 0;

    if (label[0] == 0 || label[0] > 3)
        return false;
    for (uint32_t i = 1; i <= label[0]; i++) {
        if (label[i] < '0' || label[i] > '9')
            return false;
        value = value * 10 + (label[i] - '0');
    }
    return value <= 255;
}

/* "192.0.2.99", also with the zone's name after it, where the final dot was forgotten. */
static bool
is_dotted_quad(const uint8_t *wire)
{
    uint32_t pos = 0;

    for (uint32_t i = 0; i < 4; i++, pos += 1u + wire[pos])
        if (!is_octet_label(wire + pos))
            return false;
    return true;
}

/* "2001:db8::1" in one label. */
static bool
is_colon_hex(const uint8_t *label)
{
    uint32_t colons = 0;

    for (uint32_t i = 1; i <= label[0]; i++) {
        colons += label[i] == ':';
        if (label[i] != ':' && strchr("0123456789abcdef", label[i]) == NULL)
            return false;
    }
    return colons >= 2;
}

static bool
is_host_label(const uint8_t *label)
{
    if (label[1] == '-' || label[label[0]] == '-')
        return false;
    for (uint32_t i = 1; i <= label[0]; i++) {
        const uint8_t octet = label[i];
        const bool is_letter = octet >= 'a' && octet <= 'z';

        if (!is_letter && !(octet >= '0' && octet <= '9') && octet != '-')
            return false;
    }
    return true;
}

static bool
is_host_name(const uint8_t *wire)
{
    for (uint32_t pos = 0; wire[pos] != 0; pos += 1u + wire[pos])
        if (!is_host_label(wire + pos))
            return false;
    return true;
}

/* What is wrong with a name, or NULL. The root alone says on purpose that there is no server. */
static const char *
fault_of(const uint8_t *wire)
{
    if (is_dotted_quad(wire) || (wire[0] != 0 && is_colon_hex(wire)))
        return "address-like";
    return is_host_name(wire) ? NULL : "non-host";
}

static void
conclude(const struct gw_rule_event *event, struct gw_finding *finding, const char *variant)
{
    gw_rule_term(finding, "base", 3.0);
    finding->variant = variant;
    finding->severity = strcmp(variant, "non-host") == 0 ? GW_INFO : GW_LOW;
    gw_rule_conclude(event, finding, variant, strlen(variant));
}

static void
judge(const struct gw_rule_event *event)
{
    const struct gw_observation *seen = event->seen;

    for (uint32_t i = 0; i < seen->target_count; i++) {
        const struct gw_table_name name = gw_zone_name(seen, &seen->target[i].name);
        const char *variant = fault_of(name.wire);
        struct gw_finding finding;

        if (variant == NULL)
            continue;
        gw_rule_begin(event, GW_KIND_NS_TARGET_INVALID, &name, &finding);
        conclude(event, &finding, variant);
    }
}

/* A server says with AA=1 that a name is an alias, and a delegation names it. */
static void
judge_alias(const struct gw_rule_event *event)
{
    const struct gw_observation *seen = event->seen;
    const struct gw_table_name name = gw_zone_name(seen, &seen->other);
    const struct gw_host *host = seen->kind == GW_OBSERVATION_ALIAS && name.len != 0
                                     ? gw_table_host(event->table, &name)
                                     : NULL;
    struct gw_finding finding;

    if (host == NULL || host->oldest == 0 || gw_rule_is_to_client(seen))
        return;

    const struct gw_cut *cut = gw_arena_at(&event->table->arena, host->oldest);

    gw_rule_begin(event, GW_KIND_NS_TARGET_INVALID, &name, &finding);
    gw_rule_about(&finding, gw_arena_at(&event->table->arena, cut->name), cut->name_len);
    gw_rule_add_targets(event, &finding);
    conclude(event, &finding, "alias");
}

const struct gw_rule gw_rule_target_invalid = {
    .kind = GW_KIND_NS_TARGET_INVALID, .message = judge, .fact = judge_alias};
