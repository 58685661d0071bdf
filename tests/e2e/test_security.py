# SPDX-License-Identifier: MIT
"""The holes that file servers have had: each a test by its name.

Nothing outside the served folder is read or written, by no name, link or race; nothing from the
network reaches a log, a header or a page unescaped; no number sizes an allocation.
"""

import contextlib
import json
import os
import random
import shutil
import socket
import stat
import threading
import time
from urllib.parse import quote

import pytest

from wherry_client import Ended, chunked, form, form_type, part
from wherry_server import TEXT_LOG_LINE, files_below, wait_until

SECRET = b"a secret that nobody may read"
MiB = 1 << 20


@pytest.fixture
def guarded(start_server, tmp_path):
    """A server whose folder lies beside a secret: (server, folder around the served one)."""
    (tmp_path / "served").mkdir()
    (tmp_path / "secret").write_bytes(SECRET)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_bytes(SECRET)
    server = start_server(folder=tmp_path / "served")
    yield server, tmp_path
    assert files_outside(tmp_path) == {"secret", "outside/secret"}
    assert (tmp_path / "secret").read_bytes() == SECRET
    assert (tmp_path / "outside" / "secret").read_bytes() == SECRET


@pytest.fixture
def guarded_if_ours(request):
    """The same, where a server can be started; else the one that is there already."""
    if request.config.getoption("--base-url"):
        return request.getfixturevalue("server")
    return request.getfixturevalue("guarded")[0]


def assert_only_file(server, name, data):
    """That this file is stored and, where the folder can be seen, no other."""
    if server.folder:
        assert visible_files(server) == ({name} if name else set())
    if name:
        assert server.get(f"/download/file/{quote(name)}").body == data


def files_outside(around):
    return {name for name in files_below(around) if not name.startswith("served/")}


def visible_files(server):
    """What is stored, without Wherry's private folder."""
    return {name for name in files_below(server.folder) if not name.startswith(".wherry/")}


# ---------------------------------------------------------------- names

REFUSED_NAMES = {
    "dot dot": "../secret",
    "dot dot within": "a/../../secret",
    "dot dot that stays inside": "a/../b",
    "only dot dot": "..",
    "dot dot at the end": "a/..",
    "deep dot dot": "../" * 40 + "etc/passwd",
    "encoded slash": "..%2fsecret",
    "encoded slash, upper case": "..%2Fsecret",
    "encoded dots": "%2e%2e/secret",
    "encoded dots, upper case": "%2E%2E/secret",
    "one encoded dot": ".%2e/secret",
    "all encoded": "%2e%2e%2fsecret",
    "backslash": "..\\secret",
    "encoded backslash": "..%5csecret",
    "encoded backslash, upper case": "..%5Csecret",
    "backslash alone": "a\\b",
    "NUL": "a%00b",
    "NUL before an extension": "secret%00.txt",
    "absolute": "/etc/passwd",
    "encoded absolute": "%2fetc%2fpasswd",
    "empty segment": "a//b",
    "empty segment at the end": "a/",
    "encoded empty segment": "a%2f%2fb",
    "dot": "./a",
    "dot within": "a/./b",
    "only dot": ".",
    "newline": "a%0ab",
    "carriage return": "a%0db",
    "header in a name": "a%0d%0aSet-Cookie:%20x=y",
    "escape": "a%1b[2Jb",
    "tab": "a%09b",
    "DEL": "a%7fb",
    "overlong dot dot slash": "%c0%ae%c0%ae%c0%afsecret",
    "overlong slash": "..%c0%afsecret",
    "overlong NUL": "a%c0%80b",
    "surrogate": "a%ed%a0%80b",
    "past Unicode": "a%f4%90%80%80b",
    "no UTF-8": "a%ffb",
    "cut UTF-8": "a%e2%82",
    "raw bytes that are no UTF-8": b"a\xffb",
    "segment of 256 bytes": "n" * 256,
    "private folder": ".wherry",
    "in the private folder": ".wherry/a",
    "in the staging folder": ".wherry/staging/a",
    "private folder, encoded": "%2ewherry/a",
    "private folder, encoded slash": ".wherry%2fa",
    "drive and backslashes": "C:\\a\\b.txt",
}


