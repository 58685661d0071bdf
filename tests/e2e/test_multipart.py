# SPDX-License-Identifier: MIT
"""Forms with files: what real clients send, what odd ones may send, and what is refused.

A file of a form is stored whole or not at all, whatever its data looks like.
"""

import json
import random
import subprocess
import time
import zlib

import pytest

from wherry_client import Ended, chunked, crc_text, form, form_type, part
from wherry_server import wait_until


def post(server, body, boundary="boundary", fields=()):
    return server.exchange("POST", "/upload", [form_type(boundary), *fields], body)


def file_part(filename, data, *lines):
    return part(f'name="file"; filename="{filename}"', data, *lines)


def reply_of(filename, data):
    return {"filename": filename, "size": len(data), "crc32": crc_text(data)}


def assert_one_file(server, response, filename, data):
    assert response.status == 201, response
    assert response.json() == reply_of(filename, data)
    download = server.get(f"/download/file/{filename}")
    assert (download.status, download.body) == (200, data)


def run(*command, folder):
    done = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False
    )
    assert done.returncode == 0, done
    return done.stdout


# ---------------------------------------------------------------- clients


def test_curl_sends_several_files_at_once(server, unique, tmp_path):
    files = {f"{unique}-{size}": random.randbytes(size) for size in (0, 1, 300, 100_000)}
    options = []
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        options += ["-F", f"file=@{name}"]
    reply = json.loads(run("curl", "-sS", *options, f"{server.url}/upload", folder=tmp_path))
    assert reply == {"files": [reply_of(name, data) for name, data in files.items()]}
    for name, data in files.items():
        assert server.get(f"/download/file/{name}").body == data


def test_curl_and_httpie_send_fields_beside_the_file(server, unique, tmp_path):
    data = random.randbytes(5000)
    (tmp_path / unique).write_bytes(data)
    for command in (
        [
            "curl",
            "-sS",
            "-F",
            "comment=hello",
            "-F",
            f"anything=@{unique}",
            "-F",
            "last=",
            f"{server.url}/upload",
        ],
        [
            "http",
            "--ignore-stdin",
            "--form",
            "POST",
            f"{server.url}/upload",
            "comment=hello",
            f"anything@{unique}",
            "last=",
        ],
    ):
        assert json.loads(run(*command, folder=tmp_path)) == reply_of(unique, data)
        assert server.get(f"/download/file/{unique}").body == data


@pytest.mark.parametrize(
    "name", ["with space", "Maß ü 文", 'quote"inside', "back%22slash", "semi;colon=x", "comma,name"]
)
def test_curl_sends_odd_names(server, unique, tmp_path, name):
    (tmp_path / "file").write_bytes(b"data")
    name = f"{unique} {name}"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    reply = json.loads(
        run(
            "curl",
            "-sS",
            "-F",
            f'file=@file;filename="{quoted}"',
            f"{server.url}/upload",
            folder=tmp_path,
        )
    )
    assert reply["size"] == 4
    # curl 7.81 and later write a quote as %22, which is also what a name with %22 in it becomes.
    assert reply["filename"] == name.replace("%22", '"')


def test_a_form_may_come_chunked(server, unique):
    data = random.randbytes(10_000)
    body = form(file_part(unique, data))
    pieces = [body[i : i + 777] for i in range(0, len(body), 777)]
    with server.connect() as connection:
        connection.send(
            server.request(
                "POST", "/upload", [form_type(), ("Transfer-Encoding", "chunked")], chunked(*pieces)
            )
        )
        assert_one_file(server, connection.read_response(), unique, data)


# ---------------------------------------------------------------- which parts are files


def test_one_file_gets_the_plain_reply_and_several_a_list(server, unique):
    one, two = random.randbytes(100), random.randbytes(200)
    assert_one_file(server, post(server, form(file_part(f"{unique}-1", one))), f"{unique}-1", one)
    response = post(server, form(file_part(f"{unique}-2", one), file_part(f"{unique}-3", two)))
    assert response.status == 201
    assert response.json() == {
        "files": [reply_of(f"{unique}-2", one), reply_of(f"{unique}-3", two)]
    }


def test_other_fields_are_read_and_ignored(server, unique):
    body = form(
        part('name="before"', b"x" * 10_000),
        part('name="empty"', b""),
        file_part(unique, b"data"),
        part('name="after"', b'filename="evil"\r\n\r\nstill the field'),
        part('name="json"', b"{}", "Content-Type: application/json"),
    )
    assert_one_file(server, post(server, body), unique, b"data")


