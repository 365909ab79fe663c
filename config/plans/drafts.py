"""Every way in which a page writes a plan; each ends in `config.planfile.load_plans`."""

from contextlib import suppress
from datetime import date, datetime
from typing import Any

from django.db import transaction

from awards.models import AwardForm, Quota
from campaigns.models import Campaign, LegalAct
from campaigns.policies import plannable_campaigns, viewable_campaigns
from config.planfile import (
    Outcome,
    PlanFile,
    PlanFileError,
    load_plans,
    plan_data,
    plan_of_values,
)
from config.planfile.canonical import sparse
from config.planfile.walking import text
from config.plans.cells import Options
from config.plans.conformity import Sheet, sheet_of
from config.plans.editing import PartForm
from config.plans.names import suggested
from config.plans.own import Act, Facts
from config.plans.parts import BY_SLUG, Plan, stamp_of
from config.plans.policies import writable_plans
from criteria.models import CriteriaSet, Indicator
from dossiers.models import PaperForm
from units.models import Bloc, Level, Unit, UnitKind, User
from units.rules import DomainError
from units.workflow import locked

TAKEN = (
    "mã này đã dùng cho một kế hoạch khác trên cổng mà tài khoản này không được sửa; đặt mã khác, "
    "hoặc đề nghị cơ quan thường trực của kế hoạch đó nạp tệp."
)
AMENDED = (
    "kế hoạch chưa được ban hành trên cổng nên chưa có lần điều chỉnh; nạp bản gốc, ban hành, rồi "
    "nạp tệp này để ghi lần điều chỉnh."
)
ISSUED = (
    "Kế hoạch “{campaign}” đã ban hành nên không sửa được như dự thảo. Ghi một lần điều chỉnh có "
    "ngày."
)

OTHERS_NAME = (
    "Tài khoản này không được lập kế hoạch cho cơ quan ban hành và cơ quan thường trực ghi trong "
    "kế hoạch này. Ghi cơ quan của mình, hoặc cơ quan cấp trên trực tiếp mà đơn vị giúp việc."
)


@transaction.atomic
def load_draft(
    file: PlanFile,
    *,
    user: User,
    now: datetime,
    check: bool = False,
    before: Plan | None = None,
) -> Outcome:
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
    (outcome,) = load_plans([file], actor=user, now=now, before=before)
    if not writable_plans(user).filter(ref=ref).exists():
        raise DomainError(OTHERS_NAME)
    if check:
        transaction.set_rollback(True)
    return outcome


def free_ref(wanted: str) -> str:
    """`wanted`, or with the first number behind it that no plan has."""
    taken = set(Campaign.objects.filter(ref__startswith=wanted).values_list("ref", flat=True))
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return next(ref for ref in (wanted, *numbered) if ref not in taken)


def options_for(plan: Plan, user: User) -> Options:
    """What the fields of `plan` may choose from."""
    units = {unit.ref: unit for unit in Unit.objects.all()}
    named = [units[ref] for ref in (plan["issuer"], plan["standing_agency"]) if ref]
    bloc = Bloc.objects.filter(ref=plan["bloc"] or "").select_related("organiser").first()
    near = [*named, bloc.organiser] if bloc else named
    above = viewable_campaigns(user).exclude(ref=plan["ref"]).exclude(state=Campaign.State.DRAFT)
    above_set = Campaign.objects.filter(ref=plan["parent"] or "").values("criteria_set")
    asked = Indicator.objects.filter(criteria_set__in=above_set)
    quotas = Quota.objects.filter(campaign__ref=plan["parent"] or "").select_related("award_form")
    quoted = list(CriteriaSet.objects.filter(is_quoted=True).values_list("ref", "name"))
    return Options(
        units=units,
        suggested=suggested(units, near),
        parent=plan["parent"],
        lists={
            "levels": list(Level.objects.values_list("code", "name")),
            "kinds": list(UnitKind.objects.values_list("code", "name")),
            "plans": list(above.values_list("ref", "short_title")),
            "award_forms": list(AwardForm.objects.values_list("ref", "name")),
            "paper_forms": [
                (form.ref, f"{form.code}, {form.name}") for form in PaperForm.objects.all()
            ],
            "phases": [(row["ref"], row["name"]) for row in plan["phases"]],
            "groups": [(row["ref"], row["name"]) for row in plan["groups"]],
            "indicators": [
                (row["ref"], f"{row['code']} {row['short_name'] or row['name']}")
                for group in plan["groups"]
                for row in group["indicators"]
            ],
            "quoted_sets": quoted,
            "quoted_or_named": quoted,
            "parent_indicators": [(row.ref, str(row)) for row in asked.filter(is_default=False)],
            "parent_quotas": [(quota.ref, str(quota)) for quota in quotas],
        },
    )


