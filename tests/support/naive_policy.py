"""The counting policy told a second time, straight from its text, day by day and slowly; shares no judgement with ours.

It reads the same plain data (people, facts, records) and nothing else of `registry` and `visits`.
"""

from calendar import monthrange
from datetime import date, timedelta

DAY = timedelta(days=1)
HOUR_MS = 3_600_000
ENDINGS = {"ended", "died", "left_town"}


def judge(person, facts, visits, month, periods):
    """Return what the policy says of one person's month, as plain numbers by window."""
    year, number = (int(part) for part in month.split("-"))
    first, last = date(year, number, 1), date(year, number, monthrange(year, number)[1])
    voided = {fact.voids for fact in facts if fact.kind == "voided"}
    facts = [fact for fact in facts if fact.kind != "voided" and fact.id not in voided]
    real = real_visits(visits)
    days = [first + DAY * n for n in range((last - first).days + 1)]
    tiers = [tier_on(person, facts, day) for day in days]
    windows = {}
    if "general" in tiers:  # "其他…列为一般对象，每月至少…1次"; case 7: the month's duty is kept
        windows["GEN-MONTH", first, last] = owes(person, facts, first, last, least=15)
    if "key" in tiers:  # "每半月至少上门探访服务1次"
        for begin, end in ((first, date(year, number, 15)), (date(year, number, 16), last)):
            windows["KEY-HALFMONTH", begin, end] = owes_half(
                person, facts, begin, end, dict(zip(days, tiers, strict=True))
            )
    told = {}
    for (duty, begin, end), is_required in windows.items():
        done = sum(begin <= visit.local_date <= end and satisfies(visit, duty) for visit in real)
        told[duty, begin, end] = (is_required, done, int(is_required and done == 0))
    contacts = sum(first <= visit.local_date <= last and satisfies(visit, "MONTHLY-RATE") for visit in real)
    return told, contacts, specials(person, facts, real, (first, last), periods)


def real_visits(visits):
    """Each real visit once: the better record of one visit stands (case 13), what was merged is gone."""
    kept = []
    order = ["C1", "C3", "C2", "C4a", "C4b", "C7", "C6", "C5"]
    good = sorted(
        (visit for visit in visits if visit.merged_into is None),
        key=lambda v: (
            v.is_drill,
            is_unsigned(v),
            order.index(standing(v)),
            v.reviewed_at_ms is None,
            v.started_at_ms,
            v.id,
        ),
    )
    for visit in good:
        twins = [
            other
            for other in kept
            if other.contact_class == visit.contact_class
            and other.visitor == visit.visitor
            and other.is_drill == visit.is_drill
            and abs(other.started_at_ms - visit.started_at_ms) <= 30 * 60_000
        ]
        if not twins and not any(visit.alert_id and other.alert_id == visit.alert_id for other in kept):
            kept.append(visit)
    return kept


def is_unsigned(visit):
    """R24: a draft, and what the closing of an alert wrote of a worker's contact, counts once it is signed."""
    is_alerts = visit.alert_id is not None and standing(visit) in ("C1", "C2", "C3")
    return visit.is_draft or (is_alerts and visit.signed_at_ms is None)


def standing(visit):
    """Case 22: without a registered visitor, or a home visit without its form, it is an attempt."""
    if visit.contact_class in ("C1", "C2", "C3") and not visit.is_registered_visitor:
        return "C6"
    if visit.contact_class == "C1" and not visit.is_form_complete:
        return "C6"
    return str(visit.contact_class)


def satisfies(visit, duty):
    """The table of B3: which class counts for which duty, and what every record must be first."""
    happened = standing(visit)
    accepted = {
        "KEY-HALFMONTH": ["C1"],
        "GEN-MONTH": ["C1", "C2", "C3", "C4a"],
        "MONTHLY-RATE": ["C1", "C2", "C3", "C4a"],
        "SPECIAL": ["C1", "C2", "C3", "C4a"],
    }[duty]
    if visit.is_drill or is_unsigned(visit) or happened not in accepted:  # case 23
        return False
    entered_late = visit.entered_on is not None and visit.entered_on > visit.local_date + 7 * DAY
    if entered_late and visit.approved_at_ms is None:  # case 3
        return False
    if happened == "C4a":  # reviewed within 72 h
        return visit.reviewed_at_ms is not None and visit.reviewed_at_ms <= visit.started_at_ms + 72 * HOUR_MS
    return True


