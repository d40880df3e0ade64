/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/learn.h"
#include "analyze/split.h"

#include <string.h>

#define TYPE_AAAA 28u

/* Room for what an ordinary message adds. */
#define ORDINARY_LEN 16384u

/* Is the claim one that every witness of the last day has left behind? */
static bool
is_forgotten(
    const struct gw_table *table, const struct gw_subject *subject, uint64_t claim, gw_tick now)
{
    const struct gw_row *row = gw_table_rows(table, subject);

    for (uint32_t i = 0; i < subject->row_count; i++)
        if ((row[i].ever & claim) && (now <= row[i].last || now - row[i].last <= GW_WINDOW_TICKS))
            return false;
    return true;
}

static void
begin_anew(
    struct gw_table *table, struct gw_subject *subject, uint32_t index, const struct gw_claim *like)
{
    struct gw_claim *claim = &gw_table_claims(table, subject)[index];
    const struct gw_claim before = *claim;

    gw_table_part_claim(table, subject, index);
    *claim = *like;
    memcpy(claim->octet, before.octet, sizeof(claim->octet));
    claim->flags &= before.flags;
}

/* Is it the first time that an older claim is said since a newer one has appeared? */
static void
note_return(const struct gw_table *table, struct gw_subject *subject, uint32_t index, gw_tick now)
{
    const struct gw_claim *claim = gw_table_claims(table, subject);
    gw_tick *again = &subject->again[claim[index].family == 6];

    for (uint32_t i = 0; i < subject->claim_count; i++)
        if (claim[i].family == claim[index].family && claim[i].first > claim[index].last &&
            claim[i].first < now && claim[i].first > *again)
            *again = now;
}

/* Add or renew one claim; returns its bit, or 0 when there is no room. */
static uint64_t
say(struct gw_table *table, struct gw_subject *subject, const struct gw_claim *like,
    const struct gw_table_lesson *lesson, uint64_t said)
{
    const uint32_t index = gw_table_claim(table, subject, like, said);

    if (index == GW_CLAIMS_MAX)
        return 0;

    struct gw_claim *claim = &gw_table_claims(table, subject)[index];

    if (claim->messages == 0 && subject->alone[claim->family == 6] == 0)
        subject->alone[claim->family == 6] = subject->messages;
    if (claim->messages == 0 && claim->family == 0)
        gw_table_name_host(table, gw_table_cut_of(table, subject), index);
    else if (claim->messages != 0 && is_forgotten(table, subject, 1ull << index, lesson->now))
        begin_anew(table, subject, index, like);
    else
        note_return(table, subject, index, lesson->now);
    if (lesson->now > claim->last)
        claim->last = lesson->now;
    if (like->ttl_min_s < claim->ttl_min_s)
        claim->ttl_min_s = like->ttl_min_s;
    if (like->ttl_max_s > claim->ttl_max_s)
        claim->ttl_max_s = like->ttl_max_s;
    if (!(like->flags & GW_CLAIM_UNRELATED))
        claim->flags &= (uint8_t)~GW_CLAIM_UNRELATED;
    if (claim->messages < UINT16_MAX)
        claim->messages++;
    return 1ull << index;
}

/* What one message says belongs together from now on. */
static void
join_claims(const struct gw_table *table, const struct gw_subject *subject, uint64_t said)
{
    struct gw_claim *claim = gw_table_claims(table, subject);

    for (uint64_t mask = said; mask != 0; mask &= mask - 1)
        claim[__builtin_ctzll(mask)].with |= said;
}

static struct gw_claim
claim_like(const struct gw_table_lesson *lesson, gw_witness_id witness, uint32_t ttl_s)
{
    return (struct gw_claim){
        .first = lesson->now,
        .last = lesson->now,
        .ttl_min_s = ttl_s,
        .ttl_max_s = ttl_s,
        .witness = witness,
        .first_ns = lesson->seen->time_ns,
        .packet = gw_packet_ref(lesson->seen->input, lesson->seen->frame),
    };
}

/*
 * Tell the witness's row what was said now, of the claims in `about`. A message that was
 * truncated or clipped may lack members: if it says a part of what the row holds, the row stays
 * as it is.
 */
