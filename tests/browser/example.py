"""A site as it would be of this repository's models: numbers of real releases, and one planted failure."""

from datetime import timedelta

from tests.browser.failing import failed_verdict, passed_verdict, unchecked_verdict
from tests.browser.releases import NOW, bands_of, curves, identifier, release_points, sha256
from verifier.clock import rfc3339
from verifier.report.run import Run, Trouble, Unaffected
from verifier.site.records import (
    Component,
    Excepted,
    ModelPage,
    Outcome,
    Signed,
    Site,
)
from verifier.verdict import Verdict

COMPONENTS = (
    ("cpython", "3.11.13", "toolchain", "PSF-2.0"),
    ("numpy", "2.4.6", "runtime", "BSD-3-Clause"),
    ("torch", "2.13.0", "runtime", "BSD-3-Clause"),
    ("safetensors", "0.8.0", "runtime", "Apache-2.0"),
    ("jsonschema", "4.26.0", "runtime", "MIT"),
    ("attrs", "26.1.0", "runtime", "MIT"),
    ("pyyaml", "6.0.3", "runtime", "MIT"),
    ("threadpoolctl", "3.8.0", "runtime", "BSD-3-Clause"),
    ("libc6", "2.36-9+deb12u14", "sysroot", "LGPL-2.1-or-later"),
    ("busybox-static", "1.35.0-4+deb12u1", "seed", "GPL-2.0-only"),
    ("king-james-bible", "10", "data", "CC-PDDC"),
)


def outcomes(verdicts: list[Verdict], days: list[float]) -> tuple[Outcome, ...]:
    """Outcomes of verdicts, newest first, each so many days old."""
    return tuple(
        Outcome(
            time=rfc3339(NOW - timedelta(days=age)),
            version=verdict.version,
            verified=verdict.verified,
            level=verdict.level,
            identifier=verdict.bundle,
            not_passed=tuple(f"{row.check} {row.subject}" for row in verdict.rows if row.status != "passed"),
            source=f"verdicts/{verdict.model}-{index:03}.json",
            verdict=verdict,
        )
        for index, (verdict, age) in enumerate(zip(verdicts, days, strict=True))
    )


def page(model: str, versions: list[str], history: tuple[Outcome, ...], tier: str, use: str) -> ModelPage:
    releases = release_points(model, versions)
    curve = {"digits": (1680, 2.33, 0.09), "kjv-gpt": (600, 4.4, 1.5), "verses": (420, 1.8, 0.7)}[model]
    named = [identifier(model, version) for version in versions]
    return ModelPage(
        name=model,
        owner="maintainers",
        tier=tier,
        escalation="an issue in the repository of Samebits",
        intended_use=use,
        outcomes=history,
        releases=releases,
        bands=bands_of(model, releases[-1]),
        curves=curves(*curve),
        components=tuple(
            Component(name=name, version=version, kind=kind, licence=licence, sha256=sha256(name))
            for name, version, kind, licence in COMPONENTS
        ),
        signers=(
            Signed(
                who="alice@example.org, through https://accounts.example.org",
                what="the release",
                identifier=named[-1],
                time=rfc3339(NOW - timedelta(days=1)),
                verified=True,
                source="ledger",
            ),
            Signed(
                who="key sha256:9f2c…41ab (bob)",
                what="an independent rebuild",
                identifier=named[-1],
                time="",
                verified=False,
                source=f"bundles/{model}.statements",
            ),
        ),
        exceptions=exceptions() if model == "verses" else (),
    )


def exceptions() -> tuple[Excepted, ...]:
    return (
        Excepted(
            identifier="EX-7",
            model="verses",
            why="the bag-of-words baseline is being replaced; its metric may be missing until then",
            approver="alice",
            expires="2026-12-31T00:00:00Z",
            state="in force",
            link="https://tracker.example.org/EX-7",
        ),
    )


def example_site() -> Site:
    digits = [
        passed_verdict("digits", v) for v in ("1.3.0",) * 6 + ("1.2.1",) * 9 + ("1.2.0",) * 9 + ("1.1.0",) * 4
    ]
    digits[9] = unchecked_verdict("digits", "1.2.1")
    digits[17] = failed_verdict("digits", "1.2.0")
    gpt = [
        failed_verdict("kjv-gpt", "1.3.0"),
        *(passed_verdict("kjv-gpt", v) for v in ("1.2.0",) * 7 + ("1.1.0",) * 5),
    ]
    verses = [
        unchecked_verdict("verses", "1.2.0"),
        *(passed_verdict("verses", "1.2.0", warned=i == 2) for i in range(7)),
    ]
    ages = [i * 1.5 + 0.2 for i in range(16)] + [61 + i * 2.1 for i in range(12)]
    return Site(
        time=rfc3339(NOW),
        models=(
            page(
                "digits",
                ["1.0.0", "1.1.0", "1.2.0", "1.2.1", "1.3.0"],
                outcomes(digits, ages),
                "low",
                "recognising single handwritten digits of 8 by 8 pixels, to show what Samebits does",
            ),
            page(
                "kjv-gpt",
                ["1.0.0", "1.0.1", "1.1.0", "1.1.1", "1.1.2", "1.2.0"],
                outcomes(gpt, [0.1 + i * 2.2 for i in range(13)]),
                "low",
                "writing text in the manner of the King James Bible, to show a training from scratch",
            ),
            page(
                "verses",
                ["1.0.0", "1.1.0", "1.2.0"],
                outcomes(verses, [0.4 + i * 3 for i in range(8)]),
                "high",
                "finding verses of the King James Bible that mean alike, to show a fine-tuning",
            ),
        ),
        exceptions=exceptions(),
        problems=(
            "verdicts/kjv-gpt-014.json ends in the middle of a value: it was half-written, and is not counted",
        ),
        sources=("28 verdicts in verdicts/", "a ledger of 61 entries", "the releases in models/"),
    )


def example_run() -> Run:
    return Run(
        time=rfc3339(NOW),
        verdicts=(passed_verdict("digits", "1.3.0"), failed_verdict("kjv-gpt", "1.3.0")),
        troubles=(
            Trouble(
                model="verses",
                sentence="the disk of the second store has 0.4 GB left, and the toolchain needs 2.1 GB",
                advice="Free some room, or name another folder with XDG_CACHE_HOME.",
                exit_code=3,
            ),
        ),
        unaffected=(Unaffected(model="tiny", why="its derivation is the same at main: 87bs3v2x…"),),
        since="origin/main",
        why=(("kjv-gpt", "its derivation is another: train.py of the step train differs"),),
    )
