# SPDX-License-Identifier: MIT
"""The disk is full at every call of an upload that takes space, one after the other, until the upload
gets by: each time the reply is 507, the old file is there, whole, nothing is left behind, and the
next upload works. Full for one call, from then on, and in the middle of a write.
"""

import random

import pytest

from full_disk import FROM_THEN_ON, ONCE, SHORT_THEN_FULL, FullDisk
from interop8_client import Interop8, integer
from wherry_client import chunked, crc_text, form, form_type, part
from wherry_server import staged_files, upload_files, wait_until

# More than the blocks of the storage, so that there is a write to fail before the last.
LARGE = 450_000
OTHER = 100
# What may fail without harm: the CRC-32 is not remembered then, an early hint to the disk is lost.
HARMLESS = {"fsetxattr", "sync_file_range"}
# What a plain PUT tries once more, when old uploads have been removed: to begin its file.
TRIED_AGAIN = {"openat"}
MAX_CALLS = 200
MODES = {"once": ONCE, "from-then-on": FROM_THEN_ON, "short-write": SHORT_THEN_FULL}


@pytest.fixture(params=MODES.values(), ids=MODES.keys())
def mode(request):
    return request.param


@pytest.fixture
def disk(tmp_path):
    return FullDisk(tmp_path)


@pytest.fixture
def server(start_server, disk):
    return start_server(
        "--upload-keep-bytes", 200_000, durability="full", environment=disk.environment()
    )


def put(target, data):
    return lambda server: [server.put(target, data)]


