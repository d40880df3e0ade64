# SPDX-License-Identifier: BSD-2-Clause
"""What the checks of the rooms share: the list of the project's files, C text without comments, functions."""

import os
import re
import sys

ROOMS = ("base", "capture", "parse", "analyze", "report", "cmd")
SKIPPED = {".git", "__pycache__"}
FUNCTION_NAME = re.compile(r"^([a-z_][a-z0-9_]*)\(")
LEXEME = re.compile(
    r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)


class Tree:
    """The files under a root, build folders apart, and the complaints of one check about them."""

    def __init__(self, root):
        self.root = os.path.abspath(root)
        self.complaints = []
        self.files = sorted(self._walk())

    def _walk(self):
        for folder, names, files in os.walk(self.root):
            top = folder == self.root
            names[:] = [name for name in names
                        if name not in SKIPPED and not (top and name.startswith("build"))]
            for name in files:
                if not name.endswith((".pyc", ".o")) and not (top and name.endswith(".log")):
                    yield os.path.relpath(os.path.join(folder, name), self.root)

    def select(self, *suffixes, under=()):
        """The files with one of these endings, of these top folders where any are given."""
        return [path for path in self.files
                if path.endswith(suffixes) and (not under or path.split("/")[0] in under)]

    def read(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as stream:
            return stream.read()

    def has(self, path):
        return os.path.exists(os.path.join(self.root, path))

    def complain(self, path, line, text):
        where = f"{path}:{line}" if line else path
        self.complaints.append(f"{where}: {text}")

    def finish(self):
        """Print the complaints and leave with 1 when there are any."""
        for text in self.complaints:
            print(text)
        print(f"{os.path.basename(sys.argv[0])}: {len(self.complaints)} complaints")
        sys.exit(1 if self.complaints else 0)


def open_tree():
    """The tree that the command line names."""
    if len(sys.argv) < 2:
        sys.exit(f"usage: {os.path.basename(sys.argv[0])} ROOT [ARGUMENT]...")
    return Tree(sys.argv[1])


def blank(match):
    """Spaces in place of a lexeme, newlines kept, so that offsets and line numbers stay right."""
    return re.sub(r"[^\n]", " ", match.group(0))


def code_only(text):
    """C text with comments, strings and character constants blanked out."""
    return LEXEME.sub(blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


class Function:
    def __init__(self, name, first, last, body):
        self.name = name
        self.first = first  # line of the name
        self.last = last    # line of the closing brace
        self.body = body    # code without comments and strings

    def lines(self):
        return self.last - self.first + 1


def functions(text):
    """The functions of a C file, by the style: name at line start, `{` and `}` alone in column 0."""
    lines = code_only(text).split("\n")
    found = []
    index = 0
    while index < len(lines):
        match = FUNCTION_NAME.match(lines[index])
        if not match:
            index += 1
            continue
        brace = index
        while brace < len(lines) and not lines[brace].startswith("{") \
                and not lines[brace].rstrip().endswith(";"):
            brace += 1
        if brace == len(lines) or not lines[brace].startswith("{"):
            index = brace + 1
            continue
        end = brace
        while end < len(lines) and not lines[end].startswith("}"):
            end += 1
        found.append(Function(match.group(1), index + 1, end + 1, "\n".join(lines[brace:end + 1])))
        index = end + 1
    return found
