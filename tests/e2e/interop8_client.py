# SPDX-License-Identifier: MIT
"""A client for "Resumable Uploads for HTTP" (draft-ietf-httpbis-resumable-upload), interop version 8.

It says what the draft's client says, message by message, and reads replies by the letter: a field
that is not the structured field (RFC 9651) that the draft defines is a ProtocolError, as is a 104
that the draft forbids. It knows of a server its address alone: a test names the target. It never
sends twice by itself: what to do after a cut is for the test to say.
"""

import re

from wherry_client import ProtocolError

INTEROP = ("Upload-Draft-Interop-Version", "8")
PARTIAL = ("Content-Type", "application/partial-upload")
PROBLEMS = "https://iana.org/assignments/http-problem-types#"

_INTEGER = re.compile(r"-?[0-9]{1,15}")
_MEMBER = re.compile(r"([a-z*][a-z0-9_.*-]*)(?:=(-?[0-9]{1,15}))?")
_LIMITS = {"max-size", "min-size", "max-append-size", "min-append-size", "max-age"}


def integer(response, name):
    """An Item that is an Integer; None where the field is missing."""
    value = response.get(name)
    if value is not None and not _INTEGER.fullmatch(value):
        raise ProtocolError(f"{name}: {value} is no Integer")
    return None if value is None else int(value)


def boolean(response, name):
    """An Item that is a Boolean; None where the field is missing."""
    value = response.get(name)
    if value not in (None, "?0", "?1"):
        raise ProtocolError(f"{name}: {value} is no Boolean")
    return None if value is None else value == "?1"


def limits(response):
    """Upload-Limit, a Dictionary of Integers (section "Limits"); empty where it is missing."""
    found = {}
    for member in filter(None, re.split(r"[ \t]*,[ \t]*", response.get("Upload-Limit") or "")):
        match = _MEMBER.fullmatch(member)
        if not match or (match[1] in _LIMITS and (match[2] is None or int(match[2]) < 0)):
            raise ProtocolError(f"Upload-Limit: {response.get('Upload-Limit')}")
        found[match[1]] = match[2]
    return {key: int(value) for key, value in found.items() if key in _LIMITS}


class Exchange:
    """A request that is under way: its interim responses (104 alone), and its final one."""

    def __init__(self, connection, method, is_creation):
        self.connection = connection
        self.interims = []
        self.location = None  # of the upload resource
        self.final = None
        self._method = method
        self._is_creation = is_creation

    def send(self, content):
        self.connection.send(content)
        return self

    def announced(self):
        """Waits for the 104 that says where the upload resource is. Returns: self."""
        while self.location is None:
            assert self._read().status == 104, self.final
        return self

    def invited(self):
        """Waits for the 100 of a request with Expect: from here on the server has the upload, and
        whoever asks for it later comes later. Returns: self."""
        while not any(one.status == 100 for one in self.interims):
            assert self._read().status < 200, self.final
        return self

    def hear(self):
        """Reads what interim responses have come by now. Returns: self."""
        while self.final is None and self.connection.has_bytes():
            self._read()
        return self

    def told(self):
        """The highest offset that an interim response has told; None: none has."""
        return max((integer(one, "Upload-Offset") or 0 for one in self.interims), default=None)

    def cut(self):
        """Ends the connection as a link that breaks does."""
        self.connection.abort()
        return self

    def done(self):
        """Reads to the final response and returns it; the connection ends."""
        while self.final is None:
            self._read()
        self.connection.close()
        return self.final

    def _read(self):
        response = self.connection.read_response(self._method)
        if response.status >= 200:
            self.final = response
        else:
            self._check_interim(response)
            self.interims.append(response)
        is_done = boolean(response, "Upload-Complete")
        if self._is_creation and not is_done and response.get("Location"):
            # Section "Upload Creation": all messages of a request have the same Location, but
            # those that say that the upload is complete, where it is the file's.
            self._take_location(response)
        return response

    def _check_interim(self, response):
        if response.status == 100:
            return
        if response.status != 104 or response.reason != "Upload Resumption Supported":
            raise ProtocolError(f"{response} as an interim response")
        limits(response)
        offset = integer(response, "Upload-Offset")
        if not self._is_creation and response.get("Location"):
            raise ProtocolError(f"{response} to an append has Location")
        if response.get("Location") is None and offset is None:
            raise ProtocolError(f"{response} says nothing")
        before = [integer(one, "Upload-Offset") or 0 for one in self.interims]
        if offset is not None and before and offset < max(before):
            raise ProtocolError(f"the offset went back: {response} after {before}")

    def _take_location(self, response):
        if response.status >= 200 and response.status // 100 == 2 and not self.location:
            self.location = response.get("Location")
        elif response.status == 104:
            if self.location not in (None, response.get("Location")):
                raise ProtocolError(f"another Location: {response}, after {self.location}")
            self.location = response.get("Location")


class Interop8:
    """The requests of the draft, to a server (wherry_client.Client)."""

    def __init__(self, server):
        self._server = server

    def begin(self, method, target, size, is_complete, length=None, fields=(), interop=True):
        """Sends the head of an upload creation (section "Upload Creation") whose content has `size`
        bytes: they are the caller's to send. Returns: the Exchange."""
        fields = [("Upload-Complete", "?1" if is_complete else "?0"), *fields]
        if interop:
            fields.append(INTEROP)
        if length is not None:
            fields.append(("Upload-Length", str(length)))
        return self._send(method, target, [*fields, ("Content-Length", str(size))], True)

    def create(self, method, target, content, is_complete, **options):
        """The whole of such a request. Returns: the Exchange; done() has its reply."""
        return self.begin(method, target, len(content), is_complete, **options).send(content)

    def offset(self, upload):
        """Section "Offset Retrieval". Returns: the response, of which the draft's MUSTs hold."""
        response = self._exchange("HEAD", upload)
        if response.status // 100 == 2:
            assert integer(response, "Upload-Offset") is not None, response
            assert boolean(response, "Upload-Complete") is not None, response
            integer(response, "Upload-Length")
            limits(response)
        return response

    def begin_append(self, upload, offset, size, is_complete, fields=()):
        """The head of an append of `size` bytes (section "Upload Append"). Returns: the Exchange."""
        fields = [
            ("Upload-Complete", "?1" if is_complete else "?0"),
            ("Upload-Offset", str(offset)),
            ("Content-Length", str(size)),
            PARTIAL,
            INTEROP,
            *fields,
        ]
        return self._send("PATCH", upload, fields, False)

    def append(self, upload, offset, content, is_complete, fields=()):
        """The whole of it. Returns: the Exchange."""
        return self.begin_append(upload, offset, len(content), is_complete, fields).send(content)

    def cancel(self, upload):
        """Section "Upload Cancellation". Returns: the response."""
        return self._exchange("DELETE", upload)

    def _exchange(self, method, upload):
        return self._send(method, upload, [INTEROP], False).done()

    def _send(self, method, target, fields, is_creation):
        # An absolute Location is as good as one that begins at the root.
        target = target.removeprefix(f"http://{self._server.authority}")
        connection = self._server.connect()
        fields = [*fields, ("Connection", "close")]
        connection.send(self._server.request(method, target, fields))
        return Exchange(connection, method, is_creation)
