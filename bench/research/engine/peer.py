"""The peers' features, and the rows that the bench hands over: JSON lines {"text", "label", "fold"}."""

import json
from typing import TypedDict

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.svm import LinearSVC


class Row(TypedDict):
    text: str
    label: str
    fold: int


def read_rows(path: str) -> list[Row]:
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def characters(sublinear: bool = True) -> TfidfVectorizer:
    """N-grams of 2 to 5 characters within words, accents folded."""
    return TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 5), strip_accents="unicode", sublinear_tf=sublinear
    )


def words_and_characters() -> FeatureUnion:
    """As in text_baseline.py: words and their pairs beside the characters."""
    words = TfidfVectorizer(ngram_range=(1, 2), strip_accents="unicode", sublinear_tf=True)
    return FeatureUnion([("words", words), ("characters", characters())])


def baseline() -> Pipeline:
    """The estimator of text_baseline.py."""
    return make_pipeline(words_and_characters(), LinearSVC())
