# SPDX-License-Identifier: MIT
"""The requests: valid, odd and hostile ones, from the grammar of RFC 9110 and RFC 9112.

A request is a handful of slots, in the order in which they stand on the wire. A variant fills some
of them with something of its own; what no variant fills is an ordinary PUT with a body. So the
corpus is: each variant alone, each body that both servers take before each next request, and, from
a seed, variants of several areas together. It must not know what any server says to them.
"""

import random
from dataclasses import dataclass, field

# What is sent behind a request, to see where that ended. Of HTTP/1.0, which needs no Host: so that
# a head into which it runs does not get a second one.
PROBE = b"GET /probe HTTP/1.0\r\nX-Probe: 1\r\n\r\n"

_SLOTS = {
    "before": b"",
    "method": b"PUT",
    "after_method": b" ",
    "target": b"/a",
    "after_target": b" ",
    "version": b"HTTP/1.1",
    "line_end": b"\r\n",
    "host": b"Host: h\r\n",
    "field": b"",
    "connection": b"",
    "expect": b"",
    "framing": b"Content-Length: 5\r\n",
    "head_end": b"\r\n",
    "body": b"[one]",
}
_CHUNKED = b"Transfer-Encoding: chunked\r\n"
_WHOLE_CHUNKS = b"5\r\n[one]\r\n0\r\n\r\n"
_SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: s\r\n\r\n"


@dataclass(frozen=True)
class Variant:
    area: str
    name: str
    slots: dict = field(hash=False, compare=False)

    def __str__(self):
        return f"{self.area}: {self.name}"


@dataclass(frozen=True)
class Case:
    """What one client sends, and the variants of which it was made."""

    requests: tuple  # of bytes
    variants: tuple

    @property
    def data(self):
        return b"".join(self.requests)

    @property
    def has_head(self):
        """Whether a reply may be one to HEAD."""
        return any(variant.slots.get("method") == b"HEAD" for variant in self.variants)

    @property
    def upgrades(self):
        """Whether Node may drop what has come together with the request: what that is, is up to
        how it was cut."""
        return any(b"Upgrade:" in variant.slots.get("connection", b"") for variant in self.variants)

    @property
    def may_end_early(self):
        """Whether Wherry ends the connection unless the body is there when it answers: it was not
        asked for, and nobody reads it."""
        return b"/unread" in self.data and b"\r\nexpect:" in self.data.lower()

    def __str__(self):
        return " + ".join(map(str, self.variants)) or "ordinary"


def build(*variants):
    slots = dict(_SLOTS)
    for variant in variants:
        slots.update(variant.slots)
    cut = slots.pop("cut", None)
    return b"".join(slots.values())[:cut]


def _ordinary(*slots):
    return {slot: _SLOTS[slot] for slot in slots}


def _area(area, slot, rows):
    """A variant a row: its name and what it puts into `slot`, or several slots."""
    return [
        Variant(area, name, value if isinstance(value, dict) else {slot: value})
        for name, value in rows.items()
    ]


