/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/reference.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define TYPE_A    1u
#define TYPE_NS   2u
#define TYPE_AAAA 28u
#define TYPE_DS   43u

#define OCTETS_IP4 4u
#define OCTETS_IP6 16u

/* In front of a name: flags and length. */
#define HEAD_LEN  2u
#define IS_TARGET 1u
#define HAS_DS    2u

/* Arrays grow by a quarter of their size and this much: little is ever taken in vain. */
#define GROWTH 65536u

#define SLOTS_FIRST 1024u

/*
 * When the reference is not to be trusted any more: that many delegations compared, of them that
 * share and number differing.
 */
#define STALE_COMPARED  200u
#define STALE_PER_MILLE 5u
#define STALE_DIFFERING 10u

/* An array that grows; `len` and `room` in octets. */
struct run {
    uint8_t *octet;
    size_t len, room;
};

/* A name server of a delegation. Both are offsets of names. */
struct pair {
    uint32_t owner, target;
};

struct ip4 {
    uint32_t owner;
    uint8_t octet[OCTETS_IP4];
};

struct ip6 {
    uint32_t owner;
    uint8_t octet[OCTETS_IP6];
};

struct gw_reference {
    struct gw_hash_key key;
    uint64_t budget;
    struct run names;  /* flags, length, wire form; offset 0 is no name */
    struct run pairs;  /* struct pair: delegations */
    struct run apexes; /* struct pair: zones' own NS records */
    struct run ip4;    /* struct ip4 */
    struct run ip6;    /* struct ip6 */
    uint32_t *slot;    /* open addressing: offset of a name, or 0 */
    uint32_t slot_mask;
    uint32_t name_count;
    uint32_t cut_count;
    uint32_t zone_count;
    bool sealed;
    struct gw_reference_zone zone[GW_REFERENCE_ZONES_MAX];
};

struct gw_reference_meter {
    struct gw_reference_stats *stats;
    uint32_t own_first;            /* pairs of delegations: those of zones' own come after them */
    uint8_t *compared, *differing; /* a bit for each delegation, by the index of its first pair */
};

struct gw_reference *
gw_reference_new(const struct gw_hash_key *key, uint64_t budget)
{
    struct gw_reference *reference = calloc(1, sizeof(*reference));

    if (reference == NULL)
        return NULL;
    reference->key = *key;
    reference->budget = budget;
    reference->slot_mask = SLOTS_FIRST - 1;
    reference->slot = calloc(SLOTS_FIRST, sizeof(*reference->slot));
    if (reference->slot == NULL) {
        free(reference);
        return NULL;
    }
    return reference;
}

void
gw_reference_free(struct gw_reference *reference)
{
    if (reference == NULL)
        return;
    free(reference->names.octet);
    free(reference->pairs.octet);
    free(reference->apexes.octet);
    free(reference->ip4.octet);
    free(reference->ip6.octet);
    free(reference->slot);
    free(reference);
}

uint64_t
gw_reference_octets(const struct gw_reference *reference)
{
    return reference->names.room + reference->pairs.room + reference->apexes.room +
           reference->ip4.room + reference->ip6.room +
           (reference->slot_mask + (uint64_t)1) * sizeof(*reference->slot);
}

static bool
fits(const struct gw_reference *reference, uint64_t more)
{
    return gw_reference_octets(reference) + more <= reference->budget;
}

/* Room for `len` octets more behind what the run holds, or NULL. */
static void *
append_init(struct gw_reference *reference, struct run *run, size_t len)
{
    if (run->len + len > run->room) {
        const size_t more = run->room / 4 + GROWTH;
        uint8_t *bigger = fits(reference, more) ? realloc(run->octet, run->room + more) : NULL;

        if (bigger == NULL)
            return NULL;
        run->octet = bigger;
        run->room += more;
    }
    run->len += len;
    return run->octet + (run->len - len);
}

static uint8_t *
name_at(const struct gw_reference *reference, uint32_t off)
{
    return reference->names.octet + off;
}

static uint32_t *
slot_of(const struct gw_reference *reference, const uint8_t *wire, uint8_t len)
{
    uint32_t index = (uint32_t)gw_hash_octets(&reference->key, wire, len) & reference->slot_mask;

    for (; reference->slot[index] != 0; index = (index + 1) & reference->slot_mask) {
        const uint8_t *name = name_at(reference, reference->slot[index]);

        if (name[1] == len && memcmp(name + HEAD_LEN, wire, len) == 0)
            break;
    }
    return &reference->slot[index];
}

