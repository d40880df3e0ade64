/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/dns/message.h"

#include <assert.h>
#include <string.h>

#include "base/load.h"
#include "parse/dns/class.h"
#include "parse/dns/rr.h"
#include "parse/dns/walk.h"

/* Fields of the header's second 16 bits (RFC 1035 section 4.1.1). */
#define FLAG_QR 0x8000u
#define FLAG_AA 0x0400u
#define FLAG_TC 0x0200u
#define FLAG_RD 0x0100u
#define FLAG_RA 0x0080u

#define QUESTION_FIXED_LEN 4u /* QTYPE and QCLASS: RFC 1035 section 4.1.2 */

/*
 * Sizes at which servers stop: no EDNS (RFC 1035), then sizes that resolvers announce and servers
 * default to. Measured: BIND and NSD leave glue out below 512 with TC=0, NSD below 1,232.
 */
static const uint16_t size_limits[] = {512, 1232, 1400, 1410, 1432, 1452, 1472, 4096, 65535};

static bool
is_near(uint32_t len, uint32_t limit)
{
    return len <= limit && limit - len < GW_ROOM_MIN;
}

/*
 * Whether the message may lack records for want of room. The query's size is not known here, and
 * an OPT in the response does not say it: resolvers ask with EDNS and 512 too. So the message is
 * measured against every size in use; to call it clipped wrongly costs the absence of one record
 * as evidence.
 */
static bool
is_clipped(const struct gw_msg *msg)
{
    const uint32_t len = msg->payload->len;

    if ((msg->facts & GW_FACT_TCP) != 0)
        return is_near(len, GW_MESSAGE_MAX);
    for (size_t i = 0; i < GW_ARRAY_LEN(size_limits); i++) {
        if (is_near(len, size_limits[i]))
            return true;
    }
    return (msg->facts & GW_FACT_OPT) != 0 && is_near(len, msg->edns_size);
}

static void
read_header(const struct gw_payload *payload, struct gw_msg *msg)
{
    const uint8_t *octets = payload->data;
    const uint32_t flags = gw_load_be16(octets + 2);

    msg->payload = payload;
    msg->id = gw_load_be16(octets);
    msg->response = (flags & FLAG_QR) != 0;
    msg->opcode = (uint8_t)(flags >> 11 & 0xfu);
    msg->rcode = (uint8_t)(flags & 0xfu);
    for (uint32_t i = 0; i < GW_ARRAY_LEN(msg->count); i++)
        msg->count[i] = gw_load_be16(octets + 4 + 2 * i);
    msg->facts |= (flags & FLAG_AA) != 0 ? GW_FACT_AA : 0u;
    msg->facts |= (flags & FLAG_TC) != 0 ? GW_FACT_TC : 0u;
    msg->facts |= (flags & FLAG_RD) != 0 ? GW_FACT_RD : 0u;
    msg->facts |= (flags & FLAG_RA) != 0 ? GW_FACT_RA : 0u;
    msg->facts |= payload->transport == GW_TRANSPORT_TCP ? GW_FACT_TCP : 0u;
    msg->facts |= (payload->flags & GW_PAYLOAD_FRAGMENTED) != 0 ? GW_FACT_FRAGMENTED : 0u;
}

/* Reads the one question; sets where ANSWER starts. */
static enum gw_why
read_question(struct gw_msg *msg, struct gw_name_reader *reader, struct gw_name *ret_qname)
{
    uint32_t end = 0;
    enum gw_why why = GW_OK;

    if (reader->len == GW_HEADER_LEN)
        return GW_QUESTION_CUT;
    why = gw_name_canonical(reader, GW_HEADER_LEN, ret_qname, &end);
    if (why != GW_OK)
        return why;
    if (reader->len - end < QUESTION_FIXED_LEN)
        return GW_QUESTION_CUT;
    msg->qname_off = GW_HEADER_LEN;
    msg->qtype = gw_load_be16(reader->msg + end);
    msg->qclass = gw_load_be16(reader->msg + end + 2);
    msg->section_off[GW_ANSWER] = (uint16_t)(end + QUESTION_FIXED_LEN);
    return GW_OK;
}

/* Whether a server may leave the question out of a response with this RCODE. */
static bool
may_lack_question(const struct gw_msg *msg)
{
    return msg->response && msg->count[GW_QUESTION] == 0 &&
           (msg->rcode == GW_RCODE_FORMERR || msg->rcode == GW_RCODE_NOTIMP ||
               msg->rcode == GW_RCODE_REFUSED);
}

