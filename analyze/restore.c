/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/restore.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/zone.h"

/* No input of this run: the packet was in one of another run. */
#define EARLIER_INPUT 0xffffffu

/* Room for what one record adds. */
#define RECORD_LEN 65536u

/* One thing to tell of, and its key. */
struct item {
    const uint8_t *name;
    uint32_t ref; /* of a cut or host; number of a server's evidence; slot of an incident */
    uint8_t len;
    uint8_t kind; /* enum gw_snapshot_kind */
    struct gw_addr server;
    const uint8_t *id; /* of an incident; else NULL */
};

struct gw_snapshot_walk {
    struct gw_table *table;
    const struct gw_incident_log *incidents;
    size_t count, next;
    struct item item[];
};

static int
by_key(const void *left_ptr, const void *right_ptr)
{
    const struct item *left = left_ptr;
    const struct item *right = right_ptr;
    const size_t len = left->len < right->len ? left->len : right->len;
    int order = (int)left->kind - (int)right->kind;

    if (order == 0)
        order = memcmp(left->name, right->name, len);
    if (order == 0)
        order = (int)left->len - (int)right->len;
    if (order == 0 && left->id != NULL && right->id != NULL)
        return memcmp(left->id, right->id, 16);
    return order != 0 ? order : gw_snapshot_order_addrs(&left->server, &right->server);
}

static void
add_cuts(struct gw_snapshot_walk *walk)
{
    struct gw_table *table = walk->table;

    for (gw_arena_ref ref = table->oldest; ref != 0;) {
        struct gw_cut *cut = gw_arena_at(&table->arena, ref);

        gw_table_fold(table, cut);
        walk->item[walk->count++] = (struct item){.name = gw_arena_at(&table->arena, cut->name),
            .ref = ref,
            .len = cut->name_len,
            .kind = GW_SNAPSHOT_CUT};
        ref = cut->newer;
    }
}

static void
add_hosts(struct gw_snapshot_walk *walk)
{
    const struct gw_table *table = walk->table;

    for (size_t i = 0; i <= table->host_mask; i++) {
        const gw_arena_ref ref = table->host[i];
        const struct gw_host *host = ref == 0 ? NULL : gw_arena_at(&table->arena, ref);

        if (host != NULL && (host->subject.claim_count != 0 || host->truth != 0))
            walk->item[walk->count++] =
                (struct item){.name = gw_arena_at(&table->arena, host->name),
                    .ref = ref,
                    .len = host->name_len,
                    .kind = GW_SNAPSHOT_HOST};
    }
}

static void
add_servers(struct gw_snapshot_walk *walk)
{
    const struct gw_table *table = walk->table;

    for (uint32_t i = 0; i < table->evidence.count; i++) {
        uint32_t pair[2];
        const struct gw_zone_record *zone;

        memcpy(pair, gw_table_intern_at(&table->evidence, i), sizeof(pair));
        zone = gw_table_zone_at(table, pair[0]);
        walk->item[walk->count++] = (struct item){.name = gw_arena_at(&table->arena, zone->name),
            .ref = i,
            .len = zone->name_len,
            .kind = GW_SNAPSHOT_SERVER,
            .server = gw_table_server_at(table, pair[1])};
    }
}

static void
add_incidents(struct gw_snapshot_walk *walk)
{
    static const uint8_t root[] = {0};

    for (uint32_t i = 0; walk->incidents != NULL && i < gw_incident_slots(walk->incidents); i++)
        if (gw_incident_is_kept(walk->incidents, i))
            walk->item[walk->count++] = (struct item){.name = root,
                .ref = i,
                .len = sizeof(root),
                .kind = GW_SNAPSHOT_INCIDENT,
                .id = gw_incident_id(walk->incidents, i)};
}

struct gw_snapshot_walk *
gw_snapshot_walk_new(struct gw_table *table, const struct gw_incident_log *incidents)
{
    const size_t most = (size_t)table->stats->delegations + table->host_mask + 1u +
                        table->evidence.count +
                        (incidents == NULL ? 0 : gw_incident_slots(incidents));
    struct gw_snapshot_walk *walk = malloc(sizeof(*walk) + most * sizeof(walk->item[0]));

    if (walk == NULL)
        return NULL;
    *walk = (struct gw_snapshot_walk){.table = table, .incidents = incidents};
    add_cuts(walk);
    add_hosts(walk);
    add_servers(walk);
    add_incidents(walk);
    qsort(walk->item, walk->count, sizeof(walk->item[0]), by_key);
    return walk;
}

