/* SPDX-License-Identifier: BSD-2-Clause */
/* resp-path-outlier: response that took another path than its server's. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_path_outlier = {.kind = GW_KIND_RESP_PATH_OUTLIER};
