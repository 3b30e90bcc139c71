"""The command line: everything that a person does with the gateway."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer
from rich.console import Console
from rich.table import Table

from db import checks
from db import migrate as migrations
from db.checks import Finding
from schema import root
from server import auth, config, database
from server.config import BadConfig, Config

app = typer.Typer(help="The GraphQL gateway for AI image and video studios.", no_args_is_help=True)


@app.command()
def token(
    user: Annotated[str | None, typer.Option(help="The user's id; a new one if omitted.")] = None,
    email: Annotated[str | None, typer.Option(help="The user's e-mail address.")] = None,
    name: Annotated[str | None, typer.Option(help="The user's name.")] = None,
    days: Annotated[float, typer.Option(help="Days until the token expires.", min=0.0)] = 30,
) -> None:
    """Print a token for development."""
    with _configured() as current:
        user_id = user or str(uuid4())
        typer.echo(auth.mint(current, user_id, email, name, timedelta(days=days)))


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
    except (BadConfig, ValueError) as error:
        Console(stderr=True).print(str(error), style="red", markup=False)
        sys.exit(2)


@app.command()
def serve() -> None:
    """Answer requests until stopped."""
    raise NotImplementedError


@app.command()
def demo() -> None:
    """Run a small studio of pictures on this machine."""
    raise NotImplementedError


@app.command()
def seed() -> None:
    """Draw a small believable studio into the database."""
    raise NotImplementedError


@app.command(name="import")
def import_folder(
    folder: Annotated[Path, typer.Argument(help="A folder of AI images and videos.")],
    project: Annotated[str, typer.Option(help="The project's name; made when there is none.")],
) -> None:
    """Read a folder of AI outputs into a project."""
    raise NotImplementedError
