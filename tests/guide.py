"""The guide for those who write frontends: its snippets, as the files that they are."""

import re
from pathlib import Path

from tests import node

PAPER = Path(__file__).parent.parent / "docs" / "live.md"
_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAMED = {"graphql": re.compile(r"\w+ (\w+)"), "js": re.compile(r"// ([\w.]+)\n")}


def snippets(language: str) -> dict[str, str]:
    """The snippets of a language, by the name that each begins with."""
    texts = [text for kind, text in _FENCED.findall(PAPER.read_text()) if kind == language]
    return {_name(language, text): text for text in texts}


def languages() -> set[str]:
    """The languages of all snippets."""
    return {kind for kind, _ in _FENCED.findall(PAPER.read_text())}


def written(folder: Path) -> Path:
    """A folder with the snippets in JavaScript, beside the packages that they need."""
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "node_modules").symlink_to(node.CLIENTS / "node_modules")
    for name, text in snippets("js").items():
        (folder / name).write_text(text)
    return folder


def _name(language: str, text: str) -> str:
    found = _NAMED[language].match(text)
    assert found, f"A snippet has no name:\n{text}"
    return found[1]
