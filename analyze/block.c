/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Special-purpose address blocks that are not globally reachable, from the two IANA registries
 * (RFC 6890 and its successors), as of 2026-01.
 */
#include "analyze/accept.h"

#include <string.h>

#include "analyze/lists.h"

enum use {
    USE_SPECIAL,
    USE_SELF,
    USE_LAB
};

struct block {
    uint8_t octet[16];
    uint8_t family;
    uint8_t bits;
    uint8_t use;
    const char *name;
};

static const struct block blocks[] = {
    {{0}, 4, 8, USE_SELF, "0.0.0.0/8, this network (RFC 791)"},
    {{10}, 4, 8, USE_SPECIAL, "10.0.0.0/8, private use (RFC 1918)"},
    {{100, 64}, 4, 10, USE_SPECIAL, "100.64.0.0/10, shared address space (RFC 6598)"},
    {{127}, 4, 8, USE_SELF, "127.0.0.0/8, loopback (RFC 1122)"},
    {{169, 254}, 4, 16, USE_SPECIAL, "169.254.0.0/16, link local (RFC 3927)"},
    {{172, 16}, 4, 12, USE_SPECIAL, "172.16.0.0/12, private use (RFC 1918)"},
    {{192, 0, 0}, 4, 24, USE_SPECIAL, "192.0.0.0/24, IETF protocol assignments (RFC 6890)"},
    {{192, 0, 2}, 4, 24, USE_LAB, "192.0.2.0/24, documentation (RFC 5737)"},
    {{192, 168}, 4, 16, USE_SPECIAL, "192.168.0.0/16, private use (RFC 1918)"},
    {{198, 18}, 4, 15, USE_LAB, "198.18.0.0/15, benchmarking (RFC 2544)"},
    {{198, 51, 100}, 4, 24, USE_LAB, "198.51.100.0/24, documentation (RFC 5737)"},
    {{203, 0, 113}, 4, 24, USE_LAB, "203.0.113.0/24, documentation (RFC 5737)"},
    {{224}, 4, 4, USE_SPECIAL, "224.0.0.0/4, multicast (RFC 1112)"},
    {{240}, 4, 4, USE_SPECIAL, "240.0.0.0/4, reserved (RFC 1112)"},
    {{0}, 6, 128, USE_SELF, "::, unspecified (RFC 4291)"},
    {{[15] = 1}, 6, 128, USE_SELF, "::1, loopback (RFC 4291)"},
    {{[10] = 0xff, 0xff}, 6, 96, USE_SPECIAL, "::ffff:0:0/96, IPv4-mapped (RFC 4291)"},
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 6, 48, USE_SPECIAL,
        "64:ff9b:1::/48, local translation (RFC 8215)"},
    {{0x01, 0x00}, 6, 64, USE_SPECIAL, "100::/64, discard only (RFC 6666)"},
    {{0x20, 0x01, 0x00, 0x02}, 6, 48, USE_LAB, "2001:2::/48, benchmarking (RFC 5180)"},
    {{0x20, 0x01, 0x00, 0x00}, 6, 32, USE_SPECIAL, "2001::/32, Teredo (RFC 4380)"},
    {{0x20, 0x01, 0x0d, 0xb8}, 6, 32, USE_LAB, "2001:db8::/32, documentation (RFC 3849)"},
    {{0x3f, 0xff}, 6, 20, USE_LAB, "3fff::/20, documentation (RFC 9637)"},
    {{0x5f, 0x00}, 6, 16, USE_SPECIAL, "5f00::/16, segment routing (RFC 9602)"},
    {{0xfc}, 6, 7, USE_SPECIAL, "fc00::/7, unique local (RFC 4193)"},
    {{0xfe, 0x80}, 6, 10, USE_SPECIAL, "fe80::/10, link local (RFC 4291)"},
    {{0xff}, 6, 8, USE_SPECIAL, "ff00::/8, multicast (RFC 4291)"},
};

