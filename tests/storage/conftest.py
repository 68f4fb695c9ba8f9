"""Where the boxes of the tests live: an SQLite file and, where there is a server, PostgreSQL.

A server is that of ``EVOTE_TEST_POSTGRES`` (the address of a superuser), or one that is started for the
run in a temporary folder if the server's programs are installed; without both the tests skip.
"""

from __future__ import annotations

import importlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from tests.storage.box_kit import Place

_PROGRAMS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server."""
    pytest.importorskip("sqlalchemy", reason="needs the extra 'postgres'")
    pytest.importorskip("psycopg", reason="needs the extra 'postgres'")
    importlib.import_module("evote.storage.box_postgres")  # once, and not in every process that is forked
    address = os.environ.get("EVOTE_TEST_POSTGRES")
    if address:
        with _database_of_its_own(address) as own:
            yield own
        return
    programs = _programs()
    if programs is None:
        pytest.skip("needs PostgreSQL: its programs, or an address in EVOTE_TEST_POSTGRES")
    as_user = _as_user()
    if as_user is None:
        pytest.skip("PostgreSQL does not run as root, and there is no user 'postgres'")
    memory = Path("/dev/shm")  # the server syncs as it does everywhere, and that costs nothing there
    folder = Path(tempfile.mkdtemp(prefix="evote-postgres-", dir=memory if memory.is_dir() else None))
    try:
        if as_user:
            shutil.chown(folder, "postgres")
        data, port = folder / "data", _free_port()
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        control = [*as_user, str(programs / "pg_ctl"), "-D", str(data), "-w", "-t", "30"]
        init = [*as_user, str(programs / "initdb"), "-A", "trust", "-U", "evote", "-D", str(data)]
        _quietly([*init, "-E", "UTF8", "--no-locale", "--no-sync"])
        _quietly([*control, "-l", str(folder / "log"), "-o", options, "start"])
        try:
            with _database_of_its_own(f"postgresql://evote@127.0.0.1:{port}/postgres") as own:
                yield own
        finally:
            _quietly([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _database_of_its_own(address: str) -> Iterator[str]:
    """A new database on a server, so that test processes side by side do not meet."""
    import psycopg

    name = f"evote_test_{os.getpid()}_{uuid4().hex[:8]}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield urlsplit(address)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _programs() -> Path | None:
    for pattern in _PROGRAMS:
        for folder in sorted(Path("/").glob(pattern[1:]), reverse=True):
            if (folder / "initdb").exists():
                return folder
    found = shutil.which("initdb")
    return Path(found).parent if found else None


def _as_user() -> list[str] | None:
    """What stands before a command so that it does not run as root; None if that cannot be."""
    if os.geteuid() != 0:
        return []
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        return None
    return ["runuser", "-u", "postgres", "--"] if shutil.which("runuser") else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _quietly(command: list[str]) -> None:
    done = subprocess.run(
        command, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A place for one box, empty at first, on each database in turn."""
    anchor = tmp_path / "anchor"
    if request.param == "sqlite":
        yield Place(tmp_path / "north.box", anchor)
        return
    address = request.getfixturevalue("postgres")
    drop(address)
    yield Place(address, anchor)
    drop(address)


def drop(address: str) -> None:
    """Remove the schemas of all boxes of the tests."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        rows = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'evote\\_%'"
        ).fetchall()
        for (name,) in rows:
            connection.execute(f'DROP SCHEMA "{name}" CASCADE')
