/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/snapshot_matter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/snapshot.h"
#include "base/hash.h"

/* No term and no sum of terms comes near. */
#define POINTS_MAX 1000.0

/* Reads or writes: one walk over the fields does for both. */
struct codec {
    uint8_t *out;      /* NULL: reading */
    const uint8_t *in; /* NULL: writing */
    size_t len, pos;   /* octets to read; octets read or written */
    const char *bad;
};

static const char *const kind_names[GW_KIND_COUNT] = {
#define KIND_NAME(id, name, stem, channel, title, technique, cwe, source) [GW_KIND_##id] = (name),
    GW_KIND_LIST(KIND_NAME)
#undef KIND_NAME
};

static uint32_t
code_of(enum gw_kind kind)
{
    uint8_t id[16];

    gw_hash_stable(kind_names[kind], strlen(kind_names[kind]), id);
    return (uint32_t)id[0] | (uint32_t)id[1] << 8 | (uint32_t)id[2] << 16 | (uint32_t)id[3] << 24;
}

/* GW_KIND_COUNT for a kind of another version. */
static enum gw_kind
kind_of(uint32_t code)
{
    uint32_t kind = 0;

    while (kind < GW_KIND_COUNT && code_of((enum gw_kind)kind) != code)
        kind++;
    return (enum gw_kind)kind;
}

static void
fail(struct codec *codec, const char *what)
{
    if (codec->bad == NULL)
        codec->bad = what;
}

static uint64_t
number(struct codec *codec, uint64_t value, uint32_t octets)
{
    uint64_t result = 0;

    if (codec->out != NULL) {
        for (uint32_t i = 0; i < octets; i++)
            codec->out[codec->pos++] = (uint8_t)(value >> (8 * i));
        return value;
    }
    if (codec->bad == NULL && codec->len - codec->pos < octets)
        fail(codec, "an incident ends early");
    for (uint32_t i = 0; i < octets && codec->bad == NULL; i++)
        result |= (uint64_t)codec->in[codec->pos++] << (8 * i);
    return result;
}

/* A number below `end`. */
static uint32_t
below(struct codec *codec, uint32_t value, uint32_t octets, uint32_t end)
{
    const uint64_t result = number(codec, value, octets);

    if (result < end)
        return (uint32_t)result;
    fail(codec, "a number of an incident is out of its range");
    return 0;
}

static bool
flag(struct codec *codec, bool value)
{
    return below(codec, value, 1, 2) != 0;
}

static int64_t
when(struct codec *codec, int64_t time_ns)
{
    return (int64_t)number(codec, (uint64_t)time_ns, 8);
}

static double
points(struct codec *codec, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    bits = number(codec, bits, 8);
    memcpy(&value, &bits, sizeof(bits));
    if (isfinite(value) && fabs(value) <= POINTS_MAX)
        return value == 0.0 ? 0.0 : value; /* there is one zero */
    fail(codec, "the points of an incident are out of their range");
    return 0.0;
}

static void
octets(struct codec *codec, uint8_t *data, size_t len)
{
    if (codec->out != NULL)
        memcpy(codec->out + codec->pos, data, len);
    else if (codec->bad != NULL || codec->len - codec->pos < len)
        fail(codec, "an incident ends early");
    else
        memcpy(data, codec->in + codec->pos, len);
    if (codec->bad == NULL)
        codec->pos += len;
}

static void
name(struct codec *codec, struct gw_name *value)
{
    value->len = (uint8_t)below(codec, value->len, 1, GW_NAME_MAX + 1u);
    octets(codec, value->wire, value->len);
    if (codec->bad == NULL && value->len != 0 && !gw_snapshot_is_canonical(value->wire, value->len))
        fail(codec, "a name is not canonical");
}

static void
addr(struct codec *codec, struct gw_addr *value)
{
    value->family = (uint8_t)below(codec, value->family, 1, 7);
    if (value->family != 0 && value->family != 4 && value->family != 6)
        fail(codec, "an address is of no known family");
    octets(codec, value->octet, value->family == 6 ? 16 : value->family);
}

static void
addrs(struct codec *codec, struct gw_addr *value, uint32_t *count, uint32_t most)
{
    *count = below(codec, *count, 1, most + 1);
    for (uint32_t i = 0; i < *count; i++)
        addr(codec, &value[i]);
}

