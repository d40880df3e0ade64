# SPDX-License-Identifier: BSD-2-Clause
# Functions that the scripts in tools/ share. Read with `.`; needs bash, coreutils, dpkg and apt only.
# shellcheck shell=bash

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export top PATH

say() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
    say "$*"
    exit 1
}

# as_root COMMAND...: run it as root, through sudo where we are somebody else.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "need root to run: $*"
    fi
}

# missing_packages LIST...: print those packages of the lists that are not installed.
missing_packages() {
    local list name
    local -A have=()

    while read -r name; do
        have[$name]=1
    done < <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')
    for list in "$@"; do
        [ -e "$list" ] || continue
        while read -r name; do
            case $name in
            '' | '#'*) continue ;;
            esac
            [ -n "${have[$name]:-}" ] || printf '%s\n' "$name"
        done <"$list"
    done | sort -u
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}

# need_packages LIST...: install what is missing; the package index is fetched only when that fails.
need_packages() {
    local log
    local -a missing=()

    mapfile -t missing < <(missing_packages "$@")
    [ "${#missing[@]}" -gt 0 ] || return 0
    say "installing Debian packages: ${missing[*]}"
    log=$(mktemp)
    if ! apt_install "${missing[@]}" >"$log" 2>&1; then
        say "fetching the package index, then once more"
        if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >"$log" 2>&1 ||
            ! apt_install "${missing[@]}" >"$log" 2>&1; then
            tail -n 20 "$log" >&2
            rm -f "$log"
            die "these packages cannot be installed: ${missing[*]}"
        fi
    fi
    rm -f "$log"
    touch "$top/meson.build" # builds configured before look for what is new
}

# build FOLDER COMPILER MESON-OPTION...: configure if need be and compile; silent unless it fails.
build() {
    local folder=$top/$1 compiler=$2 log=$top/$1.log

    shift 2
    if [ ! -e "$folder/build.ninja" ]; then
        say "configuring ${folder##*/} ($compiler $*)"
        rm -rf "$folder"
        if ! CC=$compiler meson setup "$folder" "$top" "$@" >"$log" 2>&1; then
            tail -n 30 "$log" >&2
            return 1
        fi
    fi
    # Golden cases are listed when the build is configured: a new one is seen here.
    if [ "$top/tests/golden" -nt "$folder/build.ninja" ]; then
        touch "$top/tests/golden/meson.build"
    fi
    if ! ninja -C "$folder" >"$log" 2>&1; then
        tail -n 60 "$log" >&2
        return 1
    fi
    rm -f "$log"
}
