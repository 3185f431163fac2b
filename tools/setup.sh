#!/bin/sh
# Make the virtual environment and install what stands in requirements/ (pinned, with hashes).
# usage: tools/setup.sh VENV core|dev
set -eu
venv=$1
level=$2
root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}

fail() { echo "setup: $1" >&2; exit 1; }

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    fail "Python 3.11 or newer is needed (PYTHON=/path/to/python make ... chooses another)"

if [ ! -x "$venv/bin/pip" ]; then
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            apt-get update -qq && apt-get install -qq -y python3-venv
        else
            fail "run this first: sudo apt-get install python3-venv"
        fi
    fi
    "$python" -m venv "$venv"
fi

pip() { "$venv/bin/pip" --disable-pip-version-check "$@" 2>"$venv/pip.log" || { cat "$venv/pip.log" >&2; exit 1; }; }
pip install -q --require-hashes -r "$root/requirements/build.txt"
pip install -q --require-hashes -r "$root/requirements/$level.txt"
pip install -q --no-deps --no-build-isolation -e "$root"
