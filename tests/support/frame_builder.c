/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/support/frame_builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 64u
#define FRAME_MAX (GW_MESSAGE_MAX + 256u)

static void
die(const char *what, const char *detail)
{
    fprintf(stderr, "frame builder: %s: %s\n", what, detail);
    abort();
}

static void
put16(uint8_t *octets, uint32_t value)
{
    octets[0] = (uint8_t)(value >> 8);
    octets[1] = (uint8_t)value;
}

static void
put32(uint8_t *octets, uint32_t value)
{
    put16(octets, value >> 16);
    put16(octets + 2, value);
}

const uint8_t *
gw_built_data(const struct gw_built *built)
{
    return built->room + built->start;
}

uint32_t
gw_built_len(const struct gw_built *built)
{
    return GW_BUILT_ROOM - built->start;
}

/* Put a header of @p len zeroes in front, and return it. */
static uint8_t *
prepend(struct gw_built *built, uint32_t len)
{
    if (built->start < len)
        die("no room", "");
    built->start -= len;
    memset(built->room + built->start, 0, len);
    return built->room + built->start;
}

/* Say how others announce what was just built. */
static void
announce(struct gw_built *built, uint16_t ether_type, uint8_t ip_protocol, uint16_t ppp_protocol)
{
    built->ether_type = ether_type;
    built->ip_protocol = ip_protocol;
    built->ppp_protocol = ppp_protocol;
    built->port = 0;
}

/* A header of fixed octets, with at most one field that announces what is inside. */
struct simple {
    const char *word;
    const char *octets;
    uint32_t len;
    int32_t type_off; /* of an EtherType; -1: none */
    uint16_t ether_type;
    uint8_t ip_protocol;
    uint16_t port;
};

#define OCTETS(text) text, sizeof(text) - 1
#define ZEROES_8     "\0\0\0\0\0\0\0\0"

