/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/snapshot.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define OWN_MAX GW_ARRAY_LEN(((struct gw_snapshot_record *)NULL)->own)

/* Members of two records together, before those that there is no room for are left out. */
struct members {
    uint32_t count;
    struct gw_snapshot_member member[2 * GW_CLAIMS_MAX];
};

struct gw_snapshot_merger {
    struct members all;
    struct gw_snapshot_record other;
};

/* Where octets are written to. */
struct out {
    uint8_t *octets;
    size_t len;
};

/* Where octets are read from; `bad` says what is wrong with the first that is. */
struct in {
    const uint8_t *octets;
    size_t len, pos;
    const char *bad;
};

static void
put(struct out *out, uint64_t value, uint32_t octets)
{
    for (uint32_t i = 0; i < octets; i++)
        out->octets[out->len++] = (uint8_t)(value >> (8 * i));
}

static uint64_t
get(struct in *in, uint32_t octets)
{
    uint64_t value = 0;

    if (in->bad != NULL || in->len - in->pos < octets) {
        in->bad = in->bad == NULL ? "a record ends early" : in->bad;
        return 0;
    }
    for (uint32_t i = 0; i < octets; i++)
        value |= (uint64_t)in->octets[in->pos++] << (8 * i);
    return value;
}

static void
put_name(struct out *out, const struct gw_name *name)
{
    put(out, name->len, 1);
    memcpy(out->octets + out->len, name->wire, name->len);
    out->len += name->len;
}

/* A name in canonical form: labels that end with the root, nothing to fold. */
bool
gw_snapshot_is_canonical(const uint8_t *wire, uint32_t len)
{
    uint32_t pos = 0;

    while (pos < len && wire[pos] != 0) {
        if (wire[pos] > GW_LABEL_MAX)
            return false;
        for (uint32_t i = pos + 1; i <= pos + wire[pos] && i < len; i++)
            if (wire[i] >= 'A' && wire[i] <= 'Z')
                return false;
        pos += 1u + wire[pos];
    }
    return pos + 1 == len;
}

static void
get_name(struct in *in, bool may_lack, struct gw_name *ret_name)
{
    ret_name->len = (uint8_t)get(in, 1);
    if (in->bad != NULL || (ret_name->len == 0 && may_lack))
        return;
    if (in->len - in->pos < ret_name->len ||
        !gw_snapshot_is_canonical(in->octets + in->pos, ret_name->len)) {
        in->bad = "a name is not canonical";
        return;
    }
    memcpy(ret_name->wire, in->octets + in->pos, ret_name->len);
    in->pos += ret_name->len;
}

static void
put_addr(struct out *out, const struct gw_addr *addr)
{
    const uint32_t len = addr->family == 4 ? 4 : addr->family == 6 ? 16 : 0;

    put(out, addr->family, 1);
    memcpy(out->octets + out->len, addr->octet, len);
    out->len += len;
}

static void
get_addr(struct in *in, bool may_lack, struct gw_addr *ret_addr)
{
    const uint8_t family = (uint8_t)get(in, 1);
    const uint32_t len = family == 4 ? 4 : family == 6 ? 16 : 0;

    if (in->bad == NULL && (in->len - in->pos < len || (len == 0 && !(may_lack && family == 0))))
        in->bad = "an address is of no known family";
    if (in->bad != NULL)
        return;
    memset(ret_addr, 0, sizeof(*ret_addr));
    ret_addr->family = family;
    memcpy(ret_addr->octet, in->octets + in->pos, len);
    in->pos += len;
}

static int
order_names(const struct gw_name *left, const struct gw_name *right)
{
    const size_t len = left->len < right->len ? left->len : right->len;
    const int order = memcmp(left->wire, right->wire, len);

    return order != 0 ? order : (int)left->len - (int)right->len;
}

int
gw_snapshot_order_addrs(const struct gw_addr *left, const struct gw_addr *right)
{
    return left->family != right->family ? (int)left->family - (int)right->family
                                         : memcmp(left->octet, right->octet, sizeof(left->octet));
}

