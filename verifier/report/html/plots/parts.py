"""The pieces that plots are made of. What others wrote is escaped here, and kept from turning what is around."""

from collections.abc import Callable, Iterable, Sequence

from markupsafe import Markup, escape

from verifier.report.printable import printable

# Unicode's isolate: what is between them does not turn the text around it.
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
Point = tuple[float, float]


def isolated(text: str) -> str:
    """Returns text for a place where no `<bdi>` can be: a title, an attribute, a drawing."""
    shown = printable(text)
    return shown if shown.isascii() else f"{FIRST_STRONG_ISOLATE}{shown}{POP_ISOLATE}"


def cut(text: str, longest: int) -> str:
    """Returns text that fits a place; its whole is said elsewhere on the page."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def at(value: float) -> str:
    """Returns a coordinate, to a tenth."""
    return f"{value:.1f}".removesuffix(".0")


def path(name: str, d: str) -> str:
    """Returns a path, or nothing where there is nothing to draw."""
    return f'<path class="{name}" d="{d}"/>' if d else ""


def line(name: str, x1: float, y1: float, x2: float, y2: float) -> str:
    """Returns a line."""
    return path(name, f"M{at(x1)} {at(y1)}L{at(x2)} {at(y2)}")


def rectangle(name: str, x: float, y: float, width: float, height: float) -> str:
    """Returns a rectangle."""
    return f'<rect class="{name}" x="{at(x)}" y="{at(y)}" width="{at(width)}" height="{at(height)}"/>'


def text(name: str, x: float, y: float, words: str) -> str:
    """Returns words; the class says where they are anchored."""
    return f'<text class="{name}" x="{at(x)}" y="{at(y)}">{escape(isolated(words))}</text>'


def polyline(pieces: Iterable[Sequence[Point]]) -> str:
    """Returns the path of lines with gaps between the pieces; a piece of one point is left to its mark."""
    return "".join(
        "M" + "L".join([f"{x:.1f} {y:.1f}" for x, y in piece]) for piece in pieces if len(piece) > 1
    )


def disc(x: float, y: float) -> str:
    """Returns the path of a disc."""
    return f"M{at(x - 3)} {at(y)}a3 3 0 1 0 6 0a3 3 0 1 0-6 0"


def square(x: float, y: float) -> str:
    """Returns the path of a square."""
    return f"M{at(x - 2.7)} {at(y - 2.7)}h5.4v5.4h-5.4z"


def triangle(x: float, y: float) -> str:
    """Returns the path of a triangle."""
    return f"M{at(x)} {at(y - 3.6)}l3.6 6.4h-7.2z"


def diamond(x: float, y: float) -> str:
    """Returns the path of a diamond."""
    return f"M{at(x)} {at(y - 4)}l4 4l-4 4l-4-4z"


def cross(x: float, y: float) -> str:
    """Returns the path of a cross."""
    return f"M{at(x - 4)} {at(y - 4)}l8 8m0-8l-8 8"


MARKS: tuple[Callable[[float, float], str], ...] = (disc, square, triangle, diamond)


def drawing(
    key: str, title: str, described: str, size: tuple[int, int], pieces: Iterable[str], attributes: str = ""
) -> Markup:
    """Returns a drawing with a title and a description for other eyes; `key` is unique on its page."""
    return Markup(
        f'<svg role="img" viewBox="0 0 {size[0]} {size[1]}" aria-labelledby="{key}-t {key}-d"{attributes}>'
        f'<title id="{key}-t">{escape(isolated(title))}</title>'
        f'<desc id="{key}-d">{escape(isolated(described))}</desc>{"".join(pieces)}</svg>'
    )
