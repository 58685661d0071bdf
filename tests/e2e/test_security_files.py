# SPDX-License-Identifier: MIT
"""The holes that file servers have had, by way of /files: names, links, lists, moves, removals,
digests and conditions. What is not about /files is in test_security.py."""

import base64
import os
import shutil
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from digests import digest
from test_security import (
    FORGED,
    HARMFUL,
    LINKS,
    REFUSED_NAMES,
    SECRET,
    guarded,  # noqa: F401  a fixture
    visible_files,
)
from wherry_client import as_bytes
from wherry_server import TEXT_LOG_LINE, OwnServer, wait_until


@pytest.mark.parametrize("name", REFUSED_NAMES.values(), ids=REFUSED_NAMES.keys())
def test_a_name_that_no_file_may_have_is_400_for_every_method(server, unique, name):
    name = as_bytes(name)
    server.put(f"/files/{unique}", b"data")
    if not name.endswith(b"/"):  # else it is the address of a folder, which may have this name
        for method, body in (("GET", None), ("HEAD", None), ("DELETE", None), ("PUT", b"evil")):
            response = server.exchange(method, b"/files/" + name, body=body)
            assert response.status == 400, (method, response)
        source = b"/files/" + name + f"?move={unique}-new".encode()
        assert server.exchange("POST", source).status == 400
    for suffix in (b"/", b"/?archive=tar", b"/?recursive=1"):
        method = "DELETE" if b"recursive" in suffix else "GET"
        response = server.exchange(method, b"/files/" + name.rstrip(b"/") + suffix)
        assert response.status in (400, 404, 501), (suffix, response)
        assert response.status == 400 or name == b"a/" or b"archive" in suffix, response
    assert server.get(f"/files/{unique}").body == b"data"


@pytest.mark.parametrize("name", REFUSED_NAMES.values(), ids=REFUSED_NAMES.keys())
def test_nothing_moves_to_a_name_that_no_file_may_have(server, unique, name):
    """The new name is decoded once, as the value of a query is."""
    server.put(f"/files/{unique}", b"data")
    name = as_bytes(name)
    if name == b"a/":
        return  # the slash says that it is a folder
    for options in (b"", b"&replace=1"):
        target = f"/files/{unique}?move=".encode() + name + options
        response = server.exchange("POST", target)
        assert response.status == 400, response
        assert response.error()
    assert server.get(f"/files/{unique}").body == b"data"


@pytest.mark.parametrize("new", ["", "/", "//", "&", "f", "..", "%2e%2e", "/files/x", "%2f"])
def test_a_short_or_absolute_new_name_underflows_nothing(server, unique, new):
    """A length that is computed by taking a prefix off can wrap; here no prefix is taken off."""
    server.put(f"/files/{unique}", b"data")
    response = server.exchange("POST", f"/files/{unique}?move={new}")
    if response.status == 201:
        assert new == "f"
        assert server.exchange("DELETE", "/files/f").status == 204
    else:
        assert response.status == 400
        assert server.get(f"/files/{unique}").body == b"data"
    assert server.is_answering()


def test_a_name_is_decoded_once_by_each_method(server, unique):
    name = f"{unique}%2e%2e%2fsecret"
    address = f"/files/{quote(name)}"
    assert server.put(address, b"data").json()["filename"] == name
    assert server.get(address).body == b"data"
    moved = server.exchange("POST", f"{address}?move={quote(name + '%00')}")
    assert moved.json() == {"filename": f"{name}%00"}
    assert server.exchange("DELETE", f"/files/{quote(name + '%00')}").status == 204


