"""What is to be done next in a round, and by whom, as its reader sees it."""

from collections import Counter
from datetime import date

from awards.models import AwardRound, CouncilSession, Nomination
from awards.queries.rounds import RoundCard
from units.rules import day_text, on_a_day

State = Nomination.State


def next_step(card: RoundCard, today: date) -> str:
    """One sentence: what the reader himself does next, else what he waits for.

    Counts only what is on his page; asks no SQL query.
    """
    own = _for_the_reader(card, today) if card.award_round.state == AwardRound.State.OPEN else ""
    if card.may_decide:
        own = "Có đề nghị đã trình: ghi quyết định khen thưởng."
    return own or _for_others(card, today)


def _for_the_reader(card: RoundCard, today: date) -> str:
    """What the reader does in a round that is open, in the order in which it is done."""
    everybody, own = _counts(card), _counts(card, own=True)
    if drafts := own[State.DRAFT]:
        return f"Đơn vị còn {drafts} đề nghị đang soạn: hoàn thiện rồi gửi hội đồng{_until(card)}."
    waiting = everybody[State.PROPOSED]
    if card.may_record and (session := _running(card)):
        return f"Ghi kết quả phiên họp ngày {day_text(session.held_on)} rồi kết thúc phiên họp."
    if card.may_record and waiting:
        return f"Mở phiên họp để hội đồng xét {waiting} đề nghị đang chờ."
    if passed := own[State.PASSED]:
        return f"Hội đồng đã thông qua {passed} đề nghị của đơn vị: mở hồ sơ, bổ sung rồi trình."
    if card.nominating_units and not own.total() and _receives(card, today):
        return f"Lập đề nghị của đơn vị rồi gửi hội đồng{_until(card)}."
    unsettled = waiting + everybody[State.PASSED] + everybody[State.FORWARDED]
    if card.may_open and card.total and not unsettled:
        return "Mọi đề nghị đã có kết quả: kết thúc đợt xét nếu không nhận thêm đề nghị."
    return ""


def _for_others(card: RoundCard, today: date) -> str:
    counts, award_round = _counts(card), card.award_round
    if waiting := counts[State.PROPOSED]:
        if session := _running(card):
            return (
                f"Thư ký hội đồng ghi kết quả phiên họp ngày {day_text(session.held_on)}; "
                f"{waiting} đề nghị chờ kết quả."
            )
        if award_round.council_id:
            return f"{waiting} đề nghị chờ thư ký hội đồng mở phiên họp."
        return (
            f"Đợt xét chưa giao hội đồng nào nên {waiting} đề nghị chưa được xét; cơ quan thường "
            "trực mở đợt xét có hội đồng, đơn vị rút đề nghị và gửi vào đợt đó."
        )
    if passed := counts[State.PASSED]:
        return f"{passed} đề nghị hội đồng đã thông qua, chờ đơn vị đề nghị lập hồ sơ và trình."
    if sent := counts[State.FORWARDED]:
        return f"{sent} đề nghị đã trình, chờ người có thẩm quyền quyết định."
    if award_round.state != AwardRound.State.OPEN:
        return "Đợt xét đã kết thúc, không còn việc phải làm."
    if award_round.opens_on > today:
        return f"Đợt xét nhận đề nghị từ ngày {day_text(award_round.opens_on)}."
    if _receives(card, today):
        return f"Đơn vị tham gia lập và gửi đề nghị{_until(card)}."
    return "Đã hết ngày nhận đề nghị; cơ quan thường trực gia hạn hoặc kết thúc đợt xét."


def _counts(card: RoundCard, *, own: bool = False) -> Counter[str]:
    units = {unit.pk for unit in card.nominating_units}
    return Counter(
        line.nomination.state
        for _place, lines in card.groups
        for line in lines
        if not own or line.nomination.proposing_unit_id in units
    )


def _running(card: RoundCard) -> CouncilSession | None:
    running = (one for one in card.sessions if one.state == CouncilSession.State.OPEN)
    return next(running, None)


def _receives(card: RoundCard, today: date) -> bool:
    return on_a_day(today, card.award_round.opens_on, card.award_round.closes_on)


def _until(card: RoundCard) -> str:
    last = card.award_round.closes_on
    return f" đến hết ngày {day_text(last)}" if last else ""
