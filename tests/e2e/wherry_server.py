# SPDX-License-Identifier: MIT
"""Starts and ends the server under test, and reads what it says.

A server is ended by its own process id, in bounded time, whatever state it is in. Its output is
kept whole: the transfer log is what tests look at, the rest is shown when a test fails.
"""

import contextlib
import json
import os
import re
import signal
import stat
import subprocess
import threading
import time
from pathlib import Path

from wherry_client import Client, Ended, TimeBound

START_BOUND_S = 15.0
STOP_BOUND_S = 15.0
LOG_BOUND_S = 5.0

_READY = re.compile(r"Server: (http://\S+)")
_SANITIZER = re.compile(
    r"ERROR: (Address|Leak|Thread|Memory)Sanitizer|WARNING: ThreadSanitizer|runtime error:"
)
TEXT_LOG_LINE = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (?P<client>\S+) (?P<method>\S+) "
    r"(?P<path>\S+) (?P<status>\d{3}) (?P<bytes>\d+) bytes "
    r"CRC32: (?P<crc32>0x[0-9a-f]{8}|-) (?P<duration_ms>\d+) ms (?P<outcome>\S.*)"
)
LOG_KEYS = [
    "time",
    "client",
    "method",
    "path",
    "status",
    "bytes",
    "crc32",
    "duration_ms",
    "outcome",
]


class Server(Client):
    """A server somewhere. Here: one that was started by someone else."""

    folder = None
    process = None

    # A board has few connections. Who finds none free tries again, or is made to wait by the
    # emulator for 6 s, and for twice as long each time after that: nothing here is "at once".
    patience_s = 120.0
    attempt_s = 60.0

    def connect(self, **options):
        return super().connect(**{"time_bound_s": self.attempt_s, **options})

    def is_answering(self, within_s=None):
        """Whether it serves a new client, in time that suits a board whatever `within_s`."""
        deadline = time.monotonic() + self.patience_s
        while time.monotonic() < deadline:
            with contextlib.suppress(Ended, OSError, TimeBound):
                if super().is_answering(self.attempt_s):
                    return True
            time.sleep(0.1)
        return False

    def put(self, target, data, fields=()):
        return self._when_free(lambda: super(Server, self).put(target, data, fields))

    def get(self, target, fields=()):
        return self._when_free(lambda: super(Server, self).get(target, fields))

    def _when_free(self, exchange):
        deadline = time.monotonic() + self.patience_s
        while (response := exchange()).status == 503 and time.monotonic() < deadline:
            time.sleep(0.1)
        return response

    def files(self):
        """The names of all files, private ones too; none where the folder cannot be seen."""
        return files_below(self.folder) if self.folder else set()

    def staged_files(self):
        """What uploads have left, or are writing; none where the folder cannot be seen."""
        return staged_files(self.folder) if self.folder else set()

    def status(self):
        """What it tells of itself at /status."""
        response = self.get("/status")
        assert response.status == 200, response
        return response.json()

    def check(self):
        """Fails when the server is no longer well."""
        assert self.is_answering(), f"{self.url} does not answer"

    def report(self):
        return f"{self.url} was started elsewhere"


