# SPDX-License-Identifier: MIT
"""A board in QEMU: boots it with a memory card, knows its console, ends it by its process id."""

import http.client
import socket
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CARD_BYTES = 16 * 1024 * 1024  # a power of two
BOARDS = ["lm3s6965evb", "mps2-an505"]
CARD_TOOL = ROOT / "build" / "tools" / "boards" / "tools" / "wherry_card"


def image_of(board, suffix=""):
    return ROOT / "build" / board / "boards" / f"{board.replace('-', '_')}{suffix}.elf"


def make_card(card, size=CARD_BYTES):
    """Makes a blank one, if there is none."""
    if not card.exists():
        with open(card, "wb") as new:
            new.truncate(size)


def put_config(card, text, *options):
    """Puts a boot.json on a card. Returns: what the tool said; None: it has done it."""
    config = card.with_name("boot.json")
    config.write_text(text)
    done = subprocess.run(
        [CARD_TOOL, "install", *options, card, config],
        capture_output=True, text=True, check=False, timeout=60,
    )
    assert (done.returncode == 0) == (done.stderr == "")
    return done.stderr or None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Board:
    """Runs from `with` to its end. `options` are QEMU's. `nic`: what its network leads to; none:
    QEMU's own, through which its `guest` (address:port) answers at self.port. `image_suffix`: of
    which of its images."""

    def __init__(
        self, name, card, console, options=(), nic=None, guest=":8000", card_bytes=CARD_BYTES,
        image_suffix="",
    ):
        self.name = name
        self.image = image_of(name, image_suffix)
        self.card = Path(card)
        make_card(self.card, card_bytes)
        self.console_file = Path(console)
        self.port = free_port()
        self.options = options
        self.nic = nic or f"user,id=net0,hostfwd=tcp:127.0.0.1:{self.port}-{guest}"
        self.process = None

    def command(self):
        card = ["-drive", f"if=sd,format=raw,file={self.card}"] if self.card.exists() else []
        storage = {
            "lm3s6965evb": card,
            "mps2-an505": ["-semihosting-config", f"enable=on,target=native,arg={self.card}"],
        }
        return [
            "qemu-system-arm", "-M", self.name, "-kernel", str(self.image),
            "-display", "none", "-monitor", "none", "-serial", f"file:{self.console_file}",
            "-nic", self.nic, *storage[self.name], *self.options,
        ]

    def start(self):
        self.console_file.unlink(missing_ok=True)  # what an earlier board said
        self.process = subprocess.Popen(
            self.command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self):
        self.start()
        try:
            self.wait_until_it_answers()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        """Takes its power away: what is not on its card by now is lost."""
        self.process.kill()
        self.process.wait()

    # QEMU accepts connections before the board does: an open port says nothing, and a request that
    # comes too early is lost, and comes again seconds later, when nobody expects it.
    def wait_until_it_answers(self, within_s=60):
        self.wait_for_console("Server: http://", within_s)
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            try:
                if self.request("GET", "/", timeout=10)[0] == 200:
                    return
            except (OSError, http.client.HTTPException):
                time.sleep(0.1)
        raise AssertionError(f"{self.name} does not answer; its console:\n{self.console()}")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def connect(self, timeout=120):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def request(self, method, path, body=None, headers=None, timeout=120):
        """Returns: status, body, headers. Each request has a connection of its own."""
        connection = self.connect(timeout)
        try:
            connection.request(method, path, body, {"Connection": "close", **(headers or {})})
            response = connection.getresponse()
            return response.status, response.read(), response.headers
        finally:
            connection.close()

    def console(self):
        return self.console_file.read_text(errors="replace") if self.console_file.exists() else ""

    def wait_for_console(self, text, within_s=10):
        deadline = time.monotonic() + within_s
        while text not in self.console():
            assert self.process.poll() is None, "QEMU has ended"
            assert time.monotonic() < deadline, f"no {text!r} in:\n{self.console()}"
            time.sleep(0.005)
