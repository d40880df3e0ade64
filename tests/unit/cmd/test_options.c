/* SPDX-License-Identifier: BSD-2-Clause */
#include "cmd/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define WORDS_MAX 24

/* Files that exist wherever the test runs, and one that does not. */
#define HERE   "/dev/null"
#define ABSENT "/absent/file"

struct line {
    const char *word[WORDS_MAX];
};

static int
parse(const struct line *line, struct gw_opt *ret_opt, struct gw_error_text *ret_error)
{
    char *argv[WORDS_MAX + 2] = {(char *)(uintptr_t) "gluewatch"};
    int argc = 1;

    for (; argc <= WORDS_MAX && line->word[argc - 1] != NULL; argc++)
        argv[argc] = (char *)(uintptr_t)line->word[argc - 1];
    ret_error->text[0] = '\0';
    return gw_opt_parse(ret_opt, argc, argv, ret_error);
}

static bool
same(const char *seen, const char *expected)
{
    return seen == NULL || expected == NULL ? seen == expected : strcmp(seen, expected) == 0;
}

static void
plain_arguments_are_inputs_until_one_does_not_exist(void **state)
{
    static const struct {
        const char *shows;
        struct line line;
        uint32_t inputs;
        const char *filter;
        const char *first_word;
    } rows[] = {
        {"one input", {{HERE}}, 1, NULL, NULL},
        {"an input by option", {{"-r", HERE}}, 1, NULL, NULL},
        {"an input by option need not exist", {{"-r", ABSENT}}, 1, NULL, NULL},
        {"standard input", {{"-"}}, 1, NULL, NULL},
        {"inputs of both kinds", {{HERE, "-r", HERE, "-", HERE}}, 4, NULL, NULL},
        {"a filter of words", {{HERE, "port", "53"}}, 1, "port 53", "port"},
        {"a filter of one argument", {{HERE, "port 53"}}, 1, "port 53", "port 53"},
        {"a filter may hold what exists", {{HERE, "host", HERE}}, 1, "host " HERE, "host"},
        {"a filter may hold what looks like an option", {{HERE, "len", "-", "1"}}, 1, "len - 1",
            "len"},
        {"a filter is not searched for options", {{HERE, "port", "-q"}}, 1, "port -q", "port"},
        {"what follows two dashes is a filter", {{HERE, "--", HERE}}, 1, HERE, NULL},
        {"two dashes after an option", {{HERE, "-q", "--", "tcp"}}, 1, "tcp", NULL},
        {"two dashes and nothing", {{HERE, "--"}}, 1, NULL, NULL},
        {"two dashes twice", {{HERE, "--", "--"}}, 1, "--", NULL},
        {"two dashes as a value", {{"-r", "--", HERE}}, 2, NULL, NULL},
        {"a value joined to its letter", {{"-r" HERE, "tcp"}}, 1, "tcp", "tcp"},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        struct gw_error_text error;
        struct gw_opt opt;

        if (parse(&rows[i].line, &opt, &error) != GW_DONE || opt.input_count != rows[i].inputs ||
            !same(opt.filter, rows[i].filter) || !same(opt.first_word, rows[i].first_word))
            fail_msg("%s: %u inputs, filter %s, %s", rows[i].shows, opt.input_count,
                opt.filter == NULL ? "none" : opt.filter, error.text);
        gw_opt_done(&opt);
    }
}

