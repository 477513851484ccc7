#!/bin/sh
# Builds the packages for Debian 12 and 13, amd64 and arm64, into dist/<suite>-<architecture>/, installs each in a Debian
# of its kind and starts every program there: `make deb-all`, as root on amd64; arm64 runs under qemu-user. Only some of them:
# `make deb-all ARGS="trixie-amd64 trixie-arm64"`.
set -eu
cd "$(dirname "$0")/.."
here=$PWD
cache=/var/cache/jiaohao-tests
mkdir -p "$cache" dist

inside() { # <root> <command …>: with this machine's settings of pip and certificates, and without its other files
    root=$1
    shift
    systemd-nspawn --quiet --directory="$root" --register=no --keep-unit --pipe --bind="$here" \
        --bind-ro="$(realpath "$(git rev-parse --git-common-dir)")" --bind-ro=/etc/ssl/certs \
        --setenv=DEBIAN_FRONTEND=noninteractive --setenv=PIP_CERT=/etc/ssl/certs/ca-certificates.crt \
        --chdir="$here" "$@"
}

debian() { # <name> <suite> <architecture> <packages>: a cached root
    [ -e "$cache/$1" ] && return
    umount "$cache/$1.part/proc" 2>/dev/null || true # of a run that was broken off
    rm -rf --one-file-system "$cache/$1.part"
    debootstrap --variant=minbase --arch="$3" --include="$4" "$2" "$cache/$1.part"
    mv "$cache/$1.part" "$cache/$1"
}

if [ ! -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ]; then
    echo "这台机器不能运行 arm64 程序 / this kernel starts no programs of arm64: systemctl restart systemd-binfmt" >&2
    exit 1
fi
for kind in ${*:-bookworm-amd64 bookworm-arm64 trixie-amd64 trixie-arm64}; do
    suite=${kind%-*}
    arch=${kind#*-}
    debian "build-$suite" "$suite" amd64 build-essential,ca-certificates,debhelper,git,python3-venv
    began=$(date +%s)
    if [ "$kind" = trixie-arm64 ]; then
        inside "$cache/build-$suite" sh -c "dpkg --add-architecture arm64 && apt-get -q update && apt-get -q -y install \
            --no-install-recommends swig python3-setuptools gcc-aarch64-linux-gnu libc6-dev-arm64-cross libpython3-dev:arm64"
    fi
    inside "$cache/build-$suite" debian/make.sh --arch "$arch"
    rm -rf "dist/$kind"
    mkdir "dist/$kind"
    mv dist/jiaohao*.deb "dist/$kind/"
    built=$(date +%s)

    debian "plain-$kind" "$suite" "$arch" ca-certificates
    rm -rf "$cache/try.part"
    cp --archive "$cache/plain-$kind" "$cache/try.part"
    inside "$cache/try.part" sh -c "apt-get -q update && apt-get -q -y install --no-install-recommends ./dist/$kind/*.deb"
    inside "$cache/try.part" /opt/jiaohao/bin/python tests/packaging/installed_programs.py
    rm -rf "$cache/try.part"
    echo "$suite $arch: built in $((built - began)) s, tried in $(($(date +%s) - built)) s"
done
ls -sh dist/*/*.deb
