"""Pages in a real browser as wide as a village worker's phone: it says how wide each of them needs to be."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import api

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PHONE_PX = 390
STATIC = Path(api.__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FRAMES = """<!DOCTYPE html><title>phones</title>{frames}<pre id="told"></pre><script>
const widest = (page) => {{
  const wide = [...page.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > {width} + 0.5);
  const free = wide.filter((one) => !one.closest(".scroll, .top nav, .payload, .offscreen"));
  return free.slice(0, 3).map((one) => one.tagName + "." + one.className + " " + one.textContent.trim().slice(0, 40));
}};
addEventListener("load", () => {{
  const told = [...document.querySelectorAll("iframe")].map((frame) => {{
    const page = frame.contentDocument;
    const cut = [...page.querySelectorAll(".scroll")].filter((one) => one.scrollWidth > one.clientWidth + 1);
    const wide = page.documentElement.scrollWidth;
    return [frame.name, {{ wide, cut: cut.length, tables: page.querySelectorAll("table").length,
      menu: page.querySelector("header.top").getBoundingClientRect().height, blame: widest(page) }}];
  }});
  document.getElementById("told").textContent = JSON.stringify(told);
}});
</script>"""


def measured(pages: Mapping[str, str], width: int = PHONE_PX) -> dict[str, dict]:
    """Return of each page's HTML, by its name: px needed (`wide`), tables that are cut (`cut`), px of the `menu`."""
    frames = "".join(
        f'<iframe name="{escape(name)}" src="/page/{number}" width="{width}" height="844" frameborder="0"></iframe>'
        for number, name in enumerate(pages)
    )
    served = {f"/page/{number}": text.encode() for number, text in enumerate(pages.values())}
    served["/"] = FRAMES.format(frames=frames, width=width).encode()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = STATIC / self.path.removeprefix("/static/") if self.path.startswith("/static/") else None
            body = path.read_bytes() if path and path.is_file() else served.get(self.path)
            self.send_response(HTTPStatus.NOT_FOUND if body is None else HTTPStatus.OK)
            self.send_header("content-type", TYPES.get(path.suffix if path else "", "text/html; charset=utf-8"))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server, TemporaryDirectory() as profile:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/"
        sizes = (f"--user-data-dir={profile}", "--window-size=1200,900", "--dump-dom", address)
        command = [CHROMIUM, "--headless", "--no-sandbox", "--hide-scrollbars", "--disable-gpu", *sizes]
        dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
        server.shutdown()
    told = re.search(r'<pre id="told">(.+?)</pre>', dom, re.DOTALL)
    assert told, dom[-2000:]
    return dict(json.loads(told[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")))
