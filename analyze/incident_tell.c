/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of the run: which matters are incidents, in which order, under which ids. */
#include <stdlib.h>
#include <string.h>

#include "analyze/matter.h"
#include "base/hash.h"

/* Family, what it is about, and how often before: with two names and two addresses at most. */
#define IDENTITY_MAX (8u + 2u * (1u + GW_NAME_MAX) + 2u * sizeof(struct gw_addr))

/* Without queries, half of the evidence counts: as gw_signal_halve() has it. */
static void
halve(struct gw_matter *matter)
{
    for (uint32_t i = 0; i < matter->evidence_count; i++) {
        struct gw_matter_evidence *item = &matter->evidence[i];
        double evidence = -item->base;

        if (item->settled)
            continue;
        for (uint32_t j = 0; j < GW_CHANNEL_COUNT; j++)
            evidence += item->points[j];
        if (evidence > 0.0)
            item->points[gw_incident_channel(item->kind)] -= 0.5 * evidence;
    }
    gw_incident_score(matter);
}

static bool
is_under(const struct gw_name *name, const struct gw_name *cut)
{
    return cut->len != 0 && name->len > cut->len &&
           memcmp(name->wire + name->len - cut->len, cut->wire, cut->len) == 0;
}

static enum gw_scope
scope_of(const struct gw_matter *matter)
{
    if (matter->rolled)
        return GW_SCOPE_PARENT;
    if (matter->injection)
        return matter->many_servers || matter->resolver_count == 1 ? GW_SCOPE_RESOLVER
                                                                   : GW_SCOPE_SERVER;
    if (!matter->has_cut)
        return GW_SCOPE_RESOLVER;
    if (matter->host_count == 1 && matter->name.len != 0)
        return GW_SCOPE_HOST;
    if (matter->cut_count <= 1)
        return matter->cut.len != 0 ? GW_SCOPE_CUT : GW_SCOPE_HOST;
    if (matter->by_server && matter->family == GW_FAMILY_DELEGATION_HIJACK)
        return GW_SCOPE_SERVER;
    return matter->address.family != 0 ? GW_SCOPE_ADDRESS : GW_SCOPE_PARENT;
}

static size_t
add_name(uint8_t *identity, size_t len, const struct gw_name *name)
{
    identity[len] = name->len;
    memcpy(identity + len + 1, name->wire, name->len);
    return len + 1 + name->len;
}

static size_t
add_addr(uint8_t *identity, size_t len, const struct gw_addr *addr)
{
    identity[len] = addr->family;
    memcpy(identity + len + 1, addr->octet, sizeof(addr->octet));
    return len + 1 + sizeof(addr->octet);
}

/*
 * A name server inside the child zone goes by its delegation, so that the id stays when the matter
 * grows from the one to the other.
 */
static void
identify(struct gw_matter *matter, enum gw_scope scope)
{
    uint8_t identity[IDENTITY_MAX];
    size_t len = 0;

    identity[len++] = (uint8_t)matter->family;
    identity[len++] = (uint8_t)matter->again;
    switch (scope) {
    case GW_SCOPE_HOST:
    case GW_SCOPE_CUT:
        identity[len++] = 'd';
        len = add_name(identity, len,
            matter->name.len != 0 && !is_under(&matter->name, &matter->cut) ? &matter->name
                                                                            : &matter->cut);
        break;
    case GW_SCOPE_PARENT:
        identity[len++] = 'p';
        identity[len++] = matter->rolled ? (uint8_t)matter->rolled_kind : UINT8_MAX;
        len = add_name(identity, len, &matter->zone);
        break;
    case GW_SCOPE_SERVER:
        identity[len++] = 's';
        len = add_addr(identity, len, &matter->server);
        break;
    case GW_SCOPE_RESOLVER:
        identity[len++] = 'r';
        len = add_addr(identity, len, &matter->resolver);
        if (!matter->injection)
            len = add_addr(identity, len, &matter->server);
        break;
    case GW_SCOPE_ADDRESS:
        identity[len++] = 'a';
        len = add_addr(identity, len, &matter->address);
        break;
    }
    gw_hash_stable(identity, len, matter->id);
}

static int
by_telling(const void *left_ptr, const void *right_ptr, void *matters)
{
    const struct gw_matter *left = (const struct gw_matter *)matters + *(const uint32_t *)left_ptr;
    const struct gw_matter *right =
        (const struct gw_matter *)matters + *(const uint32_t *)right_ptr;

    if (left->severity != right->severity)
        return left->severity > right->severity ? -1 : 1;
    if (left->opened_ns != right->opened_ns)
        return left->opened_ns < right->opened_ns ? -1 : 1;
    return memcmp(left->id, right->id, sizeof(left->id));
}

/* Two that differ in what their ids do not hold get different ids. */
static void
tell_apart(const struct gw_incident_log *log, struct gw_matter *matter)
{
    for (uint32_t i = 0; i < log->count; i++)
        if (log->matter[i].has_id && &log->matter[i] != matter &&
            memcmp(log->matter[i].id, matter->id, sizeof(matter->id)) == 0) {
            gw_hash_stable(matter->id, sizeof(matter->id), matter->id);
            i = UINT32_MAX; /* begin again: few are told */
        }
}

