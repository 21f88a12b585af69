# What a build needs from the machine. To be sourced by bash, from the repository's root.
#
# Nothing here needs root once the packages are there, and nothing is installed unasked:
# `missing_packages` and `missing_rust` tell, `install_packages` and `install_rust` act.

# The Debian packages of which no command is there, one a line. The C and C++ compilers, make,
# perl and cmake build SQLCipher, its cryptography and that of TLS; nothing else is C.
missing_packages() {
    local command package
    while read -r command package; do
        command -v "$command" >/dev/null 2>&1 || printf '%s\n' "$package"
    done <<'END'
gcc gcc
g++ g++
make make
perl perl
pkg-config pkg-config
cmake cmake
END
}

packages_command() {
    local sudo="sudo "
    [ "$(id -u)" -ne 0 ] || sudo=""
    printf '%sapt-get install --yes --no-install-recommends %s\n' "$sudo" "$*"
}

# Installs the packages named, if this is root on a Debian; otherwise says how.
install_packages() {
    local command
    command=$(packages_command "$@")
    printf 'Missing: %s\n  %s\n' "$*" "$command"
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
        apt-get update --quiet
        DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@"
    else
        printf 'Run this command, then start again.\n' >&2
        return 1
    fi
}

# rustup puts its commands here, whether or not the shell was told.
find_rust() {
    if ! command -v cargo >/dev/null 2>&1 && [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
        export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
    fi
    command -v cargo >/dev/null 2>&1
}

rust_command() {
    printf '%s\n' "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal"
}

# Installs rustup if there is no cargo, and the version that rust-toolchain.toml names.
install_rust() {
    if ! find_rust; then
        printf 'Rust is missing; it goes into the home folder, without root:\n  %s\n' "$(rust_command)"
        command -v curl >/dev/null 2>&1 || install_packages curl ca-certificates
        curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal
        find_rust
    fi
    # A cargo without rustup is used as it is: the manifest names the version that it needs.
    if ! cargo --version >/dev/null 2>&1; then
        rustup toolchain install
    fi
    cargo --version
}

# Makes sure that every crate of Cargo.lock is on this machine, then forbids the network: the
# rest is the same with and without one.
fetch_crates() {
    if cargo fetch --locked --offline >/dev/null 2>&1; then
        printf 'All crates are here already.\n'
    else
        cargo fetch --locked
    fi
    export CARGO_NET_OFFLINE=true
}

# Where cargo puts what it builds.
target_folder() {
    printf '%s\n' "${CARGO_TARGET_DIR:-target}"
}

# Where the tools that only proofs need are kept, outside the tree.
tools_cache() {
    printf '%s\n' "${XDG_CACHE_HOME:-$HOME/.cache}/estafette/tools"
}

# Installs one of cargo's tools, of exactly this version, where it is not there yet.
install_tool() {
    local name=$1 version=$2 cache
    cache=$(tools_cache)
    if ! "$cache/bin/$name" --version 2>/dev/null | grep -qx "$name $version"; then
        CARGO_TARGET_DIR="$cache/build" cargo install --locked "$name" --version "$version" --root "$cache"
        rm -rf "$cache/build"
    fi
}

# The smallest conversation of a folder; fails if there is none.
smallest_file() {
    local file
    file=$(find "$1" -maxdepth 1 -name '*.jsonl' -printf '%s %p\n' 2>/dev/null | sort -n | head -n 1 | cut -d ' ' -f 2-) || true
    [ -n "$file" ] && printf '%s\n' "$file"
}
