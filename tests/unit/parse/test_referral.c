/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/dns/referral.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "parse/dns/message.h"
#include "tests/support/referral_model.h"

#define MODELS 300u

static struct gw_hash_key key;
static struct gw_builder builder;
static struct gw_payload payload;
static struct gw_msg msg;

static int
make_key(void **state)
{
    (void)state;
    gw_hash_key_seeded(&key, 42);
    return 0;
}

/* Digests what is in the builder. */
static struct gw_referral
digest(void)
{
    struct gw_referral referral = {.cut_len = 0};

    payload = gw_builder_payload(builder.octets, builder.len);
    gw_msg_parse(&payload, &msg);
    assert_int_equal(msg.class, GW_CLASS_DELEGATION);
    assert_true(gw_referral_digest(&msg, &key, &referral));
    assert_ptr_equal(referral.msg, &msg);
    return referral;
}

static struct gw_referral
digest_text(const char *text)
{
    gw_builder_text(&builder, text);
    return digest();
}

static struct gw_referral
digest_model(const struct gw_model *model, const struct gw_model_spelling *spelling)
{
    gw_model_build(model, spelling, 1, &builder);
    return digest();
}

static void
cut_is_canonical_and_hashed(void **state)
{
    const uint8_t want[] = "\3foo\7example";
    const struct gw_referral referral =
        digest_text("qr; ? www.FOO.eXample A; @ foo.example NS a.test;");

    (void)state;
    assert_int_equal(referral.cut_len, sizeof(want));
    assert_memory_equal(referral.cut, want, sizeof(want));
    assert_int_equal(referral.cut_hash, gw_hash_octets(&key, want, sizeof(want)));
}

static void
spelling_does_not_change_the_digest(void **state)
{
    static const struct gw_model_spelling spellings[] = {
        {.style = {.plain = true}},
        {.style = {.case_seed = 5}},
        {.style = {.plain = true, .case_seed = 77}},
        {.order_seed = 3},
        {.style = {.case_seed = 9}, .order_seed = 8},
        {.twice = true},
        {.style = {.plain = true}, .order_seed = 4, .twice = true},
    };
    const struct gw_model_spelling straight = {.order_seed = 0};

    (void)state;
    for (uint32_t seed = 0; seed < MODELS; seed++) {
        struct gw_model model;
        struct gw_referral first;

        gw_model_random(&model, seed);
        first = digest_model(&model, &straight);
        /* nearness to a size limit is a fact that the digest covers */
        const uint32_t clipped = msg.facts & GW_FACT_CLIPPED;
        for (size_t i = 0; i < GW_ARRAY_LEN(spellings); i++) {
            const struct gw_referral other = digest_model(&model, &spellings[i]);

            assert_int_equal(other.cut_hash, first.cut_hash);
            if ((msg.facts & GW_FACT_CLIPPED) == clipped)
                assert_true(other.content == first.content);
            else
                assert_false(other.content == first.content);
        }
    }
}

static void
every_target_and_address_counts(void **state)
{
    const struct gw_model_spelling straight = {.order_seed = 0};

    (void)state;
    for (uint32_t seed = 0; seed < MODELS; seed++) {
        struct gw_model model;
        uint64_t content = 0;

        gw_model_random(&model, seed);
        content = digest_model(&model, &straight).content;
        for (uint32_t i = 0; i < model.target_count; i++) {
            struct gw_model other = model;

            other.target[i][0] = 'q';
            assert_false(digest_model(&other, &straight).content == content);
        }
        for (uint32_t i = 0; i < model.glue_count; i++) {
            struct gw_model other = model;

            other.glue[i].last = (uint8_t)(other.glue[i].last + 100);
            assert_false(digest_model(&other, &straight).content == content);
            other = model;
            other.glue[i].family = (uint8_t)(10 - other.glue[i].family);
            assert_false(digest_model(&other, &straight).content == content);
            other = model;
            other.glue[i] = model.glue[model.glue_count - 1];
            other.glue_count--;
            assert_false(digest_model(&other, &straight).content == content);
        }
    }
}

#define BUILT(answer, authority, additional)                                    \
    "qr; ? w.foo.example A;" answer "@ foo.example NS a.foo.example;" authority \
    "+ a.foo.example A 192.0.2.1;" additional
#define PLAIN BUILT("", "", "")

struct change_row {
    const char *shows;
    const char *text;
    bool same;
};

static const struct change_row change_rows[] = {
    {"nothing", PLAIN, true},
    {"another QNAME under the cut",
        "qr; ? v.foo.example AAAA; @ foo.example NS a.foo.example; + a.foo.example A 192.0.2.1;",
        true},
    {"another id and OPT", PLAIN "id=9; + . OPT;", true},
    {"another TTL",
        "qr; ? w.foo.example A; @ foo.example 1 NS a.foo.example; + a.foo.example 2 A 192.0.2.1;",
        false},
    {"a record of another type", BUILT("", "@ foo.example TXT;", "+ b.test TXT;"), true},
    {"an address of a wrong length", PLAIN "+ a.foo.example A \\0102;", true},
    {"the address's owner",
        "qr; ? w.foo.example A; @ foo.example NS a.foo.example; + b.foo.example A 192.0.2.1;",
        false},
    {"the cut",
        "qr; ? w.foo.example A; @ w.foo.example NS a.foo.example; + a.foo.example A 192.0.2.1;",
        false},
    {"the address's section",
        "qr; ? w.foo.example A; @ foo.example NS a.foo.example; @ a.foo.example A 192.0.2.1;",
        false},
    {"AA", PLAIN "aa;", false},
    {"TC", PLAIN "tc;", false},
    {"RA", PLAIN "ra;", false},
    {"DS", BUILT("", "@ foo.example DS;", ""), false},
    {"an alias", BUILT("= w.foo.example CNAME v.foo.example;", "", ""), false},
    {"an answer", BUILT("= w.foo.example A 192.0.2.77;", "", ""), false},
    {"NS in ADDITIONAL", PLAIN "+ foo.example NS b.test;", false},
    {"no longer under the cut",
        "qr; ? w.bar.example A; @ foo.example NS a.foo.example; + a.foo.example A 192.0.2.1;",
        false},
};

