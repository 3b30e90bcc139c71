"""Landscapes: mountains, seas, deserts and forests under a sky."""

from math import pi, sin
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from media.drawings import canvas
from media.drawings.canvas import Size
from media.drawings.palettes import Palette


def sky(rng: Random, size: Size, palette: Palette, phase: float) -> Image.Image:
    """A sky with its sun or moon on the way, clouds, and stars when it is dark."""
    wide, high = size
    image = canvas.gradient(size, palette.sky)
    place = (wide * (rng.uniform(0.2, 0.6) + 0.25 * phase), high * rng.uniform(0.18, 0.45))
    if palette.is_dark:
        image = _starred(rng, image)
    radius = high * rng.uniform(0.03, 0.075)
    image = canvas.lit(image, place, high * 0.75, palette.light, 0.55)
    image = canvas.lit(image, place, radius * 4, palette.light, 0.8)
    image = canvas.laid(image, palette.light, canvas.disc(size, place, (radius, radius), 1.2))
    return _clouded(rng, image, palette, phase)


def mountains(rng: Random, size: Size, palette: Palette, phase: float) -> Image.Image:
    """Ridges behind one another, each nearer one darker, with snow and mist."""
    image = sky(rng, size, palette, phase)
    layers = rng.randint(4, 6)
    haze = palette.sky[-1]
    for layer in range(layers):
        near = (layer + 1) / layers
        base, height = 0.48 + 0.42 * near, 0.20 - 0.09 * near
        outline = canvas.ridge(rng, size, base, height, 0.56)
        fill = canvas.mixed(haze, palette.land, 0.25 + 0.75 * near)
        rock = canvas.textured(fill, size, rng, 40, 0.2)
        mask = canvas.shape(size, outline)
        if layer == 1:
            rock = _snowed(rng, rock, outline, palette)
        image = canvas.laid(image, rock, mask)
        image = _misted(rng, image, haze, base + 0.08, 0.35 * (1 - near))
    return image


def sea(rng: Random, size: Size, palette: Palette, phase: float) -> Image.Image:
    """Water up to the horizon that gives the light of the sky back."""
    wide, high = size
    horizon = round(high * rng.uniform(0.5, 0.62))
    above = sky(rng, size, palette, phase)
    water = above.crop((0, 2 * horizon - high, wide, horizon)).transpose(
        Image.Transpose.FLIP_TOP_BOTTOM
    )
    water = Image.blend(water, canvas.filled(water.size, palette.land), 0.42)
    ripples = _ripples(rng, water.size)
    water = canvas.laid(water, palette.light, canvas.dimmed(ripples, 0.33))
    image = above.copy()
    image.paste(water.filter(ImageFilter.GaussianBlur(1)), (0, horizon))
    if rng.random() < 0.7:
        image = _headland(rng, image, palette, horizon)
    return _boat(rng, image, palette, horizon, phase) if rng.random() < 0.5 else image


def desert(rng: Random, size: Size, palette: Palette, phase: float) -> Image.Image:
    """Dunes with a lit and a dark side."""
    wide, high = size
    image = sky(rng, size, palette, phase)
    sand = canvas.mixed(palette.accent, palette.sky[-1], 0.45)
    for layer in range(5):
        near = (layer + 1) / 5
        base, swell = high * (0.5 + 0.1 * layer), high * (0.04 + 0.05 * near)
        shift, waves = rng.uniform(0, 2 * pi), rng.uniform(0.6, 1.5)
        crest = [
            (x, base + swell * sin(shift + waves * 2 * pi * x / wide) * (0.6 + 0.4 * x / wide))
            for x in range(0, wide + 9, 8)
        ]
        outline = [*crest, (wide + 9, high), (0, high)]
        lit = canvas.textured(
            canvas.mixed(palette.sky[-1], sand, 0.3 + 0.7 * near), size, rng, 160, 0.07
        )
        image = canvas.laid(image, lit, canvas.shape(size, outline))
        shade = [(x + swell * 0.8, y + swell * (0.5 + 1.1 * near)) for x, y in crest]
        dark = canvas.mixed(palette.land, sand, 0.35)
        mask = ImageChops.subtract(
            canvas.shape(size, outline), canvas.shape(size, [*shade, *outline[-2:]], 9)
        )
        image = canvas.laid(image, dark, canvas.dimmed(mask, 0.3 + 0.4 * near))
    return image


def forest(rng: Random, size: Size, palette: Palette, phase: float) -> Image.Image:
    """Trunks in fog, the nearest ones dark, light falling in between."""
    wide, high = size
    image = canvas.gradient(size, [*palette.sky[1:], palette.sky[-1], palette.land])
    image = canvas.lit(
        image, (wide * (0.3 + 0.4 * phase), high * 0.3), high * 0.8, palette.light, 0.7
    )
    for layer in range(5):
        near = (layer + 1) / 5
        trunks = Image.new("L", size)
        draw = ImageDraw.Draw(trunks)
        for _ in range(rng.randint(9, 13) - layer):
            _tree(rng, draw, size, near, -phase * 60 * near)
        fill = canvas.mixed(palette.sky[-1], palette.land, 0.15 + 0.8 * near)
        image = canvas.laid(image, fill, trunks.filter(ImageFilter.GaussianBlur(2.2 - 1.8 * near)))
        ground = canvas.ridge(rng, size, 0.82 + 0.12 * near, 0.02 + 0.02 * near, 0.6)
        image = canvas.laid(
            image, canvas.textured(fill, size, rng, 90, 0.12), canvas.shape(size, ground)
        )
        image = _misted(rng, image, palette.sky[-1], 0.8, 0.4 * (1 - near))
    return image