# Where the limit of a request line is lower, that is what is said.
LONG_REFUSED_NAMES = {
    "encoded segment of 256 bytes": "%6e" * 256,
    "path of 5000 bytes": "/".join(["n" * 99] * 50),
}


@pytest.mark.parametrize("name", LONG_REFUSED_NAMES.values(), ids=LONG_REFUSED_NAMES.keys())
def test_a_long_name_that_no_file_may_have_is_refused_up_and_down(server, name):
    statuses = (400,) if server.process else (400, 414)
    for method, prefix in (("GET", "/download/file/"), ("PUT", "/upload/"), ("PUT", "/discard/")):
        response = server.exchange(method, prefix + name, body=b"x" if method == "PUT" else None)
        assert response.status in statuses, (method, response)
        assert response.error()


@pytest.mark.parametrize("name", REFUSED_NAMES.values(), ids=REFUSED_NAMES.keys())
def test_a_name_that_no_file_may_have_is_400_up_and_down(server, name):
    name = name if isinstance(name, bytes) else name.encode()
    for method, prefix, body in (
        ("GET", b"/download/file/", None),
        ("HEAD", b"/download/file/", None),
        ("PUT", b"/upload/", b"evil"),
        ("PUT", b"/discard/", b"evil"),
    ):
        response = server.exchange(method, prefix + name, body=body)
        assert response.status == 400, (method, response)
        if method != "HEAD":
            assert response.error()
            assert b"secret" not in response.body


@pytest.mark.parametrize(
    "target",
    [
        "/../../../etc/passwd",
        "/download/../../etc/passwd",
        "/..",
        "//etc/passwd",
        "/download/file",
        "/download/file/..",
        "/%2e%2e/etc/passwd",
    ],
)
def test_dots_outside_a_name_lead_nowhere(server, target):
    response = server.get(target)
    assert response.status in (400, 404)
    assert b"root:" not in response.body


@pytest.mark.parametrize(
    "name", ["%252e%252e%252fsecret", "%252e%252e/secret", "..%252fsecret", "..%255csecret"]
)
def test_a_name_is_decoded_once(guarded_if_ours, name):
    server = guarded_if_ours
    assert server.get(f"/download/file/{name}").status == 404
    response = server.put(f"/upload/{name}", b"harmless")
    assert response.status == 201
    literal = name.replace("%25", "%")
    assert response.json()["filename"] == literal
    assert_only_file(server, literal, b"harmless")
    assert server.get(f"/download/file/{name}").body == b"harmless"


@pytest.mark.parametrize(
    "name",
    [
        "../secret",
        "a/../../secret",
        "..%2fsecret",
        "%2e%2e%2fsecret",
        "..%5csecret",
        "../outside/secret",
        "/../secret",
    ],
)
def test_no_name_reaches_the_file_beside_the_folder(guarded, name):
    server, _ = guarded
    response = server.get(f"/download/file/{name}")
    assert response.status == 400
    assert SECRET not in response.body
    assert server.put(f"/upload/{name}", b"evil").status == 400
    assert visible_files(server) == set()


