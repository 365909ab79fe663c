"""import_units: all of it or nothing, twice the same, and every error in one go."""

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.factories import NOW, KindFactory, UnitFactory
from units.models import (
    AuditEntry,
    Bloc,
    BlocMembership,
    Level,
    Unit,
    UnitEvent,
    UnitKind,
    UnitName,
    UnitPlacement,
    UnitSuccession,
)
from units.services import FileError, import_units, read_unit_files

SAMPLE = sorted((Path(__file__).parents[2] / "config" / "sample" / "units").glob("*.yaml"))
SMALL = """\
levels:
  - {code: province, name: Cấp tỉnh, rank: 1}
  - {code: district, name: Cấp huyện, rank: 4, valid_to: 2025-06-30}
kinds:
  - {code: so, name: Sở, level: province}
  - {code: huyen, name: Huyện, level: district}
units:
  - ref: tinh
    name: Tỉnh Ví Dụ
    short_name: Đẹp
    kind: so
    place: Ví Dụ
    children:
      - ref: tinh.so-a
        name: Sở A mới
        kind: so
        names:
          - {name: Sở A cũ, kind: so, valid_to: 2021-12-31}
          - {name: Sở A mới, kind: so, valid_from: 2022-01-01}
      - ref: tinh.so-b
        name: Sở B
        kind: so
        place: Nơi khác
        tags: [mien-nui]
        sample: true
      - ref: tinh.huyen
        name: Huyện
        kind: huyen
        valid_to: 2025-06-30
        children:
          - {ref: tinh.huyen.xa, name: Xã, kind: huyen, area_code: "00123"}
events:
  - ref: tinh.sap-nhap
    kind: merge
    date: 2025-03-01
    decision: 45/2025/NĐ-CP
    successions: [{from: tinh.so-a, to: tinh.so-b}]
blocs:
  - ref: tinh.khoi
    name: Khối 1
    organiser: tinh
    years:
      2023: {head: tinh.so-a, deputies: [tinh.so-b], members: [tinh.huyen]}
      2024: {head: tinh.so-b, members: [tinh.so-a]}
"""


@pytest.fixture
def load(tmp_path):
    """`load(text, …)` imports the texts as files of one batch."""

    def write(*texts):
        paths = []
        for number, text in enumerate(texts):
            paths.append(tmp_path / f"tep-{number}.yaml")
            paths[-1].write_text(text, encoding="utf-8")
        return import_units(read_unit_files(paths), actor=None, now=NOW)

    return write


def lines_of(done):
    return {thing: str(count) for thing, count in done.counts.items()}


def everything():
    """Every row that an import writes, audit apart, as plain values."""
    models = (Level, UnitKind, Unit, UnitName, UnitPlacement, Bloc, BlocMembership)
    models += (UnitEvent, UnitSuccession)
    return {model: sorted(model.objects.values_list(), key=str) for model in models}


@pytest.mark.django_db
def test_writes_the_tree_with_names_places_and_paths(load):
    done = load(SMALL)
    assert lines_of(done)["đơn vị"] == "5 thêm mới, 0 sửa, 0 giữ nguyên"
    commune = Unit.objects.get(ref="tinh.huyen.xa")
    chain = ["tinh", "tinh.huyen", "tinh.huyen.xa"]
    assert commune.path == "".join(f"{Unit.objects.get(ref=ref).pk}/" for ref in chain)
    assert (commune.place, commune.valid_to) == ("Ví Dụ", date(2025, 6, 30))
    assert commune.area_code == "00123"
    assert commune.placements.get().valid_to == date(2025, 6, 30)
    department = Unit.objects.get(ref="tinh.so-b")
    assert (department.place, department.tags, department.is_sample) == (
        "Nơi khác",
        ["mien-nui"],
        True,
    )
    assert department.valid_to is None
    assert Unit.objects.get(ref="tinh").folded == "tinh vi du dep"
    assert list(
        Unit.objects.get(ref="tinh.so-a").names.values_list("name", "valid_from", "valid_to")
    ) == [("Sở A cũ", None, date(2021, 12, 31)), ("Sở A mới", date(2022, 1, 1), None)]
    assert list(UnitSuccession.objects.values_list("predecessor__ref", "successor__ref")) == [
        ("tinh.so-a", "tinh.so-b")
    ]
    roles = BlocMembership.objects.filter(year=2023).values_list("unit__ref", "role")
    assert dict(roles) == {"tinh.so-a": "head", "tinh.so-b": "deputy", "tinh.huyen": "member"}


@pytest.mark.django_db
def test_loading_again_changes_nothing_and_leaves_one_audit_row(load):
    load(SMALL)
    before = everything()
    done = load(SMALL)
    assert done.changed == 0
    assert everything() == before
    entry = AuditEntry.objects.get(action="unit.imported")
    assert entry.data == {"files": ["tep-0.yaml"]}
    assert "đơn vị: 5 thêm mới" in entry.note


