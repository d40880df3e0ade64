/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/suspect.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/signal.h"
#include "analyze/split.h"
#include "analyze/zone.h"

#define SUSPECTS_MAX 512u
#define PAIRS_MAX    (1u << 20)
#define SERVERS_MAX  (1u << 19)
#define CONTACTS_MAX 4096u

#define CONFIDENCE_MIN 0.3

/* A pair is put behind all others at most once in this time: most queries only read. */
#define RENEWAL_NS (60 * GW_NS_PER_S)

struct gw_suspects *
gw_suspect_new(const struct gw_hash_key *key, uint64_t memory)
{
    struct gw_suspects *suspects = calloc(1, sizeof(*suspects));

    if (suspects == NULL)
        return NULL;
    suspects->key = key;
    if (gw_table_recall_init(
            &suspects->suspects, memory / 4, sizeof(struct gw_suspect), SUSPECTS_MAX) != GW_DONE ||
        gw_table_recall_init(
            &suspects->pairs, memory / 4, sizeof(struct gw_suspect_pair), PAIRS_MAX) != GW_DONE ||
        gw_table_recall_init(&suspects->servers, memory / 8, sizeof(int64_t), SERVERS_MAX) !=
            GW_DONE ||
        gw_table_recall_init(&suspects->contacts, memory / 4, sizeof(struct gw_suspect_contact),
            CONTACTS_MAX) != GW_DONE) {
        gw_suspect_free(suspects);
        return NULL;
    }
    return suspects;
}

void
gw_suspect_free(struct gw_suspects *suspects)
{
    if (suspects == NULL)
        return;
    gw_table_recall_done(&suspects->suspects);
    gw_table_recall_done(&suspects->pairs);
    gw_table_recall_done(&suspects->servers);
    gw_table_recall_done(&suspects->contacts);
    free(suspects);
}

uint64_t
gw_suspect_octets(const struct gw_suspects *suspects)
{
    return sizeof(*suspects) + gw_table_recall_octets(&suspects->suspects) +
           gw_table_recall_octets(&suspects->pairs) + gw_table_recall_octets(&suspects->servers) +
           gw_table_recall_octets(&suspects->contacts);
}

static uint64_t
hash_of(const struct gw_suspects *suspects, const struct gw_addr *addr)
{
    return gw_hash_octets(suspects->key, addr, sizeof(*addr));
}

static uint64_t
pair_hash(
    const struct gw_suspects *suspects, const struct gw_addr *group, const struct gw_addr *server)
{
    const struct gw_addr pair[2] = {*group, *server};

    return gw_hash_octets(suspects->key, pair, sizeof(pair));
}

static bool
is_same(const struct gw_addr *left, const struct gw_addr *right)
{
    return memcmp(left, right, sizeof(*left)) == 0;
}

bool
gw_suspect_may_be(const struct gw_suspects *suspects, const struct gw_addr *address)
{
    if (suspects->suspects.count == 0)
        return false;

    const uint64_t hash = hash_of(suspects, address);

    return suspects->filter[hash >> 60] >> (hash >> 54 & 63) & 1;
}

bool
gw_suspect_is(const struct gw_suspects *suspects, const struct gw_addr *address)
{
    if (!gw_suspect_may_be(suspects, address))
        return false;
    for (const struct gw_suspect *suspect = gw_table_recall_first(&suspects->suspects);
         suspect != NULL; suspect = gw_table_recall_next(&suspects->suspects, suspect))
        if (is_same(&suspect->address, address))
            return true;
    return false;
}

bool
gw_suspect_was_followed(const struct gw_suspects *suspects, const struct gw_addr *address)
{
    for (uint32_t i = 0; i < suspects->follow_count; i++)
        if (is_same(&suspects->follow[i].address, address))
            return true;
    return false;
}

/* How well the tables know an address of a name server, and others of it. */
struct support {
    uint32_t groups;       /* that were told the address */
    uint32_t other_groups; /* that were told another one of the family: the most of any */
};

static void
weigh_host(const struct gw_table *table, const struct gw_host *host, const struct gw_addr *addr,
    struct support *support)
{
    const struct gw_claim *claim = gw_table_claims(table, &host->subject);