_LINE = [
    *_area("before", "before", {
        "an empty line": b"\r\n",
        "two empty lines": b"\r\n\r\n",
        "three empty lines": b"\r\n\r\n\r\n",
        "twenty empty lines": b"\r\n" * 20,
        "a bare LF": b"\n",
        "a bare CR": b"\r",
        "a space": b" ",
        "a NUL": b"\0",
        "a byte order mark": b"\xef\xbb\xbf",
    }),
    *_area("method", "method", {
        "GET": b"GET",
        "HEAD": b"HEAD",
        "POST": b"POST",
        "DELETE": b"DELETE",
        "PATCH": b"PATCH",
        "OPTIONS": b"OPTIONS",
        "TRACE": b"TRACE",
        "PROPFIND": b"PROPFIND",
        "unknown": b"WHERRY",
        "unknown, of one letter": b"X",
        "unknown, of every token character": b"!#$%&'*+-.^_`|~09azAZ",
        "unknown, long": b"A" * 200,
        "in lower case": b"put",
        "in mixed case": b"Put",
        "empty": b"",
        "with a colon": b"PU:T",
        "with a comma": b"PU,T",
        "with parentheses": b"P(T)",
        "with a tab": b"PU\tT",
        "with a NUL": b"PU\0T",
        "with obs-text": b"PU\xe9T",
        "with DEL": b"PU\x7fT",
    }),
    *_area("target", "target", {
        "the root": b"/",
        "with a query": b"/a?b=c&d=%20",
        "with an empty query": b"/a?",
        "with two question marks": b"/a?b?c",
        "of a query alone": b"?a",
        "with dots": b"/../a/./b",
        "with two slashes": b"//a//b",
        "with sub-delims": b"/a!$&'()*+,;=:@-._~",
        "with a backslash": b"/a\\b",
        "with quotes and brackets": b'/"<>[]^`{|}',
        "with an escape": b"/%61%2F",
        "with an escaped NUL": b"/%00",
        "with half an escape": b"/a%4",
        "with a bad escape": b"/a%zz",
        "with a fragment": b"/a#b",
        "with an empty fragment": b"/a#",
        "with UTF-8": "/ä€".encode(),
        "with bytes that are no UTF-8": b"/\xff\xfe",
        "with a space": b"/a b",
        "with a tab": b"/a\tb",
        "with a NUL": b"/a\0b",
        "with a control byte": b"/a\x01b",
        "with DEL": b"/a\x7fb",
        "with a bare CR": b"/a\rb",
        "empty": b"",
        "without a slash": b"a",
        "absolute": b"http://h/a?b",
        "absolute, scheme in capitals": b"HTTP://h/a",
        "absolute, https": b"https://h:443/a",
        "absolute, no path": b"http://h",
        "absolute, query without a path": b"http://h?b",
        "absolute, IPv6": b"http://[::1]:80/a",
        "absolute, with a user": b"http://u:p@h/a",
        "absolute, no authority": b"http:///a",
        "absolute, port alone": b"http://:80/a",
        "absolute, bad port": b"http://h:8x/a",
        "absolute, bad host": b"http://h^/a",
        "absolute, another host": b"http://other/a",
        "absolute, another scheme": b"ftp://h/a",
        "absolute, no slashes": b"http:a",
        "authority": b"h:80",
        "asterisk": b"*",
        "asterisk and more": b"*a",
        "asterisk for OPTIONS": {"method": b"OPTIONS", "target": b"*"},
        "authority for CONNECT": {"method": b"CONNECT", "target": b"h:80"},
        "path for CONNECT": {"method": b"CONNECT"},
        "long": b"/" + b"a" * 3000,
        "over 8 KiB": b"/" + b"a" * 9000,
        "over 16 KiB": b"/" + b"a" * 20000,
    }),
    *_area("request line", "line_end", {
        "two spaces behind the method": {"after_method": b"  "},
        "tab behind the method": {"after_method": b"\t"},
        "two spaces behind the target": {"after_target": b"  "},
        "tab behind the target": {"after_target": b"\t"},
        "space at the end": b" \r\n",
        "tab at the end": b"\t\r\n",
        "bare LF at the end": b"\n",
        "bare CR at the end": b"\r",
        "two CR at the end": b"\r\r\n",
        "without a version": {"after_target": b"", "version": b""},
        "without anything but the method": {"after_method": b"", "target": b"",
                                            "after_target": b"", "version": b""},
        "vertical tab for a space": {"after_target": b"\x0b"},
        "no-break space for a space": {"after_target": b"\xa0"},
    }),
    *_area("version", "version", {
        "0.9": b"HTTP/0.9",
        "1.2": b"HTTP/1.2",
        "1.9": b"HTTP/1.9",
        "2.0": b"HTTP/2.0",
        "3.0": b"HTTP/3.0",
        "2": b"HTTP/2",
        "1": b"HTTP/1",
        "1.": b"HTTP/1.",
        ".1": b"HTTP/.1",
        "1.10": b"HTTP/1.10",
        "01.1": b"HTTP/01.1",
        "1,1": b"HTTP/1,1",
        "1.x": b"HTTP/1.x",
        "in lower case": b"http/1.1",
        "in mixed case": b"Http/1.1",
        "of another protocol": b"ICE/1.0",
        "of RTSP": b"RTSP/1.0",
        "of RTSP, for POST": {"method": b"POST", "version": b"RTSP/1.0"},
        "with a space": b"HTTP/ 1.1",
        "without a slash": b"HTTP1.1",
        "with obs-text": b"HTTP/1.\xb9",
        "1.0": {"version": b"HTTP/1.0"},
        "1.0, keep-alive": {"version": b"HTTP/1.0", "connection": b"Connection: keep-alive\r\n"},
        "1.0, keep-alive and close": {"version": b"HTTP/1.0",
                                      "connection": b"Connection: keep-alive, close\r\n"},
        "1.0, no Host": {"version": b"HTTP/1.0", "host": b""},
        "1.0, two Hosts": {"version": b"HTTP/1.0", "host": b"Host: h\r\nHost: h\r\n"},
        "1.0, chunked": {"version": b"HTTP/1.0", "framing": _CHUNKED, "body": _WHOLE_CHUNKS},
        "1.0, chunked, keep-alive": {"version": b"HTTP/1.0", "framing": _CHUNKED,
                                     "body": _WHOLE_CHUNKS,
                                     "connection": b"Connection: keep-alive\r\n"},
        "1.0, Expect": {"version": b"HTTP/1.0", "expect": b"Expect: 100-continue\r\n"},
        "1.0, another Expect": {"version": b"HTTP/1.0", "expect": b"Expect: x\r\n"},
    }),
]

