/* SPDX-License-Identifier: BSD-2-Clause */
/* resp-case-mismatch: question echoed in another letter case. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_case_mismatch = {.kind = GW_KIND_RESP_CASE_MISMATCH};
