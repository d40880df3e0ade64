/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names at every place of any octets: skip, check and canonical must agree with each other,
 * canonical form must be canonical, and reading stays within its budget.
 */
#include <stdlib.h>
#include <string.h>

#include "parse/dns/name.h"

#define DEMAND(condition) \
    do {                  \
        if (!(condition)) \
            abort();      \
    } while (0)

/*
 * Whether @p name is what canonical form promises: labels that end in the root label, no
 * capitals.
 */
static void
demand_canonical(const struct gw_name *name)
{
    uint32_t pos = 0;
    uint32_t labels = 0;

    DEMAND(name->len >= 1);
    while (name->wire[pos] != 0) {
        DEMAND(name->wire[pos] <= GW_LABEL_MAX);
        for (uint32_t i = 1; i <= name->wire[pos]; i++)
            DEMAND(name->wire[pos + i] < 'A' || name->wire[pos + i] > 'Z');
        pos += 1u + name->wire[pos];
        labels++;
        DEMAND(pos < name->len);
    }
    DEMAND(pos + 1 == name->len);
    DEMAND(labels <= GW_LABELS_MAX);
}

/* A name is under its parent, and under every suffix that is one of labels. */
static void
demand_ancestry(const struct gw_name *name)
{
    struct gw_name zone = *name;

    DEMAND(gw_name_under(name, name) && !gw_name_strictly_under(name, name));
    while (zone.len > 1) {
        zone = gw_name_parent(&zone);
        DEMAND(gw_name_strictly_under(name, &zone));
        DEMAND(!gw_name_under(&zone, name));
    }
}

static void
try_name(struct gw_name_reader *reader, uint32_t off)
{
    struct gw_name name = {.len = 0};
    struct gw_name again;
    struct gw_name_reader fresh = gw_name_reader_make(reader->msg, reader->len);
    uint32_t skip_end = 0;
    uint32_t check_end = 0;
    uint32_t end = 0;
    const uint32_t before = reader->work;
    const enum gw_why skip = gw_name_skip(reader->msg, reader->len, off, &skip_end);
    const enum gw_why why = gw_name_canonical(reader, off, &name, &end);

    DEMAND(reader->work <= before);
    if (why == GW_WORK)
        return;
    DEMAND(gw_name_check(&fresh, off, &check_end) == why);
    if (why != GW_OK) {
        DEMAND(name.len == 0);
        return;
    }
    DEMAND(skip == GW_OK && end == skip_end && end == check_end && end <= reader->len);
    DEMAND(before - reader->work >= name.len);
    demand_canonical(&name);
    demand_ancestry(&name);
    fresh = gw_name_reader_make(reader->msg, reader->len);
    DEMAND(gw_name_canonical(&fresh, gw_name_start(reader->msg, reader->len, off), &again, &end) ==
           GW_OK);
    DEMAND(gw_name_equal(&name, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gw_name_reader reader;

    if (size > 4096)
        return 0;
    reader = gw_name_reader_make(data, (uint32_t)size);
    for (uint32_t off = 0; off < size; off++)
        try_name(&reader, off);
    return 0;
}
