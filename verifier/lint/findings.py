"""What is wrong in a file, and where."""

from dataclasses import dataclass
from pathlib import Path

from verifier.contract.strict_yaml import Faulty
from verifier.errors import BadInput


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something wrong in `file`; `line` counts from 1, and is 1 where it is in no one line."""

    file: Path
    line: int
    sentence: str
    advice: str


def finding_of(error: BadInput, file: Path) -> Finding:
    """Returns what reading a file refused, without the name of the file in the sentence."""
    if isinstance(error, Faulty):
        return Finding(file=file, line=error.line or 1, sentence=error.fault, advice=error.advice)
    sentence = error.sentence.removeprefix(str(file)).lstrip(": ")
    return Finding(file=file, line=1, sentence=sentence, advice=error.advice)
