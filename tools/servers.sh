#!/bin/sh
# See that PostgreSQL, MariaDB and MySQL are on this machine, for tests to start servers of their own.
# usage: tools/servers.sh
set -eu

PATH="$PATH:/usr/sbin:/usr/local/sbin"
cache="$HOME/.cache/seiyaku"
[ "$(id -u)" = 0 ] && cache=/var/cache/seiyaku

has_mysql() {
    [ -x "$cache/mysql/usr/sbin/mysqld" ] && return 0
    mysqld --version 2>/dev/null | grep -v MariaDB | grep -q .
}

# MySQL lies in Debian's unstable suite alone: taken with all it needs into a folder, not installed.
fetch_mysql() {
    command -v apt-get >/dev/null && grep -q '^ID=debian$' /etc/os-release || return 1
    mirror="$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)"
    [ -n "$mirror" ] || return 1
    work="$(mktemp -d)"
    trap 'rm -rf "$work"' EXIT
    mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/parts" "$work/root"
    keys=/usr/share/keyrings/debian-archive-keyring.gpg
    echo "deb [signed-by=$keys] $mirror sid main" >"$work/sources.list"
    cat >"$work/apt.conf" <<EOF
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "$work/parts";
Dir::State::lists "$work/lists";
Dir::State::status "/dev/null";
Dir::Cache "$work/cache";
APT::Sandbox::User "";
EOF
    export APT_CONFIG="$work/apt.conf"
    apt-get update -qq && apt-get install -qq -y --download-only --no-install-recommends \
        mysql-server-core >/dev/null || return 1
    for package in "$work"/cache/archives/*.deb; do
        case "${package##*/}" in
        perl* | libperl*) ;; # for its scripts alone
        *) dpkg -x "$package" "$work/root" || return 1 ;;
        esac
    done
    chmod 755 "$work/root"
    mkdir -p "$cache" && rm -rf "$cache/mysql" && mv "$work/root" "$cache/mysql"
}

if ! has_mysql; then
    echo "fetching (once): mysql ..."
    (fetch_mysql) || echo "servers: no MySQL could be had; its tests do not run" >&2
fi

missing=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing="postgresql"
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
