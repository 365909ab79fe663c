"""The papers the portal writes itself, as plain values for templates/print.

Layout by Decree 30/2020/NĐ-CP, order of fields by the forms (domain, sections 2.4 and 3.3). What no
row of the database says is left blank for a hand, never invented.
"""

from datetime import date, time
from typing import Any

from awards.queries import NominationFacts, SessionFacts, TallyRow
from dossiers.documents.facts import Facts, paper_of, plain_day
from dossiers.rules import law_in_force
from units.rules import day_text, decimal_text

BLANK = "……………………"
Paper = dict[str, Any]


# --- letter and summary --------------------------------------------------------------------------
def letter(facts: Facts) -> Paper:
    dossier, office = facts.dossier, facts.office
    minutes = "; ".join(
        f"Biên bản {_minutes_number(session)} ngày {day_text(session.held_on)}"
        for session in facts.sessions
    )
    met = f" và kết quả họp {_of_councils(facts)} ({minutes})" if facts.sessions else ""
    return paper_of(
        facts,
        office,
        number=dossier.letter_number or None,
        symbol=office.signed("TTr"),
        signed_on=plain_day(dossier.letter_on),
        kind="Tờ trình",
        subject=f"Về việc đề nghị tặng {dossier.award_form.name} trong {facts.movement}",
        addressed_to=addressees(facts),
        legal_bases=[*law_in_force(facts.day), f"Căn cứ {facts.plan} về {title_of(facts)}"],
        recipients=["Như trên"],
        signature=signature_of(facts),
        opening=f"Căn cứ thành tích đạt được trong {facts.movement}{met}, {office.name} trình "
        f"{facts.authority} xem xét, tặng {dossier.award_form.name} cho {facts.counted()} như sau:",
        awards=[
            {
                "form": row.form,
                "recipient": row.recipient.capitalize(),
                "quota": row.limit if row.limit is not None else row.limit_text.capitalize(),
                "nominated": nominated,
            }
            for row in facts.places
            if (nominated := _nominated(facts, row.recipient))
        ],
        commitment=f"{office.name} chịu trách nhiệm về tính chính xác của hồ sơ và thành tích đề "
        "nghị khen thưởng.\n(Có danh sách kèm theo)",
        closing=f"Kính trình {facts.authority} xem xét, quyết định",
        nominees=[_line(facts, nominee) | {"votes": nominee.votes} for nominee in facts.nominees],
    )


def summary(facts: Facts) -> Paper:
    return paper_of(
        facts,
        facts.office,
        symbol=facts.office.signed("DS"),
        signed_on=plain_day(facts.dossier.letter_on),
        kind="Bản tóm tắt thành tích",
        subject=f"Của {facts.counted()} đề nghị tặng {facts.dossier.award_form.name}",
        recipients=addressees(facts),
        signature=signature_of(facts),
        nominees=[
            _line(facts, nominee)
            | {
                "history": "; ".join(
                    f"{award.name} năm {award.year}" for award in nominee.titles + nominee.forms
                )
            }
            for nominee in facts.nominees
        ],
    )


def title_of(facts: Facts) -> str:
    """The plan's own title as running text: “tổ chức phong trào thi đua …”."""
    title = " ".join(facts.campaign.title.split()).removeprefix("Kế hoạch ")
    return title[0].lower() + title[1:]


def _line(facts: Facts, nominee: NominationFacts) -> Paper:
    """A post already names the unit; of a collective the agency above is told."""
    unit = facts.unit_of[nominee.pk]
    return {
        "name": nominee.title,
        "birth_year": nominee.birth_year,
        "role": "",
        "unit": facts.offices[unit].parent if unit else nominee.post or nominee.unit,
        "form": nominee.form,
        "achievement": nominee.summary,
    }


def _nominated(facts: Facts, recipient: str) -> int:
    return sum(nominee.kind_name == recipient for nominee in facts.nominees)


def addressees(facts: Facts) -> list[str]:
    """Who decides, and the office through which the plan sends dossiers (unless it is our own)."""
    through = facts.campaign.standing_agency
    named = [facts.authority]
    if through and through.pk != facts.dossier.proposing_unit_id:
        named.append(through.name)
    return named


def signature_of(facts: Facts) -> Paper:
    dossier = facts.dossier
    lines = [line.strip() for line in dossier.signing_capacity.split(";")]
    capacity = [line for line in [*lines, dossier.signer_title.strip()] if line]
    return {
        "capacity": capacity or ["Thủ trưởng đơn vị"],
        "post": "",
        "name": dossier.signer_name,
    }


