"""What the pages of dossiers list: what may be opened, what there is, what waits."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, Prefetch, QuerySet
from django.utils import timezone

from awards.models import AwardForm, AwardRound, Nomination
from awards.policies import nominatable_units
from campaigns.models import Campaign
from dossiers import policies
from dossiers.models import Build, Dossier, DossierRequirement, SentNomination
from dossiers.queries.contents import Contents, contents, obstacles
from dossiers.queries.versions import (
    Download,
    Staleness,
    downloads_of,
    newest_version,
    staleness,
    versions_of,
)
from units.models import Unit, UnitName, User
from units.queries import Happening, history
from units.rules import on_a_day


def code_of(dossier: Dossier) -> str:
    return dossier.code


def with_names(dossiers: QuerySet[Dossier]) -> QuerySet[Dossier]:
    """Everything a list row or the head of a page prints."""
    return dossiers.select_related(
        "award_round__campaign__issuer",
        "award_round__campaign__bloc",
        "award_round__council",
        "award_round__phase",
        "proposing_unit",
        "award_form",
        "sent_by",
    )


VERBS = {
    "dossier.opened": "lập hồ sơ",
    "dossier.edited": "sửa thông tin tờ trình",
    "dossier.sent": "trình hồ sơ",
    "dossierpart.added": "tải lên giấy tờ",
    "dossierpart.removed": "gỡ giấy tờ",
    "build.requested": "yêu cầu lập bản hồ sơ",
    "build.retried": "lập lại bản hồ sơ",
}


def requirements_of(campaign: Campaign) -> QuerySet[DossierRequirement]:
    return DossierRequirement.objects.filter(campaign=campaign).select_related("form__replaced_by")


def history_of(dossier: Dossier) -> list[Happening]:
    return history(dossier, verbs=VERBS)


@dataclass(frozen=True)
class DossierPage:
    """Everything the page of one dossier shows, and what its reader may do there."""

    dossier: Dossier
    code: str
    held: Contents
    obstacles: list[str]
    may_edit: bool
    may_build: bool
    may_send: bool
    versions: list[Build]
    downloads: list[Download]
    changes: Staleness
    history: list[Happening]

    @property
    def newest(self) -> Build | None:
        return self.versions[0] if self.versions else None

    @property
    def done(self) -> Build | None:
        """The newest version that can be downloaded."""
        return next((build for build in self.versions if build.state == Build.State.DONE), None)

    @property
    def is_under_way(self) -> bool:
        return bool(self.newest and self.newest.state == Build.State.QUEUED)

    @property
    def send_next(self) -> bool:
        """The one primary button: send once nothing stands in the way and a true copy exists."""
        bound = self.newest is not None and self.newest.state == Build.State.DONE
        return self.may_send and not self.obstacles and bound and not self.changes


def dossier_page(dossier: Dossier, user: User, now: datetime) -> DossierPage:
    """Needs the names selected (`with_names`)."""
    held = contents(dossier)
    versions = versions_of(dossier)
    bound = newest_version(dossier)
    draft = dossier.state == Dossier.State.DRAFT
    return DossierPage(
        dossier=dossier,
        code=code_of(dossier),
        held=held,
        obstacles=obstacles(dossier, held, timezone.localdate(now)) if draft else [],
        may_edit=policies.editable_dossiers(user).filter(pk=dossier.pk).exists(),
        may_build=(draft or all(build.state != Build.State.DONE for build in versions))
        and policies.buildable_dossiers(user).filter(pk=dossier.pk).exists(),
        may_send=policies.sendable_dossiers(user).filter(pk=dossier.pk).exists(),
        versions=versions,
        downloads=downloads_of(versions),
        changes=staleness(bound, dossier, held) if bound else Staleness(()),
        history=history_of(dossier),
    )


class Opening(NamedTuple):
    """A unit's nominations for one form in one round that lie in no dossier yet."""

    award_round: AwardRound
    unit: Unit
    award_form: AwardForm
    nominations: int


def openings(user: User, campaign: Campaign) -> list[Opening]:
    """Where `user` may open a dossier: his units' live nominations that lie in none."""
    return counted_openings(
        without_dossier(user).filter(
            award_round__campaign=campaign, state__in=Nomination.HOLDS_PLACE
        )
    )


def without_dossier(user: User) -> QuerySet[Nomination]:
    """Nominations of the units of `user` that went with no dossier and for which none is open."""
    drafted = Dossier.objects.filter(
        award_round=OuterRef("award_round"),
        proposing_unit=OuterRef("proposing_unit"),
        award_form=OuterRef("quota__award_form"),
        state=Dossier.State.DRAFT,
    )
    return Nomination.objects.filter(
        ~Exists(drafted),
        ~Exists(SentNomination.objects.filter(nomination=OuterRef("pk"))),
        proposing_unit__in=nominatable_units(user),
    )


def counted_openings(nominations: QuerySet[Nomination]) -> list[Opening]:
    """How many of these would lie in which dossier; one SQL query."""
    rows = nominations.select_related(
        "award_round", "proposing_unit", "quota__award_form"
    ).order_by("award_round__opens_on", "proposing_unit__name", "quota__award_form__rank")
    found = [(n.award_round, n.proposing_unit, n.quota.award_form) for n in rows]
    return [Opening(*key, count) for key, count in Counter(found).items()]


def campaign_dossiers(user: User, campaign: Campaign) -> QuerySet[Dossier]:
    """Dossiers of the campaign that `user` may see, with their newest build."""
    newest = Prefetch(
        "builds",
        Build.objects.defer("snapshot").order_by("-version"),
        to_attr="versions",
    )
    return (
        with_names(policies.viewable_dossiers(user).filter(award_round__campaign=campaign))
        .prefetch_related(newest)
        .order_by("-award_round__opens_on", "proposing_unit__name", "award_form__rank")
    )


def names_on(units: Iterable[Unit], day: date) -> Mapping[int, tuple[str, str]]:
    """(name, short name) of each unit on `day`, those of today where no history tells."""
    wanted = {unit.pk: (unit.name, unit.short_name or unit.name) for unit in units}
    for row in UnitName.objects.filter(unit__in=wanted).order_by(
        F("valid_from").asc(nulls_first=True)
    ):
        if on_a_day(day, row.valid_from, row.valid_to):
            wanted[row.unit_id] = (row.name, row.short_name or row.name)
    return wanted
