/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/recall.h"

#include <stdlib.h>
#include <string.h>

int
gw_table_recall_init(struct gw_recall *recall, uint64_t memory, uint32_t record_len, uint32_t most)
{
    const uint64_t each = record_len + sizeof(struct gw_recall_link) + 2 * sizeof(uint32_t);
    uint32_t slots = 2;

    *recall = (struct gw_recall){.record_len = record_len, .most = most};
    if (memory / each < most)
        recall->most = memory / each < 1 ? 1 : (uint32_t)(memory / each);
    while (slots < recall->most)
        slots *= 2;
    recall->slot_mask = slots - 1;
    recall->records = calloc(recall->most, record_len);
    recall->link = calloc(recall->most, sizeof(*recall->link));
    recall->slot = calloc(slots, sizeof(*recall->slot));
    if (recall->records != NULL && recall->link != NULL && recall->slot != NULL)
        return GW_DONE;
    gw_table_recall_done(recall);
    return GW_E_NOMEM;
}

void
gw_table_recall_done(struct gw_recall *recall)
{
    free(recall->records);
    free(recall->link);
    free(recall->slot);
    *recall = (struct gw_recall){0};
}

static void *
record_at(const struct gw_recall *recall, uint32_t number)
{
    return number == 0 ? NULL : recall->records + (size_t)(number - 1) * recall->record_len;
}

static uint32_t
number_of(const struct gw_recall *recall, const void *record)
{
    return (uint32_t)((size_t)((const uint8_t *)record - recall->records) / recall->record_len) + 1;
}

static uint32_t
number_at(const struct gw_recall *recall, uint64_t hash)
{
    uint32_t number = recall->slot[hash & recall->slot_mask];

    while (number != 0 && recall->link[number - 1].hash != hash)
        number = recall->link[number - 1].chain;
    return number;
}

void *
gw_table_recall_find(const struct gw_recall *recall, uint64_t hash)
{
    return record_at(recall, number_at(recall, hash));
}

static void
take_out(struct gw_recall *recall, uint32_t number)
{
    const struct gw_recall_link *link = &recall->link[number - 1];

    if (link->older != 0)
        recall->link[link->older - 1].newer = link->newer;
    else
        recall->oldest = link->newer;
    if (link->newer != 0)
        recall->link[link->newer - 1].older = link->older;
    else
        recall->newest = link->older;
}

static void
put_last(struct gw_recall *recall, uint32_t number)
{
    struct gw_recall_link *link = &recall->link[number - 1];

    link->older = recall->newest;
    link->newer = 0;
    if (recall->newest != 0)
        recall->link[recall->newest - 1].newer = number;
    else
        recall->oldest = number;
    recall->newest = number;
}

void
gw_table_recall_renew(struct gw_recall *recall, const void *record)
{
    const uint32_t number = number_of(recall, record);

    if (recall->newest == number)
        return;
    take_out(recall, number);
    put_last(recall, number);
}

static void
unchain(struct gw_recall *recall, uint32_t number)
{
    uint32_t *at = &recall->slot[recall->link[number - 1].hash & recall->slot_mask];

    while (*at != number)
        at = &recall->link[*at - 1].chain;
    *at = recall->link[number - 1].chain;
}

void *
gw_table_recall_take(struct gw_recall *recall, uint64_t hash)
{
    uint32_t number = number_at(recall, hash);
    uint32_t *slot = &recall->slot[hash & recall->slot_mask];

    if (number != 0) {
        gw_table_recall_renew(recall, record_at(recall, number));
        return record_at(recall, number);
    }
    if (recall->count < recall->most) {
        number = ++recall->count;
    } else {
        number = recall->oldest;
        recall->displaced++;
        take_out(recall, number);
        unchain(recall, number);
    }
    recall->link[number - 1].hash = hash;
    recall->link[number - 1].chain = *slot;
    *slot = number;
    put_last(recall, number);
    return memset(record_at(recall, number), 0, recall->record_len);
}

void *
gw_table_recall_first(const struct gw_recall *recall)
{
    return record_at(recall, recall->oldest);
}

void *
gw_table_recall_next(const struct gw_recall *recall, const void *record)
{
    return record_at(recall, recall->link[number_of(recall, record) - 1].newer);
}

uint64_t
gw_table_recall_octets(const struct gw_recall *recall)
{
    return (uint64_t)recall->count *
           (recall->record_len + sizeof(struct gw_recall_link) + sizeof(*recall->slot));
}
