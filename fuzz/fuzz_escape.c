/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whatever octets a name is made of, its text is printable ASCII and reads back as the same name;
 * as a JSON string it stays on one line; elided and wrapped text keeps to its room.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "report/json.h"
#include "report/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool holds)
{
    if (!holds)
        abort();
}

static bool
is_clean(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] < 0x20 || text[i] >= 0x7f)
            return false;
    }
    return true;
}

/* A valid canonical name: label lengths and octets from the input. */
static struct gw_name
make_name(const uint8_t *data, size_t size)
{
    struct gw_name name = {0};
    size_t pos = 0;

    while (pos < size) {
        size_t len = 1 + data[pos++] % GW_LABEL_MAX;

        len = len < size - pos ? len : size - pos;
        len = len + name.len + 2 <= GW_NAME_MAX ? len : GW_NAME_MAX - 2u - name.len;
        if (len == 0 || name.len + 2u >= GW_NAME_MAX)
            break;
        name.wire[name.len++] = (uint8_t)len;
        for (; len > 0; len--, pos++) {
            const uint8_t octet = data[pos];

            name.wire[name.len++] =
                octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet + ('a' - 'A')) : octet;
        }
    }
    name.wire[name.len++] = 0;
    return name;
}

static void
check_name(const uint8_t *data, size_t size)
{
    const struct gw_name name = make_name(data, size);
    char text[GW_ESCAPE_NAME_SIZE];
    const size_t len = gw_escape_name(name.wire, name.len, text);
    const size_t room = 12 + (size > 0 ? data[0] : 0u);
    struct gw_name back;

    check(len == strlen(text) && len <= 1003 && is_clean(text, len));
    check(memchr(text, ' ', len) == NULL);
    check(gw_escape_parse_name(text, len, &back));
    check(back.len == name.len && memcmp(back.wire, name.wire, name.len) == 0);
    gw_text_elide(text, room);
    check(strlen(text) <= room && is_clean(text, strlen(text)));
}

/* Octets that are no name at all still make clean text, and what parses is made of itself again. */
static void
check_raw(const uint8_t *data, size_t size)
{
    char text[GW_ESCAPE_NAME_SIZE];
    struct gw_name name;

    if (size <= GW_NAME_MAX)
        check(is_clean(text, gw_escape_name(data, size, text)));
    if (!gw_escape_parse_name((const char *)data, size, &name))
        return;

    const size_t len = gw_escape_name(name.wire, name.len, text);
    struct gw_name back;

    check(gw_escape_parse_name(text, len, &back));
    check(back.len == name.len && memcmp(back.wire, name.wire, name.len) == 0);
}

static void
check_json(const uint8_t *data, size_t size)
{
    static struct gw_json json;

    if (json.data == NULL)
        check(gw_json_init(&json, 1u << 24) == GW_DONE);
    gw_json_reset(&json);
    gw_json_octets(&json, (const char *)data, size);
    check(!json.full && json.len >= 2 && is_clean(json.data, json.len));
    /* The only quotes that are not escaped are the first and the last octet. */
    for (size_t i = 1; i + 1 < json.len; i++) {
        check(json.data[i] != '"');
        if (json.data[i] == '\\')
            i++;
    }
}

static void
check_column(const uint8_t *data, size_t size)
{
    static struct gw_text_column column;
    char line[2048];
    struct gw_text text;

    gw_text_init(&text, line, sizeof(line));
    for (size_t i = 0; i < size && i < 400; i++) {
        const char octet[2] = {(char)data[i], '\0'};

        gw_text_outside(&text, octet);
    }
    column.width = 20 + (size > 0 ? data[0] % 141 : 0);
    column.count = 0;
    gw_text_column_add(&column, GW_TEXT_PLAIN, line);
    for (uint32_t i = 0; i < column.count; i++) {
        const size_t len = strlen(column.line[i].text);

        check(len <= column.width && is_clean(column.line[i].text, len));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_name(data, size);
    check_raw(data, size);
    check_json(data, size);
    check_column(data, size);
    return 0;
}
