"""Sessions of the council: call, attendance, tallies, close."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from awards import forms, policies, queries, services
from awards.models import Attendance, CouncilSession
from awards.queries import SessionCard
from units.queries import history
from units.rules import DomainError

SHOWN = ("council__unit", "award_round__campaign", "award_round__phase")


def session_new(request: HttpRequest, ref: str) -> HttpResponse:
    award_round = get_object_or_404(
        policies.recordable_rounds(request.user).select_related("campaign", "council__unit"),
        ref=ref,
    )
    form = forms.SessionForm(request.POST or None)
    if form.is_valid():
        try:
            session = services.open_session(
                award_round, **form.cleaned_data, actor=request.user, now=timezone.now()
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã mở phiên họp. Điểm danh rồi ghi kết quả kiểm phiếu.")
            return redirect("awards:session_detail", pk=session.pk)
    return render(request, "awards/session_new.html", {"round": award_round, "form": form})


@require_safe
def session_detail(request: HttpRequest, pk: int) -> HttpResponse:
    session = get_object_or_404(
        policies.viewable_sessions(request.user).select_related(*SHOWN), pk=pk
    )
    return _page(request, session)


def _page(
    request: HttpRequest,
    session: CouncilSession,
    *,
    close_form: forms.CloseForm | None = None,
    wrong: tuple[int, forms.TallyForm] | None = None,
) -> HttpResponse:
    """`close_form`, `wrong` (of which nomination) hold what was typed and refused."""
    card = queries.session_card(session, request.user)
    typed = dict([wrong] if wrong else [])
    context = {
        "session": session,
        "card": card,
        "votes": [(v, typed.get(v.nomination.pk) or _tally_form(card, v)) for v in card.votes],
        "attendance": Attendance.State.choices,
        "close_form": close_form or _close_form(card),
        "history": history(session, verbs=queries.VERBS),
    }
    status = 422 if close_form or wrong else 200
    return render(request, "awards/session_detail.html", context, status=status)


def _tally_form(card: SessionCard, vote: queries.VoteLine) -> forms.TallyForm:
    tally = vote.tally
    initial = {"abstained": 0, "no": 0, "recused": 0, "absent": card.absent if card.marked else 0}
    if tally:
        initial = {name: getattr(tally, name) for name in forms.COUNTS}
        initial["chair_agreed"] = {True: "yes", False: "no"}.get(tally.chair_agreed, "")
    return forms.TallyForm(
        nomination=vote.nomination, chair=vote.rule.chair_must_agree, initial=initial
    )


def _close_form(card: SessionCard, **initial: Any) -> forms.CloseForm:
    return forms.CloseForm(waiting=[vote.nomination for vote in card.waiting], initial=initial)


@require_POST
def session_attendance(request: HttpRequest, pk: int) -> HttpResponse:
    session = get_object_or_404(
        policies.recordable_sessions(request.user).select_related(*SHOWN), pk=pk
    )
    seats = queries.seats_on(session.council, session.held_on)
    form = forms.AttendanceForm(request.POST, seats=seats)
    if not form.is_valid():
        messages.error(request, "Chưa lưu được: chọn có mặt hay vắng cho từng thành viên.")
        return redirect("awards:session_detail", pk=pk)
    try:
        stale = services.record_attendance(
            session, states=form.states(), actor=request.user, now=timezone.now()
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Đã lưu điểm danh.")
        if stale:
            messages.warning(
                request,
                f"{len(stale)} kết quả kiểm phiếu đã ghi khác điểm danh. "
                "Sửa số vắng mặt trước khi kết thúc phiên họp.",
            )
    return redirect("awards:session_detail", pk=pk)


@require_POST
def tally_record(request: HttpRequest, pk: int, nomination: int) -> HttpResponse:
    """One row of the table. For htmx the answer is the row and what it changes elsewhere on the
    page (what is typed there stays), for a plain form the page.
    """
    session = get_object_or_404(
        policies.recordable_sessions(request.user).select_related(*SHOWN), pk=pk
    )
    row = get_object_or_404(queries.votable_nominations(session).distinct(), pk=nomination)
    chair = row.quota.award_form.chair_must_agree
    form = forms.TallyForm(request.POST, nomination=row, chair=chair)
    if form.is_valid():
        try:
            services.record_tally(
                session,
                nomination=row,
                **form.cleaned_data,
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Đã ghi kết quả kiểm phiếu của {row}.")
            if not request.htmx:  # type: ignore[attr-defined]
                return redirect("awards:session_detail", pk=pk)
    if not request.htmx:  # type: ignore[attr-defined]
        return _page(request, session, wrong=(row.pk, form))
    card = queries.session_card(session, request.user)
    vote = next(vote for vote in card.votes if vote.nomination.pk == row.pk)
    shown = form if form.errors else _tally_form(card, vote)
    context = {
        "session": session,
        "card": card,
        "vote": vote,
        "form": shown,
        "close_form": _close_form(card, left_out=request.POST.getlist("left_out")),
        "history": history(session, verbs=queries.VERBS),
        "oob": True,
    }
    status = 422 if form.errors else 200
    return render(request, "awards/session_detail.html#answer", context, status=status)


@require_POST
def session_close(request: HttpRequest, pk: int) -> HttpResponse:
    session = get_object_or_404(
        policies.recordable_sessions(request.user).select_related(*SHOWN), pk=pk
    )
    card = queries.session_card(session, request.user)
    form = forms.CloseForm(request.POST, waiting=[vote.nomination for vote in card.waiting])
    if form.is_valid():
        try:
            services.close_session(session, **form.said(), actor=request.user, now=timezone.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã kết thúc phiên họp.")
            return redirect("awards:session_detail", pk=pk)
    return _page(request, session, close_form=form)