static bool
grow_slots_init(struct gw_reference *reference)
{
    const uint32_t count = reference->slot_mask + 1;
    uint32_t *old = reference->slot;
    uint32_t *bigger = fits(reference, (uint64_t)count * 2 * sizeof(*bigger))
                           ? calloc((size_t)count * 2, sizeof(*bigger))
                           : NULL;

    if (bigger == NULL)
        return false;
    reference->slot = bigger;
    reference->slot_mask = count * 2 - 1;
    for (uint32_t i = 0; i < count; i++)
        if (old[i] != 0) {
            const uint8_t *name = name_at(reference, old[i]);

            *slot_of(reference, name + HEAD_LEN, name[1]) = old[i];
        }
    free(old);
    return true;
}

/* The offset of a name, which is kept when it is new; 0 when there is no memory. */
static uint32_t
keep_name(struct gw_reference *reference, const uint8_t *wire, uint8_t len)
{
    uint32_t *slot = slot_of(reference, wire, len);

    if (*slot != 0)
        return *slot;
    if (reference->names.len == 0 && append_init(reference, &reference->names, 1) == NULL)
        return 0;
    if (reference->name_count * (uint64_t)4 > reference->slot_mask * (uint64_t)3) {
        if (!grow_slots_init(reference))
            return 0;
        slot = slot_of(reference, wire, len);
    }

    const size_t off = reference->names.len;
    uint8_t *name = off > UINT32_MAX - GW_NAME_MAX - HEAD_LEN
                        ? NULL
                        : append_init(reference, &reference->names, HEAD_LEN + (size_t)len);

    if (name == NULL)
        return 0;
    name[0] = 0;
    name[1] = len;
    memcpy(name + HEAD_LEN, wire, len);
    *slot = (uint32_t)off;
    reference->name_count++;
    return *slot;
}

static uint32_t
find_name(const struct gw_reference *reference, const uint8_t *wire, uint8_t len)
{
    return *slot_of(reference, wire, len);
}

static bool
is_under(const uint8_t *wire, uint8_t len, const struct gw_name *zone)
{
    uint32_t pos = 0;

    while ((uint32_t)len - pos > zone->len)
        pos += 1u + wire[pos];
    return (uint32_t)len - pos == zone->len && memcmp(wire + pos, zone->wire, zone->len) == 0;
}

int
gw_reference_zone_begin(struct gw_reference *reference, const struct gw_reference_zone *zone)
{
    assert(!reference->sealed);
    if (reference->zone_count == GW_REFERENCE_ZONES_MAX)
        return GW_E_FORMAT;
    for (uint32_t i = 0; i < reference->zone_count; i++)
        if (reference->zone[i].apex.len == zone->apex.len &&
            memcmp(reference->zone[i].apex.wire, zone->apex.wire, zone->apex.len) == 0)
            return GW_E_FORMAT;
    reference->zone[reference->zone_count++] = *zone;
    return GW_DONE;
}

static int
add_target(struct gw_reference *reference, const struct gw_reference_record *record, bool at_apex)
{
    uint8_t wire[GW_NAME_MAX];

    if (record->rdata_len == 0 || record->rdata_len > GW_NAME_MAX)
        return GW_DONE;
    for (uint32_t i = 0; i < record->rdata_len; i++) /* octets of length are below 'A' */
        wire[i] = record->rdata[i] >= 'A' && record->rdata[i] <= 'Z' ? record->rdata[i] | 0x20
                                                                     : record->rdata[i];

    const uint32_t owner = keep_name(reference, record->owner, record->owner_len);
    const uint32_t target = owner == 0 ? 0 : keep_name(reference, wire, (uint8_t)record->rdata_len);
    struct pair *pair = target == 0
                            ? NULL
                            : append_init(reference,
                                  at_apex ? &reference->apexes : &reference->pairs, sizeof(*pair));

    if (pair == NULL)
        return GW_E_NOMEM;
    *pair = (struct pair){owner, target};
    name_at(reference, target)[0] |= IS_TARGET;
    return GW_DONE;
}

