"""This repository as somebody else has it: a copy of the files that git knows, committed."""

import shutil
import subprocess
from pathlib import Path

from tests.conftest import REPOSITORY

NAMED = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "init.defaultBranch=main")


def copy_rules(target: Path) -> str:
    """Copies the repository, with what is not committed yet, to a repository of its own; returns its revision."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (REPOSITORY / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, target / name)
    return commit(target)


def commit(root: Path) -> str:
    """Commits all that is there; returns the revision."""
    git(root, "init", "-q")
    git(root, "add", "--all")
    git(root, "commit", "-q", "--allow-empty", "-m", "x")
    return git(root, "rev-parse", "HEAD")


def git(root: Path, *words: str) -> str:
    """Runs git in a repository and returns what it prints."""
    done = subprocess.run(["git", *NAMED, *words], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()
