"""``evote returns``: unit returns. Each command stands in a module of its own and is added here."""

from __future__ import annotations

import click

from evote.cli.returns_audit import audit
from evote.cli.returns_check import check
from evote.cli.returns_make import cosign, make
from evote.cli.returns_merge import merge, publish, status
from evote.cli.returns_paper import join, minutes, qr
from evote.cli.returns_roster import resolve, roster
from evote.cli.returns_send import send


@click.group("returns")
def command() -> None:
    """Bring the returns of units to where they are merged, exactly once, and say who is missing.

    \b
    Before the election is made:
      1. evote election salt salt.txt
      2. evote returns roster new draft.json --salt salt.txt --correct-until TIME \\
           --open Land/Paper --private office --out returns.json
      3. evote board new draft.json --returns returns.json …    (units that vote on ballots)
      4. evote election new draft.json --salt salt.txt --returns returns.json --board …
    When a unit has counted, or its box is closed:
      5. evote returns make --record record --unit Land/Paper --counts paper.csv \\
           --private unit --out paper.return
      6. evote returns minutes paper.return --record record --out minutes.html
      evote returns send paper.return --to https://returns.example --token-file office.token
    By any other road: evote returns qr, a stick, another office. Then at the centre:
      7. evote returns merge stick/ inbox/ --record record --out night.returns
      8. evote returns status night.returns --record record
      9. evote returns publish night.returns --record record --private office
    Anybody:
     10. evote returns check paper.return --record record
     11. evote returns audit record --sent inbox/ --record record
    """


for _command in (
    *(make, cosign, minutes, qr, join, send, check),
    *(merge, status, publish, audit, resolve, roster),
):
    command.add_command(_command)
