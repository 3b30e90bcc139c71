"""Cities: skylines at a distance, and wet streets between lit houses."""

from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from media.drawings import canvas, landscapes
from media.drawings.canvas import Colour, Size
from media.drawings.palettes import Palette


def skyline(rng: Random, size: Size, palette: Palette, phase: float) -> Image.Image:
    """Rows of towers with lit windows, over water that mirrors them."""
    wide, high = size
    shore = round(high * rng.uniform(0.72, 0.84))
    image = landscapes.sky(rng, size, palette, phase)
    for layer in range(4):
        near = (layer + 1) / 4
        fill = canvas.mixed(palette.sky[-1], _stone(palette), 0.2 + 0.8 * near)
        image = _row(rng, image, palette, fill, near, shore, -phase * 50 * near)
    mirrored = image.crop((0, 2 * shore - high, wide, shore)).transpose(
        Image.Transpose.FLIP_TOP_BOTTOM
    )
    mirrored = Image.blend(mirrored, canvas.filled(mirrored.size, palette.land), 0.5)
    image.paste(mirrored.filter(ImageFilter.BoxBlur((1, 6))), (0, shore))
    return image


def street(rng: Random, size: Size, palette: Palette, phase: float) -> Image.Image:
    """A street that runs away from the viewer, signs on both sides, the ground wet."""
    wide, high = size
    end = (wide * (0.5 + 0.08 * (phase - 0.5)), high * rng.uniform(0.5, 0.56))
    image = canvas.gradient(size, [*palette.sky, palette.sky[-1]])
    image = canvas.lit(image, end, high * 0.5, palette.light, 0.7)
    for step in range(7):
        near = (step + 1) / 7
        for side in (-1, 1):
            image = _house(rng, image, palette, end, side, near)
    ground = [(end[0], end[1]), (wide * 1.4, high), (-wide * 0.4, high)]
    road = canvas.textured(canvas.mixed(palette.land, (0, 0, 0), 0.35), size, rng, 140, 0.15)
    above = image.crop((0, 0, wide, round(end[1]))).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    wet = Image.new("RGB", size)
    wet.paste(
        above.resize((wide, high - round(end[1]))).filter(ImageFilter.BoxBlur((2, 14))),
        (0, round(end[1])),
    )
    road = ImageChops.screen(road, wet.point([v * 3 // 4 for v in range(256)] * 3))
    image = canvas.laid(image, road, canvas.shape(size, ground, 2))
    image = _walker(rng, image, end, phase)
    return _rain(rng, image, palette) if rng.random() < 0.6 else image


def _row(
    rng: Random,
    image: Image.Image,
    palette: Palette,
    fill: Colour,
    near: float,
    shore: int,
    shift: float,
) -> Image.Image:
    wide, high = image.size
    houses, windows = Image.new("L", image.size), Image.new("L", image.size)
    draw, lights = ImageDraw.Draw(houses), ImageDraw.Draw(windows)
    x = -40.0 + shift
    while x < wide + 40:
        broad = rng.uniform(0.022, 0.065) * wide * (0.6 + 0.6 * near)
        top = shore - high * rng.uniform(0.08, 0.5) * (1.15 - 0.45 * near)
        draw.rectangle((x, top, x + broad, shore), fill=255)
        if rng.random() < 0.3:
            middle = x + broad / 2
            draw.line([(middle, top), (middle, top - high * 0.05)], fill=255, width=2)
        if near > 0.4:
            _windows(
                rng,
                lights,
                (x, top, x + broad, shore),
                5 + 5 * near,
                0.5 if palette.is_dark else 0.2,
            )
        x += broad * rng.uniform(0.75, 1.25)
    image = canvas.laid(image, fill, houses)
    glow = canvas.mixed(palette.accent, palette.light, rng.uniform(0.1, 0.7))
    return canvas.laid(image, glow, canvas.dimmed(windows, 0.35 + 0.6 * near))


def _windows(
    rng: Random,
    draw: ImageDraw.ImageDraw,
    box: tuple[float, float, float, float],
    gap: float,
    share: float,
) -> None:
    left, top, right, bottom = box
    y = top + gap
    while y < bottom - gap:
        x = left + gap * 0.6
        while x < right - gap * 0.6:
            if rng.random() < share:
                draw.rectangle((x, y, x + gap * 0.35, y + gap * 0.45), fill=rng.randint(90, 255))
            x += gap
        y += gap * 1.2


def _house(
    rng: Random, image: Image.Image, palette: Palette, end: canvas.Point, side: int, near: float
) -> Image.Image:
    wide, high = image.size
    out = near**1.7 * wide * 0.62
    x, top = (
        end[0] + side * (out + wide * 0.03),
        end[1] - high * (0.12 + 0.75 * near**1.5) * rng.uniform(0.75, 1.2),
    )
    foot = end[1] + high * 0.5 * near**1.7
    far = x + side * wide * 0.6
    fill = canvas.mixed(palette.sky[-1], _stone(palette), 0.3 + 0.7 * near)
    mask = canvas.shape(image.size, [(x, top), (far, top - high * 0.1), (far, high), (x, foot)])
    image = canvas.laid(image, fill, mask)
    image = _storeys(rng, image, palette, (x, top, foot), side, near)
    for _ in range(rng.randint(1, 3)):
        image = _sign(rng, image, palette, (x, top, foot), side, near)
    return image


def _storeys(
    rng: Random,
    image: Image.Image,
    palette: Palette,
    wall: tuple[float, float, float],
    side: int,
    near: float,
) -> Image.Image:
    """Windows in rows, some of them lit."""
    x, top, foot = wall
    high = image.height
    glass = Image.new("L", image.size)
    draw = ImageDraw.Draw(glass)
    step = high * (0.02 + 0.055 * near)
    y = top + step * 0.6
    while y < foot - step * 2:
        for column in range(1, 9):
            left = x + side * step * (column * 0.85 - 0.4)
            shine = rng.choice((12, 22, 30, 30, 45, 200)) if rng.random() < 0.85 else 0
            box = sorted((left, left + side * step * 0.45))
            draw.rectangle((box[0], y, box[1], y + step * 0.6), fill=shine)
        y += step * 1.15
    return canvas.laid(image, canvas.mixed(palette.accent, palette.light, 0.6), glass)


def _stone(palette: Palette) -> Colour:
    return canvas.mixed(palette.land, (44, 46, 58), 0.55)


def _sign(
    rng: Random,
    image: Image.Image,
    palette: Palette,
    wall: tuple[float, float, float],
    side: int,
    near: float,
) -> Image.Image:
    x, top, foot = wall
    high = image.height
    y = top + (foot - top) * rng.uniform(0.2, 0.75)
    broad, tall = (
        high * 0.05 * near * rng.uniform(0.5, 1.6),
        high * 0.11 * near * rng.uniform(0.4, 1.8),
    )
    fill = canvas.mixed(
        rng.choice((palette.accent, palette.light, palette.sky[-1])), (255, 255, 255), 0.15
    )
    left, right = sorted((x, x + side * broad))
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).rectangle((left, y, right, y + tall), fill=225)
    image = canvas.lit(image, ((left + right) / 2, y + tall / 2), tall + broad * 2, fill, 0.6)
    return canvas.laid(image, fill, mask.filter(ImageFilter.GaussianBlur(1.2)))


def _walker(rng: Random, image: Image.Image, end: canvas.Point, phase: float) -> Image.Image:
    """Somebody under an umbrella, seen from behind."""
    wide, high = image.size
    unit = high * (0.05 + 0.03 * phase)
    x, foot = end[0] + wide * rng.uniform(-0.08, 0.1), end[1] + high * 0.26
    body = [
        (x - unit * 0.55, foot - unit * 2.6),
        (x + unit * 0.55, foot - unit * 2.6),
        (x + unit * 0.7, foot - unit * 0.9),
        (x + unit * 0.3, foot),
        (x - unit * 0.3, foot),
        (x - unit * 0.7, foot - unit * 0.9),
    ]
    mask = canvas.shape(image.size, body, 1)
    mask = ImageChops.lighter(
        mask, canvas.disc(image.size, (x, foot - unit * 3), (unit * 0.38, unit * 0.45))
    )
    roof = canvas.disc(image.size, (x, foot - unit * 3.1), (unit * 1.7, unit * 1.1))
    ImageDraw.Draw(roof).rectangle((0, round(foot - unit * 3.1), wide, high), fill=0)
    return canvas.laid(image, (8, 8, 14), ImageChops.lighter(mask, roof))


def _rain(rng: Random, image: Image.Image, palette: Palette) -> Image.Image:
    wide, high = image.size
    mask = Image.new("L", image.size)
    draw = ImageDraw.Draw(mask)
    for _ in range(260):
        x, y, drop = rng.randrange(wide), rng.randrange(high), rng.randint(8, 30)
        draw.line([(x, y), (x - drop * 0.15, y + drop)], fill=rng.randint(30, 100))
    return canvas.laid(image, canvas.mixed(palette.light, (255, 255, 255), 0.5), mask)
