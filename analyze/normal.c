/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/normal.h"

#include <stdlib.h>
#include <string.h>

/* Entries that one zone, or one address, may be in. */
#define PROBES 8u

#define ZONE_MASK (GW_NORMAL_ZONES - 1u)
#define GAIN_MASK (GW_NORMAL_GAINS - 1u)

/* Before so many delegations were seen, nothing is usual. */
#define CUTS_TTL    200u
#define CUTS_WIDE   200u
#define CUTS_NARROW 50u

/* One delegation of so many with glue of other zones makes a wide policy. */
#define WIDE_SHARE 20u

#define TTLS        6u
#define CHANGES     32u
#define SURGE_HOSTS 32u
#define SURGE_NAMES 16u
#define KNOWN_BITS  (1u << 20)
#define HOUR        GW_TICKS_PER_H
#define DAY         GW_TICKS_PER_DAY

struct ttl {
    uint32_t ttl_s;
    uint32_t count;
};

struct zone {
    gw_zone_id id; /* 0: free */
    uint32_t cuts;
    uint32_t unrelated;
    struct ttl ttl[2][TTLS];
    uint32_t change_count; /* of those in change, a ring */
    struct {
        uint64_t identity;
        gw_tick when;
    } change[CHANGES];
};

struct gain {
    gw_zone_id zone; /* 0: free */
    struct gw_addr addr;
    gw_tick first;
    uint32_t hosts, domains;
    uint32_t host[SURGE_HOSTS];
    uint32_t domain[SURGE_NAMES];
};

struct gw_normal {
    struct zone zone[GW_NORMAL_ZONES];
    struct gain gain[GW_NORMAL_GAINS];
    uint64_t known[KNOWN_BITS / 64]; /* addresses that a name server had from its first sight */
};

struct gw_normal *
gw_normal_new(void)
{
    return calloc(1, sizeof(struct gw_normal));
}

void
gw_normal_free(struct gw_normal *normal)
{
    free(normal);
}

/* Without the key: what is remembered must not depend on it. */
static uint64_t
plain_hash(const void *data, size_t len)
{
    uint8_t id[16];
    uint64_t hash;

    gw_hash_stable(data, len, id);
    memcpy(&hash, id, sizeof(hash));
    return hash;
}

static const struct zone *
find_zone(const struct gw_normal *normal, gw_zone_id id)
{
    for (uint32_t i = 0; i < PROBES && id != GW_ZONE_UNKNOWN; i++) {
        const struct zone *zone = &normal->zone[(id + i) & ZONE_MASK];

        if (zone->id == id)
            return zone;
    }
    return NULL;
}

static struct zone *
make_zone(struct gw_normal *normal, gw_zone_id id)
{
    struct zone *least = &normal->zone[id & ZONE_MASK];

    for (uint32_t i = 0; i < PROBES; i++) {
        struct zone *zone = &normal->zone[(id + i) & ZONE_MASK];

        if (zone->id == id)
            return zone;
        if (zone->id == 0 || (least->id != 0 && zone->cuts < least->cuts))
            least = zone;
    }
    *least = (struct zone){.id = id};
    return least;
}

static void
count_ttl(struct ttl *ttl, uint32_t ttl_s)
{
    struct ttl *least = ttl;

    for (uint32_t i = 0; i < TTLS; i++) {
        if (ttl[i].count != 0 && ttl[i].ttl_s == ttl_s) {
            ttl[i].count++;
            return;
        }
        if (ttl[i].count < least->count)
            least = &ttl[i];
    }
    if (least->count > 1) {
        least->count--;
        return;
    }
    *least = (struct ttl){ttl_s, 1};
}

void
gw_normal_learn(struct gw_normal *normal, gw_zone_id id, const struct gw_observation *seen,
    bool is_new, bool has_unrelated)
{
    struct zone *zone = id == GW_ZONE_UNKNOWN ? NULL : make_zone(normal, id);

    if (zone == NULL)
        return;
    if (is_new) {
        zone->cuts++;
        zone->unrelated += has_unrelated;
    }
    if (seen->target_count != 0)
        count_ttl(zone->ttl[GW_NORMAL_NS], seen->target[0].ttl_s);
    for (uint32_t i = 0; i < seen->glue_count; i++) {
        if (seen->glue[i].target == GW_NO_TARGET)
            continue;
        count_ttl(zone->ttl[GW_NORMAL_GLUE], seen->glue[i].ttl_s);
        break; /* one of each referral: the glue of one delegation has one TTL */
    }
}

enum gw_normal_policy
gw_normal_policy_of(const struct gw_normal *normal, gw_zone_id id)
{
    const struct zone *zone = find_zone(normal, id);

    if (zone == NULL)
        return GW_NORMAL_UNKNOWN;
    if (zone->cuts >= CUTS_WIDE && zone->unrelated >= zone->cuts / WIDE_SHARE)
        return GW_NORMAL_WIDE;
    return zone->cuts >= CUTS_NARROW && zone->unrelated <= 1 ? GW_NORMAL_NARROW : GW_NORMAL_UNKNOWN;
}

