/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads the DNS messages of capture files with our parser and with libknot and compares them: which
 * responses are understood, and of every referral the zone cut, the name servers and the glue as
 * sets. Captures are given as arguments or by the environment variable GLUEWATCH_CAPTURES, a
 * directory that is searched to the bottom.
 *
 * Differences that have a reason are written down in `rules` below; any other fails the test.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libknot/libknot.h>

#include "base/reason.h"
#include "capture/source.h"
#include "parse/dns/message.h"
#include "parse/dns/observation.h"
#include "parse/dns/rr.h"
#include "parse/frame/frame.h"
#include "tests/support/capture_tree.h"

#define SKIPPED 77

/* One message as both see it. */
struct pair {
    const struct gw_msg *msg;
    const knot_pkt_t *pkt;
    int theirs; /* libknot's return value */
};

struct rule {
    const char *text;
    bool (*holds)(const struct pair *pair);
};

struct tally {
    uint64_t files, messages, understood, refused, referrals, differing;
    uint64_t rule_used[16];
};

static bool
theirs_understood(const struct pair *pair)
{
    return pair->theirs == KNOT_EOK || pair->theirs == KNOT_ETRAIL;
}

static bool
rule_work(const struct pair *pair)
{
    return theirs_understood(pair) && (pair->msg->why == GW_WORK || pair->msg->why == GW_POINTERS);
}

static bool
rule_header(const struct pair *pair)
{
    return theirs_understood(pair) && pair->msg->why == GW_POINTER_HEADER;
}

static bool
rule_no_question(const struct pair *pair)
{
    return theirs_understood(pair) && pair->msg->why == GW_QUESTION_COUNT &&
           pair->msg->count[GW_QUESTION] == 0;
}

static bool
rule_address_length(const struct pair *pair)
{
    return !theirs_understood(pair) && pair->msg->why == GW_OK &&
           (pair->msg->notes & gw_msg_note(GW_RR_ADDRESS_LENGTH)) != 0;
}

/* Whether the RDATA of @p rr is none of those whose form we check. */
static bool
is_unread(const struct gw_rr *rr)
{
    return rr->class != GW_RRCLASS_IN ||
           (rr->type != GW_TYPE_NS && rr->type != GW_TYPE_CNAME && rr->type != GW_TYPE_SOA &&
               rr->type != GW_TYPE_DNAME && gw_rr_address_len(rr->type) == 0);
}

static bool
rule_unread_rdata(const struct pair *pair)
{
    if (theirs_understood(pair) || pair->msg->why != GW_OK)
        return false;
    for (uint32_t section = GW_ANSWER; section <= GW_ADDITIONAL; section++) {
        struct gw_rr_cursor cursor = gw_rr_section(pair->msg, (enum gw_section)section);
        struct gw_rr rr;

        while (cursor.left > 0 && gw_rr_next(&cursor, &rr) == GW_OK) {
            if (is_unread(&rr))
                return true;
        }
    }
    return false;
}

static const struct rule rules[] = {
    {"libknot has no bound on the work of names", rule_work},
    {"libknot follows pointers into the header, where no name stands", rule_header},
    {"libknot takes responses without a question whatever their RCODE", rule_no_question},
    {"libknot refuses addresses of a wrong length, we pass over them", rule_address_length},
    {"libknot checks RDATA and places of records that we do not look into", rule_unread_rdata},
};

_Static_assert(GW_ARRAY_LEN(rules) <= 16, "the tally has room for every rule");

/* Whether @p kept is libknot's @p name. */
static bool
is_name(const struct gw_observation *seen, const struct gw_observation_name *kept,
    const knot_dname_t *name)
{
    knot_dname_storage_t folded;
    const size_t len = knot_dname_size(name);

    if (len != kept->len)
        return false;
    memcpy(folded, name, len);
    knot_dname_to_lower(folded);
    return memcmp(folded, seen->names + kept->off, len) == 0;
}

/* Counts the distinct targets that both have, and tells whether libknot has others. */
static uint32_t
common_targets(const struct gw_observation *seen, const knot_pkt_t *pkt, bool *ret_missing)
{
    const knot_pktsection_t *authority = knot_pkt_section(pkt, KNOT_AUTHORITY);
    bool met[GW_TARGETS_MAX] = {false};
    uint32_t common = 0;

    for (uint16_t i = 0; i < authority->count; i++) {
        const knot_rrset_t *set = knot_pkt_rr(authority, i);

        if (set->type != KNOT_RRTYPE_NS || set->rclass != KNOT_CLASS_IN ||
            !is_name(seen, &seen->cut, set->owner))
            continue;
        for (uint16_t j = 0; j < set->rrs.count; j++) {
            const knot_dname_t *target = knot_ns_name(knot_rdataset_at(&set->rrs, j));
            uint32_t at = 0;

            while (at < seen->target_count && !is_name(seen, &seen->target[at].name, target))
                at++;
            if (at == seen->target_count) {
                *ret_missing = true;
            } else if (!met[at]) {
                met[at] = true;
                common++;
            }
        }
    }
    return common;
}

/* Whether glue @p at of ours is @p rdata of @p set. */
static bool
is_glue(const struct gw_observation *seen, uint32_t at, const knot_rrset_t *set,
    const knot_rdata_t *rdata)
{
    const struct gw_observation_glue *glue = &seen->glue[at];
    const struct gw_observation_name *owner =
        glue->target != GW_NO_TARGET ? &seen->target[glue->target].name : &seen->stray[glue->stray];
    const uint8_t family = set->type == KNOT_RRTYPE_A ? 4 : 6;

    return glue->addr.family == family && memcmp(glue->addr.octet, rdata->data, rdata->len) == 0 &&
           is_name(seen, owner, set->owner);
}

