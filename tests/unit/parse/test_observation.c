/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/dns/observation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gluewatch/referral.h"
#include "parse/dns/message.h"
#include "parse/dns/referral.h"
#include "parse/dns/rr.h"
#include "tests/support/referral_model.h"

#define MODELS 500u

static struct gw_hash_key key;
static struct gw_builder builder;
static struct gw_payload payload;
static struct gw_msg msg;
static struct gw_observation seen;

static int
make_key(void **state)
{
    (void)state;
    gw_hash_key_seeded(&key, 42);
    return 0;
}

static bool
extract(void)
{
    payload = gw_builder_payload(builder.octets, builder.len);
    gw_msg_parse(&payload, &msg);
    memset(&seen, 0xa5, sizeof(seen));
    return gw_observation_extract(&msg, &key, &seen);
}

static bool
extract_text(const char *text)
{
    gw_builder_text(&builder, text);
    return extract();
}

/* Whether @p name reads like @p text ("." or labels with dots) and is hashed as it must be. */
static bool
reads(const struct gw_observation_name *name, const char *text)
{
    const uint8_t *wire = seen.names + name->off;
    char read[512];
    size_t len = 0;

    if (name->hash != gw_hash_octets(&key, wire, name->len))
        return false;
    for (const uint8_t *label = wire; *label != 0; label += 1 + *label) {
        memcpy(read + len, label + 1, *label);
        len += *label;
        read[len++] = '.';
    }
    read[len > 0 ? len - 1 : 0] = '\0';
    return strcmp(read, strcmp(text, ".") == 0 ? "" : text) == 0;
}

static uint32_t
find_model_target(const struct gw_model *model, const struct gw_observation_name *name)
{
    for (uint32_t i = 0; i < model->target_count; i++) {
        if (reads(name, model->target[i]))
            return i;
    }
    return UINT32_MAX;
}

static void
check_targets(const struct gw_model *model)
{
    uint32_t found = 0;

    assert_int_equal(seen.target_count, model->target_count);
    assert_int_equal(seen.target_total, model->target_count);
    for (uint32_t i = 0; i < seen.target_count; i++) {
        const struct gw_observation_target *target = &seen.target[i];
        const uint32_t at = find_model_target(model, &target->name);
        bool has_a = false;
        bool has_aaaa = false;

        assert_true(at != UINT32_MAX);
        found |= 1u << at;
        for (uint32_t j = 0; j < model->glue_count; j++) {
            has_a |= model->glue[j].owner == at && model->glue[j].family == 4;
            has_aaaa |= model->glue[j].owner == at && model->glue[j].family == 6;
        }
        assert_int_equal(target->in_domain, model->in_domain[at]);
        assert_int_equal(target->ttl_s, model->target_ttl_s[at]);
        assert_int_equal(target->has_a, has_a);
        assert_int_equal(target->has_aaaa, has_aaaa);
    }
    assert_int_equal(found, (1u << model->target_count) - 1);
}

/* Whether the observation's @p glue is the model's @p want. */
static bool
glue_is(const struct gw_model *model, const struct gw_observation_glue *glue,
    const struct gw_model_glue *want)
{
    const bool stray = glue->target == GW_NO_TARGET;
    const struct gw_observation_name *owner =
        stray ? &seen.stray[glue->stray] : &seen.target[glue->target].name;
    const uint8_t last = glue->addr.octet[want->family == 4 ? 3 : 15];

    /* x is written in decimal digits, which an IPv6 address reads as hexadecimal ones */
    if (want->family == 6 && (last >> 4) * 10 + (last & 15) != want->last)
        return false;
    return glue->addr.family == want->family && (want->family == 6 || last == want->last) &&
           glue->ttl_s == want->ttl_s && stray == (want->owner >= GW_MODEL_TARGETS) &&
           reads(owner, gw_model_owner(model, want));
}

static void
check_glue(const struct gw_model *model)
{
    assert_int_equal(seen.glue_count, model->glue_count);
    assert_int_equal(seen.glue_total, model->glue_count);
    for (uint32_t i = 0; i < model->glue_count; i++) {
        uint32_t matches = 0;

        for (uint32_t j = 0; j < seen.glue_count; j++)
            matches += glue_is(model, &seen.glue[j], &model->glue[i]);
        assert_int_equal(matches, 1);
    }
}

