/* SPDX-License-Identifier: BSD-2-Clause */
/* The zone of a world as a master file. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/scenario/world.h"

#define ZONE_TTL 172800u

static void
print_addr(const struct sc_world *world, const char *owner, uint32_t ttl, struct sc_addr addr,
    FILE *stream)
{
    char text[INET6_ADDRSTRLEN];

    if (addr.family == 0) {
        return;
    }
    if (world->capture.recording.swap_families) {
        addr = sc_addr_swap(addr);
    }
    bool four = addr.family == 4;
    inet_ntop(four ? AF_INET : AF_INET6, addr.octets, text, sizeof(text));
    fprintf(stream, "%s. %u IN %s %s\n", owner, ttl, four ? "A" : "AAAA", text);
}

/** Glue stands with the delegation that it belongs to, and only there. */
static void
print_cut(const struct sc_world *world, const struct sc_cut *cut, FILE *stream)
{
    for (uint32_t i = 0; i < cut->ns_count; i++) {
        const struct sc_ns *ns = &cut->ns[i];
        fprintf(stream, "%s. %u IN NS %s.\n", cut->name, cut->ns_ttl, ns->name);
        if (sc_name_under(ns->name, cut->name)) {
            print_addr(world, ns->name, cut->glue_ttl, ns->v4, stream);
            print_addr(world, ns->name, cut->glue_ttl, ns->v6, stream);
        }
    }
    if (cut->has_ds) {
        fprintf(stream, "%s. %u IN DS 4711 13 2 ", cut->name, cut->ns_ttl);
        for (uint32_t i = 0; i < 32; i++) {
            fprintf(stream, "%02x", (unsigned)(sc_mix(i + cut->ns_ttl) & 0xff));
        }
        fputs("\n", stream);
    }
}

const char *
sc_zone_text(struct sc_world *world)
{
    const char *zone = world->zone;
    char *text = NULL;
    size_t len = 0;
    FILE *stream = open_memstream(&text, &len);

    if (!stream) {
        sc_die("no memory");
    }
    fprintf(stream, "%s. %u IN SOA %s. hostmaster.nic.%s. 2026010101 7200 900 1209600 600\n", zone,
        ZONE_TTL, world->parent[0]->name, zone);
    for (uint32_t i = 0; i < SC_PARENTS; i++) {
        const struct sc_server *parent = world->parent[i];
        fprintf(stream, "%s. %u IN NS %s.\n", zone, ZONE_TTL, parent->name);
        print_addr(world, parent->name, ZONE_TTL, parent->v4, stream);
        print_addr(world, parent->name, ZONE_TTL, parent->v6, stream);
    }
    for (uint32_t i = 0; i < world->cut_count; i++) {
        print_cut(world, &world->cut[i], stream);
    }
    if (fclose(stream) != 0) {
        sc_die("no memory");
    }
    const char *kept = sc_text(world, "%s", text);
    free(text);
    return kept;
}
