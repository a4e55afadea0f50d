"""A lake with a few poor households in two counties, for what screens it."""

from datetime import date

from desks import FOREIGN_VILLAGE, SIBLING, VILLAGE

from shouwang.kernel.home import Home
from shouwang.screening.example_world import ExampleRow, ExampleWorld

AS_OF = date(2021, 6, 17)
LINE = "income.monitoring_line"
# Income of each household of one person: with the line at 6,000 yuan only the first is below it.
HOUSEHOLDS = {
    "H1": (VILLAGE, 5000),
    "H2": (SIBLING, 6500),
    "H3": (FOREIGN_VILLAGE, 6800),
    "H4": (FOREIGN_VILLAGE, 9000),
}


def make_register(home: Home) -> Home:
    rows = []
    for number, (village, wage) in HOUSEHOLDS.items():
        values = {
            "household_no": number,
            "division_code": village,
            "household_type": "一般农户",
            "labour": "普通劳动力",
            "relation": "户主",
        }
        rows.append(ExampleRow("household_register", date(2021, 1, 5), values, f"{number}户主"))
        statement = {"household_no": number, "period_end": date(2021, 5, 31), "wage_income": wage}
        rows.append(ExampleRow("income_statement", date(2021, 6, 1), statement, None, None))
    return ExampleWorld(rows).build(home.path)
