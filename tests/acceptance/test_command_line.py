"""The command line as an operator meets it: a broken set-up, a first account, a demonstration that is interrupted."""

import json
import signal
import subprocess
import threading
from pathlib import Path

import httpx
import paho.mqtt.publish as mqtt
import pytest
from command_line import HOME, SHOUWANG, environment, shouwang, shouwang_apart
from service_process import ServiceProcess

from app.broker import EmbeddedBroker
from app.metric_names import METRICS
from core.clock import SystemClock, monotonic_s
from core.localtime import DAY_MS, DEFAULT_ZONE_NAME, from_ms, zone

CONTACTS = """
[[contact]]
role = "family"
name = "王小芳"
phone = "+8613900000001"
relation = "女儿"

[[contact]]
role = "duty"
name = "值班"
"""


def test_doctor_names_the_line_of_a_wrong_setting_and_the_remedy(tmp_path):
    (tmp_path / "shouwang.toml").write_text('zone = "Asia/Shanghai"\n\nhttp_prot = 8080\n', encoding="utf-8")
    done = shouwang_apart("doctor", cwd=tmp_path)
    assert done.returncode == 1
    assert "shouwang.toml, line 3" in done.stdout
    assert "http_prot is not a setting" in done.stdout


def test_doctor_names_the_line_of_a_wrong_ladder_and_the_remedy(tmp_path):
    (tmp_path / "ladders.toml").write_text("version = 1\n[p1]\nrounds = 2\n", encoding="utf-8")
    done = shouwang("doctor", cwd=tmp_path, SHOUWANG_LADDERS_FILE="ladders.toml")
    assert "BAD  ladders_file: ladders.toml, line 1: changed_by is missing → add changed_by" in done.stdout
    assert shouwang("ladder", "check", "ladders.toml", cwd=tmp_path).returncode == 2
    example = Path.cwd() / "docs" / "examples" / "ladders" / "shuren.toml"
    assert "ok  ladders v3" in shouwang("ladder", "check", str(example), cwd=tmp_path).stdout


def test_a_ladder_is_explained_in_both_languages_with_masked_names(tmp_path):
    (tmp_path / "home.toml").write_text(f"{HOME}\n{CONTACTS}", encoding="utf-8")
    assert shouwang_apart("registry", "add", "home.toml", cwd=tmp_path).returncode == 0
    example = str(Path.cwd() / "docs" / "examples" / "ladders" / "shuren.toml")
    told = shouwang_apart(
        "ladder", "explain", "h0123", "--at", "2026-03-02 02:00", cwd=tmp_path, SHOUWANG_LADDERS_FILE=example
    )
    assert told.returncode == 0, told.stderr
    assert "p1.night@3" in told.stdout
    assert "呼叫 call contact:1 = 王* 家属 family  [console]" in told.stdout
    assert "跳过 skipped: 没有登记这样的联系人 no such contact is registered" in told.stdout
    assert "李秀英" not in told.stdout
    assert "王小芳" not in told.stdout
    assert "13800000000" not in told.stdout


def test_a_ladder_names_the_channel_that_the_routes_give_a_number(tmp_path):
    (tmp_path / "home.toml").write_text(f"{HOME}\n{CONTACTS}", encoding="utf-8")
    assert shouwang("registry", "add", "home.toml", cwd=tmp_path).returncode == 0
    routes = '[[route]]\nprefix = "+"\nvoice = ["twilio_voice"]\nsms = ["webhook", "console"]\n'
    (tmp_path / "routes.toml").write_text(routes, encoding="utf-8")
    told = shouwang("ladder", "explain", "h0123", cwd=tmp_path, SHOUWANG_ROUTES_FILE="routes.toml").stdout
    assert "call contact:1 = 王* 家属 family  跳过 skipped: 没有可用的通道 no channel is set up for this number" in told
    assert "sms all = 王* 家属 family  [console]" in told


def test_a_silence_is_added_listed_and_ended_and_a_wrong_one_names_its_option(tmp_path):
    (tmp_path / "home.toml").write_text(HOME, encoding="utf-8")
    assert shouwang("registry", "add", "home.toml", cwd=tmp_path).returncode == 0
    assert shouwang("account", "add", "li", cwd=tmp_path, SHOUWANG_ACCOUNT_PASSWORD="a long password").returncode == 0
    given = ("silence", "add", "--home", "h0123", "--reason", "检修水管", "--as", "li", "--until")
    refused = shouwang(*given, "2020-01-01 08:00", cwd=tmp_path)
    assert refused.returncode == 2
    assert "--until: it would end before it begins. Remedy: name a later time" in refused.stderr
    until = f"{from_ms(SystemClock().now_ms() + 3 * DAY_MS, zone(DEFAULT_ZONE_NAME)):%Y-%m-%d %H:%M}"
    added = shouwang(*given, until, cwd=tmp_path)
    assert added.returncode == 0, added.stderr
    silence_id = added.stdout.split()[0]
    assert "li: 检修水管" in shouwang("silence", "list", cwd=tmp_path).stdout
    explained = shouwang("ladder", "explain", "h0123", cwd=tmp_path).stdout
    assert "静默中，暂不通知 nobody is told: li设置静默：检修水管 silenced by li: 检修水管" in explained
    assert shouwang("silence", "end", silence_id, cwd=tmp_path).returncode == 0
    assert "nobody is told" not in shouwang("ladder", "explain", "h0123", cwd=tmp_path).stdout
    assert "0 silences" in shouwang("silence", "list", cwd=tmp_path).stdout
    assert shouwang("silence", "end", silence_id, cwd=tmp_path).returncode == 2


