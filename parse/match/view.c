/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/match/view.h"

#include <assert.h>
#include <string.h>

#include "base/load.h"
#include "parse/dns/name.h"
#include "parse/dns/rr.h"

#define QUESTION_FIXED_LEN 4u      /* QTYPE and QCLASS: RFC 1035 section 4.1.2 */
#define QUERY_RECORDS      8u      /* records of a query among which its OPT is looked for */
#define OPTIONS_MAX        32u     /* options of one OPT that are looked at */
#define OPTION_HEAD_LEN    4u      /* code and length: RFC 6891 section 6.1.2 */
#define OPTION_SUBNET      8u      /* RFC 7871 section 6 */
#define OPTION_COOKIE      10u     /* RFC 7873 section 4 */
#define COOKIE_CLIENT_LEN  8u      /* its first octets */
#define SUBNET_HEAD_LEN    4u      /* family, source prefix, scope prefix */
#define EDNS_DO            0x8000u /* RFC 6891 section 6.1.4 */

/* Family and source prefix, then the address; the scope prefix is the server's to choose. */
static uint64_t
hash_subnet(const struct gw_hash_key *key, const uint8_t *option, uint32_t len)
{
    const uint64_t head = (uint64_t)option[0] << 16 | (uint64_t)option[1] << 8 | option[2];

    return gw_hash_mix(gw_hash_octets(key, option + SUBNET_HEAD_LEN, len - SUBNET_HEAD_LEN), head);
}

/* Reads the @p len octets of RDATA at @p rdata: a cookie and a subnet, the first of each. */
static void
read_options(
    const struct gw_hash_key *key, const uint8_t *rdata, uint32_t len, struct gw_match_opt *opt)
{
    uint32_t pos = 0;

    for (uint32_t i = 0; i < OPTIONS_MAX && len - pos >= OPTION_HEAD_LEN; i++) {
        const uint32_t code = gw_load_be16(rdata + pos);
        const uint32_t option_len = gw_load_be16(rdata + pos + 2);
        const uint8_t *option = rdata + pos + OPTION_HEAD_LEN;

        pos += OPTION_HEAD_LEN;
        if (len - pos < option_len)
            return;
        pos += option_len;
        if (code == OPTION_COOKIE && option_len >= COOKIE_CLIENT_LEN && !opt->has_cookie) {
            opt->has_cookie = true;
            memcpy(opt->cookie, option, COOKIE_CLIENT_LEN);
        } else if (code == OPTION_SUBNET && option_len >= SUBNET_HEAD_LEN && !opt->has_subnet) {
            opt->has_subnet = true;
            opt->subnet = hash_subnet(key, option, option_len);
        }
    }
}

/* Queries are not walked by the parser: their OPT is nearly always the only record. */
static void
read_query_opt(const struct gw_hash_key *key, const struct gw_msg *msg, struct gw_match_opt *opt)
{
    const uint32_t records =
        (uint32_t)msg->count[GW_ANSWER] + msg->count[GW_AUTHORITY] + msg->count[GW_ADDITIONAL];
    struct gw_rr_cursor cursor = {
        .msg = msg->payload->data,
        .len = msg->payload->len,
        .pos = msg->section_off[GW_ANSWER],
        .left = records < QUERY_RECORDS ? records : QUERY_RECORDS,
    };
    struct gw_rr rr;

    while (cursor.left > 0 && gw_rr_next(&cursor, &rr) == GW_OK) {
        if (rr.type != GW_TYPE_OPT)
            continue;
        opt->present = true;
        opt->size = rr.class;
        opt->dnssec_ok = (rr.ttl_s & EDNS_DO) != 0;
        read_options(key, cursor.msg + rr.rdata_off, rr.rdata_len, opt);
        return;
    }
}

static void
read_opt(const struct gw_hash_key *key, const struct gw_msg *msg, struct gw_match_opt *opt)
{
    if (!msg->response) {
        if (msg->qname_off != 0 && msg->count[GW_ADDITIONAL] != 0)
            read_query_opt(key, msg, opt);
        return;
    }
    opt->present = (msg->facts & GW_FACT_OPT) != 0;
    opt->dnssec_ok = (msg->facts & GW_FACT_DO) != 0;
    opt->size = msg->edns_size;
    if (opt->present)
        read_options(key, msg->payload->data + msg->opt_off, msg->opt_len, opt);
}

