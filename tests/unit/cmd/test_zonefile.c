/* SPDX-License-Identifier: BSD-2-Clause */
#include "cmd/zonefile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define HEAD "$ORIGIN example.\n$TTL 60\n@ SOA ns1 host 7 900 300 600 60\n"

static struct gw_hash_key key;

static void
write_file(char *path, const char *octets, size_t len)
{
    const int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, octets, len), (ssize_t)len);
    close(fd);
}

/* Load one zone file that holds `octets`, as that of `zone` unless that is NULL. */
static int
load(const char *zone, const char *octets, size_t len, struct gw_reference **ret_reference,
    struct gw_error_text *ret_error)
{
    char path[] = "/tmp/gluewatch-zone-XXXXXX";
    char argument[300];
    const char *const paths[] = {argument};
    const struct gw_conf_zones zones = {
        .path = paths, .path_count = 1, .budget = 1u << 24, .key = &key};
    int result;

    write_file(path, octets, len);
    snprintf(argument, sizeof(argument), "%s%s%s", zone == NULL ? "" : zone,
        zone == NULL ? "" : "=", path);
    ret_error->text[0] = '\0';
    result = gw_conf_reference_open(&zones, ret_reference, ret_error);
    unlink(path);
    return result;
}

static void
a_zone_file_is_read_or_refused_with_its_line(void **state)
{
    static const struct {
        const char *shows, *zone, *octets;
        uint32_t delegations;
        const char *says; /* NULL: it is read */
    } rows[] = {
        {"a zone", NULL, HEAD "foo NS ns.foo\nns.foo A 192.0.2.1\n", 1, NULL},
        {"a last line without an end", NULL, HEAD "foo NS ns.foo", 1, NULL},
        {"a SOA on several lines", NULL,
            "$ORIGIN example.\n@ 60 IN SOA ns1 host (\n7 ; serial (\n 900\n300 600 60 )\n"
            "foo 60 NS ns.foo\n",
            1, NULL},
        {"quotes with a bracket and a semicolon", NULL,
            HEAD "x TXT \"(;\" \"\\\"(\"\nfoo NS ns.foo\n", 1, NULL},
        {"a zone transfer ends with the SOA", NULL,
            HEAD "foo NS ns.foo\n@ SOA ns1 host 7 900 300 600 60\n", 1, NULL},
        {"relative names with the zone named", "example",
            "@ 60 SOA ns1 host 7 900 300 600 60\nfoo 60 NS ns.foo\nbar 60 NS ns.foo\n", 2, NULL},
        {"relative names without", NULL, "@ 60 SOA ns1 host 7 900 300 600 60\n", 0,
            "line 1: a relative name"},
        {"an empty file", NULL, "", 0, "no SOA record"},
        {"comments only", NULL, "; nothing\n", 0, "no SOA record"},
        {"no SOA first", NULL, "foo.example. 60 NS ns.foo.example.\n", 0,
            "line 1: a zone begins with its SOA"},
        {"the SOA of another zone", NULL, HEAD "sub SOA ns1 host 7 900 300 600 60\n", 0,
            "line 4: the SOA record of another zone"},
        {"another class", NULL, HEAD "foo 60 CH NS ns.foo\n", 0, "line 4: "},
        {"another file", NULL, HEAD "$INCLUDE /etc/passwd\n", 0, "line 4: $INCLUDE is not"},
        {"an address that is none", NULL, HEAD "foo NS ns.foo\nns.foo A 192.0.2\n", 0, "line 5: "},
        {"an open bracket", NULL, HEAD "\nfoo NS (\n", 0, "line "},
        {"binary", NULL, "\177ELF\2\1\1", 0, "line 1: "},
    };

    (void)state;
    gw_hash_key_seeded(&key, 3);
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        struct gw_reference *reference = NULL;
        struct gw_error_text error;
        const int result =
            load(rows[i].zone, rows[i].octets, strlen(rows[i].octets), &reference, &error);

        if (result != (rows[i].says == NULL ? GW_DONE : GW_E_FORMAT) ||
            (rows[i].says != NULL && strstr(error.text, rows[i].says) == NULL) ||
            (reference != NULL && gw_reference_count(reference) != rows[i].delegations))
            fail_msg("%s: %d, %s", rows[i].shows, result, error.text);
        if (reference != NULL) {
            assert_int_equal(gw_reference_zone_at(reference, 0)->serial, 7);
            assert_int_equal(gw_reference_zone_at(reference, 0)->refresh_s, 900);
        }
        gw_reference_free(reference);
    }
}

