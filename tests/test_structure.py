"""The house keeps its shape: names, sizes, and what its papers promise."""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest
from pydantic import BaseModel

from server.config import Config

ROOT = Path(__file__).parent.parent
PACKAGES = ("schema", "resolvers", "db", "server", "engine", "media")
CONCEPTS = set(
    """
    users projects members invitations runs generations lineage variants shots shot_entries
    timelines pairs galleries settings tools tasks credits workers resources training chat assets
    sync events facets derived_items video_outputs imports seeds mutations revisions children
    """.split()
)
ROOMS = {
    "schema": set(
        "root fields refs scalars nodes media paging errors problems entry_outcomes".split()
    ),
    "resolvers": set("context media cascade checks items entry_metadata".split()),
    "db": set(
        """
        base rows statements relations filters orders cursors paging slices neighbours nodes
        errors session wire wires landing prepared endings values embedded migrate checks roles
        policies writing violations edits upkeep clocks feed retention doorbells lasting
        """.split()
    ),
    "db/functions": set(
        """
        access locks scopes mirrors primaries places frames shot_data shot_statistics shot_order
        clocks capture retention upkeep
        """.split()
    ),
}
LONGEST_FILE = 250
LONG_FUNCTION = 25


def test_layers_are_divided_into_concepts_of_the_product() -> None:
    strangers = {
        f"{layer}/{path.name}"
        for layer, own in ROOMS.items()
        for path in (ROOT / layer).iterdir()
        if path.suffix in (".py", ".sql") and path.stem not in CONCEPTS | own | {"__init__"}
    }
    assert not strangers


def test_an_sql_function_is_defined_in_one_file() -> None:
    assert not repeated(r"create (?:or replace )?function\s+(?:public\.)?(\w+)")


def test_an_sql_trigger_is_defined_in_one_file() -> None:
    assert not repeated(r"create (?:constraint )?trigger\s+(\w+)[^;]*?\son\s+(?:public\.)?(\w+)")


def test_nothing_is_notified_inside_of_a_transaction_that_writes() -> None:
    statements = re.compile(r"^\s*(?!--).*\b(?:pg_)?notify\b", re.IGNORECASE | re.MULTILINE)
    assert not [path.name for path in sql_files() if statements.search(path.read_text())]


def test_packages_begin_empty() -> None:
    assert not [str(path) for path in code() if path.name == "__init__.py" and path.read_text()]


def test_no_installed_package_takes_one_of_our_names() -> None:
    owners = packages_distributions()
    assert not {name for name in PACKAGES if set(owners.get(name, ())) - {"dailies"}}


def test_no_folder_of_tests_hides_a_package() -> None:
    assert not {path.name for path in (ROOT / "tests").iterdir()} & set(PACKAGES)


def test_files_hold_one_concept() -> None:
    lengths = {str(path.relative_to(ROOT)): len(lines(path)) for path in chain(code(), sql_files())}
    assert not {path: length for path, length in lengths.items() if length > LONGEST_FILE}


def test_functions_are_short() -> None:
    lengths = sorted(chain.from_iterable(map(function_lengths, code())))
    assert lengths[len(lengths) * 9 // 10] <= LONG_FUNCTION


def test_nothing_names_a_package_registry() -> None:
    hosts = ("pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "debian" + ".org")
    assert not [path for path, text in texts() if any(host in text for host in hosts)]


def test_nothing_names_a_folder_of_one_machine() -> None:
    absolute = re.compile(r"(?<![\w.}])/(?:home|root|work|Users)/\w")
    assert not [path for path, text in texts() if absolute.search(text)]


@pytest.mark.parametrize("paper", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_that_is_named_exists(paper: str) -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", read("Makefile"), re.MULTILINE))
    named = set(re.findall(r"(?:`|^|&& )make ([a-z]+)", read(paper), re.MULTILINE))
    assert named
    assert named <= targets


def test_links_between_papers_lead_somewhere() -> None:
    papers = (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("bench/*.md"))
    link = re.compile(r"\]\((?!https?:|#)([^)#]+)")
    links = [(paper, to) for paper in papers for to in link.findall(paper.read_text())]
    assert links
    assert not [(paper.name, to) for paper, to in links if not (paper.parent / to).exists()]


def test_the_newest_release_in_the_changelog_is_this_version() -> None:
    headings = re.findall(r"^## \[(.+?)\]", read("CHANGELOG.md"), re.MULTILINE)
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    assert headings[0] == "Unreleased"
    assert headings[1:2] in ([], [version])


def test_the_readme_lists_every_variable_of_the_environment() -> None:
    listed = [line for line in read("README.md").splitlines() if line.startswith("| `DAILIES_")]
    assert listed == list(variables(Config, "DAILIES_"))


def test_the_lock_pins_every_dependency_with_its_hash() -> None:
    hashed = r"^([\w-]+)(?:\[\S+\])?==.*\\\n    --hash="
    pins = re.findall(hashed, read("requirements.lock"), re.MULTILINE)
    project = tomllib.loads(read("pyproject.toml"))
    asked = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    assert {re.split(r"[\[>=]", name)[0] for name in asked} <= set(pins)


def code() -> list[Path]:
    found = chain.from_iterable((ROOT / package).rglob("*.py") for package in PACKAGES)
    return [path for path in found if path.parent != ROOT / "db/migrations/versions"]


def sql_files() -> list[Path]:
    return [*(ROOT / "db/functions").glob("*.sql"), *(ROOT / "db").glob("*.sql")]


def repeated(definition: str) -> list[object]:
    """What more than one file defines."""
    found = (set(re.findall(definition, path.read_text(), re.IGNORECASE)) for path in sql_files())
    return [name for name, files in Counter(chain.from_iterable(found)).items() if files > 1]


def variables(config: type[BaseModel], prefix: str) -> Iterator[str]:
    """The lines of the README's table, with those of a group in its place."""
    for name, field in config.model_fields.items():
        if isinstance(group := field.annotation, type) and issubclass(group, BaseModel):
            yield from variables(group, f"{prefix}{name.upper()}__")
        else:
            default = "" if field.default in (None, ()) else f"`{field.default}`"
            yield f"| `{prefix}{name.upper()}` | {default} | {field.description} |"


def function_lengths(path: Path) -> Iterator[int]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1


def texts() -> Iterator[tuple[str, str]]:
    """Every text of the repository, without what is built or installed."""
    folders = (ROOT / name for name in (*PACKAGES, "tests", "bench", "docs", ".ci"))
    inside = chain.from_iterable(folder.rglob("*") for folder in folders)
    for path in chain(ROOT.iterdir(), inside):
        if path.is_file() and not {"node_modules", "__pycache__", ".git"} & set(path.parts):
            yield str(path.relative_to(ROOT)), path.read_bytes().decode(errors="ignore")


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


def read(name: str) -> str:
    return (ROOT / name).read_text()
