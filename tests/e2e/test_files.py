# SPDX-License-Identifier: MIT
"""/files/<path>: every file and folder has one address, by which it is fetched, stored, removed and
moved. What a list of a folder says is in test_listing.py, what an archive of it is in
test_archive.py."""

import os
import random
import threading
from urllib.parse import quote

import pytest

from wherry_client import as_bytes, crc_text
from wherry_server import wait_until

DATA = b"some bytes"


def delete(server, target, fields=()):
    return server.exchange("DELETE", target, fields)


def move(server, target, new, *options, fields=()):
    query = "&".join([f"move={quote(new, safe='')}", *options])
    return server.exchange("POST", f"{target}?{query}", fields)


def names_in(server, folder):
    """The names that the list of a folder has; none where the folder is not there."""
    response = server.get(f"/files/{folder}/", [("Accept", "text/plain")])
    if response.status == 404:
        return []
    assert response.status == 200, response
    return response.body.decode().splitlines()


# ---------------------------------------------------------------- one file


@pytest.mark.parametrize("size", [0, 1, 4096, 100_003])
def test_a_file_is_stored_fetched_replaced_and_removed_under_one_address(server, unique, size):
    target = f"/files/{unique}/file.bin"
    data = random.randbytes(size)
    response = server.put(target, data)
    assert response.status == 201
    assert response.json() == {"filename": target[7:], "size": size, "crc32": crc_text(data)}
    assert response.get("Location") == target
    got = server.get(target)
    assert (got.status, got.body, got.get("Content-Length")) == (200, data, str(size))
    assert got.get("ETag") == response.get("ETag")
    head = server.exchange("HEAD", target)
    assert (head.status, head.get("Content-Length")) == (200, str(size))
    assert head.get("ETag") == got.get("ETag")
    replaced = server.put(target, data + b"more")
    assert replaced.status == 200
    assert replaced.get("ETag") != got.get("ETag")
    assert server.get(target).body == data + b"more"
    gone = delete(server, target)
    assert (gone.status, gone.body) == (204, b"")
    for method in ("GET", "HEAD", "DELETE"):
        assert server.exchange(method, target).status == 404


@pytest.mark.parametrize("name", ["ü ñ 文", "a b+c%d", "semi;colon", "q?uestion#", "'quote'", "~"])
def test_any_name_has_an_address(server, unique, name):
    response = server.put(f"/files/{unique}/{quote(name)}", DATA)
    assert response.status == 201
    assert response.json()["filename"] == f"{unique}/{name}"
    location = response.get("Location")
    assert location.isascii()
    assert server.get(location).body == DATA
    assert names_in(server, unique) == [name]
    assert delete(server, location).status == 204


def test_a_file_that_comes_coded_is_refused(server, unique):
    """Stored as it is, it would be another file; RFC 9110 §8.4 lets a server say so."""
    server.put(f"/files/{unique}", DATA)
    for coding in ("gzip", "br", "x-unknown"):
        assert server.put(f"/files/{unique}", b"coded", [("Content-Encoding", coding)]).status == 400
    assert server.get(f"/files/{unique}").body == DATA
    assert server.put(f"/files/{unique}", b"2", [("Content-Encoding", "identity")]).status == 200


def test_the_routes_of_the_guide_and_files_are_about_the_same_files(server, unique):
    server.put(f"/upload/{unique}", b"up")
    assert server.get(f"/files/{unique}").body == b"up"
    server.put(f"/files/{unique}", b"files")
    assert server.get(f"/download/file/{unique}").body == b"files"


def test_the_methods_of_an_address_are_told(server, unique):
    server.put(f"/files/{unique}", DATA)
    methods = {"GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"}
    assert server.exchange("OPTIONS", f"/files/{unique}").allow() == methods
    response = server.exchange("PATCH", f"/files/{unique}", body=b"x")
    assert (response.status, response.allow()) == (405, methods)
    assert delete(server, "/files/").status == 405
    assert server.put("/files/", DATA).status == 405


