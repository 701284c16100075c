"""BERT's tokenizer for uncased text: words, then the longest pieces of words that the vocabulary has.

Devlin et al., BERT (2019), and Wu et al., Google's NMT system (2016), for the pieces. Chinese characters, which
BERT takes for words of their own, have no treatment here.
"""

import unicodedata

import numpy as np

PADDING, UNKNOWN, START, END = "[PAD]", "[UNK]", "[CLS]", "[SEP]"
LONGEST_WORD = 100
ASCII_PUNCTUATION = set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


def encode(texts: list[str], vocabulary: list[str], length: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns token numbers and their mask (1: a token, 0: padding), both int64 of shape (texts, length).

    A text too long loses its end; the last token stays [SEP].
    """
    numbers = {piece: number for number, piece in enumerate(vocabulary)}
    tokens = np.full((len(texts), length), numbers[PADDING], np.int64)
    mask = np.zeros((len(texts), length), np.int64)
    for row, text in enumerate(texts):
        inner = [piece for word in words(text) for piece in pieces(word, numbers)]
        whole = [START, *inner[: length - 2], END]
        tokens[row, : len(whole)] = [numbers[piece] for piece in whole]
        mask[row, : len(whole)] = 1
    return tokens, mask


def words(text: str) -> list[str]:
    """Returns words in small letters without accents, and each punctuation mark by itself."""
    bare = [c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn"]
    return "".join(f" {c} " if is_punctuation(c) else c for c in bare).split()


def is_punctuation(character: str) -> bool:
    return character in ASCII_PUNCTUATION or unicodedata.category(character).startswith("P")


def pieces(word: str, numbers: dict[str, int]) -> list[str]:
    """Returns the longest pieces from the left; all but the first are written `##…`."""
    found: list[str] = []
    start = 0
    while start < len(word):
        prefix = "##" if start else ""
        ends = range(len(word), start, -1)
        end = next((end for end in ends if prefix + word[start:end] in numbers), None)
        if end is None or len(word) > LONGEST_WORD:
            return [UNKNOWN]
        found.append(prefix + word[start:end])
        start = end
    return found
