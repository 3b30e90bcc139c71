"""The cascade in plain Python: every layer is a flat list of what was set at which path."""

from collections.abc import Iterator
from typing import Any

Path = tuple[str, ...]
LAYERS = ("DEFAULTS", "USER", "PROJECT", "SHOT")


class Model:
    """Layers of leaves by path; an empty object is a leaf, and so is a list."""

    def __init__(self) -> None:
        self.layers: dict[str, dict[Path, Any]] = {name: {} for name in LAYERS}

    def patch(self, layer: str, value: Any) -> None:
        """Set each leaf of a patch."""
        for path, leaf in leaves(value, ()):
            put(self.layers[layer], path, leaf)

    def unset(self, layer: str, path: Path) -> None:
        """Take out what is at a path and below it."""
        kept = self.layers[layer]
        for one in [one for one in kept if one[: len(path)] == path]:
            del kept[one]

    def value(self) -> Any:
        """What holds."""
        return tree(self._merged())

    def layer(self, name: str) -> Any:
        """What a layer holds; None for nothing."""
        return tree(self.layers[name]) if self.layers[name] else None

    def origins(self) -> dict[str, str]:
        """The layer of each leaf by its JSON pointer."""
        return {pointer(path): layer for path, (layer, _) in self._tagged().items() if path}

    def _merged(self) -> dict[Path, Any]:
        return {path: leaf for path, (_, leaf) in self._tagged().items()}

    def _tagged(self) -> dict[Path, tuple[str, Any]]:
        whole: dict[Path, tuple[str, Any]] = {}
        for name in LAYERS:
            for path, leaf in self.layers[name].items():
                put(whole, path, (name, leaf))
        return whole


def put(kept: dict[Path, Any], path: Path, leaf: Any) -> None:
    """Set a leaf: what is below it goes, and what it is below of becomes an object."""
    below = [one for one in kept if len(one) > len(path) and one[: len(path)] == path]
    if below and bare(leaf) == {}:
        return
    for one in [*below, *(path[:n] for n in range(len(path)))]:
        kept.pop(one, None)
    if bare(leaf) == {} and bare(kept.get(path)) == {}:
        return
    kept[path] = leaf


def bare(leaf: Any) -> Any:
    """A leaf without the layer that it is tagged with."""
    return leaf[1] if isinstance(leaf, tuple) else leaf


def leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """The leaves of a value; a whole that is empty has none."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif path:
        yield path, value


def tree(kept: dict[Path, Any]) -> Any:
    """The object that has these leaves."""
    whole: Any = {}
    for path, leaf in kept.items():
        place = whole
        for key in path[:-1]:
            place = place.setdefault(key, {})
        place[path[-1]] = leaf
    return whole


def pointer(path: Path) -> str:
    """The JSON pointer of a path."""
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in path)