# ---------------------------------------------------------------- folders


def test_a_folder_without_its_slash_is_elsewhere(server, unique):
    server.put(f"/files/{unique}/in%20it/a", DATA)
    for method in ("GET", "HEAD"):
        response = server.exchange(method, f"/files/{unique}/in%20it")
        assert response.status == 308
        assert response.get("Location") == f"/files/{unique}/in%20it/"


def test_a_redirect_keeps_what_was_asked(server, unique):
    server.put(f"/files/{unique}/a", DATA)
    response = server.get(f"/files/{unique}?limit=1&cursor=na")
    assert response.status == 308
    assert response.get("Location") == f"/files/{unique}/?limit=1&cursor=na"


def test_a_redirect_has_no_raw_bytes_and_leads_nowhere_else(server, unique):
    folder = f"{unique}ü"
    server.put(f"/files/{quote(folder)}/a", DATA)
    for target in (f"/files/{folder}".encode(), f"http://evil.example/files/{quote(folder)}"):
        response = server.get(target)
        assert response.status in (308, 400), response
        if response.status == 308:
            # The client has refused a field that is not printable ASCII.
            assert response.get("Location") == f"/files/{quote(folder)}/"


def test_a_folder_goes_only_when_that_is_meant(server, unique):
    server.put(f"/files/{unique}/deep/a", DATA)
    server.put(f"/files/{unique}x", DATA)
    for target in (f"/files/{unique}", f"/files/{unique}/", f"/files/{unique}/deep"):
        response = delete(server, target)
        assert response.status == 409
        assert response.error() == "The folder is not empty"
        assert delete(server, f"{target}?recursive=0").status == 409
        assert delete(server, f"{target}?recursive=yes").status == 400
    assert server.get(f"/files/{unique}/deep/a").body == DATA
    assert delete(server, f"/files/{unique}?recursive=1").status == 204
    assert server.get(f"/files/{unique}/deep/a").status == 404
    assert server.get(f"/files/{unique}/").status == 404
    assert server.get(f"/files/{unique}x").body == DATA  # whose name only begins alike
    assert wait_until(lambda: not server.staged_files())


def test_an_empty_folder_goes_as_it_is(server, unique):
    server.put(f"/files/{unique}/deep/a", DATA)
    assert delete(server, f"/files/{unique}/deep/a").status == 204
    assert names_in(server, f"{unique}/deep") == []
    assert delete(server, f"/files/{unique}/deep/").status == 204
    assert delete(server, f"/files/{unique}").status == 204
    assert delete(server, f"/files/{unique}").status == 404


def test_a_file_does_not_go_by_the_address_of_a_folder(server, unique):
    server.put(f"/files/{unique}", DATA)
    assert delete(server, f"/files/{unique}/").status == 404
    assert delete(server, f"/files/{unique}/?recursive=1").status == 404
    assert server.get(f"/files/{unique}").body == DATA


@pytest.mark.needs_folder
def test_a_large_folder_is_gone_at_once_and_its_remains_soon(start_server):
    server = start_server()
    for i in range(30):
        folder = server.folder / "large" / f"sub{i}" / "deep" / "deeper"
        folder.mkdir(parents=True)
        for j in range(50):
            (folder / f"file{j}").write_bytes(b"x")
    assert delete(server, "/files/large?recursive=1").status == 204
    assert not (server.folder / "large").exists()

    staging = server.folder / ".wherry" / "staging"
    assert wait_until(lambda: not os.listdir(staging), 20), os.listdir(staging)


@pytest.mark.needs_folder
@pytest.mark.needs_process
def test_what_is_left_of_a_removed_folder_is_swept_at_the_next_start(start_server, tmp_path):
    server = start_server(folder=tmp_path)
    for i in range(2000):
        path = tmp_path / "large" / f"sub{i % 40}" / f"file{i}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert delete(server, "/files/large?recursive=1").status == 204
    server.kill()
    assert not (tmp_path / "large").exists()
    again = start_server(folder=tmp_path)
    assert wait_until(lambda: not again.staged_files(), 20)