static const struct simple simples[] = {
    {"eth", OCTETS("\2\0\0\0\0\1\2\0\0\0\0\2\0\0"), 12, 0x6558, 143, 0},
    {"llc", OCTETS("\xaa\xaa\3\0\0\0\0\0"), 6, 4, 0, 0},
    {"llc-ip", OCTETS("\6\6\3"), -1, 4, 0, 0},
    {"vlan", OCTETS("\0\7\0\0"), 2, 0x8100, 0, 0},
    {"qinq", OCTETS("\0\7\0\0"), 2, 0x88a8, 0, 0},
    {"v9100", OCTETS("\0\7\0\0"), 2, 0x9100, 0, 0},
    {"v9200", OCTETS("\0\7\0\0"), 2, 0x9200, 0, 0},
    {"cw", OCTETS("\0\0\0\0"), -1, 0, 0, 0},
    {"hdlc", OCTETS("\xff\3"), -1, 0, 0, 0},
    {"null", OCTETS("\2\0\0\0"), -1, 0, 0, 0},
    {"null-be", OCTETS("\0\0\0\2"), -1, 0, 0, 0},
    {"null-type", OCTETS("\17\0\0\0"), 2, 0, 0, 0},
    {"null-6", OCTETS("\36\0\0\0"), -1, 0, 0, 0},
    {"loop-6", OCTETS("\0\0\0\30"), -1, 0, 0, 0},
    {"sll", OCTETS("\0\0\0\1\0\6\0\0\0\0\0\0\0\0\0\0"), 14, 0, 0, 0},
    {"sll2", OCTETS("\0\0\0\0\0\0\0\1\0\1\0\6\0\0\0\0\0\0\0\0"), 0, 0, 0, 0},
    {"chdlc", OCTETS("\17\0\0\0"), 2, 0, 0, 0},
    {"fddi", OCTETS("\x50\0\0\0\0\0\1\0\0\0\0\0\2"), -1, 0, 0, 0},
    {"arcnet", OCTETS("\1\2\xd4\0\0\1"), -1, 0, 0, 0},
    {"arcnet-exc", OCTETS("\1\2\xd4\xff\xff\xff\xd4\0\0\1"), -1, 0, 0, 0},
    {"arcnet-linux", OCTETS("\1\2\0\0\xf0"), -1, 0, 0, 0},
    {"wlan", OCTETS("\x08\1" ZEROES_8 ZEROES_8 "\0\0\0\0\0\0"), -1, 0, 0, 0},
    {"wlan-qos", OCTETS("\x88\3" ZEROES_8 ZEROES_8 ZEROES_8 "\0\0\0\0\0\0"), -1, 0, 0, 0},
    {"wlan-qos3", OCTETS("\x88\1" ZEROES_8 ZEROES_8 "\0\0\0\0\0\0\0\0\0\0"), -1, 0, 0, 0},
    {"radiotap", OCTETS("\0\0\x12\0\3\0\0\0" ZEROES_8 "\x20\0"), -1, 0, 0, 0},
    {"ppi", OCTETS("\0\0\x0c\0\1\0\0\0\0\0\0\0"), -1, 0, 0, 0},
    {"nflog", OCTETS("\2\0\0\0\6\0\3\0ab\0\0\xff\xff\x09\0"), -1, 0, 0, 0},
    {"pktap", OCTETS("\x10\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0"), -1, 0, 0, 0},
    {"gre", OCTETS("\0\0\0\0"), 2, 0, 47, 4754},
    {"gre-c", OCTETS("\x80\0\0\0\0\0\0\0"), 2, 0, 47, 4754},
    {"gre-k", OCTETS("\x20\0\0\0\0\0\0\1"), 2, 0, 47, 4754},
    {"gre-s", OCTETS("\x10\0\0\0\0\0\0\1"), 2, 0, 47, 4754},
    {"gre-cks", OCTETS("\xb0\0\0\0" ZEROES_8 "\0\0\0\0"), 2, 0, 47, 4754},
    {"gre-r", OCTETS("\x40\0\0\0"), 2, 0, 47, 4754},
    {"gre-v2", OCTETS("\0\2\0\0"), 2, 0, 47, 4754},
    {"pptp", OCTETS("\x30\x81\x88\x0b\0\0\0\1\0\0\0\1\0\0\0\1"), -1, 0, 47, 0},
    {"pptp-ack", OCTETS("\x20\x81\x88\x0b\0\0\0\1\0\0\0\1"), -1, 0, 47, 0},
    {"erspan1", OCTETS("\0\0\x88\xbe"), -1, 0, 47, 0},
    {"erspan2", OCTETS("\x10\0\x88\xbe\0\0\0\1" ZEROES_8), -1, 0, 47, 0},
    {"erspan3", OCTETS("\x10\0\x22\xeb\0\0\0\1" ZEROES_8 "\0\0\0\0"), -1, 0, 47, 0},
    {"erspan3o", OCTETS("\x10\0\x22\xeb\0\0\0\1" ZEROES_8 "\0\0\0\1" ZEROES_8), -1, 0, 47, 0},
    {"vxlan", OCTETS("\x08\0\0\0\0\0\x2a\0"), -1, 0, 0, 4789},
    {"vxlan-none", OCTETS("\0\0\0\0\0\0\x2a\0"), -1, 0, 0, 4789},
    {"vxlan-linux", OCTETS("\x08\0\0\0\0\0\x2a\0"), -1, 0, 0, 8472},
    {"gpe-ip4", OCTETS("\x0c\0\0\1\0\0\x2a\0"), -1, 0, 0, 4790},
    {"geneve", OCTETS("\0\0\0\0\0\0\x2a\0"), 2, 0, 0, 6081},
    {"geneve-opt", OCTETS("\2\0\0\0\0\0\x2a\0" ZEROES_8), 2, 0, 0, 6081},
    {"gtp", OCTETS("\x30\xff\0\0\0\0\0\1"), -1, 0, 0, 2152},
    {"gtp-ext", OCTETS("\x34\xff\0\0\0\0\0\1\0\0\0\x85\1\0\0\0"), -1, 0, 0, 2152},
    {"gtp-zero", OCTETS("\x34\xff\0\0\0\0\0\1\0\0\0\x85\0\0\0\0"), -1, 0, 0, 2152},
    {"teredo", OCTETS(""), -1, 0, 0, 3544},
    {"teredo-origin", OCTETS("\0\1\0\0" ZEROES_8 "\0" ZEROES_8), -1, 0, 0, 3544},
    {"etherip", OCTETS("\x30\0"), -1, 0, 97, 0},
    {"icmp", OCTETS("\3\1\0\0\0\0\0\0"), -1, 0, 1, 0},
    {"icmp6", OCTETS("\1\0\0\0\0\0\0\0"), -1, 0, 58, 0},
    {"none", OCTETS(""), -1, 0, 59, 0},
    {"sctp", OCTETS(ZEROES_8 "\0\0\0\0"), -1, 0, 132, 0},
    {"arp", OCTETS(ZEROES_8), -1, 0x0806, 0, 0},
};

