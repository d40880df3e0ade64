/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/answers.h"

#include <stdlib.h>
#include <string.h>

#define QUESTIONS_MAX (1u << 16)
#define ADDRESSES_MAX (1u << 18)

struct gw_answers *
gw_suspect_answers_new(const struct gw_hash_key *key, uint64_t memory)
{
    struct gw_answers *answers = calloc(1, sizeof(*answers));

    if (answers == NULL)
        return NULL;
    answers->key = key;
    if (gw_table_recall_init(&answers->questions, memory / 4 * 3, sizeof(struct gw_answer),
            QUESTIONS_MAX) != GW_DONE ||
        gw_table_recall_init(&answers->addresses, memory / 4, sizeof(int64_t), ADDRESSES_MAX) !=
            GW_DONE) {
        gw_suspect_answers_free(answers);
        return NULL;
    }
    return answers;
}

void
gw_suspect_answers_free(struct gw_answers *answers)
{
    if (answers == NULL)
        return;
    gw_table_recall_done(&answers->questions);
    gw_table_recall_done(&answers->addresses);
    free(answers);
}

uint64_t
gw_suspect_answers_octets(const struct gw_answers *answers)
{
    return sizeof(*answers) + gw_table_recall_octets(&answers->questions) +
           gw_table_recall_octets(&answers->addresses);
}

static bool
has(const struct gw_answer_set *set, const struct gw_addr *addr)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (memcmp(&set->addr[i], addr, sizeof(*addr)) == 0)
            return true;
    return false;
}

bool
gw_suspect_answers_overlap(const struct gw_answer_set *left, const struct gw_answer_set *right)
{
    for (uint32_t i = 0; i < left->count; i++)
        if (has(right, &left->addr[i]))
            return true;
    return false;
}

/* Ascending, so that which are kept does not depend on the order in the message. */
static void
add_address(struct gw_answer_set *set, const struct gw_addr *addr)
{
    uint32_t pos = 0;

    while (pos < set->count && memcmp(set->addr[pos].octet, addr->octet, sizeof(addr->octet)) < 0)
        pos++;
    if (pos == GW_ANSWER_ADDRESSES || has(set, addr))
        return;
    if (set->count < GW_ANSWER_ADDRESSES)
        set->count++;
    for (uint32_t i = set->count - 1u; i > pos; i--)
        set->addr[i] = set->addr[i - 1];
    set->addr[pos] = *addr;
}

static struct gw_answer_source *
source_of(struct gw_answer *answer, const struct gw_addr *group, bool authority)
{
    struct gw_answer_source *oldest = &answer->source[0];

    for (uint32_t i = 0; i < answer->source_count; i++) {
        struct gw_answer_source *source = &answer->source[i];

        if (source->authority == authority && memcmp(&source->group, group, sizeof(*group)) == 0)
            return source;
        if (source->now.time_ns < oldest->now.time_ns)
            oldest = source;
    }
    if (answer->source_count < GW_ANSWER_SOURCES)
        oldest = &answer->source[answer->source_count++];
    memset(oldest, 0, sizeof(*oldest));
    oldest->group = *group;
    oldest->authority = authority;
    return oldest;
}

static void
note_address(struct gw_answers *answers, const struct gw_addr *addr, int64_t time_ns)
{
    const uint64_t hash = gw_hash_octets(answers->key, addr, sizeof(*addr));
    int64_t *first_ns = gw_table_recall_take(&answers->addresses, hash);

    if (*first_ns == 0)
        *first_ns = time_ns;
}

struct gw_answer *
gw_suspect_answers_note(
    struct gw_answers *answers, const struct gw_observation *seen, uint32_t *ret_source)
{
    const bool authority = seen->kind == GW_OBSERVATION_ADDRESS;
    const uint8_t family = seen->glue_count == 0 ? 0 : seen->glue[0].addr.family;
    const struct gw_addr group = authority ? seen->server : gw_table_group_of(NULL, &seen->server);
    struct gw_answer_set said = {.time_ns = seen->time_ns};

    for (uint32_t i = 0; i < seen->glue_count; i++)
        if (seen->glue[i].addr.family == family)
            add_address(&said, &seen->glue[i].addr);
    if (said.count == 0)
        return NULL;

    struct gw_answer *answer =
        gw_table_recall_take(&answers->questions, gw_hash_mix(seen->qname.hash, family));
    struct gw_answer_source *source = source_of(answer, &group, authority);

    if (source->now.count != 0 && !gw_suspect_answers_overlap(&source->now, &said))
        source->before = source->now;
    source->now = said;
    source->who = seen->server;
    source->frame = seen->frame;
    source->input = seen->input;
    for (uint32_t i = 0; i < said.count; i++)
        note_address(answers, &said.addr[i], seen->time_ns);
    *ret_source = (uint32_t)(source - answer->source);
    return answer;
}

bool
gw_suspect_answers_is_new(
    const struct gw_answers *answers, const struct gw_addr *addr, int64_t since_ns)
{
    const int64_t *first_ns = gw_table_recall_find(
        &answers->addresses, gw_hash_octets(answers->key, addr, sizeof(*addr)));

    return first_ns == NULL || *first_ns >= since_ns;
}
