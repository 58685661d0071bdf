# SPDX-License-Identifier: MIT
"""Transfers to and from a board, each checked to its last byte, and several at once."""

import binascii
import json
import random
import threading
import time

SIZE = 2 * 1024 * 1024  # bytes, the guide's


def hex_crc(content):
    return f"0x{binascii.crc32(content):08x}"


def sequential(size):
    """What /download/generate/SIZE sends."""
    return (bytes(range(256)) * (size // 256 + 1))[:size]


def some_bytes(size, seed):
    return random.Random(seed).randbytes(size)


def put(board, target, content):
    """Uploads, and checks size and CRC-32 of the reply. Returns: the status."""
    status, body, _ = board.request("PUT", target, content)
    assert status in (200, 201), (status, body)
    reply = json.loads(body)
    assert (reply["size"], reply["crc32"]) == (len(content), hex_crc(content))
    return status


def get(board, target, content):
    """Downloads, and compares."""
    status, body, _ = board.request("GET", target)
    assert status == 200, (status, body)
    assert len(body) == len(content) and hex_crc(body) == hex_crc(content)


def status_of(board):
    """What /status tells. While clients that have gone are in all places: "try again"."""
    deadline = time.monotonic() + 60
    status, body, headers = board.request("GET", "/status", timeout=60)
    while status == 503 and time.monotonic() < deadline:
        time.sleep(0.2)
        status, body, headers = board.request("GET", "/status", timeout=60)
    assert status == 200 and headers["Content-Type"] == "application/json"
    return json.loads(body)


def status_with_no_file_open(board):
    """What /status tells then. Who has had all bytes of a file may ask before it is closed."""
    deadline = time.monotonic() + 60
    while (told := status_of(board))["storage"]["slots"]["used"] > 0:
        assert time.monotonic() < deadline, told
        time.sleep(0.2)
    return told


def all_at_once(*works):
    """Runs each `(function, argument...)` in a thread of its own. Fails when one of them has."""
    failures = []

    def run(function, *arguments):
        try:
            function(*arguments)
        except Exception as failure:  # the main thread tells of it
            failures.append(failure)

    threads = [threading.Thread(target=run, args=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in failures:
        raise failure
