"""Plans as files: read and check with line numbers, load, write back (format thidua-plan/1)."""

from config.planfile.dumping import plan_data, plan_text
from config.planfile.loading import Outcome, load_plans
from config.planfile.problems import PlanFileError, Problem
from config.planfile.reading import PlanFile, parse_plan, plan_of_values, read_plan

__all__ = [
    "Outcome",
    "PlanFile",
    "PlanFileError",
    "Problem",
    "load_plans",
    "parse_plan",
    "plan_data",
    "plan_of_values",
    "plan_text",
    "read_plan",
]