static void
observation_says_what_the_referral_says_however_it_is_written(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < MODELS; seed++) {
        const struct gw_model_spelling spelling = {
            .style = {.plain = seed % 2 == 0, .case_seed = seed % 5},
            .order_seed = seed % 7,
            .twice = seed % 3 == 0,
            .junk = seed % 4 == 0,
        };
        struct gw_model model;
        struct gw_referral referral;

        gw_model_random(&model, seed);
        gw_model_build(&model, &spelling, seed, &builder);
        assert_true(extract());
        assert_int_equal(seen.kind, GW_OBSERVATION_DELEGATION);
        assert_true(reads(&seen.cut, model.cut));
        assert_true(reads(&seen.qname, model.qname));
        check_targets(&model);
        check_glue(&model);
        assert_true(gw_referral_digest(&msg, &key, &referral));
        assert_true(seen.content == referral.content);
        assert_int_equal(seen.cut.hash, referral.cut_hash);
    }
}

static void
observation_says_where_and_when(void **state)
{
    (void)state;
    assert_true(
        extract_text("qr id=4660; ? w.foo.example AAAA; @ foo.example NS a.test; + . OPT;"));
    assert_int_equal(seen.class, GW_CLASS_DELEGATION);
    assert_int_equal(seen.facts, msg.facts);
    assert_int_equal(seen.time_ns, payload.time_ns);
    assert_int_equal(seen.frame, payload.frame);
    assert_int_equal(seen.input, payload.input);
    assert_memory_equal(&seen.server, &payload.source, sizeof(seen.server));
    assert_memory_equal(&seen.resolver, &payload.destination, sizeof(seen.resolver));
    assert_int_equal(seen.server_port, 53);
    assert_int_equal(seen.resolver_port, 4242);
    assert_int_equal(seen.id, 4660);
    assert_int_equal(seen.qtype, GW_TYPE_AAAA);
    assert_int_equal(seen.message_len, builder.len);
    assert_int_equal(seen.edns_size, 1232);
    assert_int_equal(seen.ip_ttl, 57);
}

struct kind_row {
    const char *shows;
    const char *text;
    bool extracted;
    enum gw_observation_kind kind;
    const char *cut;
    const char *qname;
    uint32_t targets;
    uint32_t glue;
};

#define SEEN_AS(kind) true, GW_OBSERVATION_##kind
#define NOT_SEEN      false, 0, NULL, NULL, 0, 0

