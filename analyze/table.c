/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_LINES     1024u
#define FIRST_HOSTS     2048u
#define DAY_NS          (86400 * GW_NS_PER_S)
#define SEEN_ONCE_COUNT 65536u

/* Shares of the budget: a flood of addresses or zones must leave room for delegations. */
#define SERVER_SHARE   1024u /* budget / this: servers, resolver groups */
#define WITNESS_SHARE  768u
#define EVIDENCE_SHARE 512u
#define ZONE_SHARE     1024u
#define ZONE_NAMES     16u /* budget / this: octets of zones' names */
#define LINES          4u  /* budget / this: octets of lines */

static size_t
indexes_len(const struct gw_table *table)
{
    const struct gw_intern *intern[] = {
        &table->server, &table->group, &table->witness, &table->evidence, &table->zone_hash};
    size_t len = ((size_t)table->line_mask + 1) * sizeof(*table->line) +
                 ((size_t)table->host_mask + 1) * sizeof(*table->host) +
                 SEEN_ONCE_COUNT * sizeof(*table->seen_once) +
                 GW_CONTESTED_MAX * (sizeof(*table->contested) + sizeof(*table->contested_is_cut));

    for (size_t i = 0; i < GW_ARRAY_LEN(intern); i++)
        len += gw_table_intern_octets(intern[i]);
    return len;
}

void
gw_table_account(struct gw_table *table)
{
    const size_t len = indexes_len(table);

    table->arena.budget = len < table->budget ? table->budget - len : 0;
    table->stats->memory_octets = table->arena.used + len;
}

bool
gw_table_fits(struct gw_table *table, size_t more)
{
    gw_table_account(table);
    return table->arena.used + more <= table->arena.budget;
}

static void *
lines_new(uint32_t count)
{
    void *lines = aligned_alloc(64, count * sizeof(struct gw_cut_line));

    if (lines != NULL)
        memset(lines, 0, count * sizeof(struct gw_cut_line));
    return lines;
}

static void
intern_init(struct gw_table *table)
{
    const struct gw_hash_key *key = &table->key;
    const uint32_t addr_len = sizeof(struct gw_addr);
    const uint32_t pair_len = 2 * sizeof(uint32_t);
    const uint64_t budget = table->budget < (1ull << 40) ? table->budget : 1ull << 40;

    gw_table_intern_init(
        &table->server, key, addr_len, sizeof(uint8_t), (uint32_t)(budget / SERVER_SHARE));
    gw_table_intern_init(&table->group, key, addr_len, 0, (uint32_t)(budget / SERVER_SHARE));
    gw_table_intern_init(&table->witness, key, pair_len, sizeof(struct gw_witness_record),
        (uint32_t)(budget / WITNESS_SHARE));
    gw_table_intern_init(&table->evidence, key, pair_len, 0, (uint32_t)(budget / EVIDENCE_SHARE));
    gw_table_intern_init(&table->zone_hash, key, sizeof(uint64_t), sizeof(struct gw_zone_record),
        (uint32_t)(budget / ZONE_SHARE));
}

int
gw_table_init(struct gw_table *table, const struct gw_hash_key *key, uint64_t budget,
    struct gw_table_stats *stats)
{
    *table = (struct gw_table){.key = *key, .stats = stats, .budget = budget};
    if (gw_arena_init(&table->arena, budget) != GW_DONE)
        return GW_E_NOMEM;
    intern_init(table);
    table->line = lines_new(FIRST_LINES);
    table->host = calloc(FIRST_HOSTS, sizeof(*table->host));
    table->seen_once = calloc(SEEN_ONCE_COUNT, sizeof(*table->seen_once));
    table->contested = calloc(GW_CONTESTED_MAX, sizeof(*table->contested));
    table->contested_is_cut = calloc(GW_CONTESTED_MAX, sizeof(*table->contested_is_cut));
    if (table->line == NULL || table->host == NULL || table->seen_once == NULL ||
        table->contested == NULL || table->contested_is_cut == NULL) {
        gw_table_done(table);
        return GW_E_NOMEM;
    }
    table->line_mask = FIRST_LINES - 1;
    table->host_mask = FIRST_HOSTS - 1;
    gw_table_account(table);

