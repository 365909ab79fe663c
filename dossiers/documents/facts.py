"""What the papers of one dossier are made from; read once, held for the length of one assembly."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from awards.queries import NominationFacts, PlaceRow, SessionFacts
from campaigns.models import Campaign
from campaigns.queries import Cell, Figures, IndicatorFacts
from dossiers import rules
from dossiers.documents.offices import Office
from dossiers.models import Dossier, DossierRequirement, PaperForm
from dossiers.queries import Contents, code_of
from units.rules import day_text

NARRATIVE = {"narrative", "qualitative"}


@dataclass(frozen=True)
class Facts:
    """`day` is the day of the letter, or today while it has none."""

    dossier: Dossier
    version: int
    day: date
    today: date
    held: Contents
    offices: dict[int, Office]
    nominees: list[NominationFacts]
    unit_of: dict[int, int | None]  # nomination → the collective, for results
    sessions: list[SessionFacts]
    figures: list[Figures]
    places: list[PlaceRow]
    joined_on: dict[int, date]
    forms: dict[int, PaperForm]
    revisions: dict[str, object]

    @property
    def campaign(self) -> Campaign:
        return self.dossier.award_round.campaign

    @property
    def office(self) -> Office:
        """The proposing unit."""
        return self.offices[self.dossier.proposing_unit_id]

    @property
    def code(self) -> str:
        return code_of(self.dossier)

    @property
    def plan(self) -> str:
        """ "Kế hoạch số 207/KH-UBND ngày 07/06/2022 của Ủy ban nhân dân tỉnh Đồng Tháp"."""
        campaign = self.campaign
        number = f" số {campaign.number_text}" if campaign.number_text else ""
        issued = f" ngày {day_text(campaign.issued_on)}" if campaign.issued_on else ""
        return f"{campaign.document_type}{number}{issued} của {campaign.issuer_name}"

    @property
    def movement(self) -> str:
        return f"phong trào thi đua “{self.campaign.short_title}”"

    @property
    def authority(self) -> str:
        return self.dossier.award_form.authority

    def counts(self) -> dict[str, int]:
        kinds = [nominee.kind for nominee in self.nominees]
        return {
            "collectives": kinds.count("collective"),
            "individuals": kinds.count("individual"),
            "households": kinds.count("household"),
        }

    def counted(self) -> str:
        """ "02 tập thể, 03 cá nhân"; kinds that nobody was proposed of are left out."""
        words = {"collectives": "tập thể", "individuals": "cá nhân", "households": "hộ gia đình"}
        return ", ".join(
            f"{number:02} {words[kind]}" for kind, number in self.counts().items() if number
        )

    def cells(self, unit: int, figures: Figures) -> list[tuple[IndicatorFacts, Cell]]:
        """What `unit` reported in a period, if its sheet was accepted."""
        accepted = {row.pk for row in figures.reported_units}
        if unit not in accepted:
            return []
        return [(f.indicator, f.cells[unit]) for f in figures.indicators if unit in f.cells]

    def form_line(self, requirement: DossierRequirement) -> str:
        """Which form the plan names, and what is in force by now when that one is not."""
        if requirement.form_id is None:
            return ""
        named = heir = self.forms[requirement.form_id]
        while heir.valid_to and heir.valid_to < self.day and heir.replaced_by_id:
            heir = self.forms[heir.replaced_by_id]
        replacement = "" if heir == named else f"{heir.code} ban hành kèm theo {heir.basis}"
        return rules.form_line(
            named.code, named.basis, valid_to=named.valid_to, replacement=replacement, day=self.day
        )


def plain_day(day: date | None) -> str | None:
    """A date as JSON keeps it."""
    return day.isoformat() if day else None


def paper_of(facts: Facts, office: Office, **own: Any) -> dict[str, Any]:
    """What stands on every paper of an office (templates/print/_document.html)."""
    return {
        "is_sample": facts.dossier.is_sample,
        "parent_agency": office.parent,
        "agency": office.name,
        "agency_name": office.name,
        "number": None,
        "place": office.place or facts.campaign.place,
        "signed_on": None,
        "year": facts.day.year,
        "form": "",
        "addressed_to": [],
        "legal_bases": [],
        "recipients": [],
        "archive": "VT",
        "signature": {"capacity": ["Thủ trưởng đơn vị"], "post": "", "name": ""},
        **own,
    }
