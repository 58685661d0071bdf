# SPDX-License-Identifier: MIT
"""What a sender says of its bytes is checked before they become a file, and what the server says of
a file's bytes is true: RFC 9530, and CRC-32 as zlib computes it."""

import os
import random
import zlib

import pytest

from digests import base64_of, crc32c, digest, value_of
from wherry_client import chunked, crc_text, form, form_type, part
from wherry_server import wait_until

ALGORITHMS = ["sha-256", "crc32c"]
FIELDS = ["Repr-Digest", "Content-Digest"]
SIZES = [0, 1, 4096, 100_003]
OLD = b"what was there before"


def test_the_digests_of_these_tests_are_right():
    assert crc32c(b"123456789") == 0xE3069283  # the check value of its catalogue
    # RFC 9530, appendix D: the SHA-256 of its JSON document.
    assert value_of("sha-256", b'{"hello": "world"}\n') == (
        "RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg="
    )


@pytest.fixture
def old(server, unique):
    """The address of a file that is there; it must be the same after a refusal."""
    target = f"/files/{unique}"
    assert server.put(target, OLD).status == 201
    return target


def flip(data):
    return bytes([data[0] ^ 1]) + data[1:] if data else b"x"


# ---------------------------------------------------------------- on the way up


@pytest.mark.parametrize("route", ["/files/", "/upload/"])
@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_right_digest_is_accepted(server, unique, route, field, algorithm):
    for size in SIZES:
        data = random.randbytes(size)
        response = server.put(route + unique, data, [(field, digest(algorithm, data))])
        assert response.status in (200, 201), response
        assert response.json()["crc32"] == crc_text(data)
        assert server.get(f"/files/{unique}").body == data


@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_wrong_digest_is_422_with_both_values_and_the_old_file_stays(
    server, old, framing, field, algorithm
):
    for size in SIZES:
        data = random.randbytes(size)
        fields = [(field, digest(algorithm, flip(data)))]
        body = data
        if framing == "chunked":
            fields.append(("Transfer-Encoding", "chunked"))
            body = chunked(data)
        response = server.put(old, body, fields)
        assert response.status == 422, response
        reply = response.json()
        assert reply["filename"] == old.removeprefix("/files/")
        assert reply["algorithm"] == algorithm
        assert reply["expected"] == value_of(algorithm, flip(data))
        assert reply["found"] == value_of(algorithm, data)
        assert server.get(old).body == OLD
    assert wait_until(lambda: not server.staged_files())


def test_no_new_file_comes_of_a_wrong_digest(server, unique):
    target = f"/files/{unique}/deep/file"
    assert server.put(target, b"data", [("Repr-Digest", digest("sha-256", b"date"))]).status == 422
    assert server.get(target).status == 404
    assert server.get(f"/files/{unique}/").status == 404  # nor its folder


@pytest.mark.parametrize("prefix", ["0x", "", "0X"])
@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_a_crc32_may_be_given_in_the_query_or_in_a_field(server, old, prefix, case):
    data = b"\xff" * 9
    text = prefix + case(f"{zlib.crc32(data):08x}")
    assert server.put(f"{old}?crc32={text}", data).status == 200
    assert server.put(old, data, [("X-Checksum-CRC32", text)]).status == 200


@pytest.mark.parametrize("place", ["query", "field"])
@pytest.mark.parametrize("route", ["/files/", "/upload/"])
def test_a_wrong_crc32_is_422_with_both_values_and_the_old_file_stays(server, unique, route, place):
    target = route + unique
    server.put(target, OLD)
    wrong = crc_text(b"other")
    if place == "query":
        response = server.put(f"{target}?crc32={wrong}", b"data")
    else:
        response = server.put(target, b"data", [("X-Checksum-CRC32", wrong)])
    assert response.status == 422
    reply = response.json()
    assert (reply["algorithm"], reply["expected"]) == ("crc32", wrong)
    assert reply["found"] == crc_text(b"data")
    assert server.get(f"/files/{unique}").body == OLD