/* Ends with the class that fits a fault: octets that were not captured are nobody's fault. */
static void
set_fault(struct gw_msg *msg, enum gw_why why)
{
    const bool ran_out = why == GW_NAME_CUT || why == GW_QUESTION_CUT || why == GW_RR_CUT;

    if (ran_out && (msg->payload->flags & GW_PAYLOAD_CUT) != 0) {
        msg->class = GW_CLASS_CUT;
        return;
    }
    msg->class = GW_CLASS_MALFORMED;
    msg->why = why;
    msg->referral_shaped = false;
}

static bool
is_about_addresses(const struct gw_msg *msg)
{
    return msg->qtype == GW_TYPE_A || msg->qtype == GW_TYPE_AAAA;
}

/* Whether an observation can be made of the message that says more than the counters do. */
static bool
teaches(const struct gw_msg *msg)
{
    const uint32_t facts = msg->facts;

    if (msg->qname_off == 0)
        return false;
    if (msg->class == GW_CLASS_DELEGATION || msg->class == GW_CLASS_MULTI_CUT ||
        (facts & GW_FACT_PROMISCUOUS) != 0)
        return true;
    if (msg->class == GW_CLASS_RECURSIVE_ANSWER)
        return (facts & GW_FACT_NS) != 0 ||
               ((facts & GW_FACT_ANSWERED) != 0 && is_about_addresses(msg));
    if (msg->class == GW_CLASS_ERROR || msg->class == GW_CLASS_EMPTY)
        return (facts & (GW_FACT_RD | GW_FACT_RA)) != (GW_FACT_RD | GW_FACT_RA);
    if ((facts & GW_FACT_AA) == 0)
        return msg->class == GW_CLASS_ANSWER && (facts & GW_FACT_RA) != 0;
    if (msg->class == GW_CLASS_NEGATIVE)
        return (facts & GW_FACT_SOA) != 0 || msg->rcode == GW_RCODE_NXDOMAIN;
    if (msg->class == GW_CLASS_NODATA)
        return (facts & GW_FACT_SOA) != 0;
    if (msg->class == GW_CLASS_ANSWER)
        return (facts & (GW_FACT_SOA | GW_FACT_ADDRESS)) != 0 || is_about_addresses(msg);
    return msg->class == GW_CLASS_AUTH_NS || msg->class == GW_CLASS_PRIMING;
}

/* Walks the records and looks the class up in the table. */
static void
parse_response(struct gw_msg *msg, struct gw_name_reader *reader, const struct gw_name *qname)
{
    uint32_t evidence = 0;
    uint32_t facts = 0;
    const enum gw_why why = gw_msg_walk(msg, reader, qname, &evidence);

    msg->facts |= is_clipped(msg) ? GW_FACT_CLIPPED : 0u;
    if (why != GW_OK) {
        set_fault(msg, why);
        return;
    }
    if ((msg->payload->flags & GW_PAYLOAD_CUT) != 0) { /* octets after the last record */
        msg->class = GW_CLASS_CUT;
        return;
    }
    evidence |= (msg->facts & GW_FACT_AA) != 0 ? GW_EVIDENCE_AA : 0u;
    evidence |= (msg->facts & GW_FACT_TC) != 0 ? GW_EVIDENCE_TC : 0u;
    evidence |= (msg->facts & GW_FACT_RD) != 0 ? GW_EVIDENCE_RD : 0u;
    evidence |= (msg->facts & GW_FACT_RA) != 0 ? GW_EVIDENCE_RA : 0u;
    if (qname->len == 1 && msg->qtype == GW_TYPE_NS)
        evidence |= GW_EVIDENCE_ROOT_NS;
    msg->class = gw_msg_classify(evidence, &facts);
    msg->facts |= facts;
    msg->teaches = teaches(msg);
}

void
gw_msg_parse(const struct gw_payload *payload, struct gw_msg *ret_msg)
{
    struct gw_name_reader reader = gw_name_reader_make(payload->data, payload->len);
    struct gw_name qname = {.len = 1, .wire = {0}};
    enum gw_why why = GW_OK;

    assert(payload->len >= GW_HEADER_LEN);

    memset(ret_msg, 0, sizeof(*ret_msg));
    read_header(payload, ret_msg);
    ret_msg->section_off[GW_QUESTION] = GW_HEADER_LEN;
    ret_msg->section_off[GW_ANSWER] = GW_HEADER_LEN;
    ret_msg->class = GW_CLASS_IGNORED;
    if (ret_msg->opcode != 0)
        return;

    if (ret_msg->count[GW_QUESTION] == 1)
        why = read_question(ret_msg, &reader, &qname);
    else if (!may_lack_question(ret_msg))
        why = GW_QUESTION_COUNT;
    if (why != GW_OK) {
        set_fault(ret_msg, why);
        return;
    }
    if (ret_msg->count[GW_QUESTION] == 1 && ret_msg->qclass != GW_RRCLASS_IN)
        return;

    ret_msg->class = GW_CLASS_QUERY;
    if (ret_msg->response)
        parse_response(ret_msg, &reader, &qname);
}

