"""What every drawing is made with: gradients, noise, light, ridges, and layers of colour."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Size = tuple[int, int]
Point = tuple[float, float]
Box = tuple[float, float, float, float]


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
    # Half the size is a quarter of the time, and nobody sees it in clouds.
    small = (size[0] + 1) // 2, (size[1] + 1) // 2
    result = Image.new("L", small, 128)
    for octave in range(octaves):
        wide = max(2, detail << octave)
        high = max(2, wide * size[1] // size[0])
        lumps = Image.frombytes("L", (wide, high), rng.randbytes(wide * high))
        layer = lumps.resize(small, Image.Resampling.BICUBIC)
        result = Image.blend(result, layer, 0.31 / octave if octave else 1)
    return result.resize(size, Image.Resampling.BILINEAR)


def contrasted(mask: Image.Image, low: int, high: int) -> Image.Image:
    """Black up to `low`, white from `high`."""
    spread = max(1, high - low)
    return mask.point([max(0, min(255, (v - low) * 255 // spread)) for v in range(256)])


def lit(
    image: Image.Image, centre: Point, radius: float, glow: Colour, strength: float = 1.0
) -> Image.Image:
    """The image with light shining from a point, fading towards the radius."""
    side = max(2, round(radius * 2))
    # Pillow's radial gradient is white in its corners and grey in the middle of its edges.
    fall = [round(strength * 255 * max(0.0, 1 - v / 180) ** 2) for v in range(256)]
    spot = Image.radial_gradient("L").point(fall).resize((side, side), Image.Resampling.BILINEAR)
    left, top = round(centre[0] - radius), round(centre[1] - radius)
    box = _inside(image.size, (left, top, left + side, top + side))
    if box is None:
        return image
    spot = spot.crop((box[0] - left, box[1] - top, box[2] - left, box[3] - top))
    shining = ImageChops.multiply(filled(spot.size, glow), grey(spot))
    result = image.copy()
    result.paste(ImageChops.screen(image.crop(box), shining), box[:2])
    return result


def grey(mask: Image.Image) -> Image.Image:
    """A mask as a picture."""
    return Image.merge("RGB", (mask, mask, mask))


def filled(size: Size, fill: Colour) -> Image.Image:
    """One colour all over."""
    return Image.new("RGB", size, fill)


def laid(image: Image.Image, fill: Colour | Image.Image, mask: Image.Image) -> Image.Image:
    """The image with a colour, or another image, laid on where the mask is white."""
    box = mask.getbbox()
    if box is None:
        return image
    result = image.copy()
    layer = fill.crop(box) if isinstance(fill, Image.Image) else fill
    result.paste(layer, box, mask.crop(box))
    return result


def dimmed(mask: Image.Image, share: float) -> Image.Image:
    """A fainter mask."""
    return mask.point([round(v * share) for v in range(256)])


def shape(size: Size, points: Sequence[Point], blur: float = 0.6) -> Image.Image:
    """A mask of a polygon with soft edges."""
    edges = [x for x, _ in points], [y for _, y in points]
    box = (min(edges[0]), min(edges[1]), max(edges[0]), max(edges[1]))

    def draw(pen: ImageDraw.ImageDraw, left: int, top: int) -> None:
        pen.polygon([(x - left, y - top) for x, y in points], fill=255)

    return _soft(size, box, blur, draw)


def disc(size: Size, centre: Point, radius: Point, blur: float = 0.8) -> Image.Image:
    """A mask of an ellipse with soft edges."""
    (x, y), (wide, high) = centre, radius

    def draw(pen: ImageDraw.ImageDraw, left: int, top: int) -> None:
        pen.ellipse((x - wide - left, y - high - top, x + wide - left, y + high - top), fill=255)

    return _soft(size, (x - wide, y - high, x + wide, y + high), blur, draw)


def _soft(
    size: Size, box: Box, blur: float, draw: Callable[[ImageDraw.ImageDraw, int, int], None]
) -> Image.Image:
    """A mask in which only the part that is drawn on costs time."""
    mask = Image.new("L", size)
    margin = blur * 3 + 2
    low, high = (box[0] - margin, box[1] - margin), (box[2] + margin, box[3] + margin)
    inside = _inside(size, (round(low[0]), round(low[1]), round(high[0]), round(high[1])))
    if inside is None:
        return mask
    part = Image.new("L", (inside[2] - inside[0], inside[3] - inside[1]))
    draw(ImageDraw.Draw(part), inside[0], inside[1])
    # A Gaussian is three of these; on a narrow edge nobody sees the difference.
    kind = ImageFilter.BoxBlur if blur < 2.5 else ImageFilter.GaussianBlur
    mask.paste(part.filter(kind(blur)), inside[:2])
    return mask


def _inside(size: Size, box: tuple[int, int, int, int]) -> tuple[int, int, int, int] | None:
    """The part of a box that lies in the picture."""
    found = max(0, box[0]), max(0, box[1]), min(size[0], box[2]), min(size[1], box[3])
    return found if found[0] < found[2] and found[1] < found[3] else None


def ridge(rng: Random, size: Size, base: float, height: float, rough: float) -> list[Point]:
    """A line of hills across the picture, closed along its lower edge."""
    heights = [rng.uniform(-1, 1), rng.uniform(-1, 1)]
    step = 1.0
    while len(heights) < 257:
        middles = [(a + b) / 2 + rng.uniform(-step, step) for a, b in pairwise(heights)]
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
    fill: Colour, size: Size, rng: Random, detail: int, depth: float = 0.12
) -> Image.Image:
    """A colour with the unevenness of rock, sand, or skin."""
    grain = noise(rng, size, detail, 3)
    dark = mixed(fill, (0, 0, 0), depth)
    light = mixed(fill, (255, 255, 255), depth * 0.6)
    return Image.composite(filled(size, light), filled(size, dark), grain)


def shifted(image: Image.Image, across: float) -> Image.Image:
    """A window of the image's size on a picture a little wider, moved across it from 0 to 1."""
    wide, high = image.size
    broad = image.resize((wide * 5 // 4, high))
    left = round(across * (broad.width - wide))
    return broad.crop((left, 0, left + wide, high))
