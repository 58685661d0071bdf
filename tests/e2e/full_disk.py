# SPDX-License-Identifier: MIT
"""A disk that is full when a test says so, below a server that knows nothing of it: full_disk.c."""

import mmap
import os
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("full_disk.c")

# How it is full: for one call; from then on; the call before does half of what it was to do.
ONCE, FROM_THEN_ON, SHORT_THEN_FULL = 1, 2, 3

_NUMBERS = struct.Struct("@4q")  # mode, the call that fails, calls, failures
_NAME_BYTES = 32


class FullDisk:
    """environment() goes to the server; full(...) and has_space() at any time after that."""

    def __init__(self, folder):
        self._library = folder / "full_disk.so"
        self._path = folder / "full_disk.control"
        compiler = os.environ.get("CC", "cc")
        command = [compiler, "-shared", "-fPIC", "-O1", "-o", self._library, SOURCE, "-ldl"]
        subprocess.run(command, check=True)
        self._path.write_bytes(bytes(_NUMBERS.size + _NAME_BYTES))
        with self._path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 0)

    def environment(self):
        return {
            "LD_PRELOAD": str(self._library),
            "FULL_DISK": str(self._path),
            # Its runtime asks to be the first library, which does not matter to these calls.
            "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", ""),
        }

    def full(self, at, mode):
        """Full at the `at`-th call from now that takes space, from 1."""
        self.has_space()
        self._memory[_NUMBERS.size :] = bytes(_NAME_BYTES)
        _NUMBERS.pack_into(self._memory, 0, 0, at, 0, 0)
        _NUMBERS.pack_into(self._memory, 0, mode, at, 0, 0)

    def has_space(self):
        """From now on. Returns: the name of the first call that failed, None when none did."""
        mode, at, count, failures = _NUMBERS.unpack_from(self._memory)
        _NUMBERS.pack_into(self._memory, 0, 0, at, count, failures)
        name = self._memory[_NUMBERS.size :].split(b"\0")[0].decode()
        return name if failures else None
