"""A person's copy of everything that is kept about them (PIPL 45), as one archive; the act is in the chain."""

import csv
import hashlib
import io
import os
import zipfile
from pathlib import Path

import duckdb
import msgspec

from app.files import DataFiles
from core.clock import Clock
from core.errors import ConfigurationError, NotFoundError
from core.ids import PersonId
from core.localtime import from_ms, zone
from store.truth.database import Truth
from store.truth.person_rows import Rows

_TABLE_WORDS = {
    "person": "本人信息 the person's own record",
    "contact": "联系人 contacts",
    "home": "住所 home",
    "device": "传感器 sensors at home",
    "entry": "登记表（附件1）与同意记录 annex 1, consents",
    "entry_version": "登记表历次版本 every version of it, who changed it and why",
    "child_contact": "子女联系记录 contacts of children",
    "gathered_row": "来源名单中的记录 rows of gathered lists",
    "conflict": "信息不一致之处 contradictions between lists",
    "verification": "入户核实 verification at home",
    "standing_fact": "异动记录 service begun, suspended, ended",
    "visit": "探访记录（附件2） visits",
    "visit_version": "探访记录历次版本 every version of them",
    "follow_up": "跟踪回访 follow-ups",
    "eligibility": "政策待遇 benefits",
    "evaluation": "已结账月份的结论 what was owed in closed months",
    "alert": "报警 alerts",
    "trace": "报警处理经过 what was done about them",
    "attempt": "呼叫与短信 calls and texts",
    "silence": "暂停报警 silences",
    "audit": "谁看过、改过 who looked and who changed",
    "erasure": "删除申请 erasure asked for",
}

_READINGS = "SELECT device_id, metric, at_ms, value, txt FROM raw JOIN track ON track.id = raw.track WHERE home_id = ?"
_DAILY = "SELECT device_id, metric, day, n, low, total FROM days JOIN track ON track.id = days.track WHERE home_id = ?"


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """What was written: its hash, how many rows of which table, and what was left out with the reason."""

    sha256: str
    rows: dict[str, int]
    left_out: tuple[str, ...]


def write_copy(
    truth: Truth, files: DataFiles, clock: Clock, person_id: PersonId, *, by: str, out: Path, zone_name: str
) -> Archive:
    """Write the archive, readable by its owner only; raises NotFoundError, ConfigurationError where it cannot be."""
    now_ms = clock.now_ms()
    with truth.view() as unit:
        subject = unit.privacy.subject(person_id)
        if subject is None:
            raise NotFoundError(f"没有此人 / no person {person_id}")
        rows = unit.privacy.rows_of(subject)
    left_out: list[str] = []
    readings: dict[str, bytes] = {}
    if not subject.is_alone:
        left_out.append("住所传感器读数：同住人也在内 readings of the home: they are of others too")
    elif files.series.exists():
        readings = _readings(files, subject.home_id, left_out)
    at = f"{from_ms(now_ms, zone(zone_name)):%Y-%m-%d %H:%M}"
    content = _packed(_cover(person_id, by, at, rows, left_out), rows, readings)
    _write(out, content)
    sha256 = hashlib.sha256(content).hexdigest()
    with truth.transaction() as unit:
        unit.audit.append(by, "person.exported", person_id, "", now_ms, digest=sha256)
    return Archive(sha256=sha256, rows={name: len(found) for name, found in rows.items()}, left_out=tuple(left_out))


def _cover(person_id: str, by: str, at: str, rows: Rows, left_out: list[str]) -> str:
    """Return who took the copy, when and of what: the watermark that goes with it."""
    lines = [
        "# 个人信息副本 A person's copy of everything kept about them",
        "",
        f"- 编号 person: {person_id}",
        f"- 提取人 taken by: {by}",
        f"- 时间 at: {at}",
        "- 依据 ground: 《个人信息保护法》第四十五条 PIPL art. 45",
        "",
        "可要求更正、补充（第四十六条）或删除（第四十七条）。 The person may ask for correction (46) or erasure (47).",
        "",
        "| everything.json | rows |",
        "|---|---|",
        *(f"| {name}: {_TABLE_WORDS.get(name, name)} | {len(found)} |" for name, found in rows.items()),
        *(["", "未包含 left out:", *(f"- {one}" for one in left_out)] if left_out else []),
    ]
    return "\n".join(lines) + "\n"


def _readings(files: DataFiles, home_id: str, left_out: list[str]) -> dict[str, bytes]:
    try:
        connection = duckdb.connect(str(files.series), read_only=True)
    except duckdb.IOException:
        left_out.append("传感器读数：服务正在运行 readings: the service runs; stop it and take the copy again")
        return {}
    try:
        found: dict[str, bytes] = {}
        for name, query in (("readings.csv", _READINGS), ("daily.csv", _DAILY)):
            held = io.StringIO()
            cursor = connection.execute(query, [home_id])
            writer = csv.writer(held)
            writer.writerow([column[0] for column in cursor.description or ()])
            writer.writerows(cursor.fetchall())
            found[name] = held.getvalue().encode()
        return found
    finally:
        connection.close()


def _packed(cover: str, rows: Rows, readings: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("README.md", cover)
        packed.writestr("everything.json", msgspec.json.format(msgspec.json.encode(_unfolded(rows)), indent=2))
        for name, content in readings.items():
            packed.writestr(name, content)
    return held.getvalue()


def _unfolded(rows: Rows) -> Rows:
    """Return rows whose texts that are JSON themselves are shown as what they hold."""
    return {name: [{key: _read(value) for key, value in row.items()} for row in found] for name, found in rows.items()}


def _read(value: object) -> object:
    if isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return msgspec.json.decode(value)
        except msgspec.DecodeError:
            return value
    return value


def _write(out: Path, content: bytes) -> None:
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        remedy = "name a file that is not there yet"
        raise ConfigurationError(f"cannot be written: {error.strerror}", where=f"--out {out}", remedy=remedy) from error
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
