/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/scenario/wire.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABELS_MAX    127u
#define SUFFIX_SLOTS  16384u /* a power of two; a message of SC_RECORDS_MAX names fits */
#define POINTER_REACH 0x3fffu
#define CLASS_IN      1u
#define SIGNATURE_LEN 64u
#define OPTION_ECS    8u
#define OPTION_COOKIE 10u

/** A message being written, and the suffixes that a pointer may lead to. */
struct pen {
    uint8_t *octets;
    uint32_t len;
    const struct sc_spelling *spelling;
    uint64_t *key;    /* of suffixes; 0: free */
    uint16_t *target; /* offset of the suffix of the same slot */
    uint32_t mask;
};

_Noreturn void
sc_die(const char *why)
{
    fprintf(stderr, "scenario: %s\n", why);
    exit(1);
}

void
sc_msg_init(struct sc_msg *msg)
{
    memset(msg, 0, offsetof(struct sc_msg, rr));
    msg->qname = "";
}

static struct sc_rr *
add(struct sc_msg *msg, enum sc_section section, const char *owner, uint16_t type, uint32_t ttl)
{
    if (msg->count == SC_RECORDS_MAX) {
        sc_die("too many records in a message");
    }
    struct sc_rr *rr = &msg->rr[msg->count++];
    *rr = (struct sc_rr){
        .owner = owner, .type = type, .class = CLASS_IN, .section = (uint8_t)section, .ttl = ttl};
    return rr;
}

void
sc_add_addr(struct sc_msg *msg, enum sc_section section, const char *owner, uint32_t ttl,
    struct sc_addr addr)
{
    if (addr.family != 0) {
        add(msg, section, owner, addr.family == 4 ? SC_A : SC_AAAA, ttl)->addr = addr;
    }
}

void
sc_add_name(struct sc_msg *msg, enum sc_section section, const char *owner, uint16_t type,
    uint32_t ttl, const char *target)
{
    add(msg, section, owner, type, ttl)->name = target;
}

void
sc_add_soa(
    struct sc_msg *msg, enum sc_section section, const char *owner, uint32_t ttl, const char *mname)
{
    add(msg, section, owner, SC_SOA, ttl)->name = mname;
}

void
sc_add_raw(struct sc_msg *msg, enum sc_section section, const char *owner, uint16_t type,
    uint32_t ttl, const uint8_t *raw, uint16_t len)
{
    struct sc_rr *rr = add(msg, section, owner, type, ttl);
    rr->raw = raw;
    rr->raw_len = len;
}

void
sc_add_ds(struct sc_msg *msg, enum sc_section section, const char *owner, uint32_t ttl)
{
    add(msg, section, owner, SC_DS, ttl)->raw_len = 36;
}

void
sc_add_rrsig(struct sc_msg *msg, enum sc_section section, const char *owner, uint16_t covered,
    uint32_t ttl, const char *signer)
{
    struct sc_rr *rr = add(msg, section, owner, SC_RRSIG, ttl);
    rr->name = signer;
    rr->covered = covered;
    rr->raw_len = SIGNATURE_LEN;
}

static void
put8(struct pen *pen, uint32_t value)
{
    if (pen->len >= SC_MESSAGE_MAX) {
        sc_die("a message does not fit");
    }
    pen->octets[pen->len++] = (uint8_t)value;
}

static void
put16(struct pen *pen, uint32_t value)
{
    put8(pen, value >> 8 & 0xff);
    put8(pen, value & 0xff);
}

static void
put32(struct pen *pen, uint32_t value)
{
    put16(pen, value >> 16);
    put16(pen, value & 0xffff);
}

static void
put_octets(struct pen *pen, const uint8_t *octets, uint32_t len)
{
    if (len > SC_MESSAGE_MAX - pen->len) {
        sc_die("a message does not fit");
    }
    memcpy(pen->octets + pen->len, octets, len);
    pen->len += len;
}

/** Made-up octets that depend on the owner and type only, so that repeats are equal. */
static void
put_filler(struct pen *pen, const struct sc_rr *rr, uint32_t len)
{
    struct sc_draw draw = sc_draw_from(rr->type, len);

    for (const char *at = rr->owner; *at != '\0'; at++) {
        draw.state = sc_mix(draw.state + (uint8_t)*at);
    }
    while (len-- > 0) {
        put8(pen, sc_draw_below(&draw, 256));
    }
}

