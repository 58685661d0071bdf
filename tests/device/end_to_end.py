#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""tests/device/end_to_end.py BOARD [option of pytest]...

Runs the end-to-end tests of the server against a board in QEMU, as they are: the board's address is
all that they are told.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from board import BOARDS, ROOT, Board

# What the marks of the tests (tests/e2e/conftest.py) deny a board, and this one has.
HAS = {
    "lm3s6965evb": "needs_uploads,needs_tus",
    "mps2-an505": "needs_archives,needs_metrics,needs_uploads,needs_tus",
}
CARD_BYTES = 64 * 1024 * 1024  # what all of the tests together store


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in BOARDS:
        sys.exit(__doc__)
    name, options = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        card, console = Path(folder, "card.img"), Path(folder, "console.txt")
        with Board(name, card, console, card_bytes=CARD_BYTES) as board:
            tests = subprocess.run(
                [sys.executable, "-m", "pytest", str(ROOT / "tests/e2e"), "-p", "no:cacheprovider",
                 "--quiet", "--base-url", board.url, "--has", HAS[name], *options],
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, check=False,
            )
        if tests.returncode != 0:
            print(f"The end of what {name} said:\n{board.console()[-4000:]}")
    return tests.returncode


if __name__ == "__main__":
    sys.exit(main())
