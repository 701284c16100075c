"""The program of a trial build: it looks for this machine's own folders, makes its output, and ends.

A builder in a sandbox has no file but those of its derivation, so the program is a whole ELF file for x86-64 that
needs no library and no loader (System V ABI; ELF-64 Object File Format 1.5). Its numbers are Linux's: access(2) is
21, exit 60, mkdir 83, mount 165, unshare 272. Its first argument is the path of the output.
"""

import struct

# What an open system shows and a sandbox does not.
OUTSIDE = ("/usr", "/nix/var")
NOT_SANDBOXED, NO_OUTPUT, NO_NAMESPACE, NO_MOUNT = 2, 3, 4, 5
ADDRESS = 0x400000
HEADERS = 64 + 56
ABSENT = -2  # ENOENT
NEW_USER_AND_MOUNTS, PRIVATE = 0x10020000, 0x44000
TO_ARGUMENT = b"\x48\x8b\x7c\x24\x10"  # mov rdi, [rsp+16]


def trial_program(*, namespaces: bool = False) -> bytes:
    """Returns the program; with `namespaces` it begins a user namespace and mounts in it, as variations do."""
    texts = [text.encode() + b"\0" for text in (*OUTSIDE, "/")]
    starts = [ADDRESS + HEADERS + sum(map(len, texts[:count])) for count in range(len(texts))]
    code = b""
    for start in starts[:-1]:
        code += _expect(_set("edi", start) + _set("esi", 0) + _call(21), ABSENT, NOT_SANDBOXED)
    if namespaces:
        code += _expect(_set("edi", NEW_USER_AND_MOUNTS) + _call(272), 0, NO_NAMESPACE)
        root = _set("edi", starts[-1]) + _set("esi", starts[-1]) + _set("edx", 0)
        code += _expect(root + _set("r10d", PRIVATE) + _set("r8d", 0) + _call(165), 0, NO_MOUNT)
    code += _expect(TO_ARGUMENT + _set("esi", 0o755) + _call(83), 0, NO_OUTPUT)
    body = b"".join(texts) + code + _exit(0)
    return _headers(HEADERS + sum(map(len, texts)), HEADERS + len(body)) + body


def _set(register: str, value: int) -> bytes:
    """mov register, value"""
    codes = {"eax": b"\xb8", "edi": b"\xbf", "esi": b"\xbe", "edx": b"\xba"}
    codes |= {"r10d": b"\x41\xba", "r8d": b"\x41\xb8"}
    return codes[register] + struct.pack("<I", value)


def _call(number: int) -> bytes:
    return _set("eax", number) + b"\x0f\x05"  # syscall


def _exit(code: int) -> bytes:
    return _set("edi", code) + _call(60)


def _expect(call: bytes, result: int, code: int) -> bytes:
    """Ends with `code` unless the call gives that result: cmp eax, result; je behind the exit."""
    leave = _exit(code)
    return call + b"\x3d" + struct.pack("<i", result) + b"\x74" + bytes([len(leave)]) + leave


def _headers(entry: int, size: int) -> bytes:
    """Returns the file header and one segment, all of the file, that may be read and run."""
    identity = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    file = struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, ADDRESS + entry, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    return identity + file + struct.pack("<IIQQQQQQ", 1, 5, 0, ADDRESS, ADDRESS, size, size, 0x1000)