uint64_t
gw_snapshot_walk_count(const struct gw_snapshot_walk *walk)
{
    return walk->count;
}

void
gw_snapshot_walk_free(struct gw_snapshot_walk *walk)
{
    free(walk);
}

static void
keep_name(const struct gw_table *table, gw_arena_ref name, uint8_t len, struct gw_name *ret_name)
{
    ret_name->len = len;
    memcpy(ret_name->wire, gw_arena_at(&table->arena, name), len);
}

static void
tell_zone(const struct gw_table *table, gw_zone_id id, struct gw_name *ret_name)
{
    if (id == GW_ZONE_UNKNOWN)
        return;

    const struct gw_zone_record *zone = gw_table_zone_at(table, id);

    keep_name(table, zone->name, zone->name_len, ret_name);
}

static void
tell_claim(const struct gw_table *table, const struct gw_claim *claim,
    struct gw_snapshot_member *ret_member)
{
    const struct gw_witness_record *witness = gw_table_witness_at(table, claim->witness);

    *ret_member = (struct gw_snapshot_member){
        .flags = claim->flags,
        .messages = claim->messages,
        .ttl_min_s = claim->ttl_min_s,
        .ttl_max_s = claim->ttl_max_s,
        .first_ns = claim->first_ns,
        .last_ns = gw_table_tick_ns(table, claim->last),
        .resolver = witness->resolver,
        .server = gw_table_server_at(table, witness->server),
        .packet = gw_packet_ref(EARLIER_INPUT, gw_packet_frame(claim->packet)),
        .with = claim->with,
    };
    if (claim->family == 0) {
        const struct gw_host *host = gw_table_claim_host(table, claim);

        keep_name(table, host->name, host->name_len, &ret_member->name);
    } else {
        ret_member->addr.family = claim->family;
        memcpy(ret_member->addr.octet, claim->octet, sizeof(claim->octet));
    }
}

static void
tell_row(const struct gw_table *table, const struct gw_row *row, struct gw_snapshot_row *ret_row)
{
    const struct gw_witness_record *witness = gw_table_witness_at(table, row->witness);

    *ret_row = (struct gw_snapshot_row){
        .resolver = witness->resolver,
        .server = gw_table_server_at(table, witness->server),
        .since_ns = row->since_ns,
        .last_ns = gw_table_tick_ns(table, row->last),
        .frame = row->frame,
        .count = row->count,
        .told = row->told,
        .exact = row->exact,
        .flips = {row->flips[0], row->flips[1]},
        .now = row->now,
        .ever = row->ever,
    };
    /* A group that the operator has named is a number of this run: its address stands for it. */
    ret_row->group = gw_table_group_of(NULL, &witness->resolver);
    tell_zone(table, row->zone, &ret_row->zone);
}

static void
tell_subject(const struct gw_table *table, const struct gw_subject *subject,
    struct gw_snapshot_record *record)
{
    record->messages = subject->messages;
    record->first_ns = gw_table_tick_ns(table, subject->first);
    record->last_ns = gw_table_tick_ns(table, subject->last);
    record->member_count = subject->claim_count;
    for (uint32_t i = 0; i < subject->claim_count; i++)
        tell_claim(table, &gw_table_claims(table, subject)[i], &record->member[i]);
    record->row_count = subject->row_count;
    for (uint32_t i = 0; i < subject->row_count; i++)
        tell_row(table, &gw_table_rows(table, subject)[i], &record->row[i]);
}

static int
by_octets(const void *left, const void *right)
{
    return gw_snapshot_order_addrs(left, right);
}

static void
tell_host(
    const struct gw_table *table, const struct gw_host *host, struct gw_snapshot_record *record)
{
    tell_subject(table, &host->subject, record);
    if (host->truth == 0)
        return;

    const struct gw_truth *truth = gw_arena_at(&table->arena, host->truth);

    if (truth->count == 0)
        return;
    record->own_ns = gw_table_tick_ns(table, truth->last);
    for (uint32_t i = 0; i < truth->count; i++)
        record->own[i] = truth->addr[i];
    qsort(record->own, truth->count, sizeof(record->own[0]), by_octets);
    for (uint32_t i = 0; i < truth->count; i++)
        if (record->own_count == 0 ||
            by_octets(&record->own[record->own_count - 1], &record->own[i]) != 0)
            record->own[record->own_count++] = record->own[i];
}

