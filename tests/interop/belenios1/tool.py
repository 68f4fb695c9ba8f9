"""Elections that belenios-tool makes, for the reader to verify."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benches.peers.belenios import _choice_option, _private, _run, version
from tests.interop.belenios1.writer import compact


def hold(
    folder: Path,
    group: str,
    questions: Sequence[Any],
    votes: Sequence[tuple[int, Any]],
    *,
    weights: Sequence[int],
    shuffle: bool = False,
) -> Path:
    """A whole election with two trustees; ``votes`` are by voter, in the order in which they are cast."""
    version()
    uuid = _run(["setup", "generate-token"], folder).strip()
    common = ["--uuid", uuid, "--group", group]
    voters = "".join(f"v{number}@example.org,v{number},{weight}\n" for number, weight in enumerate(weights))
    (folder / "voters").write_text(voters, encoding="ascii")
    _run(["setup", "generate-credentials", *common, "--file", "voters"], folder)
    (public,), (private,) = folder.glob("*.pubcreds"), folder.glob("*.privcreds")
    secrets = _private(private.read_text(encoding="utf-8"))
    listed = json.loads(public.read_text(encoding="utf-8"))
    # The authority's file may name the voter behind the weight; the published list does not.
    (folder / "public_creds.json").write_bytes(compact([",".join(each.split(",")[:2]) for each in listed]))
    for _ in range(2):
        _run(["setup", "generate-trustee-key", "--group", group], folder)
    keys = {key.stem: key for key in folder.glob("*.pubkey")}
    (folder / "public_keys.jsons").write_text(
        "".join(key.read_text(encoding="utf-8") for key in keys.values()), encoding="utf-8"
    )
    _run(["setup", "make-trustees"], folder)
    template = {"description": "a test", "name": "n", "questions": questions}
    (folder / "template.json").write_bytes(compact(template))
    _run(["setup", "make-election", *common, "--template", "template.json"], folder)
    _run(["archive", "init"], folder)
    for name in ("election.json", "trustees.json", "public_creds.json"):
        (folder / name).unlink(missing_ok=True)
    for voter, marks in votes:
        (folder / "credential").write_text(secrets[voter], encoding="ascii")
        (folder / "choice").write_bytes(compact(marks))
        ballot = _run(
            ["election", "generate-ballot", "--privcred", "credential", _choice_option(), "choice"], folder
        )
        _run(["archive", "add-event", "--type=Ballot"], folder, ballot.strip() + "\n")
    _run(["archive", "add-event", "--type=EndBallots"], folder)
    _append(folder, "EncryptedTally", ["compute-encrypted-tally"])
    if shuffle:
        _append(folder, "Shuffle", ["shuffle", "--trustee-id=1"])
        _append(folder, "Shuffle", ["shuffle", "--trustee-id=2"])
        _run(["archive", "add-event", "--type=EndShuffles"], folder)
    for owner, stem in enumerate(keys, start=1):
        _append(
            folder, "PartialDecryption", ["decrypt", "--privkey", f"{stem}.privkey", f"--trustee-id={owner}"]
        )
    _append(folder, "Result", ["compute-result"])
    _run(["election", "verify"], folder)
    (archive,) = folder.glob("*.bel")
    return archive


def _append(folder: Path, kind: str, command: list[str]) -> None:
    data = _run(["election", *command], folder)
    _run(["archive", "add-event", f"--type={kind}"], folder, data.strip() + "\n")


def installed() -> bool:
    """Whether the tool is there."""
    return shutil.which("belenios-tool") is not None
