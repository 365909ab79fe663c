"""Criteria that units answer in words, and how far each was found to be met.

They stand beside the tables of figures and enter none of their sums.
"""

from campaigns.queries import Cell, Figures
from criteria.models import Indicator
from reports.documents.values import TOLD_IN_WORDS, Plain


def told_of(figures: Figures, plan: str = "") -> list[Plain]:
    """One line a criterion with its counts, and in it one line a unit that answered."""
    return [
        {
            "plan": plan,
            "plan_ref": figures.campaign.ref if plan else "",
            "group": f"{plan}: {facts.group_name}" if plan else facts.group_name,
            "group_ref": facts.group_ref,
            "ref": facts.ref,
            "code": facts.code,
            "name": facts.name,
            "met": figure.told.met,
            "not_met": figure.told.not_met,
            "waiting": figure.told.waiting,
            "nothing": figure.nothing,
            "not_applicable": figure.not_applicable,
            "missing": figure.missing,
            "units": [
                {"ref": unit.ref, "unit": unit.name, **_answer(figure.cells[unit.pk])}
                for unit in figures.units
                if unit.pk in figure.cells and figure.cells[unit.pk].told
            ],
        }
        for figure in figures.indicators
        if (facts := figure.indicator).kind == Indicator.Kind.QUALITATIVE
    ]


def _answer(cell: Cell) -> Plain:
    told = cell.told
    assert told is not None
    return {
        "found": str(told.found),
        "word": told.found.label,
        "level": told.level,
        "claim": told.claim,
        "words": told.words,
        "by": told.by,
        "why": told.why,
        "text": cell.text,
    }


def narratives_of(figures: Figures) -> list[Plain]:
    """What units told in words, question by question, each with what was found of it."""
    names = {unit.pk: unit.name for unit in figures.units}
    return [
        {
            "ref": figure.indicator.ref,
            "code": figure.indicator.code,
            "question": figure.indicator.name,
            "counts": figure.told.words if figure.told else "",
            "answers": [
                {
                    "unit": names[pk],
                    "text": cell.text or cell.reason,
                    "found": cell.told.sentence if cell.told else "",
                }
                for pk, cell in figure.cells.items()
                if pk in names and (cell.text or cell.reason)
            ],
        }
        for figure in figures.indicators
        if figure.indicator.kind in TOLD_IN_WORDS
    ]