_FIELDS = [
    *_area("field", "field", {
        "ordinary": b"X-A: b\r\n",
        "no space behind the colon": b"X:y\r\n",
        "tab around the value": b"X:\ty\t\r\n",
        "many spaces around the value": b"X:      y      \r\n",
        "empty value": b"X:\r\n",
        "value of spaces": b"X:   \r\n",
        "value with colons": b"X: a:b::c\r\n",
        "twice": b"X: a\r\nX: b\r\n",
        "twice, in another case": b"x-y: a\r\nX-Y: b\r\n",
        "name of every token character": b"!#$%&'*+-.^_`|~09azAZ: y\r\n",
        "name of a digit": b"0: y\r\n",
        "quoted string": b'X: "a\\"b, c"\r\n',
        "obs-text in the value": b"X: \xe9\xff\x80\r\n",
        "obs-text in the name": b"X\xe9: y\r\n",
        "space before the colon": b"X : y\r\n",
        "tab before the colon": b"X\t: y\r\n",
        "space in the name": b"X Y: z\r\n",
        "space before the name": b" X: y\r\n",
        "tab before the name": b"\tX: y\r\n",
        "empty name": b": y\r\n",
        "no colon": b"X\r\n",
        "name with a slash": b"X/Y: z\r\n",
        "name with parentheses": b"X(): y\r\n",
        "name with a comma": b"X,Y: z\r\n",
        "name with a semicolon": b"X;Y: z\r\n",
        "name with an at sign": b"X@Y: z\r\n",
        "name in brackets": b"[X]: y\r\n",
        "name in quotes": b'"X": y\r\n',
        "name with a NUL": b"X\0: y\r\n",
        "name with DEL": b"X\x7f: y\r\n",
        "name with a control byte": b"X\x01: y\r\n",
        "name with a bare CR": b"X\r: y\r\n",
        "value with a NUL": b"X: a\0b\r\n",
        "value with a control byte": b"X: a\x01b\r\n",
        "value with a vertical tab": b"X: a\x0bb\r\n",
        "value with an escape byte": b"X: a\x1bb\r\n",
        "value with DEL": b"X: a\x7fb\r\n",
        "value with a bare CR": b"X: a\rb\r\n",
        "value with a bare CR at the end": b"X: a\r\r\n",
        "value of a bare CR": b"X:\r\r\n",
        "bare LF at the end": b"X: a\n",
        "bare LF, then a framing": b"X: a\nTransfer-Encoding: chunked\r\n",
        "bare CR, then a framing": b"X: a\rTransfer-Encoding: chunked\r\n",
        "obs-fold": b"X: a\r\n b\r\n",
        "obs-fold by a tab": b"X: a\r\n\tb\r\n",
        "obs-fold of nothing": b"X: a\r\n \r\n",
        "obs-fold behind an empty value": b"X:\r\n b\r\n",
        "folded framing": b"Transfer-Encoding:\r\n chunked\r\n",
        "a hundred fields": b"".join(b"X-%d: y\r\n" % i for i in range(100)),
        "a thousand fields": b"".join(b"X%d: \r\n" % i for i in range(1000)),
        "two thousand fields": b"X:\r\n" * 2000,
        "five thousand fields": b"X:\r\n" * 5000,
        "value of 12 KiB": b"X: " + b"y" * 12 * 1024 + b"\r\n",
        "value of 17 KiB": b"X: " + b"y" * 17 * 1024 + b"\r\n",
        "name of 300 bytes": b"X" * 300 + b": y\r\n",
        "Proxy-Connection": b"Proxy-Connection: close\r\n",
        "Keep-Alive": b"Keep-Alive: timeout=5\r\n",
        "Cookie twice": b"Cookie: a=b\r\nCookie: c=d\r\n",
        "TE": b"TE: trailers, deflate;q=0.5\r\n",
        "Trailer": b"Trailer: X\r\n",
        "Content-Type twice": b"Content-Type: a/b\r\nContent-Type: c/d\r\n",
        "name that begins as a framing does": b"Content-Length-X: 3\r\n",
        "framing's name with an underscore": b"Content_Length: 3\r\n",
        "framing's name cut": b"Content-Lengt: 3\r\n",
    }),
    *_area("head end", "head_end", {
        "bare LF": b"\n",
        "bare CR": b"\r",
        "CR CR LF": b"\r\r\n",
        "space before it": b" \r\n",
    }),
    *_area("Host", "host", {
        "absent": b"",
        "twice": b"Host: h\r\nHost: h\r\n",
        "twice, not the same": b"Host: h\r\nHost: i\r\n",
        "empty": b"Host:\r\n",
        "of spaces": b"Host:  \r\n",
        "with a port": b"Host: h:8080\r\n",
        "with an empty port": b"Host: h:\r\n",
        "with a bad port": b"Host: h:8x\r\n",
        "with a port over 65535": b"Host: h:99999\r\n",
        "IPv4": b"Host: 127.0.0.1:80\r\n",
        "IPv6": b"Host: [::1]:80\r\n",
        "IPv6, not closed": b"Host: [::1\r\n",
        "IPv6 without brackets": b"Host: ::1\r\n",
        "a list": b"Host: h, i\r\n",
        "with a space": b"Host: h i\r\n",
        "with a path": b"Host: h/a\r\n",
        "with a user": b"Host: u@h\r\n",
        "with an escape": b"Host: %61\r\n",
        "with a bad escape": b"Host: %6\r\n",
        "with obs-text": b"Host: h\xe9\r\n",
        "with a scheme": b"Host: http://h\r\n",
        "in capitals": b"HOST: H\r\n",
        "last of all": {"host": b"", "connection": b"Host: h\r\n"},
    }),
    *_area("Connection", "connection", {
        "close": b"Connection: close\r\n",
        "close in capitals": b"CONNECTION: CLOSE\r\n",
        "keep-alive": b"Connection: keep-alive\r\n",
        "close in a list": b"Connection: te, close\r\n",
        "close behind keep-alive": b"Connection: keep-alive, close\r\n",
        "keep-alive behind close": b"Connection: close, keep-alive\r\n",
        "twice": b"Connection: keep-alive\r\nConnection: close\r\n",
        "twice, close first": b"Connection: close\r\nConnection: keep-alive\r\n",
        "empty": b"Connection:\r\n",
        "empty elements": b"Connection: , ,close,\r\n",
        "unknown": b"Connection: x-y\r\n",
        "unknown, ends in close": b"Connection: notclose\r\n",
        "unknown, begins with close": b"Connection: closed\r\n",
        "close with a parameter": b"Connection: close;x\r\n",
        "tab before close": b"Connection: te,\tclose\r\n",
        "names a framing": b"Connection: Content-Length\r\n",
        "upgrade": b"Connection: upgrade\r\nUpgrade: websocket\r\n",
        "upgrade to h2c": b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                          b"HTTP2-Settings: AAMAAABkAAQAAP__\r\n",
        "upgrade alone": b"Connection: upgrade\r\n",
        "Upgrade alone": b"Upgrade: websocket\r\n",
        "upgrade, close": b"Connection: upgrade, close\r\nUpgrade: websocket\r\n",
    }),
    *_area("Expect", "expect", {
        "100-continue": b"Expect: 100-continue\r\n",
        "in capitals": b"EXPECT: 100-CONTINUE\r\n",
        "twice": b"Expect: 100-continue\r\nExpect: 100-continue\r\n",
        "another": b"Expect: 200-ok\r\n",
        "a list": b"Expect: 100-continue, x\r\n",
        "empty": b"Expect:\r\n",
        "begins as 100-continue": b"Expect: 100-continued\r\n",
        "with a parameter": b"Expect: 100-continue;x=y\r\n",
        "without a body": {"expect": b"Expect: 100-continue\r\n", "framing": b"", "body": b""},
    }),
]


