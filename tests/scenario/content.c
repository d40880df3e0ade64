/* SPDX-License-Identifier: BSD-2-Clause */
/* What honest servers say. */
#include "tests/scenario/world.h"

#include <string.h>
#include <strings.h>

#define NEGATIVE_TTL   600u
#define ROOT_TTL       518400u
#define TLD_TTL        172800u
#define PRIMING_OCTETS 1232u

bool
sc_name_under(const char *name, const char *zone)
{
    size_t len = strlen(name);
    size_t zone_len = strlen(zone);

    return len >= zone_len && strcasecmp(name + len - zone_len, zone) == 0 &&
           (len == zone_len || zone_len == 0 || name[len - zone_len - 1] == '.');
}

static void
add_delegation(struct sc_msg *msg, const struct sc_cut *cut, enum sc_section ns_section)
{
    for (uint32_t i = 0; i < cut->ns_count; i++) {
        if (i == 0 || strcmp(cut->ns[i].name, cut->ns[i - 1].name) != 0) {
            sc_add_name(msg, ns_section, cut->name, SC_NS, cut->ns_ttl, cut->ns[i].name);
        }
    }
}

/** The glue: all A and then all AAAA (NSD), or name by name. */
static void
add_glue(struct sc_msg *msg, const struct sc_server *server, const struct sc_cut *cut)
{
    bool by_type = server->vendor == SC_NSD;

    for (uint32_t i = 0; i < cut->ns_count; i++) {
        const struct sc_ns *ns = &cut->ns[i];
        sc_add_addr(msg, SC_ADDITIONAL, ns->name, cut->glue_ttl, ns->v4);
        if (!by_type) {
            sc_add_addr(msg, SC_ADDITIONAL, ns->name, cut->glue_ttl, ns->v6);
        }
    }
    for (uint32_t i = 0; by_type && i < cut->ns_count; i++) {
        sc_add_addr(msg, SC_ADDITIONAL, cut->ns[i].name, cut->glue_ttl, cut->ns[i].v6);
    }
}

void
sc_msg_referral(struct sc_world *world, struct sc_msg *msg, const struct sc_server *server,
    const struct sc_cut *cut, bool dnssec)
{
    sc_msg_init(msg);
    add_delegation(msg, cut, SC_AUTHORITY);
    if (dnssec && cut->has_ds) {
        sc_add_ds(msg, SC_AUTHORITY, cut->name, cut->ns_ttl);
        sc_add_rrsig(msg, SC_AUTHORITY, cut->name, SC_DS, cut->ns_ttl, world->zone);
    }
    add_glue(msg, server, cut);
}

/** The addresses of @p cut's name servers as its own zone gives them: those that really serve. */
static bool
add_server_address(struct sc_msg *msg, const struct sc_cut *cut, const char *qname, uint16_t qtype)
{
    bool found = false;

    for (uint32_t i = 0; i < cut->ns_count; i++) {
        const struct sc_ns *ns = &cut->ns[i];
        if (strcasecmp(ns->name, qname) != 0) {
            continue;
        }
        struct sc_addr addr = qtype == SC_A ? ns->v4 : ns->v6;
        if (qtype == SC_A || qtype == SC_AAAA) {
            sc_add_addr(msg, SC_ANSWER, ns->name, cut->glue_ttl, addr);
        }
        found = true;
    }
    return found;
}

static void
add_answer(struct sc_msg *msg, const struct sc_server *server, const struct sc_cut *cut,
    const char *qname, uint16_t qtype)
{
    bool apex = strcasecmp(qname, cut->name) == 0;

    if (apex && qtype == SC_NS) {
        add_delegation(msg, cut, SC_ANSWER);
        add_glue(msg, server, cut);
    } else if (apex && qtype == SC_SOA) {
        sc_add_soa(msg, SC_ANSWER, cut->name, cut->ns_ttl, cut->ns[0].name);
    } else if (!add_server_address(msg, cut, qname, qtype) && qtype == SC_A) {
        sc_add_addr(msg, SC_ANSWER, qname, NEGATIVE_TTL, cut->www_addr);
    }
}

void
sc_msg_answer(struct sc_world *world, struct sc_msg *msg, const struct sc_server *server,
    const struct sc_cut *cut, const char *qname, uint16_t qtype)
{
    (void)world;
    sc_msg_init(msg);
    msg->aa = true;
    add_answer(msg, server, cut, qname, qtype);
    if (msg->count == 0) {
        sc_add_soa(msg, SC_AUTHORITY, cut->name, NEGATIVE_TTL, cut->ns[0].name);
    } else if (qtype != SC_NS && (server->vendor == SC_BIND || server->vendor == SC_NSD)) {
        add_delegation(msg, cut, SC_AUTHORITY);
        add_glue(msg, server, cut);
    }
}

void
sc_msg_priming(struct sc_world *world, struct sc_msg *msg, uint32_t room)
{
    sc_msg_init(msg);
    msg->aa = true;
    for (uint32_t i = 0; i < SC_ROOTS; i++) {
        sc_add_name(msg, SC_ANSWER, "", SC_NS, ROOT_TTL, world->root[i]->name);
    }
    for (uint32_t i = 0; room >= PRIMING_OCTETS && i < SC_ROOTS; i++) {
        const struct sc_server *root = world->root[i];
        sc_add_addr(msg, SC_ADDITIONAL, root->name, ROOT_TTL, root->v4);
        sc_add_addr(msg, SC_ADDITIONAL, root->name, ROOT_TTL, root->v6);
    }
}

void
sc_msg_root_referral(struct sc_world *world, struct sc_msg *msg, const char *zone)
{
    sc_msg_init(msg);
    for (uint32_t i = 0; i < SC_PARENTS; i++) {
        sc_add_name(msg, SC_AUTHORITY, zone, SC_NS, TLD_TTL, world->parent[i]->name);
    }
    for (uint32_t i = 0; i < SC_PARENTS; i++) {
        const struct sc_server *parent = world->parent[i];
        sc_add_addr(msg, SC_ADDITIONAL, parent->name, TLD_TTL, parent->v4);
        sc_add_addr(msg, SC_ADDITIONAL, parent->name, TLD_TTL, parent->v6);
    }
}

void
sc_msg_negative(
    struct sc_world *world, struct sc_msg *msg, const char *zone, const char *qname, uint8_t rcode)
{
    (void)qname;
    sc_msg_init(msg);
    msg->aa = true;
    msg->rcode = rcode;
    sc_add_soa(msg, SC_AUTHORITY, zone, NEGATIVE_TTL, sc_text(world, "a.nic.%s", zone));
}
