"""What the background process does first on a day, done before anybody is at a desk: clocks, conditions, quality, statistics,
overviews.

python -m bench.desk_day
"""

from shouwang.jobs.casework import connect
from shouwang.jobs.worker import check_quality_once, count_once, fill_statistics_once, look_after_once
from shouwang.kernel.home import open_home

if __name__ == "__main__":
    connect(open_home())
    look_after_once()
    check_quality_once()
    fill_statistics_once()
    count_once(lambda seconds: None)
