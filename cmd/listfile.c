/* SPDX-License-Identifier: BSD-2-Clause */
#include "cmd/listfile.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/textform.h"

/* A rule without `until` ends that long after its `since`. */
#define RULE_NS (90 * 24 * 3600 * GW_NS_PER_S)

/* A word of a line; not NUL-terminated. */
struct word {
    const char *text;
    size_t len;
};

/* A list being loaded. */
struct loading {
    const char *path;
    struct gw_lists *lists;
    uint32_t line;
    const char *start;               /* of the line */
    const char *rest;                /* what is to be read of it */
    bool has_since;                  /* a line of its own said `since` */
    int64_t since_ns;                /* and when */
    char (*group)[GW_LABEL_MAX + 1]; /* names of resolver groups, in order of number */
    uint32_t group_count, group_room;
    struct gw_error_text *error;
};

/* Takes one line; the first word is there. */
typedef int (*take_entry)(struct loading *loading, struct word first);

static int
fail(struct loading *loading, const char *at, const char *what)
{
    snprintf(loading->error->text, sizeof(loading->error->text), "%.300s:%u:%u: %s", loading->path,
        loading->line, (unsigned)(at - loading->start) + 1, what);
    return GW_E_FORMAT;
}

/* What adding to the lists came to. */
static int
added(struct loading *loading, struct word word, int result)
{
    if (result == GW_E_FORMAT)
        return fail(loading, word.text, "the list is too long");
    if (result == GW_E_NOMEM)
        snprintf(
            loading->error->text, sizeof(loading->error->text), "%.300s: no memory", loading->path);
    return result;
}

/* The next word of the line; false at its end. */
static bool
next_word(struct loading *loading, struct word *ret_word)
{
    const char *pos = loading->rest + strspn(loading->rest, " \t");

    loading->rest = pos;
    if (*pos == '\0' || *pos == '#')
        return false;
    *ret_word = (struct word){pos, strcspn(pos, " \t")};
    loading->rest = pos + ret_word->len;
    return true;
}

static int
end_line(struct loading *loading)
{
    struct word more;

    return next_word(loading, &more) ? fail(loading, more.text, "one entry per line") : GW_DONE;
}

static int
take_watch(struct loading *loading, struct word word)
{
    struct gw_name name;
    int result;

    if (!gw_conf_name(word.text, word.len, &name))
        return fail(loading, word.text, "no domain name");
    result = added(loading, word, gw_lists_watch(loading->lists, &name));
    return result == GW_DONE ? end_line(loading) : result;
}

/* A zone's name looks unlike an address: four numbers, a colon or a slash. */
static bool
looks_like_address(struct word word)
{
    size_t digits = 0;

    while (digits < word.len && strchr("0123456789./", word.text[digits]) != NULL)
        digits++;
    return digits == word.len || memchr(word.text, ':', word.len) != NULL ||
           memchr(word.text, '/', word.len) != NULL;
}

static int
take_internal(struct loading *loading, struct word word)
{
    struct gw_lists_prefix prefix;
    struct gw_name name;
    int result;

    if (word.len > 1 && looks_like_address(word)) {
        const char *problem = gw_conf_prefix(word.text, word.len, &prefix);

        if (problem != NULL)
            return fail(loading, word.text, problem);
        result = gw_lists_internal_prefix(loading->lists, &prefix);
    } else {
        if (!gw_conf_name(word.text, word.len, &name))
            return fail(loading, word.text, "no prefix and no zone");
        result = gw_lists_internal_zone(loading->lists, &name);
    }
    result = added(loading, word, result);
    return result == GW_DONE ? end_line(loading) : result;
}

/* The number of a resolver group; a name may come on several lines. */
static int
find_group(struct loading *loading, struct word word, uint32_t *ret_number)
{
    if (word.len > GW_LABEL_MAX)
        return fail(loading, word.text, "the name of a group has 63 octets at most");
    for (uint32_t i = 0; i < loading->group_count; i++)
        if (strlen(loading->group[i]) == word.len &&
            memcmp(loading->group[i], word.text, word.len) == 0) {
            *ret_number = i;
            return GW_DONE;
        }
    if (loading->group_count == GW_RESOLVER_GROUPS_MAX)
        return fail(loading, word.text, "too many groups");
    if (loading->group_count == loading->group_room) {
        const uint32_t room = loading->group_room + 64;
        void *bigger = realloc(loading->group, room * sizeof(loading->group[0]));

        if (bigger == NULL)
            return added(loading, word, GW_E_NOMEM);
        loading->group = bigger;
        loading->group_room = room;
    }
    memcpy(loading->group[loading->group_count], word.text, word.len);
    loading->group[loading->group_count][word.len] = '\0';
    *ret_number = loading->group_count++;
    return GW_DONE;
}

static int
take_group(struct loading *loading, struct word word)
{
    struct word member;
    uint32_t number = 0;
    uint32_t members = 0;
    int result = find_group(loading, word, &number);

    for (; result == GW_DONE && next_word(loading, &member); members++) {
        struct gw_lists_prefix prefix;
        const char *problem = gw_conf_prefix(member.text, member.len, &prefix);

        if (problem != NULL)
            return fail(loading, member.text, problem);
        result = added(loading, member, gw_lists_group_prefix(loading->lists, &prefix, number));
    }
    if (result == GW_DONE && members == 0)
        return fail(loading, loading->rest, "a group without an address");
    return result;
}

