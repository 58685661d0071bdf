# SPDX-License-Identifier: MIT
"""The power goes at random moments of uploads over a file: the old one is there, or the new one.

What the emulator writes to the card is there when it is killed: cuts come between sectors. Torn and
reordered sectors are the subject of tests/powerloss.
"""

import http.client
import random
import threading
import time

from transfers import get, put

SIZES = [1, 500, 5000, 40_000, 100_000]  # bytes


def test_the_power_may_go_at_any_moment(boot, request, seed):
    cuts = request.config.getoption("--power-cuts")
    chance = random.Random(seed)
    print(f"seed {seed}, {cuts} cuts")
    bystander = chance.randbytes(30_000)
    put(boot(), "/upload/folder/bystander", bystander)
    upload_s = {}
    for size in SIZES:
        board = boot()  # the first upload after it takes longer: the emulator learns the program
        current = chance.randbytes(size)
        begun = time.monotonic()
        put(board, "/upload/folder/file", current)
        upload_s[size] = time.monotonic() - begun
    board = boot()
    seen = {"old": 0, "new": 0}
    interrupted = 0
    for cut in range(cuts):
        coming = chance.randbytes(chance.choice(SIZES))
        told = []

        def upload():
            try:
                told.append(board.request("PUT", "/upload/folder/file", coming)[0])
            except (OSError, http.client.HTTPException):
                pass  # the power went first

        client = threading.Thread(target=upload)
        client.start()
        time.sleep(chance.uniform(0, 1.5 * upload_s[len(coming)]))
        board.end()
        client.join()
        interrupted += not told
        board = boot()
        status, found, _ = board.request("GET", "/download/file/folder/file")
        where = f"seed {seed}, cut {cut}, {len(coming)} bytes, told {told}\n{board.console()}"
        assert "Storage: The storage is ready" in board.console(), where
        assert status == 200 and found in (current, coming), where
        assert told in ([], [200]), where
        assert not told or found == coming, where  # what was told to be there is there
        # A loaded machine, or one that is no more, is not the one that was measured.
        upload_s[len(coming)] *= 0.7 if told else 1.4
        seen["new" if found == coming else "old"] += 1
        current = found
        get(board, "/download/file/folder/bystander", bystander)
    print(f"{cuts} cuts, {interrupted} before the reply: {seen}")
    assert interrupted >= cuts // 4
