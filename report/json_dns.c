/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/json_dns.h"

#include "report/escape.h"

void
gw_json_wire(struct gw_json *json, const uint8_t *wire, size_t len)
{
    char text[GW_ESCAPE_NAME_SIZE];

    gw_json_octets(json, text, gw_escape_name(wire, len, text));
}

void
gw_json_addr(struct gw_json *json, const struct gw_addr *addr)
{
    char text[GW_ESCAPE_ADDR_SIZE];

    gw_json_octets(json, text, gw_escape_addr(addr, text));
}

void
gw_json_put_name(struct gw_json *json, const char *key, const struct gw_name *name)
{
    if (name->len == 0)
        return;
    gw_json_key(json, key);
    gw_json_wire(json, name->wire, name->len);
}

void
gw_json_put_addr(struct gw_json *json, const char *key, const struct gw_addr *addr)
{
    if (addr->family == 0)
        return;
    gw_json_key(json, key);
    gw_json_addr(json, addr);
}

void
gw_json_put_time(struct gw_json *json, const char *key, int64_t time_ns)
{
    char text[GW_ESCAPE_TIME_SIZE];

    (void)gw_escape_time(time_ns, text);
    gw_json_put_string(json, key, text);
}

void
gw_json_put_bits(
    struct gw_json *json, const char *key, uint32_t bits, const char *(*word)(uint32_t))
{
    gw_json_put_array(json, key);
    for (uint32_t bit = 0; word(bit) != NULL; bit++) {
        if ((bits >> bit & 1) != 0)
            gw_json_string(json, word(bit));
    }
    gw_json_array_end(json);
}
