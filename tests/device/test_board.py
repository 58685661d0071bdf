# SPDX-License-Identifier: MIT
"""Each board in QEMU: what the guide does, what a board must bear, what its console says.

    cmake --preset lm3s6965evb && cmake --build --preset lm3s6965evb
    pytest tests/device
"""

import binascii
import json
import os
import socket
import subprocess
import threading
import time

import pytest

from board import Board

SIZE = 2 * 1024 * 1024


def sequential(size):
    return (bytes(range(256)) * (size // 256 + 1))[:size]


def hex_crc(content):
    return f"0x{binascii.crc32(content):08x}"


@pytest.fixture(scope="module")
def content():
    return os.urandom(SIZE)


def test_tells_its_address(board):
    board.wait_for_console("Ethernet connected: 10.0.2.15")
    board.wait_for_console("Server: http://10.0.2.15:8000")
    assert "Storage: The storage is ready" in board.console()


def test_home(board):
    assert board.request("GET", "/")[:2] == (200, b"OK")


def test_discards_two_mebibytes(board, content):
    status, body, _ = board.request("PUT", "/discard/x.bin", content)
    assert status == 200
    assert json.loads(body) == {"filename": "x.bin", "size": SIZE, "crc32": hex_crc(content)}
    board.wait_for_console(f"Complete: {SIZE} bytes, CRC32: {hex_crc(content)}")


def test_generates_two_mebibytes(board):
    status, body, headers = board.request("GET", f"/download/generate/{SIZE}")
    assert status == 200 and headers["Content-Length"] == str(SIZE)
    assert body == sequential(SIZE)
    board.wait_for_console(f"Complete: {SIZE} bytes, CRC32: {hex_crc(body)}")


def test_reports(board):
    wanted = json.dumps({"size": 500_000, "pattern": "random"})
    json_type = {"Content-Type": "application/json"}
    status, body, _ = board.request("POST", "/download/report", wanted, json_type)
    assert status == 200
    assert body == bytes(i * 37 % 256 for i in range(256)) * (500_000 // 256) + bytes(
        i * 37 % 256 for i in range(500_000 % 256)
    )


def test_keeps_what_curl_uploads(board, content, tmp_path):
    (tmp_path / "file.bin").write_bytes(content)
    for arguments in (
        ["-T", tmp_path / "file.bin", f"{board.url}/upload/put.bin"],
        ["-F", f"file=@{tmp_path / 'file.bin'}", f"{board.url}/upload"],
    ):
        done = subprocess.run(
            ["curl", "-sS", "--fail", "--max-time", "120", *arguments],
            capture_output=True, check=False, timeout=150,
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["crc32"] == hex_crc(content)
    for name in ("put.bin", "file.bin"):
        status, body, _ = board.request("GET", f"/download/file/{name}")
        assert status == 200 and body == content


def test_replaces_and_ranges(board):
    assert board.request("PUT", "/upload/small.txt", b"first")[0] == 201
    assert board.request("PUT", "/upload/small.txt", b"second")[0] == 200
    status, body, headers = board.request(
        "GET", "/download/file/small.txt", headers={"Range": "bytes=1-3"}
    )
    assert (status, body) == (206, b"eco")
    assert headers["Content-Range"] == "bytes 1-3/6"


def test_missing_file(board):
    status, body, headers = board.request("GET", "/download/file/none.bin")
    assert status == 404 and json.loads(body) == {"error": "File not found"}
    assert "Date" not in headers  # this board has no clock


def test_four_at_once(board, content):
    failures = []

    def transfer(index):
        try:
            if index % 2 == 0:
                status, body, _ = board.request("PUT", f"/discard/{index}", content)
                assert status == 200 and json.loads(body)["crc32"] == hex_crc(content)
            else:
                status, body, _ = board.request("GET", f"/download/generate/{SIZE}")
                assert status == 200 and body == sequential(SIZE)
        except Exception as error:  # told by the main thread
            failures.append((index, repr(error)))

    threads = [threading.Thread(target=transfer, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_fifth_is_told_and_the_others_go_on(board, content):
    """Four in a request, one more: a 503 that can be read."""
    uploads = []
    for index in range(4):
        upload = socket.create_connection(("127.0.0.1", board.port), timeout=60)
        upload.sendall(
            f"PUT /discard/{index} HTTP/1.1\r\nHost: b\r\nContent-Length: 5\r\n\r\nab".encode()
        )
        uploads.append(upload)
    time.sleep(1)
    status, body, _ = board.request("GET", "/", timeout=30)
    assert status == 503 and "error" in json.loads(body)
    for upload in uploads:
        upload.sendall(b"cde")
        assert upload.recv(4096).startswith(b"HTTP/1.1 200 OK")
        upload.close()


def test_idle_connections_give_way(board):
    """A browser opens six and uses them now and then."""
    idle = [board.connect(30) for _ in range(4)]
    for connection in idle:
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"OK"
    for _ in range(3):
        assert board.request("GET", "/", timeout=30)[0] == 200
    for connection in idle:
        connection.close()


def test_client_that_resets_leaves_no_trace(board, content):
    assert board.request("PUT", "/upload/kept.bin", b"old")[0] in (200, 201)
    for _ in range(10):
        client = socket.create_connection(("127.0.0.1", board.port), timeout=30)
        client.sendall(b"PUT /upload/kept.bin HTTP/1.1\r\nHost: b\r\nContent-Length: 99999\r\n\r\n")
        client.sendall(content[:5000])
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
    # Ten resets are on their way to four slots: until they have come, "try again" is the answer.
    deadline = time.monotonic() + 20
    reply = board.request("GET", "/download/file/kept.bin")[:2]
    while reply[0] == 503 and time.monotonic() < deadline:
        time.sleep(0.2)
        reply = board.request("GET", "/download/file/kept.bin")[:2]
    assert reply == (200, b"old")


def test_three_hundred_in_a_row(board):
    body = os.urandom(3000)
    for index in range(300):
        status, reply, _ = board.request("PUT", f"/discard/{index}", body, timeout=30)
        assert status == 200 and json.loads(reply)["crc32"] == hex_crc(body)


def test_card_outlives_the_board(board, tmp_path):
    card, console = tmp_path / "card.img", tmp_path / "console.txt"
    content = os.urandom(100_000)
    with Board(board.name, card, console) as first:
        assert first.request("PUT", "/upload/folder/kept.bin", content)[0] == 201
    with Board(board.name, card, console) as second:
        assert second.request("GET", "/download/file/folder/kept.bin")[:2] == (200, content)


def test_rests_when_there_is_nothing_to_do(board):
    def used_ticks():
        with open(f"/proc/{board.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])  # user and system, 100 a second

    time.sleep(0.5)
    before = used_ticks()
    time.sleep(3)
    assert used_ticks() - before <= 75  # a quarter of a processor; a loop that polls takes all


def status_of(board):
    # While resets are on their way to all slots, "try again" is the answer.
    deadline = time.monotonic() + 20
    status, body, headers = board.request("GET", "/status", timeout=30)
    while status == 503 and time.monotonic() < deadline:
        time.sleep(0.2)
        status, body, headers = board.request("GET", "/status", timeout=30)
    assert status == 200 and headers["Content-Type"] == "application/json"
    return json.loads(body)


def test_tells_of_its_memory(board):
    """What all the tests before this one have needed at the most, and that it has come back."""
    told = status_of(board)
    stack, arena, slots = told["stack"], told["arena"], told["storage"]["slots"]
    assert 500 < stack["peak_bytes"] < stack["limit_bytes"] * 9 // 10, stack
    assert 500 < arena["peak_bytes"] <= arena["limit_bytes"], arena
    assert arena["failures"] == 0
    assert 0 < slots["peak"] <= slots["limit"] and slots["used"] == 0, slots
    assert 0 < told["connections"]["peak"] <= told["connections"]["limit"] == 4
    assert told["storage"]["total_bytes"] == 16 * 1024 * 1024
    assert 0 < told["storage"]["free_bytes"] < told["storage"]["total_bytes"]
    assert told["transfers"]["complete"] > 0 and told["uptime_ms"] > 0
    for name, pool in told["lwip"].items():
        assert 0 <= pool["used"] <= pool["peak"] <= pool["limit"], (name, pool)
    # Everything that a connection needs was in use at some time.
    for name in ("HEAP_BYTES", "TCP_PCB", "TCP_PCB_LISTEN", "TCP_SEG", "PBUF", "PBUF_POOL"):
        assert told["lwip"][name]["peak"] > 0, name


def test_pools_come_back(board, content):
    """What lwIP has in use after transfers is what it had before, but for connections that wait for
    the last of what may still be on its way."""

    def used():
        told = status_of(board)
        pools = {name: pool["used"] for name, pool in told["lwip"].items()}
        del pools["TCP_PCB"], pools["SYS_TIMEOUT"]
        return pools, told["connections"]["used"], told["storage"]["slots"]["used"]

    before = used()
    assert board.request("PUT", "/upload/pools.bin", content)[0] in (200, 201)
    assert board.request("GET", "/download/file/pools.bin")[1] == content
    assert board.request("GET", f"/download/generate/{SIZE}")[0] == 200
    for _ in range(4):
        client = socket.create_connection(("127.0.0.1", board.port), timeout=30)
        client.sendall(b"PUT /discard/x HTTP/1.1\r\nHost: b\r\nContent-Length: 99999\r\n\r\n")
        client.sendall(content[:20_000])
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
    deadline = time.monotonic() + 30
    while (after := used()) != before and time.monotonic() < deadline:
        time.sleep(0.5)
    assert after == before


def test_counts_what_it_transfers(board, content):
    before = status_of(board)["transfers"]
    assert board.request("PUT", "/discard/x", content)[0] == 200
    assert board.request("GET", f"/download/generate/{SIZE}")[0] == 200
    assert board.request("GET", "/download/file/none.bin")[0] == 404
    after = status_of(board)["transfers"]
    assert after["received_bytes"] - before["received_bytes"] == SIZE
    assert SIZE < after["sent_bytes"] - before["sent_bytes"] < SIZE + 10_000
    assert after["failed"] == before["failed"] + 1
    assert after["complete"] == before["complete"] + 3
