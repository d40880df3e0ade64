/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/frame/frag.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "parse/frame/chain.h"
#include "parse/frame/emit.h"
#include "parse/frame/slots.h"
#include "parse/frame/transport.h"

#define DATAGRAM_MAX  65535u
#define TOTAL_UNKNOWN UINT32_MAX
#define WAIT_NS       ((uint64_t)GW_FRAG_WAIT_S * GW_NS_PER_S)

/* A fragment that comes so soon after its datagram was complete belongs to it. */
#define RIVAL_NS (2u * (uint64_t)GW_NS_PER_S)

struct key {
    uint64_t context;
    uint32_t id;
    struct gw_addr source, destination;
    uint8_t protocol; /* 0 in IPv6 */
};

enum state {
    STATE_COLLECTING,
    STATE_REFUSED, /* later fragments get `refused` */
    STATE_COMPLETE,
};

/* Octets [off, off + len) of a datagram's payload. */
struct piece {
    uint32_t off, len;
    struct gw_frame_chain octets; /* empty when the datagram is complete */
    uint64_t number;              /* frame that brought it */
    uint64_t hash;                /* of the octets, when the datagram is complete */
};

struct datagram {
    struct key key;
    enum state state;
    enum gw_why refused;
    int64_t created_ns;
    int64_t completed_ns; /* meaningful when complete */
    uint32_t total;       /* octets of the payload, or TOTAL_UNKNOWN */
    uint32_t got;         /* octets in pieces */
    uint32_t weight;      /* frames held for it */
    uint32_t protocol;
    uint8_t ip_ttl;
    uint32_t count; /* pieces, ascending, never overlapping */
    struct piece piece[GW_FRAG_PIECES];
};

struct gw_frag_table {
    struct gw_hash_key hash_key;
    struct gw_frame_pool pool;
    struct gw_frame_slots slots;
    struct datagram *datagram; /* GW_FRAG_DATAGRAMS, by slot */
};

static uint32_t
piece_end(const struct piece *piece)
{
    return piece->off + piece->len;
}

/* Let go of the octets of @p datagram and give its held frames their fate. */
static void
release(struct gw_frame *frame, struct datagram *datagram, enum gw_why why)
{
    struct gw_packet_stats *stats = frame->out.stats;

    for (uint32_t i = 0; i < datagram->count; i++)
        gw_frame_chain_drop(&frame->frags->pool, &datagram->piece[i].octets);
    gw_frame_settle(stats, why, datagram->weight);
    stats->held -= datagram->weight;
    datagram->weight = 0;
    datagram->count = 0;
}

static enum gw_why
refuse(struct gw_frame *frame, struct datagram *datagram, enum gw_why why)
{
    release(frame, datagram, why);
    datagram->state = STATE_REFUSED;
    datagram->refused = why;
    return why;
}

static void
forget(struct gw_frame *frame, uint32_t index, enum gw_why why)
{
    struct gw_frag_table *table = frame->frags;

    release(frame, &table->datagram[index], why);
    gw_frame_slots_drop(&table->slots, index);
}

/* Tell of @p datagram that a fragment of it has other octets, or never came. */
static void
sight(struct gw_frame *frame, const struct datagram *datagram, enum gw_sighting_kind kind)
{
    gw_frame_sight(&frame->out, &frame->layer,
        &(struct gw_sighting){
            .kind = kind,
            .source = datagram->key.source,
            .destination = datagram->key.destination,
            .ip_id = datagram->key.id,
        });
}

static void
expire(struct gw_frame *frame)
{
    const struct gw_frag_table *table = frame->frags;
    const uint64_t now = (uint64_t)frame->layer.now_ns;

    while (table->slots.count > 0) {
        const uint32_t oldest = table->slots.oldest;

        const struct datagram *datagram = &table->datagram[oldest];

        if (now - (uint64_t)datagram->created_ns <= WAIT_NS)
            break;
        if (datagram->state == STATE_COLLECTING && datagram->count > 0 &&
            datagram->piece[0].off != 0)
            sight(frame, datagram, GW_SIGHTING_FRAG_ORPHAN);
        forget(frame, oldest, GW_FRAG_INCOMPLETE);
    }
}

