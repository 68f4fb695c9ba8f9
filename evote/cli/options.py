"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

record_argument = click.argument("record", type=click.Path(path_type=Path))
private_option = click.option(
    "--private", required=True, type=click.Path(path_type=Path), help="The office's private folder."
)
exchange_option = click.option(
    "--exchange",
    required=True,
    type=click.Path(path_type=Path),
    help="The folder through which guardians and the office exchange messages.",
)
json_flag = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
