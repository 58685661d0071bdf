# SPDX-License-Identifier: MIT
"""Lists of folders: GET /files/<folder>/ as JSON, plain text and HTML, whole and by pages.

What holds for all of them: what is told can be fetched by its name, what can be fetched is told,
once; and no name, whatever other hands have called their files, becomes anything but text.
"""

import html.parser
import os
import re
import time
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urljoin

import pytest

from wherry_client import as_bytes, crc_text

JSON = [("Accept", "application/json")]
TEXT = [("Accept", "text/plain")]

# Names that a browser, a shell, a terminal or a parser might take for something else.
ODD_NAMES = [
    "<script>alert(1)",
    "<img src=x onerror=alert(1)>",
    '"onmouseover="alert(1)',
    "'onmouseover='alert(1)",
    "javascript:alert(1)",
    "&lt;b&gt;",
    "<!--",
    "]]>",
    "a b",
    "a%41",
    "?x=y",
    "#fragment",
    "c:d",
    "~",
    "-rf",
    "$(reboot)",
    "ü文",
    "e\u0301",
    "\u202egnp.exe",
]


class Page(html.parser.HTMLParser):
    """What a browser makes of a list: its links, and everything that could run."""

    def __init__(self, text):
        super().__init__()
        self.links = []
        self.tags = set()
        self.attributes = set()
        self._text = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "a":
            self.links.append([dict(attrs)["href"], ""])
            self._inside = True

    def handle_endtag(self, tag):
        if tag == "a":
            self._inside = False

    def handle_data(self, data):
        if getattr(self, "_inside", False):
            self.links[-1][1] += data

    def entries(self):
        return [(href, text) for href, text in self.links if text not in ("Up", "More")]


def listed(server, folder, query=""):
    response = server.get(f"/files/{folder}{query}", JSON)
    assert response.status == 200, response
    return response.json()


def names(reply):
    return [entry["name"] for entry in reply["entries"]]


@pytest.fixture
def odd(server, unique):
    """A folder of files with odd names, each with its name in it."""
    for name in ODD_NAMES:
        assert server.put(f"/files/{unique}/{quote(name)}", name.encode()).status == 201
    return f"{unique}/"


# ---------------------------------------------------------------- what is told


def test_json_tells_name_type_size_time_and_crc(server, unique):
    before = int(time.time())
    put = server.put(f"/files/{unique}/file", b"12345")
    server.put(f"/files/{unique}/sub/x", b"")
    response = server.get(f"/files/{unique}/", JSON)
    assert response.get("Content-Type") == "application/json"
    reply = response.json()
    assert (reply["path"], reply["order"]) == (unique, "name")
    assert response.get("Listing-Order") == "name"
    assert "next" not in reply
    file, folder = reply["entries"]
    assert (file["name"], file["type"], file["size"]) == ("file", "file", 5)
    assert file["crc32"] == put.json()["crc32"] == crc_text(b"12345")
    if server.process:  # a board may have no clock
        assert before - 2 <= file["modified_s"] <= int(time.time()) + 2
        head = server.exchange("HEAD", f"/files/{unique}/file")
        modified = parsedate_to_datetime(head.get("Last-Modified"))
        assert int(modified.timestamp()) == file["modified_s"]
    assert (folder["name"], folder["type"]) == ("sub", "folder")
    assert "size" not in folder and "crc32" not in folder


def test_text_is_one_name_a_line(server, unique):
    for name in ("b", "a c", "sub/x"):
        server.put(f"/files/{unique}/{quote(name)}", b"")
    response = server.get(f"/files/{unique}/", TEXT)
    assert response.get("Content-Type") == "text/plain; charset=utf-8"
    assert response.body == b"a c\nb\nsub/\n"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "text/html"),
        ("*/*", "text/html"),
        ("application/json", "application/json"),
        ("text/plain", "text/plain"),
        ("text/*;q=0.5, application/json", "application/json"),
        ("text/html;q=0.1, text/plain;q=0.2", "text/plain"),
        ("application/json;q=0, text/plain;q=0.001", "text/plain"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("image/png", "text/html"),  # RFC 9110 §12.5.1 allows to send what there is
    ],
)
def test_the_form_is_what_the_client_accepts_best(server, unique, accept, media_type):
    server.put(f"/files/{unique}/a", b"")
    response = server.get(f"/files/{unique}/", [("Accept", accept)] if accept else [])
    assert response.get("Content-Type").split(";")[0] == media_type
    assert "accept" in response.get("Vary").lower()


def test_head_of_a_list_is_get_without_the_list(server, unique):
    server.put(f"/files/{unique}/a", b"")
    for fields in (JSON, TEXT, []):
        head = server.exchange("HEAD", f"/files/{unique}/", fields)
        get = server.get(f"/files/{unique}/", fields)
        assert (head.status, head.body) == (200, b"")
        assert head.get("Content-Type") == get.get("Content-Type")


