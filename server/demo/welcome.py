"""What the demo says when it answers: where it is, a token, and queries to paste."""

from collections.abc import Iterator

from rich.console import Console
from rich.syntax import Syntax

from server import auth, local
from server.config import Config
from server.demo.studio import identity
from server.demo.themes import NORTH
from server.serving import Greet

_PROJECT = identity("project", NORTH.name)
_SHOT = identity(_PROJECT, "shot", 0)
_EDITED = identity(_PROJECT, "chain 3")

GALLERY = f"""\
{{
  project(id: "{_PROJECT}") {{
    name
    generations(first: 12) {{
      totalCount {{ value exact }}
      pageInfo {{ hasNextPage endCursor }}
      nodes {{ id mediaType prompt model starred thumbUrl blurhash variantCount createdAt }}
    }}
  }}
}}"""
TIMELINE = f"""\
{{
  shot(id: "{_SHOT}") {{
    name
    timeline {{ nodes {{ timelineFrame generation {{ thumbUrl }} metadata {{ locked }} }} }}
    pairs {{ nodes {{ index startFrame endFrame resolvedPrompt enhancedPrompt }} }}
    finalVideos {{ nodes {{ name url duration children {{ nodes {{ childOrder url }} }} }} }}
  }}
}}"""
LINEAGE = f"""\
{{
  generation(id: "{_EDITED}") {{
    prompt
    basedOn {{ prompt }}
    lineage(direction: BOTH, depth: 6) {{
      nodes {{ id prompt thumbUrl }}
      edges {{ source target }}
    }}
  }}
}}"""
QUERIES = {
    "A page of a gallery": GALLERY,
    "A shot: its timeline, the pairs on it, its videos": TIMELINE,
    "What a picture was made from, and what was made from it": LINEAGE,
}


def greeting(config: Config) -> Greet:
    """A greeting to be shown with the address, once there is one."""
    token = auth.mint(config, local.USER_ID, name=local.USER_NAME)

    def greet(address: str) -> None:
        console = Console(highlight=False, soft_wrap=True)
        for line in _lines(address, token):
            console.print(line, markup=False)
        for title, query in QUERIES.items():
            console.print(f"\n# {title}", style="bold")
            console.print(Syntax(query, "graphql", background_color="default"))
        console.print("\nCtrl-C stops it.", style="dim")

    return greet


def _lines(address: str, token: str) -> Iterator[str]:
    yield f"Dailies answers at {address}/graphql"
    yield ""
    yield "Open this, and paste a query from below:"
    yield f"{address}/graphql#token={token}"
    yield ""
    yield "Or send this header along:"
    yield f"Authorization: Bearer {token}"
