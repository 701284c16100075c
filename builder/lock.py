"""`builder lock`: from a request to a lock that pins every file by its publisher's sha256."""

from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.version import Version

from builder import debs, wheels
from builder.debs import Apt, Deb
from builder.errors import BadInput
from builder.licences import deb_licence, wheel_licence
from builder.lockfile import Seed, Source, lock_text, read_sources, write_whole
from builder.nix import nar_sha256
from builder.request import Request
from builder.seed import PACKAGE as SEED_PACKAGE
from builder.seed import unpack_seed
from builder.wheels import Wheel

# What the rules themselves need to unpack a toolchain; none of it ends up inside.
BUILD_DEBS = ("patchelf",)
BUILD_WHEELS = ("uv", "pyelftools", "packaging")
# In every toolchain, asked for or not: patchelf and most wheels with C++ in them load it.
ALWAYS = ("libstdc++6",)


def lock(request: Request, *, upgrade: bool) -> bool:
    """Resolves `request` and writes its lock; returns False where nothing changed.

    Raises:
        BadInput: pip or apt cannot satisfy the request, or a package states no licence.
        CouldNotDo: there is no network, no apt or no Nix.
    """
    locked = {} if upgrade else _locked_versions(request.lock_path)
    with TemporaryDirectory(prefix="builder-lock-") as folder:
        scratch = Path(folder)
        sources = _wheel_sources(request, locked, scratch)
        seed = None
        if request.debs or request.kind == "toolchain":
            deb_sources, seed = _deb_sources(request, scratch)
            sources += deb_sources
    return write_whole(request.lock_path, lock_text(request, sources, seed))


def _locked_versions(path: Path) -> dict[str, str]:
    sources = read_sources(path) if path.exists() else []
    return {source.name: source.version for source in sources if source.kind == "wheel"}


def _wheel_sources(request: Request, locked: dict[str, str], scratch: Path) -> list[Source]:
    runtime_role = "runtime" if request.kind == "toolchain" else "data"
    dependencies = request.kind == "toolchain"
    sources = []
    asked = [(list(request.wheels), runtime_role, dependencies)]
    if request.kind == "toolchain":
        asked.append((list(BUILD_WHEELS), "build", False))
    for requirements, role, with_dependencies in asked:
        if requirements:
            found = wheels.resolve(
                requirements,
                python=request.python,
                locked=locked,
                dependencies=with_dependencies,
                scratch=scratch,
            )
            sources += [_wheel_source(wheel, role, request, scratch) for wheel in found]
    return sources


def _wheel_source(wheel: Wheel, role: str, request: Request, scratch: Path) -> Source:
    path = wheel.path
    if path is None:
        into = scratch / wheel.name
        into.mkdir()
        wheels.download(
            name=wheel.name,
            version=wheel.version,
            sha256=wheel.sha256,
            python=request.python,
            into=into,
            index=_index(wheel, request),
        )
        path = into / wheel.file
    return Source(
        name=wheel.name,
        version=wheel.version,
        kind="wheel",
        role=role,
        file=wheel.file,
        url=f"mirror://{_index(wheel, request)}/{wheel.name}/{wheel.file}",
        size=path.stat().st_size,
        sha256=wheel.sha256,
        licence=_licence(wheel.name, wheel_licence(wheel.metadata), request),
    )


def _index(wheel: Wheel, request: Request) -> str:
    index = request.indexes.get(wheel.name, wheels.PYPI)
    if index == wheels.PYPI and Version(wheel.version).local:
        raise BadInput(
            f"{wheel.name} {wheel.version} is not on PyPI: no file there has a local version",
            advice=f"Add the line `{wheel.name}: NAME-OF-ITS-INDEX` under `indexes:` in the request.",
        )
    return index


def _deb_sources(request: Request, scratch: Path) -> tuple[list[Source], Seed | None]:
    apt = Apt(scratch / "apt")
    if request.kind == "data":
        return [_deb_source(deb, "data", request, scratch) for deb in apt.exactly(list(request.debs))], None
    runtime = apt.closure([f"python{request.python}", *ALWAYS, *request.debs])
    sources = [_deb_source(deb, "runtime", request, scratch) for deb in runtime]
    sources += [_deb_source(deb, "build", request, scratch) for deb in apt.exactly(list(BUILD_DEBS))]
    (busybox,) = apt.exactly([SEED_PACKAGE])
    seed = _deb_source(busybox, "seed", request, scratch)
    folder = unpack_seed(scratch / seed.file, scratch)
    return [*sources, seed], Seed(deb=SEED_PACKAGE, nar_sha256=nar_sha256(folder))


def _deb_source(deb: Deb, role: str, request: Request, scratch: Path) -> Source:
    file = deb.path.rsplit("/", 1)[-1]
    debs.download(path=deb.path, sha256=deb.sha256, to=scratch / file)
    return Source(
        name=deb.name,
        version=deb.version,
        kind="deb",
        role=role,
        file=file,
        url=f"mirror://debian/{deb.path}",
        size=deb.size,
        sha256=deb.sha256,
        licence=_licence(deb.name, deb_licence(scratch / file, deb.name), request),
    )


def _licence(name: str, stated: str | None, request: Request) -> str:
    licence = request.licences.get(name) or stated
    if licence is None:
        raise BadInput(
            f"{name} states no licence in words a program can read",
            advice=f"Read it, then add the line `{name}: SPDX-EXPRESSION` under `licences:` in the request.",
        )
    return licence