static void
keys(struct codec *codec, uint64_t *value, uint32_t *count, uint32_t most)
{
    *count = below(codec, *count, 1, most + 1);
    for (uint32_t i = 0; i < *count; i++)
        value[i] = number(codec, value[i], 8);
}

static enum gw_kind
kind(struct codec *codec, enum gw_kind value)
{
    return kind_of((uint32_t)number(codec, codec->out == NULL ? 0 : code_of(value), 4));
}

static void
evidence(struct codec *codec, struct gw_matter *matter)
{
    const uint32_t count = below(codec, matter->evidence_count, 1, GW_INCIDENT_FINDINGS_MAX + 1u);
    uint32_t known = 0;

    for (uint32_t i = 0; i < count && codec->bad == NULL; i++) {
        struct gw_matter_evidence *item = &matter->evidence[known];

        octets(codec, item->id, sizeof(item->id));
        item->kind = kind(codec, item->kind);
        item->severity = (enum gw_severity)below(codec, item->severity, 1, GW_SEVERITY_COUNT);
        item->server_split = flag(codec, item->server_split);
        item->told_by_several = flag(codec, item->told_by_several);
        item->base = points(codec, item->base);
        item->confidence = points(codec, item->confidence);
        for (uint32_t j = 0; j < GW_CHANNEL_COUNT; j++)
            item->points[j] = points(codec, item->points[j]);
        item->settled = true;
        known += item->kind != GW_KIND_COUNT;
    }
    matter->evidence_count = known;
}

static void
kind_counts(struct codec *codec, uint32_t count[GW_KIND_COUNT])
{
    uint32_t used = 0;

    for (uint32_t i = 0; i < GW_KIND_COUNT; i++)
        used += count[i] != 0;
    used = below(codec, used, 1, UINT8_MAX + 1u);
    if (codec->out != NULL) {
        for (uint32_t i = 0; i < GW_KIND_COUNT; i++) {
            if (count[i] == 0)
                continue;
            (void)kind(codec, (enum gw_kind)i);
            (void)number(codec, count[i], 4);
        }
        return;
    }
    for (uint32_t i = 0; i < used && codec->bad == NULL; i++) {
        const enum gw_kind which = kind(codec, GW_KIND_COUNT);
        const uint32_t times = (uint32_t)number(codec, 0, 4);

        if (which != GW_KIND_COUNT)
            count[which] = times;
    }
}

static void
cut_list(struct codec *codec, struct gw_matter_cut *cut, uint32_t *count, uint32_t most)
{
    *count = below(codec, *count, 1, most + 1);
    for (uint32_t i = 0; i < *count && codec->bad == NULL; i++) {
        name(codec, &cut[i].name);
        cut[i].confidence = points(codec, cut[i].confidence);
        cut[i].key = gw_incident_key(&cut[i].name);
    }
}

/* What it is about. */
static void
about(struct codec *codec, struct gw_matter *matter)
{
    matter->sort = (enum gw_matter_sort)below(codec, matter->sort, 1, GW_MATTER_DOS + 1u);
    matter->injection = flag(codec, matter->injection);
    matter->rolled = flag(codec, matter->rolled);
    matter->has_cut = flag(codec, matter->has_cut);
    matter->many_servers = flag(codec, matter->many_servers);
    matter->watched = flag(codec, matter->watched);
    matter->rolled_kind = kind(codec, matter->rolled_kind);
    if (matter->rolled_kind == GW_KIND_COUNT)
        fail(codec, "an incident is about a kind of another version of gluewatch");
    matter->again = (uint32_t)number(codec, matter->again, 4);
    name(codec, &matter->zone);
    name(codec, &matter->cut);
    name(codec, &matter->name);
    name(codec, &matter->question);
    addr(codec, &matter->server);
    addr(codec, &matter->resolver);
    addr(codec, &matter->address);
    matter->zone_key = gw_incident_key(&matter->zone);
}

