# SPDX-License-Identifier: MIT
"""Small servers of another make that speak the two protocols of resumable uploads, strictly.

They know nothing of Wherry: written from the protocols' texts, they tell whether the client keeps
them. What a client must not do is written down in `violations`, which a test expects to be empty.

    Ietf   draft-ietf-httpbis-resumable-upload, interop version 8: PUT /upload/NAME
    Tus    tus 1.0.0, core and creation: POST /tus/
    Plain  PUT /NAME, and nothing to go on with
"""

import base64
import http.server
import itertools
import json
import threading
import zlib

from digests import digest


class Tally:
    """Stands in for the bytes of an upload that is too large to be kept: their number and CRC-32."""

    def __init__(self):
        self.size = 0
        self.crc = 0

    def __iadd__(self, data):
        self.size += len(data)
        self.crc = zlib.crc32(data, self.crc)
        return self

    def __len__(self):
        return self.size


class Upload:
    """What a server has of one upload."""

    def __init__(self, name, length, keeps_data=True):
        self.name = name
        self.length = length
        self.data = bytearray() if keeps_data else Tally()
        self.is_complete = False

    def crc32(self):
        return self.data.crc if isinstance(self.data, Tally) else zlib.crc32(self.data)

    def content(self):
        return self.data if isinstance(self.data, Tally) else bytes(self.data)


class ResumableServer:
    """The frame of both. `cut_after`: the bytes of a body after which its connection is cut, one for
    each request with a body; None: not cut. When there are no more, none is cut."""

    def __init__(self, cut_after=()):
        self.files = {}
        self.uploads = {}
        self.requests = []  # (method, path, fields)
        self.violations = []
        self.received_bytes = 0
        self.tells = "crc32"  # when an upload is stored; "sha-256", "crc32c": where that is wanted
        self.lost_replies = 0  # of so many final replies the connection is cut instead
        self.failing = []  # statuses for the next requests with a body
        self._cuts = iter(cut_after)
        self._ids = itertools.count(1)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60

            def log_message(self, *_):
                pass

            def handle_expect_100(self):
                return True  # said when the body is read

            def __getattr__(self, name):
                if name.startswith("do_"):
                    return lambda: outer._handle(self, name[3:])
                raise AttributeError(name)

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._server.shutdown()
        self._server.server_close()

    def methods(self):
        return [method for method, _, _ in self.requests]

    # ------------------------------------------------------------ for both protocols

    def _handle(self, handler, method):
        self.requests.append((method, handler.path, handler.headers))
        if self.failing and method in ("PUT", "PATCH", "POST"):
            handler.close_connection = True
            return self.reply(handler, self.failing.pop(0))
        return self.handle(handler, method)

    def expect(self, holds, what):
        if not holds:
            self.violations.append(what)
        return holds

    def new_upload(self, upload):
        # Not to be guessed by a client that does not read Location.
        identity = f"{next(self._ids)}-{zlib.crc32(upload.name.encode()):08x}"
        self.uploads[identity] = upload
        return identity

    def reply(self, handler, status, fields=(), body=b""):
        handler.send_response(status)
        for name, value in fields:
            handler.send_header(name, value)
        if status != 204:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    def interim(self, handler, status, reason, fields=()):
        lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in fields)]
        handler.wfile.write("\r\n".join([*lines, "", ""]).encode())
        handler.wfile.flush()

    def take_body(self, handler, upload):
        """Appends the body. Returns: whether all of it came; if not, the connection is cut."""
        size = int(handler.headers.get("Content-Length", "0"))
        cut = next(self._cuts, None) if size else None
        if handler.headers.get("Expect", "").lower() == "100-continue":
            self.interim(handler, 100, "Continue")
        left = size if cut is None else min(size, cut)
        is_cut = cut is not None and cut < size
        while left:
            try:
                data = handler.rfile.read1(min(left, 1 << 16))
            except ConnectionError:
                data = b""
            if not data:
                handler.close_connection = True
                return False
            self.received_bytes += len(data)
            upload.data += data
            left -= len(data)
        if is_cut:
            self.cut(handler)
        return not is_cut

    def cut(self, handler):
        handler.close_connection = True
        handler.connection.shutdown(2)

    def loses_reply(self, handler):
        if self.lost_replies <= 0:
            return False
        self.lost_replies -= 1
        self.cut(handler)
        return True

    def stored_reply(self, handler, upload, fields=()):
        if self.loses_reply(handler):
            return
        body = {"filename": upload.name, "size": len(upload.data)}
        if self.tells == "crc32":
            body["crc32"] = f"0x{upload.crc32():08x}"
        encoded = json.dumps(body).encode()
        self.reply(handler, 201, [*fields, *self.digest(handler, upload.content())], encoded)

    def digest(self, handler, data):
        """The fields with what was wished for."""
        wish = handler.headers.get("Want-Repr-Digest", "")
        if self.tells not in ("sha-256", "crc32c") or self.tells not in wish:
            return []
        return [("Repr-Digest", digest(self.tells, data))]