MALFORMED = {
    "no dictionary": "hello world",
    "a token where bytes are due": "sha-256=abc",
    "a string where bytes are due": 'sha-256="abc"',
    "an integer where bytes are due": "crc32c=12",
    "no value": "sha-256",
    "colon missing": "sha-256=:" + "A" * 43 + "=",
    "too short": "sha-256=:AAAA:",
    "too long": "sha-256=:" + "A" * 48 + ":",
    "no base64": "sha-256=:" + "!" * 44 + ":",
    "crc32c of three bytes": "crc32c=:AAAA:",
    "crc32c of five bytes": "crc32c=:AAAAAAA=:",
    "comma at the end": "crc32c=:AAAAAA==:,",
    "two commas": "crc32c=:AAAAAA==:,,md5=:AAAA:",
    "semicolon for a comma": "crc32c=:AAAAAA==:; sha-256=:AAAA:; :",
    "key in upper case": "SHA-256=:AAAA:",
}


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_digest_is_400_and_the_old_file_stays(server, old, field, value):
    response = server.put(old, b"data", [(field, value)])
    assert response.status == 400, response
    assert response.error()
    assert server.get(old).body == OLD


@pytest.mark.parametrize(
    "text", ["", "0x", "hello", "0x123456789", "123456789", "-1", "0x-1", "0x12 34", "1.0", "%00"]
)
def test_a_malformed_crc32_is_400_and_the_old_file_stays(server, old, text):
    response = server.put(f"{old}?crc32={text.replace(' ', '%20')}", b"data")
    assert (response.status, bool(response.error())) == (400, True)
    if text != "%00":
        assert server.put(old, b"data", [("X-Checksum-CRC32", text)]).status == 400
    assert server.get(old).body == OLD


def test_unknown_algorithms_are_ignored(server, old):
    value = f"md5=:AAAA:, {digest('sha-256', b'data')}, unixsum=:AQ==:, sha-512=:AAAA:"
    assert server.put(old, b"data", [("Repr-Digest", value)]).status == 200
    assert server.put(old, b"date", [("Repr-Digest", value)]).status == 422
    assert server.get(old).body == b"data"


def test_all_that_is_said_must_hold(server, old):
    """One wrong digest among right ones is enough; the field may come in several lines."""
    right = [("Repr-Digest", digest("crc32c", b"data")), ("Repr-Digest", digest("sha-256", b"data"))]
    assert server.put(old, b"data", right).status == 200
    for wrong in (
        ("Repr-Digest", digest("crc32c", b"date")),
        ("Content-Digest", digest("sha-256", b"date")),
        ("X-Checksum-CRC32", crc_text(b"date")),
    ):
        assert server.put(old, b"evil", [*right, wrong]).status in (400, 422)
    assert server.put(f"{old}?crc32={crc_text(b'date')}", b"data", right).status == 422
    contradiction = [("Repr-Digest", digest("crc32c", b"a")), ("Content-Digest", digest("crc32c", b"b"))]
    assert server.put(old, b"a", contradiction).status == 400
    assert server.get(old).body == b"data"


def test_a_wrong_digest_costs_no_connection(server, unique):
    with server.connect() as connection:
        for data in (b"right", b"wrong", b"right"):
            fields = [("Content-Digest", digest("sha-256", b"right"))]
            connection.send(server.request("PUT", f"/files/{unique}", fields, data))
            response = connection.read_final_response("PUT")
            assert response.status == (422 if data == b"wrong" else response.status)
        assert response.status == 200


# ---------------------------------------------------------------- in forms


def crc32_field(text):
    return part('name="crc32"', text.encode())


def file_part(name, data, *lines):
    return part(f'name="file"; filename="{name}"', data, *lines)


def post(server, *parts):
    return server.exchange("POST", "/upload", [form_type()], form(*parts))


def test_the_crc32_of_a_file_in_a_form_may_stand_before_it_or_in_its_head(server, unique):
    right = crc_text(b"data")
    assert post(server, crc32_field(right), file_part(unique, b"data")).status == 201
    named = file_part(unique, b"data", f"X-Checksum-CRC32: {right}")
    assert post(server, named).status == 201
    assert server.get(f"/files/{unique}").body == b"data"