class OwnServer(Server):
    """`wherry serve` as a child process."""

    def __init__(
        self,
        program,
        folder,
        *flags,
        durability="none",
        log_format="json",
        port=0,
        environment=None,
    ):
        self.folder = Path(folder)
        self.command = [str(program), "serve", str(folder), "--port", str(port)]
        self.command += ["--durability", durability, "--log-format", log_format]
        self.command += [str(flag) for flag in flags]
        self._changed = threading.Condition()
        self._lines = []
        self._errors = []
        self._open_streams = 2
        self._was_killed = False
        # A sanitizer's finding must not look like an orderly end.
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={
                **os.environ,
                "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
                **(environment or {}),
            },
        )
        for stream, lines in (
            (self.process.stdout, self._lines),
            (self.process.stderr, self._errors),
        ):
            threading.Thread(target=self._collect, args=(stream, lines), daemon=True).start()
        super().__init__(self._wait_until_ready())

    def _collect(self, stream, lines):
        for line in stream:
            with self._changed:
                lines.append(line)
                self._changed.notify_all()
        with self._changed:
            self._open_streams -= 1
            self._changed.notify_all()

    def _wait_until_ready(self):
        def ready_line():
            for line in self._lines:
                if match := _READY.match(line.decode(errors="replace")):
                    return match[1]
            return None

        with self._changed:
            self._changed.wait_for(lambda: ready_line() or self._open_streams == 0, START_BOUND_S)
            if url := ready_line():
                return url
        self.kill()
        raise AssertionError(f"the server did not get ready\n{self.report()}")

    # ------------------------------------------------------------ its end

    def terminate(self, signal_number=signal.SIGTERM):
        """Asks it to end; does not wait."""
        self.process.send_signal(signal_number)

    def wait(self, bound_s=STOP_BOUND_S):
        """Returns: its exit status. It must end in that time by itself."""
        try:
            status = self.process.wait(bound_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"did not end within {bound_s} s\n{self.report()}") from None
        self._finish_output()
        return status

    def kill(self):
        """Ends it at once, without a chance to clean up."""
        if self.process.poll() is None:
            self._was_killed = True
            self.process.kill()
        self.process.wait(STOP_BOUND_S)
        self._finish_output()

    def stop(self):
        """Ends it in order, unless it has ended. Fails when it did not end well."""
        if self.process.poll() is None:
            self.terminate()
            # An idle connection of a test must not use up the grace time.
            deadline = time.monotonic() + 2.0
            while self.process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.005)
            if self.process.poll() is None:
                self.terminate()
        status = self.wait()
        assert not self.sanitizer_finding(), self.report()
        assert status >= 0 or self._was_killed, f"ended by a fault of its own\n{self.report()}"
        return status

    def _finish_output(self):
        with self._changed:
            self._changed.wait_for(lambda: self._open_streams == 0, STOP_BOUND_S)

    # ------------------------------------------------------------ how it is

    def connect(self, **options):
        return Client.connect(self, **options)

    def _when_free(self, exchange):
        return exchange()

    def is_answering(self, within_s=2.0):
        return Client.is_answering(self, within_s)

    def check(self):
        assert self.process.poll() is None, f"the server has ended\n{self.report()}"
        assert not self.sanitizer_finding(), self.report()

    def sanitizer_finding(self):
        return _SANITIZER.search(self.errors())

    def cpu_seconds(self):
        """Processor time that it has used."""
        text = Path(f"/proc/{self.process.pid}/stat").read_text()
        user, system = text.rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def resident_kib(self, peak=False):
        key = "VmHWM" if peak else "VmRSS"
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"^{key}:\s+(\d+) kB", text, re.M)[1])

    def forget_peak(self):
        """Starts the peak of resident memory anew."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def open_descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def allocated_bytes(self):
        """What its open files take on the disk, those without a name too."""
        folder = Path(f"/proc/{self.process.pid}/fd")
        files = [os.stat(folder / name) for name in os.listdir(folder)]
        return sum(file.st_blocks * 512 for file in files if stat.S_ISREG(file.st_mode))

    # ------------------------------------------------------------ what it says

    def output(self):
        """All of its standard output so far."""
        with self._changed:
            return b"".join(self._lines)

    def errors(self):
        with self._changed:
            return b"".join(self._errors).decode(errors="replace")

    def log_lines(self):
        """The transfer log: what came after the line(s) that say where the server is."""
        with self._changed:
            return [line for line in self._lines if not _READY.match(line.decode(errors="replace"))]

    def log_entries(self):
        """The transfer log in JSON; every line of it must be whole and have the known keys, of
        which crc32 is there only where the CRC-32 is known."""
        entries = [json.loads(line) for line in self.log_lines()]
        for entry in entries:
            assert list(entry) in (LOG_KEYS, [key for key in LOG_KEYS if key != "crc32"]), entry
        return entries

    def wait_for_log(self, path, method=None, count=1):
        """Returns: the last entry for that path, when there are `count` of them."""

        def found():
            return [
                entry
                for entry in self.log_entries()
                if entry["path"] == path and method in (None, entry["method"])
            ]

        with self._changed:
            done = self._changed.wait_for(lambda: len(found()) >= count, LOG_BOUND_S)
        assert done, f"no log line for {path}\n{self.report()}"
        return found()[-1]

    def report(self):
        output = self.output().decode(errors="replace")
        return (
            f"$ {' '.join(self.command)}   (exit: {self.process.poll()})\n"
            f"-- standard output, the last of it\n{output[-4000:]}\n"
            f"-- standard error, the last of it\n{self.errors()[-8000:]}"
        )


def files_below(folder):
    """All that is no folder below `folder`, Wherry's own files too, as relative paths."""
    folder = Path(folder)
    found = set()
    for parent, folders, names in os.walk(folder):
        links = [name for name in folders if (Path(parent) / name).is_symlink()]
        found |= {str((Path(parent) / name).relative_to(folder)) for name in [*names, *links]}
    return found


def upload_files(folder):
    """What there is of uploads that go on, in Wherry's private folder."""
    return {name for name in files_below(folder) if name.startswith(".wherry/uploads/")}


def staged_files(folder):
    """What uploads have left, or are writing, in Wherry's private folder."""
    return {name for name in files_below(folder) if name.startswith(".wherry/staging/")}


def wait_until(condition, bound_s=5.0, step_s=0.01):
    """Returns: whether `condition()` came true in that time."""
    deadline = time.monotonic() + bound_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(step_s)
    return bool(condition())