static void
whole(struct codec *codec, struct gw_snapshot_matter *value)
{
    struct gw_matter *matter = &value->matter;

    octets(codec, matter->id, sizeof(matter->id));
    about(codec, matter);
    keys(codec, matter->key, &matter->key_count, GW_MATTER_KEYS);
    keys(codec, matter->asked, &matter->question_count, GW_MATTER_QUESTIONS);
    addrs(codec, matter->addresses, &matter->address_count, GW_MATTER_ADDRESSES);
    addrs(codec, matter->resolvers, &matter->resolver_count, GW_INCIDENT_RESOLVERS_MAX);
    matter->host_count = (uint32_t)number(codec, matter->host_count, 4);
    matter->cut_count = (uint32_t)number(codec, matter->cut_count, 4);
    matter->resolver_total = number(codec, matter->resolver_total, 8);
    matter->delegation_count = number(codec, matter->delegation_count, 8);
    matter->finding_total = number(codec, matter->finding_total, 8);
    matter->ttl_s = (uint32_t)number(codec, matter->ttl_s, 4);
    matter->caveats = (uint32_t)number(codec, matter->caveats, 4);
    matter->worst = (enum gw_severity)below(codec, matter->worst, 1, GW_SEVERITY_COUNT);
    matter->first_ns = when(codec, matter->first_ns);
    matter->last_ns = when(codec, matter->last_ns);
    matter->opened_ns = when(codec, matter->opened_ns);
    matter->closed_ns = when(codec, matter->closed_ns);
    matter->explained_ns = when(codec, matter->explained_ns);
    matter->state = (enum gw_incident_state)below(codec, matter->state, 1, GW_INCIDENT_CLOSED + 1u);
    matter->reason =
        (enum gw_incident_reason)below(codec, matter->reason, 1, GW_CLOSED_OPERATOR + 1u);
    evidence(codec, matter);
    kind_counts(codec, matter->kind_count);
    cut_list(codec, value->cuts.surest, &value->cuts.surest_count, GW_MATTER_SUREST);
    cut_list(codec, value->cuts.sample, &value->cuts.sample_count, GW_MATTER_SAMPLE);
}

static int
order_keys(const void *left_ptr, const void *right_ptr)
{
    const uint64_t left = *(const uint64_t *)left_ptr;
    const uint64_t right = *(const uint64_t *)right_ptr;

    return (left > right) - (left < right);
}

static int
order_addrs(const void *left, const void *right)
{
    return gw_snapshot_order_addrs(left, right);
}

/* The surest first; of one id the same in every order. */
static int
order_evidence(const void *left_ptr, const void *right_ptr)
{
    const struct gw_matter_evidence *left = left_ptr;
    const struct gw_matter_evidence *right = right_ptr;
    int order;

    if (left->confidence != right->confidence)
        return left->confidence > right->confidence ? -1 : 1;
    order = memcmp(left->id, right->id, sizeof(left->id));
    if (order == 0)
        order = (int)right->severity - (int)left->severity;
    if (order == 0)
        order = strcmp(kind_names[left->kind], kind_names[right->kind]);
    if (order == 0)
        order = 2 * (right->server_split - left->server_split) +
                (right->told_by_several - left->told_by_several);
    if (order == 0)
        order = (left->base < right->base) - (left->base > right->base);
    for (uint32_t i = 0; order == 0 && i < GW_CHANNEL_COUNT; i++)
        order = (left->points[i] < right->points[i]) - (left->points[i] > right->points[i]);
    return order;
}

static int
by_sureness(const void *left_ptr, const void *right_ptr)
{
    const struct gw_matter_cut *left = left_ptr;
    const struct gw_matter_cut *right = right_ptr;

    if (left->confidence != right->confidence)
        return left->confidence > right->confidence ? -1 : 1;
    return order_keys(&left->key, &right->key);
}

/* Of one delegation the surest account first. */
static int
by_key(const void *left_ptr, const void *right_ptr)
{
    const struct gw_matter_cut *left = left_ptr;
    const struct gw_matter_cut *right = right_ptr;
    const int order = order_keys(&left->key, &right->key);

    return order != 0 ? order : by_sureness(left, right);
}

static bool
same_key(const void *left, const void *right)
{
    return order_keys(left, right) == 0;
}

static bool
same_addr(const void *left, const void *right)
{
    return order_addrs(left, right) == 0;
}

static bool
same_finding(const void *left_ptr, const void *right_ptr)
{
    const struct gw_matter_evidence *left = left_ptr;
    const struct gw_matter_evidence *right = right_ptr;

    return memcmp(left->id, right->id, sizeof(left->id)) == 0;
}

static bool
same_cut(const void *left_ptr, const void *right_ptr)
{
    const struct gw_matter_cut *left = left_ptr;
    const struct gw_matter_cut *right = right_ptr;

    return left->key == right->key;
}

/* How sets of one sort are joined. */
struct joint {
    size_t size;   /* of an element */
    uint32_t most; /* elements that are kept: the first */
    int (*order)(const void *left, const void *right);
    bool (*same)(const void *left, const void *right);
};

