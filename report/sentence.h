/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file sentence.h
 * One English sentence for a finding, made from its evidence alone.
 */
#ifndef GLUEWATCH_REPORT_SENTENCE_H
#define GLUEWATCH_REPORT_SENTENCE_H

#include "report/text.h"

/** Room for any sentence, NUL included: up to twelve names of the longest kind, and words. */
#define GW_TEXT_SENTENCE_SIZE 16384u

/**
 * Write why @p finding was raised. The words are those of RFC 9499. What only content shows is
 * called by what was seen; who is to blame is never said.
 *
 * @param finding    for the call
 * @param name_room  octets that a name may take before its middle is left out; 0: any
 * @param ret_text   one sentence of printable ASCII with its full stop
 */
void gw_text_sentence(
    const struct gw_finding *finding, size_t name_room, char ret_text[GW_TEXT_SENTENCE_SIZE]);

#endif
