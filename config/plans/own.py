"""What a plan says that contradicts itself, its period, or the form of such a paper.

Rules on plans as values (`config.planfile.plan_data`), so that a draft is weighed as it is written.
A fault contradicts something that is said; a question is something left open.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from campaigns.rules import duty_day
from config.plans.parts import Plan
from units.models import Unit
from units.rules import PEOPLES_COMMITTEE, day_text, fold

FAULT, ASK, OK = "fault", "ask", "ok"
SPAN = re.compile(
    r"(?:giai đoạn|từ năm|năm)\s+(20[0-9]{2})\s*(?:[-–]|đến(?:\s+năm)?)\s*(20[0-9]{2})"
)
SPEAKS_OF_TIME = {"scope", "awards", "schedule"}
COLLECTIVE_CAPACITY = "TM."
RELATIONS = {"before": "trước ngày", "on": "ngày", "within": "chậm nhất ngày"}


@dataclass(frozen=True)
class Finding:
    """One sentence of the sheet; `part` is where a draft would mend it."""

    state: str
    sentence: str
    part: str = ""


@dataclass(frozen=True)
class Act:
    """A legal act as the registry knows it."""

    code: str
    issued_on: date | None
    first: date | None
    last: date | None
    replaced_by: str = ""


@dataclass(frozen=True)
class Facts:
    """What the rules ask of the world around the plans."""

    units: Mapping[str, Unit]
    level_of: Mapping[str, str | None]  # kind of unit → its level
    forms_end: Mapping[str, date | None]  # paper form → its last day
    form_names: Mapping[str, str]
    acts: Sequence[Act] = ()
    today: date | None = None


def own_findings(plan: Plan, facts: Facts) -> list[Finding]:
    return [
        *_document(plan, facts),
        *_years(plan),
        *_spans(plan),
        *_phases_inside(plan),
        *_collected_before_sent(plan),
        *_dead_forms(plan, facts),
        *_acts_in_force(plan, facts),
    ]


def _document(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Decree 30/2020: number, day, and who signs on whose behalf (domain, section 4.3)."""
    document = plan["document"]
    if plan["state"] == "issued":
        lacking = [
            word
            for key, word in (
                ("number", "số"),
                ("symbol", "ký hiệu"),
                ("issued_on", "ngày ban hành"),
                ("signer_title", "chức vụ người ký"),
                ("signer_name", "họ tên người ký"),
            )
            if not document[key]
        ]
        if lacking:
            yield Finding(FAULT, f"Văn bản không có {', '.join(lacking)}.")
    issuer = facts.units.get(plan["issuer"])
    committee = issuer is not None and issuer.kind_id.startswith(PEOPLES_COMMITTEE)
    signed = document["signer_title"] or document["signing_capacity"]
    if committee and signed and COLLECTIVE_CAPACITY not in document["signing_capacity"]:
        yield Finding(
            FAULT,
            "Kế hoạch của Ủy ban nhân dân ký thay mặt tập thể nhưng phần ký không có dòng “TM. ỦY "
            "BAN NHÂN DÂN”.",
            "chung",
        )


def _years(plan: Plan) -> Iterator[Finding]:
    """Years of the plan that no review counts and no period asks results of."""
    first, last = plan["period"]["from"], plan["period"]["to"]
    years = set(range(first.year, last.year + 1))
    spans = [(row["from"], row["to"]) for row in plan["phases"] if row["from"] and row["to"]]
    if left := years - _covered(spans) if spans else set():
        yield Finding(
            FAULT,
            f"Thời gian thực hiện là {first.year} - {last.year} nhưng không đợt khen thưởng nào "
            f"tính thành tích {_named(left)}.",
            "ky",
        )
    periods = [(row["from"], row["to"]) for row in plan["periods"]]
    if left := years - _covered(periods) if periods else set():
        yield Finding(ASK, f"Không có kỳ báo cáo cho {_named(left)}.", "ky")


def _covered(spans: Iterable[tuple[date, date]]) -> set[int]:
    return {year for first, last in spans for year in range(first.year, last.year + 1)}


def _named(years: Iterable[int]) -> str:
    return f"năm {', '.join(map(str, sorted(years)))}"


def _spans(plan: Plan) -> Iterator[Finding]:
    """Spans of years in the plan's own words that leave its period."""
    first, last = plan["period"]["from"].year, plan["period"]["to"].year
    said = [("Tên kế hoạch", plan["title"], "chung")]
    said += [
        (f"Phần “{row['heading']}”", row["text"], "noi-dung")
        for row in plan["sections"]
        if row["kind"] in SPEAKS_OF_TIME
    ]
    for where, text, part in said:
        for found in SPAN.finditer(text):
            begin, end = int(found[1]), int(found[2])
            if begin < first or end > last:
                yield Finding(
                    FAULT,
                    f"{where} ghi giai đoạn {begin} - {end}, ngoài thời gian thực hiện {first} - "
                    f"{last}.",
                    part,
                )


