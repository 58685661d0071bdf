# SPDX-License-Identifier: MIT
"""GET /files/<folder>/?archive=tar, read by GNU tar and by Python's tarfile: all that is in the
folder, as long as was promised, or else cut off: never an archive that looks whole and is not."""

import io
import os
import random
import re
import subprocess
import tarfile
import time
from urllib.parse import quote

import pytest

from wherry_client import Ended

pytestmark = pytest.mark.needs_archives

MiB = 1 << 20
GiB = 1 << 30


def archive(server, folder, **fields):
    return server.get(f"/files/{folder}?archive=tar", **fields)


def contents(data):
    """Name to content (None: a folder) by Python's tarfile."""
    found = {}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
        for member in tar:
            assert member.isfile() or member.isdir(), member
            found[member.name] = tar.extractfile(member).read() if member.isfile() else None
    return found


def gnu_tar_names(data):
    done = subprocess.run(
        ["tar", "--quoting-style=literal", "-tf", "-"], input=data, capture_output=True, check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b""), done.stderr
    return done.stdout.decode().splitlines()


def test_an_archive_has_all_that_is_in_the_folder(server, unique):
    files = {"a": b"", "b.bin": random.randbytes(513), "sub/c": b"x" * 512, "sub/deep/d": b"d"}
    for name, data in files.items():
        server.put(f"/files/{unique}/{name}", data)
    response = archive(server, f"{unique}/")
    assert response.status == 200
    assert response.get("Content-Type") == "application/x-tar"
    assert response.get("Content-Disposition") == f'attachment; filename="{unique}.tar"'
    assert response.get("Content-Length") == str(len(response.body))
    assert len(response.body) % 512 == 0
    expected = {f"{unique}/{name}": data for name, data in files.items()}
    expected |= {f"{unique}/sub": None, f"{unique}/sub/deep": None}
    assert contents(response.body) == expected
    assert sorted(name.rstrip("/") for name in gnu_tar_names(response.body)) == sorted(expected)


NAMES = ["ü ñ 文.txt", "e\u0301", "with space", "quote'\"", "star*", "-rf", "~", "=", "a%41"]


def test_utf8_and_odd_names_arrive_as_they_are(server, unique):
    for name in NAMES:
        server.put(f"/files/{unique}/{quote(name)}", name.encode())
    response = archive(server, f"{unique}/")
    assert contents(response.body) == {f"{unique}/{name}": name.encode() for name in NAMES}
    assert sorted(gnu_tar_names(response.body)) == sorted(f"{unique}/{name}" for name in NAMES)


@pytest.mark.needs_long_heads
@pytest.mark.parametrize("size", [98, 99, 100, 101, 155, 156, 255, 256, 257, 300, 512, 900])
def test_a_path_of_any_length_arrives(server, unique, size):
    """About the limits of ustar (100, 155 + 100) and beyond; the last byte is a letter of two."""
    path = f"{unique}/"
    while size - len(path) > 202:
        path += "d" * 100 + "/"
    path += "f" * (size - len(path) - 2) + "ü"
    assert len(path.encode()) == size
    server.put(f"/files/{quote(path)}", b"found")
    response = archive(server, f"{unique}/")
    assert contents(response.body)[path] == b"found"
    assert path in gnu_tar_names(response.body)
    assert response.get("Content-Length") == str(len(response.body))


@pytest.mark.needs_folder
def test_empty_folders_are_in_it_and_times_too(server, unique):
    folder = server.folder / unique
    (folder / "empty").mkdir(parents=True)
    (folder / "old").write_bytes(b"old")
    os.utime(folder / "old", (86400, 86400))
    (folder / "before 1970").write_bytes(b"x")
    os.utime(folder / "before 1970", (-86400, -86400))
    response = archive(server, f"{unique}/")
    with tarfile.open(fileobj=io.BytesIO(response.body)) as tar:
        assert tar.getmember(f"{unique}/empty").isdir()
        assert tar.getmember(f"{unique}/old").mtime == 86400
        assert tar.getmember(f"{unique}/before 1970").mtime == -86400
    gnu_tar_names(response.body)


