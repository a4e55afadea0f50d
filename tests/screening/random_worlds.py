"""Random worlds that crowd around every boundary: few persons, few days, amounts a fen from their thresholds."""

import random
from datetime import date, timedelta
from typing import Any

from shouwang.screening.example_world import ExampleRow, ExampleWorld

VILLAGES = ("500101001001", "500101001002", "500102001001", "500103001001")
OFFSETS = (0, 1, -1, -6, -7, -8, -29, -30, -31, -89, -90, -91, -120, -364, -365, -366, -399, -400, -401)
# On which day rows come, counted from the last that is known, and those that come late, after others of later days: few
# deliveries, each a file, for a screening opens every one of them.
ON_TIME, LATE = (-2, -2, 0, 0, 0, 1), -2


class RandomWorld:
    def __init__(self, seed: int, households: int = 70) -> None:
        self.random = random.Random(seed)
        self.d = self.random.choice([date(2021, 6, 17), date(2021, 3, 1), date(2020, 2, 29), date(2021, 1, 1)])
        self.known_at = self.d + timedelta(days=self.random.choice([0, 0, 0, -15, 3]))
        self.rows: list[ExampleRow] = []
        self.households = [f"H{n:03d}" for n in range(households)]
        self.homes = {number: self.random.choice(VILLAGES) for number in self.households}
        self.persons: list[str] = []
        self._register()
        for _ in range(households * 12):
            self._department_row(self.random.choice(self.persons))
        for number in self.households:
            self._statements(number)
        for who in self.random.sample(self.persons, 20):
            self._chronic_course(who)
        self.random.shuffle(self.rows)

    def world(self) -> ExampleWorld:
        return ExampleWorld(self.rows)

    def day(self) -> date:
        if self.random.random() < 0.3:
            months = self.random.choice([0, 1, 2, 3, 4, 11, 12, 13])
            first = self.d.replace(day=1)
            for _ in range(months):
                first = (first - timedelta(days=1)).replace(day=1)
            return first - timedelta(days=self.random.choice([0, 0, 1]))
        return self.d + timedelta(days=self.random.choice(OFFSETS))

    def amount(self, *thresholds: int) -> str:
        return f"{self.random.choice(thresholds) + self.random.choice([-0.01, 0, 0, 0.01]):.2f}"

    def maybe(self, value: Any, chance: float = 0.5) -> Any:
        return value if self.random.random() < chance else None

    def put(self, source: str, who: str | None, link: str | None = "linked", **values: Any) -> None:
        days, late = self.random.choice(ON_TIME), self.random.choice([0, 0, 0, 1])
        received = self.known_at + timedelta(days=LATE if late else days)
        self.rows.append(ExampleRow(source, received, values, who, link, late))

    def _register(self) -> None:
        for number in self.households:
            for _ in range(self.random.choice([1, 1, 2, 3])):
                who = f"P{len(self.persons):04d}"
                self.persons.append(who)
                self._register_row(number, who)
        for who in self.random.sample(self.persons, len(self.persons) // 3):
            for _ in range(self.random.choice([1, 2])):
                self._register_row(self.random.choice(self.households), who)

    def _register_row(self, number: str, who: str) -> None:
        age = self.random.choice([5, 6, 6, 10, 15, 16, 16, 40, 59, 60])
        born = date(self.d.year - age, self.d.month, min(self.d.day, 28)) + timedelta(
            days=self.random.choice([-1, 0, 1, 1, 2])
        )
        self.put(
            "household_register",
            who,
            household_no=number,
            division_code=self.homes[number] if self.random.random() < 0.9 else self.random.choice(VILLAGES),
            household_type=self.random.choice(["脱贫户", "一般农户"]),
            birth_date=self.maybe(born, 0.95),
            labour=self.random.choice(["普通劳动力", "技能劳动力", "无劳动力", "弱劳动力或半劳动力", None]),
            dropout_reason=self.random.choice([None, None, "因病", "因残", "厌学"]),
        )

    def _statements(self, number: str) -> None:
        for _ in range(self.random.choice([0, 1, 1, 2])):
            self.put(
                "income_statement",
                None,
                None,
                household_no=number,
                period_end=self.day(),
                wage_income=self.amount(6000, 12000, 18000, 9000, 27000, 40000),
                business_cost=self.maybe("0.01"),
                claims_income=self.maybe("1000"),
                compliant_out_of_pocket=self.maybe(self.amount(1000, 6000)),
            )

    def _chronic_course(self, who: str) -> None:
        last = self.d.replace(day=1) - timedelta(days=1)
        for month in range(3):
            self.put(
                "medical_settlement",
                who,
                settlement_no=f"C{who}{month}",
                settled_on=self.random.choice([last, last, last.replace(day=1)]),
                care_type="门诊慢特病",
                out_of_pocket=self.random.choice(["500.00", "500.00", "500.00", "499.99"]),
            )
            last = last.replace(day=1) - timedelta(days=1)

    def _department_row(self, who: str) -> None:
        pick = self.random.choice
        makers: dict[str, Any] = {
            "medical_settlement": lambda: {
                "settlement_no": f"S{self.random.randrange(200)}",
                "settled_on": self.day(),
                "care_type": pick(["门诊慢特病", "门诊慢特病", "住院"]),
                "out_of_pocket": self.amount(500, 2500, 5000, 20000),
            },
            "medical_enrolment": lambda: {
                "year": pick([self.d.year, self.d.year, self.d.year - 1]),
                "scheme": pick(["居民", "职工"]),
                "status": pick(["正常", "正常", "正常", "中断"]),
            },
            "social_assistance": lambda: {
                "category": pick(["农村低保", "特困供养", "临时救助"]),
                "starts_on": self.day(),
                "ends_on": self.maybe(self.day()),
                "amount": self.maybe(self.amount(3000)),
            },
            "school_roll": lambda: {
                "stage": pick(["小学", "初中", "普通高中", "高职"]),
                "status": pick(["在校", "疑似辍学", "辍学", "毕业"]),
                "status_on": self.day(),
                "self_paid": self.maybe(self.amount(5000, 10000)),
            },
            "disability_certificate": lambda: {
                "category": "肢体",
                "grade": pick(["一级", "二级", "三级"]),
                "issued_on": self.day(),
                "status": pick(["有效", "有效", "注销"]),
            },
            "employment_record": lambda: {
                "started_on": self.day(),
                "left_on": self.maybe(self.day(), 0.7),
                "unpaid_months": self.maybe(pick([1, 2, 3])),
            },
            "housing_appraisal": lambda: {
                "grade": pick(["A", "B", "C", "D"]),
                "appraised_on": self.day(),
                "mended_on": self.maybe(self.day(), 0.3),
            },
            "water_fault": lambda: {
                "division_code": pick(VILLAGES),
                "began_on": self.day(),
                "restored_on": self.maybe(self.day(), 0.8),
            },
            "disaster_report": lambda: {
                "kind": pick(["洪涝", "干旱"]),
                "happened_on": self.day(),
                "loss": self.amount(3000, 5000),
                "house_damage": pick(["无", "无", "一般损坏", "严重损坏", "倒塌"]),
            },
            "accident_report": lambda: {"outcome": "伤残", "happened_on": self.day()},
            "vital_event": lambda: {"kind": pick(["死亡", "迁出", "迁出"]), "happened_on": self.day()},
            "industry_setback": lambda: {
                "project": pick(["养殖", "种植"]),
                "situation": "项目失败",
                "happened_on": self.day(),
                "loss": self.amount(2500, 5000),
            },
            "hotline_complaint": lambda: {
                "complaint_no": f"T{self.random.randrange(60)}",
                "division_code": pick(VILLAGES),
                "accepted_on": self.day(),
                "category": pick(["生活困难", "土地纠纷"]),
            },
            "asset_record": lambda: {"category": "小型客车", "registered_on": self.day(), "value": "50000"},
        }
        source = pick(list(makers))
        values = makers[source]()
        if source == "water_fault":
            self.put(source, pick([who, None]), None, **values)
        elif source == "hotline_complaint" and self.random.random() < 0.2:
            self.put(source, None, "review", **values)
        else:
            self.put(source, who if self.random.random() < 0.97 else f"X{who}", **values)