int
gw_snapshot_order(const struct gw_snapshot_record *left, const struct gw_snapshot_record *right)
{
    int order = (int)left->kind - (int)right->kind;

    if (order == 0)
        order = order_names(&left->name, &right->name);
    if (order == 0 && left->kind == GW_SNAPSHOT_SERVER)
        order = gw_snapshot_order_addrs(&left->member[0].addr, &right->member[0].addr);
    if (order == 0 && left->kind == GW_SNAPSHOT_INCIDENT)
        order = memcmp(
            left->incident.matter.id, right->incident.matter.id, sizeof(left->incident.matter.id));
    return order;
}

static int
order_members(const struct gw_snapshot_member *left, const struct gw_snapshot_member *right)
{
    const int order = gw_snapshot_order_addrs(&left->addr, &right->addr);

    return order != 0 ? order : order_names(&left->name, &right->name);
}

static int
order_rows(const struct gw_snapshot_row *left, const struct gw_snapshot_row *right)
{
    int order = gw_snapshot_order_addrs(&left->group, &right->group);

    if (order == 0)
        order = gw_snapshot_order_addrs(&left->server, &right->server);
    return order != 0 ? order : order_names(&left->zone, &right->zone);
}

/* The mask with each bit where `place` says it goes; a place past the last bit drops it. */
static uint64_t
moved(uint64_t mask, const uint8_t place[GW_CLAIMS_MAX])
{
    uint64_t result = 0;

    for (; mask != 0; mask &= mask - 1) {
        const uint8_t to = place[__builtin_ctzll(mask)];

        if (to < GW_CLAIMS_MAX)
            result |= 1ull << to;
    }
    return result;
}

static void
move_masks(struct gw_snapshot_record *record, const uint8_t place[GW_CLAIMS_MAX])
{
    for (uint32_t i = 0; i < record->member_count; i++)
        record->member[i].with = moved(record->member[i].with, place);
    for (uint32_t i = 0; i < record->row_count; i++) {
        record->row[i].now = moved(record->row[i].now, place);
        record->row[i].ever = moved(record->row[i].ever, place);
    }
}

/* Which of two rows of one witness tells of later; a total order of what it is asked for. */
static bool
is_later(const struct gw_snapshot_row *left, const struct gw_snapshot_row *right)
{
    if (left->last_ns != right->last_ns)
        return left->last_ns > right->last_ns;
    if (left->since_ns != right->since_ns)
        return left->since_ns > right->since_ns;
    if (left->told != right->told)
        return left->told > right->told;
    return left->now != right->now ? left->now > right->now : left->frame > right->frame;
}

static void
merge_row(struct gw_snapshot_row *to, const struct gw_snapshot_row *from)
{
    struct gw_snapshot_row row = is_later(from, to) ? *from : *to;

    row.ever = to->ever | from->ever;
    row.count = to->count > from->count ? to->count : from->count;
    row.exact = to->exact | from->exact;
    row.resolver =
        gw_snapshot_order_addrs(&from->resolver, &to->resolver) < 0 ? from->resolver : to->resolver;
    for (uint32_t i = 0; i < 2; i++)
        row.flips[i] = to->flips[i] > from->flips[i] ? to->flips[i] : from->flips[i];
    *to = row;
}

/* Rows in order; those of one witness become one. */
static void
sort_rows(struct gw_snapshot_record *record)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < record->row_count; i++) {
        const struct gw_snapshot_row row = record->row[i];
        uint32_t pos = count;

        while (pos > 0 && order_rows(&record->row[pos - 1], &row) > 0)
            pos--;
        if (pos > 0 && order_rows(&record->row[pos - 1], &row) == 0) {
            merge_row(&record->row[pos - 1], &row);
            continue;
        }
        memmove(&record->row[pos + 1], &record->row[pos], (count - pos) * sizeof(row));
        record->row[pos] = row;
        count++;
    }
    record->row_count = count;
}