# --- minutes -------------------------------------------------------------------------------------
def minutes(facts: Facts, session: SessionFacts) -> Paper:
    passed = sum(vote.passed for vote in session.votes)
    return paper_of(
        facts,
        facts.office,
        parent_agency=session.council_unit,
        agency=session.council,
        number=session.minutes_number or None,
        symbol=session.symbol or "BB-HĐTĐKT",
        year=session.held_on.year,
        kind="Biên bản",
        subject=f"Họp xét khen thưởng {facts.dossier.award_round.phase.name.lower()} "
        f"{facts.movement}",
        starts=_moment(session.opened_at, session.held_on),
        ends=f"{_clock(session.ended_at)} cùng ngày",
        location=session.place or BLANK,
        chair=session.chair or BLANK,
        secretary=session.secretary or BLANK,
        present=list(session.present),
        absent=list(session.absent),
        members=session.members,
        attending=session.attending,
        agenda=_agenda(facts, session),
        rule=" ".join(session.rules),
        method=session.method,
        votes=[_vote(row) for row in session.votes],
        conclusion=session.conclusion
        or f"Hội đồng thông qua {passed} trên {len(session.votes)} đề nghị.",
        recipients=["Thành viên Hội đồng"],
        archive="HĐTĐKT",
        left={"capacity": ["Thư ký"], "post": "", "name": session.secretary_name},
        right={"capacity": ["Chủ tọa"], "post": "", "name": session.chair_name},
    )


def _agenda(facts: Facts, session: SessionFacts) -> str:
    set_up = f" (thành lập theo {session.decision})" if session.decision else ""
    lines = [
        f"{session.council}{set_up} xem xét {len(session.votes)} đề nghị khen thưởng của đợt xét "
        f"“{facts.dossier.award_round.name}” theo {facts.plan}."
    ]
    if session.left_out:
        lines.append(f"Chưa xét tại phiên họp này: {', '.join(session.left_out)}.")
    return "\n".join(lines)


def _vote(row: TallyRow) -> Paper:
    return {
        "name": row.name,
        "unit": row.unit,
        "form": row.form,
        "yes": row.yes,
        "no": row.no,
        "abstained": row.abstained,
        "absent": row.absent,
        "recused": row.recused,
        "base": row.base,
        "percent": decimal_text(row.percent, 2).removesuffix("0").removesuffix(",0"),
        "passed": row.passed,
    }


def _minutes_number(session: SessionFacts) -> str:
    symbol = session.symbol or "BB-HĐTĐKT"
    return f"số {session.minutes_number}/{symbol}" if session.minutes_number else symbol


def _of_councils(facts: Facts) -> str:
    return ", ".join(dict.fromkeys(session.council for session in facts.sessions))


def _clock(at: time | None) -> str:
    return f"{at:%H} giờ {at:%M}" if at else "… giờ …"


def _moment(at: time | None, day: date) -> str:
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    return f"{_clock(at)}, ngày {day.day:02} tháng {month} năm {day.year}"


# --- cover ---------------------------------------------------------------------------------------
def cover(facts: Facts) -> Paper:
    """All but the page numbers, which the binder tells. `notice` marks a copy that lacks papers."""
    lines = facts.held.lines
    sets = max((line.requirement.copies for line in lines), default=1)
    originals = all(line.requirement.original for line in lines)
    return {
        "is_sample": facts.dossier.is_sample,
        "parent_agency": facts.office.parent,
        "agency": facts.office.name,
        "place": facts.office.place or facts.campaign.place,
        "year": facts.day.year,
        "code": f"{facts.code}, bản {facts.version}",
        "subject": f"Đề nghị tặng {facts.dossier.award_form.name} trong {facts.movement}",
        "plan": facts.plan,
        "authority": facts.authority,
        "sets": f"{sets:02} bộ" + (" (bản chính)" if originals else ""),
        "nominees": facts.counts(),
        "prepared_on": plain_day(facts.dossier.letter_on),
        "checklist": [
            {
                "number": line.number,
                "name": line.requirement.title,
                "required": line.requirement.required,
                "copies": f"{line.requirement.copies:02} bản "
                + ("chính" if line.requirement.original else "sao"),
                "state": "Còn thiếu" if line.is_missing else "Đã có",
            }
            for line in lines
        ],
        "notice": _notice(facts),
    }


def _notice(facts: Facts) -> str:
    """What a copy lacks that may not be sent yet; "" for one that may."""
    lacking = [line.requirement.title for line in facts.held.blocking]
    if not facts.dossier.letter_number:
        lacking.append("số tờ trình")
    if facts.dossier.letter_on is None:
        lacking.append("ngày tờ trình")
    if waiting := sum(nominee.state == "proposed" for nominee in facts.nominees):
        lacking.append(f"kết quả xét của hội đồng về {waiting} đề nghị")
    return f"BẢN THẢO, còn thiếu: {'; '.join(lacking)}." if lacking else ""