def test_doctor_names_the_variable_of_a_wrong_environment(tmp_path):
    done = shouwang_apart("doctor", cwd=tmp_path, SHOUWANG_HTTP_PORT="eighty")
    assert "SHOUWANG_HTTP_PORT" in done.stdout


def test_doctor_is_content_with_an_empty_directory(tmp_path):
    done = shouwang("doctor", cwd=tmp_path, SHOUWANG_HTTP_PORT="0", SHOUWANG_MQTT_PORT="0")
    assert done.returncode == 0, done.stdout


def test_doctor_says_what_a_lost_key_file_means(tmp_path):
    assert shouwang("account", "add", "li", cwd=tmp_path, SHOUWANG_ACCOUNT_PASSWORD="a long password").returncode == 0
    (tmp_path / "shouwang-data" / "shouwang.key").unlink()
    done = shouwang("doctor", cwd=tmp_path)
    assert done.returncode == 1
    assert "key" in done.stdout
    assert "restore" in done.stdout


def test_a_replay_refuses_a_service_that_follows_the_real_time(tmp_path):
    done = shouwang_apart("sim", "--data-dir", str(tmp_path / "nothing"), cwd=tmp_path)
    assert done.returncode == 2
    assert "shouwang serve --clock driven" in done.stderr


def test_a_preset_is_tried_on_a_recorded_home_before_anybody_registers_one(tmp_path):
    lines = [
        f"2024-03-{4 + day:02d} {hour:02d}:{minute:02d}:00,{room},{word}"
        for day in range(25)
        for hour in range(7, 23)
        for minute, room in ((0, "Kitchen"), (30, "LivingRoom"))
        for word in ("ON", "OFF")
        if not (day == 20 and 9 < hour < 14)
    ]
    (tmp_path / "flat.csv").write_text("\n".join(["local_time,sensor,value", *lines]) + "\n", encoding="utf-8")
    tried = ("--preset", "day4_night8", "--onsets", "20", "--json", "out.json")
    done = shouwang("rules", "backtest", "--recording", "flat.csv", *tried, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2024-03-24" in done.stdout
    rows = json.loads((tmp_path / "out.json").read_text("utf-8"))["homes"]["flat"]["rows"]
    assert [row["name"] for row in rows] == ["在用 in force v0", "day4_night8"]
    assert not (tmp_path / "shouwang-data").exists()


def test_a_preset_that_nobody_knows_is_refused_with_the_nearest_name_and_exit_code_2(tmp_path):
    done = shouwang_apart("rules", "backtest", "h0123", "--preset", "day4_nigth8", cwd=tmp_path)
    assert done.returncode == 2
    assert "did you mean day4_night8?" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def service(tmp_path):
    service = ServiceProcess(tmp_path / "data", clock="system")
    service.start()
    ready = f"http://127.0.0.1:{service.http_port}/readyz"
    wait_for(lambda: httpx.get(ready, timeout=30).status_code == 200, limit_s=60)  # subscribed: nothing sent is lost
    yield service
    service.stop()


def test_a_message_on_a_topic_that_nobody_may_use_is_told_by_metrics_and_the_list_of_parked_messages(service, tmp_path):
    publish(service, "home/x/y", b"1")
    metrics = f"http://127.0.0.1:{service.http_port}/metrics"
    wait_for(lambda: "shouwang_broker_messages_refused_total 1.0" in httpx.get(metrics, timeout=30).text)
    told = shouwang("parked", "--data-dir", str(service.data_dir), cwd=tmp_path).stdout
    assert told.startswith("0 parked messages")
    assert "speaking on home/x/y" in told


def test_a_first_sensor_is_registered_while_the_service_runs_and_its_reading_is_shown(service, tmp_path):
    (tmp_path / "home.toml").write_text(HOME, encoding="utf-8")
    data = str(service.data_dir)
    publish(service, "care/h0123/kitchen_pir/event", b'{"motion": true, "seq": 1}')
    base = f"http://127.0.0.1:{service.http_port}"
    wait_for(lambda: "unknown_device 1" in shouwang("parked", "--data-dir", data, cwd=tmp_path).stdout)
    assert shouwang_apart("registry", "add", "home.toml", "--data-dir", data, cwd=tmp_path).returncode == 0
    added = shouwang_apart(
        "account", "add", "li", "--data-dir", data, cwd=tmp_path, SHOUWANG_ACCOUNT_PASSWORD="long enough"
    )
    assert added.returncode == 0, added.stderr
    assert httpx.get(f"{base}/api/v1/homes").status_code == 401
    token = httpx.post(f"{base}/api/v1/login", json={"name": "li", "password": "long enough"}).json()["token"]
    head = {"Authorization": f"Bearer {token}"}
    publish(service, "care/h0123/kitchen_pir/event", b'{"motion": true, "seq": 2}')
    wait_for(lambda: httpx.get(f"{base}/api/v1/homes/h0123", headers=head).json().get("last_sign") is not None)
    home = httpx.get(f"{base}/api/v1/homes/h0123", headers=head).json()
    assert home["last_sign"]["grade"] == "B"
    assert "秀英" not in str(home)


def test_an_unknown_sensor_is_adopted_from_the_inbox_and_what_it_said_before_is_read(service, tmp_path):
    (tmp_path / "home.toml").write_text(HOME, encoding="utf-8")
    data = ("--data-dir", str(service.data_dir))
    assert shouwang("registry", "add", "home.toml", *data, cwd=tmp_path).returncode == 0
    publish(service, "zigbee2mqtt/h0123/hall_pir", b'{"occupancy":true,"battery":88}')
    wait_for(lambda: "hall_pir" in shouwang("devices", "inbox", *data, cwd=tmp_path).stdout)
    told = shouwang("devices", "inbox", *data, cwd=tmp_path).stdout
    assert "probably interior_motion" in told
    to = ("zigbee2mqtt/h0123/hall_pir", "--home", "h0123", "--role", "interior_motion", "--room", "门厅")
    mistyped = shouwang("devices", "adopt", "zigbee2mqtt/h0123/hallpir", *to[1:], *data, cwd=tmp_path)
    assert mistyped.returncode != 0
    assert "near it: zigbee2mqtt/h0123/hall_pir. Remedy:" in mistyped.stderr
    assert "Traceback" not in mistyped.stderr
    adopted = shouwang("devices", "adopt", *to, *data, cwd=tmp_path)
    assert adopted.stdout.startswith("h0123/hall_pir is zigbee2mqtt/h0123/hall_pir"), adopted.stderr
    wait_for(lambda: shouwang("parked", "list", *data, cwd=tmp_path).stdout.startswith("0 parked"))
    assert "read since, in journal entry" in shouwang("parked", "show", "1", *data, cwd=tmp_path).stdout
    publish(service, "zigbee2mqtt/neighbour/door", b'{"contact":false}')
    wait_for(lambda: "neighbour" in shouwang("devices", "inbox", *data, cwd=tmp_path).stdout)
    rejected = shouwang("devices", "reject", "zigbee2mqtt/neighbour/door", *data, cwd=tmp_path)
    assert "rejected" in rejected.stdout
    assert "0 devices waiting" in shouwang("devices", "inbox", *data, cwd=tmp_path).stdout
    again = shouwang("parked", "retry", "--all", *data, cwd=tmp_path)
    assert "1 messages will be read again" in again.stdout
    changed = shouwang("devices", "replace", "h0123/hall_pir", "care/h0123/new_pir", *data, cwd=tmp_path)
    assert "is care/h0123/new_pir from now on" in changed.stdout
    assert "2 devices rejected" in shouwang("devices", "inbox", "--state", "rejected", *data, cwd=tmp_path).stdout


def test_every_metric_that_is_served_is_documented_and_the_other_way_round(service):
    text = httpx.get(f"http://127.0.0.1:{service.http_port}/metrics", timeout=30).text
    served = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    assert {name if name in METRICS else f"{name}_total" for name in served} == set(METRICS)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_the_demonstration_stops_cleanly(tmp_path, sign):
    process = subprocess.Popen(
        [*SHOUWANG, "demo", "--speed", "600"],
        env=environment(TMPDIR=str(tmp_path)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process.stdout:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "📒" in line:
                break
        process.send_signal(sign)
        assert process.wait(timeout=30) == 0
        lines += process.stdout.readlines()
    story = "".join(lines)
    for word in ("依据", "呼叫老人本人", "家属", "按键 1", "结案：已送医", "记入台账"):
        assert word in story
    assert "Traceback" not in story
    assert "leaked" not in story
    assert list(tmp_path.glob("shouwang-demo-*")) == []


def publish(service, topic, payload):
    account = EmbeddedBroker(service.data_dir / "broker").accounts.device
    mqtt.single(
        topic,
        payload,
        qos=1,
        hostname="127.0.0.1",
        port=service.mqtt_port,
        auth={"username": account.username, "password": account.password},
    )


def wait_for(is_so, limit_s=60):
    pause, until_s = threading.Event(), monotonic_s() + limit_s
    while monotonic_s() < until_s:
        if is_so():
            return
        pause.wait(0.2)
    raise AssertionError(f"not within {limit_s} s")
