# SPDX-License-Identifier: MIT
"""A TCP proxy on 127.0.0.1 that cuts what goes through it, in ways that a test names."""

import contextlib
import re
import socket
import struct
import threading
import time

# What a link holds: lost when it is cut, and not the megabytes that the kernel would give a proxy.
_BUFFER_BYTES = 1 << 17

_104 = re.compile(rb"HTTP/1\.1 104 (?:[^\r\n]+\r\n)+\r\n")


class CuttingProxy:
    """Passes connections on to `port`.

    up_bytes, down_bytes: each connection is reset when that many bytes have come from the client,
    from the server (None: never). in_order: a connection that is cut ends as if its server had
    closed it, not by a reset. max_cuts: after so many, none is cut any more. delay_s: before each
    piece is passed on. A piece is at most 64 KiB. hold_bytes: when so many have come from the
    server, no more is passed on until go_on(). drops_104: as proxies that know no such reply.
    `requests` has what began each connection,
    `passed_up` counts the bytes from clients.
    """

    def __init__(
        self,
        port,
        up_bytes=None,
        down_bytes=None,
        max_cuts=None,
        delay_s=0.0,
        in_order=False,
        hold_bytes=None,
        drops_104=False,
    ):
        self.up_bytes = up_bytes
        self.down_bytes = down_bytes
        self.max_cuts = max_cuts
        self.delay_s = delay_s
        self.in_order = in_order
        self.hold_bytes = hold_bytes
        self.drops_104 = drops_104
        self.requests = []
        self.passed_up = 0
        self._may_go_on = threading.Event()
        self.cuts = 0
        self.connections = 0
        self._target = port
        self._lock = threading.Lock()
        self._open = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._listener.close()
        with self._lock:
            sockets = list(self._open)
        for one in sockets:
            _reset(one)

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def go_on(self):
        self._may_go_on.set()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            try:
                server = socket.create_connection(("127.0.0.1", self._target), 10)
            except OSError:
                _reset(client)
                continue
            server.settimeout(None)
            server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
            with self._lock:
                self._open |= {client, server}
            for source, sink, limit in (
                (client, server, self.up_bytes),
                (server, client, self.down_bytes),
            ):
                threading.Thread(
                    target=self._pass_on, args=(source, sink, limit, client, server), daemon=True
                ).start()

    def _pass_on(self, source, sink, limit, client, server):
        passed = 0
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                if source is client and passed == 0:
                    self.requests.append(data.decode("latin-1"))
                if self.delay_s:
                    time.sleep(self.delay_s)
                if limit is not None and passed + len(data) >= limit and self._may_cut():
                    sink.sendall(data[: limit - passed])
                    if self.in_order:
                        sink.shutdown(socket.SHUT_RDWR)
                        sink.close()
                    # What has been passed on arrives before the reset does.
                    time.sleep(0.05)
                    self._close(client, server)
                    return
                passed += len(data)
                if source is server and self.drops_104:
                    data = _104.sub(b"", data)  # which a server writes at once
                sink.sendall(data)
                if source is client:
                    with self._lock:
                        self.passed_up += len(data)
                if source is server and self.hold_bytes and passed >= self.hold_bytes:
                    self._may_go_on.wait(60)
            sink.shutdown(socket.SHUT_WR)
            return
        self._close(client, server)

    def _may_cut(self):
        with self._lock:
            if self.max_cuts is not None and self.cuts >= self.max_cuts:
                return False
            self.cuts += 1
            return True

    def _close(self, *sockets):
        for one in sockets:
            _reset(one)
        with self._lock:
            self._open -= set(sockets)


def _reset(one):
    """Closes it as a link that breaks looks to both ends: no end of the stream."""
    with contextlib.suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
