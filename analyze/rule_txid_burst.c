/* SPDX-License-Identifier: BSD-2-Clause */
/* resp-txid-burst: responses that guess at the message ID. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_txid_burst = {.kind = GW_KIND_RESP_TXID_BURST};
