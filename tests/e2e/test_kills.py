# SPDX-License-Identifier: MIT
"""`kill -9` of the server at random moments while clients send resumable uploads, by the IETF's draft
and by tus.

A model in each sender knows what the server has promised: an offset that was told is never taken
back, an upload that was announced is there after the restart, a completed one is the file, whole,
and before that the file is the old one. Whatever is cut is gone on with until it is complete, and
what the server says of the bytes then is the CRC-32 of what was meant. At the end nothing is left of
all that in Wherry's private folder.
"""

import base64
import hashlib
import os
import random
import subprocess
import threading
import time

import pytest

from interop8_client import Exchange, Interop8, boolean, integer
from wherry_client import Client, Ended, TimeBound, crc_text
from wherry_server import wait_until

SENDERS = 4
NAMES_EACH = 3
MAX_BYTES = 4_000_000
KEEP_BYTES = [1 << 14, 1 << 18, 1 << 25]
DAY_S = 24 * 60 * 60
TUS = ("Tus-Resumable", "1.0.0")
TUS_CONTENT = ("Content-Type", "application/offset+octet-stream")
BOUND_S = 60.0  # for a sender to get any further
# What a connection says that has lost its server.
LOST = (Ended, TimeBound, OSError)


class Place:
    """Where the server is just now; and moments at which a kill is worth more than at others."""

    def __init__(self):
        self._changed = threading.Condition()
        self._client = None
        self._near_end = threading.Event()

    def moves_to(self, url):
        with self._changed:
            self._client = url and Client(url)
            self._changed.notify_all()

    def client(self):
        with self._changed:
            assert self._changed.wait_for(lambda: self._client, BOUND_S)
            return self._client

    def near_end(self):
        """An upload's last bytes have been sent: its commit is next."""
        self._near_end.set()

    def wait_near_end(self, bound_s):
        self._near_end.clear()
        return self._near_end.wait(bound_s)


class Upload:
    """One upload of a sender, by the IETF's draft."""

    def __init__(self, chance, target, data):
        self.chance = chance
        self.target = target
        self.data = data
        self.address = None
        self.told = 0
        self.is_done = False
        self.resumes = 0

    def step(self, place):
        """One request, or two. Raises what tells that the server is gone."""
        client = place.client()
        if self.address is None:
            self._create(Interop8(client), place)
        else:
            self._go_on(Interop8(client), place)

    def _create(self, uploads, place):
        is_whole = self.chance.random() < 0.6
        size = len(self.data) if is_whole else self._piece(0)
        length = None if is_whole or self.chance.random() < 0.5 else len(self.data)
        exchange = uploads.begin("PUT", self.target, size, is_whole, length)
        # Who does not know where the upload is has sent nothing that could be lost.
        self.address = exchange.announced().location
        self._send(exchange, 0, size, is_whole, place)

    def _go_on(self, uploads, place):
        self.resumes += 1
        reply = uploads.offset(self.address)
        assert reply.status == 204, f"{self.target} was announced, and is gone: {reply}"
        offset = integer(reply, "Upload-Offset")
        assert self.told <= offset <= len(self.data), (self.told, offset)
        self.told = offset
        if boolean(reply, "Upload-Complete"):
            assert offset == len(self.data)
            assert reply.get("X-Checksum-CRC32") == crc_text(self.data)
            self.is_done = True
            return
        rest = len(self.data) - offset
        is_last = rest == 0 or self.chance.random() < 0.6
        size = rest if is_last else self._piece(offset)
        exchange = uploads.begin_append(self.address, offset, size, is_last)
        self._send(exchange, offset, size, is_last, place)

    def _piece(self, offset):
        return self.chance.randrange(len(self.data) - offset + 1)

    def _send(self, exchange, offset, size, is_last, place):
        """The content of a request, at a random pace, perhaps not to its end; and its reply."""
        cut_at = self.chance.randrange(size + 1) if self.chance.random() < 0.15 else None
        end = offset + size
        sent = offset
        step = self.chance.choice([5_000, 60_000, 1_000_000])
        pause_s = self.chance.choice([0, 0, 0.002])
        while sent < end:
            if cut_at is not None and sent - offset >= cut_at:
                exchange.cut()
                return
            if is_last and end - sent <= step:
                place.near_end()
            exchange.send(self.data[sent : min(sent + step, end)])
            sent = min(sent + step, end)
            self._hear(exchange.hear().told())
            time.sleep(pause_s)
        if is_last:
            place.near_end()
        final = exchange.done()
        self._hear(exchange.told())
        if final.status != 503:  # another takes its place
            self._finished(final, end, is_last)

    def _finished(self, final, end, is_last):
        assert final.status in ((200, 201) if is_last else (201, 204)), final
        self._hear(end)
        if is_last:
            assert final.json()["crc32"] == crc_text(self.data), final
            self.is_done = True

    def _hear(self, offset):
        self.told = max(self.told, offset or 0)

    def forget(self, client):
        """Gives back what the server knows of it. Returns: the response."""
        return Interop8(client).cancel(self.address)


