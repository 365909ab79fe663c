"""Writing which papers a plan's dossier holds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from django.db import transaction

from campaigns.models import Campaign
from dossiers.models import DossierRequirement, PaperForm
from units.models import User
from units.services.rows import Changes, drop_rows, write_rows
from units.workflow import record

Row = Mapping[str, Any]  # a mapping as in config/sample/plan.schema.json, every key there
Part = DossierRequirement.Part


def _default(ref: str, part: str, title: str, *, required: bool = True) -> Row:
    return {
        "ref": ref,
        "part": str(part),
        "title": title,
        "required": required,
        "copies": 1,
        "original": True,
        "form": "",
        "confirmation": "",
        "default": True,
        "note": "",
    }


# What the law asks of a dossier for an award form (Luật Thi đua, khen thưởng 2022, Điều 84), used
# where a plan is silent. Proofs belong to special feats and initiatives, so they may be missing.
DEFAULT_PARTS = (
    _default("to-trinh", Part.LETTER, "Tờ trình đề nghị khen thưởng"),
    _default("bao-cao-thanh-tich", Part.ACHIEVEMENT_REPORT, "Báo cáo thành tích"),
    _default("bien-ban", Part.MINUTES, "Biên bản xét khen thưởng"),
    _default("chung-minh", Part.PROOF, "Tài liệu chứng minh thành tích (nếu có)", required=False),
)


@transaction.atomic
def write_requirements(
    campaign: Campaign,
    *,
    requirements: Sequence[Row] | Literal["default"],
    actor: User | None,
    now: datetime,
) -> Changes:
    """Bring the parts of a draft plan's dossier to what its file says; "default" for the law's.

    Raises DomainError for a part that would go while a paper has been uploaded for it.
    """
    rows: Sequence[Row] = DEFAULT_PARTS if isinstance(requirements, str) else requirements
    forms = {form.ref: form for form in PaperForm.objects.all()}
    changes = Changes()
    owner: dict[str, Any] = {"campaign": campaign}
    written = write_rows(
        DossierRequirement,
        owner,
        [
            {
                "ref": row["ref"],
                "order": order,
                "part": row["part"],
                "title": row["title"],
                "required": row["required"],
                "copies": row["copies"],
                "original": row["original"],
                "form_id": forms[row["form"]].pk if row["form"] else None,
                "confirmation": row["confirmation"],
                "is_default": row["default"],
                "note": row["note"],
            }
            for order, row in enumerate(rows, 1)
        ],
        changes,
    )
    drop_rows(DossierRequirement, owner, written, changes)
    if changes:
        record(
            "campaign.dossier_written",
            campaign,
            actor=actor,
            now=now,
            unit=campaign.issuer,
            note=str(changes),
        )
    return changes
