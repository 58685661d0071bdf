# SPDX-License-Identifier: MIT
"""Uploads that go on where they were cut, by the IETF's draft, interop version 8: cut by the link, by
the end of the server's process, and by a newer request."""

import contextlib
import random

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