/* Likewise for glue. */
static uint32_t
common_glue(const struct gw_observation *seen, const knot_pkt_t *pkt, bool *ret_missing)
{
    const knot_pktsection_t *additional = knot_pkt_section(pkt, KNOT_ADDITIONAL);
    bool met[GW_GLUE_MAX] = {false};
    uint32_t common = 0;

    for (uint16_t i = 0; i < additional->count; i++) {
        const knot_rrset_t *set = knot_pkt_rr(additional, i);

        if (set->rclass != KNOT_CLASS_IN ||
            (set->type != KNOT_RRTYPE_A && set->type != KNOT_RRTYPE_AAAA))
            continue;
        for (uint16_t j = 0; j < set->rrs.count; j++) {
            const knot_rdata_t *rdata = knot_rdataset_at(&set->rrs, j);
            uint32_t at = 0;

            while (at < seen->glue_count && !is_glue(seen, at, set, rdata))
                at++;
            if (at == seen->glue_count) {
                *ret_missing = true;
            } else if (!met[at]) {
                met[at] = true;
                common++;
            }
        }
    }
    return common;
}

/* Whether both say the same about a referral, as far as we keep it. */
static bool
referrals_same(const struct gw_msg *msg, const knot_pkt_t *pkt)
{
    static struct gw_observation seen;
    struct gw_hash_key key;
    bool target_missing = false;
    bool glue_missing = false;

    gw_hash_key_seeded(&key, 1);
    if (!gw_observation_extract(msg, &key, &seen))
        return false;
    if (common_targets(&seen, pkt, &target_missing) != seen.target_count ||
        common_glue(&seen, pkt, &glue_missing) != seen.glue_count)
        return false;
    return target_missing == (seen.target_total > seen.target_count) &&
           glue_missing == (seen.glue_total > seen.glue_count);
}

static void
explain(const struct pair *pair, const char *path, struct tally *tally)
{
    for (size_t i = 0; i < GW_ARRAY_LEN(rules); i++) {
        if (rules[i].holds(pair)) {
            tally->rule_used[i]++;
            return;
        }
    }
    tally->differing++;
    printf("%s: frame %" PRIu64 ": ours %s, libknot %s\n", path, pair->msg->payload->frame,
        gw_why_name(pair->msg->why), knot_strerror(pair->theirs));
}

static void
compare(const struct gw_msg *msg, const char *path, struct tally *tally)
{
    static uint8_t octets[GW_MESSAGE_MAX];
    const struct gw_payload *payload = msg->payload;
    struct pair pair = {.msg = msg};
    knot_pkt_t *pkt = NULL;

    if (!msg->response || msg->class == GW_CLASS_IGNORED || msg->class == GW_CLASS_CUT)
        return;
    tally->messages++;
    memcpy(octets, payload->data, payload->len); /* libknot takes TSIG records out of a message */
    pkt = knot_pkt_new(octets, (uint16_t)payload->len, NULL);
    if (pkt == NULL)
        abort();
    pair.pkt = pkt;
    pair.theirs = knot_pkt_parse(pkt, 0);
    if (theirs_understood(&pair) != (msg->why == GW_OK)) {
        explain(&pair, path, tally);
    } else if (msg->why != GW_OK) {
        tally->refused++;
    } else {
        tally->understood++;
        if (msg->referral_shaped && msg->qname_off != 0) {
            tally->referrals++;
            if (!referrals_same(msg, pkt)) {
                tally->differing++;
                printf("%s: frame %" PRIu64 ": referrals differ\n", path, payload->frame);
            }
        }
    }
    knot_pkt_free(pkt);
}

static void
compare_file(const char *path, struct tally *tally)
{
    static struct gw_batch batch;
    static struct gw_payloads payloads;
    static struct gw_msg msgs[GW_BATCH_FRAMES];
    const struct gw_source_spec spec = {.path = &path, .path_count = 1};
    struct gw_packet_stats packets = {.seen = 0};
    struct gw_message_stats messages = {.seen = 0};
    struct gw_source *source = NULL;
    struct gw_frame *frame = NULL;
    struct gw_error_text error;
    bool more = true;

    if (gw_source_open_files(&spec, &source, &error) != GW_DONE)
        return;
    frame = gw_frame_new(&packets);
    if (frame == NULL)
        abort();
    tally->files++;
    while (source->ops->fill(source, &batch) > 0) {
        do {
            more = gw_frame_decode(frame, &batch, &payloads);
            gw_msg_parse_bulk(&payloads, msgs, &messages);
            for (uint32_t i = 0; i < payloads.count; i++)
                compare(&msgs[i], path, tally);
        } while (more);
        source->ops->release(source);
    }
    gw_frame_free(frame);
    source->ops->close(source);
}

static void
visit_file(const char *path, void *tally)
{
    compare_file(path, tally);
}

int
main(int argc, char **argv)
{
    struct tally tally = {0};

    if (!gw_capture_tree_visit(argc, argv, visit_file, &tally))
        return SKIPPED;
    printf("%" PRIu64 " files, %" PRIu64 " responses: %" PRIu64 " understood by both, %" PRIu64
           " refused by both, %" PRIu64 " referrals compared, %" PRIu64 " differing\n",
        tally.files, tally.messages, tally.understood, tally.refused, tally.referrals,
        tally.differing);
    for (size_t i = 0; i < GW_ARRAY_LEN(rules); i++)
        printf("%6" PRIu64 "  %s\n", tally.rule_used[i], rules[i].text);
    return tally.messages > 0 && tally.differing == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
