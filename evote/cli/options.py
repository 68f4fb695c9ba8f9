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
workers_option = click.option(
    "--workers",
    type=click.IntRange(0, 1024),
    help="Processes of this machine that share the work; 0 is one per core. Without, the work is done here.",
)
cluster_option = click.option(
    "--cluster",
    metavar="ADDRESS",
    help="The Dask scheduler whose workers share the work, as tls://host:port. It must be trusted: it sees "
    "what it works on. Votes are sent to other machines over TLS only.",
)
