"""How a file was made: prompt, model, settings and source images, from the texts inside it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media import automatic1111, comfyui, files, formats, graphs, notes, workflows
from media.graphs import Graph
from media.notes import Notes

_LONGEST_TEXT = 20_000
_LONGEST_WORD = 255
_LARGEST_NUMBER = 2**64
_CALLED = {"prompt": "ComfyUI prompt", "workflow": "ComfyUI workflow", "parameters": "recipe"}


@dataclass(frozen=True)
class Recipe:
    """What a generator wrote into its file; `problem` says, to a person, what was not read."""

    prompt: str | None
    model: str | None
    params: dict[str, Any]
    inputs: tuple[str, ...] = ()
    problem: str | None = None


def read_recipe(path: Path) -> Recipe | None:
    """The recipe of a file; None when no generator wrote one. Raises a MediaError like `probe`."""
    with files.opened(path) as file:
        return from_notes(notes.read(file, formats.of(file)))


def from_notes(found: Notes) -> Recipe | None:
    """The first recipe that can be read; a problem alone when there are only bad ones."""
    problems = [f"The {_CALLED.get(name, name)} is too long to be read." for name in found.too_long]
    for name, read in _READERS.items():
        if name not in found.texts:
            continue
        try:
            recipe = read(found.texts[name])
        except graphs.BadGraph as error:
            problems.append(f"The {_CALLED[name]} {error}.")
            continue
        if recipe:
            return recipe
    return Recipe(None, None, {}, problem=" ".join(problems)) if problems else None


def _from_prompt(text: str) -> Recipe | None:
    return _from_graph(graphs.from_prompt(graphs.parsed(text)))


def _from_workflow(text: str) -> Recipe | None:
    return _from_graph(workflows.from_workflow(graphs.parsed(text)))


def _from_graph(graph: Graph) -> Recipe | None:
    return _recipe("comfyui", comfyui.params(graph), comfyui.inputs(graph))


def _from_parameters(text: str) -> Recipe | None:
    return _recipe("automatic1111", automatic1111.params(text))


def _recipe(source: str, params: dict[str, Any], inputs: tuple[str, ...] = ()) -> Recipe | None:
    kept = {name: _storable(value) for name, value in params.items() if value not in (None, [])}
    if not kept and not inputs:
        return None
    prompt, model = kept.get("prompt"), kept.get("model", "")[:_LONGEST_WORD]
    return Recipe(
        prompt=prompt or None,
        model=model or None,
        params=kept | {"workflow_source": source},
        inputs=tuple(_storable(name) for name in inputs),
    )


def _storable(value: Any) -> Any:
    """A value as PostgreSQL's jsonb takes it: no NUL, no half character, no endless number."""
    if isinstance(value, str):
        whole = value.replace("\0", "").encode("utf-8", "replace").decode()
        return whole.strip()[:_LONGEST_TEXT]
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {name: _storable(item) for name, item in value.items()}
    if isinstance(value, int | float):
        return value if math.isfinite(value) and abs(value) < _LARGEST_NUMBER else None
    return None


_READERS: dict[str, Callable[[str], Recipe | None]] = {
    "prompt": _from_prompt,
    "workflow": _from_workflow,
    "parameters": _from_parameters,
}
