"""Draws sample files of the kinds that studios have, whole, broken and hostile."""

import json
import struct
import zlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.video.stream import VideoStream
from PIL import Image, PngImagePlugin

Graph = dict[str, dict[str, Any]]

PARAMETERS = """a lighthouse, <lora:storm:0.8> dramatic sky
second line
Negative prompt: blurry, text
watermark
Steps: 24, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 1234567890, \
Size: 512x768, Model hash: 6ce0161689, Model: seaside_v3, Denoising strength: 0.4, \
Lora hashes: "storm: aa11, other: bb22", Version: v1.10.1"""


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    """One node of a ComfyUI graph; links are `["id", 0]`."""
    return {"class_type": kind, "inputs": inputs}


def comfy(**nodes: dict[str, Any]) -> Graph:
    """A text-to-image graph; the nodes given replace its own or join it."""
    graph = {
        "model": node("CheckpointLoaderSimple", ckpt_name="coast.safetensors"),
        "words": node("CLIPTextEncode", text="a red boat", clip=["model", 1]),
        "against": node("CLIPTextEncode", text="fog", clip=["model", 1]),
        "canvas": node("EmptyLatentImage", width=640, height=384, batch_size=1),
        "sampler": sampler(),
        "decode": node("VAEDecode", samples=["sampler", 0], vae=["model", 2]),
        "save": node("SaveImage", images=["decode", 0], filename_prefix="boat"),
    }
    return graph | nodes


def sampler(**inputs: Any) -> dict[str, Any]:
    """A KSampler of that graph."""
    links = {"model": ["model", 0], "positive": ["words", 0], "negative": ["against", 0]}
    values = {"seed": 42, "steps": 20, "cfg": 7.5, "sampler_name": "euler", "denoise": 1.0}
    given = {"scheduler": "karras", "latent_image": ["canvas", 0], **links, **values}
    return node("KSampler", **given | inputs)


def drawing(width: int = 96, height: int = 64, colour: str = "teal") -> Image.Image:
    """A plain picture with a darker top left quarter."""
    image = Image.new("RGB", (width, height), colour)
    image.paste("black", (0, 0, width // 2, height // 2))
    return image


def png(path: Path, image: Image.Image | None = None, **texts: str) -> Path:
    """A PNG with text chunks."""
    notes = PngImagePlugin.PngInfo()
    for name, text in texts.items():
        notes.add_text(name, text)
    (image or drawing()).save(path, "PNG", pnginfo=notes)
    return path


def comfy_png(path: Path, graph: Graph | None = None) -> Path:
    """A PNG as ComfyUI saves it."""
    return png(path, prompt=json.dumps(graph or comfy()))


def comfy_webp(path: Path, graph: Graph | None = None, frames: int = 1) -> Path:
    """A WebP as ComfyUI saves it, each frame 125 ms long."""
    exif = Image.Exif()
    exif[0x010F] = 'workflow:{"nodes": []}'
    exif[0x0110] = f"prompt:{json.dumps(graph or comfy())}"
    first, *rest = (drawing(colour=f"#{40 * at:02x}80c0") for at in range(frames))
    first.save(path, "WEBP", exif=exif, save_all=True, append_images=rest, duration=125)
    return path


def parameters_png(path: Path, text: str = PARAMETERS) -> Path:
    """A PNG as Automatic1111 saves it."""
    return png(path, parameters=text)


def parameters_photo(path: Path, text: str = PARAMETERS, encoding: str = "utf-16-be") -> Path:
    """A JPEG or WebP as Automatic1111 saves it, the text in the user comment."""
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + text.encode(encoding)
    drawing().save(path, exif=exif)
    return path


def animated_png(path: Path, graph: Graph) -> Path:
    """An animated PNG as ComfyUI saves it: two frames of 100 ms, the graph in its own chunk."""
    notes = PngImagePlugin.PngInfo()
    notes.add(b"comf", b"prompt\0" + json.dumps(graph).encode(), after_idat=True)
    second = drawing(colour="red")
    drawing().save(path, "PNG", save_all=True, append_images=[second], duration=100, pnginfo=notes)
    return path


def animated_gif(path: Path) -> Path:
    """A GIF of three frames, 80 ms each."""
    rest = [drawing(colour=colour) for colour in ("red", "blue")]
    drawing().save(path, "GIF", save_all=True, append_images=rest, duration=80)
    return path


def video(path: Path, seconds: int = 2, **notes: str) -> Path:
    """An MP4 or WebM of 8 frames a second, with notes in its container."""
    options = {"movflags": "use_metadata_tags"} if path.suffix == ".mp4" else {}
    codec = "libx264" if path.suffix == ".mp4" else "libvpx"
    with av.open(str(path), "w", container_options=options) as container:
        container.metadata.update(notes)
        stream = container.add_stream(codec, rate=8)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.time_base = Fraction(1, 8)
        for at in range(8 * seconds):
            image = drawing(colour="orange" if at < 4 else "navy")
            frame = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def cut(path: Path, share: float = 0.5) -> Path:
    """The same file, ending early."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def chunk(kind: bytes, content: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + _checksum(kind, content)


def with_chunk(path: Path, kind: bytes, content: bytes) -> Path:
    """The same PNG with one chunk more, behind its header."""
    whole = path.read_bytes()
    path.write_bytes(whole[:33] + chunk(kind, content) + whole[33:])
    return path


def png_bomb(path: Path, width: int = 60_000, height: int = 60_000) -> Path:
    """A tiny PNG that says it is huge."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes(1000)))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + pixels + chunk(b"IEND", b""))
    return path


def webp_bomb(path: Path) -> Path:
    """A tiny animated WebP whose canvas is huge."""
    canvas = bytes([2, 0, 0, 0]) + (2**14 - 1).to_bytes(3, "little") * 2
    body = b"WEBPVP8X" + struct.pack("<I", len(canvas)) + canvas
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path


def _checksum(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(kind + content))