def put_chunked(target, data):
    body = chunked(data[: len(data) // 3], data[len(data) // 3 :])
    fields = [("Transfer-Encoding", "chunked")]
    return lambda server: [server.exchange("PUT", target, fields, body)]


def post_form(names, data):
    parts = [part(f'name="file"; filename="{name}"', data) for name in names]
    return lambda server: [server.exchange("POST", "/upload", [form_type()], form(*parts))]


def move(source, target):
    return lambda server: [server.exchange("POST", f"/files/{source}?move={target}")]


DATA = random.randbytes(LARGE)
OLD = random.randbytes(20_000)

# name: (what is done, which files there are then with DATA)
PLAIN = {
    "PUT over a file": (put("/files/old", DATA), ["old"]),
    "PUT of few bytes": (put("/files/old", DATA[:100]), ["old"]),
    "PUT of nothing": (put("/files/old", b""), ["old"]),
    "PUT in new folders": (put("/files/a/b/new", DATA), ["a/b/new"]),
    "PUT in chunks": (put_chunked("/upload/old", DATA), ["old"]),
    "form": (post_form(["old"], DATA), ["old"]),
    "form of several": (post_form(["new", "old"], DATA), ["new", "old"]),
    "move": (move("other", "a/b"), ["a/b"]),
}


class Attempts:
    """Does one thing again and again, the disk full at the first call, the second, …; `check` looks
    at what has become of each."""

    def __init__(self, server, disk, mode):
        self.server = server
        self.disk = disk
        self.mode = mode
        self.failed = []

    def __iter__(self):
        """Yields before each attempt, after which its owner says ended()."""
        for at in range(1, MAX_CALLS):
            self.prepare()
            descriptors = self.server.open_descriptors()
            self.disk.full(at, self.mode)
            yield at
            assert wait_until(lambda: self.server.open_descriptors() <= descriptors), at
            self.server.check()
            if self.failed[-1] is None:
                assert len(set(self.failed)) >= 3, f"not much was tried: {self.failed}"
                return
        raise AssertionError(f"{MAX_CALLS} calls are not enough: {self.failed}")

    def prepare(self):
        """What is there before each."""
        for path, data in (("old", OLD), ("other", DATA[:OTHER])):
            if not is_there(self.server, path, data):
                assert self.server.put(f"/files/{path}", data).status in (200, 201)
        for path in ("new", "a/?recursive=1"):
            assert self.server.exchange("DELETE", f"/files/{path}").status in (204, 404)
        assert staged_files(self.server.folder) == set()

    def ended(self):
        """The disk has space again. Returns: the call that failed, or None."""
        self.failed.append(self.disk.has_space())
        return self.failed[-1]


@pytest.mark.parametrize("name", PLAIN)
def test_an_upload_fails_whole_at_every_call(server, disk, mode, name):
    do, targets = PLAIN[name]
    attempts = Attempts(server, disk, mode)
    for at in attempts:
        (reply,) = do(server)
        failed = attempts.ended()
        where = f"{at}: {failed}: {reply}"
        check_reply(reply, failed, where)
        check_files(server, name, targets, reply, where)
        check_debris(server, reply, where)
        (again,) = do(server) if name != "move" or reply.status == 507 else [reply]
        assert again.status in (200, 201, 204), f"after {where}: {again}"


def check_reply(reply, failed, where):
    if reply.status == 507:
        assert failed and reply.error() == "The storage is full", where
    else:
        assert reply.status in (200, 201, 204), where
        assert failed in HARMLESS | TRIED_AGAIN | {None}, where


def check_files(server, name, targets, reply, where):
    """All is as it was, or as it was to be. Of a form, the first files may be there."""
    size = {"PUT of few bytes": 100, "PUT of nothing": 0, "move": OTHER}.get(name, LARGE)
    for path in targets:
        served = server.get(f"/files/{path}")
        if reply.status != 507:
            assert (served.status, served.body) == (200, DATA[:size]), where
        elif path == "old":
            assert (served.status, served.body) == (200, OLD), where
        else:
            is_first_of_form = name == "form of several" and served.body == DATA
            assert served.status == 404 or is_first_of_form, where
    assert name == "move" or is_there(server, "other", DATA[:OTHER]), where


def check_debris(server, reply, where):
    folder = server.folder
    assert wait_until(lambda: staged_files(folder) == set()), f"{where}: {staged_files(folder)}"
    if reply.status == 507:
        folders = {path.name for path in folder.iterdir() if path.is_dir()}
        assert folders <= {".wherry"}, f"{where}: {folders}"


# ---------------------------------------------------------------- uploads that go on


def is_there(server, path, data):
    served = server.get(f"/files/{path}")
    return served.status == 200 and served.body == data


def finish(server, upload, path, data):
    """There is space again: the upload goes on where it was, and is complete."""
    uploads = Interop8(server)
    told = uploads.offset(upload)
    assert told.status == 204, told
    offset = integer(told, "Upload-Offset")
    if told.get("Upload-Complete") == "?0":
        final = uploads.append(upload, offset, data[offset:], True).done()
        assert final.status in (200, 201) and final.json()["crc32"] == crc_text(data), final
    assert is_there(server, path, data)
    assert uploads.cancel(upload).status == 204


@pytest.mark.parametrize("interop", [True, False], ids=["104", "no-104"])
@pytest.mark.parametrize("is_whole", [True, False], ids=["whole", "part"])
def test_a_resumable_upload_goes_on_when_there_is_space_again(
    server, disk, mode, is_whole, interop
):
    attempts = Attempts(server, disk, mode)
    size = LARGE if is_whole else LARGE // 2
    for at in attempts:
        exchange = Interop8(server).create(
            "PUT", "/files/old", DATA[:size], is_whole, interop=interop
        )
        reply = exchange.done()
        failed = attempts.ended()
        where = f"{at}: {failed}: {reply}"
        assert reply.status in (200, 201, 507), where
        assert is_there(server, "old", DATA if is_whole and reply.status == 200 else OLD), where
        assert staged_files(server.folder) == set(), where
        if exchange.location:
            finish(server, exchange.location, "old", DATA)
        else:
            assert reply.status == 507 or not interop, where
        # Who was not told of an upload does not pay for it.
        assert upload_files(server.folder) == set(), where


@pytest.mark.parametrize("is_last", [True, False], ids=["last", "part"])
def test_an_append_fails_and_goes_on_when_there_is_space_again(server, disk, mode, is_last):
    begin, end = 100_000, LARGE if is_last else LARGE // 2
    attempts = Attempts(server, disk, mode)
    uploads = Interop8(server)
    attempts.prepare()
    for at in attempts:
        disk.has_space()
        upload = uploads.create("PUT", "/files/old", DATA[:begin], False).done().get("Location")
        disk.full(at, mode)
        reply = uploads.append(upload, begin, DATA[begin:end], is_last).done()
        failed = attempts.ended()
        where = f"{at}: {failed}: {reply}"
        assert reply.status in (200, 204, 507), where
        assert is_there(server, "old", DATA if reply.status == 200 else OLD), where
        assert staged_files(server.folder) == set(), where
        told = integer(uploads.offset(upload), "Upload-Offset")
        assert begin <= told <= end and (reply.status == 507 or told == end), where
        finish(server, upload, "old", DATA)
        assert upload_files(server.folder) == set(), where


@pytest.mark.parametrize("cancel", ["IETF", "tus"])
def test_an_upload_that_is_not_wanted_any_more_gives_its_space_back(server, disk, cancel):
    uploads = Interop8(server)
    exchange = uploads.begin("PUT", "/files/old", LARGE, True).announced()
    disk.full(1, FROM_THEN_ON)
    assert exchange.send(DATA).done().status == 507
    # It takes no space to give some back.
    if cancel == "IETF":
        reply = uploads.cancel(exchange.location)
    else:  # the same upload by its other address
        target = exchange.location.replace("/uploads/", "/tus/")
        reply = server.exchange("DELETE", target, [TUS])
    assert reply.status == 204, reply
    assert upload_files(server.folder) == set()
    assert disk.has_space()


# ---------------------------------------------------------------- tus

TUS = ("Tus-Resumable", "1.0.0")
TUS_CONTENT = ("Content-Type", "application/offset+octet-stream")
NAME = ("Upload-Metadata", "filename b2xk")  # old


def tus_append(server, upload, offset, data):
    fields = [TUS, TUS_CONTENT, ("Upload-Offset", str(offset))]
    return server.exchange("PATCH", upload, fields, data)


def tus_offset(server, upload):
    """Who asks for an upload that is whole has it take its place."""
    reply = server.exchange("HEAD", upload, [TUS])
    assert reply.status == 200, reply
    return integer(reply, "Upload-Offset")


def tus_finish(server, upload):
    offset = tus_offset(server, upload)
    if offset < LARGE:
        assert tus_append(server, upload, offset, DATA[offset:]).status == 204
    assert is_there(server, "old", DATA)
    assert server.exchange("DELETE", upload, [TUS]).status == 204
    assert upload_files(server.folder) == set()


@pytest.mark.parametrize("size", [0, LARGE // 2, LARGE], ids=["empty", "part", "whole"])
def test_a_tus_upload_is_not_created_or_goes_on(server, disk, mode, size):
    attempts = Attempts(server, disk, mode)
    fields = [TUS, TUS_CONTENT, NAME, ("Upload-Length", str(LARGE))]
    for at in attempts:
        reply = server.exchange("POST", "/tus/", fields, DATA[:size])
        failed = attempts.ended()
        where = f"{at}: {failed}: {reply}"
        assert staged_files(server.folder) == set(), where
        if reply.status == 507:
            assert failed and upload_files(server.folder) == set(), where
            assert is_there(server, "old", OLD), where
        else:
            assert reply.status == 201 and failed in HARMLESS | {None}, where
            assert is_there(server, "old", DATA if size == LARGE else OLD), where
            tus_finish(server, reply.get("Location"))


@pytest.mark.parametrize("end", [LARGE // 2, LARGE], ids=["part", "last"])
def test_a_tus_append_fails_and_goes_on_when_there_is_space_again(server, disk, mode, end):
    begin = 100_000
    attempts = Attempts(server, disk, mode)
    attempts.prepare()
    for at in attempts:
        disk.has_space()
        fields = [TUS, TUS_CONTENT, NAME, ("Upload-Length", str(LARGE))]
        upload = server.exchange("POST", "/tus/", fields, DATA[:begin]).get("Location")
        disk.full(at, mode)
        reply = tus_append(server, upload, begin, DATA[begin:end])
        failed = attempts.ended()
        where = f"{at}: {failed}: {reply}"
        assert reply.status in (204, 507), where
        is_done = reply.status == 204 and end == LARGE
        assert is_there(server, "old", DATA if is_done else OLD), where
        assert staged_files(server.folder) == set(), where
        told = tus_offset(server, upload)
        assert begin <= told <= end and (reply.status == 507 or told == end), where
        tus_finish(server, upload)