class TusUpload(Upload):
    """The same by tus 1.0."""

    def __init__(self, chance, target, data):
        super().__init__(chance, target, data)
        self.tells_length = True  # with the next append

    def step(self, place):
        client = place.client()
        if self.address is None:
            self._create_at(client)
        else:
            self._append_at(client, place)

    def _create_at(self, client):
        name = base64.b64encode(self.target.removeprefix("/files/").encode()).decode()
        fields = [TUS, ("Upload-Metadata", f"filename {name}")]
        self.tells_length = self.chance.random() < 0.3 and len(self.data) > 0
        if self.tells_length:
            fields.append(("Upload-Defer-Length", "1"))
        else:
            fields.append(("Upload-Length", str(len(self.data))))
        body = b""
        if self.chance.random() < 0.5:
            body = self.data[: self._piece(0)]
            fields.append(TUS_CONTENT)
        reply = client.exchange("POST", "/tus/", fields, body)
        assert reply.status == 201, reply
        self.address = reply.get("Location")
        self._hear(len(body))

    def _append_at(self, client, place):
        self.resumes += 1
        reply = client.exchange("HEAD", self.address, [TUS])
        if reply.status == 503:
            return
        assert reply.status == 200, f"{self.target} was announced, and is gone: {reply}"
        offset = integer(reply, "Upload-Offset")
        assert self.told <= offset <= len(self.data), (self.told, offset)
        self.told = offset
        self.tells_length = reply.get("Upload-Length") is None
        if offset == len(self.data) and not self.tells_length:
            # Whole; who asks for it has it take its place, if it has not.
            assert reply.get("X-Checksum-CRC32") == crc_text(self.data), reply
            self.is_done = True
            return
        rest = len(self.data) - offset
        is_last = rest == 0 or self.chance.random() < 0.6
        size = rest if is_last else self._piece(offset)
        fields = [TUS, TUS_CONTENT, ("Upload-Offset", str(offset)), ("Content-Length", str(size))]
        if self.tells_length:
            fields.append(("Upload-Length", str(len(self.data))))
        if self.chance.random() < 0.3:
            sum_of_piece = hashlib.sha1(self.data[offset : offset + size]).digest()
            fields.append(("Upload-Checksum", f"sha1 {base64.b64encode(sum_of_piece).decode()}"))
        connection = client.connect()
        connection.send(client.request("PATCH", self.address, fields))
        exchange = Exchange(connection, "PATCH", False)
        self._send(exchange, offset, size, offset + size == len(self.data), place)

    def _finished(self, final, end, is_last):
        assert final.status == 204 and integer(final, "Upload-Offset") == end, final
        self._hear(end)
        if is_last:
            assert final.get("X-Checksum-CRC32") == crc_text(self.data), final
            self.is_done = True

    def forget(self, client):
        return client.exchange("DELETE", self.address, [TUS])


class Sender(threading.Thread):
    """Sends one upload after another until it is told to end, and looks at what is served."""

    def __init__(self, seed, number, place):
        super().__init__(daemon=True)
        self.chance = random.Random(f"{seed} {number}")
        self.failure = None
        self.completed = 0
        self.resumes = 0
        self.lost_creations = 0
        self.files = {f"/files/s{number}/{i}": None for i in range(NAMES_EACH)}
        self._place = place
        self._ends = threading.Event()

    def end(self):
        """No more uploads after this one."""
        self._ends.set()

    def run(self):
        try:
            while not self._ends.is_set():
                self._send_one()
        except BaseException as error:
            self.failure = error
            raise

    def _send_one(self):
        target = self.chance.choice(list(self.files))
        size = int(MAX_BYTES ** self.chance.random()) if self.chance.random() < 0.95 else 0
        protocol = self.chance.choice([Upload, TusUpload])
        upload = protocol(self.chance, target, self.chance.randbytes(size))
        old = self.files[target]
        deadline = time.monotonic() + BOUND_S
        while not upload.is_done:
            told = upload.told
            try:
                upload.step(self._place)
                if not upload.is_done and self.chance.random() < 0.3:
                    self._check(target, old, upload.data)
            except LOST:
                self.lost_creations += upload.address is None
                time.sleep(0.01)
            if upload.told > told:
                deadline = time.monotonic() + BOUND_S
            assert time.monotonic() < deadline, f"{target} does not get any further"
        self.files[target] = upload.data
        self._until_it_is_heard(lambda client: self._check(target, upload.data))
        self._until_it_is_heard(self._forgetting(upload))
        self.completed += 1
        self.resumes += upload.resumes

    def _forgetting(self, upload):
        """It may have been done by a request whose reply was lost."""
        tries = []

        def forget(client):
            tries.append(client)
            status = upload.forget(client).status
            assert status == 204 or (status == 404 and len(tries) > 1), status

        return forget

    def _until_it_is_heard(self, ask):
        deadline = time.monotonic() + BOUND_S
        while time.monotonic() < deadline:
            try:
                return ask(self._place.client())
            except LOST:
                time.sleep(0.01)
        raise AssertionError("nobody answers")

    def _check(self, target, *allowed):
        """What is served is one of these, whole; None: nothing."""
        reply = self._place.client().get(target)
        body = reply.body if reply.status == 200 else None
        assert reply.status in (200, 404), reply
        assert body in allowed, f"{target}: {body and len(body)} bytes, a mixture"


