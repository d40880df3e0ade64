/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/support/observe.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPE_A    1u
#define TEXT_MAX  256u
#define MEMORY    (64u * 1024 * 1024)
#define TTL_USUAL 3600u

static void
refuse(const char *what, const char *text)
{
    fprintf(stderr, "observe: %s: '%s'\n", what, text);
    abort();
}

uint8_t
gw_observe_name(const char *text, uint8_t wire[GW_NAME_MAX])
{
    size_t len = 0;

    while (*text != '\0' && strcmp(text, ".") != 0) {
        const size_t label = strcspn(text, ".");

        if (label == 0 || label > GW_LABEL_MAX || len + label + 2 > GW_NAME_MAX)
            refuse("no name", text);
        wire[len++] = (uint8_t)label;
        memcpy(wire + len, text, label);
        len += label;
        text += label + (text[label] == '.');
    }
    wire[len++] = 0;
    return (uint8_t)len;
}

struct gw_addr
gw_observe_addr(const char *text)
{
    struct gw_addr addr;

    memset(&addr, 0, sizeof(addr));
    if (inet_pton(AF_INET, text, addr.octet) == 1)
        addr.family = 4;
    else if (inet_pton(AF_INET6, text, addr.octet) == 1)
        addr.family = 6;
    else
        refuse("no address", text);
    return addr;
}

static struct gw_observation_name
keep_name(const struct gw_hash_key *key, const char *text, struct gw_observation *seen)
{
    uint8_t *wire = seen->names + seen->names_len;
    const uint8_t len = gw_observe_name(text, wire);
    const struct gw_observation_name name = {
        .hash = gw_hash_octets(key, wire, len), .off = seen->names_len, .len = len};

    seen->names_len = (uint16_t)(seen->names_len + len);
    return name;
}

static void
add_glue(struct gw_observation *seen, const char *text, const struct gw_observation_glue *like)
{
    struct gw_observation_glue *glue = &seen->glue[seen->glue_count];

    if (seen->glue_count == GW_GLUE_MAX)
        refuse("too many addresses", text);
    *glue = *like;
    glue->addr = gw_observe_addr(text);
    seen->glue_count++;
    seen->glue_total++;
    if (glue->target == GW_NO_TARGET)
        return;
    if (glue->addr.family == 4)
        seen->target[glue->target].has_a = true;
    else
        seen->target[glue->target].has_aaaa = true;
}

static bool
lies_under(const struct gw_observation *seen, const struct gw_observation_name *name)
{
    return name->len >= seen->cut.len && memcmp(seen->names + name->off + name->len - seen->cut.len,
                                             seen->names + seen->cut.off, seen->cut.len) == 0;
}

/* One word of the text: "owner", "owner=address,address" or "+owner=address". */
static void
add_word(const struct gw_hash_key *key, char *word, uint32_t ttl_s, struct gw_observation *seen)
{
    const bool is_stray = word[0] == '+';
    char *addresses = strchr(word, '=');
    struct gw_observation_glue like = {
        .ttl_s = ttl_s, .target = GW_NO_TARGET, .stray = GW_NO_TARGET};

    if (addresses != NULL)
        *addresses++ = '\0';

    const struct gw_observation_name name = keep_name(key, word + is_stray, seen);

    if (is_stray) {
        like.stray = seen->stray_count;
        seen->stray[seen->stray_count++] = name;
    } else {
        like.target = seen->target_count;
        seen->target[seen->target_count++] =
            (struct gw_observation_target){name, ttl_s, lies_under(seen, &name), false, false};
        seen->target_total++;
    }

    char *rest = NULL;

    for (char *one = addresses == NULL ? NULL : strtok_r(addresses, ",", &rest); one != NULL;
         one = strtok_r(NULL, ",", &rest))
        add_glue(seen, one, &like);
}

