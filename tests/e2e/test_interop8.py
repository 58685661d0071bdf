# SPDX-License-Identifier: MIT
"""The examples of "Resumable Uploads for HTTP" (draft-ietf-httpbis-resumable-upload, interop version
8), message by message: what the draft shows of a reply is there. Sizes are the draft's in KB instead
of MB, so that a board takes them.

Each test names the section and the example. Where the draft has a choice ("whatever the initial
request would have produced"), the reply is that of a plain PUT to this server.
"""

import base64
import contextlib
import hashlib
import json
import random
import zlib

import pytest

from interop8_client import PROBLEMS, Interop8, boolean, integer, limits
from wherry_client import Ended, crc_text
from wherry_server import wait_until

pytestmark = pytest.mark.needs_uploads

# Bytes that are sent before a cut, of which some may be lost on the way.
SENT = 23_456


@pytest.fixture
def uploads(server):
    return Interop8(server)


@pytest.fixture
def target(unique):
    return f"/files/{unique}.bin"


@pytest.fixture(params=["PUT", "POST", "POST with a name"])
def creation(request, target):
    """(method, target, fields) of a request by which `target` comes to be."""
    if request.param != "POST with a name":
        return request.param, target, []
    name = target.removeprefix("/files/")
    return "POST", "/upload", [("Content-Disposition", f'inline; filename="{name}"')]


def shows(response, status, **fields):
    """The response has that status and these fields: an int, a bool, a text, or None: not there."""
    assert response.status == status, response
    for key, value in fields.items():
        name = key.replace("_", "-")
        read = {bool: boolean, int: integer}.get(type(value), lambda of, field: of.get(field))
        assert read(response, name) == value, f"{name}: {response}"


def is_problem(response, status, kind, **members):
    """Section "Problem Types", RFC 9457."""
    assert response.status == status, response
    assert response.get("Content-Type") == "application/problem+json", response
    body = json.loads(response.body)
    assert body["type"] == PROBLEMS + kind and body["title"], body
    for name, value in members.items():
        assert body[name.replace("_", "-")] == value, body


def is_stored(server, target, data, response):
    """The last reply is what a PUT is told, and the file is whole."""
    assert response.json()["crc32"] == crc_text(data), response
    assert response.json()["size"] == len(data), response
    assert server.get(target).body == data


# ---------------------------------------------------------------- section "Overview"


@pytest.mark.parametrize("sent", [0, 1, SENT])
def test_overview_example_1_complete_upload_of_known_size(server, uploads, target, creation, sent):
    data = random.randbytes(123_456)
    # 1) The client begins, is told of the upload resource by 104, and is interrupted.
    method, to, fields = creation
    exchange = uploads.begin(method, to, len(data), True, fields=fields).announced()
    shows(exchange.interims[0], 104)
    assert exchange.location.startswith("/uploads/")
    exchange.send(data[:sent]).cut()
    # 2) It asks for the offset.
    told = uploads.offset(exchange.location)
    shows(told, 204, Upload_Complete=False, Upload_Length=len(data), Cache_Control="no-store")
    offset = integer(told, "Upload-Offset")
    assert offset <= sent
    # 3) It sends the rest, and gets what the first request would have got.
    final = uploads.append(exchange.location, offset, data[offset:], True).done()
    shows(final, 201, Upload_Complete=True)
    is_stored(server, target, data, final)


def test_overview_example_1_the_client_is_not_interested_in_completing(server, uploads, target):
    exchange = uploads.begin("PUT", target, 123_456, True).announced()
    exchange.send(random.randbytes(SENT)).cut()
    # 4) It cancels.
    shows(uploads.cancel(exchange.location), 204, Upload_Offset=None)
    shows(uploads.offset(exchange.location), 404)
    assert server.get(target).status == 404


