"""The cascade: layers of settings merged into what holds, and which layer that came from."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import orjson


class LayerName(Enum):
    """A layer, from the farthest to the nearest."""

    DEFAULTS = "defaults"
    USER = "user"
    PROJECT = "project"
    SHOT = "shot"


@dataclass(frozen=True)
class Origin:
    """A leaf of a merged value, and the layer that set it."""

    pointer: str
    layer: LayerName


Layers = Iterable[tuple[LayerName, Any]]


def merged(base: Any, patch: Any) -> Any:
    """A value with another merged into it: objects key by key, anything else replaced."""
    if not isinstance(base, dict) or not isinstance(patch, dict):
        return patch
    inner = {
        key: merged(base[key], value) if key in base else value for key, value in patch.items()
    }
    return base | inner


def origins(layers: Layers) -> list[Origin]:
    """Where every leaf of the merged layers comes from; an empty object is a leaf too."""
    root: _Branch | LayerName = _Branch(LayerName.DEFAULTS, {})
    for name, value in layers:
        root = _merged(root, value, name)
    if isinstance(root, _Branch) and not root.inner:
        return []
    return [Origin(pointer(path), layer) for path, layer in _leaves(root, ())]


@dataclass
class _Branch:
    """An object, the layer that made it one, and what is inside; a leaf is only its layer."""

    layer: LayerName
    inner: dict[str, "_Branch | LayerName"]


def _merged(base: _Branch | LayerName, value: Any, layer: LayerName) -> _Branch | LayerName:
    if not isinstance(value, dict):
        return layer
    branch = base if isinstance(base, _Branch) else _Branch(layer, {})
    for key, inner in value.items():
        branch.inner[key] = _merged(branch.inner.get(key, layer), inner, layer)
    return branch


def _leaves(
    tree: _Branch | LayerName, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], LayerName]]:
    if isinstance(tree, LayerName):
        yield path, tree
    elif not tree.inner:
        yield path, tree.layer
    else:
        for key, inner in tree.inner.items():
            yield from _leaves(inner, (*path, key))


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The leaves of a value with their paths."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    else:
        yield path, value


def reaches(value: Any, path: Iterable[str]) -> bool:
    """Whether there is anything at a path."""
    return bool(_found(value, path))


def holds(value: Any, path: Iterable[str], leaf: Any) -> bool:
    """Whether a leaf is what is at a path; true is not one, as it is in Python."""
    found = _found(value, path)
    return bool(found) and orjson.dumps(found[0]) == orjson.dumps(leaf)


def differing(patch: Any, unset: Iterable[str], now: Any) -> Iterator[str]:
    """The pointers of what was sent to change a value that is not so now."""
    for place, sent in leaves(patch or {}):
        if place and not holds(now, place, sent):
            yield pointer(place)
    for one in unset:
        if now is not None and reaches(now, path(one)):
            yield one


def pointer(path: Any) -> str:
    """The JSON pointer of a path."""
    return "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in path)


def path(of: str) -> list[str]:
    """The keys that a JSON pointer goes through."""
    return [key.replace("~1", "/").replace("~0", "~") for key in of.split("/")[1:]]


def _found(value: Any, path: Iterable[str]) -> list[Any]:
    for key in path:
        if not isinstance(value, dict) or key not in value:
            return []
        value = value[key]
    return [value]
