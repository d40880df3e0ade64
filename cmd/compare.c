/* SPDX-License-Identifier: BSD-2-Clause */
#include "cmd/compare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/difference.h"

/* Octets of the JSON of one difference, at most. */
#define JSON_MAX (1u << 20)

struct gw_compare {
    struct gw_state *state[2];
    bool has[2];
    struct gw_snapshot_record record[2];
    struct gw_difference difference;
};

static void
advance(struct gw_compare *compare, uint32_t side)
{
    compare->has[side] = gw_state_next(compare->state[side], &compare->record[side]);
}

struct gw_compare *
gw_compare_new(struct gw_state *before, struct gw_state *after)
{
    struct gw_compare *compare = calloc(1, sizeof(*compare));

    if (compare == NULL)
        return NULL;
    compare->state[0] = before;
    compare->state[1] = after;
    advance(compare, 0);
    advance(compare, 1);
    return compare;
}

void
gw_compare_free(struct gw_compare *compare)
{
    free(compare);
}

/* The members that witnesses say now; all, when nobody does. */
static uint64_t
said_now(const struct gw_snapshot_record *record)
{
    uint64_t said = 0;

    for (uint32_t i = 0; i < record->row_count; i++)
        said |= record->row[i].now;
    if (said != 0 || record->member_count == 0)
        return said;
    return UINT64_MAX >> (GW_CLAIMS_MAX - record->member_count);
}

static bool
has_member(
    const struct gw_snapshot_record *record, uint64_t said, const struct gw_snapshot_member *member)
{
    for (; said != 0; said &= said - 1) {
        const struct gw_snapshot_member *other = &record->member[__builtin_ctzll(said)];

        if (memcmp(&other->addr, &member->addr, sizeof(other->addr)) == 0 &&
            other->name.len == member->name.len &&
            memcmp(other->name.wire, member->name.wire, other->name.len) == 0)
            return true;
    }
    return false;
}

static void
add(struct gw_difference_set *set, const struct gw_snapshot_member *member)
{
    set->total++;
    if (set->total > GW_DIFFERENCE_MEMBERS_MAX)
        return;
    if (member->addr.family == 0)
        set->name[set->name_count++] = member->name;
    else
        set->address[set->address_count++] = member->addr;
}

/* Sort what one side says by whether the other says it, too; NULL: there is no other side. */
static void
sort_out(const struct gw_snapshot_record *record, const struct gw_snapshot_record *other,
    struct gw_difference_set *alone, struct gw_difference_set *shared)
{
    const uint64_t others = other == NULL ? 0 : said_now(other);

    for (uint64_t said = said_now(record); said != 0; said &= said - 1) {
        const struct gw_snapshot_member *member = &record->member[__builtin_ctzll(said)];

        if (other != NULL && has_member(other, others, member)) {
            if (shared != NULL)
                add(shared, member);
        } else {
            add(alone, member);
        }
    }
}

static void
begin(struct gw_difference *difference, enum gw_difference_kind kind,
    const struct gw_snapshot_record *record)
{
    memset(difference, 0, sizeof(*difference));
    difference->kind = kind;
    difference->is_host = record->kind == GW_SNAPSHOT_HOST;
    difference->name = record->name;
    difference->zone = record->zone;
    difference->first_ns = record->first_ns;
    difference->last_ns = record->last_ns;
}

/* Tells whether the record that one side alone has is worth telling, and tells it. */
static bool
tell_alone(struct gw_compare *compare, uint32_t side)
{
    const struct gw_snapshot_record *record = &compare->record[side];
    struct gw_difference *difference = &compare->difference;

    if (record->kind != GW_SNAPSHOT_CUT)
        return false;
    begin(difference, side == 0 ? GW_DIFFERENCE_GONE : GW_DIFFERENCE_NEW, record);
    sort_out(record, NULL, side == 0 ? &difference->lost : &difference->gained, NULL);
    return true;
}

static bool
tell_both(struct gw_compare *compare)
{
    struct gw_difference *difference = &compare->difference;

    if (compare->record[0].kind != GW_SNAPSHOT_CUT && compare->record[0].kind != GW_SNAPSHOT_HOST)
        return false;
    begin(difference, GW_DIFFERENCE_CHANGED, &compare->record[1]);
    sort_out(&compare->record[0], &compare->record[1], &difference->lost, NULL);
    sort_out(&compare->record[1], &compare->record[0], &difference->gained, &difference->kept);
    return difference->lost.total != 0 || difference->gained.total != 0;
}

const struct gw_difference *
gw_compare_next(struct gw_compare *compare)
{
    bool told = false;

    while (!told && (compare->has[0] || compare->has[1])) {
        int order = !compare->has[0] ? 1 : !compare->has[1] ? -1 : 0;

        if (order == 0)
            order = gw_snapshot_order(&compare->record[0], &compare->record[1]);
        told = order == 0 ? tell_both(compare) : tell_alone(compare, order > 0);
        if (order <= 0)
            advance(compare, 0);
        if (order >= 0)
            advance(compare, 1);
    }
    return told ? &compare->difference : NULL;
}

/* How many differences there are of each kind. */
struct counts {
    unsigned long long kind[3]; /* by enum gw_difference_kind */
};

static void
tell_text(struct gw_compare *compare, FILE *out, char line[GW_TEXT_DIFFERENCE_SIZE])
{
    const struct gw_difference *difference;
    struct counts counts = {{0}};

    while ((difference = gw_compare_next(compare)) != NULL) {
        gw_text_difference(difference, line);
        fprintf(out, "%s\n", line);
        counts.kind[difference->kind]++;
    }
    if (counts.kind[0] + counts.kind[1] + counts.kind[2] == 0)
        fputs("no difference\n", out);
    else
        fprintf(out, "%llu new, %llu gone, %llu changed\n", counts.kind[GW_DIFFERENCE_NEW],
            counts.kind[GW_DIFFERENCE_GONE], counts.kind[GW_DIFFERENCE_CHANGED]);
}

static void
tell_json(struct gw_compare *compare, FILE *out, struct gw_json *json)
{
    const struct gw_difference *difference;

    while ((difference = gw_compare_next(compare)) != NULL) {
        gw_json_reset(json);
        gw_json_difference(json, difference);
        (void)fwrite(json->data, 1, json->len, out); /* asked for once, by ferror() */
    }
}

int
gw_compare_tell(struct gw_state *before, struct gw_state *after, bool json, FILE *out,
    struct gw_error_text *ret_error)
{
    struct gw_compare *compare = gw_compare_new(before, after);
    char *line = malloc(GW_TEXT_DIFFERENCE_SIZE);
    struct gw_json writer = {0};
    int result = GW_E_NOMEM;

    if (compare != NULL && line != NULL && gw_json_init(&writer, JSON_MAX) == GW_DONE) {
        if (json)
            tell_json(compare, out, &writer);
        else
            tell_text(compare, out, line);
        result = fflush(out) == 0 && !ferror(out) ? GW_DONE : GW_E_WRITE;
    }
    if (result == GW_E_NOMEM)
        snprintf(ret_error->text, sizeof(ret_error->text), "no memory for the comparison");
    else if (result == GW_E_WRITE)
        snprintf(ret_error->text, sizeof(ret_error->text), "standard output: writing failed");
    gw_json_done(&writer);
    free(line);
    gw_compare_free(compare);
    return result;
}
