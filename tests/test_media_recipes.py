"""Recipes are found wherever generators leave them, and bad ones say what is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from media.recipes import Recipe, read_recipe
from tests import samples


def test_a_comfyui_png_tells_how_it_was_made(tmp_path: Path) -> None:
    assert read_recipe(samples.comfy_png(tmp_path / "boat.png")) == Recipe(
        prompt="a red boat",
        model="coast.safetensors",
        params={
            "prompt": "a red boat",
            "negative_prompt": "fog",
            "model": "coast.safetensors",
            "seed": 42,
            "steps": 20,
            "cfg": 7.5,
            "sampler": "euler",
            "scheduler": "karras",
            "denoise": 1.0,
            "width": 640,
            "height": 384,
            "workflow_source": "comfyui",
        },
    )


def test_an_automatic1111_png_tells_how_it_was_made(tmp_path: Path) -> None:
    prompt = "a lighthouse, <lora:storm:0.8> dramatic sky\nsecond line"
    assert read_recipe(samples.parameters_png(tmp_path / "light.png")) == Recipe(
        prompt=prompt,
        model="seaside_v3",
        params={
            "prompt": prompt,
            "negative_prompt": "blurry, text\nwatermark",
            "model": "seaside_v3",
            "seed": 1234567890,
            "steps": 24,
            "cfg": 6.5,
            "sampler": "DPM++ 2M",
            "scheduler": "Karras",
            "denoise": 0.4,
            "width": 512,
            "height": 768,
            "loras": [{"name": "storm", "strength": 0.8}],
            "workflow_source": "automatic1111",
        },
    )


@pytest.mark.parametrize("frames", [1, 3])
def test_a_comfyui_webp_has_the_same_recipe(tmp_path: Path, frames: int) -> None:
    webp = samples.comfy_webp(tmp_path / "boat.webp", frames=frames)
    assert read_recipe(webp) == read_recipe(samples.comfy_png(tmp_path / "boat.png"))


@pytest.mark.parametrize("name", ["boat.mp4", "boat.webm"])
def test_a_comfyui_video_has_the_same_recipe(tmp_path: Path, name: str) -> None:
    video = samples.video(tmp_path / name, prompt=json.dumps(samples.comfy()))
    assert read_recipe(video) == read_recipe(samples.comfy_png(tmp_path / "boat.png"))


def test_a_video_may_keep_its_recipe_in_the_comment(tmp_path: Path) -> None:
    comment = json.dumps({"prompt": json.dumps(samples.comfy()), "workflow": {}})
    video = samples.video(tmp_path / "boat.mp4", comment=comment)
    assert read_recipe(video) == read_recipe(samples.comfy_png(tmp_path / "boat.png"))


def test_a_comfyui_animated_png_has_the_same_recipe(tmp_path: Path) -> None:
    animated = samples.animated_png(tmp_path / "moving.png", samples.comfy())
    assert read_recipe(animated) == read_recipe(samples.comfy_png(tmp_path / "boat.png"))


@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-16-le", "utf-16"])
@pytest.mark.parametrize("name", ["light.jpg", "light.webp"])
def test_photos_keep_parameters_in_their_user_comment(
    tmp_path: Path, name: str, encoding: str
) -> None:
    photo = samples.parameters_photo(tmp_path / name, encoding=encoding)
    assert read_recipe(photo) == read_recipe(samples.parameters_png(tmp_path / "light.png"))


@pytest.mark.parametrize("packed", [False, True])
def test_international_and_packed_texts_are_read(tmp_path: Path, packed: bool) -> None:
    notes = PngImagePlugin.PngInfo()
    text = samples.PARAMETERS.replace("a lighthouse", "灯台")
    notes.add_itxt("parameters", text, zip=packed)
    samples.drawing().save(tmp_path / "light.png", pnginfo=notes)
    assert found(tmp_path / "light.png").params["prompt"].startswith("灯台, ")


def test_a_packed_plain_text_is_read(tmp_path: Path) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("parameters", samples.PARAMETERS, zip=True)
    samples.drawing().save(tmp_path / "light.png", pnginfo=notes)
    assert found(tmp_path / "light.png").model == "seaside_v3"


def test_utf_8_in_a_latin_1_chunk_is_read_as_it_was_meant(tmp_path: Path) -> None:
    path = samples.png(tmp_path / "cafe.png")
    samples.with_chunk(path, b"tEXt", "parameters\0café\nSteps: 1, Seed: 2, CFG scale: 3".encode())
    assert found(path).prompt == "café"


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.gif"])
def test_a_picture_without_notes_has_no_recipe(tmp_path: Path, name: str) -> None:
    samples.drawing().save(tmp_path / name)
    assert read_recipe(tmp_path / name) is None


def test_a_camera_picture_has_no_recipe(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "NIKON CORPORATION", "NIKON D90"
    samples.drawing().save(tmp_path / "photo.jpg", exif=exif)
    assert read_recipe(tmp_path / "photo.jpg") is None


def test_a_graph_of_a_picture_that_ends_early_is_still_read(tmp_path: Path) -> None:
    path = samples.cut(samples.comfy_png(tmp_path / "boat.png"), 0.98)
    assert found(path).prompt == "a red boat"


def test_not_a_number_is_read_as_nothing(tmp_path: Path) -> None:
    graph = samples.comfy() | {"odd": {**samples.node("Note"), "is_changed": [float("nan")]}}
    path = samples.png(tmp_path / "odd.png", prompt=json.dumps(graph))
    assert found(path).prompt == "a red boat"


def test_parameters_are_read_where_the_graph_is_bad(tmp_path: Path) -> None:
    path = samples.png(tmp_path / "both.png", prompt="{", parameters=samples.PARAMETERS)
    assert found(path).model == "seaside_v3"


@pytest.mark.parametrize(
    ("prompt", "problem"),
    [
        ('{"1": {"class_type"', "The ComfyUI prompt is not valid JSON."),
        ("[" * 100_000, "The ComfyUI prompt is nested too deeply."),
        ('{"a":' * 100_000, "The ComfyUI prompt is nested too deeply."),
        ('{"seed": ' + "9" * 5000 + "}", "The ComfyUI prompt is not valid JSON."),
        ("[1, 2]", "The ComfyUI prompt is not a graph."),
        (json.dumps(dict.fromkeys(range(5001))), "The ComfyUI prompt has more than 5,000 nodes."),
    ],
)
def test_a_bad_graph_leaves_a_problem(tmp_path: Path, prompt: str, problem: str) -> None:
    recipe = read_recipe(samples.png(tmp_path / "bad.png", prompt=prompt))
    assert recipe == Recipe(None, None, {}, problem=problem)


def test_a_text_of_100_megabytes_leaves_a_problem(tmp_path: Path) -> None:
    path = samples.png(tmp_path / "long.png")
    samples.with_chunk(path, b"tEXt", b"prompt\0" + b" " * 100_000_000)
    assert found(path).problem == "The ComfyUI prompt is too long to be read."


def test_a_text_that_unpacks_without_end_leaves_a_problem(tmp_path: Path) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("prompt", " " * 50_000_000, zip=True)
    samples.drawing().save(tmp_path / "zip.png", pnginfo=notes)
    assert found(tmp_path / "zip.png").problem == "The ComfyUI prompt is too long to be read."


def test_a_tangled_graph_leaves_a_problem_in_seconds(tmp_path: Path) -> None:
    hub = samples.node("Hub", **{f"cond{at}": ["hub", 0] for at in range(100_000)})
    saves = {f"s{at}": samples.node("SaveImage", images=["hub", 0]) for at in range(40)}
    path = samples.png(tmp_path / "knot.png", prompt=json.dumps({"hub": hub} | saves))
    assert found(path).problem == "The ComfyUI prompt is too tangled to be followed."


def test_a_graph_of_circles_is_read_to_its_end(tmp_path: Path) -> None:
    loop = samples.node("ConditioningCombine", conditioning_1=["loop", 0], conditioning_2=["w", 0])
    graph = samples.comfy(loop=loop, w=samples.node("CLIPTextEncode", text="a loop"))
    graph["sampler"]["inputs"] |= {"positive": ["loop", 0], "model": ["sampler", 0]}
    assert found(samples.comfy_png(tmp_path / "loop.png", graph)).prompt == "a loop"


def test_params_can_be_stored_whatever_was_written(tmp_path: Path) -> None:
    graph = samples.comfy(sampler=samples.sampler(seed=10**30, cfg=1e999, steps=2**64 - 1))
    graph["words"]["inputs"]["text"] = "a\0b \ud800 " + "x" * 30_000
    recipe = found(samples.comfy_png(tmp_path / "odd.png", graph))
    assert recipe.prompt is not None
    assert recipe.prompt.startswith("ab ? xxx")
    assert len(recipe.prompt) == 20_000
    assert recipe.params["steps"] == 2**64 - 1
    assert not {"seed", "cfg"} & {name for name, value in recipe.params.items() if value}


@pytest.mark.parametrize(
    "value", [None, 7, [], {}, "text", ["gone", 0], [["x"], 0], [{}, 1], [None, None], True]
)
def test_odd_values_in_any_input_are_passed_over(tmp_path: Path, value: Any) -> None:
    for name, node in samples.comfy().items():
        for key in node["inputs"]:
            graph = samples.comfy()
            graph[name]["inputs"][key] = value
            recipe = read_recipe(samples.comfy_png(tmp_path / "odd.png", graph))
            assert recipe is None or recipe.problem is None


def found(path: Path) -> Recipe:
    recipe = read_recipe(path)
    assert recipe is not None
    return recipe
