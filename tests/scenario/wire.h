/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file wire.h
 * DNS messages as lists of records, and their encoding. It shares no code with parse/, so that a
 * fault there cannot hide itself.
 *
 * Names are text: labels with dots, no dot at the end, "" for the root, no escapes. A message holds
 * pointers to the texts that it is given, so they must live until it is encoded.
 */
#ifndef GLUEWATCH_TESTS_SCENARIO_WIRE_H
#define GLUEWATCH_TESTS_SCENARIO_WIRE_H

#include "tests/scenario/draw.h"

#define SC_MESSAGE_MAX 65535u
#define SC_RECORDS_MAX 3200u

enum {
    SC_A = 1,
    SC_NS = 2,
    SC_CNAME = 5,
    SC_SOA = 6,
    SC_MX = 15,
    SC_TXT = 16,
    SC_AAAA = 28,
    SC_OPT = 41,
    SC_DS = 43,
    SC_RRSIG = 46,
    SC_NSEC = 47,
    SC_DNSKEY = 48,
};

enum {
    SC_NOERROR = 0,
    SC_FORMERR = 1,
    SC_SERVFAIL = 2,
    SC_NXDOMAIN = 3,
    SC_REFUSED = 5,
};

/** The sections of a message, in the order in which they are sent. */
enum sc_section {
    SC_ANSWER,
    SC_AUTHORITY,
    SC_ADDITIONAL,
};

/** An IPv4 or IPv6 address; family 0 is none. */
struct sc_addr {
    uint8_t family; /**< 4, 6, or 0 */
    uint8_t octets[16];
};

/** One record. The kind of RDATA follows from which member is set; see the sc_add functions. */
struct sc_rr {
    const char *owner;
    const char *name;   /**< compressed name in RDATA (NS, CNAME, MX, SOA MNAME), or NULL */
    const uint8_t *raw; /**< octets of RDATA, or NULL: filler */
    uint16_t raw_len;   /**< of raw or filler */
    uint16_t covered;   /**< type that an RRSIG covers; raw_len is its signature's */
    uint16_t type;
    uint16_t class;
    uint8_t section; /**< enum sc_section */
    uint32_t ttl;
    struct sc_addr addr; /**< of A and AAAA */
};

/** EDNS of a message (RFC 6891); not sent unless `present`. */
struct sc_edns {
    bool present;
    bool dnssec;        /**< the DO bit */
    uint16_t size;      /**< octets that the sender takes over UDP */
    uint8_t cookie_len; /**< octets of cookie: 0 none, 8 client, 24 with the server's */
    uint8_t cookie[24];
    uint8_t ecs_bits; /**< prefix length of the client subnet; 0: none */
    uint8_t ecs_scope;
    uint8_t ecs[4]; /**< IPv4 prefix */
};

/** A message: header, question, records. By value, large; sc_msg_init() empties it. */
struct sc_msg {
    uint16_t id;
    uint8_t opcode;
    uint8_t rcode;
    bool qr, aa, tc, rd, ra, ad, cd;
    bool no_question; /**< QDCOUNT=0 */
    const char *qname;
    uint16_t qtype;
    struct sc_edns edns;
    uint32_t count; /**< of rr */
    struct sc_rr rr[SC_RECORDS_MAX];
};

/** How messages are spelled; what they say does not change. */
struct sc_spelling {
    bool plain;            /**< no compression */
    bool carries_case;     /**< compression ignores case, so that the question's case spreads */
    bool swap_families;    /**< IPv4 addresses are written as IPv6 addresses and vice versa */
    struct sc_draw *order; /**< shuffles the records of each section; NULL: as listed */
};

/** Make @p msg empty: a NOERROR message without question and records. */
void sc_msg_init(struct sc_msg *msg);

/** Add an address record: A or AAAA, after the family of @p addr. Family 0 adds nothing. */
void sc_add_addr(struct sc_msg *msg, enum sc_section section, const char *owner, uint32_t ttl,
    struct sc_addr addr);

/** Add a record whose RDATA is the name @p target: NS, CNAME, MX (with preference 10). */
void sc_add_name(struct sc_msg *msg, enum sc_section section, const char *owner, uint16_t type,
    uint32_t ttl, const char *target);

/** Add the SOA record of the zone @p owner; its primary is @p mname. */
void sc_add_soa(struct sc_msg *msg, enum sc_section section, const char *owner, uint32_t ttl,
    const char *mname);

/** Add a record with @p len octets of RDATA, the caller's @p raw or, if that is NULL, made up. */
void sc_add_raw(struct sc_msg *msg, enum sc_section section, const char *owner, uint16_t type,
    uint32_t ttl, const uint8_t *raw, uint16_t len);

/** Add a DS record (36 octets) or a signature over @p covered (RRSIG of 64 octets) by @p signer. */
void sc_add_ds(struct sc_msg *msg, enum sc_section section, const char *owner, uint32_t ttl);
void sc_add_rrsig(struct sc_msg *msg, enum sc_section section, const char *owner, uint16_t covered,
    uint32_t ttl, const char *signer);

/**
 * Encode @p msg into @p octets, which must have SC_MESSAGE_MAX octets of room.
 *
 * @return octets written; a message that does not fit ends the program
 */
uint32_t sc_msg_encode(
    const struct sc_msg *msg, const struct sc_spelling *spelling, uint8_t *octets);

/** Return the text address @p text ("192.0.2.1", "2001:db8::1"); wrong text ends the program. */
struct sc_addr sc_addr_of(const char *text);

/** Return the IPv6 address that a host with the IPv4 address @p v4 has in these worlds. */
struct sc_addr sc_addr_six(struct sc_addr v4);

/** Return @p addr in the other family: special addresses stay special, neighbours neighbours. */
struct sc_addr sc_addr_swap(struct sc_addr addr);

/** Return the address of the root server a (@p letter 0) to m (12) in @p family 4 or 6. */
struct sc_addr sc_addr_of_root(uint32_t letter, uint8_t family);

/** Return whether the two are the same address. */
bool sc_addr_equal(struct sc_addr one, struct sc_addr other);

/** Print @p why and end the program: the scenario itself is wrong. */
_Noreturn void sc_die(const char *why);

#endif
