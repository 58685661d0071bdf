# SPDX-License-Identifier: MIT
"""Each board in QEMU: what the guide does, what its console says, what it tells of itself.
script/test-device builds all that is needed, and runs this.
"""

import json
import os
import subprocess
import time

import pytest

from transfers import SIZE, get, hex_crc, put, sequential, status_of, status_with_no_file_open


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
    put(board, "/discard/x.bin", content)
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


def test_rests_when_there_is_nothing_to_do(board):
    def used_ticks():
        with open(f"/proc/{board.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])  # user and system, 100 a second

    time.sleep(0.5)
    before = used_ticks()
    time.sleep(3)
    assert used_ticks() - before <= 75  # a quarter of a processor; a loop that polls takes all


def test_tells_of_its_memory(board):
    """What all the tests before this one have needed at the most, and that it has come back."""
    told = status_with_no_file_open(board)
    stack, arena, slots = told["stack"], told["arena"], told["storage"]["slots"]
    assert 500 < stack["peak_bytes"] < stack["limit_bytes"] * 9 // 10, stack
    assert 500 < arena["peak_bytes"] <= arena["limit_bytes"], arena
    assert arena["failures"] == 0
    assert 0 < slots["peak"] <= slots["limit"], slots
    assert 0 < told["connections"]["peak"] <= told["connections"]["limit"] == 4
    assert told["storage"]["total_bytes"] == 16 * 1024 * 1024
    assert 0 < told["storage"]["free_bytes"] < told["storage"]["total_bytes"]
    assert told["transfers"]["complete"] > 0 and told["uptime_ms"] > 0
    for name, pool in told["lwip"].items():
        assert 0 <= pool["used"] <= pool["peak"] <= pool["limit"], (name, pool)
    # Everything that a connection needs was in use at some time.
    for name in ("HEAP_BYTES", "TCP_PCB", "TCP_PCB_LISTEN", "TCP_SEG", "PBUF", "PBUF_POOL"):
        assert told["lwip"][name]["peak"] > 0, name


def test_counts_what_it_transfers(board, content):
    before = status_of(board)["transfers"]
    assert board.request("PUT", "/discard/x", content)[0] == 200
    assert board.request("GET", f"/download/generate/{SIZE}")[0] == 200
    assert board.request("GET", "/download/file/none.bin")[0] == 404
    deadline = time.monotonic() + 60
    # Who has had all bytes may ask before the last of them is acknowledged.
    while (after := status_of(board)["transfers"])["complete"] < before["complete"] + 3:
        assert time.monotonic() < deadline, after
        before["complete"] += 1  # the asking counts, too
        time.sleep(0.2)
    assert after["received_bytes"] - before["received_bytes"] == SIZE
    assert SIZE < after["sent_bytes"] - before["sent_bytes"] < SIZE + 10_000
    assert after["failed"] == before["failed"] + 1
    assert after["complete"] == before["complete"] + 3


@pytest.mark.only_on("lm3s6965evb")
def test_image_without_uploads_serves_all_else(boot, content):
    with_them = boot(image_suffix="")
    assert with_them.request("OPTIONS", "/tus/")[0] == 204
    small = boot(image_suffix="_without_uploads")
    assert small.request("OPTIONS", "/tus/")[0] == 404
    assert small.request("HEAD", "/uploads/0")[0] == 404
    assert put(small, "/files/a/b.bin", content) == 201
    get(small, "/files/a/b.bin", content)
    assert small.request("GET", "/files/a/", headers={"Accept": "text/plain"})[1] == b"b.bin\n"
    status_with_no_file_open(small)
    assert small.request("DELETE", "/files/a/b.bin")[0] == 204
