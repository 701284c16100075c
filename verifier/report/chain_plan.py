"""What a check of a claim would do, as text: who rebuilds what, how long it takes, and what is moved."""

from verifier.chain.forecast import Forecast
from verifier.flake import Model
from verifier.report.live import clock_text
from verifier.report.printable import counted, printable
from verifier.report.tables import table


def forecast_text(model: Model, found: Forecast) -> str:
    """Returns the plan of one model, without colour."""
    rows = [
        (
            share.piece,
            share.worker,
            "" if share.seconds is None else clock_text(share.seconds),
            _size(share.size),
        )
        for share in found.shares
    ]
    workers = list(dict.fromkeys(share.worker for share in found.shares))
    title = f"{model.name} {model.version}"
    head = f"plan  {title}: {counted(len(rows), 'piece')} by {counted(len(workers), 'worker')}; nothing was built"
    lines = [*_time(found), *_moved(found)]
    lines += [
        f"missing   {name}: its claim {why}, so it would not be checked"
        for name, why in found.lacking.items()
    ]
    parts = [head, table(("piece", "worker", "expected", "claims moved"), rows), "\n".join(lines)]
    return "\n\n".join(parts if head == printable(head) else [printable(head), *parts[1:]])


def _time(found: Forecast) -> list[str]:
    if found.seconds is None or found.one_after_the_other is None:
        return ["expected  unknown: no release says how long it takes"]
    alone = clock_text(found.one_after_the_other)
    return [
        f"expected  {clock_text(found.seconds)}, and {alone} one after the other, by release {found.version}"
    ]


def _moved(found: Forecast) -> list[str]:
    lines = []
    for place, size in found.base.items():
        claims = sum(share.size for share in found.shares if found.places[share.worker] == place)
        if isinstance(size, str):
            lines.append(f"moved     {place} does not answer: {size}")
        else:
            lines.append(f"moved     to the store of {place}: sources {_size(size)}, claims {_size(claims)}")
    return list(map(printable, lines))


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
