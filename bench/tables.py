# SPDX-License-Identifier: MIT
"""The tables that are printed while they are measured, and can be put into a document after that.

A document marks the place of each by `<!-- table: NAME -->` and `<!-- end of table -->`.
"""

import pathlib
import re


class Tables:
    def __init__(self):
        self.lines = {}
        self.name = None

    def begin(self, name, title, columns):
        """`columns` without a leading '-' are numbers, set to the right."""
        self.name = name
        self.lines[name] = []
        print(f"\n{title}\n", flush=True)
        self.row([column.lstrip("-") for column in columns])
        self._add("|" + "|".join("---" if c.startswith("-") else "--:" for c in columns) + "|")

    def row(self, cells):
        self._add("| " + " | ".join(cells) + " |")

    def text(self, name, line):
        self.name = name
        self.lines[name] = []
        self._add(line)

    def _add(self, line):
        self.lines[self.name].append(line)
        print(line, flush=True)

    def put_into(self, document):
        """Replaces each table that was made; the others stay as they are."""
        path = pathlib.Path(document)
        text = path.read_text()
        for name, lines in self.lines.items():
            place = re.compile(rf"(<!-- table: {name} -->\n).*?(<!-- end of table -->)", re.S)
            body = "\n" + "\n".join(lines) + "\n\n"
            text = place.sub(lambda found, body=body: found[1] + body + found[2], text)
        path.write_text(text)