def _lengths(rows):
    return {name: b"".join(b"Content-Length:%s\r\n" % value for value in values)
            for name, values in rows.items()}


def _codings(rows):
    return {name: {"framing": b"".join(b"Transfer-Encoding:%s\r\n" % value for value in values),
                   "body": _WHOLE_CHUNKS}
            for name, values in rows.items()}


def _chunks(rows):
    return {name: {"framing": _CHUNKED, "body": body} for name, body in rows.items()}


_FRAMINGS = [
    *_area("framing", "framing", {
        "none": {"framing": b"", "body": b""},
        "none, but a body": b"",
        "length 0": {"framing": b"Content-Length: 0\r\n", "body": b""},
        "length 0, but a body": b"Content-Length: 0\r\n",
        "length too short": b"Content-Length: 4\r\n",
        "length too long": b"Content-Length: 9\r\n",
        "length of a request": {"framing": b"Content-Length: %d\r\n" % len(_SMUGGLED),
                                "body": _SMUGGLED},
        "length of a request and an empty line": {
            "framing": b"Content-Length: %d\r\n" % len(_SMUGGLED), "body": _SMUGGLED + b"\r\n"},
    }),
    *_area("Content-Length", "framing", _lengths({
        "no space": [b"5"],
        "spaces around": [b"   5   "],
        "tabs around": [b"\t5\t"],
        "leading zeros": [b" 0000000005"],
        "forty leading zeros": [b" " + b"0" * 40 + b"5"],
        "twice, the same": [b" 5", b" 5"],
        "twice, not the same": [b" 5", b" 6"],
        "twice, the second empty": [b" 5", b""],
        "twice, 5 and 05": [b" 5", b" 05"],
        "list of the same": [b" 5, 5"],
        "list, not the same": [b" 5, 6"],
        "trailing comma": [b" 5,"],
        "leading comma": [b" ,5"],
        "plus sign": [b" +5"],
        "minus sign": [b" -5"],
        "minus 1": [b" -1"],
        "minus 0": [b" -0"],
        "hexadecimal": [b" 0x5"],
        "hexadecimal digit": [b" a"],
        "fraction": [b" 5.0"],
        "exponent": [b" 5e0"],
        "underscore": [b" 0_5"],
        "space inside": [b" 5 5"],
        "empty": [b""],
        "of spaces": [b"  "],
        "in quotes": [b' "5"'],
        "with a parameter": [b" 5;a"],
        "obs-text digits": [b" \xb2"],
        "NUL behind it": [b" 5\0"],
        "vertical tab behind it": [b" 5\x0b"],
        "bare CR behind it": [b" 5\r"],
        "2^63": [b" 9223372036854775808"],
        "2^64 - 1": [b" 18446744073709551615"],
        "2^64": [b" 18446744073709551616"],
        "2^64 + 5": [b" 18446744073709551621"],
        "2^128 + 5": [b" 340282366920938463463374607431768211461"],
        "2^32 + 5": [b" 4294967301"],
    })),
    *_area("Content-Length", "framing", {
        "in capitals": b"CONTENT-LENGTH: 5\r\n",
        "space before the colon": b"Content-Length : 5\r\n",
        "folded": b"Content-Length:\r\n 5\r\n",
        "folded behind it": b"Content-Length: 5\r\n 5\r\n",
        "before chunked": {"framing": b"Content-Length: 5\r\n" + _CHUNKED, "body": _WHOLE_CHUNKS},
        "behind chunked": {"framing": _CHUNKED + b"Content-Length: 5\r\n", "body": _WHOLE_CHUNKS},
        "0 behind chunked": {"framing": _CHUNKED + b"Content-Length: 0\r\n",
                             "body": _WHOLE_CHUNKS},
        "with a coding that is none": b"Content-Length: 5\r\nTransfer-Encoding: identity\r\n",
        "with an empty coding": b"Content-Length: 5\r\nTransfer-Encoding:\r\n",
        "with a bad coding": b"Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n",
        "with a coding before whose colon is a space":
            b"Content-Length: 5\r\nTransfer-Encoding : chunked\r\n",
        "with a coding in an underscored name":
            b"Content-Length: 5\r\nTransfer_Encoding: chunked\r\n",
    }),
    *_area("Transfer-Encoding", "framing", _codings({
        "chunked": [b" chunked"],
        "no space": [b"chunked"],
        "in capitals": [b" CHUNKED"],
        "in mixed case": [b" Chunked"],
        "tab before it": [b"\tchunked"],
        "spaces and tab behind it": [b" chunked \t "],
        "vertical tab before it": [b" \x0bchunked"],
        "NUL behind it": [b" chunked\0"],
        "bare CR behind it": [b" chunked\r"],
        "in quotes": [b' "chunked"'],
        "with a parameter": [b" chunked;a=b"],
        "leading comma": [b" ,chunked"],
        "trailing comma": [b" chunked,"],
        "chunked twice in a list": [b" chunked, chunked"],
        "chunked twice in two fields": [b" chunked", b" chunked"],
        "gzip before": [b" gzip, chunked"],
        "gzip before, no space": [b" gzip,chunked"],
        "gzip before, in two fields": [b" gzip", b" chunked"],
        "gzip behind": [b" chunked, gzip"],
        "gzip behind, in two fields": [b" chunked", b" gzip"],
        "gzip alone": [b" gzip"],
        "identity": [b" identity"],
        "identity before": [b" identity, chunked"],
        "identity behind": [b" chunked, identity"],
        "identity before, in two fields": [b" identity", b" chunked"],
        "unknown": [b" x"],
        "ends in chunked": [b" xchunked"],
        "begins with chunked": [b" chunkedx"],
        "two words": [b" x chunked"],
        "empty": [b""],
        "empty, then chunked": [b"", b" chunked"],
        "chunked, then empty": [b" chunked", b""],
        "obs-text": [b" chunked\xa0"],
    })),
    *_area("Transfer-Encoding", "framing", {
        "name in capitals": {"framing": b"TRANSFER-ENCODING: chunked\r\n", "body": _WHOLE_CHUNKS},
        "space before the colon": {"framing": b"Transfer-Encoding : chunked\r\n",
                                   "body": _WHOLE_CHUNKS},
        "folded": {"framing": b"Transfer-Encoding:\r\n chunked\r\n", "body": _WHOLE_CHUNKS},
        "folded behind it": {"framing": b"Transfer-Encoding: chunked\r\n x\r\n",
                             "body": _WHOLE_CHUNKS},
        "name with an underscore": {"framing": b"Transfer_Encoding: chunked\r\n", "body": b""},
    }),
]