def owes_half(person, facts, begin, end, tiers):
    """Case 7: key at the half's end owes it, by case 6 from the day on which it began; otherwise the month applies."""
    if tiers[end] != "key":
        return False
    key_from = end
    while key_from > min(tiers) and tiers[key_from - DAY] == "key":
        key_from -= DAY
    return owes(person, facts, begin, end, since=key_from if key_from > min(tiers) else None, least=8)


def owes(person, facts, begin, end, *, since=None, least):
    """Cases 6, 8, 10, 11: in the ledger beyond the window, with enough of it left, and not excused half of it."""
    joined = joined_by(person, facts, end)
    if joined is None:
        return False
    start = max([day for day in (joined, since) if day is not None and day != date.min], default=begin)
    if start > begin and (end - start).days + 1 < least:
        return False
    excused = sum(is_excused(facts, begin + DAY * n) for n in range((end - begin).days + 1))
    return excused < ((end - begin).days + 1) / 2


def joined_by(person, facts, end):
    """Since when somebody has been in the ledger (date.min: always); None when they left by the day's end."""
    events = sorted((fact for fact in facts if fact.kind in ENDINGS | {"activated"}), key=lambda fact: fact.on)
    since = None
    if not events or events[0].kind in ENDINGS:
        since = person.active_from or date.min
    for fact in events:
        if fact.on > end:
            break
        if fact.kind == "activated" and since is None:
            since = fact.on
        elif fact.kind in ENDINGS:
            since = None
    return since if since is not None and since <= end else None


def is_excused(facts, day):
    """Case 8: suspended with evidence; case 11: refused in writing, for half a year at most."""
    for fact in facts:
        if fact.kind == "suspended" and fact.evidence and fact.on <= day and (fact.until is None or day <= fact.until):
            ends = [other for other in facts if other.kind == "resumed" and fact.on < other.on <= day]
        elif fact.kind == "refused" and fact.purpose == "visiting" and fact.is_signed:
            later = [o for o in facts if o.kind in ("refused", "agreed") and o.purpose == "visiting"]
            ends = [other for other in later if fact.on < other.on <= day]
            if not fact.on <= day < half_year_after(fact.on):
                continue
        else:
            continue
        if not ends:
            return True
    return False


def half_year_after(day):
    month, year = day.month + 6, day.year
    if month > 12:
        month, year = month - 12, year + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def tier_on(person, facts, day):
    """R20, or what a person set with a reason; before the first change it was what that change says it was."""
    changes = sorted((fact for fact in facts if fact.kind == "tier_changed"), key=lambda fact: fact.on)
    past, to_come = [c for c in changes if c.on <= day], [c for c in changes if c.on > day]
    if past and (past[-1].is_override or to_come):
        return str(past[-1].tier)
    if not past and to_come and to_come[0].was is not None:
        return str(to_come[0].was)
    return tier_by_rule(person, day)


def tier_by_rule(person, day):
    """孤寡、高龄独居以及重（中）度失能、重度残疾老年人列为重点对象."""
    born = person.birth_date
    is_80 = born is not None and (day.year - born.year, (day.month, day.day)) >= (80, (born.month, born.day))
    if is_80 and day.year - born.year == 80 and (day.month, day.day) < (born.month, born.day):
        is_80 = False
    is_key = (
        "childless" in person.categories
        or ("alone" in person.categories and is_80)
        or person.capacity in ("moderate", "severe")
        or person.disability_grade in (1, 2)
    )
    return "key" if is_key else "general"


def specials(person, facts, real, month_days, periods):
    """R23 and case 21: special days that hang together ask for one contact more each."""
    (first, last), theirs = month_days, []
    for period in periods:
        is_here = f"{person.area}/".startswith(f"{period.area}/" if period.area else "")
        if is_here and not period.is_withdrawn and period.level in (None, "orange", "red"):
            length = (period.until_date - period.from_date).days + 1
            theirs.append({period.from_date + DAY * n for n in range(length)})
    stretches = []
    for days in theirs:
        touching = [other for other in stretches if other & days]
        stretches = [other for other in stretches if not other & days]
        stretches.append(days.union(*touching))
    told = {}
    for days in stretches:
        begin, end = min(days), max(days)
        if end < first or begin > last or joined_by(person, facts, end) is None:
            continue
        if 2 * sum(is_excused(facts, begin + DAY * n) for n in range((end - begin).days + 1)) >= (end - begin).days + 1:
            continue
        done = sum(begin <= visit.local_date <= end and satisfies(visit, "SPECIAL") for visit in real)
        told[begin, end] = (done, max(1 - done, 0))
    return told
