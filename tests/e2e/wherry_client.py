# SPDX-License-Identifier: MIT
"""A strict HTTP/1.1 client over a plain socket, for tests of the bytes themselves.

It sends exactly the bytes that it is given, in the pieces that it is given, and reads responses by
the letter of RFC 9112: whatever a lenient client would forgive is a ProtocolError here. It tells
the three ways in which a connection can go on: kept open, closed, reset. Nothing waits for ever.
It knows no endpoint of Wherry.
"""

import json
import re
import select
import socket
import struct
import time
import zlib
from urllib.parse import urlsplit

TIME_BOUND_S = 10.0
MAX_HEAD_BYTES = 64 * 1024

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-5][0-9][0-9]) ([\t\x20-\x7e]*)")
_FIELD_LINE = re.compile(
    rb"(" + _TOKEN + rb"):[ \t]*([\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)?[ \t]*"
)
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})(?:;.*)?")


class ProtocolError(AssertionError):
    """The server sent what HTTP/1.1 does not allow."""


class Ended(AssertionError):
    """The connection ended where bytes were due. `how` is "closed" or "reset"."""

    def __init__(self, how, received):
        super().__init__(f"connection {how} after {received!r}")
        self.how = how


class TimeBound(AssertionError):
    """The server neither answered nor ended the connection in time."""


class Response:
    """One response. `fields` keeps order and case; names are looked up without case."""

    def __init__(self, status, reason, fields, method):
        self.status = status
        self.reason = reason
        self.fields = fields
        self.method = method
        self.framing = "none"  # none, length, chunked, close
        self.content_length = None
        self.body = b""
        self.body_size = 0
        self.crc32 = 0
        self._find_framing()

    def get(self, name):
        """The value of the only field of that name, None when there is none."""
        values = [value for key, value in self.fields if key.lower() == name.lower()]
        if len(values) > 1:
            raise ProtocolError(f"{name} stands {len(values)} times: {values}")
        return values[0] if values else None

    def json(self):
        """The body as JSON, which must be said to be JSON."""
        media_type = (self.get("Content-Type") or "").split(";")[0].strip().lower()
        if media_type != "application/json":
            raise ProtocolError(f"not JSON but {media_type!r}: {self.body[:200]!r}")
        return json.loads(self.body.decode("utf-8"))

    def error(self):
        """The text of an error reply, whose shape is exactly {"error": "…"}."""
        reply = self.json()
        assert list(reply) == ["error"], reply
        assert isinstance(reply["error"], str) and reply["error"], reply
        return reply["error"]

    def closes(self):
        """Whether the response says that the connection ends after it."""
        options = [option.strip().lower() for option in (self.get("Connection") or "").split(",")]
        return "close" in options

    def allow(self):
        """The methods of the Allow field."""
        value = self.get("Allow")
        assert value is not None, f"{self.status} without Allow"
        return {method.strip() for method in value.split(",")}

    def _find_framing(self):
        length = self.get("Content-Length")
        coding = self.get("Transfer-Encoding")
        if length is not None and not re.fullmatch(r"[0-9]+", length):
            raise ProtocolError(f"Content-Length: {length}")
        if length is not None and coding is not None:
            raise ProtocolError("Content-Length and Transfer-Encoding in one response")
        if self.status < 200 or self.status == 204:
            if length is not None or coding is not None:
                raise ProtocolError(f"{self.status} with body framing")
            return
        if length is not None:
            self.content_length = int(length)
        if self.method == "HEAD" or self.status == 304:
            return
        if coding is not None:
            if coding.lower() != "chunked":
                raise ProtocolError(f"Transfer-Encoding: {coding}")
            self.framing = "chunked"
        elif length is not None:
            self.framing = "length"
        else:
            self.framing = "close"

    def __repr__(self):
        return f"<{self.status} {self.reason} {self.fields} {self.body[:200]!r}>"


