"""A provider's HTTP side for contract tests: answers as told, keeps what it was asked, checks Aliyun's signature."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from device_sim.aliyun_signature import SignedRequest, authorization_of, is_signed

ACCESS_KEY, SECRET = "LTAItest", "the account's secret"


class StandIn:
    """What it answers (`status`, `answer`, `hangs`) and what it was asked (`requests`)."""

    def __init__(self) -> None:
        self.status = 200
        self.answer = {}
        self.hangs = False
        self.checks_aliyun = False
        self.requests = []
        self.released = threading.Event()
        self.base = ""

    @property
    def last(self):
        return self.requests[-1]


class Asked:
    """One request as it came in."""

    def __init__(self, handler, body: bytes) -> None:
        parts = urlsplit(handler.path)
        self.method = handler.command
        self.path = parts.path
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self.body = body

    @property
    def action(self):
        return self.headers.get("x-acs-action", "")


def is_signed_by_aliyun(asked: Asked, secret: str = SECRET) -> bool:
    """Say whether a request is signed as Aliyun asks."""
    request = SignedRequest(
        method=asked.method, path=asked.path, query=tuple(asked.query.items()), headers=asked.headers, body=asked.body
    )
    given = authorization_of(request)
    return given.get("Credential") == ACCESS_KEY and is_signed(request, given, secret)


@contextmanager
def stand_in():
    """Serve on this machine until the block ends."""
    told = StandIn()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _take(self):
            length = int(self.headers.get("Content-Length") or 0)
            asked = Asked(self, self.rfile.read(length))
            told.requests.append(asked)
            if told.hangs:
                told.released.wait(20)
                self.close_connection = True
                return
            status, answer = told.status, told.answer
            if told.checks_aliyun and not is_signed_by_aliyun(asked):
                status, answer = 400, {"Code": "SignatureDoesNotMatch", "Message": "Specified signature is not matched"}
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _take  # noqa: N815 - the library's own names

        def log_message(self, format, *args: object) -> None:  # noqa: A002 - the library's own name
            """Say nothing: a request's line holds a number."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    told.base = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield told
    finally:
        told.released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