static int
add_address(struct gw_reference *reference, const struct gw_reference_record *record)
{
    const bool is_ip6 = record->type == TYPE_AAAA;
    const uint32_t owner = keep_name(reference, record->owner, record->owner_len);
    struct run *run = is_ip6 ? &reference->ip6 : &reference->ip4;
    uint8_t *to =
        owner == 0 ? NULL
                   : append_init(reference, run, is_ip6 ? sizeof(struct ip6) : sizeof(struct ip4));

    if (to == NULL)
        return GW_E_NOMEM;
    memcpy(to, &owner, sizeof(owner));
    memcpy(to + sizeof(owner), record->rdata, record->rdata_len);
    return GW_DONE;
}

int
gw_reference_add(struct gw_reference *reference, const struct gw_reference_record *record)
{
    const struct gw_name *apex = &reference->zone[reference->zone_count - 1].apex;
    const bool at_apex = record->owner_len == apex->len;
    uint32_t owner;

    assert(reference->zone_count != 0 && !reference->sealed);
    if (!is_under(record->owner, record->owner_len, apex))
        return GW_DONE;
    switch (record->type) {
    case TYPE_NS:
        return add_target(reference, record, at_apex);
    case TYPE_A:
        return record->rdata_len == OCTETS_IP4 ? add_address(reference, record) : GW_DONE;
    case TYPE_AAAA:
        return record->rdata_len == OCTETS_IP6 ? add_address(reference, record) : GW_DONE;
    case TYPE_DS:
        owner = keep_name(reference, record->owner, record->owner_len);
        if (owner == 0)
            return GW_E_NOMEM;
        name_at(reference, owner)[0] |= HAS_DS;
        return GW_DONE;
    default:
        return GW_DONE;
    }
}

static int
by_pair(const void *left_ptr, const void *right_ptr)
{
    const struct pair *left = left_ptr;
    const struct pair *right = right_ptr;

    if (left->owner != right->owner)
        return left->owner < right->owner ? -1 : 1;
    return left->target < right->target ? -1 : left->target > right->target;
}

static int
by_ip4(const void *left_ptr, const void *right_ptr)
{
    const struct ip4 *left = left_ptr;
    const struct ip4 *right = right_ptr;

    if (left->owner != right->owner)
        return left->owner < right->owner ? -1 : 1;
    return memcmp(left->octet, right->octet, sizeof(left->octet));
}

static int
by_ip6(const void *left_ptr, const void *right_ptr)
{
    const struct ip6 *left = left_ptr;
    const struct ip6 *right = right_ptr;

    if (left->owner != right->owner)
        return left->owner < right->owner ? -1 : 1;
    return memcmp(left->octet, right->octet, sizeof(left->octet));
}

/* Sort entries, leave one of equals, and of addresses those of name servers only. */
static void
sort_run(struct gw_reference *reference, struct run *run, size_t entry_len, bool addresses,
    int (*compare)(const void *, const void *))
{
    const size_t count = run->len / entry_len;
    size_t kept = 0;

    if (count == 0)
        return;
    qsort(run->octet, count, entry_len, compare);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *entry = run->octet + i * entry_len;
        uint32_t owner;

        memcpy(&owner, entry, sizeof(owner));
        if (addresses && !(name_at(reference, owner)[0] & IS_TARGET))
            continue;
        if (kept != 0 && compare(run->octet + (kept - 1) * entry_len, entry) == 0)
            continue;
        memmove(run->octet + kept++ * entry_len, entry, entry_len);
    }
    run->len = kept * entry_len;
}

/* Give back what a run does not need. */
static void
shrink_init(struct run *run)
{
    uint8_t *smaller = run->len == 0 ? NULL : realloc(run->octet, run->len);

    if (smaller == NULL)
        return;
    run->octet = smaller;
    run->room = run->len;
}

static const struct pair *
pairs_of(const struct run *run)
{
    return (const struct pair *)(const void *)run->octet;
}

