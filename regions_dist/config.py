"""What a machine has, and how its processes behave: flag over environment over file."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from regions_dist.errors import FileProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EmbeddingSettings", "LLMSettings", "RagSettings", "Settings", "load_settings"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LLMSettings(_Frozen):
    """A language model behind an OpenAI-compatible URL, with or without ``/v1``.

    ``params`` go into every request (temperature, seed, …). For models too small to do without,
    ``examples`` are worked (prompt, answer) pairs put before each prompt for free text, and
    ``question_examples`` those before each prompt for questions, which has a schema.
    Seconds: ``connect_timeout``, ``timeout`` (the whole answer).
    """

    url: str
    model: str | None = None
    api_key: SecretStr | None = None
    params: dict[str, Any] = Field(default_factory=dict)
    examples: tuple[tuple[str, str], ...] = ()
    question_examples: tuple[tuple[str, str], ...] = ()
    slots: int = Field(default=1, ge=1)
    connect_timeout: float = Field(default=5.0, gt=0)
    timeout: float = Field(default=1800.0, gt=0)
    retries: int = Field(default=3, ge=0)


class EmbeddingSettings(_Frozen):
    """An embedder behind an OpenAI-compatible URL; without a URL, the embedded one."""

    url: str | None = None
    model: str | None = None
    api_key: SecretStr | None = None
    timeout: float = Field(default=60.0, gt=0)
    retries: int = Field(default=3, ge=0)


class RagSettings(_Frozen):
    """A RAG store: its file, and the name of the embedder it uses. Sizes in characters."""

    path: Path
    embedding: str = "default"
    chunk_size: int = Field(default=512, ge=16)
    overlap: int = Field(default=50, ge=0)
    max_results: int = Field(default=5, ge=1)


def _default_home() -> Path:
    return Path(platformdirs.user_data_dir("regions", appauthor=False))


class Settings(_Frozen):
    """Everything a process is told from outside. ``lease`` is in seconds."""

    redis: SecretStr | None = None
    home: Path = Field(default_factory=_default_home)
    lease: float = Field(default=2.0, gt=0)
    llm: dict[str, LLMSettings] = Field(default_factory=dict)
    embedding: dict[str, EmbeddingSettings] = Field(default_factory=dict)
    rag: dict[str, RagSettings] = Field(default_factory=dict)

    @property
    def redis_url(self) -> str | None:
        """The broker's URL with its password, or None where none is configured."""
        return self.redis.get_secret_value() if self.redis else None


_ENVIRONMENT = {
    "REGIONS_REDIS_URL": ("redis",),
    "REGIONS_HOME": ("home",),
    "REGIONS_LEASE": ("lease",),
    "REGIONS_LLM_URL": ("llm", "default", "url"),
    "REGIONS_LLM_MODEL": ("llm", "default", "model"),
    "REGIONS_LLM_API_KEY": ("llm", "default", "api_key"),
    "REGIONS_EMBEDDING_URL": ("embedding", "default", "url"),
    "REGIONS_EMBEDDING_MODEL": ("embedding", "default", "model"),
    "REGIONS_RAG_PATH": ("rag", "default", "path"),
}


def load_settings(
    *,
    file: Path | None = None,
    redis: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """The settings of this machine: ``redis`` (a flag) over environment over file.

    ``file`` is the one named by a flag, else ``REGIONS_CONFIG``, else ``config.toml`` in the
    platform's config folder, where it exists. Raises FileProblem for a file that is missing,
    is not TOML, or holds something unknown.
    """
    environ = os.environ if environment is None else environment
    path, required = _config_path(file, environ)
    values = _read(path) if required or path.exists() else {}
    for variable, place in _ENVIRONMENT.items():
        if environ.get(variable):
            _set(values, place, environ[variable])
    if redis is not None:
        values["redis"] = redis
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise _explain(error, path) from None


def _config_path(file: Path | None, environ: Mapping[str, str]) -> tuple[Path, bool]:
    if file is not None:
        return file, True
    if environ.get("REGIONS_CONFIG"):
        return Path(environ["REGIONS_CONFIG"]), True
    return Path(platformdirs.user_config_dir("regions", appauthor=False)) / "config.toml", False


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileProblem(f"{path}: cannot be read: {error.strerror}", where=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileProblem(f"{path}: is not TOML: {error}", where=str(path)) from None


def _set(values: dict[str, Any], place: tuple[str, ...], value: str) -> None:
    *tables, key = place
    for table in tables:
        values = values.setdefault(table, {})
    values[key] = value


def _explain(error: ValidationError, path: Path) -> FileProblem:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    variables = [name for name, loc in _ENVIRONMENT.items() if ".".join(loc) == place]
    origin = f"{path} (or {variables[0]})" if variables else str(path)
    return FileProblem(f"{origin}: {place}: {first['msg']}", where=place)
