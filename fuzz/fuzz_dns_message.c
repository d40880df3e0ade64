/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets as a DNS message: parse, count, digest and extract, with the promises between them.
 * The first octet chooses transport and flags, the rest is the message.
 */
#include <stdlib.h>
#include <string.h>

#include "parse/dns/message.h"
#include "parse/dns/observation.h"
#include "parse/dns/referral.h"
#include "parse/dns/rr.h"

#define DEMAND(condition) \
    do {                  \
        if (!(condition)) \
            abort();      \
    } while (0)

static struct gw_hash_key key;
static struct gw_observation seen;
static struct gw_observation seen_again;

/* The laws of gw_message_stats for one message. */
static void
demand_counts(const struct gw_msg *msg, const struct gw_message_stats *stats)
{
    uint64_t classes = 0;
    uint64_t malformed = 0;

    for (uint32_t i = 0; i < GW_CLASS_COUNT; i++)
        classes += stats->classes[i];
    for (uint32_t i = 0; i < GW_WHY_COUNT; i++)
        malformed += stats->malformed[i];
    DEMAND(stats->seen == 1 && stats->queries + stats->responses == 1);
    DEMAND(classes == (msg->class != GW_CLASS_DELEGATION));
    DEMAND(malformed == stats->classes[GW_CLASS_MALFORMED]);
    DEMAND((msg->class == GW_CLASS_MALFORMED) == (msg->why != GW_OK));
}

/* What must hold between the parts of a view. */
static void
demand_view(const struct gw_msg *msg)
{
    DEMAND(msg->class <= GW_CLASS_DELEGATION);
    DEMAND(msg->response || !msg->referral_shaped);
    DEMAND(msg->class != GW_CLASS_MALFORMED || (!msg->teaches && !msg->referral_shaped));
    for (uint32_t i = GW_ANSWER; i <= GW_ADDITIONAL; i++)
        DEMAND(msg->section_off[i] <= msg->payload->len);
    if (msg->class == GW_CLASS_DELEGATION)
        DEMAND((msg->facts & (GW_FACT_NS | GW_FACT_NS_IN_ANSWER)) != 0);
    if (msg->class == GW_CLASS_MULTI_CUT)
        DEMAND((msg->facts & GW_FACT_MULTI_CUT) != 0);
}

static void
demand_name(const struct gw_observation_name *name)
{
    DEMAND(name->len >= 1 && name->off + name->len <= seen.names_len);
    DEMAND(name->hash == gw_hash_octets(&key, seen.names + name->off, name->len));
}

/* What must hold inside an observation. */
static void
demand_observation(void)
{
    DEMAND(seen.target_count <= GW_TARGETS_MAX && seen.target_count <= seen.target_total);
    DEMAND(seen.glue_count <= GW_GLUE_MAX && seen.glue_count <= seen.glue_total);
    DEMAND(seen.stray_count <= GW_STRAYS_MAX && seen.names_len <= sizeof(seen.names));
    demand_name(&seen.cut);
    demand_name(&seen.qname);
    for (uint32_t i = 0; i < seen.target_count; i++)
        demand_name(&seen.target[i].name);
    for (uint32_t i = 0; i < seen.stray_count; i++)
        demand_name(&seen.stray[i]);
    for (uint32_t i = 0; i < seen.glue_count; i++) {
        const struct gw_observation_glue *glue = &seen.glue[i];

        DEMAND(glue->addr.family == 4 || glue->addr.family == 6);
        DEMAND(glue->ttl_s >> 31 == 0);
        if (glue->target == GW_NO_TARGET)
            DEMAND(glue->stray < seen.stray_count);
        else
            DEMAND(glue->target < seen.target_count);
    }
}

/*
 * Changes the case of the letters in the QNAME, which must not change what a message says. Not
 * where an octet of it may be read as half of a pointer, by names that point between its labels.
 */
static void
swap_case(uint8_t *octets, const struct gw_msg *msg)
{
    uint32_t end = msg->qname_off;

    while (octets[end] != 0) {
        const uint32_t next = end + 1u + octets[end];

        for (end++; end < next; end++) {
            if (octets[end] >= 0xc0)
                return;
        }
    }
    for (uint32_t i = msg->qname_off; i < end; i++) {
        const uint8_t lower = octets[i] | 0x20;

        if (octets[i] > GW_LABEL_MAX && lower >= 'a' && lower <= 'z')
            octets[i] ^= 0x20;
    }
}

