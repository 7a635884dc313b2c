"""polars' side of the comparison of readers: a JSON object a line in, one out. `readers.py` starts it."""

import json
import sys
import time

import polars as pl

VALUES = {name: pl.Float32 for name in ("acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z")}


def variants(path, iso):
    """Ways of reading a file, each a function that returns the number of rows."""
    if path.endswith(".parquet"):
        return {
            "read_parquet": lambda: pl.read_parquet(path).height,
            "scan_parquet, streaming": lambda: total(pl.scan_parquet(path)),
        }
    schema = {"timestamp": pl.String if iso else pl.Int64, **VALUES}
    times = pl.col("timestamp").str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="ns")
    found = {
        "read_csv": lambda: pl.read_csv(path).height,
        "read_csv, f32 declared": lambda: pl.read_csv(path, schema=schema).height,
        "scan_csv, f32 declared, streaming": lambda: total(pl.scan_csv(path, schema=schema)),
    }
    if iso:
        # The others leave the times as text.
        found["read_csv, times read"] = lambda: pl.read_csv(path, schema=schema).with_columns(times).height
    return found


def total(lazy):
    """Every column is read, and nothing is kept."""
    columns = [pl.len(), *(pl.col(name).max().alias(f"max {name}") for name in lazy.collect_schema().names())]
    return lazy.select(columns).collect(engine="streaming")["len"].item()


def main():
    for line in sys.stdin:
        command = json.loads(line)
        ways = variants(command["path"], command["iso"])
        if command.get("way") is None:
            answer = {"version": pl.__version__, "threads": pl.thread_pool_size(), "ways": list(ways)}
        else:
            start = time.perf_counter()
            rows = ways[command["way"]]()
            answer = {"rows": rows, "seconds": time.perf_counter() - start}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
