/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file table.h
 * The tables of the analysis, within one memory budget: delegations, name servers, witnesses,
 * zones.
 *
 * Method. Delegations are found through an open-addressed array of 64-octet lines (struct
 * gw_cut_line), probed linearly over at most GW_PROBE_MAX lines; name servers through a smaller
 * array of hashes. Witnesses, servers, resolver groups, zones and authority evidence are
 * interned: each gets a dense number in order of first appearance, so that nothing that is
 * reported depends on the hash secret. Eviction goes by a hand that moves over the delegations in
 * order of first sight, looks at eight and takes the least supported; an attacker's random names
 * displace each other first (see gw_table_admit).
 */
#ifndef GLUEWATCH_ANALYZE_TABLE_H
#define GLUEWATCH_ANALYZE_TABLE_H

#include "analyze/record.h"
#include "base/hash.h"
#include "gluewatch/observation.h"
#include "gluewatch/referral.h"
#include "gluewatch/stats.h"

/**
 * Lines looked at for one cut. At five eighths of the lines taken, a longer run does not occur by
 * chance: a short bound would let the hash secret decide what is held.
 */
#define GW_PROBE_MAX 256u

/** Cuts whose repeats are counted before a name server is judged that nobody contests. */
#define GW_FOLDED_CUTS 4u

/**
 * Contested subjects judged again at the end of a run; the others were judged message by message.
 */
#define GW_CONTESTED_MAX (4u * GW_FINDINGS_MAX)

/** A set of fixed-size keys, each with a dense number from 0 and a record. */
struct gw_intern {
    const struct gw_hash_key *hash_key; /**< the table's */
    uint8_t *keys;                      /**< the keys, one after the other */
    uint8_t *records;                   /**< likewise what is held about them; zeroed when new */
    uint32_t *slot;                     /**< open addressing: number + 1, or 0 */
    uint32_t key_len;                   /**< octets of a key */
    uint32_t record_len;                /**< octets of a record; 0: there are none */
    uint32_t count;                     /**< keys held */
    uint32_t room;                      /**< keys there is room for */
    uint32_t slot_mask;                 /**< slots - 1 */
    uint32_t most;                      /**< bound on `count` */
};

/** Return the number of @p key, or UINT32_MAX when it is not held. */
uint32_t gw_table_intern_find(const struct gw_intern *intern, const void *key);

/** Return the number of @p key, adding it; UINT32_MAX when `most` is reached or memory is out. */
uint32_t gw_table_intern(struct gw_intern *intern, const void *key);

/** Make an empty set of keys of @p key_len octets, at most @p most of them. */
void gw_table_intern_init(struct gw_intern *intern, const struct gw_hash_key *hash_key,
    uint32_t key_len, uint32_t record_len, uint32_t most);

/** Free it; accepts a zeroed one. */
void gw_table_intern_done(struct gw_intern *intern);

/** Return the key numbered @p number. */
static inline const void *
gw_table_intern_at(const struct gw_intern *intern, uint32_t number)
{
    return intern->keys + (size_t)number * intern->key_len;
}

/** Return the record numbered @p number; valid until the next key is added. */
static inline void *
gw_table_intern_record(const struct gw_intern *intern, uint32_t number)
{
    return intern->records + (size_t)number * intern->record_len;
}

/** Octets that the next key would take beyond what is taken; 0 when there is room for it. */
size_t gw_table_intern_growth(const struct gw_intern *intern);

/** Octets of memory that @p intern takes. */
size_t gw_table_intern_octets(const struct gw_intern *intern);

/**
 * In the `family` of a resolver group's key: the operator's list has it, and its number stands in
 * the octets. It is one group, whatever the families of its addresses.
 */
#define GW_GROUP_NAMED 1u

/** A resolver group told by a server. */
struct gw_witness_record {
    uint32_t group;          /**< number of the resolver group */
    uint32_t server;         /**< number of the server */
    struct gw_addr resolver; /**< the first address seen of the group with this server */
};

/** A zone, as a parent of delegations. */
struct gw_zone_record {
    gw_arena_ref name;           /**< canonical wire form */
    gw_arena_ref oldest, newest; /**< its delegations in order of first sight */
    gw_arena_ref hand;           /**< where eviction looks next */
    uint32_t cuts;               /**< delegations held of it */
    uint8_t name_len;
    uint8_t labels; /**< without the root: 0 for the root, 1 for a TLD */
};