static const struct kind_row kind_rows[] = {
    {"referral", "qr; ? w.f.example A; @ f.example NS a.f.example; + a.f.example A 192.0.2.1;",
        SEEN_AS(DELEGATION), "f.example", "w.f.example", 1, 1},
    {"cached referral", "qr rd ra; ? w.f.example A; @ f.example NS a.test;", SEEN_AS(DELEGATION),
        "f.example", "w.f.example", 1, 0},
    {"partial referral",
        "qr aa; ? b.example A; = b.example CNAME w.f.example; @ f.example NS a.test;",
        SEEN_AS(DELEGATION), "f.example", "w.f.example", 1, 0},
    {"NS in ANSWER",
        "qr; ? f.example NS; = f.example NS a.test; = x.example NS b.test; + a.test A 192.0.2.1;",
        SEEN_AS(DELEGATION), "f.example", "f.example", 1, 1},
    {"two cuts: the first is taken",
        "qr; ? w.f.example A; @ f.example NS a.test; @ example NS b.test; @ f.example NS c.test;",
        SEEN_AS(DELEGATION), "f.example", "w.f.example", 2, 0},
    {"answer with apex NS",
        "qr aa; ? w.f.example A; = w.f.example A 192.0.2.1; @ f.example NS a.test;",
        SEEN_AS(DELEGATION), "f.example", "w.f.example", 1, 0},
    {"answer about a target",
        "qr aa; ? a.f.example A; = a.f.example A 192.0.2.1; @ f.example NS a.f.example;"
        "+ a.f.example A 192.0.2.2;",
        SEEN_AS(DELEGATION), "f.example", "a.f.example", 1, 2},
    {"NXDOMAIN", "qr aa rcode=3; ? x.example A; @ example SOA a b;", SEEN_AS(DENIAL), "example",
        "x.example", 0, 0},
    {"NXDOMAIN without SOA", "qr aa rcode=3; ? x.example A;", SEEN_AS(DENIAL), ".", "x.example", 0,
        0},
    {"YXDOMAIN", "qr aa rcode=6; ? x.example A; @ example SOA a b;", SEEN_AS(AUTHORITY), "example",
        "x.example", 0, 0},
    {"REFUSED", "qr rcode=5; ? x.example A;", SEEN_AS(ERROR), ".", "x.example", 0, 0},
    {"REFUSED to a client", "qr rd ra rcode=5; ? x.example A;", NOT_SEEN},
    {"nothing in any section", "qr; ? x.example A;", SEEN_AS(ERROR), ".", "x.example", 0, 0},
    {"answer out of a cache to RD=0", "qr ra; ? x.example A; = x.example A 192.0.2.1;",
        SEEN_AS(ERROR), ".", "x.example", 0, 0},
    {"NXDOMAIN with NS instead of SOA", "qr aa rcode=3; ? x.f.example A; @ f.example NS a.test;",
        SEEN_AS(DELEGATION), "f.example", "x.f.example", 1, 0},
    {"NXDOMAIN with NS of another owner than the SOA's",
        "qr aa rcode=3; ? x.f.example A; @ f.example NS a.test; @ example SOA a b;",
        SEEN_AS(DELEGATION), "f.example", "x.f.example", 1, 0},
    {"NXDOMAIN with NS of the SOA's owner",
        "qr aa rcode=3; ? x.example A; @ example NS a.test; @ example SOA a b;", SEEN_AS(DENIAL),
        "example", "x.example", 0, 0},
    {"NXDOMAIN without AA", "qr rcode=3; ? x.example A; @ example SOA a b;", NOT_SEEN},
    {"no data", "qr aa; ? x.example A; @ example SOA a b;", SEEN_AS(AUTHORITY), "example",
        "x.example", 0, 0},
    {"no DS", "qr aa; ? x.example DS; @ example SOA a b;", SEEN_AS(AUTHORITY), "example",
        "x.example", 0, 0},
    {"SOA of another zone before the right one",
        "qr aa; ? x.example A; @ y.example SOA a b; @ example SOA a b;", SEEN_AS(AUTHORITY),
        "example", "x.example", 0, 0},
    {"alias to no data", "qr aa; ? a.example A; = a.example CNAME b.test; @ test SOA a b;",
        SEEN_AS(AUTHORITY), "test", "b.test", 0, 0},
    {"the child's NS",
        "qr aa; ? f.example NS; = f.example NS a.f.example; + a.f.example A 192.0.2.1;",
        SEEN_AS(AUTHORITY), "f.example", "f.example", 1, 1},
    {"priming", "qr aa; ? . NS; = . NS a.root; = . NS b.root; + a.root A 192.0.2.1;",
        SEEN_AS(AUTHORITY), ".", ".", 2, 1},
    {"priming without AA", "qr; ? . NS; = . NS a.root;", NOT_SEEN},
    {"address", "qr aa; ? a.f.example A; = a.f.example A 192.0.2.1; = a.f.example A 192.0.2.2;",
        SEEN_AS(ADDRESS), ".", "a.f.example", 1, 2},
    {"address behind an alias",
        "qr aa; ? b.example A; = b.example CNAME c.example; = c.example A 192.0.2.1;",
        SEEN_AS(ALIAS), ".", "c.example", 1, 0},
    {"address from a cache", "qr rd ra; ? a.example A; = a.example A 192.0.2.1;", SEEN_AS(ANSWER),
        ".", "a.example", 0, 1},
    {"address from a cache, with the zone's NS records",
        "qr rd ra; ? a.test A; = a.test A 192.0.2.1; @ test NS b.test; + b.test A 192.0.2.2;",
        SEEN_AS(ANSWER), "test", "a.test", 1, 2},
    {"address without AA", "qr; ? a.example A; = a.example A 192.0.2.1;", NOT_SEEN},
    {"query", "? a.example A;", NOT_SEEN},
    {"malformed", "qr ar=9; ? w.f.example A; @ f.example NS a.test;", NOT_SEEN},
    {"ignored", "qr opcode=4; ? f.example SOA; @ f.example NS a.test;", NOT_SEEN},
    {"no question", "qr rcode=5; @ f.example NS a.test;", NOT_SEEN},
    {"error with NS", "qr rcode=5; ? f.example A; @ . NS a.test;", SEEN_AS(DELEGATION), ".",
        "f.example", 1, 0},
};

static void
each_message_gives_its_kind_of_observation(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(kind_rows); i++) {
        const struct kind_row *row = &kind_rows[i];

        print_message("  %s\n", row->shows);
        assert_int_equal(extract_text(row->text), row->extracted);
        if (msg.teaches)
            assert_true(row->extracted);
        if (!row->extracted)
            continue;
        assert_int_equal(seen.kind, row->kind);
        assert_true(reads(&seen.cut, row->cut));
        assert_true(reads(&seen.qname, row->qname));
        assert_int_equal(seen.target_count, row->targets);
        assert_int_equal(seen.glue_count, row->glue);
        if (row->kind != GW_OBSERVATION_DELEGATION)
            assert_int_equal(seen.content, 0);
    }
}

