"""A city at its desks, made by the database itself: households, members, clues and cases in every state, plans, people.

All of it is synthetic and follows from the numbers asked for: the same size is the same city. The rows are as long as those
that a screening writes. Dates lie around today, so that something is late on every desk.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

PERSONS_A_HOUSEHOLD = 3


@dataclass(frozen=True)
class Size:
    """How large the city is: a fifth of the clues is open, three in twenty are true and became cases."""

    households: int
    clues: int

    @property
    def stride(self) -> int:
        return self.households // self.clues


PLACES = """
CREATE TABLE bench_place AS SELECT row_number() OVER (ORDER BY v.code) - 1 AS n, v.code AS village,
    coalesce(t.successor_id, t.code) AS township, coalesce(c.successor_id, c.code) AS county
FROM areas_area v JOIN areas_area t ON t.code = v.parent_id JOIN areas_area c ON c.code = t.parent_id
WHERE v.level = 4 AND v.valid_to IS NULL AND t.valid_to IS NULL AND c.valid_to IS NULL;
CREATE UNIQUE INDEX ON bench_place (n);
ANALYZE bench_place;
"""
HOUSEHOLDS = """
INSERT INTO households_household
    (household_no, area_id, household_type, head_name, member_count, received_on, delivery, line, income_known)
SELECT p.village || '-' || lpad((g / {places})::text, 5, '0'), p.village, (ARRAY['一般农户', '脱贫户'])[1 + (g % 7 = 0)::int],
    substr('冉向谭彭田张王李刘陈杨黄周吴徐孙马朱胡林', 1 + g % 20, 1) || substr('光大建国明华秀英文志成德玉兰桂芳', 1 + g / 20 % 16, 1)
    || substr('荣田军平芳琴林山福贵', 1 + g / 320 % 10, 1), {members}, date '{today}' - 400, 1, 2 + g, g % 20 > 0
FROM generate_series(0, {households} - 1) g JOIN bench_place p ON p.n = g % {places};
"""
PERSONS = """
INSERT INTO households_person (key, household_id, name, id_masked, sealed, sex, birth_date, relation, ethnicity, education,
    school_status, dropout_reason, health, labour, resettlement_site, left_kind, delivery, line, received_on)
SELECT g::bigint * 4 + k, p.village || '-' || lpad((g / {places})::text, 5, '0'),
    substr('冉向谭彭田张王李刘陈杨黄周吴徐孙马朱胡林', 1 + g % 20, 1) || substr('光大建国明华', 1 + k, 1), '5***************1X',
    decode(repeat('5a', 130), 'hex'), (ARRAY['男', '女'])[1 + k % 2], date '1950-01-01' + (g * 7 + k * 9000) % 20000,
    (ARRAY['户主', '配偶', '子'])[1 + k], '汉族', '初中', '', '', (ARRAY['健康', '健康', '长期慢性病'])[1 + (g + k) % 3],
    '普通劳动力', '', '', 1, 2 + g, date '{today}' - 400
FROM generate_series(0, {households} - 1) g CROSS JOIN generate_series(0, {members} - 1) k
    JOIN bench_place p ON p.n = g % {places};
"""
# b says what became of a clue (0-3 open, 4-6 confirmed, the rest dismissed); s where an open one stands.
CLUES = """
CREATE TABLE bench_clue AS SELECT c, c * {stride} AS g, c * 7 % 20 AS b, c / 20 % 10 AS s FROM generate_series(0, {clues} - 1) c;
INSERT INTO clues_clue (number, household_id, area_id, risk_type, level, state, opened_on, last_seen_on, rules, reasons,
    evidence, flags, owners, dismissed_on, dismissed_reason, stage, desk_id, arrived_on, due_on, rises_on, raised_to, version)
