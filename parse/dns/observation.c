/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/dns/observation.h"

#include <assert.h>
#include <string.h>

#include "parse/dns/message.h"
#include "parse/dns/name.h"
#include "parse/dns/referral.h"
#include "parse/dns/rr.h"

/* Distinct records told apart for the totals. */
#define SEEN_MAX 256u

/* Octets of names beyond what gw_msg_parse() spent: the cut and the QNAME are read once more. */
#define EXTRA_WORK (4u * GW_NAME_MAX)

/* Hashes of records seen, to count distinct ones. */
struct seen {
    uint32_t count;
    uint64_t hash[SEEN_MAX];
};

/* What an observation is made from, and where it goes. */
struct extract {
    const struct gw_msg *msg;
    const struct gw_hash_key *key;
    struct gw_name_reader reader;
    struct gw_name qname; /* as asked */
    struct gw_name cut;
    struct gw_observation *to;
    struct seen targets;
    struct seen glue;
};

/* Whether @p hash is new; past SEEN_MAX hashes everything is. */
static bool
is_new(struct seen *seen, uint64_t hash)
{
    for (uint32_t i = 0; i < seen->count; i++) {
        if (seen->hash[i] == hash)
            return false;
    }
    if (seen->count < SEEN_MAX)
        seen->hash[seen->count++] = hash;
    return true;
}

/* Copies @p name into the observation; there is room for all that one may hold. */
static struct gw_observation_name
keep_name(struct extract *extract, const struct gw_name *name)
{
    struct gw_observation *to = extract->to;
    const struct gw_observation_name kept = {
        .hash = gw_hash_octets(extract->key, name->wire, name->len),
        .off = to->names_len,
        .len = name->len,
    };

    assert(to->names_len + (size_t)name->len <= sizeof(to->names));
    memcpy(to->names + to->names_len, name->wire, name->len);
    to->names_len = (uint16_t)(to->names_len + name->len);
    return kept;
}

static bool
is_name(const struct gw_observation *from, const struct gw_observation_name *kept,
    const struct gw_name *name)
{
    return kept->len == name->len && memcmp(from->names + kept->off, name->wire, name->len) == 0;
}

/* Returns the index of @p name among the targets, or GW_NO_TARGET. */
static uint8_t
find_target(const struct gw_observation *from, const struct gw_name *name)
{
    for (uint8_t i = 0; i < from->target_count; i++) {
        if (is_name(from, &from->target[i].name, name))
            return i;
    }
    return GW_NO_TARGET;
}

/* Returns the index of @p name among the strays, a new one if there is room, or GW_NO_TARGET. */
static uint8_t
find_stray(struct extract *extract, const struct gw_name *name)
{
    struct gw_observation *to = extract->to;

    for (uint8_t i = 0; i < to->stray_count; i++) {
        if (is_name(to, &to->stray[i], name))
            return i;
    }
    if (to->stray_count == GW_STRAYS_MAX)
        return GW_NO_TARGET;
    to->stray[to->stray_count] = keep_name(extract, name);
    return to->stray_count++;
}

/* Takes @p name as a target. */
static void
add_target(struct extract *extract, const struct gw_name *name, uint32_t ttl_s)
{
    struct gw_observation *to = extract->to;
    const uint8_t known = find_target(to, name);

    if (known != GW_NO_TARGET) {
        if (ttl_s < to->target[known].ttl_s)
            to->target[known].ttl_s = ttl_s;
        return;
    }
    if (!is_new(&extract->targets, gw_hash_octets(extract->key, name->wire, name->len)))
        return;
    to->target_total++;
    if (to->target_count == GW_TARGETS_MAX)
        return;
    to->target[to->target_count] = (struct gw_observation_target){
        .name = keep_name(extract, name),
        .ttl_s = ttl_s,
        .in_domain = gw_name_under(name, &extract->cut),
    };
    to->target_count++;
}

/* Returns the piece of the fragment map that brought the last octet before @p end. */
static uint8_t
find_fragment(const struct gw_msg *msg, uint32_t end)
{
    const struct gw_frag_map *map = msg->payload->fragments;
    uint8_t index = 0;

    if (map == NULL)
        return 0;
    assert(map->count <= GW_FRAG_PIECES);
    for (uint8_t i = 0; i < map->count; i++) {
        if (map->piece[i].offset < end)
            index = i;
    }
    return index;
}

