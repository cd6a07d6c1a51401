"""Erasure of a person: asked for by one privacy officer, carried out by another; refuses whom a hold keeps."""

from collections import Counter

import msgspec

from app.files import DataFiles
from app.privacy.traces import Traces, found_in_files, is_about, named_elsewhere, traces_of
from app.privacy.wiping import forget_log, rewrite, wipe_beside
from core.clock import Clock
from core.errors import ConflictError, NotFoundError
from core.ids import PersonId
from core.localtime import local_date, zone
from core.text import Bilingual
from registry.consent import PURPOSE_WORDS, ConsentState, Purpose, state_of
from registry.standing import Status, standing_of
from store.truth.database import Truth, Unit
from store.truth.person_rows import Subject
from store.truth.privacy import Erasure, Hold
from visits.due_board import village_of

WATCHED = (Purpose.VISITING, Purpose.SENSORS, Purpose.CALLS)
"""Whoever agrees to one of these relies on being found; the family's light shows only what these know."""

_NO = frozenset({ConsentState.WITHDRAWN, ConsentState.REFUSED})
_UNSERVED = frozenset({Status.NOT_YET, Status.REFUSED})


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What an erasure empties (a dry run: would), and what it cannot reach."""

    person_id: PersonId
    emptied: dict[str, int]  # rows by table, things by kind
    named_elsewhere: tuple[str, ...] = ()  # records of others that bear the person's numbers
    found_in_files: tuple[str, ...] = ()  # files of the data directory in which a trace stands in clear
    home_stays: bool = False  # somebody else lives there: its readings are theirs too
    watching_ends: bool = False  # the home's sensors go, and nobody is rung for it any more


class Eraser:
    """Erases people of one data directory. Blocking."""

    def __init__(self, truth: Truth, files: DataFiles, clock: Clock, zone_name: str) -> None:
        self._truth = truth
        self._files = files
        self._clock = clock
        self._zone = zone(zone_name)

    def dry_run(self, person_id: PersonId) -> Outcome:
        """Return what would be emptied; changes nothing. Raises NotFoundError."""
        with self._truth.view() as unit:  # takes seconds, and an alarm must not wait for it
            subject = _subject(unit, person_id)
            outcome = self._erase(unit, subject, "dry run", is_real=False)
            return msgspec.structs.replace(outcome, named_elsewhere=_named(unit, subject))

    def refusal(self, person_id: PersonId) -> str:
        """Return why somebody may not be erased now, or "" when they may. Raises NotFoundError."""
        with self._truth.view() as unit:
            _subject(unit, person_id)
            try:
                self._check(unit, person_id)
            except ConflictError as error:
                return str(error)
        return ""

    def ask(self, person_id: PersonId, reason: str, by: str) -> None:
        """Write down that somebody is to be erased; a second officer carries it out. ConflictError: it may not be."""
        now_ms = self._clock.now_ms()
        with self._truth.transaction() as unit:
            _subject(unit, person_id)
            self._check(unit, person_id)
            wanted = Erasure(person_id=person_id, asked_by=by, asked_at_ms=now_ms, reason=reason)
            unit.privacy.ask(wanted)
            unit.audit.append(by, "erasure.asked", person_id, "", now_ms)

    def carry_out(self, person_id: PersonId, by: str) -> Outcome:
        """Erase somebody whom another officer asked to erase; the caller holds the data directory.

        Of somebody who is erased already the files are written anew, and searched when a kill left that undone. Raises
        ConflictError when nobody asked, when the same officer did, or when it may not be.
        """
        with self._files.deciding_erasure():
            return self._carry_out(person_id, by)

    def hold(self, person_id: PersonId, reason: str, by: str) -> None:
        """Forbid a person's erasure. ConflictError: one is being carried out, and a hold might come too late for it."""
        now_ms = self._clock.now_ms()
        with self._files.deciding_erasure(), self._truth.transaction() as unit:
            unit.privacy.hold(Hold(person_id=person_id, by=by, at_ms=now_ms, reason=reason))
            unit.audit.append(by, "erasure.held", person_id, "", now_ms)

    def release(self, person_id: PersonId, by: str) -> tuple[bool, bool]:
        """Lift a hold and withdraw a request; return whether there was either. ConflictError as for a hold."""
        now_ms = self._clock.now_ms()
        with self._files.deciding_erasure(), self._truth.transaction() as unit:
            lifted, withdrawn = unit.privacy.lift(person_id), unit.privacy.withdraw(person_id)
            unit.audit.append(by, "erasure.released", person_id, "", now_ms)
        return lifted, withdrawn

    def _carry_out(self, person_id: PersonId, by: str) -> Outcome:
        with self._truth.view() as unit:
            subject, known = _subject(unit, person_id), unit.privacy.erasure_of(person_id)
        if known is not None and known.is_begun:
            outcome = Outcome(person_id=person_id, emptied={}, home_stays=not subject.is_alone)
        else:
            outcome = self._empty(subject, by)
        return msgspec.structs.replace(outcome, found_in_files=self._finish(person_id))

    def _empty(self, subject: Subject, by: str) -> Outcome:
        """Empty files and database of somebody; what is left to do is known by then, however it ends."""
        person_id = subject.person_id
        with self._truth.view() as unit:
            self._check_asked(unit, person_id, by)
            traces, addresses, village = _around(unit, subject)
            named = _named(unit, subject)
        # the files first: a kill in between leaves what was asked for, and the next run knows what to look for
        beside = wipe_beside(self._files, traces, subject.home_id if subject.is_alone else "", addresses, village)
        with self._truth.transaction() as unit:
            self._check_asked(unit, person_id, by)
            outcome = self._erase(unit, subject, by)
            unit.privacy.begun(person_id, by, msgspec.json.encode(traces).decode())
        return msgspec.structs.replace(outcome, emptied=outcome.emptied | beside, named_elsewhere=named)

    def _finish(self, person_id: PersonId) -> tuple[str, ...]:
        """Write the files anew and seek the person in them; only then it is done, and what was sought is forgotten."""
        rewrite(self._files)
        with self._truth.view() as unit:
            sought = unit.privacy.sought(person_id)
        if sought is None:
            return ()
        still = found_in_files(self._files.data_dir, msgspec.json.decode(sought, type=Traces))
        with self._truth.transaction() as unit:
            unit.privacy.done(person_id, self._clock.now_ms())
        forget_log(self._files.truth)
        return tuple(still)

    def _check_asked(self, unit: Unit, person_id: PersonId, by: str) -> None:
        self._check(unit, person_id)
        asked = unit.privacy.erasure_of(person_id)
        if asked is None or asked.is_begun:
            raise ConflictError("没有待执行的删除申请 / nobody asked for it")
        if asked.asked_by == by:
            raise ConflictError("须由另一人确认 / somebody else must confirm what you asked for")

    def _check(self, unit: Unit, person_id: PersonId) -> None:
        if person_id in unit.privacy.holds():
            raise ConflictError("有保全要求，不得删除 / a legal hold forbids it: shouwang privacy release")
        if still := self._still_watched(unit, person_id):
            zh, en = "、".join(one.zh for one in still), ", ".join(one.en for one in still)
            raise ConflictError(f"服务未终止且同意未撤回：{zh} / the service has not ended and consent stands: {en}")
        home_id = _subject(unit, person_id).home_id
        if unit.alerts.open_of_home(home_id, is_ticket=False) is not None:
            raise ConflictError("该户有未结束的报警，先处理完毕 / an alert of the home is open: close it first")

    def _still_watched(self, unit: Unit, person_id: PersonId) -> list[Bilingual]:
        """Return for which purposes somebody still watches over the person; none once service has ended.

        What nobody asked about is watched all the same where service runs or sensors hang.
        """
        today = local_date(self._clock.now_ms(), self._zone)
        person = unit.people.person(person_id)
        if person is None:
            return []
        status = standing_of(person, unit.standing.of(person_id)).status_on(today)
        if status is Status.ENDED:
            return []
        home = unit.people.home(person.home_id)
        unasked = {Purpose.VISITING: status not in _UNSERVED, Purpose.SENSORS: home is not None and bool(home.devices)}
        consents = unit.entries.get(person_id).consents
        answers = {purpose: state_of(consents, purpose, today) for purpose in WATCHED}
        return [
            PURPOSE_WORDS[purpose]
            for purpose, answer in answers.items()
            if answer not in _NO and (answer is not ConsentState.NOT_ASKED or unasked.get(purpose, False))
        ]

    def _erase(self, unit: Unit, subject: Subject, by: str, *, is_real: bool = True) -> Outcome:
        traces = traces_of(unit, subject.person_id)
        erasing = unit.privacy.erasing(subject, is_real=is_real)
        erasing.forget_numbers()
        erasing.empty_gathered_rows(lambda text: is_about(text, traces))
        erasing.carry_out(by, self._clock.now_ms())
        return Outcome(
            person_id=subject.person_id,
            emptied=dict(sorted((+Counter(erasing.emptied)).items())),
            home_stays=not subject.is_alone,
            watching_ends=erasing.emptied["device"] > 0,
        )


def _around(unit: Unit, subject: Subject) -> tuple[Traces, list[str], str]:
    """Return the traces of a person, the addresses of sensors that are theirs alone, and their village."""
    home, person = unit.people.home(subject.home_id), unit.people.person(subject.person_id)
    addresses = [one.address for one in home.devices] if home is not None and subject.is_alone else []
    return traces_of(unit, subject.person_id), addresses, "" if person is None else village_of(person.area)


def _named(unit: Unit, subject: Subject) -> tuple[str, ...]:
    """Return the records of others that bear the person's numbers: a spouse's household, a note."""
    return tuple(named_elsewhere(unit, traces_of(unit, subject.person_id), unit.privacy.places(subject)))


def _subject(unit: Unit, person_id: PersonId) -> Subject:
    subject = unit.privacy.subject(person_id)
    if subject is None:
        raise NotFoundError(f"没有此人 / no person {person_id}")
    return subject
