"""pull: fetch the weights of an open-weights model, after its licence and its size were shown."""

from __future__ import annotations

import sys
from typing import Annotated

import typer


def pull(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|HUB-ID", help="A model (`vitascope fillers`), or owner/name.", show_default=False
        ),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask: its licence was read.")] = False,
) -> None:
    """Fetch the weights of a model, so that it can be named with --filler; shows its licence first."""
    from vitascope.engine.open_weights.loading import machine
    from vitascope.engine.open_weights.pulling import fetch, parcel

    wanted = parcel(name)
    typer.echo(f"{wanted.name}: {wanted.size_bytes / 1e9:.1f} GB")
    for repository in wanted.repositories:
        said = f", licence {repository.licence} by its card" if repository.licence else ""
        typer.echo(f"  {repository.repo} at {repository.revision[:12]}{said}")
    typer.echo(f"Licence: {wanted.licence}" + (f"; {wanted.terms}" if wanted.terms else ""))
    typer.echo(machine(wanted.size_bytes))
    if not yes:
        if not sys.stdin.isatty():
            raise typer.BadParameter("say --yes if that licence suits you", param_hint="--yes")
        typer.confirm("Fetch it?", abort=True)
    for folder in fetch(wanted):
        typer.echo(str(folder))
