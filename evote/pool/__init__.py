"""Work over any ``concurrent.futures.Executor``: answers in the order of the tasks, each exactly once.

The caller gives a function that can be pickled by name and a stream of tasks; at most ``ahead`` tasks
are under way, so that memory is bounded whatever the stream holds. With ``executor=None`` the work is
done here, one task after the other. Any executor serves: processes on this machine
(:func:`processes`), or a cluster's.

Rules: every answer names the task it belongs to, and is compared; a worker that ends, raises what no
task may raise, or answers for another task ends the run with :class:`~evote.errors.WorkerError`, so
that nothing is lost or counted twice in silence. What evote raises on purpose passes unchanged.
"""

from __future__ import annotations

from evote.pool.ordered import Answer, ordered
from evote.pool.processes import available_cores, capacity, processes
from evote.pool.settled import settled_memory

__all__ = ["Answer", "available_cores", "capacity", "ordered", "processes", "settled_memory"]
