"""
The baseline's estimator, learned once from fold -1: for each line that comes in it predicts all rows of fold 0 in one
call, and prints how many a second those were. Usage: baseline_predictor.py ROWS. Prints "ready" first.
"""

import sys
import time

from peer import baseline, read_rows

if __name__ == "__main__":
    rows = read_rows(sys.argv[1])
    learned = [row for row in rows if row["fold"] == -1]
    asked = [row["text"] for row in rows if row["fold"] == 0]
    model = baseline()
    model.fit([row["text"] for row in learned], [row["label"] for row in learned])
    print("ready", flush=True)
    for _ in sys.stdin:
        started = time.perf_counter()
        model.predict(asked)
        print(len(asked) / (time.perf_counter() - started), flush=True)