    for (uint32_t i = 0; i < host->subject.claim_count; i++) {
        if (claim[i].family != addr->family || (claim[i].flags & GW_CLAIM_UNRELATED))
            continue;

        const uint32_t groups = gw_table_side(table, &host->subject, 1ull << i).groups;
        const bool same = memcmp(claim[i].octet, addr->octet, sizeof(addr->octet)) == 0;
        uint32_t *most = same ? &support->groups : &support->other_groups;

        if (groups > *most)
            *most = groups;
    }
}

static struct support
support_of(
    const struct gw_table *table, const struct gw_finding *finding, const struct gw_addr *addr)
{
    const struct gw_name *about = finding->name.len != 0 ? &finding->name : &finding->cut;
    const struct gw_table_name name = {
        about->wire, gw_hash_octets(&table->key, about->wire, about->len), about->len};
    const struct gw_host *host = finding->name.len == 0 ? NULL : gw_table_host(table, &name);
    const struct gw_cut *cut = finding->name.len == 0 ? gw_table_cut(table, &name) : NULL;
    struct support support = {0, 0};

    if (host != NULL)
        weigh_host(table, host, addr, &support);
    for (uint32_t i = 0; cut != NULL && i < cut->subject.claim_count; i++)
        weigh_host(table, gw_table_claim_host(table, &gw_table_claims(table, &cut->subject)[i]),
            addr, &support);
    return support;
}

static void
note_told(struct gw_suspect *suspect, const struct gw_witness *witness)
{
    const struct gw_addr group = gw_table_group_of(NULL, &witness->resolver);
    uint32_t i = 0;

    while (i < suspect->told_count && !is_same(&suspect->told[i].group, &group))
        i++;
    if (i == GW_SUSPECT_TOLD_MAX)
        return;
    if (i == suspect->told_count) {
        suspect->told_count++;
        suspect->pending = true;
        suspect->told[i] = (struct gw_suspect_told){group, witness->resolver, witness->server,
            witness->first_ns, witness->last_ns, witness->frame, witness->input};
    }

    struct gw_suspect_told *told = &suspect->told[i];

    if (witness->first_ns < told->first_ns) {
        told->first_ns = witness->first_ns;
        told->server = witness->server;
        told->frame = witness->frame;
        told->input = witness->input;
    }
    if (witness->last_ns > told->last_ns)
        told->last_ns = witness->last_ns;
    if (told->first_ns > told->last_ns)
        told->last_ns = told->first_ns;
}

static struct gw_suspect *
take_suspect(
    struct gw_suspects *suspects, const struct gw_finding *finding, const struct gw_addr *address)
{
    const uint64_t place = hash_of(suspects, address);
    const uint64_t names =
        gw_hash_mix(gw_hash_octets(suspects->key, finding->cut.wire, finding->cut.len),
            gw_hash_octets(suspects->key, finding->name.wire, finding->name.len));
    struct gw_suspect *suspect =
        gw_table_recall_take(&suspects->suspects, gw_hash_mix(place, names));

    if (suspect->address.family != 0)
        return suspect;
    suspect->address = *address;
    suspect->zone = finding->zone;
    suspect->cut = finding->cut;
    suspect->name = finding->name;
    suspect->points = -100.0;
    suspects->filter[place >> 60] |= 1ull << (place >> 54 & 63);
    return suspect;
}

static void
add_address(struct gw_suspects *suspects, const struct gw_finding *finding,
    const struct gw_finding_set *set, const struct gw_addr *address)
{
    struct gw_suspect *suspect = take_suspect(suspects, finding, address);
    double points = 0.0;

    for (uint32_t i = 0; i < finding->term_count; i++)
        points += finding->term[i].points;
    if (points > suspect->points) {
        suspect->points = points;
        suspect->kind = finding->kind;
        suspect->pending = true;
    }
    /* Whoever asks what a server gives that needs repair is not under attack. */
    const enum gw_severity severity =
        gw_signal_is_stale_server(finding) ? GW_LOW : finding->severity;

    if (severity > suspect->severity) {
        suspect->severity = severity;
        suspect->pending = true;
    }
    if (set->ttl_max_s > suspect->ttl_s)
        suspect->ttl_s = set->ttl_max_s;
    for (uint32_t i = 0; i < set->witness_count; i++)
        note_told(suspect, &set->witness[i]);
    if (set->witness_count == 0)
        note_told(
            suspect, &(struct gw_witness){finding->resolver, finding->server, finding->trigger_ns,
                         finding->trigger_ns, 1, finding->frame, finding->input});
    suspects->pending |= suspect->pending;
}

