"""A stub of a model server. No model: it answers what a test tells it to, or by fixed rules.

It speaks the OpenAI-compatible calls that this project makes. In a test::

    with StubModel(lambda request: "an answer") as stub:
        settings = LLMSettings(url=stub.url)

For tests with processes of their own: ``python tests/stub_model.py --port 8099``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

__all__ = ["Raw", "Stream", "StubModel", "chunk", "default_answer", "streamed", "word_vector"]

DIMENSION = 256


@dataclass(frozen=True)
class Raw:
    """An HTTP answer as it is; status 0 closes the connection without one."""

    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Stream:
    """A streamed answer: each event's data is sent as it is produced.

    One that is ``cut`` ends without its end: the connection is closed.
    """

    events: Iterable[str]
    cut: bool = False


Script = Callable[[dict[str, Any]], "str | int | Raw | Stream"]
"""Request -> the answer's text, or an HTTP error status, or a raw or a streamed answer."""


def chunk(text: str | None = None, *, thought: str | None = None, end: str | None = None) -> str:
    """The data of one event of a streamed chat answer; ``end`` is its finish_reason."""
    delta = {"content": text, "reasoning_content": thought}
    choice = {"index": 0, "delta": delta, "finish_reason": end}
    return json.dumps({"object": "chat.completion.chunk", "choices": [choice]}, ensure_ascii=False)


def streamed(*texts: str) -> Stream:
    """A streamed chat answer that says these, one after another."""
    return Stream([*map(chunk, texts), chunk(end="stop"), "[DONE]"])


def default_answer(request: dict[str, Any]) -> str:
    """Structured: each recipient is asked the request's own text. Else: the knowledge is told."""
    text = str(request["messages"][-1]["content"])
    form = request.get("response_format", {}).get("json_schema")
    if form is None:
        return text.split("\n\nRequest:", maxsplit=1)[0].strip() or text
    asked = " ".join(re.findall(r"^Request: (.*)$", text, re.MULTILINE)) or text
    item = form["schema"]["items"]["properties"]
    question = asked[: item["question"].get("maxLength", len(asked))]
    return json.dumps([{"source": name, "question": question} for name in item["source"]["enum"]])


def word_vector(text: str, dimension: int = DIMENSION) -> list[float]:
    """A vector that counts the words of ``text``: texts that share words are similar."""
    vector = [0.0] * dimension
    for word in re.findall(r"\w+", text.lower()):
        place = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
        vector[place % dimension] += 1.0
    return vector


class StubModel:
    """The stub server, on a thread from ``with`` on; ``url`` is its address without ``/v1``.

    ``script`` may be replaced at any time. ``requests`` holds (path, body) of each call,
    ``headers`` theirs, ``models`` what ``/v1/models`` answers; ``pages`` are answers by path.
    """

    def __init__(self, script: Script = default_answer, port: int = 0) -> None:
        self.script = script
        self.embedding: Callable[[str], list[float] | str] = word_vector
        self.embedding_status = 200
        self.models: Any = {"object": "list", "data": [{"id": "stub", "object": "model"}]}
        self.pages: dict[str, Any] = {}
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.headers: list[dict[str, str]] = []
        self._server = _Server(("127.0.0.1", port), self)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve_forever(self) -> None:
        """Serve in this thread, until the process is ended."""
        self._server.serve_forever()

    @property
    def chats(self) -> list[dict[str, Any]]:
        """The bodies of the chat requests so far."""
        return [body for path, body in self.requests if path.endswith("/chat/completions")]

    def answer(self, path: str, body: dict[str, Any]) -> Raw | Stream:
        """The answer to a request."""
        self.requests.append((path, body))
        if path in self.pages:
            page = self.pages[path]
            return page if isinstance(page, Raw | Stream) else Raw(200, json.dumps(page))
        if path.endswith("/completions"):
            return _completion(self.script(body), chat=path.endswith("/chat/completions"))
        if path.endswith("/embeddings"):
            return self._embeddings(body)
        if path.endswith("/models"):
            return Raw(200, json.dumps(self.models)) if self.models is not None else _error(404)
        return Raw(200, '{"status": "ok"}') if path.endswith("/health") else _error(404)

    def _embeddings(self, body: dict[str, Any]) -> Raw:
        if self.embedding_status != 200:
            return _error(self.embedding_status)
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        data = [
            {"index": index, "object": "embedding", "embedding": self.embedding(text)}
            for index, text in enumerate(texts)
        ]
        return Raw(200, json.dumps({"object": "list", "data": data, "model": "stub"}))


def _completion(answer: str | int | Raw | Stream, *, chat: bool) -> Raw | Stream:
    if isinstance(answer, Raw | Stream):
        return answer
    if isinstance(answer, int):
        return _error(answer)
    said = {"message": {"role": "assistant", "content": answer}} if chat else {"text": answer}
    return Raw(200, json.dumps({"choices": [{"index": 0, "finish_reason": "stop", **said}]}))


def _error(status: int) -> Raw:
    return Raw(status, json.dumps({"error": {"message": f"the stub answers {status}"}}))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], model: StubModel) -> None:
        super().__init__(address, _Handler)
        self.model = model

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that have gone; the stub's own faults are shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._respond({})

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length)
        if len(body) == length:  # else the client has been killed
            self._respond(json.loads(body or b"{}"))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""

    def _respond(self, body: dict[str, Any]) -> None:
        self.server.model.headers.append({key.lower(): val for key, val in self.headers.items()})
        answer = self.server.model.answer(self.path, body)
        if isinstance(answer, Stream):
            self._stream(answer)
            return
        self.close_connection = answer.status == 0
        if answer.status == 0:
            return
        payload = answer.body.encode()
        self.send_response(answer.status)
        fixed = {"Content-Type": "application/json", "Content-Length": str(len(payload))}
        for key, value in (fixed | answer.headers).items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(payload)

    def _stream(self, answer: Stream) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in answer.events:
            payload = f"data: {event}\n\n".encode()
            self.wfile.write(b"%x\r\n%b\r\n" % (len(payload), payload))
            self.wfile.flush()
        if answer.cut:
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")


def main() -> None:
    """Serve the stub on a port of this machine."""
    parser = argparse.ArgumentParser(description="A stub of a model server; there is no model.")
    parser.add_argument("--port", type=int, default=0)
    stub = StubModel(port=parser.parse_args().port)
    print(stub.url, flush=True)  # noqa: T201 - tells the test that started it
    stub.serve_forever()


if __name__ == "__main__":
    main()