/* A suppression being read. */
struct rule {
    struct gw_suppression rule;
    bool has_until, has_since, has_reason;
    int64_t since_ns;
};

static int
set_kind(struct loading *loading, struct word value, struct rule *rule)
{
    static const char *const names[] = {
#define KIND_NAME(id, name, stem, channel, title, technique, cwe, source) name,
        GW_KIND_LIST(KIND_NAME)
#undef KIND_NAME
    };
    uint32_t matches = 0;

    if (value.len == 0 || value.len >= sizeof(rule->rule.kind))
        return fail(loading, value.text, "no kind of finding");
    memcpy(rule->rule.kind, value.text, value.len);
    rule->rule.kind[value.len] = '\0';
    if (strcmp(rule->rule.kind, names[GW_KIND_ROOT_MISMATCH]) == 0 ||
        strcmp(rule->rule.kind, names[GW_KIND_REFERENCE_MISMATCH]) == 0)
        return fail(loading, value.text, "findings of this kind are never held back");
    for (size_t i = 0; i < GW_ARRAY_LEN(names); i++)
        matches += fnmatch(rule->rule.kind, names[i], 0) == 0;
    return matches == 0 ? fail(loading, value.text, "no kind of finding") : GW_DONE;
}

static int
set_prefix(struct loading *loading, struct word value, struct gw_lists_prefix *prefix)
{
    const char *problem = gw_conf_prefix(value.text, value.len, prefix);

    return problem == NULL ? GW_DONE : fail(loading, value.text, problem);
}

static int
set_time(struct loading *loading, struct word value, bool *has, int64_t *ns)
{
    *has = gw_conf_time(value.text, value.len, ns);
    return *has ? GW_DONE
                : fail(loading, value.text, "no time: 2026-11-23 or 2026-11-23T08:00:00Z is one");
}

/* The reason is the rest of the line. */
static int
set_reason(struct loading *loading, struct word value, struct rule *rule)
{
    size_t len = strlen(value.text);

    while (len > 0 && (value.text[len - 1] == ' ' || value.text[len - 1] == '\t'))
        len--;
    loading->rest = value.text + strlen(value.text);
    if (len == 0)
        return fail(loading, value.text, "a rule needs a reason");
    if (len >= sizeof(rule->rule.reason))
        return fail(loading, value.text, "a reason of more than 199 octets");
    memcpy(rule->rule.reason, value.text, len);
    rule->rule.reason[len] = '\0';
    rule->has_reason = true;
    return GW_DONE;
}

static bool
is_key(struct word word, const char *key, struct word *ret_value)
{
    const size_t len = strlen(key);

    if (word.len <= len || memcmp(word.text, key, len) != 0 || word.text[len] != '=')
        return false;
    *ret_value = (struct word){word.text + len + 1, word.len - len - 1};
    return true;
}

static int
set_field(struct loading *loading, struct word word, struct rule *rule)
{
    struct word value;

    if (is_key(word, "kind", &value))
        return set_kind(loading, value, rule);
    if (is_key(word, "name", &value))
        return gw_conf_name(value.text, value.len, &rule->rule.name)
                   ? GW_DONE
                   : fail(loading, value.text, "no domain name");
    if (is_key(word, "address", &value))
        return set_prefix(loading, value, &rule->rule.address);
    if (is_key(word, "resolver", &value))
        return set_prefix(loading, value, &rule->rule.resolver);
    if (is_key(word, "since", &value))
        return set_time(loading, value, &rule->has_since, &rule->since_ns);
    if (is_key(word, "until", &value))
        return set_time(loading, value, &rule->has_until, &rule->rule.until_ns);
    if (is_key(word, "reason", &value))
        return set_reason(loading, value, rule);
    return fail(loading, word.text,
        "kind=, name=, address=, resolver=, since=, until= or reason= is wanted");
}

static bool
is_about_something(const struct gw_suppression *rule)
{
    return rule->kind[0] != '\0' || rule->name.len != 0 || rule->address.addr.family != 0 ||
           rule->resolver.addr.family != 0;
}

static int
take_suppression(struct loading *loading, struct word word)
{
    struct rule rule = {.has_since = loading->has_since, .since_ns = loading->since_ns};
    const struct word first = word;
    int result;

    do
        result = set_field(loading, word, &rule);
    while (result == GW_DONE && next_word(loading, &word));
    if (result != GW_DONE)
        return result;
    if (!is_about_something(&rule.rule) && !rule.has_reason && !rule.has_until) {
        loading->has_since = rule.has_since;
        loading->since_ns = rule.since_ns;
        return GW_DONE;
    }
    if (!is_about_something(&rule.rule))
        return fail(loading, first.text, "a rule needs kind=, name=, address= or resolver=");
    if (!rule.has_reason)
        return fail(loading, loading->rest, "a rule needs a reason");
    if (!rule.has_until && !rule.has_since)
        return fail(loading, first.text, "a rule needs until=, or since= for its 90 days");
    if (!rule.has_until)
        rule.rule.until_ns = rule.since_ns + RULE_NS;
    if (rule.rule.kind[0] == '\0')
        memcpy(rule.rule.kind, "*", 2);
    rule.rule.line = loading->line;
    return added(loading, first, gw_lists_suppress(loading->lists, &rule.rule));
}

