/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/lists.h"

#include <assert.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

/* Entries that an array has room for at first. */
#define ROOM_FIRST 64u

/* Canonical names, sorted by their octets once sealed. */
struct names {
    struct gw_name *name;
    uint32_t count, room;
};

/* A prefix, and what it belongs to. */
struct belonging {
    struct gw_lists_prefix prefix;
    uint32_t group;
};

/* Prefixes, once sealed by family, falling length and octets: the first that fits is the longest.
 */
struct prefixes {
    struct belonging *entry;
    uint32_t count, room;
};

struct gw_lists {
    struct names watched;
    struct names internal_zone;
    struct prefixes internal;
    struct prefixes group;
    struct gw_suppression *rule;
    uint32_t rule_count, rule_room;
    bool sealed;
};

static const char *const kind_names[GW_KIND_COUNT] = {
#define KIND_NAME(id, name, stem, channel, title, technique, cwe, source) name,
    GW_KIND_LIST(KIND_NAME)
#undef KIND_NAME
};

struct gw_lists *
gw_lists_new(void)
{
    return calloc(1, sizeof(struct gw_lists));
}

void
gw_lists_free(struct gw_lists *lists)
{
    if (lists == NULL)
        return;
    free(lists->watched.name);
    free(lists->internal_zone.name);
    free(lists->internal.entry);
    free(lists->group.entry);
    free(lists->rule);
    free(lists);
}

/* Make room for one entry more in an array; the array is left alone when that fails. */
static int
grow_init(void **array, uint32_t count, uint32_t *room, size_t entry_len, uint32_t most)
{
    const uint32_t more = *room == 0 ? ROOM_FIRST : 2 * *room;

    if (count == most)
        return GW_E_FORMAT;
    if (count < *room)
        return GW_DONE;

    void *bigger = realloc(*array, more * entry_len);

    if (bigger == NULL)
        return GW_E_NOMEM;
    *array = bigger;
    *room = more;
    return GW_DONE;
}

static int
add_name(struct names *names, const struct gw_name *name)
{
    void *array = names->name;
    const int result =
        grow_init(&array, names->count, &names->room, sizeof(*names->name), GW_LIST_NAMES_MAX);

    names->name = array;
    if (result == GW_DONE)
        names->name[names->count++] = *name;
    return result;
}

static int
add_prefix(struct prefixes *prefixes, const struct gw_lists_prefix *prefix, uint32_t group)
{
    void *array = prefixes->entry;
    const int result = grow_init(
        &array, prefixes->count, &prefixes->room, sizeof(*prefixes->entry), GW_LIST_PREFIXES_MAX);

    prefixes->entry = array;
    if (result == GW_DONE)
        prefixes->entry[prefixes->count++] = (struct belonging){*prefix, group};
    return result;
}

int
gw_lists_watch(struct gw_lists *lists, const struct gw_name *name)
{
    assert(!lists->sealed);
    return add_name(&lists->watched, name);
}

int
gw_lists_internal_zone(struct gw_lists *lists, const struct gw_name *name)
{
    assert(!lists->sealed);
    return add_name(&lists->internal_zone, name);
}

int
gw_lists_internal_prefix(struct gw_lists *lists, const struct gw_lists_prefix *prefix)
{
    assert(!lists->sealed);
    return add_prefix(&lists->internal, prefix, 0);
}

int
gw_lists_group_prefix(struct gw_lists *lists, const struct gw_lists_prefix *prefix, uint32_t group)
{
    assert(!lists->sealed);
    return add_prefix(&lists->group, prefix, group);
}

int
gw_lists_suppress(struct gw_lists *lists, const struct gw_suppression *rule)
{
    void *array = lists->rule;
    const int result = grow_init(
        &array, lists->rule_count, &lists->rule_room, sizeof(*lists->rule), GW_SUPPRESSIONS_MAX);

    assert(!lists->sealed);
    lists->rule = array;
    if (result == GW_DONE)
        lists->rule[lists->rule_count++] = *rule;
    return result;
}

