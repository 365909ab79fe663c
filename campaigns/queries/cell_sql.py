"""The words of the statement that sums and judges cells where they lie, see `rollup`."""

from collections.abc import Mapping, Sequence
from typing import Any

Sql = tuple[str, list[Any]]

# A figure is a pair, or a number (yes is 1, no is 0), or neither.
PAIR = "{0}.numerator IS NOT NULL AND {0}.denominator <> 0"
NUMBER = "CASE WHEN {0}.yes IS NULL THEN {0}.value ELSE {0}.yes::int END"
NOW = {"pair": PAIR.format("r"), "number": NUMBER.format("r")}
THEN = {"was_pair": PAIR.format("o"), "was_number": NUMBER.format("o")}

HELD = """CASE b.operator
    WHEN '>=' THEN {0} >= {1} WHEN '>' THEN {0} > {1} WHEN '<=' THEN {0} <= {1}
    WHEN '<' THEN {0} < {1} WHEN '=' THEN {0} = {1} WHEN 'between' THEN {0} BETWEEN {1} AND {2}
    END"""

# Held against a level: a numerator against the part of its denominator that is asked for.
OF_PAIR = ["r.numerator", "b.low_part * r.denominator", "b.high_part * r.denominator"]
OF_NUMBER = [f"({NOW['number']})", "b.low", "b.high"]
BY_LEVEL = f"""CASE WHEN {NOW["pair"]} THEN {HELD.format(*OF_PAIR)}
    ELSE {HELD.format(*OF_NUMBER)} END"""

# Held against the figure of the year before, too: both sides times both denominators.
IS = "CASE WHEN {pair} THEN 100 * r.numerator ELSE {number} END".format(**NOW)
IS_OF = "CASE WHEN {pair} THEN r.denominator ELSE 1 END".format(**NOW)
WAS = "CASE WHEN {was_pair} THEN 100 * o.numerator ELSE {was_number} END".format(**THEN)
WAS_OF = "CASE WHEN b.of_before AND {was_pair} THEN o.denominator ELSE 1 END".format(**THEN)
KNOWN = f"CASE WHEN NOT b.of_before THEN 0 WHEN NOT b.relative OR {WAS} > 0 THEN {WAS} END"
BY_CHANGE = HELD.format(
    f"(({IS}) * ({WAS_OF}))",
    f"((({KNOWN}) * b.low_times + b.low * ({WAS_OF})) * ({IS_OF}))",
    f"((({KNOWN}) * b.high_times + b.high * ({WAS_OF})) * ({IS_OF}))",
)
# What a bar draws, to more decimals than any two shares that differ could have in common.
DRAWN = f"""CASE WHEN r.state = 'reported' THEN CASE WHEN {NOW["pair"]}
    THEN round(100 * r.numerator, 60) / r.denominator ELSE {NOW["number"]} END END"""
# The target over a bar; of a change it is the level that the change amounts to.
MARK = f"""CASE WHEN b.of_before THEN round(
    round(({KNOWN}) * b.low_times + b.low * ({WAS_OF}), 60) / ({WAS_OF}), 4) ELSE b.low END"""
COUNTS = "count(*), count(r.yes), count(*) FILTER (WHERE r.yes)"
HAS_NUMBER = f"r.state = 'reported' AND (({NOW['pair']}) OR ({NOW['number']}) IS NOT NULL)"
BARS = f"count(*) FILTER (WHERE {HAS_NUMBER}), max({{mark}})"
SUMS = f"{COUNTS}, sum(r.numerator), sum(r.denominator), sum({NOW['number']})"
# Of the units that reported the year before as well: how many, their sums now and then.
TWICE = """count(o.id), sum(r.numerator) FILTER (WHERE o.id > 0),
    sum(r.denominator) FILTER (WHERE o.id > 0), sum({number}) FILTER (WHERE o.id > 0),
    sum(o.numerator), sum(o.denominator), sum({was_number})""".format(**NOW, **THEN)
# Numbered, although nobody reads the number: so the planner joins sheets and members first, once
# a sheet and not once a cell, and still may share the cells among workers.
MEMBERS = """SELECT s.id AS sheet, s.period_id AS period, p.id AS part, {place} AS alike,
    row_number() OVER () AS n
    FROM campaigns_resultsheet s JOIN campaigns_participation p ON p.id = s.participation_id
    JOIN units_unit u ON u.id = p.unit_id {apart}
    WHERE s.state = ANY(%s) AND ({there}) AND {within}"""
ALL_MEMBERS = """SELECT s.id AS sheet, s.period_id AS period, s.participation_id AS part, 0 AS alike
    FROM campaigns_resultsheet s WHERE s.state = ANY(%s) AND s.period_id = ANY(%s)"""
