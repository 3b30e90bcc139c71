"""Subjects: things on a table, worlds in space, flowing colour."""

from math import cos, pi, sin
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from media.drawings import canvas
from media.drawings.canvas import Colour, Point, Size
from media.drawings.palettes import Palette


def still_life(rng: Random, size: Size, palette: Palette, phase: float) -> Image.Image:
    """Bowls and fruit on a table by a window."""
    wide, high = size
    table = high * rng.uniform(0.6, 0.68)
    wall = canvas.textured(canvas.mixed(palette.sky[1], palette.land, 0.35), size, rng, 6, 0.2)
    image = canvas.lit(wall, (wide * (0.1 + 0.3 * phase), high * 0.2), high, palette.light, 0.45)
    board = canvas.textured(canvas.mixed(palette.land, palette.accent, 0.25), size, rng, 120, 0.1)
    image = canvas.laid(
        image, board, canvas.shape(size, [(0, table), (wide, table), (wide, high), (0, high)], 1.5)
    )
    things = sorted(rng.uniform(0.18, 0.82) for _ in range(rng.randint(3, 6)))
    for place in things:
        radius = high * rng.uniform(0.07, 0.15)
        at = (wide * place, table + high * rng.uniform(0.0, 0.14) - radius * 0.55)
        fill = rng.choice(
            (
                palette.accent,
                palette.light,
                palette.sky[0],
                palette.sky[-1],
                canvas.mixed(palette.accent, palette.sky[-1], 0.5),
            )
        )
        image = (
            _vase(rng, image, at, radius, fill, palette)
            if rng.random() < 0.35
            else _ball(image, at, radius, fill, palette)
        )
    return image


