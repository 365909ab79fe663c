"""Phiếu đối chiếu: a plan held against the plan that it carries out.

Every indicator above is covered, delegated or set aside with a reason; what covers it asks no less;
deadlines come before those above, periods lie inside them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from config.plans.own import ASK, FAULT, OK, Facts, Finding, due_of, due_words, own_findings
from config.plans.parts import Plan
from config.plans.paths import source_kind
from config.plans.weighed import weighed
from criteria.rules import (
    NONE,
    PERCENT,
    Rule,
    UnitFacts,
    is_weaker,
    resolve_target,
    suffix,
    target_text,
)
from units.rules import day_text

WHOLE_PLAN = {"sum", "once"}
REVIEWS = {"interim": "sơ kết", "final": "tổng kết"}
REPORTS = {"report", "dossier"}
RHYTHMS = {
    "yearly": "hằng năm",
    "half_yearly": "6 tháng",
    "interim": "sơ kết",
    "final": "tổng kết",
    "once": "một lần",
    "ad_hoc": "khi có yêu cầu",
}
DEFAULT_DOSSIER = {"letter", "achievement_report", "minutes", "proof"}  # Luật TĐKT 2022, Điều 84


@dataclass(frozen=True)
class Answer:
    """One indicator of the plan above and what this plan makes of it."""

    code: str
    name: str
    group: str
    target: str
    state: str
    way: str
    own: str = ""
    own_target: str = ""
    sentence: str = ""


@dataclass(frozen=True)
class Sheet:
    """What was found: in the plan itself, indicator by indicator, by days and periods."""

    own: list[Finding]
    answers: list[Answer] = field(default_factory=list)
    deadlines: list[Finding] = field(default_factory=list)
    periods: list[Finding] = field(default_factory=list)

    @property
    def faults(self) -> int:
        rows = [*self.own, *self.answers, *self.deadlines, *self.periods]
        return sum(row.state == FAULT for row in rows)


# --- indicators ----------------------------------------------------------------------------------
def sheet_of(plan: Plan, parent: Plan | None, facts: Facts) -> Sheet:
    """The whole sheet; without a plan above it tells of the plan itself alone."""
    if parent is None:
        return Sheet(own_findings(plan, facts))
    return Sheet(
        own=own_findings(plan, facts),
        answers=list(_answers(plan, parent, facts)),
        deadlines=list(_deadlines(plan, parent)),
        periods=[*_period(plan, parent), *_reviews(plan, parent), *_papers(plan, parent)],
    )


def _rows(plan: Plan) -> dict[str, tuple[Plan, Plan]]:
    """ref → (group, indicator), without the portal's own default questions."""
    return {
        row["ref"]: (group, row)
        for group in plan["groups"]
        for row in group["indicators"]
        if not row["default"]
    }


def _answers(plan: Plan, parent: Plan, facts: Facts) -> Iterator[Answer]:
    """Every indicator of the plan above: covered, delegated, set aside, or forgotten."""
    own, said = _rows(plan), {row["indicator"]: row for row in plan["parent_indicators"]}
    for ref, (group, row) in _rows(parent).items():
        answer = said.get(ref)
        by = answer["by"] if answer else ref if ref in own else ""
        base = {
            "code": row["code"],
            "name": row["name"],
            "group": group["name"],
            "target": _targets_in_words(row, parent),
        }
        if by in own:
            mine_group, mine = own[by]
            state, sentence = _strength((group, row, parent), (mine_group, mine, plan), facts)
            yield Answer(
                **base,
                state=state,
                way="có tiêu chí tương ứng",
                own=f"{mine['code']} {mine['short_name'] or mine['name']}",
                own_target=_targets_in_words(mine, plan),
                sentence=sentence,
            )
        elif answer and answer["way"] == "delegated":
            yield Answer(**base, state=OK, way="giao cho đơn vị khác", sentence=answer["text"])
        elif answer and answer["way"] == "set_aside":
            yield Answer(**base, state=OK, way="không thực hiện", sentence=answer["text"])
        else:
            yield Answer(
                **base,
                state=FAULT,
                way="chưa có",
                sentence="Chưa có tiêu chí tương ứng, chưa giao đơn vị nào, chưa nêu lý do.",
            )


Side = tuple[Plan, Plan, Plan]  # group, indicator, plan


