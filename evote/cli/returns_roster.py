"""``evote returns roster`` and ``resolve``: what the authority of the roster does."""

from __future__ import annotations

from pathlib import Path

import click

from evote.cli.ending import UnusableError, reading
from evote.cli.passphrase import passphrase_options, read_passphrase
from evote.cli.returns_options import (
    new_file,
    open_record,
    out_option,
    path_type,
    record_option,
    roster_option,
    rosters_of,
    unit_option,
)
from evote.cli.world import World
from evote.codec import MAX_MANIFEST_BYTES
from evote.office.returns_files import gather, take_in
from evote.office.returns_keys import (
    change_of,
    new_roster,
    open_roster_authority,
    read_change,
    replace_unit_key,
    write_change,
)
from evote.office.setup import read_draft, read_salt
from evote.record import read_limited, write_atomic
from evote.returns import Resolution, RosterStatement, sign_resolution, sign_roster


@click.group("roster")
def roster() -> None:
    """Keys of units: drawn before the election, replaced in it when one is lost.

    \b
    Example:
      evote returns roster new draft.json --salt salt.txt --open Land/Paper \\
        --correct-until 2027-05-19T18:00:00Z --private office --out returns.json
    When a key is lost: the unit draws another, the authority makes it good:
      evote returns roster key …;  evote returns roster replace …
    """


