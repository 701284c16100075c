"""Two safetensors files: which tensors differ, where and how far."""

from collections.abc import Iterator

from verifier.compare import Pair
from verifier.explain.bounded import around
from verifier.explain.elements import Kind, Run, gap, index_text, sentence_of
from verifier.explain.findings import Context, Fact, Finding, found
from verifier.explain.safetensors_header import Header, Tensor, read_header
from verifier.explain.wording import facts_of_texts


def explain_safetensors(pair: Pair, _context: Context) -> Iterator[Finding]:
    """Yields what differs in metadata, then in the tensors in the order of the first, then in the layout.

    Raises:
        OtherKind: one of the two is no safetensors file, or its header lies.
    """
    first, second = read_header(pair.first), read_header(pair.second)
    yield from _in_metadata(pair, first, second)
    for name in first.tensors | second.tensors:
        a, b = first.tensors.get(name), second.tensors.get(name)
        if a is None or b is None:
            yield found(
                pair, f"tensor {name!r}", f"in the {'second' if a is None else 'first'} only", Fact.PRESENCE
            )
        else:
            yield from _in_tensor(pair, name, a, b)
    yield from _in_layout(pair, first, second)


def _in_metadata(pair: Pair, first: Header, second: Header) -> Iterator[Finding]:
    a, b = first.metadata, second.metadata
    for key in a | b:
        if key not in a or key not in b:
            where = "second" if key not in a else "first"
            yield found(pair, f"metadata {key!r}", f"in the {where} only", Fact.PRESENCE)
        elif a[key] != b[key]:
            left, right = around(a[key], b[key])
            facts = facts_of_texts(a[key], b[key])
            yield found(pair, f"metadata {key!r}", f"{left!r} in the first, {right!r} in the second", *facts)
    if a == b and list(a) != list(b):
        sentence = f"the same {len(a)} keys and values in another order"
        yield found(pair, "metadata", sentence, Fact.METADATA_ORDER)


def _in_tensor(pair: Pair, name: str, a: Tensor, b: Tensor) -> Iterator[Finding]:
    place = f"tensor {name!r}"
    if (a.kind, a.shape) != (b.kind, b.shape):
        described = [f"{tensor.kind.name} {list(tensor.shape)}" for tensor in (a, b)]
        yield found(pair, place, f"{described[0]} in the first, {described[1]} in the second", Fact.VALUES)
    else:
        yield from explain_elements(pair, place, (a.run, b.run), a.kind, a.shape)


def explain_elements(
    pair: Pair,
    place: str,
    runs: tuple[Run, Run],
    kind: Kind,
    shape: tuple[int, ...],
    *,
    columns_first: bool = False,
) -> Iterator[Finding]:
    """Yields how the elements of two arrays of one kind and shape differ, if they do."""
    difference = gap(*runs, kind)
    if difference is None:
        return
    index = index_text(difference.first_index, shape, columns_first=columns_first)
    facts = [Fact.ROUNDING if difference.rounding else Fact.VALUES]
    facts += [Fact.NOT_FINITE] if difference.not_finite else []
    yield found(pair, place, sentence_of(difference, runs[0].count, index), *facts)


def _in_layout(pair: Pair, first: Header, second: Header) -> Iterator[Finding]:
    if first.tensors.keys() != second.tensors.keys():
        return
    if _order(first) != _order(second):
        yield found(pair, "", "the tensors lie in another order in the file", Fact.LAYOUT)
    elif list(first.tensors) != list(second.tensors):
        yield found(pair, "header", "the same tensors are named in another order", Fact.LAYOUT)


def _order(header: Header) -> list[str]:
    """Returns the names in the order in which the elements lie in the file."""
    return sorted(header.tensors, key=lambda name: (header.tensors[name].run.offset, name))