@pytest.mark.parametrize(
    ("disposition", "stored_as"),
    [
        ('filename="../secret"', "secret"),
        ('filename="../../../../tmp/evil"', "evil"),
        ('filename="/etc/evil"', "evil"),
        ('filename="C:\\a\\evil.txt"', "evil.txt"),
        ('filename="..\\..\\evil"', "evil"),
        ('filename="a/b\\c/evil"', "evil"),
        ("filename*=UTF-8''..%2F..%2Fevil", "evil"),
        ("filename*=UTF-8''..%5C..%5Cevil", "evil"),
        ("filename=\"x\"; filename*=UTF-8''%2e%2e%2fevil", "evil"),
        ('filename="..%2f..%2fevil"', "..%2f..%2fevil"),
        ('filename=".."', None),
        ('filename="."', None),
        ('filename="../.."', None),
        ('filename="a/.."', None),
        ('filename="a/"', None),
        ('filename="/"', None),
        ('filename="C:\\"', None),
        ('filename=".wherry"', None),
        ('filename="a\0b"', None),
        ('filename="a\x1bb"', None),
        ("filename*=UTF-8''a%00b", None),
        ("filename*=UTF-8''a%0d%0ab", None),
        ("filename*=UTF-8''a%ffb", None),
        ('filename="' + "n" * 256 + '"', None),
    ],
)
def test_a_file_name_in_a_form_stays_in_the_folder(guarded_if_ours, disposition, stored_as):
    server = guarded_if_ours
    body = form(part(f'name="file"; {disposition}', b"data"))
    response = server.exchange("POST", "/upload", [form_type()], body)
    if stored_as is None:
        # A board accepts less of a part's head than of a name.
        assert response.status in ((400,) if server.process else (400, 431)), response
        assert response.error()
    else:
        assert response.status == 201, response
        assert response.json()["filename"] == stored_as
    assert_only_file(server, stored_as, b"data")


def test_a_form_cannot_write_into_the_private_folder(guarded):
    server, _ = guarded
    before = files_below(server.folder)
    for name in (".wherry/staging/evil", ".wherry/evil"):
        body = form(part(f'name="file"; filename="{name}"', b"data"))
        assert server.exchange("POST", "/upload", [form_type()], body).status in (201, 400)
    assert files_below(server.folder) - before <= {"evil"}


def test_the_private_folder_cannot_be_read(guarded):
    server, _ = guarded
    (server.folder / ".wherry").mkdir(exist_ok=True)
    (server.folder / ".wherry" / "state").write_bytes(SECRET)
    for name in (
        ".wherry/state",
        "%2ewherry/state",
        ".wherry%2fstate",
        "./.wherry/state",
        "a/../.wherry/state",
    ):
        response = server.get(f"/download/file/{name}")
        assert response.status == 400
        assert SECRET not in response.body


@pytest.mark.parametrize(
    "target",
    [
        "/uploadx/a",
        "/upload.bak",
        "/download/files/a",
        "/download/file.bak/a",
        "/download/generate/5/extra",
        "/download/reports",
        "/discardx/a",
    ],
)
def test_a_route_is_matched_whole_and_not_by_its_beginning(server, target):
    for method in ("GET", "PUT", "POST"):
        assert server.exchange(method, target).status == 404


# ---------------------------------------------------------------- links and other files

LINKS = {
    "file outside": ("link", "../secret", "link"),
    "file outside, absolute": ("link", "{around}/secret", "link"),
    "folder outside": ("link", "../outside", "link/secret"),
    "folder outside, absolute": ("link", "{around}/outside", "link/secret"),
    "root": ("link", "/", "link/etc/passwd"),
    "the folder's own parent": ("link", "..", "link/secret"),
    "through /proc": ("link", "/proc/self/root", "link/etc/passwd"),
    "through a working folder": ("link", "/proc/self/cwd", "link/secret"),
}


@pytest.mark.parametrize(("link", "leads_to", "name"), LINKS.values(), ids=LINKS.keys())
def test_no_link_leads_out(guarded, link, leads_to, name):
    server, around = guarded
    (server.folder / link).symlink_to(leads_to.format(around=around))
    response = server.get(f"/download/file/{name}")
    assert response.status in (400, 403, 404), response
    assert SECRET not in response.body and b"root:" not in response.body
    response = server.put(f"/upload/{name}", b"evil")
    assert response.status in (400, 403, 409), response