/* A QNAME cannot be compressed: nothing stands before it that a pointer may lead to. */
static void
read_question(const struct gw_hash_key *key, const struct gw_msg *msg, struct gw_match_view *view)
{
    const uint8_t *octets = msg->payload->data + msg->qname_off;
    const uint32_t len =
        msg->section_off[GW_ANSWER] - (uint32_t)msg->qname_off - QUESTION_FIXED_LEN;
    uint64_t upper = 0;

    assert(len >= 1 && len <= GW_NAME_MAX);
    for (uint32_t i = 0; i < len; i += 8) {
        const uint32_t left = len - i < 8 ? len - i : 8;
        uint64_t word = 0;

        memcpy(&word, octets + i, left);
        const uint64_t folded = gw_name_fold(word);

        upper |= word ^ folded;
        memcpy(view->qname + i, &folded, sizeof(folded));
    }
    view->has_question = true;
    view->qname_len = (uint8_t)len;
    view->qtype = msg->qtype;
    view->qname_hash = gw_hash_octets(key, view->qname, len);
    view->case_hash = upper == 0 ? view->qname_hash : gw_hash_octets(key, octets, len);
    for (uint32_t i = 0; upper != 0 && i < len; i++)
        view->mixed_case |= octets[i] >= 'a' && octets[i] <= 'z';
}

static void
hash_keys(const struct gw_hash_key *key, struct gw_match_view *view)
{
    struct {
        struct gw_addr resolver;
        uint16_t port, id;
    } port;

    memset(&port, 0, sizeof(port));
    port.resolver = view->resolver;
    port.port = view->resolver_port;
    port.id = view->msg->id;
    view->port_hash = gw_hash_octets(key, &port, sizeof(port));
    port.port = view->qtype;
    port.id = 0;
    view->question_hash = gw_hash_mix(gw_hash_octets(key, &port, sizeof(port)), view->qname_hash);
}

void
gw_match_view_make(
    const struct gw_hash_key *key, const struct gw_msg *msg, struct gw_match_view *ret_view)
{
    const struct gw_payload *payload = msg->payload;
    const bool response = msg->response;

    ret_view->msg = msg;
    ret_view->payload = payload;
    ret_view->resolver = response ? payload->destination : payload->source;
    ret_view->resolver_port = response ? payload->destination_port : payload->source_port;
    ret_view->server = response ? payload->source : payload->destination;
    ret_view->server_port = response ? payload->source_port : payload->destination_port;
    ret_view->octets_hash = gw_hash_octets(key, payload->data, payload->len);
    ret_view->opt = (struct gw_match_opt){.present = false};
    ret_view->has_question = false;
    ret_view->mixed_case = false;
    ret_view->qname_len = 0;
    ret_view->qtype = 0;
    ret_view->qname_hash = msg->opcode;
    ret_view->case_hash = msg->opcode;
    if (msg->qname_off != 0)
        read_question(key, msg, ret_view);
    read_opt(key, msg, &ret_view->opt);
    hash_keys(key, ret_view);
}

uint32_t
gw_match_view_query_facts(const struct gw_match_view *view)
{
    uint32_t facts = 0;

    facts |= (view->msg->facts & GW_FACT_RD) != 0 ? GW_QUERY_RD : 0u;
    facts |= view->opt.present ? GW_QUERY_OPT : 0u;
    facts |= view->opt.dnssec_ok ? GW_QUERY_DO : 0u;
    facts |= view->opt.has_cookie ? GW_QUERY_COOKIE : 0u;
    facts |= view->opt.has_subnet ? GW_QUERY_ECS : 0u;
    facts |= view->mixed_case ? GW_QUERY_MIXED_CASE : 0u;
    facts |= view->payload->transport == GW_TRANSPORT_TCP ? GW_QUERY_TCP : 0u;
    return facts;
}

void
gw_match_view_tell(const struct gw_match_view *view, struct gw_exchange *ret_exchange)
{
    const struct gw_msg *msg = view->msg;
    const struct gw_payload *payload = view->payload;

    *ret_exchange = (struct gw_exchange){
        .class = msg->class,
        .facts = msg->facts,
        .time_ns = payload->time_ns,
        .frame = payload->frame,
        .input = payload->input,
        .resolver = view->resolver,
        .server = view->server,
        .resolver_port = view->resolver_port,
        .server_port = view->server_port,
        .id = msg->id,
        .qtype = view->qtype,
        .rcode = msg->rcode,
        .transport = payload->transport,
        .ip_ttl = payload->ip_ttl,
        .qname_len = view->qname_len,
        .ip_id = payload->ip_id,
        .payload_flags = payload->flags,
        .edns_size = view->opt.size,
        .message_len = (uint16_t)payload->len,
        .qname_hash = view->qname_hash,
        .qname = view->qname,
    };
    ret_exchange->facts |= view->opt.present ? GW_FACT_OPT : 0u;
    ret_exchange->facts |= view->opt.dnssec_ok ? GW_FACT_DO : 0u;
    ret_exchange->reply_facts |= msg->response && view->opt.has_subnet ? GW_REPLY_ECS : 0u;
}
