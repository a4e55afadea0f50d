"""One screening of a home as a process of its own, which loads no more than the command does.

python -m bench.daily_run full|daily|keep HOME DAY
"""

import hashlib
import json
import resource
import sys
import time
from datetime import date
from pathlib import Path

from bench.processes import OWN_FIGURES
from shouwang.kernel.home import open_home
from shouwang.policy.pack import pack_of
from shouwang.screening.batch import ClueBatch
from shouwang.screening.daily import screen_daily
from shouwang.screening.run import screen


def main(kind: str, folder: str, day: str) -> None:
    """Prints how many were looked at, a fingerprint of the clues that stand, and what it took without the start of Python."""
    home = open_home(Path(folder))
    pack, as_of = pack_of(home), date.fromisoformat(day)
    started, before = time.perf_counter(), _cpu()
    batch = screen(home, pack, as_of) if kind == "full" else screen_daily(home, pack, as_of)
    for _ in batch.clues:  # each explained, as the desk takes them
        pass
    figures = {"seconds": time.perf_counter() - started, "cpu_seconds": _cpu() - before}
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"looked": batch.looked.total, "why": batch.looked.why_everybody, "screened": batch.households_screened}
    print(json.dumps({"clues": fingerprint(batch), **told, OWN_FIGURES: figures}))


def fingerprint(batch: ClueBatch) -> str:
    """The same for the same clues on the same levels, whether they were looked at or carried."""
    keys = sorted((key.household_no, key.risk_type, key.level) for key in batch.standing())
    whole = [keys, batch.hits_by_rule, batch.income_unknown, batch.households_screened]
    return hashlib.sha256(json.dumps(whole).encode()).hexdigest()


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(*sys.argv[1:])
