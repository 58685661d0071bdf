# SPDX-License-Identifier: MIT
"""The digests of HTTP (RFC 9530) as a client computes them, independent of the server's own code."""

import base64
import hashlib


def _crc32c_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


_CRC32C = _crc32c_table()


def crc32c(data):
    """CRC-32C (Castagnoli), RFC 9260 appendix A."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC32C[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def base64_of(value):
    return base64.b64encode(value).decode()


def value_of(algorithm, data):
    """The bytes of the digest in base64: what stands between the colons."""
    if algorithm == "sha-256":
        return base64_of(hashlib.sha256(data).digest())
    assert algorithm == "crc32c"
    return base64_of(crc32c(data).to_bytes(4, "big"))


def digest(algorithm, data):
    """One member of Repr-Digest or Content-Digest."""
    return f"{algorithm}=:{value_of(algorithm, data)}:"
