"""The command line: everything that a person does with the gateway."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from db import checks, retention
from db import migrate as migrations
from db import tools as registry
from db.checks import Finding
from db.imports import NotWritable
from schema import root
from server import (
    auth,
    config,
    database,
    importing,
    links,
    local,
    serving,
    starting,
    telling,
    upkeep,
)
from server import tools as registering
from server.config import BadConfig, Config
from server.demo import seeding, welcome
from server.importing import Owner
from server.links import Links

app = typer.Typer(help="The GraphQL gateway for AI image and video studios.", no_args_is_help=True)
tools = typer.Typer(help="What settings belong to.", no_args_is_help=True)
assets = typer.Typer(help="Uploaded files.", no_args_is_help=True)
app.add_typer(tools, name="tools")
app.add_typer(assets, name="assets")
feed = typer.Typer(help="What was committed, in order.", no_args_is_help=True)
app.add_typer(feed, name="feed")


@app.command()
def token(
    user: Annotated[str, typer.Option(help="The user's id.")] = local.USER_ID,
    email: Annotated[str | None, typer.Option(help="The user's e-mail address.")] = None,
    name: Annotated[str | None, typer.Option(help="The user's name.")] = None,
    days: Annotated[float, typer.Option(help="Days until the token expires.", min=0.0)] = 30,
) -> None:
    """Print a token for development."""
    with _configured() as current:
        called = name or local.name_of(user)
        typer.echo(auth.mint(current, user, email, called, timedelta(days=days)))


@app.command()
def migrate() -> None:
    """Bring the database up to date; doing it again, or twice at once, is harmless."""
    with _configured() as current, database.reached(current) as urls:
        login = database.login_of(urls)
        migrations.migrate(database.owner_of(urls), login.name, login.password)


@app.command()
def schema(
    sql: Annotated[bool, typer.Option("--sql", help="Print the database's DDL instead.")] = False,
) -> None:
    """Print the schema: what clients see, or with --sql what the database keeps."""
    if not sql:
        typer.echo(root.build().as_str())
        return
    with _configured() as current, database.reached(current) as urls:
        typer.echo(database.definition(database.owner_of(urls)))


@app.command()
def check() -> None:
    """Tell whether the gateway could run as it is configured."""
    with _configured() as current:
        findings = [*_secrets(current), *_databases(current)]
    table = Table("", "", "", show_header=False, box=None)
    for finding in findings:
        mark = "[green]ok[/green]" if finding.fine else "[red]no[/red]"
        table.add_row(mark, finding.subject, finding.words)
    Console().print(table)
    raise typer.Exit(0 if all(finding.fine for finding in findings) else 1)


def _databases(current: Config) -> Iterator[Finding]:
    with database.reached(current) as urls:
        yield from checks.gateway(urls.gateway)
        if urls.owner is None:
            yield Finding("migrations", True, "not looked at: DAILIES_MIGRATE_URL is not set")
            return
        yield from checks.owner(urls.owner)


def _secrets(current: Config) -> Iterator[Finding]:
    yield Finding("environment", True, current.environment)
    given = current.secret is not None
    words = "given" if given else f"kept in {current.data_folder / 'secret'}"
    yield Finding("secret", given or not current.is_production, words)
    issuer = current.jwt_secret is not None or current.jwks_url is not None
    words = "issuer known" if issuer else "only `dailies token` makes tokens"
    yield Finding("tokens", issuer or not current.is_production, words)
    open_to_all = "*" in current.cors_origins
    words = ", ".join(current.cors_origins) or "none"
    yield Finding("cors", not (open_to_all and current.is_production), words)


@contextmanager
def _configured() -> Iterator[Config]:
    """The configuration; what is wrong with it is told in words."""
    try:
        yield config.load()
    except (BadConfig, NotWritable, ValueError) as error:
        Console(stderr=True).print(str(error), style="red", markup=False)
        sys.exit(2)


@app.command()
def serve() -> None:
    """Answer requests until stopped."""
    with _configured() as current, serving.bound(current) as door, starting.ready(current) as urls:
        serving.run(current, urls, door)


@app.command()
def demo() -> None:
    """Run a small studio of pictures on this machine."""
    with _configured() as current, serving.bound(current) as door, starting.ready(current) as urls:
        seeding.ensure(urls.gateway, links.media_folder(current))
        serving.run(current, urls, door, welcome.greeting(current))


@app.command()
def seed() -> None:
    """Draw a small believable studio into the database."""
    with _configured() as current, starting.ready(current) as urls:
        seeding.ensure(urls.gateway, links.media_folder(current))


@app.command(name="import")
def import_folder(
    folder: Annotated[
        Path,
        typer.Argument(help="A folder of AI images and videos.", exists=True, file_okay=False),
    ],
    project: Annotated[str, typer.Option(help="Its name or id; made when there is none.")],
    user: Annotated[str, typer.Option(help="The id of the user whose it is.")] = local.USER_ID,
) -> None:
    """Read a folder of AI outputs into a project."""
    with _configured() as current, starting.ready(current) as urls:
        owner = Owner(local.claims(user), project)
        summary = importing.bring(urls.gateway, owner, links.media_folder(current), folder)
    summary.show(Console(), f"{folder} → {project}")
    raise typer.Exit(0 if summary.found_anything else 1)


@tools.command(name="load")
def load_tools(
    file: Annotated[Path, typer.Argument(help="A JSON file.", exists=True, dir_okay=False)],
) -> None:
    """Register tools: their defaults, scopes, JSON Schemas and content fields."""
    with _configured() as current, starting.ready(current) as urls:
        for name in registering.load(urls.gateway, file):
            typer.echo(name)


@tools.command(name="split")
def split_tool(
    tool: Annotated[str, typer.Argument(help="The tool whose settings hold the map.")],
    field: Annotated[str, typer.Argument(help="The key of the map.")],
    into: Annotated[str | None, typer.Option(help="The tool that gets it, if another.")] = None,
) -> None:
    """Move a map that projects keep by shot into the settings of these shots."""
    with _configured() as current, starting.ready(current) as urls:
        done = registry.split(urls.gateway, tool, field, into or tool)
    typer.echo(f"{done.shots} shots of {done.projects} projects")
    if done.left_over:
        typer.echo(f"{done.left_over} keys are no shots of their project and were left")


@assets.command(name="sweep")
def sweep_assets() -> None:
    """Delete uploads that did not come in time or that nothing shows, with their files."""
    with _configured() as current, starting.ready(current) as urls:
        swept = upkeep.sweep(urls.gateway, Links(current), current.unused_hours)
    typer.echo(f"{swept.expired} uploads expired")
    typer.echo(f"{swept.deleted} unused uploads deleted")
    typer.echo(f"{swept.removed} files removed")


@feed.command()
def tail(
    project: Annotated[str | None, typer.Option(help="The project to follow.")] = None,
    user: Annotated[str | None, typer.Option(help="The user whose own is to be followed.")] = None,
) -> None:
    """Print what is committed, transaction by transaction, until stopped."""
    with _configured() as current, starting.ready(current) as urls, suppress(KeyboardInterrupt):
        scope = telling.scope(project, user)
        asyncio.run(telling.follow(urls.gateway, scope, typer.echo))


@feed.command()
def prune() -> None:
    """Let go of changes that are older than DAILIES_FEED_HOURS; a running gateway does so."""
    with _configured() as current, starting.ready(current) as urls:
        pruned = retention.prune(urls.gateway, timedelta(hours=current.feed_hours))
    typer.echo(f"{pruned.emptied} of {retention.SLOTS} slots emptied")


@feed.command()
def renew() -> None:
    """Let no client go on from where it was: after the database was restored from a backup."""
    with _configured() as current, starting.ready(current) as urls:
        typer.echo(retention.renew(urls.gateway))
