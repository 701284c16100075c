"""One browser for all tests of a session, and the example's pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.browsing import Browsing, Watched, example_folder


@pytest.fixture(scope="session")
def browsing() -> Iterator[Browsing]:
    with Browsing() as found:
        yield found


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return example_folder(tmp_path_factory.mktemp("example") / "site")


@pytest.fixture
def watched(browsing: Browsing) -> Iterator[Watched]:
    context = browsing.context()
    yield Watched(context)
    context.close()


@pytest.fixture
def kinds(site: Path) -> dict[str, Path]:
    """A page of each kind."""
    return {
        "overview": site / "index.html",
        "model": next((site / "models").glob("kjv-gpt-*.html")),
        "failed build": next((site / "failures").glob("kjv-gpt-1.3.0-rebuild-train-*.html")),
        "failed metric": next((site / "failures").glob("kjv-gpt-1.3.0-metric-*.html")),
        "run": site / "report.html",
    }
