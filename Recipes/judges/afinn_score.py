"""Judges how positive answers are: AFINN's sum of word valences for each hundred words (Nielsen, arXiv:1103.2903)."""

import json
import sys

from afinn import Afinn

afinn = Afinn()
for line in sys.stdin:
    response = json.loads(line)["response"]
    print(100 * afinn.score(response) / max(len(response.split()), 1), flush=True)