/* Both observations say the same; member by member, as padding says nothing. */
static void
demand_same(void)
{
    DEMAND(seen.kind == seen_again.kind && seen.content == seen_again.content);
    DEMAND(seen.names_len == seen_again.names_len && seen.cut.off == seen_again.cut.off);
    DEMAND(memcmp(seen.names, seen_again.names, seen.names_len) == 0);
    DEMAND(seen.target_count == seen_again.target_count);
    DEMAND(seen.target_total == seen_again.target_total);
    DEMAND(seen.glue_count == seen_again.glue_count && seen.glue_total == seen_again.glue_total);
    DEMAND(seen.stray_count == seen_again.stray_count);
    for (uint32_t i = 0; i < seen.target_count; i++) {
        const struct gw_observation_target *target = &seen.target[i];
        const struct gw_observation_target *other = &seen_again.target[i];

        DEMAND(target->name.off == other->name.off && target->ttl_s == other->ttl_s);
        DEMAND(target->in_domain == other->in_domain && target->has_a == other->has_a);
        DEMAND(target->has_aaaa == other->has_aaaa);
    }
    for (uint32_t i = 0; i < seen.glue_count; i++) {
        const struct gw_observation_glue *glue = &seen.glue[i];
        const struct gw_observation_glue *other = &seen_again.glue[i];

        DEMAND(memcmp(&glue->addr, &other->addr, sizeof(glue->addr)) == 0);
        DEMAND(glue->ttl_s == other->ttl_s && glue->target == other->target);
        DEMAND(glue->stray == other->stray && glue->fragment == other->fragment);
    }
}

/*
 * The same octets in another case, at another time, give the same digest and the same
 * observation.
 */
static void
demand_indifference(const struct gw_msg *msg, const struct gw_referral *referral, uint8_t *octets)
{
    struct gw_msg other;
    struct gw_referral again;

    swap_case(octets, msg);
    gw_msg_parse(msg->payload, &other);
    DEMAND(other.facts == msg->facts && other.class == msg->class && other.why == msg->why);
    DEMAND(gw_referral_digest(&other, &key, &again));
    DEMAND(again.content == referral->content && again.cut_hash == referral->cut_hash);
    DEMAND(again.cut_len == referral->cut_len);
    DEMAND(memcmp(again.cut, referral->cut, again.cut_len) == 0);
    DEMAND(gw_observation_extract(&other, &key, &seen_again));
    demand_same();
}

static void
try_message(const struct gw_payloads *payloads, uint8_t *octets)
{
    static struct gw_msg msgs[GW_BATCH_FRAMES];
    struct gw_message_stats stats = {.seen = 0};
    struct gw_referral referral;
    const struct gw_msg *msg = &msgs[0];
    bool extracted = false;

    gw_msg_parse_bulk(payloads, msgs, &stats);
    demand_counts(msg, &stats);
    demand_view(msg);
    extracted = gw_observation_extract(msg, &key, &seen);
    DEMAND(extracted == (msg->teaches || (msg->referral_shaped && msg->qname_off != 0)));
    if (extracted)
        demand_observation();
    if (msg->class != GW_CLASS_DELEGATION)
        return;
    DEMAND(gw_referral_digest(msg, &key, &referral));
    DEMAND(extracted && seen.kind == GW_OBSERVATION_DELEGATION);
    DEMAND(seen.content == referral.content && seen.cut.hash == referral.cut_hash);
    demand_indifference(msg, &referral, octets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct gw_payloads payloads;
    static struct gw_frag_map map = {.count = 2, .piece = {{0, 100, 1}, {100, 65435, 2}}};
    uint8_t *octets = NULL;

    if (size < 1 + GW_HEADER_LEN || size > 1 + GW_MESSAGE_MAX)
        return 0;
    gw_hash_key_seeded(&key, 1);
    octets = malloc(size - 1); /* of its own, so that the sanitizer sees its end */
    DEMAND(octets != NULL);
    memcpy(octets, data + 1, size - 1);
    payloads.count = 1;
    payloads.item[0] = (struct gw_payload){
        .data = octets,
        .len = (uint32_t)(size - 1),
        .declared_len = (uint32_t)(size - 1),
        .transport = (data[0] & 1) != 0 ? GW_TRANSPORT_TCP : GW_TRANSPORT_UDP,
        .flags = (uint16_t)(((data[0] & 2) != 0 ? GW_PAYLOAD_CUT : 0) |
                            ((data[0] & 4) != 0 ? GW_PAYLOAD_FRAGMENTED : 0)),
        .fragments = (data[0] & 4) != 0 ? &map : NULL,
    };
    try_message(&payloads, octets);
    free(octets);
    return 0;
}
