/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/filter.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#include "base/load.h"

#define LINK_ETHERNET 1u
#define LINK_RAW_DLT  12u /* written by those who took the one numbering for the other */
#define LINK_RAW_IP   101u
#define LINK_SLL      113u
#define LINK_IPV4     228u
#define LINK_IPV6     229u
#define LINK_SLL2     276u

#define ETHER_IPV4 0x0800u
#define ETHER_IPV6 0x86ddu

#define PROTOCOL_IPV4 4u
#define PROTOCOL_UDP  17u
#define PROTOCOL_IPV6 41u
#define PROTOCOL_GRE  47u

/* One compiled program. */
struct program {
    bool used;
    uint16_t link_type;
    struct bpf_program code;
};

struct gw_filter {
    char *expression;
    bool says_tags; /* the expression looks into tagged frames */
    uint32_t last;  /* program that was used last */
    uint32_t next;  /* program that is replaced when all are used */
    struct program program[GW_FILTER_PROGRAMS];
};

/* Where libpcap's two numberings differ; elsewhere a DLT_ value is the LINKTYPE_ value. */
static const struct {
    uint16_t link_type;
    int dlt;
} differing[] = {
    {100, DLT_ATM_RFC1483},
    {101, DLT_RAW},
    {102, DLT_SLIP_BSDOS},
    {103, DLT_PPP_BSDOS},
    {106, DLT_ATM_CLIP},
};

int
gw_source_filter_dlt(uint16_t link_type)
{
    for (size_t i = 0; i < GW_ARRAY_LEN(differing); i++) {
        if (differing[i].link_type == link_type)
            return differing[i].dlt;
    }
    return link_type;
}

/* Tell whether the expression has a word that begins with @p word. */
static bool
says(const char *expression, const char *word)
{
    for (const char *pos = expression; (pos = strstr(pos, word)) != NULL; pos++) {
        if (pos == expression || !isalnum((unsigned char)pos[-1]))
            return true;
    }
    return false;
}

static int
compile(const struct gw_filter *filter, uint16_t link_type, struct bpf_program *ret_code,
    struct gw_error_text *ret_error)
{
    pcap_t *pcap = pcap_open_dead(gw_source_filter_dlt(link_type), (int)GW_FRAME_MAX);

    if (pcap == NULL) {
        snprintf(ret_error->text, sizeof(ret_error->text), "filter: no memory");
        return GW_E_NOMEM;
    }

    const int result = pcap_compile(pcap, ret_code, filter->expression, 1, PCAP_NETMASK_UNKNOWN);

    if (result != 0)
        snprintf(ret_error->text, sizeof(ret_error->text),
            "filter '%.200s' cannot be used for link type %u: %.200s", filter->expression,
            link_type, pcap_geterr(pcap));
    pcap_close(pcap);
    return result == 0 ? GW_DONE : GW_E_FILTER;
}

/* Find the program for @p link_type, compile it when there is none; NULL when that fails. */
static const struct program *
program_for(struct gw_filter *filter, uint16_t link_type, struct gw_error_text *ret_error)
{
    const struct program *last = &filter->program[filter->last];

    if (last->used && last->link_type == link_type)
        return last;
    for (uint32_t i = 0; i < GW_FILTER_PROGRAMS; i++) {
        if (filter->program[i].used && filter->program[i].link_type == link_type) {
            filter->last = i;
            return &filter->program[i];
        }
    }

    struct bpf_program code;

    if (compile(filter, link_type, &code, ret_error) != GW_DONE)
        return NULL;

    struct program *program = &filter->program[filter->next];

    if (program->used)
        pcap_freecode(&program->code);
    *program = (struct program){.used = true, .link_type = link_type, .code = code};
    filter->last = filter->next;
    filter->next = (filter->next + 1) % GW_FILTER_PROGRAMS;
    return program;
}

int
gw_source_filter_new(const char *expression, uint16_t link_type, struct gw_filter **ret_filter,
    struct gw_error_text *ret_error)
{
    struct gw_filter *filter = calloc(1, sizeof(*filter));

    if (filter == NULL || (filter->expression = strdup(expression)) == NULL) {
        free(filter);
        snprintf(ret_error->text, sizeof(ret_error->text), "filter: no memory");
        return GW_E_NOMEM;
    }
    filter->says_tags =
        says(expression, "vlan") || says(expression, "mpls") || says(expression, "pppoe");
    if (program_for(filter, link_type, ret_error) == NULL) {
        gw_source_filter_free(filter);
        return GW_E_FILTER;
    }
    *ret_filter = filter;
    return GW_DONE;
}

