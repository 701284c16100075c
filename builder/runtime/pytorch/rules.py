"""What of torch depends on the silicon on a CPU, and what to write instead; measured by benchmarks/silicon.py.

The functions go to MKL's vector mathematics, which is not correctly rounded and chooses its code by the processor
even under MKL_CBWR=COMPATIBLE. A replacement is in the list only if it gave equal bits everywhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real

HALF = 0.5


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call as it was made; `dtype` is that of its first tensor, such as `float64`."""

    arguments: Sequence[object]
    keywords: Mapping[str, object]
    dtype: str

    def argument(self, position: int, name: str, default: object = None) -> object:
        """Returns an argument that may be given by position or by name."""
        if position < len(self.arguments):
            return self.arguments[position]
        return self.keywords.get(name, default)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Functions (paths below `torch`) that are refused under the name `torch.NAME` where `applies`.

    `how` says in which way, where the function itself is no trouble.
    """

    name: str
    places: tuple[str, ...]
    instead: str
    how: str = ""
    applies: Callable[[Call], bool] = lambda _: True


def _places(*names: str) -> tuple[str, ...]:
    """Returns the four ways to call an elementwise function: free or as a method, with or without `_`."""
    return tuple(f"{owner}{name}{end}" for name in names for owner in ("", "Tensor.") for end in ("", "_"))


def _double(call: Call) -> bool:
    return call.dtype == "float64"


def _half_power(call: Call) -> bool:
    exponent = call.argument(1, "exponent")
    exponents = exponent if isinstance(exponent, (list, tuple)) else [exponent]
    # numpy's numbers are numbers too; a tensor goes another way, where bits are equal.
    return any(isinstance(one, Real) and one == HALF for one in exponents)


def _unstable(call: Call) -> bool:
    return call.keywords.get("stable") is not True


def _by_product(call: Call) -> bool:
    mode = call.argument(3, "compute_mode", "use_mm_for_euclid_dist_if_necessary")
    return call.argument(2, "p", 2.0) == 2 and mode != "donot_use_mm_for_euclid_dist"


ROOT = "torch.pow(x, torch.full_like(x, 0.5))"
RULES = (
    Rule(name="sqrt", places=(*_places("sqrt"), "_foreach_sqrt", "_foreach_sqrt_"), instead=ROOT),
    Rule(
        name="pow",
        places=(*_places("pow"), "Tensor.__pow__", "Tensor.__ipow__", "_foreach_pow", "_foreach_pow_"),
        instead=ROOT,
        how="with the exponent 0.5",
        applies=_half_power,
    ),
    Rule(
        name="float_power",
        places=_places("float_power"),
        instead=ROOT,
        how="with the exponent 0.5",
        applies=_half_power,
    ),
    Rule(name="atan", places=_places("atan", "arctan"), instead="torch.atan2(x, torch.ones_like(x))"),
    Rule(
        name="asin",
        places=_places("asin", "arcsin"),
        instead="torch.atan2(x, 1 / torch.rsqrt((1 - x) * (1 + x)))",
    ),
    Rule(
        name="acos",
        places=_places("acos", "arccos"),
        instead="torch.atan2(1 / torch.rsqrt((1 - x) * (1 + x)), x)",
    ),
    Rule(
        name="tan",
        places=_places("tan"),
        instead="torch.sin(x) / torch.cos(x)",
        how="in float64",
        applies=_double,
    ),
    Rule(
        name="log",
        places=_places("log"),
        instead="torch.xlogy(torch.ones_like(x), x)",
        how="in float64",
        applies=_double,
    ),
    Rule(name="log2", places=_places("log2"), instead="torch.xlogy(torch.ones_like(x), x) / math.log(2)"),
    Rule(name="log10", places=_places("log10"), instead="torch.xlogy(torch.ones_like(x), x) / math.log(10)"),
    Rule(
        name="logit",
        places=(*_places("logit"), "special.logit"),
        instead="torch.xlogy(torch.ones_like(x), x / (1 - x))",
        how="in float64",
        applies=_double,
    ),
    Rule(
        name="cdist",
        places=("cdist", "functional.cdist"),
        instead='torch.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist")',
        how="by matrix products",
        applies=_by_product,
    ),
    Rule(
        name="linalg.lstsq",
        places=("linalg.lstsq",),
        instead='torch.linalg.lstsq(x, y, driver="gels")',
        how="with this driver",
        applies=lambda call: call.argument(3, "driver") != "gels",
    ),
    Rule(
        name="argsort",
        places=("argsort", "Tensor.argsort"),
        instead="torch.argsort(x, stable=True)",
        how="without stable=True",
        applies=_unstable,
    ),
)

# Optimisers that take a square root on the way, unless one kernel does the whole step.
FUSED = "fused=True"
FUSABLE = ("Adam", "AdamW", "Adagrad")
OPTIMISERS = {
    "Adam": f"torch.optim.Adam(…, {FUSED})",
    "AdamW": f"torch.optim.AdamW(…, {FUSED})",
    "Adagrad": f"torch.optim.Adagrad(…, {FUSED})",
    "RMSprop": f"torch.optim.AdamW(…, {FUSED})",
    "NAdam": f"torch.optim.AdamW(…, {FUSED})",
    "RAdam": f"torch.optim.AdamW(…, {FUSED})",
    "Adadelta": f"torch.optim.AdamW(…, {FUSED})",
    "SparseAdam": "torch.optim.SGD(…)",
}
# What params.yaml may allow, by name.
NAMES = (*(f"torch.{rule.name}" for rule in RULES), *(f"torch.optim.{name}" for name in OPTIMISERS))
