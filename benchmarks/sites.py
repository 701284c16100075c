"""An example of many models as files: contracts, releases in chains, and what checks of them wrote with --json."""

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from verifier.clock import rfc3339
from verifier.contract.values import flatten
from verifier.release.canonical import readable, release_digest
from verifier.report.document import run_document
from verifier.report.run import Run
from verifier.verdict import METRIC, REBUILD, Origin, Row, Status, Times, Verdict

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
# One check in so many fails.
EVERY = 40
Json = dict[str, object]


def write_example(folder: Path, example: Path, *, models: int, releases: int) -> None:
    """Writes models/NAME and verdicts/NAME/VERSION.json to `folder`, all made after the model in `example`."""
    (released,) = (example / "releases").glob("*.json")
    document = cast(Json, json.loads(released.read_text(encoding="utf-8")))
    contract = (example / "contract.yaml").read_bytes()
    for number in range(models):
        name = f"model-{number:03}"
        model, verdicts = folder / "models" / name, folder / "verdicts" / name
        (model / "releases").mkdir(parents=True)
        verdicts.mkdir(parents=True)
        (model / "contract.yaml").write_bytes(contract)
        for count, one in enumerate(_chain(document, name, number, releases)):
            version = str(one["version"])
            (model / "releases" / f"{version}.json").write_text(readable(one), encoding="utf-8")
            run = run_document(_run(one, number + count))
            (verdicts / f"{version}.json").write_text(json.dumps(run, indent=2), encoding="utf-8")


def _chain(document: Json, name: str, number: int, releases: int) -> Iterator[Json]:
    previous: Json | None = None
    for count in range(releases):
        one = copy.deepcopy(document)
        scalars = cast(dict[str, dict[str, float]], one["metrics"])["scalars"]
        moved = {key: value - ((number + count) * 7 % 11) / 1000 for key, value in scalars.items()}
        cast(Json, one["metrics"])["scalars"] = moved
        version = f"1.{count}.0"
        date = (BEGINNING + timedelta(days=6 * count)).date().isoformat()
        one |= {"name": name, "version": version, "date": date, "previous": previous}
        one["identifier"] = f"{name}-{version}-{str(one['manifest_sha256'])[:12]}"
        one["digest"] = release_digest(one)
        previous = {"version": version, "digest": one["digest"]}
        yield one


def _run(release: Json, turn: int) -> Run:
    failed = turn % EVERY == EVERY - 1
    time = datetime.fromisoformat(str(release["date"])).replace(tzinfo=UTC) + timedelta(minutes=turn)
    times = Times(started=rfc3339(time - timedelta(minutes=5)), finished=rfc3339(time), nix="2.8.0")
    metrics = flatten(cast(Mapping[str, object], release["metrics"]))
    resources = cast(dict[str, dict[str, object]], release["resources"])
    verdict = Verdict(
        model=str(release["name"]),
        version=str(release["version"]),
        rows=tuple(_rows(release, [(str(metric), value) for metric, value in metrics.items()], failed)),
        bundle=str(release["identifier"]),
        path=f"/nix/store/{'0' * 32}-{release['name']}",
        surroundings="in an empty store, under another user, on 1 core",
        origin=Origin(
            derivation=str(release["derivation"]), flake="git+file:///models", first=times, second=times
        ),
        owner="maintainers",
        escalation="an issue",
        metrics={str(metric): value for metric, value in metrics.items()},
        resources={"first": resources, "second": resources},
    )
    return Run(time=rfc3339(time), verdicts=(verdict,))


def _rows(release: Json, metrics: Sequence[tuple[str, float]], failed: bool) -> Iterator[Row]:
    steps = cast(Mapping[str, Mapping[str, str]], release["steps"])
    packages = cast(Mapping[str, Mapping[str, str]], release["toolchain"])["packages"]
    wheels = [f"wheel-{name}-{version}" for name, version in packages.items()]
    for subject in (*wheels, *steps):
        sha256 = steps.get(subject, steps["toolchain"])["nar_sha256"]
        parted = failed and subject in ("train", "package")
        yield Row(
            check=REBUILD,
            subject=subject,
            status=Status.FAILED if parted else Status.PASSED,
            detail="weights.safetensors: other bytes from 4,168 on" if parted else "equal",
            first="built here",
            second="built here",
            inherited=parted and subject == "package",
            first_sha256=sha256,
            second_sha256="0" * 64 if parted else sha256,
            differences=("weights.safetensors: other bytes from 4,168 on",) if parted else (),
        )
    for name, value in metrics:
        yield Row(
            check=METRIC, subject=name, status=Status.PASSED, detail=f"{value:.4g} as in the last release"
        )
