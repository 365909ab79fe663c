"""The parts of a plan that are edited one at a time, in the order of its paper.

Keys, labels, choices and defaults come from the schema of plan files; only what stands beside what
is said here.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

from config.planfile.schema import Path, item_schema
from config.plans.paths import path_of, schema_at, value_at

Plan = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """A list of the plan.

    `more` is folded away; `names` is what a new row's ref is made of; `lines` are rows inside a
    row; `keep` are keys of a row that other parts edit; `called` is the column by which other rows
    of the part speak of a row.
    """

    path: Path
    noun: str
    columns: tuple[str, ...]
    more: tuple[str, ...] = ()
    names: tuple[str, ...] = ("name",)
    lines: "Table | None" = None
    keep: tuple[str, ...] = ()
    cards: bool = False
    listing: str = ""  # a key that stands in a row of its own for every choice that it has
    default_words: str = ""  # what the word “default” in place of the list means
    called: str = ""
    head: str = ""  # of the column in which rows inside a row stand; without one, beneath the row
    spare: int = 2  # empty rows at the end

    @property
    def kind(self) -> str:
        """ "targets": the list's own name, whatever it stands in."""
        return [step for step in self.path if isinstance(step, str)][-1]

    def schema(self) -> dict[str, Any]:
        return item_schema(schema_at(self.path))


@dataclass(frozen=True)
class Part:
    """One tab: single fields of the plan (dotted keys) and lists; a tab for each row of the list
    `per`, where there is one."""

    slug: str
    title: str
    lead: str
    fields: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    per: str = ""
    compact: bool = False  # its single fields stand side by side

    @property
    def paths(self) -> list[Path]:
        """What the part edits."""
        return [*map(path_of, self.fields), *(t.path for t in self.tables)]

    def inside(self, position: int) -> "Part":
        """The same part for one row of the list that it goes through."""
        tables = tuple(
            replace(table, path=(self.per, position, *table.path[2:])) for table in self.tables
        )
        return replace(self, tables=tables)


