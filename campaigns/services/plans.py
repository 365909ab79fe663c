"""Writing plans: what a file says of a draft, the step to issued, and dated amendments."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from campaigns.models import (
    Amendment,
    Assignment,
    Campaign,
    LegalBasis,
    ParentIndicator,
    Period,
    Phase,
    Recipient,
    Remark,
    ReportingDuty,
    RouteStep,
    Section,
)
from criteria.models import CriteriaSet, Group, Indicator
from units.models import Bloc, Unit, User
from units.rules import DomainError, fold
from units.services.rows import (
    Changes,
    drop_rows,
    rows_by_ref,
    write_lines,
    write_links,
    write_row,
    write_rows,
)
from units.workflow import advance, locked, record

Row = Mapping[str, Any]  # a mapping as in config/sample/plan.schema.json, every key there


@transaction.atomic
def write_campaign(
    *,
    plan: Row,
    criteria_set: CriteriaSet,
    parent: Campaign | None,
    units: Mapping[str, Unit],
    blocs: Mapping[str, Bloc],
    is_sample: bool,
    actor: User | None,
    now: datetime,
) -> tuple[Campaign, Changes]:
    """Make a draft or bring it to what its file says. Phases gone from the file stay until
    `drop_phases`, since quotas stand on them.

    Raises DomainError for a plan already issued and for a part on which results stand.
    """
    changes = Changes()
    campaign = Campaign.objects.filter(ref=plan["ref"]).first()
    values = _campaign_values(plan, criteria_set, parent, units, blocs)
    if campaign is None:
        campaign = Campaign.objects.create(ref=plan["ref"], is_sample=is_sample, **values)
        changes.created += 1
    else:
        campaign = locked(campaign)
        if campaign.state != Campaign.State.DRAFT:
            raise DomainError(
                f"Kế hoạch “{campaign}” đã ban hành nên không sửa được như dự thảo. "
                "Ghi một lần điều chỉnh có ngày."
            )
        write_row(campaign, values, changes)
    owner: dict[str, Any] = {"campaign": campaign}
    for model, lines in _lines(plan, units).items():
        write_lines(model, owner, lines, changes)
    answers = _parent_indicators(plan, criteria_set, parent)
    write_lines(ParentIndicator, owner, answers, changes)
    write_rows(Phase, owner, _phases(plan), changes)
    periods = write_rows(Period, owner, _periods(plan), changes)
    drop_rows(Period, owner, periods, changes)
    known = rows_by_ref(ReportingDuty, owner, "groups")
    duties = write_rows(ReportingDuty, owner, _duties(plan, units), changes, known)
    drop_rows(ReportingDuty, owner, duties, changes)
    groups = {group.ref: group for group in Group.objects.filter(criteria_set=criteria_set)}
    for row in plan["duties"]:
        write_links(duties[row["ref"]], "groups", [groups[ref] for ref in row["groups"]], changes)
    return campaign, changes


@transaction.atomic
def drop_phases(
    campaign: Campaign, *, keep: Sequence[str], actor: User | None, now: datetime
) -> Changes:
    """Take away the phases not in `keep`; call it when the quotas have been written.

    Raises DomainError when an award round or a quota stands on one.
    """
    changes = Changes()
    drop_rows(Phase, {"campaign": campaign}, keep, changes)
    if changes:
        record(
            "campaign.phases_dropped",
            campaign,
            actor=actor,
            now=now,
            unit=campaign.issuer,
            note=str(changes),
        )
    return changes


@transaction.atomic
def note_loaded(
    campaign: Campaign, *, file: str, changes: Changes, actor: User | None, now: datetime
) -> None:
    """Put the loading of a file on record."""
    record(
        "campaign.loaded",
        campaign,
        actor=actor,
        now=now,
        unit=campaign.issuer,
        note=f"{file}: {changes}",
    )


@transaction.atomic
def issue_campaign(campaign: Campaign, *, actor: User | None, now: datetime) -> Campaign:
    """From draft to issued; from here the plan changes by dated amendments alone."""
    campaign = locked(campaign)
    return advance(campaign, Campaign.State.ISSUED, actor=actor, now=now, unit=campaign.issuer)


@transaction.atomic
def add_amendment(
    campaign: Campaign,
    *,
    document: str,
    in_force_from: date,
    reason: str,
    changes: list[dict[str, Any]],
    actor: User | None,
    now: datetime,
) -> Amendment:
    """Put a dated amendment of an issued plan on record with what it changes.

    Raises DomainError for a plan that is not in force and for a day not after the last amendment.
    """
    campaign = locked(campaign)
    if campaign.state != Campaign.State.ISSUED:
        raise DomainError(
            f"Kế hoạch “{campaign}” đang ở trạng thái “{campaign.get_state_display()}”; chỉ kế "
            "hoạch đang thực hiện mới có điều chỉnh."
        )
    last = campaign.amendments.order_by("-in_force_from").first()
    if last and in_force_from <= last.in_force_from:
        raise DomainError(
            f"Điều chỉnh “{document}” áp dụng từ {in_force_from:%d/%m/%Y} không sau lần điều chỉnh "
            f"gần nhất ({last.in_force_from:%d/%m/%Y}). Ghi lại ngày áp dụng."
        )
    amendment = Amendment.objects.create(
        campaign=campaign,
        document=document,
        in_force_from=in_force_from,
        reason=reason,
        changes=changes,
        made_at=now,
        made_by=actor,
    )
    campaign.revision += 1
    campaign.save(update_fields=["revision"])
    record(
        "campaign.amended",
        campaign,
        actor=actor,
        now=now,
        unit=campaign.issuer,
        note=f"{document}, áp dụng từ {in_force_from:%d/%m/%Y}: {reason}",
        data={"changes": changes},
    )
    return amendment


# --- columns -------------------------------------------------------------------------------------
def _campaign_values(
    plan: Row,
    criteria_set: CriteriaSet,
    parent: Campaign | None,
    units: Mapping[str, Unit],
    blocs: Mapping[str, Bloc],
) -> dict[str, Any]:
    document, period = plan["document"], plan["period"]
    bloc = blocs[plan["bloc"]] if plan["bloc"] else None
    standing = plan["standing_agency"]
    return {
        "title": plan["title"],
        "short_title": plan["short_title"],
        "theme": plan["theme"],
        "method": plan["method"],
        "level_id": plan["level"],
        "parent_id": parent.pk if parent else None,
        "parent_document": plan["parent_document"],
        "leads_first": plan["leads_first"],
        "issuer_id": bloc.organiser_id if bloc else units[plan["issuer"]].pk,
        "bloc_id": bloc.pk if bloc else None,
        "standing_agency_id": units[standing].pk if standing else None,
        "document_type": document["type"],
        "doc_number": document["number"],
        "doc_symbol": document["symbol"],
        "issued_on": document["issued_on"],
        "issued_text": document["issued_text"],
        "place": document["place"],
        "signing_capacity": document["signing_capacity"],
        "signer_title": document["signer_title"],
        "signer_name": document["signer_name"],
        "period_from": period["from"],
        "period_to": period["to"],
        "outlook": period["outlook"],
        "criteria_set_id": criteria_set.pk,
        "folded": fold(f"{plan['title']} {plan['short_title']}"),
    }


def _lines(plan: Row, units: Mapping[str, Unit]) -> dict[Any, list[dict[str, Any]]]:
    def unit_id(row: Row) -> int | None:
        return units[row["unit"]].pk if row["unit"] else None

    return {
        Remark: [
            {"order": n, "heading": row["heading"], "text": row["text"]}
            for n, row in enumerate(plan["remarks"], 1)
        ],
        LegalBasis: [
            {"order": n, "code": row["code"], "issued_on": row["issued_on"], "text": row["text"]}
            for n, row in enumerate(plan["legal_bases"], 1)
        ],
        Section: [
            {"order": n, "kind": row["kind"], "heading": row["heading"], "text": row["text"]}
            for n, row in enumerate(plan["sections"], 1)
        ],
        Assignment: [
            {
                "order": n,
                "unit_id": unit_id(row),
                "body": row["body"],
                "part": row["part"],
                "text": row["text"],
            }
            for n, row in enumerate(plan["assignments"], 1)
        ],
        RouteStep: [
            {"order": n, "unit_id": unit_id(row), "text": row["text"]}
            for n, row in enumerate(plan["route"], 1)
        ],
        Recipient: [{"order": n, "text": text} for n, text in enumerate(plan["recipients"], 1)],
    }


def _parent_indicators(
    plan: Row, criteria_set: CriteriaSet, parent: Campaign | None
) -> list[dict[str, Any]]:
    def keys(of: int) -> dict[str, int]:
        return dict(Indicator.objects.filter(criteria_set=of).values_list("ref", "pk"))

    if not plan["parent_indicators"] or parent is None:
        return []
    above, own = keys(parent.criteria_set_id), keys(criteria_set.pk)
    return [
        {
            "order": n,
            "parent_indicator_id": above[row["indicator"]],
            "way": row["way"],
            "indicator_id": own[row["by"]] if row["by"] else None,
            "text": row["text"],
        }
        for n, row in enumerate(plan["parent_indicators"], 1)
    ]


def _phases(plan: Row) -> list[dict[str, Any]]:
    return [
        {
            "ref": row["ref"],
            "order": order,
            "kind": row["kind"],
            "name": row["name"],
            "period_from": row["from"],
            "period_to": row["to"],
            "held_on": row["held_on"],
            "held_text": row["held_text"],
            "note": row["note"],
        }
        for order, row in enumerate(plan["phases"], 1)
    ]


def _periods(plan: Row) -> list[dict[str, Any]]:
    return [
        {
            "ref": row["ref"],
            "kind": row["kind"],
            "name": row["name"],
            "period_from": row["from"],
            "period_to": row["to"],
            "closes_on": row["closes_on"],
        }
        for row in plan["periods"]
    ]


def _duties(plan: Row, units: Mapping[str, Unit]) -> list[dict[str, Any]]:
    return [
        {
            "ref": row["ref"],
            "order": order,
            "what": row["what"],
            "name": row["name"],
            "rhythm": row["rhythm"],
            "relation": row["relation"],
            "day": row["day"],
            "month": row["month"],
            "on": row["on"],
            "due_text": row["due_text"],
            "owed_by": row["owed_by"],
            "owed_to_id": units[row["to"]].pk if row["to"] else None,
            "owed_to_text": row["to_text"],
        }
        for order, row in enumerate(plan["duties"], 1)
    ]