def test_overview_example_2_upload_as_a_series_of_parts(server, uploads, target, creation):
    data = random.randbytes(90_000)
    # 1) The first part; the length is not known yet.
    method, to, fields = creation
    created = uploads.create(method, to, data[:20_000], False, fields=fields).done()
    shows(created, 201, Upload_Complete=False, Upload_Offset=20_000)
    upload = created.get("Location")
    # 2) An intermediate part.
    part = uploads.append(upload, 20_000, data[20_000:40_000], False).done()
    shows(part, 204, Upload_Complete=False, Upload_Offset=40_000)
    # 3) One that is interrupted; the client asks for the offset, and goes on.
    expects = [("Expect", "100-continue")]
    append = uploads.begin_append(upload, 40_000, 20_000, False, expects).invited()
    append.send(data[40_000:50_000]).cut()
    told = uploads.offset(upload)
    shows(told, 204, Upload_Complete=False, Upload_Length=None)
    offset = integer(told, "Upload-Offset")
    assert 40_000 <= offset <= 50_000
    part = uploads.append(upload, offset, data[offset:70_000], False).done()
    shows(part, 204, Upload_Complete=False, Upload_Offset=70_000)
    # 4) The last part.
    final = uploads.append(upload, 70_000, data[70_000:], True).done()
    shows(final, 201, Upload_Complete=True)
    is_stored(server, target, data, final)


# ---------------------------------------------------------------- section "Limits"


@pytest.mark.parametrize("resource", ["/files/a", "/upload/a", "/upload"])
def test_limits_are_told_to_who_asks_before(server, resource):
    reply = server.exchange("OPTIONS", resource)
    assert reply.status in (200, 204), reply
    assert limits(reply)["max-age"] > 0


def test_limits_that_are_passed_are_told_with_413(start_server, target):
    uploads = Interop8(start_server("--max-content-length", 50_000))
    refused = uploads.create("PUT", target, bytes(60_000), True).done()
    assert refused.status == 413 and limits(refused)
    small = limits(refused).get("max-append-size", limits(refused).get("max-size"))
    assert small == 50_000, refused


def test_progress_is_told_while_content_is_taken(start_server, target):
    """Sections "Upload Creation", "Upload Append": by 104, and HEAD never tells less afterwards."""
    server = start_server("--upload-keep-bytes", 50_000)
    uploads = Interop8(server)
    data = random.randbytes(1_000_000)
    created = uploads.create("PUT", target, data[:400_000], False)
    assert created.done().status == 201 and 50_000 <= created.told() <= 400_000
    append = uploads.begin_append(created.location, 400_000, 600_000, True)
    append.send(data[400_000:700_000])
    assert wait_until(lambda: (append.hear().told() or 0) > 400_000)
    told = append.told()
    append.cut()
    offset = integer(uploads.offset(created.location), "Upload-Offset")
    assert told <= offset <= 700_000
    final = uploads.append(created.location, offset, data[offset:], True).done()
    is_stored(server, target, data, final)


# ---------------------------------------------------------------- section "Upload Creation"


def test_creation_example_a_the_whole_in_the_first_request(server, uploads, unique):
    """With the draft's own Content-Disposition, in which the second of the names is the one."""
    data = random.randbytes(123_456)
    named = f"inline; filename=\"{unique}.jpg\"; filename*=UTF-8''{unique}%20name.jpg"
    fields = [("Content-Disposition", named)]
    exchange = uploads.create("POST", "/upload", data, True, length=len(data), fields=fields)
    final = exchange.done()
    # The first 104 has Location and limits; further ones have the offset.
    first = exchange.interims[0]
    assert first.get("Location") == exchange.location and limits(first)
    assert all(integer(one, "Upload-Offset") <= len(data) for one in exchange.interims[1:])
    shows(final, 201)
    is_stored(server, f"/files/{unique}%20name.jpg", data, final)


def test_creation_example_b_a_part_in_the_first_request(server, uploads, target):
    data = random.randbytes(123_456)
    exchange = uploads.create("PUT", target, data[:SENT], False, length=len(data))
    created = exchange.done()
    shows(created, 201, Location=exchange.interims[0].get("Location"), Upload_Complete=False)
    assert limits(created)["max-age"] > 0
    told = uploads.offset(exchange.location)
    shows(told, 204, Upload_Offset=SENT, Upload_Length=len(data), Upload_Complete=False)
    final = uploads.append(exchange.location, SENT, data[SENT:], True).done()
    shows(final, 201, Upload_Complete=True)
    is_stored(server, target, data, final)


