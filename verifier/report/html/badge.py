"""The badge of a model, as an image that a README elsewhere can show."""

from markupsafe import escape

from verifier.report.html.plots.parts import cut, isolated
from verifier.report.html.state import State
from verifier.site.records import ModelPage

LETTER, RIM, HEIGHT, LONGEST = 6.4, 8, 20, 24
COLOURS = {"good": "#1a7f4b", "warn": "#8a5a00", "bad": "#b3261e", "idle": "#5b636e", "none": "#5b636e"}
SIGNS = {"good": "✓", "warn": "!", "bad": "✕", "idle": "–", "none": "?"}


def badge(state: State, page: ModelPage) -> str:
    """Returns an SVG of the model's name and state; nothing in it is fetched."""
    version = page.outcomes[0].version if page.outcomes else ""
    name = isolated(cut(page.name, LONGEST))
    words = isolated(f"{SIGNS[state.look]} {state} {cut(version, 12)}".strip())
    left, right = (len(text) * LETTER + 2 * RIM for text in (name, words))
    said = escape(isolated(f"{page.name}: {state} {version}".strip()))
    colour = COLOURS[state.look]
    font = 'font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" fill="#fff" text-anchor="middle"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right:.0f}" height="{HEIGHT}" role="img"'
        f' aria-label="{said}"><title>{said}</title>'
        f'<rect rx="3" width="{left + right:.0f}" height="{HEIGHT}" fill="#3a4149"/>'
        f'<path d="M{left:.0f} 0h{right - 3:.0f}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{right - 3:.0f}z"'
        f' fill="{colour}"/>'
        f'<g {font}><text x="{left / 2:.1f}" y="14" textLength="{left - 2 * RIM:.0f}">{escape(name)}</text>'
        f'<text x="{left + right / 2:.1f}" y="14" textLength="{right - 2 * RIM:.0f}">{escape(words)}</text></g>'
        f"</svg>\n"
    )