class Connection:
    """One TCP connection. Each wait is bounded by `time_bound_s`."""

    def __init__(self, host, port, time_bound_s=TIME_BOUND_S, receive_buffer=None):
        self.time_bound_s = time_bound_s
        self._received = bytearray()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(time_bound_s)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect((host, port))

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    # ------------------------------------------------------------ sending

    def send(self, data):
        """Sends all of `data`. Raises Ended when the server ended the connection before."""
        self.socket.settimeout(self.time_bound_s)
        try:
            self.socket.sendall(data)
        except (ConnectionResetError, BrokenPipeError) as error:
            raise Ended("reset", bytes(self._received[:200])) from error
        except socket.timeout as error:
            raise TimeBound("the server takes no more bytes") from error

    def send_pieces(self, pieces, pause_s=0.0):
        """Sends each piece as a segment of its own."""
        for piece in pieces:
            self.send(piece)
            if pause_s:
                time.sleep(pause_s)

    def send_zeros(self, size, block=bytes(1 << 20)):
        """Sends `size` zero bytes."""
        while size:
            part = min(size, len(block))
            self.send(memoryview(block)[:part])
            size -= part

    def finish_sending(self):
        """Says that nothing more will be sent; reading goes on."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the server has ended the connection meanwhile; reading will tell how

    def abort(self):
        """Ends the connection with a reset, as a client does that crashes."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()

    # ------------------------------------------------------------ reading

    def read_response(self, method="GET"):
        """Reads one whole response, an informational (1xx) one too."""
        response = self.read_head(method)
        body = bytearray()
        self.read_body(response, body.extend)
        response.body = bytes(body)
        return response

    def read_final_response(self, method="GET"):
        """Reads past informational responses to the final one."""
        while True:
            response = self.read_response(method)
            if response.status >= 200:
                return response

    def read_head(self, method="GET"):
        """Reads the head of a response; its body is still to be read."""
        head = self._take_until(b"\r\n\r\n", MAX_HEAD_BYTES)
        lines = head.split(b"\r\n")
        status_line = _STATUS_LINE.fullmatch(lines[0])
        if not status_line:
            raise ProtocolError(f"status line {lines[0]!r}")
        fields = []
        for line in lines[1:]:
            field = _FIELD_LINE.fullmatch(line)
            if not field:
                raise ProtocolError(f"header field {line!r}")
            fields.append((field[1].decode(), (field[2] or b"").decode()))
        return Response(int(status_line[1]), status_line[2].decode(), fields, method)

    def read_body(self, response, sink=None):
        """Reads the body to its end, giving each piece to `sink`; counts its size and CRC-32."""

        def take(data):
            response.body_size += len(data)
            response.crc32 = zlib.crc32(data, response.crc32)
            if sink:
                sink(data)

        if response.framing == "length":
            self._pass_on(response.content_length, take)
        elif response.framing == "chunked":
            self._read_chunks(take)
        elif response.framing == "close":
            while True:
                try:
                    self._pass_on(1, take)
                except Ended as end:
                    if end.how == "reset":
                        raise
                    return

    def read_some(self, size):
        """Reads up to `size` raw bytes, at least one; b"" when the server closed."""
        if not self._received:
            try:
                self._fill()
            except Ended as end:
                if end.how == "reset":
                    raise
                return b""
        data = bytes(self._received[:size])
        del self._received[:size]
        return data

    def how_it_ends(self):
        """Waits for the end, which must be the next thing to come: "closed" or "reset"."""
        try:
            self._fill()
        except Ended as end:
            return end.how
        raise ProtocolError(f"bytes where the end was due: {bytes(self._received[:200])!r}")

    def has_bytes(self):
        """Whether bytes, or the end, have come that nobody has read."""
        return bool(self._received) or bool(select.select([self.socket], [], [], 0)[0])

    def is_silent(self, for_s):
        """Whether for that time neither bytes nor the end come."""
        if self._received:
            return False
        self.socket.settimeout(for_s)
        try:
            data = self.socket.recv(1)
        except socket.timeout:
            return True
        except ConnectionResetError:
            return False
        self._received += data
        return False

    def _read_chunks(self, take):
        while True:
            line = self._take_until(b"\r\n", 1024)
            size = _CHUNK_LINE.fullmatch(line)
            if not size:
                raise ProtocolError(f"chunk size {line!r}")
            if int(size[1], 16) == 0:
                break
            self._pass_on(int(size[1], 16), take)
            if self._take_until(b"\r\n", 2) != b"":
                raise ProtocolError("chunk data goes on past its size")
        while self._take_until(b"\r\n", 4096) != b"":
            pass

    def _pass_on(self, size, take):
        while size:
            if not self._received:
                self._fill()
            data = bytes(self._received[:size])
            del self._received[:size]
            take(data)
            size -= len(data)

    def _take_until(self, end, limit):
        searched = 0
        while True:
            index = self._received.find(end, searched)
            if index >= 0:
                taken = bytes(self._received[:index])
                del self._received[: index + len(end)]
                return taken
            if len(self._received) > limit + len(end):
                raise ProtocolError(f"no {end!r} in {bytes(self._received[:200])!r}…")
            searched = max(0, len(self._received) - len(end) + 1)
            self._fill()

    def _fill(self):
        self.socket.settimeout(self.time_bound_s)
        try:
            data = self.socket.recv(1 << 18)
        except socket.timeout as error:
            raise TimeBound(f"nothing came after {bytes(self._received[:200])!r}") from error
        except (ConnectionResetError, BrokenPipeError) as error:
            raise Ended("reset", bytes(self._received[:200])) from error
        if not data:
            raise Ended("closed", bytes(self._received[:200]))
        self._received += data


