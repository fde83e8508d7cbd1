#!/usr/bin/env bash
# Makes the head `positivity`: answers whose words are positive, by VADER's compound score. About 25 minutes on two cores. What is there already is
# not done again; remove the work folder to begin from nothing.
#
#   make.sh PROGRAM PYTHON WORK
set -euo pipefail
program=$1 python=$2 work=$3
here=Recipes/positivity
judges="$python Recipes/judges"
vader="vader=command:$judges/vader.py"

# The model's own answers, and what they are worth.
"$program" rollouts --prompts $here/train.jsonl --samples 4 --max-tokens 64 --out "$work/round-0"
"$program" label "$work/round-0" --reward "$vader"
"$program" train "$work/round-0" --target monte-carlo --out "$work/first"

# A round on-policy: what answers under the first head are worth, so that the second knows where the first was wrong.
"$program" rollouts --prompts $here/train.jsonl --samples 2 --max-tokens 64 --seed 1 \
    --control "{\"head\": \"$work/first/first.safetensors\", \"step_size\": 6, \"max_norm\": 0.25, \"kl_budget\": 0.4}" --out "$work/round-1"
"$program" label "$work/round-1" --reward "$vader"
"$program" train "$work/round-0" "$work/round-1" --target monte-carlo --out "$work/positivity"

"$program" tune --head "$work/positivity/positivity.safetensors" --prompts $here/validation.jsonl --reward "$vader"
"$program" evaluate --prompts $here/test.jsonl --head "$work/positivity/positivity.safetensors" --out "$work/results" \
    --methods base,prompt,static,best-of-n,controlled-decoding,re-control \
    --reward "$vader" --judge "afinn=command:$judges/afinn_score.py" --coherence "command:$judges/coherence.py" \
    --system "You are a cheerful assistant. Answer in a positive, happy and optimistic tone." --rollouts "$work/round-0"
