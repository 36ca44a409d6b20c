# SPDX-License-Identifier: Apache-2.0
"""Bundles changed byte by byte, with digests that hold again: what an attacker with a key could make."""

import hashlib
import struct

HEADER, ROW, SIGNATURE = 64, 48, 136
CODE, DATABASES = 1, 200
VERSION = 1


def counts(data):
    """Numbers of sections and of signatures."""
    return struct.unpack_from("<II", data, 20)


def signatures_at(data):
    return HEADER + ROW * counts(data)[0]


def section(data, kind):
    """(row, offset, length) of a section."""
    for i in range(counts(data)[0]):
        row = HEADER + ROW * i
        found, offset, length = struct.unpack_from("<III", data, row)
        if found == kind:
            return row, offset, length
    raise KeyError(kind)


def with_code(data, change):
    """The bundle with `change(instructions)` applied: a list of 8-byte lists. Digests are made anew;
    the signatures no longer hold."""
    data = bytearray(data)
    row, offset, length = section(data, CODE)
    code = [bytearray(data[i:i + 8]) for i in range(offset, offset + length, 8)]
    change(code)
    data[offset:offset + length] = b"".join(code)
    data[row + 16:row + 48] = hashlib.sha256(data[offset:offset + length]).digest()
    text = struct.pack("<II", VERSION, struct.unpack_from("<I", data, 12)[0])
    for i in range(counts(data)[0]):
        kind, _, size = struct.unpack_from("<III", data, HEADER + ROW * i)
        if kind < DATABASES:
            text += struct.pack("<II", kind, size) + data[HEADER + ROW * i + 16:HEADER + ROW * (i + 1)]
    data[32:64] = hashlib.sha256(text).digest()
    return bytes(data)
