# SPDX-License-Identifier: MIT
"""HTTP/1.1 itself (RFC 9110, RFC 9112): ranges, framing, connections, early answers, limits.

A request whose framing is ambiguous gets 400 and a close; a reply that comes before the body was
read arrives; a connection goes on when it can and ends when it must.
"""

import base64
import contextlib
import email
import email.policy
import hashlib
import os
import random
import re
import subprocess
import time

import pytest

from wherry_client import Ended, TimeBound, chunked, crc_text, form, form_type, part
from wherry_server import wait_until

MiB = 1 << 20


@pytest.fixture
def stored(server, unique):
    """A stored file of 1000 bytes: its download target and its data."""
    data = random.randbytes(1000)
    assert server.put(f"/upload/{unique}.bin", data).status == 201
    return f"/download/file/{unique}.bin", data


def assert_refused(server, data, statuses=(400,)):
    """`data` gets such a status, as a JSON error, and the connection ends in order."""
    response = server.exchange_bytes(data)
    assert response.status in statuses, response
    assert response.closes(), response
    assert response.error()


# ---------------------------------------------------------------- ranges (RFC 9110 §14)


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-99", 0, 99),
        ("bytes=500-599", 500, 599),
        ("bytes=999-999", 999, 999),
        ("bytes=990-", 990, 999),
        ("bytes=0-", 0, 999),
        ("bytes=-10", 990, 999),
        ("bytes=-1", 999, 999),
        ("bytes=-1000", 0, 999),
        ("bytes=-5000", 0, 999),
        ("bytes=-18446744073709551616", 0, 999),
        ("bytes=990-1000", 990, 999),
        ("bytes=990-18446744073709551615", 990, 999),
        ("bytes=990-99999999999999999999999", 990, 999),
        ("Bytes=0-9", 0, 9),
        ("bytes=007-008", 7, 8),
    ],
)
def test_a_single_range_gets_206_and_these_bytes(server, stored, value, first, last):
    target, data = stored
    response = server.get(target, [("Range", value)])
    assert response.status == 206
    assert response.get("Content-Range") == f"bytes {first}-{last}/1000"
    assert response.content_length == last - first + 1
    assert response.body == data[first : last + 1]


@pytest.mark.parametrize(
    "value",
    [
        "bytes=1000-",
        "bytes=1000-1000",
        "bytes=5000-6000",
        "bytes=-0",
        "bytes=18446744073709551615-",
        "bytes=99999999999999999999999-",
    ],
)
def test_a_range_past_the_end_gets_416_with_the_size(server, stored, value):
    response = server.get(stored[0], [("Range", value)])
    assert response.status == 416
    assert response.get("Content-Range") == "bytes */1000"


@pytest.mark.parametrize("value", ["bytes=0-", "bytes=0-0", "bytes=-1"])
def test_no_range_of_an_empty_file_can_be_had(server, unique, value):
    server.put(f"/upload/{unique}", b"")
    response = server.get(f"/download/file/{unique}", [("Range", value)])
    assert response.status == 416
    assert response.get("Content-Range") == "bytes */0"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-1",
        "bytes=1--2",
        "bytes=--1",
        "bytes=0x1-0x2",
        "bytes=1-2x",
        "bytes=+1-2",
        "bytes 0-1",
        "items=0-1",
        "bytes=0 -1",
        "bytes=1",
        "0-1",
    ],
)
def test_a_malformed_range_is_ignored(server, stored, value):
    target, data = stored
    response = server.get(target, [("Range", value)])
    assert response.status == 200
    assert response.body == data
    assert response.get("Content-Range") is None


@pytest.mark.parametrize(
    "value",
    [
        "bytes=" + ",".join(f"{2 * i}-{2 * i}" for i in range(17)),
        "bytes=0-1,x",
        pytest.param(
            "bytes=" + ",".join(f"{i}-{i}" for i in range(500)), marks=pytest.mark.needs_long_heads
        ),
    ],
)
def test_too_many_ranges_are_ignored(server, stored, value):
    target, data = stored
    response = server.get(target, [("Range", value)])
    assert response.status == 200
    assert response.body == data


def parts_of(response):
    """Returns: [(Content-Range, bytes)] of a multipart/byteranges body, read by its boundary."""
    message = email.message_from_bytes(
        b"Content-Type: " + response.get("Content-Type").encode() + b"\r\n\r\n" + response.body,
        policy=email.policy.HTTP,
    )
    assert message.get_content_type() == "multipart/byteranges"
    assert not message.defects
    return [
        (part["Content-Range"], part.get_payload(decode=True)) for part in message.get_payload()
    ]


@pytest.mark.parametrize("is_stored", [True, False])
def test_several_ranges_are_sent_in_parts(server, unique, is_stored):
    data = bytes(i % 256 for i in range(20_000)).replace(b"\r", b"x").replace(b"\n", b"x")
    target = f"/download/file/{unique}"
    if is_stored:
        assert server.put(f"/upload/{unique}", data).status == 201
    else:
        target, data = "/download/generate/20000", bytes(i % 256 for i in range(20_000))
    ranges = [(19_000, 19_009), (0, 0), (5000, 14_999), (19_999, 19_999)]
    value = "bytes=" + ",".join(f"{first}-{last}" for first, last in ranges[:3]) + ",-1"
    response = server.get(target, [("Range", value)])
    assert response.status == 206
    assert response.get("Content-Range") is None
    assert response.content_length == len(response.body)
    rest = response.body
    for first, last in ranges:
        head = f"Content-Range: bytes {first}-{last}/20000\r\n\r\n".encode()
        assert rest.index(head) < 200
        rest = rest[rest.index(head) + len(head):]
        assert rest.startswith(data[first : last + 1])
        rest = rest[last + 1 - first :]
    assert rest.startswith(b"\r\n--") and rest.endswith(b"--\r\n") and len(rest) < 80
    if is_stored:
        assert [len(body) for _, body in parts_of(response)] == [10, 1, 10_000, 1]


