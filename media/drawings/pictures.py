"""Drawn pictures: a scene, in the colours of a palette, in a style."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from random import Random

from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

from media.drawings import canvas, cities, landscapes, portraits, subjects
from media.drawings.palettes import PALETTES, Palette

Scene = Callable[[Random, canvas.Size, Palette, float], Image.Image]

SCENES: dict[str, Scene] = {
    "mountains": landscapes.mountains,
    "sea": landscapes.sea,
    "desert": landscapes.desert,
    "forest": landscapes.forest,
    "skyline": cities.skyline,
    "street": cities.street,
    "portrait": portraits.portrait,
    "still life": subjects.still_life,
    "planet": subjects.planet,
    "flow": subjects.flow,
}


@dataclass(frozen=True)
class Picture:
    """What is drawn; the same seed gives the same scene, whatever its colours and style."""

    scene: str
    seed: int
    palette: str
    style: str = "photo"
    width: int = 768
    height: int = 432
    phase: float = 0.0
    quality: int = 84


def drawn(picture: Picture) -> Image.Image:
    """The picture; `phase`, from 0 to 1, is how far its camera and light have moved."""
    rng = Random(f"{picture.scene} {picture.seed}")  # noqa: S311
    size = picture.width, picture.height
    image = SCENES[picture.scene](rng, size, PALETTES[picture.palette], picture.phase)
    return STYLES[picture.style](rng, image, PALETTES[picture.palette])


def encoded(image: Image.Image, quality: int = 84) -> bytes:
    """An image as a JPEG."""
    with BytesIO() as buffer:
        image.save(buffer, "JPEG", quality=quality)
        return buffer.getvalue()


def _photo(rng: Random, image: Image.Image, palette: Palette) -> Image.Image:
    return _grained(rng, _framed(ImageEnhance.Contrast(image).enhance(1.06)), 16)


def _film(rng: Random, image: Image.Image, palette: Palette) -> Image.Image:
    faded = image.point([*_curve(14, 246), *_curve(10, 240), *_curve(26, 226)])
    return _grained(rng, _framed(ImageEnhance.Color(faded).enhance(0.86)), 30)


def _noir(rng: Random, image: Image.Image, palette: Palette) -> Image.Image:
    plain = ImageOps.autocontrast(image.convert("L"), cutoff=1)
    toned = ImageOps.colorize(plain, "#07080b", "#f4f0e8", "#6d6c70")
    return _grained(rng, _framed(ImageEnhance.Contrast(toned).enhance(1.2)), 34)


def _painted(rng: Random, image: Image.Image, palette: Palette) -> Image.Image:
    """Broad strokes on a canvas."""
    small = image.resize((image.width // 2, image.height // 2), Image.Resampling.BOX)
    broad = small.filter(ImageFilter.ModeFilter(4)).resize(image.size)
    strokes = canvas.noise(rng, (image.width, image.height * 2), 40, 2).resize(image.size)
    weave = canvas.grey(
        canvas.contrasted(strokes, 40, 215).point([228 + v // 10 for v in range(256)])
    )
    return ImageEnhance.Color(ImageChops.multiply(broad, weave)).enhance(1.25)


def _poster(rng: Random, image: Image.Image, palette: Palette) -> Image.Image:
    """Few flat colours."""
    flat = ImageOps.posterize(image.filter(ImageFilter.MedianFilter(3)), 3)
    return Image.blend(flat, ImageEnhance.Color(image).enhance(1.5), 0.35)


def _dream(rng: Random, image: Image.Image, palette: Palette) -> Image.Image:
    """Everything bright glows."""
    soft = image.filter(ImageFilter.GaussianBlur(12))
    glow = ImageChops.screen(image, soft.point([v * v // 255 * 3 // 4 for v in range(256)] * 3))
    return _grained(rng, _framed(Image.blend(glow, soft, 0.18)), 12)


def _sketch(rng: Random, image: Image.Image, palette: Palette) -> Image.Image:
    """Pencil on paper."""
    plain = ImageOps.autocontrast(image.convert("L").filter(ImageFilter.GaussianBlur(1.4)), 2)
    blurred = ImageChops.invert(plain).filter(ImageFilter.GaussianBlur(7))
    dodged = ImageChops.add(plain, ImageChops.add(plain, blurred), 2.0, -70)
    hatch = canvas.noise(rng, (image.height, image.width), 90, 2).rotate(45, expand=True)
    side = min(image.size) // 3
    middle = hatch.width // 2, hatch.height // 2
    box = (middle[0] - side, middle[1] - side, middle[0] + side, middle[1] + side)
    hatch = hatch.crop(box).resize(image.size)
    drawing = ImageChops.overlay(
        ImageOps.autocontrast(dodged, 3), hatch.point([112 + v // 4 for v in range(256)])
    )
    return ImageOps.colorize(drawing, "#23222b", "#f6f1e6")


STYLES: dict[str, Callable[[Random, Image.Image, Palette], Image.Image]] = {
    "photo": _photo,
    "film": _film,
    "noir": _noir,
    "painted": _painted,
    "poster": _poster,
    "dream": _dream,
    "sketch": _sketch,
}


def _curve(low: int, high: int) -> list[int]:
    return [low + v * (high - low) // 255 for v in range(256)]


def _framed(image: Image.Image) -> Image.Image:
    """Darker towards the corners."""
    dark = Image.radial_gradient("L").resize(image.size)
    mask = dark.point([255 - max(0, v - 110) * 3 // 4 for v in range(256)])
    return ImageChops.multiply(image, canvas.grey(mask))


def _grained(rng: Random, image: Image.Image, strength: int) -> Image.Image:
    size = (image.width // 2, image.height // 2)
    grain = Image.frombytes("L", size, rng.randbytes(size[0] * size[1])).resize(image.size)
    soft = grain.point([128 + (v - 128) * strength // 255 for v in range(256)])
    return ImageChops.overlay(image, canvas.grey(soft))