def _strength(above: Side, below: Side, facts: Facts) -> tuple[str, str]:
    """Whether the target below asks at least as much, for the units it measures, each year."""
    if _measure(above) != _measure(below):
        return ASK, "Hai tiêu chí đo khác nhau, không so được mức."
    group, row, plan = below
    period, everybody = plan["period"], weighed(group, plan, row, above[1], facts)
    questions = ""
    for year in range(period["from"].year, period["to"].year + 1):
        for one in everybody:
            theirs = _target(above, one.unit, year, facts)
            if theirs is None or theirs.operator == NONE:
                continue
            mine = _target(below, one.unit, year, facts)
            if mine is None or mine.operator == NONE:
                return (
                    FAULT,
                    f"Cấp trên đặt {_words(above, theirs)}; kế hoạch này không đặt mức.",
                )
            weaker = is_weaker(mine, theirs)
            if weaker:
                whom = f", đối với {one.words}" if one.words else ""
                return (
                    FAULT,
                    f"Mức “{_words(below, mine)}” nhẹ hơn mức của cấp trên "
                    f"({_words(above, theirs)}), năm {year}{whom}.",
                )
            if weaker is None:
                questions = (
                    "Hai mức so theo hai chiều khác nhau."
                    if mine.basis == theirs.basis
                    else "Một bên đặt mức, một bên đặt mức tăng, giảm so với năm trước; không so "
                    "được."
                )
    return (ASK, questions) if questions else (OK, "")


def _measure(side: Side) -> str:
    """What the number is: per cent of whatever, or the kind with its unit of measure."""
    row = side[1]
    after = _suffix(row, side[2])
    return after if after == PERCENT else f"{row['kind']}{after}"


def _target(side: Side, unit: UnitFacts, year: int, facts: Facts) -> Rule | None:
    """The target that holds for `unit`; a group measured as a whole has one for the whole plan."""
    group, row, _ = side
    rules = [_rule(target, facts) for target in row["targets"]]
    whole = group["measured"] in WHOLE_PLAN
    return resolve_target(rules, None if whole else unit, year)[0]


def _rule(target: Plan, facts: Facts) -> Rule:
    unit = facts.units.get(target["unit"])
    return Rule(
        operator=target["op"],
        value=target["value"],
        value_to=target["value_to"],
        unit=unit.pk if unit else None,
        kind=target["unit_kind"] or None,
        level=target["level"] or None,
        region=target["region"],
        year=target["year"],
        in_force_from=target["from"],
        basis=target["basis"],
    )


def _suffix(row: Plan, plan: Plan) -> str:
    return suffix(
        row["kind"],
        row["measure_unit"],
        derivation=_derivation(row),
        source=source_kind(plan, row),
    )


def _derivation(row: Plan) -> str:
    return row["derive"]["how"] if row["derive"] else ""


def _words(side: Side, rule: Rule) -> str:
    _group, row, plan = side
    return target_text(
        rule.operator,
        rule.value,
        rule.value_to,
        kind=row["kind"],
        measure_unit=row["measure_unit"],
        derivation=_derivation(row),
        source=source_kind(plan, row),
        basis=rule.basis,
    )


def _targets_in_words(row: Plan, plan: Plan) -> str:
    """Every level of a target, the words of whom it is for left out."""
    rows = [target for target in row["targets"] if target["value"] is not None]
    plain = Facts({}, {}, {}, {})
    return "; ".join(
        dict.fromkeys(_words(({}, row, plan), _rule(target, plain)) for target in rows)
    )


# --- days ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Asked:
    """A report that the plan above wants by a day, beside the other days of its kind."""

    duty: Plan
    due: date
    days: set[date]
    year: int

    def answered(self, rows: list[Plan]) -> tuple[date, Plan] | None:
        """Of the duties that are nearer to this day than to the others, the one due last."""
        dated = [(day, row) for row in rows if (day := due_of(row, self.year))]
        here = [found for found in dated if self._nearest(found[0]) == self.due]
        return max(here, key=lambda found: found[0]) if here else None

    def _nearest(self, day: date) -> date:
        return min(self.days, key=lambda other: (abs(other - day), other))


def _days_of(parent: Plan, owed: Plan, year: int) -> set[date]:
    alike = [
        row
        for row in parent["duties"]
        if all(row[key] == owed[key] for key in ("what", "rhythm", "owed_by"))
    ]
    return {day for row in alike if (day := due_of(row, year))}


def _deadlines(plan: Plan, parent: Plan) -> Iterator[Finding]:
    """What members of the plan above owe, this plan must have collected and sent before."""
    year = plan["period"]["from"].year
    for owed in parent["duties"]:
        due = due_of(owed, year)
        if owed["owed_by"] == "standing":
            continue
        if owed["what"] == "own_plan":
            yield from _plan_in_time(plan, owed, due)
        elif owed["what"] in REPORTS and due is None:
            yield Finding(ASK, f"Cấp trên không ghi ngày của “{owed['name']}”.")
        elif owed["what"] in REPORTS and due:
            asked = Asked(owed, due, _days_of(parent, owed, year), year)
            yield _sent(plan, asked)
            yield _collected(plan, asked)


