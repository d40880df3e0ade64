/* SPDX-License-Identifier: BSD-2-Clause */
/* resp-wrong-source: response from another address than was asked. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_wrong_source = {.kind = GW_KIND_RESP_WRONG_SOURCE};
