"""The register of awards: search without marks, filters, order."""

import re

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from awards import policies
from awards.models import Award, Decision, Nomination
from units.models import User
from units.rules import fold, nfc

YEAR = re.compile(r"[1-9][0-9]{3}")
SORTS = {
    "date": ("decision__issued_on", "recipient_name", "pk"),
    "-date": ("-decision__issued_on", "award_form__rank", "recipient_name", "pk"),
    "name": ("recipient_name", "pk"),
    "-name": ("-recipient_name", "-pk"),
    "form": ("award_form__rank", "award_form", "recipient_name", "pk"),
    "-form": ("-award_form__rank", "award_form", "recipient_name", "pk"),
}
SHOWN = ("decision__unit", "award_form", "campaign", "phase", "unit")


def register(
    user: User,
    *,
    text: str = "",
    year: str = "",
    form: str = "",
    kind: str = "",
    campaign: str = "",
    sort: str = "",
) -> QuerySet[Award]:
    """Lines `user` may see; `text` is looked for in name, post, unit and decision number, accents
    apart, hits with the accents as typed first.
    """
    rows = policies.viewable_awards(user).select_related(*SHOWN)
    if YEAR.fullmatch(year):
        rows = rows.filter(decision__issued_on__year=int(year))
    if form:
        rows = rows.filter(award_form__ref=form)
    if kind:
        rows = rows.filter(recipient_kind=kind)
    if campaign:
        rows = rows.filter(campaign__ref=campaign)
    order = SORTS.get(sort, SORTS["-date"])
    if wanted := fold(text):
        raw = nfc(text).strip()
        exact = Q(recipient_name__icontains=raw) | Q(recipient_post__icontains=raw)
        rows = rows.filter(
            exact
            | Q(folded__contains=wanted)
            | Q(unit__folded__contains=wanted)
            | Q(decision__number=raw.partition("/")[0])
        )
        rank = Case(When(exact, then=Value(0)), default=Value(1), output_field=IntegerField())
        rows = rows.annotate(rank=rank)
        order = order if sort in SORTS else ("rank", *order)
    return rows.order_by(*order)


def register_choices(user: User) -> dict[str, list[tuple[str, str]]]:
    """What the filters offer: only what occurs in the lines `user` may see; one SQL query."""
    rows = policies.viewable_awards(user).values_list(
        "decision__issued_on__year",
        "award_form__ref",
        "award_form__short_name",
        "campaign__ref",
        "campaign__short_title",
    )
    years, forms, campaigns = set(), {}, {}
    for year, form, form_name, campaign, campaign_name in rows.order_by().distinct():
        years.add(str(year))
        forms[form] = form_name
        if campaign:
            campaigns[campaign] = campaign_name
    return {
        "years": [(year, year) for year in sorted(years, reverse=True)],
        "forms": sorted(forms.items(), key=lambda item: fold(item[1])),
        "campaigns": sorted(campaigns.items(), key=lambda item: fold(item[1])),
    }


def decision_awards(decision: Decision, user: User) -> list[Award]:
    """The lines of one decision that `user` may see, collectives first."""
    return list(
        policies.viewable_awards(user)
        .filter(decision=decision)
        .select_related(*SHOWN, "nomination__award_round")
        .order_by("award_form__rank", "award_form", "recipient_kind", "recipient_name", "pk")
    )


def nominations_shown(user: User) -> QuerySet[Nomination]:
    """Nominations `user` may see, with all that a row prints."""
    return with_names(policies.viewable_nominations(user))


def with_names(nominations: QuerySet[Nomination]) -> QuerySet[Nomination]:
    return nominations.select_related(
        "unit",
        "person",
        "household",
        "proposing_unit",
        "quota__award_form",
        "quota__phase",
        "award_round__campaign",
    )
