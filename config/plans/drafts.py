"""Every way in which a page writes a plan; each ends in `config.planfile.load_plans`."""

from datetime import datetime

from django.db import transaction

from campaigns.models import Campaign
from campaigns.policies import plannable_campaigns
from config.planfile import Outcome, PlanFile, PlanFileError, load_plans
from config.planfile.checks import text
from config.plans.policies import issuing_units
from units.models import User
from units.rules import DomainError

TAKEN = (
    "mã này đã dùng cho một kế hoạch khác trên cổng mà bạn không được sửa; đặt mã khác, hoặc đề "
    "nghị cơ quan thường trực của kế hoạch đó nạp tệp."
)
AMENDED = (
    "kế hoạch chưa được ban hành trên cổng nên chưa có lần điều chỉnh; nạp bản gốc, ban hành, rồi "
    "nạp tệp này để ghi lần điều chỉnh."
)


@transaction.atomic
def load_draft(file: PlanFile, *, user: User, now: datetime, check: bool = False) -> Outcome:
    """Load a plan that `user` may write: a new draft, a draft brought up to date, or an issued plan
    with a dated amendment. A new plan stays a draft whatever its file says.

    Raises PlanFileError with every error, DomainError for what is refused; then nothing has been
    written.
    """
    ref = text(file.data, "ref")
    known = Campaign.objects.filter(ref=ref).first()
    if known and not plannable_campaigns(user).filter(pk=known.pk).exists():
        raise PlanFileError([file.problem(("ref",), TAKEN)])
    if known is None or known.state == Campaign.State.DRAFT:
        if file.plan and file.plan["amendments"]:
            raise PlanFileError([file.problem(("amendments",), AMENDED)])
        file.plan = {**file.plan, "state": "draft"} if file.plan else {}
    (outcome,) = load_plans([file], actor=user, now=now)
    written = plannable_campaigns(user).filter(ref=ref, issuer__in=issuing_units(user))
    if not written.exists():
        raise DomainError(
            "Bạn không được lập kế hoạch cho cơ quan ban hành và cơ quan thường trực ghi trong kế "
            "hoạch này. Ghi cơ quan của bạn, hoặc cơ quan cấp trên mà đơn vị bạn giúp việc."
        )
    if check:
        transaction.set_rollback(True)
    return outcome


def free_ref(wanted: str) -> str:
    """`wanted`, or with the first number behind it that no plan has."""
    taken = set(Campaign.objects.filter(ref__startswith=wanted).values_list("ref", flat=True))
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return next(ref for ref in (wanted, *numbered) if ref not in taken)
