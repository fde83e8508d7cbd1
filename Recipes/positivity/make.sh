#!/usr/bin/env bash
# Makes the head `positivity`: answers whose words are positive, by VADER's compound score. What is there already is not done again; remove the work
# folder to begin from nothing.
#
#   make.sh PROGRAM PYTHON WORK
set -euo pipefail
program=$1 python=$2 work=$3
here=Recipes/positivity
judges="$python Recipes/judges"
vader="vader=command:$judges/vader.py"

# The model's own answers, eight to a prompt, and what they are worth.
folders=()
for seed in 0 100; do
    folders+=("$work/round-0-seed-$seed")
    "$program" rollouts --prompts $here/train.jsonl --samples 4 --max-tokens 64 --seed $seed --out "${folders[-1]}"
    "$program" label "${folders[-1]}" --reward "$vader"
done
"$program" train "${folders[@]}" --target monte-carlo --advantages --out "$work/positivity"

"$program" tune --head "$work/positivity/positivity.safetensors" --prompts $here/validation.jsonl --reward "$vader" --diversity-loss 0.01
"$program" evaluate --prompts $here/test.jsonl --head "$work/positivity/positivity.safetensors" --out "$work/results" \
    --methods base,prompt,static,best-of-n,re-control \
    --reward "$vader" --judge "afinn=command:$judges/afinn_score.py" --coherence "command:$judges/coherence.py" \
    --system "You are a cheerful assistant. Answer in a positive, happy and optimistic tone." \
    --rollouts "$work/round-0-seed-0" --rollouts "$work/round-0-seed-100"

# Controlled decoding takes some twenty times as long as the others: on every fourth prompt.
awk 'NR % 4 == 1' $here/test.jsonl >"$work/decoding.jsonl"
"$program" evaluate --prompts "$work/decoding.jsonl" --head "$work/positivity/positivity.safetensors" --out "$work/decoding" \
    --methods base,controlled-decoding,re-control --sweep none \
    --reward "$vader" --judge "afinn=command:$judges/afinn_score.py" --coherence "command:$judges/coherence.py"