void
gw_reference_seal(struct gw_reference *reference)
{
    const struct pair *pair;

    sort_run(reference, &reference->pairs, sizeof(struct pair), false, by_pair);
    sort_run(reference, &reference->apexes, sizeof(struct pair), false, by_pair);
    sort_run(reference, &reference->ip4, sizeof(struct ip4), true, by_ip4);
    sort_run(reference, &reference->ip6, sizeof(struct ip6), true, by_ip6);
    shrink_init(&reference->names);
    shrink_init(&reference->pairs);
    shrink_init(&reference->apexes);
    shrink_init(&reference->ip4);
    shrink_init(&reference->ip6);
    pair = pairs_of(&reference->pairs);
    for (size_t i = 0; i < reference->pairs.len / sizeof(*pair); i++)
        if (i == 0 || pair[i].owner != pair[i - 1].owner)
            reference->cut_count++;
    reference->sealed = true;
}

const struct gw_reference_zone *
gw_reference_zone_at(const struct gw_reference *reference, uint32_t index)
{
    return reference != NULL && index < reference->zone_count ? &reference->zone[index] : NULL;
}

uint32_t
gw_reference_count(const struct gw_reference *reference)
{
    return reference->cut_count;
}

/* Index of the first entry whose owner is `owner` or greater. */
static uint32_t
first_of(const struct run *run, size_t entry_len, uint32_t owner)
{
    uint32_t low = 0;
    uint32_t high = (uint32_t)(run->len / entry_len);

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        uint32_t look;

        memcpy(&look, run->octet + middle * entry_len, sizeof(look));
        if (look < owner)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint32_t
count_from(const struct run *run, size_t entry_len, uint32_t first, uint32_t owner)
{
    const uint32_t end = (uint32_t)(run->len / entry_len);
    uint32_t count = 0;
    uint32_t look;

    for (; first + count < end; count++) {
        memcpy(&look, run->octet + (first + count) * entry_len, sizeof(look));
        if (look != owner)
            break;
    }
    return count;
}

/* The deepest zone that the name is in; strictly below its apex unless `at_apex`. */
static const struct gw_reference_zone *
zone_of(const struct gw_reference *reference, const uint8_t *wire, uint8_t len, bool at_apex)
{
    const struct gw_reference_zone *deepest = NULL;

    for (uint32_t i = 0; i < reference->zone_count; i++) {
        const struct gw_reference_zone *zone = &reference->zone[i];

        if ((at_apex ? len == zone->apex.len : len > zone->apex.len) &&
            is_under(wire, len, &zone->apex) &&
            (deepest == NULL || zone->apex.len > deepest->apex.len))
            deepest = zone;
    }
    return deepest;
}

bool
gw_reference_cut_of(const struct gw_reference *reference, const uint8_t *wire, uint8_t len,
    struct gw_reference_cut *ret_cut)
{
    const uint32_t owner = find_name(reference, wire, len);
    struct gw_reference_cut cut = {.own = false};

    assert(reference->sealed);
    if (owner == 0)
        return false;
    cut.first = first_of(&reference->pairs, sizeof(struct pair), owner);
    cut.target_count = count_from(&reference->pairs, sizeof(struct pair), cut.first, owner);
    cut.has_ds = (name_at(reference, owner)[0] & HAS_DS) != 0;
    if (cut.target_count == 0) {
        cut.own = true;
        cut.first = first_of(&reference->apexes, sizeof(struct pair), owner);
        cut.target_count = count_from(&reference->apexes, sizeof(struct pair), cut.first, owner);
    }
    cut.zone = zone_of(reference, wire, len, cut.own);
    if (cut.target_count == 0 || cut.zone == NULL)
        return false;
    *ret_cut = cut;
    return true;
}

bool
gw_reference_delegates(const struct gw_reference *reference, const uint8_t *wire, uint8_t len)
{
    struct gw_reference_cut cut;

    return reference != NULL && gw_reference_cut_of(reference, wire, len, &cut);
}

static const struct pair *
pair_at(const struct gw_reference *reference, const struct gw_reference_cut *cut, uint32_t index)
{
    return pairs_of(cut->own ? &reference->apexes : &reference->pairs) + cut->first + index;
}

void
gw_reference_target(const struct gw_reference *reference, const struct gw_reference_cut *cut,
    uint32_t index, struct gw_name *ret_name)
{
    const uint8_t *name = name_at(reference, pair_at(reference, cut, index)->target);

    assert(index < cut->target_count);
    ret_name->len = name[1];
    memcpy(ret_name->wire, name + HEAD_LEN, name[1]);
}

bool
gw_reference_has_target(const struct gw_reference *reference, const struct gw_reference_cut *cut,
    const uint8_t *wire, uint8_t len)
{
    const uint32_t target = find_name(reference, wire, len);

    for (uint32_t i = 0; target != 0 && i < cut->target_count; i++)
        if (pair_at(reference, cut, i)->target == target)
            return true;
    return false;
}

uint32_t
gw_reference_addresses(const struct gw_reference *reference, const uint8_t *wire, uint8_t len,
    uint8_t family, struct gw_addr *ret_addr, uint32_t most)
{
    const bool is_ip6 = family == 6;
    const struct run *run = is_ip6 ? &reference->ip6 : &reference->ip4;
    const size_t entry_len = is_ip6 ? sizeof(struct ip6) : sizeof(struct ip4);
    const uint32_t owner = find_name(reference, wire, len);

    if (owner == 0)
        return 0;

    const uint32_t first = first_of(run, entry_len, owner);
    const uint32_t count = count_from(run, entry_len, first, owner);

    for (uint32_t i = 0; i < count && i < most; i++) {
        ret_addr[i] = (struct gw_addr){.family = family};
        memcpy(ret_addr[i].octet, run->octet + (first + i) * entry_len + sizeof(owner),
            entry_len - sizeof(owner));
    }
    return count;
}

enum gw_reference_word
gw_reference_says(const struct gw_reference *reference, const uint8_t *wire, uint8_t len,
    const struct gw_addr *addr)
{
    struct gw_addr known[GW_CLAIMS_MAX];

    if (reference == NULL)
        return GW_REFERENCE_SILENT;

    const uint32_t count =
        gw_reference_addresses(reference, wire, len, addr->family, known, GW_CLAIMS_MAX);

    for (uint32_t i = 0; i < count && i < GW_CLAIMS_MAX; i++)
        if (memcmp(known[i].octet, addr->octet, sizeof(addr->octet)) == 0)
            return GW_REFERENCE_AGREES;
    return count == 0 || count > GW_CLAIMS_MAX ? GW_REFERENCE_SILENT : GW_REFERENCE_CONTRADICTS;
}

struct gw_reference_meter *
gw_reference_meter_new(const struct gw_reference *reference, struct gw_reference_stats *stats)
{
    const size_t pairs = (reference->pairs.len + reference->apexes.len) / sizeof(struct pair);
    const size_t octets = pairs / 8 + 1;
    struct gw_reference_meter *meter = calloc(1, sizeof(*meter) + 2 * octets);

    if (meter == NULL)
        return NULL;
    meter->stats = stats;
    meter->compared = (uint8_t *)(meter + 1);
    meter->differing = meter->compared + octets;
    stats->zones = reference->zone_count;
    stats->delegations = reference->cut_count;
    stats->names = reference->name_count;
    stats->memory_octets = gw_reference_octets(reference) + 2 * octets;
    meter->own_first = (uint32_t)(reference->pairs.len / sizeof(struct pair));
    return meter;
}

void
gw_reference_meter_free(struct gw_reference_meter *meter)
{
    free(meter);
}

/* Set a bit; return whether it was not. */
static bool
set_bit(uint8_t *bits, uint32_t index)
{
    const uint8_t bit = (uint8_t)(1u << index % 8);
    const bool fresh = (bits[index / 8] & bit) == 0;

    bits[index / 8] |= bit;
    return fresh;
}

bool
gw_reference_meter_note(
    struct gw_reference_meter *meter, const struct gw_reference_cut *cut, bool differs)
{
    struct gw_reference_stats *stats = meter->stats;
    const uint32_t index = cut->first + (cut->own ? meter->own_first : 0);

    stats->compared += set_bit(meter->compared, index);
    if (differs)
        stats->differing += set_bit(meter->differing, index);
    if (stats->compared >= STALE_COMPARED && stats->differing >= STALE_DIFFERING &&
        stats->differing * 1000 >= stats->compared * STALE_PER_MILLE)
        stats->stale = true;
    if (stats->stale && differs)
        stats->withheld++;
    return !stats->stale;
}

bool
gw_reference_meter_is_stale(const struct gw_reference_meter *meter)
{
    return meter->stats->stale;
}
