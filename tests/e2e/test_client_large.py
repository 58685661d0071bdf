# SPDX-License-Identifier: MIT
"""`wherry put` of 1 GiB over a link that is cut every 50 MiB. Runs with --large."""

import random
import zlib

import pytest

from cutting_proxy import CuttingProxy

MiB = 1 << 20


@pytest.mark.large
def test_a_gib_arrives_through_a_link_that_is_cut_every_50_mib(
    client, start_server, tmp_path, capsys
):
    wherry = start_server()
    path = tmp_path / "large.bin"
    block = random.randbytes(16 * MiB)
    crc = 0
    with path.open("wb") as file:
        for i in range(64):
            piece = bytes([i]) + block[1:]
            file.write(piece)
            crc = zlib.crc32(piece, crc)
    with CuttingProxy(wherry.port, up_bytes=50 * MiB) as proxy:
        one = client("put", "large.bin", proxy.url("/files/large.bin"), bound_s=1800).object()
    stored = wherry.folder / "large.bin"
    assert stored.stat().st_size == one["size"] == 1024 * MiB
    with stored.open("rb") as file:
        found = 0
        while piece := file.read(MiB):
            found = zlib.crc32(piece, found)
    assert found == crc and one["crc32"] == f"0x{crc:08x}"
    assert one["protocol"] == "ietf" and one["resumes"] == proxy.cuts >= 20
    twice = one["sent_bytes"] - one["size"]
    with capsys.disabled():
        print(
            f"\n1 GiB, {proxy.cuts} cuts: {one['sent_bytes']} bytes sent, {twice} of them again: "
            f"{twice // proxy.cuts} for each cut"
        )
    # What was under way in the buffers of both ends when a link broke.
    assert twice <= proxy.cuts * 8 * MiB
