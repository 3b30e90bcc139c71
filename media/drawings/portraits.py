"""Portraits: head and shoulders, no more of a face than the light shows."""

from random import Random

from PIL import Image, ImageChops, ImageFilter

from media.drawings import canvas
from media.drawings.canvas import Colour, Point, Size
from media.drawings.palettes import Palette

_SKIN = tuple(map(canvas.colour, ("f0c9a8", "d9a27a", "b97a50", "8a5534", "5d3a26", "f7dcc4")))


def portrait(rng: Random, size: Size, palette: Palette, phase: float) -> Image.Image:
    """Head and shoulders, lit from the side, lights out of focus behind."""
    wide, high = size
    unit = min(wide, high * 0.8) * rng.uniform(0.17, 0.21)
    centre = (wide * (rng.uniform(0.42, 0.52) + 0.08 * phase), high * rng.uniform(0.38, 0.44))
    side = rng.choice((-1, 1))
    image = _bokeh(rng, size, palette)
    hair = canvas.mixed(
        canvas.mixed(palette.land, (0, 0, 0), 0.35), palette.accent, rng.choice((0, 0.1, 0.5))
    )
    cloth = canvas.mixed(palette.land, palette.accent, rng.choice((0.2, 0.5, 0.9)))
    skin = canvas.mixed(rng.choice(_SKIN), palette.sky[-1], 0.25)
    back = rng.uniform(1.25, 1.6)
    image = _modelled(image, hair, _mane(size, centre, unit, back), side, palette)
    image = _modelled(image, cloth, _shoulders(size, centre, unit), side, palette)
    image = _modelled(
        image, canvas.mixed(skin, palette.land, 0.25), _neck(size, centre, unit), side, palette
    )
    turn = side * unit * rng.uniform(0.05, 0.2)
    face = canvas.disc(size, (centre[0] + turn, centre[1]), (unit * 0.78, unit * 1.06), 1.5)
    image = _modelled(image, skin, face, side, palette)
    image = _features(image, (centre[0] + turn * 2, centre[1]), unit, skin, palette)
    fringe = ImageChops.multiply(
        canvas.disc(
            size, (centre[0] - turn, centre[1] - unit * 0.55), (unit * 1.02, unit * 0.82), 2
        ),
        ImageChops.invert(
            canvas.disc(
                size,
                (centre[0] + turn * 2.4, centre[1] + unit * 0.35),
                (unit * 0.86, unit * 0.98),
                2,
            )
        ),
    )
    return _modelled(image, hair, fringe, side, palette)


def _bokeh(rng: Random, size: Size, palette: Palette) -> Image.Image:
    wide, high = size
    image = canvas.gradient(size, [*palette.sky, palette.land])
    for _ in range(rng.randint(8, 18)):
        place = (rng.uniform(0, wide), rng.uniform(0, high * 0.8))
        radius = high * rng.uniform(0.015, 0.06)
        fill = rng.choice((palette.light, palette.accent, palette.sky[-1]))
        mask = canvas.disc(size, place, (radius, radius), 1.5)
        image = canvas.laid(image, fill, canvas.dimmed(mask, rng.uniform(0.12, 0.45)))
    return image.filter(ImageFilter.GaussianBlur(2))


def _modelled(
    image: Image.Image, fill: Colour, mask: Image.Image, side: int, palette: Palette
) -> Image.Image:
    """A body in the light: bright towards one side, dark towards the other, with a rim."""
    box = mask.getbbox()
    if box is None:
        return image
    cut = mask.crop(box)
    tones = [canvas.mixed(fill, palette.light, 0.4), fill, canvas.mixed(fill, palette.land, 0.8)]
    across = canvas.gradient((64, 64), tones).rotate(90 * side)
    body = across.resize(cut.size)
    moved = ImageChops.offset(cut, -side * 6, 4).filter(ImageFilter.BoxBlur(3))
    rim = canvas.dimmed(ImageChops.multiply(ImageChops.subtract(cut, moved), cut), 0.55)
    result = image.copy()
    result.paste(canvas.laid(body, palette.light, rim), box, cut)
    return result


def _mane(size: Size, centre: Point, unit: float, length: float) -> Image.Image:
    x, y = centre
    crown = canvas.disc(size, (x, y - unit * 0.12), (unit * 1.02, unit * 1.15), 2)
    fall = canvas.disc(size, (x, y + unit * 0.45), (unit * 1.08, unit * length), 3)
    return ImageChops.lighter(crown, fall)


def _shoulders(size: Size, centre: Point, unit: float) -> Image.Image:
    x, y = centre
    body = canvas.disc(size, (x, y + unit * 4.0), (unit * 2.35, unit * 2.25), 2)
    return ImageChops.lighter(
        body, canvas.disc(size, (x, y + unit * 2.3), (unit * 1.2, unit * 0.55), 3)
    )


def _neck(size: Size, centre: Point, unit: float) -> Image.Image:
    x, y = centre
    return canvas.disc(size, (x, y + unit * 1.2), (unit * 0.42, unit * 0.95), 2)


def _features(
    image: Image.Image, centre: Point, unit: float, skin: Colour, palette: Palette
) -> Image.Image:
    """No more than shadows: the eyes, the nose, the mouth."""
    x, y = centre
    shade = canvas.mixed(skin, palette.land, 0.75)
    soft = unit * 0.05
    places = [
        ((x - unit * 0.3, y - unit * 0.02), (unit * 0.17, unit * 0.07)),
        ((x + unit * 0.3, y - unit * 0.02), (unit * 0.17, unit * 0.07)),
        ((x + unit * 0.05, y + unit * 0.36), (unit * 0.1, unit * 0.05)),
        ((x, y + unit * 0.6), (unit * 0.18, unit * 0.045)),
    ]
    for place, radius in places:
        shadow = canvas.disc(image.size, place, radius, soft)
        image = canvas.laid(image, shade, canvas.dimmed(shadow, 0.6))
    return image
