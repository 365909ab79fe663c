"""People and households who are not on record yet, as a unit names them when it proposes them."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from units.models import Household, Person, Posting, Unit, User
from units.rules import DomainError, fold, slug
from units.workflow import record


@transaction.atomic
def add_person(
    *,
    full_name: str,
    unit: Unit,
    title: str,
    gender: str = "",
    born_on: date | None = None,
    is_leader: bool = False,
    home_town: str = "",
    residence: str = "",
    qualification: str = "",
    is_sample: bool = False,
    actor: User | None,
    now: datetime,
) -> Person:
    """Put a person on record with the post held today.

    Raises DomainError when the unit already has somebody of that name and day of birth.
    """
    same = Person.objects.filter(postings__unit=unit, full_name__iexact=full_name.strip())
    if same.filter(born_on=born_on).exists():
        raise DomainError(
            f"“{full_name}” đã có trong danh sách của “{unit}”. Chọn tên trong danh sách; nếu là "
            "người trùng tên, nhập ngày sinh để phân biệt."
        )
    person = Person.objects.create(
        ref=free_ref(Person, full_name),
        full_name=full_name.strip(),
        gender=gender,
        born_on=born_on,
        home_town=home_town,
        residence=residence,
        qualification=qualification,
        is_sample=is_sample,
        folded=fold(full_name),
    )
    Posting.objects.create(
        person=person,
        unit=unit,
        title=title,
        is_leader=is_leader,
        valid_from=timezone.localdate(now) if not is_sample else None,
    )
    record("person.added", person, actor=actor, now=now, unit=unit, note=title)
    return person


@transaction.atomic
def add_household(
    *,
    head_name: str,
    address: str,
    unit: Unit,
    is_sample: bool = False,
    actor: User | None,
    now: datetime,
) -> Household:
    """Put a household on record in the area of `unit`."""
    household = Household.objects.create(
        ref=free_ref(Household, f"ho {head_name}"),
        head_name=head_name.strip(),
        address=address,
        unit=unit,
        is_sample=is_sample,
    )
    record("household.added", household, actor=actor, now=now, unit=unit, note=address)
    return household


def free_ref(model: type[Model], name: str) -> str:
    """A `ref` made from a name, numbered when it is taken."""
    base = slug(name)[:70].rstrip("-") or "khong-ten"
    taken = set(model._default_manager.filter(ref__startswith=base).values_list("ref", flat=True))
    number, ref = 1, base
    while ref in taken:
        number += 1
        ref = f"{base}-{number}"
    return ref
