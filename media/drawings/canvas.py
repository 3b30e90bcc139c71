"""What every drawing is made with: gradients, noise, light, ridges, and layers of colour."""

from collections.abc import Sequence
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Size = tuple[int, int]
Point = tuple[float, float]


def colour(code: str) -> Colour:
    """A colour of its six letters: `ff8800`."""
    return int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """A colour between two; `share` is how much of the other is in it."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def gradient(size: Size, colours: Sequence[Colour]) -> Image.Image:
    """Colours from top to bottom, flowing into one another."""
    strip = Image.new("RGB", (1, len(colours)))
    strip.putdata(list(colours))
    return strip.resize(size, Image.Resampling.BICUBIC)


def noise(rng: Random, size: Size, detail: int, octaves: int = 4) -> Image.Image:
    """Clouds of grey: `detail` is how many lumps lie side by side."""
    result = Image.new("L", size, 128)
    for octave in range(octaves):
        wide = max(2, detail << octave)
        high = max(2, wide * size[1] // size[0])
        lumps = Image.frombytes("L", (wide, high), rng.randbytes(wide * high))
        layer = lumps.resize(size, Image.Resampling.BICUBIC)
        result = Image.blend(result, layer, 1 / (octave + 1) if octave == 0 else 0.5 / octave / 1.6)
    return result


def contrasted(mask: Image.Image, low: int, high: int) -> Image.Image:
    """Black up to `low`, white from `high`."""
    spread = max(1, high - low)
    return mask.point([max(0, min(255, (v - low) * 255 // spread)) for v in range(256)])


def lit(
    image: Image.Image, centre: Point, radius: float, glow: Colour, strength: float = 1.0
) -> Image.Image:
    """The image with light shining from a point, fading towards the radius."""
    side = max(2, round(radius * 2))
    fall = [round(strength * 255 * (1 - v / 255) ** 2) for v in range(256)]
    spot = Image.radial_gradient("L").resize((side, side)).point(fall)
    mask = Image.new("L", image.size)
    mask.paste(spot, (round(centre[0] - radius), round(centre[1] - radius)))
    return ImageChops.screen(image, ImageChops.multiply(filled(image.size, glow), grey(mask)))


def grey(mask: Image.Image) -> Image.Image:
    """A mask as a picture."""
    return Image.merge("RGB", (mask, mask, mask))


def filled(size: Size, fill: Colour) -> Image.Image:
    """One colour all over."""
    return Image.new("RGB", size, fill)


def laid(image: Image.Image, fill: Colour | Image.Image, mask: Image.Image) -> Image.Image:
    """The image with a colour, or another image, laid on where the mask is white."""
    layer = fill if isinstance(fill, Image.Image) else filled(image.size, fill)
    return Image.composite(layer, image, mask)


def shape(size: Size, points: Sequence[Point], blur: float = 0.6) -> Image.Image:
    """A mask of a polygon with soft edges."""
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).polygon(list(points), fill=255)
    return mask.filter(ImageFilter.GaussianBlur(blur)) if blur else mask


def disc(size: Size, centre: Point, radius: Point, blur: float = 0.8) -> Image.Image:
    """A mask of an ellipse with soft edges."""
    mask = Image.new("L", size)
    (x, y), (wide, high) = centre, radius
    ImageDraw.Draw(mask).ellipse((x - wide, y - high, x + wide, y + high), fill=255)
    return mask.filter(ImageFilter.GaussianBlur(blur)) if blur else mask


def ridge(rng: Random, size: Size, base: float, height: float, rough: float) -> list[Point]:
    """A line of hills across the picture, closed along its lower edge."""
    heights = [rng.uniform(-1, 1), rng.uniform(-1, 1)]
    step = 1.0
    while len(heights) < 257:
        middles = [
            (a + b) / 2 + rng.uniform(-step, step)
            for a, b in zip(heights, heights[1:], strict=False)
        ]
        pairs = zip(heights, middles, strict=False)
        heights = [value for pair in pairs for value in pair] + heights[-1:]
        step *= rough
    wide, high = size
    line = [
        (at * wide / (len(heights) - 1), (base - value * height) * high)
        for at, value in enumerate(heights)
    ]
    return [*line, (wide + 2, high + 2), (-2, high + 2)]


def textured(
    fill: Colour, size: Size, rng: Random, detail: int, depth: float = 0.25
) -> Image.Image:
    """A colour with the unevenness of rock, sand, or skin."""
    grain = noise(rng, size, detail, 3)
    dark = mixed(fill, (0, 0, 0), depth)
    light = mixed(fill, (255, 255, 255), depth * 0.6)
    return Image.composite(filled(size, light), filled(size, dark), grain)
