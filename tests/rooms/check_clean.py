#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Text is clean: licence line, final newline, no trailing blank, no tab, no mark of unfinished work."""

import os
import re

from tree import open_tree

BINARY = (".pcap", ".pcapng", ".gz", ".xz", ".zst", ".lz4", ".png", ".bin")
# Spelt so that this file does not hold the words itself.
MARKS = re.compile(r"\b(" + "|".join(("TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK")) + r")\b")
WORDS = re.compile("baili" "wick", re.IGNORECASE)
LICENCE = "SPDX-License-Identifier: BSD-2-Clause"
LICENSED = (".c", ".h", ".py", ".sh", ".build")


def wants_licence(path, text):
    return path.endswith(LICENSED) or os.path.basename(path) == "meson.build" or text.startswith("#!")


def check_text(tree, path, text):
    if text and not text.endswith("\n"):
        tree.complain(path, 0, "no newline at its end")
    if text.endswith("\n\n"):
        tree.complain(path, 0, "blank lines at its end")
    for number, line in enumerate(text.split("\n"), 1):
        if line != line.rstrip():
            tree.complain(path, number, "white space at the end of the line")
        if "\t" in line and path.endswith(LICENSED):
            tree.complain(path, number, "tab")
        if MARKS.search(line):
            tree.complain(path, number, "mark of unfinished work")
        if WORDS.search(line):
            tree.complain(path, number, "a word that RFC 9499 leaves to history")
    if wants_licence(path, text) and LICENCE not in "\n".join(text.split("\n")[:2]):
        tree.complain(path, 0, "no licence line at its top")


def is_data(tree, path):
    """Fuzz seeds and the like: octets, not text."""
    with open(os.path.join(tree.root, path), "rb") as stream:
        return path.endswith(BINARY) or path.startswith("fuzz/seeds_") or b"\0" in stream.read(4096)


def main():
    tree = open_tree()
    for path in tree.files:
        if not is_data(tree, path):
            check_text(tree, path, tree.read(path))
    tree.finish()


main()
