/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/json.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>

#define REPLACEMENT 0xfffdu /* stands for octets that are no text (Unicode 15.0 section 3.9) */
#define FIXED_MAX   9e12

static const char hex[] = "0123456789abcdef";

static void
put(struct gw_json *json, const char *octets, size_t len)
{
    if (json->full || json->limit - json->len < len) {
        json->full = true;
        return;
    }
    memcpy(json->data + json->len, octets, len);
    json->len += len;
}

/* What stands before a value: the comma between elements of an array. */
static void
before_value(struct gw_json *json)
{
    const uint32_t depth = json->depth;

    if (depth == 0) {
        assert(!json->level[0].any); /* one document per line */
    } else if (json->level[depth].array) {
        if (json->level[depth].any)
            put(json, ",", 1);
    } else {
        assert(json->keyed);
    }
    json->level[depth].any = true;
    json->keyed = false;
}

static void
begin(struct gw_json *json, bool array)
{
    before_value(json);
    assert(json->depth < GW_JSON_DEPTH);
    json->depth++;
    json->level[json->depth].array = array;
    json->level[json->depth].any = false;
    put(json, array ? "[" : "{", 1);
}

static void
end(struct gw_json *json, bool array)
{
    assert(json->depth > 0 && json->level[json->depth].array == array && !json->keyed);
    json->depth--;
    put(json, array ? "]" : "}", 1);
}

