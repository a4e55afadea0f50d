"""A row that waits for a decision, put into a home's lake as an ingest would have left it."""

import json
from datetime import date

import polars as pl

from shouwang.deliveries import ledger
from shouwang.deliveries.ledger import DeliveryReport, label
from shouwang.kernel.home import Home

RECEIVED = date(2021, 6, 1)


def put_in_review(home: Home, number: int, name: str, village: str, candidates: dict[int, str], line: int = 2) -> None:
    """A complaint of `name` without a number; `candidates` are keys of persons with the evidence for each."""
    proposed = [{"person": key, "probability": 0.97, "evidence": words} for key, words in candidates.items()]
    row = {
        "delivery": number, "line": line, "received_on": RECEIVED, "key": number, "repeated": False, "content": number,
        "person": None, "link": "review", "complaint_no": f"T{number}", "name": name, "division_code": village,
        "accepted_on": RECEIVED, "category": "生活困难", "complaint_text": f"内容{name}",
    }  # fmt: skip
    kinds = {"delivery": pl.Int32, "line": pl.Int32, "key": pl.Int64, "content": pl.Int64, "person": pl.Int64}
    rows = home.rows("hotline_complaint")
    for folder in (rows, home.lake / "review", home.deliveries):
        folder.mkdir(parents=True, exist_ok=True)
    pl.DataFrame([row], schema_overrides=kinds).write_parquet(rows / f"{label(number)}.parquet")
    waiting = {"line": [line], "reason": ["no_number"], "candidates": [json.dumps(proposed, ensure_ascii=False)]}
    pl.DataFrame(waiting, schema_overrides={"line": pl.Int32}).write_parquet(
        home.lake / "review" / f"{label(number)}.parquet"
    )
    ledger.commit(
        home,
        DeliveryReport(
            number=number, source="hotline_complaint", file="信访.csv", sha256=f"{number:064}", size=1,
            received_on=RECEIVED, ingested_at="2021-06-01T00:00:00+08:00", encoding="utf-8", sheet=None, header_line=1,
            read=1, accepted=1, review=1,
        ),
    )  # fmt: skip