def conformity(plan: Plan, parent: Campaign | None, *, today: date) -> Sheet:
    """The sheet of `plan`, held against `parent` where there is one to be seen; a draft as if it
    were issued `today`."""
    forms = {form.ref: form for form in PaperForm.objects.all()}
    facts = Facts(
        units={unit.ref: unit for unit in Unit.objects.all()},
        level_of=dict(UnitKind.objects.values_list("code", "level")),
        forms_end={ref: form.valid_to for ref, form in forms.items()},
        form_names={ref: form.code for ref, form in forms.items()},
        acts=[
            Act(
                act.code,
                act.issued_on,
                act.valid_from,
                act.valid_to,
                act.replaced_by.code if act.replaced_by else "",
            )
            for act in LegalAct.objects.select_related("replaced_by")
        ],
        today=today,
    )
    return sheet_of(plan, plan_data(parent) if parent else None, facts)


def part_form(
    campaign: Campaign, slug: str, group: str, *, user: User, data: Any = None, more: str = ""
) -> PartForm:
    """A part of a draft to be edited. Raises DomainError for a group that is no more."""
    plan = plan_data(campaign)
    part = BY_SLUG[slug]
    if part.per:
        refs = [row["ref"] for row in plan[part.per]]
        if group not in refs:
            noun = {"groups": "Nhóm đối tượng", "scoring": "Bảng chấm điểm"}[part.per]
            raise DomainError(f"{noun} này không còn trong dự thảo. Chọn phần khác.")
        part = part.inside(refs.index(group))
    return PartForm(part, plan, options_for(plan, user), data, more)


def save_part(
    campaign: Campaign, slug: str, group: str, data: Any, *, user: User, now: datetime
) -> PartForm:
    """Save one part of a draft as typed, by loading the whole plan again; the form says whether.

    Nothing is written when the part was changed by somebody else since it was read (`conflict`),
    when the loader finds anything wrong, or when it refuses. The same words sent twice (the page
    saves itself while its button is pressed) are no conflict.
    """
    with transaction.atomic():
        campaign = locked(campaign)
        if campaign.state != Campaign.State.DRAFT:
            raise DomainError(ISSUED.format(campaign=campaign))
        form = part_form(campaign, slug, group, user=user, data=data)
        if data.get("stamp", "") != form.stamp:
            again = part_form(campaign, slug, group, user=user, data=data)
            form.conflict = not _says_what_stands(again)
        if not form.conflict:
            _load_part(form, user=user, now=now)
    return form


def _says_what_stands(form: PartForm) -> bool:
    """Takes a form of its own: putting its values together names rows and finds errors."""
    with suppress(DomainError):
        file = plan_of_values(form.edited(sparse(form.plan)), "")
        return bool(file.plan and not form.wrong) and stamp_of(file.plan, form.part) == form.stamp
    return False


def _load_part(form: PartForm, *, user: User, now: datetime) -> None:
    try:
        file = plan_of_values(form.edited(sparse(form.plan)), f"phần {form.part.title}")
        with transaction.atomic():
            # with a field that cannot be read, only to tell what else is wrong
            load_draft(file, user=user, now=now, check=bool(form.wrong), before=form.plan)
    except PlanFileError as error:
        form.tell(error.problems)
    except DomainError as error:
        form.errors.append(str(error))
    form.saved = not form.wrong
    if form.saved:
        form.stands = file.plan
        form.stamp = stamp_of(file.plan, form.part)  # what was loaded is what stands now
