# SPDX-License-Identifier: MIT
"""tus 1.0 against the running server: cut by the link, by the end of the server's process, by a newer
request, and sent by tus-js-client through a link that is cut again and again."""

import base64
import contextlib
import hashlib
import random
import zlib

import pytest

from wherry_client import Ended, crc_text

VERSION = ("Tus-Resumable", "1.0.0")
CONTENT_TYPE = ("Content-Type", "application/offset+octet-stream")

pytestmark = pytest.mark.needs_tus


def create(server, name, length, fields=()):
    """Returns: where the upload goes on."""
    metadata = "filename " + base64.b64encode(name.encode()).decode()
    all_fields = [VERSION, ("Upload-Length", str(length)), ("Upload-Metadata", metadata), *fields]
    response = server.exchange("POST", "/tus/", all_fields, b"")
    assert response.status == 201, response
    assert response.get("Tus-Resumable") == "1.0.0"
    return response.get("Location")


def head(server, upload):
    response = server.exchange("HEAD", upload, [VERSION])
    assert response.status == 200, response
    assert response.get("Cache-Control") == "no-store"
    return response


def offset_of(server, upload):
    return int(head(server, upload).get("Upload-Offset"))


def append(server, upload, data, offset, fields=()):
    all_fields = [VERSION, CONTENT_TYPE, ("Upload-Offset", str(offset)), *fields]
    return server.exchange("PATCH", upload, all_fields, data)


def begin_append(server, upload, data, offset, sent):
    """Sends a PATCH of `data`, of which only the first `sent` bytes come, when the server wants them.
    Returns: its connection."""
    connection = server.connect()
    lines = [
        f"PATCH {upload} HTTP/1.1",
        "Host: x",
        ": ".join(VERSION),
        ": ".join(CONTENT_TYPE),
        f"Upload-Offset: {offset}",
        f"Content-Length: {len(data)}",
        "Expect: 100-continue",
    ]
    connection.send("\r\n".join([*lines, "", ""]).encode())
    assert connection.read_head("PATCH").status == 100
    connection.send(data[:sent])
    return connection


def assert_stored(server, response, name, data):
    assert response.status == 204, response
    assert response.get("Content-Location") == f"/files/{name}"
    assert response.get("X-Checksum-CRC32") == crc_text(data)
    assert server.get(f"/files/{name}").body == data


def test_a_file_comes_in_three_requests_and_is_served(server, unique):
    data = random.randbytes(200_000)
    name = f"{unique}/tus.bin"
    upload = create(server, name, len(data))
    assert append(server, upload, data[:70_000], 0).get("Upload-Offset") == "70000"
    assert append(server, upload, data[70_000:150_000], 70_000).status == 204
    assert server.get(f"/files/{name}").status == 404
    assert_stored(server, append(server, upload, data[150_000:], 150_000), name, data)
    assert offset_of(server, upload) == len(data)
    assert server.exchange("DELETE", upload, [VERSION]).status == 204
    assert server.exchange("HEAD", upload, [VERSION]).status == 404


def test_an_upload_goes_on_after_the_link_was_cut(server, unique):
    data = random.randbytes(300_000)
    name = f"{unique}.bin"
    upload = create(server, name, len(data))
    for _ in range(5):
        offset = offset_of(server, upload)
        sent = random.randrange(len(data) - offset)
        begin_append(server, upload, data[offset:], offset, sent).abort()
        reached = offset_of(server, upload)
        assert offset <= reached <= offset + sent
    offset = offset_of(server, upload)
    assert_stored(server, append(server, upload, data[offset:], offset), name, data)


def test_a_newer_request_takes_over_from_one_that_hangs(server, unique):
    data = random.randbytes(100_000)
    name = f"{unique}.bin"
    upload = create(server, name, len(data))
    connection = begin_append(server, upload, data, 0, 43_210)
    offset = offset_of(server, upload)
    with contextlib.suppress(Ended):  # the server may have ended it already
        connection.send(data[43_210:50_000])  # comes too late
    assert_stored(server, append(server, upload, data[offset:], offset), name, data)
    connection.close()


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "crc32"])
def test_what_is_damaged_does_not_count(server, unique, algorithm):
    data = random.randbytes(50_000)
    values = {
        "sha1": hashlib.sha1(data).digest(),
        "sha256": hashlib.sha256(data).digest(),
        "crc32": zlib.crc32(data).to_bytes(4, "big"),
    }
    told = server.exchange("OPTIONS", "/tus/").get("Tus-Checksum-Algorithm")
    assert set(told.split(",")) == set(values)
    checksum = ("Upload-Checksum", f"{algorithm} {base64.b64encode(values[algorithm]).decode()}")
    name = f"{unique}.bin"
    upload = create(server, name, len(data))
    damaged = data[:-1] + bytes([data[-1] ^ 1])
    refused = append(server, upload, damaged, 0, [checksum])
    assert (refused.status, refused.reason) == (460, "Checksum Mismatch")
    assert offset_of(server, upload) == 0
    assert_stored(server, append(server, upload, data, 0, [checksum]), name, data)


def test_an_upload_goes_on_after_the_server_was_killed(start_server, repetitions):
    server = start_server(durability="full")
    folder = server.folder
    data = random.randbytes(1_000_000)
    for number in range(repetitions):
        name = f"round{number}.bin"
        upload = create(server, name, len(data))
        connection = begin_append(server, upload, data, 0, random.randrange(len(data)))
        told = offset_of(server, upload)  # what it tells is durable
        server.kill()
        connection.close()
        server = start_server(folder=folder, durability="full")
        assert offset_of(server, upload) == told
        assert_stored(server, append(server, upload, data[told:], told), name, data)