static void
sort_members(struct gw_snapshot_record *record)
{
    uint8_t place[GW_CLAIMS_MAX];
    uint8_t at[GW_CLAIMS_MAX]; /* which member, as it was numbered, stands here now */

    for (uint32_t i = 0; i < record->member_count; i++) {
        const struct gw_snapshot_member member = record->member[i];
        uint32_t pos = i;

        for (; pos > 0 && order_members(&record->member[pos - 1], &member) > 0; pos--) {
            record->member[pos] = record->member[pos - 1];
            at[pos] = at[pos - 1];
        }
        record->member[pos] = member;
        at[pos] = (uint8_t)i;
    }
    for (uint32_t i = 0; i < record->member_count; i++)
        place[at[i]] = (uint8_t)i;
    move_masks(record, place);
}

void
gw_snapshot_sort(struct gw_snapshot_record *record)
{
    sort_members(record);
    sort_rows(record);
}

static void
put_member(struct out *out, const struct gw_snapshot_member *member)
{
    put_name(out, &member->name);
    put_addr(out, &member->addr);
    put(out, member->flags, 1);
    put(out, member->messages, 4);
    put(out, member->ttl_min_s, 4);
    put(out, member->ttl_max_s, 4);
    put(out, (uint64_t)member->first_ns, 8);
    put(out, (uint64_t)member->last_ns, 8);
    put_addr(out, &member->resolver);
    put_addr(out, &member->server);
    put(out, member->packet, 8);
    put(out, member->with, 8);
}

static void
get_member(struct in *in, enum gw_snapshot_kind kind, struct gw_snapshot_member *member)
{
    get_name(in, kind != GW_SNAPSHOT_CUT, &member->name);
    get_addr(in, kind == GW_SNAPSHOT_CUT, &member->addr);
    member->flags = (uint8_t)get(in, 1);
    member->messages = (uint32_t)get(in, 4);
    member->ttl_min_s = (uint32_t)get(in, 4);
    member->ttl_max_s = (uint32_t)get(in, 4);
    member->first_ns = (int64_t)get(in, 8);
    member->last_ns = (int64_t)get(in, 8);
    get_addr(in, kind == GW_SNAPSHOT_SERVER, &member->resolver);
    get_addr(in, kind == GW_SNAPSHOT_SERVER, &member->server);
    member->packet = get(in, 8);
    member->with = get(in, 8);
}

static void
put_row(struct out *out, const struct gw_snapshot_row *row)
{
    put_addr(out, &row->group);
    put_addr(out, &row->resolver);
    put_addr(out, &row->server);
    put_name(out, &row->zone);
    put(out, (uint64_t)row->since_ns, 8);
    put(out, (uint64_t)row->last_ns, 8);
    put(out, row->frame, 8);
    put(out, row->count, 4);
    put(out, row->told, 4);
    put(out, row->exact, 1);
    put(out, row->flips[0], 1);
    put(out, row->flips[1], 1);
    put(out, row->now, 8);
    put(out, row->ever, 8);
}

static void
get_row(struct in *in, struct gw_snapshot_row *row)
{
    get_addr(in, false, &row->group);
    get_addr(in, false, &row->resolver);
    get_addr(in, false, &row->server);
    get_name(in, true, &row->zone);
    row->since_ns = (int64_t)get(in, 8);
    row->last_ns = (int64_t)get(in, 8);
    row->frame = get(in, 8);
    row->count = (uint32_t)get(in, 4);
    row->told = (uint32_t)get(in, 4);
    row->exact = (uint8_t)get(in, 1);
    row->flips[0] = (uint8_t)get(in, 1);
    row->flips[1] = (uint8_t)get(in, 1);
    row->now = get(in, 8);
    row->ever = get(in, 8);
}

size_t
gw_snapshot_encode(
    const struct gw_snapshot_record *record, uint8_t ret_octets[GW_SNAPSHOT_RECORD_MAX])
{
    struct out out = {.octets = ret_octets};

    assert(record->member_count <= GW_CLAIMS_MAX && record->row_count <= GW_ROWS_MAX);
    put(&out, record->kind, 1);
    put_name(&out, &record->name);
    put_name(&out, &record->zone);
    put(&out, record->messages, 4);
    put(&out, (uint64_t)record->first_ns, 8);
    put(&out, (uint64_t)record->last_ns, 8);
    put(&out, (uint64_t)record->own_ns, 8);
    put(&out, record->member_count, 1);
    put(&out, record->row_count, 1);
    put(&out, record->own_count, 1);
    for (uint32_t i = 0; i < record->own_count; i++)
        put_addr(&out, &record->own[i]);
    for (uint32_t i = 0; i < record->member_count; i++)
        put_member(&out, &record->member[i]);
    for (uint32_t i = 0; i < record->row_count; i++)
        put_row(&out, &record->row[i]);
    if (record->kind == GW_SNAPSHOT_INCIDENT)
        out.len += gw_snapshot_put_matter(&record->incident, out.octets + out.len);
    assert(out.len <= GW_SNAPSHOT_RECORD_MAX);
    return out.len;
}