/* Join `from` into `to`; `all` has room for both. Of those that are the same the first is kept. */
static void
join(const struct joint *joint, void *to, uint32_t *count, const void *from, uint32_t from_count,
    uint8_t *all)
{
    const uint32_t total = *count + from_count;
    uint8_t *kept = to;
    uint32_t kept_count = 0;

    memcpy(all, to, *count * joint->size);
    memcpy(all + *count * joint->size, from, from_count * joint->size);
    qsort(all, total, joint->size, joint->order);
    for (uint32_t i = 0; i < total && kept_count < joint->most; i++) {
        const uint8_t *item = all + i * joint->size;
        uint32_t j = 0;

        while (j < kept_count && !joint->same(kept + j * joint->size, item))
            j++;
        if (j == kept_count)
            memcpy(kept + kept_count++ * joint->size, item, joint->size);
    }
    *count = kept_count;
}

static const struct joint keys_joint = {sizeof(uint64_t), GW_MATTER_KEYS, order_keys, same_key};
static const struct joint asked_joint = {
    sizeof(uint64_t), GW_MATTER_QUESTIONS, order_keys, same_key};
static const struct joint addresses_joint = {
    sizeof(struct gw_addr), GW_MATTER_ADDRESSES, order_addrs, same_addr};
static const struct joint resolvers_joint = {
    sizeof(struct gw_addr), GW_INCIDENT_RESOLVERS_MAX, order_addrs, same_addr};
static const struct joint findings_joint = {
    sizeof(struct gw_matter_evidence), GW_INCIDENT_FINDINGS_MAX, order_evidence, same_finding};
static const struct joint surest_joint = {
    sizeof(struct gw_matter_cut), GW_MATTER_SUREST, by_sureness, same_cut};
static const struct joint sample_joint = {
    sizeof(struct gw_matter_cut), GW_MATTER_SAMPLE, by_key, same_cut};

/* In order, and nothing is there twice. */
static bool
is_joined(const struct joint *joint, const void *items, uint32_t count)
{
    const uint8_t *item = items;

    for (uint32_t i = 1; i < count; i++) {
        if (joint->order(item + (i - 1) * joint->size, item + i * joint->size) >= 0)
            return false;
        for (uint32_t j = 0; j < i; j++)
            if (joint->same(item + j * joint->size, item + i * joint->size))
                return false;
    }
    return true;
}

static bool
is_in_order(const struct gw_snapshot_matter *value)
{
    const struct gw_matter *matter = &value->matter;
    const struct gw_matter_cuts *cuts = &value->cuts;

    return is_joined(&keys_joint, matter->key, matter->key_count) &&
           is_joined(&asked_joint, matter->asked, matter->question_count) &&
           is_joined(&addresses_joint, matter->addresses, matter->address_count) &&
           is_joined(&resolvers_joint, matter->resolvers, matter->resolver_count) &&
           is_joined(&findings_joint, matter->evidence, matter->evidence_count) &&
           is_joined(&surest_joint, cuts->surest, cuts->surest_count) &&
           is_joined(&sample_joint, cuts->sample, cuts->sample_count);
}

size_t
gw_snapshot_put_matter(const struct gw_snapshot_matter *matter, uint8_t *ret_octets)
{
    struct gw_snapshot_matter copy = *matter; /* the walk reads and writes */
    struct codec codec = {.out = ret_octets};

    whole(&codec, &copy);
    return codec.pos;
}

const char *
gw_snapshot_get_matter(
    const uint8_t *data, size_t len, struct gw_snapshot_matter *ret_matter, size_t *ret_len)
{
    struct codec codec = {.in = data, .len = len};

    memset(ret_matter, 0, sizeof(*ret_matter));
    whole(&codec, ret_matter);
    if (codec.bad == NULL && !is_in_order(ret_matter))
        fail(&codec, "the parts of an incident are not in order");
    *ret_len = codec.pos;
    return codec.bad;
}

static void
merge_sets(struct gw_snapshot_matter *to, const struct gw_snapshot_matter *from)
{
    uint8_t all[2 * sizeof(struct gw_snapshot_matter)];
    struct gw_matter *m = &to->matter;
    const struct gw_matter *o = &from->matter;

    join(&keys_joint, m->key, &m->key_count, o->key, o->key_count, all);
    join(&asked_joint, m->asked, &m->question_count, o->asked, o->question_count, all);
    join(&addresses_joint, m->addresses, &m->address_count, o->addresses, o->address_count, all);
    join(&resolvers_joint, m->resolvers, &m->resolver_count, o->resolvers, o->resolver_count, all);
    join(&findings_joint, m->evidence, &m->evidence_count, o->evidence, o->evidence_count, all);
    join(&surest_joint, to->cuts.surest, &to->cuts.surest_count, from->cuts.surest,
        from->cuts.surest_count, all);
    join(&sample_joint, to->cuts.sample, &to->cuts.sample_count, from->cuts.sample,
        from->cuts.sample_count, all);
}

