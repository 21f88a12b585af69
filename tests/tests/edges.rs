//! The edges that must never exist between crates, read from `cargo metadata`.
//!
//! "The relay cannot read a message" has an auditable half: nothing that could open one is in
//! its dependency tree, whatever features are chosen. The rest keeps the tree sober: one
//! SQLite, one version of what is heavy, and no licence that the EUPL could not carry.
//!
//! Dependencies of tests do not count for the edges; they count for the licences.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use cargo_metadata::semver::Version;
use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, Package, PackageId};

/// Where the workspace's manifest stands.
const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// What could open a sealed entry, or pulls it in. A trailing `*` stands for any ending.
const CAN_READ: &[&str] = &["estafette-core", "estafette-desk", "automerge", "openmls*", "hpke-rs*"];

/// What waits, talks to a network or writes files.
const ASYNC_OR_IO: &[&str] = &[
    "async-io",
    "async-std",
    "axum*",
    "curl*",
    "estafette-server",
    "futures*",
    "h2",
    "hyper*",
    "libsqlite3-sys",
    "mio",
    "polling",
    "quinn*",
    "reqwest",
    "rusqlite",
    "rustls",
    "smol",
    "socket2",
    "sqlx*",
    "tempfile",
    "tokio*",
    "tungstenite",
    "ureq",
];

/// Crates of which a second version would cost minutes of build or megabytes of binary.
const HEAVY: &[&str] = &[
    "automerge",
    "aws-lc-rs",
    "aws-lc-sys",
    "axum",
    "hyper",
    "jiff",
    "libsqlite3-sys",
    "openmls",
    "openssl-src",
    "rusqlite",
    "rustls",
    "tokio",
    "zstd-sys",
];

/// Unmaintained, or replaced by something better; the same list stands in `deny.toml`.
const BANNED: &[&str] = &[
    "atty",
    "backoff",
    "bincode",
    "derivative",
    "failure",
    "fxhash",
    "instant",
    "number_prefix",
    "openssl",
    "paste",
    "proc-macro-error",
    "rustls-pemfile",
    "serde_yaml",
    "serde_yml",
];

/// The first versions without the defects named in `deny.toml`.
const FLOORS: &[(&str, Version)] = &[
    ("h2", Version::new(0, 4, 16)),
    ("hpke-rs", Version::new(0, 6, 0)),
    ("hpke-rs-rust-crypto", Version::new(0, 6, 0)),
    ("rustls-webpki", Version::new(0, 103, 13)),
];

/// Licences that a work under the EUPL-1.2 may contain; the same list stands in `deny.toml`.
const LICENCES: &[&str] = &[
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "BlueOak-1.0.0",
    "CC0-1.0",
    "EUPL-1.2",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    // SQLCipher contains SQLite, which its authors bless in place of a licence, and LibTomCrypt.
    "WTFPL",
    "blessing",
];

/// What draws from the operating system.
const SYSTEM_GENERATORS: &[&str] =
    &["OsRng", "SysRng", "from_entropy", "from_os_rng", "thread_rng", "rand::rng("];

/// The whole workspace with every feature on: the largest tree that anybody can build.
static METADATA: LazyLock<Metadata> = LazyLock::new(|| {
    MetadataCommand::new()
        .current_dir(WORKSPACE)
        .features(CargoOpt::AllFeatures)
        .other_options(vec!["--locked".to_owned()])
        .exec()
        .expect("cargo metadata reads the workspace")
});

#[test]
fn the_relay_holds_nothing_that_can_read_a_message() {
    assert_eq!(forbidden(&tree("estafette-server"), CAN_READ), BTreeSet::new());
    assert_eq!(forbidden(&tree("estafette-attest"), CAN_READ), BTreeSet::new());
    // The same question about a device's half must be answered yes, or it asks nothing.
    let device = forbidden(&tree("estafette-desk"), CAN_READ);
    for name in ["estafette-core", "automerge", "openmls", "hpke-rs"] {
        assert!(device.contains(name), "{name} was not seen in a tree that holds it");
    }
}

#[test]
fn protocol_and_attest_hold_nothing_asynchronous_and_no_input_or_output() {
    assert_eq!(forbidden(&tree("estafette-protocol"), ASYNC_OR_IO), BTreeSet::new());
    assert_eq!(forbidden(&tree("estafette-attest"), ASYNC_OR_IO), BTreeSet::new());
    let relay = forbidden(&tree("estafette-server"), ASYNC_OR_IO);
    for name in ["tokio", "axum", "hyper", "rusqlite"] {
        assert!(relay.contains(name), "{name} was not seen in a tree that holds it");
    }
}

