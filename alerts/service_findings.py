"""Findings that no reading causes: about the service, each an alert to its supervisor, and about who can be rung."""

from enum import StrEnum

import msgspec

from alerts.canary import RING_LIMIT_MS, Run
from core.ids import FindingId, HomeId
from core.localtime import MINUTE_MS, from_ms, zone
from core.text import Bilingual
from registry.homes import ContactRole
from registry.rota_gaps import Gap
from rules.findings import Finding, FindingKind, Priority, finding_id
from rules.kind_words import KIND_WORDS

SERVICE_PREFIX = "service:"
"""Stands where a home's id would; no home's id begins so."""


class StorageTrouble(StrEnum):
    """What can be wrong with where readings are kept."""

    FULL = "full"  # readings are refused
    FILLING = "filling"
    DAMAGED = "damaged"
    COPY = "copy"  # the further time-series store refuses us until somebody acts


_STORAGE_WORDS = {
    StorageTrouble.FULL: (
        Priority.P2,
        Bilingual(
            "存储已满，采集已停止确认，各户将陆续失察：请立即腾出磁盘空间",
            "storage is full and ingest has stopped acknowledging, homes turn blind: make room on the disk now",
        ),
    ),
    StorageTrouble.FILLING: (
        Priority.P3,
        Bilingual(
            "存储空间已用八成以上：满后采集将停止", "storage is more than 80 % full: ingest stops when it is full"
        ),
    ),
    StorageTrouble.DAMAGED: (
        Priority.P2,
        Bilingual(
            "日志有损坏，部分读数已另存：请检查磁盘并核对备份（shouwang journal verify）",
            "the journal was damaged, readings were set aside: check the disk and the backup (shouwang journal verify)",
        ),
    ),
    StorageTrouble.COPY: (
        Priority.P3,
        Bilingual(
            "时序数据库拒绝写入（令牌或库名有误），副本已停止更新",
            "the time-series server refuses us (token or bucket): the copy stands still",
        ),
    ),
}
_STORAGE_OVER = Bilingual("存储问题已解除", "the trouble with storage is over")

_LINE_WORDS = {ContactRole.DUTY: Bilingual("值班", "duty"), ContactRole.SUPERVISOR: Bilingual("主管", "supervisor")}


def is_of_service(home_id: HomeId) -> bool:
    """Return whether an alert is about the service itself."""
    return home_id.startswith(SERVICE_PREFIX)


def gap_finding(gap: Gap, zone_name: str, *, now_ms: int, is_over: bool = False) -> Finding:
    """Return the finding of a gap; the same gap gives the same id. `is_over`: it has been filled, or has passed."""
    home_id = HomeId(f"{SERVICE_PREFIX}rota:{gap.line}:{gap.span.from_ms // 60_000}")
    own_id = finding_id(home_id, FindingKind.ROTA_GAP, gap.span.from_ms, gap.staff or "")
    sentence = _over_sentence(gap, zone_name) if is_over else gap_sentence(gap, zone_name)
    told = _told(own_id, home_id, FindingKind.ROTA_GAP, now_ms, sentence=sentence)
    return _over(told) if is_over else told


def unreachable_finding(home_id: HomeId, *, now_ms: int, since_ms: int, is_over: bool = False) -> Finding:
    """Return the ticket that nobody can be rung for who lives in a home; `is_over` takes back what began then."""
    alone = Bilingual("没有可拨通的联系人，请补充或核实号码", "no contact who can be rung: add one, or check")
    mended = Bilingual(
        "已有可拨通的联系人，或不在服务中", "there is a contact who can be rung again, or no service now"
    )
    own_id = finding_id(home_id, FindingKind.CONTACT_UNREACHABLE, since_ms)
    sentence = mended if is_over else alone
    told = _told(own_id, home_id, FindingKind.CONTACT_UNREACHABLE, now_ms, sentence=sentence)
    told = msgspec.structs.replace(told, priority=Priority.P3, since_ms=since_ms)
    return _over(told) if is_over else told