def test_an_empty_folder_has_an_empty_list(server, unique):
    server.put(f"/files/{unique}/a", b"")
    server.exchange("DELETE", f"/files/{unique}/a")
    assert listed(server, f"{unique}/")["entries"] == []
    assert server.get(f"/files/{unique}/", TEXT).body == b""
    assert Page(server.get(f"/files/{unique}/").body.decode()).entries() == []


def test_what_is_no_folder_has_no_list(server, unique):
    server.put(f"/files/{unique}", b"a file")
    assert server.get(f"/files/{unique}/").status == 404
    assert server.get(f"/files/{unique}-none/").status == 404
    assert server.get(f"/files/{unique}-none").status == 404


def test_the_root_is_listed_without_what_is_private(server, unique):
    server.put(f"/files/{unique}", b"")
    found = names(listed(server, ""))
    assert unique in found
    assert ".wherry" not in found
    assert server.get("/files/.wherry/").status == 400


def test_a_list_comes_by_name_byte_by_byte(server, unique):
    given = ["b", "a", "B", "ab", "a-b", "ä", "10", "9", "z", "é", "a.b"]
    for name in given:
        server.put(f"/files/{unique}/{quote(name)}", b"")
    reply = listed(server, f"{unique}/")
    assert reply["order"] == "name"
    assert names(reply) == sorted(given, key=str.encode)


def order_of(server, target, accept=JSON):
    """As the field says it, and, where the body says it too, that does not differ."""
    response = server.get(target, accept)
    assert response.status == 200, response
    told = response.get("Listing-Order")
    if accept is JSON:
        assert response.json()["order"] == told
    return told


@pytest.mark.needs_folder
def test_a_list_that_a_limit_cuts_comes_in_the_order_of_the_storage(server, unique):
    """By name comes what is told whole, at once. Elsewhere than on Linux all comes by name."""
    given = [f"{i:02d}" for i in range(20)]
    for name in given:
        server.put(f"/files/{unique}/{name}", b"")
    folder = f"/files/{unique}/"
    for accept in (JSON, TEXT, []):
        assert order_of(server, folder, accept) == "name"
        assert order_of(server, folder + "?limit=20", accept) == "name"
        assert order_of(server, folder + "?limit=19", accept) == "storage"
    pages = list(turn_pages(server, f"{unique}/", 7))
    assert [page["order"] for page in pages] == ["storage"] * 3
    told = [name for page in pages for name in names(page)]
    assert told == [entry.name for entry in os.scandir(server.folder / unique)]


# ---------------------------------------------------------------- odd names


def test_odd_names_are_told_as_they_are(server, odd):
    assert sorted(names(listed(server, odd))) == sorted(ODD_NAMES)
    lines = server.get(f"/files/{odd}", TEXT).body.decode().splitlines()
    assert sorted(lines) == sorted(ODD_NAMES)


def test_a_page_of_odd_names_has_links_to_them_and_nothing_else(server, odd):
    base = f"/files/{odd}"
    response = server.get(base)
    page = Page(response.body.decode())
    assert page.tags <= {"html", "meta", "title", "p", "a", "table", "tr", "th", "td"}
    assert page.attributes <= {"lang", "charset", "name", "content", "href"}
    assert sorted(text for _, text in page.entries()) == sorted(ODD_NAMES)
    for href, text in page.entries():
        address = urljoin(f"http://server{base}", href)
        assert address.startswith(f"http://server{base}"), href
        got = server.get(address.removeprefix("http://server"))
        assert (got.status, got.body) == (200, text.encode())
    policy = response.get("Content-Security-Policy")
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert response.get("X-Content-Type-Options") == "nosniff"


def test_the_name_of_the_folder_is_escaped_too(server, unique):
    name = f"{unique}<script>&\"'"
    server.put(f"/files/{quote(name)}/a", b"")
    response = server.get(f"/files/{quote(name)}/")
    assert b"<script" not in response.body
    assert Page(response.body.decode()).tags.isdisjoint({"script"})
    assert listed(server, f"{quote(name)}/")["path"] == name


@pytest.mark.needs_folder
def test_names_that_no_request_can_say_are_not_told(server, unique):
    folder = server.folder / unique
    folder.mkdir()
    (folder / "told").write_bytes(b"x")
    (folder / "folder").mkdir()
    hidden = [b"new\nline", b"carriage\rreturn", b"back\\slash", b"no utf-8 \xff", b"\x1b[2J",
              b"tab\t", b"\x7f", "\u0085".encode(), b"cut \xe2\x82"]
    for name in hidden:
        with open(os.path.join(as_bytes(str(folder)), name), "wb"):
            pass
    assert names(listed(server, f"{unique}/")) == ["folder", "told"]
    assert server.get(f"/files/{unique}/", TEXT).body == b"folder/\ntold\n"
    page = Page(server.get(f"/files/{unique}/").body.decode())
    assert [text for _, text in page.entries()] == ["folder/", "told"]