/** A canonical name with its keyed hash; for the call. */
struct gw_table_name {
    const uint8_t *wire; /**< uncompressed, folded, root label included */
    uint64_t hash;       /**< keyed hash of those octets */
    uint8_t len;         /**< octets, 1..255 */
};

/** A name that was seen once while memory was short. */
struct gw_seen_once {
    uint64_t name; /**< unkeyed hash: what is admitted does not depend on the secret */
    gw_tick when;
    gw_witness_id witness;
};

struct gw_lists;
struct gw_reference;
struct gw_reference_roots;

/** What is known from elsewhere than the traffic; outlives the tables. Each may be NULL. */
struct gw_table_anchors {
    const struct gw_lists *lists;           /**< watched delegations and resolver groups */
    const struct gw_reference *reference;   /**< delegations of zone files */
    const struct gw_reference_roots *roots; /**< the root servers */
};

/** The tables; owned by the analyzer. */
struct gw_table {
    struct gw_table_anchors anchors; /**< none at first */
    struct gw_arena arena;
    struct gw_hash_key key;
    struct gw_table_stats *stats; /**< owned by the run */
    struct gw_cut_line *line;     /**< lines of the delegations */
    uint32_t line_mask;           /**< lines - 1 */
    gw_arena_ref *host;           /**< open addressing: struct gw_host */
    uint32_t host_mask;
    struct gw_intern server;     /**< key: struct gw_addr; record: uint8_t, see gw_table_habit() */
    struct gw_intern group;      /**< key: struct gw_addr, masked; GW_GROUP_NAMED when listed */
    struct gw_intern witness;    /**< key: group, server; record: struct gw_witness_record */
    struct gw_intern evidence;   /**< key: zone, server */
    struct gw_intern zone_hash;  /**< key: hash of its name; record: struct gw_zone_record */
    size_t zone_names_len;       /**< octets of arena that the zones' names take */
    gw_arena_ref oldest, newest; /**< delegations in order of first sight */
    gw_arena_ref hand;           /**< where eviction looks next */
    gw_arena_ref *contested;     /**< cuts and hosts that were ever contested */
    uint8_t *contested_is_cut;
    uint32_t contested_count;
    struct gw_seen_once *seen_once; /**< names seen once while memory was short */
    uint64_t budget;                /**< octets for all of this */
    int64_t epoch_ns;               /**< packet time of tick 0 */
    gw_tick begin;                  /**< tick of the first packet */
    gw_tick latest;                 /**< latest tick so far */
    bool epoch_set;
    uint32_t pool_work; /**< addresses that one observation may still be compared with */
};

/**
 * Make empty tables.
 *
 * @param budget  octets for all that the tables hold, 4 MiB at least
 * @param stats   counters to fill; owned by the caller, outlives the table
 * @return GW_DONE or GW_E_NOMEM
 */
GW_MUST_CHECK int gw_table_init(struct gw_table *table, const struct gw_hash_key *key,
    uint64_t budget, struct gw_table_stats *stats);

/** Free everything; accepts a zeroed table. */
void gw_table_done(struct gw_table *table);

/** Return the tick of packet time @p time_ns. */
gw_tick gw_table_tick(struct gw_table *table, int64_t time_ns);

/** Return the packet time in ns since 1970 UTC at which @p tick begins. */
int64_t gw_table_tick_ns(const struct gw_table *table, gw_tick tick);

/** Have the lines of a batch's cuts on their way into the cache before they are asked for. */
void gw_table_prefetch_bulk(
    const struct gw_table *table, const struct gw_referral *referral, uint32_t count);

/**
 * Tell whether @p referral only repeats what its witness said before; if so, it is counted in the
 * line.
 *
 * @param ret_class  its class; written for a repeat only
 */
bool gw_table_is_repeat(
    struct gw_table *table, const struct gw_referral *referral, enum gw_class *ret_class);

/** Take @p cut out of the tables; its name servers go with it when no other cut names them. */
void gw_table_evict(struct gw_table *table, struct gw_cut *cut);

/** Tell whether a delegation is watched or in a reference zone: it is admitted and stays. */
bool gw_table_is_anchored(const struct gw_table *table, const uint8_t *wire, uint8_t len);

