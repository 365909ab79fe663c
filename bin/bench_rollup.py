"""`rollup_1m_results_vs_sql`: the page with the figures of a million results ÷ the bare aggregate.

In a database of its own, migrated by the owner and dropped afterwards; measured there by a process
of its own (bin/bench_million.py).
"""

import sys

from bin.bench_database import own_database, told

NAME = "thidua_do_tong"


def rollup_1m_results_vs_sql() -> float:
    with own_database(NAME) as environment:
        return told([sys.executable, "-m", "bin.bench_million"], environment)