@pytest.mark.needs_folder
def test_what_is_told_can_be_fetched_and_nothing_else_is_told(server, unique):
    """FIFOs, links out, dangling links: told or not just as they are served or not."""
    folder = server.folder / unique
    (folder / "sub").mkdir(parents=True)
    (folder / "file").write_bytes(b"x")
    os.mkfifo(folder / "fifo")
    (folder / "link-in").symlink_to("file")
    (folder / "link-to-folder").symlink_to("sub")
    (folder / "link-out").symlink_to("/etc/passwd")
    (folder / "link-up").symlink_to("../..")
    (folder / "dangling").symlink_to("nothing")
    (folder / "loop").symlink_to("loop")
    start = time.monotonic()
    told = {entry["name"]: entry["type"] for entry in listed(server, f"{unique}/")["entries"]}
    assert time.monotonic() - start < 5  # nothing has waited for the FIFO
    assert told["file"] == "file" and told["sub"] == "folder"
    assert not {"fifo", "link-out", "link-up", "dangling", "loop"} & set(told)
    for name in os.listdir(folder):
        status = server.get(f"/files/{unique}/{name}").status
        kind = {200: "file", 308: "folder"}.get(status)
        assert told.get(name) == kind, (name, status)


# ---------------------------------------------------------------- by pages


def turn_pages(server, folder, limit, fields=()):
    """Yields the JSON of each page, following `next`."""
    query = f"?limit={limit}"
    with server.connect() as connection:
        while query:
            connection.send(server.request("GET", f"/files/{folder}{query}", [*JSON, *fields]))
            response = connection.read_response()
            assert response.status == 200, response
            page = response.json()
            query = page.get("next")
            link = response.get("Link")
            assert link == (f'<{query}>; rel="next"' if query else None)
            yield page


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 8, 100])
def test_pages_have_each_name_once(server, unique, limit):
    given = ["e", "d", "c & d", "b", "a ü", "f", "g%41", "h+"]
    for name in given:
        server.put(f"/files/{unique}/{quote(name)}", b"")
    pages = [names(page) for page in turn_pages(server, f"{unique}/", limit)]
    assert sorted(sum(pages, [])) == sorted(given)
    assert all(0 < len(page) <= limit for page in pages[:-1])
    assert len(pages) <= len(given) // limit + 2


def test_the_pages_of_html_and_text_go_on_too(server, unique):
    for name in "abcde":
        server.put(f"/files/{unique}/{name}", b"")
    base = f"http://server/files/{unique}/"
    found, address, links = [], base + "?limit=2", 0
    while address and links < 10:
        page = Page(server.get(address.removeprefix("http://server")).body.decode())
        found += [text for _, text in page.entries()]
        more = [href for href, text in page.links if text == "More"]
        address = urljoin(address, more[0]) if more else None
        links += 1
    assert sorted(found) == list("abcde")
    found, address = [], base + "?limit=2"
    while address:
        response = server.get(address.removeprefix("http://server"), TEXT)
        found += response.body.decode().split()
        link = response.get("Link")
        address = urljoin(address, re.fullmatch(r'<(.*)>; rel="next"', link)[1]) if link else None
    assert sorted(found) == list("abcde")


def test_a_page_goes_on_though_its_last_name_is_removed_meanwhile(server, unique):
    """What is there all the time is told once."""
    for name in "abcdefgh":
        server.put(f"/files/{unique}/{name}", b"")
    first = listed(server, f"{unique}/", "?limit=3")
    told = names(first)
    server.exchange("DELETE", f"/files/{unique}/{told[-1]}")
    while "next" in first:
        first = listed(server, f"{unique}/", first["next"])
        told += names(first)
    assert sorted(told) == list("abcdefgh")


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=x", "limit=-1", "limit=", "limit=1e3", "limit=99999999999999999999",
     "cursor=", "cursor=x", "cursor=c", "cursor=c0", "cursor=cxyz", "cursor=n",
     "cursor=c11111111111111111", "cursor=n..%2Fx", "cursor=na%00b", "limit=%00"],
)  # fmt: skip
def test_a_page_that_makes_no_sense_is_400(server, unique, query):
    server.put(f"/files/{unique}/a", b"")
    response = server.get(f"/files/{unique}/?{query}")
    assert (response.status, bool(response.error())) == (400, True)


