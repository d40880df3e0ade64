/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Admission, quotas and eviction: who may stay when memory is short.
 *
 * None of it applies while less than three quarters of the budget is used. Then a new name below
 * a TLD must be seen twice, a minute apart or by another witness; a parent zone below a TLD may
 * own GW_PARENT_CUTS delegations, and displaces only its own beyond that. The victim is the least
 * supported of eight in order of first sight, never one that a finding tells of. What the operator
 * watches, and what a reference zone delegates, is admitted and kept like that, too. The choice
 * depends on nothing that an attacker cannot pay for with distinct witnesses and time, and not on
 * the hash secret.
 */
#include "analyze/table.h"

#include <string.h>

#include "analyze/lists.h"
#include "analyze/reference.h"

#define SEEN_ONCE_COUNT  65536u
#define SEEN_APART_TICKS (60u * GW_TICKS_PER_S)
#define PARENT_CUTS_MAX  1024u
#define SAMPLE           8u
#define TRIES            8u
#define NEWCOMER         3u   /* support of what one witness said once */
#define GUARDED          100u /* more than any support */

_Static_assert(GW_CONTESTED_MAX <= UINT16_MAX, "list_index has 16 bits");

static struct gw_cut *
cut_at(const struct gw_table *table, gw_arena_ref ref)
{
    return ref == 0 ? NULL : (struct gw_cut *)gw_arena_at(&table->arena, ref);
}

bool
gw_table_is_short(const struct gw_table *table)
{
    return table->arena.used > table->arena.budget / 4 * 3;
}

static uint32_t
log2_of(uint32_t value)
{
    return 31u - (uint32_t)__builtin_clz(value | 1u);
}

static uint32_t
support(const struct gw_cut *cut, gw_tick now)
{
    const uint32_t age_h =
        now > cut->subject.first ? (now - cut->subject.first) / GW_TICKS_PER_H : 0;
    const uint32_t age = log2_of(1 + age_h);

    return log2_of(1 + cut->subject.messages) + 2 * log2_of(1u + cut->subject.row_count) +
           (age < 4 ? age : 4);
}

void
gw_table_set_parent(struct gw_table *table, struct gw_cut *cut, gw_zone_id zone)
{
    if (zone == GW_ZONE_UNKNOWN || cut->parent != GW_ZONE_UNKNOWN)
        return;

    struct gw_zone_record *parent = gw_table_zone_at(table, zone);
    const gw_arena_ref ref = gw_table_ref(table, cut);

    cut->parent = zone;
    cut->older_sibling = parent->newest;
    if (parent->newest != 0)
        cut_at(table, parent->newest)->newer_sibling = ref;
    else
        parent->oldest = ref;
    parent->newest = ref;
    parent->cuts++;
}

static void
leave_parent(struct gw_table *table, struct gw_cut *cut)
{
    struct gw_cut *older = cut_at(table, cut->older_sibling);
    struct gw_cut *newer = cut_at(table, cut->newer_sibling);

    if (cut->parent == GW_ZONE_UNKNOWN)
        return;

    struct gw_zone_record *parent = gw_table_zone_at(table, cut->parent);

    if (older != NULL)
        older->newer_sibling = cut->newer_sibling;
    else
        parent->oldest = cut->newer_sibling;
    if (newer != NULL)
        newer->older_sibling = cut->older_sibling;
    else
        parent->newest = cut->older_sibling;
    if (parent->hand == gw_table_ref(table, cut))
        parent->hand = cut->newer_sibling;
    parent->cuts--;
}

static void
leave_order(struct gw_table *table, struct gw_cut *cut)
{
    struct gw_cut *older = cut_at(table, cut->older);
    struct gw_cut *newer = cut_at(table, cut->newer);

    if (older != NULL)
        older->newer = cut->newer;
    else
        table->oldest = cut->newer;
    if (newer != NULL)
        newer->older = cut->older;
    else
        table->newest = cut->older;
    if (table->hand == gw_table_ref(table, cut))
        table->hand = cut->newer;
}

