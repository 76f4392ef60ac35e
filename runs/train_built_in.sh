#!/usr/bin/env bash
# Makes the shipped weights from nothing: words, camera words, names, planner, finder, base model, reader, inbetweener, upscaler. Base model, reader, inbetweener and upscaler resume where they stopped.
#   runs/train_built_in.sh [FOLDER]        one CPU or one GPU; PROCESSES=8 runs/train_built_in.sh for many (torchrun)
# Shipped weights: see dev/LOG.md for the machine and the hours.
set -euo pipefail
folder=${1:-build/training}
processes=${PROCESSES:-1}
python runs/fetch_world.py
python -m vitascope.train.scripts "$folder/scripts" --shards 8 --strange-shards 2
python -m vitascope.train.camera_words "$folder/scripts"
python -m vitascope.train.thing_words "$folder/scripts" --steps 1500
python -m vitascope.train.planning "$folder/scripts" --steps 20000
python -m vitascope.train.finding
base=(-m vitascope.train.loop "$folder/base" --scripts "$folder/scripts"
  --stills "${STILLS:-450000}" --clips "${CLIPS:-415000}" --decay-share 0.3 --average 0.998 --thing-weight 4)
if [ "$processes" -gt 1 ]; then
  torchrun --nproc-per-node "$processes" "${base[@]}"
else
  python "${base[@]}"
fi
python -m vitascope.train.export "$folder/base"
python -m vitascope.train.reading "$folder/reader" --export src/vitascope/model/weights/reader.safetensors
python -m vitascope.train.inbetweening "$folder/inbetweener" --shards 120
cp "$folder/inbetweener/inbetweener.safetensors" src/vitascope/model/weights/
python -m vitascope.train.upscaling "$folder/upscaler" --base src/vitascope/model/weights/base.safetensors
