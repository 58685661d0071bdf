# SPDX-License-Identifier: MIT
"""Sends bytes to a server, however they are cut, and reads what comes back until the end.

It knows neither of the two servers, nor what a request means. Many connections go on at once; none
waits for ever.
"""

import asyncio
import re
import socket
from dataclasses import dataclass, field

TIME_BOUND_S = 30.0
CONNECTIONS_AT_ONCE = 128
PAUSE_S = 0.002  # between two pieces: long enough that a server mostly reads them one by one

_STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-5][0-9][0-9]) ([\t\x20-\x7e]*)")
_FIELD_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e]*)")


class BadReply(Exception):
    """A server sent what is no reply."""


@dataclass(frozen=True)
class Reply:
    """A final reply. `100 Continue` may or may not come before it, as time has it."""

    status: int
    closes: bool
    seen: str | None  # what an echo says, as text, or its size in reply to HEAD; else None
    reason: str = field(compare=False)


@dataclass(frozen=True)
class Outcome:
    """All that came back on one connection."""

    replies: tuple
    end: str  # closed, reset, or never: within the time bound
    continue_count: int = field(compare=False)  # of 100 Continue

    def __str__(self):
        replies = " ".join(f"{reply.status}{'!' * reply.closes}" for reply in self.replies)
        return f"{replies or 'nothing'}, {self.end}"


def read_replies(data, has_head):
    """The replies in `data`, of which some may be to HEAD when `has_head`, and how many 100."""
    replies = []
    continue_count = 0
    while data:
        head, blank_line, data = data.partition(b"\r\n\r\n")
        status_line, *lines = head.split(b"\r\n")
        match = _STATUS_LINE.fullmatch(status_line)
        if not match or not blank_line:
            raise BadReply(f"no reply head: {status_line!r}")
        status = int(match[1])
        fields = {}
        for line in lines:
            parts = _FIELD_LINE.fullmatch(line)
            if not parts:
                raise BadReply(f"no field: {line!r}")
            if parts[1].lower() in fields:
                raise BadReply(f"twice: {line!r}")
            fields[parts[1].lower()] = parts[2]
        if status < 200:
            if status != 100:
                raise BadReply(f"nobody asked for {head!r}")
            continue_count += 1
            continue
        size = int(fields.get(b"content-length", b"0"))
        if b"transfer-encoding" in fields:  # Node does so for what it says of its own accord
            chunks, end, data = data.partition(b"0\r\n\r\n")
            if not end or chunks or b"content-length" in fields:
                raise BadReply(f"not the empty body: {data!r}")
        # No body of ours begins like a reply.
        if has_head and (not data or data.startswith(b"HTTP/1.1 ")):
            body = b""
        else:
            body, data = data[:size], data[size:]
            if len(body) != size:
                raise BadReply(f"{len(body)} bytes of {size}: {body!r}")
        closes = fields.get(b"connection", b"").lower() == b"close"
        seen = None
        if status == 200:
            seen = body.decode("ascii") or f"{size} bytes"
        replies.append(Reply(status, closes, seen, match[2].decode()))
    return tuple(replies), continue_count


class Server:
    """Where a server is, and exchanges with it."""

    def __init__(self, name, port):
        self.name = name
        self.address = ("127.0.0.1", port)
        self._slots = asyncio.Semaphore(CONNECTIONS_AT_ONCE)

    async def exchange(self, pieces, has_head=False):
        """Sends `pieces` one after the other and then the end; returns: the Outcome."""
        async with self._slots:
            received = bytearray()
            connection = socket.socket()
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                async with asyncio.timeout(TIME_BOUND_S):
                    end = await self._exchange(connection, pieces, received)
            except TimeoutError:
                end = "never"
            finally:
                connection.close()
        replies, continue_count = read_replies(bytes(received), has_head)
        return Outcome(replies, end, continue_count)

    async def _exchange(self, connection, pieces, received):
        loop = asyncio.get_running_loop()
        await loop.sock_connect(connection, self.address)
        try:
            for index, piece in enumerate(pieces):
                if index > 0:
                    await asyncio.sleep(PAUSE_S)
                await loop.sock_sendall(connection, piece)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the server has had enough; what it said is still to be read
        while True:
            try:
                data = await loop.sock_recv(connection, 1 << 16)
            except ConnectionResetError:
                return "reset"
            if not data:
                return "closed"
            received += data