def canary_finding(run: Run, *, now_ms: int, is_over: bool = False) -> Finding:
    """Return the finding that a day's test alarm did not ring; `is_over`: the next one has been raised."""
    home_id = HomeId(f"{SERVICE_PREFIX}canary:{run.day:%Y%m%d}")
    failed = Bilingual(
        f"{run.day}的测试报警{RING_LIMIT_MS // 1000}秒内未接通：请立即检查报警通路",
        f"the test alarm of {run.day} did not ring within {RING_LIMIT_MS // 1000} s: check the alarm path now",
    )
    raised = Bilingual("已发出新的测试报警", "the next test alarm has been raised")
    own_id = finding_id(home_id, FindingKind.CANARY_SILENT, run.raised_at_ms)
    sentence = raised if is_over else failed
    told = _told(own_id, home_id, FindingKind.CANARY_SILENT, now_ms, sentence=sentence)
    told = msgspec.structs.replace(told, since_ms=run.raised_at_ms)
    return _over(told) if is_over else told


def storage_finding(trouble: StorageTrouble, *, now_ms: int, since_ms: int, is_over: bool = False) -> Finding:
    """Return the finding that something is wrong with where readings are kept; `is_over` takes back what began then."""
    home_id = HomeId(f"{SERVICE_PREFIX}storage:{trouble}")
    own_id = finding_id(home_id, FindingKind.STORAGE_TROUBLE, since_ms)
    priority, words = _STORAGE_WORDS[trouble]
    told = _told(own_id, home_id, FindingKind.STORAGE_TROUBLE, now_ms, sentence=_STORAGE_OVER if is_over else words)
    told = msgspec.structs.replace(told, priority=priority, since_ms=since_ms)
    return _over(told) if is_over else told


def deaf_finding(*, now_ms: int, since_ms: int, is_long: bool = False, is_over: bool = False) -> Finding:
    """Return the finding that no home is heard, `is_long` in its graver words; `is_over` takes the same one back."""
    home_id = HomeId(f"{SERVICE_PREFIX}hearing")
    since = Bilingual("收不到任何住户的消息，期间不判断安静", "no home is heard, and no silence is judged meanwhile")
    if is_over:
        sentence = Bilingual("已恢复接收消息", "the homes are heard again")
    elif is_long:
        sentence = Bilingual(
            f"已累计半小时以上{since.zh}：请立即恢复消息代理、腾出存储空间或校准时钟，并电话问候重点老人",
            f"for more than half an hour in all {since.en}: mend the broker, make room or set the clock now, and"
            " ring key people",
        )
    else:
        sentence = Bilingual(f"与消息代理失去连接，{since.zh}：请检查", f"the broker is away, {since.en}: look at it")
    own_id = finding_id(home_id, FindingKind.SERVICE_DEAF, since_ms, "long" if is_long else "")
    told = _told(own_id, home_id, FindingKind.SERVICE_DEAF, now_ms, sentence=sentence)
    priority = Priority.P1 if is_long else Priority.P2
    told = msgspec.structs.replace(told, priority=priority, since_ms=since_ms)
    return _over(told) if is_over else told


def leapt_finding(*, now_ms: int, since_ms: int, until_ms: int) -> Finding:
    """Return the finding that a stretch of time was not lived through; nothing takes it back."""
    minutes = (until_ms - since_ms) // MINUTE_MS
    sentence = Bilingual(
        f"本机停顿过，或时钟被调快了{minutes}分钟：期间没有听到任何住户，各户的静默限度顺延；请检查本机与对时",
        f"this machine stood still, or its clock was set ahead by {minutes} min: no home was heard meanwhile, and"
        " limits of silence are later by as much; look at the machine and at its time service",
    )
    home_id = HomeId(f"{SERVICE_PREFIX}leap")
    told = _told(
        finding_id(home_id, FindingKind.SERVICE_DEAF, since_ms),
        home_id,
        FindingKind.SERVICE_DEAF,
        now_ms,
        sentence=sentence,
    )
    return msgspec.structs.replace(told, since_ms=since_ms)