def test_a_wrong_crc32_in_a_form_is_422_and_the_old_file_stays(server, unique):
    server.put(f"/files/{unique}", OLD)
    wrong = crc_text(b"other")
    for parts in (
        [crc32_field(wrong), file_part(unique, b"data")],
        [file_part(unique, b"data", f"X-Checksum-CRC32: {wrong}")],
    ):
        response = post(server, *parts)
        assert response.status == 422, response
        reply = response.json()
        assert (reply["filename"], reply["algorithm"]) == (unique, "crc32")
        assert (reply["expected"], reply["found"]) == (wrong, crc_text(b"data"))
    for malformed in ("none", "0x123456789", ""):
        assert post(server, crc32_field(malformed), file_part(unique, b"data")).status == 400
    assert server.get(f"/files/{unique}").body == OLD


def test_a_crc32_in_a_form_counts_for_one_file(server, unique):
    names = [f"{unique}-{i}" for i in range(3)]
    response = post(
        server,
        crc32_field(crc_text(b"first")),
        file_part(names[0], b"first"),
        file_part(names[1], b"second"),
        crc32_field(crc_text(b"third")),
        file_part(names[2], b"thirD"),
    )
    assert response.status == 422
    assert response.json()["filename"] == names[2]
    assert [server.get(f"/files/{name}").status for name in names] == [200, 200, 404]


def test_a_crc32_behind_the_last_file_of_a_form_counts_too(server, unique):
    server.put(f"/files/{unique}", OLD)
    wrong = crc_text(b"other")
    for parts in (
        [file_part(unique, b"data"), crc32_field(wrong)],
        [file_part(f"{unique}-b", b"first"), file_part(unique, b"data"), crc32_field(wrong)],
    ):
        response = post(server, *parts)
        assert response.status == 422, response
        reply = response.json()
        assert (reply["filename"], reply["algorithm"]) == (unique, "crc32")
        assert (reply["expected"], reply["found"]) == (wrong, crc_text(b"data"))
    right = crc_text(b"data")
    for parts in (
        [crc32_field(right), file_part(unique, b"data"), crc32_field(wrong)],
        [crc32_field(right), crc32_field(wrong), file_part(unique, b"data")],
        [file_part(unique, b"data"), crc32_field(right), crc32_field(wrong)],
        [file_part(unique, b"data"), crc32_field("none")],
    ):
        assert post(server, *parts).status == 400
    assert server.get(f"/files/{unique}").body == OLD
    assert post(server, file_part(unique, b"data"), crc32_field(right)).status == 201
    assert server.get(f"/files/{unique}").body == b"data"


@pytest.mark.parametrize("field", [*FIELDS, "crc32"])
def test_a_part_may_have_a_digest_of_its_own(server, unique, field):
    def of(data):
        return crc_text(data) if field == "crc32" else digest("sha-256", data)

    server.put(f"/files/{unique}", OLD)
    response = post(server, file_part(unique, b"data", f"{field}: {of(b'date')}"))
    assert response.status == 422, response
    assert response.json()["filename"] == unique
    assert post(server, file_part(unique, b"data", f"{field}: =what")).status == 400
    assert server.get(f"/files/{unique}").body == OLD
    right = [file_part(unique, b"data", f"{field}: {of(b'data')}"), file_part(f"{unique}-b", b"x")]
    assert post(server, *right).status == 201
    assert server.get(f"/files/{unique}").body == b"data"


