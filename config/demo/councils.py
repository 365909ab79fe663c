"""Made-up people and the councils that they sit on."""

from datetime import date, datetime

from awards import services
from awards.models import Council, CouncilSeat
from config.demo.accounts import ACCOUNTS, hand
from config.demo.results import chance
from config.demo.stories import Story, at, unit_of
from units.models import Person, Unit, User

SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô")
MIDDLES = ("Văn", "Thị", "Minh", "Ngọc", "Thanh", "Quốc", "Thu", "Hữu")
GIVEN = ("An", "Bình", "Cường", "Dung", "Giang", "Hà", "Khánh", "Lam", "Mai", "Nam", "Oanh", "Phúc")


def name_for(*parts: object) -> tuple[str, str]:
    """(full name, gender) made up from a hash; no real person is meant."""
    draw = chance("người", *parts)
    middle = draw.choice(MIDDLES)
    gender = Person.Gender.FEMALE if middle in {"Thị", "Thu", "Ngọc"} else Person.Gender.MALE
    return f"{draw.choice(SURNAMES)} {middle} {draw.choice(GIVEN)}", gender


def make_person(unit: Unit, number: int, title: str, *, is_leader: bool, now: datetime) -> Person:
    full_name, gender = name_for(unit.ref, number, title)
    return services.add_person(
        full_name=full_name,
        gender=gender,
        born_on=date(1972 + chance("sinh", unit.ref, number).randint(0, 24), 3, 1 + number % 27),
        unit=unit,
        title=title,
        is_leader=is_leader,
        is_sample=True,
        actor=hand("head"),
        now=now,
    )


def make_council(story: Story) -> Council:
    """Nine voting members and a secretary without a vote; those with an account can sign in."""
    unit, now = unit_of(story.council), at(date(2022, 1, 5))
    council = services.create_council(
        ref=f"{unit.ref}.hdtdkt",
        unit=unit,
        name=f"Hội đồng Thi đua - Khen thưởng {unit.short_name or unit.name}",
        decision="Quyết định thành lập (số liệu mẫu)",
        valid_from=date(2022, 1, 1),
        symbol=story.council_symbol,
        is_sample=True,
        actor=hand("head"),
        now=now,
    )
    roles = CouncilSeat.Role
    plan = [
        (roles.CHAIR, "council_chair", "Thủ trưởng đơn vị"),
        (roles.STANDING_VICE, "", "Phó thủ trưởng đơn vị"),
        (roles.MEMBER, "council_member", "Trưởng bộ phận tổ chức"),
        *((roles.MEMBER, "", f"Ủy viên thứ {number}") for number in range(4, 10)),
        (roles.SECRETARY, "council_secretary", "Chuyên viên thi đua, khen thưởng"),
    ]
    for number, (role, account, post) in enumerate(plan, start=1):
        person = make_person(unit, 900 + number, post, is_leader=number < 4, now=now)
        user = account_for(account, unit)
        if user:
            male = " Văn " in user.full_name
            Person.objects.filter(pk=person.pk).update(
                user=user,
                full_name=user.full_name,
                gender=Person.Gender.MALE if male else Person.Gender.FEMALE,
            )
        services.add_seat(
            council,
            person=person,
            role=role,
            votes=role != roles.SECRETARY,
            post=post,
            valid_from=date(2022, 1, 1),
            actor=hand("head"),
            now=now,
        )
    return council


def account_for(role: str, unit: Unit) -> User | None:
    names = [a.username for a in ACCOUNTS if a.role == role and a.unit == unit.ref]
    return User.objects.filter(username__in=names, person__isnull=True).first()