@pytest.mark.django_db
def test_a_changed_file_updates_by_ref_and_leaves_others_alone(load):
    other = UnitFactory(ref="ngoai", name="Ngoài tệp")
    load(SMALL)
    done = load(
        SMALL.replace("Sở B\n", "Sở B đổi tên\n")
        .replace("Khối 1", "Khối một")
        .replace("2024: {head: tinh.so-b, members: [tinh.so-a]}", "2024: {head: tinh.so-a}")
        .replace("to: tinh.so-b}", "to: tinh.so-b, how: split}")
    )
    assert lines_of(done) == {
        "cấp": "0 thêm mới, 0 sửa, 2 giữ nguyên",
        "loại đơn vị": "0 thêm mới, 0 sửa, 2 giữ nguyên",
        "đơn vị": "0 thêm mới, 1 sửa, 4 giữ nguyên",
        "lần sắp xếp": "0 thêm mới, 1 sửa, 0 giữ nguyên",
        "Khối, Cụm thi đua": "0 thêm mới, 1 sửa, 0 giữ nguyên",
    }
    renamed = Unit.objects.get(ref="tinh.so-b")
    assert (renamed.folded, renamed.names.get().name) == ("so b doi ten", "Sở B đổi tên")
    assert BlocMembership.objects.get(year=2024).unit.ref == "tinh.so-a"
    assert BlocMembership.objects.filter(year=2023).count() == 3
    other.refresh_from_db()
    assert other.name == "Ngoài tệp"