bool
gw_snapshot_walk_next(struct gw_snapshot_walk *walk, struct gw_snapshot_record *ret_record)
{
    const struct gw_table *table = walk->table;
    const struct item *item = &walk->item[walk->next];

    if (walk->next == walk->count)
        return false;
    walk->next++;
    memset(ret_record, 0, sizeof(*ret_record));
    ret_record->kind = (enum gw_snapshot_kind)item->kind;
    ret_record->name.len = item->len;
    memcpy(ret_record->name.wire, item->name, item->len);
    if (item->kind == GW_SNAPSHOT_CUT) {
        const struct gw_cut *cut = gw_arena_at(&table->arena, item->ref);

        tell_zone(table, cut->parent, &ret_record->zone);
        tell_subject(table, &cut->subject, ret_record);
    } else if (item->kind == GW_SNAPSHOT_HOST) {
        tell_host(table, gw_arena_at(&table->arena, item->ref), ret_record);
    } else if (item->kind == GW_SNAPSHOT_INCIDENT) {
        (void)gw_incident_tell(walk->incidents, item->ref, &ret_record->incident);
    } else {
        ret_record->member_count = 1;
        ret_record->member[0].addr = item->server;
    }
    gw_snapshot_sort(ret_record);
    return true;
}

void
gw_snapshot_recall_begin(struct gw_table *table, int64_t begin_ns, int64_t latest_ns)
{
    (void)gw_table_tick(table, begin_ns);
    (void)gw_table_tick(table, latest_ns);
}

static struct gw_table_name
named(const struct gw_table *table, const struct gw_name *name)
{
    return (struct gw_table_name){
        name->wire, gw_hash_octets(&table->key, name->wire, name->len), name->len};
}

static gw_zone_id
recall_zone(struct gw_table *table, const struct gw_name *name)
{
    const struct gw_table_name zone = named(table, name);

    return name->len == 0 ? GW_ZONE_UNKNOWN : gw_table_zone_make(table, &zone);
}

/* What a member holds beside what it is. */
static void
recall_claim(struct gw_table *table, const struct gw_snapshot_member *member, gw_witness_id witness,
    struct gw_claim *claim)
{
    const gw_tick last = gw_table_tick(table, member->last_ns);

    claim->flags = member->flags;
    claim->messages = (uint16_t)(member->messages < UINT16_MAX ? member->messages : UINT16_MAX);
    claim->ttl_min_s = member->ttl_min_s;
    claim->ttl_max_s = member->ttl_max_s;
    claim->first = gw_table_tick(table, member->first_ns);
    claim->last = last > claim->first ? last : claim->first;
    claim->first_ns = member->first_ns;
    claim->packet = member->packet;
    claim->witness = witness;
}

/* Returns the index of the member's claim, or GW_CLAIMS_MAX when there is no room. */
static uint32_t
recall_member(
    struct gw_table *table, struct gw_subject *subject, const struct gw_snapshot_member *member)
{
    const gw_witness_id witness = gw_table_witness(table, &member->resolver, &member->server);
    struct gw_claim like = {.family = member->addr.family};
    struct gw_host *host = NULL;
    uint32_t index;

    if (witness == UINT32_MAX)
        return GW_CLAIMS_MAX;
    if (member->addr.family == 0) {
        const struct gw_table_name name = named(table, &member->name);
        struct gw_naming naming = {0};

        host = gw_table_host_make(table, &name);
        if (host == NULL)
            return GW_CLAIMS_MAX;
        naming.host = gw_table_ref(table, host);
        memcpy(like.octet, &naming, sizeof(naming));
    } else {
        memcpy(like.octet, member->addr.octet, sizeof(like.octet));
    }
    index = gw_table_claim(table, subject, &like, 0);
    if (index == GW_CLAIMS_MAX) {
        if (host != NULL && host->refs == 0) { /* nobody would ever free it */
            host->refs = 1;
            gw_table_host_unref(table, host);
        }
        return index;
    }
    if (host != NULL && gw_table_claims(table, subject)[index].messages == 0)
        gw_table_name_host(table, gw_table_cut_of(table, subject), index);
    recall_claim(table, member, witness, &gw_table_claims(table, subject)[index]);
    return index;
}

