"""Licences as CycloneDX has them: an SPDX id, an SPDX expression, or else a name."""

import re
from pathlib import Path

_TITLE, _LICENCES, _EXCEPTIONS = (
    (Path(__file__).parent / "spdx-ids.txt").read_text(encoding="utf-8").split("\n\n")
)
LICENCES, EXCEPTIONS = frozenset(_LICENCES.split()), frozenset(_EXCEPTIONS.split())
CUSTOM = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")
# What nobody has stated: of the weights and of the model itself.
NOT_STATED = "NOASSERTION"
# NVIDIA's wheels state this and leave it to a file in the wheel to say which agreement it is.
PROPRIETARY = "LicenseRef-NVIDIA-Proprietary"
CUDA = "NVIDIA CUDA Toolkit End User License Agreement"
# Read by a person in the wheels' License.txt. That of nvidia-nccl is no such agreement, and nvidia-cusparselt has
# none: of these the bill says what they state. cuda-toolkit has no file either; it is the toolkit itself.
AGREEMENTS = {
    "cuda-toolkit": CUDA,
    "nvidia-cublas": CUDA,
    "nvidia-cuda-cupti": CUDA,
    "nvidia-cuda-nvrtc": CUDA,
    "nvidia-cuda-runtime": CUDA,
    "nvidia-cudnn-cu13": "License Agreement for NVIDIA Software Development Kits",
    "nvidia-cufft": CUDA,
    "nvidia-cufile": CUDA,
    "nvidia-curand": CUDA,
    "nvidia-cusolver": CUDA,
    "nvidia-cusparse": CUDA,
    "nvidia-nvjitlink": CUDA,
    "nvidia-nvshmem-cu13": CUDA,
}


def licence_choice(stated: str, package: str = "") -> list[dict[str, object]]:
    """Returns what a lock states about a package as a `licenses` of CycloneDX 1.6."""
    if stated == PROPRIETARY:
        return [{"license": {"name": AGREEMENTS.get(package, stated)}}]
    if stated in LICENCES:
        return [{"license": {"id": stated}}]
    if is_expression(stated) and not CUSTOM.fullmatch(stated):
        return [{"expression": stated}]
    return [{"license": {"name": stated}}]


def is_expression(text: str) -> bool:
    """Returns whether `text` is an SPDX licence expression (annex B of SPDX 3.0) of known licences."""
    depth, before = 0, "("
    for word in re.findall(r"[()]|[^\s()]+", text):
        kind = _kind(word)
        if kind not in AFTER.get(before, ()):
            return False
        depth += {"(": 1, ")": -1}.get(kind, 0)
        if depth < 0:
            return False
        before = kind
    return depth == 0 and before in ("licence", "exception", ")")


# Which kinds of words may come after which; an expression starts as what is in brackets does.
AFTER = {
    "(": ("(", "licence"),
    "operator": ("(", "licence"),
    "licence": (")", "operator", "WITH"),
    "WITH": ("exception",),
    "exception": (")", "operator"),
    ")": (")", "operator"),
}


def _kind(word: str) -> str:
    if word in ("(", ")", "WITH"):
        return word
    if word in ("AND", "OR"):
        return "operator"
    if word in LICENCES or word.removesuffix("+") in LICENCES or CUSTOM.fullmatch(word):
        return "licence"
    return "exception" if word in EXCEPTIONS else "unknown"