/* Everything is in its order, and masks are of members that there are. */
static const char *
check(const struct gw_snapshot_record *record)
{
    const uint64_t all =
        record->member_count == GW_CLAIMS_MAX ? UINT64_MAX : (1ull << record->member_count) - 1;

    for (uint32_t i = 0; i < record->member_count; i++) {
        if (i > 0 && order_members(&record->member[i - 1], &record->member[i]) >= 0)
            return "the members of a record are not in order";
        if ((record->member[i].with & ~all) != 0)
            return "a mask of a record names members that it has not";
    }
    for (uint32_t i = 0; i < record->row_count; i++) {
        if (i > 0 && order_rows(&record->row[i - 1], &record->row[i]) >= 0)
            return "the witnesses of a record are not in order";
        if (((record->row[i].now | record->row[i].ever) & ~all) != 0)
            return "a mask of a record names members that it has not";
    }
    if (record->own_count == 0 && record->own_ns != 0)
        return "a record tells when it was given no addresses";
    for (uint32_t i = 1; i < record->own_count; i++)
        if (gw_snapshot_order_addrs(&record->own[i - 1], &record->own[i]) >= 0)
            return "the addresses of a record are not in order";
    return NULL;
}

static void
get_head(struct in *in, struct gw_snapshot_record *record)
{
    record->kind = (enum gw_snapshot_kind)get(in, 1);
    if (record->kind < GW_SNAPSHOT_CUT || record->kind > GW_SNAPSHOT_INCIDENT)
        in->bad = in->bad == NULL ? "a record is of no known kind" : in->bad;
    get_name(in, false, &record->name);
    get_name(in, true, &record->zone);
    record->messages = (uint32_t)get(in, 4);
    record->first_ns = (int64_t)get(in, 8);
    record->last_ns = (int64_t)get(in, 8);
    record->own_ns = (int64_t)get(in, 8);
    record->member_count = (uint32_t)get(in, 1);
    record->row_count = (uint32_t)get(in, 1);
    record->own_count = (uint32_t)get(in, 1);
    if (in->bad == NULL && (record->member_count > GW_CLAIMS_MAX ||
                               record->row_count > GW_ROWS_MAX || record->own_count > OWN_MAX ||
                               (record->kind == GW_SNAPSHOT_SERVER && record->member_count != 1) ||
                               (record->kind == GW_SNAPSHOT_INCIDENT &&
                                   record->member_count + record->row_count != 0)))
        in->bad = "a record counts more than it can hold";
}

const char *
gw_snapshot_decode(
    const uint8_t *octets, size_t len, struct gw_snapshot_record *ret_record, size_t *ret_len)
{
    struct in in = {.octets = octets, .len = len};

    get_head(&in, ret_record);
    for (uint32_t i = 0; in.bad == NULL && i < ret_record->own_count; i++)
        get_addr(&in, false, &ret_record->own[i]);
    for (uint32_t i = 0; in.bad == NULL && i < ret_record->member_count; i++)
        get_member(&in, ret_record->kind, &ret_record->member[i]);
    for (uint32_t i = 0; in.bad == NULL && i < ret_record->row_count; i++)
        get_row(&in, &ret_record->row[i]);
    if (in.bad == NULL)
        in.bad = check(ret_record);
    if (in.bad == NULL && ret_record->kind == GW_SNAPSHOT_INCIDENT) {
        size_t taken = 0;

        in.bad =
            gw_snapshot_get_matter(octets + in.pos, len - in.pos, &ret_record->incident, &taken);
        in.pos += taken;
    }
    *ret_len = in.pos;
    return in.bad;
}