/** Where the suffix with this key stands, or where it is to be noted. */
static uint32_t
slot_of(const struct pen *pen, uint64_t key)
{
    uint32_t slot = (uint32_t)key & pen->mask;

    while (pen->key[slot] != 0 && pen->key[slot] != key) {
        slot = (slot + 1) & pen->mask;
    }
    return slot;
}

/** Cut @p name into labels; returns their number. */
static uint32_t
split(const char *name, const char *label[LABELS_MAX + 1])
{
    uint32_t count = 0;

    while (*name != '\0') {
        if (count == LABELS_MAX) {
            sc_die("a name has too many labels");
        }
        label[count++] = name;
        const char *dot = strchr(name, '.');
        name = dot ? dot + 1 : name + strlen(name);
        label[count] = dot ? name : name + 1;
    }
    return count;
}

/** Keys of the suffixes of a name, from each label to the end. */
static void
suffix_keys(const struct pen *pen, const char **label, uint32_t count, uint64_t *key)
{
    uint64_t sum = 0x1234567;

    for (uint32_t i = count; i-- > 0;) {
        for (const char *at = label[i]; at < label[i + 1] - 1; at++) {
            int letter = pen->spelling->carries_case ? tolower((uint8_t)*at) : (uint8_t)*at;
            sum = (sum ^ (uint64_t)letter) * UINT64_C(0x100000001b3);
        }
        sum = sc_mix(sum + 0x2e);
        key[i] = sum | 1;
    }
}

static void
put_name(struct pen *pen, const char *name, bool compress)
{
    const char *label[LABELS_MAX + 1];
    uint64_t key[LABELS_MAX];
    uint32_t count = split(name, label);

    suffix_keys(pen, label, count, key);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t slot = slot_of(pen, key[i]);
        if (pen->key[slot] != 0 && compress && !pen->spelling->plain) {
            put16(pen, 0xc000u | pen->target[slot]);
            return;
        }
        if (pen->key[slot] == 0 && pen->len <= POINTER_REACH) {
            pen->key[slot] = key[i];
            pen->target[slot] = (uint16_t)pen->len;
        }
        uint32_t len = (uint32_t)(label[i + 1] - label[i]) - 1;
        put8(pen, len);
        put_octets(pen, (const uint8_t *)label[i], len);
    }
    put8(pen, 0);
}

static void
put_soa(struct pen *pen, const struct sc_rr *rr)
{
    static const uint32_t times[] = {2026010101, 7200, 900, 1209600, 600};

    put_name(pen, rr->name, true);
    put_name(pen, rr->name, true);
    for (uint32_t i = 0; i < 5; i++) {
        put32(pen, times[i]);
    }
}

/** RRSIG (RFC 4034 section 3.1) with raw_len octets of signature. */
static void
put_rrsig(struct pen *pen, const struct sc_rr *rr)
{
    put16(pen, rr->covered);
    put8(pen, 13);
    put8(pen, 2);
    put32(pen, rr->ttl);
    put32(pen, 1900000000);
    put32(pen, 1600000000);
    put16(pen, 4711);
    put_name(pen, rr->name, false);
    put_filler(pen, rr, rr->raw_len);
}

static void
put_rdata(struct pen *pen, const struct sc_rr *rr, const struct sc_addr *addr)
{
    if (addr->family != 0) {
        put_octets(pen, addr->octets, addr->family == 4 ? 4 : 16);
    } else if (rr->type == SC_SOA) {
        put_soa(pen, rr);
    } else if (rr->type == SC_RRSIG && rr->name) {
        put_rrsig(pen, rr);
    } else if (rr->name) {
        if (rr->type == SC_MX) {
            put16(pen, 10);
        }
        put_name(pen, rr->name, true);
    } else if (rr->raw) {
        put_octets(pen, rr->raw, rr->raw_len);
    } else {
        put_filler(pen, rr, rr->raw_len);
    }
}

static void
put_record(struct pen *pen, const struct sc_rr *rr)
{
    struct sc_addr addr = rr->addr;
    uint16_t type = rr->type;

    if (addr.family != 0 && pen->spelling->swap_families) {
        addr = sc_addr_swap(addr);
        type = addr.family == 4 ? SC_A : SC_AAAA;
    }
    put_name(pen, rr->owner, true);
    put16(pen, type);
    put16(pen, rr->class);
    put32(pen, rr->ttl);
    uint32_t length_at = pen->len;
    put16(pen, 0);
    put_rdata(pen, rr, &addr);
    uint32_t len = pen->len - length_at - 2;
    pen->octets[length_at] = (uint8_t)(len >> 8);
    pen->octets[length_at + 1] = (uint8_t)len;
}

