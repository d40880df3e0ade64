/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets as records of a snapshot, one after the other: what is read is written again as it
 * was understood, and two of one key are merged, in either order, with one result.
 */
#include <stdlib.h>
#include <string.h>

#include "analyze/snapshot.h"

#define DEMAND(condition) \
    do {                  \
        if (!(condition)) \
            abort();      \
    } while (0)

static struct gw_snapshot_record record[2], joined[2];
static uint8_t octets[2][GW_SNAPSHOT_RECORD_MAX];

/* What was accepted stays what it is when it is written and read again. */
static void
demand_stable(struct gw_snapshot_record *one)
{
    size_t read = 0;
    size_t len = gw_snapshot_encode(one, octets[0]);

    DEMAND(len <= GW_SNAPSHOT_RECORD_MAX);
    DEMAND(gw_snapshot_decode(octets[0], len, one, &read) == NULL && read == len);
    DEMAND(gw_snapshot_encode(one, octets[1]) == len);
    DEMAND(memcmp(octets[0], octets[1], len) == 0);
}

static void
demand_same_either_way(struct gw_snapshot_merger *merger)
{
    size_t len;

    joined[0] = record[0];
    joined[1] = record[1];
    gw_snapshot_merge(merger, &joined[0], &record[1]);
    gw_snapshot_merge(merger, &joined[1], &record[0]);
    len = gw_snapshot_encode(&joined[0], octets[0]);
    DEMAND(gw_snapshot_encode(&joined[1], octets[1]) == len);
    DEMAND(memcmp(octets[0], octets[1], len) == 0);
    demand_stable(&joined[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gw_snapshot_merger *merger = gw_snapshot_merger_new();
    uint32_t count = 0;

    DEMAND(merger != NULL);
    for (size_t pos = 0, len = 0; pos < size && count < 2; pos += len, count++) {
        memset(&record[count], 0, sizeof(record[count]));
        if (gw_snapshot_decode(data + pos, size - pos, &record[count], &len) != NULL)
            break;
        DEMAND(len > 0 && len <= size - pos);
        demand_stable(&record[count]);
    }
    if (count == 2 && gw_snapshot_order(&record[0], &record[1]) == 0)
        demand_same_either_way(merger);
    gw_snapshot_merger_free(merger);
    return 0;
}
