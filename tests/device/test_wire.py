# SPDX-License-Identifier: MIT
"""A wire that loses frames, and one that is cut while clients send."""

import contextlib
import time

import pytest

from test_crowd import SLOTS, begin_upload, reset, wait_until_served
from transfers import get, put, sequential, some_bytes
from wire import Wire

SIZE = 128 * 1024


@pytest.fixture
def wired(boot, tmp_path):
    """wired(config={…}, loss=…, seed=…): a board at the end of a wire, and the wire."""
    with contextlib.ExitStack() as stack:

        def start(config=None, **options):
            wire = stack.enter_context(contextlib.closing(Wire(tmp_path, **options)))
            return boot(config=config, options=wire.options), wire

        yield start


def test_transfers_are_whole_though_frames_are_lost(wired, seed):
    """2 % each way."""
    board, wire = wired(loss=0.02, seed=seed)
    content = some_bytes(SIZE, seed)
    put(board, "/upload/file.bin", content)
    get(board, "/download/file/file.bin", content)
    put(board, "/discard/file.bin", content)
    get(board, f"/download/generate/{SIZE}", sequential(SIZE))
    print(f"seed {seed}: passed {wire.passed}, lost {wire.lost}")
    assert min(wire.lost.values()) >= 2


def wait_for_loss(wire, count):
    """Until so many frames that were sent to the board have been lost."""
    deadline = time.monotonic() + 20
    while wire.lost["tx"] < count:
        assert time.monotonic() < deadline, wire.lost
        time.sleep(0.01)


def test_clients_that_vanish_lose_their_places(wired):
    """The wire is cut; when it is mended they are gone, and nothing has told the board."""
    limit_s = 3
    board, wire = wired(config={"body_idle_ms": limit_s * 1000})
    put(board, "/upload/kept.bin", b"old")
    # One of them was storing a file; a board may have fewer places for files than for clients.
    names = ["/upload/kept.bin", *[f"/discard/{i}" for i in range(1, SLOTS)]]
    clients = [begin_upload(board, name, 99_999) for name in names]
    for client in clients:
        client.sendall(bytes(3000))
    time.sleep(0.5)
    wire.is_cut = True
    for client in clients:
        reset(client)
    wait_for_loss(wire, len(clients))
    wire.is_cut = False
    assert board.request("GET", "/", timeout=60)[0] == 503  # it knows of nothing
    wait_until_served(board, 60)
    get(board, "/download/file/kept.bin", b"old")
