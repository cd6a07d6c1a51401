"""A server that plays InfluxDB's bad days: it takes line protocol, refuses as it is told, is slow, or cuts the line."""

import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LINE = re.compile(r"(readings|liveness),home=[^ ,]+,device=[^ ,]+,metric=[a-z_]+ [^ ]+ \d{19}")


class InfluxScript(ThreadingHTTPServer):
    """`statuses` are answered in turn, then `status`; a batch that holds `bad` is refused with `bad_status`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.statuses = 204, []
        self.bad, self.bad_status = None, 400
        self.retry_after: str | None = None
        self.cuts = False
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.taken: list[str] = []
        self.requests = 0
        self._thread = threading.Thread(target=self.serve_forever)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def stop(self) -> None:
        self.may_answer.set()
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        server = self.server
        lines = self.rfile.read(int(self.headers["Content-Length"])).decode().splitlines()
        server.requests += 1
        if server.cuts:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        server.may_answer.wait(30)
        status = server.statuses.pop(0) if server.statuses else server.status
        if status == 204 and any(
            not LINE.fullmatch(line) or (server.bad is not None and server.bad in line) for line in lines
        ):
            status = server.bad_status
        if status == 204:
            server.taken += lines
        self.send_response(status)
        if server.retry_after is not None:
            self.send_header("Retry-After", server.retry_after)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: object):
        """Say nothing."""
