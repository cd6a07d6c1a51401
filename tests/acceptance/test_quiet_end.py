"""A service that is told to stop while somebody looks at the board ends without a word of complaint."""

import httpx
from service_process import ServiceProcess

from app.accounts import LocalAccounts
from app.files import DataFiles

PASSWORD = "right horse battery"


def test_a_board_that_is_open_in_a_browser_ends_cleanly_with_the_service(tmp_path):
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    service = ServiceProcess(data_dir, clock="system")
    service.start()
    try:
        truth = DataFiles(data_dir).open_truth()
        LocalAccounts(truth).create("li", PASSWORD)
        truth.close()
        with httpx.Client(base_url=f"http://127.0.0.1:{service.http_port}", timeout=20) as browser:
            token = browser.post("/api/v1/login", json={"name": "li", "password": PASSWORD}).json()["token"]
            browser.cookies.clear()
            with browser.stream("GET", "/events", headers={"Authorization": f"Bearer {token}"}) as board:
                lines = board.iter_lines()
                assert "version" in next(lines)
                assert service.stop() == 0
                assert not [line for line in lines if line.startswith("event") and "version" not in line]  # its end
    finally:
        service.end()
    complaints = (tmp_path / "service.log").read_text(encoding="utf-8")
    assert "Exception" not in complaints
    assert "CancelledError" not in complaints


def test_a_service_that_rings_nobody_says_so_at_its_start_in_both_languages(tmp_path):
    (tmp_path / "data").mkdir()
    service = ServiceProcess(tmp_path / "data", clock="system")
    service.start()
    assert service.stop() == 0
    said = "".join(iter(service.lines.get, ""))
    assert "不会拨打任何电话" in said
    assert "nobody is rung and nothing is sent" in said
