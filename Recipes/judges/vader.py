"""Rewards positive answers: VADER's compound score, -1 to 1 (Hutto and Gilbert, ICWSM 2014)."""

import json
import sys

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

analyzer = SentimentIntensityAnalyzer()
for line in sys.stdin:
    print(analyzer.polarity_scores(json.loads(line)["response"])["compound"], flush=True)