TARGETS = Table(
    path=("groups", 0, "indicators", 0, "targets"),
    noun="mức riêng",
    columns=("basis", "op", "value", "value_to"),
    more=("level", "unit_kind", "unit", "region", "year", "note"),
    head="Chỉ tiêu",
    spare=1,
)
INDICATORS = Part(
    "tieu-chi",
    "Tiêu chí, chỉ tiêu",
    "Mỗi dòng một tiêu chí; mức chung ở cột Chỉ tiêu, mức riêng theo cấp, loại đơn vị, năm ghi "
    "thêm dòng mức.",
    tables=(
        Table(
            path=("groups", 0, "indicators"),
            noun="tiêu chí",
            columns=("code", "name", "kind"),
            more=(
                "short_name", "heading", "measure_unit", "numerator", "denominator", "numbers",
                "sum_of", "sum_rule", "sum_grade",
                "exclusion", "of_which", "derive.how", "derive.from", "derive.set", "derive.code",
                "external.code", "external.set", "lead", "assist", "cumulative",
                "evidence_required", "rubric", "default", "source",
            ),
            names=("short_name", "name", "code"),
            lines=TARGETS,
        ),
    ),
    per="groups",
)  # fmt: skip
STEPS = Table(
    path=("scoring", 0, "items", 0, "steps"), noun="bậc", columns=("from", "below", "points")
)
TABLES = Part(
    "bang-cham-diem",
    "Bảng chấm điểm",
    "Kế hoạch có chấm điểm, xếp hạng thì mỗi nhóm đối tượng một bảng; các mục, lớp chấm, xếp loại "
    "ghi ở phần riêng của từng bảng. Bỏ một bảng thì bỏ cả các mục của bảng.",
    tables=(
        Table(
            ("scoring",),
            "bảng chấm điểm",
            ("name", "group", "from_year", "max_points"),
            more=(
                "may_exceed", "bonus_ceiling", "penalty_ceiling", "not_applicable", "digits",
                "rounding", "tie_end", "decided_places", "note",
            ),
            keep=("layers", "items", "bands", "gates", "ties", "from", "decision", "reason"),
            cards=True,
            spare=1,
        ),
    ),
)  # fmt: skip
SCORING = Part(
    "cham-diem",
    "Chấm điểm",
    "Ai chấm, chấm những mục nào. Mục lớn ghi trước, cách chấm là cộng các mục con; mục con ghi mã "
    "của mục lớn ở cột Thuộc mục. Điểm trừ ghi số dương.",
    tables=(
        Table(("scoring", 0, "layers"), "lớp chấm", ("layer", "days")),
        Table(
            ("scoring", 0, "items"),
            "mục",
            ("code", "parent", "name", "kind", "method", "max_points"),
            more=("indicator", "basis", "levels", "floor", "each", "evidence_required", "note"),
            names=("code", "name"),
            lines=STEPS,
            called="code",
        ),
        Table(
            ("scoring", 0, "bands"),
            "mức xếp loại",
            ("name", "from", "below", "admits"),
            called="name",
        ),
        Table(("scoring", 0, "gates"), "điều kiện loại", ("name", "indicator", "effect", "band")),
        Table(("scoring", 0, "ties"), "thứ tự ưu tiên", ("by", "item", "indicator", "lower_wins")),
    ),
    per="scoring",
)
NEXT_TABLE = Part(
    "bang-moi",
    "Bảng chấm điểm mới",
    "Bảng được lưu dần, chưa có hiệu lực. Khi các mục đã khớp, đưa vào một lần điều chỉnh có văn "
    "bản, ngày áp dụng và lý do; điểm đã chấm giữ theo bảng cũ.",
    fields=tuple(
        f"scoring.0.{key}"
        for key in (*TABLES.tables[0].columns, *TABLES.tables[0].more)
        if key not in {"group", "from_year"}  # of its group; from the day of the amendment
    ),
    tables=SCORING.tables,
    compact=True,
)
PARTS = (
    Part(
        "chung",
        "Thông tin chung",
        "Tên, chủ đề, thời gian, cơ quan và phần ký. Số và ngày ghi khi ban hành.",
        fields=(
            "title",
            "short_title",
            "theme",
            "method",
            "level",
            "period.from",
            "period.to",
            "period.outlook",
            "standing_agency",
            "parent",
            "parent_document",
            "leads_first",
            "document.type",
            "document.symbol",
            "document.place",
            "document.signing_capacity",
            "document.signer_title",
            "document.signer_name",
        ),
    ),
    Part(
        "can-cu",
        "Căn cứ",
        "Mỗi dòng một căn cứ: loại văn bản, cơ quan, trích yếu; số và ngày ghi ở cột riêng, bản in "
        "tự ghép.",
        tables=(Table(("legal_bases",), "căn cứ", ("code", "issued_on", "text")),),
    ),
    Part(
        "noi-dung",
        "Nội dung",
        "Các phần lời văn theo thứ tự của văn bản: mục đích, đối tượng, nội dung, biện pháp, khen "
        "thưởng, kinh phí, tiến độ, tổ chức thực hiện. Mỗi đoạn một dòng.",
        tables=(Table(("sections",), "phần", ("kind", "heading", "text"), cards=True),),
    ),
    Part(
        "doi-tuong",
        "Đối tượng",
        "Ai thi đua theo tiêu chí nào: mỗi nhóm một bộ tiêu chí. Bỏ một nhóm thì bỏ cả tiêu chí "
        "của nhóm.",
        tables=(
            Table(
                ("groups",),
                "nhóm",
                ("name", "subject_kind", "measured", "unit_kinds", "units", "note"),
                keep=("indicators",),
                cards=True,
            ),
        ),
    ),
    INDICATORS,
    Part(
        "cap-tren",
        "Theo cấp trên",
        "Từng tiêu chí của kế hoạch cấp trên: tiêu chí tương ứng ở kế hoạch này, đơn vị được giao, "
        "hoặc lý do không thực hiện. Tiêu chí cùng mã tham chiếu được hiểu là tương ứng.",
        tables=(
            Table(
                ("parent_indicators",),
                "tiêu chí cấp trên",
                ("indicator", "way", "by", "text"),
                listing="indicator",
            ),
        ),
    ),
    Part(
        "ky",
        "Giai đoạn, kỳ báo cáo",
        "Giai đoạn để xét khen thưởng; kỳ báo cáo để các đơn vị nhập kết quả.",
        tables=(
            Table(
                ("phases",),
                "giai đoạn",
                ("kind", "name", "from", "to", "held_on"),
                more=("held_text", "note"),
            ),
            Table(("periods",), "kỳ báo cáo", ("kind", "name", "from", "to", "closes_on")),
        ),
    ),
    TABLES,
    SCORING,
    Part(
        "khen-thuong",
        "Khen thưởng",
        "Hình thức, số lượng theo giai đoạn và cơ cấu danh sách đề nghị.",
        tables=(
            Table(
                ("awards", "quotas"),
                "số lượng",
                ("phase", "form", "recipients", "basis", "number"),
                more=("ceiling", "upward", "parent.quota", "decider", "note"),
                names=("phase", "form", "recipients"),
            ),
            Table(
                ("awards", "composition"),
                "cơ cấu",
                ("counts", "op", "percent", "base", "rounding"),
                more=("note",),
                names=("counts", "op"),
            ),
        ),
    ),
    Part(
        "ho-so",
        "Hồ sơ",
        "Giấy tờ của hồ sơ đề nghị khen thưởng.",
        tables=(
            Table(
                ("dossier",),
                "giấy tờ",
                ("part", "title", "form", "copies"),
                more=("confirmation", "required", "original", "default", "note"),
                names=("title",),
                default_words="Kế hoạch không nêu thành phần hồ sơ: theo Điều 84 Luật Thi đua, "
                "khen thưởng (các dòng dưới đây không dùng)",
            ),
        ),
    ),
    Part(
        "phan-cong",
        "Phân công",
        "Việc của từng cơ quan; chọn đơn vị trên cổng, hoặc ghi tên nếu không có.",
        tables=(Table(("assignments",), "phân công", ("unit", "body", "part", "text")),),
    ),
    Part(
        "han",
        "Hạn báo cáo",
        "Ai gửi gì, cho ai, khi nào. Hạn hằng năm ghi ngày và tháng; hạn một lần ghi ngày cụ thể; "
        "kế hoạch không nêu ngày thì để trống.",
        tables=(
            Table(
                ("duties",),
                "hạn báo cáo",
                ("name", "what", "rhythm", "relation", "day", "month", "on", "owed_by", "to"),
                more=("groups", "due_text", "to_text"),
                cards=True,
            ),
        ),
    ),
    Part(
        "noi-nhan",
        "Trình tự, nơi nhận",
        "Đường đi của báo cáo, hồ sơ; nơi nhận mỗi dòng một nơi, dòng cuối là “Lưu: VT, …”.",
        fields=("recipients",),
        tables=(Table(("route",), "bước", ("unit", "text")),),
    ),
    Part(
        "ghi-chu",
        "Ghi chú",
        "Chỗ còn bỏ ngỏ hoặc cần nói rõ; hiện trên cổng, không in vào văn bản.",
        tables=(Table(("remarks",), "ghi chú", ("heading", "text")),),
    ),
)
BY_SLUG = {part.slug: part for part in PARTS}

