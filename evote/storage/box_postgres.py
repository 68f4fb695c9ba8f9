"""A ballot box in PostgreSQL, for several front ends at once (extra ``postgres``).

Every box has a schema of its own, named after its unit and election, so that one database holds the
boxes of all units. A writing transaction first locks the one row of the box's state; all others
wait there. Sessions ask for ``synchronous_commit = on``, and a server that runs with ``fsync`` off is
refused: its commits are not on the disk.

Left out: choosing among replicas. A replica that takes over must have every commit
(``synchronous_standby_names``), else the box finds entries missing and refuses to sign.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import NoneType
from typing import Any

from evote.errors import StorageError
from evote.storage.box_database import ConnectionLostError, Row, Values
from evote.storage.box_rows import parts

try:
    import sqlalchemy
    from psycopg.types.numeric import Int8BinaryDumper
    from sqlalchemy.engine import Connection, Engine, make_url
    from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
except ImportError as _absent:  # pragma: no cover - only where the extra is not installed
    raise StorageError(
        "a ballot box in PostgreSQL needs SQLAlchemy and psycopg; install evote[postgres]"
    ) from _absent

_CONNECTIONS = 4
_WAIT_SECONDS = 30
_AT_ONCE = 500


class PostgresDatabase:
    """The schema ``schema`` of the database at ``url``. With ``make`` it may be new, else it must exist."""

    def __init__(self, url: str, schema: str, *, make: bool) -> None:
        self._engine = _engine(url, schema)
        self._schema = schema
        self.name = f"{self._engine.url.render_as_string(hide_password=True)}, schema {schema}"
        try:
            self._check_server()
            if not make and not self.exists():
                raise StorageError(f"{self.name} is not there; give the right address, or make a new box")
        except BaseException:
            self._engine.dispose()
            raise

    def exists(self) -> bool:
        """Whether a box was made in the schema."""
        with self._transaction("READ COMMITTED") as connection:
            return self._made(connection)

    @contextmanager
    def make(self, statements: Sequence[str]) -> Iterator[_PostgresSession]:
        """Make schema and tables, if nobody did yet, and go on in the same transaction."""
        with self._transaction("READ COMMITTED") as connection:
            session = _PostgresSession(connection)
            # Two front ends that start at once: one makes, the other waits here and finds it made.
            session.rows("SELECT pg_advisory_xact_lock(hashtext(?))", (self._schema,))
            if not self._made(connection):
                session.change(f'CREATE SCHEMA IF NOT EXISTS "{self._schema}"')
                for statement in statements:
                    session.change(statement.format(blob="BYTEA"))
            yield session

    @contextmanager
    def writing(self) -> Iterator[_PostgresSession]:
        """A writing transaction; durable when the block has ended."""
        with self._transaction("READ COMMITTED") as connection:
            session = _PostgresSession(connection)
            session.rows("SELECT id FROM state FOR UPDATE")
            yield session

    @contextmanager
    def reading(self) -> Iterator[_PostgresSession]:
        """A reading transaction that sees the state of its beginning."""
        with self._transaction("REPEATABLE READ") as connection:
            yield _PostgresSession(connection)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, level: str) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                connection.execution_options(isolation_level=level)
                with connection.begin():
                    yield connection
        except DBAPIError as error:
            if error.connection_invalidated:
                raise ConnectionLostError(str(error.orig)) from error
            raise StorageError(_sentence(self.name, error)) from error
        except SQLAlchemyError as error:
            raise StorageError(f"{self.name} could not be used: {error}") from error

    def _check_server(self) -> None:
        try:
            with self._transaction("READ COMMITTED") as connection:
                (fsync,) = connection.exec_driver_sql("SHOW fsync").one()
        except ConnectionLostError as error:
            raise StorageError(f"{self.name} cannot be reached: {error}") from error
        if fsync != "on":
            raise StorageError(f"{self.name} runs with fsync off and can lose ballots; set fsync = on")

    def _made(self, connection: Connection) -> bool:
        found = connection.exec_driver_sql(
            "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = %s AND tablename = 'box'", (self._schema,)
        )
        return found.first() is not None


class _PostgresSession:
    """A transaction on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, statement: str, values: Values = ()) -> list[Row]:
        result = self._connection.exec_driver_sql(_marks(statement), tuple(values))
        return [tuple(row) for row in result]

    def among(self, statement: str, members: Sequence[object]) -> list[Row]:
        if not members:
            return []
        return self.rows(statement.format(among="= ANY(?)"), (list(members),))

    def stream(self, statement: str, values: Values = ()) -> Iterator[Row]:
        with self._connection.exec_driver_sql(
            _marks(statement), tuple(values), execution_options={"stream_results": True}
        ) as result:
            for rows in result.partitions(_AT_ONCE):
                for row in rows:
                    yield tuple(row)

    def change(self, statement: str, values: Values = ()) -> int:
        changed: int = self._connection.exec_driver_sql(_marks(statement), tuple(values)).rowcount
        return changed

    def insert(self, into: str, rows: Sequence[Values], conflict: str = "") -> None:
        # One array per column, in binary: one text and one round trip whatever the number of rows.
        for some in parts(rows):
            columns = list(zip(*some, strict=True))
            arrays = ", ".join(f"%b::{_array_type(column)}" for column in columns)
            statement = f"INSERT INTO {into} SELECT * FROM unnest({arrays}) {conflict}"  # noqa: S608 - own texts
            self._connection.exec_driver_sql(statement, tuple(map(list, columns)))

    def many(self, statement: str, rows: Sequence[Values]) -> None:
        if rows:
            self._connection.exec_driver_sql(_marks(statement), [tuple(row) for row in rows])


_ARRAYS = {int: "bigint[]", str: "text[]", bytes: "bytea[]", NoneType: "bigint[]"}
"""By the type of its values what a column is as an array; numbers alone may be absent in a whole column."""


def _array_type(column: Sequence[object]) -> str:
    return _ARRAYS[type(next((value for value in column if value is not None), None))]


@functools.lru_cache(maxsize=256)
def _marks(statement: str) -> str:
    """The statement with the driver's marks for values; none of ours holds a question or percent sign."""
    return statement.replace("?", "%s")


def _engine(url: str, schema: str) -> Engine:
    try:
        address = make_url(url).set(drivername="postgresql+psycopg")
    except ArgumentError:
        raise ValueError("this is no address of a database; write postgresql://user@host/name") from None
    engine = sqlalchemy.create_engine(
        address,
        pool_size=_CONNECTIONS,
        max_overflow=_CONNECTIONS,
        pool_timeout=_WAIT_SECONDS,
        connect_args={
            "connect_timeout": _WAIT_SECONDS,
            "options": f"-c synchronous_commit=on -c lock_timeout={_WAIT_SECONDS}s -c search_path={schema}",
        },
    )
    sqlalchemy.event.listen(engine, "connect", _same_integers)
    return engine


def _same_integers(connection: Any, record: object) -> None:
    """Integers go as 64 bits whatever their value: a statement is prepared once and not for every mix."""
    connection.adapters.register_dumper(int, Int8BinaryDumper)


def _sentence(name: str, error: DBAPIError) -> str:
    text = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else str(error)
    if "No space left" in text or "disk full" in text:
        return f"{name} could not be written because the server's disk is full; free some space and try again"
    if "lock timeout" in text:
        return f"{name} has been busy for {_WAIT_SECONDS} seconds; look for a front end that hangs"
    return f"{name} could not be used: {text}"
