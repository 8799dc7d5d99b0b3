"""Pieces of SVG: text that is safe inside a picture, and pictures that read in light and dark pages."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Iterable

PALETTE = ("#2f6f9f", "#c4682b", "#3f8f5f", "#8a5aa8", "#b03a55", "#7a7a2e", "#4a6fb5", "#9a6b4f", "#2e8b8b", "#a0527a")
_STYLE = (
    "text{font-family:ui-sans-serif,system-ui,sans-serif;fill:#24292f}"
    ".paper{fill:#ffffff}.faint{fill:#57606a}.rule{stroke:#d0d7de}.axis{stroke:#57606a}.onfill{fill:#ffffff}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.paper{fill:#0d1117}.faint{fill:#8d96a0}"
    ".rule{stroke:#30363d}.axis{stroke:#8d96a0}}"
)


def picture(width: int, height: int, title: str, pieces: Iterable[str]) -> str:
    """Return an SVG document; ``title`` is read out to people who do not see it."""
    body = "\n".join(pieces)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label={quoteattr(title)}>\n<style>{_STYLE}</style>\n'
        f'<rect class="paper" width="{width}" height="{height}"/>\n{body}\n</svg>\n'
    )


def element(name: str, content: str = "", **attributes: object) -> str:
    """Return one element; ``_`` in an attribute's name is a hyphen, ``class_`` is class, content is markup."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(_number(value))}" for key, value in attributes.items()
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def words(text: str, x: float, y: float, size: float = 12, **attributes: object) -> str:
    """Return a text at a place; control characters are left out, for XML cannot hold them."""
    plain = "".join(letter for letter in text if letter.isprintable())
    return element("text", escape(plain) or "\u200b", x=x, y=y, font_size=size, **attributes)


def _number(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