static void
a_wrong_command_line_is_told_in_words(void **state)
{
    static const struct {
        const char *shows;
        struct line line;
        int result;
        const char *says;
    } rows[] = {
        {"nothing", {{NULL}}, GW_E_USAGE, "nothing to read"},
        {"options alone", {{"-q", "-v"}}, GW_E_USAGE, "nothing to read"},
        {"two dashes alone", {{"--"}}, GW_E_USAGE, "nothing to read"},
        {"a first argument that does not exist", {{ABSENT}}, GW_E_OPEN, ABSENT ": No such file"},
        {"an unknown letter", {{HERE, "-x"}}, GW_E_USAGE, "unknown option: -x"},
        {"an unknown letter among known ones", {{HERE, "-qxv"}}, GW_E_USAGE, "unknown option: -x"},
        {"an unknown name", {{"--wide", HERE}}, GW_E_USAGE, "--wide"},
        {"an ambiguous name", {{"--ver", HERE}}, GW_E_USAGE, "ambiguous option: --ver"},
        {"a flag with a value", {{"--quiet=yes", HERE}}, GW_E_USAGE, "takes no value"},
        {"a letter without its value", {{HERE, "-c"}}, GW_E_USAGE, "without its value: -c"},
        {"a name without its value", {{HERE, "--memory"}}, GW_E_USAGE, "value: --memory"},
        {"an input without a name", {{"-r", ""}}, GW_E_USAGE, "input"},
        {"no packets", {{HERE, "-c", "0"}}, GW_E_USAGE, "--count"},
        {"no threads", {{HERE, "--workers", "0"}}, GW_E_USAGE, "--workers"},
        {"too many threads", {{HERE, "--workers", "65"}}, GW_E_USAGE, "--workers"},
        {"threads and more", {{HERE, "--workers", "2x"}}, GW_E_USAGE, "--workers"},
        {"a number and more", {{HERE, "-c", "5 "}}, GW_E_USAGE, "--count"},
        {"a negative number", {{HERE, "-c", "-5"}}, GW_E_USAGE, "--count"},
        {"a number past 64 bits", {{HERE, "-c", "18446744073709551616"}}, GW_E_USAGE, "--count"},
        {"little memory", {{HERE, "--memory", "8388607"}}, GW_E_USAGE, "--memory"},
        {"a unit of two letters", {{HERE, "--memory", "64MB"}}, GW_E_USAGE, "--memory"},
        {"a unit that is none", {{HERE, "--memory", "64\x0d"}}, GW_E_USAGE, "--memory"},
        {"a space for a unit", {{HERE, "--memory", "64 "}}, GW_E_USAGE, "--memory"},
        {"memory that overflows", {{HERE, "--memory", "18014398509481984K"}}, GW_E_USAGE,
            "--memory"},
        {"statistics to nowhere", {{HERE, "--stats="}}, GW_E_USAGE, "--stats"},
        {"a filter file that is absent", {{HERE, "-F", ABSENT}}, GW_E_USAGE, ABSENT ": No such"},
        {"two filters", {{HERE, "-F", HERE, "tcp"}}, GW_E_USAGE, "beside -F"},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        struct gw_error_text error;
        struct gw_opt opt;
        const int result = parse(&rows[i].line, &opt, &error);

        if (result != rows[i].result || strstr(error.text, rows[i].says) == NULL)
            fail_msg("%s: %d, \"%s\"", rows[i].shows, result, error.text);
        gw_opt_done(&opt);
    }
}

static void
memory_takes_units_of_1024(void **state)
{
    static const struct {
        const char *text;
        uint64_t octets;
    } rows[] = {
        {"8388608", 8388608},
        {"8192K", 8388608},
        {"8192k", 8388608},
        {"64M", 67108864},
        {"64m", 67108864},
        {"2G", 2147483648},
        {"16T", 17592186044416},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        const struct line line = {{"--memory", rows[i].text, HERE}};
        struct gw_error_text error;
        struct gw_opt opt;

        assert_int_equal(parse(&line, &opt, &error), GW_DONE);
        if (opt.memory != rows[i].octets)
            fail_msg("%s: %llu octets", rows[i].text, (unsigned long long)opt.memory);
        gw_opt_done(&opt);
    }
}

