"""Whether pickle would run something while it loads a file, even if it failed afterwards.

The opcodes are followed as the unpickler follows them: with a stack, marks and a memo, which tell a pickle from a
text that begins with the same letters. What an argument says is not looked at: pickletools refuses `I0x1`, and
text that is not ASCII, which the unpickler takes. So this never ends before the unpickler does.
"""

import pickletools
from dataclasses import dataclass, field
from io import SEEK_CUR, SEEK_END, SEEK_SET
from typing import BinaryIO

# Opcodes that find something by its name, on lines of their own or on the stack.
NAMING = {"GLOBAL", "INST"}
FINDING = {"STACK_GLOBAL", "EXT1", "EXT2", "EXT4", "BINPERSID"}
# Opcodes that call what was found.
CALLING = {"INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "REDUCE", "BUILD"}
PUTTING, GETTING = {"PUT", "BINPUT", "LONG_BINPUT"}, {"GET", "BINGET", "LONG_BINGET"}
OPCODES = {opcode.code.encode("latin-1"): opcode for opcode in pickletools.opcodes}
# No text goes on so long by chance, and no pickle that does is told from one that runs something.
MOST_STEPS = 100_000
CHUNK_BYTES = 1 << 20
# As much of a line as is kept: the names of modules are shorter.
LONGEST_LINE = 4096
PROTOCOLS = range(2, 6)


def is_marked(beginning: bytes) -> bool:
    """Returns whether it begins as every pickle of protocol 2 and above does."""
    return len(beginning) > 1 and beginning[0] == 0x80 and beginning[1] in PROTOCOLS


def runs_something(file: BinaryIO) -> bool:
    """Returns whether loading it calls, or ends with, something that it finds by name; or is too long to tell.

    Raises:
        OSError: it cannot be read.
    """
    walk = _Walk(file, size=file.seek(0, SEEK_END))
    file.seek(0, SEEK_SET)
    for _ in range(MOST_STEPS):
        found = walk.step()
        if found is not None:
            return found
    return True


@dataclass
class _Walk:
    """Where the unpickler would be: how many there are on the stack with its marks, and the keys of the memo."""

    file: BinaryIO
    size: int
    depth: int = 0
    marks: list[int] = field(default_factory=list)
    memo: set[int] = field(default_factory=set)
    named: bool = False

    def step(self) -> bool | None:
        """Follows one opcode; returns whether it runs something once that is certain."""
        opcode = OPCODES.get(self.file.read(1))
        if opcode is None:  # the end, or no opcode: here the unpickler fails
            return False
        name = opcode.name
        if name == "STOP":
            return self.named
        lines = self._argument(opcode)
        if lines is None or not self._pop(opcode):
            return False
        if name in NAMING and not all(map(_is_dotted, lines)):
            return False  # nothing has such a name
        self.named = self.named or name in NAMING | FINDING
        if name == "PERSID":
            self.named = self.named or b"\0" not in lines[0]
        if self.named and name in CALLING:
            return True
        return None if self._remember(name, lines) else False

    def _argument(self, opcode: pickletools.OpcodeInfo) -> list[bytes] | None:
        """Goes past the argument, and returns its lines, or its bytes if they are few; None at the end."""
        if opcode.arg is None:
            return []
        size = opcode.arg.n
        if size == pickletools.UP_TO_NEWLINE:
            lines = [self._line() for _ in range(2 if opcode.name in NAMING else 1)]
            return [line for line in lines if line is not None] if None not in lines else None
        if size >= 0:
            fixed = self.file.read(size)
            return [fixed] if len(fixed) == size else None
        width = {pickletools.TAKEN_FROM_ARGUMENT1: 1, pickletools.TAKEN_FROM_ARGUMENT8U: 8}.get(size, 4)
        stated = self.file.read(width)
        length = int.from_bytes(stated, "little")
        if len(stated) < width or length > self.size - self.file.tell():
            return None
        self.file.seek(length, SEEK_CUR)
        return []

    def _line(self) -> bytes | None:
        """Returns a line's beginning, and goes past all of it; None if it has no end."""
        kept = b""
        while part := self.file.readline(CHUNK_BYTES):
            kept = kept or part[:LONGEST_LINE]
            if part.endswith(b"\n"):
                return kept.removesuffix(b"\n")
        return None

    def _pop(self, opcode: pickletools.OpcodeInfo) -> bool:
        """Takes from the stack what the opcode takes and puts what it puts; False if there is not as much."""
        before, after = opcode.stack_before, opcode.stack_after
        if pickletools.markobject in before:
            if not self.marks:
                return False
            self.depth = self.marks.pop()
            before = before[: before.index(pickletools.markobject)]
        if opcode.name == "MARK":
            self.marks.append(self.depth)
            return True
        if opcode.name == "POP" and self.marks and self.marks[-1] == self.depth:
            self.marks.pop()  # with nothing above it, it is the mark that goes
            return True
        self.depth += len(after) - len(before)
        return self.depth >= len(after)

    def _remember(self, name: str, argument: list[bytes]) -> bool:
        """Keeps the memo; False if what is got from it is not there."""
        if name == "MEMOIZE":
            self.memo.add(len(self.memo))
        elif name in PUTTING | GETTING:
            key = _key(name, argument[0])
            if name in GETTING:
                return key in self.memo
            self.memo.add(key)
        return True


def _key(name: str, argument: bytes) -> int:
    if name not in ("PUT", "GET"):
        return int.from_bytes(argument, "little")
    try:
        return int(argument)
    except ValueError:
        return -1  # the unpickler takes no such key: what follows is followed all the same


def _is_dotted(line: bytes) -> bool:
    try:
        return all(part.isidentifier() for part in line.decode("utf-8").split("."))
    except UnicodeDecodeError:
        return False
