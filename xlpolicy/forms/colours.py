"""Colours of letters and of the ground behind them, in every format: can anybody read it?"""

from __future__ import annotations

from collections.abc import Mapping

#: what a file that names no colour has
BLACK, WHITE = b"\0\0\0", b"\xff\xff\xff"
#: a contrast (as web pages reckon it, 1 to 21) below which nobody reads
LEAST = 1.25
#: the colours that Excel knows by number, from 8 on; 0 to 7 are the first eight once more
_PALETTE = bytes.fromhex(
    "000000ffffffff000000ff000000ffffff00ff00ff00ffff800000008000000080808000800080008080c0c0c0808080"
    "9999ff993366ffffccccffff660066ff80800066ccccccff000080ff00ffffff0000ffff800080800000008080"
    "0000ff00ccffccffffccffccffff9999ccffff99cccc99ffffcc993366ff33cccc99cc00ffcc00ff9900ff6600"
    "666699969696003366339966003300333300993300993366333399333333"
)
#: the colours of a theme, in the order in which style sheets count: light and dark first
Theme = tuple[bytes | None, ...]
OFFICE: Theme = tuple(
    map(
        bytes.fromhex,
        ["ffffff", "000000", "e7e6e6", "44546a", "4472c4", "ed7d31", "a5a5a5", "ffc000", "5b9bd5", "70ad47"],
    )
)
#: the system's own colours that have a number: of a window's letters, and of its ground
_SYSTEM = {64: BLACK, 65: WHITE}


def indexed(number: int) -> bytes | None:
    """A colour by its number; None for one that nobody gave."""
    at = 3 * (number - 8 if number >= 8 else number)
    return _PALETTE[at : at + 3] if 0 <= at < len(_PALETTE) else _SYSTEM.get(number)


def named(given: Mapping[str, str], theme: Theme = OFFICE) -> bytes | None:
    """A colour of an .xlsx (rgb, indexed, or theme with tint); None where it says none.

    >>> named({"theme": "0", "tint": "-0.5"}).hex()
    '7f7f7f'
    """
    try:
        if "rgb" in given:
            found: bytes | None = bytes.fromhex(given["rgb"][-6:])
        elif "indexed" in given:
            found = indexed(int(given["indexed"]))
        else:
            found = theme[int(given["theme"])]
        tint = float(given.get("tint", "0"))
    except (ValueError, KeyError, IndexError):
        return None
    if found is None or len(found) != 3 or not -1 <= tint <= 1:
        return found if found is not None and len(found) == 3 else None
    return bytes(int(c * (1 + tint) if tint < 0 else c + (255 - c) * tint) for c in found)


def unseen(letters: bytes | None, ground: bytes | None) -> bool:
    """Whether letters of a colour cannot be read on a ground; None: black on white.

    >>> unseen(b"\\xff\\xff\\xff", b"\\xff\\xf2\\xcc"), unseen(b"\\xff\\0\\0", None)
    (True, False)
    """
    one, other = _light(letters or BLACK), _light(ground or WHITE)
    return (max(one, other) + 0.05) / (min(one, other) + 0.05) < LEAST


def _light(colour: bytes) -> float:
    red, green, blue = (c / 3294 if c < 11 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