# Keys whose values are the names of something else, by the list they stand in.
PICKS = {
    "level": "levels",
    "standing_agency": "unit",
    "parent": "plans",
    "assignments.unit": "unit",
    "route.unit": "unit",
    "groups.unit_kinds": "kinds",
    "groups.units": "units",
    "parent_indicators.indicator": "parent_indicators",
    "parent_indicators.by": "indicators",
    "indicators.of_which": "indicators",
    "indicators.sum_of": "indicators",
    "indicators.derive.from": "indicators",
    "indicators.derive.set": "quoted_sets",
    "indicators.external.set": "quoted_or_named",
    "indicators.lead": "unit",
    "indicators.assist": "units",
    "targets.level": "levels",
    "targets.unit_kind": "kinds",
    "targets.unit": "unit",
    "scoring.group": "groups",
    "items.parent": "items_here",
    "items.indicator": "indicators",
    "gates.indicator": "indicators",
    "gates.band": "bands_here",
    "ties.item": "items_here",
    "ties.indicator": "indicators",
    "quotas.phase": "phases",
    "quotas.form": "award_forms",
    "quotas.parent.quota": "parent_quotas",
    "quotas.decider": "unit",
    "dossier.form": "paper_forms",
    "duties.groups": "groups",
    "duties.to": "unit",
}


def stamp_of(plan: Plan, part: Part) -> str:
    """What tells whether somebody else has changed the part: a mark of its values.

    Rows that other parts edit (`keep`) do not count.
    """
    values: list[Any] = []
    for table in part.tables:
        rows = value_at(plan, table.path)
        values.append(
            [{k: v for k, v in row.items() if k not in table.keep} for row in rows]
            if isinstance(rows, list)
            else rows
        )
    values += [value_at(plan, path_of(key)) for key in part.fields]
    return mark_of(values)


def mark_of(values: Any) -> str:
    """What changes with the values, and with nothing else."""
    text = json.dumps(values, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
