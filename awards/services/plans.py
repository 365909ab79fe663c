"""Writing what a plan says of its awards: quotas and the make-up of a list.

A fixed quota's places are its number; the ledger holds what letters allot and nominations use.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from awards.models import AwardForm, CompositionRule, Quota, QuotaPosting
from awards.services.quotas import left_of, locked_chain
from campaigns.models import Campaign, Phase
from units.models import Unit, User
from units.rules import DomainError
from units.services.rows import Changes, drop_row, drop_rows, write_rows
from units.workflow import record

Row = Mapping[str, Any]  # a mapping as in config/sample/plan.schema.json, every key there


@transaction.atomic
def write_awards(
    campaign: Campaign,
    *,
    awards: Row,
    units: Mapping[str, Unit],
    actor: User | None,
    now: datetime,
) -> Changes:
    """Bring the quotas and composition rules of a draft to what its file says.

    Raises DomainError for a quota that would go while nominations or allotments stand on it.
    """
    changes = Changes()
    owner: dict[str, Any] = {"campaign": campaign}
    phases = {phase.ref: phase for phase in Phase.objects.filter(campaign=campaign)}
    forms = {form.ref: form for form in AwardForm.objects.all()}
    above = {
        quota.ref: quota for quota in Quota.objects.filter(campaign_id=campaign.parent_id or 0)
    }
    written = write_rows(
        Quota,
        owner,
        [
            {
                "ref": row["ref"],
                "order": order,
                "phase_id": phases[row["phase"]].pk,
                "award_form_id": forms[row["form"]].pk,
                "recipient_kind": row["recipients"],
                "basis": row["basis"],
                "number": row["number"],
                "is_ceiling": row["ceiling"],
                "upward": row["upward"],
                "parent_id": above[row["parent"]["quota"]].pk if row["parent"] else None,
                "decider_id": units[row["decider"]].pk if row["decider"] else None,
                "note": row["note"],
            }
            for order, row in enumerate(awards["quotas"], 1)
        ],
        changes,
    )
    for quota in Quota.objects.filter(campaign=campaign).exclude(ref__in=written):
        if QuotaPosting.objects.filter(quota=quota).exists():
            raise DomainError(
                f"Không bỏ được số lượng “{quota}” ({quota.ref}) vì sổ phân bổ đã có dòng. "
                "Giữ dòng này trong tệp kế hoạch."
            )
        drop_row(quota, changes)
    rules = write_rows(
        CompositionRule,
        owner,
        [
            {
                "ref": row["ref"],
                "counts": row["counts"],
                "operator": row["op"],
                "percent": row["percent"],
                "base": row["base"],
                "rounding": row["rounding"],
                "note": row["note"],
            }
            for row in awards["composition"]
        ],
        changes,
    )
    drop_rows(CompositionRule, owner, rules, changes)
    if changes:
        record(
            "campaign.awards_written",
            campaign,
            actor=actor,
            now=now,
            unit=campaign.issuer,
            note=str(changes),
        )
    return changes


@transaction.atomic
def amend_quotas(
    campaign: Campaign, *, rows: Sequence[Row], actor: User | None, now: datetime
) -> int:
    """Change basis and number of quotas of an issued plan, as a dated amendment says.

    Raises DomainError when more places are in use than the new number gives.
    """
    refs = [row["ref"] for row in rows]
    chains = locked_chain(*Quota.objects.filter(campaign=campaign, ref__in=refs))
    amended = {quota.ref: quota for quota in chains if quota.campaign_id == campaign.pk}
    for row in rows:
        quota = amended[row["ref"]]
        before = _in_words(quota)
        quota.basis, quota.number, quota.note = row["basis"], row["number"], row["note"]
        short = -left_of(quota)
        if quota.basis in Quota.LIMITED and short > 0:
            raise DomainError(
                f"Số lượng “{quota}” ({quota.ref}) điều chỉnh còn {row['number'] or 0} thì thiếu "
                f"{short} chỗ cho các đề nghị đã gửi. Rút hoặc trả lại đề nghị trước."
            )
        quota.save(update_fields=["basis", "number", "note"])
        record(
            "quota.amended",
            quota,
            actor=actor,
            now=now,
            unit=campaign.issuer,
            note=f"{before} → {_in_words(quota)}",
        )
    return len(rows)


def _in_words(quota: Quota) -> str:
    return str(quota.number) if quota.number is not None else quota.get_basis_display()
