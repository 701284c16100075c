"""Two texts that differ: whether it is an address, a temporary name, a time, a number, or something else."""

import math
import re

from verifier.explain.findings import Fact

# Relative; 64 units in the last place of binary32. A metric that counts 100,000 things moves by more than that.
MOST_OF_ROUNDING = 2.0**-17
LONGEST_LOOKED_AT = 20_000

MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
DAY = rf"(?:\d{{4}}-\d\d-\d\d|\d{{4}}/\d\d/\d\d|\d\d/\d\d/\d{{4}}|\d{{1,2}}[- ]{MONTH}[- ]\d{{4}})"
TIME = r"(?:\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:Z|[+-]\d\d:?\d\d|UTC|GMT))?)"
WEEKDAY = rf"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?{MONTH} {{1,2}}\d{{1,2}}"
# Seconds since 1970 from 2001 to 2033, with fractions or as milli-, micro- and nanoseconds.
SINCE_1970 = r"\b1\d{9}(?:\d{3}){0,3}(?:\.\d+)?\b"
# What varies from run to run, and how it looks; each is replaced in both texts to see whether it is all.
PATTERNS = {
    Fact.ADDRESS: re.compile(r"0x[0-9a-fA-F]{6,16}\b"),
    Fact.TEMPORARY: re.compile(
        r"(?:/(?:var/)?tmp|/build|/dev/shm)/[^\s'\",:;)]*|\btmp[a-z0-9_]{8}\b|\b(?:tmp|temp)\.[A-Za-z0-9]{6,}\b"
    ),
    Fact.PROCESS: re.compile(r"(?i)\b(?:pid|process(?: id)?|proc)\b[\s\"'=:#\[(]*\d+\]?"),
    Fact.CLOCK: re.compile(rf"{DAY}(?:[T ]{TIME})?|{WEEKDAY}(?:,? {TIME})?(?: \d{{4}})?|{TIME}|{SINCE_1970}"),
}
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def facts_of_texts(first: str, second: str) -> frozenset[Fact]:
    """Returns what two texts differ by; empty where it is nothing that is known here."""
    if first == second or max(len(first), len(second)) > LONGEST_LOOKED_AT:
        return frozenset()
    for fact, pattern in PATTERNS.items():
        if pattern.sub("\0", first) == pattern.sub("\0", second):
            return frozenset({fact})
    facts = set()
    for fact, pattern in PATTERNS.items():
        masked = pattern.sub("\0", first), pattern.sub("\0", second)
        facts |= {fact} if pattern.findall(first) != pattern.findall(second) else set()
        first, second = masked
    if first == second:
        return frozenset(facts)
    return _of_numbers(first, second)


def _of_numbers(first: str, second: str) -> frozenset[Fact]:
    numbers = NUMBER.findall(first), NUMBER.findall(second)
    if NUMBER.split(first) != NUMBER.split(second):
        return frozenset()
    pairs = list(zip(*numbers, strict=True))
    whole = any(a != b and a.lstrip("+-").isdigit() and b.lstrip("+-").isdigit() for a, b in pairs)
    if whole or not all(like_rounding(float(a), float(b)) for a, b in pairs):
        return frozenset({Fact.VALUES})
    return frozenset({Fact.ROUNDING})


def like_rounding(first: float, second: float) -> bool:
    """Returns whether two numbers are so near that arithmetic in another order may be why."""
    if not (math.isfinite(first) and math.isfinite(second)):
        return False
    return abs(first - second) <= MOST_OF_ROUNDING * max(abs(first), abs(second))
