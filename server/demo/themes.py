"""What the studio works on: its projects, in words and in pictures."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scene:
    """Something to be drawn, and how it is asked for."""

    drawn: str
    words: str


@dataclass(frozen=True)
class Theme:
    """A project: its format, its scenes, its colours and styles, and its shots."""

    name: str
    aspect_ratio: str
    size: tuple[int, int]
    scenes: tuple[Scene, ...]
    palettes: tuple[str, ...]
    styles: tuple[str, ...]
    shots: tuple[tuple[str, str], ...]
    model: str


NORTH = Theme(
    name="The Long Way North",
    aspect_ratio="16:9",
    size=(768, 432),
    scenes=(
        Scene("mountains", "a ridge of bare mountains above drifting fog"),
        Scene("sea", "a calm fjord, one small sailing boat far out"),
        Scene("forest", "an old pine forest, light falling between the trunks"),
        Scene("sea", "open water to the horizon, low headlands"),
        Scene("mountains", "snow on far peaks, dark foothills before them"),
        Scene("desert", "wind-shaped dunes without a footprint"),
    ),
    palettes=("dawn", "day", "golden", "dusk", "mist", "aurora", "storm", "night"),
    styles=("photo", "photo", "film", "film", "painted", "dream"),
    shots=(
        ("Leaving the harbour", "sea"),
        ("Into the trees", "forest"),
        ("First snow", "mountains"),
        ("The pass at night", "mountains"),
        ("Sand under the wind", "desert"),
        ("Landfall", "sea"),
    ),
    model="flux1-dev",
)
HARBOUR = Theme(
    name="Neon Harbour",
    aspect_ratio="16:9",
    size=(768, 432),
    scenes=(
        Scene(
            "street", "a narrow street after rain, signs on both sides, someone with an umbrella"
        ),
        Scene("skyline", "a harbour city at the water, thousands of lit windows"),
        Scene("portrait", "a courier waiting, face half in the light, lamps out of focus"),
        Scene("planet", "a ringed world rising over the roofs"),
        Scene("street", "an empty avenue seen from the middle of the road"),
        Scene("flow", "smoke lit from below, layers of colour"),
    ),
    palettes=("neon", "night", "ember", "dusk", "storm", "ink", "aurora", "rose"),
    styles=("photo", "film", "photo", "noir", "poster", "dream"),
    shots=(
        ("Opening over the water", "skyline"),
        ("The courier", "portrait"),
        ("Rain on Ninth", "street"),
        ("Chase", "street"),
        ("What hangs above", "planet"),
        ("Lights out", "skyline"),
    ),
    model="qwen-image",
)
STILL = Theme(
    name="Still, Life — autumn campaign",
    aspect_ratio="3:4",
    size=(576, 768),
    scenes=(
        Scene("still life", "stoneware and fruit on a wooden table by a window"),
        Scene("portrait", "a woman looking past the camera, soft light from the side"),
        Scene("flow", "folds of heavy silk"),
        Scene("portrait", "a man in a plain coat before a blurred evening"),
        Scene("still life", "glazed vases, one of them dark, against a plain wall"),
        Scene("forest", "birches in thin fog"),
    ),
    palettes=("sage", "rose", "golden", "mist", "ember", "day", "dawn", "ink"),
    styles=("photo", "film", "painted", "photo", "sketch", "noir", "dream"),
    shots=(
        ("Table, morning to evening", "still life"),
        ("Her portrait", "portrait"),
        ("Silk", "flow"),
        ("His portrait", "portrait"),
        ("Vases", "still life"),
        ("Walk", "forest"),
    ),
    model="z-image-turbo",
)
STUDIO = (NORTH, HARBOUR, STILL)
FOREIGN = Theme(
    name="Somebody else's film",
    aspect_ratio="16:9",
    size=(768, 432),
    scenes=(Scene("desert", "dunes at noon"), Scene("planet", "a world of glass")),
    palettes=("ember", "golden"),
    styles=("photo",),
    shots=(("Arrival", "desert"),),
    model="flux1-dev",
)

LIGHT = {
    "dawn": "first light, cold shadows",
    "day": "clear midday light",
    "golden": "golden hour, long shadows",
    "dusk": "blue hour, the last warm light",
    "night": "by night, moonlight",
    "neon": "magenta and cyan neon",
    "mist": "in thick mist, pale light",
    "storm": "before a storm, heavy clouds",
    "aurora": "under northern lights",
    "rose": "rose-coloured evening",
    "ember": "lit by fire, deep blacks",
    "sage": "soft overcast light, muted greens",
    "ink": "almost without colour, hard contrast",
}
STYLE = {
    "photo": "photograph, 35mm, natural grain",
    "film": "expired colour film, faded blacks",
    "noir": "black and white, film noir",
    "painted": "oil painting, broad brush strokes",
    "poster": "screen print, flat colours",
    "dream": "soft focus, glowing highlights",
    "sketch": "pencil drawing on warm paper",
}
NEGATIVE = "text, watermark, low quality, oversaturated, extra limbs"
MOTIONS = (
    "slow push in, the light changes gently",
    "the camera drifts to the right, clouds move on",
    "steady crane up, revealing what lies behind",
    "handheld, barely moving, wind in the picture",
    "a long dolly, foreground passing close",
    "locked camera, time passes quickly",
)
EDITS = (
    ("make it night", "night"),
    ("golden hour, longer shadows", "golden"),
    ("a storm is coming", "storm"),
    ("softer, in morning mist", "mist"),
    ("as if lit by fire", "ember"),
    ("dusk, first stars", "dusk"),
)