def test_who_reads_a_file_that_is_removed_reads_it_to_the_end(server, unique):
    if not server.process:
        pytest.skip("a board waits until a file is not read")
    target, data = f"/files/{unique}", random.randbytes(8 << 20)
    server.put(target, data)
    with server.connect(receive_buffer=4096) as reader:
        reader.send(server.request("GET", target))
        response = reader.read_head()
        assert delete(server, target).status == 204
        assert server.get(target).status == 404
        body = bytearray()
        reader.read_body(response, body.extend)
    assert body == data


# ---------------------------------------------------------------- moves


def test_a_move_gives_a_file_another_name(server, unique):
    old, new = f"/files/{unique}/old", f"{unique}/new folder/ü & é"
    tag = server.put(old, DATA).get("ETag")
    response = move(server, old, new)
    assert response.status == 201
    assert response.json() == {"filename": new}
    assert response.get("Location") == f"/files/{quote(new, safe='/&')}".replace("&", "%26") or (
        server.get(response.get("Location")).body == DATA
    )
    moved = server.get(f"/files/{quote(new)}")
    assert (moved.body, moved.get("ETag")) == (DATA, tag)  # it is the same version
    assert moved.get("X-Checksum-CRC32") == crc_text(DATA)
    assert server.get(old).status == 404


def test_where_the_content_came_from_changes_nothing(server, unique):
    """RFC 9110 §8.7: a Content-Location of a request is no name to store under."""
    fields = [("Content-Location", f"/files/{unique}/other")]
    assert server.put(f"/files/{unique}/one", b"1", fields).status == 201
    assert names_in(server, unique) == ["one"]


def test_a_move_replaces_nothing_that_is_not_meant(server, unique):
    one, two = f"/files/{unique}/one", f"/files/{unique}/two"
    server.put(one, b"1")
    server.put(two, b"2")
    response = move(server, one, f"{unique}/two")
    assert response.status == 409
    assert response.error() == "A file has that name already; ?replace=1 replaces it"
    assert (server.get(one).body, server.get(two).body) == (b"1", b"2")
    server.put(f"/files/{unique}/folder/x", b"3")
    response = move(server, one, f"{unique}/folder")  # there ?replace=1 would not help
    assert response.error() == "The name is taken by something that is not a file"
    assert move(server, one, f"{unique}/two", "replace=0").status == 409
    assert move(server, one, f"{unique}/two", "replace=yes").status == 400
    assert move(server, one, f"{unique}/two", "replace=1").status == 201
    assert (server.get(one).status, server.get(two).body) == (404, b"1")


def test_a_folder_moves_with_all_that_is_in_it(server, unique):
    server.put(f"/files/{unique}/old/a", b"1")
    server.put(f"/files/{unique}/old/deep/b", b"2")
    response = move(server, f"/files/{unique}/old/", f"{unique}/new/")
    assert response.status == 201
    assert server.get(f"/files/{unique}/new/a").body == b"1"
    assert server.get(f"/files/{unique}/new/deep/b").body == b"2"
    assert names_in(server, unique) == ["new/"]


def test_a_folder_does_not_move_into_itself_nor_over_another(server, unique):
    server.put(f"/files/{unique}/a/file", b"a")
    server.put(f"/files/{unique}/b/file", b"b")
    server.put(f"/files/{unique}/file", b"f")
    for old, new in (
        ("a", "a/in"),
        ("a", "a/deep/er"),
        ("a", "b"),
        ("a", "file"),
        ("file", "a"),
        ("a", "file/under"),
        ("file", "file/under"),
    ):
        for options in ((), ("replace=1",)):
            response = move(server, f"/files/{unique}/{old}", f"{unique}/{new}", *options)
            assert response.status == 409, (old, new, options, response)
    assert server.get(f"/files/{unique}/a/file").body == b"a"
    assert server.get(f"/files/{unique}/b/file").body == b"b"
    assert server.get(f"/files/{unique}/file").body == b"f"