def clock_behind_words(behind_ms: int) -> Bilingual:
    """Return that the machine's clock was set back while the service did not run, and what that means."""
    minutes = behind_ms // MINUTE_MS
    return Bilingual(
        f"本机时钟比已记录的时间慢{minutes}分钟：在它追上之前，不判断任何静默（求助、烟雾、漏水等报警照常）；请立即校时，并电话问候重点老人",
        f"this machine's clock is {minutes} min behind what has been recorded: until it has caught up no silence is "
        "judged (calls for help, smoke and leaks ring as ever); set it now, and ring key people",
    )


def clock_finding(*, now_ms: int, since_ms: int, behind_ms: int) -> Finding:
    """Return the finding that the clock is behind what was recorded; `behind_ms` 0 takes the same one back."""
    home_id = HomeId(f"{SERVICE_PREFIX}clock")
    own_id = finding_id(home_id, FindingKind.SERVICE_DEAF, since_ms)
    over = Bilingual("时钟已追上已记录的时间", "the clock has caught up with what was recorded")
    sentence = clock_behind_words(behind_ms) if behind_ms else over
    told = _told(own_id, home_id, FindingKind.SERVICE_DEAF, now_ms, sentence=sentence)
    told = msgspec.structs.replace(told, since_ms=since_ms)
    return told if behind_ms else _over(told)


def unkept_finding(lost: Finding, *, now_ms: int) -> Finding:
    """Return the finding that one of the rules became no alert by a fault of ours; the same one gives the same id.

    As grave as the one that was lost, but no life hazard: its ladder is that of the supervisor. Nothing takes it back.
    """
    home_id = HomeId(f"{SERVICE_PREFIX}finding:{lost.home_id}")
    own_id = finding_id(home_id, FindingKind.STORAGE_TROUBLE, lost.at_ms, f"{lost.id} {lost.is_cleared}")
    words = KIND_WORDS[lost.kind]
    sentence = Bilingual(
        f"系统故障：{lost.home_id}户的“{words.zh}”未能成为报警，请立即查看该户",
        f"our own fault: {words.en} of home {lost.home_id} became no alert: look after that home now",
    )
    told = _told(own_id, home_id, FindingKind.STORAGE_TROUBLE, now_ms, sentence=sentence)
    priority = Priority.P2 if lost.is_cleared else max(lost.priority, Priority.P1)
    return msgspec.structs.replace(told, priority=priority)


def _told(own_id: FindingId, home_id: HomeId, kind: FindingKind, now_ms: int, *, sentence: Bilingual) -> Finding:
    """Return a finding of the service, P2 and from now on unless its kind says otherwise; no reading proves it."""
    return Finding(
        id=own_id,
        home_id=home_id,
        kind=kind,
        priority=Priority.P2,
        at_ms=now_ms,
        since_ms=now_ms,
        evidence=(),
        sentence=sentence,
    )


def _over(finding: Finding) -> Finding:
    return msgspec.structs.replace(finding, is_cleared=True, clears_alert=True)


def gap_sentence(gap: Gap, zone_name: str) -> Bilingual:
    """Return where nobody can be rung, from when until when; staff by their pseudonym."""
    when, words = _when(gap, zone_name), _LINE_WORDS[gap.role]
    if gap.staff is None:
        return Bilingual(
            f"值班表空档：{words.zh}（{gap.line}）{when}无人", f"rota gap: nobody on {words.en} ({gap.line}) {when}"
        )
    return Bilingual(
        f"值班表空档：{words.zh}（{gap.line}）{when}的{gap.staff}没有可拨通的号码",
        f"rota gap: {gap.staff} on {words.en} ({gap.line}) {when} has no number that rings",
    )


def _over_sentence(gap: Gap, zone_name: str) -> Bilingual:
    when = _when(gap, zone_name)
    return Bilingual(f"值班表空档（{gap.line} {when}）已补上或已过去", f"rota gap {gap.line} {when}: filled, or past")


def _when(gap: Gap, zone_name: str) -> str:
    tz = zone(zone_name)
    begins, ends = from_ms(gap.span.from_ms, tz), from_ms(gap.span.until_ms, tz)
    return f"{begins:%m-%d %H:%M}–{ends:%m-%d %H:%M}"
