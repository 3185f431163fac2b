#!/bin/sh
# See that PostgreSQL and MariaDB are on this machine, for the tests to start servers of their own.
# usage: tools/servers.sh
set -eu

missing=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing="postgresql"
PATH="$PATH:/usr/sbin:/usr/local/sbin"
command -v mariadbd >/dev/null || missing="$missing mariadb-server"
[ -z "$missing" ] && exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "servers: install these first:$(printf ' %s' $missing)   (sudo apt-get install $missing)" >&2
    exit 1
fi
echo "installing (once): $missing ..."
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086  # two words are two packages
apt-get install -qq -y --no-install-recommends $missing >/dev/null
