/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/dns/referral.h"

#include <assert.h>
#include <string.h>

#include "parse/dns/message.h"
#include "parse/dns/name.h"
#include "parse/dns/rr.h"

/* Name hashes remembered by where the name starts; a power of two. */
#define MEMO_SIZE 64u

/* Record hashes remembered, so that duplicates are not added twice. */
#define SEEN_MAX 64u

/* Octets of names beyond what gw_msg_parse() spent: the cut and the QNAME are read once more. */
#define EXTRA_WORK (4u * GW_NAME_MAX)

/* What a digest is made of on the way. */
struct digest {
    const struct gw_msg *msg;
    const struct gw_hash_key *key;
    struct gw_name_reader reader;
    uint64_t sum;
    uint64_t qname_hash;
    bool qname_is_target;
    bool has_duplicates; /* the parser noted some */
    uint32_t seen_count;
    uint16_t memo_start[MEMO_SIZE]; /* 0: free, as no name starts in the header */
    uint64_t memo_hash[MEMO_SIZE];
    uint64_t seen[SEEN_MAX];
    uint32_t seen_ttl_s[SEEN_MAX];
};

/* What is hashed of one record; no padding. */
struct record {
    uint64_t owner;
    uint64_t type;
    uint64_t rdata[2];
};

/* Hashes the name at @p off; false only where a cut message ends: those of others were all read. */
static bool
hash_name(struct digest *digest, uint32_t off, uint64_t *ret_hash)
{
    const uint32_t start = gw_name_start(digest->reader.msg, digest->reader.len, off);
    const uint32_t slot = start % MEMO_SIZE;

    if (digest->memo_start[slot] != start) {
        struct gw_name name;
        uint32_t end = 0;

        if (gw_name_canonical(&digest->reader, start, &name, &end) != GW_OK) {
            assert(digest->msg->class == GW_CLASS_CUT);
            return false;
        }
        digest->memo_start[slot] = (uint16_t)start;
        digest->memo_hash[slot] = gw_hash_octets(digest->key, name.wire, name.len);
    }
    *ret_hash = digest->memo_hash[slot];
    return true;
}

/*
 * Adds a record to the sum. Where there are duplicates, it waits for the smallest of their TTLs
 * (RFC 2181 section 5.2).
 */
static void
add(struct digest *digest, const struct record *record, uint32_t ttl_s)
{
    const uint64_t hash = gw_hash_octets(digest->key, record, sizeof(*record));

    for (uint32_t i = 0; i < digest->seen_count; i++) {
        if (digest->seen[i] != hash)
            continue;
        if (ttl_s < digest->seen_ttl_s[i])
            digest->seen_ttl_s[i] = ttl_s;
        return;
    }
    if (!digest->has_duplicates || digest->seen_count == SEEN_MAX) {
        digest->sum += gw_hash_mix(hash, ttl_s);
        return;
    }
    digest->seen[digest->seen_count] = hash;
    digest->seen_ttl_s[digest->seen_count++] = ttl_s;
}

static void
add_waiting(struct digest *digest)
{
    for (uint32_t i = 0; i < digest->seen_count; i++)
        digest->sum += gw_hash_mix(digest->seen[i], digest->seen_ttl_s[i]);
}

/* Adds an NS or address record; others are passed over. */
static bool
add_record(struct digest *digest, const struct gw_rr *rr, uint64_t owner)
{
    struct record record = {.owner = owner, .type = rr->type, .rdata = {0, 0}};

    if (rr->type == GW_TYPE_NS) {
        if (!hash_name(digest, rr->rdata_off, &record.rdata[0]))
            return false;
        if (record.rdata[0] == digest->qname_hash)
            digest->qname_is_target = true;
    } else {
        memcpy(record.rdata, digest->reader.msg + rr->rdata_off, rr->rdata_len);
    }
    add(digest, &record, gw_rr_ttl(rr));
    return true;
}

/* What to take of a section. */
struct choice {
    enum gw_section section;
    bool ns;         /* its NS records */
    bool addresses;  /* its addresses */
    bool qname_only; /* only records of the QNAME */
};