def test_creation_without_content_tells_where_the_upload_is(server, uploads, target):
    data = random.randbytes(5_000)
    exchange = uploads.create("PUT", target, b"", False)
    shows(exchange.done(), 201, Upload_Offset=0, Upload_Complete=False)
    final = uploads.append(exchange.location, 0, data, True).done()
    is_stored(server, target, data, final)


def test_creation_of_what_is_empty_is_complete_at_once(server, uploads, target):
    final = uploads.create("PUT", target, b"", True).done()
    shows(final, 201)
    is_stored(server, target, b"", final)


def test_creation_example_c_the_server_fails(start_server, target):
    """Thanks to the 104 the client goes on: here when there is room again."""
    server = start_server("--max-unfinished-bytes", 150_000, "--upload-keep-bytes", 10_000)
    uploads = Interop8(server)
    data = random.randbytes(123_456)
    exchange = uploads.begin("POST", target, len(data), True, length=len(data)).announced()
    exchange.send(data[:20_000])
    other = uploads.create("PUT", target + ".other", bytes(100_000), False)
    shows(other.done(), 201)
    exchange.send(data[20_000:40_000])
    assert wait_until(lambda: (exchange.hear().told() or 0) >= 30_000)
    final = exchange.send(data[40_000:]).done()
    shows(final, 507, Upload_Complete=None)
    shows(uploads.cancel(other.location), 204)
    offset = integer(uploads.offset(exchange.location), "Upload-Offset")
    assert 20_000 <= offset < len(data)
    final = uploads.append(exchange.location, offset, data[offset:], True).done()
    shows(final, 201, Upload_Complete=True)
    is_stored(server, target, data, final)


def test_creation_example_d_content_that_cannot_be_taken(server, uploads, target):
    """Coded content, as it stands: this server says so before any 104. And behind the 104, what turns
    out to be corrupted."""
    coded = [("Content-Encoding", "gzip")]
    exchange = uploads.create("POST", target, bytes(SENT), False, length=123_456, fields=coded)
    shows(exchange.done(), 400, Upload_Complete=True)
    assert exchange.interims == [] and exchange.location is None
    data = random.randbytes(SENT)
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    fields = [("Repr-Digest", f"sha-256=:{digest}:")]
    damaged = data[:-1] + bytes([data[-1] ^ 1])
    exchange = uploads.create("POST", target, damaged, True, length=len(data), fields=fields)
    shows(exchange.done(), 422, Upload_Complete=True)
    assert exchange.interims[0].status == 104
    shows(uploads.offset(exchange.location), 404)
    assert server.get(target).status == 404


def test_creation_after_an_interruption_104_is_enough_to_resume(server, uploads, target):
    """Also of a body in chunks, whose length is never told."""
    data = random.randbytes(60_000)
    fields = [("Upload-Length", str(len(data))), ("Transfer-Encoding", "chunked")]
    connection = server.connect()
    head = [("Upload-Complete", "?1"), ("Upload-Draft-Interop-Version", "8"), *fields]
    connection.send(server.request("PUT", target, head))
    interim = connection.read_response("PUT")
    shows(interim, 104)
    connection.send(b"%x\r\n" % len(data) + data[:30_000])
    connection.abort()
    offset = integer(uploads.offset(interim.get("Location")), "Upload-Offset")
    assert offset <= 30_000
    final = uploads.append(interim.get("Location"), offset, data[offset:], True).done()
    is_stored(server, target, data, final)


def test_creation_where_uploads_are_not_allowed(server, uploads):
    exchange = uploads.create("PUT", "/download/file/x", b"content", True, length=7)
    shows(exchange.done(), 405)
    assert exchange.interims == [] and exchange.location is None


def test_creation_with_lengths_that_differ_is_refused(uploads, target):
    exchange = uploads.create("PUT", target, b"seven..", True, length=8)
    is_problem(exchange.done(), 400, "inconsistent-upload-length")
    assert exchange.location is None


