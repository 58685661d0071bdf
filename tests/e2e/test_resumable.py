# SPDX-License-Identifier: MIT
"""Uploads that go on where they were cut, by the IETF's draft, interop version 8: cut by the link, by
the end of the server's process, and by a newer request."""

import contextlib
import os
import random
import time

import pytest

from wherry_client import Ended, crc_text

INTEROP = ("Upload-Draft-Interop-Version", "8")
WHOLE = ("Upload-Complete", "?1")


def begin(server, target, data, sent):
    """Sends the first `sent` bytes of an upload. Returns: (connection, where it goes on)."""
    connection = server.connect()
    head = (
        f"PUT {target} HTTP/1.1\r\nHost: x\r\n{INTEROP[0]}: {INTEROP[1]}\r\n"
        f"{WHOLE[0]}: {WHOLE[1]}\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    connection.send(head.encode())
    interim = connection.read_head("PUT")
    assert interim.status == 104
    connection.send(data[:sent])
    return connection, interim.get("Location")


def offset_of(server, upload):
    response = server.exchange("HEAD", upload)
    assert response.status == 204, response
    return int(response.get("Upload-Offset"))


def append(server, upload, data, offset):
    fields = [WHOLE, ("Upload-Offset", str(offset)), ("Content-Type", "application/partial-upload")]
    return server.exchange("PATCH", upload, fields, data[offset:])


@pytest.mark.needs_process
def test_an_upload_goes_on_after_the_link_was_cut(start_server):
    server = start_server()
    data = random.randbytes(3_000_000)
    connection, upload = begin(server, "/files/a/big.bin", data, 1_234_567)
    connection.abort()
    offset = offset_of(server, upload)
    assert offset <= 1_234_567
    response = append(server, upload, data, offset)
    assert response.status == 201, response
    assert response.json()["crc32"] == crc_text(data)
    assert server.get("/files/a/big.bin").body == data
    assert offset_of(server, upload) == len(data)


@pytest.mark.needs_process
def test_an_upload_goes_on_after_the_server_was_killed(start_server, repetitions):
    server = start_server(durability="full")
    folder = server.folder
    data = random.randbytes(2_000_000)
    for round_number in range(repetitions):
        target = f"/files/round{round_number}.bin"
        connection, upload = begin(server, target, data, random.randrange(len(data)))
        told = offset_of(server, upload)  # what it tells is durable
        server.kill()
        connection.close()
        server = start_server(folder=folder, durability="full")
        assert offset_of(server, upload) == told
        response = append(server, upload, data, told)
        assert response.status == 201, response
        assert response.json()["crc32"] == crc_text(data)
        assert server.get(target).body == data


@pytest.mark.needs_process
def test_a_newer_request_takes_over_from_one_that_hangs(start_server):
    server = start_server()
    data = random.randbytes(500_000)
    connection, upload = begin(server, "/files/f", data, 123_456)
    offset = offset_of(server, upload)
    with contextlib.suppress(Ended):  # the server may have ended it already
        connection.send(data[123_456:130_000])  # comes too late
    assert append(server, upload, data, offset).status == 201
    assert server.get("/files/f").body == data
    connection.close()


@pytest.mark.needs_process
def test_a_newer_request_takes_over_on_whichever_loop_it_comes(start_server):
    server = start_server("--threads", "4", "--upload-keep-bytes", "50000")
    data = random.randbytes(400_000)
    # The kernel chooses the loop of each connection: three of four times it is another one.
    for round_number in range(12):
        target = f"/files/{round_number}"
        connection, upload = begin(server, target, data, 123_456)
        hanging = [connection]
        for _ in range(3):
            offset = offset_of(server, upload)
            assert offset <= len(data)
            connection = server.connect()
            head = [WHOLE, ("Upload-Offset", str(offset)), ("Content-Length", str(len(data) - offset))]
            head.append(("Content-Type", "application/partial-upload"))
            head.append(("Expect", "100-continue"))
            connection.send(server.request("PATCH", upload, head))
            assert connection.read_head("PATCH").status == 100  # now it has taken over
            connection.send(data[offset : offset + 60_000])
            hanging.append(connection)
        offset = offset_of(server, upload)
        for connection in hanging:
            with contextlib.suppress(Ended):  # the server may have ended it already
                connection.send(bytes(50_000))  # comes too late, and would be seen
        assert offset_of(server, upload) == offset
        response = append(server, upload, data, offset)
        assert response.status == 201, response
        assert response.json()["crc32"] == crc_text(data)
        assert server.get(target).body == data
        for connection in hanging:
            connection.close()


def unfinished(server):
    return sorted(path.name for path in (server.folder / ".wherry" / "uploads").glob("*"))


def wait_until(holds, seconds=30):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.1)


@pytest.mark.needs_process
def test_what_nobody_goes_on_with_is_removed_and_what_somebody_does_is_not(start_server):
    server = start_server("--threads", "2", "--upload-max-age", "2")
    data = random.randbytes(300_000)
    hanging, kept = begin(server, "/files/kept", data, 100_000)
    connection, left = begin(server, "/files/left", data, 100_000)
    connection.abort()
    limits = server.exchange("HEAD", left).get("Upload-Limit")
    assert limits == "max-age=2"
    names = unfinished(server)
    assert len(names) == 4
    wait_until(lambda: len(unfinished(server)) == 2)  # nobody asks for anything
    assert server.exchange("HEAD", left).status == 404
    time.sleep(2)
    hanging.send(data[100_000:])
    assert hanging.read_response("PUT").status == 201
    assert server.get("/files/kept").body == data
    assert kept.removeprefix("/uploads/") in "".join(names)


@pytest.mark.needs_process
def test_what_a_crash_has_left_is_removed_at_the_start(start_server):
    server = start_server()
    data = random.randbytes(10_000)
    connection, upload = begin(server, "/files/f", data, 5_000)
    offset = offset_of(server, upload)
    server.kill()
    connection.close()
    folder = server.folder / ".wherry" / "uploads"
    (folder / ("0" * 32)).write_bytes(b"bytes that nobody was told of")
    old = folder / ("1" * 32 + ".note")
    old.write_bytes(b"of another program")
    os.utime(old, (1, 1))
    server = start_server(folder=server.folder)
    wait_until(lambda: len(unfinished(server)) == 2)
    assert append(server, upload, data, offset).status == 201
    assert server.get("/files/f").body == data


@pytest.mark.needs_process
def test_unfinished_uploads_take_no_more_than_they_may(start_server):
    server = start_server("--max-unfinished-bytes", "1M", "--upload-keep-bytes", "100000")
    data = random.randbytes(3_000_000)
    response = server.exchange("PUT", "/files/f", [("Upload-Complete", "?0")], data[:900_000])
    assert response.status == 201
    upload = response.get("Location")
    assert append(server, upload, data, 900_000).status == 507
    offset = offset_of(server, upload)
    assert 900_000 <= offset <= 1 << 20
    assert server.exchange("DELETE", upload).status == 204
    assert unfinished(server) == []