@pytest.mark.django_db
def test_a_year_that_the_file_does_not_name_stays(load):
    load(SMALL)
    load(
        "blocs: [{ref: tinh.khoi, name: Khối 1, organiser: tinh, years: {2025: {head: tinh.so-a}}}]"
    )
    assert sorted(BlocMembership.objects.values_list("year", flat=True)) == [
        2023, 2023, 2023, 2024, 2024, 2025,
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_moved_unit_takes_along_what_lies_below_and_what_is_new_there(load):
    load(SMALL)
    load(
        "units:\n"
        "  - {ref: tinh.huyen, name: Huyện, kind: huyen, parent: tinh.so-a, valid_to: 2025-06-30}\n"
        "  - {ref: tinh.huyen.moi, name: Mới, kind: huyen, parent: tinh.huyen.xa}\n"
    )
    above = Unit.objects.get(ref="tinh.so-a").path
    commune = Unit.objects.get(ref="tinh.huyen.xa")
    assert commune.path.startswith(above)
    new = Unit.objects.get(ref="tinh.huyen.moi")
    assert new.path == f"{commune.path}{new.pk}/"


@pytest.mark.django_db
def test_parent_and_child_may_change_places(load):
    KindFactory(code="so")
    load("units: [{ref: a, name: A, kind: so, children: [{ref: b, name: B, kind: so}]}]")
    load("units: [{ref: b, name: B, kind: so, children: [{ref: a, name: A, kind: so}]}]")
    upper, lower = Unit.objects.get(ref="b"), Unit.objects.get(ref="a")
    assert (upper.path, lower.path) == (f"{upper.pk}/", f"{upper.pk}/{lower.pk}/")


@pytest.mark.django_db
def test_files_of_one_batch_may_name_each_other(load):
    load(
        "units: [{ref: con, name: Con, kind: so, parent: cha}]",
        "kinds: [{code: so, name: Sở}]\nunits: [{ref: cha, name: Cha, kind: so}]",
    )
    assert Unit.objects.get(ref="con").parent.ref == "cha"


WRONG = """\
kinds:
  - {code: so, name: Sở, level: khong-co}
units:
  - ref: a
    name: A
    kind: sai-loai
    parent: b
    valid_from: 2024-02-30
    mau: đỏ
  - {ref: b, name: B, kind: so, parent: a}
  - {ref: b, name: B, kind: so}
  - {ref: Chữ Hoa, name: 12, kind: so}
  - {ref: c, kind: so, valid_from: 2025-01-01, valid_to: 2024-01-01, sample: co}
  - chuỗi
  - ref: d
    name: D
    name: D lần nữa
    kind: so
    names: [{name: D1, kind: so}, {name: D2, kind: so, valid_from: 2020-01-01}]
events:
  - {ref: e, kind: nhap, date: 2025-01-01, successions: [{from: a, to: a}, {from: ma, to: b}]}
blocs:
  - ref: k
    name: Khối
    organiser: khong-thay
    years:
      23: {head: a}
      2023: {head: a, members: [a, 5]}
"""
EXPECTED = [
    ("2", "loại đơn vị so: không có cấp khong-co"),
    ("4", "đơn vị a: “valid_from” là “2024-02-30”; phải là ngày"),
    ("4", "đơn vị a: không có trường “mau”"),
    ("4", "đơn vị a: không có loại sai-loai; các loại được dùng: so."),
    ("11", "đơn vị b đã ghi ở"),
    ("12", "“ref” là “Chữ Hoa”; phải là mã tham chiếu"),
    ("12", "“name” là “12”; phải là chữ trên một dòng"),
    ("13", "đơn vị c: thiếu “name”"),
    ("13", "đơn vị c: “valid_to” 2024-01-01 trước “valid_from” 2025-01-01"),
    ("13", "đơn vị c: “sample” là “co”; phải là true hoặc false"),
    ("1", "đơn vị: phải gồm các trường ref, name"),
    ("17", "trường “name” ghi hai lần"),
    ("15", "đơn vị d: dòng cuối của “names” phải là tên và loại hiện nay"),
    ("15", "đơn vị d: “names”: giữa hai dòng phải có"),
    ("21", "lần sắp xếp e: “kind” là “nhap”; chọn một trong: merge"),
    ("21", "lần sắp xếp e: a kế thừa chính nó"),
    ("21", "lần sắp xếp e: không có đơn vị ma"),
    ("23", "Khối, Cụm k: không có đơn vị khong-thay"),
    ("23", "Khối, Cụm k, năm 23: năm phải gồm bốn chữ số"),
    ("28", "Khối, Cụm k, năm 2023: a ghi hai lần"),
    ("28", "Khối, Cụm k, năm 2023: “5” phải là mã tham chiếu"),
]


@pytest.mark.django_db
def test_a_wrong_file_is_told_everything_and_changes_nothing(load):
    before = everything()
    with pytest.raises(FileError) as refused:
        load(WRONG)
    told = refused.value.problems
    for line, sentence in EXPECTED:
        assert any(f"dòng {line}: " in text and sentence in text for text in told), (line, sentence)
    assert len(told) == len(EXPECTED), told
    assert everything() == before
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_nobody_stands_under_himself(load):
    KindFactory(code="so")
    with pytest.raises(FileError) as refused:
        load(
            "units:\n  - {ref: a, name: A, kind: so, parent: b}\n"
            "  - {ref: b, name: B, kind: so, parent: a}\n"
            "  - {ref: c, name: C, kind: so, parent: b, children: [{ref: d, name: D, parent: a}]}\n"
        )
    told = "\n".join(refused.value.problems)
    assert "đơn vị a: cấp trên của đơn vị lại thuộc chính đơn vị này" in told
    assert "đơn vị b: cấp trên của đơn vị lại thuộc chính đơn vị này" in told
    assert "đơn vị c: cấp trên" not in told
    assert "đơn vị d: nằm trong “children” thì không ghi “parent”" in told
    assert "đơn vị d: thiếu “kind”" in told


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("units: [", "sai cú pháp YAML"),
        ("- a\n- b\n", "tệp phải gồm các mục"),
        ("don-vi: []", "không có trường “don-vi”"),
        ("levels: [a]", "cấp: phải gồm các trường code"),
        ("kinds: [{name: A}]", "loại đơn vị: thiếu “code”"),
        ("events: [{kind: merge, date: 2025-01-01}]", "lần sắp xếp: thiếu “ref”"),
        (
            "events: [{ref: e, kind: merge, date: 2025-01-01, successions: [a]}]",
            "kế thừa của e: phải gồm các trường from, to",
        ),
        ("blocs: [a]", "Khối, Cụm: phải gồm các trường ref"),
        ('kinds: [{code: a, name: "hai\\ndòng"}]', "phải là chữ trên một dòng"),
        ("levels: [{code: a, name: A, rank: -1}]", "phải là số nguyên từ 0 trở lên"),
        ("true: []", "tên trường “true” phải là chữ"),
        ("units: [{ref: a, name: A, kind: so, tags: [1]}]", "“tags” phải là danh sách chữ"),
        (f"units: [{{ref: a, name: {'A' * 301}, kind: so}}]", "“name” dài 301 ký tự"),
        (
            "units: [{ref: a, name: A, kind: so, placements: [{parent: b}]}]",
            "dòng cuối của “placements” phải là cấp trên hiện nay",
        ),
        (
            "units: [{ref: a, name: A, kind: so, names: [{name: B, kind: so, valid_to: 2024-01-01},"
            " {name: A, kind: so, valid_from: 2024-01-01}]}]",
            "dòng sau phải bắt đầu từ 2024-01-02",
        ),
        ("blocs: [{ref: k, name: K, organiser: a, years: [2023]}]", "phải là các mục con"),
        ("blocs: [{ref: k, name: K, organiser: a, years: {2023: a}}]", "phải gồm các trường head"),
    ],
)
def test_says_what_is_allowed(load, text, sentence):
    KindFactory(code="so")
    with pytest.raises(FileError) as refused:
        load(text)
    assert sentence in str(refused.value)


