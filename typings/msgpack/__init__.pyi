"""The part of msgpack that evote uses, for type checkers (msgpack ships no stubs)."""

from collections.abc import Callable

class UnpackException(Exception): ...

def packb(value: object, *, use_bin_type: bool = ...) -> bytes: ...
def unpackb(
    data: bytes,
    *,
    raw: bool = ...,
    strict_map_key: bool = ...,
    object_pairs_hook: Callable[[list[tuple[str, object]]], object] = ...,
) -> object: ...