def test_nothing_new_is_made_behind_a_linked_folder(guarded):
    server, around = guarded
    (server.folder / "link").symlink_to("../outside")
    (server.folder / "dangling").symlink_to(around / "outside" / "new")
    for name in ("link/new", "link/new/deep", "dangling", "dangling/new"):
        response = server.put(f"/upload/{name}", b"evil")
        assert response.status in (400, 403, 409), (name, response)


def test_a_link_loop_is_no_file(guarded):
    server, _ = guarded
    (server.folder / "loop").symlink_to("loop")
    assert server.get("/download/file/loop").status in (400, 404)
    assert server.get("/download/file/loop/a").status in (400, 404)
    assert server.is_answering()


def test_a_folder_that_turns_into_a_link_meanwhile_leads_nowhere(guarded):
    """A race: `door` is a folder and a link to the outside by turns while it is used."""
    server, around = guarded
    door = server.folder / "door"
    ended = threading.Event()

    def turn():
        while not ended.is_set():
            # An upload may make the folder first, or write into it while it is removed.
            with contextlib.suppress(FileExistsError):
                door.mkdir()
            with contextlib.suppress(OSError):
                shutil.rmtree(door)
            with contextlib.suppress(FileExistsError):
                door.symlink_to(around / "outside")
                door.unlink()

    turner = threading.Thread(target=turn)
    turner.start()
    try:
        with server.connect() as connection:
            start = time.monotonic()
            while time.monotonic() - start < 1.0:
                connection.send(server.request("GET", "/download/file/door/secret"))
                response = connection.read_response()
                assert SECRET not in response.body
                assert response.status != 200
                connection.send(server.request("PUT", "/upload/door/new", body=b"evil"))
                assert connection.read_response().status < 500
    finally:
        ended.set()
        turner.join()


def make_fifo(path):
    os.mkfifo(path)


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as one:
        here = os.getcwd()
        os.chdir(path.parent)  # a socket's address is short
        try:
            one.bind(path.name)
        finally:
            os.chdir(here)


def make_device(path):
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))  # /dev/zero
    except PermissionError:
        pytest.skip("only root can make a device")


def make_folder(path):
    path.mkdir()


@pytest.mark.needs_folder
@pytest.mark.parametrize("make", [make_fifo, make_socket, make_device, make_folder])
def test_what_is_no_regular_file_is_neither_served_nor_replaced_nor_waited_for(
    server, unique, make
):
    path = server.folder / unique
    make(path)
    kind = stat.S_IFMT(path.lstat().st_mode)
    start = time.monotonic()
    for method in ("GET", "HEAD"):
        assert server.exchange(method, f"/download/file/{unique}").status == 404
    response = server.put(f"/upload/{unique}", b"data")
    assert response.status == 409
    assert response.error()
    body = form(part(f'name="file"; filename="{unique}"', b"data"))
    assert server.exchange("POST", "/upload", [form_type()], body).status == 409
    assert time.monotonic() - start < 2
    assert stat.S_IFMT(path.lstat().st_mode) == kind
    assert server.is_answering()


@pytest.mark.needs_folder
@pytest.mark.parametrize("make", [make_fifo, make_socket, make_device])
def test_what_is_no_folder_is_not_passed_through(server, unique, make):
    make(server.folder / unique)
    assert server.get(f"/download/file/{unique}/a").status == 404
    assert server.put(f"/upload/{unique}/a", b"data").status == 409


def test_a_file_is_no_folder(server, unique):
    server.put(f"/upload/{unique}", b"data")
    assert server.get(f"/download/file/{unique}/a").status == 404
    assert server.put(f"/upload/{unique}/a", b"evil").status == 409
    assert server.put(f"/upload/{unique}/a/b/c", b"evil").status == 409
    assert server.get(f"/download/file/{unique}").body == b"data"


def test_a_folder_is_no_file(server, unique):
    server.put(f"/upload/{unique}/a", b"data")
    assert server.get(f"/download/file/{unique}").status == 404
    assert server.put(f"/upload/{unique}", b"evil").status == 409
    assert server.get(f"/download/file/{unique}/a").body == b"data"


