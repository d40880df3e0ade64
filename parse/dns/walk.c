/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/dns/walk.h"

#include <assert.h>

#include "base/load.h"
#include "parse/dns/class.h"
#include "parse/dns/duplicate.h"
#include "parse/dns/rr.h"

#define SOA_FIXED_LEN   20u     /* serial to minimum: RFC 1035 section 3.3.13 */
#define EDNS_DO         0x8000u /* RFC 6891 section 6.1.4 */
#define EDNS_OPTION_LEN 4u      /* code and length: RFC 6891 section 6.1.2 */
#define EDNS_COOKIE     10u     /* RFC 7873 section 4 */
#define COOKIE_CLIENT   8u      /* octets of the client part; more is the server part */
#define SIG_COVERED_LEN 2u      /* octets of "type covered", zero in SIG(0): RFC 2931 section 3 */

/* What has been seen on the way through the records. */
struct walk {
    struct gw_msg *msg;
    struct gw_name_reader *reader;
    const struct gw_name *qname;
    struct gw_rr_seen seen;
    struct gw_name cut;  /* first NS owner of AUTHORITY; meaningful with GW_EVIDENCE_NS */
    uint32_t cut_start;  /* gw_name_start() of it */
    uint32_t evidence;   /* enum gw_evidence */
    uint32_t aliases;    /* CNAME and DNAME records in ANSWER */
    uint32_t others;     /* records in ANSWER that are neither these nor RRSIG */
    uint32_t ns_count;   /* NS records in AUTHORITY or of the QNAME in ANSWER */
    uint32_t glue_count; /* addresses in ADDITIONAL */
    uint32_t opt_count;
    uint16_t rcode; /* with EDNS's extension */
    bool any_soa;   /* SOA in AUTHORITY, whatever its owner or class */
    bool any_ds;    /* DS in AUTHORITY, whatever its owner */
};

/* Checks the name at @p off, which must not reach past @p limit as it stands. */
static enum gw_why
check_rdata_name(struct gw_name_reader *reader, uint32_t off, uint32_t limit, uint32_t *ret_end)
{
    uint32_t end = 0;
    const enum gw_why why = gw_name_check(reader, off, &end);

    if (why == GW_OK && end <= limit) {
        *ret_end = end;
        return GW_OK;
    }
    if (why == GW_OK || gw_name_skip(reader->msg, limit, off, &end) == GW_NAME_CUT)
        return GW_RDATA_LENGTH;
    return why;
}

static enum gw_why
check_soa(struct gw_name_reader *reader, const struct gw_rr *rr)
{
    const uint32_t limit = rr->rdata_off + rr->rdata_len;
    uint32_t end = rr->rdata_off;

    for (uint32_t i = 0; i < 2; i++) {
        const enum gw_why why = check_rdata_name(reader, end, limit, &end);

        if (why != GW_OK)
            return why;
    }
    return limit - end == SOA_FIXED_LEN ? GW_OK : GW_RDATA_LENGTH;
}

/* Checks the owner of @p rr and, where its type has names that matter here, its RDATA. */
static enum gw_why
check_names(struct gw_name_reader *reader, const struct gw_rr *rr)
{
    const uint32_t limit = rr->rdata_off + rr->rdata_len;
    uint32_t end = 0;
    enum gw_why why = gw_name_check(reader, rr->owner_off, &end);

    if (why != GW_OK || rr->class != GW_RRCLASS_IN)
        return why;
    if (rr->type == GW_TYPE_SOA)
        return check_soa(reader, rr);
    if (rr->type != GW_TYPE_NS && rr->type != GW_TYPE_CNAME && rr->type != GW_TYPE_DNAME)
        return GW_OK;
    why = check_rdata_name(reader, rr->rdata_off, limit, &end);
    if (why == GW_OK && end != limit)
        return GW_RDATA_LENGTH;
    return why;
}

/* Whether the owner of @p rr is the name that starts at @p start (0: unknown) and reads @p name. */
static enum gw_why
owner_is(struct walk *walk, const struct gw_rr *rr, uint32_t start, const struct gw_name *name,
    bool *ret_same)
{
    struct gw_name owner;
    uint32_t end = 0;
    enum gw_why why = GW_OK;

    if (gw_name_start(walk->reader->msg, walk->reader->len, rr->owner_off) == start) {
        *ret_same = true;
        return GW_OK;
    }
    why = gw_name_canonical(walk->reader, rr->owner_off, &owner, &end);
    if (why == GW_OK)
        *ret_same = gw_name_equal(&owner, name);
    return why;
}

