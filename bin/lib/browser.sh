# What tests in a real browser need from the machine. To be sourced by bash after tools.sh, from the
# repository's root.
#
# Only these tests need any of it: neither the programs nor bin/demo know Node or Chromium.

browser_tests=tests/browser

# The Debian packages of which no command is there, one a line. Node comes from Debian 12 or later.
missing_browser_packages() {
    local command package
    while read -r command package; do
        command -v "$command" >/dev/null 2>&1 || printf '%s\n' "$package"
    done <<'END'
chromium chromium
node nodejs
npm npm
END
    # Without them a machine shows boxes in place of emoji, and measures them.
    [ -e /usr/share/fonts/truetype/noto/NotoColorEmoji.ttf ] || printf 'fonts-noto-color-emoji\n'
}

# Installs the libraries that the lock file names, if others or none are there. What was once fetched is
# taken from npm's cache; no library runs anything of its own while it is installed, nor brings a browser.
install_browser_libraries() {
    local installed="$browser_tests/node_modules/.installed-lock.json"
    if cmp --silent "$browser_tests/package-lock.json" "$installed"; then
        printf 'The libraries of the lock file are here already.\n'
        return
    fi
    npm ci --prefix "$browser_tests" --prefer-offline
    cp "$browser_tests/package-lock.json" "$installed"
}

# Where the programs to be tested are, and where pictures go: outside the tree.
export_browser_folders() {
    local target
    target=$(realpath --canonicalize-missing "$(target_folder)")
    export ESTAFETTE_PROGRAMS="${ESTAFETTE_PROGRAMS:-$target/debug}"
    export ESTAFETTE_PICTURES="${ESTAFETTE_PICTURES:-$target/pictures}"
}

# Everything above at once, for programs that use a browser.
prepare_browser() {
    local missing=() program
    mapfile -t missing < <(missing_browser_packages)
    [ "${#missing[@]}" -eq 0 ] || install_packages "${missing[@]}"
    install_browser_libraries
    export_browser_folders
    for program in estafette estafette-relay; do
        if [ ! -x "$ESTAFETTE_PROGRAMS/$program" ]; then
            printf 'No program %s in %s. Build it first:\n  cargo build --workspace\n' "$program" "$ESTAFETTE_PROGRAMS" >&2
            return 1
        fi
    done
}