def _phases_inside(plan: Plan) -> Iterator[Finding]:
    first, last = plan["period"]["from"], plan["period"]["to"]
    for row in plan["phases"]:
        if (row["from"] and row["from"] < first) or (row["to"] and row["to"] > last):
            yield Finding(
                FAULT,
                f"“{row['name']}” tính thành tích từ {day_text(row['from'])} đến "
                f"{day_text(row['to'])}, ngoài thời gian thực hiện.",
                "ky",
            )


def _collected_before_sent(plan: Plan) -> Iterator[Finding]:
    """Reports of members come in before the standing agency sends its own."""
    year = plan["period"]["from"].year
    for sent in plan["duties"]:
        if sent["owed_by"] != "standing":
            continue
        for row in plan["duties"]:
            if row["owed_by"] == "standing" or row["rhythm"] != sent["rhythm"]:
                continue
            due, out = due_of(row, year), due_of(sent, year)
            if due and out and due >= out:
                yield Finding(
                    FAULT,
                    f"“{row['name']}” đến hạn {due_words(row)}, không trước “{sent['name']}” "
                    f"({due_words(sent)}).",
                    "han",
                )


def _dead_forms(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Forms that end before the plan does: later dossiers need what replaced them."""
    rows = plan["dossier"] if isinstance(plan["dossier"], list) else []
    for row in rows:
        ends = facts.forms_end.get(row["form"])
        if ends and ends < plan["period"]["to"]:
            yield Finding(
                ASK,
                f"“{row['title']}” theo {facts.form_names[row['form']]}, mẫu hết hiệu lực sau ngày "
                f"{day_text(ends)}, trước khi kế hoạch kết thúc.",
                "ho-so",
            )


def _acts_in_force(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """What the plan stands on, on the day it is issued: a draft today. Without a registry, or for
    a paper without a day, nothing is said."""
    day = plan["document"]["issued_on"] or (facts.today if plan["state"] == "draft" else None)
    if day is None or not facts.acts:
        return
    known: dict[str, list[Act]] = {}
    for act in facts.acts:
        known.setdefault(fold(act.code), []).append(act)
    unknown = []
    for row in plan["legal_bases"]:
        same = known.get(fold(row["code"]), [])
        on = row["issued_on"]
        act = next((one for one in same if on is None or one.issued_on in (None, on)), None)
        if act:
            yield from _act_in_force(act, day, draft=plan["state"] == "draft")
        elif row["code"]:
            unknown.append(row["code"])
    if unknown:
        yield Finding(
            ASK,
            f"Chưa có trong sổ văn bản nên chưa đối chiếu được hiệu lực: {', '.join(unknown)}.",
            "can-cu",
        )


def _act_in_force(act: Act, day: date, *, draft: bool) -> Iterator[Finding]:
    when = "đến hôm nay" if draft else f"vào ngày ban hành ({day_text(day)})"
    if act.last and act.last < day:
        heir = f", thay bằng {act.replaced_by}" if act.replaced_by else ""
        yield Finding(
            FAULT,
            f"Căn cứ {act.code} hết hiệu lực sau ngày {day_text(act.last)}{heir}; {when} không còn "
            "hiệu lực.",
            "can-cu",
        )
    elif act.replaced_by and act.last is None:
        yield Finding(
            ASK,
            f"Căn cứ {act.code} đã có {act.replaced_by} thay; sổ văn bản chưa ghi ngày hết hiệu "
            "lực.",
            "can-cu",
        )
    elif act.first and day < act.first:
        yield Finding(
            ASK,
            f"Căn cứ {act.code} có hiệu lực từ ngày {day_text(act.first)}; {when} chưa có hiệu "
            "lực.",
            "can-cu",
        )


def due_of(duty: Plan, year: int) -> date | None:
    """The last day in time, for a yearly duty that of `year`; None where the plan names none."""
    return duty_day(
        duty["relation"], month=duty["month"], day=duty["day"], on=duty["on"], year=year
    ).due_on


def due_words(duty: Plan) -> str:
    """ "trước ngày 30/11", "ngày 30/06/2023", of a duty that names a day."""
    if duty["on"]:
        return f"{RELATIONS[duty['relation']]} {day_text(duty['on'])}"
    return f"{RELATIONS[duty['relation']]} {duty['day']:02}/{duty['month']:02}"
