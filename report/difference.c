/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/difference.h"

#include "report/json_dns.h"

static void
put_members(struct gw_text *text, const struct gw_difference_set *set, const char *sign)
{
    const uint32_t kept = set->name_count + set->address_count;

    for (uint32_t i = 0; i < set->name_count; i++) {
        gw_text_format(text, " %s", sign);
        gw_text_name(text, &set->name[i]);
    }
    for (uint32_t i = 0; i < set->address_count; i++) {
        gw_text_format(text, " %s", sign);
        gw_text_addr(text, &set->address[i]);
    }
    if (set->total > kept)
        gw_text_format(text, " %sand %u more", sign, set->total - kept);
}

void
gw_text_difference(const struct gw_difference *difference, char ret_text[GW_TEXT_DIFFERENCE_SIZE])
{
    static const char *const signs[] = {"+ ", "- ", "~ "};
    const bool changed = difference->kind == GW_DIFFERENCE_CHANGED;
    struct gw_text text;

    gw_text_init(&text, ret_text, GW_TEXT_DIFFERENCE_SIZE);
    gw_text_put(&text, signs[difference->kind]);
    gw_text_name(&text, &difference->name);
    gw_text_put(&text, difference->is_host ? " address" : " NS");
    put_members(&text, &difference->lost, changed ? "-" : "");
    put_members(&text, &difference->gained, changed ? "+" : "");
    if (changed && difference->kept.total != 0) {
        gw_text_put(&text, " (still");
        put_members(&text, &difference->kept, "");
        gw_text_put(&text, ")");
    }
}

static void
put_set(struct gw_json *json, const char *key, const struct gw_difference_set *set)
{
    gw_json_put_array(json, key);
    for (uint32_t i = 0; i < set->name_count; i++)
        gw_json_wire(json, set->name[i].wire, set->name[i].len);
    for (uint32_t i = 0; i < set->address_count; i++)
        gw_json_addr(json, &set->address[i]);
    gw_json_array_end(json);
}

void
gw_json_difference(struct gw_json *json, const struct gw_difference *difference)
{
    static const char *const kinds[] = {"new", "gone", "changed"};

    gw_json_object_begin(json);
    gw_json_put_string(json, "difference", kinds[difference->kind]);
    gw_json_put_string(json, "about", difference->is_host ? "name-server" : "delegation");
    gw_json_key(json, "name");
    gw_json_wire(json, difference->name.wire, difference->name.len);
    if (difference->zone.len != 0) {
        gw_json_key(json, "zone");
        gw_json_wire(json, difference->zone.wire, difference->zone.len);
    }
    put_set(json, "lost", &difference->lost);
    put_set(json, "gained", &difference->gained);
    put_set(json, "kept", &difference->kept);
    gw_json_put_time(json, "first", difference->first_ns);
    gw_json_put_time(json, "last", difference->last_ns);
    gw_json_object_end(json);
    gw_json_line(json);
}
