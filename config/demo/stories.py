"""The award rounds that the sample tells: who proposes whom, and on which days things happened."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from awards.models import RecipientKind
from campaigns.models import Phase
from units.models import Unit


@dataclass(frozen=True)
class Ask:
    """What one unit proposes: how many collectives, direct implementers and leaders."""

    unit: str
    collectives: Sequence[str]
    direct: int
    leaders: int


@dataclass(frozen=True)
class Story:
    """One round of one plan as the sample tells it, with the days on which things happened."""

    plan: str
    phase: Phase.Kind
    form: str
    council: str
    council_symbol: str
    asks: Sequence[Ask]
    opens_on: date
    proposed_on: date
    held_on: date
    letter_on: date
    decided_on: date
    decider: str
    symbol: str
    signer_title: str
    signer_name: str
    allotted: dict[RecipientKind, int] = field(default_factory=dict)


SNN = "dong-thap.so-nnptnt"
DAK_SONG = "dak-nong.dak-song"
KHOI = "lam-dong.so-nnptnt"
STORIES = (
    Story(
        plan="dong-thap.snn.2022.chuyen-doi-so",
        phase=Phase.Kind.FINAL,
        form="giay-khen-giam-doc-so",
        council=SNN,
        council_symbol="BB-HĐTĐKT",
        asks=(
            Ask(f"{SNN}.chi-cuc-ptnt", (f"{SNN}.chi-cuc-ptnt",), 2, 1),
            Ask(f"{SNN}.trung-tam-nuoc-sach", (f"{SNN}.trung-tam-nuoc-sach",), 1, 0),
        ),
        opens_on=date(2025, 11, 3),
        proposed_on=date(2025, 11, 20),
        held_on=date(2025, 12, 2),
        letter_on=date(2025, 12, 4),
        decided_on=date(2025, 12, 15),
        decider=SNN,
        symbol="QĐ-SNN",
        signer_title="GIÁM ĐỐC",
        signer_name="Võ Văn Quyết",
        allotted={RecipientKind.COLLECTIVE: 4, RecipientKind.INDIVIDUAL: 8},
    ),
    Story(
        plan="dong-thap.2022.chuyen-doi-so",
        phase=Phase.Kind.INTERIM,
        form="bang-khen-tinh",
        council="dong-thap",
        council_symbol="BB-HĐTĐKT",
        asks=(
            Ask(SNN, (SNN,), 2, 1),
            Ask("dong-thap.so-y-te", ("dong-thap.so-y-te",), 1, 1),
            Ask("dong-thap.so-gddt", (), 2, 0),
        ),
        opens_on=date(2023, 11, 1),
        proposed_on=date(2023, 11, 22),
        held_on=date(2023, 12, 5),
        letter_on=date(2023, 12, 8),
        decided_on=date(2023, 12, 20),
        decider="dong-thap",
        symbol="QĐ-UBND",
        signer_title="CHỦ TỊCH",
        signer_name="Phạm Văn Định",
    ),
    Story(
        plan="lam-dong.khoi-snn.2023.chuyen-doi-so",
        phase=Phase.Kind.FINAL,
        form="giay-khen-giam-doc-so",
        council=KHOI,
        council_symbol="BB-HĐTĐKT",
        asks=(
            Ask(f"{KHOI}.chi-cuc-kiem-lam", (f"{KHOI}.chi-cuc-kiem-lam",), 2, 0),
            Ask(f"{KHOI}.chi-cuc-thuy-loi", (f"{KHOI}.chi-cuc-thuy-loi",), 1, 1),
        ),
        opens_on=date(2025, 11, 3),
        proposed_on=date(2025, 11, 18),
        held_on=date(2025, 12, 3),
        letter_on=date(2025, 12, 5),
        decided_on=date(2025, 12, 18),
        decider=KHOI,
        symbol="QĐ-SNN",
        signer_title="GIÁM ĐỐC",
        signer_name="Trịnh Văn Mẫu",
    ),
    Story(
        plan="dak-song.2023.chuyen-doi-so",
        phase=Phase.Kind.INTERIM,
        form="giay-khen-chu-tich-huyen",
        council=DAK_SONG,
        council_symbol="BB-HĐTĐKT",
        asks=(
            Ask(f"{DAK_SONG}.phong-vhtt", (f"{DAK_SONG}.phong-vhtt",), 3, 1),
            Ask(f"{DAK_SONG}.dak-mol", (f"{DAK_SONG}.dak-mol",), 2, 1),
            Ask(f"{DAK_SONG}.phong-tckh", (f"{DAK_SONG}.phong-tckh",), 2, 1),
        ),
        opens_on=date(2023, 11, 6),
        proposed_on=date(2023, 11, 24),
        held_on=date(2023, 12, 7),
        letter_on=date(2023, 12, 11),
        decided_on=date(2023, 12, 25),
        decider=DAK_SONG,
        symbol="QĐ-UBND",
        signer_title="CHỦ TỊCH",
        signer_name="Hà Văn Định",
    ),
)


def at(day: date, hour: int = 2) -> datetime:
    """A working hour of that day (09:00 in Việt Nam)."""
    return datetime.combine(day, time(hour), tzinfo=UTC)


def unit_of(ref: str) -> Unit:
    return Unit.objects.get(ref=ref)