/* A wire form holds its own end: none is the beginning of another. */
static int
by_octets(const void *left_ptr, const void *right_ptr)
{
    const struct gw_name *left = left_ptr;
    const struct gw_name *right = right_ptr;

    return memcmp(left->wire, right->wire, left->len < right->len ? left->len : right->len);
}

static int
by_prefix(const void *left_ptr, const void *right_ptr)
{
    const struct gw_lists_prefix *left = &((const struct belonging *)left_ptr)->prefix;
    const struct gw_lists_prefix *right = &((const struct belonging *)right_ptr)->prefix;

    if (left->addr.family != right->addr.family)
        return left->addr.family < right->addr.family ? -1 : 1;
    if (left->bits != right->bits)
        return left->bits > right->bits ? -1 : 1;
    return memcmp(left->addr.octet, right->addr.octet, sizeof(left->addr.octet));
}

int
gw_lists_seal(struct gw_lists *lists, struct gw_lists_prefix *ret_twice)
{
    const struct belonging *entry = lists->group.entry;

    lists->sealed = true;
    if (lists->watched.count != 0)
        qsort(lists->watched.name, lists->watched.count, sizeof(struct gw_name), by_octets);
    if (lists->internal_zone.count != 0)
        qsort(lists->internal_zone.name, lists->internal_zone.count, sizeof(struct gw_name),
            by_octets);
    if (lists->internal.count != 0)
        qsort(lists->internal.entry, lists->internal.count, sizeof(struct belonging), by_prefix);
    if (lists->group.count != 0)
        qsort(lists->group.entry, lists->group.count, sizeof(struct belonging), by_prefix);
    for (uint32_t i = 1; i < lists->group.count; i++)
        if (by_prefix(&entry[i - 1], &entry[i]) == 0 && entry[i - 1].group != entry[i].group) {
            *ret_twice = entry[i].prefix;
            return GW_E_FORMAT;
        }
    return GW_DONE;
}

/* Is the name, or one that it is below, among them? */
static bool
covers(const struct names *names, const uint8_t *wire, uint8_t len)
{
    struct gw_name name;

    if (names->count == 0)
        return false;
    for (uint32_t pos = 0; pos < len; pos += 1u + wire[pos]) {
        name.len = (uint8_t)(len - pos);
        memcpy(name.wire, wire + pos, name.len);
        if (bsearch(&name, names->name, names->count, sizeof(name), by_octets) != NULL)
            return true;
        if (wire[pos] == 0)
            break;
    }
    return false;
}

static struct gw_addr
masked(const struct gw_addr *addr, uint8_t bits)
{
    struct gw_addr kept = {.family = addr->family};

    memcpy(kept.octet, addr->octet, bits / 8);
    if (bits % 8 != 0)
        kept.octet[bits / 8] = (uint8_t)(addr->octet[bits / 8] & (0xff00u >> bits % 8));
    return kept;
}

static bool
holds(const struct gw_lists_prefix *prefix, const struct gw_addr *addr)
{
    const struct gw_addr kept = masked(addr, prefix->bits);

    return addr->family == prefix->addr.family &&
           memcmp(kept.octet, prefix->addr.octet, sizeof(kept.octet)) == 0;
}

