"""What an operator sets for one data folder: `settings.yaml`, checked and typed. Secrets are named, never written.

Lives here: what a valid settings file is. Not here: what is done with it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from schemas.errors import SettingsError
from schemas.read_yaml import read_yaml

NAME = "settings.yaml"
MANUAL = "docs/operations.md, section Notices, has an example."
SECRETS = {"password": "password_env", "secret": "secret_env", "token": "headers_env", "headers": "headers_env"}
"""Keys that people write a secret into, and the key that names an environment variable instead."""
Ending = Literal["published", "unchanged", "refused", "failed"]
"""How a night can end. One that publishes although a file was refused is both `published` and `failed`."""
Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Address = Annotated[str, Field(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$")]


class _Part(BaseModel):
    """A part of the settings: unknown keys are refused, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _no_secret(cls, content: Any) -> Any:
        if isinstance(content, Mapping) and any(isinstance(key, bool) for key in content):
            raise ValueError("YAML reads `on` as a truth value; the key is `when`")
        for key in SECRETS.keys() & content.keys() if isinstance(content, Mapping) else ():
            raise ValueError(f"`{key}` is not written here; write `{SECRETS[key]}` with the name of a variable")
        return content


class _Channel(_Part):
    """Somebody who is told how a night ended."""

    when: tuple[Ending, ...] = ("published", "refused", "failed")
    """Endings that are told. Not `on`, which YAML reads as a truth value."""
    timeout_seconds: float = Field(default=10.0, gt=0, le=60)
    """How long the other side may keep silent."""