@pytest.mark.parametrize(("link", "leads_to", "name"), LINKS.values(), ids=LINKS.keys())
def test_no_link_leads_out_by_any_method(guarded, link, leads_to, name):
    server, around = guarded
    (server.folder / link).symlink_to(leads_to.format(around=around))
    server.put("/files/mine", b"mine")
    for method, target in (
        ("GET", f"/files/{name}"),
        ("GET", f"/files/{name}/"),
        ("GET", f"/files/{link}/"),
        ("GET", f"/files/{link}/?archive=tar"),
        ("PUT", f"/files/{name}"),
        ("PUT", f"/files/{link}/new"),
        ("POST", f"/files/mine?move={name}&replace=1"),
        ("POST", f"/files/mine?move={link}/new"),
    ):
        response = server.exchange(method, target, body=b"evil" if method == "PUT" else None)
        assert response.status in (400, 403, 404, 409), (method, target, response)
        assert SECRET not in response.body and b"root:" not in response.body
    if name != link:  # what lies behind it does not go, nor come
        assert server.exchange("DELETE", f"/files/{name}").status in (400, 403, 404, 409)
        assert server.exchange("POST", f"/files/{name}?move=stolen").status in (400, 403, 404, 409)
    else:  # the link itself may go; what it leads to stays (the fixture looks)
        server.exchange("DELETE", f"/files/{name}?recursive=1")
    assert visible_files(server) <= {"mine", link}


# ---------------------------------------------------------------- uploads that go on

PART = ("Content-Type", "application/partial-upload")
WHOLE = ("Upload-Complete", "?1")
TUS = ("Tus-Resumable", "1.0.0")


class Draft:
    """An upload by the IETF's draft."""

    @staticmethod
    def begin(server, name, first):
        """Sends `first` and no more. Returns: (status, where it goes on)."""
        fields = [("Upload-Complete", "?0")]
        response = server.exchange("PUT", f"/files/{name}", fields, first)
        return response.status, response.get("Location")

    @staticmethod
    def end(server, upload, offset, last):
        fields = [WHOLE, PART, ("Upload-Offset", str(offset))]
        return server.exchange("PATCH", upload, fields, last).status


class Tus:
    """The same by tus 1.0."""

    LENGTH = 8

    @staticmethod
    def begin(server, name, first):
        metadata = "filename " + base64.b64encode(name.encode()).decode()
        fields = [TUS, ("Upload-Length", str(Tus.LENGTH)), ("Upload-Metadata", metadata)]
        response = server.exchange("POST", "/tus/", fields, b"")
        upload = response.get("Location")
        if response.status == 201:
            assert Tus.append(server, upload, 0, first) == 204
        return response.status, upload

    @staticmethod
    def append(server, upload, offset, data):
        content_type = ("Content-Type", "application/offset+octet-stream")
        fields = [TUS, content_type, ("Upload-Offset", str(offset))]
        return server.exchange("PATCH", upload, fields, data).status

    end = append


PROTOCOLS = {"draft": Draft, "tus": Tus}
REFUSALS = (400, 403, 404, 409)


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS.keys())
@pytest.mark.parametrize(("link", "leads_to", "name"), LINKS.values(), ids=LINKS.keys())
def test_no_link_leads_out_by_a_resumable_upload(guarded, protocol, link, leads_to, name):
    """Refused when it begins or, at the latest, when it would become a file. (The fixture looks at
    what lies outside.)"""
    server, around = guarded
    (server.folder / link).symlink_to(leads_to.format(around=around))
    for target in (name, f"{link}/new", f"{link}/new/deep"):
        status, upload = protocol.begin(server, target, b"evil")
        if status == 201:
            status = protocol.end(server, upload, 4, b"more")
        assert status in REFUSALS, (target, status)
    assert (server.folder / link).is_symlink()
    assert visible_files(server) <= {link}


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS.keys())
@pytest.mark.parametrize("leads_to", ["../outside", "{around}/outside", ".."])
def test_a_folder_that_became_a_link_before_an_upload_was_complete_leads_nowhere(
    guarded, protocol, leads_to
):
    server, around = guarded
    server.put("/files/folder/first", b"first")
    status, upload = protocol.begin(server, "folder/secret", b"evil")
    assert status == 201
    (server.folder / "folder").rename(server.folder / "moved")
    (server.folder / "folder").symlink_to(leads_to.format(around=around))
    assert protocol.end(server, upload, 4, b"more") in REFUSALS
    assert visible_files(server) == {"folder", "moved/first"}


NOBODY = 65534


