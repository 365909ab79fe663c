"""The order of a bound dossier: which papers under which line of the checklist."""

import json
from typing import Any

from dossiers.binder import KINDS
from dossiers.documents import achievements, papers
from dossiers.documents.facts import Facts, plain_day
from dossiers.models import DossierPart, DossierRequirement
from dossiers.queries import Line
from units.models import Blob

Part = DossierRequirement.Part
Sheet = dict[str, Any]


def assemble(facts: Facts) -> dict[str, Any]:
    """The snapshot: everything that will be printed, as plain JSON values.

    papers: in the order of the contents, each {title, level, label, number, kind, template, paper,
    blob, step, symbol, dated_on, author, note}. kind is "group" (a heading), "paper" (printed from
    `paper` with `template`), or what an uploaded file is for the binder. step: what is being
    written, for the progress line.
    """
    snapshot = {
        "code": facts.code,
        "title": f"Hồ sơ đề nghị tặng {facts.dossier.award_form.name}, {facts.office.name}",
        "author": facts.office.name,
        "subject": facts.plan,
        "cover": papers.cover(facts),
        "papers": [
            sheet
            for line in facts.held.lines
            for sheet in _under_a_heading(line, _sheets(facts, line))
        ]
        + _loose_evidence(facts),
        "revisions": facts.revisions,
    }
    plain: dict[str, Any] = json.loads(json.dumps(snapshot))  # TypeError for what is not plain
    return plain


def _under_a_heading(line: Line, sheets: list[Sheet]) -> list[Sheet]:
    """One paper stands for its line of the checklist; several lie below a heading."""
    label = f"Thành phần {line.number}"
    number, title = str(line.number), line.requirement.title
    if len(sheets) == 1:
        # an uploaded file that stands under the name of the paper keeps its own in the note
        (sheet,) = sheets
        note = f"{sheet['note']}: {sheet['title']}" if sheet["note"] else ""
        own = {"title": title, "number": number, "label": label, "note": note}
        return [sheet | own]
    below = [
        sheet | {"level": 2, "number": f"{number}.{index}", "label": label}
        for index, sheet in enumerate(sheets, start=1)
    ]
    return [_sheet("group", title) | {"number": number, "label": label}, *below] if below else []


def _sheets(facts: Facts, line: Line) -> list[Sheet]:
    """The papers of one line of the checklist: uploads, or what is printed in their stead."""
    requirement = line.requirement
    if requirement.part == Part.PROOF:
        return [_upload(facts, part) for part in line.parts] + _evidence(facts)
    if requirement.part == Part.ACHIEVEMENT_REPORT and not line.is_missing:
        return _reports(facts, line)
    if line.parts:
        return [_upload(facts, part) for part in line.parts]
    if line.is_missing:
        return []
    office = facts.office
    if requirement.part == Part.MINUTES:
        return [
            _paper(
                "print/minutes.html",
                papers.minutes(facts, session),
                f"{requirement.title} ngày {session.held_on:%d/%m/%Y}",
                step="Lập biên bản",
                dated_on=plain_day(session.held_on),
                author=session.council,
            )
            for session in facts.sessions
        ]
    if requirement.part == Part.LETTER:
        template, paper, step = "print/letter.html", papers.letter(facts), "Lập tờ trình"
    elif requirement.part == Part.SUMMARY:
        template, paper = "print/summary.html", papers.summary(facts)
        step = "Lập bản tóm tắt thành tích"
    else:
        launched = any(
            other.requirement.part == Part.LAUNCH_PLAN and not other.is_missing
            for other in facts.held.lines
        )
        template = "print/campaign_report.html"
        paper = achievements.campaign_report(facts, launched=launched)
        step = "Lập báo cáo phong trào"
    dated_on = plain_day(facts.dossier.letter_on)
    return [
        _paper(template, paper, requirement.title, step=step, dated_on=dated_on, author=office.name)
    ]


def _reports(facts: Facts, line: Line) -> list[Sheet]:
    """One report a nominee; a signed one in its stead, and signed ones of the whole list first."""
    whole = [_upload(facts, part) for part in line.parts if part.nomination_id is None]
    if whole:
        return whole + [_upload(facts, part) for part in line.parts if part.nomination_id]
    sheets = []
    for nominee in facts.nominees:
        signed = [part for part in line.parts if part.nomination_id == nominee.pk]
        if signed:
            sheets += [_upload(facts, part) for part in signed]
            continue
        sheets.append(
            _paper(
                "print/achievement_report.html",
                achievements.achievement_report(facts, nominee, line.requirement),
                f"Báo cáo thành tích: {nominee.title}",
                step="Lập báo cáo thành tích",
                author=nominee.name,
            )
        )
    return sheets


def _evidence(facts: Facts) -> list[Sheet]:
    titles = {nominee.pk: nominee.title for nominee in facts.nominees}
    return [
        _file(proof.blob, f"{proof.name} ({titles[proof.nomination_id]})", facts.office.name)
        for proof in facts.held.evidence
    ]


def _loose_evidence(facts: Facts) -> list[Sheet]:
    """Proofs beside the nominations of a plan whose dossier asks for none: bound at the end."""
    if any(line.requirement.part == Part.PROOF for line in facts.held.lines):
        return []
    sheets = _evidence(facts)
    label = "Tài liệu kèm đề nghị"
    if not sheets:
        return []
    below = [sheet | {"level": 2, "label": label} for sheet in sheets]
    return [_sheet("group", label) | {"label": label}, *below]


def _upload(facts: Facts, part: DossierPart) -> Sheet:
    whom = f" ({part.nomination})" if part.nomination else ""
    return _file(part.blob, f"{part.name}{whom}", facts.office.name)


def _file(blob: Blob, title: str, author: str) -> Sheet:
    kind = KINDS.get(blob.media_type, "file")
    note = "Nộp kèm tệp gốc" if kind == "file" else "Bản tải lên"
    return _sheet(kind, title) | {"blob": blob.sha256, "author": author, "note": note}


def _paper(
    template: str,
    paper: papers.Paper,
    title: str,
    *,
    step: str,
    author: str,
    dated_on: str | None = None,
) -> Sheet:
    number, symbol = paper["number"], paper["symbol"]
    return _sheet("paper", title) | {
        "template": template,
        "paper": paper,
        "step": step,
        "symbol": f"{number}/{symbol}" if number else symbol,
        "dated_on": dated_on,
        "author": author,
    }


def _sheet(kind: str, title: str) -> Sheet:
    return {
        "title": title,
        "level": 1,
        "number": "",
        "label": "",
        "kind": kind,
        "template": "",
        "paper": None,
        "blob": "",
        "step": "",
        "symbol": "",
        "dated_on": None,
        "author": "",
        "note": "",
    }
