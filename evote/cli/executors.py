"""Where a command's work is done: here, in processes of this machine, or on a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager

from evote.bulk.cluster import connect
from evote.cli.ending import UnusableError, reading
from evote.pool import processes


@contextmanager
def executor_of(workers: int | None, cluster: str | None, *, plaintext: bool) -> Iterator[Executor | None]:
    """The executor that ``--workers`` and ``--cluster`` ask for; None where the work is done here.

    ``plaintext`` says that votes are sent to it. Raises :class:`UnusableError` for both options together,
    and for a cluster that cannot be used.
    """
    if cluster is None:
        with processes(1 if workers is None else workers) as executor:
            yield executor
        return
    if workers is not None:
        raise UnusableError("--workers and --cluster exclude each other; the cluster has its own workers")
    with ExitStack() as stack:
        with reading("--cluster"):
            connected = stack.enter_context(connect(cluster, plaintext=plaintext))
        yield connected