@pytest.mark.parametrize("cursor", ["cffffffffffffffff", "c7fffffffffffffff", "c1", "nzzz", "n%ff"])
def test_a_cursor_that_nobody_was_given_harms_nobody(server, unique, cursor):
    server.put(f"/files/{unique}/a", b"")
    response = server.get(f"/files/{unique}/?limit=5&cursor={cursor}", JSON)
    assert response.status in (200, 400), response
    if response.status == 200:
        assert set(names(response.json())) <= {"a"}
    assert server.is_answering()


COUNT = 20_000


@pytest.fixture(scope="module")
def large_folder(tmp_path_factory):
    """A folder of many files, and their names."""
    folder = tmp_path_factory.mktemp("many")
    given = {f"file-{i:05d}-" + "x" * (i % 60) for i in range(COUNT)}
    for name in given:
        os.close(os.open(folder / name, os.O_CREAT | os.O_WRONLY, 0o644))
    return folder, given


def test_a_list_of_many_files_has_each_once(start_server, large_folder):
    folder, given = large_folder
    server = start_server(folder=folder)
    reply = listed(server, "")
    assert len(reply["entries"]) == COUNT
    assert set(names(reply)) == given
    for accept in (JSON, TEXT, []):
        assert order_of(server, "/files/", accept) == "storage"
    lines = server.get("/files/", TEXT).body.decode().splitlines()
    assert len(lines) == COUNT and set(lines) == given
    page = Page(server.get("/files/").body.decode())
    assert {text for _, text in page.entries()} == given


@pytest.mark.parametrize("limit", [7, 500, 30_000])
def test_pages_of_many_files_are_one_pass_and_have_each_once(start_server, large_folder, limit):
    """To read on from a cursor takes no look at what was told: the pages of a folder take as long
    as its list, but for one request each. Were each a pass of its own, pages of 7 took hours."""
    folder, given = large_folder
    server = start_server(folder=folder)
    listed(server, "")
    start = server.cpu_seconds()
    listed(server, "")
    whole_s = server.cpu_seconds() - start
    start = server.cpu_seconds()
    pages = list(turn_pages(server, "", limit))
    pages_s = server.cpu_seconds() - start
    told = [name for page in pages for name in names(page)]
    assert len(told) == COUNT and set(told) == given
    assert len({page["order"] for page in pages}) == 1
    assert pages_s < 4 * whole_s + 0.002 * len(pages) + 0.5, (whole_s, pages_s, len(pages))


def test_a_listing_costs_no_memory(start_server, large_folder, is_sanitized):
    folder, _ = large_folder
    server = start_server(folder=folder)
    listed(server, f"?limit={COUNT // 2}")  # touches the block that a folder is read into
    server.forget_peak()
    before = server.resident_kib(peak=True)
    for _ in range(3):
        server.get("/files/", TEXT)
    if not is_sanitized:
        assert server.resident_kib(peak=True) - before < 256


def test_a_client_that_goes_away_in_a_list_leaves_no_open_folder(start_server, large_folder):
    folder, _ = large_folder
    server = start_server(folder=folder)
    before = server.open_descriptors()
    for _ in range(10):
        connection = server.connect(receive_buffer=4096)
        connection.send(server.request("GET", "/files/", JSON))
        connection.read_some(1)
        connection.abort()
    deadline = time.monotonic() + 10
    while server.open_descriptors() > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert server.open_descriptors() <= before
    assert server.is_answering()


@pytest.mark.large
def test_a_million_files_are_listed_in_constant_memory(start_server, tmp_path_factory, is_sanitized):
    server = start_server()
    count = 1_000_000
    many = server.folder / "many"
    many.mkdir()
    for i in range(count):
        os.close(os.open(many / f"file-{i:07d}", os.O_CREAT | os.O_WRONLY, 0o644))
    listed(server, "many/?limit=20000")  # touches the block that a folder is read into
    server.forget_peak()
    before = server.resident_kib(peak=True)
    start = time.monotonic()
    seen, lines, rest = bytearray(count), 0, b""  # how often each name came
    with server.connect(time_bound_s=120) as connection:
        connection.send(server.request("GET", "/files/many/", TEXT))
        response = connection.read_head()

        def take(data):
            nonlocal rest, lines
            *whole, rest = (rest + data).split(b"\n")
            lines += len(whole)
            for line in whole:
                assert line.startswith(b"file-") and len(line) == len(b"file-0000000"), line
                seen[int(line[5:])] += 1

        connection.read_body(response, take)
    took_s = time.monotonic() - start
    peak = server.resident_kib(peak=True) - before
    print(f"\n{count} files: {took_s:.1f} s, {peak} KiB more at the peak")
    assert lines == count and rest == b""
    assert seen == b"\1" * count  # each once
    if not is_sanitized:
        assert peak < 256
