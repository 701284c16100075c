"""Numbers, times and quantities as people read them."""

import math
from datetime import datetime

from verifier.clock import FORM
from verifier.contract.resources import QUANTITIES
from verifier.contract.values import Metric

MINUTE, HOUR, MIB, GIB = 60.0, 3600.0, 2.0**20, 2.0**30


def number(value: float) -> str:
    """Returns a number to four digits, whole ones with commas."""
    if not math.isfinite(value):
        return {math.inf: "infinite", -math.inf: "-infinite"}.get(value, "not a number")
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    mantissa, _, exponent = f"{value:.4g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def signed(value: float) -> str:
    """Returns a change, with its sign."""
    return f"+{number(value)}" if value > 0 else number(value).replace("-", "−", 1)


def quantity_words(name: str) -> str:
    """Returns what a resource is called."""
    known = QUANTITIES.get(name)
    return known.words if known else name.replace("_", " ")


def unit(name: str, largest: float) -> tuple[float, str]:
    """Returns by what values of a resource are divided, and the unit that they then have."""
    if name.endswith("_seconds"):
        if largest >= 2 * HOUR:
            return HOUR, "h"
        return (MINUTE, "min") if largest >= 10 * MINUTE else (1.0, "s")
    if name.endswith("_bytes"):
        return (GIB, "GiB") if largest >= 10 * GIB else (MIB, "MiB")
    return 1.0, ""


def time_shown(text: str) -> str:
    """Returns a time in UTC to the minute; what is in no form known is shown as it is."""
    return f"{text[:10]} {text[11:16]} UTC" if FORM.fullmatch(text) else text


def moment(text: str) -> datetime | None:
    """Returns a time as a value; None where it is none."""
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")) if FORM.fullmatch(text) else None
    except ValueError:
        return None


def short_hash(text: str | None) -> str:
    """Returns a hash as far as people compare it."""
    if not text:
        return ""
    kind, _, rest = text.rpartition(":")
    return f"{kind}:{rest[:12]}…" if kind else f"{rest[:12]}…"


def metric_key(name: str) -> str:
    """Returns one spelling of a metric: `recall of classes/3` in rows is `recall classes/3` in releases."""
    for group in ("classes", "slices"):
        name = name.replace(f" of {group}/", f" {group}/", 1)
    return name


def metric_words(name: str) -> str:
    """Returns a metric as rows spell it."""
    plain, _, rest = metric_key(name).partition(" ")
    return str(Metric(plain, rest)) if rest.partition("/")[0] in ("classes", "slices") else name
