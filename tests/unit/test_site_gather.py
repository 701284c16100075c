"""All sources together, the exceptions of a policy, and that the rest of a site does not depend on processes."""

from pathlib import Path

import pytest

from tests.gate.policies import waiver, write
from tests.unit.sites import NOW, document, put_bundle, put_model, put_verdicts, site, verdict
from verifier.errors import BadInput
from verifier.signing.watch import Watch
from verifier.site.workers import workers


def test_all_sources_are_one_page(tmp_path: Path) -> None:
    path = put_verdicts(tmp_path / "verdicts" / "a.json", document(verdict()))
    put_model(tmp_path / "models", "1.0.0")
    put_bundle(tmp_path / "bundles")
    named = {"models": tmp_path / "models", "bundles": tmp_path / "bundles", "verdicts": [path.parent]}
    watch = Watch()
    found = site(**named, watch=watch)
    (page,) = found.models
    assert page.outcomes and page.releases and page.curves and page.components and page.signers and page.bands
    assert (found.time, found.problems) == ("2026-11-26T12:00:00Z", ())
    assert found.sources == (
        f"verdicts in {path.parent}",
        f"{tmp_path / 'models'}, with 1 model",
        f"{tmp_path / 'bundles'}, with 1 bundle",
    )
    assert watch.done == watch.total == path.stat().st_size
    with workers() as pool:
        assert site(**named, workers=pool) == found


def test_models_are_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        put_verdicts(tmp_path / f"{name}.json", document(verdict(model=name)))
    assert [one.name for one in site(verdicts=[tmp_path]).models] == ["a", "b", "c"]


def test_nothing_gives_an_empty_site(tmp_path: Path) -> None:
    assert site(verdicts=[tmp_path]).models == ()


def test_exceptions_hold_until_the_end_of_their_day(tmp_path: Path) -> None:
    today = str(NOW.date())
    held = [waiver(expires=today), waiver(id="EX-2", expires="2026-11-25"), waiver(id="EX-3", model="other")]
    policy = write(tmp_path, lambda one: one.update({"exceptions": held}))
    put_verdicts(tmp_path / "a.json", document(verdict()))
    found = site(verdicts=[tmp_path / "a.json"], policy=policy)
    assert [(one.identifier, one.state) for one in found.exceptions] == [
        ("EX-1", "in force"),
        ("EX-2", "expired"),
        ("EX-3", "in force"),
    ]
    (page,) = found.models
    assert [one.identifier for one in page.exceptions] == ["EX-1", "EX-2"]
    first = page.exceptions[0]
    assert (first.why, first.approver, first.expires) == ("the newest one is wrong", "alice", today)
    assert first.link == "https://tickets.example.org/1"


def test_policy_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("exceptions: []\n")
    with pytest.raises(BadInput):
        site(policy=tmp_path / "policy.yaml")
