# SPDX-License-Identifier: MIT
"""readme_session_test.py PROGRAM [--example] [--show]: what README.md shows of a terminal happens.

Types each `$ ` line of README's ```console blocks into a terminal, in one folder and in order,
against `PROGRAM serve`, and compares what appears with the lines below it. In those, a line `...`
stands for any lines, and `...` in a line for any text. Blocks of another language are not run.

--example: PROGRAM is one of examples/, which has the endpoints of the guide, not /files/, and whose
replies may be worded in another way; its commands must succeed, and the CRC-32 of what was moved must
be the same.
--show: prints what appears, to be put into README.
"""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
URL = "http://127.0.0.1:8000"
COMMAND_BOUND_S = 60
START_BOUND_S = 15
# What the examples do not have, and the file in which one of its addresses is kept.
ELSEWHERE = re.compile(rf"{URL}/(files|tus)/|upload\.url")
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def console_blocks(text):
    return re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(block):
    """Returns: (command, the lines expected of it) for each command of a block."""
    found = []
    lines = iter(block.splitlines())
    for line in lines:
        if line.startswith("$ "):
            command = line[2:]
            while command.endswith("\\"):
                command += "\n" + next(lines).removeprefix("> ")
            found.append((command, []))
        else:
            found[-1][1].append(line)
    return found


def matches(expected, actual):
    """Whether the expected lines, with their `...`, describe the actual text."""
    pattern = ""
    for line in expected:
        if line == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += r".*?".join(re.escape(part) for part in line.split("...")) + r"\n"
    return re.fullmatch(pattern, actual) is not None


def type_into_terminal(command, folder):
    """Returns: (exit status, what a terminal shows): its lines, with empty ones at the end cut."""
    terminal, other_end = pty.openpty()
    environment = dict(os.environ, TERM="dumb", NO_COLOR="1", COLUMNS="100")
    process = subprocess.Popen(
        ["bash", "-c", command], cwd=folder, env=environment, start_new_session=True,
        stdin=other_end, stdout=other_end, stderr=other_end,
    )
    os.close(other_end)
    shown = b""
    deadline = time.monotonic() + COMMAND_BOUND_S
    try:
        while time.monotonic() < deadline:
            if not select.select([terminal], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(terminal, 65536)
            except OSError:  # EIO: the other end has been closed
                break
            if not data:
                break
            shown += data
        else:
            raise TimeoutError(f"{command}: longer than {COMMAND_BOUND_S} s")
        status = process.wait(10)
    finally:
        os.close(terminal)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    text = ESCAPES.sub("", shown.decode(errors="replace")).replace("\r\n", "\n")
    # A line that was written over again and again, as a progress meter is, shows its last state.
    lines = [line.rstrip("\r").rsplit("\r", 1)[-1].rstrip() for line in text.split("\n")]
    return status, "\n".join(lines).rstrip("\n") + "\n" if any(lines) else ""


class Server:
    """A server on a free port, ended by its own process id."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        ready, _, _ = select.select([self.process.stdout], [], [], START_BOUND_S)
        line = self.process.stdout.readline() if ready else ""
        if not line.startswith("Server: http://"):
            self.end()
            raise RuntimeError(f"the server did not start: {line!r}")
        self.url = line.removeprefix("Server: ").strip()

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def main():
    program = Path(sys.argv[1]).resolve()
    shows = "--show" in sys.argv
    is_example = "--example" in sys.argv
    session = [pair for block in console_blocks((ROOT / "README.md").read_text())
               for pair in commands(block)
               if not (is_example and ELSEWHERE.search(pair[0]))]
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        served = Path(folder, "served")
        work = Path(folder, "work")
        served.mkdir()
        work.mkdir()
        arguments = [served, "0"] if is_example else ["serve", served, "--port", "0"]
        server = Server([program, *arguments])
        try:
            for command, expected in session:
                status, shown = type_into_terminal(command.replace(URL, server.url), work)
                shown = shown.replace(server.url, URL)
                if shows:
                    print(f"$ {command}\n{shown}", end="")
                    continue
                compares = not is_example or command.startswith("crc32 ")
                if status != 0 or (compares and not matches(expected, shown)):
                    failures += 1
                    print(f"README says:\n$ {command}", *expected, "\nbut this appears "
                          f"(status {status}):\n{shown}", sep="\n")
        finally:
            server.end()
    print(f"{len(session) - failures} of {len(session)} commands do what README.md shows")
    return 1 if failures or not session else 0


if __name__ == "__main__":
    sys.exit(main())