static void
put_opt(struct pen *pen, const struct sc_edns *edns)
{
    uint32_t ecs_octets = (edns->ecs_bits + 7u) / 8;
    uint32_t cookie = edns->cookie_len ? 4u + edns->cookie_len : 0;

    put8(pen, 0);
    put16(pen, SC_OPT);
    put16(pen, edns->size);
    put32(pen, edns->dnssec ? 0x8000 : 0);
    put16(pen, cookie + (edns->ecs_bits ? 8 + ecs_octets : 0));
    if (cookie != 0) {
        put16(pen, OPTION_COOKIE);
        put16(pen, edns->cookie_len);
        put_octets(pen, edns->cookie, edns->cookie_len);
    }
    if (edns->ecs_bits != 0) {
        put16(pen, OPTION_ECS);
        put16(pen, 4 + ecs_octets);
        put16(pen, 1);
        put8(pen, edns->ecs_bits);
        put8(pen, edns->ecs_scope);
        put_octets(pen, edns->ecs, ecs_octets);
    }
}

static void
put_header(struct pen *pen, const struct sc_msg *msg, const uint32_t count[3])
{
    put16(pen, msg->id);
    put16(pen, (uint32_t)msg->qr << 15 | (uint32_t)msg->opcode << 11 | (uint32_t)msg->aa << 10 |
                   (uint32_t)msg->tc << 9 | (uint32_t)msg->rd << 8 | (uint32_t)msg->ra << 7 |
                   (uint32_t)msg->ad << 5 | (uint32_t)msg->cd << 4 | msg->rcode);
    put16(pen, msg->no_question ? 0 : 1);
    put16(pen, count[SC_ANSWER]);
    put16(pen, count[SC_AUTHORITY]);
    put16(pen, count[SC_ADDITIONAL] + (msg->edns.present ? 1 : 0));
    if (!msg->no_question) {
        put_name(pen, msg->qname, true);
        put16(pen, msg->qtype);
        put16(pen, CLASS_IN);
    }
}

/** Write the records of one section, in their order or shuffled. */
static void
put_section(struct pen *pen, const struct sc_msg *msg, uint32_t section)
{
    uint16_t list[SC_RECORDS_MAX];
    uint32_t count = 0;

    for (uint32_t i = 0; i < msg->count; i++) {
        if (msg->rr[i].section == section) {
            list[count++] = (uint16_t)i;
        }
    }
    /* An alias chain is read in order. */
    for (uint32_t i = count; pen->spelling->order && section != SC_ANSWER && i > 1; i--) {
        uint32_t other = sc_draw_below(pen->spelling->order, i);
        uint16_t kept = list[i - 1];
        list[i - 1] = list[other];
        list[other] = kept;
    }
    for (uint32_t i = 0; i < count; i++) {
        put_record(pen, &msg->rr[list[i]]);
    }
}

uint32_t
sc_msg_encode(const struct sc_msg *msg, const struct sc_spelling *spelling, uint8_t *octets)
{
    uint64_t key[SUFFIX_SLOTS];
    uint16_t target[SUFFIX_SLOTS];
    uint32_t slots = msg->count < 24 ? 256 : SUFFIX_SLOTS;
    struct pen pen = {octets, 0, spelling, key, target, slots - 1};
    uint32_t count[3] = {0, 0, 0};

    memset(key, 0, slots * sizeof(key[0]));
    for (uint32_t i = 0; i < msg->count; i++) {
        count[msg->rr[i].section]++;
    }
    put_header(&pen, msg, count);
    for (uint32_t section = 0; section < 3; section++) {
        put_section(&pen, msg, section);
    }
    if (msg->edns.present) {
        put_opt(&pen, &msg->edns);
    }
    return pen.len;
}

struct sc_addr
sc_addr_of(const char *text)
{
    struct sc_addr addr = {strchr(text, ':') ? 6 : 4, {0}};

    if (inet_pton(addr.family == 4 ? AF_INET : AF_INET6, text, addr.octets) != 1) {
        sc_die("wrong text of an address");
    }
    return addr;
}