@pytest.mark.parametrize(
    "body",
    [
        form(),
        form(part('name="field"', b"value")),
        form(part('name="file"', b"data", "Content-Type: application/octet-stream")),
        form(part('name="file"; filename=""', b"")),
        b"",
    ],
    ids=[
        "no part",
        "only a field",
        "a part called file without a file name",
        "a file control left empty",
        "no body",
    ],
)
def test_a_form_without_a_file_is_400(server, body):
    response = post(server, body)
    assert response.status == 400
    assert response.error()


def test_a_file_control_left_empty_beside_a_file_is_ignored(server, unique):
    body = form(
        part('name="other"; filename=""', b"", "Content-Type: application/octet-stream"),
        file_part(unique, b"data"),
    )
    assert_one_file(server, post(server, body), unique, b"data")


def test_the_same_name_twice_keeps_the_last(server, unique):
    response = post(server, form(file_part(unique, b"first"), file_part(unique, b"second")))
    assert response.status == 201
    assert [file["size"] for file in response.json()["files"]] == [5, 6]
    assert server.get(f"/download/file/{unique}").body == b"second"


def test_a_hundred_small_files_are_stored_or_refused_as_a_whole_request(server, unique):
    """A reply has a fixed room: so many files may be too many, but then it is said."""
    parts = [file_part(f"{unique}-{i}", b"%d" % i) for i in range(100)]
    response = post(server, form(*parts))
    if response.status == 201:
        assert len(response.json()["files"]) == 100
        assert server.get(f"/download/file/{unique}-99").body == b"99"
    else:
        assert response.status in (400, 413), response
        assert response.error()


def test_a_form_replaces_a_file(server, unique):
    for data in (b"old and longer", b"new"):
        response = post(server, form(file_part(unique, data)))
        assert response.status in (200, 201)
        assert server.get(f"/download/file/{unique}").body == data


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("disposition", "filename"),
    [
        ('name="file"; filename="{}"', "{}"),
        ("name=file; filename={}", "{}"),
        ('filename="{}"; name="file"', "{}"),
        ('name="file" ; filename = "{}"', None),
        ('NAME="file"; FileName="{}"', "{}"),
        ('name="file"; filename="{} with space"', "{} with space"),
        ('name="file"; filename="{} \\" quote"', '{} " quote'),
        ('name="file"; filename="{} %22 quote"', '{} " quote'),
        ('name="file"; filename="{};name=x"', "{};name=x"),
        ('name="a;filename=\\"x\\""; filename="{}"', "{}"),
        ('name="file"; filename="{} ü"', "{} ü"),
        ("name=\"file\"; filename*=UTF-8''{}%20%C3%BC", "{} ü"),
        ("name=\"file\"; filename*=utf-8'de'{}", "{}"),
        ('name="file"; filename="fallback"; filename*=UTF-8\'\'{}', "{}"),
        ('name="file"; filename*=UTF-8\'\'{}; filename="fallback"', "{}"),
        ('name="file"; filename="C:\\folder\\{}.txt"', "{}.txt"),
        ('name="file"; filename="/folder/{}.txt"', "{}.txt"),
        ('name="file"; filename="../{}"', "{}"),
        ('name=""; filename="{}"', "{}"),
        ('name="file"; filename="{}"; size=4', "{}"),
    ],
)
def test_a_file_name_is_read_as_clients_write_it(server, unique, disposition, filename):
    body = form(part(disposition.replace("{}", unique), b"data"))
    response = post(server, body)
    if filename is None:
        assert response.status in (201, 400)
        return
    filename = filename.replace("{}", unique)
    assert response.status == 201, response
    assert response.json() == reply_of(filename, b"data")
    assert server.get(response.get("Location")).body == b"data"


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"Content-Type: text/plain\r\n",
        b'Content-Disposition: attachment; name="file"; filename="a"\r\n',
        b'Content-Disposition: form-data; filename="a"\r\n',
        b'Content-Disposition: form-data; name="file"; filename="a\r\n',
        b'Content-Disposition: form-data; name="file"; filename="a"; filename="b"\r\n',
        b'Content-Disposition: form-data; name="file"; filename="a"\r\n'
        b'Content-Disposition: form-data; name="b"\r\n',
        b"Content-Disposition: form-data; name=\"file\"; filename*=latin1''a\r\n",
        b'Content-Disposition: form-data; name="file"; filename="a\xff"\r\n',
        b"no colon\r\n",
        b'Content-Disposition: form-data; name="file"; filename="a"\r\nA: '
        + b"b" * 100_000
        + b"\r\n",
        b"A: b\r\n" * 20_000 + b'Content-Disposition: form-data; name="file"; filename="a"\r\n',
    ],
)
def test_a_part_with_a_broken_head_is_refused(server, head):
    body = b"--boundary\r\n" + head + b"\r\ndata\r\n--boundary--\r\n"
    response = post(server, body)
    assert response.status in (400, 431), response
    assert response.error()


# ---------------------------------------------------------------- data that looks like framing