/** Tell whether a new delegation may come in; makes room for it. Counts a refusal. */
bool gw_table_admit(struct gw_table *table, const struct gw_table_name *name, gw_zone_id parent,
    gw_witness_id witness, gw_tick now);

/** Evict the least supported delegation of a sample; false when there is none. */
bool gw_table_make_room(struct gw_table *table);

/** Count what the indexes take: the arena may have the rest of the budget. */
void gw_table_account(struct gw_table *table);

/** Return whether @p more octets fit into the budget. */
bool gw_table_fits(struct gw_table *table, size_t more);

/** Evict delegations until @p more octets fit; false when they never will. */
bool gw_table_make_way(struct gw_table *table, size_t more);

/** Make way for what one more key of @p intern takes; false when it cannot be had. */
bool gw_table_intern_make_way(struct gw_table *table, const struct gw_intern *intern);

/** Return the record of @p zone (known); valid until the next zone is made. */
static inline struct gw_zone_record *
gw_table_zone_at(const struct gw_table *table, gw_zone_id zone)
{
    return (struct gw_zone_record *)(void *)gw_table_intern_record(&table->zone_hash, zone - 1);
}

/** Return where the unreferenced addresses that @p server sent are counted, up to 255. */
static inline uint8_t *
gw_table_habit(const struct gw_table *table, uint32_t server)
{
    return (uint8_t *)gw_table_intern_record(&table->server, server);
}

/** Note that @p zone delegates @p cut, when that was not known. */
void gw_table_set_parent(struct gw_table *table, struct gw_cut *cut, gw_zone_id zone);

/** Return whether memory is so short that admission and quotas apply. */
bool gw_table_is_short(const struct gw_table *table);

/** Return the line with @p hash, or the free line where it would go, or NULL past GW_PROBE_MAX. */
struct gw_cut_line *gw_table_line_at(const struct gw_table *table, uint64_t hash);

/** Find @p cut's line, or return NULL. */
struct gw_cut_line *gw_table_line(const struct gw_table *table, const struct gw_cut *cut);

/** Take @p cut's line away. */
void gw_table_line_remove(struct gw_table *table, const struct gw_cut *cut);

/** Drop one reference to @p host, freeing it with the last. */
void gw_table_host_unref(struct gw_table *table, struct gw_host *host);

/** Find the delegation @p name, or return NULL. Valid until the next eviction. */
struct gw_cut *gw_table_cut(const struct gw_table *table, const struct gw_table_name *name);

/**
 * Find or make the delegation @p name.
 *
 * @param parent  zone that delegates it; GW_ZONE_UNKNOWN where not known
 * @param witness who told it: a second witness admits a name that was seen once
 * @return NULL when admission, quota or memory refuse it (counted)
 */
struct gw_cut *gw_table_cut_make(struct gw_table *table, const struct gw_table_name *name,
    gw_zone_id parent, gw_witness_id witness, gw_tick now);

/** Find the name server @p name, or return NULL. */
struct gw_host *gw_table_host(const struct gw_table *table, const struct gw_table_name *name);

/** Find or make the name server @p name; NULL when memory refuses it. */
struct gw_host *gw_table_host_make(struct gw_table *table, const struct gw_table_name *name);

/** Find the number of the zone @p name, or return GW_ZONE_UNKNOWN. */
gw_zone_id gw_table_zone(const struct gw_table *table, const struct gw_table_name *name);

/** Find or make the zone @p name; GW_ZONE_UNKNOWN when there is no room (counted). */
gw_zone_id gw_table_zone_make(struct gw_table *table, const struct gw_table_name *name);

/** Note in @p cut's line that the witness of row @p row said @p referral's content. */
void gw_table_remember(
    struct gw_table *table, struct gw_cut *cut, uint32_t tag, uint8_t row, bool partial);

/** Empty every slot of @p cut's line, after folding: its next referrals take the slow path. */
void gw_table_forget(struct gw_table *table, struct gw_cut *cut);

/** Empty the slots of row @p row in @p cut's line, after folding. */
void gw_table_forget_row(struct gw_table *table, struct gw_cut *cut, uint32_t row);

/** Fold the repeats in @p cut's line into its rows and its hosts' rows. */
void gw_table_fold(struct gw_table *table, struct gw_cut *cut);

