# SPDX-License-Identifier: MIT
"""check_sentences.py: docs/TROUBLESHOOTING.md answers each sentence that Wherry says to people.

Those are the texts of the table in wherry/base/error.cc, what the endpoints (wherry/transfer) reply
in words of their own, and what the program (cli) says when it cannot start. Where a sentence has
variable parts, its fixed parts count.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TROUBLESHOOTING = ROOT / "docs/TROUBLESHOOTING.md"
ROW = re.compile(r'\{Error::(\w+), \d+, (?:true|false), "((?:[^"\\]|\\.)*)"\}')
STRING = re.compile(r'(?<!R)"((?:[^"\\\n]|\\.)*)"')
MIN_WORDS = 3
NOT_SENTENCES = ("wherry/", "cli/", "attachment;", "default-src", "<")  # includes, fields, HTML


def unescape(text):
    return text.replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")


def table_sentences():
    rows = ROW.findall((ROOT / "wherry/base/error.cc").read_text())
    return [unescape(text) for error, text in rows if error != "none"]


def literal_sentences(path):
    """The parts between the variable ones of each string that reads like a sentence."""
    code = re.sub(r"//.*", "", path.read_text())
    for literal in STRING.findall(code):
        for part in re.split(r"%[.*]*\w+|\n", unescape(literal)):
            if len(part.split()) >= MIN_WORDS and not part.startswith(NOT_SENTENCES):
                yield part.strip()


def main():
    table = table_sentences()
    sources = [path for path in sorted((ROOT / "wherry/transfer").glob("*.cc"))
               if not path.stem.endswith("_test")]
    sources.append(ROOT / "cli/serve.cc")
    literals = [sentence for path in sources for sentence in literal_sentences(path)]
    if len(table) < 20 or len(literals) < 10:
        print(f"only {len(table)} and {len(literals)} sentences were found: is this check still right?")
        return 1
    answered = TROUBLESHOOTING.read_text()
    missing = [sentence for sentence in table + literals if sentence not in answered]
    for sentence in missing:
        print(f"docs/TROUBLESHOOTING.md has no answer to: {sentence}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
