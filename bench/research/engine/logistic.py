"""
How sure scikit-learn's logistic regression, on the baseline's features, is of each row of fold 0, having
learned from fold -1. Usage: logistic.py ROWS COST. Prints {"at", "label", "confidence"} for each.
"""

import json
import sys

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from peer import read_rows, words_and_characters

MOST_ROUNDS = 2000

if __name__ == "__main__":
    rows = read_rows(sys.argv[1])
    learned = [row for row in rows if row["fold"] == -1]
    model = make_pipeline(
        words_and_characters(), LogisticRegression(C=float(sys.argv[2]), max_iter=MOST_ROUNDS)
    )
    model.fit([row["text"] for row in learned], [row["label"] for row in learned])
    asked = [at for at, row in enumerate(rows) if row["fold"] == 0]
    shares = model.predict_proba([rows[at]["text"] for at in asked])
    for at, own in zip(asked, shares):
        label = str(model.classes_[own.argmax()])
        print(json.dumps({"at": at, "label": label, "confidence": float(own.max())}))