/** Return the tag of what @p witness_hash said: never 0. */
uint32_t gw_table_tag(uint64_t content, uint64_t witness_hash);

/**
 * Return the group of @p resolver: the operator's, where @p table (or NULL) knows of one, else its
 * /24 of IPv4 or its /56 of IPv6, by its first address.
 */
struct gw_addr gw_table_group_of(const struct gw_table *table, const struct gw_addr *resolver);

/** Return the keyed hash of the witness (group of @p resolver, @p server). */
uint64_t gw_table_witness_hash(
    const struct gw_table *table, const struct gw_addr *resolver, const struct gw_addr *server);

/** Find or make the number of the server @p addr; UINT32_MAX when there is no room. */
uint32_t gw_table_server(struct gw_table *table, const struct gw_addr *addr);

/** Find or make the witness; UINT32_MAX when there is no room (counted). */
gw_witness_id gw_table_witness(
    struct gw_table *table, const struct gw_addr *resolver, const struct gw_addr *server);

/** Return the record of @p witness. */
const struct gw_witness_record *gw_table_witness_at(
    const struct gw_table *table, gw_witness_id witness);

/** Return the address of server number @p server. */
struct gw_addr gw_table_server_at(const struct gw_table *table, uint32_t server);

/** Mark @p subject as contested and put it on the list of those to judge at the end. */
void gw_table_contest(struct gw_table *table, struct gw_subject *subject, bool is_cut);

/** Return @p count + @p more, or the largest count. */
static inline uint32_t
gw_table_add(uint32_t count, uint32_t more)
{
    return count < UINT32_MAX - more ? count + more : UINT32_MAX;
}

/** Return the claims of @p subject. */
static inline struct gw_claim *
gw_table_claims(const struct gw_table *table, const struct gw_subject *subject)
{
    return (struct gw_claim *)gw_arena_at(&table->arena, subject->claims);
}

/** Return the rows of @p subject. */
static inline struct gw_row *
gw_table_rows(const struct gw_table *table, const struct gw_subject *subject)
{
    return (struct gw_row *)gw_arena_at(&table->arena, subject->rows);
}

/** Return the reference of the record at @p record. */
static inline gw_arena_ref
gw_table_ref(const struct gw_table *table, const void *record)
{
    return (gw_arena_ref)((size_t)((const uint8_t *)record - table->arena.range) >> 4);
}

/** Return the cut whose name servers are @p subject: it stands first in it. */
static inline struct gw_cut *
gw_table_cut_of(const struct gw_table *table, const struct gw_subject *subject)
{
    return (struct gw_cut *)gw_arena_at(&table->arena, gw_table_ref(table, subject));
}

/** Put @p cut, whose claim @p index is new, among the cuts that name the claim's host. */
void gw_table_name_host(struct gw_table *table, struct gw_cut *cut, uint32_t index);

/** Take @p cut, whose claim @p index goes, away from them; the host goes with the last. */
void gw_table_unname(struct gw_table *table, struct gw_cut *cut, uint32_t index);

/** Return the cut that came to name @p host after @p cut did, or 0. */
gw_arena_ref gw_table_next_naming(
    const struct gw_table *table, const struct gw_host *host, gw_arena_ref cut);

/** Return the host that claim @p claim of a cut names. */
struct gw_host *gw_table_claim_host(const struct gw_table *table, const struct gw_claim *claim);

/** Forget with which other claims claim @p index of @p subject was said together. */
void gw_table_part_claim(
    const struct gw_table *table, const struct gw_subject *subject, uint32_t index);

/**
 * Find or add the claim equal to @p like in @p subject. When there is no room, the weakest gives
 * way (counted): least often and longest ago said, none of the 16 newest, none of @p keep.
 *
 * @return its index, or GW_CLAIMS_MAX when there is no memory
 */
uint32_t gw_table_claim(
    struct gw_table *table, struct gw_subject *subject, const struct gw_claim *like, uint64_t keep);

/**
 * Find or add the row of @p witness in @p zone. A row of an unknown zone becomes one of @p zone.
 * When there is no room, the weakest gives way (counted); a row with a count of 0 is new.
 *
 * @return its index, or GW_ROWS_MAX when there is no memory
 */
uint32_t gw_table_row(
    struct gw_table *table, struct gw_subject *subject, gw_witness_id witness, gw_zone_id zone);

#endif