static void
only_what_changes_the_meaning_changes_the_digest(void **state)
{
    const uint64_t content = digest_text(PLAIN).content;

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(change_rows); i++) {
        print_message("  %s\n", change_rows[i].shows);
        assert_int_equal(digest_text(change_rows[i].text).content == content, change_rows[i].same);
    }
}

static void
transport_changes_the_digest(void **state)
{
    struct gw_referral referral;
    const uint64_t content = digest_text(PLAIN).content;

    (void)state;
    payload.transport = GW_TRANSPORT_TCP;
    gw_msg_parse(&payload, &msg);
    assert_true(gw_referral_digest(&msg, &key, &referral));
    assert_false(referral.content == content);
}

static void
another_key_gives_other_hashes(void **state)
{
    struct gw_hash_key other_key;
    struct gw_referral referral;
    const struct gw_referral first = digest_text(PLAIN);

    (void)state;
    gw_hash_key_seeded(&other_key, 43);
    assert_true(gw_referral_digest(&msg, &other_key, &referral));
    assert_false(referral.content == first.content);
    assert_false(referral.cut_hash == first.cut_hash);
}

#define CHILD(address) \
    "qr aa; ? a.foo.example A; = a.foo.example A " address "; @ foo.example NS a.foo.example;"
#define HOST(qname, address) \
    "qr aa; ? " qname " A; = " qname " A " address "; @ foo.example NS a.foo.example;"

static void
answers_count_where_the_qname_is_a_target(void **state)
{
    (void)state;
    assert_false(
        digest_text(CHILD("192.0.2.1")).content == digest_text(CHILD("192.0.2.2")).content);
    assert_true(digest_text(HOST("w.foo.example", "192.0.2.1")).content ==
                digest_text(HOST("v.foo.example", "192.0.2.2")).content);
}

static void
ns_in_answer_is_digested_from_there(void **state)
{
    const struct gw_referral first =
        digest_text("qr; ? foo.example NS; = foo.example NS a.test; = bar.example NS c.test;");
    const struct gw_referral other = digest_text("qr; ? foo.example NS; = foo.example NS b.test;");

    (void)state;
    assert_memory_equal(first.cut, "\3foo\7example", first.cut_len);
    assert_int_equal(first.cut_hash, other.cut_hash);
    assert_false(first.content == other.content);
    assert_true(
        first.content == digest_text("qr; ? foo.example NS; = foo.example NS a.test;").content);
}

static void
message_without_ns_has_no_digest(void **state)
{
    struct gw_referral referral = {.cut_len = 99};

    (void)state;
    gw_builder_text(&builder, "qr aa; ? a.b A; @ b SOA a b;");
    payload = gw_builder_payload(builder.octets, builder.len);
    gw_msg_parse(&payload, &msg);
    assert_false(gw_referral_digest(&msg, &key, &referral));
    assert_int_equal(referral.cut_len, 99);
}

static void
bulk_digests_the_delegations_in_order(void **state)
{
    static const char *const texts[] = {PLAIN, "? a.b A;", "qr; ? a.b A;", PLAIN};
    static uint8_t octets[GW_ARRAY_LEN(texts)][512];
    static struct gw_payload payloads[GW_ARRAY_LEN(texts)];
    struct gw_msg msgs[GW_ARRAY_LEN(texts)];
    struct gw_referral referrals[GW_ARRAY_LEN(texts)];

    (void)state;
    for (uint32_t i = 0; i < GW_ARRAY_LEN(texts); i++) {
        gw_builder_text(&builder, texts[i]);
        memcpy(octets[i], builder.octets, builder.len);
        payloads[i] = gw_builder_payload(octets[i], builder.len);
        gw_msg_parse(&payloads[i], &msgs[i]);
    }
    assert_int_equal(gw_referral_digest_bulk(msgs, GW_ARRAY_LEN(texts), &key, referrals), 2);
    assert_ptr_equal(referrals[0].msg, &msgs[0]);
    assert_ptr_equal(referrals[1].msg, &msgs[3]);
    assert_true(referrals[0].content == referrals[1].content);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_is_canonical_and_hashed),
        cmocka_unit_test(spelling_does_not_change_the_digest),
        cmocka_unit_test(every_target_and_address_counts),
        cmocka_unit_test(only_what_changes_the_meaning_changes_the_digest),
        cmocka_unit_test(transport_changes_the_digest),
        cmocka_unit_test(another_key_gives_other_hashes),
        cmocka_unit_test(answers_count_where_the_qname_is_a_target),
        cmocka_unit_test(ns_in_answer_is_digested_from_there),
        cmocka_unit_test(message_without_ns_has_no_digest),
        cmocka_unit_test(bulk_digests_the_delegations_in_order),
    };

    return cmocka_run_group_tests(tests, make_key, NULL);
}
