"""What a machine has, and how its processes behave: flag over environment over file."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from regions_dist.errors import FileProblem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "EmbeddingSettings",
    "LLMSettings",
    "RagSettings",
    "ServerSettings",
    "Settings",
    "load_settings",
    "problem_of",
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


_LOGIN = re.compile(r"\s*(?P<scheme>\w+://)?(?P<login>[^/@]*)@(?P<rest>.*)", re.DOTALL)


class ServerSettings(_Frozen):
    """A server of models: where it is, what it is sent, and how long it may take.

    ``url``: its OpenAI-compatible address, with or without ``/v1``; instead, ``gguf``: a model's
    file, which ``regions-worker`` or an embedded run serves.
    ``model``: the model's name; without it, the first that the server lists.
    ``api_key``: better given by ``api_key_env``, the name of an environment variable that holds
    it, or ``api_key_file``, a file that does. The first of the three that is given counts.
    ``headers`` are sent with each request, and are as secret as the key; so is ``login``,
    ``user:password``, which may be written into the URL.
    ``params`` go into each request as they are (temperature, seed, dimensions, …).
    ``slots``: calls at a time, over all machines.
    ``context``: tokens that fit into the model, a prompt and its answer together; without it, the
    server is asked. A ``gguf`` is given this many for each slot.
    Seconds: ``connect_timeout``, and ``timeout`` for a whole answer.
    ``retries``: tries after the first, where the server is away, busy or broken.
    """

    url: str | None = None
    gguf: Path | None = None
    model: str | None = None
    api_key: SecretStr | None = None
    api_key_env: str | None = None
    api_key_file: Path | None = None
    login: SecretStr | None = None
    headers: dict[str, SecretStr] = Field(default_factory=dict)
    params: dict[str, Any] = Field(default_factory=dict)
    slots: int = Field(default=1, ge=1)
    context: int | None = Field(default=None, ge=64)
    connect_timeout: float = Field(default=5.0, gt=0)
    timeout: float = Field(default=60.0, gt=0)
    retries: int = Field(default=3, ge=0)

    @model_validator(mode="before")
    @classmethod
    def _login_apart(cls, values: Any) -> Any:
        """What the URL holds of it is a secret, and the URL is shown."""
        url = values.get("url") if isinstance(values, dict) else None
        found = _LOGIN.match(url) if isinstance(url, str) else None
        if found is None:
            return values
        return values | {"url": (found["scheme"] or "") + found["rest"], "login": found["login"]}

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.url is not None and self.gguf is not None:
            raise ValueError("has both a url and a gguf; expected one of them")
        return self

    def key(self) -> SecretStr | None:
        """The API key, read now from where the settings say it is.

        Raises FileProblem for a variable that is not set, and for a file that cannot be read.
        """
        if self.api_key is not None:
            return self.api_key
        if self.api_key_env is not None:
            return SecretStr(_variable(self.api_key_env))
        return SecretStr(_first_line(self.api_key_file)) if self.api_key_file else None


class LLMSettings(ServerSettings):
    """A language model. It has a ``url`` or a ``gguf``; see ServerSettings.

    ``examples`` are for models too small to do without: worked (prompt, answer) pairs put before
    each prompt for free text; ``question_examples`` before each prompt for questions, which has a
    schema.
    Seconds: ``first_token_timeout`` until an answer begins, queueing and reading of the prompt
    included; ``stall_timeout`` between two of its tokens. Both need a server that streams; to a
    server that cannot, give ``params`` a ``stream = false``.
    """

    examples: tuple[tuple[str, str], ...] = ()
    question_examples: tuple[tuple[str, str], ...] = ()
    timeout: float = Field(default=1800.0, gt=0)
    first_token_timeout: float = Field(default=600.0, gt=0)
    stall_timeout: float = Field(default=120.0, gt=0)

    @model_validator(mode="after")
    def _some_place(self) -> Self:
        if self.url is None and self.gguf is None:
            raise ValueError("has neither a url nor a gguf; expected one of them")
        return self


class EmbeddingSettings(ServerSettings):
    """An embedder; without a ``url`` or a ``gguf``, the embedded one. See ServerSettings.

    ``batch``: texts in one request.
    """

    batch: int = Field(default=64, ge=1)


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
    flags: Mapping[tuple[str, ...], object] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """The settings of this machine: ``redis`` and other ``flags`` over environment over file.

    ``flags`` are by their place, such as ``("llm", "default", "gguf")``.
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
    given = dict(flags or {}) | ({} if redis is None else {("redis",): redis})
    for place, value in given.items():
        _set(values, place, value)
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


def _set(values: dict[str, Any], place: tuple[str, ...], value: object) -> None:
    *tables, key = place
    for table in tables:
        values = values.setdefault(table, {})
    values[key] = value


def _explain(error: ValidationError, path: Path) -> FileProblem:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    variables = [name for name, loc in _ENVIRONMENT.items() if ".".join(loc) == place]
    origin = f"{path} (or {variables[0]})" if variables else str(path)
    problem = problem_of(first["type"], first["msg"], _known_at(first["loc"]))
    return FileProblem(f"{origin}: {place}: {problem}", where=place)


def problem_of(kind: str, message: str, known: Iterable[str]) -> str:
    """A pydantic error in words for people; ``known`` are the names that might have stood there."""
    if kind == "extra_forbidden":
        return f"is not known; expected one of {', '.join(sorted(known))}"
    return message.removeprefix("Value error, ")


def _known_at(place: tuple[str | int, ...]) -> Iterable[str]:
    models: dict[str | int, type[BaseModel]] = {
        "llm": LLMSettings,
        "embedding": EmbeddingSettings,
        "rag": RagSettings,
    }
    inner = len(place) > 2  # noqa: PLR2004  kind, name, key
    return (models[place[0]] if inner else Settings).model_fields


def _variable(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise FileProblem(
            f"the environment variable {name}, named by api_key_env, is not set; set it to the "
            "API key, or take api_key_env out of the config",
            where="api_key_env",
        )
    return value


def _first_line(file: Path) -> str:
    try:
        lines = file.expanduser().read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise FileProblem(
            f"{file}, named by api_key_file, cannot be read: {reason}", where="api_key_file"
        ) from None
    if not lines:
        raise FileProblem(f"{file}, named by api_key_file, is empty", where="api_key_file")
    return lines[0]
