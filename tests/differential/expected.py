# SPDX-License-Identifier: MIT
"""The differences that are meant: which row of docs/SUPPORTED-HTTP.md each odd request belongs to.

What the two servers answer, and why, stands in the document alone. A row without an id here, an id
without a row there, and a difference that does not occur are failures.
"""

import re
from dataclasses import dataclass

HEADING = "## Where Wherry differs from Node's `http`"

# The request ends before it is whole: any request may, and Wherry alone says nothing then.
CUT_OFF = "cut-off"

DIFFERENCES = {
    CUT_OFF: [],
    "empty-lines": [
        "before: three empty lines", "before: twenty empty lines", "before: a bare LF",
        "before: a bare CR",
    ],
    "unknown-method": [
        "method: unknown", "method: unknown, of one letter",
        "method: unknown, of every token character", "method: unknown, long",
        "method: in lower case", "method: in mixed case",
    ],
    "connect": ["target: authority for CONNECT"],
    "connect-path": ["target: path for CONNECT"],
    "target-bytes": ["target: with UTF-8", "target: with bytes that are no UTF-8"],
    "target-escape": ["target: with half an escape", "target: with a bad escape"],
    "target-fragment": ["target: with a fragment", "target: with an empty fragment"],
    "target-absolute": [
        "target: absolute, with a user", "target: absolute, no authority",
        "target: absolute, port alone", "target: absolute, bad port",
        "target: absolute, another scheme",
    ],
    "target-asterisk": ["target: asterisk", "target: asterisk and more"],
    "options-asterisk": ["target: asterisk for OPTIONS"],
    "request-line-limit": ["target: over 8 KiB", "target: over 16 KiB"],
    "head-limit": ["field: five thousand fields"],
    "request-line-spaces": [
        "request line: two spaces behind the method", "request line: two spaces behind the target",
    ],
    "no-version": ["request line: without a version"],
    "other-version": ["version: 0.9", "version: 2.0", "version: 3.0"],
    "rtsp": ["version: of RTSP, for POST"],
    "minor-version": ["version: 1.2", "version: 1.9"],
    "two-hosts": ["Host: twice", "Host: twice, not the same", "version: 1.0, two Hosts"],
    "bad-host": [
        "Host: with a bad port", "Host: IPv6, not closed", "Host: IPv6 without brackets",
        "Host: a list", "Host: with a space", "Host: with a path", "Host: with a user",
        "Host: with a bad escape", "Host: with obs-text", "Host: with a scheme",
    ],
    "close-in-1.0": ["version: 1.0, keep-alive and close"],
    "proxy-connection": ["field: Proxy-Connection"],
    "upgrade": ["Connection: upgrade", "Connection: upgrade to h2c"],
    "expect-more": ["Expect: a list", "Expect: with a parameter"],
    "expect-empty": ["Expect: empty"],
    "expect-closes": ["Expect: another", "Expect: begins as 100-continue"],
    "length-tabs": ["Content-Length: tabs around"],
    "coding-in-1.0": ["version: 1.0, chunked", "version: 1.0, chunked, keep-alive"],
    "coding-white-space": ["Transfer-Encoding: spaces and tab behind it"],
    "coding-empty": [
        "Transfer-Encoding: leading comma", "Transfer-Encoding: empty",
        "Transfer-Encoding: empty, then chunked", "Transfer-Encoding: chunked, then empty",
    ],
    "coding-unknown": [
        "Transfer-Encoding: gzip before", "Transfer-Encoding: gzip before, no space",
        "Transfer-Encoding: gzip before, in two fields", "Transfer-Encoding: identity before",
        "Transfer-Encoding: identity before, in two fields",
    ],
    "chunk-size-digits": ["chunks: seventeen digits"],
    "unread-chunks": [
        "unread: chunks", "unread: chunks, then a request", "unread: bad chunks",
    ],
    "extension-white-space": [
        "chunk extension: space before the semicolon",
        "chunk extension: space behind the semicolon",
        "chunk extension: space before the equals sign",
        "chunk extension: space behind the equals sign",
        "chunk extension: tab before the semicolon",
    ],
    "extension-empty": [
        "chunk extension: empty value", "chunk extension: empty name",
        "chunk extension: two semicolons",
    ],
    "extension-limit": [
        "chunk extension: of 100 bytes, 200 times", "chunk extension: of 1 KiB",
    ],
    "trailer-framing": ["trailer: Content-Length", "trailer: Transfer-Encoding"],
    "trailer-connection": ["trailer: Connection: close"],
    "trailer-limit": ["trailer: of 6 KiB", "trailer: of 20 KiB"],
    "node-18": [
        "target: with a tab", "request line: tab behind the target",
        "request line: no-break space for a space", "request line: bare LF at the end",
        "field: space before the colon", "field: space in the name", "field: empty name",
        "head end: bare LF", "head end: bare CR", "head end: CR CR LF", "Host: absent",
        "Content-Length: with an empty coding", "chunks: bare LF at the end",
        "chunks: bare CR at the end", "chunk extension: quoted, not closed",
        "chunk extension: quoted, and more", "chunk extension: space at the end",
        "chunk extension: empty", "chunk extension: name with a comma",
        "chunk extension: obs-text", "trailer: space before the colon", "trailer: empty name",
        "trailer: space before the name", "trailer: bare LF for the last line",
        "cut: within the empty line", "cut: within the last CRLF",
    ],
}

# Where some versions of Node do as Wherry does: from which to which, and with what.
SAME_IN = [
    (20, 99, DIFFERENCES["node-18"]),
    (0, 19, [
        *DIFFERENCES["target-bytes"], "chunk extension: space behind the semicolon",
        "chunk extension: space before the equals sign",
        "chunk extension: space behind the equals sign", "trailer: Content-Length",
    ]),
    (22, 99, [
        *DIFFERENCES["length-tabs"], "Transfer-Encoding: empty",
        "Transfer-Encoding: empty, then chunked", "Transfer-Encoding: chunked, then empty",
    ]),
]

# What a request also belongs to a row by: all of these, in any case.
COMBINED = {
    "coding-in-1.0": (b" http/1.0\r\n", b"transfer-encoding:"),
    "close-in-1.0": (b" http/1.0\r\n", b"keep-alive", b"close"),
    "rtsp": (b" rtsp/1.0\r\n",),
}


def differences(node_major):
    """DIFFERENCES, as far as they are to be seen in that version of Node."""
    same = {name for first, last, names in SAME_IN if first <= node_major <= last
            for name in names}
    return {row: [name for name in names if name not in same]
            for row, names in DIFFERENCES.items()}


@dataclass(frozen=True)
class Row:
    """What each server answers, as the document has it: a status, or `none`."""

    wherry: frozenset
    node: frozenset


def read_rows(document):
    """The rows of the table in `document`, by their ids."""
    _, _, section = document.partition(HEADING + "\n")
    section = section.partition("\n## ")[0]
    rows = {}
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) != 5 or not (row_id := re.fullmatch(r"`([a-z0-9.-]+)`", cells[0])):
            continue
        if row_id[1] in rows:
            raise ValueError(f"{row_id[1]} stands twice")
        rows[row_id[1]] = Row(*(frozenset(re.findall(r"`([a-z0-9]+)`", cells[i])) for i in (2, 3)))
    return rows
