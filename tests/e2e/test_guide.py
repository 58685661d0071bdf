# SPDX-License-Identifier: MIT
"""The guide's command lines, letter by letter, against the server: curl and httpie, up and down.

Each line stands here as the guide has it; only the address, the size and the outer file name are
put in. It runs in a shell with a terminal as its standard input, as for a person who types it.
"""

import contextlib
import json
import os
import pty
import random
import re
import subprocess
import threading
import zlib

import pytest

from wherry_client import crc_text, form, form_type, part
from wherry_server import TEXT_LOG_LINE, wait_until

SIZES = [0, 1, 255, 256, 257, 100 * 1024, 2 * 1024 * 1024]
GUIDE_ADDRESS = "http://192.168.0.10:8000"
LINE_BOUND_S = 60


class Terminal:
    """A pseudo-terminal: `end` is for the program, what it shows is kept in `shown`."""

    def __init__(self):
        self._ours, self.end = pty.openpty()
        self.shown = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        # Once each program has closed its end, reading fails.
        with contextlib.suppress(OSError):
            while data := os.read(self._ours, 65536):
                self.shown += data

    def close(self):
        os.close(self.end)
        self._reader.join(LINE_BOUND_S)
        os.close(self._ours)


class Shell:
    """Runs lines of the guide in a folder of their own."""

    def __init__(self, folder, server):
        self.folder = folder
        self._server = server

    def run(self, line, shows=False):
        """Returns: what the line wrote. It must succeed. httpie saves a download to a file only
        where its output is a terminal: `shows`."""
        line = line.replace(GUIDE_ADDRESS, self._server.url)
        with contextlib.closing(Terminal()) as terminal:
            done = subprocess.run(
                ["bash", "-c", line],
                cwd=self.folder,
                stdin=terminal.end,
                stdout=terminal.end if shows else subprocess.PIPE,
                stderr=subprocess.PIPE,
                timeout=LINE_BOUND_S,
                check=False,
            )
        output = terminal.shown if shows else done.stdout
        assert done.returncode == 0, (line, done.returncode, output[-2000:], done.stderr[-2000:])
        return done

    def write(self, name, size):
        """A file of random data: the same size gives other data each time."""
        data = random.randbytes(size)
        (self.folder / name).write_bytes(data)
        return data

    def read(self, name):
        return (self.folder / name).read_bytes()


@pytest.fixture
def shell(server, tmp_path):
    return Shell(tmp_path, server)