/* Order-free, as the digest of a real referral is. */
static uint64_t
content_of(const struct gw_hash_key *key, const struct gw_observation *seen)
{
    uint64_t sum = gw_hash_mix(seen->cut.hash, seen->facts & GW_REFERRAL_FACTS);

    for (uint32_t i = 0; i < seen->target_count; i++)
        sum += gw_hash_mix(seen->target[i].name.hash, 1);
    for (uint32_t i = 0; i < seen->glue_count; i++) {
        const struct gw_observation_glue *glue = &seen->glue[i];
        const uint64_t owner = glue->target == GW_NO_TARGET ? seen->stray[glue->stray].hash
                                                            : seen->target[glue->target].name.hash;

        sum += gw_hash_mix(owner, gw_hash_octets(key, &glue->addr, sizeof(glue->addr)));
    }
    return sum;
}

static void
clear(struct gw_observation *seen)
{
    memset(seen, 0, offsetof(struct gw_observation, names));
}

void
gw_observe_build(
    const struct gw_hash_key *key, const struct gw_told *told, struct gw_observation *ret_seen)
{
    char text[GW_MESSAGE_MAX];
    char qname[TEXT_MAX];
    char *rest = NULL;
    struct gw_observation *seen = ret_seen;

    clear(seen);
    seen->kind = GW_OBSERVATION_DELEGATION;
    seen->class = told->class == GW_CLASS_QUERY ? GW_CLASS_DELEGATION : told->class;
    seen->facts = (GW_OBSERVE_FACTS | told->facts) & ~told->facts_off;
    seen->time_ns = GW_OBSERVE_EPOCH_NS + (int64_t)(told->at_s * 1e9);
    seen->server = gw_observe_addr(told->server);
    seen->resolver = gw_observe_addr(told->resolver);
    seen->server_port = 53;
    seen->resolver_port = 4242;
    seen->qtype = told->qtype == 0 ? TYPE_A : told->qtype;
    seen->message_len = 200;
    seen->ip_ttl = 57;

    if (strlen(told->says) >= sizeof(text))
        refuse("too long", told->says);
    memcpy(text, told->says, strlen(told->says) + 1);

    char *cut = strtok_r(text, ": ", &rest);

    seen->cut = keep_name(key, cut, seen);
    snprintf(qname, sizeof(qname), "www.%s", strcmp(cut, ".") == 0 ? "" : cut);
    seen->qname = keep_name(key, told->qname == NULL ? qname : told->qname, seen);
    for (char *word = strtok_r(NULL, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
        add_word(key, word, told->ttl_s == 0 ? TTL_USUAL : told->ttl_s, seen);
    seen->content = content_of(key, seen);
}

void
gw_observe_open_with(struct gw_observe_run *run, uint64_t seed, uint64_t memory, bool lab)
{
    const struct gw_analyzer_options options = {.key = &run->key, .memory = memory, .lab = lab};

    memset(run, 0, sizeof(*run));
    gw_hash_key_seeded(&run->key, seed);
    run->last_ns = INT64_MIN;
    run->analyzer = gw_analyzer_new(&options, &run->stats);
    if (run->analyzer == NULL)
        refuse("no memory", "");
}

void
gw_observe_open(struct gw_observe_run *run, uint64_t seed)
{
    gw_observe_open_with(run, seed, MEMORY, true);
}

void
gw_observe_close(struct gw_observe_run *run)
{
    gw_analyzer_free(run->analyzer);
    run->analyzer = NULL;
}

static enum gw_class
feed(struct gw_observe_run *run)
{
    const struct gw_observation *seen = &run->seen;
    struct gw_payload payload = {
        .time_ns = seen->time_ns, .source = seen->server, .destination = seen->resolver};
    const struct gw_msg msg = {.payload = &payload, .class = seen->class};
    struct gw_referral referral = {.msg = &msg,
        .cut_hash = seen->cut.hash,
        .content = seen->content,
        .cut_len = seen->cut.len};
    enum gw_class class = GW_CLASS_OTHER;

    run->seen.frame = ++run->frame;
    if (seen->time_ns > run->last_ns)
        run->last_ns = seen->time_ns;
    memcpy(referral.cut, seen->names + seen->cut.off, seen->cut.len);
    if (seen->kind == GW_OBSERVATION_DELEGATION && seen->class == GW_CLASS_DELEGATION) {
        gw_analyzer_prefetch_bulk(run->analyzer, &referral, 1);
        if (gw_analyzer_is_repeat(run->analyzer, &referral, &class))
            return class;
    }
    return gw_analyzer_observe(run->analyzer, &run->seen);
}

enum gw_class
gw_observe_tell(struct gw_observe_run *run, const struct gw_told *told)
{
    gw_observe_build(&run->key, told, &run->seen);
    return feed(run);
}

void
gw_observe_authority(struct gw_observe_run *run, double at_s, const char *server, const char *apex)
{
    const struct gw_told told = {.at_s = at_s,
        .server = server,
        .resolver = "203.0.113.53",
        .says = apex,
        .qname = apex,
        .class = GW_CLASS_AUTH_NS,
        .facts = GW_FACT_AA};

    gw_observe_build(&run->key, &told, &run->seen);
    run->seen.kind = GW_OBSERVATION_AUTHORITY;
    feed(run);
}

void
gw_observe_truth(struct gw_observe_run *run, double at_s, const char *says)
{
    char text[TEXT_MAX];
    const struct gw_told told = {.at_s = at_s,
        .server = "203.0.113.153",
        .resolver = "203.0.113.53",
        .says = text,
        .qname = ".",
        .class = GW_CLASS_ANSWER,
        .facts = GW_FACT_AA | GW_FACT_ADDRESS};

    snprintf(text, sizeof(text), ".: %s", says);
    gw_observe_build(&run->key, &told, &run->seen);
    run->seen.kind = GW_OBSERVATION_ADDRESS;
    run->seen.qname = run->seen.target[0].name;
    feed(run);
}

void
gw_observe_finish(struct gw_observe_run *run, double at_s, uint32_t caveats)
{
    const int64_t end_ns = GW_OBSERVE_EPOCH_NS + (int64_t)(at_s * 1e9);

    gw_analyzer_finish(run->analyzer, end_ns > run->last_ns ? end_ns : run->last_ns, caveats);
}

const struct gw_finding *
gw_observe_find(const struct gw_observe_run *run, enum gw_kind kind, const char *name)
{
    uint8_t wire[GW_NAME_MAX];
    const uint8_t len = gw_observe_name(name, wire);
    const struct gw_finding *finding;

    for (uint32_t i = 0; (finding = gw_analyzer_finding(run->analyzer, i)) != NULL; i++) {
        const struct gw_name *about = finding->name.len != 0 ? &finding->name : &finding->cut;

        if (finding->kind == kind && about->len == len && memcmp(about->wire, wire, len) == 0)
            return finding;
    }
    return NULL;
}

uint32_t
gw_observe_count(const struct gw_observe_run *run, enum gw_severity severity, double confidence)
{
    const struct gw_finding *finding;
    uint32_t count = 0;

    for (uint32_t i = 0; (finding = gw_analyzer_finding(run->analyzer, i)) != NULL; i++)
        count += finding->severity >= severity && finding->confidence >= confidence;
    return count;
}

static void
print_name(const char *what, const struct gw_name *name)
{
    printf(" %s ", what);
    for (uint32_t pos = 0; pos < name->len && name->wire[pos] != 0; pos += 1u + name->wire[pos])
        printf("%.*s.", name->wire[pos], (const char *)name->wire + pos + 1);
}

void
gw_observe_print(const struct gw_observe_run *run)
{
    static const char *const kinds[] = {
#define KIND_NAME(id, name, stem, channel, title, technique, cwe, source) name,
        GW_KIND_LIST(KIND_NAME)
#undef KIND_NAME
    };
    const struct gw_finding *finding;

    for (uint32_t i = 0; (finding = gw_analyzer_finding(run->analyzer, i)) != NULL; i++) {
        printf("  %s severity %d confidence %.2f messages %lu", kinds[finding->kind],
            (int)finding->severity, finding->confidence, (unsigned long)finding->message_count);
        print_name("cut", &finding->cut);
        print_name("name", &finding->name);
        for (uint32_t j = 0; j < finding->term_count; j++)
            printf(" %s %+.1f", finding->term[j].name, finding->term[j].points);
        printf("\n");
    }
}

uint64_t
gw_observe_next(uint64_t *state)
{
    uint64_t value = *state += 0x9e3779b97f4a7c15u;

    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

enum gw_class
gw_observe_tell_more(
    struct gw_observe_run *run, const struct gw_told *told, const struct gw_told_more *more)
{
    gw_observe_build(&run->key, told, &run->seen);
    run->seen.kind = more->kind;
    run->seen.rcode = more->rcode;
    run->seen.exchange.leg = more->leg;
    if (more->target_total != 0)
        run->seen.target_total = more->target_total;
    if (more->other != NULL)
        run->seen.other = keep_name(&run->key, more->other, &run->seen);
    return feed(run);
}

void
gw_observe_query(struct gw_observe_run *run, double at_s, const char *resolver, const char *server,
    const char *qname)
{
    uint8_t wire[GW_NAME_MAX];
    const struct gw_exchange query = {.fit = GW_FIT_QUERY,
        .leg = GW_LEG_UPSTREAM,
        .class = GW_CLASS_QUERY,
        .time_ns = GW_OBSERVE_EPOCH_NS + (int64_t)(at_s * 1e9),
        .frame = ++run->frame,
        .resolver = gw_observe_addr(resolver),
        .server = gw_observe_addr(server),
        .resolver_port = 4242,
        .server_port = 53,
        .qtype = TYPE_A,
        .qname_len = gw_observe_name(qname, wire),
        .qname = wire};

    gw_analyzer_exchange(run->analyzer, &query);
}

const struct gw_finding *
gw_observe_variant(const struct gw_observe_run *run, enum gw_kind kind, const char *variant)
{
    const struct gw_finding *finding;
    const struct gw_finding *best = NULL;

    for (uint32_t i = 0; (finding = gw_analyzer_finding(run->analyzer, i)) != NULL; i++) {
        if (finding->kind != kind || (best != NULL && best->severity >= finding->severity))
            continue;
        if (variant == NULL || (finding->variant != NULL && strcmp(finding->variant, variant) == 0))
            best = finding;
    }
    return best;
}

void
gw_observe_fact(struct gw_observe_run *run, enum gw_observation_kind kind, uint8_t rcode,
    uint32_t reply_facts, const struct gw_told *told)
{
    gw_observe_build(&run->key, told, &run->seen);
    run->seen.kind = kind;
    run->seen.rcode = rcode;
    run->seen.exchange.reply_facts = reply_facts;
    feed(run);
}

static void
tell_exchange(struct gw_observe_run *run, struct gw_exchange *exchange, double at_s,
    const char *pair[2], const char *qname)
{
    uint8_t wire[GW_NAME_MAX];

    exchange->leg = GW_LEG_UPSTREAM;
    exchange->time_ns = GW_OBSERVE_EPOCH_NS + (int64_t)(at_s * 1e9);
    exchange->frame = ++run->frame;
    exchange->resolver = gw_observe_addr(pair[0]);
    exchange->server = gw_observe_addr(pair[1]);
    exchange->resolver_port = 4242;
    exchange->server_port = 53;
    exchange->qtype = TYPE_A;
    exchange->qname_len = gw_observe_name(qname, wire);
    exchange->qname = wire;
    exchange->qname_hash = gw_hash_octets(&run->key, wire, exchange->qname_len);
    if (exchange->time_ns > run->last_ns)
        run->last_ns = exchange->time_ns;
    gw_analyzer_exchange(run->analyzer, exchange);
}

void
gw_observe_contact(struct gw_observe_run *run, double at_s, const char *resolver,
    const char *server, const char *qname)
{
    struct gw_exchange exchange = {.fit = GW_FIT_QUERY, .class = GW_CLASS_QUERY};

    tell_exchange(run, &exchange, at_s, (const char *[2]){resolver, server}, qname);
}

void
gw_observe_contact_reply(struct gw_observe_run *run, double at_s, const char *resolver,
    const char *server, const char *qname)
{
    struct gw_exchange exchange = {
        .fit = GW_FIT_FIRST, .class = GW_CLASS_ANSWER, .facts = GW_FACT_AA, .has_query = true};

    tell_exchange(run, &exchange, at_s, (const char *[2]){resolver, server}, qname);
}

static struct gw_exchange
exchange_of(struct gw_observe_run *run, const struct gw_fitted *fitted, uint8_t qname[GW_NAME_MAX])
{
    const int64_t time_ns = GW_OBSERVE_EPOCH_NS + (int64_t)(fitted->at_s * 1e9);
    struct gw_exchange exchange = {
        .fit = fitted->fit == GW_FIT_UNKNOWN ? GW_FIT_FIRST : fitted->fit,
        .leg = fitted->leg == GW_LEG_UNKNOWN ? GW_LEG_UPSTREAM : fitted->leg,
        .class = fitted->class == GW_CLASS_QUERY ? GW_CLASS_DELEGATION : fitted->class,
        .facts = fitted->facts,
        .time_ns = time_ns,
        .frame = run->frame + 1,
        .resolver = gw_observe_addr(fitted->resolver),
        .server = gw_observe_addr(fitted->server),
        .resolver_port = fitted->port == 0 ? 4242 : fitted->port,
        .server_port = 53,
        .id = fitted->id,
        .qtype = TYPE_A,
        .rcode = fitted->rcode,
        .transport = fitted->transport == 0 ? GW_TRANSPORT_UDP : fitted->transport,
        .ip_ttl = fitted->ip_ttl == 0 ? 57 : fitted->ip_ttl,
        .ip_id = fitted->ip_id,
        .payload_flags = fitted->payload_flags | GW_PAYLOAD_IP_ID,
        .message_len = 200,
        .query_facts = fitted->query_facts,
        .reply_facts = fitted->reply_facts,
        .rtt_ns = (int64_t)((fitted->rtt_s == 0 ? 0.02 : fitted->rtt_s) * 1e9),
        .wrong_count = fitted->wrong,
        .wrong_ids = fitted->wrong < 64 ? fitted->wrong : 64,
        .wrong_steps = fitted->steps,
        .same_question = fitted->same_question == 0 ? 1 : fitted->same_question,
        .first_wrong_ns = time_ns - (int64_t)(fitted->first_wrong_s * 1e9),
        .first_ip_ttl = fitted->first_ip_ttl == 0 ? 57 : fitted->first_ip_ttl,
        .first_ns = time_ns - (int64_t)(fitted->first_s * 1e9),
        .degraded = fitted->degraded,
    };

    if (exchange.fit == GW_FIT_QUERY || exchange.fit == GW_FIT_QUERY_AGAIN)
        exchange.class = GW_CLASS_QUERY;
    exchange.has_query = exchange.fit >= GW_FIT_FIRST && exchange.fit <= GW_FIT_WRONG_SOURCE;
    exchange.query_id = exchange.fit == GW_FIT_WRONG_ID ? 1 : exchange.id;
    if (fitted->asked != NULL)
        exchange.asked = gw_observe_addr(fitted->asked);
    exchange.qname = qname;
    exchange.qname_len =
        gw_observe_name(fitted->qname == NULL ? "www.foo.example" : fitted->qname, qname);
    exchange.qname_hash = gw_hash_octets(&run->key, qname, exchange.qname_len);
    return exchange;
}

void
gw_observe_fitted(struct gw_observe_run *run, const struct gw_fitted *fitted)
{
    uint8_t qname[GW_NAME_MAX];
    const struct gw_exchange exchange = exchange_of(run, fitted, qname);

    run->frame++;
    if (exchange.time_ns > run->last_ns)
        run->last_ns = exchange.time_ns;
    gw_analyzer_exchange(run->analyzer, &exchange);
}

void
gw_observe_asking(struct gw_observe_run *run, double at_s, const char *resolver, const char *server)
{
    gw_observe_fitted(
        run, &(struct gw_fitted){
                 .at_s = at_s, .fit = GW_FIT_QUERY, .resolver = resolver, .server = server});
}

/* What is told of the way goes into the observation. */
static void
give_way(
    struct gw_observe_run *run, const struct gw_fitted *fitted, const struct gw_exchange *exchange)
{
    struct gw_observation *seen = &run->seen;

    seen->exchange = *exchange;
    seen->exchange.qname = NULL;
    seen->ip_ttl = exchange->ip_ttl;
    seen->id = exchange->id;
    seen->frame = exchange->frame;
    seen->fragment_count = fitted->fragments;
    for (uint32_t i = 0; i < GW_OBSERVATION_PIECES; i++)
        seen->fragment_frame[i] = exchange->frame + i;
    if (fitted->fragments > 1 && seen->glue_count != 0)
        seen->glue[seen->glue_count - 1].fragment = fitted->from_fragment;
}

void
gw_observe_answered(
    struct gw_observe_run *run, const struct gw_fitted *fitted, const struct gw_told *told)
{
    const double rtt_s = fitted->rtt_s == 0 ? 0.02 : fitted->rtt_s;
    uint8_t qname[GW_NAME_MAX];

    gw_observe_asking(run, fitted->at_s - rtt_s, fitted->resolver, fitted->server);
    gw_observe_build(&run->key, told, &run->seen);

    const struct gw_exchange exchange = exchange_of(run, fitted, qname);

    give_way(run, fitted, &exchange);
    run->first = run->seen;
    gw_analyzer_exchange(run->analyzer, &exchange);
    feed(run);
}

void
gw_observe_second(
    struct gw_observe_run *run, const struct gw_fitted *fitted, const struct gw_told *told)
{
    uint8_t qname[GW_NAME_MAX];
    struct gw_fitted second = *fitted;

    second.fit = GW_FIT_SECOND;
    gw_observe_build(&run->key, told, &run->seen);

    struct gw_exchange exchange = exchange_of(run, &second, qname);

    exchange.first_frame = run->first.frame;
    exchange.first_input = run->first.input;
    exchange.first_class = run->first.class;
    exchange.first_ip_ttl = run->first.ip_ttl;
    exchange.first_ns = run->first.time_ns;
    give_way(run, &second, &exchange);
    run->frame++;
    if (exchange.time_ns > run->last_ns)
        run->last_ns = exchange.time_ns;
    gw_analyzer_exchange(run->analyzer, &exchange);
    gw_analyzer_second(run->analyzer, &run->seen, &run->first);
}

void
gw_observe_open_as(
    struct gw_observe_run *run, uint64_t seed, const struct gw_analyzer_options *options)
{
    struct gw_analyzer_options own = *options;

    memset(run, 0, sizeof(*run));
    gw_hash_key_seeded(&run->key, seed);
    run->last_ns = INT64_MIN;
    own.key = &run->key;
    own.memory = own.memory == 0 ? MEMORY : own.memory;
    run->analyzer = gw_analyzer_new(&own, &run->stats);
    if (run->analyzer == NULL)
        refuse("no memory", "");
}

void
gw_observe_apex(struct gw_observe_run *run, const struct gw_told *told)
{
    gw_observe_build(&run->key, told, &run->seen);
    run->seen.kind = GW_OBSERVATION_AUTHORITY;
    run->seen.class = run->seen.cut.len == 1 ? GW_CLASS_PRIMING : GW_CLASS_AUTH_NS;
    run->seen.facts |= GW_FACT_AA;
    run->seen.qname = run->seen.cut;
    feed(run);
}
