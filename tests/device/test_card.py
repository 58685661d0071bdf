# SPDX-License-Identifier: MIT
"""What is on a board's memory card: after a restart, when it is full, while it is read."""

import http.client
import json
import random
import socket
import subprocess
import threading
import time

from transfers import SIZE, get, hex_crc, put, some_bytes, status_with_no_file_open


def run(folder, *command):
    """Returns: what it printed. It must succeed."""
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, stdin=subprocess.DEVNULL,
        capture_output=True, timeout=150, check=False,
    )
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout


def test_what_curl_and_httpie_store_is_there_after_a_restart(boot, tmp_path):
    """The guide's sizes: 2 MiB up by PUT and by form, 2 MiB and 100 KiB down."""
    files = {
        "curl-put.bin": SIZE, "curl-form.bin": SIZE, "http-put.bin": SIZE, "http-form.bin": SIZE,
        "100k.bin": 100 * 1024,
    }
    contents = {name: some_bytes(size, name) for name, size in files.items()}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    board = boot()
    http = ("http", "--ignore-stdin", "--check-status", "--body")
    for name, command in {
        "curl-put.bin": ("curl", "-sSfT", "curl-put.bin", f"{board.url}/upload/curl-put.bin"),
        "curl-form.bin": ("curl", "-sSf", "-F", "file=@curl-form.bin", f"{board.url}/upload"),
        # httpie takes a file as the body from its standard input, or so.
        "http-put.bin": (*http, "PUT", f"{board.url}/upload/http-put.bin", "@http-put.bin"),
        "http-form.bin": (*http, "--form", "POST", f"{board.url}/upload", "file@http-form.bin"),
        "100k.bin": ("curl", "-sSfT", "100k.bin", f"{board.url}/upload/folder/100k.bin"),
    }.items():
        reply = json.loads(run(tmp_path, *command))
        assert (reply["size"], reply["crc32"]) == (files[name], hex_crc(contents[name]))

    board = boot()
    for name, content in contents.items():
        target = f"{board.url}/download/file/{'folder/' * (name == '100k.bin')}{name}"
        run(tmp_path, "curl", "-sSf", "-o", "by-curl", target)
        run(tmp_path, *http, "--download", "--output", "by-httpie", "GET", target)
        for copy in ("by-curl", "by-httpie"):
            assert hex_crc((tmp_path / copy).read_bytes()) == hex_crc(content), (name, copy)


def test_a_full_card_refuses_and_keeps_what_it_has(boot, seed):
    """Files of all sizes, many of them small ones, until few find room; then the power goes."""
    board = boot(card_bytes=512 * 1024)
    chance = random.Random(seed)
    stored, refusals = {}, 0
    for _ in range(300):
        name = chance.choice(["", "folder/"]) + str(chance.randrange(60))
        content = chance.randbytes(chance.choice([0, 1, 100, 400, 400, 5000, 50_000]))
        status, body, _ = board.request("PUT", f"/upload/{name}", content)
        if status == 507:
            assert json.loads(body) == {"error": "The storage is full"}
            refusals += 1
        else:
            assert status == (200 if name in stored else 201), body
            stored[name] = content
        if refusals == 40:
            break
    assert refusals >= 10 and len(stored) >= 10
    board = boot()
    for name, content in stored.items():
        get(board, f"/download/file/{name}", content)
    put(board, f"/upload/{next(iter(stored))}", b"")  # there is room for this again


def test_a_replacement_waits_for_readers_of_the_old_file(boot):
    board = boot()
    old, new = some_bytes(5 * 1024 * 1024, 1), some_bytes(200_000, 2)
    put(board, "/upload/file", old)
    reader = socket.socket()
    # All that is on its way unread fits into less than the file: 4 MiB in the emulator's socket.
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.settimeout(60)
    reader.connect(("127.0.0.1", board.port))
    reader.sendall(b"GET /download/file/file HTTP/1.1\r\nHost: board\r\n\r\n")
    response = http.client.HTTPResponse(reader)
    response.begin()
    begin = response.read(1000)
    statuses = []
    replacing = threading.Thread(
        target=lambda: statuses.append(board.request("PUT", "/upload/file", new)[0])
    )
    replacing.start()
    time.sleep(1)
    assert statuses == []  # it is here, and is not in place
    assert begin + response.read() == old
    reader.close()
    replacing.join()
    assert statuses == [200]
    get(board, "/download/file/file", new)
    status_with_no_file_open(board)
