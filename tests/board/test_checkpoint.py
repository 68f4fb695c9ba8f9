"""Checkpoints: three lines, one form, signed under the origin's name."""

from __future__ import annotations

import pytest

from evote.board.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from evote.board.note import KeyKind, Note, NoteKey, sign_note
from evote.errors import DecodeError, VerificationError
from evote.merkle import empty_root
from tests.board.logs import LOG, LOG_SIGNER, ORIGIN, flipped, head, signed, signer, tree
from tests.board.published import ARCHE_KEY, ARCHE_NOTE, COSIGNED_EXAMPLE, SUM_KEY, SUM_NOTE

ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
TREE = tree(7)


@pytest.mark.parametrize("data", [SUM_NOTE, COSIGNED_EXAMPLE])
def test_the_published_head_is_read(data: bytes) -> None:
    note = Note.parse(data)
    checkpoint = Checkpoint.parse(note.text)
    assert checkpoint.size == 20852163
    assert checkpoint.text == note.text


def test_a_published_head_of_a_log_opens_with_its_key() -> None:
    checkpoint = open_checkpoint(Note.parse(ARCHE_NOTE), NoteKey.parse(ARCHE_KEY))
    assert (checkpoint.origin, checkpoint.size) == ("arche2025h1.staging.ct.transparency.dev", 1432088532)


def test_what_is_signed_opens() -> None:
    checkpoint = head(TREE, 5)
    note = Note.parse(sign_checkpoint(checkpoint, LOG_SIGNER).encode())
    assert open_checkpoint(note, LOG) == checkpoint
    assert note.text == f"{ORIGIN}\n5\n{checkpoint.text.splitlines()[2]}\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "origin\n",
        "origin\n1\n",
        f"origin\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"origin\n1\n{ROOT}\n\n",
        f"origin\n1\n{ROOT}\nextension\n",
        f"origin\n01\n{ROOT}\n",
        f"origin\n+1\n{ROOT}\n",
        f"origin\n-1\n{ROOT}\n",
        f"origin\n1 \n{ROOT}\n",
        f"origin\n1.0\n{ROOT}\n",
        f"origin\n1e3\n{ROOT}\n",
        f"origin\n١\n{ROOT}\n",
        f"origin\n\n{ROOT}\n",
        f"origin\n{2**63}\n{ROOT}\n",
        f"origin\n{'9' * 5000}\n{ROOT}\n",
        f"origin\n1\n{ROOT[:-1]}\n",
        f"origin\n1\n{ROOT[:-2]}J=\n",
        f"origin\n1\n {ROOT}\n",
        f"origin\n1\n{ROOT[:-4]}\n",
        "origin\n1\nAAAA\n",
        f"origin\n0\n{ROOT}\n",
        f"{'o' * 257}\n1\n{ROOT}\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(DecodeError):
        Checkpoint.parse(text)


def test_an_origin_may_have_spaces_and_the_largest_size_is_read() -> None:
    assert Checkpoint.parse(f"go.sum database tree\n{2**63 - 1}\n{ROOT}\n").size == 2**63 - 1


def test_the_empty_log_has_one_head() -> None:
    checkpoint = head(tree(0))
    assert checkpoint == Checkpoint(ORIGIN, 0, empty_root())
    assert open_checkpoint(signed(checkpoint), LOG) == checkpoint


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [
        ("", 1, bytes(32)),
        ("a\nb", 1, bytes(32)),
        ("o" * 257, 1, bytes(32)),
        ("o", -1, bytes(32)),
        ("o", 2**63, bytes(32)),
        ("o", 1, bytes(31)),
        ("o", 0, bytes(32)),
    ],
)
def test_no_value_is_made_of_what_no_checkpoint_says(origin: str, size: int, root: bytes) -> None:
    with pytest.raises(ValueError, match="origin|log|root"):
        Checkpoint(origin, size, root)


def test_a_head_of_another_log_is_refused_even_with_the_same_key() -> None:
    other = Checkpoint("council.example/other", 7, TREE.root())
    with pytest.raises(VerificationError, match="another log") as caught:
        open_checkpoint(signed(other), LOG)
    assert (caught.value.expected, caught.value.computed) == (ORIGIN, other.origin)


def test_a_head_signed_by_another_key_is_refused() -> None:
    with pytest.raises(VerificationError, match="not signed by"):
        open_checkpoint(signed(head(TREE), signer("somebody")), LOG)


def test_a_signature_under_another_name_than_the_origin_does_not_count() -> None:
    text = head(TREE).text
    note = Note(text, (sign_note(text, "council.example/key", LOG_SIGNER),))
    with pytest.raises(VerificationError, match="not signed by"):
        open_checkpoint(note, LOG)
    with pytest.raises(VerificationError, match="another log"):
        open_checkpoint(note, NoteKey("council.example/key", KeyKind.ED25519, LOG_SIGNER.verify_key))
    with pytest.raises(VerificationError, match="another log"):
        open_checkpoint(Note.parse(SUM_NOTE), NoteKey.parse(SUM_KEY))


def test_a_changed_head_is_not_signed() -> None:
    checkpoint = head(TREE)
    note = signed(checkpoint)
    for changed in (
        Checkpoint(ORIGIN, 6, checkpoint.root),
        Checkpoint(ORIGIN, 7, flipped(checkpoint.root)),
    ):
        with pytest.raises(VerificationError, match="does not verify"):
            open_checkpoint(Note(changed.text, note.signatures), LOG)


def test_a_head_of_an_origin_that_is_no_key_name_is_not_signed() -> None:
    with pytest.raises(ValueError, match="key name"):
        sign_checkpoint(Checkpoint("with space", 7, TREE.root()), LOG_SIGNER)