static void
make_key(const struct gw_layer *layer, struct key *ret_key)
{
    memset(ret_key, 0, sizeof(*ret_key)); /* padding is hashed and compared */
    ret_key->context = layer->context;
    ret_key->id = layer->fragment_id;
    ret_key->source = layer->source;
    ret_key->destination = layer->destination;
    ret_key->protocol = layer->source.family == 4 ? (uint8_t)layer->code : 0;
}

static uint32_t
find(const struct gw_frag_table *table, const struct key *key, uint64_t hash)
{
    uint32_t index = gw_frame_slots_find(&table->slots, hash);

    while (index != GW_SLOT_NONE && memcmp(&table->datagram[index].key, key, sizeof(*key)) != 0)
        index = gw_frame_slots_next(&table->slots, index);
    return index;
}

static uint32_t
create(struct gw_frame *frame, const struct key *key, uint64_t hash)
{
    struct gw_frag_table *table = frame->frags;

    if (table->slots.count == GW_FRAG_DATAGRAMS)
        forget(frame, table->slots.oldest, GW_FRAG_EVICTED);

    const uint32_t index = gw_frame_slots_take(&table->slots, hash);
    struct datagram *datagram = &table->datagram[index];

    datagram->key = *key;
    datagram->state = STATE_COLLECTING;
    datagram->created_ns = frame->layer.now_ns;
    datagram->total = TOTAL_UNKNOWN;
    datagram->got = 0;
    datagram->weight = 0;
    datagram->protocol = 0;
    datagram->count = 0;
    return index;
}

/* Is the fragment one of those that made up a complete datagram? */
static bool
is_known(const struct gw_frag_table *table, const struct datagram *datagram,
    const struct gw_layer *layer)
{
    const size_t len = gw_layer_left(layer);

    for (uint32_t i = 0; i < datagram->count; i++) {
        const struct piece *piece = &datagram->piece[i];

        if (piece->off == layer->fragment_off && piece->len == len)
            return gw_hash_octets(&table->hash_key, gw_layer_at(layer), len) == piece->hash;
    }
    return false;
}

/*
 * Does a later fragment stand where one of a complete datagram stood, soon after, with other
 * octets? When the identification is in use again, a first fragment comes, too.
 */
static bool
is_rival(const struct datagram *datagram, const struct gw_layer *layer)
{
    const uint64_t age = (uint64_t)layer->now_ns - (uint64_t)datagram->completed_ns;
    const uint32_t end = layer->fragment_off + (uint32_t)gw_layer_left(layer);

    return layer->fragment_off != 0 && age <= RIVAL_NS && datagram->count > 0 &&
           layer->fragment_off < piece_end(&datagram->piece[datagram->count - 1]) &&
           end > datagram->piece[0].off;
}

/* Find or make the datagram of the fragment; NULL when *ret_why is already its fate. */
static struct datagram *
open_datagram(struct gw_frame *frame, enum gw_why *ret_why)
{
    struct gw_frag_table *table = frame->frags;
    struct key key;

    make_key(&frame->layer, &key);

    const uint64_t hash = gw_hash_octets(&table->hash_key, &key, sizeof(key));
    uint32_t index = find(table, &key, hash);

    if (index != GW_SLOT_NONE) {
        struct datagram *datagram = &table->datagram[index];

        if (datagram->state == STATE_COLLECTING)
            return datagram;
        if (datagram->state == STATE_REFUSED) {
            *ret_why = datagram->refused;
            return NULL;
        }
        if (is_known(table, datagram, &frame->layer)) {
            *ret_why = GW_FRAG_DUPLICATE;
            return NULL;
        }
        if (is_rival(datagram, &frame->layer)) {
            sight(frame, datagram, GW_SIGHTING_FRAG_CONFLICT);
            *ret_why = GW_FRAG_OVERLAP;
            return NULL;
        }
        forget(frame, index, GW_FRAG_INCOMPLETE); /* its identification is in use again */
    }
    return &table->datagram[create(frame, &key, hash)];
}