/* Adds one message to what was seen. */
static void
count(const struct gw_msg *msg, struct gw_message_stats *stats)
{
    stats->seen++;
    stats->queries += !msg->response;
    stats->responses += msg->response;
    stats->udp += msg->payload->transport == GW_TRANSPORT_UDP;
    stats->tcp += msg->payload->transport == GW_TRANSPORT_TCP;
    if (msg->response) {
        stats->aa += (msg->facts & GW_FACT_AA) != 0;
        stats->tc += (msg->facts & GW_FACT_TC) != 0;
    }
    stats->referral_shaped += msg->referral_shaped;
    if (msg->class != GW_CLASS_DELEGATION)
        stats->classes[msg->class]++;
    if (msg->class == GW_CLASS_MALFORMED)
        stats->malformed[msg->why]++;
    for (uint32_t notes = msg->notes; notes != 0; notes &= notes - 1)
        stats->notes[(uint32_t)GW_RR_CLASS + (uint32_t)__builtin_ctz(notes)]++;
}

void
gw_msg_parse_bulk(const struct gw_payloads *payloads, struct gw_msg ret_msgs[GW_BATCH_FRAMES],
    struct gw_message_stats *stats)
{
    assert(payloads->count <= GW_BATCH_FRAMES);

    for (uint32_t i = 0; i < payloads->count; i++) {
        gw_msg_parse(&payloads->item[i], &ret_msgs[i]);
        count(&ret_msgs[i], stats);
    }
}

/* A CNAME record of ANSWER: where its owner and its target stand; 0 once it was followed. */
struct alias {
    uint32_t owner_off;
    uint32_t target_off;
};

/* Collects the CNAME records of ANSWER, at most GW_ALIASES_MAX. */
static enum gw_why
find_aliases(const struct gw_msg *msg, struct alias aliases[GW_ALIASES_MAX], uint32_t *ret_count)
{
    struct gw_rr_cursor cursor = gw_rr_section(msg, GW_ANSWER);
    uint32_t found = 0;

    while (cursor.left > 0 && found < GW_ALIASES_MAX) {
        struct gw_rr rr;
        const enum gw_why why = gw_rr_next(&cursor, &rr);

        if (why != GW_OK)
            return why;
        if (rr.class == GW_RRCLASS_IN && rr.type == GW_TYPE_CNAME)
            aliases[found++] =
                (struct alias){.owner_off = rr.owner_off, .target_off = rr.rdata_off};
    }
    *ret_count = found;
    return GW_OK;
}

/*
 * Goes once over @p aliases and follows each that continues the chain; each is followed once
 * only.
 */
static enum gw_why
follow_aliases(struct gw_name_reader *reader, struct alias *aliases, uint32_t alias_count,
    struct gw_name *tail, bool *ret_moved)
{
    uint32_t end = 0;

    *ret_moved = false;
    for (uint32_t i = 0; i < alias_count; i++) {
        struct gw_name owner;
        enum gw_why why = GW_OK;

        if (aliases[i].owner_off == 0)
            continue;
        why = gw_name_canonical(reader, aliases[i].owner_off, &owner, &end);
        if (why != GW_OK)
            return why;
        if (!gw_name_equal(&owner, tail))
            continue;
        why = gw_name_canonical(reader, aliases[i].target_off, tail, &end);
        if (why != GW_OK)
            return why;
        aliases[i].owner_off = 0;
        *ret_moved = true;
    }
    return GW_OK;
}

enum gw_why
gw_msg_tail(const struct gw_msg *msg, struct gw_name_reader *reader, struct gw_name *ret_tail)
{
    struct alias aliases[GW_ALIASES_MAX];
    struct gw_name tail;
    uint32_t alias_count = 0;
    uint32_t end = 0;
    bool moved = true;
    enum gw_why why = GW_OK;

    assert(msg->qname_off != 0);
    why = gw_name_canonical(reader, msg->qname_off, &tail, &end);
    if (why == GW_OK)
        why = find_aliases(msg, aliases, &alias_count);
    while (why == GW_OK && moved)
        why = follow_aliases(reader, aliases, alias_count, &tail, &moved);
    if (why == GW_OK)
        *ret_tail = tail;
    return why;
}