SELECT h || '-01', h, village, risk, level, state, opened, opened, to_jsonb(ARRAY[rule]),
    '户主全年自付医疗费用 31,250.00 元，超过一般农户 20,000.00 元的标准；'
    '人均纯收入 5,120.00 元，低于监测线 6,000.00 元（依据：医保结算 D000012 第 88 行）',
    jsonb_build_object(rule, jsonb_build_object('rule', rule, 'version', '1', 'title', '个人自付医疗费用偏高',
        'parameters', jsonb_build_object('medical.high_lifted', '5000.00'),
        'facts', jsonb_build_object('medical_out_of_pocket', '31250.00'), 'reason', '个人自付合计 31250.00 元',
        'rows_total', 5, 'rows', (SELECT jsonb_agg(jsonb_build_object('source', 'medical_settlement', 'delivery', 'D000012',
            'line', c * 5 + n, 'person', g::bigint * 4, 'text', '个人自付 6250.00 元，定点医院住院，结算日期 2021-05-17'))
            FROM generate_series(1, 5) n))),
    '[]'::jsonb, (ARRAY['|医保|', '|医保|民政|', '|人社|', '|教育|'])[1 + c % 4],
    CASE WHEN state = 'dismissed' THEN opened + 9 END, CASE WHEN state = 'dismissed' THEN '费用已由大病保险报销，生活没有困难' ELSE '' END,
    stage, CASE stage WHEN 'closed' THEN NULL WHEN 'city' THEN '500000000000' WHEN 'county' THEN county
        WHEN 'county_review' THEN county WHEN 'village' THEN village ELSE township END,
    opened + 2, due, CASE WHEN due IS NOT NULL THEN greatest(due, date '{today}') + 1 END,
    CASE WHEN due < date '{today}' THEN greatest(1, CASE stage WHEN 'village' THEN 3 WHEN 'township' THEN 2
        WHEN 'township_review' THEN 2 ELSE 1 END) END, CASE state WHEN 'open' THEN steps ELSE 6 END
FROM (
    SELECT c, g, b, p.village || '-' || lpad((g / {places})::text, 5, '0') AS h, village, township, county,
        (ARRAY['illness', 'illness', 'illness', 'disability', 'schooling', 'natural_disaster', 'accident', 'industry_failure',
            'unstable_employment', 'labour_shortage', 'unsafe_housing', 'unsafe_water'])[1 + c % 12] AS risk,
        (ARRAY['red', 'orange', 'orange', 'yellow', 'yellow', 'yellow'])[1 + c / 3 % 6] AS level,
        CASE WHEN b < 4 THEN 'open' WHEN b < 7 THEN 'confirmed' ELSE 'dismissed' END AS state,
        CASE WHEN b < 4 THEN (ARRAY['city', 'county', 'township', 'township', 'village', 'village', 'village', 'village',
            'township_review', 'county_review'])[1 + s] ELSE 'closed' END AS stage,
        CASE WHEN b < 4 THEN (ARRAY[1, 2, 3, 3, 4, 4, 4, 4, 5, 6])[1 + s] END AS steps,
        date '{today}' - (CASE WHEN b < 4 THEN 3 + c * 13 % 12 ELSE 15 + c * 13 % 345 END) AS opened,
        CASE WHEN b < 4 THEN date '{today}' + c / 7 % 6 - 1 END AS due,
        ({rules})[1 + c % {rule_count}] AS rule
    FROM bench_clue JOIN bench_place p ON p.n = g % {places}
) made;
INSERT INTO clues_cluesource (clue_id, channel, reference, received_on, text, taken_at)
SELECT id, CASE WHEN id % 20 = 0 THEN 'self_report' WHEN id % 10 = 1 THEN 'sweep' ELSE 'screening' END,
    CASE WHEN id % 20 = 0 OR id % 10 = 1 THEN 'B' || id ELSE '' END, opened_on, reasons, now()
FROM clues_clue;
INSERT INTO clues_cluestep (clue_id, number, action, stage_from, stage_to, "on", at, due_on, desk_from_id, desk_to_id, actor_id,
    post, reason, key)
SELECT k.id, n, (ARRAY['arrive', 'dispatch', 'dispatch', 'dispatch', 'confirm', 'agree'])[n],
    (ARRAY['new', 'city', 'county', 'township', 'village', 'township_review'])[n],
    CASE WHEN n = k.version AND k.state <> 'open' THEN 'closed' ELSE
        (ARRAY['city', 'county', 'township', 'village', 'township_review', 'county_review'])[n] END,
    k.opened_on + (n - 1) * (1 + (k.id + n) % 3)::int / 2, now(), k.opened_on + n,
    NULL, CASE WHEN k.state = 'open' THEN k.desk_id END, NULL, '重庆市 市级乡村振兴部门', '', ''
FROM clues_clue k CROSS JOIN generate_series(1, 6) n WHERE n <= k.version;
"""
CASES = """
CREATE TABLE bench_case AS
SELECT k.id AS clue, k.household_id AS h, k.area_id AS village, p.township, p.county, k.risk_type AS risk, k.opened_on AS found,
    row_number() OVER (ORDER BY k.id) AS r
