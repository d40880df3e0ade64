/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file sentence_parts.h
 * What the sentences of findings are made of, and where each group of kinds keeps its own.
 */
#ifndef GLUEWATCH_REPORT_SENTENCE_PARTS_H
#define GLUEWATCH_REPORT_SENTENCE_PARTS_H

#include "gluewatch/finding.h"
#include "report/text.h"

/** Writes the sentence of one kind. */
typedef void (*gw_text_put_kind)(struct gw_text *text, const struct gw_finding *finding);

/** Return the writer of a kind about races and transport, or NULL. */
gw_text_put_kind gw_text_race(enum gw_kind kind);

/** Return the writer of a kind about the shape of referrals, or NULL. */
gw_text_put_kind gw_text_structure(enum gw_kind kind);

/** Return the writer of a kind about what is known to be true, or about what resolvers did. */
gw_text_put_kind gw_text_truth(enum gw_kind kind);

/** Return the writer of a kind about what came of a finding: who followed, what is answered. */
gw_text_put_kind gw_text_effects(enum gw_kind kind);

/** Return the side of @p finding with @p role; an empty one where it has none. */
const struct gw_finding_set *gw_text_side(const struct gw_finding *finding, enum gw_set_role role);

/** Tell whether @p set has members that can be named. */
bool gw_text_has_members(const struct gw_finding_set *set);

/** Write the name that the finding is about: the name server, or else the zone cut. */
void gw_text_put_subject(struct gw_text *text, const struct gw_finding *finding);

/** Write "192.0.2.11", "192.0.2.11 and 192.0.2.12", "a, b, c and 4 more". */
void gw_text_put_members(struct gw_text *text, const struct gw_finding_set *set);

/** Write "resolver 198.18.3.53" or "4 resolver groups". */
void gw_text_put_told(struct gw_text *text, const struct gw_finding_set *set);

/** Write "192.0.2.1" or "4 servers". */
void gw_text_put_tellers(struct gw_text *text, const struct gw_finding_set *set);

/** Return "was" or "were". */
const char *gw_text_were(uint32_t count);

/** Write " (1 of 5 resolver groups, told by 192.0.2.1)". */
void gw_text_put_share(struct gw_text *text, const struct gw_finding *finding, bool of_servers);

/** Write the end of a sentence that sets two sides against each other, its full stop included. */
void gw_text_put_known_side(
    struct gw_text *text, const struct gw_finding *finding, const char *lead);

/** Write "A is X for resolver R only (…), while … were told Y by …." with @p verb. */
void gw_text_put_split(struct gw_text *text, const struct gw_finding *finding, const char *verb);

/** Write " after 14 days without a change; 5 resolver groups were told so by …." */
void gw_text_put_change(struct gw_text *text, const struct gw_finding *finding);

/** Write "The glue of ns1.foo.example for foo.example is 10.1.2.3". */
void gw_text_put_glue_is(struct gw_text *text, const struct gw_finding *finding);

/** Write "; resolver 198.18.3.53 was told so by 192.0.2.1" and, if anybody was, the known side. */
void gw_text_put_who_was_told(struct gw_text *text, const struct gw_finding *finding);

#endif
