/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Octets are operations on the tables of the analysis. Half of the inputs work on the tables alone
 * and are compared with a naive model; the others tell an analyzer of referrals, in little memory,
 * and the laws of its counters have to hold. No octet may end the program.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/analyzer.h"
#include "analyze/table.h"

#define BUDGET (8ull * 1024 * 1024)
#define NAMES  64u

struct input {
    const uint8_t *data;
    size_t len;
    size_t pos;
};

static uint8_t
take(struct input *input)
{
    return input->pos < input->len ? input->data[input->pos++] : 0;
}

static void
require(bool law)
{
    if (!law)
        abort();
}

/* Name `i`, one label below "x". */
static uint8_t
write_name(uint32_t i, uint8_t wire[6])
{
    const uint8_t name[6] = {2, (uint8_t)('a' + i / 26), (uint8_t)('a' + i % 26), 1, 'x', 0};

    memcpy(wire, name, sizeof(name));
    return sizeof(name);
}

struct model {
    struct gw_table table;
    struct gw_table_stats stats;
    bool held[NAMES];
    uint64_t names[NAMES]; /* hosts that each names, one bit each */
    uint32_t low_mask;     /* bits that tell the hashes of two names apart */
};

static struct gw_table_name
name_of(const struct model *model, uint32_t i, uint8_t wire[6])
{
    const uint8_t len = write_name(i, wire);
    const uint64_t hash = gw_hash_octets(&model->table.key, wire, len);

    return (struct gw_table_name){wire, (hash & ~0xffffull) | (hash & model->low_mask), len};
}

static void
check(const struct model *model)
{
    uint64_t named = 0;
    uint32_t cuts = 0;

    for (uint32_t i = 0; i < NAMES; i++) {
        uint8_t wire[6];
        const struct gw_table_name name = name_of(model, i, wire);

        require((gw_table_cut(&model->table, &name) != NULL) == model->held[i]);
        cuts += model->held[i];
        named |= model->names[i];
    }
    for (uint32_t i = 0; i < NAMES; i++) {
        uint8_t wire[6];
        const struct gw_table_name name = name_of(model, i, wire);
        const struct gw_host *host = gw_table_host(&model->table, &name);
        uint32_t refs = 0;

        require((host != NULL) == ((named >> i) & 1u));
        for (uint32_t j = 0; j < NAMES; j++)
            refs += (model->names[j] >> i) & 1u;
        require(host == NULL || host->refs == refs);
    }
    require(model->stats.delegations == cuts);
    require(model->stats.name_servers == (uint64_t)__builtin_popcountll(named));
    require(model->stats.inserted == model->stats.delegations + model->stats.evicted);
}

static void
name_host(struct model *model, struct gw_cut *cut, uint32_t cut_index, uint32_t host_index)
{
    uint8_t wire[6];
    const struct gw_table_name name = name_of(model, host_index, wire);
    struct gw_host *host = gw_table_host_make(&model->table, &name);

    require(host != NULL);

    const struct gw_naming naming = {.host = gw_table_ref(&model->table, host)};
    struct gw_claim like = {0};

    memcpy(like.octet, &naming, sizeof(naming));

    const uint32_t index = gw_table_claim(&model->table, &cut->subject, &like, 0);

    require(index < GW_CLAIMS_MAX);
    if (!((model->names[cut_index] >> host_index) & 1u)) {
        gw_table_claims(&model->table, &cut->subject)[index].messages = 1;
        gw_table_name_host(&model->table, cut, index);
        model->names[cut_index] |= 1ull << host_index;
    }
}

static void
run_model(struct input *input)
{
    static struct model model;
    struct gw_hash_key key;
    uint8_t wire[6];

    memset(&model, 0, sizeof(model));
    gw_hash_key_seeded(&key, take(input));
    model.low_mask = take(input);
    if (gw_table_init(&model.table, &key, BUDGET, &model.stats) != GW_DONE)
        return;
    while (input->pos < input->len) {
        const uint8_t op = take(input);
        const uint32_t which = take(input) % NAMES;
        const struct gw_table_name name = name_of(&model, which, wire);
        struct gw_cut *cut = gw_table_cut(&model.table, &name);

        if (cut == NULL) {
            require(gw_table_cut_make(&model.table, &name, op % 2, op, op) != NULL);
            model.held[which] = true;
        } else if (op % 4 == 0) {
            gw_table_evict(&model.table, cut);
            model.held[which] = false;
            model.names[which] = 0;
        } else if (op % 4 == 1) {
            gw_table_contest(&model.table, &cut->subject, true);
        } else {
            name_host(&model, cut, which, take(input) % NAMES);
        }
        check(&model);
    }
    gw_table_done(&model.table);
}

static struct gw_observation_name
keep_name(const struct gw_hash_key *key, struct gw_observation *seen, uint32_t i)
{
    uint8_t *wire = seen->names + seen->names_len;
    const uint8_t len = i == NAMES ? 1 : write_name(i, wire);
    const struct gw_observation_name name = {.off = seen->names_len, .len = len};

    if (len == 1)
        wire[0] = 0;
    seen->names_len = (uint16_t)(seen->names_len + len);
    return (struct gw_observation_name){gw_hash_octets(key, wire, len), name.off, len};
}

