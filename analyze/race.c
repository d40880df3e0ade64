/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/race.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Responses within this time of each other may be one attempt. */
#define BESIDE_NS (60 * GW_NS_PER_S)

#define GROUP_OCTETS_IP4 3u
#define GROUP_OCTETS_IP6 7u

#define DAY_NS   (86400 * GW_NS_PER_S)
#define AGAIN_NS (10 * GW_NS_PER_S)

/* Evidence of the same sort this soon after is the same piece. */
#define SAME_NS GW_NS_PER_S

/* Latest pieces that are looked at for that. */
#define SAME_LOOKS 16u

/* Between the evidence and what it is about. */
#define TRANSACTION_NS (5 * GW_NS_PER_S)

struct gw_race_log *
gw_race_new(const struct gw_hash_key *key)
{
    struct gw_race_log *log = calloc(1, sizeof(*log));

    if (log == NULL)
        return NULL;
    if (gw_table_recent_init(&log->pairs, key, 2 * sizeof(struct gw_addr),
            sizeof(struct gw_race_pair), GW_RACE_PAIRS) == GW_DONE)
        return log;
    gw_race_free(log);
    return NULL;
}

void
gw_race_free(struct gw_race_log *log)
{
    if (log == NULL)
        return;
    gw_table_recent_done(&log->pairs);
    free(log);
}

uint64_t
gw_race_octets(const struct gw_race_log *log)
{
    return sizeof(*log) + gw_table_recent_octets(&log->pairs);
}

struct gw_addr
gw_race_group(const struct gw_addr *resolver)
{
    struct gw_addr group;

    memset(&group, 0, sizeof(group));
    group.family = resolver->family;
    memcpy(
        group.octet, resolver->octet, resolver->family == 4 ? GROUP_OCTETS_IP4 : GROUP_OCTETS_IP6);
    return group;
}

static bool
is_equal(const struct gw_addr *left, const struct gw_addr *right)
{
    return memcmp(left, right, sizeof(*left)) == 0;
}

void
gw_race_learn(struct gw_race_log *log, const struct gw_exchange *exchange)
{
    if (exchange->fit != GW_FIT_QUERY_AGAIN)
        return;
    log->again[log->again_next++ % GW_RACE_NOTES] = (struct gw_race_note){exchange->resolver,
        exchange->resolver_port, exchange->id, exchange->qname_hash, exchange->time_ns};
}

bool
gw_race_was_asked_again(const struct gw_race_log *log, const struct gw_exchange *exchange)
{
    for (uint32_t i = 0; i < GW_RACE_NOTES; i++) {
        const struct gw_race_note *note = &log->again[i];

        if (note->port == exchange->resolver_port && note->id == exchange->query_id &&
            note->qname_hash == exchange->qname_hash &&
            is_equal(&note->resolver, &exchange->resolver) &&
            exchange->time_ns - note->time_ns <= AGAIN_NS)
            return true;
    }
    return false;
}

struct gw_race_pair *
gw_race_pair_find(
    const struct gw_race_log *log, const struct gw_addr *resolver, const struct gw_addr *server)
{
    const struct gw_addr pair[2] = {*resolver, *server};

    return gw_table_recent_find(&log->pairs, pair);
}

struct gw_race_pair *
gw_race_pair_meet(
    struct gw_race_log *log, const struct gw_addr *resolver, const struct gw_addr *server)
{
    const struct gw_addr pair[2] = {*resolver, *server};

    return gw_table_recent_meet(&log->pairs, pair);
}

/* The piece number `back` before the next one. */
static uint32_t
index_back(const struct gw_race_log *log, uint32_t back)
{
    return (log->next + GW_RACES_KEPT - 1 - back) % GW_RACES_KEPT;
}

static bool
is_in_time(const struct gw_race *race, int64_t from_ns, int64_t to_ns)
{
    return race->last_ns >= from_ns && race->first_ns <= to_ns;
}

bool
gw_race_near(const struct gw_race_log *log, const struct gw_addr *resolver,
    const struct gw_addr *server, int64_t from_ns, int64_t to_ns)
{
    const struct gw_addr group = gw_race_group(resolver);

    for (uint32_t i = 0; i < log->count; i++) {
        const struct gw_race *race = &log->race[index_back(log, i)];

        if (is_in_time(race, from_ns, to_ns) &&
            (server == NULL || is_equal(&race->server, server)) && is_equal(&race->group, &group))
            return true;
    }
    return false;
}

