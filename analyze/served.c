/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/served.h"

#include <stdlib.h>

#include "analyze/memo.h"

#define NAMES 3u

/* Of one server of a zone, or (address all zero) of the zone as a whole. */
struct record {
    uint64_t name[NAMES]; /* hashes of the first distinct QNAMEs */
    gw_tick first, last;
    uint32_t count;
    uint32_t names;   /* entries of name */
    uint32_t servers; /* of the zone's record: distinct servers in this dark time */
    gw_tick dark;     /* of a server's record: start of the dark time it was counted in */
};

/* Of one server of a zone: its answers, by the NS RRset that it adds to them. */
struct courtesy {
    uint32_t plain; /* answers without any */
    uint32_t known; /* answers with the known name servers */
    uint32_t other; /* answers with none of them */
    uint32_t zero;
};

/* Answers that make a habit. */
#define HABIT 3u

struct gw_served {
    struct gw_memo *memo;
    struct gw_memo *courtesies;
};

void
gw_served_free(struct gw_served *served)
{
    if (served == NULL)
        return;
    gw_memo_free(served->memo);
    gw_memo_free(served->courtesies);
    free(served);
}

struct gw_served *
gw_served_new(const struct gw_hash_key *key)
{
    struct gw_served *served = calloc(1, sizeof(*served));

    if (served == NULL)
        return NULL;
    served->memo = gw_memo_new(key, GW_SERVED_MAX, sizeof(struct record));
    served->courtesies = gw_memo_new(key, GW_SERVED_MAX, sizeof(struct courtesy));
    if (served->memo == NULL || served->courtesies == NULL) {
        gw_served_free(served);
        return NULL;
    }
    return served;
}

static void
count_name(struct record *record, uint64_t hash)
{
    for (uint32_t i = 0; i < record->names; i++)
        if (record->name[i] == hash)
            return;
    if (record->names < NAMES)
        record->name[record->names++] = hash;
}

static void
count_denial(struct record *record, gw_tick now)
{
    if (record->count == 0)
        record->first = now;
    if (now > record->last)
        record->last = now;
    record->count = gw_table_add(record->count, 1);
}

struct gw_served_state
gw_served_deny(struct gw_served *served, const struct gw_table_name *zone,
    const struct gw_addr *server, uint64_t qname_hash, gw_tick now)
{
    const struct gw_memo_key of_zone = {.name = zone->hash};
    const struct gw_memo_key of_server = {.name = zone->hash, .addr = *server};
    struct record *whole = gw_memo_take(served->memo, &of_zone);

    count_denial(whole, now);

    const gw_tick dark = whole->first;
    struct record *record = gw_memo_take(served->memo, &of_server);
    const bool counted = record->count != 0 && record->dark == dark;

    record->dark = dark;
    count_denial(record, now);
    count_name(record, qname_hash);

    const struct gw_served_state state = {
        record->count, record->names, record->first, record->last};

    if (!counted) {
        whole = gw_memo_take(served->memo, &of_zone);
        whole->servers = gw_table_add(whole->servers, 1);
    }
    return state;
}

struct gw_served_dark
gw_served_affirm(
    struct gw_served *served, const struct gw_table_name *zone, const struct gw_addr *server)
{
    const struct gw_memo_key of_zone = {.name = zone->hash};
    const struct gw_memo_key of_server = {.name = zone->hash, .addr = *server};
    struct record *whole = gw_memo_find(served->memo, &of_zone);
    struct record *record = gw_memo_find(served->memo, &of_server);
    struct gw_served_dark dark = {0};

    if (record != NULL)
        *record = (struct record){0};
    if (whole == NULL || whole->count == 0)
        return dark;
    dark = (struct gw_served_dark){whole->first, whole->last, whole->count, whole->servers};
    *whole = (struct record){0};
    return dark;
}

void
gw_served_plain(
    struct gw_served *served, const struct gw_table_name *zone, const struct gw_addr *server)
{
    const struct gw_memo_key key = {.name = zone->hash, .addr = *server};
    struct courtesy *courtesy = gw_memo_take(served->courtesies, &key);

    courtesy->plain = gw_table_add(courtesy->plain, 1);
}

bool
gw_served_is_known_plain(
    struct gw_served *served, const struct gw_table_name *zone, const struct gw_addr *server)
{
    const struct gw_memo_key key = {.name = zone->hash, .addr = *server};
    const struct courtesy *courtesy = gw_memo_find(served->courtesies, &key);

    return courtesy != NULL && courtesy->plain + courtesy->known >= HABIT &&
           courtesy->other <= (courtesy->plain + courtesy->known) / HABIT;
}

bool
gw_served_is_unusual(struct gw_served *served, const struct gw_table_name *zone,
    const struct gw_addr *server, bool as_known)
{
    const struct gw_memo_key key = {.name = zone->hash, .addr = *server};
    struct courtesy *courtesy = gw_memo_take(served->courtesies, &key);

    if (as_known)
        courtesy->known = gw_table_add(courtesy->known, 1);
    else
        courtesy->other = gw_table_add(courtesy->other, 1);
    return !as_known && courtesy->known >= HABIT && courtesy->other <= courtesy->known / HABIT;
}