APART = """LEFT JOIN {alike} ON a.kind = u.kind_id AND a.tags = u.tags AND a.named = {named}"""
THERE = """(s.period_id = %s AND (p.left_on IS NULL OR p.left_on >= %s)
    AND (u.valid_to IS NULL OR u.valid_to >= %s)
    AND p.registered_on <= %s AND (p.away = '{}' OR NOT (
    width_bucket(%s::date, p.away) & 1 = 1
    AND width_bucket(%s::date, p.away) = width_bucket(%s::date, p.away))))"""
CELLS = """WITH member AS ({members}) SELECT {keys}, {verdict} AS met,
    {found} AS found, {sums}
    FROM campaigns_result r JOIN member m ON m.sheet = r.result_sheet_id
    LEFT JOIN {bounds} ON b.indicator = r.indicator_id {only} {before} {said} {where}
    GROUP BY {keys}, met{told}"""
BEFORE = """LEFT JOIN (
    SELECT c.*, w.part, w.period FROM campaigns_result c JOIN member w
    ON w.sheet = c.result_sheet_id WHERE c.state IN ('reported', 'nothing')
    ) o ON o.part = m.part AND o.period = b.before AND o.indicator_id = r.indicator_id"""
# By the last word of each office on this version and these files, as queries.marks tells it.
FOUND = """CASE WHEN b.in_words AND r.state = 'reported' THEN
    CASE w.is_met WHEN true THEN 'met' WHEN false THEN 'not_met' ELSE 'waiting' END END"""
SAID = """LEFT JOIN (
    SELECT DISTINCT ON (k.result_id) k.result_id, COALESCE(l.is_met, k.met) AS is_met
    FROM (
        SELECT DISTINCT ON (k.result_id, k.office) k.*, c.version AS now
        FROM campaigns_cellmark k JOIN campaigns_result c ON c.id = k.result_id
        WHERE c.indicator_id = ANY(%s) ORDER BY k.result_id, k.office, k.id DESC
    ) k LEFT JOIN criteria_rubriclevel l ON l.id = k.level_id
    WHERE k.version = k.now AND COALESCE(l.is_met, k.met) IS NOT NULL
    AND NOT EXISTS (SELECT FROM campaigns_evidence e WHERE e.result_id = k.result_id
        AND (e.uploaded_at > k.at OR e.removed_at > k.at))
    ORDER BY k.result_id, k.office
    ) w ON w.result_id = r.id"""
BOUND = {
    "alike": "int",
    "period": "bigint",
    "indicator": "bigint",
    "key": "int",
    "in_words": "boolean",
    "operator": "text",
    "low": "numeric",
    "high": "numeric",
    "low_part": "numeric",
    "high_part": "numeric",
    "low_times": "numeric",
    "high_times": "numeric",
    "of_before": "boolean",
    "relative": "boolean",
    "before": "bigint",
}
ALIKE = {"pk": "int", "kind": "text", "tags": "varchar[]", "named": "int"}


# One indicator of one period: the cell of every member that is measured, in the order of its page.
LINE = """SELECT m.id, m.name, m.place, s.state AS sheet, r.state, r.reason, {number} AS number
    FROM ({members}) m (id, name, place)
    LEFT JOIN campaigns_resultsheet s ON s.participation_id = m.id AND s.period_id = %s
    LEFT JOIN campaigns_result r ON r.result_sheet_id = s.id AND r.indicator_id = %s
    AND s.state = ANY(%s)"""
ORDERED = """SELECT id FROM (SELECT id, row_number() OVER (
    ORDER BY number DESC NULLS LAST, state IS DISTINCT FROM 'reported', place) AS at
    FROM ({line}) l) o WHERE at = 1 OR (at > %s AND at <= %s) ORDER BY at"""
SILENT = """SELECT state, name, reason, sheet FROM (SELECT COALESCE(state, 'missing') AS state,
    name, reason, sheet, place, row_number() OVER (PARTITION BY COALESCE(state, 'missing')
    ORDER BY place) AS at FROM ({line}) l WHERE state IS DISTINCT FROM 'reported') o
    WHERE at <= %s ORDER BY place"""


def values_as(name: str, rows: Sequence[Sequence[Any]], columns: Mapping[str, str]) -> Sql:
    """Rows as a table of the statement, known as `name`."""
    row = f"({', '.join(f'%s::{kind}' for kind in columns.values())})"
    table = f"(VALUES {', '.join([row] * len(rows))}) {name} ({', '.join(columns)})"
    return table, [value for row in rows for value in row]
