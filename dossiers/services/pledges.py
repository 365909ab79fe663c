"""The paper of a bloc's pledge: frozen once what it holds is signed, printed by a worker."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone

from campaigns.models import Pledge, PledgeRound
from dossiers.documents import pledge_paper, pledge_stamp
from dossiers.models import PledgePaper
from units import jobs
from units.rules import DomainError
from units.workflow import locked, record

log = logging.getLogger(__name__)
AGAIN = timedelta(hours=1)  # until a print that failed is tried once more


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
    jobs.submit(paper)
    return paper


def freeze_due_pledge_papers(*, now: datetime) -> int:
    """Freeze every closed round that was signed or closed since its newest version; how many.

    One that cannot be frozen stops no other; a print that failed is tried again after a while.
    """
    state = PledgePaper.State
    failed = PledgePaper.objects.filter(state=state.FAILED, finished_at__lt=now - AGAIN)
    failed.update(state=state.QUEUED, attempts=0, error="", finished_at=None)
    frozen = 0
    for round_ in _due():
        try:
            freeze_pledge_paper(round_, now=now)
            frozen += 1
        except Exception:
            log.exception("chưa giữ được bản giao ước của đợt %s", round_.pk)
    return frozen


def _due() -> QuerySet[PledgeRound]:
    """Closed rounds of which no version is as young as the closing and every signature."""
    signed = Pledge.objects.filter(round=OuterRef("pk"), state=Pledge.State.SIGNED)
    newest = signed.order_by("-signed_at").values("signed_at")[:1]
    closed = PledgeRound.objects.filter(state=PledgeRound.State.CLOSED).annotate(
        last=Greatest("closed_at", Subquery(newest))
    )
    kept = PledgePaper.objects.filter(round=OuterRef("pk"), frozen_at__gte=OuterRef("last"))
    return closed.filter(~Exists(kept))
