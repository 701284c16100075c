"""Whether bytes are a pickle that runs something: its opcodes are followed, and nothing is made of them.

`pickletools` reads less than pickle does: no numbers to another base than ten, no letters beyond ASCII. So what
an opcode of protocol 0 says, which is a line, is held against its form alone. And a pickle need not come to its
end: by then it has run.
"""

import pickletools
import re
from collections.abc import Iterator
from io import BytesIO
from itertools import repeat

# Opcodes that import, call or ask somebody: without any of them a pickle is data.
RUNNING = {
    *("GLOBAL", "STACK_GLOBAL", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "REDUCE", "BUILD"),
    *("EXT1", "EXT2", "EXT4", "PERSID", "BINPERSID"),
}
IMPORTED = {"GLOBAL", "STACK_GLOBAL", "EXT1", "EXT2", "EXT4"}
# No pickle that somebody wrote is deeper.
DEEPEST = 1_000_000
MARK = pickletools.markobject
OPCODES = {one.code.encode("latin-1"): one for one in pickletools.opcodes}
# Of each opcode: whether it takes all down to a mark, how many things it takes below, how many it leaves.
EFFECTS = {
    one.name: (MARK in one.stack_before, [*one.stack_before, MARK].index(MARK), len(one.stack_after))
    for one in pickletools.opcodes
}
_NUMBER, _MODULE, _ANY = rb"\s*[-+]?[0-9]\w*\s*\n", rb"[\w.\x80-\xff]+\n", rb".*\n"
# The lines that an opcode has behind it.
LINES = {
    name: tuple(map(re.compile, forms))
    for name, forms in (
        *zip(("INT", "LONG", "PUT", "GET"), repeat((_NUMBER,))),
        *zip(("GLOBAL", "INST"), repeat((_MODULE, _ANY))),
        *zip(("UNICODE", "PERSID"), repeat((_ANY,))),
        ("FLOAT", (rb"\s*[-+\w.]+\s*\n",)),
        ("STRING", (rb"\s*(['\"]).*\1\s*\n",)),
    )
}


class _Stack:
    """What lies on pickle's stack: of each thing the opcode that left it; and where marks are."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.marks: list[int] = []

    def calls(self, name: str) -> bool:
        """Returns whether an opcode calls what was imported, with what lies here."""
        names = self.names
        match name:
            case "INST":
                return bool(self.marks)
            case "OBJ":
                return any(names[at] in IMPORTED for at in self.marks[-1:] if at < len(names))
            case "REDUCE":
                return len(names) > 1 and names[-1] not in IMPORTED
            case "BUILD":
                return len(names) > 1 and names[-2] in IMPORTED and names[-1] not in IMPORTED
        return name in ("NEWOBJ", "NEWOBJ_EX") and len(names) > 1

    def move(self, name: str) -> bool:
        """Does what an opcode does; returns whether it can."""
        marked, taken, left = EFFECTS[name]
        if name == "MARK":
            self.marks.append(len(self.names))
            return True
        if name == "POP" and self.marks and self.marks[-1] == len(self.names):
            self.marks.pop()
            return True
        if marked:
            if not self.marks:
                return False
            del self.names[self.marks.pop() :]
        if len(self.names) < taken:
            return False
        del self.names[len(self.names) - taken :]
        self.names += [name] * left
        return True


def is_pickle(content: bytes) -> bool:
    """Returns whether pickle would load this, or begin to: protocol 2 and above say it at once."""
    if len(content) > 1 and content[0] == 0x80 and 2 <= content[1] <= 5:
        return True
    runs, sound, stack = False, True, _Stack()
    for name in _opcodes(content):
        runs = runs or name in RUNNING
        if name == "STOP":
            return runs
        if sound:
            if stack.calls(name) or len(stack.names) + len(stack.marks) > DEEPEST:
                return True
            sound = stack.move(name)
    return False


def _opcodes(content: bytes) -> Iterator[str]:
    """Yields the names of opcodes until there is none, or one whose argument no pickle has."""
    file = BytesIO(content)
    while (opcode := OPCODES.get(file.read(1))) is not None:
        if opcode.name in LINES:
            if not all(form.fullmatch(file.readline()) for form in LINES[opcode.name]):
                return
        elif opcode.arg is not None:
            try:
                opcode.arg.reader(file)
            except (ValueError, IndexError, OverflowError, MemoryError):
                return
        yield opcode.name
