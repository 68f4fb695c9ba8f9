"""``chaining.json``: a device that continues with the codes it made, and is then closed."""

from __future__ import annotations

from typing import Any

from evote.ballots.device import Device
from tests.vectors.form import written
from tests.vectors.run import Result
from tests.vectors.setting import election_of

FILE = "chaining.json"


def run(params: dict[str, Any], device: str, codes: list[str]) -> Result:
    machine = Device(election_of(params), device, codes=tuple(bytes.fromhex(code) for code in codes))
    field = machine.next_field()
    return Result({"record": written(machine.close()), "next_field": field})