void
gw_source_filter_free(struct gw_filter *filter)
{
    if (filter == NULL)
        return;
    for (uint32_t i = 0; i < GW_FILTER_PROGRAMS; i++) {
        if (filter->program[i].used)
            pcap_freecode(&filter->program[i].code);
    }
    free(filter->expression);
    free(filter);
}

int
gw_source_filter_prepare(
    struct gw_filter *filter, uint16_t link_type, struct gw_error_text *ret_error)
{
    return program_for(filter, link_type, ret_error) != NULL ? GW_DONE : GW_E_FILTER;
}

/* Find a frame's EtherType and what follows it; IP without a link header gets IP's. */
static bool
ether_type(
    uint16_t link_type, const uint8_t *data, uint32_t len, uint16_t *ret_type, uint32_t *ret_end)
{
    uint32_t off;

    switch (link_type) {
    case LINK_ETHERNET:
        off = 12;
        break;
    case LINK_SLL:
        off = 14;
        break;
    case LINK_SLL2:
        off = 0;
        break;
    case LINK_RAW_DLT:
    case LINK_RAW_IP:
    case LINK_IPV4:
    case LINK_IPV6:
        if (len == 0)
            return false;
        *ret_type = data[0] >> 4 == 6 ? ETHER_IPV6 : ETHER_IPV4;
        *ret_end = 0;
        return true;
    default:
        return false;
    }
    if (len < off + 2)
        return false;
    *ret_type = gw_load_be16(data + off);
    *ret_end = link_type == LINK_SLL2 ? 20 : off + 2;
    return true;
}

static bool
is_tag(uint16_t type)
{
    return type == 0x8100 || type == 0x88a8 || type == 0x9100 || type == 0x8847 || type == 0x8848 ||
           type == 0x8864;
}

static bool
is_tunnel_port(uint16_t port)
{
    return port == 4789 || port == 6081 || port == 8472; /* VXLAN, Geneve, VXLAN of old */
}

/* Tell whether the IP packet [data, data + len) carries a tunnel as its first payload. */
static bool
is_tunnel(uint16_t type, const uint8_t *data, uint32_t len)
{
    uint8_t protocol;
    uint32_t off;

    if (type == ETHER_IPV4 && len >= 20) {
        protocol = data[9];
        off = (data[0] & 0x0fu) * 4u;
    } else if (type == ETHER_IPV6 && len >= 40) {
        protocol = data[6];
        off = 40;
    } else {
        return false;
    }
    if (protocol == PROTOCOL_IPV4 || protocol == PROTOCOL_IPV6 || protocol == PROTOCOL_GRE)
        return true;
    return protocol == PROTOCOL_UDP && len >= off + 4 &&
           (is_tunnel_port(gw_load_be16(data + off)) ||
               is_tunnel_port(gw_load_be16(data + off + 2)));
}

/* Count a frame that did not match although there may be a match further inside. */
static void
count_hidden(const struct gw_filter *filter, const struct gw_batch *batch, uint32_t i,
    struct gw_input *input)
{
    const uint8_t *data = batch->data[i];
    const uint32_t len = batch->captured_len[i];
    uint16_t type;
    uint32_t off;

    if (!ether_type(batch->link_type[i], data, len, &type, &off))
        return;
    if (is_tag(type))
        input->hidden_tagged += filter->says_tags ? 0 : 1;
    else if (off <= len && is_tunnel(type, data + off, len - off))
        input->hidden_tunnelled++;
}

static void
move_frame(struct gw_batch *batch, uint32_t to, uint32_t from)
{
    batch->data[to] = batch->data[from];
    batch->captured_len[to] = batch->captured_len[from];
    batch->wire_len[to] = batch->wire_len[from];
    batch->time_ns[to] = batch->time_ns[from];
    batch->number[to] = batch->number[from];
    batch->link_type[to] = batch->link_type[from];
}

int
gw_source_filter_bulk(struct gw_filter *filter, struct gw_batch *batch, struct gw_input *input,
    struct gw_error_text *ret_error)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < batch->count; i++) {
        const struct program *program = program_for(filter, batch->link_type[i], ret_error);

        if (program == NULL)
            return GW_E_FILTER;
        if (bpf_filter(program->code.bf_insns, batch->data[i], batch->wire_len[i],
                batch->captured_len[i]) != 0) {
            if (kept != i)
                move_frame(batch, kept, i);
            kept++;
        } else {
            input->filtered++;
            count_hidden(filter, batch, i, input);
        }
    }
    batch->count = kept;
    return GW_DONE;
}