bool
gw_race_near_question(const struct gw_race_log *log, const struct gw_exchange *exchange)
{
    const struct gw_addr group = gw_race_group(&exchange->resolver);
    const struct gw_addr *server =
        exchange->fit == GW_FIT_WRONG_SOURCE ? &exchange->asked : &exchange->server;

    for (uint32_t i = 0; i < log->count; i++) {
        const struct gw_race *race = &log->race[index_back(log, i)];

        if (race->qname_hash == exchange->qname_hash &&
            is_in_time(race, exchange->time_ns - TRANSACTION_NS, exchange->time_ns) &&
            is_equal(&race->server, server) && is_equal(&race->group, &group))
            return true;
    }
    return false;
}

static void
note_race(struct gw_race_log *log, const struct gw_race *piece)
{
    for (uint32_t i = 0; i < SAME_LOOKS && i < log->count; i++) {
        struct gw_race *race = &log->race[index_back(log, i)];

        if (race->kind == piece->kind && race->qname_hash == piece->qname_hash &&
            piece->last_ns - race->last_ns <= SAME_NS && is_equal(&race->server, &piece->server) &&
            is_equal(&race->group, &piece->group)) {
            race->last_ns = piece->last_ns;
            return;
        }
    }
    log->race[log->next] = *piece;
    log->next = (log->next + 1) % GW_RACES_KEPT;
    log->count += log->count < GW_RACES_KEPT;
}

static void
identify(const struct gw_finding *finding, const struct gw_race_key *key, uint8_t id[16])
{
    uint8_t identity[2 + 2 * sizeof(struct gw_addr) + 1 + GW_NAME_MAX + 8] = {0};
    size_t len = 0;

    identity[len++] = (uint8_t)finding->kind;
    identity[len++] = key->shape;
    if (key->resolver != NULL) {
        const struct gw_addr group = gw_race_group(key->resolver);

        memcpy(identity + len, &group, sizeof(group));
    }
    len += sizeof(struct gw_addr);
    if (key->server != NULL)
        memcpy(identity + len, key->server, sizeof(struct gw_addr));
    len += sizeof(struct gw_addr);
    for (uint32_t i = 0; i < 8; i++)
        identity[len++] = (uint8_t)((uint64_t)key->period >> (8 * i));
    if (key->name != NULL) {
        memcpy(identity + len, key->name->wire, key->name->len);
        len += key->name->len;
    }
    gw_hash_stable(identity, len, id);
}

/*
 * Poor pairing is said. It weakens little: what these findings rest on was seen, and an attacker
 * could bring poor pairing about. Rules that rest on what was not seen judge it themselves.
 */
static void
weigh_pairing(const struct gw_rule_event *event, struct gw_finding *finding)
{
    if (event->exchange == NULL)
        return;

    const struct gw_resolver_health health =
        gw_resolver_health(event->context->resolvers, event->exchange);

    if (health.short_run)
        gw_rule_term(finding, "few-exchanges", -0.5);
    if (health.degraded || !health.healthy)
        finding->caveats |= GW_CAVEAT_PAIRING_DEGRADED;
}

void
gw_race_conclude(
    const struct gw_rule_event *event, struct gw_finding *finding, const struct gw_race_key *key)
{
    identify(finding, key, finding->id);
    if (finding->severity > GW_INFO)
        weigh_pairing(event, finding);
    finding->confidence = gw_signal_confidence(finding);
    if (finding->confidence < GW_RACE_CONFIDENCE && finding->severity >= GW_MEDIUM)
        finding->severity = GW_LOW;
    if (finding->confidence > GW_RACE_CONFIDENCE && event->exchange != NULL)
        note_race(
            event->context->races, &(struct gw_race){.group = gw_race_group(&finding->resolver),
                                       .server = finding->server,
                                       .kind = finding->kind,
                                       .qname_hash = event->exchange->qname_hash,
                                       .first_ns = finding->trigger_ns,
                                       .last_ns = finding->trigger_ns});
    gw_rule_raise(event, finding);
}

bool
gw_race_is_judged(const struct gw_rule_event *event)
{
    const struct gw_exchange *exchange = event->exchange;

    return exchange != NULL && exchange->leg != GW_LEG_CLIENT && exchange->class != GW_CLASS_QUERY;
}

