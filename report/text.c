/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/text.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report/escape.h"
#include "report/page.h"

#define PIECE_SIZE 256u

void
gw_text_init(struct gw_text *text, char *data, size_t size)
{
    assert(size > 0);
    *text = (struct gw_text){.data = data, .size = size};
    data[0] = '\0';
}

/* All of a piece or nothing, so that no escape is ever cut. */
static void
append(struct gw_text *text, const char *more, size_t len)
{
    if (text->cut || text->size - text->len <= len) {
        text->cut = true;
        return;
    }
    memcpy(text->data + text->len, more, len);
    text->len += len;
    text->data[text->len] = '\0';
}

void
gw_text_put(struct gw_text *text, const char *more)
{
    append(text, more, strlen(more));
}

void
gw_text_format(struct gw_text *text, const char *format, ...)
{
    char piece[PIECE_SIZE];
    va_list arguments;

    va_start(arguments, format);
    const int len = vsnprintf(piece, sizeof(piece), format, arguments);
    va_end(arguments);
    assert(len >= 0 && (size_t)len < sizeof(piece));
    append(text, piece, (size_t)len);
}

void
gw_text_name(struct gw_text *text, const struct gw_name *name)
{
    char piece[GW_ESCAPE_NAME_SIZE];

    (void)gw_escape_name(name->wire, name->len, piece);
    if (text->name_room != 0)
        gw_text_elide(piece, text->name_room);
    gw_text_put(text, piece);
}

void
gw_text_addr(struct gw_text *text, const struct gw_addr *addr)
{
    char piece[GW_ESCAPE_ADDR_SIZE];

    append(text, piece, gw_escape_addr(addr, piece));
}

void
gw_text_number(struct gw_text *text, uint64_t number)
{
    char piece[32];
    size_t pos = sizeof(piece);
    uint32_t digits = 0;

    do {
        if (digits > 0 && digits % 3 == 0)
            piece[--pos] = ',';
        piece[--pos] = (char)('0' + number % 10);
        number /= 10;
        digits++;
    } while (number != 0);
    append(text, piece + pos, sizeof(piece) - pos);
}

void
gw_text_count(struct gw_text *text, uint64_t number, const char *one, const char *more)
{
    gw_text_number(text, number);
    gw_text_put(text, " ");
    gw_text_put(text, number == 1 ? one : more);
}

void
gw_text_duration(struct gw_text *text, double seconds)
{
    static const struct {
        double length;
        const char *name;
    } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
    const double bounded = seconds > 0 ? fmin(seconds, 1e12) : 0;
    size_t unit = 0;

    while (unit + 1 < GW_ARRAY_LEN(units) && bounded < units[unit].length)
        unit++;

    /* In tenths: 9.96 shall not become "10.0". */
    const uint64_t tenths = (uint64_t)llround(bounded / units[unit].length * 10);

    gw_text_number(text, tenths >= 100 ? (tenths + 5) / 10 : tenths / 10);
    if (tenths < 100 && tenths % 10 != 0)
        gw_text_format(text, ".%u", (uint32_t)(tenths % 10));
    gw_text_format(text, " %s%s", units[unit].name, tenths == 10 ? "" : "s");
}

void
gw_text_outside(struct gw_text *text, const char *outside)
{
    for (const uint8_t *octet = (const uint8_t *)outside; *octet != 0; octet++) {
        if (*octet >= 0x20 && *octet < 0x7f && *octet != '\\')
            append(text, (const char *)octet, 1);
        else
            gw_text_format(text, "\\%03u", *octet);
    }
}