FROM clues_clue k JOIN bench_place p ON p.village = k.area_id WHERE k.state = 'confirmed';
INSERT INTO cases_case (number, household_id, area_id, stage, opened_on, monitor_type, risks, help_first, included_on,
    refused_on, refusal, eliminated_on, elimination_mode, desk_id, arrived_on, due_on, rises_on, version)
SELECT 'J' || h, h, village, stage, found + 10, CASE WHEN r % 20 < 2 THEN '' ELSE
    (ARRAY['unstable', 'marginal', 'sudden'])[1 + r % 3] END, to_jsonb(ARRAY[risk]), '',
    CASE WHEN stage IN ('included', 'eliminated') THEN least(found + 13 + r::int % 4, date '{today}') END,
    CASE WHEN stage = 'refused' THEN found + 14 END, CASE WHEN stage = 'refused' THEN '收入高于监测线' ELSE '' END,
    CASE WHEN stage = 'eliminated' THEN date '{today}' - 5 - r::int % 60 END,
    CASE WHEN stage = 'eliminated' THEN 'assisted' ELSE '' END,
    CASE stage WHEN 'township_audit' THEN township WHEN 'county_approval' THEN county WHEN 'refused' THEN township ELSE village END,
    found + 12, due, CASE WHEN due IS NOT NULL THEN greatest(due, date '{today}') + 1 END, 1
FROM (SELECT *, (ARRAY['collection', 'deliberation', 'publicity', 'township_audit', 'included', 'included', 'included',
        'included', 'included', 'included', 'included', 'included', 'included', 'included', 'included', 'eliminated',
        'eliminated', 'refused', 'refused', 'county_approval'])[1 + r % 20] AS stage,
    CASE WHEN r % 20 < 4 OR r % 20 = 19 THEN date '{today}' + r::int / 3 % 6 - 1 END AS due FROM bench_case) made;
INSERT INTO cases_casestep (case_id, number, action, stage_from, stage_to, "on", at, due_on, desk_to_id, post, reason, key)
SELECT id, 1, 'open', '', stage, opened_on, now(), due_on, desk_id, '', '', '' FROM cases_case;
INSERT INTO cases_caseclue (case_id, clue_id, step_id)
SELECT k.id, b.clue, s.id FROM bench_case b JOIN cases_case k ON k.number = 'J' || b.h JOIN cases_casestep s ON s.case_id = k.id;
INSERT INTO assistance_plan (number, case_id, area_id, stage, opened_on, first_helped_on, visit_due_on, desk_id, arrived_on, version)
SELECT 'P' || k.number, k.id, k.area_id, CASE stage WHEN 'included' THEN 'plan_running' ELSE 'plan_closed' END, k.included_on,
    CASE WHEN k.id % 12 > 0 THEN k.included_on END, date '{today}' + k.id::int % 90, k.area_id, k.included_on, 0
FROM cases_case k WHERE stage IN ('included', 'eliminated');
INSERT INTO assistance_measure (plan_id, number, category, entry, title, risks, owner_id, department, in_charge, fund_source,
    amount, for_production, already, due_on, state, started_on, result)
SELECT id, n, (ARRAY['industry', 'employment'])[n], '', (ARRAY['种植补助', '务工补助'])[n], '["illness"]'::jsonb, area_id, '', '张三',
    'bridging_fund', 2000, false, false, opened_on + 30, 'measure_running', first_helped_on, ''
FROM assistance_plan CROSS JOIN generate_series(1, 2) n WHERE first_helped_on IS NOT NULL;
INSERT INTO elimination_elimination (number, case_id, area_id, stage, mode, ground, proposed_on, eliminated_on, refusal, version,
    case_version, desk_id)
SELECT 'X' || number, id, area_id, 'eliminated', 'assisted', '', eliminated_on - 12, eliminated_on, '', 0, 1, area_id
FROM cases_case WHERE stage = 'eliminated';
"""
AFTERWARDS = "DROP TABLE bench_case; DROP TABLE bench_clue;"


def statements(size: Size, today: date, rules: list[str], places: int) -> Mapping[str, str]:
    """What fills the database, in order, by what it fills."""
    given = {
        "households": size.households, "clues": size.clues, "stride": size.stride, "places": places, "today": today.isoformat(),
        "members": PERSONS_A_HOUSEHOLD, "rules": "ARRAY[" + ", ".join(f"'{rule}'" for rule in rules) + "]",
        "rule_count": len(rules),
    }  # fmt: skip
    parts = {"households": HOUSEHOLDS, "members": PERSONS, "clues": CLUES, "cases and plans": CASES}
    return {name: sql.format(**given) for name, sql in parts.items()} | {"the rest": AFTERWARDS}
