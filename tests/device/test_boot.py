# SPDX-License-Identifier: MIT
"""What a board does with boot.json, with cards of all kinds, with its link and its address, and
when its program hangs."""

import json
import os
import re
import socket
import struct
import subprocess
import time

import pytest

from board import CARD_TOOL, ROOT, Board, free_port, make_card, put_config
from peer import DISCOVER, Peer

EXAMPLE = ROOT / "boards" / "boot.example.json"


class Place:
    """A folder with a card, on which a board runs."""

    def __init__(self, name, folder):
        self.name = name
        self.card = folder / "card.img"
        self.folder = folder

    def install(self, config, *options):
        """Puts boot.json on the card. Returns: what the tool said; None: it has done it."""
        make_card(self.card)
        text = config if isinstance(config, str) else json.dumps(config, indent=1)
        return put_config(self.card, text, *options)

    def board(self, **options):
        return Board(self.name, self.card, self.folder / "console.txt", **options)


@pytest.fixture
def place(name, is_built, tmp_path):
    return Place(name, tmp_path)


class Started:
    """A board that is not waited for."""

    def __init__(self, board):
        self.board = board

    def __enter__(self):
        self.board.start()
        return self.board

    def __exit__(self, *_):
        self.board.end()


# ------------------------------------------------------------------------------------ boot.json


def test_settings_are_in_force(place):
    assert place.install({
        "hostname": "lab-7", "address": "10.0.2.77", "netmask": "255.255.255.0",
        "gateway": "10.0.2.2", "port": 8123, "header_ms": 500, "keep_alive_idle_ms": 400,
        "body_idle_ms": 600, "max_content_length": 1000,
    }) is None
    with place.board(guest="10.0.2.77:8123") as board:
        board.wait_for_console("Configuration: boot.json")
        board.wait_for_console("Ethernet connected: 10.0.2.77")
        board.wait_for_console("Server: http://10.0.2.77:8123")
        assert board.request("PUT", "/discard/a", b"x" * 1000)[0] == 200
        assert board.request("PUT", "/discard/a", b"x" * 1001)[0] == 413
        # The built-in times are 30 and 60 seconds.
        for text, answer in (
            (b"GET / HTTP/1.1\r\n", b"HTTP/1.1 408"),
            (b"PUT /discard/a HTTP/1.1\r\nHost: b\r\nContent-Length: 9\r\n\r\nx", b"HTTP/1.1 408"),
            (b"GET / HTTP/1.1\r\nHost: b\r\n\r\n", b"HTTP/1.1 200"),
        ):
            with socket.create_connection(("127.0.0.1", board.port), timeout=25) as client:
                client.sendall(text)
                received = b""
                while part := client.recv(4096):
                    received += part
                assert received.startswith(answer)


def test_without_it_the_defaults_are_in_force(place):
    with place.board() as board:
        board.wait_for_console("Server: http://10.0.2.15:8000")
        assert "boot.json" not in board.console()
        assert "Storage: The storage is ready" in board.console()  # a blank card is formatted


@pytest.mark.parametrize("text, said", [
    ("{\n \"port\": 80,\n", "boot.json, line 3: no JSON object, or it breaks off"),
    ("{\n \"prot\": 80}", "boot.json, line 2: prot: unknown key"),
    ("{\"port\": \"80\"}", "boot.json, line 1: port: expected a number from 1 to 65535"),
    ("{\"address\": \"10.0.2.300\"}", "boot.json, line 1: address: expected"),
    ("{}" + " " * 1023, "boot.json: larger than 1024 bytes"),
], ids=["cut", "unknown", "type", "address", "large"])
def test_mistakes_are_named_and_the_defaults_used(place, text, said):
    assert said in place.install(text)
    assert place.install(text, "--force") is None
    with place.board() as board:
        board.wait_for_console(said)
        assert "Configuration: defaults, for boot.json has a mistake" in board.console()
        assert "Server: http://10.0.2.15:8000" in board.console()


def test_no_request_reaches_it(place):
    assert place.install({"hostname": "secret"}) is None
    with place.board() as board:
        for path in (".wherry/boot.json", ".wherry%2Fboot.json", "%2Ewherry/boot.json",
                     ".WHERRY/boot.json", "x/../.wherry/boot.json", "./.wherry/boot.json"):
            assert board.request("GET", f"/download/file/{path}")[0] in (400, 404), path
            assert board.request("PUT", f"/upload/{path}", b"{}")[0] in (400, 404), path
    with place.board() as board:
        board.wait_for_console("Configuration: boot.json")


