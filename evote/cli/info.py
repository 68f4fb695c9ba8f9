"""``evote info``: versions, kernels and groups of this installation."""

from __future__ import annotations

import json
import platform
import sys
from importlib import metadata

import click
import gmpy2

from evote import __version__
from evote.groups import NAMES, Profile, named
from evote.manifest import VERSION
from evote.signing import openssl


@click.command("info")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """Show versions, kernels and groups; the groups are checked as they are shown.

    \b
    Example:  evote info
    """
    groups = [named(name) for name in NAMES]
    facts = {
        "evote": __version__,
        "protocol": f"ElectionGuard {VERSION}",
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "kernel": f"gmpy2 {gmpy2.version()}, {gmpy2.mp_version()}",
        "signatures": openssl.used(),
        "msgpack": metadata.version("msgpack"),
        "byte order": sys.byteorder,
        "groups": [
            {
                "name": group.name,
                "element bytes": group.element_bytes,
                "standing": (
                    "standard 2.1 set" if group.profile is Profile.STANDARD else "not the standard 2.1 set"
                ),
            }
            for group in groups
        ],
    }
    if as_json:
        click.echo(json.dumps(facts, indent=1))
        return
    for name, value in facts.items():
        if name != "groups":
            click.echo(f"{name + ':':12}{value}")
    for group in groups:
        standing = "standard 2.1 set" if group.profile is Profile.STANDARD else "not the standard 2.1 set"
        click.echo(f"{'group:':12}{group.name}, {8 * group.element_bytes} bits, {standing}, checked")