_BODIES = [
    *_area("chunks", "body", _chunks({
        "no data": b"0\r\n\r\n",
        "two": b"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
        "size in lower case": b"a\r\n0123456789\r\n0\r\n\r\n",
        "size in upper case": b"A\r\n0123456789\r\n0\r\n\r\n",
        "leading zeros": b"0005\r\n[one]\r\n000\r\n\r\n",
        "sixteen digits": b"0000000000000005\r\n[one]\r\n0\r\n\r\n",
        "seventeen digits": b"00000000000000005\r\n[one]\r\n0\r\n\r\n",
        "size over 2^64": b"10000000000000005\r\n[one]\r\n0\r\n\r\n",
        "size of 2^64 - 1": b"ffffffffffffffff\r\n[one]\r\n0\r\n\r\n",
        "size of 2^63": b"8000000000000000\r\n[one]\r\n0\r\n\r\n",
        "size of 2^32 + 5": b"100000005\r\n[one]\r\n0\r\n\r\n",
        "no size": b"\r\n[one]\r\n0\r\n\r\n",
        "size with 0x": b"0x5\r\n[one]\r\n0\r\n\r\n",
        "size with an h": b"5h\r\n[one]\r\n0\r\n\r\n",
        "size with a plus sign": b"+5\r\n[one]\r\n0\r\n\r\n",
        "size with a minus sign": b"-5\r\n[one]\r\n0\r\n\r\n",
        "space before the size": b" 5\r\n[one]\r\n0\r\n\r\n",
        "space behind the size": b"5 \r\n[one]\r\n0\r\n\r\n",
        "tab behind the size": b"5\t\r\n[one]\r\n0\r\n\r\n",
        "space inside the size": b"1 0\r\n0123456789abcdef\r\n0\r\n\r\n",
        "NUL behind the size": b"5\0\r\n[one]\r\n0\r\n\r\n",
        "bare LF behind the size": b"5\n[one]\r\n0\r\n\r\n",
        "bare CR behind the size": b"5\r[one]\r\n0\r\n\r\n",
        "CR CR LF behind the size": b"5\r\r\n[one]\r\n0\r\n\r\n",
        "bare LF behind the data": b"5\r\n[one]\n0\r\n\r\n",
        "nothing behind the data": b"5\r\n[one]0\r\n\r\n",
        "bare CR behind the data": b"5\r\n[one]\r0\r\n\r\n",
        "data too long": b"4\r\n[one]\r\n0\r\n\r\n",
        "data too short": b"6\r\n[one]\r\n0\r\n\r\n",
        "bare LF behind the last size": b"5\r\n[one]\r\n0\n\r\n",
        "bare LF at the end": b"5\r\n[one]\r\n0\r\n\n",
        "bare CR at the end": b"5\r\n[one]\r\n0\r\n\r",
        "two bare LF at the end": b"5\r\n[one]\r\n0\n\n",
        "an empty line before them": b"\r\n5\r\n[one]\r\n0\r\n\r\n",
        "an empty line behind them": _WHOLE_CHUNKS + b"\r\n",
        "data that looks like an end": b"5\r\n0\r\n\r\n\r\n0\r\n\r\n",
        "data that looks like a request":
            b"%x\r\n%s\r\n0\r\n\r\n" % (len(_SMUGGLED), _SMUGGLED),
        "many": b"1\r\nx\r\n" * 300 + b"0\r\n\r\n",
        "large": b"2000\r\n" + b"x" * 0x2000 + b"\r\n0\r\n\r\n",
        "no last one": b"5\r\n[one]\r\n",
        "none at all": b"",
    })),
    *_area("chunk extension", "body", _chunks({
        "name": b"5;a\r\n[one]\r\n0\r\n\r\n",
        "name and value": b"5;a=b\r\n[one]\r\n0\r\n\r\n",
        "several": b"5;a=b;c;d=e\r\n[one]\r\n0\r\n\r\n",
        "of the last one": b"5\r\n[one]\r\n0;a=b\r\n\r\n",
        "quoted": b'5;a="b c"\r\n[one]\r\n0\r\n\r\n',
        "quoted, with a semicolon": b'5;a="b;c"\r\n[one]\r\n0\r\n\r\n',
        "quoted, with an escape": b'5;a="b\\"c"\r\n[one]\r\n0\r\n\r\n',
        "quoted, with a CRLF": b'5;a="\r\n[one]"\r\n0\r\n\r\n',
        "quoted, with a bare LF": b'5;a="\n"\r\n[one]\r\n0\r\n\r\n',
        "quoted, empty": b'5;a=""\r\n[one]\r\n0\r\n\r\n',
        "quoted, not closed": b'5;a="b\r\n[one]\r\n0\r\n\r\n',
        "quoted, and more": b'5;a="b"c\r\n[one]\r\n0\r\n\r\n',
        "quoted, another behind it": b'5;a="b";c=d\r\n[one]\r\n0\r\n\r\n',
        "quoted, with obs-text": b'5;a="\xe9"\r\n[one]\r\n0\r\n\r\n',
        "quoted, with a tab": b'5;a="b\tc"\r\n[one]\r\n0\r\n\r\n',
        "quoted, with a NUL": b'5;a="\0"\r\n[one]\r\n0\r\n\r\n',
        "space before the semicolon": b"5 ;a\r\n[one]\r\n0\r\n\r\n",
        "space behind the semicolon": b"5; a\r\n[one]\r\n0\r\n\r\n",
        "space before the equals sign": b"5;a =b\r\n[one]\r\n0\r\n\r\n",
        "space behind the equals sign": b"5;a= b\r\n[one]\r\n0\r\n\r\n",
        "space at the end": b"5;a \r\n[one]\r\n0\r\n\r\n",
        "tab before the semicolon": b"5\t;a\r\n[one]\r\n0\r\n\r\n",
        "empty": b"5;\r\n[one]\r\n0\r\n\r\n",
        "empty value": b"5;a=\r\n[one]\r\n0\r\n\r\n",
        "empty name": b"5;=b\r\n[one]\r\n0\r\n\r\n",
        "two semicolons": b"5;;a\r\n[one]\r\n0\r\n\r\n",
        "name with a comma": b"5;a,b\r\n[one]\r\n0\r\n\r\n",
        "obs-text": b"5;\xe9\r\n[one]\r\n0\r\n\r\n",
        "with a NUL": b"5;a\0\r\n[one]\r\n0\r\n\r\n",
        "with a control byte": b"5;a\x01\r\n[one]\r\n0\r\n\r\n",
        "with a bare LF": b"5;a\n[one]\r\n0\r\n\r\n",
        "with a bare LF, chunks behind it": b"5;a\n0\r\n\r\n[one]\r\n0\r\n\r\n",
        "with a bare CR": b"5;a\rb\r\n[one]\r\n0\r\n\r\n",
        "of 200 bytes": b"5;" + b"a" * 199 + b"\r\n[one]\r\n0\r\n\r\n",
        "of 1 KiB": b"5;" + b"a" * 1023 + b"\r\n[one]\r\n0\r\n\r\n",
        "of 20 KiB": b"5;" + b"a" * 20479 + b"\r\n[one]\r\n0\r\n\r\n",
        "of 100 bytes, 200 times": (b"1;" + b"a" * 99 + b"\r\nx\r\n") * 200 + b"0\r\n\r\n",
    })),
    *_area("trailer", "body", _chunks({
        name: b"5\r\n[one]\r\n0\r\n" + lines for name, lines in {
            "one": b"X: y\r\n\r\n",
            "several": b"X: y\r\nY:\r\nZ: a b\r\n\r\n",
            "Content-Length": b"Content-Length: 50\r\n\r\n",
            "Transfer-Encoding": b"Transfer-Encoding: chunked\r\n\r\n",
            "Host": b"Host: other\r\n\r\n",
            "Connection: close": b"Connection: close\r\n\r\n",
            "Expect": b"Expect: x\r\n\r\n",
            "space before the colon": b"X : y\r\n\r\n",
            "no colon": b"X\r\n\r\n",
            "empty name": b": y\r\n\r\n",
            "bad name": b"X(): y\r\n\r\n",
            "obs-fold": b"X: y\r\n z\r\n\r\n",
            "space before the name": b" X: y\r\n\r\n",
            "obs-text": b"X: \xe9\r\n\r\n",
            "value with a NUL": b"X: \0\r\n\r\n",
            "value with a control byte": b"X: \x01\r\n\r\n",
            "value with DEL": b"X: \x7f\r\n\r\n",
            "bare LF at the end": b"X: y\n\r\n",
            "bare CR in the value": b"X: a\rb\r\n\r\n",
            "bare LF for the last line": b"X: y\r\n\n",
            "of 3 KiB": b"X: " + b"y" * 3072 + b"\r\n\r\n",
            "of 6 KiB": b"X: " + b"y" * 6144 + b"\r\n\r\n",
            "of 20 KiB": b"X: " + b"y" * 20480 + b"\r\n\r\n",
            "a request": _SMUGGLED,
        }.items()
    })),
    *_area("unread", "framing", {
        name: {"target": b"/unread", **slots} for name, slots in {
            "length": _ordinary("framing", "body"),
            "length 0": {"framing": b"Content-Length: 0\r\n", "body": b""},
            "none": {"framing": b"", "body": b""},
            "length of a request": {"framing": b"Content-Length: %d\r\n" % len(_SMUGGLED),
                                    "body": _SMUGGLED},
            "length too short": {"framing": b"Content-Length: 4\r\n", "body": b"[one]"},
            "chunks": {"framing": _CHUNKED, "body": _WHOLE_CHUNKS},
            "chunks, then a request": {"framing": _CHUNKED, "body": _WHOLE_CHUNKS + _SMUGGLED},
            "bad chunks": {"framing": _CHUNKED, "body": b"5\n[one]\r\n0\r\n\r\n"},
        }.items()
    }),
    # What is cut is always the same, whatever else a request has.
    *_area("cut", "cut", {
        "within the request line": {"cut": 6, **_ordinary("before", "method", "after_method")},
        **{name: {"cut": cut, **_ordinary("framing", "head_end", "body")}
           for name, cut in {
               "behind the request line": 17,
               "within a field": 20,
               "before the empty line": -7,
               "within the empty line": -6,
               "behind the head": -5,
               "within the body": -4,
           }.items()},
        **_chunks({
            "within a chunk size": b"5",
            "behind a chunk size": b"5\r\n",
            "within a chunk": b"5\r\n[on",
            "behind a chunk": b"5\r\n[one]",
            "before the last CRLF": b"5\r\n[one]\r\n0\r\n",
            "within the last CRLF": b"5\r\n[one]\r\n0\r\n\r",
            "within a trailer": b"5\r\n[one]\r\n0\r\nX: y",
        }),
    }),
]