static void
address_observation_names_the_qname_as_its_target(void **state)
{
    (void)state;
    assert_true(extract_text("qr aa; ? A.f.example A; = a.f.example 60 A 192.0.2.1;"));
    assert_true(reads(&seen.target[0].name, "a.f.example"));
    assert_true(seen.target[0].has_a);
    assert_false(seen.target[0].has_aaaa);
    assert_int_equal(seen.glue[0].target, 0);
    assert_int_equal(seen.glue[0].stray, GW_NO_TARGET);
    assert_int_equal(seen.glue[0].ttl_s, 60);
}

static void
answers_about_a_target_are_marked(void **state)
{
    (void)state;
    assert_true(
        extract_text("qr aa; ? a.f.example A; = a.f.example A 192.0.2.1;"
                     "@ f.example NS b.test; @ f.example NS a.f.example; + b.test A 192.0.2.2;"));
    assert_int_equal(seen.glue_count, 2);
    assert_int_equal(seen.glue[0].target, 0);
    assert_int_equal(seen.glue[0].stray, GW_NO_TARGET);
    assert_int_equal(seen.glue[1].target, 1);
    assert_int_equal(seen.glue[1].stray, GW_IN_ANSWER);
    assert_false(seen.target[1].has_a);
    assert_true(seen.target[0].has_a);
}

static void
smallest_ttl_of_duplicates_is_kept(void **state)
{
    (void)state;
    assert_true(
        extract_text("qr; ? w.f.example A; @ f.example 9 NS a.test; @ f.example 5 NS A.test;"
                     "@ f.example 7 NS a.test; + a.test 30 A 192.0.2.1;"
                     "+ a.test 2147483648 A 192.0.2.1; + a.test 20 A 192.0.2.1;"));
    assert_int_equal(seen.target_count, 1);
    assert_int_equal(seen.target[0].ttl_s, 5);
    assert_int_equal(seen.glue_count, 1);
    assert_int_equal(seen.glue[0].ttl_s, 0); /* the one with its highest bit set */
}

/* Writes a referral with more of everything than an observation keeps. */
static void
build_overfull(uint32_t targets, uint32_t addresses, uint32_t strays)
{
    char part[96];

    gw_builder_text(&builder, "qr; ? w.f.example A;");
    for (uint32_t i = 0; i < targets; i++) {
        snprintf(part, sizeof(part), "@ f.example NS ns%u.f.example;", i);
        gw_builder_parts(&builder, part);
    }
    for (uint32_t i = 0; i < addresses; i++) {
        snprintf(part, sizeof(part), "+ ns0.f.example AAAA 2001:db8::%x;", i);
        gw_builder_parts(&builder, part);
    }
    for (uint32_t i = 0; i < strays; i++) {
        snprintf(part, sizeof(part), "+ stray%u.test A 192.0.2.1;", i);
        gw_builder_parts(&builder, part);
    }
}

static void
more_than_fits_is_counted_and_not_kept(void **state)
{
    (void)state;
    build_overfull(GW_TARGETS_MAX + 3, GW_GLUE_MAX + 2, 0);
    assert_true(extract());
    assert_int_equal(seen.target_count, GW_TARGETS_MAX);
    assert_int_equal(seen.target_total, GW_TARGETS_MAX + 3);
    assert_int_equal(seen.glue_count, GW_GLUE_MAX);
    assert_int_equal(seen.glue_total, GW_GLUE_MAX + 2);
    assert_true((msg.notes & gw_msg_note(GW_RR_OVERFLOW)) != 0);

    build_overfull(1, 0, GW_STRAYS_MAX + 2);
    assert_true(extract());
    assert_int_equal(seen.stray_count, GW_STRAYS_MAX);
    assert_int_equal(seen.glue_count, GW_STRAYS_MAX);
    assert_int_equal(seen.glue_total, GW_STRAYS_MAX + 2);

    build_overfull(1500, 0, 0); /* as large as NXNSAttack referrals over TCP */
    assert_true(extract());
    assert_int_equal(msg.why, GW_OK);
    assert_int_equal(seen.target_count, GW_TARGETS_MAX);
    assert_int_equal(seen.target_total, 1500);
}