/* Whether the records of both are the same, but for the TTL. */
static bool
glue_same(const struct gw_observation_glue *glue, const struct gw_observation_glue *other)
{
    return glue->target == other->target && glue->stray == other->stray &&
           glue->addr.family == other->addr.family &&
           memcmp(glue->addr.octet, other->addr.octet, sizeof(glue->addr.octet)) == 0;
}

/* Keeps @p glue unless it is known, and counts it. */
static void
keep_glue(struct extract *extract, const struct gw_observation_glue *glue, uint64_t hash)
{
    struct gw_observation *to = extract->to;

    for (uint32_t i = 0; i < to->glue_count; i++) {
        if (glue_same(&to->glue[i], glue)) {
            if (glue->ttl_s < to->glue[i].ttl_s)
                to->glue[i].ttl_s = glue->ttl_s;
            return;
        }
    }
    if (!is_new(&extract->glue, hash))
        return;
    to->glue_total++;
    if (to->glue_count < GW_GLUE_MAX &&
        (glue->target != GW_NO_TARGET || glue->stray != GW_NO_TARGET))
        to->glue[to->glue_count++] = *glue;
}

/* Takes the address record @p rr of @p owner. */
static void
add_glue(struct extract *extract, const struct gw_rr *rr, const struct gw_name *owner,
    enum gw_section section)
{
    struct gw_observation_glue glue = {
        .addr = gw_rr_address(extract->reader.msg, rr),
        .ttl_s = gw_rr_ttl(rr),
        .target = find_target(extract->to, owner),
        .stray = GW_NO_TARGET,
        .fragment = find_fragment(extract->msg, rr->rdata_off + rr->rdata_len),
    };
    const uint64_t owner_hash = gw_hash_octets(extract->key, owner->wire, owner->len);
    const uint64_t addr_hash = gw_hash_octets(extract->key, glue.addr.octet, rr->rdata_len);

    if (section == GW_ANSWER && extract->to->kind != GW_OBSERVATION_ADDRESS)
        glue.stray = GW_IN_ANSWER;
    else if (glue.target == GW_NO_TARGET)
        glue.stray = find_stray(extract, owner);
    if (glue.target != GW_NO_TARGET && glue.stray == GW_NO_TARGET) {
        extract->to->target[glue.target].has_a |= rr->type == GW_TYPE_A;
        extract->to->target[glue.target].has_aaaa |= rr->type == GW_TYPE_AAAA;
    }
    keep_glue(extract, &glue, gw_hash_mix(gw_hash_mix(owner_hash, addr_hash), section));
}

/*
 * Reads a name; false only where a cut message ends, as gw_msg_parse() has read all names of
 * others.
 */
static bool
read_name(struct extract *extract, uint32_t off, struct gw_name *ret_name)
{
    uint32_t end = 0;
    const bool read = gw_name_canonical(&extract->reader, off, ret_name, &end) == GW_OK;

    assert(read || extract->msg->class == GW_CLASS_CUT);
    return read;
}

/* Takes the NS records that @p of owns in @p section; where a cut message ends, so does this. */
static void
read_targets(struct extract *extract, enum gw_section section, const struct gw_name *of)
{
    struct gw_rr_cursor cursor = gw_rr_section(extract->msg, section);
    struct gw_name owner;
    struct gw_name target;
    struct gw_rr rr;

    while (cursor.left > 0 && gw_rr_next(&cursor, &rr) == GW_OK) {
        if (rr.type != GW_TYPE_NS || rr.class != GW_RRCLASS_IN)
            continue;
        if (!read_name(extract, rr.owner_off, &owner))
            return;
        if (!gw_name_equal(&owner, of))
            continue;
        if (!read_name(extract, rr.rdata_off, &target))
            return;
        add_target(extract, &target, gw_rr_ttl(&rr));
    }
}

/* Takes the addresses of @p section: all, or those that @p of owns. */
static void
read_addresses(struct extract *extract, enum gw_section section, const struct gw_name *of)
{
    struct gw_rr_cursor cursor = gw_rr_section(extract->msg, section);
    struct gw_name owner;
    struct gw_rr rr;

    while (cursor.left > 0 && gw_rr_next(&cursor, &rr) == GW_OK) {
        if (!gw_rr_is_address(&rr))
            continue;
        if (!read_name(extract, rr.owner_off, &owner))
            return;
        if (of == NULL || gw_name_equal(&owner, of))
            add_glue(extract, &rr, &owner, section);
    }
}