static void
leave_list(struct gw_table *table, struct gw_subject *subject)
{
    const uint32_t last = table->contested_count - 1;
    const uint32_t index = subject->list_index;

    if (!subject->listed)
        return;

    struct gw_subject *moved = gw_arena_at(&table->arena, table->contested[last]);

    table->contested[index] = table->contested[last];
    table->contested_is_cut[index] = table->contested_is_cut[last];
    moved->list_index = (uint16_t)index;
    table->contested_count--;
    subject->listed = 0;
}

static void
free_subject(struct gw_table *table, const struct gw_subject *subject)
{
    if (subject->claims != 0)
        gw_arena_free(
            &table->arena, subject->claims, subject->claim_room * sizeof(struct gw_claim));
    if (subject->rows != 0)
        gw_arena_free(&table->arena, subject->rows, subject->row_room * sizeof(struct gw_row));
}

/* Open addressing without grave markers: later entries of the run move back. */
static void
host_slot_remove(struct gw_table *table, const struct gw_host *host)
{
    const gw_arena_ref ref = gw_table_ref(table, host);
    uint32_t hole = (uint32_t)host->hash & table->host_mask;

    while (table->host[hole] != ref)
        hole = (hole + 1) & table->host_mask;
    for (uint32_t next = (hole + 1) & table->host_mask; table->host[next] != 0;
         next = (next + 1) & table->host_mask) {
        const struct gw_host *moved = gw_arena_at(&table->arena, table->host[next]);
        const uint32_t home = (uint32_t)moved->hash & table->host_mask;

        if (((next - home) & table->host_mask) >= ((next - hole) & table->host_mask)) {
            table->host[hole] = table->host[next];
            hole = next;
        }
    }
    table->host[hole] = 0;
}

void
gw_table_host_unref(struct gw_table *table, struct gw_host *host)
{
    if (--host->refs != 0)
        return;
    host_slot_remove(table, host);
    leave_list(table, &host->subject);
    free_subject(table, &host->subject);
    gw_arena_free(&table->arena, host->name, host->name_len);
    gw_arena_free(&table->arena, host->truth, sizeof(struct gw_truth));
    gw_arena_free(&table->arena, gw_table_ref(table, host), sizeof(*host));
    table->stats->name_servers--;
}

void
gw_table_evict(struct gw_table *table, struct gw_cut *cut)
{
    const gw_arena_ref ref = gw_table_ref(table, cut);

    gw_table_line_remove(table, cut);
    leave_order(table, cut);
    leave_parent(table, cut);
    leave_list(table, &cut->subject);
    for (uint32_t i = 0; i < cut->subject.claim_count; i++)
        gw_table_unname(table, cut, i);
    free_subject(table, &cut->subject);
    if (cut->slots != 0)
        gw_arena_free(&table->arena, cut->slots, cut->slot_room * sizeof(struct gw_slot));
    gw_arena_free(&table->arena, cut->name, cut->name_len);
    gw_arena_free(&table->arena, ref, sizeof(*cut));
    table->stats->evicted++;
    table->stats->delegations--;
}

static bool
is_guarded(const struct gw_cut *cut)
{
    return cut->pinned || cut->subject.listed;
}

/* The delegations among which a victim is sought. */
struct order {
    gw_arena_ref *hand;
    gw_arena_ref oldest, newest;
    bool siblings; /* of one parent zone, or all */
};

struct victim {
    struct gw_cut *cut;
    uint32_t score;
};

static void
consider(const struct gw_table *table, struct gw_cut *cut, struct victim *victim)
{
    const uint32_t score = support(cut, table->latest) + (is_guarded(cut) ? GUARDED : 0);

    if (victim->cut == NULL || score < victim->score)
        *victim = (struct victim){cut, score};
}

/*
 * Let the hand look at a sample in order of first sight. While each of it is better supported than
 * a newcomer, it looks at more, and at the newest in the end: of delegations that are established
 * side by side, none goes while there are newcomers. What a finding tells of goes only when there
 * is nothing else.
 */