class Killer:
    """Starts the server on one folder, again and again, and ends it at random moments."""

    def __init__(self, seed, start_server, folder, place):
        self.chance = random.Random(f"{seed} killer")
        self.kills = 0
        self.in_start = 0
        self.in_commit = 0
        self._start_server = start_server
        self._folder = folder
        self._place = place

    def start(self):
        flags = ["--upload-keep-bytes", self.chance.choice(KEEP_BYTES)]
        flags += ["--threads", self.chance.choice([1, 1, 3])]
        server = self._start_server(*flags, folder=self._folder, durability="full")
        self._place.moves_to(server.url)
        return server

    def kill_once(self):
        server = self.start()
        if self.chance.random() < 0.5:
            self.in_commit += self._place.wait_near_end(1.0)
            time.sleep(self.chance.choice([0, 0.0005, 0.002, 0.01]))
        else:
            time.sleep(self.chance.expovariate(1 / 0.1))
        server.kill()
        self._place.moves_to(None)
        self.kills += 1
        if self.chance.random() < 0.1:
            self._kill_in_start(server.command)

    def _kill_in_start(self, command):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(self.chance.random() * 0.03)
        process.kill()
        process.wait(BOUND_S)
        self.in_start += 1


def private_files(folder):
    """What there is in Wherry's private folder of uploads, whole or not."""
    found = []
    for place in ("staging", "uploads"):
        if (folder / ".wherry" / place).is_dir():
            found += [f"{place}/{name}" for name in os.listdir(folder / ".wherry" / place)]
    return found


def age(folder, seconds):
    """Makes what lies there that old."""
    then = time.time() - seconds
    for name in private_files(folder):
        os.utime(folder / ".wherry" / name, (then, then))


def check_served(server, senders):
    for sender in senders:
        for target, data in sender.files.items():
            reply = server.get(target)
            assert (reply.status, reply.body) == ((404, reply.body) if data is None else (200, data))


def check_nothing_is_left(server, folder, senders):
    # An upload whose 104 was lost is known to nobody: it goes when its time is over.
    assert not [name for name in private_files(folder) if name.startswith("staging/")]
    unknown = [name for name in private_files(folder) if name.endswith(".note")]
    assert len(unknown) <= sum(sender.lost_creations for sender in senders)
    age(folder, 2 * DAY_S)
    # The next creation sweeps.
    uploads = Interop8(server)
    exchange = uploads.create("PUT", "/files/last", b"last", True)
    assert exchange.done().status == 201
    assert uploads.cancel(exchange.location).status == 204
    assert wait_until(lambda: private_files(folder) == []), private_files(folder)


@pytest.mark.needs_process
def test_nothing_acknowledged_is_lost_when_the_server_is_killed(
    start_server, tmp_path, kills, capsys
):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    folder = tmp_path / "served"
    folder.mkdir()
    place = Place()
    killer = Killer(seed, start_server, folder, place)
    senders = [Sender(seed, number, place) for number in range(SENDERS)]
    for sender in senders:
        sender.start()
    while killer.kills < kills and not any(sender.failure for sender in senders):
        killer.kill_once()
    server = killer.start()
    for sender in senders:
        sender.end()
    for sender in senders:
        sender.join(2 * BOUND_S)
        assert not sender.is_alive() and sender.failure is None, sender.failure
    check_served(server, senders)
    check_nothing_is_left(server, folder, senders)
    with capsys.disabled():
        print(
            f"\n{killer.kills} kills ({killer.in_commit} near a commit, {killer.in_start} more in a "
            f"start): {sum(one.completed for one in senders)} uploads complete, resumed "
            f"{sum(one.resumes for one in senders)} times"
        )
