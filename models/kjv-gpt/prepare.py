"""Turns the Bible into two streams of characters: one book held out, all others for training."""

import bible
import numpy as np

from builder.runtime import dataset, paths, tensors
from builder.runtime.canonical import readable
from builder.runtime.params import params


def stream(verses: list[bible.Verse]) -> str:
    """Returns the verses, one a line; it starts with a line's end, so that each verse follows one."""
    return "\n" + "".join(verse.text + "\n" for verse in verses)


def encode(text: str, vocabulary: list[str]) -> np.ndarray:
    """Returns the place of each character in `vocabulary`, as uint8.

    Raises:
        KeyError: a character is not in it.
    """
    places = {character: place for place, character in enumerate(vocabulary)}
    return np.array([places[character] for character in text], np.uint8)


def main() -> None:
    held_out = params().hyperparameters["held_out_book"]
    verses = bible.read(paths.source("text"), paths.source("program"))
    lengths = np.array([len(verse.text) for verse in verses], np.int64)
    dataset.stage("read", characters=lengths)

    test = [verse for verse in verses if verse.book == held_out]
    train = [verse for verse in verses if verse.book != held_out]
    if not test:
        raise SystemExit(f"the Bible has no book {held_out!r} to hold out")
    vocabulary = sorted(set(stream(train)))
    (paths.output() / "vocabulary.json").write_text(readable(vocabulary), encoding="utf-8")
    for name, part in (("test", test), ("train", train)):
        tokens = encode(stream(part), vocabulary)
        dataset.stage(name, tokens=tokens)
        tensors.save(paths.output() / f"{name}.safetensors", {"tokens": tokens})


main()
