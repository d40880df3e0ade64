/* SPDX-License-Identifier: BSD-2-Clause */
/* resp-bad-checksum: response with a wrong UDP checksum. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_bad_checksum = {.kind = GW_KIND_RESP_BAD_CHECKSUM};