def test_a_tag_names_one_version(server, unique):
    target = f"/download/file/{unique}"
    server.put(f"/upload/{unique}", b"first")
    first = server.get(target).get("ETag")
    assert server.get(target, [("If-None-Match", f'"x", W/{first}')]).status == 304
    assert server.get(target, [("If-Match", first), ("Range", "bytes=1-2")]).body == b"ir"
    assert server.get(target, [("If-Range", first), ("Range", "bytes=1-2")]).status == 206
    server.put(f"/upload/{unique}", b"second")
    assert server.get(target).get("ETag") not in (None, first)
    assert server.get(target, [("If-None-Match", first)]).body == b"second"
    assert server.get(target, [("If-Match", first)]).status == 412
    response = server.get(target, [("If-Range", first), ("Range", "bytes=1-2")])
    assert (response.status, response.body) == (200, b"second")


@pytest.mark.parametrize("target", ["stored", "/download/generate/3000"])
def test_a_digest_that_is_wanted_is_told(server, stored, target):
    target = stored[0] if target == "stored" else target
    data = server.get(target).body
    expected = base64.b64encode(hashlib.sha256(data).digest()).decode()
    wish = ("Want-Repr-Digest", "sha-256=10, md5=9")
    for response in (
        server.get(target, [wish]),
        server.get(target, [wish, ("Range", "bytes=0-9")]),
        server.exchange("HEAD", target, [wish]),
    ):
        assert response.get("Repr-Digest") == f"sha-256=:{expected}:"


def test_a_range_that_is_not_of_get_is_ignored(server, stored):
    response = server.exchange("HEAD", stored[0], [("Range", "bytes=0-9")])
    assert response.status == 200
    assert response.content_length == 1000


def test_a_stale_if_range_gets_the_whole_file(server, stored):
    target, data = stored
    for stale in ("Mon, 01 Jan 2001 00:00:00 GMT", '"no-such-tag"', "nonsense"):
        response = server.get(target, [("Range", "bytes=0-9"), ("If-Range", stale)])
        assert response.status == 200, stale
        assert response.body == data


@pytest.mark.needs_folder
def test_an_if_range_with_the_last_modified_of_an_old_file_gets_the_range(server, unique):
    (server.folder / unique).write_bytes(b"0123456789")
    os.utime(server.folder / unique, (1_000_000_000, 1_000_000_000))
    modified = server.get(f"/download/file/{unique}").get("Last-Modified")
    assert modified == "Sun, 09 Sep 2001 01:46:40 GMT"
    response = server.get(
        f"/download/file/{unique}", [("Range", "bytes=2-3"), ("If-Range", modified)]
    )
    assert (response.status, response.body) == (206, b"23")


@pytest.mark.needs_folder
def test_ranges_work_past_four_gib(server, unique):
    size = 5 * 2**30
    with open(server.folder / unique, "wb") as file:
        file.seek(size - 4)
        file.write(b"last")
    target = f"/download/file/{unique}"
    assert server.exchange("HEAD", target).content_length == size
    response = server.get(target, [("Range", "bytes=-6")])
    assert response.get("Content-Range") == f"bytes {size - 6}-{size - 1}/{size}"
    assert response.body == b"\0\0last"
    response = server.get(target, [("Range", f"bytes={size - 4}-{size - 3}")])
    assert response.body == b"la"
    assert server.get(target, [("Range", f"bytes={size}-")]).status == 416


def test_a_put_with_content_range_is_refused_and_the_file_stays(server, stored):
    target, data = stored
    upload = target.replace("/download/file/", "/upload/")
    response = server.put(upload, b"x" * 10, [("Content-Range", "bytes 0-9/1000")])
    assert response.status == 400
    assert response.error()
    assert server.get(target).body == data


# ---------------------------------------------------------------- methods and heads


def test_a_static_download_says_how_it_can_be_had(server, stored):
    response = server.get(stored[0])
    assert response.get("Accept-Ranges") == "bytes"
    assert response.framing == "length"
    assert response.get("X-Content-Type-Options") == "nosniff"


@pytest.mark.needs_process
def test_a_response_has_date_and_a_stored_file_its_last_modified(server, stored):
    imf_fixdate = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} 20\d\d \d\d:\d\d:\d\d GMT"
    response = server.get(stored[0])
    assert re.fullmatch(imf_fixdate, response.get("Date"))
    assert re.fullmatch(imf_fixdate, response.get("Last-Modified"))
    assert re.fullmatch(imf_fixdate, server.get("/nothing").get("Date"))


@pytest.mark.parametrize(
    "target", [None, "/", "/download/generate/5000", "/download/file/missing", "/nothing"]
)
def test_head_is_get_without_the_body(server, stored, target):
    target = target or stored[0]

    def fields(response):
        return [(name, value) for name, value in response.fields if name != "Date"]

    get = server.get(target)
    head = server.exchange("HEAD", target)
    assert head.status == get.status
    assert fields(head) == fields(get)


