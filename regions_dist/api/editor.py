"""The built editor: files of the package, compressed once, and kept by browsers for good."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

__all__ = ["FOLDER", "editor"]

FOLDER: Final = Path(__file__).with_name("editor")
"""Where ``make editor`` puts it, and the wheel has it."""

editor = APIRouter(include_in_schema=False)

_INDEX: Final = "index.html"
_ICON: Final = "favicon.ico"
"""What every browser asks for, and the page names otherwise."""
_HASHED: Final = "assets/"
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_TEXTS: Final = ("text/", "application/javascript", "application/json", "image/svg")
_SMALL: Final = 1_000
_UNBUILT: Final = """<!doctype html><html lang="en"><meta charset="utf-8">
<title>Regions</title><body style="font: 1rem/1.5 system-ui; max-width: 40rem; margin: 4rem auto">
<h1>The editor is not built</h1>
<p>The API is here, under <code>/api</code>; <a href="openapi.json">openapi.json</a> describes it.
To build the editor in this checkout (it needs Node 20), run
<pre><code>make editor</code></pre><p>and load this page again. An installed package has it built.
</html>"""


class _File(NamedTuple):
    data: bytes
    packed: bytes | None
    kind: str
    tag: str


@editor.get("/{path:path}")
def page(path: str, request: Request) -> Response:
    """A file of the editor; a page of it by its address."""
    if path.startswith("api/") or path == "api":
        raise HTTPException(404, f"nothing is at /{path[:200]}")
    if not (FOLDER / _INDEX).is_file():
        return HTMLResponse(_UNBUILT)
    file = _inside(path or _INDEX)
    if file is None and path == _ICON:
        return Response(status_code=204)
    if file is None:
        if "." in path.rpartition("/")[2]:
            raise HTTPException(404, f"the editor has no file {path[:200]!r}")
        return RedirectResponse(f"/#/{path}", 307)
    return _answer(_read(file, file.stat().st_mtime_ns), path, request)


def _inside(path: str) -> Path | None:
    try:
        file = (FOLDER / path).resolve()
        return file if file.is_relative_to(FOLDER.resolve()) and file.is_file() else None
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=200)
def _read(file: Path, changed: int) -> _File:  # noqa: ARG001 a new build is read anew
    data = file.read_bytes()
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    kind = "text/javascript" if file.suffix in {".js", ".mjs"} else kind
    worth = kind.startswith(_TEXTS) and len(data) > _SMALL
    packed = gzip.compress(data, mtime=0) if worth else None
    return _File(data, packed, kind, f'"{hashlib.sha256(data).hexdigest()[:20]}"')


def _answer(file: _File, path: str, request: Request) -> Response:
    keep = _FOR_GOOD if path.startswith(_HASHED) else "no-cache"
    headers = {"cache-control": keep, "etag": file.tag, "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == file.tag:
        return Response(status_code=304, headers=headers)
    packs = "gzip" in request.headers.get("accept-encoding", "")
    if file.packed is not None and packs:
        return Response(
            file.packed, headers=headers | {"content-encoding": "gzip"}, media_type=file.kind
        )
    return Response(file.data, headers=headers, media_type=file.kind)