#[test]
fn dependencies_between_our_crates_point_one_way() {
    let found: BTreeMap<&str, Vec<&str>> = METADATA
        .workspace_packages()
        .into_iter()
        .map(|package| {
            let others = tree(&package.name).into_iter().filter(|&name| name != package.name.as_str());
            (package.name.as_str(), others.filter(|name| name.starts_with("estafette-")).collect())
        })
        .collect();
    let expected: BTreeMap<&str, Vec<&str>> = BTreeMap::from([
        ("estafette-protocol", vec![]),
        ("estafette-attest", vec!["estafette-protocol"]),
        ("estafette-core", vec!["estafette-protocol"]),
        ("estafette-server", vec!["estafette-attest", "estafette-protocol"]),
        (
            "estafette-desk",
            vec!["estafette-attest", "estafette-core", "estafette-protocol", "estafette-server"],
        ),
        (
            "estafette-world",
            vec!["estafette-attest", "estafette-core", "estafette-protocol", "estafette-server"],
        ),
    ]);
    assert_eq!(found, expected);
}

#[test]
fn the_desk_for_users_carries_no_relay_and_no_development_root() {
    let features = |choice: &[&str]| {
        let listed = Command::new(env!("CARGO"))
            .args(["tree", "--locked", "--package", "estafette-desk", "--prefix", "none"])
            .args(["--edges", "normal,build", "--format", "{p} features: {f}"])
            .args(choice)
            .current_dir(WORKSPACE)
            .output()
            .expect("cargo tree runs");
        assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
        String::from_utf8(listed.stdout).expect("cargo tree prints text")
    };
    let (ours, users) = (features(&[]), features(&["--no-default-features"]));
    assert!(users.contains("estafette-core v"), "the tree was not read:\n{users}");
    // It serves its own pages, so it carries axum; nothing of the relay's.
    for name in ["estafette-server v", "dev-attestation"] {
        assert!(ours.contains(name), "{name} was not seen in a tree that holds it");
        assert!(!users.contains(name), "{name} is in the desk for users");
    }
}

#[test]
fn the_development_root_is_off_unless_asked_for() {
    for name in ["estafette-server", "estafette-attest"] {
        let features = &member(name).features;
        assert!(features.contains_key("dev-attestation"), "{name} lacks the feature");
        let default = features.get("default").cloned().unwrap_or_default();
        assert_eq!(default, Vec::<String>::new(), "{name} has features on by default");
    }
}

#[test]
fn one_sqlite_is_linked_and_heavy_crates_stand_there_once() {
    let versions = versions();
    for &name in HEAVY {
        let found = versions.get(name).map_or(0, BTreeSet::len);
        assert_eq!(found, 1, "{name}: {:?}", versions.get(name));
    }
}

/// Clippy's lists in `core/clippy.toml` and `protocol/clippy.toml` see functions and types; they do
/// not see a generator that is passed as a value. These words are looked for in the sources.
#[test]
fn no_generator_of_the_system_is_named_where_chance_is_an_argument() {
    let mut read = 0;
    for file in rust_files(&["core/src", "protocol/src"]) {
        // The driver is where the real world comes in.
        if file.ends_with("core/src/driver.rs") || file.ends_with("core/src/net.rs") {
            continue;
        }
        let source = std::fs::read_to_string(&file).expect("a source file is text");
        for word in SYSTEM_GENERATORS {
            assert!(!source.contains(word), "{} names {word}", file.display());
        }
        read += 1;
    }
    assert!(read > 20, "only {read} files were read");
}

#[test]
fn nothing_unmaintained_is_used() {
    let versions = versions();
    let found: Vec<&&str> = BANNED.iter().filter(|name| versions.contains_key(**name)).collect();
    assert_eq!(found, Vec::<&&str>::new());
}

#[test]
fn no_version_with_a_published_defect_is_used() {
    let old: Vec<String> = used_packages()
        .filter(|package| {
            FLOORS.iter().any(|(name, floor)| package.name.as_str() == *name && package.version < *floor)
        })
        .map(|package| format!("{} {}", package.name, package.version))
        .collect();
    assert_eq!(old, Vec::<String>::new());
    let known = versions();
    assert!(FLOORS.iter().any(|(name, _)| known.contains_key(name)), "no crate of the list is used at all");
}

#[test]
fn every_licence_can_be_carried_by_the_eupl() {
    let refused: Vec<String> = used_packages()
        .filter(|package| !package.license.as_deref().is_some_and(allowed))
        .map(|package| format!("{} {}: {:?}", package.name, package.version, package.license))
        .collect();
    assert_eq!(refused, Vec::<String>::new());
}

