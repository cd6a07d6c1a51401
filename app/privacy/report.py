"""The impact assessment (PIPL 55, 56) filled from the settings and the data as they are; names nobody."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

import msgspec

from app.privacy.retention import Overdue
from app.privacy.risks import risks_of
from app.settings import Settings
from core.clock import Clock
from core.localtime import from_ms, local_date, zone
from core.months import months_later
from registry.access import ROLE_WORDS
from registry.consent import PURPOSE_WORDS, STATE_WORDS, ConsentState, Purpose, state_of
from registry.standing import STATUS_WORDS, Status, standings_of
from store.truth.audit import AuditRow
from store.truth.database import Truth, Unit

LOOKS = ("entry.read", "entry.revealed", "entry.history_read", "person.revealed", "printed.", "person.exported")
"""Beginnings of what the chain calls a look at somebody, a print and a copy."""

WATCHED_MONTHS = -12
MOST_ROWS = 1_000_000


class Section(msgspec.Struct, frozen=True):
    """A heading, sentences, and a table whose first row is its head."""

    title: str
    lines: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()


def report_of(truth: Truth, settings: Settings, clock: Clock, found: Overdue, *, by: str) -> list[Section]:
    """Return the report as of now."""
    now_ms, tz = clock.now_ms(), zone(settings.zone)
    today = local_date(now_ms, tz)
    since = months_later(today, WATCHED_MONTHS)
    with truth.view() as unit:
        told = [row for row in unit.audit.list(limit=MOST_ROWS) if local_date(row.at_ms, tz) >= since]
        return [
            Section(
                "个人信息保护影响评估 Impact assessment",
                (
                    f"时间 as of {from_ms(now_ms, tz):%Y-%m-%d %H:%M}；制表 by {by}",
                    "依据《个人信息保护法》第五十五、五十六条；至少保存三年。 PIPL 55 and 56: kept for three years.",
                ),
            ),
            _purposes(unit, today),
            _kept(unit, settings),
            _people(unit, today),
            Section("四、数据量 Rows kept", (), tuple(_rows(unit))),
            _looks(told, since),
            _roles(unit),
            _receivers(settings),
            _rights(unit, told, found, settings),
            Section(
                "九、风险与措施 Risks and measures",
                ("由设置和数据得出 found by the settings and the data:",),
                (("风险 risk", "现状 as it is", "处理 to do"), *risks_of(unit, settings)),
            ),
            Section("十、结论 Conclusion", ("负责人意见 the officer's opinion: ________", "签字 signed: ________")),
        ]


def _purposes(unit: Unit, today: date) -> Section:
    entries = unit.entries.all().values()
    rows = [("目的 purpose", *(str(STATE_WORDS[state]) for state in ConsentState))]
    for purpose in Purpose:
        counts = Counter(state_of(entry.consents, purpose, today) for entry in entries)
        rows.append((str(PURPOSE_WORDS[purpose]), *(str(counts[state]) for state in ConsentState)))
    lines = (
        "处理敏感个人信息（第二十八、二十九条）：医疗健康、特定身份、住所内活动。",
        "Sensitive personal information (28, 29): health, identity, life at home.",
        "每一目的单独同意，注明日期，可撤回；本表为人数。 Each purpose is agreed to by itself; people, as of today:",
    )
    return Section("一、目的与同意 Purposes and consent", lines, tuple(rows))


def _kept(unit: Unit, settings: Settings) -> Section:
    years = f"服务终止后 {settings.retention_years} 年 years after service"
    rows = (
        ("内容 what", "位置 where", "保护 how", "期限 how long"),
        ("姓名、证件号、电话、住址、疾病 names, numbers, illness", "truth.sqlite", "AES-256-GCM", years),
        ("登记表、探访记录、回访 annex 1 and 2, follow-ups", "truth.sqlite", "AES-256-GCM", years),
        ("来源名单中未采用的行 refused rows of lists", "truth.sqlite", "AES-256-GCM", f"{settings.gathered_days} d"),
        ("审计链 the audit chain", "truth.sqlite", "hash chain", "长期 for ever; details go with an erasure"),
        ("传感器读数 readings", "series.duckdb", "编号 pseudonyms", f"{settings.series_raw_days} d"),
        ("每日数值 daily figures", "series.duckdb", "编号 pseudonyms", f"{settings.series_daily_days} d"),
        ("接收日志 journal of readings", "journal.sqlite", "编号 pseudonyms", f"{settings.journal_days} d"),
        ("各村夜间应急表 village sheets", "sheets/", "仅所有者可读 owner only", "7 d"),
        ("密钥 the key", "shouwang.key", "仅所有者可读 owner only", f"换过 changed {unit.privacy.key_changes()} ×"),
    )
    return Section("二、保存 What is kept where, and how long", (), rows)


def _people(unit: Unit, today: date) -> Section:
    standings = standings_of(unit.people.unnamed_persons(), unit.standing.all())
    counts = Counter(one.status_on(today) for one in standings)
    rows = tuple((str(STATUS_WORDS[status]), str(counts[status])) for status in Status)
    return Section("三、涉及人数 Whom it concerns", (), (("状态 standing", "人 people"), *rows))


def _rows(unit: Unit) -> Iterator[tuple[str, ...]]:
    yield ("表 table", "行 rows")
    for name, count in unit.privacy.table_counts().items():
        if count:
            yield (name, str(count))


def _looks(told: list[AuditRow], since: date) -> Section:
    counts = Counter((row.actor, row.action) for row in told if row.action.startswith(LOOKS))
    rows = (("账号 who", "行为 what", "次数 times"), *((who, what, str(n)) for (who, what), n in counts.most_common()))
    return Section("五、查看、打印与导出 Who opened, printed and exported what", (f"自 since {since}",), rows)


def _roles(unit: Unit) -> Section:
    rows = [("账号 account", "角色 roles")]
    for name in unit.accounts.names():
        grants = unit.accounts.grants(name)
        said = "；".join(f"{ROLE_WORDS[one.role]} @ {one.area or '*'}" for one in grants)
        rows.append((name, said or "无角色：可做一切 no role: everything but privacy's own deeds"))
    return Section("六、权限 Who may do what", (), tuple(rows))


def _receivers(settings: Settings) -> Section:
    rows = [("接收方 receiver", "内容 what", "境外 abroad")]
    for is_used, name, what, abroad in (
        (
            settings.twilio_account_sid and settings.live_calls,
            "Twilio",
            "电话号码、语音文本 numbers, spoken text",
            "是 YES",
        ),
        (settings.aliyun_access_key_id and settings.live_calls, "阿里云 Aliyun", "电话号码 numbers", "否 no"),
        (settings.webhook_url, settings.webhook_url.split("?")[0], "报警编号 case numbers", "视地址 by its address"),
        (settings.apprise_urls, "Apprise", "报警编号 case numbers", "视地址 by its address"),
        (settings.influx_url, settings.influx_url, "读数（编号） readings by pseudonym", "视地址 by its address"),
    ):
        if is_used:
            rows.append((name, what, abroad))
    none = () if len(rows) > 1 else ("无。 Nothing leaves this machine.",)
    return Section("七、委托与对外提供 Who else receives anything", none, tuple(rows) if len(rows) > 1 else ())


def _rights(unit: Unit, told: list[AuditRow], found: Overdue, settings: Settings) -> Section:
    erasures = unit.privacy.erasures()
    rows = (
        ("事项 matter", "数量 count"),
        ("已删除 erased", str(sum(one.is_begun for one in erasures))),
        ("待第二人确认的删除 waiting for a second officer", str(sum(not one.is_begun for one in erasures))),
        ("保全 legal holds", str(len(unit.privacy.holds()))),
        (f"超过保存期（{settings.retention_years} 年） past their time", str(len(found.people))),
        ("其中因保全保留 of these held", str(len(found.held))),
        ("十二个月内提供的副本 copies given in a year", str(sum(row.action == "person.exported" for row in told))),
    )
    return Section("八、个人权利 Rights: copies, erasure, holds", (), rows)
