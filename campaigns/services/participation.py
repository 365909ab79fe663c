"""Who takes part in a plan."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from campaigns.models import Campaign, Participation
from campaigns.rules import away_again
from units.models import Unit, User
from units.rules import DomainError
from units.workflow import locked, record


@transaction.atomic
def enrol_units(
    campaign: Campaign,
    units: Iterable[Unit],
    *,
    actor: User | None,
    now: datetime,
    on: date | None = None,
) -> list[Participation]:
    """Enrol units from `on` (today by default). Those already in are passed over; one that left
    comes back, its sheets still its own, and is not counted in what was over while it was away.
    Raises DomainError when the plan is over."""
    campaign = locked(campaign)
    if campaign.state == Campaign.State.CLOSED:
        raise DomainError(
            f"Kế hoạch “{campaign}” đã tổng kết nên không ghi danh thêm. Mở lại kế hoạch trước."
        )
    day = on or timezone.localdate(now)
    held = {part.unit_id: part for part in campaign.participations.select_for_update(no_key=True)}
    enrolled = []
    for unit in units:
        part = held.get(unit.pk)
        if part is None:
            part = Participation.objects.create(
                campaign=campaign, unit=unit, registered_on=day, registered_by=actor
            )
        elif part.left_on is not None:
            part.away = away_again(part.away, part.left_on, day)
            part.left_on = None
            part.save(update_fields=["left_on", "away"])
        else:
            continue
        held[unit.pk] = part
        enrolled.append(part)
    if enrolled:
        names = ", ".join(part.unit.name for part in enrolled)
        record(
            "campaign.units_enrolled",
            campaign,
            actor=actor,
            now=now,
            note=f"{len(enrolled)} đơn vị: {names}",
            data={"units": [part.unit_id for part in enrolled], "on": day.isoformat()},
        )
    return enrolled


@transaction.atomic
def leave_campaign(
    participation: Participation, *, actor: User | None, now: datetime, on: date | None = None
) -> Participation:
    """A unit takes part no longer; what it reported stays. Raises DomainError when it left."""
    participation = locked(participation)
    if participation.left_on is not None:
        raise DomainError(
            f"{participation.unit} đã thôi tham gia từ {participation.left_on:%d/%m/%Y}."
        )
    participation.left_on = on or timezone.localdate(now)
    participation.save(update_fields=["left_on"])
    record(
        "campaign.unit_left",
        participation.campaign,
        actor=actor,
        now=now,
        unit=participation.unit,
        note=participation.unit.name,
    )
    return participation
