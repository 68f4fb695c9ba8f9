"""A Dask cluster as an executor, through ``dask.distributed.Client.get_executor()``.

The cluster is inside the trust boundary: its scheduler and workers see every task (for encryption, the
votes) and compute what is published. Rules:

- Votes go to this machine alone, or over TLS: with ``plaintext`` every address that the scheduler names,
  its own and its workers', is a loopback address or starts with ``tls://``. Without, any address goes.
- Every task is run for itself: two equal ballots are two encryptions (Dask would reuse the first).
- A scheduler that does not answer, or has no workers, is an error at once.

Certificates for TLS come from Dask's own configuration (``distributed.comm.tls``), or as ``security``.
"""

from __future__ import annotations

import importlib
import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import ParamSpec, Protocol, TypeVar

from evote.errors import RefusedError, WorkerError

P = ParamSpec("P")
T = TypeVar("T")

CONNECT_SECONDS = 15

_ADDRESS = re.compile(
    r"(?:(?P<scheme>[a-z+]+)://)?(?P<host>\[[0-9A-Fa-f:.%]+\]|[^\[\]/:\s]+):(?P<port>[0-9]{1,5})"
)


class _Client(Protocol):
    """What is used of ``distributed.Client``."""

    def get_executor(self, *, pure: bool) -> Executor: ...

    def nthreads(self) -> Mapping[str, int]: ...

    def scheduler_info(self) -> Mapping[str, object]: ...

    def close(self) -> None: ...


class ClusterExecutor(Executor):
    """Submits to a cluster; ``workers`` is how many tasks it did at once when it was connected."""

    def __init__(self, client: _Client, workers: int) -> None:
        self._executor = client.get_executor(pure=False)
        self.workers = workers

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """As every executor does."""
        return self._executor.submit(function, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End; with ``cancel_futures``, or without waiting, what is under way is cancelled."""
        self._executor.shutdown(wait=wait and not cancel_futures)


@contextmanager
def connect(
    address: str, *, plaintext: bool = True, security: object = None, timeout: float = CONNECT_SECONDS
) -> Iterator[ClusterExecutor]:
    """An executor on the cluster whose scheduler is at ``address``, for the length of a block.

    ``address`` is ``tcp://host:port`` or ``tls://host:port``, or ``host:port`` for the former. ``plaintext``
    says that votes are going to be sent there. ``security`` is a ``distributed.Security``; ``timeout`` is
    in seconds.

    Raises ``ValueError`` for what is no such address, :class:`RefusedError` if votes would leave this
    machine without TLS, or if Dask is not installed, and :class:`WorkerError` if no scheduler with workers
    answers there.
    """
    scheme, host = _parts(address)
    if plaintext:
        _require_safe(address, scheme, host)
    client = _client(address, scheme, security, timeout)
    try:
        threads = client.nthreads()
        if not threads:
            raise WorkerError(f"the cluster at {address} has no workers; start some, and run it again")
        if plaintext:  # a loopback address may lead to a scheduler with workers elsewhere
            for other in (str(client.scheduler_info()["address"]), *threads):
                _require_safe(other, *_parts(other))
        executor = ClusterExecutor(client, sum(threads.values()))
        try:
            yield executor
        finally:
            executor.shutdown(wait=False)
    finally:
        client.close()


def _client(address: str, scheme: str, security: object, timeout: float) -> _Client:
    try:
        distributed = importlib.import_module("distributed")
    except ImportError as error:
        raise RefusedError(
            f"clusters need the extra 'cluster' ({error}); install it with: pip install 'evote[cluster]'"
        ) from error
    whole = f"{scheme}://{address.rpartition('://')[2]}"
    try:
        client: _Client = distributed.Client(whole, security=security, timeout=timeout, set_as_default=False)
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        raise WorkerError(
            f"no cluster answers at {address} ({error}); start it, or correct the address"
        ) from error
    return client


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its name alone: ``localhost``, 127.0.0.0/8 or ::1."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False  # a name: what it leads to is decided elsewhere, and can change


def _parts(address: str) -> tuple[str, str]:
    """Scheme and host; raises ``ValueError``."""
    found = _ADDRESS.fullmatch(address)
    scheme = (found["scheme"] or "tcp") if found else ""
    if found is None or scheme not in ("tcp", "tls") or not 0 < int(found["port"]) < 65536:
        raise ValueError(f"{address!r} is no address of a cluster; write tls://host:port or tcp://host:port")
    return scheme, found["host"]


def _require_safe(address: str, scheme: str, host: str) -> None:
    if scheme != "tls" and not is_loopback(host):
        raise RefusedError(
            f"votes are not sent to {address}, which is another machine, without TLS; "
            "give the cluster certificates and use tls://"
        )