static bool
lies_in(const struct gw_addr *addr, const struct block *block)
{
    const uint32_t whole = block->bits / 8;
    const uint32_t rest = block->bits % 8;

    if (addr->family != block->family || memcmp(addr->octet, block->octet, whole) != 0)
        return false;
    return rest == 0 || ((addr->octet[whole] ^ block->octet[whole]) >> (8 - rest)) == 0;
}

static bool
is_ip4_mapped(const struct gw_addr *addr)
{
    static const uint8_t prefix[12] = {[10] = 0xff, 0xff};

    return addr->family == 6 && memcmp(addr->octet, prefix, sizeof(prefix)) == 0;
}

struct gw_rule_block
gw_rule_block_of(const struct gw_addr *addr, bool lab)
{
    if (is_ip4_mapped(addr)) { /* the mapped form of a loopback address is one, too */
        struct gw_addr inner = {.family = 4};

        memcpy(inner.octet, addr->octet + 12, 4);

        const struct gw_rule_block mapped = gw_rule_block_of(&inner, lab);

        if (mapped.class == GW_BLOCK_SELF)
            return mapped;
    }
    for (size_t i = 0; i < GW_ARRAY_LEN(blocks); i++) {
        if (!lies_in(addr, &blocks[i]))
            continue;
        if (blocks[i].use == USE_LAB && lab)
            break;
        return (struct gw_rule_block){
            .class = blocks[i].use == USE_SELF ? GW_BLOCK_SELF : GW_BLOCK_SPECIAL,
            .name = blocks[i].name,
            .unspecified =
                blocks[i].use == USE_SELF && blocks[i].octet[0] == 0 && blocks[i].octet[15] == 0,
        };
    }
    return (struct gw_rule_block){.class = GW_BLOCK_PUBLIC};
}

/* A resolver that asks itself is never expected. */
static bool
is_expected(const struct gw_rule_event *event, const struct gw_finding *finding,
    const struct gw_rule_block *block, const struct gw_observation_glue *glue)
{
    return block->class == GW_BLOCK_SPECIAL && gw_lists_expects(event->context->lists, &glue->addr,
                                                   &event->seen->resolver, &finding->cut);
}

bool
gw_rule_is_inner(const struct gw_rule_event *event)
{
    return gw_rule_block_of(&event->seen->server, true).class != GW_BLOCK_PUBLIC;
}

static void
judge_glue(const struct gw_rule_event *event, const struct gw_rule_block_judgement *judgement,
    const struct gw_observation_glue *glue)
{
    const struct gw_rule_block block = gw_rule_block_of(&glue->addr, event->lab);
    struct gw_finding finding;

    if (block.class != judgement->class)
        return;

    const struct gw_table_name name = gw_rule_glue_owner(event->seen, glue);
    const struct gw_host *host = gw_table_host(event->table, &name);
    const bool inner = gw_rule_is_inner(event);
    const bool is_new = host != NULL && gw_rule_contradicts(event, host, &glue->addr);

    gw_rule_begin(event, judgement->kind, &name, &finding);
    gw_rule_term(&finding, "base", judgement->base);
    gw_rule_term(&finding, "other-address-known", is_new ? 1.0 : 0.0);

    const bool expected = is_expected(event, &finding, &block, glue);

    gw_rule_term(&finding, "internal", expected ? -4.0 : 0.0);
    gw_rule_term(&finding, "inner-network", inner ? -2.0 : 0.0);
    gw_rule_add_address(event, glue, &finding);
    if (is_new)
        gw_rule_add_known(event, host, &finding);
    gw_accept_glue(event, &name, &glue->addr, &finding);
    finding.block = block.name;
    finding.severity = is_new || block.unspecified ? judgement->graver : judgement->severity;
    if (inner && !expected && !block.unspecified)
        finding.severity = block.class == GW_BLOCK_SELF ? GW_LOW : GW_INFO;
    gw_rule_conclude(event, &finding, &glue->addr, sizeof(glue->addr));
}

void
gw_rule_judge_blocks(
    const struct gw_rule_event *event, const struct gw_rule_block_judgement *judgement)
{
    for (uint32_t i = 0; i < event->seen->glue_count; i++)
        if (event->seen->glue[i].target != GW_NO_TARGET)
            judge_glue(event, judgement, &event->seen->glue[i]);
}
