#!/usr/bin/env bash
# Copies what a recipe made to where it is shipped: the head to Config/heads, its tables and pictures to Docs/results.
#
#   publish.sh NAME WORK
set -euo pipefail
name=$1 work=$2
mkdir -p Docs/results
install -m 644 "$work/$name/$name.safetensors" "Config/heads/$name.safetensors"
install -m 644 "$work/$name/training.svg" "Docs/results/$name-training.svg"
install -m 644 "$work/results/sweep.svg" "Docs/results/$name-sweep.svg"
sed "s/](sweep\.svg)/]($name-sweep.svg)/" "$work/results/results.md" >"Docs/results/$name.md"