static void
options_without_a_word_have_the_values_that_the_help_tells(void **state)
{
    const struct line line = {{HERE}};
    struct gw_error_text error;
    struct gw_opt opt;

    (void)state;
    assert_int_equal(parse(&line, &opt, &error), GW_DONE);
    assert_int_equal(opt.memory, 512ull * 1024 * 1024);
    assert_int_equal(opt.fail_on, GW_SEVERITY_COUNT);
    assert_int_equal(opt.colour, GW_OPT_COLOUR_AUTO);
    assert_int_equal(opt.frame_max, 0);
    assert_int_equal(opt.output_count, 0);
    assert_null(opt.stats_path);
    assert_false(opt.lab || opt.quiet || opt.verbose || opt.help || opt.version);
    gw_opt_done(&opt);
}

static void
every_option_is_taken_by_letter_and_by_name(void **state)
{
    static const struct line lines[] = {
        {{"-qv", "-o", "text", "-ojson:x", "-c7", "--stats", "s", "--state", "k", "--profile",
            "lab", "--fail-on", "high", "--color", "never", "-r", HERE}},
        {{"--quiet", "--verbose", "--output=text", "--output", "json:x", "--count=7", "--stats=s",
            "--state=k", "--profile=lab", "--fail-on=high", "--color=never", "--read=" HERE}},
        {{HERE, "--quie", "--verb", "--out", "text", "--out=json:x", "--cou", "7", "--stats", "s",
            "--state", "k", "--prof", "lab", "--fail", "high", "--col", "never"}},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(lines); i++) {
        struct gw_error_text error;
        struct gw_opt opt;

        assert_int_equal(parse(&lines[i], &opt, &error), GW_DONE);
        assert_true(opt.quiet && opt.verbose && opt.lab);
        assert_int_equal(opt.output_count, 2);
        assert_string_equal(opt.output[0], "text");
        assert_string_equal(opt.output[1], "json:x");
        assert_string_equal(opt.stats_path, "s");
        assert_string_equal(opt.state_path, "k");
        assert_int_equal(opt.frame_max, 7);
        assert_int_equal(opt.fail_on, GW_HIGH);
        assert_int_equal(opt.colour, GW_OPT_COLOUR_NEVER);
        assert_int_equal(opt.input_count, 1);
        assert_string_equal(opt.input[0], HERE);
        gw_opt_done(&opt);
    }
}

static void
a_command_is_the_first_argument_only(void **state)
{
    static const struct {
        const char *what;
        struct line line;
        int result;
        enum gw_opt_command command;
    } cases[] = {
        {"merge with a file to write", {{"merge", "-o", "x", HERE}}, GW_DONE, GW_OPT_MERGE},
        {"merge of several", {{"merge", HERE, HERE, "-ox"}}, GW_DONE, GW_OPT_MERGE},
        {"merge into nothing", {{"merge", HERE}}, GW_E_USAGE, GW_OPT_MERGE},
        {"merge of nothing", {{"merge", "-o", "x"}}, GW_E_USAGE, GW_OPT_MERGE},
        {"merge into two", {{"merge", "-ox", "-oy", HERE}}, GW_E_USAGE, GW_OPT_MERGE},
        {"merge with what it cannot use", {{"merge", "-ox", "-c1", HERE}}, GW_E_USAGE,
            GW_OPT_MERGE},
        {"merge of what is not there", {{"merge", "-ox", HERE, "absent"}}, GW_E_USAGE,
            GW_OPT_MERGE},
        {"diff", {{"diff", HERE, HERE}}, GW_DONE, GW_OPT_DIFF},
        {"diff with a filter", {{"diff", HERE, HERE, "udp"}}, GW_DONE, GW_OPT_DIFF},
        {"diff as JSON", {{"diff", "-o", "json", HERE, HERE}}, GW_DONE, GW_OPT_DIFF},
        {"diff in another format", {{"diff", "-o", "stats", HERE, HERE}}, GW_E_USAGE, GW_OPT_DIFF},
        {"diff of one", {{"diff", HERE}}, GW_E_USAGE, GW_OPT_DIFF},
        {"diff that keeps a state", {{"diff", "--state=k", HERE, HERE}}, GW_E_USAGE, GW_OPT_DIFF},
        {"a command behind an option", {{"-q", "merge"}}, GW_E_OPEN, GW_OPT_ANALYZE},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(cases); i++) {
        struct gw_error_text error;
        struct gw_opt opt;
        const int result = parse(&cases[i].line, &opt, &error);

        if (result != cases[i].result || opt.command != cases[i].command)
            fail_msg("%s", cases[i].what);
        gw_opt_done(&opt);
    }
}