class Client:
    """Where a server is, and exchanges with it."""

    def __init__(self, url):
        parts = urlsplit(url)
        self.url = url.rstrip("/")
        self.host = parts.hostname
        self.port = parts.port or 80
        self.authority = parts.netloc

    def connect(self, **options):
        return Connection(self.host, self.port, **options)

    def request(self, method, target, fields=(), body=None, version="HTTP/1.1", host=True):
        """The bytes of a request; a Content-Length is added for a body without a framing."""
        lines = [as_bytes(f"{method} ") + as_bytes(target) + as_bytes(f" {version}")]
        if host:
            lines.append(as_bytes(f"Host: {self.authority}"))
        lines += [as_bytes(name) + b": " + as_bytes(value) for name, value in fields]
        names = {as_bytes(name).lower() for name, _ in fields}
        if body is not None and not names & {b"content-length", b"transfer-encoding"}:
            lines.append(b"Content-Length: %d" % len(body))
        return b"\r\n".join(lines) + b"\r\n\r\n" + (body or b"")

    def exchange(self, method, target, fields=(), body=None, **options):
        """One request on a connection of its own, which must end in order after the response."""
        fields = [*fields, ("Connection", "close")]
        return self.exchange_bytes(self.request(method, target, fields, body, **options), method)

    def exchange_bytes(self, data, method="GET"):
        """Sends `data`; reads the response, after which the server must close in order."""
        with self.connect() as connection:
            connection.send(data)
            response = connection.read_final_response(method)
            how = connection.how_it_ends()
            assert how == "closed", f"{how} after {response}"
            return response

    # The endpoints that most tests begin or end with.

    def put(self, target, data, fields=()):
        return self.exchange("PUT", target, fields, data)

    def get(self, target, fields=()):
        return self.exchange("GET", target, fields)

    def is_answering(self, within_s=2.0):
        """Whether the server serves a new client in that time."""
        with self.connect(time_bound_s=within_s) as connection:
            connection.send(self.request("GET", "/"))
            response = connection.read_response()
            return response.status == 200 and response.body == b"OK"


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode("utf-8")


def crc_text(data):
    """The CRC-32 of `data` as Wherry writes it."""
    return f"0x{zlib.crc32(data):08x}"


def chunked(*pieces, extension=b"", trailers=b""):
    """The pieces as a chunked body. `trailers` are whole lines."""
    body = b"".join(b"%x%s\r\n%s\r\n" % (len(piece), extension, piece) for piece in pieces if piece)
    return body + b"0\r\n" + trailers + b"\r\n"


def part(disposition, data, *lines):
    """One part of a form: Content-Disposition parameters, data, further header lines."""
    head = [b"Content-Disposition: form-data; " + as_bytes(disposition), *map(as_bytes, lines)]
    return b"\r\n".join(head) + b"\r\n\r\n" + data


def form(*parts, boundary=b"boundary", preamble=b"", epilogue=b"\r\n"):
    """The parts as a multipart/form-data body."""
    delimiter = b"--" + boundary
    body = preamble + b"".join(delimiter + b"\r\n" + one + b"\r\n" for one in parts)
    return body + delimiter + b"--" + epilogue


def form_type(boundary="boundary"):
    return ("Content-Type", f"multipart/form-data; boundary={boundary}")
