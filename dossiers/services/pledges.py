"""The paper of a bloc's pledge: frozen once what it holds is signed, printed by a worker."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone

from campaigns.models import Pledge, PledgeRound
from dossiers.documents import pledge_paper, pledge_stamp
from dossiers.models import PledgePaper, PledgePaperFault
from units import jobs
from units.rules import DomainError
from units.workflow import locked, record

log = logging.getLogger(__name__)
AGAIN = timedelta(hours=1)  # until a print that failed is tried once more
FIRST, LONGEST = timedelta(minutes=1), timedelta(hours=6)  # until a round is tried once more
UNEXPECTED = (
    "Có lỗi ngoài dự kiến khi chốt bản in; các chữ ký không mất. Báo người quản trị máy chủ kèm mã "
    "giao-uoc-{pk}."
)


@transaction.atomic
def freeze_pledge_paper(round_: PledgeRound, *, now: datetime) -> PledgePaper:
    """The newest version of a closed round while its signatures are those that hold, else a new
    one, for a worker to print; it is the portal that keeps it, whoever signed last.

    The facts are taken under the lock that every signature takes. Raises DomainError while the
    round is open.
    """
    locked(round_)
    round_ = PledgeRound.objects.select_related("bloc__organiser").get(pk=round_.pk)
    if round_.state != PledgeRound.State.CLOSED:
        raise DomainError(f"{round_} chưa chốt nên chưa có bản in để giữ. Chốt giao ước trước.")
    newest = PledgePaper.objects.filter(round=round_).first()
    stamp = pledge_stamp(round_)
    if newest is not None and newest.stamp == stamp:
        return newest
    version = newest.version + 1 if newest else 1
    paper = PledgePaper.objects.create(
        round=round_,
        version=version,
        stamp=stamp,
        snapshot=pledge_paper(round_, today=timezone.localdate(now), version=version),
        frozen_at=now,
        requested_at=now,
    )
    organiser, note = round_.bloc.organiser, f"bản in {version}"
    record("pledgepaper.kept", round_, actor=None, now=now, unit=organiser, note=note)
    PledgePaperFault.objects.filter(round=round_).delete()
    jobs.submit(paper)
    return paper


def freeze_due_pledge_papers(*, now: datetime) -> int:
    """Freeze every closed round that was signed or closed since its newest version; how many.

    One that cannot be frozen stops no other and is tried again after a while, each time a longer
    one, or once it is signed or closed anew; so is a print that failed.
    """
    state = PledgePaper.State
    failed = PledgePaper.objects.filter(state=state.FAILED, finished_at__lt=now - AGAIN)
    failed.update(state=state.QUEUED, attempts=0, error="", finished_at=None)
    frozen = 0
    for round_ in _due(now):
        try:
            freeze_pledge_paper(round_, now=now)
            frozen += 1
        except Exception as error:
            _note_fault(round_, error, now=now)
    return frozen


@transaction.atomic
def _note_fault(round_: PledgeRound, error: Exception, *, now: datetime) -> None:
    """Kept for the page of the round; what is new is put on record and told with its traceback
    once, not at every try."""
    told = isinstance(error, DomainError)
    reason = str(error) if told else UNEXPECTED.format(pk=round_.pk)
    fault = PledgePaperFault.objects.select_for_update().filter(round=round_).first()
    known = fault is not None and fault.reason == reason
    tries = fault.tries + 1 if fault and known else 1
    wait = min(FIRST * 2 ** min(tries - 1, 16), LONGEST)
    PledgePaperFault.objects.update_or_create(
        round=round_,
        defaults={"reason": reason, "tries": tries, "tried_at": now, "again_at": now + wait},
    )
    if not known:
        log.error("chưa giữ được bản giao ước của đợt %s", round_.pk, exc_info=error)
        unit = round_.bloc.organiser
        record("pledgepaper.not_kept", round_, actor=None, now=now, unit=unit, note=reason)


def _due(now: datetime) -> QuerySet[PledgeRound]:
    """Closed rounds of which no version is as young as the closing and every signature; of those
    that could not be kept, whose time has come or which changed since."""
    signed = Pledge.objects.filter(round=OuterRef("pk"), state=Pledge.State.SIGNED)
    newest = signed.order_by("-signed_at").values("signed_at")[:1]
    closed = PledgeRound.objects.filter(state=PledgeRound.State.CLOSED).annotate(
        last=Greatest("closed_at", Subquery(newest))
    )
    kept = PledgePaper.objects.filter(round=OuterRef("pk"), frozen_at__gte=OuterRef("last"))
    waits = PledgePaperFault.objects.filter(
        round=OuterRef("pk"), again_at__gt=now, tried_at__gte=OuterRef("last")
    )
    return closed.filter(~Exists(kept), ~Exists(waits)).select_related("bloc__organiser")