static uint64_t
moved(uint64_t mask, const uint32_t place[GW_CLAIMS_MAX])
{
    uint64_t result = 0;

    for (; mask != 0; mask &= mask - 1)
        if (place[__builtin_ctzll(mask)] < GW_CLAIMS_MAX)
            result |= 1ull << place[__builtin_ctzll(mask)];
    return result;
}

static void
recall_row(struct gw_table *table, struct gw_subject *subject, const struct gw_snapshot_row *row,
    const uint32_t place[GW_CLAIMS_MAX])
{
    const gw_witness_id witness = gw_table_witness(table, &row->resolver, &row->server);
    const gw_zone_id zone = recall_zone(table, &row->zone);
    const uint32_t index =
        witness == UINT32_MAX ? GW_ROWS_MAX : gw_table_row(table, subject, witness, zone);

    if (index == GW_ROWS_MAX)
        return;

    struct gw_row *to = &gw_table_rows(table, subject)[index];

    to->since_ns = row->since_ns;
    to->frame = row->frame;
    to->input = EARLIER_INPUT;
    to->now = moved(row->now, place);
    to->ever = moved(row->ever, place);
    to->last = gw_table_tick(table, row->last_ns);
    to->count = row->count;
    to->told = row->told;
    to->exact = row->exact != 0;
    to->flips[0] = row->flips[0];
    to->flips[1] = row->flips[1];
    to->flipped = row->flips[0] != 0 || row->flips[1] != 0 ? to->last : 0;
}

static void
recall_subject(
    struct gw_table *table, struct gw_subject *subject, const struct gw_snapshot_record *record)
{
    uint32_t place[GW_CLAIMS_MAX];

    for (uint32_t i = 0; i < record->member_count; i++)
        place[i] = recall_member(table, subject, &record->member[i]);
    for (uint32_t i = 0; i < record->member_count; i++)
        if (place[i] < GW_CLAIMS_MAX)
            gw_table_claims(table, subject)[place[i]].with |= moved(record->member[i].with, place);
    for (uint32_t i = 0; i < record->row_count; i++)
        recall_row(table, subject, &record->row[i], place);
    subject->messages = record->messages;
    subject->first = gw_table_tick(table, record->first_ns);
    subject->last = gw_table_tick(table, record->last_ns);
}

static void
recall_cut(struct gw_table *table, const struct gw_snapshot_record *record)
{
    const struct gw_table_name name = named(table, &record->name);
    const gw_zone_id parent = recall_zone(table, &record->zone);
    const gw_tick when = gw_table_tick(table, record->first_ns);
    gw_witness_id witness = UINT32_MAX;
    struct gw_cut *cut;

    if (record->row_count != 0)
        witness = gw_table_witness(table, &record->row[0].resolver, &record->row[0].server);
    if (witness == UINT32_MAX)
        return;
    cut = gw_table_cut_make(table, &name, parent, witness, when);
    if (cut != NULL)
        recall_subject(table, &cut->subject, record);
}

static void
recall_host(struct gw_table *table, const struct gw_snapshot_record *record)
{
    const struct gw_table_name name = named(table, &record->name);
    struct gw_host *host = gw_table_host(table, &name);

    if (host == NULL) /* no delegation names it any more */
        return;
    recall_subject(table, &host->subject, record);
    if (record->own_count == 0)
        return;
    if (host->truth == 0)
        host->truth = gw_arena_take(&table->arena, sizeof(struct gw_truth));
    if (host->truth == 0)
        return;

    struct gw_truth *truth = gw_arena_at(&table->arena, host->truth);

    truth->last = gw_table_tick(table, record->own_ns);
    truth->last_of[0] = truth->last;
    truth->last_of[1] = truth->last;
    truth->count = (uint8_t)record->own_count;
    memcpy(truth->addr, record->own, record->own_count * sizeof(record->own[0]));
}

void
gw_snapshot_recall(struct gw_table *table, const struct gw_snapshot_record *record)
{
    const struct gw_table_name name = named(table, &record->name);

    if (!gw_table_make_way(table, RECORD_LEN)) {
        table->stats->refused_memory++;
        return;
    }
    switch (record->kind) {
    case GW_SNAPSHOT_CUT:
        recall_cut(table, record);
        break;
    case GW_SNAPSHOT_HOST:
        recall_host(table, record);
        break;
    case GW_SNAPSHOT_SERVER:
        gw_zone_learn(table, &name, &record->member[0].addr);
        break;
    case GW_SNAPSHOT_INCIDENT: /* is not in the tables */
        break;
    }
}