@pytest.mark.parametrize(
    ("target", "methods"),
    [
        ("/", {"GET", "HEAD", "OPTIONS"}),
        ("/download/file/a.bin", {"GET", "HEAD", "OPTIONS"}),
        ("/download/generate/10", {"GET", "HEAD", "OPTIONS"}),
        ("/download/report", {"POST", "OPTIONS"}),
        ("/upload", {"POST", "OPTIONS"}),
        ("/upload/a.bin", {"PUT", "OPTIONS"}),
        ("/discard/a.bin", {"PUT", "OPTIONS"}),
    ],
)
def test_options_and_405_name_the_methods(server, target, methods):
    options = server.exchange("OPTIONS", target)
    assert options.status in (200, 204)
    assert options.allow() == methods
    for method in {"GET", "PUT", "POST", "DELETE", "PATCH"} - methods:
        response = server.exchange(method, target)
        assert response.status == 405, method
        assert response.allow() == methods
        assert response.error()


def test_options_asterisk_is_about_the_server(server):
    response = server.exchange("OPTIONS", "*")
    assert response.status in (200, 204)


@pytest.mark.parametrize("method", ["BREW", "get", "TRACE", "CONNECT", "X" * 100])
def test_an_unknown_method_is_refused(server, method):
    response = server.exchange(method, "/")
    assert response.status in (400, 405, 501)
    assert response.error()


@pytest.mark.parametrize(
    "target",
    [
        "/nothing",
        "/download",
        "/download/",
        "/download/file",
        "/uploaded/a",
        "/download/generate/",
        "/discard",
        "/OK",
        "/Upload/a",
    ],
)
def test_what_is_not_there_is_404(server, target):
    response = server.get(target)
    assert response.status == 404
    assert response.error()


def test_absolute_form_is_understood(server, stored):
    target, data = stored
    assert server.get(f"http://{server.authority}{target}").body == data
    assert server.get(f"http://elsewhere.test{target}").body == data


def test_a_query_does_not_change_the_path(server, stored):
    target, data = stored
    assert server.get(f"{target}?name=value&/../x").body == data


def test_http_1_0_gets_its_answer_and_a_close(server, stored):
    target, data = stored
    for host in (True, False):
        response = server.exchange_bytes(
            server.request("GET", target, version="HTTP/1.0", host=host)
        )
        assert response.status == 200
        assert response.body == data
        assert response.framing in ("length", "close")


def test_http_1_0_may_upload(server, unique):
    data = server.request("PUT", f"/upload/{unique}", body=b"ten", version="HTTP/1.0")
    assert server.exchange_bytes(data).status == 201
    assert server.get(f"/download/file/{unique}").body == b"ten"


@pytest.mark.parametrize(
    ("version", "statuses"),
    [
        ("HTTP/2.0", (505,)),
        ("HTTP/0.9", (400, 505)),
        ("HTTP/1", (400, 505)),
        ("http/1.1", (400, 505)),
        ("HTTP/1.1x", (400, 505)),
        ("", (400, 505)),
    ],
)
def test_another_protocol_version_is_refused(server, version, statuses):
    assert_refused(server, server.request("GET", "/", version=version), statuses)


# ---------------------------------------------------------------- framing that is refused

HOST = b"Host: wherry.test\r\n"


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\nHost: wherry.test\n\n",
        b"GET / HTTP/1.1\r\nHost: wherry.test\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"A: b\rc\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"A: one\r\n two\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"A: one\r\n\ttwo\r\n\r\n",
        b"GET / HTTP/1.1\r\n A: first\r\n" + HOST + b"\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"Content-Length : 0\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"A\t: b\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b": no name\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"no colon\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"A(b): c\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"A: b\0c\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"A\0: b\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"A: b\x01c\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"A: b\x7fc\r\n\r\n",
        b"GET /\0 HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /\x01 HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET  / HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /  HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET / a HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET\t/\tHTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET / HTTP/1.1 \r\n" + HOST + b"\r\n",
        b" GET / HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /#fragment HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET nothing HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: user@wherry.test\r\n\r\n",
        b"G{T / HTTP/1.1\r\n" + HOST + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"\r\n\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n" + HOST + b"\r\n",
    ],
)
def test_a_head_that_is_not_http_gets_400_and_a_close(server, head):
    assert_refused_or_bad_target(server, head)


def assert_refused_or_bad_target(server, head):
    """400; a target that is well framed but makes no sense may leave the connection open."""
    with server.connect() as connection:
        connection.send(head)
        response = connection.read_response()
        assert response.status == 400, response
        assert response.error()
        if response.closes():
            assert connection.how_it_ends() == "closed"
        else:
            assert b"nothing" in head, "framing was in doubt: the connection must close"


