# SPDX-License-Identifier: MIT
"""Files past each 32-bit limit: generated, stored sparse, sent sparse.

By default with sizes that take a moment; with --large at 5 GiB.
"""

import random
import subprocess
import zlib

import pytest

from wherry_client import chunked

MiB = 1 << 20
GiB = 1 << 30

SIZES = [
    pytest.param(64 * MiB + 123, id="64MiB"),
    pytest.param(5 * GiB + 123, id="5GiB", marks=[pytest.mark.large, pytest.mark.needs_large]),
]
LINE_BOUND_S = 300


def crc_of_repeated(block, size):
    """The CRC-32 of `size` bytes that repeat `block`."""
    crc = 0
    for _ in range(size // len(block)):
        crc = zlib.crc32(block, crc)
    return zlib.crc32(block[: size % len(block)], crc)


def curl_and_count(*arguments):
    """Runs curl; returns the size and CRC-32 of what it wrote, without keeping it."""
    size, crc = 0, 0
    with subprocess.Popen(
        ["curl", "-sS", "-f", "-m", str(LINE_BOUND_S), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    ) as curl:
        while data := curl.stdout.read1(MiB):
            size += len(data)
            crc = zlib.crc32(data, crc)
    assert curl.returncode == 0
    return size, crc


def sparse_file(path, size, islands=()):
    """A file of zeros; `islands` are offsets where four bytes stand."""
    with open(path, "wb") as file:
        file.truncate(size)
        for offset in islands:
            file.seek(offset)
            file.write(b"here")


def crc_of_file(path):
    crc = 0
    with open(path, "rb", buffering=0) as file:
        while data := file.read(MiB):
            crc = zlib.crc32(data, crc)
    return crc


@pytest.mark.parametrize("size", SIZES)
def test_a_large_generated_file_is_whole(server, size):
    expected = crc_of_repeated(bytes(range(256)) * 4096, size)
    assert curl_and_count(f"{server.url}/download/generate/{size}") == (size, expected)


@pytest.mark.needs_log
@pytest.mark.parametrize("size", SIZES)
def test_the_log_knows_the_crc_of_a_large_generated_file(server, size):
    size += 1  # a path of its own in the log
    got, crc = curl_and_count(f"{server.url}/download/generate/{size}")
    entry = server.wait_for_log(f"/download/generate/{size}")
    assert (entry["bytes"], entry["crc32"]) == (got, f"0x{crc:08x}") == (size, entry["crc32"])


@pytest.mark.needs_folder
@pytest.mark.parametrize("size", SIZES)
def test_a_large_sparse_file_is_downloaded_whole(server, unique, size):
    path = server.folder / unique
    sparse_file(path, size, [0, size // 2, size - 4])
    try:
        assert curl_and_count(f"{server.url}/download/file/{unique}") == (size, crc_of_file(path))
    finally:
        path.unlink()


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(15 * MiB + 123, id="15MiB"),
        pytest.param(64 * MiB + 123, id="64MiB", marks=pytest.mark.needs_large),
        SIZES[-1],
    ],
)
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_large_sparse_file_is_discarded_with_the_right_crc(
    server, unique, tmp_path, size, framing
):
    path = tmp_path / "sparse"
    sparse_file(path, size, [0, size // 2, size - 4])
    options = ["-H", "Transfer-Encoding: chunked"] if framing == "chunked" else []
    done = subprocess.run(
        [
            "curl",
            "-sS",
            "-f",
            "-m",
            str(LINE_BOUND_S),
            *options,
            "-T",
            str(path),
            f"{server.url}/discard/{unique}",
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done
    expected = f'"crc32": "0x{crc_of_file(path):08x}"'.replace(" ", "")
    assert expected in done.stdout.decode().replace(" ", "")
    assert f'"size":{size}' in done.stdout.decode().replace(" ", "")


@pytest.mark.needs_large
def test_a_file_of_64_mib_goes_up_and_down(server, unique):
    data = random.randbytes(MiB) * 64
    response = server.put(f"/upload/{unique}", data)
    assert response.status == 201
    assert response.json()["crc32"] == f"0x{zlib.crc32(data):08x}"
    assert curl_and_count(f"{server.url}/download/file/{unique}") == (len(data), zlib.crc32(data))


def test_a_file_of_4_mib_goes_up_in_chunks_of_any_size(server, unique):
    data = random.randbytes(MiB) * 4
    source = random.Random(3)
    pieces, at = [], 0
    while at < len(data):
        size = source.choice([1, 2, 255, 256, 4095, 65536, 65537, 300_000])
        pieces.append(data[at : at + size])
        at += size
    response = server.put(f"/upload/{unique}", chunked(*pieces), [("Transfer-Encoding", "chunked")])
    assert response.status == 201
    assert response.json() == {
        "filename": unique,
        "size": len(data),
        "crc32": f"0x{zlib.crc32(data):08x}",
    }
    assert server.get(f"/download/file/{unique}").crc32 == zlib.crc32(data)