@pytest.fixture
def start_as_nobody(program, start_server, tmp_path):
    """start_as_nobody(folder): a server that may write only what belongs to nobody."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root can become another")
    around = Path(tempfile.mkdtemp(prefix="wherry-nobody-"))  # pytest's own folders are closed
    around.chmod(0o755)
    shutil.copy(program, around / "wherry")
    start = around / "start"
    start.write_text(
        f"#!/bin/sh\nexec setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups "
        f'"{around}/wherry" "$@"\n'
    )
    start.chmod(0o755)
    servers = []

    def start_it():
        folder = around / "served"
        servers.append(OwnServer(start, folder))
        return servers[-1]

    yield around / "served", start_it
    for server in servers:
        server.stop()
    shutil.rmtree(around)


def test_who_may_not_write_may_not_remove_or_move(start_as_nobody):
    folder, start = start_as_nobody
    (folder / "closed/empty").mkdir(parents=True)
    (folder / "closed/file").write_bytes(b"kept")
    for own in ("open", ".wherry"):
        (folder / own).mkdir()
        os.chown(folder / own, NOBODY, NOBODY)
    server = start()
    assert server.put("/files/open/file", b"mine").status == 201
    uploads = [protocol.begin(server, "open/large", b"part") for protocol in (Draft, Tus)]
    assert [status for status, _ in uploads] == [201, 201]
    (folder / ".wherry/uploads").chmod(0o755)
    os.chown(folder / ".wherry/uploads", 0, 0)
    for method, target in (
        ("PUT", "/files/closed/file"),
        ("PUT", "/files/closed/new"),
        ("DELETE", "/files/closed/file"),
        ("DELETE", "/files/closed/empty"),
        ("DELETE", "/files/closed/?recursive=1"),
        ("POST", "/files/closed/file?move=open/stolen"),
        ("POST", "/files/open/file?move=closed/file&replace=1"),
        ("POST", "/files/open/file?move=closed/new"),
        *(("DELETE", upload) for _, upload in uploads),
    ):
        fields = [TUS] if target.startswith("/tus/") else []
        response = server.exchange(method, target, fields, b"evil" if method == "PUT" else None)
        assert response.status == 403, (method, target, response)
    assert visible_files(server) == {"closed/file", "open/file"}
    assert (folder / "closed/file").read_bytes() == b"kept"
    assert (folder / "closed/empty").is_dir()
    assert server.exchange("HEAD", uploads[0][1]).get("Upload-Offset") == "4"
    assert server.exchange("HEAD", uploads[1][1], [TUS]).get("Upload-Offset") == "4"


def test_the_archive_and_the_list_have_nothing_from_behind_a_link(guarded):
    server, around = guarded
    for number, leads_to in enumerate(("../secret", "../outside", around / "outside", "/etc")):
        (server.folder / f"link{number}").symlink_to(leads_to)
    (server.folder / "file").write_bytes(b"mine")
    archive = server.get("/files/?archive=tar")
    assert archive.status == 200
    assert SECRET not in archive.body and b"passwd" not in archive.body
    assert server.get("/files/", [("Accept", "text/plain")]).body == b"file\n"


def test_the_private_folder_cannot_be_listed_removed_or_moved(guarded):
    server, _ = guarded
    server.put("/files/a", b"data")
    for method, target in (
        ("GET", "/files/.wherry/"),
        ("GET", "/files/.WHERRY/"),
        ("GET", "/files/.wherry/?archive=tar"),
        ("DELETE", "/files/.wherry?recursive=1"),
        ("DELETE", "/files/.wherry/staging?recursive=1"),
        ("POST", "/files/.wherry?move=b"),
        ("POST", "/files/a?move=.wherry/staging/a"),
        ("POST", "/files/a?move=%2ewherry%2fa"),
    ):
        assert server.exchange(method, target).status == 400, (method, target)
    assert (server.folder / ".wherry" / "staging").is_dir()
    assert server.get("/files/a").body == b"data"


def test_a_removal_is_of_this_name_and_not_of_all_that_begin_so(server, unique):
    for name in (unique, f"{unique}x", f"{unique}.d/a"):
        server.put(f"/files/{name}", b"data")
    assert server.exchange("DELETE", f"/files/{unique}?recursive=1").status == 204
    assert server.get(f"/files/{unique}x").body == b"data"
    assert server.get(f"/files/{unique}.d/a").body == b"data"


# ---------------------------------------------------------------- logs


HOSTILE = [
    b"a%0a" + FORGED.replace(" ", "%20").encode(),
    b"a%0d%0aforged",
    b"a%1b[2J",
    b"quote%22,%22outcome%22:%22ok",
    b"%C2%9B2J",
    b"%E2%80%AEgnp.exe",
    "raw\u202egnp.exe".encode(),
    b'raw"quote',
    b"raw\xff",
]


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_removal_move_or_list_forges_a_line_of_the_log(start_server, log_format):
    server = start_server(log_format=log_format)
    server.put("/files/a", b"data")
    for name in HOSTILE:
        server.exchange("DELETE", b"/files/" + name)
        server.exchange("POST", b"/files/a?move=" + name)
        server.exchange("POST", b"/files/" + name + b"?move=b")
        server.exchange("GET", b"/files/" + name + b"/")
        server.exchange("PUT", b"/files/" + name + b"?crc32=%0aforged", body=b"x")
    server.put("/files/last-one", b"data")
    assert wait_until(lambda: any(b"/files/last-one" in line for line in server.log_lines()))
    for line in server.log_lines():
        assert not [c for c in HARMFUL if c in line], line
        if log_format == "text":
            match = TEXT_LOG_LINE.fullmatch(line.decode().rstrip("\n"))
            assert match and match["path"] != "/upload/forged", line
    if log_format == "json":
        assert {entry["status"] for entry in server.log_entries()} <= {200, 201, 204, 400, 404, 409}


# ---------------------------------------------------------------- what costs too much


BOMBS = {
    "many digests": ("Repr-Digest", ", ".join(f"a{i}=:AAAA:" for i in range(60))),
    "the same digest often": ("Content-Digest", ", ".join([digest("crc32c", b"x")] * 40)),
    "a digest of bytes without end": ("Repr-Digest", "sha-256=:" + "A" * 700),
    "a digest of padding": ("Repr-Digest", "sha-256=:" + "=" * 700 + ":"),
    "parameters": ("Content-Digest", "crc32c=:AAAAAA==:" + ";a" * 300),
    "an inner list": ("Repr-Digest", "sha-256=" + "(" * 300),
    "many tags": ("If-Match", ", ".join([f'"{i}"' for i in range(150)])),
    "commas": ("If-None-Match", "," * 700),
    "a tag without end": ("If-Match", '"' + "x" * 700),
    "quotes": ("If-None-Match", '"' * 700),
    "wishes": ("Want-Repr-Digest", ", ".join(["sha-256=1"] * 60)),
    "ranges": ("Range", "bytes=" + ",".join(["0-"] * 200)),
    "the same range reversed": ("Range", "bytes=" + ",".join(f"{i}-" for i in range(99, 0, -1))),
    "Accept": ("Accept", ",".join(["text/*;q=0.1"] * 50)),
    "a CRC of zeros": ("X-Checksum-CRC32", "0x" + "0" * 700),
}


@pytest.mark.parametrize(("field", "value"), BOMBS.values(), ids=BOMBS.keys())
def test_a_field_that_is_a_bomb_takes_no_time_and_gets_no_more_than_the_file(
    server, unique, field, value
):
    data = b"0123456789" * 50
    assert server.put(f"/files/{unique}/file", data).status == 201
    start = time.monotonic()
    for method, target, body in (
        ("GET", f"/files/{unique}/file", None),
        ("GET", f"/files/{unique}/", None),
        ("PUT", f"/files/{unique}/other", b"x"),
        ("DELETE", f"/files/{unique}/none", None),
    ):
        response = server.exchange(method, target, [(field, value)], body)
        assert response.status < 500, response
        assert len(response.body) < 4096
    if server.process:
        assert time.monotonic() - start < 2
    assert server.get(f"/files/{unique}/file").body == data
    assert server.is_answering()
