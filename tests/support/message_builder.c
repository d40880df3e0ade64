/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/support/message_builder.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEADER_LEN    12u
#define TOKEN_MAX     1100u
#define POINTER_REACH 0x3fffu
#define TTL_DEFAULT   3600u

struct word {
    const char *text;
    uint32_t value;
};

static const struct word flags[] = {
    {"qr", 0x8000}, {"aa", 0x0400}, {"tc", 0x0200}, {"rd", 0x0100}, {"ra", 0x0080}};
static const struct word types[] = {{"A", 1}, {"NS", 2}, {"CNAME", 5}, {"SOA", 6}, {"MX", 15},
    {"TXT", 16}, {"SIG", 24}, {"AAAA", 28}, {"DNAME", 39}, {"OPT", 41}, {"DS", 43}, {"RRSIG", 46},
    {"TKEY", 249}, {"TSIG", 250}, {"AXFR", 252}, {"ANY", 255}};
static const struct word classes[] = {{"IN", 1}, {"CH", 3}, {"NONE", 254}, {"CLASS-ANY", 255}};
static const struct word counts[] = {{"qd", 4}, {"an", 6}, {"ns", 8}, {"ar", 10}};

/* Ends the program: a test is written wrongly. */
static void
refuse(const char *text)
{
    fprintf(stderr, "message_builder: cannot read \"%s\"\n", text);
    abort();
}

static bool
find_word(const struct word *words, size_t count, const char *text, uint32_t *ret_value)
{
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(words[i].text, text) == 0) {
            *ret_value = words[i].value;
            return true;
        }
    }
    return false;
}

static void
put(struct gw_builder *builder, const void *octets, size_t len)
{
    if (builder->len + len > sizeof(builder->octets))
        refuse("too long a message");
    memcpy(builder->octets + builder->len, octets, len);
    builder->len += (uint32_t)len;
}

static void
put8(struct gw_builder *builder, uint32_t value)
{
    const uint8_t octet = (uint8_t)value;

    put(builder, &octet, sizeof(octet));
}

static void
put16(struct gw_builder *builder, uint32_t value)
{
    put8(builder, value >> 8);
    put8(builder, value);
}

static void
put32(struct gw_builder *builder, uint32_t value)
{
    put16(builder, value >> 16);
    put16(builder, value);
}

static void
set16(struct gw_builder *builder, uint32_t off, uint32_t value)
{
    builder->octets[off] = (uint8_t)(value >> 8);
    builder->octets[off + 1] = (uint8_t)value;
}

static uint32_t
get16(const struct gw_builder *builder, uint32_t off)
{
    return (uint32_t)builder->octets[off] << 8 | builder->octets[off + 1];
}

/*
 * Returns the next token of @p text up to a space or ';', and moves past it; empty at the end of
 * a part.
 */
static const char *
next_token(const char **text, char token[TOKEN_MAX])
{
    size_t len = 0;

    while (**text == ' ')
        ++*text;
    while (**text != '\0' && **text != ' ' && **text != ';') {
        if (len == TOKEN_MAX - 1)
            refuse(*text);
        token[len++] = *(*text)++;
    }
    token[len] = '\0';
    return token;
}

/* Whether the name written at @p off reads like @p text. */
static bool
reads_like(const struct gw_builder *builder, uint32_t off, const char *text)
{
    while (builder->octets[off] != 0) {
        const uint32_t len = builder->octets[off];

        if (len >= 0xc0) {
            off = get16(builder, off) & POINTER_REACH;
            continue;
        }
        if (strncasecmp(text, (const char *)builder->octets + off + 1, len) != 0)
            return false;
        text += len;
        off += 1 + len;
        if (*text == '.')
            text++;
        else if (*text != '\0')
            return false;
    }
    return *text == '\0';
}

static uint8_t
spell(struct gw_builder *builder, char letter)
{
    if (builder->style.case_seed == 0 || letter < 'a' || letter > 'z')
        return (uint8_t)letter;
    builder->case_state = builder->case_state * 1664525u + 1013904223u;
    return (uint8_t)(builder->case_state >> 31 != 0 ? letter - 'a' + 'A' : letter);
}