    const uint8_t root[1] = {0};
    const struct gw_table_name root_name = {root, gw_hash_octets(&table->key, root, 1), 1};

    if (gw_table_zone_make(table, &root_name) == GW_ZONE_ROOT)
        return GW_DONE;
    gw_table_done(table);
    return GW_E_NOMEM;
}

void
gw_table_done(struct gw_table *table)
{
    gw_table_intern_done(&table->server);
    gw_table_intern_done(&table->group);
    gw_table_intern_done(&table->witness);
    gw_table_intern_done(&table->evidence);
    gw_table_intern_done(&table->zone_hash);
    free(table->line);
    free(table->host);
    free(table->contested);
    free(table->contested_is_cut);
    free(table->seen_once);
    gw_arena_done(&table->arena);
    *table = (struct gw_table){0};
}

gw_tick
gw_table_tick(struct gw_table *table, int64_t time_ns)
{
    if (!table->epoch_set) {
        /* Ticks begin at the same times in every run, so that what is written down stays so. */
        table->epoch_ns = time_ns > INT64_MIN + DAY_NS ? time_ns - DAY_NS : INT64_MIN;
        table->epoch_ns &= ~(int64_t)((1u << GW_TICK_SHIFT) - 1u);
        table->epoch_set = true;
    }
    if (time_ns < table->epoch_ns)
        return 0;

    const uint64_t ticks = ((uint64_t)time_ns - (uint64_t)table->epoch_ns) >> GW_TICK_SHIFT;
    const gw_tick tick = ticks < UINT32_MAX ? (gw_tick)ticks : UINT32_MAX;

    if (table->begin == 0)
        table->begin = tick;
    if (tick > table->latest)
        table->latest = tick;
    return tick;
}

int64_t
gw_table_tick_ns(const struct gw_table *table, gw_tick tick)
{
    return (int64_t)((uint64_t)table->epoch_ns + ((uint64_t)tick << GW_TICK_SHIFT));
}

/* Return the line of `hash`, or the free line where it would go, or NULL past GW_PROBE_MAX. */
struct gw_cut_line *
gw_table_line_at(const struct gw_table *table, uint64_t hash)
{
    for (uint32_t probe = 0; probe < GW_PROBE_MAX; probe++) {
        struct gw_cut_line *line = &table->line[((uint32_t)hash + probe) & table->line_mask];

        if (line->cut == 0 || line->hash == hash)
            return line;
    }
    return NULL;
}

static bool
names_equal(const struct gw_table *table, gw_arena_ref held, uint8_t held_len,
    const struct gw_table_name *name)
{
    return held_len == name->len &&
           memcmp(gw_arena_at(&table->arena, held), name->wire, name->len) == 0;
}

struct gw_cut *
gw_table_cut(const struct gw_table *table, const struct gw_table_name *name)
{
    const struct gw_cut_line *line = gw_table_line_at(table, name->hash);

    if (line == NULL || line->cut == 0)
        return NULL;

    struct gw_cut *cut = gw_arena_at(&table->arena, line->cut);

    return names_equal(table, cut->name, cut->name_len, name) ? cut : NULL;
}

struct gw_cut_line *
gw_table_line(const struct gw_table *table, const struct gw_cut *cut)
{
    struct gw_cut_line *line = gw_table_line_at(table, cut->hash);

    return line != NULL && line->cut == gw_table_ref(table, cut) ? line : NULL;
}

/* Deletion moves later lines of the same run back, so that no grave markers are needed. */
void
gw_table_line_remove(struct gw_table *table, const struct gw_cut *cut)
{
    struct gw_cut_line *line = gw_table_line(table, cut);

    if (line == NULL)
        return;

    uint32_t hole = (uint32_t)(line - table->line);

    for (uint32_t next = (hole + 1) & table->line_mask; table->line[next].cut != 0;
         next = (next + 1) & table->line_mask) {
        const uint32_t home = (uint32_t)table->line[next].hash & table->line_mask;

        if (((next - home) & table->line_mask) >= ((next - hole) & table->line_mask)) {
            table->line[hole] = table->line[next];
            hole = next;
        }
    }
    memset(&table->line[hole], 0, sizeof(table->line[hole]));
}

