/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/accept.h"

#include <string.h>

#define EVERYBODY \
    ((uint8_t)(GW_ACCEPT_BIND | GW_ACCEPT_UNBOUND | GW_ACCEPT_KNOT | GW_ACCEPT_POWERDNS))

/* NS records of one delegation that are looked at. */
#define NS_MOST_BIND_KNOT 13u
#define NS_MOST_UNBOUND   20u

static uint8_t
without(uint32_t mask, uint32_t families)
{
    return (uint8_t)(mask & ~families);
}

static void
set(struct gw_finding *finding, uint8_t mask)
{
    finding->accept = mask;
    finding->accept_known = true;
}

/* The name of the delegation, from the message or from the tables. */
static struct gw_table_name
cut_of(const struct gw_rule_event *event)
{
    if (event->seen != NULL)
        return gw_zone_name(event->seen, &event->seen->cut);
    if (event->cut == NULL)
        return (struct gw_table_name){0};
    return (struct gw_table_name){gw_arena_at(&event->table->arena, event->cut->name),
        event->cut->hash, event->cut->name_len};
}

/* All take what is under the cut. BIND looks for siblings under the cut's name less one label. */
static uint8_t
by_name(const struct gw_rule_event *event, const struct gw_table_name *cut,
    const struct gw_table_name *owner)
{
    const uint32_t skip = cut->wire[0] == 0 ? 0 : 1u + cut->wire[0];

    if (gw_zone_covers(cut->wire, cut->len, owner->wire, owner->len))
        return EVERYBODY;
    if (event->zone.name == NULL ||
        !gw_zone_covers(event->zone.name, event->zone.len, owner->wire, owner->len))
        return 0;
    if (gw_zone_covers(cut->wire + skip, (uint8_t)(cut->len - skip), owner->wire, owner->len))
        return EVERYBODY;
    return without(EVERYBODY, GW_ACCEPT_BIND);
}

/* Where the target stands among the NS records of the message; 0 when there is no message. */
static uint32_t
place_of(const struct gw_rule_event *event, const struct gw_table_name *owner)
{
    const struct gw_observation *seen = event->seen;

    for (uint32_t i = 0; seen != NULL && i < seen->target_count; i++)
        if (seen->target[i].name.hash == owner->hash)
            return i;
    return 0;
}

static uint8_t
by_address(uint8_t mask, const struct gw_rule_event *event, const struct gw_addr *addr)
{
    switch (gw_rule_block_of(addr, event->lab).class) {
    case GW_BLOCK_SELF:
        return without(mask, GW_ACCEPT_UNBOUND | GW_ACCEPT_KNOT | GW_ACCEPT_POWERDNS);
    case GW_BLOCK_SPECIAL: /* multicast and reserved; PowerDNS asks no private address either */
        return without(mask, addr->family == 4 && addr->octet[0] >= 224
                                 ? GW_ACCEPT_BIND | GW_ACCEPT_POWERDNS
                                 : GW_ACCEPT_POWERDNS);
    case GW_BLOCK_PUBLIC:
        break;
    }
    return mask;
}

void
gw_accept_glue(const struct gw_rule_event *event, const struct gw_table_name *owner,
    const struct gw_addr *addr, struct gw_finding *finding)
{
    const struct gw_table_name cut = cut_of(event);
    const uint32_t place = place_of(event, owner);
    uint8_t mask = 0;

    if (cut.len == 0)
        return;
    mask = by_name(event, &cut, owner);
    if (place >= NS_MOST_BIND_KNOT)
        mask = without(mask, GW_ACCEPT_BIND | GW_ACCEPT_KNOT);
    if (place >= NS_MOST_UNBOUND)
        mask = without(mask, GW_ACCEPT_UNBOUND);
    if (addr != NULL)
        mask = by_address(mask, event, addr);
    if (mask == 0 && event->zone.name == NULL)
        return; /* under which zone it would be judged is not known */
    set(finding, mask);
}

void
gw_accept_ns(const struct gw_rule_event *event, struct gw_finding *finding)
{
    const struct gw_observation *seen = event->seen;
    const uint8_t *cut = seen->names + seen->cut.off;
    const bool covers =
        gw_zone_covers(cut, seen->cut.len, seen->names + seen->qname.off, seen->qname.len);
    const bool is_below = event->zone.name == NULL ||
                          gw_zone_covers(event->zone.name, event->zone.len, cut, seen->cut.len);
    uint8_t mask = 0;

    if (event->class == GW_CLASS_MULTI_CUT && covers && is_below)
        mask = without(EVERYBODY, GW_ACCEPT_BIND);
    else if (event->class == GW_CLASS_ANSWER && covers && gw_rule_is_guarded(seen))
        mask = GW_ACCEPT_BIND;
    set(finding, mask);
}

void
gw_accept_nobody(struct gw_finding *finding)
{
    set(finding, 0);
}