void
gw_builder_start(struct gw_builder *builder, struct gw_builder_style style)
{
    static const uint8_t header[HEADER_LEN];

    builder->len = 0;
    builder->section = 0;
    builder->style = style;
    builder->case_state = style.case_seed;
    builder->suffix_count = 0;
    put(builder, header, sizeof(header));
}

void
gw_builder_name(struct gw_builder *builder, const char *text)
{
    uint32_t suffix_count = builder->suffix_count; /* a name must not point into itself */

    if (strcmp(text, ".") == 0)
        text = "";
    while (*text != '\0') {
        const size_t len = strcspn(text, ".");

        for (uint32_t i = 0; !builder->style.plain && i < builder->suffix_count; i++) {
            if (reads_like(builder, builder->suffix_off[i], text)) {
                put16(builder, 0xc000u | builder->suffix_off[i]);
                builder->suffix_count = suffix_count;
                return;
            }
        }
        if (builder->len <= POINTER_REACH && suffix_count < GW_BUILDER_SUFFIXES)
            builder->suffix_off[suffix_count++] = builder->len;
        put8(builder, (uint32_t)len);
        for (size_t i = 0; i < len; i++)
            put8(builder, spell(builder, text[i]));
        text += len + (text[len] == '.');
    }
    put8(builder, 0);
    builder->suffix_count = suffix_count;
}

static void
put_address(struct gw_builder *builder, int family, const char *text)
{
    uint8_t octets[16];

    if (inet_pton(family, text, octets) != 1)
        refuse(text);
    put(builder, octets, family == AF_INET ? 4 : 16);
}

static void
put_hex(struct gw_builder *builder, const char *text)
{
    for (; text[0] != '\0' && text[1] != '\0'; text += 2) {
        const char pair[3] = {text[0], text[1], '\0'};

        put8(builder, (uint32_t)strtoul(pair, NULL, 16));
    }
}

static void
put_filler(struct gw_builder *builder, size_t len)
{
    while (len-- > 0)
        put8(builder, 0x5a);
}

/* Writes class, TTL, RDLENGTH and RDATA of an OPT record. */
static void
put_opt(struct gw_builder *builder, const char **text)
{
    const uint32_t fixed = builder->len;
    char token[TOKEN_MAX];
    uint32_t size = 1232;
    uint32_t ttl = 0;

    put_filler(builder, 8);
    while (next_token(text, token)[0] != '\0') {
        if (strncmp(token, "size=", 5) == 0) {
            size = (uint32_t)strtoul(token + 5, NULL, 10);
        } else if (strncmp(token, "ext=", 4) == 0) {
            ttl |= (uint32_t)strtoul(token + 4, NULL, 10) << 24;
        } else if (strcmp(token, "do") == 0) {
            ttl |= 0x8000u;
        } else if (strcmp(token, "cookie") == 0) {
            put_hex(builder, "000a0010");
            put_filler(builder, 16);
        } else {
            put_hex(builder, token + 1);
        }
    }
    set16(builder, fixed, size);
    set16(builder, fixed + 2, ttl >> 16);
    set16(builder, fixed + 4, ttl & 0xffffu);
    set16(builder, fixed + 6, builder->len - fixed - 8);
}

/* Writes the RDATA of @p type whose first word is @p token. */
static void
put_rdata(struct gw_builder *builder, uint32_t type, char token[TOKEN_MAX], const char **text)
{
    if (token[0] == '\\') {
        put_hex(builder, token + 1);
    } else if (type == 1 || type == 28) {
        put_address(builder, type == 1 ? AF_INET : AF_INET6, token);
    } else if (type == 2 || type == 5 || type == 39) {
        gw_builder_name(builder, token);
    } else if (type == 6) {
        gw_builder_name(builder, token);
        gw_builder_name(builder, next_token(text, token));
        put_filler(builder, 20);
    } else if (type == 24) {
        put16(builder, 0);
        put_filler(builder, 30);
    } else {
        put_filler(builder, 24);
    }
}

