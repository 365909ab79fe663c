"""The pledge of a bloc as the paper its members sign (templates/print/pledges.html)."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from campaigns.models import Campaign, Pledge, PledgeLine, PledgeRound
from campaigns.queries import bloc_campaigns, words_of_line
from criteria.queries import rules_of, texts_of
from dossiers import pdf
from dossiers.documents.facts import plain_day
from dossiers.documents.offices import offices_of
from dossiers.models import PledgePaper
from dossiers.queries import names_on
from dossiers.rules import basis_line, law_in_force
from units import storage
from units.jobs import Progress
from units.rules import day_text, fold

Paper = dict[str, Any]
PROMISES = (
    "Thực hiện đúng, đủ các chỉ tiêu đã đăng ký; báo cáo, chấm điểm trung thực, đúng hạn.",
    "Bình xét dân chủ, công khai, công bằng; giúp nhau hoàn thành nhiệm vụ.",
    "Có thay đổi thì đăng ký lại, ghi rõ lý do, được thủ trưởng đơn vị ký.",
)


def print_pledges(round_: PledgeRound, *, now: datetime) -> pdf.Pdf:
    """How the pledge of the year stands now, as PDF; while the round is open it is marked a draft.

    Needs the bloc's organiser selected.
    """
    return press(pledge_paper(round_, today=timezone.localdate(now)), now=now)


def print_pledge_paper(paper: PledgePaper, progress: Progress) -> dict[str, Any]:
    """The file of a kept version from its facts alone, for `units.jobs.perform`."""
    progress("In bản giao ước")
    printed = press(paper.snapshot, now=paper.frozen_at)
    return {"pdf": storage.keep_bytes(printed.content, media_type=storage.PDF, now=timezone.now())}


def press(paper: Paper, *, now: datetime) -> pdf.Pdf:
    """The file of what `pledge_paper` gave, whenever that was."""
    return pdf.render(
        "print/pledges.html",
        paper,
        title=f"{paper['kind']} {paper['subject']}",
        author=paper["agency"],
        subject=paper["subject"],
        created_at=now,
    )


def pledge_stamp(round_: PledgeRound) -> str:
    """Stands for what is signed in a round: when it was closed and which pledges hold."""
    pledges = sorted(one.pk for one in _in_force(round_))
    return hashlib.sha256(f"{round_.closed_at} {pledges}".encode()).hexdigest()


def pledge_paper(round_: PledgeRound, *, today: date, version: int = 1) -> Paper:
    """What the print template asks for: the pledges that hold, offices under their names then."""
    bloc = round_.bloc
    closed = timezone.localdate(round_.closed_at) if round_.closed_at else None
    day = closed or today
    pledges = _in_force(round_)
    names = names_on([one.unit for one in pledges] + [bloc.organiser], day)
    office = offices_of([bloc.organiser_id], day)[bloc.organiser_id]
    plans = bloc_campaigns(bloc, round_.year).select_related("issuer", "bloc")
    bases = [
        basis_line(
            _named(plan),
            code=plan.number_text if plan.doc_number else "",
            issued_on=plan.issued_on,
        )
        for plan in plans
    ]
    return {
        "is_sample": round_.is_sample,
        "is_draft": closed is None,
        "parent_agency": names[bloc.organiser_id][1],
        "agency": bloc.name,
        "number": None,
        "symbol": f"GUTĐ-{bloc.symbol}" if bloc.symbol else "GUTĐ",
        "place": office.place,
        "signed_on": plain_day(closed),
        "version": version,
        "year": round_.year,
        "kind": "Bản giao ước thi đua",
        "subject": f"Năm {round_.year}",
        "form": "",
        "addressed_to": [],
        "legal_bases": [*law_in_force(day), *bases],
        "members": [names[one.unit_id][0] for one in pledges],
        "missing": round_.missing,
        "targets": _targets(pledges, names),
        "titles": [
            {"unit": names[one.unit_id][0], "titles": one.titles.splitlines()} for one in pledges
        ],
        "promises": PROMISES,
        "signers": [_signer(one, names[one.unit_id][0]) for one in pledges],
        "recipients": ["Các đơn vị thành viên", names[bloc.organiser_id][0]],
        "archive": "VT",
    }


def _in_force(round_: PledgeRound) -> list[Pledge]:
    """The newest signed pledge of each member, by name."""
    rows = round_.pledges.filter(state=Pledge.State.SIGNED).order_by("version")
    newest = {one.unit_id: one for one in rows.select_related("unit", "signed_by")}
    return sorted(newest.values(), key=lambda one: fold(one.unit.name))


def _targets(pledges: list[Pledge], names: Mapping[int, tuple[str, str]]) -> list[Paper]:
    """One row an indicator: what the plan asks, and who registers which level."""
    unit_of = {one.pk: one.unit_id for one in pledges}
    lines = PledgeLine.objects.filter(pledge__in=unit_of).select_related(
        "indicator__group", "indicator__derived_from"
    )
    held: dict[int, list[PledgeLine]] = defaultdict(list)
    for line in lines:
        held[line.indicator_id].append(line)
    indicators = [found[0].indicator for found in held.values()]
    indicators.sort(key=lambda one: (one.criteria_set_id, one.group.order, one.order, one.pk))
    rules = rules_of(indicators)
    rows = []
    for one in indicators:
        levels: dict[str, list[str]] = defaultdict(list)
        for line in held[one.pk]:
            levels[words_of_line(line)].append(names[unit_of[line.pledge_id]][1])
        asked = [text for _whom, text in texts_of(one, rules[one.pk])]
        rows.append(
            {
                "code": one.code,
                "name": one.short_name or one.name,
                "targets": list(dict.fromkeys(asked)),
                "levels": [
                    {"words": words, "units": _units(units, len(pledges))}
                    for words, units in levels.items()
                ],
            }
        )
    return rows


def _units(names: list[str], everybody: int) -> str:
    if len(names) == everybody:
        return "tất cả đơn vị"
    return "; ".join(sorted(names, key=fold))


def _signer(pledge: Pledge, unit: str) -> Paper:
    day = day_text(timezone.localdate(pledge.signed_at))
    return {
        "capacity": [unit, "Thủ trưởng đơn vị"],
        "hint": f"(Ký trên cổng ngày {day})",
        "post": "",
        "name": pledge.signed_by.full_name if pledge.signed_by else "",
    }


def _named(plan: Campaign) -> str:
    """The plan in a sentence; who issued it is said once."""
    bare = plan.title.removeprefix(plan.document_type).strip() or plan.title
    title = bare[:1].lower() + bare[1:]
    issuer = "" if plan.issuer_name.lower() in title.lower() else f" của {plan.issuer_name}"
    return f"{plan.document_type}{issuer} {title}"