def sequential(size):
    return (bytes(range(256)) * (size // 256 + 1))[:size]


def pseudo_random(size):
    return (bytes(i * 37 % 256 for i in range(256)) * (size // 256 + 1))[:size]


def assert_reply(reply_text, filename, data):
    """The guide's reply to an upload: these three values in this order, nothing else."""
    reply = json.loads(reply_text, object_pairs_hook=list)
    assert reply == [("filename", filename), ("size", len(data)), ("crc32", crc_text(data))]


def assert_stored(server, filename, data):
    response = server.get(f"/download/file/{filename}")
    assert response.status == 200, response
    assert response.body_size == len(data)
    assert response.crc32 == zlib.crc32(data)
    assert response.body == data


# ---------------------------------------------------------------- uploads

PUT_LINES = {
    "curl": "curl -T myfile.bin http://192.168.0.10:8000/upload/myfile.bin",
    "httpie": "http PUT http://192.168.0.10:8000/upload/myfile.bin < myfile.bin",
    "curl -v": "curl -v -T myfile.bin http://192.168.0.10:8000/upload/myfile.bin",
    "httpie -v": "http -v PUT http://192.168.0.10:8000/upload/myfile.bin < myfile.bin",
    "curl from stdin": "cat myfile.bin | curl -T - http://192.168.0.10:8000/upload/myfile.bin",
}
FORM_LINES = {
    "curl": "curl -F 'file=@myfile.bin' http://192.168.0.10:8000/upload",
    "httpie": "http --form POST http://192.168.0.10:8000/upload file@myfile.bin",
    "curl -v": "curl -v -F 'file=@myfile.bin' http://192.168.0.10:8000/upload",
    "httpie -v": "http -v --form POST http://192.168.0.10:8000/upload file@myfile.bin",
}


def reply_in(output):
    """The JSON in what a line printed; the -v lines of httpie print the exchange around it."""
    found = re.findall(rb'\{[^{}]*"filename"[^{}]*\}', output)
    assert len(found) == 1, output[-2000:]
    return found[0]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("client", PUT_LINES)
def test_a_put_line_stores_the_file_and_replies_with_its_crc(server, shell, unique, client, size):
    name = f"{unique}.bin"
    data = shell.write("myfile.bin", size)
    done = shell.run(PUT_LINES[client].replace("upload/myfile.bin", f"upload/{name}"))
    assert_reply(reply_in(done.stdout), name, data)
    assert_stored(server, name, data)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("client", FORM_LINES)
def test_a_form_line_stores_the_file_and_replies_with_its_crc(server, shell, unique, client, size):
    name = f"{unique}.bin"
    data = shell.write(name, size)
    done = shell.run(FORM_LINES[client].replace("myfile.bin", name))
    assert_reply(reply_in(done.stdout), name, data)
    assert_stored(server, name, data)


@pytest.mark.parametrize(
    ("line", "first", "second"),
    [
        (
            "curl -v -T {} http://192.168.0.10:8000/upload/{}",
            b"< HTTP/1.1 201 Created",
            b"< HTTP/1.1 200 OK",
        ),
        (
            "http -v PUT http://192.168.0.10:8000/upload/{} < {}",
            b"HTTP/1.1 201 Created",
            b"HTTP/1.1 200 OK",
        ),
    ],
    ids=["curl", "httpie"],
)
def test_a_put_is_201_for_a_new_file_and_200_for_a_replaced_one(
    shell, server, unique, line, first, second
):
    for status_line in (first, second):
        data = shell.write(unique, 300)
        done = shell.run(line.format(unique, unique))
        assert status_line in done.stdout + done.stderr
        assert_stored(server, unique, data)


def test_a_form_line_is_201(shell, unique):
    shell.write(unique, 300)
    done = shell.run(f"curl -v -F 'file=@{unique}' http://192.168.0.10:8000/upload")
    assert b"< HTTP/1.1 201 Created" in done.stderr


def test_the_reply_to_a_put_has_a_location_that_can_be_fetched(server, unique):
    data = random.randbytes(1000)
    response = server.put(f"/upload/{unique}/b.bin", data)
    assert response.status == 201
    assert response.get("Location") == f"/download/file/{unique}/b.bin"
    assert server.get(response.get("Location")).body == data
    replaced = server.put(f"/upload/{unique}/b.bin", data)
    assert replaced.status == 200
    assert_reply(replaced.body, f"{unique}/b.bin", data)


def test_the_reply_to_a_form_with_one_file_has_a_location_too(server, unique):
    body = form(part(f'name="file"; filename="{unique}"', b"data"))
    response = server.exchange("POST", "/upload", [form_type()], body)
    assert response.status == 201
    assert response.get("Location") == f"/download/file/{unique}"


@pytest.mark.parametrize(
    ("sent", "filename"),
    [
        ("with%20space.bin", "with space.bin"),
        ("%C3%BC%E6%96%87.bin", "ü文.bin"),
        ("ü文.bin", "ü文.bin"),
        ("%F0%9F%9A%A2.bin", "🚢.bin"),
        ("100%25.bin", "100%.bin"),
        ("plus+and&.bin", "plus+and&.bin"),
        ("quote%22and%27.bin", "quote\"and'.bin"),
        ("semi;colon,comma.bin", "semi;colon,comma.bin"),
        ("hash%23query%3F.bin", "hash#query?.bin"),
        ("%5Bbrackets%5D.bin", "[brackets].bin"),
        ("-dash", "-dash"),
        (".hidden", ".hidden"),
        ("...", "..."),
        ("deep/er/and/deeper.bin", "deep/er/and/deeper.bin"),
        ("f%6Fld%65r/n%61me", "folder/name"),
        ("n" * 80, "n" * 80),
        pytest.param("n" * 255, "n" * 255, marks=pytest.mark.needs_long_heads),
    ],
)
def test_a_name_survives_the_way_up_and_down(server, unique, sent, filename):
    data = random.randbytes(500)
    response = server.put(f"/upload/{unique}/{sent}", data)
    assert response.status == 201, response
    assert_reply(response.body, f"{unique}/{filename}", data)
    location = response.get("Location")
    assert re.fullmatch(r"/download/file/[!$&'()*+,;=:@A-Za-z0-9._~%/-]+", location), location
    assert server.get(location).body == data
    assert server.get(f"/download/file/{unique}/{sent}").body == data


@pytest.mark.needs_folder
def test_folders_are_made_as_needed_and_the_file_is_where_its_name_says(server, shell, unique):
    data = shell.write("myfile.bin", 257)
    shell.run(f"curl -T myfile.bin {GUIDE_ADDRESS}/upload/{unique}/a/b/c.bin")
    assert (server.folder / unique / "a/b/c.bin").read_bytes() == data


@pytest.mark.needs_folder
def test_a_file_with_space_and_umlaut_in_its_name_is_stored_by_that_name(server, shell, unique):
    name = f"{unique} Maß ü.bin"
    data = shell.write(name, 257)
    shell.run(f"curl -F 'file=@{name}' {GUIDE_ADDRESS}/upload")
    assert (server.folder / name).read_bytes() == data


# ---------------------------------------------------------------- downloads

STATIC_LINES = {
    "curl -O": ("curl -O http://192.168.0.10:8000/download/file/data.bin", "data.bin"),
    "curl -o": ("curl -o myfile.bin http://192.168.0.10:8000/download/file/data.bin", "myfile.bin"),
    "httpie": ("http --download GET http://192.168.0.10:8000/download/file/data.bin", "data.bin"),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("client", STATIC_LINES)
def test_a_download_line_saves_what_was_stored(server, shell, unique, client, size):
    line, saved_as = STATIC_LINES[client]
    data = random.randbytes(size)
    assert server.put(f"/upload/{unique}/data.bin", data).status == 201
    shell.run(line.replace("file/data.bin", f"file/{unique}/data.bin"), shows=True)
    assert zlib.crc32(shell.read(saved_as)) == zlib.crc32(data)
    assert shell.read(saved_as) == data


@pytest.mark.needs_folder
def test_a_file_that_was_put_into_the_folder_by_hand_is_served(server, shell, unique):
    data = random.randbytes(5000)
    (server.folder / unique).mkdir()
    (server.folder / unique / "data.bin").write_bytes(data)
    shell.run(f"curl -O {GUIDE_ADDRESS}/download/file/{unique}/data.bin")
    assert shell.read("data.bin") == data


def test_a_missing_file_is_404_in_the_guides_words(server, unique):
    response = server.get(f"/download/file/{unique}")
    assert response.status == 404
    assert response.json() == {"error": "File not found"}


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.txt", "text/plain"),
        ("a.html", "text/html"),
        ("a.json", "application/json"),
        ("a.png", "image/png"),
        ("a.bin", "application/octet-stream"),
        ("none", "application/octet-stream"),
    ],
)
def test_a_stored_file_has_the_type_of_its_name(server, unique, name, media_type):
    server.put(f"/upload/{unique}/{name}", b"x")
    response = server.get(f"/download/file/{unique}/{name}")
    assert response.get("Content-Type").split(";")[0] == media_type


GENERATE_LINES = {
    "curl": (
        "curl -o generated.bin http://192.168.0.10:8000/download/generate/2097152",
        "generated.bin",
    ),
    "curl -OJ": (
        "curl -OJ http://192.168.0.10:8000/download/generate/2097152",
        "generated_2097152.bin",
    ),
    "httpie": (
        "http --download GET http://192.168.0.10:8000/download/generate/2097152",
        "generated_2097152.bin",
    ),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("client", GENERATE_LINES)
def test_a_generate_line_saves_the_sequence_of_bytes(shell, client, size):
    line, saved_as = GENERATE_LINES[client]
    shell.run(line.replace("2097152", str(size)), shows=True)
    assert shell.read(saved_as.replace("2097152", str(size))) == sequential(size)


@pytest.mark.parametrize("size", SIZES)
def test_generated_data_has_the_guides_headers(server, size):
    response = server.get(f"/download/generate/{size}")
    assert response.status == 200
    assert response.get("Content-Type") == "application/octet-stream"
    assert response.content_length == size
    assert response.get("Content-Disposition") == f'attachment; filename="generated_{size}.bin"'
    assert response.body == sequential(size)


@pytest.mark.parametrize(
    "size", [2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53 + 1, 2**63, 2**64 - 1]
)
def test_generated_data_may_have_any_64_bit_size(server, size):
    with server.connect() as connection:
        connection.send(server.request("GET", f"/download/generate/{size}"))
        response = connection.read_head()
        assert response.status == 200
        assert response.content_length == size
        first = b""
        while len(first) < 1000:
            first += connection.read_some(1000 - len(first))
        assert first == sequential(1000)


@pytest.mark.parametrize(
    "size", ["18446744073709551616", "9" * 30, "-1", "+1", "abc", "1.5", "0x10", "1e3", "%201"]
)
def test_what_is_no_64_bit_size_generates_nothing(server, size):
    response = server.get(f"/download/generate/{size}")
    assert response.status in (400, 404)
    assert response.error()


CURL_REPORT = """curl -H "Content-Type: application/json" \\
  -d '{"size": 1048576, "pattern": "sequential"}' \\
  http://192.168.0.10:8000/download/report \\
  -o report.bin"""
HTTPIE_REPORT = """echo '{"size": 1048576, "pattern": "random"}' | \\
  http POST http://192.168.0.10:8000/download/report \\
  --download --output report.bin"""
PATTERNS = {"sequential": sequential, "random": pseudo_random}


@pytest.mark.parametrize("size", [*SIZES, 1048576, 524288])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_curl_report_line_saves_the_pattern(shell, pattern, size):
    shell.run(CURL_REPORT.replace("1048576", str(size)).replace("sequential", pattern))
    assert shell.read("report.bin") == PATTERNS[pattern](size)


@pytest.mark.parametrize("size", [0, 257, 524288])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_httpie_report_line_saves_the_pattern(shell, pattern, size):
    shell.run(HTTPIE_REPORT.replace("1048576", str(size)).replace("random", pattern))
    assert shell.read("report.bin") == PATTERNS[pattern](size)


JSON_TYPE = ("Content-Type", "application/json")


@pytest.mark.parametrize(
    ("body", "pattern", "size"),
    [
        (b"{}", "sequential", 1024),
        (b'{"size": 3000}', "sequential", 3000),
        (b'{"pattern": "random"}', "random", 1024),
        (b'{"pattern": "sequential"}', "sequential", 1024),
        (b' {"pattern" :"random","size":\t0} \r\n', "random", 0),
        (b'{"s\\u0069ze": 7}', "sequential", 7),
        (b'{"size": 4294967296}', "sequential", 2**32),
    ],
)
def test_a_report_has_defaults_and_the_guides_headers(server, body, pattern, size):
    with server.connect() as connection:
        connection.send(server.request("POST", "/download/report", [JSON_TYPE], body))
        response = connection.read_head()
        assert response.status == 200
        assert response.get("Content-Type") == "application/octet-stream"
        assert response.get("Content-Disposition") == f'attachment; filename="report_{pattern}.bin"'
        assert response.content_length == size
        if size < 1 << 20:
            data = bytearray()
            connection.read_body(response, data.extend)
            assert data == PATTERNS[pattern](size)


@pytest.mark.parametrize(
    "body",
    [
        b'{"pattern": "unknown"}',
        b'{"pattern": ""}',
        b'{"pattern": "Sequential"}',
        b'{"pattern": 1}',
        b'{"pattern": null}',
        b'{"size": -1}',
        b'{"size": 1.5}',
        b'{"size": "1024"}',
        b'{"size": null}',
        b'{"size": true}',
        b'{"size": [1]}',
        b'{"size": 18446744073709551616}',
        b'{"size": 1e400}',
        b"",
        b"{",
        b"[]",
        b"null",
        b"1",
        b'"sequential"',
        b'{"size": 1}x',
        b'{"size": 1,}',
        b"{'size': 1}",
        b'{"size": 01}',
        b'{"size": 1} {}',
        b'{"size": NaN}',
        b'{"size": 1 /* one */}',
        b'{"pattern": "\xff"}',
        b'{"a": ' + b"[" * 60 + b"]" * 60 + b"}",
        b"[" * 150,
        pytest.param(
            b'{"a": ' + b"[" * 1000 + b"]" * 1000 + b"}", marks=pytest.mark.needs_long_heads
        ),
        pytest.param(b"[" * 1900, marks=pytest.mark.needs_long_heads),
        b"\xef\xbb\xbf",
    ],
)
def test_a_report_that_makes_no_sense_is_400_with_what_was_wrong(server, body):
    response = server.exchange("POST", "/download/report", [JSON_TYPE], body)
    assert response.status == 400, response
    assert response.error()


def test_a_report_may_be_as_long_as_a_body_that_is_taken_whole(server):
    """What is within that limit is never too much for the memory."""

    def report(size):
        return b'{"size": 1000, "note": "' + b"x" * (size - 26) + b'"}'

    def post(size):
        return server.exchange("POST", "/download/report", [JSON_TYPE], report(size))

    accepted, refused = 100, 5000
    while refused - accepted > 1:
        middle = (accepted + refused) // 2
        response = post(middle)
        assert response.status in (200, 413), (middle, response)
        accepted, refused = (middle, refused) if response.status == 200 else (accepted, middle)
    assert len(report(accepted)) == accepted
    assert post(accepted).body == sequential(1000)


def test_a_report_whose_parameters_are_too_long_is_413(server):
    body = b'{"size": 1, "note": "' + b"x" * 5000 + b'"}'
    response = server.exchange("POST", "/download/report", [JSON_TYPE], body)
    assert response.status == 413
    assert response.error()


# ---------------------------------------------------------------- the rest


@pytest.mark.parametrize("size", SIZES)
def test_discard_computes_size_and_crc_and_stores_nothing(server, shell, unique, size):
    data = shell.write("myfile.bin", size)
    done = shell.run(f"curl -T myfile.bin {GUIDE_ADDRESS}/discard/{unique}.bin")
    assert_reply(done.stdout, f"{unique}.bin", data)
    assert server.get(f"/download/file/{unique}.bin").status == 404


def test_discard_leaves_a_file_of_that_name_alone(server, unique):
    server.put(f"/upload/{unique}", b"old")
    server.put(f"/discard/{unique}", b"new")
    assert_stored(server, unique, b"old")


def test_the_root_says_ok(server):
    response = server.get("/")
    assert response.status == 200
    assert response.body == b"OK"
    assert response.get("Content-Type").startswith("text/plain")


@pytest.mark.needs_log
@pytest.mark.parametrize("size", SIZES)
def test_the_log_has_the_size_and_crc_of_an_upload(server, unique, size):
    data = random.randbytes(size)
    server.put(f"/upload/{unique}", data)
    entry = server.wait_for_log(f"/upload/{unique}")
    assert (entry["method"], entry["status"], entry["outcome"]) == ("PUT", 201, "ok")
    assert (entry["bytes"], entry["crc32"]) == (size, crc_text(data))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", entry["time"])
    assert re.fullmatch(r"127\.0\.0\.1:\d+", entry["client"])
    assert isinstance(entry["duration_ms"], int)


@pytest.mark.needs_log
def test_the_log_has_the_crc_of_generated_data(server):
    size = 123457
    server.get(f"/download/generate/{size}")
    entry = server.wait_for_log(f"/download/generate/{size}")
    assert (entry["method"], entry["status"], entry["outcome"]) == ("GET", 200, "ok")
    assert (entry["bytes"], entry["crc32"]) == (size, crc_text(sequential(size)))


@pytest.mark.needs_log
@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_log_has_the_crc_of_a_report(start_server, pattern):
    server = start_server()
    body = b'{"size": 70001, "pattern": "%s"}' % pattern.encode()
    server.exchange("POST", "/download/report", [JSON_TYPE], body)
    entry = server.wait_for_log("/download/report")
    assert (entry["bytes"], entry["crc32"]) == (70001, crc_text(PATTERNS[pattern](70001)))


@pytest.mark.needs_log
def test_the_log_has_the_crc_of_what_was_discarded(server, unique):
    data = random.randbytes(3000)
    server.put(f"/discard/{unique}", data)
    entry = server.wait_for_log(f"/discard/{unique}")
    assert (entry["bytes"], entry["crc32"], entry["outcome"]) == (3000, crc_text(data), "ok")


@pytest.mark.needs_log
def test_the_log_has_the_kept_crc_of_a_stored_file_and_none_of_a_part(server, unique):
    data = random.randbytes(70_001)
    target = f"/files/{unique}"
    server.put(target, data)
    server.get(target)
    entry = server.wait_for_log(target, "GET")
    assert (entry["bytes"], entry["status"], entry["outcome"]) == (len(data), 200, "ok")
    assert entry["crc32"] == crc_text(data)
    server.get(target, [("Range", "bytes=0-9")])
    entry = server.wait_for_log(target, "GET", count=2)
    assert (entry["bytes"], entry["status"]) == (10, 206)
    assert "crc32" not in entry


@pytest.mark.needs_log
@pytest.mark.needs_folder
def test_the_log_has_no_crc_for_a_stored_file_of_unknown_crc(server, unique):
    (server.folder / unique).write_bytes(b"x" * 777)
    server.get(f"/download/file/{unique}")
    entry = server.wait_for_log(f"/download/file/{unique}")
    assert (entry["bytes"], entry["status"], entry["outcome"]) == (777, 200, "ok")
    assert "crc32" not in entry


@pytest.mark.needs_log
def test_the_log_says_of_a_broken_upload_that_it_is_not_ok(server, unique):
    with server.connect() as connection:
        connection.send(
            server.request("PUT", f"/upload/{unique}", [("Content-Length", "1000")]) + b"x" * 10
        )
        connection.abort()
    entry = server.wait_for_log(f"/upload/{unique}")
    assert entry["outcome"] != "ok"
    assert entry["bytes"] <= 10


def test_the_log_in_text_is_one_line_a_transfer(start_server):
    server = start_server(log_format="text")
    data = random.randbytes(2000)
    (server.folder / "stored").write_bytes(b"x" * 777)
    server.put("/upload/a.bin", data)
    server.get("/download/file/stored")
    server.get("/download/generate/300")
    assert wait_until(lambda: len(server.log_lines()) >= 3)
    found = [TEXT_LOG_LINE.fullmatch(line.decode().rstrip("\n")) for line in server.log_lines()]
    assert all(found), server.log_lines()
    put, get, generate = (match.groupdict() for match in found)
    assert (put["method"], put["path"], put["status"]) == ("PUT", "/upload/a.bin", "201")
    assert (put["bytes"], put["crc32"], put["outcome"]) == ("2000", crc_text(data), "ok")
    assert (get["path"], get["bytes"], get["crc32"]) == ("/download/file/stored", "777", "-")
    assert generate["crc32"] == crc_text(sequential(300))
