/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The root servers as IANA lists them (named.root, https://www.iana.org/domains/root/servers), as
 * of 2026-01: the latest change was b's in November 2023. Retired addresses are those that were in
 * the root zone once; the year is that of the change.
 */
#include "analyze/roots.h"

#include <arpa/inet.h>
#include <string.h>

static const struct {
    char letter;
    uint16_t retired;
    const char *addr;
} known[] = {
    {'a', 0, "198.41.0.4"},
    {'a', 0, "2001:503:ba3e::2:30"},
    {'b', 0, "170.247.170.2"},
    {'b', 0, "2801:1b8:10::b"},
    {'b', 2004, "128.9.0.107"},
    {'b', 2017, "192.228.79.201"},
    {'b', 2017, "2001:500:84::b"},
    {'b', 2023, "199.9.14.201"},
    {'b', 2023, "2001:500:200::b"},
    {'c', 0, "192.33.4.12"},
    {'c', 0, "2001:500:2::c"},
    {'d', 0, "199.7.91.13"},
    {'d', 0, "2001:500:2d::d"},
    {'d', 2013, "128.8.10.90"},
    {'e', 0, "192.203.230.10"},
    {'e', 0, "2001:500:a8::e"},
    {'f', 0, "192.5.5.241"},
    {'f', 0, "2001:500:2f::f"},
    {'g', 0, "192.112.36.4"},
    {'g', 0, "2001:500:12::d0d"},
    {'h', 0, "198.97.190.53"},
    {'h', 0, "2001:500:1::53"},
    {'h', 2015, "128.63.2.53"},
    {'h', 2015, "2001:500:1::803f:235"},
    {'i', 0, "192.36.148.17"},
    {'i', 0, "2001:7fe::53"},
    {'j', 0, "192.58.128.30"},
    {'j', 0, "2001:503:c27::2:30"},
    {'j', 2002, "198.41.0.10"},
    {'k', 0, "193.0.14.129"},
    {'k', 0, "2001:7fd::1"},
    {'l', 0, "199.7.83.42"},
    {'l', 0, "2001:500:9f::42"},
    {'l', 2007, "198.32.64.12"},
    {'l', 2016, "2001:500:3::42"},
    {'m', 0, "202.12.27.33"},
    {'m', 0, "2001:dc3::35"},
};

_Static_assert(GW_ARRAY_LEN(known) <= GW_ROOT_ADDRESSES_MAX, "all of them fit");

static bool
is_same(const struct gw_addr *left, const struct gw_addr *right)
{
    return left->family == right->family &&
           memcmp(left->octet, right->octet, sizeof(left->octet)) == 0;
}

static bool
has_name(const struct gw_reference_root *root, const uint8_t *wire, uint8_t len)
{
    return root->name.len == len && memcmp(root->name.wire, wire, len) == 0;
}

void
gw_reference_roots_known(struct gw_reference_roots *ret_roots)
{
    static const struct gw_name name = {20, "\1x\014root-servers\3net"};

    memset(ret_roots, 0, sizeof(*ret_roots));
    for (size_t i = 0; i < GW_ARRAY_LEN(known); i++) {
        struct gw_reference_root *root = &ret_roots->root[ret_roots->count++];

        root->name = name;
        root->name.wire[1] = (uint8_t)known[i].letter;
        root->retired = known[i].retired;
        root->addr.family = strchr(known[i].addr, ':') != NULL ? 6 : 4;
        (void)inet_pton(
            root->addr.family == 6 ? AF_INET6 : AF_INET, known[i].addr, root->addr.octet);
    }
}

bool
gw_reference_roots_add(
    struct gw_reference_roots *roots, const struct gw_name *name, const struct gw_addr *addr)
{
    if (gw_reference_roots_say(roots, name->wire, name->len, addr) == GW_ROOT_PRESENT)
        return true;
    if (roots->count == GW_ROOT_ADDRESSES_MAX)
        return false;
    roots->root[roots->count++] = (struct gw_reference_root){.name = *name, .addr = *addr};
    return true;
}

const struct gw_reference_root *
gw_reference_roots_at(const struct gw_reference_roots *roots, const struct gw_addr *addr)
{
    for (uint32_t i = 0; roots != NULL && i < roots->count; i++)
        if (is_same(&roots->root[i].addr, addr))
            return &roots->root[i];
    return NULL;
}

bool
gw_reference_roots_names(const struct gw_reference_roots *roots, const uint8_t *wire, uint8_t len)
{
    for (uint32_t i = 0; roots != NULL && i < roots->count; i++)
        if (has_name(&roots->root[i], wire, len))
            return true;
    return false;
}

enum gw_reference_root_word
gw_reference_roots_say(const struct gw_reference_roots *roots, const uint8_t *wire, uint8_t len,
    const struct gw_addr *addr)
{
    enum gw_reference_root_word word = GW_ROOT_SILENT;

    for (uint32_t i = 0; roots != NULL && i < roots->count; i++) {
        const struct gw_reference_root *root = &roots->root[i];

        if (!has_name(root, wire, len) || root->addr.family != addr->family)
            continue;
        if (is_same(&root->addr, addr))
            return root->retired == 0 ? GW_ROOT_PRESENT : GW_ROOT_RETIRED;
        word = GW_ROOT_WRONG;
    }
    return word;
}