LOOK_ALIKES = {
    "empty": b"",
    "CRLF": b"\r\n",
    "CRLFs": b"\r\n\r\n\r\n",
    "CR": b"\r",
    "LF": b"\n",
    "ends with CR": b"data\r",
    "ends with CRLF": b"data\r\n",
    "ends with dashes": b"data\r\n--",
    "begins with dashes": b"--",
    "boundary inside a line": b"data --boundary data--boundary--",
    "boundary after LF alone": b"a\n--boundary\nb",
    "boundary after CR alone": b"a\r--boundary\rb",
    "shorter boundary": b"a\r\n--boundar\r\nb",
    "other boundary": b"a\r\n--boundarx\r\nb\r\n--boundarx--\r\n",
    "one dash": b"a\r\n-boundary\r\nb",
    "three dashes": b"a\r\n---boundary\r\nb",
    "CR CRLF": b"a\r\r\n-",
    "CR CR LF dashes": b"a\r\r\n--bound",
    "beginnings": b"\r\n--b\r\n--bo\r\n--bou\r\n--boun\r\n--bound\r\n--bounda\r\n--boundar",
    "begun twice": b"\r\n--\r\n--bound\r\n--",
    "a form": form(part('name="file"; filename="evil"', b"evil"), boundary=b"inner"),
    "NULs": bytes(1000),
    "all bytes": bytes(range(256)) * 4,
}


@pytest.mark.parametrize("data", LOOK_ALIKES.values(), ids=LOOK_ALIKES.keys())
def test_data_that_looks_like_framing_is_data(server, unique, data):
    assert_one_file(server, post(server, form(file_part(unique, data))), unique, data)


@pytest.mark.parametrize(
    "size",
    [
        *range(250, 262),
        511,
        512,
        513,
        1023,
        1024,
        1025,
        4095,
        4096,
        4097,
        16383,
        16384,
        16385,
        65535,
        65536,
        65537,
        262143,
        262144,
        262145,
        1048575,
        1048577,
    ],
)
def test_data_of_any_size_about_a_buffers_is_whole(server, unique, size):
    data = (b"\r\n--boundar" * (size // 11 + 1))[:size]
    response = post(server, form(file_part(unique, data)))
    assert response.status == 201, response
    assert response.json() == reply_of(unique, data)
    assert server.get(f"/download/file/{unique}").crc32 == zlib.crc32(data)


@pytest.mark.parametrize(
    "boundary",
    [
        "b",
        "-",
        "--",
        "----WebKitFormBoundary7MA4YWxkTrZu0gW",
        "b" * 70,
        "0123456789",
        "'()+_,-./:=?",
        "a b",
    ],
)
def test_any_boundary_that_is_allowed_works(server, unique, boundary):
    data = b"some\r\n--data\r\n"
    body = form(file_part(unique, data), boundary=boundary.encode())
    assert_one_file(server, post(server, body, f'"{boundary}"'), unique, data)


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data; boundary=boundary",
        'multipart/form-data; boundary="boundary"',
        "Multipart/Form-Data; BOUNDARY=boundary",
        "multipart/form-data;boundary=boundary",
        "multipart/form-data; charset=utf-8; boundary=boundary",
    ],
)
def test_the_content_type_may_be_written_in_any_way(server, unique, content_type):
    body = form(file_part(unique, b"data"))
    response = server.exchange("POST", "/upload", [("Content-Type", content_type)], body)
    assert_one_file(server, response, unique, b"data")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "multipart/mixed; boundary=boundary",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        None,
    ],
)
def test_what_is_no_form_is_refused(server, content_type):
    fields = [("Content-Type", content_type)] if content_type else []
    response = server.exchange("POST", "/upload", fields, form(file_part("a", b"data")))
    assert response.status in (400, 415)
    assert response.error()


def test_preamble_and_epilogue_are_skipped(server, unique):
    body = form(
        file_part(unique, b"data"),
        preamble=b"this is a form\r\n--not the boundary\r\n",
        epilogue=b"\r\nthat was it\r\n--boundary\r\nnot a part\r\n",
    )
    assert_one_file(server, post(server, body), unique, b"data")


@pytest.mark.parametrize("epilogue", [b"", b"\r\n", b"\r\n\r\n", b" \t\r\n"])
def test_a_form_may_end_with_or_without_a_line_end(server, unique, epilogue):
    assert_one_file(
        server, post(server, form(file_part(unique, b"data"), epilogue=epilogue)), unique, b"data"
    )


def test_white_space_after_a_boundary_is_allowed(server, unique):
    body = b"--boundary \t\r\n" + file_part(unique, b"data") + b"\r\n--boundary--\r\n"
    assert_one_file(server, post(server, body), unique, b"data")


# ---------------------------------------------------------------- forms that do not end