static bool
tell_row(struct gw_subject *subject, struct gw_row *row, const uint64_t said[2],
    const struct gw_table_lesson *lesson)
{
    const uint64_t about = said[1];
    const bool partial = (lesson->seen->facts & (GW_FACT_TC | GW_FACT_CLIPPED)) != 0;
    const bool fresh = row->count == 0;
    uint64_t now = (row->now & ~about) | said[0];

    if (partial && (said[0] & row->now) == said[0])
        now = row->now;

    const bool news = fresh || now != row->now;

    if (news) {
        row->told = 0;
        row->since_ns = lesson->seen->time_ns;
        row->frame = lesson->seen->frame;
        row->input = lesson->seen->input;
    }
    if (lesson->now > row->last && lesson->now - row->last > GW_WINDOW_TICKS)
        row->ever = 0;
    row->now = now;
    row->ever |= now;
    if (!partial)
        row->exact = 1;
    row->count = gw_table_add(row->count, 1);
    row->told = gw_table_add(row->told, 1);
    if (lesson->now > row->last)
        row->last = lesson->now;
    if (subject->messages == 0)
        subject->first = lesson->now;
    subject->messages = gw_table_add(subject->messages, 1);
    if (lesson->now > subject->last)
        subject->last = lesson->now;
    return news;
}

/* The cut's claim to a name server keeps the name server's record alive. */
static uint64_t
say_target(struct gw_table *table, struct gw_cut *cut, struct gw_host *host, struct gw_claim *like,
    const struct gw_table_lesson *lesson, uint64_t said)
{
    const struct gw_naming naming = {.host = gw_table_ref(table, host)};

    memcpy(like->octet, &naming, sizeof(naming));
    return say(table, &cut->subject, like, lesson, said);
}

static uint32_t
learn_targets(struct gw_table *table, const struct gw_table_lesson *lesson, gw_witness_id witness,
    struct gw_table_learned *learned)
{
    const struct gw_observation *seen = lesson->seen;
    struct gw_cut *cut = learned->cut;
    uint64_t said[2] = {0, UINT64_MAX};

    for (uint32_t i = 0; i < seen->target_count; i++) {
        const struct gw_table_name name = gw_zone_name(seen, &seen->target[i].name);
        struct gw_claim like = claim_like(lesson, witness, seen->target[i].ttl_s);
        struct gw_host *host = gw_table_host_make(table, &name);

        if (host == NULL)
            continue;

        const uint64_t bit = say_target(table, cut, host, &like, lesson, said[0]);

        if (host->refs == 0) { /* the cut has no room for it: nobody would ever free it */
            host->refs = 1;
            gw_table_host_unref(table, host);
            continue;
        }
        said[0] |= bit;
        learned->host[i] = host;
    }
    join_claims(table, &cut->subject, said[0]);
    table->stats->targets_dropped += seen->target_total - seen->target_count;

    const uint32_t row = gw_table_row(table, &cut->subject, witness, lesson->zone->id);

    if (row == GW_ROWS_MAX)
        return row;

    struct gw_row *told = &gw_table_rows(table, &cut->subject)[row];

    if (told->count == 0) /* new, perhaps in the place of another */
        gw_table_forget_row(table, cut, row);
    learned->cut_news = tell_row(&cut->subject, told, said, lesson);
    return row;
}

static uint64_t
claims_of_family(const struct gw_table *table, const struct gw_subject *subject, uint8_t family)
{
    const struct gw_claim *claim = gw_table_claims(table, subject);
    uint64_t mask = 0;

    for (uint32_t i = 0; i < subject->claim_count; i++)
        if (claim[i].family == family)
            mask |= 1ull << i;
    return mask;
}

/*
 * Does the witness go over to addresses that it had said before, and that have nothing in common
 * with those it said last? Twice in a day is no renumbering.
 */
static void
note_flip(const struct gw_table *table, const struct gw_subject *subject, struct gw_row *row,
    const struct gw_table_lesson *lesson, uint64_t said)
{
    if (row->flipped != 0 && lesson->now > row->flipped &&
        lesson->now - row->flipped > GW_WINDOW_TICKS)
        row->flips[0] = row->flips[1] = 0;
    for (uint32_t i = 0; i < 2; i++) {
        const uint64_t family = claims_of_family(table, subject, i == 0 ? 4 : 6);
        const uint64_t before = row->now & family;
        const uint64_t after = said & family;

        if (before == 0 || after == 0 || (before & after) != 0 || !(after & row->ever))
            continue;
        if (row->flips[i] < UINT8_MAX)
            row->flips[i]++;
        row->flipped = lesson->now;
    }
}

static void
learn_addresses(struct gw_table *table, const struct gw_table_lesson *lesson, gw_witness_id witness,
    struct gw_table_learned *learned, uint32_t target)
{
    const struct gw_observation *seen = lesson->seen;
    struct gw_subject *subject = &learned->host[target]->subject;
    const enum gw_zone_relation relation =
        gw_zone_relate(table, seen, lesson->zone, &seen->target[target].name);
    uint64_t said[2] = {0, 0};