static bool
grow_lines_init(struct gw_table *table)
{
    const uint32_t old_count = table->line_mask + 1;
    struct gw_cut_line *old = table->line;

    if ((uint64_t)old_count * 2 * sizeof(*old) > table->budget / LINES ||
        !gw_table_fits(table, old_count * sizeof(*old)))
        return false;

    struct gw_cut_line *lines = lines_new(old_count * 2);

    if (lines == NULL)
        return false;
    table->line = lines;
    table->line_mask = old_count * 2 - 1;
    for (uint32_t i = 0; i < old_count; i++) {
        if (old[i].cut == 0)
            continue;

        uint32_t index = (uint32_t)old[i].hash & table->line_mask;

        while (table->line[index].cut != 0)
            index = (index + 1) & table->line_mask;
        table->line[index] = old[i];
    }
    free(old);
    gw_table_account(table);
    return true;
}

/* At most 5/8 of the lines are taken: probing stays short. */
static struct gw_cut_line *
free_line(struct gw_table *table, uint64_t hash)
{
    for (;;) {
        const uint64_t lines = (uint64_t)table->line_mask + 1;
        struct gw_cut_line *line = gw_table_line_at(table, hash);

        if (line != NULL && (line->cut == 0 || line->hash == hash) &&
            table->stats->delegations * 8 < lines * 5)
            return line->cut == 0 ? line : NULL;
        if (grow_lines_init(table))
            continue;
        if (!gw_table_make_room(table))
            return NULL;
    }
}

static gw_arena_ref
keep_name(struct gw_table *table, const struct gw_table_name *name)
{
    const gw_arena_ref ref = gw_arena_take(&table->arena, name->len);

    if (ref != 0)
        memcpy(gw_arena_at(&table->arena, ref), name->wire, name->len);
    return ref;
}

static struct gw_cut *
cut_new(struct gw_table *table, const struct gw_table_name *name, gw_arena_ref *ret_ref)
{
    const gw_arena_ref kept = keep_name(table, name);
    const gw_arena_ref ref = kept == 0 ? 0 : gw_arena_take(&table->arena, sizeof(struct gw_cut));

    if (ref == 0) {
        gw_arena_free(&table->arena, kept, name->len);
        return NULL;
    }

    struct gw_cut *cut = gw_arena_at(&table->arena, ref);

    cut->name = kept;
    cut->name_len = name->len;
    cut->hash = name->hash;
    cut->older = table->newest;
    if (table->newest != 0)
        ((struct gw_cut *)gw_arena_at(&table->arena, table->newest))->newer = ref;
    else
        table->oldest = ref;
    table->newest = ref;
    *ret_ref = ref;
    return cut;
}

static bool
grow_hosts_init(struct gw_table *table)
{
    const uint32_t old_count = table->host_mask + 1;
    gw_arena_ref *old = table->host;

    if (!gw_table_fits(table, old_count * sizeof(*old)))
        return false;

    gw_arena_ref *bigger = calloc((size_t)old_count * 2, sizeof(*bigger));

    if (bigger == NULL)
        return false;
    table->host = bigger;
    table->host_mask = old_count * 2 - 1;
    for (uint32_t i = 0; i < old_count; i++) {
        if (old[i] == 0)
            continue;

        const struct gw_host *host = gw_arena_at(&table->arena, old[i]);
        uint32_t index = (uint32_t)host->hash & table->host_mask;

        while (bigger[index] != 0)
            index = (index + 1) & table->host_mask;
        bigger[index] = old[i];
    }
    free(old);
    gw_table_account(table);
    return true;
}

static bool
hosts_are_many(const struct gw_table *table)
{
    return table->stats->name_servers * 2 > table->host_mask;
}

struct gw_cut *
gw_table_cut_make(struct gw_table *table, const struct gw_table_name *name, gw_zone_id parent,
    gw_witness_id witness, gw_tick now)
{
    struct gw_cut *cut = gw_table_cut(table, name);
    gw_arena_ref ref = 0;

    if (cut != NULL || !gw_table_admit(table, name, parent, witness, now))
        return cut;

    while (hosts_are_many(table) && !grow_hosts_init(table) && gw_table_make_room(table))
        continue;

    struct gw_cut_line *line = free_line(table, name->hash);

    if (line != NULL)
        cut = cut_new(table, name, &ref);
    if (cut == NULL) {
        table->stats->refused_memory++;
        return NULL;
    }
    *line = (struct gw_cut_line){.hash = name->hash, .cut = ref};
    cut->pinned = gw_table_is_anchored(table, name->wire, name->len);
    table->stats->inserted++;
    table->stats->delegations++;
    gw_table_set_parent(table, cut, parent);
    gw_table_account(table);
    return cut;
}