static void
settle(struct gw_incident_log *log, uint32_t slot, int64_t last_ns, bool halved)
{
    struct gw_matter *matter = &log->matter[slot];

    if (halved)
        halve(matter);
    if (matter->opened && matter->confidence < GW_INCIDENT_OPEN_MIN) {
        matter->opened = false;
        log->stats->opened--;
    }
    if (!matter->opened) {
        log->stats->evidence += matter->confidence >= GW_INCIDENT_EVIDENCE_MIN;
        return;
    }
    if (matter->dormant) { /* told by an earlier run, to its end */
        log->stats->opened--;
        return;
    }
    gw_incident_advance(matter, last_ns);
    if (!matter->has_id) {
        identify(matter, scope_of(matter));
        tell_apart(log, matter);
        matter->has_id = true;
    }
    log->told[log->told_count++] = slot;
    if (matter->state == GW_INCIDENT_CLOSED)
        log->stats->closed++;
    else
        log->stats->open++;
    log->stats->by_severity[matter->severity]++;
}

void
gw_incident_finish(struct gw_incident_log *log, int64_t last_ns, uint32_t caveats)
{
    const bool halved = caveats & GW_CAVEAT_RESPONSES_ONLY;

    log->told_count = 0;
    log->last_ns = last_ns;
    for (uint32_t i = 0; i < log->count; i++) {
        if (!log->matter[i].used || log->matter[i].merged != 0)
            continue;
        log->matter[i].caveats |= caveats;
        settle(log, i, last_ns, halved);
    }
    log->stats->closed += log->stats->rolled_up;
    qsort_r(log->told, log->told_count, sizeof(log->told[0]), by_telling, log->matter);
}

/* What has an IPv4 and an IPv6 address is one resolver: the larger number counts. */
static uint64_t
count_resolvers(const struct gw_matter *matter)
{
    uint64_t ip4 = 0;
    uint64_t most;

    for (uint32_t i = 0; i < matter->resolver_count; i++)
        ip4 += matter->resolvers[i].family == 4;
    most = matter->resolver_count - ip4;
    if (ip4 > most)
        most = ip4;
    return matter->resolver_total > most ? matter->resolver_total : most;
}

static void
list_cuts(const struct gw_matter *matter, struct gw_incident *one)
{
    const struct gw_matter_cuts *cuts = matter->cuts;

    if (cuts == NULL || matter->cut_count < 2)
        return;
    for (uint32_t i = 0; i < cuts->surest_count; i++)
        one->cuts[one->cut_count++] = cuts->surest[i].name;
    for (uint32_t i = 0; i < cuts->sample_count; i++) {
        uint32_t j = 0;

        while (j < cuts->surest_count && cuts->surest[j].key != cuts->sample[i].key)
            j++;
        if (j == cuts->surest_count)
            one->cuts[one->cut_count++] = cuts->sample[i].name;
    }
}

static void
list_findings(const struct gw_matter *matter, struct gw_incident *one)
{
    for (uint32_t i = 0; i < matter->evidence_count; i++)
        memcpy(one->finding[i], matter->evidence[i].id, sizeof(one->finding[i]));
    one->finding_count = matter->evidence_count;
    one->finding_total = matter->finding_total;
    for (uint32_t i = 0; i < GW_KIND_COUNT; i++)
        one->kinds |= (uint64_t)(matter->kind_count[i] != 0) << i;
}

const struct gw_incident *
gw_incident_at(struct gw_incident_log *log, uint32_t index)
{
    struct gw_incident *one = &log->one;
    const struct gw_matter *matter;

    if (index >= log->told_count)
        return NULL;
    matter = &log->matter[log->told[index]];
    *one = (struct gw_incident){
        .sequence = index + 1u,
        .family = matter->family,
        .scope = scope_of(matter),
        .state = matter->state,
        .reason = matter->reason,
        .severity = matter->severity,
        .confidence = matter->confidence,
        .prior = matter->prior,
        .zone = matter->zone,
        .cut = matter->cut,
        .name = matter->name,
        .server = matter->server,
        .resolver = matter->resolver,
        .address = matter->address,
        .opened_ns = matter->opened_ns,
        .first_ns = matter->first_ns,
        .last_ns = matter->last_ns,
        .closed_ns = matter->closed_ns,
        .delegation_total = matter->delegation_count > matter->cut_count ? matter->delegation_count
                                                                         : matter->cut_count,
        .resolver_count = matter->resolver_count,
        .resolver_total = count_resolvers(matter),
        .caveats = matter->caveats,
        .watched = matter->watched,
    };
    memcpy(one->id, matter->id, sizeof(one->id));
    memcpy(one->channel, matter->channel, sizeof(one->channel));
    memcpy(one->resolvers, matter->resolvers, sizeof(one->resolvers));
    list_findings(matter, one);
    list_cuts(matter, one);
    return one;
}
