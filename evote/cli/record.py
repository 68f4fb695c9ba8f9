"""``evote record``: seal a record, make its hints, and export it as JSON."""

from __future__ import annotations

from pathlib import Path

import click

from evote.bulk.hints import make_hints
from evote.cli.ending import reading
from evote.cli.executors import executor_of
from evote.cli.options import cluster_option, private_option, record_argument, workers_option
from evote.cli.passphrase import passphrase_options, read_passphrase
from evote.cli.progress import progress
from evote.cli.world import World
from evote.interop.draft21 import draft21_of_record
from evote.office.count import devices_file
from evote.office.open import open_election
from evote.office.private import BALLOTS, PrivateFolder, journal_of, pending_store
from evote.record import RecordReader, RecordWriter, Stage, export_json
from evote.record.folder import new_folder
from evote.record.layout import DECRYPTION, DEVICES, KEYS

_DRAFT21 = "electionguard-2.1"


@click.group("record")
def command() -> None:
    """Seal a record for publication, make it fast to verify, or export it as JSON for people.

    \b
    Examples:  evote record seal record --private office
               evote record hints record
               evote record export record --out record-json
    """


@command.command("seal")
@record_argument
@private_option
@passphrase_options
@click.pass_obj
def seal(
    world: World, record: Path, private: Path, passphrase_file: Path | None, passphrase_fd: int | None
) -> None:
    """Seal RECORD as it is now: a new index over all files, signed with the authority's key.

    For publishing while people vote. The stage follows from what is there; a closed record stays
    closed. Every index names the one before, so that nobody can take anything back unnoticed.

    \b
    Example:  evote record seal record --private office
    """
    passphrase = read_passphrase(passphrase_file, passphrase_fd, "the authority's key", new=False)
    with reading(private):
        authority = PrivateFolder(private, passphrase).authority()
    with reading(record):
        writer = RecordWriter.open(record, world.groups)
        last = writer.reader.latest_index()
        head = None if last is None else last.head
        if writer.reader.has(KEYS) and head is None and (private / BALLOTS).exists():
            election = open_election(record, world.groups).election
            with pending_store(private, election) as store, journal_of(private, election) as journal:
                writer.put_devices(devices_file(election, store, journal))
    stage = _stage(writer.reader)
    sealed = writer.seal(stage, world.now(), authority, head)
    click.echo(f"Sealed at stage {stage.value}; signature {sealed.signature.hex()}")


@command.command("hints")
@record_argument
@workers_option
@cluster_option
@click.pass_obj
def hints(world: World, record: Path, workers: int | None, cluster: str | None) -> None:
    """Make the hints of RECORD that are missing or wrong, so that others verify it several times faster.

    Hints are what the proofs on the ballots determine anyhow: anybody can make them, for any record, and
    nobody has to trust them. They lie beside the ballots, in no index, and change no verdict. It takes
    about as long as one verification without hints; what is done when it is interrupted stays.

    \b
    Example:  evote record hints record --workers 0
    """
    with executor_of(workers, cluster, plaintext=False) as executor, reading(record), progress() as report:
        made = make_hints(
            record, world.groups, executor=executor, step=lambda done, total: report("Hints", done, total)
        )
    text = f"{made.made} hints made, {made.kept} were there"
    if made.without:
        text += f", {made.without} ballots have none because something is found on them"
    click.echo(text)


@command.command("export")
@record_argument
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="The new folder for the JSON files."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("json", _DRAFT21)),
    default="json",
    show_default=True,
    help="json is everything, in evote's own form; electionguard-2.1 is the setup, in the draft's.",
)
@click.pass_obj
def export(world: World, record: Path, out: Path, form: str) -> None:
    """Write RECORD as JSON, for people and for programs that do not read msgpack.

    \b
    json               everything in the record
    electionguard-2.1  manifest, parameters, public keys and H_E in the form of the ElectionGuard 2.1
                       serialization draft; what that cannot carry is said on stderr

    \b
    Example:  evote record export record --out record-json

    Results in the forms of election offices: 'evote results export'.
    """
    with reading(record):
        reader = RecordReader(record, world.groups)
        if form == _DRAFT21:
            draft = draft21_of_record(reader)
            with new_folder(out) as folder:
                for name, data in draft.files.items():
                    folder.write(name, data)
            for sentence in draft.left_out:
                click.echo(f"not carried: {sentence}", err=True)
        else:
            export_json(reader, out)
    click.echo(f"exported to {out}")


def _stage(reader: RecordReader) -> Stage:
    if reader.has(DECRYPTION):
        return Stage.FINAL
    return Stage.VOTING if reader.has(DEVICES) else Stage.SETUP