/* Adds the chosen records of a section; stops where the octets of a cut message end. */
static void
add_section(struct digest *digest, const struct choice *choice)
{
    struct gw_rr_cursor cursor = gw_rr_section(digest->msg, choice->section);
    struct gw_rr rr;

    while (cursor.left > 0 && gw_rr_next(&cursor, &rr) == GW_OK) {
        uint64_t owner = 0;

        if (!(choice->ns && rr.type == GW_TYPE_NS && rr.class == GW_RRCLASS_IN) &&
            !(choice->addresses && gw_rr_is_address(&rr)))
            continue;
        if (!hash_name(digest, rr.owner_off, &owner))
            return;
        if (choice->qname_only && owner != digest->qname_hash)
            continue;
        if (!add_record(digest, &rr, owner))
            return;
    }
}

/* Finds the name of the zone cut: the QNAME, or the owner of the first NS record of AUTHORITY. */
static bool
read_cut(struct digest *digest, struct gw_referral *referral)
{
    struct gw_rr_cursor cursor = gw_rr_section(digest->msg, GW_AUTHORITY);
    struct gw_rr rr = {.owner_off = digest->msg->qname_off, .type = 0};
    struct gw_name cut;
    uint32_t end = 0;

    if ((digest->msg->facts & GW_FACT_NS_IN_ANSWER) == 0) {
        do {
            if (cursor.left == 0 || gw_rr_next(&cursor, &rr) != GW_OK)
                return false;
        } while (rr.type != GW_TYPE_NS || rr.class != GW_RRCLASS_IN);
    }
    if (gw_name_canonical(&digest->reader, rr.owner_off, &cut, &end) != GW_OK)
        return false;
    memcpy(referral->cut, cut.wire, cut.len);
    referral->cut_len = cut.len;
    referral->cut_hash = gw_hash_octets(digest->key, cut.wire, cut.len);
    return true;
}

/* Adds all records that the content hash covers. */
static void
add_all(struct digest *digest)
{
    const bool in_answer = (digest->msg->facts & GW_FACT_NS_IN_ANSWER) != 0;
    const struct choice answer_ns = {.section = GW_ANSWER, .ns = true, .qname_only = true};
    const struct choice authority = {.section = GW_AUTHORITY, .ns = !in_answer, .addresses = true};
    const struct choice additional = {.section = GW_ADDITIONAL, .addresses = true};
    const struct choice answer = {.section = GW_ANSWER, .addresses = true, .qname_only = true};

    if (in_answer)
        add_section(digest, &answer_ns);
    add_section(digest, &authority);
    add_section(digest, &additional);
    if ((digest->msg->facts & GW_FACT_ADDRESS) != 0 && digest->qname_is_target)
        add_section(digest, &answer);
}

bool
gw_referral_digest(
    const struct gw_msg *msg, const struct gw_hash_key *key, struct gw_referral *ret_referral)
{
    struct digest digest;

    assert(msg->class != GW_CLASS_MALFORMED);
    if ((msg->facts & (GW_FACT_NS | GW_FACT_NS_IN_ANSWER)) == 0 || msg->qname_off == 0)
        return false;

    digest.msg = msg;
    digest.key = key;
    digest.reader = gw_name_reader_make(msg->payload->data, msg->payload->len);
    digest.reader.work += EXTRA_WORK;
    digest.sum = 0;
    digest.qname_is_target = false;
    digest.has_duplicates = (msg->notes & gw_msg_note(GW_RR_DUPLICATE)) != 0;
    digest.seen_count = 0;
    memset(digest.memo_start, 0, sizeof(digest.memo_start));
    if (!hash_name(&digest, msg->qname_off, &digest.qname_hash) || !read_cut(&digest, ret_referral))
        return false;
    add_all(&digest);
    add_waiting(&digest);

    ret_referral->msg = msg;
    ret_referral->content = gw_hash_mix(gw_hash_mix(digest.sum, ret_referral->cut_hash),
        (uint64_t)msg->class << 32 | (msg->facts & GW_REFERRAL_FACTS));
    return true;
}

uint32_t
gw_referral_digest_bulk(const struct gw_msg *msgs, uint32_t count, const struct gw_hash_key *key,
    struct gw_referral *ret_referrals)
{
    uint32_t digests = 0;

    assert(count <= GW_BATCH_FRAMES);
    for (uint32_t i = 0; i < count; i++) {
        if (msgs[i].class == GW_CLASS_DELEGATION &&
            gw_referral_digest(&msgs[i], key, &ret_referrals[digests]))
            digests++;
    }
    return digests;
}
