#!/bin/sh
# Put counterparts that tests run as separate programs beside the environment:
# localstripe (GPL: run, never imported) and anvil, an EVM chain.
# usage: tools/programs.sh VENV
set -eu

programs="$1/programs"
mkdir -p "$programs"
if [ ! -x "$programs/localstripe/bin/localstripe" ]; then
    echo "installing (once): localstripe ..."
    "$1/bin/python" -m venv "$programs/localstripe"
    "$programs/localstripe/bin/pip" install -q localstripe==1.15.10
fi
if [ ! -x "$programs/node_modules/.bin/anvil" ]; then
    if ! command -v npm >/dev/null; then
        if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
            echo "programs: install npm first (sudo apt-get install npm)" >&2
            exit 1
        fi
        echo "installing (once): npm ..."
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq && apt-get install -qq -y --no-install-recommends npm >/dev/null
    fi
    echo "installing (once): anvil ..."
    npm install --silent --no-audit --no-fund --prefix "$programs" "@foundry-rs/anvil@1.7.1"
fi