def _plan_in_time(plan: Plan, owed: Plan, due: date | None) -> Iterator[Finding]:
    issued = plan["document"]["issued_on"]
    if due is None:
        return
    asked = f"cấp trên cần “{owed['name']}” {due_words(owed)}"
    if issued is None:
        yield Finding(ASK, f"Chưa có ngày ban hành; {asked}.")
    elif issued > due:
        yield Finding(FAULT, f"Ban hành ngày {day_text(issued)}, quá hạn; {asked}.")
    else:
        yield Finding(OK, f"Ban hành ngày {day_text(issued)}; {asked}.")


def _sent(plan: Plan, asked: Asked) -> Finding:
    """The report of the whole office upward, not later than it is due there."""
    owed = asked.duty
    rows = [
        row
        for row in plan["duties"]
        if row["owed_by"] == "standing" and row["rhythm"] == owed["rhythm"]
    ]
    words = f"cấp trên cần {RHYTHMS[owed['rhythm']]}, {due_words(owed)}"
    found = asked.answered(rows)
    if found is None:
        undated = next((row for row in rows if due_of(row, asked.year) is None), None)
        if undated is None:
            return Finding(FAULT, f"Không có báo cáo tổng hợp gửi cấp trên; {words}.", "han")
        return Finding(FAULT, f"“{undated['name']}” không ghi ngày; {words}.", "han")
    day, row = found
    state = FAULT if day > asked.due else OK
    return Finding(state, f"Gửi báo cáo tổng hợp {due_words(row)}; {words}.", "han")


def _collected(plan: Plan, asked: Asked) -> Finding:
    """The reports of one's own members, early enough to be summed up."""
    owed = asked.duty
    rows = [
        row
        for row in plan["duties"]
        if row["owed_by"] == "members"
        and row["what"] == owed["what"]
        and row["rhythm"] == owed["rhythm"]
    ]
    words = f"cấp trên cần {due_words(owed)}"
    found = asked.answered(rows)
    if found is None:
        return Finding(ASK, f"Không ghi ngày thu “{owed['name']}” của các đơn vị; {words}.", "han")
    day, row = found
    state = FAULT if day >= asked.due else OK
    return Finding(state, f"Thu “{owed['name']}” của các đơn vị {due_words(row)}; {words}.", "han")


# --- periods, reviews, papers --------------------------------------------------------------------
def _period(plan: Plan, parent: Plan) -> Iterator[Finding]:
    mine, above = plan["period"], parent["period"]
    words = (
        f"{day_text(mine['from'])} - {day_text(mine['to'])}; của cấp trên "
        f"{day_text(above['from'])} - {day_text(above['to'])}"
    )
    inside = above["from"] <= mine["from"] and mine["to"] <= above["to"]
    if inside:
        yield Finding(OK, f"Thời gian thực hiện {words}.")
    else:
        yield Finding(FAULT, f"Thời gian thực hiện nằm ngoài: {words}.", "chung")


def _reviews(plan: Plan, parent: Plan) -> Iterator[Finding]:
    """Each review of the plan above has one here, counting the same time."""
    for above in parent["phases"]:
        if above["kind"] not in REVIEWS:
            continue
        mine = [row for row in plan["phases"] if row["kind"] == above["kind"]]
        if not mine:
            yield Finding(
                FAULT,
                f"Cấp trên có “{above['name']}”; kế hoạch này không có đợt "
                f"{REVIEWS[above['kind']]}.",
                "ky",
            )
        for row in mine:
            early = row["from"] and above["from"] and row["from"] < above["from"]
            late = row["to"] and above["to"] and row["to"] > above["to"]
            if early or late:
                yield Finding(
                    FAULT,
                    f"“{row['name']}” tính thành tích từ {day_text(row['from'])} đến "
                    f"{day_text(row['to'])}; “{above['name']}” của cấp trên chỉ tính từ "
                    f"{day_text(above['from'])} đến {day_text(above['to'])}.",
                    "ky",
                )


def _papers(plan: Plan, parent: Plan) -> Iterator[Finding]:
    """What dossiers for the plan above must hold, those proposed upward must hold too."""
    if not any(row["upward"] for row in plan["awards"]["quotas"]) or parent["dossier"] == "default":
        return
    rows = plan["dossier"]
    held = DEFAULT_DOSSIER if rows == "default" else {row["part"] for row in rows}
    for row in parent["dossier"]:
        if row["required"] and row["part"] not in held:
            yield Finding(
                FAULT,
                f"Hồ sơ của cấp trên phải có “{row['title']}”; kế hoạch này không nêu.",
                "ho-so",
            )