static enum gw_why
check_shape(const struct gw_layer *layer)
{
    const size_t len = layer->wire_end - layer->pos;

    if (len == 0 || layer->fragment_off + len > DATAGRAM_MAX)
        return GW_FRAG_BAD;
    if (layer->fragment_more && len % 8 != 0)
        return GW_FRAG_BAD;
    return GW_OK;
}

/* Does the fragment agree with where others say that the payload ends? */
static bool
check_total(const struct datagram *datagram, const struct gw_layer *layer)
{
    const uint32_t end = layer->fragment_off + (uint32_t)gw_layer_left(layer);

    if (layer->fragment_more)
        return datagram->total == TOTAL_UNKNOWN || end <= datagram->total;
    if (datagram->total != TOTAL_UNKNOWN)
        return end == datagram->total;
    return datagram->count == 0 || end >= piece_end(&datagram->piece[datagram->count - 1]);
}

/* Do the octets that are already here equal the fragment's? */
static bool
check_overlap(const struct gw_frag_table *table, const struct datagram *datagram,
    const struct gw_layer *layer)
{
    const uint32_t off = layer->fragment_off;
    const uint32_t end = off + (uint32_t)gw_layer_left(layer);

    for (uint32_t i = 0; i < datagram->count; i++) {
        const struct piece *piece = &datagram->piece[i];
        const uint32_t from = piece->off > off ? piece->off : off;
        const uint32_t to = piece_end(piece) < end ? piece_end(piece) : end;

        if (from < to && !gw_frame_chain_equals(&table->pool, &piece->octets, from - piece->off,
                             gw_layer_at(layer) + (from - off), to - from))
            return false;
    }
    return true;
}

/* Store octets [off, end) as piece @p index; evict the oldest datagrams while the pool is full. */
static enum gw_why
insert(struct gw_frame *frame, struct datagram *datagram, uint32_t index, const struct piece *part)
{
    struct gw_frag_table *table = frame->frags;
    const struct gw_layer *layer = &frame->layer;
    const uint8_t *octets = gw_layer_at(layer) + (part->off - layer->fragment_off);
    struct piece piece = *part;

    if (datagram->count == GW_FRAG_PIECES)
        return GW_FRAG_TOO_MANY;
    while (!gw_frame_chain_append(&table->pool, &piece.octets, octets, piece.len)) {
        if (&table->datagram[table->slots.oldest] == datagram)
            return GW_FRAG_EVICTED;
        forget(frame, table->slots.oldest, GW_FRAG_EVICTED);
    }
    memmove(&datagram->piece[index + 1], &datagram->piece[index],
        (datagram->count - index) * sizeof(piece));
    datagram->piece[index] = piece;
    datagram->count++;
    datagram->got += piece.len;
    return GW_OK;
}

/* Store what the fragment has and nobody brought before. */
static enum gw_why
fill(struct gw_frame *frame, struct datagram *datagram)
{
    const struct gw_layer *layer = &frame->layer;
    const uint32_t end = layer->fragment_off + (uint32_t)gw_layer_left(layer);
    const uint32_t got = datagram->got;
    uint32_t index = 0;

    for (uint32_t off = layer->fragment_off; off < end; index++) {
        const struct piece *piece = index < datagram->count ? &datagram->piece[index] : NULL;

        if (piece != NULL && piece->off <= off) {
            off = piece_end(piece) > off ? piece_end(piece) : off;
            continue;
        }

        const uint32_t stop = piece != NULL && piece->off < end ? piece->off : end;
        const struct piece part = {.off = off, .len = stop - off, .number = layer->origin.number};
        const enum gw_why why = insert(frame, datagram, index, &part);

        if (why != GW_OK)
            return why;
        off = stop;
    }
    return datagram->got == got ? GW_FRAG_DUPLICATE : GW_OK;
}

