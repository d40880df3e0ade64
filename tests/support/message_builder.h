/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file message_builder.h
 * DNS messages from text, so that a test shows what it is about.
 *
 * A message is a list of parts, each ended by ';' (spaces around it do not matter):
 *
 *     qr aa tc rd ra           bits of the header, and id=7 rcode=3 opcode=5
 *     ? www.foo.example A      a question; a class may stand before the type: CH, ANY, NONE
 *     = owner [class] [ttl] type rdata     a record in ANSWER
 *     @ owner ...                          a record in AUTHORITY
 *     + owner ...                          a record in ADDITIONAL
 *     qd=2 an=9 ns=9 ar=9      a count other than the true one
 *
 * TTL is 3600 unless given. RDATA: A and AAAA an address; NS, CNAME, DNAME a name; SOA two names;
 * DS, RRSIG and TXT none (octets are made up); OPT [size=1232] [do] [cookie] [ext=1]; TSIG and
 * SIG none; for any type, \ and hexadecimal octets. Names are text with dots, "." is the root; no
 * escapes.
 *
 * Records must come in the order of the sections. The header's counts, RDLENGTH and compression
 * are made to fit. Wrong text ends the program.
 */
#ifndef GLUEWATCH_TESTS_SUPPORT_MESSAGE_BUILDER_H
#define GLUEWATCH_TESTS_SUPPORT_MESSAGE_BUILDER_H

#include <stdbool.h>
#include <stdint.h>

#include "gluewatch/payload.h"

/** How a message is spelled; what it says does not change. */
struct gw_builder_style {
    bool plain;         /**< no compression */
    uint32_t case_seed; /**< 0: letters as in the text; else some of them in upper case */
};

#define GW_BUILDER_SUFFIXES 512u

/** A message being written; by value, large. */
struct gw_builder {
    uint8_t octets[GW_MESSAGE_MAX];
    uint32_t len;
    struct gw_builder_style style;
    uint32_t case_state;
    uint32_t section;      /**< of the last question or record: 0..3 */
    uint32_t suffix_count; /**< places that a pointer may lead to */
    uint32_t suffix_off[GW_BUILDER_SUFFIXES];
};

/** Start a message: a header of zeroes. */
void gw_builder_start(struct gw_builder *builder, struct gw_builder_style style);

/** Append the name in @p text, compressed unless the style is plain. */
void gw_builder_name(struct gw_builder *builder, const char *text);

/**
 * Append the parts in @p text (see above). May be called again for further parts of the same
 * message.
 */
void gw_builder_parts(struct gw_builder *builder, const char *text);

/** Start a message and append the parts in @p text, compressed and in the text's case. */
void gw_builder_text(struct gw_builder *builder, const char *text);

/**
 * Return a payload over @p len octets at @p data: UDP, port 53 to 4242, 192.0.2.53 to
 * 198.51.100.9.
 */
struct gw_payload gw_builder_payload(const uint8_t *data, uint32_t len);

#endif
