"""How a server is set up: defaults, then a TOML file, then VITASCOPE_<NAME>, then the command line.

Knows where things are kept and what is allowed; opens nothing but the settings file and the secret.
"""

from __future__ import annotations

import ipaddress
import json
import os
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from vitascope.apps.server.errors import SettingsError

PREFIX = "VITASCOPE_"

# Old names that clients still send; "" is the default filler.
OLD_MODELS: dict[str, str] = dict.fromkeys(
    (
        *("sora-2", "sora-2-pro", "dall-e-2", "dall-e-3", "gpt-image-1", "gpt-image-1-mini", "gpt-image-1.5"),
        *(
            "gen4.5",
            "gen4_turbo",
            "gen4_aleph",
            "gen4_image",
            "gen4_image_turbo",
            "gen3a_turbo",
            "upscale_v1",
        ),
        *("veo3", "veo3.1", "veo3.1_fast", "gemini_2.5_flash", "act_two"),
    ),
    "",
)

Positive = Annotated[int, Field(gt=0)]


class Settings(BaseModel):
    """All there is to set. Frozen: a change is a restart."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Path("~/.local/share/vitascope")
    """Everything a server on one machine keeps; made with 0700."""
    database: str | None = None
    """A SQLAlchemy URL (postgresql+psycopg://...); None: SQLite in `data`."""
    store: str | None = None
    """Where media are kept: an fsspec URL (s3://bucket/prefix); None: a folder in `data`."""
    secret: SecretStr | None = None
    """What links and webhooks are signed with; None: made at the first start. Share it within a cluster."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    base_url: str | None = None
    """How clients reach this server, for links in answers; None: as the request came."""
    require_keys: bool | None = None
    """None: not on loopback, but everywhere else."""

    filler: str | None = None
    cluster: str | None = None
    """A Ray cluster whose machines fill ("ray://host:10001", "host:6379"); None: the workers' own."""
    gpus: Annotated[int, Field(ge=1, le=64)] = 1
    """How many GPUs share one clip: of the cluster or, where none is named, of each worker's own machine."""
    models: dict[str, str] = Field(default_factory=lambda: dict(OLD_MODELS))
    """Model names -> the filler that is meant; "" is `filler`."""
    unknown_models: Literal["default", "refuse"] = "default"
    rate_fps: Annotated[int, Field(ge=1, le=240)] = 16

    workers: Annotated[int, Field(ge=0, le=64)] = 1
    """Worker processes that `serve` starts; 0: only the API."""
    memory_mb: Positive | None = None
    """The most address space of a painting process; None: no limit but the machine's."""
    job_minutes: Positive = 120
    keep_hours: Positive = 24 * 7
    link_minutes: Positive = 24 * 60

    max_upload_mb: Positive = 512
    max_picture_mb: Positive = 32
    max_seconds: Positive = 120
    max_queued_per_key: Positive = 2000
    allow_private_urls: bool = False
    fetch_seconds: Positive = 30
    policies: list[str] = Field(default_factory=lambda: ["default"])
    log_prompts: bool = False
    label: Literal["none", "eu", "cn"] = "none"
    """The visible label on what is made, as the EU's or China's law wants it."""
    producer: str = "Vitascope"
    """Who runs this server, in the hidden part of China's label."""
    watermark: bool = True
    """An invisible mark in videos, on pixels that were given too."""
    sign: bool = True
    """Signed provenance (C2PA), with a certificate made at the first start, or one that is brought along."""
    certificate: Path | None = None
    """A chain of certificates (PEM)."""
    certificate_key: Path | None = None
    """Its key (PEM)."""
    timestamps_url: str | None = None
    """Where signed times come from."""

    @model_validator(mode="after")
    def _checked(self) -> Settings:
        if self.require_keys is False and not self.on_loopback:
            raise ValueError(
                f"host {self.host} can be reached from outside, so keys can't be off: leave require_keys out "
                "or listen on 127.0.0.1"
            )
        if (self.certificate is None) != (self.certificate_key is None):
            raise ValueError("certificate and certificate_key belong together: set both, or neither")
        return self

    @property
    def folder(self) -> Path:
        """`data` without ~."""
        return self.data.expanduser().absolute()

    @property
    def on_loopback(self) -> bool:
        """Whether nobody but this machine can connect."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return False

    @property
    def keys_required(self) -> bool:
        """Whether every request needs a key."""
        return not self.on_loopback if self.require_keys is None else self.require_keys

    @property
    def database_url(self) -> str:
        """Where our own tables are."""
        return self.database or f"sqlite:///{self.folder / 'vitascope.sqlite'}"

    @property
    def steps_url(self) -> str:
        """Where DBOS keeps what workflows have done; in PostgreSQL a schema of its own beside our tables."""
        return self.database or f"sqlite:///{self.folder / 'dbos.sqlite'}"

    @property
    def store_url(self) -> str:
        """Where media are kept, as fsspec takes it."""
        return self.store or str(self.folder / "files")

    @property
    def cluster_address(self) -> str | None:
        """The cluster that fills: the one that is named, or for GPUs that share a clip this machine alone."""
        return self.cluster or ("local" if self.gpus > 1 else None)

    def filler_of(self, model: str) -> str | None:
        """The filler that a model's name means (None: the one that fits); KeyError for one to be refused."""
        if not model:
            return self.filler
        if model in self.models:
            return self.models[model] or self.filler
        from vitascope.engine import fillers

        if model in fillers():
            return model
        if self.unknown_models == "refuse":
            raise KeyError(model)
        return self.filler

    def make_folder(self) -> Path:
        """The data folder, made for nobody's eyes but the owner's."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self.folder

    def secret_bytes(self) -> bytes:
        """What this server (or cluster) signs with; made at the first call, kept in data/secret (0600)."""
        if self.secret is not None:
            return self.secret.get_secret_value().encode()
        place = self.make_folder() / "secret"
        if not place.exists():
            new = place.with_name(f".secret.{secrets.token_hex(6)}")
            with os.fdopen(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                file.write(secrets.token_bytes(32))
            try:
                os.link(new, place)  # of two processes that start at once, one secret wins for both
            except FileExistsError:
                pass
            finally:
                new.unlink()
        return place.read_bytes()


def load_settings(file: Path | None = None, **given: Any) -> Settings:
    """Settings from all four sources; of what is `given`, None counts as not given. Raises SettingsError."""
    values: dict[str, Any] = {}
    if file is not None:
        values |= _from_file(file)
    values |= _from_environment(os.environ)
    values |= {name: value for name, value in given.items() if value is not None}
    if isinstance(models := values.get("models"), dict):
        values["models"] = OLD_MODELS | models
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None


def _from_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: the settings can't be read ({error})") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: this is no TOML: {error}") from None


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """VITASCOPE_PORT=9000 and its like; lists and tables are written as JSON, lists also with commas."""
    found: dict[str, Any] = {}
    for name, field in Settings.model_fields.items():
        text = environment.get(PREFIX + name.upper())
        if text is None:
            continue
        kind = str(field.annotation)
        if kind.startswith(("list", "dict")) and text.lstrip()[:1] in ("[", "{"):
            try:
                found[name] = json.loads(text)
            except ValueError as error:
                raise SettingsError(f"{PREFIX}{name.upper()}: this is no JSON: {error}") from None
        elif kind.startswith("list"):
            found[name] = [part.strip() for part in text.split(",") if part.strip()]
        else:
            found[name] = text
    return found


def _sentence(error: ValidationError) -> str:
    """What is wrong, in one line, each with its name."""
    said: list[str] = []
    for item in error.errors():
        name = ".".join(str(part) for part in item["loc"])
        if item["type"] == "extra_forbidden":
            said.append(f"there is no setting {name!r}; there are {', '.join(Settings.model_fields)}")
        else:
            said.append(f"{name}: {item['msg']}" if name else item["msg"].removeprefix("Value error, "))
    return "; ".join(said)