/* Finds the owner of the first NS record of AUTHORITY. */
static bool
read_ns_owner(struct extract *extract, struct gw_name *ret_owner)
{
    struct gw_rr_cursor cursor = gw_rr_section(extract->msg, GW_AUTHORITY);
    struct gw_rr rr;

    while (cursor.left > 0 && gw_rr_next(&cursor, &rr) == GW_OK) {
        if (rr.type == GW_TYPE_NS && rr.class == GW_RRCLASS_IN)
            return read_name(extract, rr.owner_off, ret_owner);
    }
    return false;
}

/* Finds the owner of the first SOA of AUTHORITY that @p name is under. */
static bool
read_apex(struct extract *extract, const struct gw_name *name, struct gw_name *ret_owner)
{
    struct gw_rr_cursor cursor = gw_rr_section(extract->msg, GW_AUTHORITY);
    struct gw_rr rr;

    while (cursor.left > 0 && gw_rr_next(&cursor, &rr) == GW_OK) {
        if (rr.type == GW_TYPE_SOA && rr.class == GW_RRCLASS_IN &&
            read_name(extract, rr.owner_off, ret_owner) && gw_name_under(name, ret_owner))
            return true;
    }
    return false;
}

/* Finds the CNAME record of the QNAME in ANSWER. */
static bool
read_alias(struct extract *extract, struct gw_name *ret_target)
{
    struct gw_rr_cursor cursor = gw_rr_section(extract->msg, GW_ANSWER);
    struct gw_name owner;
    struct gw_rr rr;

    while (cursor.left > 0 && gw_rr_next(&cursor, &rr) == GW_OK) {
        if (rr.type == GW_TYPE_CNAME && rr.class == GW_RRCLASS_IN &&
            read_name(extract, rr.owner_off, &owner) && gw_name_equal(&owner, &extract->qname))
            return read_name(extract, rr.rdata_off, ret_target);
    }
    return false;
}

/* Finds another NS owner of AUTHORITY than the cut, or the owner of a record out of place. */
static bool
read_other(struct extract *extract, struct gw_name *ret_owner)
{
    static const enum gw_section sections[] = {GW_AUTHORITY, GW_ADDITIONAL};
    struct gw_rr rr;

    for (size_t i = 0; i < GW_ARRAY_LEN(sections); i++) {
        struct gw_rr_cursor cursor = gw_rr_section(extract->msg, sections[i]);

        while (cursor.left > 0 && gw_rr_next(&cursor, &rr) == GW_OK) {
            const bool out_of_place = gw_rr_is_misplaced(&rr, sections[i]);

            if (rr.class != GW_RRCLASS_IN || (!out_of_place && rr.type != GW_TYPE_NS) ||
                !read_name(extract, rr.owner_off, ret_owner))
                continue;
            if (out_of_place || !gw_name_equal(ret_owner, &extract->cut))
                return true;
        }
    }
    return false;
}

static enum gw_observation_kind
kind_without_ns(const struct gw_msg *msg, bool has_apex)
{
    switch ((int)msg->class) {
    case GW_CLASS_RECURSIVE_ANSWER:
        return GW_OBSERVATION_ANSWER;
    case GW_CLASS_ERROR:
    case GW_CLASS_EMPTY:
        return GW_OBSERVATION_ERROR;
    case GW_CLASS_NEGATIVE:
        if ((msg->facts & GW_FACT_AA) != 0 && msg->rcode == GW_RCODE_NXDOMAIN)
            return GW_OBSERVATION_DENIAL;
        break;
    case GW_CLASS_ANSWER:
        if ((msg->facts & GW_FACT_AA) == 0)
            return (msg->facts & GW_FACT_RA) != 0 ? GW_OBSERVATION_ERROR : GW_OBSERVATION_OTHER;
        if ((msg->facts & GW_FACT_ADDRESS) != 0)
            return GW_OBSERVATION_ADDRESS;
        if (!has_apex)
            return GW_OBSERVATION_ALIAS;
        break;
    default:
        break;
    }
    return has_apex ? GW_OBSERVATION_AUTHORITY : GW_OBSERVATION_OTHER;
}

