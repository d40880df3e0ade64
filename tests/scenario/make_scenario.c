/* SPDX-License-Identifier: BSD-2-Clause */
/* The program `scenario`: plays a scenario and writes its capture and what must be found in it. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/scenario/list.h"

#define YEAR_NS      (INT64_C(31557600) * SC_SECOND)
#define WRITE_BUFFER (1u << 20)

struct scenario {
    const char *id;
    void (*play)(struct sc_world *world);
    bool is_quick; /**< it can happen in 20 seconds */
    const char *line;
};

#define SC_ROW(id, function, is_quick, line) {id, function, is_quick, line},
static const struct scenario scenarios[] = {SC_LIST(SC_ROW)};
#undef SC_ROW

#define SCENARIOS (sizeof(scenarios) / sizeof(scenarios[0]))

static const struct sc_manner manners[] = {
    {.name = "plain"},
    {.name = "order", .shuffled = true},
    {.name = "0x20", .mixed_case = true},
    {.name = "uncompressed", .plain = true},
    {.name = "dnssec", .dnssec = true},
    {.name = "vlan", .recording = {.vlan = true}},
    {.name = "mpls", .recording = {.mpls = true}},
    {.name = "ipv6", .recording = {.swap_families = true}},
    {.name = "extension", .recording = {.swap_families = true, .extension = true}},
    {.name = "later", .recording = {.shift_ns = 7 * YEAR_NS}},
    {.name = "doubled", .recording = {.doubled = true}},
    {.name = "responses", .recording = {.responses_only = true}},
    {.name = "loss", .recording = {.loss_per_mille = 10}},
    {.name = "snap96", .recording = {.snap_len = 96}},
};

#define MANNERS (sizeof(manners) / sizeof(manners[0]))

/** What the command line asks for. */
struct order {
    const struct scenario *scenario;
    const struct sc_manner *manner;
    uint64_t seed;
    uint32_t flood; /**< 0: as usual */
    bool is_short;
    const char *folder; /**< NULL: capture only */
    const char *output; /**< of the capture, or NULL */
};

static _Noreturn void
usage(void)
{
    fputs("usage: scenario list [--short]\n"
          "       scenario variants\n"
          "       scenario make ID [--seed N] [--variant NAME] [--short] [--flood N] -d DIR\n"
          "       scenario make ID [--seed N] [--variant NAME] [--short] [--flood N] -w FILE|-\n",
        stderr);
    exit(2);
}

static const struct scenario *
find_scenario(const char *id)
{
    for (uint32_t i = 0; i < SCENARIOS; i++) {
        if (strcmp(scenarios[i].id, id) == 0) {
            return &scenarios[i];
        }
    }
    sc_die("no such scenario");
}

static const struct sc_manner *
find_manner(const char *name)
{
    for (uint32_t i = 0; i < MANNERS; i++) {
        if (strcmp(manners[i].name, name) == 0) {
            return &manners[i];
        }
    }
    sc_die("no such variant");
}

static struct order
read_order(int argc, char **argv)
{
    static const struct option options[] = {{"seed", required_argument, NULL, 's'},
        {"variant", required_argument, NULL, 'v'}, {"short", no_argument, NULL, 'S'},
        {"flood", required_argument, NULL, 'f'}, {NULL, 0, NULL, 0}};
    struct order order = {.manner = &manners[0], .seed = 1};
    int letter;

    while ((letter = getopt_long(argc, argv, "d:w:", options, NULL)) != -1) {
        if (letter == 's') {
            order.seed = strtoull(optarg, NULL, 10);
        } else if (letter == 'v') {
            order.manner = find_manner(optarg);
        } else if (letter == 'S') {
            order.is_short = true;
        } else if (letter == 'f') {
            order.flood = (uint32_t)strtoul(optarg, NULL, 10);
        } else if (letter == 'd') {
            order.folder = optarg;
        } else if (letter == 'w') {
            order.output = optarg;
        } else {
            usage();
        }
    }
    if (optind != argc - 1 || (!order.folder && !order.output)) {
        usage();
    }
    order.scenario = find_scenario(argv[optind]);
    if (order.is_short && !order.scenario->is_quick) {
        fprintf(stderr, "scenario: %s takes longer than 20 seconds\n", order.scenario->id);
        exit(3);
    }
    return order;
}

static FILE *
open_in(const char *folder, const char *name)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *stream = fopen(path, "wb");
    if (!stream) {
        sc_die(strerror(errno));
    }
    return stream;
}

static void
close_well(FILE *stream)
{
    if (ferror(stream) || fclose(stream) != 0) {
        sc_die("cannot write");
    }
}

static void
write_capture(struct sc_world *world, FILE *stream)
{
    setvbuf(stream, NULL, _IOFBF, WRITE_BUFFER);
    if (!sc_capture_write(&world->capture, stream)) {
        sc_die("cannot write");
    }
}

static void
write_companions(const struct sc_world *world, const struct order *order)
{
    const struct sc_expect *expect = &world->expect;
    FILE *stream = open_in(order->folder, "args");

    for (uint32_t i = 0; i < expect->arg_count; i++) {
        fprintf(stream, "%s\n", expect->arg[i]);
    }
    close_well(stream);
    for (uint32_t i = 0; i < expect->file_count; i++) {
        stream = open_in(order->folder, expect->file[i].name);
        fputs(expect->file[i].content, stream);
        close_well(stream);
    }
    stream = open_in(order->folder, "expected.json");
    sc_expect_write(world, order->scenario->id, stream);
    close_well(stream);
}

static void
make(const struct order *order)
{
    struct sc_world *world = sc_world_new(order->seed, order->is_short, order->manner);

    if (order->flood != 0) {
        world->flood = order->flood;
    }
    order->scenario->play(world);
    if (order->folder) {
        if (mkdir(order->folder, 0777) != 0 && errno != EEXIST) {
            sc_die(strerror(errno));
        }
        write_companions(world, order);
        if (!order->output) {
            FILE *stream = open_in(order->folder, "capture.pcap");
            write_capture(world, stream);
            close_well(stream);
        }
    }
    if (order->output) {
        FILE *stream = strcmp(order->output, "-") == 0 ? stdout : fopen(order->output, "wb");
        if (!stream) {
            sc_die(strerror(errno));
        }
        write_capture(world, stream);
        close_well(stream);
    }
    sc_world_free(world);
}

static void
list(bool is_short)
{
    for (uint32_t i = 0; i < SCENARIOS; i++) {
        if (scenarios[i].is_quick || !is_short) {
            printf("%s %s\n", scenarios[i].id, scenarios[i].line);
        }
    }
}

int
main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "list") == 0) {
        list(false);
    } else if (argc == 3 && strcmp(argv[1], "list") == 0 && strcmp(argv[2], "--short") == 0) {
        list(true);
    } else if (argc == 2 && strcmp(argv[1], "variants") == 0) {
        for (uint32_t i = 0; i < MANNERS; i++) {
            puts(manners[i].name);
        }
    } else if (argc > 2 && strcmp(argv[1], "make") == 0) {
        struct order order = read_order(argc - 1, argv + 1);
        make(&order);
    } else {
        usage();
    }
    return 0;
}
