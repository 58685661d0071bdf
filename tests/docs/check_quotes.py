# SPDX-License-Identifier: MIT
"""check_quotes.py: every piece of code that a document quotes stands in its source, verbatim.

A quote is `<!-- quote: FILE -->`, and on the next line a fenced block. README.md must have one.
Links from one document to a file of this tree are checked too: the file must be there.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
QUOTE = re.compile(r"^<!-- quote: (\S+) -->\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARKER = re.compile(r"^<!-- quote:", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")


def wrong_quotes(document):
    text = document.read_text()
    quotes = QUOTE.findall(text)
    if len(quotes) != len(MARKER.findall(text)):
        yield "a quote without a block, or without a source"
    for source, quoted in quotes:
        path = ROOT / source
        if not path.is_file():
            yield f"it quotes {source}, which is not there"
        elif quoted not in path.read_text():
            yield f"{source} does not say (any more):\n{quoted}"
    if document.name == "README.md" and not quotes:
        yield "README.md quotes no example"


def wrong_links(document):
    for link in LINK.findall(document.read_text()):
        if "://" not in link and not (document.parent / link).exists():
            yield f"it links to {link}, which is not there"


def main():
    problems = 0
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for problem in [*wrong_quotes(document), *wrong_links(document)]:
            print(f"{document.relative_to(ROOT)}: {problem}")
            problems += 1
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
