"""
Finds, for each row of fold 0, the five rows of fold -1 of the highest cosine between TF-IDF vectors of
characters, fitted on the searched ones. Usage: retrieval.py ROWS. Prints for sublinear counts and for
plain ones {"sublinear", "first", "five"}: shares with a row of the same label among the first 1 and 5.
"""

import json
import sys

import numpy as np

from peer import characters, read_rows

if __name__ == "__main__":
    rows = read_rows(sys.argv[1])
    asked, searched = ([row for row in rows if row["fold"] == fold] for fold in (0, -1))
    labels = np.array([row["label"] for row in searched])
    wanted = np.array([row["label"] for row in asked])
    for sublinear in (True, False):
        grams = characters(sublinear)
        documents = grams.fit_transform([row["text"] for row in searched])
        cosines = (grams.transform([row["text"] for row in asked]) @ documents.T).toarray()
        nearest = np.argsort(-cosines, axis=1, kind="stable")[:, :5]
        hits = labels[nearest] == wanted[:, None]
        first, five = float(hits[:, 0].mean()), float(hits.any(axis=1).mean())
        print(json.dumps({"sublinear": sublinear, "first": first, "five": five}))