static bool
build_simple(struct gw_built *built, const char *word)
{
    for (size_t i = 0; i < GW_ARRAY_LEN(simples); i++) {
        const struct simple *simple = &simples[i];

        if (strcmp(simple->word, word) != 0)
            continue;

        const uint32_t inner_len = gw_built_len(built);
        const uint16_t type = built->ether_type;
        uint8_t *header = prepend(built, simple->len);

        if (simple->len > 0)
            memcpy(header, simple->octets, simple->len);
        if (simple->type_off >= 0) /* an LLC header goes behind a length */
            put16(header + simple->type_off, type == 4 && simple->len == 14 ? inner_len : type);
        announce(built, simple->ether_type, simple->ip_protocol, 0);
        built->port = simple->port;
        return true;
    }
    return false;
}

static void
build_ip4(struct gw_built *built, const char *word)
{
    const uint32_t len = strcmp(word, "ip4opt") == 0 ? 32 : 20;
    const uint32_t total_len = len + gw_built_len(built);
    const uint8_t protocol = built->ip_protocol;
    uint8_t *header = prepend(built, len);

    header[0] = (uint8_t)(0x40 | len / 4);
    put16(header + 2, strcmp(word, "ip4off") == 0 ? 0 : total_len);
    header[8] = 61;
    header[9] = protocol;
    put32(header + 12, 0xc0000235); /* 192.0.2.53 */
    put32(header + 16, 0xc6336409); /* 198.51.100.9 */
    announce(built, 0x0800, 4, 0x21);
}

static void
build_ip6(struct gw_built *built, const char *word)
{
    const bool jumbo = strcmp(word, "jumbo") == 0;
    const uint32_t payload_len = gw_built_len(built) + (jumbo ? 8u : 0u);
    const uint8_t next = built->ip_protocol;
    uint8_t *header = prepend(built, jumbo ? 48 : 40);

    header[0] = 0x60;
    put16(header + 4, jumbo ? 0 : payload_len);
    header[6] = jumbo ? 0 : next;
    header[7] = 62;
    put32(header + 8, 0x20010db8);
    header[23] = 0x53;
    put32(header + 24, 0x20010db8);
    header[39] = 9;
    if (jumbo) {
        header[40] = next;
        header[42] = 0xc2;
        header[43] = 4;
        put32(header + 44, payload_len);
    }
    announce(built, 0x86dd, 41, 0x57);
}

static bool
build_extension(struct gw_built *built, const char *word)
{
    static const struct {
        const char *word;
        uint8_t protocol, len, units;
    } extensions[] = {
        {"hop", 0, 8, 0},
        {"dest", 60, 16, 1},
        {"route", 43, 24, 2},
        {"ah", 51, 24, 4},
        {"atomic", 44, 8, 0},
        {"mobility", 135, 8, 0},
    };

    for (size_t i = 0; i < GW_ARRAY_LEN(extensions); i++) {
        if (strcmp(extensions[i].word, word) != 0)
            continue;

        const uint8_t next = built->ip_protocol;
        uint8_t *header = prepend(built, extensions[i].len);

        header[0] = next;
        header[1] = extensions[i].units;
        announce(built, 0, extensions[i].protocol, 0);
        return true;
    }
    return false;
}

static bool
build_transport(struct gw_built *built, const char *word)
{
    const uint16_t port = built->port;
    const uint32_t len = gw_built_len(built);

    if (strncmp(word, "udp", 3) == 0) {
        const bool back = strcmp(word, "udp-back") == 0;
        uint8_t *header = prepend(built, 8);

        put16(header, back ? port : 4242);
        put16(header + 2, back ? 4242 : port);
        put16(header + 4, strcmp(word, "udp0") == 0 ? 0 : 8 + len);
        announce(built, 0, 17, 0);
        return true;
    }
    if (strcmp(word, "tcp") == 0) {
        uint8_t *header = prepend(built, 32);

        put16(header, 4242);
        put16(header + 2, port);
        put32(header + 4, 1000);
        header[12] = 0x80;
        header[13] = 0x18;
        announce(built, 0, 6, 0);
        return true;
    }
    return false;
}