int
gw_json_init(struct gw_json *json, size_t limit)
{
    void *range = mmap(
        NULL, limit, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (range == MAP_FAILED)
        return GW_E_NOMEM;
    *json = (struct gw_json){.data = range, .limit = limit};
    return GW_DONE;
}

void
gw_json_done(struct gw_json *json)
{
    if (json->data != NULL)
        munmap(json->data, json->limit);
    *json = (struct gw_json){0};
}

void
gw_json_reset(struct gw_json *json)
{
    json->len = 0;
    json->full = false;
    json->depth = 0;
    json->keyed = false;
    json->level[0].any = false;
}

void
gw_json_line(struct gw_json *json)
{
    assert(json->depth == 0 && json->level[0].any);
    json->level[0].any = false;
    put(json, "\n", 1);
}

void
gw_json_object_begin(struct gw_json *json)
{
    begin(json, false);
}

void
gw_json_object_end(struct gw_json *json)
{
    end(json, false);
}

void
gw_json_array_begin(struct gw_json *json)
{
    begin(json, true);
}

void
gw_json_array_end(struct gw_json *json)
{
    end(json, true);
}

void
gw_json_key(struct gw_json *json, const char *key)
{
    assert(json->depth > 0 && !json->level[json->depth].array && !json->keyed);
    if (json->level[json->depth].any)
        put(json, ",", 1);
    put(json, "\"", 1);
    put(json, key, strlen(key));
    put(json, "\":", 2);
    json->keyed = true;
}

static void
put_unit16(struct gw_json *json, uint32_t unit)
{
    const char text[6] = {
        '\\', 'u', hex[unit >> 12 & 15], hex[unit >> 8 & 15], hex[unit >> 4 & 15], hex[unit & 15]};

    put(json, text, sizeof(text));
}

static void
put_code_point(struct gw_json *json, uint32_t point)
{
    if (point < 0x10000) {
        put_unit16(json, point);
        return;
    }
    put_unit16(json, 0xd800 + ((point - 0x10000) >> 10));
    put_unit16(json, 0xdc00 + (point & 0x3ff));
}

/* Decode one code point of UTF-8; octets taken, or 0 when they are none (RFC 3629 section 4). */
static size_t
decode(const uint8_t *octet, size_t len, uint32_t *ret_point)
{
    const size_t need = octet[0] >= 0xf0 ? 4 : octet[0] >= 0xe0 ? 3 : 2;
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t point = octet[0] & (0x7fu >> need);

    if (octet[0] < 0xc2 || octet[0] > 0xf4 || len < need)
        return 0;
    for (size_t i = 1; i < need; i++) {
        if ((octet[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (octet[i] & 0x3fu);
    }
    if (point < least[need] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
        return 0;
    *ret_point = point;
    return need;
}

static void
put_ascii(struct gw_json *json, uint8_t octet)
{
    static const char names[] = "btn?fr"; /* of 0x08..0x0d; 0x0b has none */
    const char escape[2] = {
        '\\', octet >= 0x08 && octet <= 0x0d && octet != 0x0b ? names[octet - 8] : (char)octet};

    if (octet == '"' || octet == '\\' || escape[1] != (char)octet)
        put(json, escape, 2);
    else if (octet < 0x20 || octet == 0x7f || octet == '<' || octet == '>' || octet == '&')
        put_unit16(json, octet);
    else
        put(json, &escape[1], 1);
}

void
gw_json_octets(struct gw_json *json, const char *text, size_t len)
{
    const uint8_t *octets = (const uint8_t *)text;
    size_t pos = 0;

    before_value(json);
    put(json, "\"", 1);
    while (pos < len) {
        uint32_t point = REPLACEMENT;
        size_t taken = 1;

        if (octets[pos] < 0x80) {
            put_ascii(json, octets[pos]);
        } else {
            const size_t decoded = decode(octets + pos, len - pos, &point);

            taken = decoded == 0 ? 1 : decoded;
            put_code_point(json, point);
        }
        pos += taken;
    }
    put(json, "\"", 1);
}

void
gw_json_string(struct gw_json *json, const char *text)
{
    gw_json_octets(json, text, strlen(text));
}

/* Write @p value with at least @p digits digits. */
static void
put_decimal(struct gw_json *json, uint64_t value, uint32_t digits)
{
    char text[20];
    size_t pos = sizeof(text);

    do {
        text[--pos] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0 || sizeof(text) - pos < digits);
    put(json, text + pos, sizeof(text) - pos);
}

void
gw_json_u64(struct gw_json *json, uint64_t value)
{
    before_value(json);
    put_decimal(json, value, 1);
}

void
gw_json_i64(struct gw_json *json, int64_t value)
{
    before_value(json);
    if (value < 0)
        put(json, "-", 1);
    put_decimal(json, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 1);
}

void
gw_json_bool(struct gw_json *json, bool value)
{
    before_value(json);
    put(json, value ? "true" : "false", value ? 4 : 5);
}

void
gw_json_null(struct gw_json *json)
{
    before_value(json);
    put(json, "null", 4);
}

void
gw_json_fixed(struct gw_json *json, double value, uint32_t decimals)
{
    uint64_t scale = 1;

    assert(decimals <= 6);
    if (!isfinite(value)) {
        gw_json_null(json);
        return;
    }
    for (uint32_t i = 0; i < decimals; i++)
        scale *= 10;

    const double bounded = fmin(fmax(value, -FIXED_MAX), FIXED_MAX);
    const int64_t scaled = llround(bounded * (double)scale);
    const uint64_t size = (uint64_t)(scaled < 0 ? -scaled : scaled);

    before_value(json);
    if (scaled < 0)
        put(json, "-", 1);
    put_decimal(json, size / scale, 1);
    if (decimals > 0) {
        put(json, ".", 1);
        put_decimal(json, size % scale, decimals);
    }
}

void
gw_json_put_string(struct gw_json *json, const char *key, const char *text)
{
    gw_json_key(json, key);
    gw_json_string(json, text);
}

void
gw_json_put_u64(struct gw_json *json, const char *key, uint64_t value)
{
    gw_json_key(json, key);
    gw_json_u64(json, value);
}

void
gw_json_put_bool(struct gw_json *json, const char *key, bool value)
{
    gw_json_key(json, key);
    gw_json_bool(json, value);
}

void
gw_json_put_fixed(struct gw_json *json, const char *key, double value, uint32_t decimals)
{
    gw_json_key(json, key);
    gw_json_fixed(json, value, decimals);
}

void
gw_json_put_object(struct gw_json *json, const char *key)
{
    gw_json_key(json, key);
    gw_json_object_begin(json);
}

void
gw_json_put_array(struct gw_json *json, const char *key)
{
    gw_json_key(json, key);
    gw_json_array_begin(json);
}
