"""serve, worker: the studio over HTTP. Knows processes; what they do is apps/server's."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from vitascope.apps.server.settings import Settings

SettingsFile = Annotated[
    Path | None,
    typer.Option("--settings", help="A TOML file; docs/server.md lists what can be set.", show_default=False),
]
DataFolder = Annotated[
    Path | None,
    typer.Option(help="Where everything is kept.", show_default="~/.local/share/vitascope"),
]
FillerName = Annotated[
    str | None, typer.Option(help="Who fills the canvases.", show_default="the one that fits")
]
ClusterAddress = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help='A Ray cluster whose machines fill: "ray://host:10001", or "local" for this one.',
        show_default="the workers' own",
    ),
]
Gpus = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=64,
        help="How many GPUs share one clip: of the cluster, or of the workers' own machine.",
        show_default="1",
    ),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(help="PostgreSQL, for more than one machine: postgresql://...", show_default="SQLite"),
]
StoreUrl = Annotated[
    str | None, typer.Option(help="A bucket for the media: s3://bucket/prefix", show_default="a folder")
]


def serve(
    settings: SettingsFile = None,
    host: Annotated[str | None, typer.Option(help="Where to listen.", show_default="127.0.0.1")] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Where to listen.", show_default="8000")
    ] = None,
    data: DataFolder = None,
    workers: Annotated[
        int | None,
        typer.Option(min=0, max=64, help="Processes that paint; 0 is none but this.", show_default="1"),
    ] = None,
    filler: FillerName = None,
    cluster: ClusterAddress = None,
    gpus: Gpus = None,
    database: DatabaseUrl = None,
    store: StoreUrl = None,
) -> None:
    """Serve the clients of OpenAI and Runway, and our own, over HTTP."""
    _check_installed()
    from vitascope.apps.server.serving import serve as serve_with

    names = {"host": host, "port": port, "workers": workers, "cluster": cluster, "gpus": gpus}
    serve_with(*_read(settings, data=data, filler=filler, database=database, store=store, **names))


def worker(
    settings: SettingsFile = None,
    data: DataFolder = None,
    filler: FillerName = None,
    cluster: ClusterAddress = None,
    gpus: Gpus = None,
    database: DatabaseUrl = None,
    store: StoreUrl = None,
    parent: Annotated[int | None, typer.Option(hidden=True, help="End when this process does.")] = None,
) -> None:
    """Add a worker to a server, on this machine or, where they share database and store, on another."""
    _check_installed()
    from vitascope.apps.server.serving import work_with

    where = {"data": data, "database": database, "store": store}
    work_with(_read(settings, filler=filler, cluster=cluster, gpus=gpus, **where)[0], parent)


def _read(file: Path | None, **given: object) -> tuple[Settings, list[str]]:
    """The settings, and the arguments that hand those given here on to a worker."""
    from vitascope.apps.server.settings import load_settings

    arguments = [] if file is None else ["--settings", str(file)]
    for name in ("data", "filler", "cluster", "gpus", "database", "store"):
        if given[name] is not None:
            arguments += [f"--{name}", str(given[name])]
    return load_settings(file, **given), arguments


def _check_installed() -> None:
    missing = [
        name for name in ("fastapi", "uvicorn", "dbos", "sqlalchemy") if not importlib.util.find_spec(name)
    ]
    if missing:
        raise typer.BadParameter(
            f"the server's packages aren't installed ({', '.join(missing)}): "
            "pip install 'vitascope[server]', or in a clone: bash setup.sh server"
        )
