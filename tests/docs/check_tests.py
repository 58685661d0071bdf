# SPDX-License-Identifier: MIT
"""check_tests.py: each test that docs/SUPPORTED-HTTP.md names is there, and each row names one.

A test is named in backticks, in the last column of a row: `test_x` is a function in tests/,
`Suite.Test` one of GoogleTest, `x_test.cc`, `test_x.py` and `x_fuzz.cc` are all that is in that file.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs/SUPPORTED-HTTP.md"
NAME = re.compile(r"`([^`]+)`")
PYTHON = re.compile(r"^def (test_\w+)\(", re.MULTILINE)
GOOGLE = re.compile(r"^(?:TYPED_)?TEST(?:_[FP])?\((\w+),\s*(\w+)\)", re.MULTILINE)
# Whose rows end with tests; the others are about something else.
HEADS = ("tests |", "test |")


def known_tests():
    names = set()
    for path in (ROOT / "tests").rglob("*.py"):
        names.add(path.name)
        names |= set(PYTHON.findall(path.read_text()))
    for path in [*(ROOT / "wherry").rglob("*_test.cc"), *(ROOT / "tests").rglob("*.cc")]:
        names.add(path.name)
        names |= {f"{suite}.{test}" for suite, test in GOOGLE.findall(path.read_text())}
    return names


def rows(text):
    """The last cell of each row below a head that ends with "tests"."""
    is_about_tests = False
    for line in text.splitlines():
        if not line.startswith("|"):
            is_about_tests = False
        elif line.endswith(HEADS):
            is_about_tests = True
        elif is_about_tests and not line.startswith("| ---"):
            yield line, re.split(r"(?<!\\)\|", line)[-2]


def main():
    known = known_tests()
    problems, count = [], 0
    for line, cell in rows(DOCUMENT.read_text()):
        named = NAME.findall(cell)
        count += len(named)
        if not named and "none" not in cell:
            problems.append(f"no test is named, nor is it said that there is none: {line}")
        problems += [f"there is no {name}" for name in named if name not in known]
    if count < 100:
        problems.append(f"only {count} tests were found: is this check still right?")
    for problem in problems:
        print(f"{DOCUMENT.name}: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