def test_creation_with_an_expectation_is_told_both_100_and_104(server, uploads, target):
    """Section "Status Code 104": one does not stand for the other."""
    data = random.randbytes(10_000)
    fields = [("Expect", "100-continue")]
    exchange = uploads.begin("PUT", target, len(data), True, fields=fields).announced()
    while exchange.interims[-1].status != 100:
        exchange.hear()
    final = exchange.send(data).done()
    assert [one.status for one in exchange.interims] == [104, 100]
    is_stored(server, target, data, final)


def test_a_client_of_no_known_version_gets_no_104(server, uploads, target):
    """Section "Draft Version Identification": 104 is for who says that it understands this one's."""
    exchange = uploads.create("PUT", target, b"abc", True, interop=False)
    shows(exchange.done(), 201)
    assert exchange.interims == []


# ---------------------------------------------------------------- section "Offset Retrieval"


def test_retrieval_example_a_of_an_upload_that_is_not_complete(uploads, target):
    exchange = uploads.create("PUT", target, bytes(25_000), False, length=100_000)
    exchange.done()
    told = uploads.offset(exchange.location)
    shows(
        told,
        204,
        Upload_Complete=False,
        Upload_Offset=25_000,
        Upload_Length=100_000,
        Cache_Control="no-store",
    )
    assert 0 < limits(told)["max-age"] <= limits(exchange.final)["max-age"]
    uploads.cancel(exchange.location)


def test_retrieval_example_b_of_a_completed_upload(server, uploads, target):
    data = random.randbytes(100_000)
    exchange = uploads.create("PUT", target, data, True)
    is_stored(server, target, data, exchange.done())
    told = uploads.offset(exchange.location)
    shows(
        told,
        204,
        Upload_Complete=True,
        Upload_Offset=100_000,
        Upload_Length=100_000,
        Cache_Control="no-store",
    )
    # For who has missed the last reply.
    shows(told, 204, X_Checksum_CRC32=f"0x{zlib.crc32(data):08x}")


def test_retrieval_of_what_is_not_there(uploads):
    shows(uploads.offset("/uploads/00112233445566778899aabbccddeeff"), 404, Upload_Offset=None)


def test_retrieval_by_get_tells_the_same(server, uploads, target):
    exchange = uploads.create("PUT", target, bytes(25_000), False, length=100_000)
    exchange.done()
    told = server.exchange("GET", exchange.location)
    shows(told, 204, Upload_Complete=False, Upload_Offset=25_000, Upload_Length=100_000)
    assert limits(told)["max-age"] > 0
    uploads.cancel(exchange.location)


# ---------------------------------------------------------------- section "Upload Append"


@pytest.fixture
def begun(uploads, target):
    """An upload of 30,000 bytes, of which 20,000 are there. (its address, all its bytes)"""
    data = random.randbytes(30_000)
    exchange = uploads.create("PUT", target, data[:20_000], False, length=len(data))
    shows(exchange.done(), 201)
    yield exchange.location, data
    uploads.cancel(exchange.location)


def test_append_example_a_a_part(uploads, begun):
    upload, data = begun
    exchange = uploads.append(upload, 20_000, data[20_000:23_456], False)
    shows(exchange.done(), 204, Upload_Complete=False)
    shows(uploads.offset(upload), 204, Upload_Offset=23_456, Upload_Complete=False)


def test_append_example_b_the_last_part(server, uploads, target, begun):
    upload, data = begun
    final = uploads.append(upload, 20_000, data[20_000:], True).done()
    shows(final, 201, Upload_Complete=True)
    is_stored(server, target, data, final)


def test_append_of_nothing_completes_what_is_there(server, uploads, target):
    data = random.randbytes(10_000)
    exchange = uploads.create("PUT", target, data, False)
    shows(exchange.done(), 201)
    final = uploads.append(exchange.location, len(data), b"", True).done()
    shows(final, 201, Upload_Complete=True)
    is_stored(server, target, data, final)


