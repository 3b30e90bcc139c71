"""What those who write frontends read: its snippets, as the files that they are."""

import re
from pathlib import Path

from tests import node

_DOCS = Path(__file__).parent.parent / "docs"
GUIDE = _DOCS / "live.md"
REFERENCE = _DOCS / "live-reference.md"
_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAMED = {"graphql": re.compile(r"\w+ (\w+)"), "js": re.compile(r"// ([\w.]+)\n")}


def snippets(language: str) -> dict[str, str]:
    """The snippets of a language, by the name that each begins with."""
    return {_name(language, text): text for kind, text in _fenced() if kind == language}


def languages() -> set[str]:
    """The languages of all snippets."""
    return {kind for kind, _ in _fenced()}


def text() -> str:
    """All of it."""
    return GUIDE.read_text() + REFERENCE.read_text()


def written(folder: Path) -> Path:
    """A folder with the snippets in JavaScript, beside the packages that they need."""
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "node_modules").symlink_to(node.CLIENTS / "node_modules")
    for name, text in snippets("js").items():
        (folder / name).write_text(text)
    return folder


def _fenced() -> list[tuple[str, str]]:
    return _FENCED.findall(text())


def _name(language: str, text: str) -> str:
    found = _NAMED[language].match(text)
    assert found, f"A snippet has no name:\n{text}"
    return found[1]
