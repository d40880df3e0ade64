/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/support/referral_model.h"

#include <stdio.h>
#include <string.h>

#define PART_MAX 400u

uint32_t
gw_model_next(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* Whether @p name is @p cut or ends in "." and @p cut. */
static bool
is_in_domain(const char *name, const char *cut)
{
    const size_t name_len = strlen(name);
    const size_t cut_len = strlen(cut);

    if (name_len < cut_len || strcmp(name + name_len - cut_len, cut) != 0)
        return false;
    return name_len == cut_len || name[name_len - cut_len - 1] == '.';
}

static void
make_target(struct gw_model *model, uint32_t index, uint32_t *state)
{
    static const char *const zones[] = {"sibling.example", "provider.test", "test", "a.b.c.d.test"};
    const uint32_t choice = gw_model_next(state) % 8;
    char target[GW_MODEL_TEXT];

    if (choice == 0 && index == 0) /* the cut as its own name server */
        snprintf(target, sizeof(target), "%s", model->cut);
    else
        snprintf(target, sizeof(target), "ns%u.%.40s", index,
            choice < 4 ? model->cut : zones[choice - 4]);
    memcpy(model->target[index], target, sizeof(target));
    model->in_domain[index] = is_in_domain(target, model->cut);
    model->target_ttl_s[index] = gw_model_next(state) % 100000;
}

static void
make_glue(struct gw_model *model, uint32_t index, uint32_t *state)
{
    struct gw_model_glue *glue = &model->glue[index];
    const uint32_t owners = model->target_count + model->stray_count;
    const uint32_t owner = gw_model_next(state) % owners;

    glue->owner =
        owner < model->target_count ? owner : GW_MODEL_TARGETS + owner - model->target_count;
    glue->family = gw_model_next(state) % 2 == 0 ? 4 : 6;
    glue->last = (uint8_t)(index + 1); /* all differ */
    glue->ttl_s = gw_model_next(state) % 100000;
}

void
gw_model_random(struct gw_model *model, uint32_t seed)
{
    static const char *const cuts[] = {
        "example", "foo.example", "xn--abc.deep.er.example", "z", "9.1.0.e164.example"};
    uint32_t state = seed * 2654435761u + 1u;
    char name[GW_MODEL_TEXT];

    memset(model, 0, sizeof(*model));
    state = state == 0 ? 1 : state;
    gw_model_next(&state);
    snprintf(model->cut, GW_MODEL_TEXT, "%s", cuts[gw_model_next(&state) % GW_ARRAY_LEN(cuts)]);
    snprintf(name, sizeof(name), "%s%.40s", seed % 3 == 0 ? "" : "www.", model->cut);
    memcpy(model->qname, name, sizeof(name));
    model->target_count = 1 + gw_model_next(&state) % GW_MODEL_TARGETS;
    for (uint32_t i = 0; i < model->target_count; i++)
        make_target(model, i, &state);
    model->stray_count =
        gw_model_next(&state) % 4 == 0 ? gw_model_next(&state) % GW_MODEL_STRAYS : 0;
    for (uint32_t i = 0; i < model->stray_count; i++)
        snprintf(model->stray[i], GW_MODEL_TEXT, "stray%u.bank.test", i);
    model->glue_count = gw_model_next(&state) % GW_MODEL_GLUE;
    for (uint32_t i = 0; i < model->glue_count; i++)
        make_glue(model, i, &state);
}

const char *
gw_model_owner(const struct gw_model *model, const struct gw_model_glue *glue)
{
    return glue->owner < GW_MODEL_TARGETS ? model->target[glue->owner]
                                          : model->stray[glue->owner - GW_MODEL_TARGETS];
}

/* Fills @p order with 0..count-1, shuffled unless @p seed is 0. */
static void
make_order(uint32_t *order, uint32_t count, uint32_t seed)
{
    uint32_t state = seed;

    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    for (uint32_t i = count; seed != 0 && i > 1; i--) {
        const uint32_t other = gw_model_next(&state) % i;
        const uint32_t kept = order[i - 1];

        order[i - 1] = order[other];
        order[other] = kept;
    }
}

static void
write_target(
    const struct gw_model *model, uint32_t index, uint32_t more_ttl, struct gw_builder *builder)
{
    char part[PART_MAX];

    snprintf(part, sizeof(part), "@ %s %u NS %s;", model->cut,
        model->target_ttl_s[index] + more_ttl, model->target[index]);
    gw_builder_parts(builder, part);
}

static void
write_glue(
    const struct gw_model *model, uint32_t index, uint32_t more_ttl, struct gw_builder *builder)
{
    const struct gw_model_glue *glue = &model->glue[index];
    char part[PART_MAX];

    snprintf(part, sizeof(part), "+ %s %u %s%u;", gw_model_owner(model, glue),
        glue->ttl_s + more_ttl, glue->family == 4 ? "A 192.0.2." : "AAAA 2001:db8::", glue->last);
    gw_builder_parts(builder, part);
}

void
gw_model_build(const struct gw_model *model, const struct gw_model_spelling *spelling, uint32_t id,
    struct gw_builder *builder)
{
    uint32_t targets[GW_MODEL_TARGETS];
    uint32_t glue[GW_MODEL_GLUE];
    char part[PART_MAX];

    make_order(targets, model->target_count, spelling->order_seed);
    make_order(glue, model->glue_count, spelling->order_seed);
    gw_builder_start(builder, spelling->style);
    snprintf(part, sizeof(part), "qr id=%u; ? %s A;", id, model->qname);
    gw_builder_parts(builder, part);
    if (spelling->junk)
        gw_builder_parts(builder, "@ other.example CH NS x.test; @ other.example RRSIG;");
    for (uint32_t i = 0; i < model->target_count; i++)
        write_target(model, targets[i], 0, builder);
    if (spelling->twice)
        write_target(model, 0, 7, builder);
    if (spelling->junk)
        gw_builder_parts(builder, "@ other.example TXT; + other.example TXT; + . CH A 192.0.2.9;");
    for (uint32_t i = 0; i < model->glue_count; i++)
        write_glue(model, glue[i], 0, builder);
    if (spelling->twice && model->glue_count > 0)
        write_glue(model, 0, 7, builder);
    if (spelling->junk)
        gw_builder_parts(builder, "+ . OPT do; + x.test A \\0102;");
}