def test_example_is_good():
    done = subprocess.run([CARD_TOOL, "check", EXAMPLE], check=False, timeout=60)
    assert done.returncode == 0


def test_tool_keeps_what_is_on_a_card(place):
    content = os.urandom(50_000)
    with place.board() as board:
        assert board.request("PUT", "/upload/kept.bin", content)[0] == 201
    for port in (81, 82):
        assert place.install({"port": port}) is None
    with place.board(guest=":82") as board:
        assert "Server: http://10.0.2.15:82" in board.console()
        assert board.request("GET", "/download/file/kept.bin")[:2] == (200, content)


def damage(card):
    with open(card, "r+b") as image:
        image.write(os.urandom(8192))  # where littlefs begins, both copies


def test_tool_leaves_a_damaged_card_alone(place):
    assert place.install({}) is None
    damage(place.card)
    before = place.card.read_bytes()
    assert "no file system, or a broken one; nothing was written" in place.install({})
    assert place.card.read_bytes() == before


# ------------------------------------------------------------------------------------ cards


def assert_unavailable(board):
    for method, path in (("GET", "/download/file/a"), ("PUT", "/upload/a")):
        status, body, _ = board.request(method, path, b"x" if method == "PUT" else None)
        assert status == 503 and json.loads(body) == {"error": "The storage is not ready"}
    assert board.request("PUT", "/discard/a", b"x")[0] == 200  # all else is served


def test_corrupt_card_is_not_formatted(place):
    assert place.install({"format_corrupt": True}) is None  # nobody can read that any more
    damage(place.card)
    before = place.card.read_bytes()
    with place.board() as board:
        board.wait_for_console("Storage: The storage holds no file system, or a broken one")
        assert_unavailable(board)
    assert place.card.read_bytes() == before
    with open(place.card, "r+b") as image:
        image.write(bytes(8192))  # as docs/BOARDS.md says
    with place.board() as board:
        assert board.request("PUT", "/upload/a", b"x")[0] == 201


def test_without_a_card_all_else_is_served(place):
    board = place.board()
    place.card.unlink()
    with board:
        board.wait_for_console("Storage: The storage does not answer")
        assert_unavailable(board)


def test_full_card_is_told_as_full(place):
    make_card(place.card, 512 * 1024)
    with place.board() as board:
        statuses = []
        for number in range(400):
            path = f"/upload/folder/a_name_that_fills_its_folder_soon_{number}"
            statuses.append(board.request("PUT", path, b"x" * 1000)[0])
            if statuses.count(507) == 5:
                break
        assert set(statuses) == {201, 507}
        status, body, _ = board.request(
            "GET", "/download/file/folder/a_name_that_fills_its_folder_soon_0"
        )
        assert (status, body) == (200, b"x" * 1000)


# ------------------------------------------------------------------------------------ network