/* Headers that look at what is inside, other than IP and transport. */
static bool
build_special(struct gw_built *built, const char *word)
{
    const bool label_inside = built->inner != NULL && strcmp(built->inner, "mpls") == 0;
    const uint16_t ppp_protocol = built->ppp_protocol;
    const uint32_t len = gw_built_len(built);

    if (strcmp(word, "mpls") == 0) {
        put32(prepend(built, 4), label_inside ? 0x00010040 : 0x00010140);
        announce(built, 0x8847, 137, 0x281);
        built->port = 6635;
    } else if (strcmp(word, "ppp") == 0) {
        put16(prepend(built, 2), ppp_protocol);
        announce(built, 0x880b, 0, 0);
    } else if (strcmp(word, "ppp1") == 0) {
        *prepend(built, 1) = (uint8_t)ppp_protocol;
        announce(built, 0x880b, 0, 0);
    } else if (strcmp(word, "pppoe") == 0) {
        uint8_t *header = prepend(built, 6);

        header[0] = 0x11;
        put16(header + 2, 5);
        put16(header + 4, len);
        announce(built, 0x8864, 0, 0);
    } else {
        return false;
    }
    return true;
}

static bool
build_content(struct gw_built *built, const char *word)
{
    static const char dns[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0\2ns\7example\0\0\1\0\1";

    if (strcmp(word, "dns") == 0) {
        memcpy(prepend(built, sizeof(dns) - 1), dns, sizeof(dns) - 1);
    } else if (strcmp(word, "dns-tcp") == 0) {
        uint8_t *message = prepend(built, sizeof(dns) + 1);

        put16(message, sizeof(dns) - 1);
        memcpy(message + 2, dns, sizeof(dns) - 1);
    } else if (strcmp(word, "short") == 0) {
        memcpy(prepend(built, 11), dns, 11);
    } else if (strcmp(word, "tls") == 0 || strcmp(word, "data") == 0) {
        memset(prepend(built, 40), 0x55, 40);
    } else {
        return false;
    }
    announce(built, 0, 0, 0);
    built->port = strcmp(word, "tls") == 0 ? 853 : strcmp(word, "data") == 0 ? 123 : 53;
    return true;
}

static void
build_word(struct gw_built *built, const char *word)
{
    if (strncmp(word, "ip4", 3) == 0)
        build_ip4(built, word);
    else if (strcmp(word, "ip6") == 0 || strcmp(word, "jumbo") == 0)
        build_ip6(built, word);
    else if (!build_simple(built, word) && !build_extension(built, word) &&
             !build_transport(built, word) && !build_special(built, word) &&
             !build_content(built, word))
        die("unknown word", word);
    built->inner = word;
}

void
gw_build(struct gw_built *built, const char *words)
{
    char copy[512];
    const char *word[WORDS_MAX];
    size_t count = 0;
    char *rest = copy;

    if ((size_t)snprintf(copy, sizeof(copy), "%s", words) >= sizeof(copy))
        die("too long", words);
    for (char *next = strsep(&rest, " "); next != NULL && count < WORDS_MAX;
         next = strsep(&rest, " "))
        word[count++] = next;
    memset(built, 0, sizeof(*built));
    built->start = GW_BUILT_ROOM;
    while (count > 0)
        build_word(built, word[--count]);
    built->inner = NULL;
}

void
gw_watch_init(struct gw_watch *watch)
{
    memset(&watch->stats, 0, sizeof(watch->stats));
    watch->count = 0;
    watch->number = 0;
    watch->time_ns = 1000 * GW_NS_PER_S;
    gw_guard_init(&watch->guard, FRAME_MAX);
    watch->frame = gw_frame_new(&watch->stats);
    if (watch->frame == NULL)
        die("no decoder", "");
}

void
gw_watch_clear(struct gw_watch *watch)
{
    for (uint32_t i = 0; i < watch->count; i++) {
        union {
            const uint8_t *constant;
            void *owned;
        } octets = {.constant = watch->message[i].payload.data};

        free(octets.owned);
    }
    watch->count = 0;
}

void
gw_watch_law(const struct gw_watch *watch, uint64_t held)
{
    const struct gw_packet_stats *stats = &watch->stats;
    uint64_t sum = stats->parsed + stats->held;

    for (size_t i = 0; i < GW_WHY_COUNT; i++)
        sum += stats->skipped[i];
    if (stats->seen != sum)
        die("law", "frames lost or counted twice");
    if (stats->held != held)
        die("law", "held is not what it should be");
}

void
gw_watch_done(struct gw_watch *watch)
{
    gw_frame_finish(watch->frame);
    gw_watch_law(watch, 0);
    gw_frame_free(watch->frame);
    gw_watch_clear(watch);
    gw_guard_done(&watch->guard);
}

static void
keep(struct gw_watch *watch, const struct gw_payload *payload)
{
    if (watch->count == GW_WATCH_MESSAGES)
        die("too many messages", "");

    struct gw_watched_message *message = &watch->message[watch->count++];
    uint8_t *copy = malloc(payload->len);

    if (copy == NULL)
        die("no memory", "");
    memcpy(copy, payload->data, payload->len);
    message->payload = *payload;
    message->payload.data = copy;
    message->fragments.count = 0;
    if (payload->fragments != NULL)
        message->fragments = *payload->fragments;
}

void
gw_watch_batch(struct gw_watch *watch, const struct gw_batch *batch)
{
    bool more = true;

    while (more) {
        more = gw_frame_decode(watch->frame, batch, &watch->payloads);
        gw_watch_law(watch, watch->stats.held);
        for (uint32_t i = 0; i < watch->payloads.count; i++)
            keep(watch, &watch->payloads.item[i]);
    }
}

void
gw_watch_frame(struct gw_watch *watch, uint16_t link_type, const uint8_t *data, uint32_t len,
    uint32_t wire_len)
{
    struct gw_batch batch = {
        .count = 1,
        .data = {gw_guard_copy(&watch->guard, data, len)},
        .captured_len = {len},
        .wire_len = {wire_len},
        .time_ns = {watch->time_ns},
        .number = {++watch->number},
        .link_type = {link_type},
    };

    gw_watch_batch(watch, &batch);
}

static uint32_t
put_piece6(uint8_t *frame, const struct gw_piece *piece, uint32_t len)
{
    const bool fragment = piece->more || piece->off != 0;
    const uint32_t header_len = fragment ? 48 : 40;

    memset(frame, 0, header_len);
    frame[0] = 0x60;
    put16(frame + 4, len + header_len - 40);
    frame[6] = fragment ? 44 : piece->protocol;
    frame[7] = 62;
    put32(frame + 8, 0x20010db8);
    put32(frame + 24, 0x20010db8);
    frame[23] = 0x53;
    frame[39] = 9;
    if (fragment) {
        frame[40] = piece->protocol;
        put16(frame + 42, piece->off | piece->more);
        put32(frame + 44, piece->id);
    }
    return header_len;
}

static uint32_t
put_piece4(uint8_t *frame, const struct gw_piece *piece, uint32_t len)
{
    memset(frame, 0, 20);
    frame[0] = 0x45;
    put16(frame + 2, 20 + len);
    put16(frame + 4, piece->id);
    put16(frame + 6, piece->off / 8 | (piece->more ? 0x2000u : 0u));
    frame[8] = 61;
    frame[9] = piece->protocol;
    put32(frame + 12, 0xc0000235);
    put32(frame + 16, 0xc6336409);
    return 20;
}

uint32_t
gw_build_piece(uint8_t *frame, const struct gw_piece *piece, const uint8_t *data, uint32_t len)
{
    uint32_t pos = 12;

    memset(frame, 2, pos);
    if (piece->vlan != 0) {
        put16(frame + pos, 0x8100);
        put16(frame + pos + 2, piece->vlan);
        pos += 4;
    }
    put16(frame + pos, piece->family == 4 ? 0x0800 : 0x86dd);
    pos += 2;
    pos += piece->family == 4 ? put_piece4(frame + pos, piece, len)
                              : put_piece6(frame + pos, piece, len);
    if (len > 0)
        memcpy(frame + pos, data, len);
    return pos + len;
}

uint32_t
gw_build_udp(uint8_t *datagram, uint16_t source_port, uint16_t destination_port,
    const uint8_t *data, uint32_t len)
{
    put16(datagram, source_port);
    put16(datagram + 2, destination_port);
    put16(datagram + 4, 8 + len);
    put16(datagram + 6, 0);
    memcpy(datagram + 8, data, len);
    return 8 + len;
}

uint32_t
gw_build_tcp(uint8_t *segment, const uint16_t ports[2], uint32_t seq, uint8_t flags,
    const uint8_t *data, uint32_t len)
{
    memset(segment, 0, 20);
    put16(segment, ports[0]);
    put16(segment + 2, ports[1]);
    put32(segment + 4, seq);
    segment[12] = 0x50;
    segment[13] = flags;
    if (len > 0)
        memcpy(segment + 20, data, len);
    return 20 + len;
}

void
gw_build_dns(uint8_t *message, uint32_t len, bool response, uint32_t seed)
{
    uint32_t state = seed * 2654435761u + 1;

    for (uint32_t i = 0; i < len; i++) {
        state = state * 1103515245u + 12345u;
        message[i] = (uint8_t)(state >> 16);
    }
    memset(message + 2, 0, 10);
    message[2] = response ? 0x80 : 0;
    message[5] = len >= 17;
}
