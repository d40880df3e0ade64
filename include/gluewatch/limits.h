/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file limits.h
 * Every bound in one place: what it limits, why this figure, and the counter that moves when it
 * is hit.
 */
#ifndef GLUEWATCH_LIMITS_H
#define GLUEWATCH_LIMITS_H

/** Frames in one batch: the bits of one mask word. */
#define GW_BATCH_FRAMES 64u

/** Octets readable after each frame's captured octets, so that vector loads may overrun. */
#define GW_FRAME_PAD 64u

/**
 * Sightings that one frame brings, at most, of those waiting for it to end their time: what is
 * beyond counts as sightings_dropped. Not more than half a batch, so that a call has room for some.
 */
#define GW_FRAME_SIGHTINGS 32u

/** Longest captured frame that is looked into; longer records are skipped as `frame-too-long`. */
#define GW_FRAME_MAX (256u * 1024u)

/**
 * Headers below the innermost IP datagram's transport (tags, tunnels, IP in IP):
 * `too-many-layers`.
 */
#define GW_LAYERS_MAX 16u

/** IPv6 extension headers in one chain: `ip6-chain-too-long`. */
#define GW_IP6_CHAIN_MAX 16u

/** Datagrams in reassembly at a time: the oldest leaves as `fragment-evicted`. */
#define GW_FRAG_DATAGRAMS 1024u

/** Fragments of one datagram: `fragment-too-many`. 65,535 octets in pieces of 1,280 need 52. */
#define GW_FRAG_PIECES 64u

/** Octets that all datagrams in reassembly may hold: the oldest leaves as `fragment-evicted`. */
#define GW_FRAG_OCTETS (8u * 1024u * 1024u)

/** Seconds of packet time that a datagram waits for its fragments (RFC 8200 section 4.5: 60). */
#define GW_FRAG_WAIT_S 60u

/** TCP directions followed at a time: the one idle longest leaves as `tcp-evicted`. */
#define GW_STREAM_COUNT 4096u

/** Segments held out of order in one direction: the gap is given up as `tcp-gap`. */
#define GW_STREAM_SEGMENTS 32u

/** Octets that all TCP directions may hold: the one idle longest leaves as `tcp-evicted`. */
#define GW_STREAM_OCTETS (32u * 1024u * 1024u)

/** Seconds of packet time after which an idle TCP direction is forgotten. */
#define GW_STREAM_IDLE_S 120u

/** Octets of a name in wire form, root label included (RFC 1035 section 2.3.4). */
#define GW_NAME_MAX 255u

/** Octets of one label (RFC 1035 section 2.3.4). */
#define GW_LABEL_MAX 63u

/** Labels of a name without the root (255 octets of one-octet labels). */
#define GW_LABELS_MAX 127u

/** Compression pointers followed in one name: `too-many-pointers`. */
#define GW_POINTERS_MAX 20u

/** Octets of a DNS message (RFC 1035 section 4.2.2). */
#define GW_MESSAGE_MAX 65535u

/** Name server targets kept of one referral or zone cut; more are counted, not kept. */
#define GW_TARGETS_MAX 32u

/** Address records kept of one referral; more are counted, not kept. */
#define GW_GLUE_MAX 128u

/** Owners of address records that no NS record names, kept of one referral. */
#define GW_STRAYS_MAX 8u

/** Address claims kept of one name server, both families together. */
#define GW_CLAIMS_MAX 64u

/** Witnesses (resolver group and server) kept of one name server or zone cut. */
#define GW_ROWS_MAX 64u

/** Octets of memory for the analysis unless `--memory` says otherwise. */
#define GW_MEMORY_DEFAULT (512ull * 1024 * 1024)

/**
 * Zones and servers whose failure to serve is remembered, in each of two generations: those not
 * touched for longest are forgotten (counted as gw_memo_forgotten()).
 */
#define GW_SERVED_MAX 16384u

/** Zones whose large referrals are counted, likewise. */
#define GW_FANOUT_ZONES 1024u

/** Large referrals whose resolvers are watched for a burst of queries: the oldest gives way. */
#define GW_FANOUT_WATCHED 16u

/** Findings kept at a time; what a full store turns away or gives up counts as suppressed_full. */
#define GW_FINDINGS_MAX 4096u

/** Parent zones of which it is known what is usual; the least used of a few gives way. */
#define GW_NORMAL_ZONES 4096u

/** Addresses watched at a time for being gained by many name servers; the oldest gives way. */
#define GW_NORMAL_GAINS 1024u

/** Servers whose habits are known; the one heard longest ago is forgotten for a new one. */
#define GW_SERVERS_KNOWN 8192u

/** Pairs of resolver and server between which the usual path is known; likewise. */
#define GW_PATHS_KNOWN 32768u

/** Resolvers whose pairing is accounted; likewise. */
#define GW_RESOLVERS_KNOWN 1024u

/** Pairs of resolver and claimed server that odd responses are counted for; likewise. */
#define GW_RACE_PAIRS 2048u

/** Latest transport evidence kept for the rules about content; the oldest is overwritten. */
#define GW_RACES_KEPT 1024u

/** Findings of one kind about the races of one resolver and server in a day; more are counted. */
#define GW_RACE_FINDINGS_DAY 32u

/** Names of one of the operator's lists: reading it fails beyond that. */
#define GW_LIST_NAMES_MAX 262144u

/** Prefixes of one of the operator's lists: likewise. */
#define GW_LIST_PREFIXES_MAX 65536u

/** Resolver groups of the operator's list: likewise. */
#define GW_RESOLVER_GROUPS_MAX 4096u

/** Rules that hold findings back: likewise; each finding is compared with all of them. */
#define GW_SUPPRESSIONS_MAX 4096u

/** Octets of one line of the operator's lists: likewise. */
#define GW_LIST_LINE_MAX 4096u

/** Zones whose files are loaded as a reference: likewise. */
#define GW_REFERENCE_ZONES_MAX 256u

/** Addresses of root servers, retired ones included: likewise. */
#define GW_ROOT_ADDRESSES_MAX 128u

#endif
