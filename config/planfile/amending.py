"""What an issued plan's file may change: a dated amendment with new targets, new quotas and the
scoring tables that replace others from a day or a later year on."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from config.planfile.problems import PlanFileError, Problem
from config.planfile.reading import PlanFile
from config.planfile.schema import Path
from units.rules import day_text

QUOTA_KEYS = ("basis", "number", "note")
REFUSED = (
    "khác bản trên cổng; kế hoạch đã ban hành chỉ đổi bằng mục mới ở “amendments”, kèm chỉ tiêu "
    "mới (from, decision, reason), số lượng khen thưởng mới hoặc bảng chấm điểm mới. Giữ nguyên "
    "chỗ này."
)


@dataclass
class Amending:
    """The difference between an issued plan and its file, all of it allowed."""

    amendments: list[dict[str, Any]] = field(default_factory=list)
    targets: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    quotas: list[dict[str, Any]] = field(default_factory=list)
    old_quotas: dict[str, dict[str, Any]] = field(default_factory=dict)
    tables: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of_new_plan(cls, plan: Mapping[str, Any]) -> "Amending":
        """A plan first loaded with amendments already in it."""
        rows = [row for group in plan["groups"] for row in group["indicators"]]
        revised = {row["ref"]: [line for line in row["targets"] if line["from"]] for row in rows}
        return cls(
            targets={ref: lines for ref, lines in revised.items() if lines},
            tables=[table for table in plan["scoring"] if table["from"]],
        )

    def changes_of(self, amendment: Mapping[str, Any], *, last: bool) -> list[dict[str, Any]]:
        """What one amendment changes, as plain values for the record; quotas, and tables without a
        day, go with the last."""
        targets = [
            {
                "indicator": ref,
                "target": {
                    key: _plain(value)
                    for key, value in row.items()
                    if value not in (None, "") and (key, value) != ("basis", "level")
                },
            }
            for ref, rows in self.targets.items()
            for row in rows
            if row["from"] == amendment["in_force_from"]
        ]
        quotas = [
            {
                "quota": row["ref"],
                "before": {key: self.old_quotas[row["ref"]][key] for key in QUOTA_KEYS},
                "after": {key: row[key] for key in QUOTA_KEYS},
            }
            for row in self.quotas
            if last
        ]
        tables = [
            {"score_table": row["ref"], "from_year": row["from_year"]}
            for row in self.tables
            if row["from"] == amendment["in_force_from"] or (last and not row["from"])
        ]
        return [*targets, *quotas, *tables]


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int) else str(value)


def amending(known: Mapping[str, Any], file: PlanFile) -> Amending:
    """What `file` adds to the plan as `known`.

    Raises PlanFileError for every difference that is no dated amendment.
    """
    found = Amending()
    problems: list[Problem] = []
    tables = {row["ref"] for row in known["scoring"]}
    old, new = _bare(known, tables), _bare(file.plan, tables)
    problems += [file.problem(path, REFUSED) for path in differences(old, new)]
    for amendment in known["amendments"]:
        if amendment not in file.plan["amendments"]:
            problems.append(
                file.problem(
                    ("amendments",),
                    f"thiếu lần điều chỉnh “{amendment['document']}” đã ghi trên cổng; giữ nguyên.",
                )
            )
    newest = max((row["in_force_from"] for row in known["amendments"]), default=None)
    for index, amendment in enumerate(file.plan["amendments"]):
        if amendment in known["amendments"]:
            continue
        found.amendments.append(amendment)
        if newest and amendment["in_force_from"] <= newest:
            problems.append(
                file.problem(
                    ("amendments", index, "in_force_from"),
                    f"phải sau lần điều chỉnh gần nhất đã ghi ({newest:%d/%m/%Y}).",
                )
            )
    problems += _read_targets(known, file, found)
    problems += _read_quotas(known, file, found)
    problems += _read_tables(known, file, found)
    if problems:
        raise PlanFileError(problems)
    return found


def _read_targets(known: Mapping[str, Any], file: PlanFile, found: Amending) -> Iterator[Problem]:
    """New targets are rows of a new amendment; every old row must still be there."""
    documents = {row["in_force_from"]: row["document"] for row in found.amendments}
    old = {row["ref"]: row["targets"] for group in known["groups"] for row in group["indicators"]}
    for group_index, group in enumerate(file.plan["groups"]):
        for index, row in enumerate(group["indicators"]):
            path: Path = ("groups", group_index, "indicators", index, "targets")
            before = old.get(row["ref"], [])
            if [target for target in before if target not in row["targets"]]:
                yield file.problem(
                    path, "chỉ tiêu đã ban hành bị sửa hoặc bỏ; giữ dòng cũ và thêm dòng mới."
                )
            added = [target for target in row["targets"] if target not in before]
            for target in added:
                if documents.get(target["from"]) != target["decision"]:
                    yield file.problem(
                        path,
                        "chỉ tiêu mới phải có from và decision trùng in_force_from và document "
                        "của một lần điều chỉnh mới.",
                    )
                elif target["year"] and target["year"] < target["from"].year:
                    yield file.problem(
                        (*path, row["targets"].index(target)),
                        f"năm {target['year']} đã hết trước ngày điều chỉnh có hiệu lực "
                        f"({day_text(target['from'])}) nên mức mới không áp dụng cho năm nào; "
                        f"ghi mức cho năm {target['from'].year} trở đi.",
                    )
            if added:
                found.targets[row["ref"]] = added


def _read_quotas(known: Mapping[str, Any], file: PlanFile, found: Amending) -> Iterator[Problem]:
    found.old_quotas = {row["ref"]: row for row in known["awards"]["quotas"]}
    for index, row in enumerate(file.plan["awards"]["quotas"]):
        before = found.old_quotas.get(row["ref"])
        changed = [key for key in QUOTA_KEYS if before and row[key] != before[key]]
        if changed:
            found.quotas.append(row)
        if not found.amendments:
            for key in changed:
                yield file.problem(("awards", "quotas", index, key), REFUSED)


def _read_tables(known: Mapping[str, Any], file: PlanFile, found: Amending) -> Iterator[Problem]:
    """A new table stands behind the old ones and holds from the day of the amendment, or from a
    later year."""
    documents = {row["in_force_from"]: row["document"] for row in found.amendments}
    before = {row["ref"]: row for row in known["scoring"]}
    for index, row in enumerate(file.plan["scoring"]):
        if row["ref"] in before:
            continue
        found.tables.append(row)
        path: Path = ("scoring", index, "from_year")
        years = [old["from_year"] for old in before.values() if old["group"] == row["group"]]
        if not found.amendments:
            yield file.problem(path[:-1], REFUSED)
        elif index < len(before):
            yield file.problem(path, "bảng chấm điểm mới phải ghi sau các bảng đang có.")
        elif row["from"] and documents.get(row["from"]) != row["decision"]:
            yield file.problem(
                path[:-1],
                "bảng chấm điểm mới phải có from và decision trùng in_force_from và document của "
                "một lần điều chỉnh mới.",
            )
        elif not row["from"] and row["from_year"] <= max(years, default=0):
            yield file.problem(
                path,
                "bảng chấm điểm mới áp dụng từ năm sau các bảng đang có, hoặc có ngày áp dụng "
                "(from, decision, reason).",
            )


def _bare(plan: Mapping[str, Any], tables: Container[str]) -> dict[str, Any]:
    """The plan without what an amendment may change; of its scoring `tables` alone."""
    return {
        **plan,
        "amendments": [],
        "scoring": [row for row in plan["scoring"] if row["ref"] in tables],
        "groups": [
            {
                **group,
                "indicators": [{**row, "targets": []} for row in group["indicators"]],
            }
            for group in plan["groups"]
        ],
        "awards": {
            **plan["awards"],
            "quotas": [
                {key: value for key, value in row.items() if key not in QUOTA_KEYS}
                for row in plan["awards"]["quotas"]
            ],
        },
    }


def differences(old: Any, new: Any, path: Path = ()) -> Iterator[Path]:
    """The deepest paths at which two canonical plans differ; lists of other lengths as a whole."""
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in new:
            yield from differences(old.get(key), new[key], (*path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from differences(before, after, (*path, index))
    else:
        yield path