bool
gw_race_has_room(struct gw_race_pair *pair, const struct gw_name *name, int64_t time_ns)
{
    uint8_t hash[16];

    if (pair->day_no != time_ns / DAY_NS) {
        pair->day_no = time_ns / DAY_NS;
        pair->day_count = 0;
    }
    gw_hash_stable(name->wire, name->len, hash);
    if (pair->day_count == 0 || memcmp(hash, pair->day_name, sizeof(hash)) != 0)
        pair->day_count++;
    memcpy(pair->day_name, hash, sizeof(hash));
    return pair->day_count <= GW_RACE_FINDINGS_DAY;
}

/* Was the claim told to another resolver group than the one of @p told? */
static bool
is_told_to_others(const struct gw_table *table, const struct gw_subject *subject, uint32_t index,
    const struct gw_observation *told)
{
    const struct gw_addr group = gw_table_group_of(table, &told->resolver);
    const uint32_t own = gw_table_intern_find(&table->group, &group);
    const struct gw_row *row = gw_table_rows(table, subject);

    if (table->group.count < 2)
        return gw_table_claims(table, subject)[index].messages > 1;
    for (uint32_t i = 0; i < subject->row_count; i++)
        if (((row[i].now | row[i].ever) >> index & 1u) != 0 &&
            gw_table_witness_at(table, row[i].witness)->group != own)
            return true;
    return false;
}

/*
 * Was the claim first said by the response in question and by no other, or by those beside it? A
 * resolver that asks several questions at a time is told the same lie several times.
 */
static bool
is_its_own(const struct gw_table *table, const struct gw_subject *subject, uint32_t index,
    const struct gw_observation *told)
{
    const struct gw_claim *claim = &gw_table_claims(table, subject)[index];

    if (claim->packet == gw_packet_ref(told->input, told->frame) && claim->messages <= 1)
        return true;
    return claim->first_ns > told->time_ns - BESIDE_NS &&
           !is_told_to_others(table, subject, index, told);
}

enum gw_race_standing
gw_race_address_standing(const struct gw_table *table, const struct gw_table_name *name,
    const struct gw_addr *addr, const struct gw_observation *told)
{
    const struct gw_host *host = gw_table_host(table, name);
    enum gw_race_standing standing = GW_RACE_NEW;

    if (host == NULL)
        return GW_RACE_NEW;

    const struct gw_claim *claim = gw_table_claims(table, &host->subject);

    for (uint32_t i = 0; i < host->subject.claim_count; i++) {
        if (claim[i].family != addr->family || (claim[i].flags & GW_CLAIM_UNRELATED) ||
            is_its_own(table, &host->subject, i, told))
            continue;
        if (memcmp(claim[i].octet, addr->octet, sizeof(addr->octet)) == 0)
            return GW_RACE_KNOWN;
        standing = GW_RACE_OTHER;
    }
    if (host->truth == 0)
        return standing;

    const struct gw_truth *truth = gw_arena_at(&table->arena, host->truth);

    for (uint32_t i = 0; i < truth->count; i++) {
        if (truth->addr[i].family != addr->family)
            continue;
        if (memcmp(truth->addr[i].octet, addr->octet, sizeof(addr->octet)) == 0)
            return GW_RACE_KNOWN;
        standing = GW_RACE_OTHER;
    }
    return standing;
}

enum gw_race_standing
gw_race_target_standing(const struct gw_table *table, const struct gw_table_name *cut_name,
    const struct gw_table_name *target, const struct gw_observation *told)
{
    const struct gw_cut *cut = gw_table_cut(table, cut_name);
    const struct gw_host *host = gw_table_host(table, target);
    enum gw_race_standing standing = GW_RACE_NEW;

    if (cut == NULL)
        return GW_RACE_NEW;

    const struct gw_claim *claim = gw_table_claims(table, &cut->subject);

    for (uint32_t i = 0; i < cut->subject.claim_count; i++) {
        if (is_its_own(table, &cut->subject, i, told))
            continue;
        if (host != NULL && gw_table_claim_host(table, &claim[i]) == host)
            return GW_RACE_KNOWN;
        standing = GW_RACE_OTHER;
    }
    return standing;
}
