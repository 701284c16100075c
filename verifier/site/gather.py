"""Gathers what a site shows: verdicts, a ledger, models' folders, bundles, and a policy's exceptions."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from verifier.clock import rfc3339
from verifier.policy.explain import State, state_of
from verifier.policy.reading import read_policy
from verifier.policy.terms import Waiver
from verifier.report.printable import counted
from verifier.signing.watch import Watch
from verifier.site.bundle_folder import BundleFolder, bundle_folders, read_bundle_folder
from verifier.site.history import checks_of, outcomes_of, points_of
from verifier.site.model_folder import ModelFolder, model_folders, read_model_folder
from verifier.site.recorded import Recorded, read_ledger
from verifier.site.records import Excepted, ModelPage, ReleasePoint, Signed, Site
from verifier.site.verdict_files import Checked, VerdictFile, read_verdict_file, verdict_paths
from verifier.site.workers import Workers

MOST_PROBLEMS = 200
Value = TypeVar("Value")


@dataclass(kw_only=True)
class _Found:
    """What was read so far, by model, and sentences on the rest."""

    checks: defaultdict[str, list[Checked]] = field(default_factory=lambda: defaultdict(list))
    folders: Mapping[str, ModelFolder] = field(default_factory=dict)
    bundles: Mapping[str, BundleFolder] = field(default_factory=dict)
    recorded: Recorded = field(default_factory=Recorded)
    exceptions: tuple[Excepted, ...] = ()
    problems: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)


def gather(
    *,
    verdicts: Sequence[Path],
    ledger: str | None,
    models: Path | None,
    bundles: Path | None,
    policy: Path | None,
    now: datetime,
    workers: Workers | None = None,
    watch: Watch | None = None,
) -> Site:
    """Returns all models of which anything is known; `watch` is told how many bytes of verdicts were read.

    A file in a folder that cannot be read, or is something else, becomes a sentence in the site.

    Raises:
        BadInput: a place that was named is not there, the policy is none, or there is no such ledger.
        CouldNotCheck: the ledger cannot be read, or was changed.
    """
    pool, found = workers or Workers(), _Found()
    paths = [path for place in verdicts for path in verdict_paths(place, found.problems)]
    folders = model_folders(models) if models else []
    bundled = bundle_folders(bundles) if bundles else []
    # All of them begin now, and are waited for below.
    files = pool.each(read_verdict_file, paths, at_once=16)
    read_folders = pool.each(read_model_folder, folders, at_once=2)
    read_bundles = pool.each(read_bundle_folder, bundled, at_once=2)
    if ledger:
        found.recorded = read_ledger(ledger)
        found.sources.append(f"a ledger with {counted(found.recorded.count, 'entry')}")
    if policy:
        found.exceptions = tuple(_excepted(one, now.date()) for one in read_policy(policy).waivers)
        found.sources.append(f"{policy}, with {counted(len(found.exceptions), 'exception')}")
    _take_verdicts(paths, files, found, watch or Watch())
    found.sources += [f"verdicts in {place}" for place in verdicts]
    found.folders = {one.name: one for one in read_folders}
    found.sources += [f"{models}, with {counted(len(folders), 'model')}"] if models else []
    found.bundles = {one.name: one for one in read_bundles}
    found.sources += [f"{bundles}, with {counted(len(bundled), 'bundle')}"] if bundles else []
    return _site(found, now)


def _take_verdicts(paths: Sequence[Path], files: Iterator[VerdictFile], found: _Found, watch: Watch) -> None:
    """Sorts checks by model; of two files with the same bytes the first alone counts."""
    watch.expect(sum(map(_size, paths)))
    seen: set[str] = set()
    for path, file in zip(paths, files, strict=True):
        watch.read(_size(path))
        found.problems += file.problems
        if file.sha256 in seen:
            continue
        seen |= {file.sha256} - {""}
        for one in file.checks:
            if one.model:
                found.checks[one.model].append(one)
            else:
                found.problems.append(f"{path} names no model: {one.outcome.trouble}.")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _excepted(waiver: Waiver, today: date) -> Excepted:
    return Excepted(
        identifier=waiver.identifier,
        model=waiver.model,
        why=waiver.why,
        approver=waiver.approver,
        expires=str(waiver.expires),
        state="expired" if state_of(waiver, today) is State.EXPIRED else "in force",
        link=waiver.link,
    )


def _site(found: _Found, now: datetime) -> Site:
    recorded = found.recorded
    outcomes = _by_model(recorded.outcomes)
    releases = _by_model(recorded.releases)
    signers = _by_model(recorded.signers)
    names = {*found.checks, *found.folders, *found.bundles, *outcomes, *releases, *signers}
    pages = tuple(
        _page(name, found, [Checked(model=name, outcome=one) for one in outcomes[name]], releases[name])
        for name in sorted(names)
    )
    pages = tuple(replace(page, signers=(*page.signers, *_once(signers[page.name]))) for page in pages)
    problems = found.problems[:MOST_PROBLEMS]
    more = len(found.problems) - len(problems)
    return Site(
        time=rfc3339(now),
        models=pages,
        exceptions=found.exceptions,
        problems=(*problems, *([f"{counted(more, 'more problem')} of this kind."] if more else [])),
        sources=tuple(found.sources),
    )


def _by_model(pairs: Iterable[tuple[str, Value]]) -> defaultdict[str, list[Value]]:
    found: defaultdict[str, list[Value]] = defaultdict(list)
    for model, value in pairs:
        found[model].append(value)
    return found


def _once(signers: Iterable[Signed]) -> list[Signed]:
    """Returns who signed what, the newest first; what was written down again counts once, by its newest entry."""
    newest = {(one.who, one.what, one.identifier): one for one in signers}
    return sorted(newest.values(), key=lambda one: one.time, reverse=True)


def _page(
    name: str, found: _Found, recorded: Sequence[Checked], releases: Sequence[ReleasePoint]
) -> ModelPage:
    folder = found.folders.get(name) or ModelFolder(name=name)
    bundle = found.bundles.get(name) or BundleFolder(name=name)
    checks = checks_of(found.checks[name], recorded)
    gaps = [*folder.gaps, *bundle.gaps]
    points = points_of(folder.releases, releases, checks, gaps)
    owned = folder.ownership
    said = next((one for one in checks if one.owner), None)
    return ModelPage(
        name=name,
        owner=owned.owner if owned else said.owner if said else "",
        tier=owned.tier if owned else "",
        escalation=owned.escalation if owned else said.escalation if said else "",
        intended_use=owned.intended_use if owned else "",
        outcomes=outcomes_of(checks),
        releases=points,
        bands=folder.bands,
        bundle=bundle.identifier,
        curves=bundle.curves,
        components=bundle.components,
        signers=bundle.signers,
        exceptions=tuple(one for one in found.exceptions if one.model == name),
        gaps=tuple(gaps),
    )