class Monitor:
    """QEMU's monitor (QMP)."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        deadline = time.monotonic() + 20
        while True:
            try:
                self.socket.connect(str(path))
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        self.file = self.socket.makefile("r")
        self.file.readline()
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        self.socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode())
        while "return" not in (answer := json.loads(self.file.readline())):
            assert "error" not in answer, answer


def count_in_console(board, text, count, within_s):
    deadline = time.monotonic() + within_s
    while board.console().count(text) < count:
        assert time.monotonic() < deadline, f"not {count} times {text!r} in:\n{board.console()}"
        time.sleep(0.05)


# The other board's emulated controller has no PHY behind it.
@pytest.mark.only_on("mps2-an505")
def test_link_that_drops_and_returns_is_served_again(place, tmp_path):
    options = ["-qmp", f"unix:{tmp_path}/qmp,server=on,wait=off"]
    with place.board(options=options) as board:
        monitor = Monitor(tmp_path / "qmp")
        for turn in (1, 2):
            monitor.ask("set_link", name="net0", up=False)
            count_in_console(board, "Ethernet not connected", turn, 20)
            monitor.ask("set_link", name="net0", up=True)
            count_in_console(board, "Ethernet connected: 10.0.2.15", turn + 1, 60)
            board.wait_until_it_answers()


@pytest.mark.only_on("mps2-an505")
def test_link_that_comes_late_is_waited_for(place, tmp_path):
    options = ["-qmp", f"unix:{tmp_path}/qmp,server=on,wait=off", "-S"]
    with Started(place.board(options=options)) as board:
        monitor = Monitor(tmp_path / "qmp")
        monitor.ask("set_link", name="net0", up=False)
        monitor.ask("cont")
        board.wait_for_console("Ethernet not connected", 60)
        assert "Ethernet connected" not in board.console()
        monitor.ask("set_link", name="net0", up=True)
        board.wait_until_it_answers()


def test_address_of_its_own_needs_no_dhcp(place):
    assert place.install({"address": "10.9.0.50", "gateway": "10.9.0.1", "port": 8080}) is None
    with Peer(lease="10.9.0.99") as peer, Started(place.board(nic=peer.nic)) as board:
        board.wait_for_console("Server: http://10.9.0.50:8080", 60)
        assert peer.answers("10.9.0.50", 8080)
        assert peer.dhcp_types == []


def test_tells_its_name_to_dhcp(place):
    assert place.install({"hostname": "lab-7"}) is None
    with Peer(lease="10.9.0.20") as peer, Started(place.board(nic=peer.nic)) as board:
        board.wait_for_console("Server: http://10.9.0.20:8000", 60)
        assert peer.answers("10.9.0.20", 8000)
        assert peer.hostnames == {"lab-7"}


def test_without_dhcp_it_falls_back_and_goes_on_asking(place):
    with Peer() as peer, Started(place.board(nic=peer.nic)) as board:
        board.wait_for_console("Ethernet connected: 192.168.0.10", 60)
        asked = peer.dhcp_types.count(DISCOVER)
        peer.lease = "10.9.0.20"
        board.wait_for_console("Server: http://10.9.0.20:8000", 120)
        assert peer.dhcp_types.count(DISCOVER) > asked
        assert peer.answers("10.9.0.20", 8000)


@pytest.mark.only_on("mps2-an505")
def test_lease_that_changes_is_told_and_served(place):
    """lwIP looks at its leases once a minute; so this takes one, on one board."""
    with Peer(lease="10.9.0.20", renew_s=60) as peer, Started(place.board(nic=peer.nic)) as board:
        board.wait_for_console("Server: http://10.9.0.20:8000", 60)
        peer.lease = "10.9.0.21"
        board.wait_for_console("Server: http://10.9.0.21:8000", 200)
        assert peer.answers("10.9.0.21", 8000)


# ------------------------------------------------------------------------------------ watchdog


class Debugger:
    """As much of gdb's remote protocol as it takes to send a processor astray."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.received = b""
        # QEMU speaks of single registers only to who has asked for their description.
        self.ask("qXfer:features:read:target.xml:0,ff0")

    def ask(self, text):
        self.socket.sendall(f"+${text}#{sum(text.encode()) % 256:02x}".encode())
        while (answer := self.packet()).startswith("T"):
            pass  # it says that it has stopped
        return answer

    def packet(self):
        while not (found := re.search(rb"\$([^#]*)#..", self.received)):
            part = self.socket.recv(4096)
            assert part, "QEMU has hung up"
            self.received += part
        self.received = self.received[found.end():]
        return found[1].decode()

    def register(self, number):
        return struct.unpack("<I", bytes.fromhex(self.ask(f"p{number:x}")))[0]

    def set_register(self, number, value):
        assert self.ask(f"P{number:x}={struct.pack('<I', value).hex()}") == "OK"


def test_watchdog_starts_a_board_anew_that_hangs(place):
    port = free_port()
    with place.board(options=["-gdb", f"tcp:127.0.0.1:{port}"]) as board:
        assert board.console().count("Server: http://") == 1
        debugger = Debugger(port)  # the board stands still
        stack_pointer, program_counter = 13, 15
        loop = debugger.register(stack_pointer) - 1024 & ~3  # where nothing is yet
        assert debugger.ask(f"M{loop:x},2:fee7") == "OK"  # b .
        debugger.set_register(program_counter, loop)
        assert debugger.ask("D") == "OK"  # it goes on, and nowhere
        count_in_console(board, "Server: http://", 2, 120)
        assert "Fault" not in board.console()
        board.wait_until_it_answers()