/* All names as long as names can be: the observation has room for them. */
static void
longest_names_fit(void **state)
{
    static const char label[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghi";
    char part[1024];

    (void)state;
    gw_builder_start(&builder, (struct gw_builder_style){.plain = true});
    snprintf(part, sizeof(part), "qr; ? %s.%s.%s.%s.www A;", label, label, label, label);
    gw_builder_parts(&builder, part);
    for (uint32_t i = 0; i < GW_TARGETS_MAX; i++) {
        snprintf(part, sizeof(part), "@ %s.%s.%s.%s.www NS %s.%s.%s.%s.n%02u;", label, label, label,
            label, label, label, label, label, i);
        gw_builder_parts(&builder, part);
    }
    for (uint32_t i = 0; i < GW_STRAYS_MAX; i++) {
        snprintf(
            part, sizeof(part), "+ %s.%s.%s.%s.s%02u A 192.0.2.1;", label, label, label, label, i);
        gw_builder_parts(&builder, part);
    }
    assert_true(extract());
    assert_int_equal(seen.target_count, GW_TARGETS_MAX);
    assert_int_equal(seen.stray_count, GW_STRAYS_MAX);
    assert_true(seen.names_len > (2 + GW_TARGETS_MAX + GW_STRAYS_MAX) * 250);
}

static void
glue_says_which_fragment_brought_it(void **state)
{
    struct gw_frag_map map = {.count = 3};
    struct gw_rr_cursor cursor;
    struct gw_rr first;
    struct gw_rr second;

    (void)state;
    gw_builder_text(&builder, "qr; ? w.f.example A; @ f.example NS a.test; + a.test A 192.0.2.1;"
                              "+ a.test A 192.0.2.2; + a.test A 192.0.2.3;");
    payload = gw_builder_payload(builder.octets, builder.len);
    payload.flags = GW_PAYLOAD_FRAGMENTED;
    payload.fragments = &map;
    gw_msg_parse(&payload, &msg);
    cursor = gw_rr_section(&msg, GW_ADDITIONAL);
    assert_int_equal(gw_rr_next(&cursor, &first), GW_OK);
    assert_int_equal(gw_rr_next(&cursor, &second), GW_OK);

    /* the first record ends where piece 0 ends, the second straddles pieces 1 and 2 */
    map.piece[0].len = (uint16_t)second.owner_off;
    map.piece[1].offset = (uint16_t)second.owner_off;
    map.piece[1].len = 5;
    map.piece[2].offset = (uint16_t)(second.owner_off + 5);
    map.piece[2].len = (uint16_t)(builder.len - second.owner_off - 5);
    assert_true(gw_observation_extract(&msg, &key, &seen));
    assert_int_equal(seen.glue[0].fragment, 0);
    assert_int_equal(seen.glue[1].fragment, 2);
    assert_int_equal(seen.glue[2].fragment, 2);
}

static void
cut_referral_gives_what_it_holds(void **state)
{
    (void)state;
    gw_builder_text(&builder, "qr; ? w.f.example A; @ f.example NS a.test; @ f.example NS b.test;"
                              "+ a.test A 192.0.2.1; + b.test A 192.0.2.2;");
    for (uint32_t len = GW_HEADER_LEN; len < builder.len; len++) {
        payload = gw_builder_payload(builder.octets, len);
        payload.declared_len = builder.len;
        payload.flags = GW_PAYLOAD_CUT;
        gw_msg_parse(&payload, &msg);
        assert_int_equal(msg.class, GW_CLASS_CUT);
        assert_int_equal(gw_observation_extract(&msg, &key, &seen), msg.referral_shaped);
        if (msg.referral_shaped) {
            assert_in_range(seen.target_count, 1, 2);
            assert_in_range(seen.glue_count, 0, 1);
            assert_int_equal(seen.message_len, builder.len);
        }
    }
    assert_int_equal(seen.target_count, 2);
    assert_int_equal(seen.glue_count, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(observation_says_what_the_referral_says_however_it_is_written),
        cmocka_unit_test(observation_says_where_and_when),
        cmocka_unit_test(each_message_gives_its_kind_of_observation),
        cmocka_unit_test(address_observation_names_the_qname_as_its_target),
        cmocka_unit_test(answers_about_a_target_are_marked),
        cmocka_unit_test(smallest_ttl_of_duplicates_is_kept),
        cmocka_unit_test(more_than_fits_is_counted_and_not_kept),
        cmocka_unit_test(longest_names_fit),
        cmocka_unit_test(glue_says_which_fragment_brought_it),
        cmocka_unit_test(cut_referral_gives_what_it_holds),
    };

    return cmocka_run_group_tests(tests, make_key, NULL);
}
