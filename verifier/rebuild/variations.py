"""Which variations a flake knows for a model, which of them are asked for, and which are tried at once."""

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, cast

from verifier.errors import BadInput
from verifier.flake import STORE_PATH, absolute, where
from verifier.nix import EvaluationFailed, evaluate, last_error

NONE, QUICK, ALL = "none", "quick", "all"
CPU = "cpu"
OTHERWISE = "Use the outputs of samebits.lib in the flake, or check with --vary none."
STEPS = ("prepare", "train", "evaluate")
PREFIX = "train-prefix"
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
Json: TypeAlias = dict[str, object]
ATTRIBUTE = "legacyPackages.x86_64-linux.variations"
# Of many models in one evaluation, since each takes a while.
KNOWN = """variations: builtins.listToAttrs (map (name: {
  inherit name;
  value = { inherit (variations.${name}) known prefix tools; };
}) (builtins.fromJSON %s))"""
READ = """variations: let
  v = variations.${builtins.fromJSON %s};
  paths = step: { derivation = step.drvPath; output = step.outPath; };
  group = names: builtins.mapAttrs (_: paths) (v.of names);
  asked = builtins.fromJSON %s;
  window = builtins.fromJSON %s;
  replay = names: paths (v.replay names (builtins.elemAt window 0) (builtins.elemAt window 1));
in { groups = map group asked; replays = map replay asked; }"""


@dataclass(frozen=True, kw_only=True)
class Variation:
    """One change of a step's surroundings.

    `cause` says in words what depends on it where it moves a bit. Two of one `lever` cannot be had at once. A
    `costly` one trains for the first steps alone; `tool` is what `builder fetch` has to bring for it.
    """

    name: str
    cause: str
    lever: str
    costly: bool = False
    tool: str | None = None


@dataclass(frozen=True, kw_only=True)
class Varied:
    """A step under changed surroundings: its derivation, and where its output will be."""

    derivation: str
    output: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The variations that are asked for of a model, how many steps a prefix has, and each tool's store paths."""

    flake: str
    model: str
    variations: Sequence[Variation] = ()
    prefix: int = 0
    tools: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def steps(self, groups: Sequence[Sequence[Variation]]) -> list[dict[str, Varied]]:
        """Returns, for each group of variations at once, the steps by name; `train-prefix` among them.

        Raises:
            BadInput: the flake does not evaluate, or says something else than store paths.
        """
        names = [[variation.name for variation in group] for group in groups]
        found = _evaluate(self.flake, self.model, names)["groups"]
        try:
            return [
                {step: _varied(group[step]) for step in (*STEPS, PREFIX)} for group in cast(list[Json], found)
            ]
        except (TypeError, KeyError, ValueError) as error:
            raise _other(self.flake, self.model, error) from error

    def replays(self, names: Sequence[str], window: range) -> list[Varied]:
        """Returns the training under each variation (none for ""), up to the end of `window`.

        All tensors are noted in it.

        Raises:
            BadInput: the flake does not evaluate.
        """
        ends = [window[0], window[-1]]
        found = _evaluate(self.flake, self.model, [[name] if name else [] for name in names], ends)
        try:
            return [_varied(step) for step in cast(list[object], found["replays"])]
        except (TypeError, KeyError, ValueError) as error:
            raise _other(self.flake, self.model, error) from error


def choose(flake: str, models: Sequence[str], asked: str) -> dict[str, Choice]:
    """Returns, for each of `models` by name, the variations that `asked` means.

    Raises:
        BadInput: the flake knows none, or not that one.
    """
    if asked == NONE:
        return {model: Choice(flake=flake, model=model) for model in models}
    said = _ask(flake, ", ".join(models), KNOWN % _quoted(list(models)))
    return {model: _choice(flake, model, said.get(model), asked) for model in models}


def _choice(flake: str, model: str, found: object, asked: str) -> Choice:
    try:
        said = cast(Json, found)
        tools = {name: _paths(paths) for name, paths in cast(Json, said["tools"]).items()}
        known = {name: _variation(name, one, tools) for name, one in cast(Json, said["known"]).items()}
        prefix = said["prefix"]
        if type(prefix) is not int or prefix < 1:
            raise ValueError("a prefix has at least one step")
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise _other(flake, model, error) from error
    return Choice(flake=flake, model=model, variations=chosen(asked, known), prefix=prefix, tools=tools)