@roster.command("new")
@click.argument("draft", type=path_type)
@click.option("--salt", "salt_file", required=True, type=path_type, help="From 'evote election salt'.")
@click.option(
    "--correct-until", required=True, metavar="TIME", help="End of corrections, UTC: 2027-05-19T18:00:00Z."
)
@click.option(
    "--open", "open_units", multiple=True, metavar="PATH", help="A unit that counts paper, or one above such."
)
@click.option("--private", required=True, type=path_type, help="The folder that gets the sealed keys.")
@out_option
@passphrase_options
def new(
    draft: Path,
    salt_file: Path,
    correct_until: str,
    open_units: tuple[str, ...],
    private: Path,
    out: Path,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Draw a key for every unit of DRAFT and for the roster's authority, with proofs of possession.

    The key of unit N, counted through the tree, is unit-00000N.sealed in the private folder: the unit
    gets that file. OUT goes to 'evote board new --returns' and 'evote election new --returns'.

    \b
    Example:  evote returns roster new draft.json --salt salt.txt --open Land/Paper \\
                --correct-until 2027-05-19T18:00:00Z --private office --out returns.json
    """
    with reading(salt_file):
        salt = read_salt(salt_file)
    with reading(draft):
        description = read_draft(read_limited(draft, MAX_MANIFEST_BYTES))
        passphrase = read_passphrase(passphrase_file, passphrase_fd, "the keys of the units", new=True)
        made = new_roster(description, salt, correct_until, open_units, private, passphrase, out)
    click.echo(f"Keys: {made.keys}; units with ballots: {made.ballots}; units that count paper: {made.open}")
    if made.ballots:
        click.echo(f"Next: evote board new {draft} --salt {salt_file} --returns {out} …")
    else:
        click.echo(f"Next: evote election new {draft} --salt {salt_file} --returns {out} …")


@roster.command("key")
@record_option
@unit_option
@click.option("--private", required=True, type=path_type, help="The unit's folder; it gets the new key.")
@out_option
@passphrase_options
@click.pass_obj
def key(
    world: World,
    record: Path,
    unit: str,
    private: Path,
    out: Path,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Draw a new key for a unit whose key is lost or known to others. The authority makes it good.

    \b
    Example:  evote returns roster key --record record --unit Land/North --private unit --out north.key
    """
    new_file(out)
    election, _ = open_record(world, record)
    passphrase = read_passphrase(passphrase_file, passphrase_fd, f"the new key of {unit}", new=True)
    with reading(private):
        drawn = replace_unit_key(election.manifest, unit, private, passphrase)
    write_change(change_of(election.manifest, unit, drawn), out)
    click.echo(f"Next: evote returns roster replace {out} …, by the roster's authority")


@roster.command("replace")
@click.argument("changes", type=path_type, nargs=-1, required=True)
@record_option
@roster_option
@click.option("--reason", required=True, help="Why, in words; it is published.")
@click.option(
    "--keep", "kept", multiple=True, type=path_type, help="A return under the old key that stays good."
)
@click.option("--private", required=True, type=path_type, help="The folder of the roster's authority.")
@out_option
@passphrase_options
@click.pass_obj
def replace(
    world: World,
    changes: tuple[Path, ...],
    record: Path,
    roster_files: tuple[Path, ...],
    reason: str,
    kept: tuple[Path, ...],
    private: Path,
    out: Path,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Sign the next version of the roster, in which units have the new keys of CHANGES.

    What the old keys signed no longer counts, but for the files that --keep names.

    \b
    Example:  evote returns roster replace north.key --record record --reason "token lost" \\
                --keep north.return --private office --out second.roster
    """
    new_file(out)
    election, _ = open_record(world, record)
    rosters = rosters_of(election, roster_files)
    with reading(changes[0], *changes[1:], *kept):
        keeps = take_in(election, [*gather(roster_files), *gather(kept)]).merged.returns.values()
        wanted = [read_change(path) for path in changes]
        entries = tuple(
            sorted(
                (
                    change.keeping(signed.digest for signed in keeps if signed.unit == change.unit)
                    for change in wanted
                ),
                key=lambda change: change.unit,
            )
        )
        last = rosters.latest()
        statement = RosterStatement(
            election.extended_hash, last.name.version + 1, last.name.digest, reason, entries
        )
    passphrase = read_passphrase(
        passphrase_file, passphrase_fd, "the key of the roster's authority", new=False
    )
    with reading(private):
        authority = open_roster_authority(election.manifest, private, passphrase)
    data = sign_roster(statement, authority)
    with reading(changes[0]):
        checked = take_in(election, [*gather(roster_files), ("the new roster", data)])
        for arrival in checked.files:
            if arrival.name == "the new roster" and arrival.verdict.exit_code:
                raise UnusableError(f"{arrival.verdict.value}: {arrival.message}")
    write_atomic(out, data)
    click.echo(f"Version {statement.version} of the roster is in {out}; it travels like a return.")


@click.command("resolve")
@click.argument("sources", type=path_type, nargs=-1, required=True)
@record_option
@unit_option
@click.option(
    "--choose", required=True, metavar="DIGEST", help="SHA-256 of the file that stands, or its beginning."
)
@click.option("--reason", required=True, help="Why, in words; it is published.")
@click.option("--private", required=True, type=path_type, help="The folder of the roster's authority.")
@out_option
@passphrase_options
@click.pass_obj
def resolve(
    world: World,
    sources: tuple[Path, ...],
    record: Path,
    unit: str,
    choose: str,
    reason: str,
    private: Path,
    out: Path,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Sign the authority's decision of a conflict in SOURCES: which file of the unit stands.

    All other files of the conflict that are here are set aside, by their hashes. A third version that
    nobody has seen yet is a conflict again.

    \b
    Example:  evote returns resolve night.returns --record record --unit Land/North --choose 3f9a \\
                --reason "the minutes show the second" --private office --out north.resolution
    """
    new_file(out)
    election, _ = open_record(world, record)
    with reading(sources[0], *sources[1:]):
        state = take_in(election, gather(sources)).state
    node = next((node for node in state.nodes() if node.path == unit), None)
    if node is None or node.standing is None or node.standing.conflict is None:
        raise UnusableError(f"the unit {unit!r} has no conflict in these files")
    held = sorted(node.standing.conflict.held)
    chosen = [digest for digest in held if digest.hex().startswith(choose.lower())]
    if len(chosen) != 1:
        names = ", ".join(digest.hex() for digest in held)
        raise UnusableError(f"--choose names {len(chosen)} of the files in conflict, which are {names}")
    rejected = tuple(digest for digest in held if digest != chosen[0])
    with reading("--reason"):
        decision = Resolution(election.extended_hash, unit, chosen[0], rejected, reason, world.now())
    passphrase = read_passphrase(
        passphrase_file, passphrase_fd, "the key of the roster's authority", new=False
    )
    with reading(private):
        authority = open_roster_authority(election.manifest, private, passphrase)
    write_atomic(out, sign_resolution(decision, authority))
    click.echo(f"{unit}: {chosen[0].hex()} stands, {len(rejected)} set aside; merge {out} with the returns.")
