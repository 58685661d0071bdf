# SPDX-License-Identifier: MIT
"""The power goes at random moments of uploads that go on (IETF draft, interop version 8; tus 1.0): nothing
that was acknowledged is lost, and each upload completes by going on, on the same card.

What a client has been told is kept here: an offset that was told is never taken back, an upload that
was announced is there after the reset, the file is the old one until the upload is complete, and then
it is the new one, whole.
"""

import base64
import random
import sys
import threading
import time

import pytest
from board import ROOT
from transfers import hex_crc

sys.path.append(str(ROOT / "tests/e2e"))
from interop8_client import Interop8, boolean, integer
from wherry_client import Client, Ended, TimeBound

TARGET = "/files/folder/resumed"
SIZES = [1, 5_000, 70_000, 200_000, 400_000]  # bytes; the board keeps what it has each 65,536
PIECE = 8_000
BOUND_S = 120
LOST = (OSError, Ended, TimeBound)  # what a connection says whose board has no power any more


class Upload:
    """One upload, and what its client has been told of it. A protocol's own has:

    ask(client): after a reset: where it goes on.
    go_on(client, chance, cut_at, is_reached): one request. Sets `is_reached` when it has sent the
    bytes before `cut_at`."""

    def __init__(self, data):
        self.data = data
        self.address = None
        self.told = 0
        self.is_done = False
        self.requests = 0

    def hear(self, offset):
        self.told = max(self.told, offset or 0)

    def found(self, offset):
        assert self.told <= offset <= len(self.data), (self.told, offset)
        self.told = offset

    def send(self, send, size, cut_at, is_reached):
        begin = self.told
        for at in range(begin, begin + size, PIECE):
            if at >= cut_at:
                is_reached.set()
            send(self.data[at : min(at + PIECE, begin + size)])
        if cut_at <= len(self.data):
            is_reached.set()


class Ietf(Upload):
    def ask(self, client):
        reply = Interop8(client).offset(self.address)
        assert reply.status == 204, f"it was announced, and is gone: {reply}"
        self.found(integer(reply, "Upload-Offset"))
        if boolean(reply, "Upload-Complete"):
            assert reply.get("X-Checksum-CRC32") == hex_crc(self.data)
            self.is_done = True

    def go_on(self, client, chance, cut_at, is_reached):
        uploads = Interop8(client)
        is_last = chance.random() < 0.7
        offset = self.told
        size = len(self.data) - offset
        if not is_last:
            size = chance.randrange(size + 1)
        if self.address is None:
            exchange = uploads.begin("PUT", TARGET, size, is_last)
            self.address = exchange.announced().location
        else:
            exchange = uploads.begin_append(self.address, offset, size, is_last)
        self.requests += 1
        self.send(
            lambda piece: self.hear(exchange.send(piece).hear().told()), size, cut_at, is_reached
        )
        final = exchange.done()
        self.hear(exchange.told())
        assert final.status in ((200, 201) if is_last else (201, 204)), final
        self.hear(offset + size)
        if is_last:
            assert final.json()["crc32"] == hex_crc(self.data), final
            self.is_done = True


class Tus(Upload):
    VERSION = ("Tus-Resumable", "1.0.0")

    def ask(self, client):
        reply = client.exchange("HEAD", self.address, [self.VERSION])
        assert reply.status == 200, f"it was announced, and is gone: {reply}"
        self.take(reply)

    def take(self, reply):
        """It is whole when it has all bytes: nobody says so."""
        self.found(int(reply.get("Upload-Offset")))
        self.is_done = self.told == len(self.data)
        if self.is_done:
            assert reply.get("X-Checksum-CRC32") == hex_crc(self.data)

    def go_on(self, client, chance, cut_at, is_reached):
        if self.address is None:
            name = base64.b64encode(TARGET.removeprefix("/files/").encode()).decode()
            says = [("Upload-Length", str(len(self.data))), ("Upload-Metadata", f"filename {name}")]
            reply = client.exchange("POST", "/tus/", [self.VERSION, *says], b"")
            assert reply.status == 201, reply
            self.address = reply.get("Location")
        size = len(self.data) - self.told
        if chance.random() < 0.3:
            size = chance.randrange(size + 1)
        fields = [
            self.VERSION,
            ("Content-Type", "application/offset+octet-stream"),
            ("Upload-Offset", str(self.told)),
            ("Content-Length", str(size)),
            ("Connection", "close"),
        ]
        self.requests += 1
        with client.connect() as connection:
            connection.send(client.request("PATCH", self.address, fields))
            self.send(connection.send, size, cut_at, is_reached)
            reply = connection.read_response("PATCH")
        assert reply.status == 204 and int(reply.get("Upload-Offset")) == self.told + size, reply
        self.take(reply)


def cut_in(upload, board, chance, longest_s):
    """Ends the board's power at a random moment of one request, or just after it: at most `longest_s`
    after its client has handed over bytes, of which QEMU and the kernel hold many."""
    rest = len(upload.data) - upload.told
    cut_at = upload.told + int(rest * chance.uniform(0, 1.2))
    is_reached = threading.Event()
    failures = []

    def send():
        try:
            upload.go_on(Client(board.url), chance, cut_at, is_reached)
        except LOST:
            pass  # the power went first
        except Exception as failure:  # the main thread tells of it
            failures.append(failure)
        finally:
            is_reached.set()

    client = threading.Thread(target=send)
    client.start()
    try:
        assert is_reached.wait(BOUND_S), "the upload gets no further"
        time.sleep(chance.uniform(0, longest_s))
    finally:
        board.end()
        client.join()
    for failure in failures:
        raise failure


def test_no_name_of_an_upload_comes_again_after_a_reset(boot):
    names = []
    for _ in range(2):
        uploads = Interop8(Client(boot().url))
        for _ in range(3):
            exchange = uploads.begin("PUT", TARGET, 0, False)
            names.append(exchange.announced().location)
            assert exchange.done().status == 201
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("protocol", [Ietf, Tus])
def test_an_upload_goes_on_after_the_power_went_at_any_moment(boot, request, seed, protocol):
    cuts = (request.config.getoption("--power-cuts") + 1) // 2
    chance = random.Random(seed)
    print(f"seed {seed}, {cuts} cuts")
    current = chance.randbytes(3_000)
    assert boot().request("PUT", TARGET, current)[0] == 201
    upload, completed, in_pieces = None, 0, 0
    longest_s = 0.2
    for cut in range(cuts):
        if upload is None:
            upload = protocol(chance.randbytes(chance.choice(SIZES)))
        where = f"seed {seed}, cut {cut}, {len(upload.data)} bytes, {upload.told} told"
        print(where)
        told = upload.told
        cut_in(upload, boot(), chance, longest_s)
        board = boot()
        upload.ask(Client(board.url))
        # A loaded machine is slower, and each machine otherwise than another.
        longest_s *= 1.5 if upload.told == told else 0.8
        status, found, _ = board.request("GET", TARGET)
        assert status == 200, where
        assert found == (upload.data if upload.is_done else current), where
        if upload.is_done:
            completed += 1
            in_pieces += upload.requests > 1
            current, upload = upload.data, None
    if upload is not None:
        board = boot()
        while not upload.is_done:
            upload.go_on(Client(board.url), chance, len(upload.data), threading.Event())
        assert board.request("GET", TARGET)[1] == upload.data
        completed += 1
        in_pieces += upload.requests > 1
    print(f"{cuts} cuts: {completed} uploads completed, {in_pieces} of them by going on")
    assert cuts < 10 or in_pieces > 0