def planet(rng: Random, size: Size, palette: Palette, phase: float) -> Image.Image:
    """A world with bands and weather, its night side dark, stars around it."""
    wide, high = size
    image = canvas.filled(size, canvas.mixed(palette.land, (0, 0, 0), 0.6))
    nebula = canvas.contrasted(canvas.noise(rng, size, 3, 5), 105, 215)
    image = canvas.laid(
        image, canvas.mixed(palette.sky[-2], palette.accent, 0.3), canvas.dimmed(nebula, 0.5)
    )
    draw = ImageDraw.Draw(image)
    for _ in range(wide // 2):
        glow = rng.randint(60, 255)
        draw.point((rng.randrange(wide), rng.randrange(high)), (glow, glow, glow))
    radius = high * rng.uniform(0.24, 0.38)
    centre = (wide * rng.uniform(0.4, 0.62), high * rng.uniform(0.46, 0.56))
    side = round(radius * 2)
    bands = canvas.gradient(
        (side, side), [rng.choice((*palette.sky, palette.accent)) for _ in range(9)]
    )
    storms = canvas.shifted(canvas.noise(rng, (side * 2, side), 7, 4), phase)
    bands = canvas.laid(
        bands, palette.light, canvas.contrasted(storms.crop((0, 0, side, side)), 120, 220)
    )
    shade = (
        Image.radial_gradient("L")
        .resize((side * 2, side * 2))
        .crop((side * 3 // 4, side * 3 // 4, side * 7 // 4, side * 7 // 4))
    )
    shade = shade.point([max(0, min(255, 300 - v * 5 // 2)) for v in range(256)])
    bands = ImageChops.multiply(bands, canvas.grey(shade))
    world = Image.new("RGB", size)
    world.paste(bands, (round(centre[0] - radius), round(centre[1] - radius)))
    image = canvas.lit(
        image,
        (centre[0] - radius * 0.25, centre[1] - radius * 0.25),
        radius * 1.7,
        palette.sky[-1],
        0.5,
    )
    image = canvas.laid(image, world, canvas.disc(size, centre, (radius, radius), 1))
    return _ringed(image, centre, radius, palette) if rng.random() < 0.4 else image


def flow(rng: Random, size: Size, palette: Palette, phase: float) -> Image.Image:
    """Ribbons of colour, as of silk or smoke."""
    wide, high = size
    image = canvas.gradient(size, [palette.land, *palette.sky])
    ramp = [*palette.sky, palette.light, palette.accent, palette.land]
    rng.shuffle(ramp)
    turn, waves, lean = rng.uniform(0, 2 * pi), rng.uniform(0.5, 1.5), rng.uniform(-0.6, 0.6)
    count = rng.randint(9, 15)
    for ribbon in range(count):
        share = ribbon / count
        at = share * (len(ramp) - 1)
        fill = canvas.mixed(ramp[int(at)], ramp[int(at) + 1], at % 1)
        swell, twist = rng.uniform(0.08, 0.2), rng.uniform(2.0, 4.5)
        points: list[Point] = []
        for x in range(-20, wide + 21, 16):
            along = x / wide
            wave = sin(turn + waves * 2 * pi * along + share * twist + phase * 1.4)
            wave += 0.4 * cos(turn * 2 + along * 7 + share * 9 - phase)
            points.append((x, high * (share * 1.3 - 0.12 + lean * (along - 0.5) + wave * swell)))
        mask = canvas.shape(size, [*points, (wide + 20, high * 2), (-20, high * 2)], 1)
        fold = ImageChops.subtract(
            mask, ImageChops.offset(mask, 0, 26).filter(ImageFilter.BoxBlur(12))
        )
        image = canvas.laid(image, fill, mask)
        image = canvas.laid(
            image, canvas.mixed(fill, (255, 255, 255), 0.55), canvas.dimmed(fold, 0.55)
        )
    return image


def _ball(
    image: Image.Image, at: Point, radius: float, fill: Colour, palette: Palette
) -> Image.Image:
    image = _shadowed(image, (at[0] + radius * 0.5, at[1] + radius * 0.92), radius)
    mask = canvas.disc(image.size, at, (radius, radius), 1)
    return _rounded(image, mask, at, radius, fill, palette)


def _vase(
    rng: Random, image: Image.Image, at: Point, radius: float, fill: Colour, palette: Palette
) -> Image.Image:
    image = _shadowed(image, (at[0] + radius * 0.5, at[1] + radius * 0.92), radius)
    tall, throat = radius * rng.uniform(1.6, 2.6), radius * rng.uniform(0.2, 0.4)
    mask = canvas.disc(image.size, at, (radius * 0.85, radius), 1)
    pipe = canvas.shape(
        image.size,
        [
            (at[0] - throat, at[1] - tall),
            (at[0] + throat, at[1] - tall),
            (at[0] + throat * 1.3, at[1]),
            (at[0] - throat * 1.3, at[1]),
        ],
    )
    return _rounded(image, ImageChops.lighter(mask, pipe), at, radius, fill, palette)


def _rounded(
    image: Image.Image, mask: Image.Image, at: Point, radius: float, fill: Colour, palette: Palette
) -> Image.Image:
    dark = canvas.filled(image.size, canvas.mixed(fill, palette.land, 0.75))
    body = canvas.lit(dark, (at[0] - radius * 0.4, at[1] - radius * 0.45), radius * 2.1, fill, 1.0)
    body = canvas.lit(
        body, (at[0] - radius * 0.4, at[1] - radius * 0.45), radius * 0.6, palette.light, 0.6
    )
    return canvas.laid(image, body, mask)


def _shadowed(image: Image.Image, at: Point, radius: float) -> Image.Image:
    mask = canvas.disc(image.size, at, (radius * 1.3, radius * 0.26), radius * 0.12)
    return canvas.laid(image, (10, 8, 12), canvas.dimmed(mask, 0.6))


def _ringed(image: Image.Image, centre: Point, radius: float, palette: Palette) -> Image.Image:
    ring = Image.new("L", image.size)
    draw = ImageDraw.Draw(ring)
    for step in range(14):
        reach = radius * (1.3 + step * 0.045)
        box = (
            centre[0] - reach,
            centre[1] - reach * 0.24,
            centre[0] + reach,
            centre[1] + reach * 0.24,
        )
        draw.ellipse(box, outline=90 + (step * 53) % 120, width=2)
    back = canvas.disc(image.size, centre, (radius, radius), 1)
    ImageDraw.Draw(back).rectangle((0, round(centre[1]), *image.size), fill=0)
    mask = ImageChops.multiply(ring, ImageChops.invert(back)).filter(ImageFilter.GaussianBlur(0.7))
    return canvas.laid(image, canvas.mixed(palette.light, palette.accent, 0.25), mask)
