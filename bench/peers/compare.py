#!/usr/bin/env python3
"""Prints the rows of one bench run that set Flowstone's figures beside its peers': compare.py BENCH.JSONL

A row is printed where both figures were measured in that run; the same rows are appended to the file.
"""

import json
import sys

POSTGRES_ONE = "peer PostgreSQL: 64 connections, 1 category"
POSTGRES_MANY = "peer PostgreSQL: 64 connections, 64 categories"
ROCKSDB = "peer RocksDB: a synced write a thread, 64 threads"

# Flowstone's measure, the peer's, and how many times the peer's it should be.
COMPARISONS = [
    ("append, 64 writers, 1 event each", POSTGRES_ONE, 15),
    ("append, 64 writers, 1 event each", POSTGRES_MANY, 5),
    ("append, 64 writers, 1 event each", ROCKSDB, 3),
    ("append, pipelined, 4,096 in flight", POSTGRES_ONE, None),
    ("HTTP, 64 connections, commands", POSTGRES_ONE, 10),
    ("HTTP, 256 connections, commands", POSTGRES_ONE, 10),
]


def rows_of(path):
    with open(path, encoding="utf-8") as lines:
        return {row["measure"]: row for row in map(json.loads, lines)}


def compared(rows):
    for own, peer, goal in COMPARISONS:
        if own in rows and peer in rows and rows[peer]["value"] > 0:
            times = rows[own]["value"] / rows[peer]["value"]
            yield {"measure": own, "value": times, "unit": "x", "beside": peer}, goal


def print_row(row, goal):
    met = "" if goal is None else f"{'met  ' if row['value'] >= goal else 'short'} >= {goal}"
    print(f"{row['measure']:<52} {row['value']:>14.1f} {row['unit']:<12} {met:<22} {row['beside']}")


def main():
    path = sys.argv[1]
    found = list(compared(rows_of(path)))
    with open(path, "a", encoding="utf-8") as lines:
        for row, goal in found:
            print_row(row, goal)
            lines.write(json.dumps({**row, "measure": f"{row['measure']} / {row['beside']}"}) + "\n")


if __name__ == "__main__":
    main()
