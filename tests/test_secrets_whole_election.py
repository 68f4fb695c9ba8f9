"""No secret of a whole election is in anything that leaves the hands of whoever has to keep it.

An election with a board is held through the commands, every party in a folder of its own: authorities and
witnesses, guardians with keys, polynomials and shares, voters with codes and ballot nonces, sealed private
folders with passphrases. Whatever goes into a :class:`Secret` on the way, and whatever a secret scalar is
drawn as, is planted: all of it is looked for afterwards, in every form in which it could be read again.
"""

from __future__ import annotations

import base64
import copy
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass

import pytest

from evote.ballots import PlaintextBallot, PlaintextContest
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt
from evote.board.codes import WHOLE, Code
from evote.board.holder import Holder
from evote.board.submission import Submission
from evote.ceremony import run_local
from evote.codec import decode
from evote.errors import DecodeError, EvoteError
from evote.groups import Element, FixedBase, Group, Scalar
from evote.groups.modp import ModPGroup
from evote.randomness import SYSTEM
from evote.record import RecordReader
from evote.secret import Secret
from evote.signing import SigningKey
from evote.storage.sealed import Cost, Sealer
from evote.testing.elections import Kit
from evote.testing.electorate import Electorate
from evote.testing.groups import toy
from evote.verifier.verify import verify_reader
from evote.web.tokens import Office, new_token, token_hash
from tests.ballots.test_encrypt import CHOICES
from tests.ceremony.support import make_setting
from tests.cli import boardtown, driver
from tests.cli import test_decryption as decryption
from tests.cli.boardtown import BoardTown
from tests.cli.driver import GROUPS, PASSPHRASE, Outcome, cheap_passphrases, fine
from tests.decryption.sessions import Session, small

LEAST = 6
"""Bytes of a secret that can be told from chance: a scalar of the toy group has 8."""


