"""What somebody else finds of what a unit tells in words: the level, met or not met."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from campaigns.rules.typed import Level
from units.rules import DomainError

CLAIMED = "claimed"  # what is chosen for “as the unit claims”, beside the key of a level


class Found(StrEnum):
    """How a criterion in words stands. Counted apart: it is no measured figure."""

    MET = "met"
    NOT_MET = "not_met"
    WAITING = "waiting"

    @property
    def label(self) -> str:
        return FOUND_LABELS[self]


FOUND_LABELS = {Found.MET: "Đạt", Found.NOT_MET: "Chưa đạt", Found.WAITING: "Chưa xét"}


def found_of(met: bool | None) -> Found:
    """None: nobody has assessed it, or not since it changed."""
    return Found.WAITING if met is None else Found.MET if met else Found.NOT_MET


@dataclass(frozen=True)
class Tally:
    """How many criteria in words, or units of one, are met, are not, and wait to be assessed."""

    met: int = 0
    not_met: int = 0
    waiting: int = 0

    def __bool__(self) -> bool:
        return bool(self.met or self.not_met or self.waiting)

    @property
    def words(self) -> str:
        return f"{self.met} đạt, {self.not_met} chưa đạt, {self.waiting} chưa xét"


def tally(found: Iterable[Found]) -> Tally:
    """They stand beside the counts of what is measured and are never added to them."""
    rows = list(found)
    return Tally(*(rows.count(one) for one in (Found.MET, Found.NOT_MET, Found.WAITING)))


@dataclass(frozen=True)
class Assessed:
    """The key of a level where the criterion has a rubric, else whether it is met."""

    level: int | None = None
    met: bool | None = None


def read_assessed(
    levels: tuple[Level, ...], claimed: int | None, chosen: str, reason: str
) -> Assessed:
    """What was chosen for one cell: CLAIMED or the key of a level; without a rubric met or not.

    Raises DomainError when nothing that the criterion knows was chosen, or when what was found
    is not what the unit claims, or is not enough, and no reason is given.
    """
    if not levels:
        if chosen not in (Found.MET, Found.NOT_MET):
            raise DomainError("Chọn “Đạt” hoặc “Chưa đạt”.")
        if chosen == Found.NOT_MET and not reason:
            raise DomainError("Xét chưa đạt thì ghi lý do: đơn vị cần biết còn thiếu gì.")
        return Assessed(met=chosen == Found.MET)
    names = {level.key: level.name for level in levels}
    key = claimed if chosen == CLAIMED else next((k for k in names if str(k) == chosen), None)
    if key is None:
        listed = ", ".join(f"“{name}”" for name in names.values())
        none = "Đơn vị không tự nhận mức nào. " if chosen == CLAIMED else ""
        raise DomainError(f"{none}Chọn một trong các mức: {listed}.")
    if key != claimed and not reason:
        raise DomainError(
            f"Xét mức “{names[key]}” khác mức tự nhận thì ghi lý do: đơn vị cần biết vì sao."
        )
    return Assessed(level=key)


def assessed_words(level: str, claimed: str, met: bool | None) -> str:
    """An assessment for a sentence; `claimed` is given where it is another level."""
    if level:
        return f"mức “{level}”" + (f" (tự nhận “{claimed}”)" if claimed else "")
    return "" if met is None else found_of(met).label.lower()
