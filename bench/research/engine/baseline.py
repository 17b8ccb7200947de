"""
Judges each row of fold 0 and above by a linear SVM on TF-IDF that learned from all other folds; rows of
fold -1 are only learned from. Usage: baseline.py ROWS. Prints {"at", "label"} for each row judged.
"""

import json
import sys

from peer import Row, baseline, read_rows


def judge(rows: list[Row], fold: int) -> dict[int, str]:
    learned = [row for row in rows if row["fold"] != fold]
    model = baseline()
    model.fit([row["text"] for row in learned], [row["label"] for row in learned])
    asked = [at for at, row in enumerate(rows) if row["fold"] == fold]
    return dict(zip(asked, model.predict([rows[at]["text"] for at in asked])))


if __name__ == "__main__":
    given = read_rows(sys.argv[1])
    judged: dict[int, str] = {}
    for one in sorted({row["fold"] for row in given} - {-1}):
        judged |= judge(given, one)
    for at, label in sorted(judged.items()):
        print(json.dumps({"at": at, "label": str(label)}))