@pytest.mark.django_db
def test_a_file_that_cannot_be_read_is_named(tmp_path):
    broken = tmp_path / "hong.yaml"
    broken.write_bytes(b"\xff\xfe\x00")
    batch = read_unit_files([tmp_path / "khong-co.yaml", broken])
    assert [text.split(": ", 1)[1].split(" (")[0] for text in batch.problems.sentences] == [
        "không đọc được tệp",
        "tệp phải là văn bản UTF-8.",
    ]


@pytest.mark.django_db
def test_the_command_checks_without_writing_and_reports(tmp_path):
    path = tmp_path / "don-vi.yaml"
    path.write_text(SMALL, encoding="utf-8")
    out = StringIO()
    call_command("import_units", path, check=True, stdout=out)
    assert "đơn vị: 5 thêm mới" in out.getvalue()
    assert "chưa ghi gì" in out.getvalue()
    assert not Unit.objects.exists()
    call_command("import_units", path, stdout=out)
    assert Unit.objects.count() == 5
    path.write_text("units: [{ref: z}]", encoding="utf-8")
    with pytest.raises(CommandError, match="Có 2 lỗi; chưa ghi gì"):
        call_command("import_units", path)


# --- the shipped trees ---------------------------------------------------------------------------
@pytest.fixture
def sample(db):
    return import_units(read_unit_files(SAMPLE), actor=None, now=NOW)


def test_the_shipped_trees_load_whole_and_again_unchanged(sample):
    counts = {thing: count.created for thing, count in sample.counts.items()}
    assert counts == {
        "cấp": 5,
        "loại đơn vị": 19,
        "đơn vị": 417,
        "lần sắp xếp": 2,
        "Khối, Cụm thi đua": 5,
    }
    again = import_units(read_unit_files(SAMPLE), actor=None, now=NOW)
    assert again.changed == 0


def test_the_shipped_trees_have_every_district_and_commune_before_july_2025(sample):
    def under(ref, kinds):
        path = Unit.objects.get(ref=ref).path
        return Unit.objects.filter(path__startswith=path, kind__in=kinds)

    districts = ("ubnd-huyen", "ubnd-thi-xa", "ubnd-thanh-pho")
    communes = ("ubnd-xa", "ubnd-phuong", "ubnd-thi-tran")
    assert under("dong-thap", districts).count() == 12
    assert under("dong-thap", communes).count() == 141
    assert under("tien-giang", districts).count() == 11
    assert under("tien-giang", communes).count() == 164
    assert under("dak-nong.dak-song", communes).count() == 9
    local = Unit.objects.filter(kind__in=districts + communes)
    assert set(local.values_list("valid_to", flat=True)) == {date(2025, 6, 30)}
    assert not local.filter(is_sample=True).exists()
    assert Level.objects.get(pk="district").valid_to == date(2025, 6, 30)


def test_the_shipped_blocs_keep_what_the_texts_say(sample):
    head = BlocMembership.objects.get(bloc__ref="lam-dong.khoi-snn", year=2023, role="head")
    assert head.unit.ref == "lam-dong.so-nnptnt.chi-cuc-kiem-lam"
    assert not head.unit.is_sample
    others = Unit.objects.filter(bloc_memberships__bloc__ref="lam-dong.khoi-snn").exclude(
        pk=head.unit_id
    )
    assert set(others.values_list("is_sample", flat=True)) == {True}
    named = BlocMembership.objects.get(bloc__ref="dong-thap.khoi-4a", role="head")
    assert (named.unit.ref, named.year) == ("dong-thap.so-xay-dung", 2022)


def test_nothing_but_the_named_is_taken_for_real(sample):
    """Units of offices that no plan names carry the mark of a sample."""
    real = Unit.objects.filter(is_sample=False, parent__ref="dong-thap.so-nnptnt")
    assert sorted(ref.rsplit(".", 1)[1] for ref in real.values_list("ref", flat=True)) == [
        "cong-doan-co-so",
        "doan-co-so",
        "van-phong",
        "vp-dieu-phoi-ntm",
    ]
    enterprises = Unit.objects.filter(kind__is_enterprise=True)
    assert enterprises.exists()
    assert not enterprises.filter(is_sample=False).exists()


def test_a_department_that_merged_is_followed_and_not_closed(sample):
    line = UnitSuccession.objects.get(predecessor__ref="dong-thap.so-nnptnt")
    assert (line.successor.ref, line.event.on) == ("dong-thap.so-nnmt", date(2025, 3, 1))
    assert line.predecessor.valid_to is None
