/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file outputs.h
 * From what the user asked for to opened sinks.
 */
#ifndef GLUEWATCH_CMD_OUTPUTS_H
#define GLUEWATCH_CMD_OUTPUTS_H

#include "cmd/options.h"

/**
 * Open the outputs of @p opt, text on a terminal and json elsewhere where there is none, and the
 * one for the statistics. No two may have the same destination, and none may be an input.
 *
 * @param spec       source is opened already; sink and sink_count are filled, on failure as far as
 * it went
 * @param ret_error  says what is wrong; written on failure only
 * @return GW_DONE, GW_E_USAGE, GW_E_OPEN or GW_E_NOMEM
 */
GW_MUST_CHECK int gw_conf_outputs_open(
    const struct gw_opt *opt, struct gw_pipeline_spec *spec, struct gw_error_text *ret_error);

#endif
