"""What must be fetched for a model, how large it is and what its licence asks; and fetching it.

The hub's own library does the fetching: it resumes, checks and shares files between models. Files that run
code when they are read (pickles) are never fetched. Knows no terminal.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from vitascope.engine.contracts import EngineError
from vitascope.engine.open_weights.catalogue import MODELS

INDEX = "model_index.json"
_SPARE = 1.05  # a disk that is filled to the last byte helps nobody
_READ = re.compile(r"\.(json|txt|model|jinja|safetensors)$")
_VARIANT = re.compile(r"\.(fp16|bf16|fp8\w*|int8|ema|non_ema)\.|-(fp16|bf16|fp8\w*)\.")


class CannotPull(EngineError):
    """The hub can't be asked, the repository holds no pipeline, or the disk is too small."""


@dataclass(frozen=True)
class Repository:
    """What is to be fetched of one repository, at one revision of it."""

    repo: str
    revision: str
    licence: str
    """As its card says it; "" if it says nothing."""
    files: tuple[str, ...]
    size_bytes: int


@dataclass(frozen=True)
class Parcel:
    """All that a model needs."""

    name: str
    repositories: tuple[Repository, ...]
    licence: str
    terms: str

    @property
    def size_bytes(self) -> int:
        """Of everything, fetched or not yet."""
        return sum(repository.size_bytes for repository in self.repositories)


def parcel(name: str) -> Parcel:
    """Look up what a model of the catalogue, or a repository "owner/name", takes. Fetches nothing of it.

    Raises CannotPull.
    """
    model = MODELS.get(name)
    if model is None and "/" not in name:
        raise CannotPull(
            f'"{name}" is neither in the catalogue (`vitascope fillers`) nor a hub id "owner/name"'
        )
    repos = [name]
    if model is not None:
        repos = [model.repo, *(way.repo for way in model.ways.values()), model.adapter]
    found = tuple(_looked_up(repo) for repo in dict.fromkeys(filter(None, repos)))
    said = ", ".join(dict.fromkeys(repository.licence for repository in found if repository.licence))
    return Parcel(name, found, model.licence if model else said or "none named", model.terms if model else "")


def fetch(wanted: Parcel) -> list[Path]:
    """Fetch what isn't here yet; one folder for each repository. Raises CannotPull, before it starts if the
    disk is too small.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.constants import HF_HUB_CACHE

    cache = Path(HF_HUB_CACHE)
    _check_disk(wanted, cache)
    try:
        return [
            Path(snapshot_download(each.repo, revision=each.revision, allow_patterns=list(each.files)))
            for each in wanted.repositories
        ]
    except (
        Exception
    ) as error:  # which library the hub's client asks with, and so what it raises, has changed before
        raise CannotPull(
            f"fetching {wanted.name} broke off: {error}; the same command goes on from there"
        ) from error


def _check_disk(wanted: Parcel, cache: Path) -> None:
    place = next(folder for folder in (cache, *cache.parents) if folder.is_dir())
    there = sum(file.stat().st_size for each in wanted.repositories for file in _fetched(each, cache))
    needed, free = (wanted.size_bytes - there) * _SPARE, shutil.disk_usage(place).free
    if needed > free:
        raise CannotPull(
            f"{wanted.name} takes {needed / 1e9:.1f} GB more and {place} has {free / 1e9:.1f} GB free;"
            " make room, or set HF_HUB_CACHE to a larger disk"
        )


def _fetched(repository: Repository, cache: Path) -> list[Path]:
    """Files of that revision which are here already."""
    folder = cache / f"models--{repository.repo.replace('/', '--')}" / "snapshots" / repository.revision
    return [place for file in repository.files if (place := folder / file).is_file()]


def _looked_up(repo: str) -> Repository:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    try:
        info = HfApi().model_info(repo, files_metadata=True)
        listed = {file.rfilename: file.size or 0 for file in info.siblings or []}
        parts = _parts(repo, info.sha) if INDEX in listed else None
    except GatedRepoError as error:
        raise CannotPull(
            f"{repo} asks its users to agree first: do so on its page, then `hf auth login`"
        ) from error
    except RepositoryNotFoundError as error:
        raise CannotPull(f"the hub has no {repo}, or it is private") from error
    except Exception as error:  # as in fetch()
        raise CannotPull(f"the hub can't be asked about {repo}: {error}") from error
    files = chosen(list(listed), parts)
    card: Any = info.card_data
    licence = str((card or {}).get("license_name") or (card or {}).get("license") or "")
    return Repository(repo, info.sha or "main", licence, tuple(files), sum(listed[file] for file in files))


def _parts(repo: str, revision: str | None) -> set[str]:
    """The folders that a repository's index names. Read beside the cache, for what lies there was pulled."""
    from huggingface_hub import hf_hub_download

    with TemporaryDirectory() as place:
        index = json.loads(
            Path(hf_hub_download(repo, INDEX, revision=revision, local_dir=place)).read_bytes()
        )
    return {name for name, kind in index.items() if isinstance(kind, list) and any(kind)}


def chosen(files: list[str], parts: Collection[str] | None = None) -> list[str]:
    """Of a repository's files those that a pipeline reads: its index, settings, tokenizers, safetensors.

    `parts`: the folders that its index names, None for all. Some hold what only training needs, or what the
    weights were distilled from: with Helios' that is nearly half of it.

    Variants (fp16 ...) are left out where the plain file is there, whole models in one file always. Raises
    CannotPull where there is neither a pipeline nor a single component.
    """
    if INDEX not in files and "config.json" not in files:
        raise CannotPull(f"it has no {INDEX}: that repository isn't in the form of diffusers")
    nested = [
        file
        for file in files
        if "/" in file and _READ.search(file) and (parts is None or file.partition("/")[0] in parts)
    ]
    top = [file for file in files if "/" not in file and file.endswith(".json")]
    if INDEX not in files:
        top += [file for file in files if "/" not in file and file.endswith(".safetensors")]
    plain = {_VARIANT.sub(".", file) for file in nested + top if not _VARIANT.search(file)}
    return sorted(
        file for file in nested + top if not _VARIANT.search(file) or _VARIANT.sub(".", file) not in plain
    )
