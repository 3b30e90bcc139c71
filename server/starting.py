"""Starting: a database that is there and up to date, before anything is done with it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from db import checks, migrate
from server import database
from server.config import BadConfig, Config
from server.database import Urls


@contextmanager
def ready(config: Config) -> Iterator[Urls]:
    """The configured database; an embedded one is brought up to date, another must be so."""
    # Whoever is terminated leaves like one who is interrupted: an embedded database stops too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with database.reached(config) as urls:
        if config.database_url is None:
            migrate.migrate(database.owner_of(urls))
        else:
            _refuse_unfit(urls)
        yield urls


def _refuse_unfit(urls: Urls) -> None:
    findings = [*checks.gateway(urls.gateway), checks.tables(urls.gateway)]
    if urls.owner is not None:
        findings += checks.owner(urls.owner)
    problems = [f"{found.subject}: {found.words}" for found in findings if not found.fine]
    if problems:
        raise BadConfig("\n".join(problems))
