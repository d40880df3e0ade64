/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file frag.h
 * Reassembly of IPv4 and IPv6 fragments in bounded memory. For this folder only.
 *
 * A datagram is known by its addresses, identification, protocol (IPv4 only: RFC 8200 section 4.5
 * takes the next header from the first fragment), VLANs and tunnels. A datagram that is done with,
 * for whatever reason, is remembered for the rest of its wait, so that its late fragments share its
 * fate.
 */
#ifndef GLUEWATCH_PARSE_FRAME_FRAG_H
#define GLUEWATCH_PARSE_FRAME_FRAG_H

#include "parse/frame/layer.h"

/** Make an empty table; NULL without memory or random source. */
GW_MUST_CHECK struct gw_frag_table *gw_frag_new(void);

/** Free @p table and all it holds; accepts NULL. */
void gw_frag_free(struct gw_frag_table *table);

/**
 * Take in the fragment at which the decoder's packet stands.
 *
 * When it completes its datagram, the packet goes on with the whole payload and with the weight of
 * all its fragments. Otherwise it is held, and done.
 *
 * Quirks:
 * - Overlapping octets that are equal are accepted, also in IPv6, where RFC 5722 drops the
 *   datagram: taps and retransmitting links deliver them without bad intent.
 *
 * @return GW_OK, or the fate of this packet: GW_FRAG_BAD, GW_FRAG_CUT, GW_FRAG_DUPLICATE,
 *         GW_FRAG_OVERLAP, GW_FRAG_TOO_MANY, GW_FRAG_EVICTED, GW_NOT_DNS_PORT, GW_NOT_TRANSPORT or
 *         GW_ICMP_ERROR
 *
 * Source: RFC 791 section 3.2; RFC 815; RFC 8200 section 4.5; RFC 5722 section 4.
 */
GW_MUST_CHECK enum gw_why gw_frag_add(struct gw_frame *frame);

/** End of input: every held fragment becomes GW_FRAG_INCOMPLETE. */
void gw_frag_finish(struct gw_frame *frame);

#endif