static gw_arena_ref *
host_slot(const struct gw_table *table, const struct gw_table_name *name)
{
    uint32_t index = (uint32_t)name->hash & table->host_mask;

    for (; table->host[index] != 0; index = (index + 1) & table->host_mask) {
        const struct gw_host *host = gw_arena_at(&table->arena, table->host[index]);

        if (host->hash == name->hash && names_equal(table, host->name, host->name_len, name))
            break;
    }
    return &table->host[index];
}

struct gw_host *
gw_table_host(const struct gw_table *table, const struct gw_table_name *name)
{
    const gw_arena_ref ref = *host_slot(table, name);

    return ref == 0 ? NULL : (struct gw_host *)gw_arena_at(&table->arena, ref);
}

struct gw_host *
gw_table_host_make(struct gw_table *table, const struct gw_table_name *name)
{
    if (hosts_are_many(table))
        (void)grow_hosts_init(table);

    gw_arena_ref *slot = host_slot(table, name);

    if (*slot != 0)
        return gw_arena_at(&table->arena, *slot);

    /* Nothing can be evicted here, where a delegation is being learned: seven eighths at most. */
    const bool is_full = table->stats->name_servers * 8 > table->host_mask * 7ull;
    const gw_arena_ref kept = is_full ? 0 : keep_name(table, name);
    const gw_arena_ref ref = kept == 0 ? 0 : gw_arena_take(&table->arena, sizeof(struct gw_host));

    if (ref == 0) {
        gw_arena_free(&table->arena, kept, name->len);
        table->stats->refused_memory++;
        return NULL;
    }
    *slot = ref;
    table->stats->name_servers++;

    struct gw_host *host = gw_arena_at(&table->arena, ref);

    host->name = kept;
    host->name_len = name->len;
    host->hash = name->hash;
    return host;
}

gw_zone_id
gw_table_zone(const struct gw_table *table, const struct gw_table_name *name)
{
    const uint32_t number = gw_table_intern_find(&table->zone_hash, &name->hash);

    if (number == UINT32_MAX)
        return GW_ZONE_UNKNOWN;

    const struct gw_zone_record *zone = gw_table_zone_at(table, number + 1);

    return names_equal(table, zone->name, zone->name_len, name) ? number + 1 : GW_ZONE_UNKNOWN;
}

static uint8_t
labels_of(const struct gw_table_name *name)
{
    uint8_t labels = 0;

    for (size_t pos = 0; name->wire[pos] != 0; pos += 1u + name->wire[pos])
        labels++;
    return labels;
}

gw_zone_id
gw_table_zone_make(struct gw_table *table, const struct gw_table_name *name)
{
    const gw_zone_id held = gw_table_zone(table, name);
    const size_t name_len = gw_arena_size(name->len);

    if (held != GW_ZONE_UNKNOWN)
        return held;
    if (table->zone_names_len + name_len > table->budget / ZONE_NAMES ||
        !gw_table_intern_make_way(table, &table->zone_hash) ||
        !gw_table_make_way(table, name_len)) {
        table->stats->refused_memory++;
        return GW_ZONE_UNKNOWN;
    }

    const uint32_t number = gw_table_intern(&table->zone_hash, &name->hash);
    struct gw_zone_record *zone = number == UINT32_MAX ? NULL : gw_table_zone_at(table, number + 1);

    gw_table_account(table);
    if (zone == NULL || zone->name != 0) { /* no memory, or another name of the same hash */
        table->stats->refused_memory++;
        return GW_ZONE_UNKNOWN;
    }
    zone->name = keep_name(table, name);
    if (zone->name == 0)
        return GW_ZONE_UNKNOWN;
    zone->name_len = name->len;
    zone->labels = labels_of(name);
    table->zone_names_len += name_len;
    return number + 1;
}