@pytest.mark.parametrize("empty_lines", [1, 2])
def test_empty_lines_before_a_request_are_skipped(server, empty_lines):
    response = server.exchange_bytes(
        b"\r\n" * empty_lines + server.request("GET", "/", [("Connection", "close")])
    )
    assert response.status == 200


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ([("Content-Length", "5"), ("Transfer-Encoding", "chunked")], 400),
        ([("Transfer-Encoding", "chunked"), ("Content-Length", "5")], 400),
        ([("Transfer-Encoding", "chunked"), ("Content-Length", "0")], 400),
        ([("Content-Length", "5"), ("Content-Length", "5")], 400),
        ([("Content-Length", "5"), ("Content-Length", "6")], 400),
        ([("Content-Length", "5, 5")], 400),
        ([("Content-Length", "5,6")], 400),
        ([("Content-Length", "")], 400),
        ([("Content-Length", "-1")], 400),
        ([("Content-Length", "+5")], 400),
        ([("Content-Length", "5 5")], 400),
        ([("Content-Length", "0x5")], 400),
        ([("Content-Length", "5.0")], 400),
        ([("Content-Length", "five")], 400),
        ([("Content-Length", "18446744073709551616")], 400),
        ([("Content-Length", "18446744073709551621")], 400),
        ([("Content-Length", "9" * 100)], 400),
        ([("Transfer-Encoding", "")], 400),
        ([("Transfer-Encoding", "identity")], 400),
        ([("Transfer-Encoding", "xchunked")], 400),
        ([("Transfer-Encoding", "chunked, gzip")], 400),
        ([("Transfer-Encoding", "chunked, chunked")], 400),
        ([("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")], 400),
        ([("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "identity")], 400),
        ([("Transfer-Encoding", "gzip, chunked")], 501),
        ([("Transfer-Encoding", "gzip"), ("Transfer-Encoding", "chunked")], 501),
    ],
)
def test_ambiguous_body_framing_is_refused_and_nothing_stored(server, unique, fields, status):
    smuggled = server.request("PUT", f"/upload/{unique}-smuggled", body=b"x")
    head = server.request("PUT", f"/upload/{unique}", fields)
    assert_refused(server, head + b"0\r\n\r\n" + smuggled, (status,))
    assert server.get(f"/download/file/{unique}").status == 404
    assert server.get(f"/download/file/{unique}-smuggled").status == 404


def test_chunked_in_http_1_0_is_refused(server, unique):
    data = server.request(
        "PUT", f"/upload/{unique}", [("Transfer-Encoding", "chunked")], version="HTTP/1.0"
    )
    assert_refused(server, data + chunked(b"data"))


# ---------------------------------------------------------------- chunked bodies

CHUNKED = ("Transfer-Encoding", "chunked")


@pytest.mark.parametrize(
    "body",
    [
        chunked(b"hello", b" ", b"world"),
        chunked(*[b"%c" % c for c in b"hello world"]),
        b"b\r\nhello world\r\n0\r\n\r\n",
        b"B\r\nhello world\r\n0\r\n\r\n",
        b"0000000b\r\nhello world\r\n0000\r\n\r\n",
        chunked(b"hello", b" world", extension=b";name"),
        chunked(b"hello", b" world", extension=b';name=value;other="quoted \\" ; value"'),
        chunked(b"hello", b" world", extension=b" ; name = value"),
        chunked(b"hello", b" world", trailers=b"A: b\r\nC: d\r\n"),
        chunked(b"hello", b" world", trailers=b"Content-Length: 5\r\nTransfer-Encoding: gzip\r\n"),
    ],
)
def test_a_chunked_body_is_stored_and_the_connection_goes_on(server, unique, body):
    with server.connect() as connection:
        connection.send(
            server.request("PUT", f"/upload/{unique}", [CHUNKED], body) + server.request("GET", "/")
        )
        response = connection.read_response()
        assert response.status == 201
        assert response.json() == {
            "filename": unique,
            "size": 11,
            "crc32": crc_text(b"hello world"),
        }
        assert connection.read_response().body == b"OK"
    assert server.get(f"/download/file/{unique}").body == b"hello world"


@pytest.mark.parametrize(
    "body",
    [
        b"\r\n",
        b"g\r\n",
        b"-1\r\n",
        b"+5\r\nhello\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b" 5\r\nhello\r\n0\r\n\r\n",
        b"5\nhello\n0\n\n",
        b"5\r\nhello\n0\r\n\r\n",
        b"5\r\nhello!\r\n0\r\n\r\n",
        b"5\r\nhell\r\n0\r\n\r\n",
        b"5\rhello\r\n0\r\n\r\n",
        b"5;a\nb\r\nhello\r\n0\r\n\r\n",
        b"5 5\r\nhello\r\n0\r\n\r\n",
        b"10000000000000005\r\nhello\r\n0\r\n\r\n",
        b"fffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\r\n0\r\nno colon\r\n\r\n",
        b"5\r\nhello\r\n0\r\n A: folded\r\n\r\n",
        b"5\r\nhello\r\n0\r\nA: b\n\r\n",
        b"5\r\nhello\r\n0\r\nA : b\r\n\r\n",
        b"5;" + b"x" * 100_000 + b"\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\r\n0\r\n" + b"A: b\r\n" * 20_000 + b"\r\n",
    ],
)
def test_a_broken_chunked_body_gets_400_and_a_close_and_nothing_is_stored(server, unique, body):
    assert_refused(server, server.request("PUT", f"/upload/{unique}", [CHUNKED], body))
    assert server.get(f"/download/file/{unique}").status == 404


def test_a_chunked_body_without_its_end_is_not_stored(server, unique):
    for body in (
        b"5\r\nhello\r\n",
        b"5\r\nhello\r\n0\r\n",
        b"5\r\nhello",
        b"ffffffffffffffff\r\nhello",
    ):
        with server.connect() as connection:
            connection.send(server.request("PUT", f"/upload/{unique}", [CHUNKED], body))
            connection.finish_sending()
            try:
                assert connection.read_response().status == 400
            except Ended:
                pass  # nobody may be there to answer
        assert server.get(f"/download/file/{unique}").status == 404


@pytest.fixture
def capped(request):
    """A server, and the size of the largest body that it accepts: 1000 where that can be set."""
    if not request.config.getoption("--base-url"):
        return request.getfixturevalue("start_server")("--max-content-length", 1000), 1000
    server = request.getfixturevalue("server")

    def put(size):
        return server.request("PUT", "/discard/a", [EXPECT, ("Content-Length", str(size))])

    return server, request.getfixturevalue("limits_elsewhere")(413, put, 2**64 - 1)


OVER_CAP = {
    "one chunk": lambda cap: chunked(b"x" * (cap + 1)),
    "sum of chunks": lambda cap: chunked(*[b"x" * (cap // 10)] * 11),
    "2^64 - 1": lambda cap: b"ffffffffffffffff\r\n" + b"x" * (cap + 1000),
    "sum wraps to 1": lambda cap: b"5\r\nhello\r\nfffffffffffffffc\r\n" + b"x" * (cap + 1000),
    "sum wraps to 0": lambda cap: b"5\r\nhello\r\nfffffffffffffffb\r\n" + b"x" * (cap + 1000),
}


@pytest.mark.parametrize("body", OVER_CAP.values(), ids=OVER_CAP.keys())
@pytest.mark.parametrize(
    "endpoint", [pytest.param("upload", marks=pytest.mark.needs_large), "discard"]
)
def test_a_chunked_body_cannot_pass_the_cap(capped, unique, body, endpoint):
    server, cap = capped
    before = server.files()
    request = server.request("PUT", f"/{endpoint}/{unique}", [CHUNKED], body(cap))
    assert_refused(server, request, (413,))
    assert wait_until(lambda: server.files() == before)
    assert server.get(f"/download/file/{unique}").status == 404
    reply = server.put(f"/{endpoint}/{unique}", chunked(b"x" * 999, b"y"), [CHUNKED])
    assert reply.status in (200, 201)


def test_a_body_is_checked_against_the_cap_to_the_byte(capped, unique):
    server, cap = capped
    data = b"x" * cap
    for body, fields in ((data, []), (chunked(data), [CHUNKED])):
        assert server.put(f"/discard/{unique}", body, fields).status == 200
    # The first is refused by its head, and the rest of a body is not awaited for ever.
    too_long = [("Content-Length", str(cap + 1))]
    for body, fields in ((b"x" * 1001, too_long), (chunked(data, b"x"), [CHUNKED])):
        response = server.put(f"/discard/{unique}", body, fields)
        assert response.status == 413
        assert response.error()


def test_the_greatest_content_length_is_no_trouble(server, unique):
    with server.connect() as connection:
        connection.send(
            server.request("PUT", f"/upload/{unique}", [("Content-Length", str(2**64 - 1))])
        )
        connection.send(b"some data")
        connection.finish_sending()
        try:
            assert connection.read_final_response().status in (400, 413, 507)
        except Ended as end:
            assert end.how == "closed"
    assert server.get(f"/download/file/{unique}").status == 404


# ---------------------------------------------------------------- bytes in any pieces


def whole_exchange(server, name):
    """A connection's worth of requests that use each kind of body, and a check of the answers."""
    body = form(
        part(f'name="file"; filename="{name}-form"', b"form\r\n--bound\r\ndata"),
        boundary=b"boundary",
    )
    data = (
        server.request("PUT", f"/upload/{name}", body=b"with a length")
        + server.request(
            "PUT",
            f"/upload/{name}-chunked",
            [CHUNKED],
            chunked(b"in", b" chunks", trailers=b"A: b\r\n"),
        )
        + server.request("POST", "/upload", [form_type()], body)
        + server.request("GET", f"/download/file/{name}", [("Range", "bytes=-6")])
    )

    def check(connection):
        replies = [connection.read_response() for _ in range(4)]
        assert [reply.status for reply in replies[:3]] in (
            [201] * 3,
            [200, 200, 201],
            [200] * 3,
        ), replies
        assert [reply.json()["crc32"] for reply in replies[:3]] == [
            crc_text(b"with a length"),
            crc_text(b"in chunks"),
            crc_text(b"form\r\n--bound\r\ndata"),
        ]
        assert (replies[3].status, replies[3].body) == (206, b"length")

    return data, check


def test_requests_in_one_segment_are_answered_in_order(server, unique):
    data, check = whole_exchange(server, unique)
    with server.connect() as connection:
        connection.send(data)
        check(connection)


def test_requests_are_understood_whatever_the_split_point(server, unique, split_points):
    data, check = whole_exchange(server, unique)
    with server.connect() as connection:
        for split in split_points(len(data)):
            connection.send_pieces([data[:split], data[split:]], pause_s=0.001)
            check(connection)


def test_requests_are_understood_byte_by_byte(server, unique):
    data, check = whole_exchange(server, unique)
    with server.connect() as connection:
        connection.send_pieces([data[i : i + 1] for i in range(len(data))], pause_s=0.0003)
        check(connection)


# ---------------------------------------------------------------- connections


def test_a_connection_serves_many_requests(server, unique):
    with server.connect() as connection:
        for index in range(50):
            data = random.randbytes(index * 100)
            connection.send(server.request("PUT", f"/upload/{unique}", body=data))
            response = connection.read_response()
            assert response.status == (200 if index else 201)
            assert not response.closes()
            connection.send(server.request("GET", f"/download/file/{unique}"))
            assert connection.read_response().body == data


def test_a_hundred_pipelined_requests_are_answered_in_order(server):
    with server.connect() as connection:
        connection.send(
            b"".join(server.request("GET", f"/download/generate/{i}") for i in range(100))
        )
        for size in range(100):
            assert connection.read_response().body_size == size


def test_a_put_and_a_get_in_one_segment_see_each_other(server, unique):
    data = random.randbytes(3000)
    with server.connect() as connection:
        connection.send(
            server.request("PUT", f"/upload/{unique}", body=data)
            + server.request("GET", f"/download/file/{unique}")
        )
        assert connection.read_response().status == 201
        assert connection.read_response().body == data


def test_who_knows_of_a_change_sees_it_however_many_ask_at_once(server, unique):
    """Requests that come together may be answered by one look at the file: none that is sent after
    the reply to a change may be answered by an earlier look."""
    get = server.request("GET", f"/download/file/{unique}")
    most = server.get("/status").json()["connections"]["limit"]
    assert server.put(f"/upload/{unique}", b"%07d" % 0).status == 201
    with contextlib.ExitStack() as stack:
        crowd = [stack.enter_context(server.connect()) for _ in range(min(12, most - 2))]
        writer, reader = (stack.enter_context(server.connect()) for _ in range(2))
        for step in range(100):
            before, after = b"%07d" % step, b"%07d" % (step + 1)
            for asker in crowd[: len(crowd) // 2]:
                asker.send(get)
            writer.send(server.request("PUT", f"/upload/{unique}", body=after))
            for asker in crowd[len(crowd) // 2 :]:
                asker.send(get)
            assert writer.read_response().status == 200
            reader.send(get)
            assert reader.read_response().body == after
            for asker in crowd:
                assert asker.read_response().body in (before, after)


def test_pipelined_requests_wait_behind_a_large_response(server):
    with server.connect() as connection:
        connection.send(
            server.request("GET", f"/download/generate/{8 * MiB}") + server.request("GET", "/")
        )
        time.sleep(0.2)
        assert connection.read_response().body_size == 8 * MiB
        assert connection.read_response().body == b"OK"


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("GET", "/nothing", None),
        ("GET", "/download/file/missing", None),
        ("DELETE", "/", None),
        ("POST", "/download/report", b'{"size": -1}'),
        ("GET", "/download/file/a%00b", None),
        ("PUT", "/upload/", b"body"),
    ],
)
def test_a_connection_goes_on_after_an_error_or_says_that_it_closes(server, method, target, body):
    with server.connect() as connection:
        connection.send(
            server.request(method, target, [("Content-Type", "application/json")], body)
        )
        response = connection.read_response()
        assert 400 <= response.status < 500
        if body is None:
            assert not response.closes()
        if response.closes():
            assert connection.how_it_ends() == "closed"
        else:
            connection.send(server.request("GET", "/"))
            assert connection.read_response().body == b"OK"


@pytest.mark.parametrize("value", ["close", "Close", "foo, close", "close, keep-alive"])
def test_a_connection_closes_when_it_is_asked_to(server, value):
    with server.connect() as connection:
        connection.send(
            server.request("GET", "/", [("Connection", value)]) + server.request("GET", "/")
        )
        response = connection.read_response()
        assert response.closes()
        assert connection.how_it_ends() == "closed"


def test_a_client_that_finished_sending_still_gets_its_answer(server):
    with server.connect() as connection:
        connection.send(server.request("GET", f"/download/generate/{4 * MiB}"))
        connection.finish_sending()
        assert connection.read_response().body_size == 4 * MiB
        assert connection.how_it_ends() == "closed"


def test_a_connection_that_says_nothing_harms_nobody(server):
    with server.connect() as silent:
        silent.finish_sending()
        assert silent.how_it_ends() == "closed"
    assert server.is_answering()


# ---------------------------------------------------------------- Expect: 100-continue

EXPECT = ("Expect", "100-continue")


def test_a_client_that_waits_is_told_to_continue_at_once(server, unique):
    times_ms = []
    for _ in range(5):
        with server.connect() as connection:
            connection.send(
                server.request("PUT", f"/upload/{unique}", [EXPECT, ("Content-Length", "4")])
            )
            start = time.monotonic()
            response = connection.read_response()
            times_ms.append((time.monotonic() - start) * 1000)
            assert response.status == 100
            assert response.fields == []
            connection.send(b"data")
            response = connection.read_response()
            assert response.status in (200, 201)
            connection.send(server.request("GET", "/"))
            assert connection.read_response().body == b"OK"
    print(f"100 Continue after {min(times_ms):.2f} ms at best, {max(times_ms):.2f} ms at worst")
    # A board in an emulator has no time of its own: there it is enough that nobody's patience ends.
    assert min(times_ms) < (10 if server.process else 100)


@pytest.mark.parametrize("fields", [[CHUNKED], [("Content-Length", "10")]])
def test_continue_comes_for_each_framing_and_before_a_form(server, fields):
    with server.connect() as connection:
        connection.send(server.request("PUT", "/discard/a", [EXPECT, *fields]))
        assert connection.read_response().status == 100
    with server.connect() as connection:
        connection.send(server.request("POST", "/upload", [EXPECT, form_type(), *fields]))
        assert connection.read_response().status == 100


def test_continue_is_not_sent_when_the_body_is_here_already(server, unique):
    with server.connect() as connection:
        connection.send(
            server.request("PUT", f"/upload/{unique}", [EXPECT], b"data")
            + server.request("GET", "/")
        )
        response = connection.read_final_response()
        assert response.status == 201
        assert connection.read_response().body == b"OK"


@pytest.mark.parametrize(
    ("method", "target", "fields", "status"),
    [
        ("PUT", "/nothing", [("Content-Length", "10")], 404),
        ("PUT", "/nothing", [CHUNKED], 404),
        ("PUT", "/download/report", [("Content-Length", "10")], 405),
        ("PUT", "/upload/../a", [("Content-Length", "10")], 400),
        ("PUT", "/upload/.wherry/a", [("Content-Length", "10")], 400),
        ("PUT", "/upload/a", [("Content-Length", "10"), ("Content-Range", "bytes 0-9/20")], 400),
        (
            "POST",
            "/upload",
            [("Content-Length", "10"), ("Content-Type", "multipart/form-data")],
            400,
        ),
        ("POST", "/upload", [("Content-Length", "10"), ("Content-Type", "text/plain")], 415),
    ],
)
def test_what_needs_no_body_is_refused_before_it_is_sent(server, method, target, fields, status):
    with server.connect() as connection:
        connection.send(server.request(method, target, [EXPECT, *fields]))
        response = connection.read_response()
        assert response.status == status
        assert response.error()


def test_too_long_a_body_is_refused_before_it_is_sent(capped):
    server, cap = capped
    with server.connect() as connection:
        fields = [EXPECT, ("Content-Length", str(cap + 1))]
        connection.send(server.request("PUT", "/upload/a", fields))
        assert connection.read_response().status == 413


def test_another_expectation_is_417(server):
    response = server.put("/discard/a", b"data", [("Expect", "200-ok")])
    assert response.status == 417


def test_http_1_0_is_not_told_to_continue(server):
    with server.connect() as connection:
        connection.send(
            server.request(
                "PUT", "/discard/a", [EXPECT, ("Content-Length", "4")], version="HTTP/1.0"
            )
        )
        assert connection.is_silent(0.2)
        connection.send(b"data")
        assert connection.read_response().status in (200, 201)


# ---------------------------------------------------------------- answers before the body's end

EARLY = [
    ("PUT", "/nothing", 404),
    ("POST", "/", 405),
    ("PUT", "/upload/a%00b", 400),
    ("PUT", "/upload/.wherry/a", 400),
]


@pytest.mark.parametrize(("method", "target", "status"), EARLY)
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_an_early_answer_reaches_a_client_that_is_still_sending(
    server, method, target, status, framing
):
    """4 MiB are sent without looking, which no socket buffer holds while the server reads none."""
    fields = [("Content-Length", str(4 * MiB))] if framing == "length" else [CHUNKED]
    with server.connect() as connection:
        connection.send(server.request(method, target, fields))
        for _ in range(64):
            block = bytes(64 * 1024)
            connection.send(block if framing == "length" else b"%x\r\n%s\r\n" % (len(block), block))
            time.sleep(0.001)
        response = connection.read_response()
        assert response.status == status
        assert response.error()


def test_a_413_reaches_a_client_that_is_still_sending(capped):
    server, cap = capped
    for fields in ([("Content-Length", str(cap + 4 * MiB))], [CHUNKED]):
        with server.connect() as connection:
            connection.send(server.request("PUT", "/discard/a", fields))
            # What is refused in a chunk is refused only when so much of it has come.
            for _ in range(64 + (cap // (64 * 1024) if fields == [CHUNKED] else 0)):
                connection.send(b"10000\r\n" + bytes(64 * 1024) + b"\r\n")
                time.sleep(0.001)
            response = connection.read_response()
            assert response.status == 413
            assert response.error()
            assert response.closes()


def test_curl_sees_the_413_and_not_a_reset(capped, tmp_path):
    server, cap = capped
    (tmp_path / "large.bin").write_bytes(bytes(cap + 8 * MiB))
    for fields in (["-H", "Expect:"], ["-H", "Expect:", "-H", "Transfer-Encoding: chunked"], []):
        done = subprocess.run(
            [
                "curl",
                "-sS",
                "-m",
                "20",
                "-w",
                "\n%{http_code}",
                *fields,
                "-T",
                str(tmp_path / "large.bin"),
                f"{server.url}/discard/a",
            ],
            capture_output=True,
            timeout=30,
            check=False,
        )
        assert done.stdout.endswith(b"\n413"), (fields, done)
        assert b'{"error":' in done.stdout.replace(b" ", b"")


def test_a_client_that_never_stops_sending_is_cut(server):
    """The reply was given; what is discarded after it has a bound."""
    with server.connect(time_bound_s=30) as connection:
        connection.send(server.request("PUT", "/nothing", [("Content-Length", str(2**40))]))
        start = time.monotonic()
        with pytest.raises((Ended, TimeBound)) as cut:
            while time.monotonic() - start < 30:
                connection.send(bytes(MiB))
        assert isinstance(cut.value, Ended), "the server neither reads nor closes"
    assert server.is_answering()


# ---------------------------------------------------------------- limits


TAIL = b"\r\nHost: wherry.test\r\nConnection: close\r\n\r\n"


def padded_head(size):
    """A head of `size` bytes."""
    start = b"GET / HTTP/1.1\r\nHost: wherry.test\r\nConnection: close\r\n"
    return start + b"A: " + b"b" * (size - len(start) - 7) + b"\r\n\r\n"


@pytest.fixture
def narrow(request):
    """A server, and the sizes of the longest request line and the longest head that it accepts."""
    if not request.config.getoption("--base-url"):
        flags = ("--max-readline", 1000, "--max-header-bytes", 4000)
        return request.getfixturevalue("start_server")(*flags), 1000, 4000
    limit = request.getfixturevalue("limits_elsewhere")
    return (
        request.getfixturevalue("server"),
        limit(414, lambda size: request_line(size) + TAIL, 100_000),
        limit(431, padded_head, 100_000),
    )


def request_line(size):
    """A GET of / whose request line has `size` bytes."""
    line = b"GET /?%s HTTP/1.1"
    return line % (b"a" * (size - len(line) + 2))


def test_a_request_line_over_the_limit_is_414(narrow):
    server, line_bytes, _ = narrow
    assert len(request_line(line_bytes)) == line_bytes
    assert server.exchange_bytes(request_line(line_bytes) + TAIL).status == 200
    assert_refused(server, request_line(line_bytes + 1) + TAIL, (414,))
    assert_refused(server, request_line(100_000) + TAIL, (414,))


def test_a_header_over_the_limit_is_431(narrow):
    server, _, head_bytes = narrow
    assert len(padded_head(head_bytes)) == head_bytes
    assert server.exchange_bytes(padded_head(head_bytes)).status == 200
    assert_refused(server, padded_head(head_bytes + 1), (431,))
    assert_refused(server, padded_head(1000)[:-2] + b"A: b\r\n" * 100_000, (431,))
    assert server.is_answering()


def test_the_default_limits_refuse_what_has_no_end(server):
    with server.connect() as connection:
        connection.send(b"GET /" + b"a" * 200_000)
        assert connection.read_response().status == 414
    with server.connect() as connection:
        connection.send(b"GET / HTTP/1.1\r\nHost: a\r\n" + b"A: b\r\n" * 50_000)
        assert connection.read_response().status == 431
    assert server.is_answering()


@pytest.mark.parametrize("sent", [b"G", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\n"])
def test_a_head_that_stalls_is_408(start_server, sent):
    server = start_server("--header-timeout", 0.4)
    with server.connect() as connection:
        connection.send(sent)
        start = time.monotonic()
        response = connection.read_response()
        assert response.status == 408
        assert response.error()
        assert response.closes()
        assert connection.how_it_ends() == "closed"
        assert 0.3 < time.monotonic() - start < 3


def test_a_head_that_drips_in_for_ever_is_408(start_server):
    server = start_server("--header-timeout", 0.5)
    with server.connect() as connection:
        connection.send(b"GET / HTTP/1.1\r\nHost: a\r\n")
        start = time.monotonic()
        while connection.is_silent(0.05) and time.monotonic() - start < 5:
            connection.send(b"A: b\r\n")
        assert connection.read_response().status == 408
        assert time.monotonic() - start < 3


def test_a_body_that_stalls_is_408_and_nothing_is_stored(start_server):
    server = start_server("--body-idle-timeout", 0.4)
    for fields, body in (([("Content-Length", "1000")], b"x" * 10), ([CHUNKED], b"5\r\nhel")):
        with server.connect() as connection:
            connection.send(server.request("PUT", "/upload/a", fields) + body)
            start = time.monotonic()
            response = connection.read_response()
            assert response.status == 408
            assert response.closes()
            assert connection.how_it_ends() == "closed"
            assert time.monotonic() - start < 3
    assert server.get("/download/file/a").status == 404


def test_a_slow_body_is_no_stalled_body(start_server):
    """Idle times, never a minimum speed: a byte each 0.3 s passes an idle limit of 1 s."""
    server = start_server("--body-idle-timeout", 1, "--header-timeout", 1)
    with server.connect() as connection:
        connection.send(server.request("PUT", "/upload/a", [("Content-Length", "8")]))
        connection.send_pieces([b"x"] * 8, pause_s=0.3)
        assert connection.read_response().status == 201


def test_a_client_may_pause_anywhere(server, unique):
    """Between requests, in a head and in a body: the default idle times are no few seconds."""
    head = server.request("PUT", f"/upload/{unique}", [("Content-Length", "4")])
    with server.connect() as connection:
        connection.send(server.request("GET", "/"))
        assert connection.read_response().status == 200
        for piece in (head[:20], head[20:] + b"da", b"ta"):
            assert connection.is_silent(1.2)
            connection.send(piece)
        assert connection.read_response().status == 201


def test_an_idle_connection_is_closed_in_silence(start_server):
    server = start_server("--keep-alive-timeout", 0.4)
    with server.connect() as connection:
        connection.send(server.request("GET", "/"))
        assert connection.read_response().status == 200
        start = time.monotonic()
        assert connection.how_it_ends() == "closed"
        assert 0.3 < time.monotonic() - start < 3


# ---------------------------------------------------------------- slots


def hold_slot(server, name):
    """A connection in the middle of an upload of two bytes."""
    connection = server.connect()
    connection.send(server.request("PUT", f"/upload/{name}", [("Content-Length", "2")]) + b"x")
    return connection


def test_when_all_slots_are_in_a_request_the_next_gets_503_and_the_others_go_on(start_server):
    server = start_server("--max-connections", 2, "--threads", 1)
    held = [hold_slot(server, "a"), hold_slot(server, "b")]
    time.sleep(0.2)
    for _ in range(3):
        response = server.exchange_bytes(server.request("GET", "/"))
        assert response.status == 503
        assert response.error()
    for connection in held:
        connection.send(b"y")
        assert connection.read_response().status == 201
        connection.close()
    assert wait_until(
        lambda: server.exchange_bytes(server.request("GET", "/", [("Connection", "close")])).status
        == 200
    )
    assert server.get("/download/file/b").body == b"xy"


def test_the_longest_idle_connection_gives_way(start_server):
    server = start_server("--max-connections", 2, "--threads", 1)
    idle = [server.connect(), server.connect()]
    for connection in idle:
        connection.send(server.request("GET", "/"))
        assert connection.read_response().status == 200
        time.sleep(0.05)
    with server.connect() as third:
        third.send(server.request("GET", "/"))
        assert third.read_response().status == 200
        assert idle[0].how_it_ends() == "closed"
        idle[1].send(server.request("GET", "/"))
        assert idle[1].read_response().status == 200


def test_a_thousand_connections_one_after_the_other_leave_nothing_behind(start_server):
    server = start_server("--max-connections", 8)
    for _ in range(20):
        assert server.is_answering()
    before = server.open_descriptors()
    for _ in range(1000):
        with server.connect() as connection:
            connection.send(server.request("GET", "/"))
            assert connection.read_response().status == 200
    assert wait_until(lambda: server.open_descriptors() <= before + 1)