class Planted:
    """Every secret that was put into a box, as plain bytes and texts, by what it was."""

    def __init__(self) -> None:
        self.found: dict[bytes, str] = {}
        self.scalars: set[int] = set()

    def add(self, value: object, what: str = "") -> None:
        """A secret, whatever it is made of."""
        kind = what or type(value).__name__
        if isinstance(value, Secret):
            self.add(value.reveal(), kind)
        elif isinstance(value, Scalar):
            self.scalars.add(value.value)
        elif isinstance(value, bytes):
            if len(value.lstrip(b"\x00")) >= LEAST:
                self.found[value] = kind
        elif isinstance(value, str):
            if len(value) >= LEAST:
                self.found[value.encode()] = kind
        elif isinstance(value, tuple | list):
            for part in value:
                self.add(part, kind)

    def forms(self, public: frozenset[bytes] = frozenset()) -> dict[bytes, str]:
        """Every form of every secret: raw, hexadecimal, base64 (at each of three places), decimal."""
        values = {**self.found}
        for scalar in self.scalars:
            data = scalar.to_bytes(32, "big").lstrip(b"\x00")
            if len(data) >= LEAST:
                values[data] = "scalar"
        forms: dict[bytes, str] = {}
        for data, kind in values.items():
            if data in public:
                continue
            forms[data] = kind
            forms[data.hex().encode()] = f"{kind} in hexadecimal"
            forms[data.hex().upper().encode()] = f"{kind} in hexadecimal"
            if len(data) <= 64:
                forms[str(int.from_bytes(data, "big")).encode()] = f"{kind} in decimal"
            for name, encode in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode)):
                for shift in range(3):
                    # Whatever stands before it shifts the letters; the first and last depend on neighbours.
                    text = encode(bytes(shift) + data + bytes(3))
                    middle = text[4 if shift else 0 : -(-(shift + len(data)) * 4 // 3) - 2]
                    if len(middle) >= LEAST + 2:
                        forms[middle] = f"{kind} in {name}"
        return forms


@pytest.fixture(scope="module")
def planted() -> Iterator[Planted]:
    """Everything that goes into a Secret, and every scalar that is drawn, from now on."""
    every = Planted()
    begin, draw = Secret.__init__, Group.random_scalar

    def watched(self: Secret[object], value: object) -> None:
        begin(self, value)
        every.add(value)

    def drawn(self: Group, *arguments: object) -> Scalar:
        scalar = draw(self, *arguments)  # type: ignore[arg-type]
        every.scalars.add(scalar.value)
        return scalar

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Secret, "__init__", watched)
        patch.setattr(Group, "random_scalar", drawn)
        yield every


class Held:
    """The election after its end, with everything that was said on the way."""

    def __init__(self, town: BoardTown, said: list[Outcome], logged: list[str]) -> None:
        self.town, self.said, self.logged = town, said, logged


@pytest.fixture(scope="module")
def held(planted: Planted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    """Four voters, a revote, a challenge, a re-issue; closed, decrypted, published."""
    said: list[Outcome] = []
    logged: list[str] = []
    run = driver.evote

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            logged.append(self.format(record))

    def listened(*arguments: object, stdin: bytes = b"") -> Outcome:
        outcome = run(*arguments, stdin=stdin)
        said.append(outcome)
        return outcome

    handler = Handler(level=0)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(0)
    try:
        with cheap_passphrases(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(driver, "evote", listened)
            for module in (boardtown, decryption):
                patch.setattr(module, "evote", listened)
            town = BoardTown(tmp_path_factory.mktemp("secrets") / "town", 4, witnesses=1, quorum=1)
            town.prepare()
            _hold(town, listened)
        yield Held(town, said, logged)
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


def _hold(town: BoardTown, run: Callable[..., Outcome]) -> None:
    for voter in range(3):
        town.encrypt_vote(voter, f"first-{voter}", ("Ada", "Bo", None)[voter])
        fine(town.decide("cast", voter, f"first-{voter}"))
        fine(town.admit(town.unit(voter), f"first-{voter}"))
    town.encrypt_vote(0, "second", "Bo")
    fine(town.decide("cast", 0, "second", "--after", town.submission("first-0")))
    fine(town.admit("North", "second"))
    town.encrypt_vote(3, "opened", "Ada")
    fine(town.decide("challenge", 3, "opened"))
    fine(town.admit(town.unit(3), "opened"))
    town.publish_heads(*town.unit_heads())
    opening = town.votes / "opened.opening"
    opened = run(
        *("vote", "open", town.record, town.votes / "opened.vote", town.submission("opened")),
        *(town.answer("opened"), "--out", opening, *town.sealed),
    )
    fine(opened)
    town.receipt("second")
    folders = town.close_boxes()
    town.publish_heads(*folders)
    fine(town.board("close", *folders, "--opening", opening))
    fine(decryption.decrypted(town))
    fine(run("record", "export", town.record, "--out", town.root / "export"))


def _public(held: Held) -> frozenset[bytes]:
    """What is drawn as a secret and then published by the protocol itself.

    The nonces of ballots that were opened, and the branches of a range proof that do not hold, whose
    challenges and responses are drawn.
    """
    shown: set[bytes] = set()
    for _, _, opened in RecordReader(held.town.record, GROUPS).openings():
        assert not isinstance(opened, DecodeError)
        shown |= _leaves(opened)
    for path in sorted(held.town.votes.glob("*.submission")):
        made = decode(Submission, path.read_bytes(), element_bytes=toy().element_bytes)
        for contest in made.ballot.contests:
            for proof in (contest.limit_proof, *(selection.proof for selection in contest.selections)):
                shown |= _leaves(proof)
    return frozenset(data.lstrip(b"\x00") for data in shown) | frozenset(shown)


def _leaves(value: object) -> set[bytes]:
    if isinstance(value, bytes):
        return {value}
    if isinstance(value, tuple | list):
        return set().union(*map(_leaves, value))
    if is_dataclass(value) and not isinstance(value, type):
        return set().union(*(_leaves(getattr(value, field.name)) for field in fields(value)))
    return set()


def leaks(data: bytes, forms: dict[bytes, str]) -> list[str]:
    """What of the forms stands in the data."""
    return [kind for form, kind in forms.items() if form in data]


def test_every_kind_of_secret_was_planted(planted: Planted, held: Held) -> None:
    """The election used all of them; a form of each is found where it was left on purpose."""
    assert PASSPHRASE.encode() in planted.found, "passphrases"
    assert held.town.code(0).encode() in planted.found, "codes of voters"
    assert len(planted.scalars) > 100, "keys, coefficients, shares, nonces"
    assert len([data for data in planted.found if len(data) == 32]) > 10, "seeds and ballot nonces"
    forms = planted.forms()
    code = held.town.code(0).encode()
    assert leaks(b"x" + code + b"y", forms) and leaks(b"x" + base64.b64encode(code), forms)
    assert leaks(b"xx" + base64.b64encode(b"ab" + code + b"cd"), forms)
    some = next(iter(planted.scalars - {0, 1, 2}))
    assert leaks(str(some).encode(), forms) or some < 2**40
    assert not verify_reader(RecordReader(held.town.record, GROUPS)).failed


def test_no_secret_is_in_anything_that_is_published_sent_or_kept(planted: Planted, held: Held) -> None:
    """Records, exports, logs, receipts, messages; sealed folders hold no secret in the clear either."""
    town, public = held.town, _public(held)
    forms = planted.forms(public)
    assert len(forms) > 1000
    # Paper for the voter, and what a person types: the only places where a secret stands as it is.
    people = (town.authority / "sheets", town.secret, *(town.root / f"code-{voter}" for voter in range(4)))
    looked = 0
    for path in sorted(town.root.rglob("*")):
        if not path.is_file() or any(path == own or own in path.parents for own in people):
            continue
        looked += 1
        assert leaks(path.read_bytes(), forms) == [], path.relative_to(town.root)
    assert looked > 60


def test_no_secret_is_said_or_logged(planted: Planted, held: Held) -> None:
    """Everything on stdout and stderr, and everything that any logger was told."""
    forms = planted.forms(_public(held))
    assert len(held.said) > 50
    for outcome in held.said:
        assert leaks((outcome.out + outcome.err).encode(), forms) == []
    assert leaks("\n".join(held.logged).encode(), forms) == []


def test_no_secret_is_in_a_repr_a_pickle_or_a_traceback(planted: Planted, held: Held) -> None:
    """Objects that hold secrets print none, and are neither pickled nor copied; errors tell none."""
    electorate = Electorate(seed="secrets")
    kit = electorate.kit
    closed = small()
    session = Session.begin(closed, closed.request((1, 2)))
    prepared = encrypt(Device(kit.election, "booth"), _plain())
    code = Code.drawn(WHOLE)
    holders: list[object] = [
        *(kit.authority, SigningKey.generate(), code, electorate.voters[0].holder, prepared),
        *(closed.kit.shares[0], session.committed[1], Device(kit.election, "booth"), Secret(b"x" * 32)),
        *(Sealer(Secret(PASSPHRASE), Cost(10)), new_token()),
    ]
    forms = planted.forms()
    for holder in holders:
        shown = f"{holder!r} {holder}"
        assert leaks(shown.encode(), forms) == [], type(holder).__name__
        for store in (pickle.dumps, copy.deepcopy):
            with pytest.raises(TypeError):
                store(holder)
    long = Secret(SYSTEM.token(40))
    mistakes: list[Callable[[], object]] = [
        lambda: Code.read(Secret(code.text().reveal()[:-1] + "U")),
        lambda: Code.read(Secret(code.text().reveal()[::-1])),
        lambda: SigningKey.from_seed(long),
        lambda: Holder.of_codes(kit.manifest, [code, code]),
        lambda: session.committed[1].open([]),
        lambda: toy().power_secret(toy().generator, Secret(toy().generator)),  # type: ignore[arg-type]
    ]
    for mistake in mistakes:
        try:
            mistake()
        except (EvoteError, ValueError, TypeError):
            told = traceback.format_exc()
        else:
            raise AssertionError("a mistake was accepted")
        assert leaks(told.encode(), planted.forms()) == []


def _plain() -> PlaintextBallot:
    return PlaintextBallot("North", "plain", {"Question": PlaintextContest({"yes": 1})})


def test_a_server_keeps_a_hash_of_a_token(planted: Planted) -> None:
    """What lies on the server's disk admits nobody."""
    token = new_token()
    office = Office("north", token_hash(token.reveal()))
    assert token.reveal().encode() in planted.found
    assert leaks(repr(office).encode() + office.token, {token.reveal().encode(): "token"}) == []


# --- roads of secret exponents -----------------------------------------------------------------------


def test_every_power_with_a_secret_is_a_constant_time_one_and_no_other_power_sees_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A whole ceremony and a whole session: long-term secrets, and nonces whose responses involve them."""
    secret: list[int] = []
    public: list[int] = []
    names = ("power_secret", "power", "powers", "powers_of_claimed")
    roads = {name: getattr(ModPGroup, name) for name in names}

    def on_secret(self: ModPGroup, base: Element, exponent: Secret[Scalar]) -> Element:
        secret.append(exponent.reveal().value)
        found: Element = roads["power_secret"](self, base, exponent)
        return found

    def on_public(self: ModPGroup, base: Element, exponent: Scalar) -> Element:
        public.append(exponent.value)
        found: Element = roads["power"](self, base, exponent)
        return found

    def many(name: str) -> Callable[..., object]:
        def run(self: ModPGroup, base: Element, exponents: list[Scalar]) -> object:
            public.extend(exponent.value for exponent in exponents)
            return roads[name](self, base, exponents)

        return run

    monkeypatch.setattr(ModPGroup, "power_secret", on_secret)
    monkeypatch.setattr(ModPGroup, "power", on_public)
    monkeypatch.setattr(ModPGroup, "powers", many("powers"))
    monkeypatch.setattr(ModPGroup, "powers_of_claimed", many("powers_of_claimed"))
    n, k = 3, 2
    _, _, shares = run_local(make_setting(n, k))
    # 2k + 1 secrets, as many nonces of the binding proof, k + 1 of each key proof; of a share its nonce
    # twice, the nonce of its proof, the receiver's power and two checks against the keys.
    assert len(secret) == n * ((2 * k + 1) * 2 + 2 * (k + 1)) + n * (n - 1) * 6
    closed = small()
    before = len(secret)
    session = Session.begin(closed, closed.request((1, 2)))
    session.open()
    session.respond()
    statements = len(session.request.statements)
    assert len(secret) - before == 2 * 3 * statements, "M_i, a_i and b_i of each guardian"
    long_term = {part.reveal().value for share in shares for part in (share.vote_share, share.data_share)}
    long_term |= {
        part.reveal().value for share in closed.kit.shares for part in (share.vote_share, share.data_share)
    }
    assert set(secret) & long_term and not set(public) & (set(secret) | long_term)


def test_encryption_makes_the_same_calls_in_the_same_order_for_every_choice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not only as many powers and products: the same ones, over the same tables, one after the other."""
    kit = Kit(seed="calls")
    calls: list[str] = []
    for name in ("power", "power_secret", "multiply", "product", "powers", "powers_of_claimed", "invert"):
        plain = getattr(ModPGroup, name)

        def counted(self: object, *arguments: object, _plain=plain, _name=name) -> object:  # type: ignore[no-untyped-def]
            table = bool(arguments) and isinstance(arguments[0], FixedBase)
            calls.append(f"{_name} {'table' if table else ''}")
            return _plain(self, *arguments)

        monkeypatch.setattr(ModPGroup, name, counted)
    device = Device(kit.election, "booth")
    seen = []
    for choice in CHOICES:
        calls.clear()
        encrypt(device, choice)
        seen.append(list(calls))
    assert len(seen) > 3 and all(found == seen[0] for found in seen)
    assert not any(call.startswith("power_secret") for call in seen[0])
