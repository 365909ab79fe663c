"""The ledger of places: allotting, using and releasing them.

Every act locks the quota and those above it, in the order of their keys, then counts, then writes;
so two last places are never given for one.
"""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from awards.models import Nomination, Quota, QuotaPosting
from awards.rules import places_left
from units.models import User
from units.rules import DomainError, day_text
from units.workflow import locked, record

Kind = QuotaPosting.Kind


@transaction.atomic
def allot_quota(
    quota: Quota,
    *,
    places: int,
    document: str,
    document_on: date,
    is_sample: bool = False,
    actor: User | None,
    now: datetime,
) -> QuotaPosting:
    """Allot places that the plan left "to be allotted later", by a dated document.

    Raises DomainError for another basis: what a plan states changes by an amendment alone.
    """
    quota = locked(quota)
    _require_allotting(quota, places, document, document_on, now)
    posting = _post(
        quota,
        Kind.ALLOT,
        places,
        actor=actor,
        now=now,
        document=document,
        document_on=document_on,
        is_sample=is_sample,
    )
    record(
        "quota.allotted",
        quota,
        actor=actor,
        now=now,
        unit=quota.campaign.issuer,
        note=f"{places} chỗ, {document} ngày {day_text(document_on)}",
    )
    return posting


@transaction.atomic
def withdraw_places(
    quota: Quota,
    *,
    places: int,
    document: str,
    document_on: date,
    is_sample: bool = False,
    actor: User | None,
    now: datetime,
) -> QuotaPosting:
    """Take back allotted places that nobody uses. Raises DomainError for more than are left."""
    quota = locked(quota)
    _require_allotting(quota, places, document, document_on, now)
    left = left_of(quota)
    if places > left:
        raise DomainError(
            f"“{quota}” chỉ còn {left} chỗ chưa dùng, không thu hồi được {places}. "
            "Rút hoặc trả lại đề nghị trước, hay thu hồi ít hơn."
        )
    posting = _post(
        quota,
        Kind.WITHDRAW,
        -places,
        actor=actor,
        now=now,
        document=document,
        document_on=document_on,
        is_sample=is_sample,
    )
    record(
        "quota.withdrawn",
        quota,
        actor=actor,
        now=now,
        unit=quota.campaign.issuer,
        note=f"{places} chỗ, {document} ngày {day_text(document_on)}",
    )
    return posting


def take_place(nomination: Nomination, *, actor: User | None, now: datetime) -> None:
    """Use one place of the quota and of each above it (a child plan's upward nominations count
    against the parent plan). Raises DomainError when a limited one of them is full.

    The use of an unlimited quota is on the ledger too: an amendment may set its number later.
    """
    chain = locked_chain(nomination.quota)
    for quota in chain:
        if quota.basis in Quota.LIMITED and left_of(quota) < 1:
            raise DomainError(_full(quota))
    for quota in chain:
        _post(quota, Kind.USE, -1, actor=actor, now=now, nomination=nomination)


def release_place(nomination: Nomination, *, actor: User | None, now: datetime) -> None:
    """Give back whatever places the nomination holds."""
    locked_chain(nomination.quota)
    held = (
        QuotaPosting.objects.filter(nomination=nomination)
        .values("quota")
        .annotate(net=Sum("places"))
        .filter(net__lt=0)
        .order_by("quota")
    )
    for row in held:
        quota = Quota.objects.get(pk=row["quota"])
        _post(quota, Kind.RELEASE, -row["net"], actor=actor, now=now, nomination=nomination)


def locked_chain(*quotas: Quota) -> list[Quota]:
    """The quotas and all above them, locked in the order of their keys so that no two acts wait for
    each other. An act that touches several chains locks them all at once, before it writes.
    """
    keys: set[int] = set()
    for quota in quotas:
        above: Quota | None = quota
        while above and above.pk not in keys:
            keys.add(above.pk)
            above = above.parent
    rows = Quota.objects.select_for_update(of=("self",), no_key=True)
    rows = rows.select_related("campaign", "award_form")
    return list(rows.filter(pk__in=sorted(keys)).order_by("pk"))


def left_of(quota: Quota) -> int:
    """Places left on a limited quota; call it under its lock."""
    return places_left(quota.number, quota.postings.values_list("places", flat=True))


def _post(
    quota: Quota,
    kind: str,
    places: int,
    *,
    actor: User | None,
    now: datetime,
    nomination: Nomination | None = None,
    document: str = "",
    document_on: date | None = None,
    is_sample: bool = False,
) -> QuotaPosting:
    return QuotaPosting.objects.create(
        quota=quota,
        kind=kind,
        places=places,
        nomination=nomination,
        document=document,
        document_on=document_on,
        is_sample=is_sample,
        at=now,
        by=actor,
    )


def _require_allotting(
    quota: Quota, places: int, document: str, document_on: date, now: datetime
) -> None:
    if quota.basis != Quota.Basis.LATER:
        raise DomainError(
            f"Số lượng “{quota}” của kế hoạch “{quota.campaign}” là {quota.get_basis_display()}, "
            "không phân bổ bằng văn bản riêng. Điều chỉnh kế hoạch nếu số lượng thay đổi."
        )
    if places < 1 or not document.strip():
        raise DomainError(
            "Phân bổ, thu hồi phải ghi số chỗ từ 1 trở lên và số, ký hiệu của văn bản. "
            "Nhập đủ hai mục này."
        )
    today = timezone.localdate(now)
    if document_on > today:
        raise DomainError(
            f"Ngày văn bản ({day_text(document_on)}) sau hôm nay ({day_text(today)}). "
            "Ghi ngày đã ký trên văn bản."
        )


def _full(quota: Quota) -> str:
    plan = f"kế hoạch “{quota.campaign}”"
    allotted = quota.postings.filter(kind=Kind.ALLOT).exists()
    if quota.basis == Quota.Basis.LATER and not allotted:
        return (
            f"Số lượng “{quota}” của {plan} ghi “phân bổ sau” và chưa có văn bản phân bổ, nên chưa "
            "gửi đề nghị được; bản soạn vẫn giữ. Khi có văn bản, cơ quan thường trực ghi tại mục "
            "“Phân bổ số lượng” rồi đơn vị gửi lại."
        )
    return (
        f"Số lượng “{quota}” của {plan} đã hết chỗ ({_total(quota)} chỗ đều đã có đề nghị). "
        "Rút hoặc trả lại một đề nghị khác trước, hoặc xin phân bổ thêm."
    )


def _total(quota: Quota) -> int:
    given = quota.postings.filter(kind__in=[Kind.ALLOT, Kind.WITHDRAW])
    return places_left(quota.number, given.values_list("places", flat=True))