static enum gw_why
take_answer(struct walk *walk, const struct gw_rr *rr)
{
    bool at_qname = false;
    enum gw_why why = GW_OK;

    walk->evidence |= GW_EVIDENCE_ANSWER;
    if (rr->type == GW_TYPE_CNAME || rr->type == GW_TYPE_DNAME)
        walk->aliases++;
    else if (rr->type != GW_TYPE_RRSIG)
        walk->others++;
    if (rr->type != GW_TYPE_NS && !gw_rr_is_address(rr))
        return GW_OK;

    why = owner_is(walk, rr, GW_HEADER_LEN, walk->qname, &at_qname);
    if (why != GW_OK || !at_qname)
        return why;
    if (rr->type == GW_TYPE_NS) {
        walk->evidence |= GW_EVIDENCE_NS_AT_QNAME;
        walk->ns_count++;
    } else {
        walk->msg->facts |= GW_FACT_ADDRESS;
    }
    return GW_OK;
}

static enum gw_why
take_authority_ns(struct walk *walk, const struct gw_rr *rr)
{
    uint32_t end = 0;
    bool same = false;
    enum gw_why why = GW_OK;

    walk->ns_count++;
    if ((walk->evidence & GW_EVIDENCE_NS) == 0) {
        walk->evidence |= GW_EVIDENCE_NS;
        walk->cut_start = gw_name_start(walk->reader->msg, walk->reader->len, rr->owner_off);
        return gw_name_canonical(walk->reader, rr->owner_off, &walk->cut, &end);
    }
    why = owner_is(walk, rr, walk->cut_start, &walk->cut, &same);
    if (why == GW_OK && !same)
        walk->evidence |= GW_EVIDENCE_NS_OWNERS;
    return why;
}

static enum gw_why
take_authority(struct walk *walk, const struct gw_rr *rr)
{
    walk->evidence |= GW_EVIDENCE_AUTHORITY;
    if (rr->type == GW_TYPE_DS)
        walk->any_ds = true;
    else if (gw_rr_is_address(rr))
        walk->msg->facts |= GW_FACT_WRONG_SECTION;
    else if (rr->type == GW_TYPE_NS)
        return take_authority_ns(walk, rr);
    return GW_OK;
}

static void
take_additional(struct walk *walk, const struct gw_rr *rr)
{
    if (gw_rr_is_address(rr))
        walk->glue_count++;
    if (rr->type == GW_TYPE_NS || rr->type == GW_TYPE_CNAME || rr->type == GW_TYPE_DNAME)
        walk->msg->facts |= GW_FACT_WRONG_SECTION;
}

/* Whether the OPT record @p rr has a COOKIE option with a server part. */
static bool
has_server_cookie(const uint8_t *msg, const struct gw_rr *rr)
{
    const uint32_t end = rr->rdata_off + rr->rdata_len;
    uint32_t pos = rr->rdata_off;

    while (end - pos >= EDNS_OPTION_LEN) {
        const uint32_t code = gw_load_be16(msg + pos);
        const uint32_t len = gw_load_be16(msg + pos + 2);

        pos += EDNS_OPTION_LEN;
        if (end - pos < len)
            return false;
        if (code == EDNS_COOKIE)
            return len > COOKIE_CLIENT;
        pos += len;
    }
    return false;
}

static enum gw_why
take_opt(struct walk *walk, const struct gw_rr *rr)
{
    if (++walk->opt_count > 1)
        return GW_OPT_TWICE;
    walk->msg->facts |= GW_FACT_OPT;
    if ((rr->ttl_s & EDNS_DO) != 0)
        walk->msg->facts |= GW_FACT_DO;
    if (has_server_cookie(walk->reader->msg, rr))
        walk->msg->facts |= GW_FACT_COOKIE;
    walk->msg->edns_size = rr->class;
    walk->msg->opt_off = (uint16_t)rr->rdata_off;
    walk->msg->opt_len = (uint16_t)rr->rdata_len;
    walk->rcode = (uint16_t)(walk->rcode | (rr->ttl_s >> 24) << 4);
    return GW_OK;
}