class Mail(_Channel):
    """An e-mail per survey and night."""

    kind: Literal["mail"]
    to: tuple[Address, ...] = Field(min_length=1)
    sender: Address = Field(alias="from")
    host: str = Field(min_length=1)
    port: int | None = Field(default=None, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password_env: Variable | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port; without a port the usual one of the security."""
        return self.host, self.port or {"starttls": 587, "tls": 465, "none": 25}[self.security]

    @property
    def name(self) -> str:
        """How messages name this channel."""
        return f"mail to {', '.join(self.to)}"

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables this channel needs."""
        return (self.password_env,) if self.password_env else ()

    @model_validator(mode="after")
    def _login_is_whole_and_unseen(self) -> Mail:
        if (self.user is None) != (self.password_env is None):
            raise ValueError("`user` and `password_env` belong together")
        if self.user and self.security == "none" and not is_loopback(self.host):
            raise ValueError("a password does not travel openly; set `security` to starttls or tls")
        return self


class Webhook(_Channel):
    """An HTTP POST per survey and night."""

    kind: Literal["webhook"]
    url: str | None = None
    url_env: Variable | None = None
    """For an address that is a secret itself."""
    headers_env: Mapping[str, Variable] = Field(default_factory=dict)
    """Header to the variable that holds its value."""
    secret_env: Variable | None = None
    """Variable with the key of the signature."""

    @property
    def name(self) -> str:
        """How messages name this channel: without path and query, which may be secret."""
        return f"webhook {urlsplit(self.url).hostname}" if self.url else f"webhook ${self.url_env}"

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables this channel needs."""
        return tuple(name for name in (self.url_env, *self.headers_env.values(), self.secret_env) if name)

    @field_validator("url")
    @classmethod
    def _address_without_a_login(cls, url: str | None) -> str | None:
        parts = urlsplit(url or "http://none")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("an address begins with https:// or http://")
        if parts.username or parts.password:
            raise ValueError(
                "a login is not written into an address; use `headers_env` with Authorization, or `url_env`"
            )
        return url

    @field_validator("headers_env")
    @classmethod
    def _header_names(cls, headers: Mapping[str, str]) -> Mapping[str, str]:
        for name in headers:
            if not re.fullmatch(r"[A-Za-z0-9-]+", name):
                raise ValueError(f'"{name}" is no name of a header')
        return headers

    @model_validator(mode="after")
    def _one_address(self) -> Webhook:
        if (self.url is None) == (self.url_env is None):
            raise ValueError("give `url` or `url_env`, one of them")
        return self


Channel = Annotated[Mail | Webhook, Field(discriminator="kind")]


Engine = Literal["duckdb", "spark"]
"""Who holds the interviews of a survey and reduces them: the build warehouse, or Spark over Parquet files."""


class Spark(_Part):
    """Where Spark is: a master of a session that is begun here, or the address of a server that others keep."""

    master: str = "local[*]"
    """As Spark names it: `local[2]`, `local-cluster[2,1,1024]`, `spark://host:7077`, `yarn`."""
    connect: Annotated[str, Field(pattern=r"^sc://[^\s]+$")] | None = None
    """Address of a Spark Connect server, which goes before a master."""
    config: Mapping[str, str] = Field(default_factory=dict)
    """Spark's own settings, as `spark.executor.memory: 8g`."""

    @field_validator("connect")
    @classmethod
    def _server_unheard_and_without_a_login(cls, address: str | None) -> str | None:
        parts = urlsplit(address or "sc://localhost")
        told = dict(step.partition("=")[::2] for step in parts.path.lstrip("/;").split(";"))
        if "token" in told or parts.password:
            raise ValueError("a token is not written into an address; set SPARK_CONNECT_AUTHENTICATE_TOKEN")
        if told.get("use_ssl", "").lower() != "true" and not is_loopback(parts.hostname or ""):
            raise ValueError("answers do not travel openly; end the address of another machine with /;use_ssl=true")
        return address


class Dask(_Part):
    """Where Dask is: the address of a scheduler, or how many workers are begun here."""

    address: Annotated[str, Field(pattern=r"^(tcp|tls)://[^\s]+$")] | None = None
    """Of a scheduler that others keep."""
    workers: int = Field(default=2, ge=1, le=256)
    """Processes that are begun on this machine where no address is given."""


class Settings(_Part):
    """Everything that is set for a data folder. Every key may be left out."""

    engine: Engine = "duckdb"
    """Who holds and reduces interviews."""
    engines: Mapping[str, Engine] = Field(default_factory=dict)
    """The same of single surveys, by their id."""
    spark: Spark = Spark()
    """Where Spark is, for the surveys that it reduces."""
    microdata: str | None = None
    """Folder or address (`s3://bucket/prefix`) where accepted interviews lie as Parquet, whoever reduces them.

    Where none is named, those that Spark reduces lie in `build/interviews` and all others in the build warehouse."""
    microdata_credentials: str | None = None
    """Name of the credentials of that address, as a source's: in the environment."""
    runner: Literal["threads", "dask"] = "threads"
    """Where files are read and validated: in the run's own process, or side by side on a Dask cluster."""
    dask: Dask = Dask()
    """Where Dask is."""

    notify: tuple[Channel, ...] = ()
    """Who is told how a night ended."""
    pseudonym_key_file: Path | None = None
    """File with the key of pseudonyms, outside the data folder; `KINSCALE_PSEUDONYM_KEY` goes before it."""
    encryption_required: bool = False
    """Whether a night refuses a data folder that is not known to be encrypted at rest."""
    releases_readable_by: Literal["everyone", "group", "owner"] = "everyone"
    """Who of this machine may read releases; everything else is its owner's."""

    def engine_of(self, survey_id: str) -> Engine:
        """Who holds and reduces the interviews of a survey."""
        return self.engines.get(survey_id, self.engine)


def file(folder: Path) -> Path:
    """Where the settings of a data folder are: the file that `KINSCALE_SETTINGS` names, else its `settings.yaml`."""
    named = os.environ.get("KINSCALE_SETTINGS")
    return Path(named).expanduser().resolve() if named else folder / NAME


def load(folder: Path) -> Settings:
    """Read the settings of a data folder; without a file the defaults. Raises SettingsError naming the key."""
    path = file(folder)
    if not path.exists():
        if os.environ.get("KINSCALE_SETTINGS"):
            raise SettingsError(
                "the settings file is not there.", file=str(path), next_step="Correct or unset KINSCALE_SETTINGS."
            )
        return Settings()
    try:
        content = read_yaml(path)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _not_readable(path, error) from None  # the text of the error may repeat a line of the file
    if content is None:
        return Settings()
    if not isinstance(content, dict):
        raise SettingsError("there is no key in it.", file=str(path), expected="keys, as `notify: [...]`")
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"] if part not in ("mail", "webhook"))
        why = first["msg"].removeprefix("Value error, ")
        what = f"{key}: {why}." if key else f"{why}."
        raise SettingsError(what, file=str(path), next_step=MANUAL, facts={"key": key}) from None


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine itself."""
    return host in ("localhost", "::1") or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None


def _not_readable(path: Path, error: Exception) -> SettingsError:
    mark = getattr(error, "problem_mark", None)
    why = getattr(error, "problem", None) or getattr(error, "strerror", None) or type(error).__name__
    row = mark.line + 1 if mark else None
    return SettingsError(f"it cannot be read ({why}).", file=str(path), row=row, next_step=MANUAL)