/*
 * Kinds whose contrary addresses somebody may have put there to be asked, and the severity from
 * which on they count. Changes are not among them: everybody follows a change that everybody sees.
 */
static const struct {
    enum gw_kind kind;
    enum gw_severity least;
} makers[] = {
    {GW_KIND_GLUE_ADDR_CONFLICT, GW_MEDIUM},
    {GW_KIND_GLUE_ADDR_MINORITY, GW_MEDIUM},
    {GW_KIND_GLUE_BOGON, GW_MEDIUM},
    {GW_KIND_GLUE_LOOPBACK, GW_MEDIUM},
    {GW_KIND_GLUE_UNRELATED, GW_MEDIUM},
    {GW_KIND_GLUE_UNREFERENCED, GW_MEDIUM},
    {GW_KIND_GLUE_ADDR_FLAP, GW_MEDIUM},
    {GW_KIND_GLUE_FANIN_SURGE, GW_MEDIUM},
    {GW_KIND_REFERRAL_SIDEWAYS, GW_LOW},
    {GW_KIND_PROMISCUOUS_NS, GW_LOW},
    {GW_KIND_RESP_TXID_BURST, GW_LOW},
    {GW_KIND_RESP_DOUBLE_CONFLICT, GW_LOW},
    {GW_KIND_RESP_FRAGMENT_GLUE, GW_LOW},
    {GW_KIND_RESP_PATH_OUTLIER, GW_LOW},
    {GW_KIND_ROOT_MISMATCH, GW_MEDIUM},
    {GW_KIND_REFERENCE_MISMATCH, GW_MEDIUM},
};

static bool
makes_suspect(const struct gw_finding *finding)
{
    if (finding->confidence < CONFIDENCE_MIN || finding->cut.len == 0 ||
        (finding->accept_known && finding->accept == 0))
        return false;
    for (uint32_t i = 0; i < GW_ARRAY_LEN(makers); i++)
        if (makers[i].kind == finding->kind)
            return finding->severity >= makers[i].least;
    return false;
}

static bool
set_has(const struct gw_finding_set *set, const struct gw_addr *addr)
{
    for (uint32_t i = 0; i < set->address_count; i++)
        if (is_same(&set->address[i], addr))
            return true;
    return false;
}

/* Of two responses to one query, which was forged is for what is known beside them to tell. */
static bool
is_to_add(const struct gw_table *table, const struct gw_finding *finding, uint32_t set, uint32_t i)
{
    const struct gw_addr *addr = &finding->set[set].address[i];
    const bool contrary = finding->set[set].role == GW_SET_CONTRARY;

    for (uint32_t other = 0; other < finding->set_count; other++)
        if (other != set && set_has(&finding->set[other], addr))
            return false;
    if (finding->kind != GW_KIND_RESP_DOUBLE_CONFLICT)
        return contrary;

    const struct support support = support_of(table, finding, addr);

    return support.groups < 2 && (contrary || support.other_groups >= 2);
}

void
gw_suspect_add(
    struct gw_suspects *suspects, const struct gw_table *table, const struct gw_finding *finding)
{
    if (!makes_suspect(finding))
        return;
    for (uint32_t set = 0; set < finding->set_count; set++)
        for (uint32_t i = 0; i < finding->set[set].address_count; i++)
            if (is_to_add(table, finding, set, i))
                add_address(suspects, finding, &finding->set[set], &finding->set[set].address[i]);
}

