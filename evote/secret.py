"""``Secret[T]``: the only box in which a long-term or one-time secret travels.

Rules: it prints as ``<secret>``, has no ``bytes()``, no hash, no order, is not picklable or
copyable, and compares only through :func:`hmac.compare_digest` on bytes, by those who revealed it.
``reveal()`` is the one way in, so that every use of a secret can be found by searching one word.

What it does not do: wipe memory. Python integers cannot be erased; the threat model says so.
"""

from __future__ import annotations

from typing import Generic, NoReturn, TypeVar

T = TypeVar("T")


class Secret(Generic[T]):
    """A value that must not reach a log, a repr, an exception or a published file."""

    __slots__ = ("__value",)

    def __init__(self, value: T) -> None:
        self.__value = value

    def reveal(self) -> T:
        """The value itself. Keep it in a local variable and let it die there."""
        return self.__value

    def __repr__(self) -> str:
        return "<secret>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "<secret>"

    def __eq__(self, other: object) -> NoReturn:
        raise TypeError("secrets are not compared; reveal them and compare in constant time")

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> NoReturn:
        raise TypeError("a secret has no truth value")

    def __reduce__(self) -> NoReturn:
        raise TypeError("secrets are not picklable")

    def __copy__(self) -> NoReturn:
        raise TypeError("secrets are not copied")

    def __deepcopy__(self, memo: object) -> NoReturn:
        raise TypeError("secrets are not copied")
