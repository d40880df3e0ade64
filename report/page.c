/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/page.h"

#include <assert.h>
#include <string.h>

#include "report/escape.h"

#define ELISION     "..."
#define ELISION_LEN 3u

/* SGR sequences (ECMA-48 section 8.3.117). */
static const char *const style_on[GW_TEXT_STYLE_COUNT] = {
    [GW_TEXT_PLAIN] = "",
    [GW_TEXT_STRONG] = "\033[1m",
    [GW_TEXT_DIM] = "\033[2m",
    [GW_TEXT_GOOD] = "\033[32m",
    [GW_TEXT_ALARM] = "\033[1;31m",
    [GW_TEXT_INFO] = "\033[1;34m",
    [GW_TEXT_LOW] = "\033[1;36m",
    [GW_TEXT_MEDIUM] = "\033[1;33m",
    [GW_TEXT_HIGH] = "\033[1;31m",
    [GW_TEXT_CRITICAL] = "\033[1;37;41m",
};

static void
put(struct gw_text_page *page, const char *octets, size_t len)
{
    if (page->status == GW_DONE)
        page->status = gw_sink_writer_put(page->writer, octets, len);
}

static void
put_spaces(struct gw_text_page *page, size_t count)
{
    static const char spaces[] = "                                ";

    while (count > 0) {
        const size_t part = count < sizeof(spaces) - 1 ? count : sizeof(spaces) - 1;

        put(page, spaces, part);
        count -= part;
    }
}

static void
put_styled(struct gw_text_page *page, enum gw_text_style style, const char *text, size_t len)
{
    const bool styled = page->colour && style != GW_TEXT_PLAIN && len > 0;

    if (styled)
        put(page, style_on[style], strlen(style_on[style]));
    put(page, text, len);
    if (styled)
        put(page, "\033[0m", 4);
}

/*
 * Take the next line of at most @p room octets from @p text: its length goes to @p ret_len, and
 * what was taken with the spaces after it is returned.
 */
static size_t
take_line(const char *text, size_t room, size_t *ret_len)
{
    const size_t len = strlen(text);
    size_t at = 0;
    size_t space = 0;

    while (at < len) {
        const size_t unit = gw_escape_unit(text + at, len - at);

        if (text[at] == ' ' && at > 0)
            space = at;
        if (at + unit > room)
            break;
        at += unit;
    }

    size_t end = at < len && space > 0 ? space : at;
    size_t taken = end;

    assert(end > 0 || len == 0);
    while (text[taken] == ' ')
        taken++;
    while (end > 0 && text[end - 1] == ' ')
        end--;
    *ret_len = end;
    return taken;
}

void
gw_text_page_gap(struct gw_text_page *page)
{
    put(page, "\n", 1);
}

void
gw_text_page_rule(struct gw_text_page *page, bool heavy)
{
    const char *piece = page->utf8 ? (heavy ? "\342\224\201" : "\342\224\200") : heavy ? "=" : "-";

    if (page->colour)
        put(page, style_on[GW_TEXT_DIM], strlen(style_on[GW_TEXT_DIM]));
    for (uint32_t i = 0; i < page->width; i++)
        put(page, piece, strlen(piece));
    if (page->colour)
        put(page, "\033[0m", 4);
    put(page, "\n", 1);
}

void
gw_text_page_ends(
    struct gw_text_page *page, enum gw_text_style style, const char *left, const char *right)
{
    char shown[GW_TEXT_WIDTH_MAX + 1];
    struct gw_text text;
    const size_t right_len = strlen(right);
    const size_t room = page->width - right_len - (right_len > 0 ? 2 : 0);

    assert(right_len + 14 <= page->width);
    gw_text_init(&text, shown, sizeof(shown));
    gw_text_put(&text, left);
    assert(!text.cut);
    gw_text_elide(shown, room);
    put_styled(page, style, shown, strlen(shown));
    if (right_len > 0) {
        put_spaces(page, page->width - right_len - strlen(shown));
        put(page, right, right_len);
    }
    put(page, "\n", 1);
}

void
gw_text_page_paragraph(struct gw_text_page *page, enum gw_text_style style, const char *lead,
    uint32_t indent, const char *text)
{
    size_t lead_len = strlen(lead);

    assert(lead_len <= indent && indent <= 40);
    put(page, lead, lead_len);
    do {
        size_t len;
        const size_t taken = take_line(text, page->width - indent, &len);

        if (len > 0)
            put_spaces(page, indent - lead_len);
        put_styled(page, style, text, len);
        put(page, "\n", 1);
        text += taken;
        lead_len = 0;
    } while (*text != '\0');
}

void
gw_text_column_add(struct gw_text_column *column, enum gw_text_style style, const char *text)
{
    size_t indent = 0;

    do {
        size_t len;
        const size_t taken = take_line(text, column->width - indent, &len);

        if (column->count == GW_TEXT_COLUMN_LINES)
            return;

        char *line = column->line[column->count].text;

        memset(line, ' ', indent);
        memcpy(line + indent, text, len);
        line[indent + len] = '\0';
        column->line[column->count++].style = style;
        text += taken;
        indent = 2;
    } while (*text != '\0');
}

void
gw_text_page_column(struct gw_text_page *page, uint32_t indent, const struct gw_text_column *column)
{
    for (uint32_t i = 0; i < column->count; i++) {
        const char *text = column->line[i].text;

        if (text[0] != '\0')
            put_spaces(page, indent);
        put_styled(page, column->line[i].style, text, strlen(text));
        put(page, "\n", 1);
    }
}

void
gw_text_page_columns(struct gw_text_page *page, uint32_t indent, const struct gw_text_column *left,
    const struct gw_text_column *right)
{
    const uint32_t lines = left->count > right->count ? left->count : right->count;
    const char *between = page->utf8 ? " \342\224\202" : " |";

    for (uint32_t i = 0; i < lines; i++) {
        const char *left_text = i < left->count ? left->line[i].text : "";
        const char *right_text = i < right->count ? right->line[i].text : "";

        put_spaces(page, indent);
        if (i < left->count)
            put_styled(page, left->line[i].style, left_text, strlen(left_text));
        put_spaces(page, left->width - strlen(left_text));
        put_styled(page, GW_TEXT_DIM, between, strlen(between));
        if (right_text[0] != '\0') {
            put(page, " ", 1);
            put_styled(page, right->line[i].style, right_text, strlen(right_text));
        }
        put(page, "\n", 1);
    }
}

void
gw_text_elide(char *text, size_t room)
{
    const size_t len = strlen(text);
    const size_t keep = room - ELISION_LEN;
    size_t head = 0;
    size_t tail = 0;

    assert(room >= 12);
    if (len <= room)
        return;
    for (size_t at = 0; at < len; at += gw_escape_unit(text + at, len - at)) {
        if (at <= keep / 2)
            head = at;
        tail = at;
        if (len - at <= keep - head && at > keep / 2)
            break;
    }
    if (len - tail > keep - head)
        tail = len;
    memcpy(text + head, ELISION, ELISION_LEN);
    memmove(text + head + ELISION_LEN, text + tail, len - tail + 1);
}
