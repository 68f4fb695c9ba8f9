"""belenios-tool, the command-line program of Belenios: elections made and verified with it, as a subject.

**Installing.** ``apt install belenios-tool`` (Debian, Ubuntu). The version is read from the program.

**The ballot.** One question of four answers, of which 0 to 2 may be chosen, no blank vote, in the group
BELENIOS-2048 (a prime of 2048 bits, a subgroup of 256 bits); each ballot by a credential of its own. What
``election verify`` does with a ballot: four range proofs 0..1, one of the sum 0..2, the signature of the
credential, and the membership of every element.

**What is timed.** ``belenios-tool election verify`` on the archive of n + 4 ballots, less the same on the
archive of its first 4: start-up, keys, credentials of the election (the same in both) and the first ballots
fall out, and what stays are n ballots. Both archives are of one election, made by the program itself; the
events of a ballot are added as they come, so the small archive is the large one's beginning.

**Correctness.** Before the clock starts, an archive with one ballot whose proof was changed is refused.
After every round, the program's exit status must have been that of success.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from benches.peers import PeerAbsent

PROGRAM = "belenios-tool"
INSTALL = "apt install belenios-tool"
GROUP = "BELENIOS-2048"
ANSWERS = 4
MOST_CHOSEN = 2

_TIMEOUT = 600.0


class BeleniosError(Exception):
    """belenios-tool did not do what was asked; the text is its last line."""


@cache
def version() -> str:
    """The program's version, as "2.0"; raises :class:`PeerAbsent` where it is not there or does not run."""
    if shutil.which(PROGRAM) is None:
        raise PeerAbsent(f"{PROGRAM} is not installed: {INSTALL}")
    try:
        return _run(["--version"], Path.cwd()).split()[0]
    except (BeleniosError, IndexError) as error:
        raise PeerAbsent(f"{PROGRAM} does not run here ({error}); try {INSTALL}") from error


def _run(arguments: list[str], folder: Path, given: str = "") -> str:
    """What the program prints; raises :class:`BeleniosError` unless it ends well."""
    done = subprocess.run(
        [PROGRAM, *arguments],
        cwd=folder,
        input=given,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        env={**os.environ, "BELENIOS_USE_URANDOM": "1"},
        check=False,
    )
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()[-1]
        raise BeleniosError(f"{PROGRAM} {' '.join(arguments[:2])} ended with {done.returncode}: {said}")
    return done.stdout


class Archive:
    """An election of Belenios in a temporary folder, with as many credentials as ballots may come."""

    def __init__(self, credentials: int) -> None:
        version()
        self._root = tempfile.TemporaryDirectory(prefix="evote-belenios-")
        self.folder = Path(self._root.name)
        try:
            self._setup(credentials)
        except BaseException:
            self.close()
            raise
        self.ballots = 0

    def _setup(self, credentials: int) -> None:
        folder = self.folder
        self.uuid = _run(["setup", "generate-token"], folder).strip()
        election = ["--uuid", self.uuid, "--group", GROUP]
        _run(["setup", "generate-credentials", *election, "--count", str(credentials)], folder)
        (public,), (private,) = folder.glob("*.pubcreds"), folder.glob("*.privcreds")
        public.rename(folder / "public_creds.json")
        self.credentials = _private(private.read_text(encoding="utf-8"))
        _run(["setup", "generate-trustee-key", "--group", GROUP], folder)
        (trustee,) = folder.glob("*.pubkey")
        trustee.rename(folder / "public_keys.jsons")
        _run(["setup", "make-trustees"], folder)
        template = {
            "description": "benchmark",
            "name": "benchmark",
            "questions": [
                {
                    "answers": [f"answer {number}" for number in range(1, ANSWERS + 1)],
                    "min": 0,
                    "max": MOST_CHOSEN,
                    "question": "measured",
                }
            ],
            "administrator": "nobody",
            "credential_authority": "nobody",
        }
        (folder / "template.json").write_text(json.dumps(template), encoding="utf-8")
        _run(["setup", "make-election", *election, "--template", "template.json"], folder)
        _run(["archive", "init"], folder)
        # The program takes either the archive or these files, and complains about both.
        for name in ("election.json", "trustees.json", "public_creds.json"):
            (folder / name).unlink(missing_ok=True)

    @property
    def file(self) -> Path:
        """The archive."""
        return self.folder / f"{self.uuid}.bel"

    def ballot(self, number: int, marks: list[int]) -> str:
        """A ballot with the credential of that number, from 0, as JSON; ``marks`` has 0 or 1 per answer."""
        folder = self.folder
        (folder / "credential").write_text(self.credentials[number], encoding="ascii")
        (folder / "choice").write_text(json.dumps([marks]), encoding="ascii")
        return _run(
            ["election", "generate-ballot", "--privcred", "credential", _choice_option(), "choice"], folder
        ).strip()

    def add(self, ballot: str) -> None:
        """Append a ballot to the archive."""
        _run(["archive", "add-event", "--type=Ballot"], self.folder, ballot + "\n")
        self.ballots += 1

    def copy(self, name: str) -> Path:
        """A folder with the archive as it is now."""
        folder = self.folder / name
        folder.mkdir()
        shutil.copy(self.file, folder)
        return folder

    def close(self) -> None:
        """Remove the folder."""
        self._root.cleanup()


def _private(text: str) -> list[str]:
    """The private credentials: lines of "id credential" until version 2.0, a JSON object of them since."""
    if text.lstrip().startswith("{"):
        return list(json.loads(text).values())
    return [line.split()[-1] for line in text.splitlines() if line.strip()]


@cache
def _choice_option() -> str:
    """The option that names the file of marks: it was renamed after version 2.1."""
    usage = _run(["election", "generate-ballot", "--help=plain"], Path.cwd())
    return "--choice" if "--choice" in usage else "--ballot"


def verify(folder: Path) -> None:
    """Verify the archive in a folder; raises :class:`BeleniosError` where the program refuses it."""
    _run(["election", "verify"], folder)


def changed(ballot: str) -> str:
    """The same ballot with one response of its first proof changed, and nothing else."""
    value = json.loads(ballot)
    proof = value["answers"][0]["individual_proofs"][0][0]
    proof["response"] = str(int(proof["response"]) ^ 1)
    return json.dumps(value, separators=(",", ":"))
