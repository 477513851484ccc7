#!/bin/sh
# Builds the Debian packages of the working tree for this machine's suite and puts them into dist/: `make deb`, or for
# another architecture `make deb ARGS="--arch arm64"`.
set -eu
cd "$(dirname "$0")/.."
. /etc/os-release
arch=$(dpkg --print-architecture)
case "$*" in
    "--arch amd64" | "--arch arm64") arch=$2 ;;
    ?*) echo "usage: debian/make.sh [--arch amd64|arm64]" >&2; exit 2 ;;
esac

release=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)
since=$(git rev-parse --quiet --verify "refs/tags/v$release" >/dev/null && echo "v$release.." || true)
commits=$(git rev-list --count "${since}HEAD")
changed=$([ -z "$(git status --porcelain)" ] || echo .dirty)
version=$release
[ "$commits$changed" = 0 ] || version="$release+$commits.g$(git rev-parse --short=7 HEAD)$changed"

copy=build/deb/jiaohao
rm -rf build/deb
mkdir -p "$copy" dist
git ls-files --cached --others --exclude-standard -z | xargs -0 ls -d 2>/dev/null | tar -c -T - | tar -x -C "$copy"
sed -i "s/^version = .*/version = \"$version\"/" "$copy/pyproject.toml"
maintainer=$(sed -n 's/^Maintainer: //p' debian/control)
{
    printf 'jiaohao (%s~deb%s) %s; urgency=medium\n\n' "$version" "$VERSION_ID" "$VERSION_CODENAME"
    printf '  * Built from commit %s.\n\n -- %s  %s\n\n' "$(git rev-parse HEAD)" "$maintainer" "$(git log -1 --format=%cD)"
    cat debian/changelog
} >"$copy/debian/changelog"

(cd "$copy" && dpkg-buildpackage --host-arch "$arch" --build=binary --no-sign) >build/deb/log 2>&1 || { tail -n 30 build/deb/log; exit 1; }
rm -f dist/jiaohao*.deb
mv build/deb/*.deb dist/
ls -sh dist/*.deb
