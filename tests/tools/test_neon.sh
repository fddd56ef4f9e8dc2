#!/bin/bash
# The codec's kernels for 64-bit ARM, built by Debian's cross compiler and run on an emulated processor:
# the unit tests of codec/par2, so every kernel and method against the oracle.
set -euo pipefail
: "${PROJECT:?set it to the source folder}"
CC=aarch64-linux-gnu-gcc
FLAGS="-std=c17 -O2 -D_GNU_SOURCE -Wall -Wextra -Werror -static"

for tool in $CC qemu-aarch64; do
    command -v $tool >/dev/null || {
        echo "there is no $tool; tools/setup test installs it" >&2
        exit 1
    }
done
WORK=$(mktemp -d "${TMPDIR:-/tmp}/test_neon.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
cd "$PROJECT"

# par2_crc.c stands on a library that is not there for ARM, and no test below needs it.
build() {
    local source object
    for source in src/codec/par2/*.c src/base/{bytes,endian,err}.c tests/unit/par2/oracle.c \
        tests/unit/par2/test_par2_{encoder,field,md5,repair}.c; do
        [ "$source" != src/codec/par2/par2_crc.c ] || continue
        object=$WORK/$(basename "$source" .c).o
        # shellcheck disable=SC2086
        $CC $FLAGS -iquote src -iquote tests/unit/par2 -I tests/tools/cross -c -o "$object" "$source"
    done
}

build
cd "$WORK"
for test in test_par2_{encoder,field,md5,repair}; do
    objects=$(ls ./*.o | grep -v /test_)
    # shellcheck disable=SC2086
    $CC $FLAGS -o $test $test.o $objects
    qemu-aarch64 ./$test
done
