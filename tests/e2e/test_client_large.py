# SPDX-License-Identifier: MIT
"""`wherry put` of 1 GiB over a link that is cut every 50 MiB: to Wherry, and to a server of another make
that writes down what arrives twice. Runs with --large."""

import random
import zlib

import pytest

from cutting_proxy import CuttingProxy
from resumable_server import Ietf
from wherry_server import wait_until

MiB = 1 << 20


@pytest.fixture
def gib(tmp_path):
    """The CRC-32 of large.bin, 1 GiB."""
    block = random.randbytes(16 * MiB)
    crc = 0
    with (tmp_path / "large.bin").open("wb") as file:
        for i in range(64):
            piece = bytes([i]) + block[1:]
            file.write(piece)
            crc = zlib.crc32(piece, crc)
    return crc


def check(one, crc, cuts, capsys):
    """The client knows what it has sent; none of it was acknowledged before."""
    assert one["size"] == 1024 * MiB and one["crc32"] == f"0x{crc:08x}" and one["verified"]
    assert one["protocol"] == "ietf" and one["resumes"] == cuts >= 20
    twice = one["sent_bytes"] - one["size"]
    with capsys.disabled():
        print(
            f"\n1 GiB, {cuts} cuts: {one['sent_bytes']} bytes sent, {twice} of them again: "
            f"{twice // cuts} for each cut"
        )
    # What was under way in the buffers of both ends when a link broke.
    assert twice <= cuts * MiB


@pytest.mark.large
def test_a_gib_arrives_at_a_server_of_another_make(client, gib, capsys):
    with Ietf(keeps_data=False) as server:
        with CuttingProxy(server.port, up_bytes=50 * MiB) as proxy:
            one = client("put", "large.bin", proxy.url("/upload/a"), bound_s=1800).object()
        assert server.violations == []
        assert server.received_bytes == one["size"]  # no byte arrived twice
        check(one, gib, proxy.cuts, capsys)


@pytest.mark.large
def test_a_gib_arrives_at_wherry_itself(client, start_server, gib, capsys):
    server = start_server(durability="full")
    with CuttingProxy(server.port, up_bytes=50 * MiB) as proxy:
        one = client("put", "large.bin", proxy.url("/files/large.bin"), bound_s=1800).object()
    check(one, gib, proxy.cuts, capsys)
    # No byte arrived twice: each append begins where the one before had ended.
    arrived = lambda: sum(
        entry["bytes"] for entry in server.log_entries() if entry["method"] in ("PUT", "PATCH")
    )
    assert wait_until(lambda: arrived() >= one["size"]) and arrived() == one["size"], arrived()
    assert server.get("/files/large.bin", [("Range", "bytes=-1")]).status == 206