/* Decides what kind of fact the message tells, and the name that it is about. */
static bool
choose(struct extract *extract, const struct gw_name *tail, enum gw_observation_kind *ret_kind)
{
    const struct gw_msg *msg = extract->msg;
    const struct gw_name name = msg->qtype == GW_TYPE_DS ? gw_name_parent(tail) : *tail;
    struct gw_name *cut = &extract->cut;
    const bool has_apex = (msg->facts & GW_FACT_AA) != 0 && (msg->facts & GW_FACT_SOA) != 0 &&
                          read_apex(extract, &name, cut);

    if (msg->class == GW_CLASS_AUTH_NS || msg->class == GW_CLASS_PRIMING) {
        *ret_kind = GW_OBSERVATION_AUTHORITY;
        *cut = extract->qname;
        return true;
    }
    if ((msg->facts & GW_FACT_NS_IN_ANSWER) != 0) {
        *ret_kind = GW_OBSERVATION_DELEGATION;
        *cut = extract->qname;
        return true;
    }
    if ((msg->facts & GW_FACT_NS) != 0 &&
        (msg->class != GW_CLASS_RECURSIVE_ANSWER || (msg->facts & GW_FACT_ANSWERED) == 0)) {
        struct gw_name owner;

        if (!read_ns_owner(extract, &owner))
            return false;
        *ret_kind = GW_OBSERVATION_DELEGATION;
        if (has_apex && (msg->facts & GW_FACT_PROMISCUOUS) != 0 && gw_name_equal(&owner, cut))
            *ret_kind = kind_without_ns(msg, true);
        *cut = owner;
        return true;
    }
    *ret_kind = kind_without_ns(msg, has_apex);
    if (*ret_kind == GW_OBSERVATION_ANSWER && (msg->facts & GW_FACT_NS) != 0)
        return read_ns_owner(extract, cut);
    if (!has_apex) {
        cut->len = 1;
        cut->wire[0] = 0;
    }
    return true;
}

/* Which frames brought it. */
static void
set_fragments(const struct gw_frag_map *map, struct gw_observation *to)
{
    if (map == NULL)
        return;
    assert(map->count <= GW_FRAG_PIECES);
    to->fragment_count = (uint8_t)map->count;
    for (uint32_t i = 0; i < map->count && i < GW_OBSERVATION_PIECES; i++)
        to->fragment_frame[i] = map->piece[i].frame;
}

/* Copies what does not depend on the kind. */
static void
set_frame(struct extract *extract, const struct gw_name *tail)
{
    const struct gw_msg *msg = extract->msg;
    const struct gw_payload *payload = msg->payload;
    struct gw_observation *to = extract->to;

    to->class = msg->class;
    to->facts = msg->facts;
    to->time_ns = payload->time_ns;
    to->frame = payload->frame;
    to->input = payload->input;
    to->server = payload->source;
    to->resolver = payload->destination;
    to->server_port = payload->source_port;
    to->resolver_port = payload->destination_port;
    to->id = msg->id;
    to->qtype = msg->qtype;
    to->message_len = (uint16_t)payload->declared_len;
    to->edns_size = msg->edns_size;
    to->ip_ttl = payload->ip_ttl;
    to->rcode = msg->rcode;
    set_fragments(payload->fragments, to);
    to->cut = keep_name(extract, &extract->cut);
    to->qname = keep_name(extract, tail);
}

static bool
read_delegation(struct extract *extract)
{
    const uint32_t facts = extract->msg->facts;
    const enum gw_section section = (facts & GW_FACT_NS_IN_ANSWER) != 0 ? GW_ANSWER : GW_AUTHORITY;
    struct gw_referral referral;
    struct gw_name other;

    read_targets(extract, section, &extract->cut);
    read_addresses(extract, GW_ADDITIONAL, NULL);
    if ((facts & GW_FACT_ADDRESS) != 0 && find_target(extract->to, &extract->qname) != GW_NO_TARGET)
        read_addresses(extract, GW_ANSWER, &extract->qname);
    if (!gw_referral_digest(extract->msg, extract->key, &referral))
        return false;
    extract->to->content = referral.content;
    if ((facts & (GW_FACT_MULTI_CUT | GW_FACT_WRONG_SECTION)) != 0 && read_other(extract, &other))
        extract->to->other = keep_name(extract, &other);
    return true;
}

/* The SOA's owner says all; an NS RRset says more. */
static void
read_authority(struct extract *extract)
{
    const enum gw_class class = extract->msg->class;

    if (class == GW_CLASS_AUTH_NS || class == GW_CLASS_PRIMING) {
        read_targets(extract, GW_ANSWER, &extract->qname);
        read_addresses(extract, GW_ADDITIONAL, NULL);
    }
}

