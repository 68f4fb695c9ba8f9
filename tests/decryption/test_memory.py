"""What a guardian remembers between rounds: it shows its nonces to nobody who prints it."""

from __future__ import annotations

from evote.decryption.memory import CommittedMemory, OpenedMemory
from tests.decryption.sessions import Session, small


def test_memories_do_not_print_the_nonces() -> None:
    closed = small()
    session = Session.begin(closed, closed.request((1, 2)))
    state = session.committed[1]
    memory = state._held[0].reveal()
    assert isinstance(memory, CommittedMemory)
    session.open()
    opened = session.opened[1]._held[0].reveal()
    assert isinstance(opened, OpenedMemory)
    for held in (memory, opened):
        shown = repr(held) + str(held) + f"{held}"
        for nonce in held.nonces:
            assert repr(nonce) not in shown and nonce.hex() not in shown
