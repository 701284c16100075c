"""A real Chromium, headless: Debian's, driven by Playwright; it notes every request and every complaint."""

import os
import shutil
from pathlib import Path
from types import TracebackType
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.example import example_run, example_site
from tests.conftest import REPOSITORY
from verifier.report.html.page import run_page
from verifier.report.html.site import site_pages
from verifier.site.records import Site

INSTALLED = Path("/usr/lib/chromium/chromium")
UNPACKED = REPOSITORY / ".venv" / "clients" / "chromium"
Scheme = Literal["light", "dark"]


def chromium() -> tuple[Path, dict[str, str | float | bool]] | None:
    """The program and the environment that it needs; None where there is none."""
    if INSTALLED.is_file():
        return INSTALLED, dict(os.environ)
    program = UNPACKED / "usr/lib/chromium/chromium"
    if not program.is_file():
        return None
    libraries = [*UNPACKED.glob("usr/lib/*-linux-gnu"), *UNPACKED.glob("lib/*-linux-gnu")]
    paths = ":".join(map(str, libraries))
    return program, {
        **os.environ,
        "LD_LIBRARY_PATH": paths,
        "FONTCONFIG_FILE": str(_fonts()),
    }


def _fonts() -> Path:
    """Where the unpacked fonts are, said in fontconfig's own file."""
    file = UNPACKED / "fonts.conf"
    cache = f"<cachedir>{UNPACKED}/var/cache/fontconfig</cachedir>"
    folder = f"<dir>/usr/share/fonts</dir><dir>{UNPACKED}/usr/share/fonts</dir>{cache}"
    file.write_text(f'<?xml version="1.0"?><fontconfig>{folder}</fontconfig>')
    return file


class Browsing:
    """A browser that is there for some pages."""

    def __enter__(self) -> "Browsing":
        found = chromium()
        if found is None:
            pytest.skip("there is no chromium: .ci/clients unpacks it from Debian's packages")
        self._playwright = sync_playwright().start()
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
        self.browser: Browser = self._playwright.chromium.launch(
            executable_path=found[0], env=found[1], args=flags
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.browser.close()
        self._playwright.stop()

    def context(self, size: tuple[int, int] = (1280, 800), scheme: Scheme = "light") -> BrowserContext:
        width, height = size
        return self.browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
        )

    def photograph(
        self, path: Path, target: Path, *, size: tuple[int, int], scheme: Scheme, place: str = ""
    ) -> None:
        """Takes the whole page, or as much as the window shows from a place on."""
        context = self.context(size, scheme)
        page = context.new_page()
        page.goto(path.as_uri())
        target.parent.mkdir(parents=True, exist_ok=True)
        if place:
            page.evaluate("(at) => document.querySelector(at).scrollIntoView()", place)
        page.screenshot(path=target, full_page=not place)
        context.close()


class Watched:
    """A page, all that it asked for, and all that it complained of."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: Path) -> Page:
        self.page.goto(path.as_uri())
        return self.page


def axe(page: Page) -> list[str]:
    """What axe-core finds wrong with a page. It would fetch the style sheet too, which the page forbids."""
    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}" for one in found]


def write_pages(folder: Path, site: Site) -> Path:
    for name, text in site_pages(site):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def example_folder(folder: Path) -> Path:
    if folder.exists():
        shutil.rmtree(folder)
    write_pages(folder, example_site())
    (folder / "report.html").write_text(run_page(example_run()), encoding="utf-8")
    return folder
