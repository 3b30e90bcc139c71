"""Real outputs, where `DAILIES_TEST_OUTPUTS` or the folder next door has some, are all read."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from media import files, formats, notes
from media.errors import MediaError
from media.notes import Notes
from media.probe import probe
from media.recipes import from_notes, read_recipe

NEXT_DOOR = Path(__file__).parents[2] / "shared" / "data" / "comfyui_examples"
FOLDER = Path(os.environ.get("DAILIES_TEST_OUTPUTS", NEXT_DOOR))
OUTPUTS = [path for path in files.walk(FOLDER) if path.suffix in (".png", ".webp", ".mp4")]

pytestmark = pytest.mark.skipif(not OUTPUTS, reason="There are no outputs to read.")

KNOWN = {
    "2_pass_txt2img/hiresfix_latent_workflow.png": ("masterpiece HDR victorian", 89848141647836),
    "edit_models/sdxl_edit_model.png": ("snow at sunset oil painting", 11652752290163),
    "flux/flux_controlnet_example.png": ("anime girl smiling with long hair", 370146334065324),
    "flux/flux_kontext_example_comic.webp": ("she has massive fennec ears", 972054013131399),
    "gligen/gligen_textbox_example.png": ("photograph scenery landscape", 1023216319780679),
    "sdturbo/sdxlturbo_example.png": ("beautiful landscape scenery glass bottle", 0),
    "wan/image_to_video_wan_example.webp": ("a cute anime girl", 987948718394761),
}
GROUPS = "workflow/"
READERS: tuple[Callable[[Path], object], ...] = (probe, read_recipe)


@pytest.mark.parametrize("path", OUTPUTS, ids=lambda path: path.name)
def test_every_output_is_measured(path: Path) -> None:
    found = probe(files.within(FOLDER, path))
    assert found.width * found.height > 0
    assert (found.kind == "video") == (found.duration_ms is not None)


@pytest.mark.parametrize("path", OUTPUTS, ids=lambda path: path.name)
def test_every_recipe_is_read_without_a_problem(path: Path) -> None:
    recipe = read_recipe(path)
    assert recipe is None or (recipe.params and recipe.problem is None)


@pytest.mark.parametrize("path", OUTPUTS, ids=lambda path: path.name)
def test_the_drawing_tells_what_the_run_tells(path: Path) -> None:
    with files.opened(path) as file:
        texts = notes.read(file, formats.of(file)).texts
    if {"prompt", "workflow"} <= set(texts) and GROUPS not in texts["workflow"]:
        assert from_notes(Notes({"workflow": texts["workflow"]})) == read_recipe(path)


@pytest.mark.skipif(FOLDER != NEXT_DOOR, reason="These outputs are not known.")
@pytest.mark.parametrize("name", KNOWN)
def test_known_outputs_have_their_prompt_and_seed(name: str) -> None:
    recipe = read_recipe(FOLDER / name)
    assert recipe is not None
    prompt, seed = KNOWN[name]
    assert (recipe.prompt or "").startswith(prompt)
    assert recipe.params["seed"] == seed


@pytest.mark.skipif(FOLDER != NEXT_DOOR, reason="These outputs are not known.")
def test_an_output_names_the_outputs_it_was_made_from() -> None:
    made = read_recipe(FOLDER / "controlnet/mixing_controlnets.png")
    assert made is not None
    assert made.inputs == ("pose_present.png", "house_scribble.png")


def test_a_cut_or_damaged_output_never_fails_in_another_way(tmp_path: Path) -> None:
    for path in OUTPUTS[::5]:
        content = path.read_bytes()
        damaged = tmp_path / path.name
        for share in (0.0001, 0.01, 0.5, 0.999):
            damaged.write_bytes(content[: int(len(content) * share)])
            for read in READERS:
                with suppress(MediaError):
                    read(damaged)
