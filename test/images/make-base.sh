#!/usr/bin/env bash
# Makes an image that stands in for the official Node image where no registry of images can be reached: the files of a
# few Debian packages of this machine, with the project's own Node and npm.
#   make-base.sh <image>
set -euo pipefail
image=$1
root=$(mktemp --directory)
trap 'rm -rf "$root"' EXIT

packages='base-files bash coreutils dash libc6 libstdc++6 libgcc-s1 libtinfo6 libselinux1 libpcre2-8-0 libacl1 libattr1
  libgmp10 libssl3 ca-certificates'

mkdir -p "$root"/{tmp,etc,proc,dev,sys,home/node,usr/bin,usr/sbin,usr/lib,usr/lib64,usr/local/bin,usr/local/lib/node_modules}
chmod 1777 "$root/tmp"
for link in bin sbin lib lib64; do ln -s "usr/$link" "$root/$link"; done
# shellcheck disable=SC2086
dpkg --listfiles $packages | sort -u | grep -v '^/usr/share/\(doc\|man\|locale\|bash\|lintian\)' | while read -r path; do
  if [ -f "$path" ]; then echo "$path"; fi
done | tar --create --directory / --files-from - 2>/dev/null | tar --extract --keep-directory-symlink --directory "$root"
cp --archive /etc/ssl /etc/passwd /etc/group "$root/etc/"

cp "$(node -p process.execPath)" "$root/usr/local/bin/node"
npm=$(dirname "$(dirname "$(readlink --canonicalize "$(command -v npm)")")")
cp --archive --dereference "$npm" "$root/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"

container=$(buildah from scratch)
buildah add --quiet "$container" "$root" / > /dev/null
# Node brings certificates of its own, which do not know a registry behind a company's proxy.
buildah config --env PATH=/usr/local/bin:/usr/bin:/bin --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt "$container"
buildah commit --quiet --rm "$container" "$image" > /dev/null