/* Which of two accounts of one member tells of the earlier message; a total order. */
static bool
is_earlier(const struct gw_snapshot_member *left, const struct gw_snapshot_member *right)
{
    int order = gw_snapshot_order_addrs(&left->resolver, &right->resolver);

    if (left->first_ns != right->first_ns)
        return left->first_ns < right->first_ns;
    if (left->packet != right->packet)
        return left->packet < right->packet;
    if (order == 0)
        order = gw_snapshot_order_addrs(&left->server, &right->server);
    return order < 0;
}

static void
merge_member(struct gw_snapshot_member *to, const struct gw_snapshot_member *from)
{
    if (is_earlier(from, to)) {
        to->first_ns = from->first_ns;
        to->packet = from->packet;
        to->resolver = from->resolver;
        to->server = from->server;
    }
    if (from->last_ns > to->last_ns)
        to->last_ns = from->last_ns;
    if (from->messages > to->messages)
        to->messages = from->messages;
    if (from->ttl_min_s < to->ttl_min_s)
        to->ttl_min_s = from->ttl_min_s;
    if (from->ttl_max_s > to->ttl_max_s)
        to->ttl_max_s = from->ttl_max_s;
    to->flags &= from->flags;
}

static uint8_t
add_member(struct members *all, const struct gw_snapshot_member *member)
{
    for (uint32_t i = 0; i < all->count; i++)
        if (order_members(&all->member[i], member) == 0)
            return (uint8_t)i;
    all->member[all->count] = *member;
    return (uint8_t)all->count++;
}

static bool
is_weaker(const struct gw_snapshot_member *left, const struct gw_snapshot_member *right)
{
    if (left->messages != right->messages)
        return left->messages < right->messages;
    if (left->first_ns != right->first_ns)
        return left->first_ns > right->first_ns;
    return order_members(left, right) > 0;
}

/*
 * Where each of the joined members goes, in their order: GW_CLAIMS_MAX for those that there is no
 * room for.
 */
static void
place_members(const struct members *all, uint8_t place[2 * GW_CLAIMS_MAX])
{
    bool kept[2 * GW_CLAIMS_MAX];

    for (uint32_t i = 0; i < all->count; i++) {
        uint32_t stronger = 0;

        for (uint32_t j = 0; j < all->count; j++)
            stronger += j != i && is_weaker(&all->member[i], &all->member[j]);
        kept[i] = stronger < GW_CLAIMS_MAX;
    }
    for (uint32_t i = 0; i < all->count; i++) {
        place[i] = kept[i] ? 0 : GW_CLAIMS_MAX;
        for (uint32_t j = 0; kept[i] && j < all->count; j++)
            place[i] = (uint8_t)(place[i] +
                                 (kept[j] && order_members(&all->member[j], &all->member[i]) < 0));
    }
}

/* Add up which members were said together, by their places in the joined set. */
static void
gather_with(const struct gw_snapshot_record *record, const uint8_t place[GW_CLAIMS_MAX],
    uint64_t with[GW_CLAIMS_MAX])
{
    for (uint32_t i = 0; i < record->member_count; i++)
        if (place[i] < GW_CLAIMS_MAX)
            with[place[i]] |= record->member[i].with;
}

/* Bring the members of both together, and number the masks of both by the joined set. */
static void
merge_members(
    struct members *all, struct gw_snapshot_record *record, struct gw_snapshot_record *other)
{
    uint8_t joined[2][GW_CLAIMS_MAX] = {{0}};
    uint8_t place[2 * GW_CLAIMS_MAX];
    uint64_t with[GW_CLAIMS_MAX] = {0};

