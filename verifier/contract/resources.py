"""What the steps used, against the last release and against what params.yaml declares."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from verifier.contract.terms import Contract, Limit
from verifier.errors import BadInput
from verifier.verdict import Row, Status

RESOURCE = "resource"
TRAIN = "train"
MEBIBYTE = 1 << 20
Used = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """What is measured: how people call it, its unit, and up to which difference it is noise."""

    words: str
    unit: str
    floor: float = 0.0
    is_time: bool = False

    def shown(self, value: float) -> str:
        """Returns a value with its unit."""
        if self.unit == "MiB":
            return f"{value / MEBIBYTE:,.0f} MiB"
        return f"{value:,.1f} s" if self.is_time else f"{value:g}"


def _time(words: str) -> Quantity:
    return Quantity(words=words, unit="s", floor=1.0, is_time=True)


def _memory(words: str) -> Quantity:
    return Quantity(words=words, unit="MiB", floor=64.0 * MEBIBYTE)


QUANTITIES = {
    "wall_seconds": _time("wall time"),
    "cpu_seconds": _time("CPU time"),
    "data_loading_seconds": _time("data loading"),
    "peak_memory_bytes": _memory("peak memory"),
    "gpu_memory_bytes": _memory("GPU memory"),
    "threads": Quantity(words="threads", unit=""),
}


def speed_of(seconds_now: float, seconds_then: float | None) -> float:
    """Returns how many times longer than the release's machine this one takes for the same calibration.

    It is 1 where the release did not calibrate.

    Raises:
        BadInput: a calibration took no time, or no finite one.
    """
    if seconds_then is None:
        return 1.0
    if not all(math.isfinite(seconds) and seconds > 0 for seconds in (seconds_now, seconds_then)):
        sentence = f"calibrations of {seconds_now!r} and {seconds_then!r} seconds cannot be compared"
        raise BadInput(sentence, advice="Record the release again with `verifier release`.")
    return seconds_now / seconds_then


def judge_resources(
    contract: Contract, used: Used, baseline: Used | None, speed: float, baseline_version: str
) -> list[Row]:
    """Returns a row for each quantity that the contract limits, of each step in `used`: what ran in this check.

    Times are divided by `speed` (`speed_of`) before they are compared; memory and threads are not.
    """
    return [
        _judge(limit, step, name, (used, baseline), speed, baseline_version)
        for step, limits in contract.resources.items()
        if step in used
        for name, limit in limits.items()
    ]


def _judge(
    limit: Limit, step: str, name: str, sides: tuple[Used, Used | None], speed: float, version: str
) -> Row:
    quantity = QUANTITIES[name]
    used, baseline = sides
    now = _measured(used[step].get(name))
    then = None if baseline is None else _measured(baseline.get(step, {}).get(name))
    subject = f"{step}, {quantity.words}"
    if now is None:
        return _row(subject, Status.NOT_CHECKED, "the build log does not say how much was used")
    if baseline is None:
        return _row(subject, Status.PASSED, f"{quantity.shown(now)}; no release to compare with")
    if then is None:
        return _row(subject, Status.PASSED, f"{quantity.shown(now)}; {version} did not measure it")
    return _compare(limit, subject, quantity, (now, then), speed if quantity.is_time else 1.0, version)


def _compare(
    limit: Limit, subject: str, quantity: Quantity, sides: tuple[float, float], speed: float, version: str
) -> Row:
    now, then = sides
    there = now / speed
    value = quantity.shown(now)
    if speed != 1.0:
        value += f", {quantity.shown(there)} at the speed of {version}'s machine"
    if there - then <= quantity.floor or there <= limit.warn * then:
        return _row(subject, Status.PASSED, f"{value}; {quantity.shown(then)} in {version}")
    times = f" ({there / then:.3g} times)" if then else ""
    detail = f"{value}; {quantity.shown(then)} in {version}{times}"
    if there <= limit.fail * then:
        return _row(subject, Status.PASSED, f"{detail}; more than {limit.warn:g} times warns", warned=True)
    return _row(subject, Status.FAILED, f"{detail}; at most {limit.fail:g} times is allowed")


def _row(subject: str, status: Status, detail: str, *, warned: bool = False) -> Row:
    return Row(check=RESOURCE, subject=subject, status=status, detail=detail, warned=warned)


def _measured(value: object) -> float | None:
    """Returns a measurement; None of what is none, as a log can hold anything."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def judge_declared(params: Mapping[str, object], usage: Used) -> list[Row]:
    """Returns rows for the device and the batch size of `train`, where it is in `usage`: what ran in this check.

    `params` is a parsed params.yaml, `usage` has `device` and `batch_rows` by step.
    """
    return list(_declared(params, usage[TRAIN])) if TRAIN in usage else []


def _declared(params: Mapping[str, object], used: Mapping[str, object]) -> Iterator[Row]:
    declared, device = params.get("device", "cpu"), used.get("device")
    subject = f"{TRAIN}, device"
    if not isinstance(device, str):
        yield _row(subject, Status.NOT_CHECKED, "the build log does not say where it was computed")
    elif device != declared:
        yield _row(
            subject, Status.FAILED, f"it was computed on {device}, and params.yaml declares {declared}"
        )
    else:
        yield _row(subject, Status.PASSED, f"{device}, as declared")
    hyperparameters = params.get("hyperparameters")
    size = hyperparameters.get("batch_size") if isinstance(hyperparameters, Mapping) else None
    rows = _measured(used.get("batch_rows"))
    if rows is not None and isinstance(size, (int, float)) and not isinstance(size, bool):
        yield _batch(rows, size)


def _batch(rows: float, declared: float) -> Row:
    subject = f"{TRAIN}, batch size"
    if rows == declared:
        return _row(subject, Status.PASSED, f"{rows:g}, as declared")
    way = "more" if rows > declared else "fewer"
    detail = f"the largest batch had {rows:g} rows, {way} than batch_size: {declared:g} of params.yaml"
    return _row(subject, Status.FAILED, detail)
