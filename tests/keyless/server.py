"""HTTP on loopback: hands requests to functions and says in JSON what was wrong with one."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a client sent."""

    body: bytes
    query: Mapping[str, str]
    authorization: str

    def json(self) -> dict[str, object]:
        """The body, which has to be a JSON object."""
        match json.loads(self.body):
            case dict(value):
                return value
            case _:
                raise ValueError("the body is not a JSON object")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What it gets back."""

    body: bytes
    kind: str = "application/json"
    status: int = 200

    @classmethod
    def of(cls, value: object, status: int = 200) -> "Answer":
        """`value` in JSON."""
        return cls(body=json.dumps(value).encode(), status=status)


Route = Callable[[Request], Answer]


@contextmanager
def serving() -> Iterator[tuple[str, dict[str, Route]]]:
    """Serves on a port of the operating system's choice; gives the URL and the routes, empty as yet.

    A route's name is a method and a path, as in `GET /keys`.
    """
    table: dict[str, Route] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(table))
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", table
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(table: Mapping[str, Route]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.respond()

        def do_POST(self) -> None:
            self.respond()

        def respond(self) -> None:
            address = urlsplit(self.path)
            request = Request(
                body=self.rfile.read(int(self.headers.get("Content-Length", "0"))),
                query=dict(parse_qsl(address.query)),
                authorization=self.headers.get("Authorization", ""),
            )
            answer = _answer(table.get(f"{self.command} {address.path}"), request)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Says nothing: a client tells its user what failed."""

    return Handler


def _answer(route: Route | None, request: Request) -> Answer:
    if route is None:
        return Answer.of({"code": 5, "message": "not found"}, 404)
    try:
        return route(request)
    except (ValueError, KeyError) as error:
        return Answer.of({"code": 3, "message": str(error)}, 400)
