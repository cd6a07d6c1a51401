"""A real InfluxDB 1.x engine that answers as 2.x does: nginx before it has the token, `/api/v2/write` and `/health`.

Debian's `influxdb` and `nginx-light`; both run on loopback with their own files below one folder.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from free_port import free_port

from core.clock import monotonic_s

TOKEN = "a-token-of-these-tests"
START_WAIT_S = 60

_INFLUX = """reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:{port}"
  log-enabled = false
[monitor]
  store-enabled = false
"""
_NGINX = """daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_max_body_size 16m;
  client_body_buffer_size 16m;
  proxy_buffering off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{front};
    default_type application/json;
    location = /health {{ return 200 '{{"name":"influxdb","status":"pass"}}'; }}
    location = /api/v2/write {{
      if ($http_authorization != "Token {token}") {{ return 401 '{{"code":"unauthorized","message":"unauthorized access"}}'; }}
      rewrite ^ /write?db=$arg_bucket&precision=n? break;
      proxy_pass http://127.0.0.1:{port};
    }}
    location = /query {{
      if ($http_authorization != "Token {token}") {{ return 401 '{{"error":"unauthorized access"}}'; }}
      proxy_pass http://127.0.0.1:{port};
    }}
  }}
}}
"""


class InfluxEngine:
    """`url` is the front with the token; `query` asks the engine behind it as its administrator."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._port, rpc, self._front = free_port(), free_port(), free_port()
        self._direct = f"http://127.0.0.1:{self._port}"
        self.url = f"http://127.0.0.1:{self._front}"
        (folder / "influx.conf").write_text(_INFLUX.format(folder=folder, port=self._port, rpc=rpc))
        (folder / "nginx.conf").write_text(
            _NGINX.format(folder=folder, port=self._port, front=self._front, token=TOKEN)
        )
        self._nginx: subprocess.Popen[bytes] | None = None
        self._influxd: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        nginx = binary("nginx")
        self.start_engine()
        with (self.folder / "nginx.out").open("ab") as log:
            words = [nginx, "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder)]
            self._nginx = subprocess.Popen(words, stdout=log, stderr=log)
        wait_until_answers(f"{self.url}/health")

    def start_engine(self) -> None:
        with (self.folder / "influxd.out").open("ab") as log:
            words = [binary("influxd"), "-config", str(self.folder / "influx.conf")]
            self._influxd = subprocess.Popen(words, stdout=log, stderr=log)
        wait_until_answers(f"{self._direct}/ping")

    def kill_engine(self) -> None:
        """kill -9: what it has answered 204 to is in its own log."""
        self._influxd.kill()
        self._influxd.wait(30)

    def stop(self) -> None:
        for process in (self._nginx, self._influxd):
            if process is not None and process.poll() is None:
                process.terminate()
                process.wait(30)

    def write(self, database: str, line: str) -> None:
        answer = httpx.post(f"{self._direct}/write", params={"db": database}, content=line, trust_env=False)
        assert answer.is_success, answer.text

    def query(self, text: str, database: str = "") -> list[dict]:
        answer = httpx.post(f"{self._direct}/query", data={"q": text, "db": database, "epoch": "ns"}, trust_env=False)
        (result,) = json.loads(answer.text)["results"]
        assert "error" not in result, result
        return result.get("series", [])

    def count(self, database: str, measurement: str, field: str) -> int:
        found = self.query(f'SELECT count("{field}") FROM "{measurement}"', database)  # noqa: S608  # a test's own words
        return found[0]["values"][0][1] if found else 0


def binary(name: str) -> str:
    """Return a program of Debian's, or skip: `apt-get install influxdb nginx-light`."""
    found = shutil.which(name, path="/usr/bin:/usr/sbin:/usr/local/bin:/bin:/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed here (apt-get install influxdb nginx-light)")
    return found


def wait_until_answers(url: str) -> None:
    end_s = monotonic_s() + START_WAIT_S
    while True:
        try:
            if httpx.get(url, trust_env=False).is_success:
                return
        except httpx.HTTPError:
            pass
        assert monotonic_s() < end_s, f"{url} does not answer"


@contextmanager
def influx_engine(folder: Path) -> Iterator[InfluxEngine]:
    engine = InfluxEngine(folder)
    try:
        engine.start()
        yield engine
    finally:
        engine.stop()
