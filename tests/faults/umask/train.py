"""Trains, and packs what is needed to use the model into a tar file, without times and owners."""

import json
import tarfile
from pathlib import Path

import linear
import numpy as np

from builder.runtime import paths
from builder.runtime.params import params


def anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mtime = member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def main() -> None:
    values, labels = linear.load()
    weights = linear.initial(np.random.default_rng(params().seed), values.shape[1])
    linear.save(linear.train(weights, values, labels))
    settings = Path("settings.json")
    settings.write_text(json.dumps({"classes": linear.CLASSES}))
    with tarfile.open(paths.output() / "package.tar", "w") as package:
        package.add(settings, filter=anonymous)


main()
