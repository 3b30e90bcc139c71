"""Palettes: the colours of a time of day or a mood."""

from dataclasses import dataclass

from media.drawings.canvas import Colour, colour


@dataclass(frozen=True)
class Palette:
    """A sky from its top to the horizon, what gives light, and what the light falls on."""

    sky: tuple[Colour, ...]
    light: Colour
    land: Colour
    accent: Colour
    is_dark: bool = False


def _palette(sky: str, light: str, land: str, accent: str, is_dark: bool = False) -> Palette:
    colours = tuple(colour(code) for code in sky.split())
    return Palette(colours, colour(light), colour(land), colour(accent), is_dark)


PALETTES = {
    "dawn": _palette("3a4a7a 8a7fa8 e6a9a0 ffd9b0", "ffe3b8", "3b3550", "f2786b"),
    "day": _palette("2f6fb5 6fa8dc b8d9ee eaf3f5", "fff6dc", "3f5b44", "d98e3f"),
    "golden": _palette("5b6fa0 c99a86 f5b56a ffdf9a", "ffe9a8", "4d3a2e", "e0562f"),
    "dusk": _palette("1d1f47 51356e b4527a f59a6c", "ffb27a", "241a35", "ff5d73"),
    "night": _palette("060a1c 0d1a38 1b3358 2f5273", "d8e6ff", "0a1222", "ffc860", True),
    "neon": _palette("0a0618 1f0b3a 4a1266 a3217a", "ff4fd0", "0d0820", "22e0ff", True),
    "mist": _palette("8c9aa3 a9b5ba c6cfd0 dfe3e0", "ffffff", "4a5a5c", "9c5f4c"),
    "storm": _palette("1c242c 36424c 5c6a72 8c979a", "dfe9ef", "1f272a", "c9a35a", True),
    "aurora": _palette("040b18 08233a 0d4a52 1d7a68", "9dffcf", "06121a", "8f6bff", True),
    "rose": _palette("5a3350 a45a78 e39aa5 f9d3cb", "fff0e0", "4a2a3f", "b8336a"),
    "ember": _palette("140608 3d0f10 8f2a16 ef7a2b", "ffb347", "1a0a0a", "ffdf6b", True),
    "sage": _palette("5f7d78 8fa99a c3cfb4 eae8cf", "fffbe0", "38493b", "c46a3b"),
    "ink": _palette("0d0f12 24282e 4a5058 868d94", "f2f2f2", "101214", "b8bdc2", True),
}
