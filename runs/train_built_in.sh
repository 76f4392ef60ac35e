#!/usr/bin/env bash
# Makes the shipped weights from nothing: words, base model, reader, upscaler. Every part resumes where it stopped.
#   runs/train_built_in.sh [FOLDER]        one CPU or one GPU; PROCESSES=8 runs/train_built_in.sh for many (torchrun)
# Shipped weights: see dev/LOG.md for the machine and the hours.
set -euo pipefail
folder=${1:-build/training}
processes=${PROCESSES:-1}
python runs/fetch_world.py
python -m vitascope.train.scripts "$folder/scripts" --shards 8
base=(-m vitascope.train.loop "$folder/base" --scripts "$folder/scripts" --stills "${STILLS:-220000}" --clips "${CLIPS:-90000}")
if [ "$processes" -gt 1 ]; then
  torchrun --nproc-per-node "$processes" "${base[@]}"
else
  python "${base[@]}"
fi
python -m vitascope.train.export "$folder/base"
