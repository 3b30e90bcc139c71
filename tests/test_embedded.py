"""A PostgreSQL in a folder: shared by its users, stopped by the last one."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from db import embedded

REPOSITORY = Path(__file__).parent.parent
CRASH = """
import os, sys, pathlib
from db import embedded
server = embedded.start(pathlib.Path(sys.argv[1]))
os.kill(os.getpid(), 9)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("it's a studio's folder")


def test_the_last_user_stops_it(folder: Path) -> None:
    with embedded.start(folder) as first:
        with embedded.start(folder) as second:
            assert second.url == first.url
        assert _answers(first.url)
    assert not _answers(first.url)


def test_it_keeps_what_was_written(folder: Path) -> None:
    with embedded.start(folder) as server, psycopg.connect(server.url) as connection:
        connection.execute("create table kept as select 1 as one")
    with embedded.start(folder) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("select one from kept").fetchone() == (1,)


def test_a_user_that_crashed_is_not_waited_for(folder: Path) -> None:
    subprocess.run([sys.executable, "-c", CRASH, str(folder)], cwd=REPOSITORY, check=False)
    with embedded.start(folder) as server:
        assert _answers(server.url)
    assert not _answers(server.url)


def test_a_number_that_another_process_took_over_is_no_server(folder: Path) -> None:
    note = folder / "cluster" / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n{folder}\n")
    with embedded.start(folder) as server:
        assert _answers(server.url)


def test_a_path_too_long_for_a_socket_works(tmp_path: Path) -> None:
    with embedded.start(tmp_path / ("long" * 25)) as server:
        assert _answers(server.url)


def test_search_knows_small_from_capital_letters(folder: Path) -> None:
    with embedded.start(folder) as server, psycopg.connect(server.url) as connection:
        found = connection.execute("select to_tsvector('simple', 'Über Éclair')::text").fetchone()
        assert found == ("'éclair':2 'über':1",)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True