@pytest.mark.needs_folder
def test_an_archive_unpacks_to_the_same_folder(server, unique, tmp_path):
    folder = server.folder / unique
    source = random.Random(5)
    for i in range(60):
        path = folder / "/".join(["n" * source.randrange(1, 90) for _ in range(i % 5 + 1)])
        path = path.with_name(f"{path.name}-{i}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source.randbytes(source.choice([0, 1, 511, 512, 513, 70_000])))
    (tmp_path / "out.tar").write_bytes(archive(server, f"{unique}/").body)
    subprocess.run(["tar", "-xf", "out.tar"], cwd=tmp_path, check=True)
    subprocess.run(["diff", "-r", str(folder), str(tmp_path / unique)], check=True)


def test_the_archive_of_an_empty_folder_and_of_the_root_are_archives(start_server):
    server = start_server()
    response = archive(server, "")
    assert (response.status, contents(response.body)) == (200, {})
    server.put("/files/sub/a", b"1")
    response = archive(server, "")
    assert response.get("Content-Disposition") == 'attachment; filename="files.tar"'
    assert contents(response.body) == {"sub": None, "sub/a": b"1"}  # and nothing private
    server.exchange("DELETE", "/files/sub/a")
    response = archive(server, "sub/")
    assert contents(response.body) == {}
    assert gnu_tar_names(response.body) == []


def test_head_of_an_archive_says_how_long_it_is(server, unique):
    server.put(f"/files/{unique}/a", b"1")
    head = server.exchange("HEAD", f"/files/{unique}/?archive=tar")
    assert (head.status, head.body) == (200, b"")
    assert head.get("Content-Length") == str(len(archive(server, f"{unique}/").body))


def test_what_is_no_folder_and_what_is_no_tar_is_refused(server, unique):
    server.put(f"/files/{unique}", b"")
    assert archive(server, f"{unique}/").status == 404
    assert archive(server, f"{unique}-none/").status == 404
    server.put(f"/files/{unique}-folder/a", b"")
    for value in ("zip", "", "TAR", "tar.gz"):
        assert server.get(f"/files/{unique}-folder/?archive={value}").status == 400


def test_a_name_cannot_add_a_header(server, unique):
    name = f"{unique}\"; x=y ü"
    server.put(f"/files/{quote(name)}/a", b"1")
    response = archive(server, f"{quote(name)}/")
    value = response.get("Content-Disposition")
    assert value.isascii()
    assert "filename*=UTF-8''" in value
    assert re.fullmatch(r'attachment; filename="(\\.|[^"\\])*"; filename\*=\S+', value), value


@pytest.mark.needs_folder
def test_links_to_files_within_are_followed_and_all_others_left_out(server, unique):
    folder = server.folder / unique
    folder.mkdir()
    (folder / "file").write_bytes(b"x")
    (folder / "out").symlink_to("/etc/passwd")
    (folder / "up").symlink_to("..")
    (folder / "self").symlink_to(".")
    (folder / "dangling").symlink_to("nothing")
    os.mkfifo(folder / "fifo")
    (folder / "to-file").symlink_to("file")
    response = archive(server, f"{unique}/")
    assert response.status == 200, response
    assert contents(response.body) == {f"{unique}/file": b"x", f"{unique}/to-file": b"x"}


# ---------------------------------------------------------------- what changes meanwhile


def read_slowly(server, folder, then):
    """Begins to fetch the archive, calls `then`, reads on. Returns: (bytes, those promised, whether
    it ended as whole)."""
    with server.connect(receive_buffer=4096) as connection:
        connection.send(server.request("GET", f"/files/{folder}/?archive=tar"))
        response = connection.read_head()
        first = connection.read_some(1)
        then()
        got = bytearray(first)
        try:
            response.content_length -= len(first)
            connection.read_body(response, got.extend)
            return bytes(got), True
        except Ended:
            return bytes(got), False


@pytest.fixture
def two_files(start_server):
    server = start_server()
    folder = server.folder / "f"
    folder.mkdir()
    (folder / "a").write_bytes(b"a" * (24 * MiB))
    (folder / "b").write_bytes(b"b" * (24 * MiB))
    return server, folder


CHANGES = {
    "shorter": lambda folder: os.truncate(folder / "a", 1000),
    "second shorter": lambda folder: os.truncate(folder / "b", 1000),
    "second longer": lambda folder: os.truncate(folder / "b", 24 * MiB + 1),
    "second removed": lambda folder: (folder / "b").unlink(),
    "one more": lambda folder: (folder / "c").write_bytes(b"c"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_cannot_be_as_promised_is_cut_and_not_made_up(two_files, change):
    server, folder = two_files
    got, is_whole = read_slowly(server, "f", lambda: change(folder))
    if is_whole:  # the list had been read before: then it is what was there
        assert change is CHANGES["one more"]
        assert {name: len(data) for name, data in contents(got).items()} == {
            "f/a": 24 * MiB,
            "f/b": 24 * MiB,
        }
    assert server.is_answering()


def test_a_file_that_grows_meanwhile_is_as_it_was_when_it_was_opened(two_files):
    server, folder = two_files

    def grow():
        with open(folder / "a", "ab") as file:
            file.write(b"more")

    got, is_whole = read_slowly(server, "f", grow)
    assert is_whole
    assert contents(got) == {"f/a": b"a" * (24 * MiB), "f/b": b"b" * (24 * MiB)}


def test_a_file_that_is_replaced_meanwhile_is_never_mixed(two_files):
    server, _ = two_files
    got, is_whole = read_slowly(server, "f", lambda: server.put("/files/f/a", b"A" * (24 * MiB)))
    assert is_whole
    assert contents(got)["f/a"] in (b"a" * (24 * MiB), b"A" * (24 * MiB))


def test_a_client_that_goes_away_leaves_nothing_open(two_files):
    server, _ = two_files
    before = server.open_descriptors()
    for _ in range(5):
        connection = server.connect(receive_buffer=4096)
        connection.send(server.request("GET", "/files/f/?archive=tar"))
        connection.read_some(1)
        connection.abort()
    deadline = time.monotonic() + 10
    while server.open_descriptors() > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert server.open_descriptors() <= before


# ---------------------------------------------------------------- much of it


@pytest.mark.parametrize("count", [10_000, pytest.param(100_001, marks=pytest.mark.large)])
def test_a_folder_of_many_files_comes_whole(start_server, count):
    """Up to 100,000 are counted beforehand; more come without a length, in chunks."""
    server = start_server()
    many = server.folder / "many"
    many.mkdir()
    for i in range(count):
        os.close(os.open(many / f"file-{i}", os.O_CREAT | os.O_WRONLY, 0o644))
    response = archive(server, "many/")
    assert len(gnu_tar_names(response.body)) == count
    assert response.framing == ("length" if count <= 100_000 else "chunked")


def count_through_tar(server, folder):
    """curl into `tar -t`, with sizes; returns: (name to size, bytes that curl saw)."""
    with subprocess.Popen(
        ["curl", "-sS", "-f", "-m", "900", "-w", "%{stderr}%{size_download}",
         f"{server.url}/files/{folder}/?archive=tar"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as curl:  # fmt: skip
        listing = subprocess.run(
            ["tar", "--quoting-style=literal", "-tvf", "-"], stdin=curl.stdout,
            capture_output=True, check=True, env={**os.environ, "LC_ALL": "C.UTF-8"},
        ).stdout.decode()  # fmt: skip
        size = int(curl.stderr.read())
    assert curl.returncode == 0
    rows = [line.split(maxsplit=5) for line in listing.splitlines()]
    return {row[5]: int(row[2]) for row in rows}, size


@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param([64 * MiB, 64 * MiB + 1], id="128MiB"),
        pytest.param([5 * GiB, 4 * GiB + 1, GiB, 123], id="10GiB", marks=pytest.mark.large),
        pytest.param([8 * GiB - 1, 8 * GiB], id="16GiB", marks=pytest.mark.large),
    ],
)
def test_an_archive_takes_no_memory_however_large_it_is(start_server, is_sanitized, sizes):
    server = start_server()
    folder = server.folder / "large"
    folder.mkdir()
    for i, size in enumerate(sizes):
        with open(folder / f"sparse-{i}-ü", "wb") as file:
            file.truncate(size)
    deep = folder / ("d" * 150) / ("e" * 150)
    deep.mkdir(parents=True)
    (deep / "f").write_bytes(b"deep")
    promised = server.exchange("HEAD", "/files/large/?archive=tar").get("Content-Length")
    server.forget_peak()
    before = server.resident_kib(peak=True)
    start = time.monotonic()
    found, received = count_through_tar(server, "large")
    took_s = time.monotonic() - start
    peak = server.resident_kib(peak=True) - before
    print(f"\n{received} bytes: {took_s:.1f} s, {peak} KiB more at the peak")
    assert received == int(promised)
    assert [found[f"large/sparse-{i}-ü"] for i in range(len(sizes))] == sizes
    assert found[f"large/{'d' * 150}/{'e' * 150}/f"] == 4
    if not is_sanitized:
        assert peak < 1024