/* Whether @p rr signs the transaction: TSIG, or SIG that covers no type. */
static bool
is_transaction_signature(const uint8_t *msg, const struct gw_rr *rr)
{
    if (rr->type == GW_TYPE_TSIG)
        return true;
    return rr->type == GW_TYPE_SIG && rr->rdata_len >= SIG_COVERED_LEN &&
           gw_load_be16(msg + rr->rdata_off) == 0;
}

/* Records that are about the message rather than data; *ret_taken says whether @p rr is one. */
static enum gw_why
take_meta(struct walk *walk, const struct gw_rr *rr, bool *ret_taken)
{
    *ret_taken = true;
    if (rr->type == GW_TYPE_OPT)
        return take_opt(walk, rr);
    if (is_transaction_signature(walk->reader->msg, rr)) {
        walk->msg->facts |= GW_FACT_SIGNED;
        return GW_OK;
    }
    *ret_taken = rr->type == GW_TYPE_TKEY;
    return GW_OK;
}

/* Whether @p rr is to be used; notes what is wrong with it. */
static bool
is_usable(struct walk *walk, const struct gw_rr *rr, enum gw_section section)
{
    if (rr->class != GW_RRCLASS_IN) {
        walk->msg->notes |= gw_msg_note(GW_RR_CLASS);
        return false;
    }
    if (rr->ttl_s >> 31 != 0)
        walk->msg->notes |= gw_msg_note(GW_RR_TTL);
    if (gw_rr_address_len(rr->type) != 0 && !gw_rr_is_address(rr)) {
        walk->msg->notes |= gw_msg_note(GW_RR_ADDRESS_LENGTH);
        return false;
    }
    if ((rr->type == GW_TYPE_NS || rr->type == GW_TYPE_CNAME || gw_rr_is_address(rr)) &&
        gw_rr_seen_before(&walk->seen, rr, section))
        walk->msg->notes |= gw_msg_note(GW_RR_DUPLICATE);
    return true;
}

static enum gw_why
take(struct walk *walk, const struct gw_rr *rr, enum gw_section section)
{
    bool meta = false;
    enum gw_why why = check_names(walk->reader, rr);

    if (why != GW_OK)
        return why;
    why = take_meta(walk, rr, &meta);
    if (why != GW_OK || meta)
        return why;
    if (section == GW_AUTHORITY && rr->type == GW_TYPE_SOA)
        walk->any_soa = true;
    if (!is_usable(walk, rr, section))
        return GW_OK;
    if (section == GW_ANSWER)
        return take_answer(walk, rr);
    if (section == GW_AUTHORITY)
        return take_authority(walk, rr);
    take_additional(walk, rr);
    return GW_OK;
}

/* Walks the three sections; the first fault ends the walk. */
static enum gw_why
take_all(struct walk *walk)
{
    struct gw_msg *msg = walk->msg;
    struct gw_rr_cursor cursor = {
        .msg = walk->reader->msg, .len = walk->reader->len, .pos = msg->section_off[GW_ANSWER]};

    for (uint32_t section = GW_ANSWER; section <= GW_ADDITIONAL; section++) {
        msg->section_off[section] = (uint16_t)cursor.pos;
        cursor.left = msg->count[section];
        while (cursor.left > 0) {
            struct gw_rr rr;
            enum gw_why why = gw_rr_next(&cursor, &rr);

            if (why == GW_OK)
                why = take(walk, &rr, (enum gw_section)section);
            if (why != GW_OK)
                return why;
        }
    }
    if (cursor.pos < cursor.len)
        msg->notes |= gw_msg_note(GW_RR_TRAILING);
    return GW_OK;
}

