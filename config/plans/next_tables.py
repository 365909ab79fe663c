"""The next scoring table of an issued plan, written in the browser until an amendment brings it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from campaigns.models import Campaign
from config.planfile import plan_data, plan_of_values
from config.planfile.canonical import scoring_row, sparse
from config.plans.drafts import options_for
from config.plans.editing import PartForm
from config.plans.parts import NEXT_TABLE, Plan, stamp_of
from config.plans.starting import UNAMENDED
from criteria.models import Group, TableDraft
from criteria.services import drop_table, save_table, start_table
from units.models import User
from units.rules import DomainError
from units.workflow import locked

NOT_IN_FORCE = (
    "Kế hoạch “{campaign}” không ở trạng thái đang thực hiện nên không có điều chỉnh. Dự thảo thì "
    "sửa thẳng; kế hoạch đã tổng kết thì mở lại trước."
)


def plan_in_force(campaign: Campaign) -> Campaign:
    """The plan, locked. Raises DomainError for one that is not in force."""
    campaign = locked(campaign)
    if campaign.state != Campaign.State.ISSUED:
        raise DomainError(NOT_IN_FORCE.format(campaign=campaign))
    return campaign


def drafts_of(campaign: Campaign) -> dict[str, TableDraft]:
    """What is being written, by the ref of the group."""
    rows = TableDraft.objects.filter(group__criteria_set=campaign.criteria_set_id)
    return {row.group.ref: row for row in rows.select_related("group")}


@transaction.atomic
def begin_table(
    campaign: Campaign, group: str, source: str, *, user: User, now: datetime
) -> TableDraft:
    """Begin the next table of a group with what the table `source` says; blank without one."""
    campaign = plan_in_force(campaign)
    found = Group.objects.filter(criteria_set=campaign.criteria_set_id, ref=group).first()
    if found is None:
        raise DomainError("Kế hoạch không có nhóm đối tượng này. Tải lại trang rồi chọn lại.")
    old = [row for row in plan_data(campaign)["scoring"] if row["group"] == group]
    blank: Plan = {
        "ref": "bang",
        "group": group,
        "name": f"Bảng chấm điểm: {found.name}"[:300],
        "from_year": timezone.localdate(now).year,
        "max_points": 100,
    }
    values = next((row for row in old if row["ref"] == source), scoring_row(blank))
    return start_table(found, values=values | UNAMENDED, actor=user, now=now)


def table_form(
    campaign: Campaign, group: str, *, user: User, data: Any = None, more: str = ""
) -> PartForm:
    """The draft as a form. Raises DomainError when nothing is being written for the group."""
    plan = plan_data(campaign)
    plan["scoring"] = [scoring_row(_draft(campaign, group).values)]
    return PartForm(NEXT_TABLE, plan, options_for(plan, user), data, more)


@transaction.atomic
def save_part(campaign: Campaign, group: str, data: Any, *, user: User, now: datetime) -> PartForm:
    """Keep the draft as typed; the form says whether. Nothing is written when somebody else has
    changed it since it was read, and when the file format refuses it."""
    campaign = plan_in_force(campaign)
    form = table_form(campaign, group, user=user, data=data)
    form.conflict = data.get("stamp", "") != form.stamp
    if form.conflict:
        return form
    try:
        edited = form.edited(sparse(form.plan))
    except DomainError as error:
        form.errors.append(str(error))
        return form
    file = plan_of_values(edited, "bảng chấm điểm mới", at_work=True)
    form.tell(file.problems)
    form.saved = not form.wrong
    if form.saved:
        (values,) = file.plan["scoring"]
        save_table(_draft(campaign, group), values=values, actor=user, now=now)
        form.stands, form.stamp = file.plan, stamp_of(file.plan, form.part)
    return form


@transaction.atomic
def give_up_table(campaign: Campaign, group: str, *, user: User, now: datetime) -> None:
    """Throw away what was written. Raises DomainError when there is nothing."""
    drop_table(_draft(plan_in_force(campaign), group), actor=user, now=now)


def _draft(campaign: Campaign, group: str) -> TableDraft:
    draft = drafts_of(campaign).get(group)
    if draft is None:
        raise DomainError(
            "Nhóm này không có bảng chấm điểm nào đang soạn: đã áp dụng hoặc đã bỏ. Soạn bảng mới "
            "từ trang Điều chỉnh."
        )
    return draft