    for (uint32_t i = 0; i < seen->glue_count; i++) {
        if (seen->glue[i].target != target)
            continue;

        struct gw_claim like = claim_like(lesson, witness, seen->glue[i].ttl_s);

        like.family = seen->glue[i].addr.family;
        memcpy(like.octet, seen->glue[i].addr.octet, sizeof(like.octet));
        if (relation == GW_ZONE_FOREIGN || relation == GW_ZONE_COHOSTED)
            like.flags |= GW_CLAIM_UNRELATED;
        said[0] |= say(table, subject, &like, lesson, said[0]);
    }
    if (said[0] == 0)
        return;
    join_claims(table, subject, said[0]);
    if (seen->target[target].has_a)
        said[1] |= claims_of_family(table, subject, 4);
    if (seen->target[target].has_aaaa)
        said[1] |= claims_of_family(table, subject, 6);

    const uint32_t row = gw_table_row(table, subject, witness, lesson->zone->id);

    if (row == GW_ROWS_MAX)
        return;
    note_flip(table, subject, &gw_table_rows(table, subject)[row], lesson, said[0]);
    learned->host_news[target] =
        tell_row(subject, &gw_table_rows(table, subject)[row], said, lesson);
}

/* A contested name server is watched through every delegation we know to name it. */
static bool
is_watched(const struct gw_table_learned *learned, uint32_t target_count)
{
    if (learned->cut->subject.contested)
        return true;
    for (uint32_t i = 0; i < target_count; i++)
        if (learned->host[i] != NULL && learned->host[i]->subject.contested)
            return true;
    return false;
}

/* What the witness said before is no repeat any more: it would be a way back. */
static bool
is_news(const struct gw_table_learned *learned, uint32_t target_count)
{
    bool news = learned->cut_news;

    for (uint32_t i = 0; i < target_count; i++)
        news = news || learned->host_news[i];
    return news;
}

void
gw_table_learn(struct gw_table *table, const struct gw_table_lesson *lesson,
    struct gw_table_learned *ret_learned)
{
    const struct gw_observation *seen = lesson->seen;
    const struct gw_table_name name = gw_zone_name(seen, &seen->cut);
    const gw_witness_id witness = gw_table_witness(table, &seen->resolver, &seen->server);
    struct gw_table_learned learned = {0};

    /* Now, before a delegation is at hand that could be the one to go. */
    if (!gw_table_make_way(table, ORDINARY_LEN))
        table->stats->refused_memory++;
    else if (witness != UINT32_MAX)
        learned.cut = gw_table_cut_make(table, &name, lesson->zone->id, witness, lesson->now);
    if (learned.cut == NULL) {
        *ret_learned = learned;
        return;
    }
    gw_table_set_parent(table, learned.cut, lesson->zone->id);
    gw_table_fold(table, learned.cut);

    const uint32_t row = learn_targets(table, lesson, witness, &learned);

    for (uint32_t i = 0; i < seen->target_count; i++)
        if (learned.host[i] != NULL && (seen->target[i].has_a || seen->target[i].has_aaaa))
            learn_addresses(table, lesson, witness, &learned, i);
    if (row != GW_ROWS_MAX && is_news(&learned, seen->target_count))
        gw_table_forget_row(table, learned.cut, row);
    if (row != GW_ROWS_MAX && !is_watched(&learned, seen->target_count))
        gw_table_remember(table, learned.cut,
            gw_table_tag(
                seen->content, gw_table_witness_hash(table, &seen->resolver, &seen->server)),
            (uint8_t)row, lesson->class == GW_CLASS_PARTIAL_REFERRAL);
    *ret_learned = learned;
}

void
gw_table_learn_truth(struct gw_table *table, const struct gw_observation *seen, gw_tick now)
{
    const uint8_t target = gw_zone_answered_target(seen);
    uint32_t kept = 0;

    if (target == GW_NO_TARGET || seen->glue_count == 0)
        return;

    const struct gw_table_name name = gw_zone_name(seen, &seen->target[target].name);
    struct gw_host *host = gw_table_host(table, &name);

    if (host == NULL)
        return;
    if (host->truth == 0)
        host->truth = gw_arena_take(&table->arena, sizeof(struct gw_truth));
    if (host->truth == 0)
        return;

    struct gw_truth *truth = gw_arena_at(&table->arena, host->truth);
    const uint8_t family = seen->qtype == TYPE_AAAA ? 6 : 4;

    for (uint32_t i = 0; i < truth->count; i++) /* the other family stays as it was said */
        if (truth->addr[i].family != family)
            truth->addr[kept++] = truth->addr[i];
    for (uint32_t i = 0; i < seen->glue_count && kept < GW_ARRAY_LEN(truth->addr); i++)
        if (seen->glue[i].target == target && gw_zone_is_answered(seen, i))
            truth->addr[kept++] = seen->glue[i].addr;
    truth->count = (uint8_t)kept;
    truth->last = now;
    truth->last_of[family == 6] = now;
}