class Plain(ResumableServer):
    """PUT, and what has been put by HEAD with its checksum."""

    def handle(self, handler, method):
        name = handler.path.strip("/")
        if method == "HEAD" and name in self.files:
            data = self.files[name]
            fields = self.digest(handler, data)
            if self.tells == "crc32":
                fields = [("X-Checksum-CRC32", f"0x{zlib.crc32(data):08x}")]
            handler.send_response(200)
            for field in fields:
                handler.send_header(*field)
            handler.send_header("Content-Length", str(len(data)))
            return handler.end_headers()
        if method != "PUT":
            return self.reply(handler, 405)
        upload = Upload(name, int(handler.headers["Content-Length"]))
        if not self.take_body(handler, upload):
            return None
        self.files[name] = upload.content()
        return self.stored_reply(handler, upload)


class Ietf(ResumableServer):
    """§ numbers are those of the draft."""

    def __init__(
        self,
        cut_after=(),
        max_append=None,
        max_size=None,
        tells_limit_by_413=False,
        keeps_data=True,
        sends_interim=True,
    ):
        super().__init__(cut_after)
        self.keeps_data = keeps_data
        self.sends_interim = sends_interim  # 104: it may, and need not (§4.2.2)
        self.knows_parts = True  # what is created with less than all, and says where to go on
        self.max_append = max_append
        self.max_size = max_size
        self.tells_limit_by_413 = tells_limit_by_413
        self.forgets = 0  # so many offset retrievals get 404

    def limits(self):
        known = (("max-size", self.max_size), ("max-append-size", self.max_append))
        members = [f"{key}={value}" for key, value in known if value is not None]
        return [("Upload-Limit", ", ".join([*members, "max-age=3600"]))]

    def handle(self, handler, method):
        if handler.path.startswith("/upload/") and method == "PUT":
            return self.create(handler)
        if handler.path.startswith("/upload/") and method == "OPTIONS":
            self.expect("Upload-Complete" not in handler.headers, "OPTIONS with Upload-Complete")
            return self.reply(handler, 204, self.limits())  # §4.1.4
        upload = self.uploads.get(handler.path.removeprefix("/resume/"))
        if upload is None or not handler.path.startswith("/resume/"):
            return self.reply(handler, 404)
        self.expect(
            handler.headers.get("Upload-Draft-Interop-Version") == "8", "no interop version"
        )
        if method == "HEAD":
            return self.tell_offset(handler, upload)
        if method == "PATCH":
            return self.append(handler, upload)
        if method == "DELETE":
            del self.uploads[handler.path.removeprefix("/resume/")]
            return self.reply(handler, 204)
        return self.reply(handler, 405)

    def create(self, handler):
        fields = handler.headers
        size = int(fields["Content-Length"])
        is_complete = fields.get("Upload-Complete") == "?1"
        self.expect(fields.get("Upload-Complete") in ("?0", "?1"), "no Upload-Complete")
        self.expect(fields.get("Upload-Draft-Interop-Version") == "8", "no interop version")
        length = size if is_complete else int(fields.get("Upload-Length", "-1"))
        self.expect(length >= 0, "a length that is known was not told")  # §4.2.1
        if self.tells_limit_by_413 and self.max_append and size > self.max_append:
            handler.close_connection = True
            return self.reply(handler, 413, self.limits())
        upload = Upload(handler.path.removeprefix("/upload/"), length, self.keeps_data)
        location = ("Location", "/resume/" + self.new_upload(upload))
        # §4.2.2: the draft's own examples have it in full or as a path.
        interim = [location, *self.limits(), ("Upload-Draft-Interop-Version", "8")]
        if self.sends_interim:
            self.interim(handler, 104, "Upload Resumption Supported", interim)
        if not self.take_body(handler, upload):
            return None
        if is_complete or not self.knows_parts:
            return self.complete(handler, upload)
        return self.reply(handler, 201, [location, *self.limits(), ("Upload-Complete", "?0")])

    def tell_offset(self, handler, upload):
        if self.forgets > 0:
            self.forgets -= 1
            return self.reply(handler, 404)
        fields = [
            ("Upload-Offset", str(len(upload.data))),
            ("Upload-Complete", "?1" if upload.is_complete else "?0"),
            ("Upload-Length", str(upload.length)),
            ("Cache-Control", "no-store"),
        ]
        return self.reply(handler, 204, [*fields, *self.limits()])

    def append(self, handler, upload):
        fields = handler.headers
        size = int(fields["Content-Length"])
        self.expect(fields.get("Content-Type") == "application/partial-upload", "media type")
        self.expect(fields.get("Upload-Complete") in ("?0", "?1"), "no Upload-Complete")
        # §4.1.4: a client that is aware of it must not send more.
        self.expect(self.max_append is None or size <= self.max_append, f"appended {size}")
        offset = int(fields["Upload-Offset"])
        if not self.expect(offset == len(upload.data), f"offset {offset}, not {len(upload.data)}"):
            handler.close_connection = True
            return self.reply(handler, 409, [("Upload-Offset", str(len(upload.data)))])
        is_complete = fields["Upload-Complete"] == "?1"
        if not self.take_body(handler, upload):
            return None
        if is_complete:
            self.expect(len(upload.data) == upload.length, "completed at another length")
            return self.complete(handler, upload)
        offset = ("Upload-Offset", str(len(upload.data)))
        return self.reply(handler, 204, [("Upload-Complete", "?0"), offset])

    def complete(self, handler, upload):
        upload.is_complete = True
        self.files[upload.name] = upload.content()
        return self.stored_reply(handler, upload, [("Upload-Complete", "?1")])