VARIANTS = [*_LINE, *_FIELDS, *_FRAMINGS, *_BODIES]
_BY_NAME = {str(variant): variant for variant in VARIANTS}
assert len(_BY_NAME) == len(VARIANTS), "two variants of one name"

# Requests whose body both servers take, and what is sent behind each of them.
_FIRST = [
    "framing: none", "framing: length 0", "framing: length of a request",
    "framing: length of a request and an empty line", "Content-Length: leading zeros",
    "Transfer-Encoding: chunked", "chunks: no data", "chunks: two",
    "chunks: data that looks like a request", "chunks: an empty line behind them",
    "chunk extension: quoted", "trailer: several", "trailer: Content-Length",
    "Expect: 100-continue", "version: 1.0, keep-alive", "method: HEAD", "method: GET",
    "unread: length", "unread: length of a request",
]
_NEXT = [
    *_FIRST, "before: an empty line", "before: a bare LF",
    "target: absolute", "target: empty", "version: 1.0", "version: 2.0", "Host: absent",
    "field: obs-fold", "Content-Length: twice, not the same", "Content-Length: before chunked",
    "chunks: bare LF behind the size", "Connection: close", "cut: within a field",
    "cut: within the body",
]


def _case(*variants):
    return Case((build(*variants),), variants)


def single():
    """The ordinary request, and each variant alone."""
    return [_case(), *map(_case, VARIANTS)]


def pairs():
    """Each of the first requests, and right behind it each of the next ones."""
    cases = []
    for first in map(_BY_NAME.get, _FIRST):
        for second in map(_BY_NAME.get, _NEXT):
            cases.append(Case((build(first), build(second)), (first, second)))
    return cases


def random_cases(seed, count):
    """From a seed: variants of two to four areas together that fill no slot twice. Without those
    that upgrade: when what follows is bad or cut off, Node leaves the connection open for ever."""
    source = random.Random(seed)
    usable = [one for one in VARIANTS if not _case(one).upgrades]
    areas = sorted({variant.area for variant in usable})
    cases = []
    while len(cases) < count:
        chosen = []
        for area in source.sample(areas, source.randint(2, 4)):
            variant = source.choice([one for one in usable if one.area == area])
            if not any(variant.slots.keys() & other.slots.keys() for other in chosen):
                chosen.append(variant)
        if len(chosen) > 1:
            cases.append(_case(*chosen))
    return cases