/* The first entry of the family's next shorter length, looked for from `from` on. */
static uint32_t
skip_length(const struct prefixes *prefixes, uint32_t from)
{
    const struct gw_lists_prefix *first = &prefixes->entry[from].prefix;
    uint32_t low = from;
    uint32_t high = prefixes->count;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const struct gw_lists_prefix *look = &prefixes->entry[middle].prefix;

        if (look->addr.family == first->addr.family && look->bits == first->bits)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The entry with the longest prefix that holds the address, or NULL: one search per length. */
static const struct belonging *
find_prefix(const struct prefixes *prefixes, const struct gw_addr *addr)
{
    uint32_t next = 0;

    for (uint32_t at = 0; at < prefixes->count; at = next) {
        const struct gw_lists_prefix *first = &prefixes->entry[at].prefix;
        struct belonging wanted = {.prefix = *first};

        next = skip_length(prefixes, at);
        if (first->addr.family != addr->family)
            continue;
        wanted.prefix.addr = masked(addr, first->bits);

        const struct belonging *found =
            bsearch(&wanted, &prefixes->entry[at], next - at, sizeof(struct belonging), by_prefix);

        if (found != NULL)
            return found;
    }
    return NULL;
}

bool
gw_lists_watches(const struct gw_lists *lists, const uint8_t *wire, uint8_t len)
{
    return lists != NULL && covers(&lists->watched, wire, len);
}

bool
gw_lists_expects(const struct gw_lists *lists, const struct gw_addr *address,
    const struct gw_addr *resolver, const struct gw_name *cut)
{
    return lists != NULL && (find_prefix(&lists->internal, address) != NULL ||
                                find_prefix(&lists->internal, resolver) != NULL ||
                                covers(&lists->internal_zone, cut->wire, cut->len));
}

bool
gw_lists_group(const struct gw_lists *lists, const struct gw_addr *resolver, uint32_t *ret_group)
{
    const struct belonging *found = lists == NULL ? NULL : find_prefix(&lists->group, resolver);

    if (found != NULL)
        *ret_group = found->group;
    return found != NULL;
}

static bool
is_under(const struct gw_name *name, const struct gw_name *suffix)
{
    uint32_t pos = 0;

    while (pos < name->len && name->len - pos > suffix->len)
        pos += 1u + name->wire[pos];
    return pos < name->len && name->len - pos == suffix->len &&
           memcmp(name->wire + pos, suffix->wire, suffix->len) == 0;
}

static bool
fits_name(const struct gw_suppression *rule, const struct gw_finding *finding)
{
    if (rule->name.len == 0 || is_under(&finding->cut, &rule->name) ||
        is_under(&finding->name, &rule->name))
        return true;
    return finding->cut.len == 0 && finding->name.len == 0 &&
           is_under(&finding->qname, &rule->name);
}

static const struct gw_finding_set *
contrary_of(const struct gw_finding *finding)
{
    for (uint32_t i = 0; i < finding->set_count; i++)
        if (finding->set[i].role == GW_SET_CONTRARY)
            return &finding->set[i];
    return NULL;
}

/* What is not shown cannot be judged: then the rule does not fit. */
static bool
fits_addresses(const struct gw_suppression *rule, const struct gw_finding *finding)
{
    const struct gw_finding_set *set = contrary_of(finding);

    if (rule->address.addr.family == 0)
        return true;
    if (set == NULL || set->address_count == 0 || set->address_count < set->member_total)
        return false;
    for (uint32_t i = 0; i < set->address_count; i++)
        if (!holds(&rule->address, &set->address[i]))
            return false;
    return true;
}

static bool
fits_resolvers(const struct gw_suppression *rule, const struct gw_finding *finding)
{
    const struct gw_finding_set *set = contrary_of(finding);

    if (rule->resolver.addr.family == 0)
        return true;
    if (set == NULL || set->witness_count == 0)
        return holds(&rule->resolver, &finding->resolver);
    for (uint32_t i = 0; i < set->witness_count; i++)
        if (!holds(&rule->resolver, &set->witness[i].resolver))
            return false;
    return set->witness_count == set->witness_total;
}

const struct gw_suppression *
gw_lists_suppression(const struct gw_lists *lists, const struct gw_finding *finding, int64_t now_ns)
{
    if (lists == NULL || finding->kind == GW_KIND_ROOT_MISMATCH ||
        finding->kind == GW_KIND_REFERENCE_MISMATCH)
        return NULL;
    for (uint32_t i = 0; i < lists->rule_count; i++) {
        const struct gw_suppression *rule = &lists->rule[i];

        if (now_ns < rule->until_ns && fnmatch(rule->kind, kind_names[finding->kind], 0) == 0 &&
            fits_name(rule, finding) && fits_addresses(rule, finding) &&
            fits_resolvers(rule, finding))
            return rule;
    }
    return NULL;
}