@pytest.mark.parametrize("offset", [0, 19_999, 20_001, 25_000])
def test_append_at_another_offset_is_a_conflict(uploads, begun, offset):
    upload, _ = begun
    reply = uploads.append(upload, offset, b"x", False).done()
    is_problem(
        reply, 409, "mismatching-upload-offset", expected_offset=20_000, provided_offset=offset
    )
    shows(reply, 409, Upload_Offset=20_000, Upload_Complete=False)
    shows(uploads.offset(upload), 204, Upload_Offset=20_000)


def test_append_to_a_completed_upload(server, uploads, target, begun):
    upload, data = begun
    final = uploads.append(upload, 20_000, data[20_000:], True).done()
    is_stored(server, target, data, final)
    # Bytes are refused, as is another offset; an append that is valid gets the last reply again.
    more = uploads.append(upload, len(data), b"more", True).done()
    is_problem(more, 400, "inconsistent-upload-length")
    reply = uploads.append(upload, 0, b"", True).done()
    is_problem(reply, 409, "mismatching-upload-offset")
    shows(reply, 409, Upload_Offset=len(data), Upload_Complete=False)
    again = uploads.append(upload, len(data), b"", True).done()
    shows(again, 200, Upload_Complete=True, Location=final.get("Location"))
    is_stored(server, target, data, again)


def test_append_beyond_the_length_ends_the_upload(server, uploads, target, begun):
    upload, data = begun
    reply = uploads.append(upload, 20_000, data[20_000:] + b"!", False).done()
    is_problem(reply, 400, "inconsistent-upload-length")
    assert server.get(target).status == 404
    again = uploads.offset(upload)
    assert again.status == 404 or integer(again, "Upload-Offset") == 20_000


def test_append_of_another_length_is_refused(uploads, begun):
    upload, _ = begun
    reply = uploads.append(upload, 20_000, b"x", False, [("Upload-Length", "40000")]).done()
    is_problem(reply, 400, "inconsistent-upload-length")


def test_append_of_another_media_type_is_refused(server, begun):
    upload, _ = begun
    fields = [
        ("Upload-Complete", "?0"),
        ("Upload-Offset", "20000"),
        ("Content-Type", "application/octet-stream"),
    ]
    shows(server.exchange("PATCH", upload, fields, b"x"), 415)


@pytest.mark.parametrize("missing", ["Upload-Complete", "Upload-Offset"])
def test_append_says_where_and_whether_it_is_the_last(server, begun, missing):
    upload, _ = begun
    fields = [
        ("Upload-Complete", "?0"),
        ("Upload-Offset", "20000"),
        ("Content-Type", "application/partial-upload"),
    ]
    fields = [field for field in fields if field[0] != missing]
    shows(server.exchange("PATCH", upload, fields, b"x"), 400)


# ---------------------------------------------------------------- cancellation, concurrency


def test_cancellation_example(uploads, begun):
    upload, _ = begun
    shows(uploads.cancel(upload), 204)
    shows(uploads.offset(upload), 404)
    shows(uploads.append(upload, 20_000, b"x", False).done(), 404)


def test_cancellation_ends_a_request_that_is_under_way(server, uploads, target):
    exchange = uploads.begin("PUT", target, 100_000, True).announced().send(bytes(10_000))
    shows(uploads.cancel(exchange.location), 204)
    with contextlib.suppress(Ended):  # by a reply, or without one
        exchange.send(bytes(90_000))
        assert exchange.done().status >= 400
    assert server.get(target).status == 404


def test_a_newer_request_takes_the_upload_from_one_that_hangs(server, uploads, target):
    """Section "Concurrency": the offset that is told must be taken, and nothing late lands."""
    data = random.randbytes(60_000)
    hanging = uploads.begin("PUT", target, len(data), True).announced().send(data[:30_000])
    offset = integer(uploads.offset(hanging.location), "Upload-Offset")
    with contextlib.suppress(Ended):
        hanging.send(bytes(30_000))
    final = uploads.append(hanging.location, offset, data[offset:], True).done()
    is_stored(server, target, data, final)
    hanging.connection.close()