static struct gw_addr
take_addr(struct input *input)
{
    const uint8_t which = take(input);
    struct gw_addr addr;

    memset(&addr, 0, sizeof(addr));
    addr.family = which & 1u ? 4 : 6;
    addr.octet[0] = which & 2u ? 198 : which;
    addr.octet[1] = which >> 4;
    return addr;
}

static void
take_glue(struct input *input, struct gw_observation *seen)
{
    seen->glue_count = take(input) % (GW_GLUE_MAX + 1);
    seen->glue_total = seen->glue_count;
    for (uint32_t i = 0; i < seen->glue_count; i++) {
        const uint8_t owner = take(input);
        struct gw_observation_glue *glue = &seen->glue[i];

        *glue = (struct gw_observation_glue){
            .addr = take_addr(input), .ttl_s = owner, .target = GW_NO_TARGET};
        glue->stray = GW_NO_TARGET;
        if (owner % 4 != 0 && seen->target_count != 0) {
            glue->target = owner % seen->target_count;
            seen->target[glue->target].has_a |= glue->addr.family == 4;
            seen->target[glue->target].has_aaaa |= glue->addr.family == 6;
        } else if (seen->stray_count != 0) {
            glue->stray = owner % seen->stray_count;
        }
    }
}

static void
take_observation(struct input *input, const struct gw_hash_key *key, struct gw_observation *seen)
{
    const uint8_t shape = take(input);

    memset(seen, 0, offsetof(struct gw_observation, names));
    seen->kind = shape % 8 == 0   ? GW_OBSERVATION_AUTHORITY
                 : shape % 8 == 1 ? GW_OBSERVATION_ADDRESS
                                  : GW_OBSERVATION_DELEGATION;
    seen->class = GW_CLASS_DELEGATION;
    seen->facts = (uint32_t)take(input) << 8 | GW_FACT_UNDER_CUT;
    if (shape & 0x40)
        seen->facts = (uint32_t)take(input) << 16 | (uint32_t)take(input) << 8 | take(input);
    seen->time_ns = (int64_t)((uint64_t)take(input) << (take(input) % 56));
    if (shape & 0x80)
        seen->time_ns = -seen->time_ns;
    seen->server = take_addr(input);
    seen->resolver = take_addr(input);
    seen->qtype = take(input);
    seen->cut = keep_name(key, seen, take(input) % (NAMES + 1));
    seen->qname = keep_name(key, seen, take(input) % (NAMES + 1));
    if (seen->kind == GW_OBSERVATION_AUTHORITY)
        return;
    seen->target_count =
        seen->kind == GW_OBSERVATION_ADDRESS ? 1 : take(input) % (GW_TARGETS_MAX + 1);
    seen->target_total = seen->target_count;
    seen->stray_count = take(input) % (GW_STRAYS_MAX + 1);
    for (uint32_t i = 0; i < seen->target_count; i++)
        seen->target[i].name = keep_name(key, seen, (take(input) + i) % (NAMES + 1));
    for (uint32_t i = 0; i < seen->stray_count; i++)
        seen->stray[i] = keep_name(key, seen, take(input) % NAMES);
    take_glue(input, seen);
    seen->content = take(input);
}

static void
run_analyzer(struct input *input)
{
    static struct gw_observation seen;
    static struct gw_stats stats;
    struct gw_hash_key key;
    const struct gw_analyzer_options options = {&key, BUDGET, (take(input) & 1u) != 0};

    memset(&stats, 0, sizeof(stats));
    gw_hash_key_seeded(&key, take(input));

    struct gw_analyzer *analyzer = gw_analyzer_new(&options, &stats);

    if (analyzer == NULL)
        return;
    while (input->pos < input->len) {
        take_observation(input, &key, &seen);
        seen.frame++;

        const struct gw_payload payload = {
            .time_ns = seen.time_ns, .source = seen.server, .destination = seen.resolver};
        const struct gw_msg msg = {.payload = &payload};
        const struct gw_referral referral = {
            .msg = &msg, .cut_hash = seen.cut.hash, .content = seen.content};
        enum gw_class class;

        if (seen.kind != GW_OBSERVATION_DELEGATION ||
            !gw_analyzer_is_repeat(analyzer, &referral, &class))
            (void)gw_analyzer_observe(analyzer, &seen);
        require(stats.table.inserted == stats.table.delegations + stats.table.evicted);
        require(stats.table.memory_octets <= BUDGET);
    }
    gw_analyzer_finish(analyzer, seen.time_ns, take(input));

    const struct gw_finding_stats *told = &stats.finding;

    require(told->raised == told->emitted + told->aggregated + told->suppressed_low +
                                told->suppressed_full + told->suppressed_rule +
                                told->suppressed_rate);
    for (uint32_t i = 0; i < told->emitted; i++)
        require(gw_analyzer_finding(analyzer, i)->sequence == i + 1u);
    require(gw_analyzer_finding(analyzer, (uint32_t)told->emitted) == NULL);
    gw_analyzer_free(analyzer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size, 0};

    if (take(&input) & 1u)
        run_model(&input);
    else
        run_analyzer(&input);
    return 0;
}