static struct gw_cut *
find_victim(const struct gw_table *table, const struct order *order)
{
    struct victim victim = {0};
    gw_arena_ref newest = order->newest;

    for (uint32_t look = 1; look <= SAMPLE * TRIES; look++) {
        struct gw_cut *cut = cut_at(table, *order->hand != 0 ? *order->hand : order->oldest);

        if (cut == NULL)
            return NULL;
        *order->hand = order->siblings ? cut->newer_sibling : cut->newer;
        consider(table, cut, &victim);
        if (look % SAMPLE == 0 && victim.score <= NEWCOMER)
            return victim.cut;
    }
    for (uint32_t look = 0; look < SAMPLE && newest != 0; look++) {
        struct gw_cut *cut = cut_at(table, newest);

        newest = order->siblings ? cut->older_sibling : cut->older;
        consider(table, cut, &victim);
    }
    return victim.cut;
}

bool
gw_table_make_room(struct gw_table *table)
{
    const struct order all = {&table->hand, table->oldest, table->newest, false};
    struct gw_cut *victim = find_victim(table, &all);

    if (victim == NULL)
        return false;
    gw_table_evict(table, victim);
    return true;
}

/* A parent zone over its quota displaces one of its own. */
static bool
make_room_of_parent(struct gw_table *table, gw_zone_id parent)
{
    struct gw_zone_record *zone = gw_table_zone_at(table, parent);
    const struct order own = {&zone->hand, zone->oldest, zone->newest, true};
    struct gw_cut *victim = find_victim(table, &own);

    if (victim == NULL || is_guarded(victim))
        return false;
    gw_table_evict(table, victim);
    return true;
}

bool
gw_table_make_way(struct gw_table *table, size_t more)
{
    while (!gw_table_fits(table, more))
        if (!gw_table_make_room(table))
            return false;
    return true;
}

bool
gw_table_intern_make_way(struct gw_table *table, const struct gw_intern *intern)
{
    const size_t growth = gw_table_intern_growth(intern);

    return growth == 0 || gw_table_make_way(table, growth);
}

static bool
seen_before(
    struct gw_table *table, const struct gw_table_name *name, gw_witness_id witness, gw_tick now)
{
    uint8_t id[16];
    uint64_t hash;

    gw_hash_stable(name->wire, name->len, id);
    memcpy(&hash, id, sizeof(hash));

    struct gw_seen_once *once = &table->seen_once[hash % SEEN_ONCE_COUNT];

    if (once->name == hash)
        return once->witness != witness ||
               (now > once->when && now - once->when >= SEEN_APART_TICKS);
    *once = (struct gw_seen_once){.name = hash, .when = now, .witness = witness};
    return false;
}

static bool
is_below_tld(const struct gw_table_name *name)
{
    return name->wire[0] != 0 && name->wire[1u + name->wire[0]] != 0;
}

bool
gw_table_is_anchored(const struct gw_table *table, const uint8_t *wire, uint8_t len)
{
    return gw_lists_watches(table->anchors.lists, wire, len) ||
           gw_reference_delegates(table->anchors.reference, wire, len);
}

bool
gw_table_admit(struct gw_table *table, const struct gw_table_name *name, gw_zone_id parent,
    gw_witness_id witness, gw_tick now)
{
    gw_table_account(table);
    if (!gw_table_is_short(table) || gw_table_is_anchored(table, name->wire, name->len))
        return true;
    if (is_below_tld(name) && !seen_before(table, name, witness, now)) {
        table->stats->refused_admission++;
        return false;
    }

    const struct gw_zone_record *zone =
        parent == GW_ZONE_UNKNOWN ? NULL : gw_table_zone_at(table, parent);

    if (zone != NULL && zone->labels >= 2 && zone->cuts >= PARENT_CUTS_MAX &&
        !make_room_of_parent(table, parent)) {
        table->stats->refused_quota++;
        return false;
    }
    return true;
}

void
gw_table_contest(struct gw_table *table, struct gw_subject *subject, bool is_cut)
{
    subject->contested = 1;
    if (subject->listed || table->contested_count == GW_CONTESTED_MAX)
        return;
    subject->list_index = (uint16_t)table->contested_count;
    table->contested[table->contested_count] = gw_table_ref(table, subject);
    table->contested_is_cut[table->contested_count++] = is_cut;
    subject->listed = 1;
}
