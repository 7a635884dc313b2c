#!/usr/bin/env bash
# Ambulo beside PyTorch, TensorFlow and ONNX Runtime, each in a process of its own: see README.md and --help.

set -euo pipefail

for tool in python3 cargo; do
    if ! command -v "$tool" >/dev/null; then
        echo "error: $tool is not on the PATH" >&2
        exit 1
    fi
done
export PYTHONDONTWRITEBYTECODE=1
exec python3 "$(dirname "${BASH_SOURCE[0]}")/peers.py" "$@"
