"""The same screening in hand-written SQL on PySpark, each stage written to disk before the next one reads it.

python -m bench.spark_screening HOME AS_OF OUT.parquet
"""

import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from bench.duckdb_screening import type_of
from bench.hand_sql import ALWAYS, SOURCES, HandWritten
from bench.parameters import values

SETTINGS = {
    "spark.driver.memory": "3g",
    "spark.sql.shuffle.partitions": "8",
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "Asia/Shanghai",
    "spark.sql.parquet.compression.codec": "lz4_raw",
}


def main(home: str, as_of: str, out: str) -> None:
    """Screens and writes the clues."""
    from pyspark.sql import SparkSession

    rows, day = Path(home) / "lake" / "rows", date.fromisoformat(as_of)
    staged = Path(tempfile.mkdtemp(prefix="bench-spark-", dir=Path(out).parent))
    builder = SparkSession.builder.master("local[2]").config("spark.local.dir", str(staged))
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    try:
        for source in SOURCES:
            wanted = (*SOURCES[source], *ALWAYS)
            files = [str(file) for file in sorted((rows / source).glob("D*.parquet"))]
            if files:
                read = session.read.parquet(*files).select(*wanted).filter(f"received_on <= DATE '{day}'")
            else:
                empty = ", ".join(f"CAST(NULL AS {type_of(source, name)}) AS {name}" for name in wanted)
                read = session.sql(f"SELECT {empty.replace('VARCHAR', 'STRING')} WHERE 1 = 0")
            read.createOrReplaceTempView(source)
        for name, select in HandWritten(day, values(day)).stages():
            session.sql(select).write.parquet(str(staged / name))
            session.read.parquet(str(staged / name)).createOrReplaceTempView(name)
        pq.write_table(pq.read_table(staged / "clues"), out)
    finally:
        session.stop()
        shutil.rmtree(staged, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