/* The first octet of a line that is no text, or NULL. */
static const char *
find_no_text(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((line[i] < ' ' && line[i] != '\t') || line[i] > '~')
            return line + i;
    return NULL;
}

static int
take_line(struct loading *loading, char *line, size_t len, take_entry take)
{
    struct word first;

    loading->line++;
    loading->start = line;
    loading->rest = line;
    if (len > 0 && line[len - 1] == '\n')
        len--;
    if (len > 0 && line[len - 1] == '\r')
        len--;

    const char *comment = memchr(line, '#', len);
    const char *no_text = find_no_text(line, len);

    if (no_text != NULL && (comment == NULL || no_text < comment || *no_text == '\0'))
        return fail(loading, no_text, "an octet that is no printable ASCII");
    line[len] = '\0';
    return next_word(loading, &first) ? take(loading, first) : GW_DONE;
}

static int
load_file(struct loading *loading, const char *path, take_entry take)
{
    FILE *file = fopen(path, "r");
    char line[GW_LIST_LINE_MAX + 2];
    int result = GW_DONE;
    size_t len = 0;
    int octet = 0;

    loading->path = path;
    loading->line = 0;
    loading->has_since = false;
    while (file != NULL && result == GW_DONE && octet != EOF) {
        octet = getc(file);
        if (octet != EOF)
            line[len++] = (char)octet;
        if (len == GW_LIST_LINE_MAX + 1 && octet != '\n') {
            loading->line++;
            loading->start = line;
            result = fail(loading, line + GW_LIST_LINE_MAX, "a line longer than 4096 octets");
        } else if (octet == '\n' || (octet == EOF && len > 0)) {
            result = take_line(loading, line, len, take);
            len = 0;
        }
    }
    if (file == NULL || (result == GW_DONE && ferror(file))) {
        snprintf(loading->error->text, sizeof(loading->error->text), "%.300s: %s", path,
            strerror(errno));
        result = file == NULL ? GW_E_OPEN : GW_E_READ;
    }
    if (file != NULL)
        fclose(file);
    return result;
}

static int
load_files(struct loading *loading, const struct gw_conf_paths *paths, take_entry take)
{
    int result = GW_DONE;

    for (uint32_t i = 0; i < paths->count && result == GW_DONE; i++)
        result = load_file(loading, paths->path[i], take);
    return result;
}

/* Each a prefix itself, or a file. */
static int
load_internal(struct loading *loading, const struct gw_conf_paths *paths)
{
    int result = GW_DONE;

    for (uint32_t i = 0; i < paths->count && result == GW_DONE; i++) {
        const struct word word = {paths->path[i], strlen(paths->path[i])};
        struct gw_lists_prefix prefix;

        loading->path = paths->path[i];
        if (gw_conf_prefix(word.text, word.len, &prefix) == NULL)
            result = added(loading, word, gw_lists_internal_prefix(loading->lists, &prefix));
        else
            result = load_file(loading, paths->path[i], take_internal);
    }
    return result;
}

static int
seal(struct loading *loading, const struct gw_conf_list_spec *spec)
{
    struct gw_lists_prefix twice = {.bits = 0};
    char text[64] = "";

    if (gw_lists_seal(loading->lists, &twice) == GW_DONE)
        return GW_DONE;
    gw_conf_prefix_text(&twice, text, sizeof(text));
    snprintf(loading->error->text, sizeof(loading->error->text), "%.300s: %s is in two groups",
        spec->groups.path[spec->groups.count - 1], text);
    return GW_E_FORMAT;
}

int
gw_conf_lists_open(const struct gw_conf_list_spec *spec, struct gw_lists **ret_lists,
    struct gw_error_text *ret_error)
{
    struct loading loading = {.error = ret_error};
    int result = GW_DONE;

    *ret_lists = NULL;
    if (spec->watch.count + spec->internal.count + spec->groups.count + spec->suppress.count == 0)
        return GW_DONE;
    loading.lists = gw_lists_new();
    if (loading.lists == NULL) {
        snprintf(ret_error->text, sizeof(ret_error->text), "no memory for lists");
        return GW_E_NOMEM;
    }
    result = load_files(&loading, &spec->watch, take_watch);
    if (result == GW_DONE)
        result = load_internal(&loading, &spec->internal);
    if (result == GW_DONE)
        result = load_files(&loading, &spec->groups, take_group);
    if (result == GW_DONE)
        result = load_files(&loading, &spec->suppress, take_suppression);
    if (result == GW_DONE)
        result = seal(&loading, spec);
    free(loading.group);
    if (result == GW_DONE)
        *ret_lists = loading.lists;
    else
        gw_lists_free(loading.lists);
    return result;
}
