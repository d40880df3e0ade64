#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every global symbol of a room's library begins with one of the room's prefixes; no writable data.

Arguments: ROOT, then ROOM=LIBRARY for each room that is a library.
"""

import subprocess
import sys

from tree import open_tree

PREFIXES = {
    "base": "gw_arena_ gw_clock_ gw_cpu_ gw_hash_ gw_log_ gw_ring_ gw_stat_ gw_why_",
    "capture": "gw_source_ gw_pcapfile_ gw_live_ gw_compress_",
    "parse": "gw_frame_ gw_frag_ gw_stream_ gw_msg_ gw_name_ gw_rr_ gw_referral_ gw_kernel_"
             " gw_match_ gw_observation_",
    "analyze": "gw_table_ gw_zone_ gw_rule_ gw_signal_ gw_incident_ gw_analyzer_ gw_resolver_ gw_server_ gw_race_ gw_suspect_ gw_normal_ gw_reference_ gw_lists_ gw_denial_ gw_snapshot_"
               " gw_accept_ gw_fanout_ gw_memo_ gw_served_",
    "report": "gw_sink_ gw_json_ gw_ecs_ gw_text_ gw_stats_ gw_escape_",
}
# What instrumented builds add.
FOREIGN = ("__asan", "__odr_asan", "__ubsan", "__tsan", "__gcov", "__llvm", "__sanitizer", "__start_",
           "__stop_", "asan.", "_sub_")
WRITABLE = (".data", ".bss", "*COM*", ".tbss", ".tdata")


def symbols(library):
    """(name, class, section) of each symbol that the library defines."""
    listing = subprocess.run(["nm", "-f", "sysv", "--defined-only", library], check=True,
                             stdout=subprocess.PIPE, text=True).stdout
    for line in listing.split("\n"):
        part = [word.strip() for word in line.split("|")]
        if len(part) == 7 and part[2] != "Class":
            yield part[0], part[2], part[6]


def check_library(tree, room, library):
    prefixes = tuple(PREFIXES[room].split())
    instrumented = False
    names = list(symbols(library))
    for name, _, _ in names:
        instrumented = instrumented or name.startswith(FOREIGN)
    for name, kind, section in names:
        if name.startswith(FOREIGN):
            continue
        if kind.isupper() and kind not in "UN" and not name.startswith(prefixes):
            tree.complain(room + "/", 0, f"{name} has none of the room's prefixes")
        if not instrumented and section.split(".rel.ro")[0] == section \
                and section.startswith(WRITABLE) and kind in "bBdDC":
            tree.complain(room + "/", 0, f"{name} is writable data ({section})")


def main():
    tree = open_tree()
    if len(sys.argv) < 3:
        tree.complain("check_symbols", 0, "no library was named")
    for argument in sys.argv[2:]:
        room, library = argument.split("=", 1)
        check_library(tree, room, library)
    tree.finish()


main()
