"""The shape of the repository: who imports whom, how long things are, and that every link leads somewhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

MOST_LINES_OF_A_FILE, MOST_LINES_OF_A_FUNCTION, MOST_LINES_OF_README = 250, 50, 120
SKIPPED = re.compile(r"(\.(?!ci$|github$).*|__pycache__|result.*|build|.*\.egg-info)")
SUFFIXES = {".py", ".nix", ".md", ".json", ".yaml", ".yml", ".sh", ".toml"}
# Put together here, so that this file does not hold what it looks for.
DOT = "."
REGISTRIES = [
    DOT.join(parts)
    for parts in (
        ("pypi", "org"),
        ("python" + "hosted", "org"),
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
    )
]
PLACES = ["/".join(("", "work", "main")), "/".join(("", "root", ""))]
LINK = re.compile(r"\[[^]]*\]\(([^)\s]+)\)")


def files(*suffixes: str, below: Path = REPOSITORY) -> Iterator[Path]:
    """Yields the repository's own files that end in one of `suffixes`, in order."""
    for path in sorted(below.iterdir()):
        if SKIPPED.fullmatch(path.name):
            continue
        if path.is_dir():
            yield from files(*suffixes, below=path)
        elif path.suffix in suffixes or path.name in suffixes:
            yield path


def name_of(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def each(*suffixes: str, below: str = ".") -> pytest.MarkDecorator:
    found = [name_of(path) for path in files(*suffixes, below=REPOSITORY / below)]
    assert found
    return pytest.mark.parametrize("name", found)


PACKAGES = [
    name_of(p) for package in ("builder", "verifier") for p in files(".py", below=REPOSITORY / package)
]
in_packages = pytest.mark.parametrize("name", PACKAGES)


def text_of(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


def imported(name: str) -> set[str]:
    """Returns the names of all modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(text_of(name))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
            assert node.level == 0, f"{name}:{node.lineno} imports by dots"
    return found


@in_packages
def test_builder_and_verifier_share_no_code(name: str) -> None:
    other = {"builder": "verifier", "verifier": "builder"}[name.split("/")[0]]
    assert [module for module in imported(name) if module.split(".")[0] == other] == []


@each(".py", below="models")
def test_script_of_a_model_knows_neither_the_verifier_nor_the_rules(name: str) -> None:
    modules = {module for module in imported(name) if module.split(".")[0] in ("builder", "verifier")}
    assert [module for module in modules if not module.startswith("builder.runtime")] == []


def test_no_modules_import_each_other() -> None:
    names = {name[:-3].replace("/", ".").removesuffix(".__init__"): name for name in PACKAGES}
    below = {module: imported_modules(name, set(names)) for module, name in names.items()}
    while leaves := {module for module, modules in below.items() if not modules & below.keys()}:
        below = {module: modules for module, modules in below.items() if module not in leaves}
    assert below == {}


def imported_modules(name: str, known: set[str]) -> set[str]:
    """Returns those of the `known` modules that a file imports, `from package import module` too."""
    found = imported(name)
    for node in ast.walk(ast.parse(text_of(name))):
        if isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found & known


@pytest.mark.parametrize(
    "name",
    PACKAGES + [name_of(p) for folder in ("models", ".ci") for p in files(".py", below=REPOSITORY / folder)],
)
def test_import_inside_a_function_gives_a_reason(name: str) -> None:
    lines = text_of(name).splitlines()
    inside = {
        node.lineno
        for function in functions(name)
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }
    without = [n for n in inside if not re.search(r"# noqa: PLC0415 \(.+\)", lines[n - 1])]
    assert without == []


def functions(name: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    nodes = ast.walk(ast.parse(text_of(name)))
    return [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


@in_packages
def test_no_function_is_long(name: str) -> None:
    lengths = {f.name: (f.end_lineno or 0) - f.lineno + 1 for f in functions(name)}
    assert {f: length for f, length in lengths.items() if length > MOST_LINES_OF_A_FUNCTION} == {}


@each(".py")
def test_no_python_file_is_long(name: str) -> None:
    assert len(text_of(name).splitlines()) <= MOST_LINES_OF_A_FILE


def test_readme_is_short() -> None:
    assert len(text_of("README.md").splitlines()) <= MOST_LINES_OF_README


@each(*SUFFIXES, "Makefile", "setup", "run", "clients", "store-cache")
def test_no_registry_is_named(name: str) -> None:
    assert [host for host in REGISTRIES if host in text_of(name).lower()] == []


@each(*SUFFIXES, "Makefile", "setup", "run", "clients", "store-cache")
def test_no_place_of_one_machine_is_named(name: str) -> None:
    assert [place for place in PLACES if place in text_of(name)] == []


def links(name: str) -> list[tuple[str, str]]:
    """Returns the relative links of a page as file and anchor; what stands in code is no link."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", text_of(name), flags=re.DOTALL)
    found = [target for target in LINK.findall(text) if not re.match(r"[a-z]+:", target)]
    return [(target.partition("#")[0], target.partition("#")[2]) for target in found]


@each(".md")
def test_every_relative_link_leads_to_a_file(name: str) -> None:
    folder = (REPOSITORY / name).parent
    assert [file for file, _ in links(name) if not (folder / file).exists()] == []


@each(".md")
def test_every_anchor_is_a_heading(name: str) -> None:
    page = REPOSITORY / name
    for file, anchor in links(name):
        target = page.parent / file if file else page
        assert not anchor or anchor in headings(target), f"{file}#{anchor}"


def headings(page: Path) -> set[str]:
    """Returns the anchors of a page's headings, as GitHub makes them."""
    lines = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.strip().lower()).replace(" ", "-") for line in lines}


@each(".nix", below="builder")
def test_nix_file_is_imported_by_another(name: str) -> None:
    path = REPOSITORY / name
    others = [p.read_text(encoding="utf-8") for p in files(".nix") if p != path]
    assert path.name == "default.nix" or any(f"./{path.name}" in text for text in others)
