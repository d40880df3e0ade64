/* SPDX-License-Identifier: BSD-2-Clause */
#include "cmd/textform.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The longest address with its bits, and the longest time. */
#define TEXT_MAX 64u

/* A day that is in no calendar of ours is a mistake. */
#define SECONDS_MAX 253402300799LL /* the end of 9999 */

/* Read `\.` or `\046`; returns the octets of text, 0 when it is neither. */
static size_t
read_escape(const char *text, size_t len, uint8_t *ret_octet)
{
    unsigned value = 0;

    if (len < 2)
        return 0;
    if (text[1] < '0' || text[1] > '9') {
        *ret_octet = (uint8_t)text[1];
        return 2;
    }
    for (size_t i = 1; i < 4; i++) {
        if (i >= len || text[i] < '0' || text[i] > '9')
            return 0;
        value = 10 * value + (unsigned)(text[i] - '0');
    }
    *ret_octet = (uint8_t)value;
    return value > UINT8_MAX ? 0 : 4;
}

/* Read one label and the dot behind it; returns the octets of text, 0 when it is none. */
static size_t
read_label(const char *text, size_t len, struct gw_name *name)
{
    const size_t start = name->len;
    size_t pos = 0;
    size_t label_len = 0;

    while (pos < len && text[pos] != '.') {
        uint8_t octet = (uint8_t)text[pos];
        const size_t used = octet == '\\' ? read_escape(text + pos, len - pos, &octet) : 1;

        if (used == 0 || label_len == GW_LABEL_MAX || start + label_len + 3 > GW_NAME_MAX)
            return 0;
        name->wire[start + 1 + label_len++] =
            octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet | 0x20) : octet;
        pos += used;
    }
    if (label_len == 0)
        return 0;
    name->wire[start] = (uint8_t)label_len;
    name->len = (uint8_t)(start + 1 + label_len);
    return pos < len ? pos + 1 : pos;
}

bool
gw_conf_name(const char *text, size_t len, struct gw_name *ret_name)
{
    struct gw_name name = {0};
    size_t pos = 0;

    if (len == 0)
        return false;
    if (len == 1 && text[0] == '.')
        pos = 1;
    while (pos < len) {
        const size_t used = read_label(text + pos, len - pos, &name);

        if (used == 0)
            return false;
        pos += used;
    }
    name.wire[name.len++] = 0;
    *ret_name = name;
    return true;
}

static bool
read_number(const char *text, unsigned long most, unsigned long *ret_value)
{
    char *end;

    if (text[0] < '0' || text[0] > '9' || strlen(text) > 12)
        return false;
    *ret_value = strtoul(text, &end, 10);
    return *end == '\0' && *ret_value <= most;
}

static bool
has_host_bits(const struct gw_lists_prefix *prefix)
{
    for (uint32_t bit = prefix->bits; bit < 8u * sizeof(prefix->addr.octet); bit++)
        if (prefix->addr.octet[bit / 8] & (0x80u >> bit % 8))
            return true;
    return false;
}

const char *
gw_conf_prefix(const char *text, size_t len, struct gw_lists_prefix *ret_prefix)
{
    struct gw_lists_prefix prefix = {.addr = {.family = 0}};
    char copy[TEXT_MAX];
    unsigned long bits;

    if (len == 0 || len >= sizeof(copy) || memchr(text, '\0', len) != NULL)
        return "no address or prefix";
    memcpy(copy, text, len);
    copy[len] = '\0';

    char *slash = strchr(copy, '/');

    if (slash != NULL)
        *slash = '\0';
    if (inet_pton(AF_INET, copy, prefix.addr.octet) == 1)
        prefix.addr.family = 4;
    else if (inet_pton(AF_INET6, copy, prefix.addr.octet) == 1)
        prefix.addr.family = 6;
    else
        return "no address or prefix";
    bits = prefix.addr.family == 4 ? 32 : 128;
    if (slash != NULL && !read_number(slash + 1, bits, &bits))
        return "the number of bits of a prefix is 0 to 32, or 0 to 128";
    prefix.bits = (uint8_t)bits;
    if (has_host_bits(&prefix))
        return "the prefix has bits set beyond its length";
    *ret_prefix = prefix;
    return NULL;
}

void
gw_conf_prefix_text(const struct gw_lists_prefix *prefix, char *ret_text, size_t size)
{
    char addr[INET6_ADDRSTRLEN] = "";

    (void)inet_ntop(
        prefix->addr.family == 4 ? AF_INET : AF_INET6, prefix->addr.octet, addr, sizeof(addr));
    snprintf(ret_text, size, "%s/%u", addr, prefix->bits);
}

bool
gw_conf_time(const char *text, size_t len, int64_t *ret_ns)
{
    char copy[TEXT_MAX];
    struct tm tm = {0};
    long long seconds;
    const char *end;

    if (len == 0 || len >= sizeof(copy))
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (strlen(copy) == len && strspn(copy, "0123456789") == len && len <= 12) {
        seconds = strtoll(copy, NULL, 10);
    } else {
        end = strptime(copy, "%Y-%m-%d", &tm);
        if (end != NULL && *end != '\0')
            end = strptime(end, "T%H:%M:%SZ", &tm);
        if (end == NULL || *end != '\0' || copy[0] == ' ')
            return false;

        const int day = tm.tm_mday;

        seconds = timegm(&tm);
        if (tm.tm_mday != day) /* the 31st of a shorter month */
            return false;
    }
    if (seconds < 0 || seconds > SECONDS_MAX || seconds > INT64_MAX / GW_NS_PER_S)
        return false;
    *ret_ns = seconds * GW_NS_PER_S;
    return true;
}
