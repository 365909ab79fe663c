"""The paper of a bloc's pledge, kept as it was signed."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone

from campaigns.models import Pledge, PledgeRound
from dossiers.documents import pledge_paper, pledge_stamp, press
from dossiers.models import PledgePaper
from units import storage
from units.models import User
from units.rules import DomainError
from units.workflow import locked, record


def keep_pledge_paper(round_: PledgeRound, *, actor: User | None, now: datetime) -> PledgePaper:
    """The paper of a closed round: the newest version while its signatures are those that hold,
    else a new one.

    The facts are committed first, under the lock that every signature takes, and printed from
    there: a version that was cut short before it was printed says the same when it is. Raises
    DomainError while the round is open.
    """
    paper = _frozen(round_, actor, now)
    if paper.pdf is None:
        printed = press(paper.snapshot, now=paper.frozen_at)
        blob = storage.keep_bytes(printed.content, media_type=storage.PDF, now=now)
        PledgePaper.objects.filter(pk=paper.pk, pdf=None).update(pdf=blob)
        paper.refresh_from_db(fields=["pdf"])
    return paper


@transaction.atomic
def _frozen(round_: PledgeRound, actor: User | None, now: datetime) -> PledgePaper:
    locked(round_)
    round_ = PledgeRound.objects.select_related("bloc__organiser").get(pk=round_.pk)
    if round_.state != PledgeRound.State.CLOSED:
        raise DomainError(f"{round_} chưa chốt nên chưa có bản in để giữ. Chốt giao ước trước.")
    newest = PledgePaper.objects.filter(round=round_).select_related("pdf").first()
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
    )
    organiser = round_.bloc.organiser
    note = f"bản in {version}"
    record("pledgepaper.kept", round_, actor=actor, now=now, unit=organiser, note=note)
    return paper


def keep_due_pledge_papers(*, now: datetime) -> int:
    """Keep the paper of every closed round that has none of its last signature; how many."""
    due = list(_due())
    for round_ in due:
        keep_pledge_paper(round_, actor=None, now=now)
    return len(due)


def _due() -> QuerySet[PledgeRound]:
    """Closed rounds of which no printed version is as young as the closing and every signature."""
    signed = Pledge.objects.filter(round=OuterRef("pk"), state=Pledge.State.SIGNED)
    newest = signed.order_by("-signed_at").values("signed_at")[:1]
    closed = PledgeRound.objects.filter(state=PledgeRound.State.CLOSED).annotate(
        last=Greatest("closed_at", Subquery(newest))
    )
    kept = PledgePaper.objects.filter(
        round=OuterRef("pk"), pdf__isnull=False, frozen_at__gte=OuterRef("last")
    )
    return closed.filter(~Exists(kept))
