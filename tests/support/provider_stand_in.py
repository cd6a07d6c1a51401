"""A provider's HTTP side for contract tests: answers as told, keeps what it was asked, checks Aliyun's signature."""

import hashlib
import hmac
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, urlsplit

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
    """Compute ACS3-HMAC-SHA256 from Aliyun's description of it, not from its SDK, and compare."""
    algorithm, _, rest = asked.headers.get("authorization", "").partition(" ")
    given = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
    if algorithm != "ACS3-HMAC-SHA256" or given.get("Credential") != ACCESS_KEY:
        return False
    signed = given["SignedHeaders"].split(";")
    needed = {"host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"}
    if not needed <= set(signed) or hashlib.sha256(asked.body).hexdigest() != asked.headers["x-acs-content-sha256"]:
        return False
    query = "&".join(f"{quote(k, safe='~')}={quote(v, safe='~')}" for k, v in sorted(asked.query.items()))
    headers = "".join(f"{name}:{asked.headers[name].strip()}\n" for name in signed)
    lines = [
        asked.method,
        asked.path or "/",
        query,
        headers,
        given["SignedHeaders"],
        asked.headers["x-acs-content-sha256"],
    ]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    expected = hmac.new(secret.encode(), f"{algorithm}\n{digest}".encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, given["Signature"])


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