class Tus(ResumableServer):
    """tus 1.0.0 at /tus/."""

    def handle(self, handler, method):
        if handler.path == "/tus/" and method == "OPTIONS":
            fields = [("Tus-Resumable", "1.0.0"), ("Tus-Version", "1.0.0,0.2.2")]
            return self.reply(handler, 204, [*fields, ("Tus-Extension", "creation")])
        if handler.path == "/tus/" and method == "POST":
            return self.create(handler)
        upload = self.uploads.get(handler.path.removeprefix("/tus/"))
        if upload is None:
            handler.close_connection = True
            return self.reply(handler, 405 if method == "PUT" else 404)
        self.expect(handler.headers.get("Tus-Resumable") == "1.0.0", "no Tus-Resumable")
        if method == "HEAD":
            fields = [("Upload-Offset", str(len(upload.data))), ("Cache-Control", "no-store")]
            return self.reply(handler, 200, [*fields, ("Upload-Length", str(upload.length))])
        if method == "PATCH":
            return self.append(handler, upload)
        return self.reply(handler, 405)

    def create(self, handler):
        self.expect(handler.headers.get("Tus-Resumable") == "1.0.0", "no Tus-Resumable")
        self.expect(handler.headers.get("Content-Length") == "0", "a creation with content")
        key, encoded = handler.headers["Upload-Metadata"].split(" ")
        self.expect(key == "filename", "no filename")
        name = base64.b64decode(encoded, validate=True).decode()
        upload = Upload(name, int(handler.headers["Upload-Length"]))
        identity = self.new_upload(upload)
        if upload.length == 0:
            self.files[name] = b""
        self.reply(handler, 201, [("Location", f"{self.url}/tus/{identity}")])

    def append(self, handler, upload):
        media_type = handler.headers.get("Content-Type")
        self.expect(media_type == "application/offset+octet-stream", "media type")
        offset = int(handler.headers["Upload-Offset"])
        if not self.expect(offset == len(upload.data), f"offset {offset}, not {len(upload.data)}"):
            handler.close_connection = True
            return self.reply(handler, 409)
        if not self.take_body(handler, upload):
            return None
        if len(upload.data) == upload.length:
            self.files[upload.name] = upload.content()
            if self.loses_reply(handler):
                return None
        return self.reply(handler, 204, [("Upload-Offset", str(len(upload.data)))])