/* Compares owners in AUTHORITY with the cut and @p name; records may stand in any order. */
static enum gw_why
relate_owners(struct walk *walk, const struct gw_name *name)
{
    struct gw_rr_cursor cursor = gw_rr_section(walk->msg, GW_AUTHORITY);

    while (cursor.left > 0) {
        struct gw_rr rr;
        struct gw_name owner;
        uint32_t end = 0;
        enum gw_why why = gw_rr_next(&cursor, &rr);

        if (why != GW_OK)
            return why;
        if (rr.class != GW_RRCLASS_IN || (rr.type != GW_TYPE_SOA && rr.type != GW_TYPE_DS))
            continue;
        why = gw_name_canonical(walk->reader, rr.owner_off, &owner, &end);
        if (why != GW_OK)
            return why;
        if (rr.type == GW_TYPE_SOA && gw_name_under(name, &owner))
            walk->evidence |= GW_EVIDENCE_SOA;
        if (rr.type == GW_TYPE_DS && (walk->evidence & GW_EVIDENCE_NS) != 0 &&
            gw_name_equal(&owner, &walk->cut))
            walk->msg->facts |= GW_FACT_DS;
    }
    return GW_OK;
}

/* Finds how the name that was asked for lies to the owners in AUTHORITY. */
static enum gw_why
relate(struct walk *walk)
{
    struct gw_name name = *walk->qname;

    if (walk->aliases > 0 && walk->msg->qname_off != 0) {
        const enum gw_why why = gw_msg_tail(walk->msg, walk->reader, &name);

        if (why != GW_OK)
            return why;
    }
    /* DS stands on the parent's side: RFC 4035 section 3.1.4.1 */
    if (walk->msg->qtype == GW_TYPE_DS)
        name = gw_name_parent(&name);
    if ((walk->evidence & GW_EVIDENCE_NS) != 0 && gw_name_under(&name, &walk->cut))
        walk->msg->facts |= GW_FACT_UNDER_CUT;
    return walk->any_soa || walk->any_ds ? relate_owners(walk, &name) : GW_OK;
}

/* Puts into the message what the walk has found, complete or not. */
static void
conclude(struct walk *walk)
{
    struct gw_msg *msg = walk->msg;
    const uint32_t evidence = walk->evidence;

    msg->facts |= (evidence & GW_EVIDENCE_NS) != 0 ? GW_FACT_NS : 0u;
    msg->facts |= (evidence & GW_EVIDENCE_NS_OWNERS) != 0 ? GW_FACT_MULTI_CUT : 0u;
    msg->facts |= (evidence & GW_EVIDENCE_SOA) != 0 ? GW_FACT_SOA : 0u;
    if (walk->aliases > 0 && walk->others == 0)
        msg->facts |= GW_FACT_ALIAS;
    else if ((evidence & GW_EVIDENCE_ANSWER) != 0)
        msg->facts |= GW_FACT_ANSWERED;
    if (walk->ns_count > GW_TARGETS_MAX || walk->glue_count > GW_GLUE_MAX)
        msg->notes |= gw_msg_note(GW_RR_OVERFLOW);

    msg->referral_shaped = msg->opcode == 0 && msg->rcode == 0 && msg->count[GW_ANSWER] == 0 &&
                           (msg->facts & GW_FACT_AA) == 0 && (evidence & GW_EVIDENCE_NS) != 0 &&
                           !walk->any_soa;
    if (walk->rcode == GW_RCODE_NXDOMAIN || walk->rcode == GW_RCODE_YXDOMAIN)
        walk->evidence |= GW_EVIDENCE_NEGATIVE;
    else if (walk->rcode != GW_RCODE_NOERROR)
        walk->evidence |= GW_EVIDENCE_ERROR;
}

enum gw_why
gw_msg_walk(struct gw_msg *msg, struct gw_name_reader *reader, const struct gw_name *qname,
    uint32_t *ret_evidence)
{
    struct walk walk;
    enum gw_why why = GW_OK;

    assert(msg->response && msg->section_off[GW_ANSWER] >= GW_HEADER_LEN);

    walk.msg = msg;
    walk.reader = reader;
    walk.qname = qname;
    gw_rr_seen_init(&walk.seen, reader->msg, reader->len);
    walk.cut.len = 0;
    walk.cut_start = 0;
    walk.evidence = 0;
    walk.aliases = 0;
    walk.others = 0;
    walk.ns_count = 0;
    walk.glue_count = 0;
    walk.opt_count = 0;
    walk.rcode = msg->rcode;
    walk.any_soa = false;
    walk.any_ds = false;

    why = take_all(&walk);
    if (why == GW_OK)
        why = relate(&walk);
    conclude(&walk);
    *ret_evidence = walk.evidence;
    return why;
}