def test_a_file_that_may_not_be_read_is_not_there(start_server, tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (tmp_path / "closed").write_bytes(SECRET)
    (tmp_path / "closed").chmod(0)
    server = start_server(folder=tmp_path)
    assert server.get("/download/file/closed").status == 404


# ---------------------------------------------------------------- headers, logs, pages

NASTY_NAMES = [
    "%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    "quote%22;x=y",
    "%E2%80%AEgnp.exe",
    "%C2%85next",
    "%C2%9B2J",
    "%E2%80%A8line",
    "a%3B%20filename=b",
    "percent%250d%250aX:%20y",
    "comma,%20x",
    "tilde~%60tick",
]


@pytest.mark.parametrize("name", NASTY_NAMES)
def test_no_name_gets_into_a_header_unescaped(server, unique, name):
    """The client refuses any header line that is not printable ASCII."""
    response = server.put(f"/upload/{unique}/{name}", b"data")
    assert response.status in (201, 400)
    if response.status == 201:
        assert {key.lower() for key, _ in response.fields} <= {
            "date",
            "content-type",
            "content-length",
            "location",
            "etag",
            "connection",
            "x-content-type-options",
            "server",
            "cache-control",
            "content-security-policy",
        }
        download = server.get(response.get("Location"))
        assert (download.status, download.body) == (200, b"data")


@pytest.mark.parametrize(
    "target",
    [
        "/%0d%0aX-Evil:%20yes",
        "/download/file/a%0d%0aX-Evil:%20yes",
        "/upload/a%0d%0aX-Evil:%20yes",
        "/download/generate/1%0d%0aX-Evil:%20yes",
        "/?a=%0d%0aX-Evil:%20yes",
    ],
)
def test_a_decoded_line_break_adds_no_header(server, target):
    for method in ("GET", "PUT", "OPTIONS"):
        response = server.exchange(method, target, body=b"" if method == "PUT" else None)
        assert response.get("X-Evil") is None


def test_a_pattern_adds_no_header(server):
    for pattern in ("a\\r\\nX-Evil: yes", 'a\\"; filename=\\"b', "a\\u0000b"):
        body = b'{"pattern": "%s"}' % pattern.encode()
        response = server.exchange(
            "POST", "/download/report", [("Content-Type", "application/json")], body
        )
        assert response.status == 400
        assert response.get("X-Evil") is None


FORGED = (
    "2026-11-22T10:00:00.123Z 127.0.0.1:1 PUT /upload/forged 201 1 bytes CRC32: 0x00000000 1 ms ok"
)
LOGGED_TARGETS = [
    b"/upload/a%0a" + FORGED.replace(" ", "%20").encode(),
    b"/upload/a%0d%0aforged",
    b"/upload/a%1b[2J%1b]0;title%07",
    b"/upload/quote%22,%22outcome%22:%22ok",
    b"/upload/back%5cslash",
    b"/upload/%C2%85next",
    b"/upload/%C2%9B2J",
    b"/upload/%E2%80%AEgnp.exe",
    b"/upload/%E2%80%A8line",
    b"/upload/%ff%fe",
    b"/upload/with%20space%20ok",
    "/upload/raw\u202egnp.exe".encode(),
    "/upload/raw\u0085next".encode(),
    "/upload/raw\u2028line".encode(),
    b'/upload/raw"quote',
    b"/upload/raw\\backslash",
    b"/upload/raw\xff\xfe",
    b"/upload/" + "ü".encode() * 100,
    b"/upload/" + b"n/" * 1000 + b"n",
]


def log_after(server, requests):
    """Sends the requests, then one more; returns the bytes of the log up to that one's line."""
    for target in requests:
        try:
            server.exchange("PUT", target, body=b"data")
        except Ended:
            pass
    server.put("/upload/last-one", b"data")
    assert wait_until(lambda: any(b"/upload/last-one" in line for line in server.log_lines()))
    return server.log_lines()


HARMFUL = (
    [bytes([c]) for c in range(0x20) if c != 0x0A]
    + [b"\x7f"]
    + [
        c.encode()
        for c in map(
            chr,
            [
                *range(0x80, 0xA0),
                0x61C,
                0x200E,
                0x200F,
                *range(0x2028, 0x202F),
                *range(0x2066, 0x206A),
            ],
        )
    ]
)


def test_no_request_forges_a_line_of_the_text_log(start_server):
    server = start_server(log_format="text")
    lines = log_after(server, LOGGED_TARGETS)
    for line in lines:
        match = TEXT_LOG_LINE.fullmatch(line.decode().rstrip("\n"))
        assert match, line
        assert match["path"] != "/upload/forged"
        assert not [c for c in HARMFUL if c in line], line
    assert len(lines) <= len(LOGGED_TARGETS) + 1


def test_no_request_forges_a_line_of_the_json_log(start_server):
    server = start_server()
    lines = log_after(server, LOGGED_TARGETS)
    for line in lines:
        assert not [c for c in HARMFUL if c in line], line
    entries = server.log_entries()
    assert len(entries) <= len(LOGGED_TARGETS) + 1
    assert all(isinstance(entry["status"], int) for entry in entries)
    assert "/upload/forged" not in {entry["path"] for entry in entries}


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_file_name_of_a_form_forges_a_line_of_the_log(start_server, log_format):
    server = start_server(log_format=log_format)
    for disposition in (
        'filename="a\x1b[2Jb"',
        "filename*=UTF-8''a%0aforged",
        "filename*=UTF-8''%E2%80%AEx",
        'filename="a\\"b"',
        "filename*=UTF-8''%C2%9Bx",
    ):
        body = form(part(f'name="file"; {disposition}', b"data"))
        server.exchange("POST", "/upload", [form_type()], body)
    for line in log_after(server, []):
        assert not [c for c in HARMFUL if c in line], line
        if log_format == "json":
            json.loads(line)
        else:
            assert TEXT_LOG_LINE.fullmatch(line.decode().rstrip("\n")), line


@pytest.mark.parametrize(
    "name", ["page.html", "page.htm", "page.xhtml", "page.svg", "page.xml", "page.HTML", "page.mht"]
)
def test_a_stored_page_cannot_run_script_in_our_origin(server, unique, name):
    page = b"<!doctype html><script>fetch('/upload/evil', {method: 'PUT'})</script>"
    server.put(f"/upload/{unique}/{name}", page)
    response = server.get(f"/download/file/{unique}/{name}")
    assert response.status == 200
    assert response.get("X-Content-Type-Options") == "nosniff"
    policy = response.get("Content-Security-Policy") or ""
    directives = [directive.split() for directive in policy.split(";")]
    sandboxed = any(
        words and words[0] == "sandbox" and "allow-scripts" not in words for words in directives
    )
    disposition = (response.get("Content-Disposition") or "").lower()
    inert = response.get("Content-Type").split(";")[0] in ("text/plain", "application/octet-stream")
    assert sandboxed or disposition.startswith("attachment") or inert, response


@pytest.mark.parametrize("name", ["page", "page.unknown", "page.bin", "page.txt"])
def test_a_page_by_another_name_is_not_sniffed(server, unique, name):
    server.put(f"/upload/{unique}/{name}", b"<!doctype html><script>alert(1)</script>")
    response = server.get(f"/download/file/{unique}/{name}")
    assert response.get("X-Content-Type-Options") == "nosniff"
    assert response.get("Content-Type").split(";")[0] in ("text/plain", "application/octet-stream")


@pytest.mark.parametrize(
    ("method", "target", "fields", "body"),
    [
        ("GET", "/<script>alert(1)</script>", [], None),
        ("GET", "/download/file/<script>alert(1)</script>", [], None),
        ("GET", "/download/generate/<script>", [], None),
        ("PUT", "/upload/<script>%00", [], b""),
        ("<SCRIPT>", "/", [], None),
        ("GET", "/", [("Host", "<script>")], None),
        ("GET", "/", [("Expect", "<script>")], b""),
        ("GET", "/", [("<script>", "x")], None),
        (
            "POST",
            "/download/report",
            [("Content-Type", "application/json")],
            b'{"pattern": "<script>"}',
        ),
        ("POST", "/download/report", [("Content-Type", "application/json")], b"<script>"),
        ("POST", "/upload", [("Content-Type", "<script>")], b"<script>"),
    ],
)
def test_an_error_echoes_nothing_that_a_browser_would_run(server, method, target, fields, body):
    response = server.exchange(
        method, target, fields, body, host=not any(name == "Host" for name, _ in fields)
    )
    assert response.status >= 400
    assert response.error()
    assert b"<script" not in response.body.lower()


# ---------------------------------------------------------------- sizes and counts


def test_a_head_without_end_is_refused(server):
    with server.connect() as connection:
        with pytest.raises(Ended):
            connection.send(b"GET / HTTP/1.1\r\nHost: a\r\n")
            for _ in range(10_000):  # 240 MB: more than is dropped for the sake of the reply
                connection.send(b"A: b\r\n" * 4096)
    assert server.is_answering()


def test_a_huge_content_length_allocates_nothing(start_server, is_sanitized):
    if is_sanitized:
        pytest.skip("a sanitizer has memory of its own")
    server = start_server("--threads", 1)
    server.put("/discard/a", bytes(MiB))
    server.put("/upload/a", bytes(MiB))
    before_kib = server.resident_kib()
    held = []
    for endpoint in ("discard", "upload"):
        for length in (2**40, 2**62, 2**63, 2**64 - 1):
            connection = server.connect()
            connection.send(
                server.request("PUT", f"/{endpoint}/b", [("Content-Length", str(length))]) + b"x"
            )
            held.append(connection)
    connection = server.connect()
    connection.send(
        server.request("PUT", "/discard/b", [("Transfer-Encoding", "chunked")])
        + b"ffffffffffffffff\r\nx"
    )
    held.append(connection)
    time.sleep(0.3)
    assert server.resident_kib() - before_kib < 2048
    assert server.allocated_bytes() < 64 * MiB
    for connection in held:
        connection.close()
    assert server.is_answering()
    assert visible_files(server) == {"a"}


@pytest.mark.parametrize(
    "length", ["-1", "-9223372036854775808", "4294967301", "18446744073709551621"]
)
@pytest.mark.parametrize("endpoint", ["upload", "discard"])
def test_a_length_is_neither_negative_nor_cut_to_32_or_64_bits(server, unique, length, endpoint):
    """4294967301 is 5 in 32 bits, 18446744073709551621 is 5 in 64: five bytes are not enough."""
    with server.connect() as connection:
        connection.send(
            server.request("PUT", f"/{endpoint}/{unique}", [("Content-Length", length)]) + b"hello"
        )
        if length == "4294967301":
            try:
                assert connection.is_silent(0.3) or connection.read_final_response().status in (
                    413,
                    507,
                )
            except Ended:
                pass
        else:
            assert connection.read_response().status == 400
    assert server.get(f"/download/file/{unique}").status == 404


@pytest.mark.parametrize("size", [b"-1", b"100000005", b"10000000000000005"])
def test_a_chunk_size_is_neither_negative_nor_cut_to_32_or_64_bits(server, unique, size):
    body = size + b"\r\nhello\r\n0\r\n\r\n"
    with server.connect() as connection:
        connection.send(
            server.request("PUT", f"/upload/{unique}", [("Transfer-Encoding", "chunked")], body)
        )
        connection.finish_sending()
        try:
            assert connection.read_response().status in (400, 413, 507)
        except Ended:
            pass
    assert server.get(f"/download/file/{unique}").status == 404


def test_a_range_does_not_underflow(server, unique):
    server.put(f"/upload/{unique}", b"0123456789")
    for value in ("bytes=-11", "bytes=-9223372036854775809", "bytes=-18446744073709551615"):
        assert server.get(f"/download/file/{unique}", [("Range", value)]).body == b"0123456789"
    for value in ("bytes=10-", "bytes=18446744073709551615-18446744073709551615", "bytes=11-10"):
        assert server.get(f"/download/file/{unique}", [("Range", value)]).status in (200, 416)


@pytest.mark.parametrize(
    "field",
    ["Range", "If-Range", "Cookie", "Accept", "Content-Type", "Connection", "If-Modified-Since"],
)
def test_a_long_field_of_repeated_characters_takes_no_time(server, field):
    start = time.monotonic()
    for character in ("=", ",", ";", " -", '"', "\\", "("):
        response = server.exchange_bytes(
            server.request(
                "GET",
                "/download/file/none",
                [(field, "a" + character * 3000 + "b"), ("Connection", "close")],
            )
        )
        assert response.status in (400, 404, 431)
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary",
        "multipart/form-data; boundary=",
        'multipart/form-data; boundary=""',
        "multipart/form-data; boundary=" + "b" * 71,
        "multipart/form-data; boundary=a; boundary=b",
        "multipart/form-data; boundary=a\u00fc",
    ],
)
def test_a_form_without_a_usable_boundary_is_400(server, content_type):
    response = server.exchange(
        "POST",
        "/upload",
        [("Content-Type", content_type)],
        form(part('name="file"; filename="a"', b"x")),
    )
    assert response.status == 400
    assert response.error()