static void
help_and_version_need_no_input(void **state)
{
    static const struct line lines[] = {{{"-h"}}, {{"-V"}}, {{"--help"}}, {{"--version"}}};

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(lines); i++) {
        struct gw_error_text error;
        struct gw_opt opt;

        assert_int_equal(parse(&lines[i], &opt, &error), GW_DONE);
        assert_true(opt.help == (i % 2 == 0) && opt.version == (i % 2 == 1));
        gw_opt_done(&opt);
    }
}

static void
one_output_is_kept_free_for_the_statistics_and_one_for_an_explanation(void **state)
{
    char *argv[2 * GW_PIPELINE_SINKS_MAX + 3];
    struct gw_error_text error;
    struct gw_opt opt;
    int argc = 0;

    (void)state;
    argv[argc++] = (char *)(uintptr_t) "gluewatch";
    argv[argc++] = (char *)(uintptr_t)HERE;
    for (uint32_t i = 0; i < GW_OPT_OUTPUTS_MAX; i++) {
        argv[argc++] = (char *)(uintptr_t) "-o";
        argv[argc++] = (char *)(uintptr_t) "json";
    }
    argv[argc] = NULL;
    assert_int_equal(gw_opt_parse(&opt, argc, argv, &error), GW_DONE);
    assert_int_equal(opt.output_count + 2, GW_PIPELINE_SINKS_MAX);
    gw_opt_done(&opt);

    argv[argc++] = (char *)(uintptr_t) "-ojson";
    argv[argc] = NULL;
    assert_int_equal(gw_opt_parse(&opt, argc, argv, &error), GW_E_USAGE);
    gw_opt_done(&opt);
}

static void
a_filter_file_may_hold_comments(void **state)
{
    static const struct {
        const char *shows;
        const char *text;
        size_t len;
        const char *filter; /* NULL: refused */
    } rows[] = {
        {"one line", "port 53\n", 8, "port 53\n"},
        {"no end of line", "port 53", 7, "port 53"},
        {"nothing", "", 0, ""},
        {"a comment", "# a\nport 53", 11, "   \nport 53"},
        {"a comment after a word", "tcp#a\n#\n", 8, "tcp  \n \n"},
        {"a comment that ends the file", "tcp #x", 6, "tcp   "},
        {"a NUL", "tcp\0port", 8, NULL},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        char path[] = "/tmp/gluewatch-filter-XXXXXX";
        const int fd = mkstemp(path);
        const struct line line = {{HERE, "-F", path}};
        struct gw_error_text error;
        struct gw_opt opt;

        assert_true(fd >= 0);
        assert_int_equal(write(fd, rows[i].text, rows[i].len), (ssize_t)rows[i].len);
        close(fd);

        const int result = parse(&line, &opt, &error);

        unlink(path);
        if ((result == GW_DONE) != (rows[i].filter != NULL) ||
            (result == GW_DONE && !same(opt.filter, rows[i].filter)))
            fail_msg("%s: %d, \"%s\"", rows[i].shows, result, opt.filter);
        gw_opt_done(&opt);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_arguments_are_inputs_until_one_does_not_exist),
        cmocka_unit_test(a_wrong_command_line_is_told_in_words),
        cmocka_unit_test(memory_takes_units_of_1024),
        cmocka_unit_test(options_without_a_word_have_the_values_that_the_help_tells),
        cmocka_unit_test(every_option_is_taken_by_letter_and_by_name),
        cmocka_unit_test(a_command_is_the_first_argument_only),
        cmocka_unit_test(help_and_version_need_no_input),
        cmocka_unit_test(one_output_is_kept_free_for_the_statistics_and_one_for_an_explanation),
        cmocka_unit_test(a_filter_file_may_hold_comments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