def _starred(rng: Random, image: Image.Image) -> Image.Image:
    draw = ImageDraw.Draw(image)
    wide, high = image.size
    for _ in range(wide // 4):
        x, y, glow = rng.randrange(wide), rng.randrange(high * 3 // 4), rng.randint(90, 255)
        draw.point((x, y), (glow, glow, min(255, glow + 20)))
    return image


def _clouded(rng: Random, image: Image.Image, palette: Palette, phase: float) -> Image.Image:
    wide, high = image.size
    banks = canvas.noise(rng, (wide, high * 3), rng.randint(3, 6), 5).resize((wide, high))
    banks = canvas.shifted(banks, phase)
    cover = rng.randint(118, 150)
    mask = canvas.contrasted(banks, cover, cover + 85)
    mask = ImageChops.multiply(
        mask, canvas.gradient(image.size, [(200,) * 3, (235,) * 3, (70,) * 3]).convert("L")
    )
    return canvas.laid(image, canvas.mixed(palette.sky[-1], palette.light, 0.45), mask)


def _misted(
    rng: Random, image: Image.Image, haze: canvas.Colour, level: float, strength: float
) -> Image.Image:
    wide, high = image.size
    band = Image.linear_gradient("L").resize((wide, max(2, round(high * 0.22))))
    mask = Image.new("L", image.size)
    mask.paste(
        band.point([round(v * strength) for v in range(256)]),
        (0, round(high * level) - band.height),
    )
    return canvas.laid(image, haze, ImageChops.multiply(mask, canvas.noise(rng, image.size, 4, 2)))


def _snowed(
    rng: Random, rock: Image.Image, outline: list[canvas.Point], palette: Palette
) -> Image.Image:
    high = rock.height
    top = min(y for _, y in outline)
    lower = [(x, max(y, top + high * 0.10) + rng.uniform(0, high * 0.02)) for x, y in outline[:-2]]
    cap = ImageChops.subtract(
        canvas.shape(rock.size, outline), canvas.shape(rock.size, [*lower, *outline[-2:]], 2)
    )
    cap = ImageChops.multiply(cap, canvas.contrasted(canvas.noise(rng, rock.size, 30, 3), 90, 150))
    return canvas.laid(rock, canvas.mixed(palette.light, palette.sky[-1], 0.3), cap)


def _ripples(rng: Random, size: Size) -> Image.Image:
    """Lines that grow longer towards the viewer."""
    wide, high = size
    lines = Image.frombytes("L", (48, 96), rng.randbytes(48 * 96)).resize(
        size, Image.Resampling.BICUBIC
    )
    fine = Image.frombytes("L", (24, 160), rng.randbytes(24 * 160)).resize(
        size, Image.Resampling.BICUBIC
    )
    ripples = canvas.contrasted(ImageChops.multiply(lines, fine), 95, 190)
    centre = canvas.gradient((high, wide), [(25,) * 3, (255,) * 3, (25,) * 3]).convert("L")
    return ImageChops.multiply(ripples, centre.rotate(90, expand=True).resize(size))


def _headland(rng: Random, image: Image.Image, palette: Palette, horizon: int) -> Image.Image:
    wide, high = image.size
    outline = canvas.ridge(rng, image.size, horizon / high - 0.01, 0.05, 0.55)
    mask = canvas.shape(image.size, outline)
    ImageDraw.Draw(mask).rectangle((0, horizon, wide, high), fill=0)
    return canvas.laid(image, canvas.mixed(palette.land, palette.sky[-1], 0.3), mask)


def _boat(
    rng: Random, image: Image.Image, palette: Palette, horizon: int, phase: float
) -> Image.Image:
    wide, high = image.size
    x, y = wide * (rng.uniform(0.25, 0.5) + 0.3 * phase), horizon + high * 0.07
    unit = high * 0.035
    hull = [
        (x - 2 * unit, y),
        (x + 2 * unit, y),
        (x + 1.4 * unit, y + unit * 0.7),
        (x - 1.5 * unit, y + unit * 0.7),
    ]
    sail = [(x, y - 4 * unit), (x + 1.6 * unit, y - 0.3 * unit), (x, y - 0.3 * unit)]
    image = canvas.laid(image, palette.land, canvas.shape(image.size, hull))
    return canvas.laid(
        image, canvas.mixed(palette.light, palette.accent, 0.35), canvas.shape(image.size, sail)
    )


def _tree(rng: Random, draw: ImageDraw.ImageDraw, size: Size, near: float, shift: float) -> None:
    wide, high = size
    x = rng.uniform(-0.1, 1.15) * wide + shift
    thick, lean = wide * (0.006 + 0.02 * near) * rng.uniform(0.6, 1.3), rng.uniform(-20, 20)
    foot = high * (0.84 + 0.12 * near)
    draw.polygon(
        [
            (x - thick, foot),
            (x + thick, foot),
            (x + thick * 0.5 + lean, 0),
            (x - thick * 0.5 + lean, 0),
        ],
        fill=255,
    )
    for _ in range(rng.randint(3, 7)):
        y, side = rng.uniform(0.02, 0.55) * high, rng.choice((-1, 1))
        reach = side * rng.uniform(2, 7) * thick
        at = x + lean * (1 - y / foot)
        draw.line(
            [(at, y), (at + reach, y - abs(reach) * rng.uniform(0.2, 0.8))],
            fill=255,
            width=max(1, round(thick * 0.35)),
        )
