"""Prints forms of people who are in the register; every print is a look at a record, with its hash in the chain."""

from pathlib import Path

from app.names import names_of
from app.paper.annex1_form import annex1_form
from app.paper.annex2_form import annex2_form
from app.paper.fonts import font_case
from app.paper.layout import Form
from app.paper.pdf import Printed, pdf_of
from app.paper.register_list import register_list
from app.register import Register, filed_of
from core.clock import Clock
from core.errors import ConflictError, NotFoundError
from core.ids import PersonId, VisitId
from core.localtime import local_date, zone
from store.truth.database import Truth, Unit
from visits.counting import is_late_entry
from visits.model import Visit
from visits.policy import CountingPolicy

LATE = "补录"


class Press:
    """Blocking; any thread. `fonts` is a folder of further fonts, None for none."""

    def __init__(
        self,
        truth: Truth,
        clock: Clock,
        policy: CountingPolicy,
        zone_name: str,
        fonts: Path | None,
        *,
        town: str = "",
    ) -> None:
        self._town = town
        self._truth = truth
        self._clock = clock
        self._policy = policy
        self._zone = zone(zone_name)
        self._register = Register(truth, clock, zone_name)
        self._fonts = fonts

    def annex1(self, person_id: str, actor: str, why: str, *, as_docx: bool = False) -> Printed:
        """Return the registration form of a person, two labelled copies; raises NotFoundError."""
        today = local_date(self._clock.now_ms(), self._zone)
        with self._truth.view() as unit:
            form = annex1_form(filed_of(unit, PersonId(person_id)).form(today))
        return self._printed(form, "printed.annex1", person_id, actor, why, as_docx=as_docx)

    def annex2(self, visit_id: str, actor: str, why: str, *, as_docx: bool = False) -> Printed:
        """Return the record of a visit, three labelled copies; NotFoundError, ConflictError where it has no form."""
        with self._truth.view() as unit:
            visit = unit.visits.get(VisitId(visit_id))
            if visit is None:
                raise NotFoundError(f"没有此探访记录 {visit_id} / no visit {visit_id}")
            form = self._record(unit, visit)
        return self._printed(form, "printed.annex2", visit_id, actor, why, as_docx=as_docx)

    def ledger(self, area: str, actor: str, why: str) -> tuple[Printed, int]:
        """Return the electronic ledger of an area as XLSX, one row a person, and how many there are."""
        from app.paper.workbook import workbook_of  # noqa: PLC0415  # a tenth of a start, for a list now and then

        people = self._register.all(area)
        with self._truth.view() as unit:
            areas = unit.entries.areas()
        printed = workbook_of([register_list(people, areas, self._register.today())])
        with self._truth.transaction() as unit:
            detail = f"{why} ({len(people)} people)"
            unit.audit.append(
                actor, "printed.ledger", area or "all", detail, self._clock.now_ms(), digest=printed.sha256
            )
        return printed, len(people)

    def pdf(self, form: Form) -> Printed:
        """Return a form that is about no single record as PDF."""
        return pdf_of(form, font_case(self._fonts), self._clock.now_ms())

    def _record(self, unit: Unit, visit: Visit) -> Form:
        if visit.form is None:
            raise ConflictError(f"visit {visit.id} has no form yet: fill it in first")
        remarks = (
            f"报警编号 {visit.alert_id}" if visit.alert_id else "",
            LATE if is_late_entry(visit, self._policy) else "",
            f"第 {visit.version} 版" if visit.version > 1 else "",
        )
        town = visit.area.split("/")[0]
        known = unit.entries.areas().areas
        hands = [visit.form.visitor_signature, visit.form.recorder_signature]
        hands += [visit.form.care.signature] if visit.form.care is not None else []
        return annex2_form(
            visit.form,
            town=self._town or (known[town].name if town in known else ""),
            number=visit.number,
            on=visit.local_date,
            name=filed_of(unit, visit.person_id).person.name,
            care_number=_care_number(unit, visit),
            remark="　".join(remark for remark in remarks if remark),
            who=names_of(unit, hands),
        )

    def _printed(self, form: Form, action: str, subject: str, actor: str, why: str, *, as_docx: bool) -> Printed:
        printed = _docx_of(form) if as_docx else self.pdf(form)
        with self._truth.transaction() as unit:
            detail = f"{why} ({len(form.copies)} copies, {'docx' if as_docx else 'pdf'})"
            unit.audit.append(actor, action, subject, detail, self._clock.now_ms(), digest=printed.sha256)
        return printed


def _docx_of(form: Form) -> Printed:
    from app.paper.word import docx_of  # noqa: PLC0415  # a tenth of a start, for a form now and then

    return docx_of(form)


def _care_number(unit: Unit, visit: Visit) -> int:
    """Return how many services the person had been given by then; 0 when this visit gave none."""
    if visit.form is None or visit.form.care is None:
        return 0
    before = unit.visits.list(visit.person_id, until_date=visit.local_date)
    cared = [one for one in before if one.form is not None and one.form.care is not None and one.merged_into is None]
    return sum(one.started_at_ms <= visit.started_at_ms for one in cared)
