"""Runs of `verifier check` made of a few words, tame and hostile, for tests of what is drawn from them."""

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import strategies

from tests.unit.plans import make_row, make_verdict
from verifier.report.run import Run, Trouble, Unaffected
from verifier.verdict import Place, Row, Status, Verdict

TIME = "2026-12-01T09:30:00Z"
# Markup, a mention, a mark that turns the direction, a new line that begins a command, and very long.
MARKUP = "<img src=x onerror=alert(1)>&amp;]]>"
MENTION = "@team #12 https://evil.example www.evil.example"
RIGHT_TO_LEFT = "abc\u202egnp.exe"
NEW_LINE = "one\n::error::two\r\n%0A##[error]three"
LONG = "long" * 75
CELL = "a|b \\| `c` *d* [e](javascript:f) $g$ ~~h~~ :i:"
HOSTILE = (
    MARKUP,
    MENTION,
    RIGHT_TO_LEFT,
    NEW_LINE,
    LONG,
    CELL,
    "\ud800",
    "\x00\x1b[31m",
    "```\n# x",
    "</code>",
)
PLACE = Place(file="models/tiny/train.py", line=7)
FAILED = make_row(
    Status.FAILED,
    detail="the builds differ",
    differences=("weights.safetensors: differs from byte 8 of 80 on",),
    place=PLACE,
)
UNCHECKED = make_row(
    Status.NOT_CHECKED, check="replay", subject="trace", detail="there is no second training"
)
WARNED = make_row(check="metric", subject="accuracy", detail="0.91; 0.93 in 1.2.0", warned=True)
OWNED = {
    "owner": "Ada Lovelace",
    "escalation": "+44 20 7946 0000",
    "resources": {"first": {}, "second": {}},
}


def make_run(*rows: Row, **fields: object) -> Run:
    """Returns the run of one model; `fields` are those of the run."""
    return Run(**{"time": TIME, "verdicts": (make_verdict(*rows, **OWNED),), **fields})  # type: ignore[arg-type]


def whole_run() -> Run:
    """Returns a run in which everything happened: a failure, a doubt, a warning, a trouble, a model spared."""
    second = make_row(Status.FAILED, subject="evaluate", detail="the builds differ", inherited=True)
    verdict = make_verdict(make_row(subject="prepare"), FAILED, second, UNCHECKED, WARNED, **OWNED)
    return Run(
        time=TIME,
        verdicts=(verdict, replace(verdict, model="calm", rows=(make_row(),))),
        troubles=(Trouble(model="sick", sentence="step train of sick failed", advice="Read.", exit_code=3),),
        unaffected=(Unaffected(model="spared", why="its derivation is that of abc123"),),
        since="abc123",
        why=(("tiny", "train.py changed"), ("calm", "params.yaml changed")),
    )


def named(text: str) -> Run:
    """Returns a run in which `text` is what everybody else may write."""
    rows = [
        make_row(
            status,
            check="metric",
            subject=f"{text} {status}",
            detail=text,
            differences=(text, f"{text}: {text}"),
            warned=status is Status.PASSED,
            place=Place(file=f"models/{text}/train.py", line=3),
        )
        for status in Status
    ]
    verdict = replace(make_verdict(*rows), model=text, version=text, bundle=text, owner=text, escalation=text)
    trouble = Trouble(model=text, sentence=text, advice=text, exit_code=2)
    spared = Unaffected(model=text, why=text)
    return Run(
        time=TIME,
        verdicts=(verdict,),
        troubles=(trouble,),
        unaffected=(spared,),
        since=text,
        why=((text, text),),
    )


def many(count: int, rows: int = 6) -> Run:
    """Returns a run of so many models, each with failures enough to fill a page."""
    failed = tuple(replace(FAILED, subject=f"step-{number}") for number in range(rows))
    return Run(time=TIME, verdicts=tuple(_models(count, failed)))


def _models(count: int, rows: tuple[Row, ...]) -> Iterator[Verdict]:
    for number in range(count):
        yield replace(make_verdict(*rows, **OWNED), model=f"model-{number}")


# Any text at all, surrogates and control characters too, and pieces that mean something to somebody.
texts = strategies.one_of(
    strategies.text(strategies.characters(), min_size=1, max_size=40),
    strategies.lists(strategies.sampled_from(HOSTILE), min_size=1, max_size=3).map("".join),
)