static void
every_prefix_of_a_zone_file_is_read_or_refused(void **state)
{
    static const char octets[] = HEAD "foo 60 IN NS ( ns1.foo ) ; x\n 60 NS ns2.foo\n"
                                      "t TXT \"a;b\" ( \"c\"\n)\nns1.foo AAAA 2001:db8::1\n";

    (void)state;
    gw_hash_key_seeded(&key, 3);
    for (size_t len = 0; len < sizeof(octets); len++) {
        struct gw_reference *reference = NULL;
        struct gw_error_text error;
        const int result = load(NULL, octets, len, &reference, &error);

        assert_true((result == GW_DONE) == (reference != NULL));
        assert_true(result == GW_DONE || error.text[0] != '\0');
        gw_reference_free(reference);
    }
}

/* Longer than what is read at a time, and nowhere else than at the end of a record is it cut. */
static void
a_long_file_is_read_to_its_end(void **state)
{
    enum {
        COUNT = 60000
    };
    char *octets = malloc(COUNT * 64);
    size_t len = (size_t)snprintf(octets, 100, "%s", HEAD);
    struct gw_reference *reference = NULL;
    struct gw_error_text error;

    (void)state;
    assert_non_null(octets);
    gw_hash_key_seeded(&key, 3);
    for (uint32_t i = 0; i < COUNT; i++)
        len += (size_t)(i % 3 == 0 ? snprintf(octets + len, 64, "d%u NS (\nns.d%u )\n", i, i)
                                   : snprintf(octets + len, 64, "d%u NS ns%u ; \"(\n", i, i));
    assert_int_equal(load(NULL, octets, len, &reference, &error), GW_DONE);
    assert_int_equal(gw_reference_count(reference), COUNT);
    gw_reference_free(reference);
    len += (size_t)snprintf(octets + len, 64, "bad A x\n");
    assert_int_equal(load(NULL, octets, len, &reference, &error), GW_E_FORMAT);
    assert_non_null(strstr(error.text, "line 80004: ")); /* a third of them take two lines */
    free(octets);
}

static void
a_reference_that_does_not_fit_is_refused(void **state)
{
    char path[] = "/tmp/gluewatch-zone-XXXXXX";
    const char *const paths[] = {path};
    const struct gw_conf_zones zones = {
        .path = paths, .path_count = 1, .budget = 100000, .key = &key};
    struct gw_reference *reference = NULL;
    struct gw_error_text error;

    (void)state;
    gw_hash_key_seeded(&key, 3);
    write_file(path, HEAD "foo NS ns.foo\n", strlen(HEAD "foo NS ns.foo\n"));
    assert_int_equal(gw_conf_reference_open(&zones, &reference, &error), GW_E_NOMEM);
    assert_non_null(strstr(error.text, "line 4: no room for more"));
    unlink(path);
}

static void
root_hints_are_read_or_refused(void **state)
{
    static const struct {
        const char *shows, *octets;
        uint32_t addresses;
        const char *says;
    } rows[] = {
        {"hints", ". 60 NS A.lab.\n. NS b.lab.\na.lab. A 192.0.2.1\nB.lab. AAAA 2001:db8::1\n", 2,
            NULL},
        {"addresses before names", "a.lab. 60 A 192.0.2.1\n. 60 NS a.lab.\n", 1, NULL},
        {"an address of another name", ". 60 NS a.lab.\na.lab. A 192.0.2.1\nc.lab. A 192.0.2.2\n",
            1, NULL},
        {"no address", ". 60 NS a.lab.\n", 0, "no NS record of the root that has"},
        {"nothing", "", 0, "no NS record of the root"},
        {"a mistake", ". 60 NS a.lab.\na.lab. A x\n", 0, "line 2: "},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        char path[] = "/tmp/gluewatch-hints-XXXXXX";
        static struct gw_reference_roots roots;
        struct gw_error_text error = {.text = ""};
        int result;

        write_file(path, rows[i].octets, strlen(rows[i].octets));
        result = gw_conf_roots_open(path, &roots, &error);
        unlink(path);
        if (result != (rows[i].says == NULL ? GW_DONE : GW_E_FORMAT) ||
            roots.count != rows[i].addresses ||
            (rows[i].says != NULL && strstr(error.text, rows[i].says) == NULL))
            fail_msg("%s: %d, %u, %s", rows[i].shows, result, roots.count, error.text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_zone_file_is_read_or_refused_with_its_line),
        cmocka_unit_test(every_prefix_of_a_zone_file_is_read_or_refused),
        cmocka_unit_test(a_long_file_is_read_to_its_end),
        cmocka_unit_test(a_reference_that_does_not_fit_is_refused),
        cmocka_unit_test(root_hints_are_read_or_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
