# SPDX-License-Identifier: MIT
"""Runs the client's commands, and reads what they say."""

import contextlib
import json
import os
import re
import subprocess

import pytest

# What README says that they end with.
DONE, USAGE, LOCAL_FILE, REFUSED, SERVER, NETWORK, MISMATCH, INTERRUPTED = 0, 2, 3, 4, 5, 6, 7, 130

BOUND_S = 120.0


class Done:
    """What a command has said, and its exit status."""

    def __init__(self, completed):
        self.exit = completed.returncode
        self.stdout = completed.stdout.decode()
        self.stderr = completed.stderr.decode()

    def objects(self):
        """The lines of --json."""
        return [json.loads(line) for line in self.stdout.splitlines()]

    def object(self):
        (one,) = self.objects()
        return one

    def __repr__(self):
        return f"exit {self.exit}\n{self.stdout}\n{self.stderr}"


class Client:
    """client("get", url): with JSON on stdout; exits with `expected`, or the test fails."""

    def __init__(self, program, folder):
        self.program = program
        self.folder = folder

    def command(self, *arguments):
        return [str(self.program), *map(str, arguments)]

    def __call__(self, *arguments, expected=DONE, bound_s=BOUND_S):
        done = Done(
            subprocess.run(
                self.command(*arguments, "--json"),
                cwd=self.folder,
                capture_output=True,
                timeout=bound_s,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        )
        assert done.exit == expected, done
        return done

    def on_terminal(self, *arguments):
        """What a terminal gets to see of it, but for its results."""
        main, side = os.openpty()
        with subprocess.Popen(
            self.command(*arguments), cwd=self.folder, stdout=subprocess.DEVNULL, stderr=side
        ) as running:
            os.close(side)
            shown = b""
            with contextlib.suppress(OSError):  # the other end of a terminal is gone: EIO
                while data := os.read(main, 4096):
                    shown += data
            os.close(main)
            assert running.wait(BOUND_S) == DONE, shown
        return shown


def highest_rate(shown):
    """Of those that a bar has shown, in bytes a second."""
    units = {b"": 1, b"K": 1 << 10, b"M": 1 << 20, b"G": 1 << 30}
    found = re.findall(rb"([0-9.]+) ([KMG]?)i?B/s", shown)
    return max(float(number) * units[unit] for number, unit in found)


def require_client(program):
    """Fails where there is a libcurl to build with and the program has no client."""
    page = subprocess.run(
        [str(program), "get", "--help"], capture_output=True, check=False, timeout=30
    )
    if page.returncode != 0:
        pytest.fail(f"{program} was built without the client: {page.stderr.decode()}")