def test_what_is_said_of_a_whole_form_is_not_ignored(server, unique):
    """A CRC-32 is of the one file in it. Digests are of the content (RFC 9530 §2), which is the form."""
    server.put(f"/files/{unique}", OLD)
    one = form(file_part(unique, b"data"))
    two = form(file_part(unique, b"data"), file_part(f"{unique}-b", b"data"))

    def post_all(body, query="", *fields):
        return server.exchange("POST", f"/upload{query}", [form_type(), *fields], body).status

    right, wrong = crc_text(b"data"), crc_text(b"date")
    assert post_all(one, f"?crc32={wrong}") == 422
    assert post_all(one, "", ("X-Checksum-CRC32", wrong)) == 422
    assert post_all(one, f"?crc32={right}", ("X-Checksum-CRC32", wrong)) == 400
    assert post_all(two, f"?crc32={right}") == 400
    for name in FIELDS:
        assert post_all(one, "", (name, digest("sha-256", b"data"))) == 422
        assert post_all(one, "", (name, digest("sha-256", flip(one)))) == 422
        assert post_all(two, "", (name, digest("sha-256", two))) == 400
    assert server.get(f"/files/{unique}").body == OLD
    assert server.get(f"/files/{unique}-b").status == 404
    assert post_all(one, f"?crc32={right}", ("X-Checksum-CRC32", right)) == 201
    for name in FIELDS:
        assert post_all(one, "", (name, digest("sha-256", one))) == 201
    assert server.get(f"/files/{unique}").body == b"data"


def test_checksums_that_differ_are_400_wherever_they_stand(server, old):
    right, wrong = crc_text(b"data"), crc_text(b"date")
    for first, second in ((right, wrong), (wrong, right)):
        assert server.put(f"{old}?crc32={first}&crc32={second}", b"data").status == 400
        lines = [("X-Checksum-CRC32", first), ("X-Checksum-CRC32", second)]
        assert server.put(old, b"data", lines).status == 400
        assert server.put(f"{old}?crc32={first}", b"data", lines[1:]).status == 400
    assert server.get(old).body == OLD
    assert server.put(f"{old}?crc32={right}&crc32={right}", b"data").status == 200


@pytest.mark.parametrize("field", [*FIELDS, "X-Checksum-CRC32", "query"])
def test_bytes_that_are_only_counted_are_checked_too(server, unique, field):
    def put(data):
        if field == "query":
            return server.put(f"/discard/{unique}?crc32={crc_text(data)}", b"data").status
        value = crc_text(data) if field == "X-Checksum-CRC32" else digest("crc32c", data)
        return server.put(f"/discard/{unique}", b"data", [(field, value)]).status

    assert (put(b"data"), put(b"date")) == (200, 422)


# ---------------------------------------------------------------- on the way down

WANT = "Want-Repr-Digest"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_who_wants_a_digest_of_the_representation_gets_it(server, unique, method, algorithm):
    for size in SIZES:
        data = random.randbytes(size)
        server.put(f"/files/{unique}", data)
        response = server.exchange(method, f"/files/{unique}", [(WANT, f"{algorithm}=5")])
        assert response.status == 200
        assert response.get("Repr-Digest") == digest(algorithm, data)


@pytest.mark.parametrize(
    ("wanted", "algorithm"),
    [
        ("sha-256=1, crc32c=2", "crc32c"),
        ("sha-256=10, crc32c=2", "sha-256"),
        ("sha-256=3, crc32c=3", "sha-256"),
        ("sha-256=0, crc32c=1", "crc32c"),
        ("md5=10, sha-512=9, crc32c=1", "crc32c"),
        ("sha-256=0", None),
        ("md5=10", None),
        ("sha-256=11", None),
        ("sha-256", None),
        ("sha-256=a", None),
        (",,", None),
    ],
)
def test_the_digest_that_is_wanted_most_is_sent(server, old, wanted, algorithm):
    response = server.get(old, [(WANT, wanted)])
    assert (response.status, response.body) == (200, OLD)
    assert response.get("Repr-Digest") == (algorithm and digest(algorithm, OLD))


def test_nobody_gets_a_digest_unasked(server, old):
    assert server.get(old).get("Repr-Digest") is None


def test_a_part_has_the_digest_of_the_whole(server, old):
    response = server.get(old, [("Range", "bytes=0-3"), (WANT, "sha-256=1")])
    assert (response.status, response.body) == (206, OLD[:4])
    assert response.get("Repr-Digest") == digest("sha-256", OLD)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_crc32_of_an_upload_is_remembered(server, unique, method):
    for put in (f"/files/{unique}", f"/upload/{unique}"):
        data = random.randbytes(5000)
        server.put(put, data)
        response = server.exchange(method, f"/files/{unique}")
        assert response.get("X-Checksum-CRC32") == crc_text(data)