def _other(flake: str, model: str, error: Exception) -> BadInput:
    return BadInput(
        f"{where(flake)} describes variations of {model} in a form of its own: {error}", advice=OTHERWISE
    )


def _variation(name: str, said: object, tools: Mapping[str, Sequence[str]]) -> Variation:
    """Parses what the flake says of one variation.

    Raises:
        TypeError, KeyError, ValueError: it is something else than this.
    """
    one = cast(Json, said)
    words = name, one["cause"], one["lever"], *([] if one["tool"] is None else [one["tool"]])
    if not all(isinstance(word, str) and word and word.isprintable() for word in words):
        raise ValueError("a variation is described with something else than text")
    if not NAME.fullmatch(name) or not (one["tool"] is None or one["tool"] in tools):
        raise ValueError(f"{name!r} is no name of a variation, or its tool is unknown")
    return Variation(
        name=name,
        cause=str(one["cause"]),
        lever=str(one["lever"]),
        # Of nothing but an emulated CPU may a part stand for the whole.
        costly=one["costly"] is True and one["lever"] == CPU,
        tool=cast(str | None, one["tool"]),
    )


def _varied(said: object) -> Varied:
    found = cast(dict[str, str], said)
    derivation, output = _paths([found["derivation"], found["output"]])
    return Varied(derivation=derivation, output=output)


def _paths(said: object) -> list[str]:
    paths = cast(list[str], said)
    if not all(isinstance(path, str) and STORE_PATH.fullmatch(path) for path in paths):
        raise ValueError("something else than a store path")
    return list(paths)


def _evaluate(
    flake: str, model: str, groups: Sequence[Sequence[str]], window: Sequence[int] = (0, 0)
) -> dict[str, object]:
    return _ask(flake, model, READ % tuple(_quoted(value) for value in (model, groups, window)))


def _quoted(value: object) -> str:
    """Returns a value as JSON, as a string of Nix."""
    return json.dumps(json.dumps(value)).replace("${", "\\${")


def _ask(flake: str, model: str, expression: str) -> dict[str, object]:
    try:
        return cast(dict[str, object], evaluate(f"{absolute(flake)}#{ATTRIBUTE}", expression))
    except EvaluationFailed as error:
        raise BadInput(
            f"{where(flake)} has no variations of {model}: {last_error(str(error))}",
            advice=OTHERWISE,
        ) from error


def chosen(asked: str, known: Mapping[str, Variation]) -> list[Variation]:
    """Returns the variations that `asked` means: quick, all, or names with commas between.

    Quick is the first of each lever but the CPU, which can all be had at once.

    Raises:
        BadInput: a name that is not known.
    """
    in_order = [known[name] for name in sorted(known)]
    if asked == ALL:
        return in_order
    if asked == QUICK:
        first = {variation.lever: variation for variation in reversed(in_order) if variation.lever != CPU}
        return sorted(first.values(), key=lambda variation: variation.name)
    names = list(dict.fromkeys(name.strip() for name in asked.split(",") if name.strip()))
    alone = [name for name in names if name in (NONE, QUICK, ALL)]
    if alone:
        raise BadInput(f"--vary: {alone[0]!r} stands by itself", advice="Write it alone, or only names.")
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, [*known, NONE, QUICK, ALL], n=1)
            hint = f"Did you mean {near[0]!r}? " if near else ""
            raise BadInput(
                f"--vary: there is no variation called {name!r}",
                advice=f"{hint}Known: none, quick, all, or of these: {', '.join(sorted(known))}.",
            )
    if not names:
        raise BadInput("--vary names no variation", advice="Write none, quick, all, or names with commas.")
    return [known[name] for name in names]


def grouped(variations: Sequence[Variation]) -> list[list[Variation]]:
    """Returns the variations in groups that can be had at once: no lever twice, and a CPU by itself."""
    groups: list[list[Variation]] = []
    alone = [[variation] for variation in variations if variation.lever == CPU]
    for variation in (v for v in variations if v.lever != CPU):
        free = (g for g in groups if variation.lever not in {other.lever for other in g})
        group = next(free, None)
        if group is None:
            groups.append([variation])
        else:
            group.append(variation)
    return groups + alone