def test_to_its_own_name_a_file_moves_only_when_it_may_replace(server, unique):
    server.put(f"/files/{unique}", DATA)
    assert move(server, f"/files/{unique}", unique).status == 409
    assert move(server, f"/files/{unique}", unique, "replace=1").status == 201
    assert server.get(f"/files/{unique}").body == DATA


def test_a_move_of_nothing_is_404_and_one_to_nowhere_400(server, unique):
    assert move(server, f"/files/{unique}", f"{unique}-new").status == 404
    server.put(f"/files/{unique}", DATA)
    response = server.exchange("POST", f"/files/{unique}")
    assert (response.status, response.error()) == (400, "POST here takes ?move=NEW-NAME")
    assert server.exchange("POST", f"/files/{unique}?move=").status == 400
    assert server.exchange("POST", f"/files/{unique}?move").status == 400
    assert server.get(f"/files/{unique}").body == DATA


def test_a_move_may_have_a_condition(server, unique):
    target = f"/files/{unique}"
    tag = server.put(target, b"1").get("ETag")
    server.put(target, b"2")
    new = f"{unique}-new"
    assert move(server, target, new, fields=[("If-Match", tag)]).status == 412
    tag = server.exchange("HEAD", target).get("ETag")
    assert move(server, target, new, fields=[("If-Match", tag)]).status == 201
    assert server.get(f"/files/{new}").body == b"2"


def test_a_replacing_move_is_one_step(start_server):
    """Whoever looks sees the old file or the new one, at every moment."""
    server = start_server("--threads", 2)
    server.put("/files/name", b"0")
    ended = threading.Event()
    seen = []

    def look():
        with server.connect() as connection:
            while not ended.is_set():
                connection.send(server.request("GET", "/files/name"))
                response = connection.read_response()
                seen.append((response.status, len(response.body)))

    looker = threading.Thread(target=look)
    looker.start()
    try:
        for i in range(200):
            server.put("/files/next", b"%d" % i)
            assert move(server, "/files/next", "name", "replace=1").status == 201
    finally:
        ended.set()
        looker.join()
    assert len(seen) > 20
    assert {status for status, _ in seen} == {200}
    assert min(size for _, size in seen) > 0


# ---------------------------------------------------------------- what other hands have put there


@pytest.mark.needs_folder
def test_a_link_within_the_folder_is_the_file_to_readers(server, unique):
    (server.folder / unique).mkdir()
    (server.folder / unique / "file").write_bytes(DATA)
    (server.folder / unique / "link").symlink_to("file")
    assert server.get(f"/files/{unique}/link").body == DATA


@pytest.mark.needs_folder
def test_to_remove_a_link_is_not_to_remove_what_it_leads_to(server, unique):
    around = server.folder / unique
    (around / "kept").mkdir(parents=True)
    (around / "kept" / "file").write_bytes(DATA)
    (around / "gone").mkdir()
    (around / "gone" / "to-folder").symlink_to("../kept")
    (around / "gone" / "to-file").symlink_to("../kept/file")
    delete(server, f"/files/{unique}/gone/to-folder?recursive=1")
    delete(server, f"/files/{unique}/gone/to-file")
    assert delete(server, f"/files/{unique}/gone?recursive=1").status == 204
    assert not (around / "gone").exists()
    assert (around / "kept" / "file").read_bytes() == DATA


@pytest.mark.needs_folder
def test_a_folder_with_names_that_no_request_can_say_goes_whole(server, unique):
    path = server.folder / unique
    path.mkdir()
    for name in (b"new\nline", b"back\\slash", b"no utf-8 \xff", b"\x1b[2J"):
        with open(os.path.join(as_bytes(str(path)), name), "wb"):
            pass
    os.mkfifo(path / "fifo")
    assert delete(server, f"/files/{unique}").status == 409
    assert delete(server, f"/files/{unique}?recursive=1").status == 204
    assert not path.exists()