/* The packet goes on with the whole payload of @p datagram. */
static void
complete(struct gw_frame *frame, struct datagram *datagram)
{
    struct gw_frag_table *table = frame->frags;
    struct gw_layer *layer = &frame->layer;
    uint8_t *whole = gw_frame_room(&frame->out, datagram->total);
    struct gw_frag_map *map = (void *)gw_frame_room(&frame->out, sizeof(*map));

    map->count = datagram->count;
    for (uint32_t i = 0; i < datagram->count; i++) {
        struct piece *piece = &datagram->piece[i];

        gw_frame_chain_copy(&table->pool, &piece->octets, 0, piece->len, whole + piece->off);
        gw_frame_chain_drop(&table->pool, &piece->octets);
        piece->hash = gw_hash_octets(&table->hash_key, whole + piece->off, piece->len);
        map->piece[i].offset = (uint16_t)piece->off;
        map->piece[i].len = (uint16_t)piece->len;
        map->piece[i].frame = piece->number;
    }
    frame->out.stats->held -= datagram->weight;
    layer->depth++; /* so that nested reassembly ends, too */
    layer->weight = datagram->weight;
    datagram->weight = 0;
    datagram->state = STATE_COMPLETE;
    datagram->completed_ns = layer->now_ns;
    layer->data = whole;
    layer->pos = 0;
    layer->end = layer->wire_end = datagram->total;
    layer->ip_ttl = datagram->ip_ttl;
    layer->fragments = map;
    layer->next = GW_LAYER_PROTOCOL;
    layer->code = datagram->protocol;
}

/* What the first fragment says of the datagram; not GW_OK when it can be of no use. */
static enum gw_why
read_first(struct gw_layer *layer, struct datagram *datagram)
{
    datagram->protocol = layer->code;
    datagram->ip_ttl = layer->ip_ttl;
    return gw_frame_promise(layer);
}

enum gw_why
gw_frag_add(struct gw_frame *frame)
{
    struct gw_layer *layer = &frame->layer;
    enum gw_why why = check_shape(layer);

    layer->seen_flags |= GW_SEEN_FRAGMENT;
    expire(frame);
    if (why != GW_OK)
        return why;

    struct datagram *datagram = open_datagram(frame, &why);

    if (datagram == NULL)
        return why;
    if (layer->fragment_off == 0)
        why = read_first(layer, datagram);
    if (why != GW_OK)
        return refuse(frame, datagram, why);
    if (layer->end < layer->wire_end)
        return GW_FRAG_CUT;
    if (!check_total(datagram, layer))
        return GW_FRAG_BAD;
    if (!check_overlap(frame->frags, datagram, layer)) {
        sight(frame, datagram, GW_SIGHTING_FRAG_CONFLICT);
        return refuse(frame, datagram, GW_FRAG_OVERLAP);
    }
    why = fill(frame, datagram);
    if (why == GW_FRAG_DUPLICATE && (layer->fragment_more || datagram->total != TOTAL_UNKNOWN))
        return why;
    if (why != GW_OK && why != GW_FRAG_DUPLICATE)
        return refuse(frame, datagram, why);

    datagram->weight += layer->weight;
    frame->out.stats->held += layer->weight;
    if (!layer->fragment_more)
        datagram->total = layer->fragment_off + (uint32_t)gw_layer_left(layer);
    if (datagram->got == datagram->total)
        complete(frame, datagram);
    else
        layer->next = GW_LAYER_DONE;
    return GW_OK;
}

void
gw_frag_finish(struct gw_frame *frame)
{
    const struct gw_frag_table *table = frame->frags;

    while (table->slots.count > 0)
        forget(frame, table->slots.oldest, GW_FRAG_INCOMPLETE);
}

struct gw_frag_table *
gw_frag_new(void)
{
    struct gw_frag_table *table = calloc(1, sizeof(*table));

    if (table == NULL)
        return NULL;
    table->datagram = calloc(GW_FRAG_DATAGRAMS, sizeof(*table->datagram));
    if (table->datagram == NULL || gw_hash_key_random(&table->hash_key) != GW_DONE ||
        gw_frame_slots_init(&table->slots, GW_FRAG_DATAGRAMS) != GW_DONE ||
        gw_frame_pool_init(&table->pool, GW_FRAG_OCTETS) != GW_DONE) {
        gw_frag_free(table);
        return NULL;
    }
    return table;
}

void
gw_frag_free(struct gw_frag_table *table)
{
    if (table == NULL)
        return;
    gw_frame_pool_done(&table->pool);
    gw_frame_slots_done(&table->slots);
    free(table->datagram);
    free(table);
}