/* Reads "owner [class] [ttl] type rdata" and writes the record. */
static void
put_record(struct gw_builder *builder, const char **text)
{
    char token[TOKEN_MAX];
    uint32_t class = 1;
    uint32_t ttl = TTL_DEFAULT;
    uint32_t type = 0;
    uint32_t rdlength_off = 0;

    gw_builder_name(builder, next_token(text, token));
    next_token(text, token);
    if (find_word(classes, GW_ARRAY_LEN(classes), token, &class))
        next_token(text, token);
    if (token[0] >= '0' && token[0] <= '9') {
        ttl = (uint32_t)strtoul(token, NULL, 10);
        next_token(text, token);
    }
    if (!find_word(types, GW_ARRAY_LEN(types), token, &type))
        refuse(token);
    put16(builder, type);
    if (type == 41) {
        put_opt(builder, text);
        return;
    }
    put16(builder, type == 250 || type == 24 ? 255 : class);
    put32(builder, ttl);
    rdlength_off = builder->len;
    put16(builder, 0);
    next_token(text, token);
    put_rdata(builder, type, token, text);
    set16(builder, rdlength_off, builder->len - rdlength_off - 2);
}

static void
put_question(struct gw_builder *builder, const char **text)
{
    char token[TOKEN_MAX];
    uint32_t class = 1;
    uint32_t type = 0;

    gw_builder_name(builder, next_token(text, token));
    next_token(text, token);
    if (find_word(classes, GW_ARRAY_LEN(classes), token, &class))
        next_token(text, token);
    if (!find_word(types, GW_ARRAY_LEN(types), token, &type))
        refuse(token);
    put16(builder, type);
    put16(builder, class);
}

/* Applies a word about the header: a flag, or name=value. */
static void
put_header_word(struct gw_builder *builder, char *token)
{
    char *equals = strchr(token, '=');
    uint32_t value = 0;
    uint32_t off = 0;

    if (equals == NULL) {
        if (!find_word(flags, GW_ARRAY_LEN(flags), token, &value))
            refuse(token);
        set16(builder, 2, get16(builder, 2) | value);
        return;
    }
    *equals = '\0';
    value = (uint32_t)strtoul(equals + 1, NULL, 10);
    if (find_word(counts, GW_ARRAY_LEN(counts), token, &off))
        set16(builder, off, value);
    else if (strcmp(token, "id") == 0)
        set16(builder, 0, value);
    else if (strcmp(token, "rcode") == 0)
        set16(builder, 2, get16(builder, 2) | value);
    else if (strcmp(token, "opcode") == 0)
        set16(builder, 2, get16(builder, 2) | value << 11);
    else
        refuse(token);
}

void
gw_builder_parts(struct gw_builder *builder, const char *text)
{
    static const char sections[] = "?=@+";
    char token[TOKEN_MAX];

    while (*text != '\0') {
        const char *section = NULL;

        if (*text == ';' || *text == ' ') {
            text++;
            continue;
        }
        next_token(&text, token);
        section = token[1] == '\0' ? strchr(sections, token[0]) : NULL;
        if (section == NULL) {
            put_header_word(builder, token);
            continue;
        }
        if (section < sections + builder->section)
            refuse("a section after its place");
        builder->section = (uint32_t)(section - sections);
        if (*section == '?')
            put_question(builder, &text);
        else
            put_record(builder, &text);
        const uint32_t off = 4u + 2u * builder->section;
        set16(builder, off, get16(builder, off) + 1);
    }
}

void
gw_builder_text(struct gw_builder *builder, const char *text)
{
    gw_builder_start(builder, (struct gw_builder_style){.plain = false});
    gw_builder_parts(builder, text);
}

struct gw_payload
gw_builder_payload(const uint8_t *data, uint32_t len)
{
    const struct gw_payload payload = {
        .data = data,
        .len = len,
        .declared_len = len,
        .time_ns = 1000 * GW_NS_PER_S,
        .frame = 1,
        .source = {.octet = {192, 0, 2, 53}, .family = 4},
        .destination = {.octet = {198, 51, 100, 9}, .family = 4},
        .source_port = 53,
        .destination_port = 4242,
        .transport = GW_TRANSPORT_UDP,
        .ip_ttl = 57,
    };

    return payload;
}