static struct gw_suspect_contact *
begin_contact(struct gw_suspects *suspects, const struct gw_exchange *exchange, uint64_t hash)
{
    struct gw_suspect_contact *contact = gw_table_recall_take(&suspects->contacts, hash);
    const uint64_t server = hash_of(suspects, &exchange->server);
    const bool known = gw_table_recall_find(&suspects->servers, server) != NULL;

    memset(contact, 0, sizeof(*contact));
    contact->exchange = *exchange;
    contact->exchange.qname = NULL;
    memcpy(contact->qname, exchange->qname, exchange->qname_len);
    contact->taken = true;
    contact->alone = !known;
    *(int64_t *)gw_table_recall_take(&suspects->servers, server) = exchange->time_ns;
    return contact;
}

struct gw_suspect_contact *
gw_suspect_note_query(struct gw_suspects *suspects, const struct gw_exchange *exchange)
{
    const struct gw_addr group = gw_table_group_of(NULL, &exchange->resolver);
    const uint64_t hash = pair_hash(suspects, &group, &exchange->server);
    struct gw_suspect_pair *pair = gw_table_recall_find(&suspects->pairs, hash);
    const int64_t now = exchange->time_ns;

    if (pair != NULL && now - pair->last_ns <= GW_SUSPECT_SILENCE_NS) {
        if (now - pair->last_ns < RENEWAL_NS)
            return NULL;
        pair->last_ns = now;
        gw_table_recall_renew(&suspects->pairs, pair);
        return NULL;
    }
    pair = gw_table_recall_take(&suspects->pairs, hash);
    *pair = (struct gw_suspect_pair){now, now};
    return begin_contact(suspects, exchange, hash);
}

struct gw_suspect_contact *
gw_suspect_contact_of(
    const struct gw_suspects *suspects, const struct gw_addr *group, const struct gw_addr *server)
{
    return gw_table_recall_find(&suspects->contacts, pair_hash(suspects, group, server));
}

struct gw_suspect_contact *
gw_suspect_note_answer(struct gw_suspects *suspects, const struct gw_exchange *exchange)
{
    const struct gw_addr group = gw_table_group_of(NULL, &exchange->resolver);
    struct gw_suspect_contact *contact = gw_suspect_contact_of(suspects, &group, &exchange->server);

    if (contact == NULL || contact->answered)
        return NULL;
    contact->answered = true;
    return contact;
}

struct gw_suspect_follow *
gw_suspect_follow_of(
    struct gw_suspects *suspects, const struct gw_addr *group, const struct gw_table_name *name)
{
    for (uint32_t i = 0; i < suspects->follow_count; i++) {
        struct gw_suspect_follow *follow = &suspects->follow[i];

        if (is_same(&follow->group, group) &&
            gw_zone_covers(follow->cut.wire, follow->cut.len, name->wire, name->len))
            return follow;
    }
    return NULL;
}

void
gw_suspect_note_follow(struct gw_suspects *suspects, const struct gw_suspect *suspect,
    const struct gw_suspect_told *told, int64_t since_ns)
{
    for (uint32_t i = 0; i < suspects->follow_count; i++) {
        const struct gw_suspect_follow *held = &suspects->follow[i];

        if (is_same(&held->group, &told->group) && is_same(&held->address, &suspect->address) &&
            held->cut.len == suspect->cut.len &&
            memcmp(held->cut.wire, suspect->cut.wire, held->cut.len) == 0)
            return;
    }
    if (suspects->follow_count == GW_SUSPECT_FOLLOWS_MAX) {
        suspects->refused++;
        return;
    }
    suspects->follow[suspects->follow_count++] = (struct gw_suspect_follow){.group = told->group,
        .resolver = told->resolver,
        .address = suspect->address,
        .zone = suspect->zone,
        .cut = suspect->cut,
        .since_ns = since_ns};
}

uint32_t
gw_suspect_note_client(const struct gw_suspects *suspects, struct gw_suspect_follow *follow,
    const struct gw_addr *client)
{
    const uint64_t hash = hash_of(suspects, client);

    for (uint32_t i = 0; i < follow->client_count; i++)
        if (follow->client[i] == hash)
            return follow->client_count;
    if (follow->client_count < GW_SUSPECT_CLIENTS_MAX)
        follow->client[follow->client_count++] = hash;
    return follow->client_count;
}
