# SPDX-License-Identifier: MIT
"""More clients than a board has connections, clients that leave, and a great many one by one."""

import contextlib
import http.client
import json
import random
import socket
import time

from transfers import (
    SIZE,
    all_at_once,
    get,
    hex_crc,
    put,
    sequential,
    some_bytes,
    status_of,
    status_with_no_file_open,
)

SLOTS = 4  # connections of either board


def reset(client):
    """Ends a connection as a client does that crashes."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()


def begin_upload(board, name, size):
    """A connection whose request the board is busy with: it has been told to send `size` bytes."""
    client = socket.create_connection(("127.0.0.1", board.port), timeout=60)
    client.sendall(
        f"PUT {name} HTTP/1.1\r\nHost: board\r\nContent-Length: {size}\r\n"
        "Expect: 100-continue\r\n\r\n".encode()
    )
    assert client.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
    return client


def wait_until_served(board, within_s):
    """Each reply until then must be one: 503, "try again"."""
    deadline = time.monotonic() + within_s
    while (status := board.request("GET", "/", timeout=60)[0]) != 200:
        assert status == 503 and time.monotonic() < deadline
        time.sleep(0.2)


def test_four_at_once(board):
    contents = [some_bytes(SIZE, 1), some_bytes(SIZE, 2)]
    put(board, "/upload/down.bin", contents[0])
    all_at_once(
        (put, board, "/upload/up.bin", contents[1]),
        (get, board, "/download/file/down.bin", contents[0]),
        (put, board, "/discard/up.bin", contents[0]),
        (get, board, f"/download/generate/{SIZE}", sequential(SIZE)),
    )
    get(board, "/download/file/up.bin", contents[1])


def test_who_comes_beyond_the_slots_is_told_and_the_others_go_on(board):
    content = some_bytes(50_000, 3)
    uploads = [begin_upload(board, f"/discard/{i}", len(content)) for i in range(SLOTS)]
    for upload in uploads:
        upload.sendall(content[:20_000])

    def is_told():
        status, body, _ = board.request("GET", "/", timeout=60)
        assert status == 503
        assert json.loads(body) == {"error": "All connections are busy; try again"}

    is_told()
    all_at_once(*[(is_told,)] * 2)  # more than can be told at once: one waits until he can be
    for upload in uploads:
        upload.sendall(content[20_000:])
        response = http.client.HTTPResponse(upload)
        response.begin()
        assert response.status == 200
        assert json.loads(response.read())["crc32"] == hex_crc(content)
        upload.close()
    wait_until_served(board, 20)


def test_who_has_a_connection_can_open_a_file(board):
    """Also while all others have one: clients that have gone hold theirs until that is known."""
    put(board, "/upload/kept.bin", b"old")
    uploads = [begin_upload(board, "/upload/kept.bin", 99_999) for _ in range(SLOTS - 1)]
    for upload in uploads:
        upload.sendall(bytes(5000))
    get(board, "/download/file/kept.bin", b"old")
    for upload in uploads:
        reset(upload)
    wait_until_served(board, 60)


def test_idle_connections_give_way(board):
    """A browser opens six and uses them now and then."""
    connections = [board.connect(60) for _ in range(6)]
    reopened = 0
    for _ in range(3):
        for connection in connections:
            try:
                connection.request("GET", "/")
                response = connection.getresponse()
            except (http.client.RemoteDisconnected, ConnectionError):
                # It was idle, and another needed its place: a browser then opens it again.
                connection.close()
                connection.request("GET", "/")
                response = connection.getresponse()
                reopened += 1
            assert (response.status, response.read()) == (200, b"OK")
    assert reopened >= 2 * (len(connections) - SLOTS)
    for connection in connections:
        connection.close()


def test_clients_that_reset_leave_no_trace(board):
    content = some_bytes(5000, 4)
    put(board, "/upload/kept.bin", b"old")
    head = b"PUT /upload/kept.bin HTTP/1.1\r\nHost: board\r\nContent-Length: 99999\r\n\r\n"
    for _ in range(10):
        client = socket.create_connection(("127.0.0.1", board.port), timeout=60)
        client.sendall(head + content)
        reset(client)
    # Ten of them are on their way to four places, and some of them come later than who asks now.
    # He may be told to try again, or be made to wait; he is never sent away without a word.
    wait_until_served(board, 60)
    get(board, "/download/file/kept.bin", b"old")


def test_clients_that_fall_silent_lose_their_places(boot):
    """They stay where they are and send nothing more."""
    board = boot(config={"body_idle_ms": 2000})
    assert status_of(board)["limits"]["body_idle_ms"] == 2000
    put(board, "/upload/kept.bin", b"old")
    silent = [begin_upload(board, "/upload/kept.bin", 99_999) for _ in range(3)]
    for client in silent:
        client.sendall(bytes(5000))
    for client in silent:
        assert client.recv(4096).startswith(b"HTTP/1.1 408 ")
    wait_until_served(board, 60)
    get(board, "/download/file/kept.bin", b"old")
    for client in silent:
        client.close()


def in_use_at_rest(board):
    """Of lwIP's pools, once all clients but this one have gone and no file is open; without what
    waits for the last of connections that are closed."""
    deadline = time.monotonic() + 60
    while (told := status_with_no_file_open(board))["connections"]["used"] > 1:
        assert time.monotonic() < deadline, told
        time.sleep(0.2)
    pools = {name: pool["used"] for name, pool in told["lwip"].items()}
    del pools["TCP_PCB"], pools["SYS_TIMEOUT"]
    return pools


def a_transfer(board, chance):
    kind = 10 if chance.random() < 0.02 else chance.randrange(10)
    content = chance.randbytes(chance.choice([0, 1, 300, 1460, 3000, 9000]))
    if kind < 4:
        put(board, f"/discard/{kind}", content)
    elif kind < 7:
        get(board, f"/download/generate/{len(content)}", sequential(len(content)))
    elif kind < 8:
        put(board, "/upload/one-of-many", content)
        get(board, "/download/file/one-of-many", content)
    elif kind < 10:
        assert board.request("GET", "/download/file/none")[0] == 404
    else:
        with contextlib.closing(begin_upload(board, "/discard/broken", 99_999)) as client:
            client.sendall(content)
            reset(client)
        wait_until_served(board, 60)


def test_a_thousand_transfers_leave_everything_as_it_was(board, seed):
    chance = random.Random(seed)
    for _ in range(20):  # what the first ones bring into use may stay so
        a_transfer(board, chance)
    before = in_use_at_rest(board)
    for _ in range(1000):
        a_transfer(board, chance)
    assert in_use_at_rest(board) == before
    told = status_of(board)
    assert told["arena"]["failures"] == 0
    for name, pool in told["lwip"].items():
        assert pool["peak"] <= pool["limit"], (name, pool)
