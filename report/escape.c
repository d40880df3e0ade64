/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/escape.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

#define DAY_S 86400

/* What zone files give a meaning to, with the quote and the backslash (RFC 1035 section 5.1). */
static bool
is_special(uint8_t octet)
{
    return octet != 0 && strchr(".\\\";()@$", octet) != NULL;
}

static bool
is_plain(uint8_t octet)
{
    return octet > 0x20 && octet < 0x7f;
}

/* Write @p value with exactly @p digits digits. */
static char *
put_digits(char *out, uint32_t value, uint32_t digits)
{
    for (uint32_t i = digits; i > 0; i--) {
        out[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + digits;
}

static char *
put_octet(char *out, uint8_t octet)
{
    if (!is_plain(octet)) {
        *out++ = '\\';
        return put_digits(out, octet, 3);
    }
    if (is_special(octet))
        *out++ = '\\';
    *out++ = (char)octet;
    return out;
}

size_t
gw_escape_name(const uint8_t *wire, size_t len, char ret_text[GW_ESCAPE_NAME_SIZE])
{
    char *out = ret_text;
    size_t pos = 0;

    assert(len <= GW_NAME_MAX);
    if (len > 0 && wire[0] == 0)
        *out++ = '.';
    while (pos < len && wire[pos] != 0) {
        const size_t rest = len - pos - 1;
        const size_t label_len = wire[pos] < rest ? wire[pos] : rest;

        if (pos > 0)
            *out++ = '.';
        pos++;
        for (size_t i = 0; i < label_len; i++)
            out = put_octet(out, wire[pos + i]);
        pos += label_len;
    }
    *out = '\0';
    return (size_t)(out - ret_text);
}

size_t
gw_escape_unit(const char *text, size_t len)
{
    assert(len > 0);
    if (text[0] != '\\' || len < 2)
        return 1;
    if (text[1] < '0' || text[1] > '9')
        return 2;
    return len < 4 ? len : 4;
}

static uint8_t
folded(uint8_t octet)
{
    return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet + ('a' - 'A')) : octet;
}

/* Read one octet of a label; the octets of text that it took, or 0 when it is not well written. */
static size_t
read_octet(const char *text, size_t len, uint8_t *ret_octet)
{
    const size_t unit = gw_escape_unit(text, len);
    uint32_t value = 0;

    if (text[0] != '\\') {
        if (!is_plain((uint8_t)text[0]) || is_special((uint8_t)text[0]))
            return 0;
        *ret_octet = folded((uint8_t)text[0]);
        return 1;
    }
    if (unit == 2 && is_plain((uint8_t)text[1])) {
        *ret_octet = folded((uint8_t)text[1]);
        return 2;
    }
    if (unit != 4)
        return 0;
    for (size_t i = 1; i < 4; i++) {
        if (text[i] < '0' || text[i] > '9')
            return 0;
        value = value * 10 + (uint32_t)(text[i] - '0');
    }
    if (value > 255)
        return 0;
    *ret_octet = folded((uint8_t)value);
    return 4;
}

/* Read one label up to its dot or the end; the octets of text that it took, or 0. */
static size_t
read_label(const char *text, size_t len, struct gw_name *name)
{
    const size_t start = name->len;
    size_t pos = 0;

    name->wire[name->len++] = 0;
    while (pos < len && text[pos] != '.') {
        uint8_t octet = 0;
        const size_t taken = read_octet(text + pos, len - pos, &octet);

        /* The root label still needs an octet. */
        if (taken == 0 || name->len >= GW_NAME_MAX - 1 || name->wire[start] == GW_LABEL_MAX)
            return 0;
        name->wire[name->len++] = octet;
        name->wire[start]++;
        pos += taken;
    }
    return name->wire[start] == 0 ? 0 : pos;
}

bool
gw_escape_parse_name(const char *text, size_t len, struct gw_name *ret_name)
{
    struct gw_name name = {0};
    size_t pos = 0;

    if (len == 0)
        return false;
    if (len == 1 && text[0] == '.')
        pos = 1;
    while (pos < len) {
        if (name.len >= GW_NAME_MAX - 1)
            return false;

        const size_t taken = read_label(text + pos, len - pos, &name);

        if (taken == 0)
            return false;
        pos += taken;
        if (pos < len)
            pos++; /* the dot after the label */
    }
    name.wire[name.len++] = 0;
    *ret_name = name;
    return true;
}

size_t
gw_escape_addr(const struct gw_addr *addr, char ret_text[GW_ESCAPE_ADDR_SIZE])
{
    const int family = addr->family == 4 ? AF_INET : AF_INET6;

    if ((addr->family != 4 && addr->family != 6) ||
        inet_ntop(family, addr->octet, ret_text, GW_ESCAPE_ADDR_SIZE) == NULL) {
        ret_text[0] = '-';
        ret_text[1] = '\0';
    }
    return strlen(ret_text);
}

/*
 * Year, month and day of a day counted from 1970. Years are counted from March, so that the leap
 * day is the last of a year; 400 such years always have 146,097 days.
 */
static char *
put_date(char *out, int64_t day)
{
    const int64_t from_0000 = day + 719468; /* days from 1 March of the year 0 */
    const int64_t era = from_0000 / 146097;
    const int64_t in_era = from_0000 % 146097;
    const int64_t year_of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    const int64_t in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t month = (5 * in_year + 2) / 153; /* 0 is March */
    const int64_t year = year_of_era + era * 400 + (month >= 10 ? 1 : 0);

    assert(from_0000 >= 0 && year <= 9999);
    out = put_digits(out, (uint32_t)year, 4);
    *out++ = '-';
    out = put_digits(out, (uint32_t)(month < 10 ? month + 3 : month - 9), 2);
    *out++ = '-';
    return put_digits(out, (uint32_t)(in_year - (153 * month + 2) / 5 + 1), 2);
}

size_t
gw_escape_time(int64_t time_ns, char ret_text[GW_ESCAPE_TIME_SIZE])
{
    int64_t second = time_ns / GW_NS_PER_S;
    int64_t ns = time_ns % GW_NS_PER_S;
    char *out = ret_text;

    if (ns < 0) {
        ns += GW_NS_PER_S;
        second--;
    }

    const int64_t day = second >= 0 ? second / DAY_S : -((DAY_S - 1 - second) / DAY_S);
    const uint32_t in_day = (uint32_t)(second - day * DAY_S);

    out = put_date(out, day);
    *out++ = 'T';
    out = put_digits(out, in_day / 3600, 2);
    *out++ = ':';
    out = put_digits(out, in_day / 60 % 60, 2);
    *out++ = ':';
    out = put_digits(out, in_day % 60, 2);
    *out++ = '.';
    out = put_digits(out, (uint32_t)ns, 9);
    *out++ = 'Z';
    *out = '\0';
    return (size_t)(out - ret_text);
}