#[test]
fn a_licence_expression_is_judged_as_a_whole() {
    for expression in [
        "MIT",
        "MIT OR GPL-3.0-only",
        "MIT/Apache-2.0",
        "Apache-2.0 / MIT",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "ISC AND (GPL-2.0-only OR ISC)",
        "Apache-2.0 WITH LLVM-exception OR GPL-2.0-only",
    ] {
        assert!(allowed(expression), "{expression} was refused");
    }
    for expression in [
        "GPL-3.0-only",
        "MIT AND GPL-3.0-only",
        "(MIT OR ISC) AND AGPL-3.0-only",
        "GPL-2.0-only WITH Classpath-exception-2.0",
        "proprietary",
        "",
        "(MIT",
        "MIT)",
        "MIT ISC",
    ] {
        assert!(!allowed(expression), "{expression} was accepted");
    }
}

fn member(name: &str) -> &'static Package {
    let found = METADATA.workspace_packages().into_iter().find(|package| package.name.as_str() == name);
    found.unwrap_or_else(|| panic!("{name} is not a crate of the workspace"))
}

/// The names of what `root` needs to be built for use, itself included; not what its tests need.
fn tree(root: &str) -> BTreeSet<&'static str> {
    let resolve = METADATA.resolve.as_ref().expect("metadata resolves");
    let edges: BTreeMap<&PackageId, _> = resolve.nodes.iter().map(|node| (&node.id, &node.deps)).collect();
    let mut pending = vec![&member(root).id];
    let mut seen = BTreeSet::new();
    while let Some(id) = pending.pop() {
        if !seen.insert(id) {
            continue;
        }
        for dependency in edges[id] {
            if dependency.dep_kinds.iter().any(|kind| kind.kind != DependencyKind::Development) {
                pending.push(&dependency.pkg);
            }
        }
    }
    seen.into_iter().map(|id| METADATA[id].name.as_str()).collect()
}

fn forbidden(tree: &BTreeSet<&'static str>, patterns: &[&str]) -> BTreeSet<&'static str> {
    let matches = |name: &str| {
        patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            None => name == *pattern,
        })
    };
    tree.iter().copied().filter(|name| matches(name)).collect()
}

/// Every Rust file below these folders of the workspace.
fn rust_files(folders: &[&str]) -> Vec<PathBuf> {
    let mut pending: Vec<PathBuf> = folders.iter().map(|folder| Path::new(WORKSPACE).join(folder)).collect();
    let mut files = Vec::new();
    while let Some(folder) = pending.pop() {
        for child in std::fs::read_dir(&folder).expect("the folder exists") {
            let path = child.expect("a folder can be listed").path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
}

fn used_packages() -> impl Iterator<Item = &'static Package> {
    let resolve = METADATA.resolve.as_ref().expect("metadata resolves");
    resolve.nodes.iter().map(|node| &METADATA[&node.id])
}

fn versions() -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for package in used_packages() {
        found.entry(package.name.as_str()).or_default().insert(package.version.to_string());
    }
    found
}

/// Whether an SPDX expression can be satisfied with [`LICENCES`] alone.
fn allowed(expression: &str) -> bool {
    // The slash is the old way to write OR.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    matches!(alternatives(&words), Some((true, [])))
}

/// What an expression is worth, and the words after it; nothing if it is not one.
type Judged<'a> = Option<(bool, &'a [&'a str])>;

fn alternatives<'a>(words: &'a [&'a str]) -> Judged<'a> {
    let (mut verdict, mut rest) = conjunction(words)?;
    while let ["OR", after @ ..] = rest {
        let (other, remaining) = conjunction(after)?;
        (verdict, rest) = (verdict | other, remaining);
    }
    Some((verdict, rest))
}

fn conjunction<'a>(words: &'a [&'a str]) -> Judged<'a> {
    let (mut verdict, mut rest) = licence(words)?;
    while let ["AND", after @ ..] = rest {
        let (other, remaining) = licence(after)?;
        (verdict, rest) = (verdict & other, remaining);
    }
    Some((verdict, rest))
}

fn licence<'a>(words: &'a [&'a str]) -> Judged<'a> {
    match words {
        ["(", inner @ ..] => match alternatives(inner)? {
            (verdict, [")", rest @ ..]) => Some((verdict, rest)),
            _ => None,
        },
        [name, "WITH", exception, rest @ ..] => {
            Some((LICENCES.contains(&format!("{name} WITH {exception}").as_str()), rest))
        }
        [name, rest @ ..] => Some((LICENCES.contains(name), rest)),
        [] => None,
    }
}