    all->count = 0;
    for (uint32_t i = 0; i < record->member_count; i++)
        joined[0][i] = add_member(all, &record->member[i]);
    for (uint32_t i = 0; i < other->member_count; i++) {
        joined[1][i] = add_member(all, &other->member[i]);
        if (joined[1][i] < record->member_count)
            merge_member(&all->member[joined[1][i]], &other->member[i]);
    }
    place_members(all, place);
    for (uint32_t i = 0; i < record->member_count; i++)
        joined[0][i] = place[joined[0][i]];
    for (uint32_t i = 0; i < other->member_count; i++)
        joined[1][i] = place[joined[1][i]];
    move_masks(record, joined[0]);
    move_masks(other, joined[1]);
    gather_with(record, joined[0], with);
    gather_with(other, joined[1], with);
    record->member_count = 0;
    for (uint32_t i = 0; i < all->count; i++) {
        if (place[i] >= GW_CLAIMS_MAX)
            continue;
        record->member[place[i]] = all->member[i];
        record->member[place[i]].with = with[place[i]];
        record->member_count++;
    }
}

static bool
is_weaker_row(const struct gw_snapshot_row *left, const struct gw_snapshot_row *right)
{
    if (left->count != right->count)
        return left->count < right->count;
    return left->last_ns != right->last_ns ? left->last_ns < right->last_ns
                                           : order_rows(left, right) > 0;
}

/* Put `row` in the place of the weakest, unless it is weaker itself. */
static void
displace_row(struct gw_snapshot_record *record, const struct gw_snapshot_row *row)
{
    struct gw_snapshot_row *weakest = &record->row[0];

    for (uint32_t i = 1; i < record->row_count; i++)
        if (is_weaker_row(&record->row[i], weakest))
            weakest = &record->row[i];
    if (is_weaker_row(weakest, row))
        *weakest = *row;
}

static void
merge_rows(struct gw_snapshot_record *record, const struct gw_snapshot_record *other)
{
    const uint32_t before = record->row_count;

    /* Those of one witness first: what they become decides who is weak. */
    for (uint32_t pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < other->row_count; i++) {
            uint32_t at = 0;

            while (at < before && order_rows(&record->row[at], &other->row[i]) != 0)
                at++;
            if (at < before && pass == 0)
                merge_row(&record->row[at], &other->row[i]);
            else if (at == before && pass == 1 && record->row_count < GW_ROWS_MAX)
                record->row[record->row_count++] = other->row[i];
            else if (at == before && pass == 1)
                displace_row(record, &other->row[i]);
        }
}

static void
merge_own(struct gw_snapshot_record *record, const struct gw_snapshot_record *other)
{
    const size_t left = record->own_count * sizeof(record->own[0]);
    bool later = other->own_ns > record->own_ns;

    if (other->own_count == 0)
        return;
    if (other->own_ns == record->own_ns && record->own_count != 0)
        later = other->own_count != record->own_count ? other->own_count > record->own_count
                                                      : memcmp(other->own, record->own, left) > 0;
    if (!later && record->own_count != 0)
        return;
    record->own_ns = other->own_ns;
    record->own_count = other->own_count;
    memcpy(record->own, other->own, sizeof(record->own));
}

/* Of a cut: the parent zone that was known first seen, by name where both know one. */
static void
merge_zone(struct gw_snapshot_record *record, const struct gw_snapshot_record *other)
{
    if (other->zone.len != 0 &&
        (record->zone.len == 0 || order_names(&other->zone, &record->zone) < 0))
        record->zone = other->zone;
}

void
gw_snapshot_merge(struct gw_snapshot_merger *merger, struct gw_snapshot_record *record,
    const struct gw_snapshot_record *other)
{
    struct gw_snapshot_record *copy = &merger->other;

    assert(gw_snapshot_order(record, other) == 0);
    *copy = *other;
    if (record->kind == GW_SNAPSHOT_INCIDENT)
        gw_snapshot_merge_matter(&record->incident, &copy->incident);
    merge_members(&merger->all, record, copy);
    merge_rows(record, copy);
    merge_own(record, copy);
    merge_zone(record, copy);
    if (copy->messages > record->messages)
        record->messages = copy->messages;
    if (copy->first_ns < record->first_ns)
        record->first_ns = copy->first_ns;
    if (copy->last_ns > record->last_ns)
        record->last_ns = copy->last_ns;
    gw_snapshot_sort(record);
}

struct gw_snapshot_merger *
gw_snapshot_merger_new(void)
{
    return calloc(1, sizeof(struct gw_snapshot_merger));
}

void
gw_snapshot_merger_free(struct gw_snapshot_merger *merger)
{
    free(merger);
}