void
gw_snapshot_sort_matter(struct gw_snapshot_matter *matter)
{
    static const struct gw_snapshot_matter nothing = {0};

    merge_sets(matter, &nothing);
}

/* What it is about, as octets that can be compared: the graver first. */
static size_t
put_about(const struct gw_matter *matter, uint8_t *ret_octets)
{
    struct gw_matter copy = *matter;
    struct codec codec = {.out = ret_octets};

    (void)number(&codec, matter->worst, 1);
    copy.watched = false; /* joined otherwise */
    about(&codec, &copy);
    return codec.pos;
}

static void
take_about(struct gw_matter *to, const struct gw_matter *from)
{
    to->sort = from->sort;
    to->injection = from->injection;
    to->rolled = from->rolled;
    to->has_cut = from->has_cut;
    to->many_servers = from->many_servers;
    to->rolled_kind = from->rolled_kind;
    to->again = from->again;
    to->zone = from->zone;
    to->cut = from->cut;
    to->name = from->name;
    to->question = from->question;
    to->server = from->server;
    to->resolver = from->resolver;
    to->address = from->address;
    to->zone_key = from->zone_key;
}

static void
merge_about(struct gw_matter *to, const struct gw_matter *from)
{
    uint8_t left[4u * (GW_NAME_MAX + 1u) + 128u];
    uint8_t right[4u * (GW_NAME_MAX + 1u) + 128u];
    const size_t left_len = put_about(to, left);
    const size_t right_len = put_about(from, right);
    int order = memcmp(left, right, left_len < right_len ? left_len : right_len);

    if (order == 0)
        order = (left_len > right_len) - (left_len < right_len);
    if (order < 0)
        take_about(to, from);
    to->watched |= from->watched;
}

/* Whose state is the later one; a total order of what is taken with it. */
static bool
is_later(const struct gw_matter *left, const struct gw_matter *right)
{
    if (left->last_ns != right->last_ns)
        return left->last_ns > right->last_ns;
    if (left->state != right->state)
        return left->state > right->state;
    if (left->reason != right->reason)
        return left->reason > right->reason;
    if (left->closed_ns != right->closed_ns)
        return left->closed_ns > right->closed_ns;
    return left->explained_ns > right->explained_ns;
}

static void
merge_times(struct gw_matter *to, const struct gw_matter *from)
{
    if (is_later(from, to)) {
        to->last_ns = from->last_ns;
        to->state = from->state;
        to->reason = from->reason;
        to->closed_ns = from->closed_ns;
        to->explained_ns = from->explained_ns;
    }
    if (from->first_ns < to->first_ns)
        to->first_ns = from->first_ns;
    if (from->opened_ns < to->opened_ns)
        to->opened_ns = from->opened_ns;
}

static uint32_t
larger(uint32_t left, uint32_t right)
{
    return left > right ? left : right;
}

void
gw_snapshot_merge_matter(struct gw_snapshot_matter *value, const struct gw_snapshot_matter *other)
{
    struct gw_matter *to = &value->matter;
    const struct gw_matter *from = &other->matter;

    merge_about(to, from); /* before the worst of both is known */
    merge_times(to, from);
    merge_sets(value, other);
    to->host_count = larger(to->host_count, from->host_count);
    to->cut_count = larger(to->cut_count, from->cut_count);
    to->ttl_s = larger(to->ttl_s, from->ttl_s);
    to->worst = (enum gw_severity)larger(to->worst, from->worst);
    to->caveats |= from->caveats;
    for (uint32_t i = 0; i < GW_KIND_COUNT; i++)
        to->kind_count[i] = larger(to->kind_count[i], from->kind_count[i]);
    if (from->resolver_total > to->resolver_total)
        to->resolver_total = from->resolver_total;
    if (from->delegation_count > to->delegation_count)
        to->delegation_count = from->delegation_count;
    if (from->finding_total > to->finding_total)
        to->finding_total = from->finding_total;
}
