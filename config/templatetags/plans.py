"""What a reader may do with a plan, for the pages that show one."""

from typing import Any

from django import template
from django.template import Context

from awards.queries import quota_names
from campaigns.models import Campaign
from campaigns.policies import plannable_campaigns
from campaigns.queries import AmendmentLine
from config.plans.policies import writes_plans

register = template.Library()


@register.inclusion_tag("plans/_actions.html", takes_context=True)
def plan_actions(context: Context, campaign: Campaign) -> dict[str, Any]:
    """The links of one plan, each only for who may follow it."""
    user = context["user"]
    return {
        "campaign": campaign,
        "writes": writes_plans(user),
        "plans": plannable_campaigns(user).filter(pk=campaign.pk).exists(),
    }


@register.inclusion_tag("plans/_starts.html", takes_context=True)
def plan_starts(context: Context) -> dict[str, Any]:
    """The ways to a new plan, for who writes plans."""
    return {"writes": writes_plans(context["user"])}


@register.simple_tag
def amended_awards(campaign: Campaign, lines: list[AmendmentLine]) -> dict[str, str]:
    """What the awards are called whose numbers `lines` changed; no SQL query where none did."""
    changed = {one.ref for line in lines for one in line.quotas}
    return quota_names(campaign, changed) if changed else {}


@register.filter
def of(names: dict[str, str], ref: str) -> str:
    return names.get(ref, ref)