/* 2a10:AABB:CC00::DD for A.B.C.D, so that a /24 becomes a /48. */
struct sc_addr
sc_addr_six(struct sc_addr v4)
{
    struct sc_addr six = {6, {0x2a, 0x10}};

    memcpy(six.octets + 2, v4.octets, 3);
    six.octets[15] = v4.octets[3];
    return six;
}

bool
sc_addr_equal(struct sc_addr one, struct sc_addr other)
{
    return one.family == other.family &&
           memcmp(one.octets, other.octets, one.family == 4 ? 4 : 16) == 0;
}

/** Known places in both families: unspecified, loopback, root servers a to m, b as it was. */
static const struct {
    uint8_t four[4];
    uint8_t six[16];
} known_pairs[] = {
    {{0}, {0}},
    {{127, 0, 0, 1}, {[15] = 1}},
    {{198, 41, 0, 4}, {0x20, 0x01, 0x05, 0x03, 0xba, 0x3e, [13] = 2, [15] = 0x30}},
    {{170, 247, 170, 2}, {0x28, 0x01, 0x01, 0xb8, 0, 0x10, [15] = 0x0b}},
    {{192, 33, 4, 12}, {0x20, 0x01, 0x05, 0, 0, 2, [15] = 0x0c}},
    {{199, 7, 91, 13}, {0x20, 0x01, 0x05, 0, 0, 0x2d, [15] = 0x0d}},
    {{192, 203, 230, 10}, {0x20, 0x01, 0x05, 0, 0, 0xa8, [15] = 0x0e}},
    {{192, 5, 5, 241}, {0x20, 0x01, 0x05, 0, 0, 0x2f, [15] = 0x0f}},
    {{192, 112, 36, 4}, {0x20, 0x01, 0x05, 0, 0, 0x12, [14] = 0x0d, 0x0d}},
    {{198, 97, 190, 53}, {0x20, 0x01, 0x05, 0, 0, 1, [15] = 0x53}},
    {{192, 36, 148, 17}, {0x20, 0x01, 0x07, 0xfe, [15] = 0x53}},
    {{192, 58, 128, 30}, {0x20, 0x01, 0x05, 0x03, 0x0c, 0x27, [13] = 2, [15] = 0x30}},
    {{193, 0, 14, 129}, {0x20, 0x01, 0x07, 0xfd, [15] = 1}},
    {{199, 7, 83, 42}, {0x20, 0x01, 0x05, 0, 0, 0x9f, [15] = 0x42}},
    {{202, 12, 27, 33}, {0x20, 0x01, 0x0d, 0xc3, [15] = 0x35}},
    {{199, 9, 14, 201}, {0x20, 0x01, 0x05, 0, 0x02, 0, [15] = 0x0b}},
};

#define KNOWN_PAIRS      (sizeof(known_pairs) / sizeof(known_pairs[0]))
#define KNOWN_ROOTS_FROM 2u

static struct sc_addr
addr_from(uint8_t family, const uint8_t *octets)
{
    struct sc_addr addr = {family, {0}};

    memcpy(addr.octets, octets, family == 4 ? 4 : 16);
    return addr;
}

struct sc_addr
sc_addr_of_root(uint32_t letter, uint8_t family)
{
    uint32_t at = KNOWN_ROOTS_FROM + letter;

    return addr_from(family, family == 4 ? known_pairs[at].four : known_pairs[at].six);
}

struct sc_addr
sc_addr_swap(struct sc_addr addr)
{
    struct sc_addr other;

    for (uint32_t i = 0; i < KNOWN_PAIRS; i++) {
        if (addr.family == 4 && memcmp(addr.octets, known_pairs[i].four, 4) == 0) {
            return addr_from(6, known_pairs[i].six);
        }
        if (addr.family == 6 && memcmp(addr.octets, known_pairs[i].six, 16) == 0) {
            return addr_from(4, known_pairs[i].four);
        }
    }
    if (addr.family == 4 && addr.octets[0] != 10) {
        return sc_addr_six(addr);
    }
    if (addr.family == 4) {
        other = sc_addr_six(addr);
        other.octets[0] = 0xfd;
        return other;
    }
    other = (struct sc_addr){4, {0}};
    memcpy(other.octets, addr.octets + 2, 3);
    other.octets[3] = addr.octets[15];
    return other;
}