def test_a_smuggled_request_is_not_answered(server, unique):
    """The body of the first request looks like a second one."""
    inner = server.request("PUT", f"/upload/{unique}-inner", body=b"evil")
    with server.connect() as connection:
        connection.send(
            server.request("PUT", f"/discard/{unique}", body=inner) + server.request("GET", "/")
        )
        assert connection.read_response().json()["size"] == len(inner)
        assert connection.read_response().body == b"OK"
        assert connection.is_silent(0.1)
    assert server.get(f"/download/file/{unique}-inner").status == 404


def test_random_bytes_are_survived(server):
    source = random.Random(1)
    for _ in range(200):
        data = source.randbytes(source.randrange(1, 2000))
        with server.connect() as connection:
            connection.send(data)
            connection.finish_sending()
            try:
                while connection.read_some(65536):
                    pass
            except Ended:
                pass
    assert server.is_answering()


def test_requests_with_random_faults_are_survived(server, unique):
    """Bytes of good requests, one to three of them changed: 2xx or 4xx, or an end; never a 5xx."""
    source = random.Random(2)
    requests = [
        server.request("PUT", f"/upload/{unique}", body=b"data"),
        server.request(
            "PUT", f"/upload/{unique}", [("Transfer-Encoding", "chunked")], chunked(b"data")
        ),
        server.request(
            "POST", "/upload", [form_type()], form(part(f'name="file"; filename="{unique}"', b"x"))
        ),
        server.request("GET", f"/download/file/{unique}", [("Range", "bytes=0-1")]),
        server.request(
            "POST",
            "/download/report",
            [("Content-Type", "application/json")],
            b'{"size": 10, "pattern": "random"}',
        ),
    ]
    for index in range(500):
        data = bytearray(requests[index % len(requests)])
        for _ in range(source.randrange(1, 4)):
            data[source.randrange(len(data))] = source.randrange(256)
        with server.connect() as connection:
            connection.send(bytes(data))
            connection.finish_sending()
            try:
                response = connection.read_head("HEAD")
                assert response.status < 500 or response.status in (501, 505), (
                    bytes(data),
                    response,
                )
            except Ended:
                pass
    assert server.is_answering()