static void
read_address(struct extract *extract)
{
    add_target(extract, &extract->qname, 0);
    extract->to->target[0].in_domain = false; /* there is no zone cut to be under */
    read_addresses(extract, GW_ANSWER, &extract->qname);
}

static void
read_alias_target(struct extract *extract)
{
    struct gw_name target;

    if (!read_alias(extract, &target)) {
        extract->to->kind = GW_OBSERVATION_OTHER;
        return;
    }
    add_target(extract, &target, 0);
    extract->to->target[0].in_domain = false;
    extract->to->other = keep_name(extract, &extract->qname);
}

/* Beside records that are out of place, the addresses of ADDITIONAL that nothing asks for. */
static void
read_misplaced(struct extract *extract)
{
    struct gw_rr_cursor cursor = gw_rr_section(extract->msg, GW_ADDITIONAL);
    struct gw_name owner;
    struct gw_rr rr;

    if (extract->to->other.len == 0 && read_other(extract, &owner))
        extract->to->other = keep_name(extract, &owner);
    while (cursor.left > 0 && gw_rr_next(&cursor, &rr) == GW_OK) {
        if (!gw_rr_is_address(&rr))
            continue;
        if (!read_name(extract, rr.owner_off, &owner))
            return;
        if (find_target(extract->to, &owner) == GW_NO_TARGET)
            add_glue(extract, &rr, &owner, GW_ADDITIONAL);
    }
}

/* What a resolver adds to its answer is taken, too: a forwarder may be lied to with it. */
static void
read_answer(struct extract *extract)
{
    read_addresses(extract, GW_ANSWER, NULL);
    if ((extract->msg->facts & GW_FACT_NS) == 0)
        return;
    read_targets(extract, GW_AUTHORITY, &extract->cut);
    read_addresses(extract, GW_ADDITIONAL, NULL);
}

static bool
read_kind(struct extract *extract)
{
    switch (extract->to->kind) {
    case GW_OBSERVATION_DELEGATION:
        return read_delegation(extract);
    case GW_OBSERVATION_AUTHORITY:
        read_authority(extract);
        break;
    case GW_OBSERVATION_ADDRESS:
        read_address(extract);
        break;
    case GW_OBSERVATION_ALIAS:
        read_alias_target(extract);
        break;
    case GW_OBSERVATION_ANSWER:
        read_answer(extract);
        break;
    case GW_OBSERVATION_OTHER:
        read_addresses(extract, GW_ANSWER, NULL);
        break;
    case GW_OBSERVATION_DENIAL:
    case GW_OBSERVATION_ERROR:
        break;
    }
    return true;
}

bool
gw_observation_extract_any(
    const struct gw_msg *msg, const struct gw_hash_key *key, struct gw_observation *ret_observation)
{
    struct extract extract = {.msg = msg, .key = key, .to = ret_observation};
    struct gw_name tail;

    if (!msg->response || msg->class == GW_CLASS_MALFORMED || msg->class == GW_CLASS_IGNORED ||
        msg->qname_off == 0)
        return false;
    extract.reader = gw_name_reader_make(msg->payload->data, msg->payload->len);
    extract.reader.work += EXTRA_WORK;
    memset(ret_observation, 0, sizeof(*ret_observation));
    if (!read_name(&extract, msg->qname_off, &extract.qname) ||
        gw_msg_tail(msg, &extract.reader, &tail) != GW_OK ||
        !choose(&extract, &tail, &ret_observation->kind))
        return false;
    set_frame(&extract, &tail);
    if (!read_kind(&extract))
        return false;
    if ((msg->facts & GW_FACT_WRONG_SECTION) != 0 &&
        ret_observation->kind != GW_OBSERVATION_DELEGATION &&
        ret_observation->kind != GW_OBSERVATION_ANSWER)
        read_misplaced(&extract);
    return true;
}

bool
gw_observation_extract(
    const struct gw_msg *msg, const struct gw_hash_key *key, struct gw_observation *ret_observation)
{
    if (!msg->teaches && !msg->referral_shaped)
        return false;
    return gw_observation_extract_any(msg, key, ret_observation) &&
           ret_observation->kind != GW_OBSERVATION_OTHER;
}