@pytest.mark.needs_process
def test_a_remembered_crc32_survives_the_server(start_server, tmp_path):
    first = start_server(folder=tmp_path)
    first.put("/files/kept", b"data")
    assert first.stop() == 0
    second = start_server(folder=tmp_path)
    assert second.exchange("HEAD", "/files/kept").get("X-Checksum-CRC32") == crc_text(b"data")


def replace_by_rename(path):
    other = path.with_name(path.name + ".new")
    other.write_bytes(b"DATA")
    other.rename(path)


def edit_in_place_and_keep_the_size(path):
    with open(path, "r+b") as file:
        file.write(b"DATA")


def edit_and_set_the_old_time(path):
    before = path.stat()
    replace_by_rename(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


OTHER_HANDS = {
    "touch": lambda path: os.utime(path),
    "edit in place": edit_in_place_and_keep_the_size,
    "append": lambda path: open(path, "ab").write(b"more"),
    "replaced by a rename": replace_by_rename,
    "replaced, with the old time": edit_and_set_the_old_time,
}


@pytest.mark.needs_folder
@pytest.mark.parametrize("change", OTHER_HANDS.values(), ids=OTHER_HANDS.keys())
def test_a_crc32_is_not_believed_after_another_hand_changed_the_file(server, unique, change):
    server.put(f"/files/{unique}", b"data")
    before = server.exchange("HEAD", f"/files/{unique}")
    assert before.get("X-Checksum-CRC32") == crc_text(b"data")
    change(server.folder / unique)
    after = server.exchange("HEAD", f"/files/{unique}")
    assert after.get("X-Checksum-CRC32") is None
    assert after.get("ETag") != before.get("ETag")
    listed = server.get(f"/files/?limit=10000", [("Accept", "application/json")]).json()
    entry = next(entry for entry in listed["entries"] if entry["name"] == unique)
    assert "crc32" not in entry


@pytest.mark.needs_folder
def test_a_copy_that_took_the_attributes_along_is_not_believed(server, unique):
    server.put(f"/files/{unique}", b"data")
    path = server.folder / unique
    copy = server.folder / f"{unique}-copy"
    copy.write_bytes(b"DATA")
    for name in os.listxattr(path):
        os.setxattr(copy, name, os.getxattr(path, name))
    response = server.exchange("HEAD", f"/files/{copy.name}")
    assert response.get("X-Checksum-CRC32") is None


@pytest.mark.needs_folder
def test_head_of_a_large_file_answers_without_reading_it(start_server, is_sanitized):
    """64 MiB are hashed in some 50 ms; an answer from what is remembered reads none of them."""
    server = start_server()
    data = bytes(64 << 20)
    server.put("/files/large", data)

    def read_bytes():
        with open(f"/proc/{server.process.pid}/io") as file:
            return int(next(line for line in file if line.startswith("rchar")).split()[1])

    before = read_bytes()
    for _ in range(20):
        response = server.exchange("HEAD", "/files/large")
        assert response.get("X-Checksum-CRC32") == crc_text(data)
    assert read_bytes() - before < 1 << 20


@pytest.mark.needs_folder
def test_a_file_of_another_hand_has_its_digest_when_it_is_wanted(server, unique):
    (server.folder / unique).write_bytes(b"by hand")
    response = server.exchange("HEAD", f"/files/{unique}", [(WANT, "sha-256=1")])
    assert response.get("Repr-Digest") == digest("sha-256", b"by hand")
    assert response.get("X-Checksum-CRC32") == crc_text(b"by hand")
    unread = server.exchange("HEAD", f"/files/{unique}")
    assert unread.get("X-Checksum-CRC32") is None


def test_base64_is_what_the_standard_library_says():
    assert base64_of(b"\xff\xfe") == "//4="
