#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every path, option, environment variable, finding kind and symbol that a document names exists.

Arguments: ROOT, then optionally the built program, whose -h then says which options there are; without
it the options are those that cmd/ spells out. Documents are the *.md files (words in backquotes, fenced
blocks, links) and docs/man (mdoc macros Fl, Pa and Ev).
"""

import fnmatch
import glob
import os
import re
import subprocess
import sys

from tree import open_tree

FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
PATH = re.compile(r"(?!/)[A-Za-z0-9_.<>*{},+-]+(/[A-Za-z0-9_.<>*{},+-]+)*/?")
FILE_NAME = re.compile(r"[A-Za-z0-9_.*<>-]+\.(c|h|md|py|pcap|pcapng|csv|json|jsonl|sh|build|conf|txt)")
PLACEHOLDER = re.compile(r"<[^>]*>|\bNAME\b")
SYMBOL = re.compile(r"\b(?:gw_[a-z0-9_]+|GW_[A-Z0-9_]+)\*?")
VARIABLE = re.compile(r"\bGLUEWATCH_[A-Z_]+")
KIND_LIKE = re.compile(r"(glue|ns-set|required-glue|delegation)-[a-z]+(-[a-z]+)*")
OPTION = re.compile(r"(?<![\w-])(--[a-z][a-z0-9-]+|-[A-Za-z])(?![\w-])")
SOURCES = (".c", ".h", ".py", ".build", ".txt", ".sh")
# With a slash, and no path of ours.
NO_PATH = {"application/json", "and/or", "A/AAAA", "N/A", "I/O", "TCP/IP", "CNAME/DNAME", "SPDX/BSD"}


class Facts:
    """What the tree holds, against which the documents are held."""

    def __init__(self, tree, program):
        self.tree = tree
        self.names = {os.path.basename(path) for path in tree.files}
        sources = [path for path in tree.select(*SOURCES) if not path.startswith("tests/rooms/")]
        scripts = [path for path in tree.files if path.startswith(("tools/", "bench/", ".ci/"))]
        self.text = "\n".join(tree.read(path) for path in set(sources + scripts))
        listed = tree.read("include/gluewatch/kind.h") if tree.has("include/gluewatch/kind.h") else ""
        families = "include/gluewatch/incident.h"
        listed += tree.read(families) if tree.has(families) else ""
        self.kinds = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', listed))
        self.options = self._options(program)

    def _options(self, program):
        if program:
            shown = subprocess.run([program, "-h"], check=True, stdout=subprocess.PIPE, text=True)
            return set(OPTION.findall(shown.stdout))
        text = "\n".join(self.tree.read(path) for path in self.tree.select(".c", ".h", under=("cmd",)))
        long_names = set(re.findall(r'"(?:--)?([a-z][a-z-]+)"', text))
        letters = set(re.findall(r"'([A-Za-z])'", text)) | set(re.findall(r'"-([A-Za-z])"', text))
        letters |= set(re.findall(r"(?<![\w-])-([A-Za-z])(?![\w-])", text))
        return {"--" + name for name in long_names} | {"-" + letter for letter in letters}


def path_exists(facts, document, path):
    pattern = PLACEHOLDER.sub("*", path.split(":")[0])
    folders = (facts.tree.root, os.path.join(facts.tree.root, os.path.dirname(document)),
               os.path.join(facts.tree.root, "include"))
    choices = expand(pattern)
    return all(any(glob.glob(os.path.join(folder, choice)) for folder in folders)
               for choice in choices)


def expand(pattern):
    """`a/{b,c}` as the shell reads it."""
    match = re.search(r"\{([^{}]*)\}", pattern)
    if not match:
        return [pattern]
    return [whole for part in match.group(1).split(",")
            for whole in expand(pattern[:match.start()] + part + pattern[match.end():])]


def check_path(facts, document, line, word):
    """Judge a word that looks like a path: with a slash, or with the ending of a file of ours."""
    if word in NO_PATH or word.startswith(("/", "http", "~", "build")):
        return
    if "/" in word and PATH.fullmatch(word):
        if not path_exists(facts, document, word):
            facts.tree.complain(document, line, f"`{word}` does not exist")
    elif FILE_NAME.fullmatch(word) and not path_exists(facts, document, word):
        if not fnmatch.filter(facts.names, PLACEHOLDER.sub("*", word)):
            facts.tree.complain(document, line, f"no file `{word}`")


def check_symbols(facts, document, line, text):
    for match in SYMBOL.finditer(text):
        name = match.group(0)
        begins = name.endswith(("_", "*"))
        stem = re.escape(name.rstrip("*"))
        if not re.search(rf"\b{stem}" + ("" if begins else r"\b"), facts.text):
            facts.tree.complain(document, line, f"no symbol `{name}`")
    for match in VARIABLE.finditer(text):
        if not re.search(rf"\b{match.group(0)}", facts.text):
            facts.tree.complain(document, line, f"nothing reads {match.group(0)}")


def check_options(facts, document, line, text):
    """Options count as gluewatch's in a word that starts with one or with the program's name."""
    command = re.split(r"[|;#]", text)[0].split()
    if not command or not (command[0].startswith("-") or command[0].endswith("gluewatch")):
        return
    for option in OPTION.findall(" ".join(command)):
        if option not in facts.options:
            facts.tree.complain(document, line, f"no option {option}")


def check_word(facts, document, line, text):
    check_symbols(facts, document, line, text)
    check_options(facts, document, line, text)
    first = text.split()[0] if text.split() else ""
    if not first.startswith("-"):
        for word in (text.split() if first.startswith(("tools/", "tests/", "bench/")) else [text]):
            check_path(facts, document, line, word)
    if KIND_LIKE.fullmatch(text) and text not in facts.kinds:
        facts.tree.complain(document, line, f"no kind `{text}`")


def check_markdown(facts, document):
    text = facts.tree.read(document)
    for fence in FENCE.finditer(text):
        first = text.count("\n", 0, fence.start()) + 1
        for number, line in enumerate(fence.group(0).split("\n")):
            command = line.strip().removeprefix("$ ")
            if re.match(r"(tools|tests|bench|\.ci|build)/", command) or command.startswith("gluewatch "):
                check_options(facts, document, first + number, command)
                check_path(facts, document, first + number, command.split()[0])
    prose = FENCE.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), text)
    for match in QUOTED.finditer(prose):
        check_word(facts, document, prose.count("\n", 0, match.start()) + 1, match.group(1))
    for match in LINK.finditer(prose):
        target = match.group(1)
        if "://" not in target and not path_exists(facts, document, target):
            facts.tree.complain(document, prose.count("\n", 0, match.start()) + 1,
                                f"link to {target}, which does not exist")


def check_manual(facts, document):
    for number, line in enumerate(facts.tree.read(document).split("\n"), 1):
        if not line.startswith("."):
            continue
        words = line[1:].split()
        for macro, word in zip(words, words[1:]):
            word = word.replace("\\-", "-")
            if macro == "Fl":
                for option in ["-" + letter for letter in word] if word.isalpha() else ["-" + word]:
                    if option not in facts.options:
                        facts.tree.complain(document, number, f"no option {option}")
            elif macro == "Pa":
                check_path(facts, document, number, word)
            elif macro in ("Ev", "Dv"):
                check_symbols(facts, document, number, word)
        for word in words:
            if KIND_LIKE.fullmatch(word) and word not in facts.kinds:
                facts.tree.complain(document, number, f"no kind {word}")


def main():
    tree = open_tree()
    facts = Facts(tree, sys.argv[2] if len(sys.argv) > 2 else None)
    for document in tree.select(".md"):
        check_markdown(facts, document)
    for document in tree.files:
        if document.startswith("docs/man/") and re.search(r"\.[1-8]$", document):
            check_manual(facts, document)
    tree.finish()


main()
