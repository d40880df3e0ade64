/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file referral_model.h
 * Random referrals of which it is known what they say, whatever way they are written.
 */
#ifndef GLUEWATCH_TESTS_SUPPORT_REFERRAL_MODEL_H
#define GLUEWATCH_TESTS_SUPPORT_REFERRAL_MODEL_H

#include "tests/support/message_builder.h"

#define GW_MODEL_TARGETS 12u
#define GW_MODEL_STRAYS  4u
#define GW_MODEL_GLUE    40u
#define GW_MODEL_TEXT    80u

/** An address record of a model. */
struct gw_model_glue {
    uint32_t owner; /**< index into targets, or GW_MODEL_TARGETS + index into strays */
    uint8_t family; /**< 4 or 6 */
    uint8_t last;   /**< x in decimal digits: 192.0.2.x or 2001:db8::x */
    uint32_t ttl_s;
};

/** What a referral says. Names are lower case text; all entries of a list differ. */
struct gw_model {
    char cut[GW_MODEL_TEXT];
    char qname[GW_MODEL_TEXT]; /**< under the cut */
    uint32_t target_count;
    char target[GW_MODEL_TARGETS][GW_MODEL_TEXT];
    bool in_domain[GW_MODEL_TARGETS];
    uint32_t target_ttl_s[GW_MODEL_TARGETS];
    uint32_t stray_count;
    char stray[GW_MODEL_STRAYS][GW_MODEL_TEXT];
    uint32_t glue_count;
    struct gw_model_glue glue[GW_MODEL_GLUE];
};

/** How a model is written. */
struct gw_model_spelling {
    struct gw_builder_style style;
    uint32_t order_seed; /**< 0: in the model's order; else records of a section in another order */
    bool twice;          /**< the first record of each kind once more, with a larger TTL */
    bool junk;           /**< records of no meaning among them: DS, RRSIG, TXT, class CH */
};

/** Return the next number of a sequence, and move @p state (not 0) on. */
uint32_t gw_model_next(uint32_t *state);

/** Make a model out of @p seed. */
void gw_model_random(struct gw_model *model, uint32_t seed);

/** Write @p model as a response with id @p id. */
void gw_model_build(const struct gw_model *model, const struct gw_model_spelling *spelling,
    uint32_t id, struct gw_builder *builder);

/** Return the text of the owner of @p glue. */
const char *gw_model_owner(const struct gw_model *model, const struct gw_model_glue *glue);

#endif