uint32_t
gw_normal_ttl_of(const struct gw_normal *normal, gw_zone_id id, enum gw_normal_ttl which)
{
    const struct zone *zone = find_zone(normal, id);
    const struct ttl *most = zone == NULL ? NULL : zone->ttl[which];
    uint64_t all = 0;

    if (zone == NULL || zone->cuts < CUTS_TTL)
        return 0;
    for (uint32_t i = 0; i < TTLS; i++) {
        all += zone->ttl[which][i].count;
        if (zone->ttl[which][i].count > most->count)
            most = &zone->ttl[which][i];
    }
    return most->count >= all / 2 ? most->ttl_s : 0;
}

void
gw_normal_note_change(struct gw_normal *normal, gw_zone_id id, uint64_t identity, gw_tick when)
{
    struct zone *zone = id == GW_ZONE_UNKNOWN ? NULL : make_zone(normal, id);

    if (zone == NULL)
        return;
    for (uint32_t i = 0; i < CHANGES && i < zone->change_count; i++)
        if (zone->change[i].identity == identity && zone->change[i].when == when)
            return;
    zone->change[zone->change_count % CHANGES].identity = identity;
    zone->change[zone->change_count++ % CHANGES].when = when;
    if (zone->change_count == 2 * CHANGES)
        zone->change_count = CHANGES;
}

uint32_t
gw_normal_changes(const struct gw_normal *normal, gw_zone_id id, gw_tick when)
{
    const struct zone *zone = find_zone(normal, id);
    uint32_t count = 0;

    for (uint32_t i = 0; zone != NULL && i < CHANGES && i < zone->change_count; i++) {
        const gw_tick other = zone->change[i].when;

        count += (other > when ? other - when : when - other) <= HOUR;
    }
    return count;
}

static bool
add_once(uint32_t *list, uint32_t *count, uint32_t most, uint32_t hash)
{
    for (uint32_t i = 0; i < *count; i++)
        if (list[i] == hash)
            return false;
    if (*count < most)
        list[(*count)++] = hash;
    return true;
}

/* The part of a name that is one label longer than the zone it is under. */
static uint32_t
domain_of(const struct gw_table_name *name, uint8_t zone_len)
{
    uint32_t pos = 0;

    while ((uint32_t)name->len - pos > zone_len &&
           (uint32_t)name->len - pos - 1u - name->wire[pos] > zone_len)
        pos += 1u + name->wire[pos];
    return (uint32_t)plain_hash(name->wire + pos, name->len - pos);
}

static struct gain *
make_gain(struct gw_normal *normal, gw_zone_id id, const struct gw_addr *addr, gw_tick now)
{
    const uint64_t hash = plain_hash(addr, sizeof(*addr)) + id;
    struct gain *oldest = &normal->gain[hash & GAIN_MASK];

    for (uint32_t i = 0; i < PROBES; i++) {
        struct gain *gain = &normal->gain[(hash + i) & GAIN_MASK];

        if (gain->zone == id && memcmp(&gain->addr, addr, sizeof(*addr)) == 0) {
            if (now > gain->first && now - gain->first > DAY)
                *gain = (struct gain){.zone = id, .addr = *addr, .first = now};
            return gain;
        }
        if (gain->zone == 0 || (oldest->zone != 0 && gain->first < oldest->first))
            oldest = gain;
    }
    *oldest = (struct gain){.zone = id, .addr = *addr, .first = now};
    return oldest;
}

struct gw_normal_surge
gw_normal_gain(struct gw_normal *normal, gw_zone_id id, uint8_t zone_len,
    const struct gw_table_name *host, const struct gw_addr *addr, gw_tick now, bool is_first)
{
    const uint32_t bit = (uint32_t)plain_hash(addr, sizeof(*addr)) % KNOWN_BITS;
    struct gw_normal_surge surge = {.first = now};
    struct gain *gain;

    if (is_first) {
        normal->known[bit / 64] |= 1ull << (bit % 64);
        return surge;
    }
    if (id == GW_ZONE_UNKNOWN)
        return surge;
    gain = make_gain(normal, id, addr, now);
    (void)add_once(
        gain->host, &gain->hosts, SURGE_HOSTS, (uint32_t)plain_hash(host->wire, host->len));
    (void)add_once(gain->domain, &gain->domains, SURGE_NAMES, domain_of(host, zone_len));
    surge.hosts = gain->hosts;
    surge.domains = gain->domains;
    surge.first = gain->first;
    surge.established = (normal->known[bit / 64] >> (bit % 64) & 1u) != 0;
    return surge;
}
