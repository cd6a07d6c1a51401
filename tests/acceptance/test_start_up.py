"""What a service and its doctor say at the start of whom a call will not reach, in both languages and with a remedy."""

import queue
import subprocess
import threading

import pytest
from command_line import HOME, SHOUWANG, WAIT_S, environment, shouwang, shouwang_apart
from free_port import free_port
from rota_plans import ROTA_TOML

GAP = """
[[line]]
name = "noon"
role = "duty"
order = ["li"]
starts_on = 2026-03-02
[[line.shift]]
name = "noon"
from = "12:00"
until = "12:05"
"""
TOLD = {
    "Twilio 自 2023-11-30 起不再呼叫中国大陆": "Twilio does not ring them since 2023-11-30",
    "没有应答（ConnectError）": "does not answer (ConnectError)",
    "值班表空档：值班（noon）": "rota gap: nobody on duty (noon)",
    "1位老人没有可拨通的联系人": "1 people have no contact who can be rung",
}


def settings(tmp_path, **more):
    live = {
        "DATA_DIR": str(tmp_path / "data"),
        "LIVE_CALLS": "true",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "t",
        "TWILIO_FROM_NUMBER": "+85212345678",
        "PUBLIC_BASE_URL": "https://127.0.0.1:1",
        "HTTP_PORT": str(free_port()),
        "MQTT_PORT": "0",
        **more,
    }
    return {f"SHOUWANG_{name}": value for name, value in live.items() if value}


@pytest.fixture
def town(tmp_path):
    (tmp_path / "home.toml").write_text(HOME, encoding="utf-8")
    (tmp_path / "rota.toml").write_text(f"{ROTA_TOML}\n{GAP}", encoding="utf-8")
    env = settings(tmp_path)
    for arguments in (("registry", "add", "home.toml"), ("rota", "import", "rota.toml")):
        done = shouwang(*arguments, cwd=tmp_path, **env)
        assert done.returncode == 0, done.stderr
    return tmp_path, env


def test_start_up_and_doctor_say_whom_a_call_will_not_reach_and_doctor_knows_its_own_service(town):
    folder, env = town
    given = {
        "cwd": folder,
        "env": environment(**env),
        "stdout": subprocess.PIPE,
        "stderr": subprocess.DEVNULL,
        "text": True,
    }
    said, missing = "", dict(TOLD)
    with subprocess.Popen([*SHOUWANG, "serve"], **given) as process:
        lines: queue.Queue[str] = queue.Queue()
        reader = threading.Thread(target=lambda: [lines.put(line) for line in process.stdout])
        reader.start()
        try:
            while missing:
                line = lines.get(timeout=WAIT_S)
                said += line
                missing = {zh: en for zh, en in missing.items() if not (zh in line and en in line and " → " in line)}
            examined = shouwang("doctor", cwd=folder, **env)
        finally:
            process.terminate()
            reader.join(WAIT_S)
    assert examined.returncode == 1
    bad = [line for line in examined.stdout.splitlines() if line.startswith("BAD")]
    for zh, en in TOLD.items():
        assert any(zh in line and en in line and " → " in line for line in bad), (zh, examined.stdout)
    assert "ok   http_port" in examined.stdout
    assert "服务正在运行" in examined.stdout
    assert "/readyz 没有应答" not in examined.stdout
    assert "李秀英" not in said + examined.stdout
    assert "13800000000" not in said + examined.stdout


@pytest.mark.parametrize(
    ("given", "setting"),
    [
        ({"TWILIO_AUTH_TOKEN": ""}, "twilio_auth_token"),
        ({"TWILIO_FROM_NUMBER": "12345"}, "twilio_from_number"),
        ({"ALIYUN_ACCESS_KEY_ID": "LTAI"}, "aliyun_access_key_id"),
    ],
)
def test_a_service_whose_account_is_incomplete_names_the_setting_and_does_not_start(tmp_path, given, setting):
    env = settings(tmp_path, **given)
    started = shouwang_apart("serve", cwd=tmp_path, **env)
    assert started.returncode == 2
    assert f"shouwang: {setting}: 设置不能使用 / this cannot be used. Remedy: " in started.stderr
    examined = shouwang("doctor", cwd=tmp_path, **env)
    assert any(line.startswith(f"BAD  {setting}: 设置不能使用") for line in examined.stdout.splitlines())