CUT = {
    "no final boundary": b"--boundary\r\n" + file_part("NAME", b"data") + b"\r\n",
    "no boundary after the data": b"--boundary\r\n" + file_part("NAME", b"data"),
    "a boundary, not the final one": b"--boundary\r\n"
    + file_part("NAME", b"data")
    + b"\r\n--boundary\r\n",
    "half a boundary": b"--boundary\r\n" + file_part("NAME", b"data") + b"\r\n--bound",
    "final boundary without its dashes": b"--boundary\r\n"
    + file_part("NAME", b"data")
    + b"\r\n--boundary-",
    "in the head": b"--boundary\r\n" + file_part("NAME", b"").removesuffix(b"\r\n"),
    "only the first boundary": b"--boundary\r\n",
    "another boundary": form(file_part("NAME", b"data"), boundary=b"other"),
    "data that begins with the boundary": b"--boundary\r\n"
    + file_part("NAME", b"--boundary inside a line")
    + b"\r\n--boundary--\r\n",
    "a line after the boundary that goes on": b"--boundary\r\n"
    + file_part("NAME", b"data")
    + b"\r\n--boundaryx\r\n--boundary--\r\n",
}


@pytest.mark.parametrize("body", CUT.values(), ids=CUT.keys())
def test_a_form_without_its_end_is_400_and_its_last_file_not_stored(server, unique, body):
    name = f"{unique}-{'x' * 8}"
    response = post(server, body.replace(b"NAME", name.encode()))
    assert response.status == 400, response
    assert response.error()
    if b"--boundary\r\n" not in body[12:]:  # a further boundary would complete the file
        assert server.get(f"/download/file/{name}").status == 404


def test_a_form_that_is_cut_off_leaves_the_old_file(server, unique):
    post(server, form(file_part(unique, b"the old file")))
    body = form(file_part(unique, b"new" * 10_000))
    for cut in (1, 20, 100, 1000, len(body) - 20):
        with server.connect() as connection:
            connection.send(
                server.request("POST", "/upload", [form_type(), ("Content-Length", str(len(body)))])
            )
            connection.send(body[:cut])
            connection.finish_sending()
            try:
                assert connection.read_response().status == 400
            except Ended:
                pass
        assert server.get(f"/download/file/{unique}").body == b"the old file"


def test_a_form_that_is_cut_off_leaves_no_debris(server, unique):
    before = server.files()
    with server.connect() as connection:
        connection.send(
            server.request("POST", "/upload", [form_type(), ("Content-Length", "100000")])
        )
        connection.send(form(file_part(unique, b"new" * 10_000))[:20_000])
        time.sleep(0.05)
        connection.abort()
    assert wait_until(lambda: not server.staged_files())
    assert server.files() == before
    assert server.get(f"/download/file/{unique}").status == 404


# ---------------------------------------------------------------- tiny pieces


def test_a_form_is_understood_whatever_the_split_point(server, unique, split_points):
    data = b"a\r\n--boundar\r\n\r"
    body = form(part('name="field"', b"value"), file_part(unique, data), epilogue=b"")
    head = server.request("POST", "/upload", [form_type(), ("Content-Length", str(len(body)))])
    with server.connect() as connection:
        for split in split_points(len(body)):
            connection.send(head + body[:split])
            time.sleep(0.001)
            connection.send(body[split:])
            response = connection.read_response()
            assert response.status in (200, 201), split
            assert response.json() == reply_of(unique, data), split


def test_a_form_is_understood_byte_by_byte(server, unique):
    data = b"a\r\n--boundar\r\n\r"
    body = form(part('name="field"', b"value"), file_part(unique, data))
    with server.connect() as connection:
        connection.send(
            server.request("POST", "/upload", [form_type(), ("Content-Length", str(len(body)))])
        )
        connection.send_pieces([body[i : i + 1] for i in range(len(body))], pause_s=0.0005)
        assert_one_file(server, connection.read_response(), unique, data)


def test_a_form_is_understood_in_chunks_of_one_byte(server, unique):
    data = b"a\r\n--boundar\r\n\r"
    body = form(file_part(unique, data))
    pieces = [body[i : i + 1] for i in range(len(body))]
    response = server.exchange(
        "POST", "/upload", [form_type(), ("Transfer-Encoding", "chunked")], chunked(*pieces)
    )
    assert_one_file(server, response, unique, data)


def test_a_connection_goes_on_after_a_form(server, unique):
    body = form(file_part(unique, b"data"), epilogue=b"\r\nan epilogue that must be read")
    with server.connect() as connection:
        connection.send(
            server.request("POST", "/upload", [form_type()], body) + server.request("GET", "/")
        )
        assert connection.read_response().status == 201
        assert connection.read_response().body == b"OK"
