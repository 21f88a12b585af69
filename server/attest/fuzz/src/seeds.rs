//! Turns files of the form that `estafette-relay attest check` reads into seeds, each as its target
//! takes it: `seeds FOLDER CORPUS`, where FOLDER holds folders of JSON files.

use std::error::Error;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use estafette_attest::{Evidence, KeyDescription};
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(folder), Some(corpus)) = (arguments.next(), arguments.next()) else {
        return Err("seeds FOLDER CORPUS".into());
    };
    let mut written = 0;
    for kind in std::fs::read_dir(folder)? {
        for file in std::fs::read_dir(kind?.path())? {
            let path = file?.path();
            let name = path.file_stem().unwrap_or_default().to_os_string();
            let file: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
            for (target, bytes) in seeds(&file)? {
                let folder = corpus.join(target);
                std::fs::create_dir_all(&folder)?;
                std::fs::write(folder.join(Path::new(&name)), bytes)?;
                written += 1;
            }
        }
    }
    println!("{written} seeds");
    Ok(())
}

fn seeds(file: &Value) -> Result<Vec<(&'static str, Vec<u8>)>, Box<dyn Error>> {
    let mut seeds = Vec::new();
    let mut bytes = |target, field: &str| -> Result<(), Box<dyn Error>> {
        if let Some(text) = file[field].as_str() {
            seeds.push((target, STANDARD.decode(text)?));
        }
        Ok(())
    };
    bytes("app_attest", "attestation_cbor_b64")?;
    bytes("assertion", "assertion_cbor_b64")?;
    if let Some(chain) = file["chain_der_b64"].as_array() {
        let chain = chain.iter().map(|one| STANDARD.decode(one.as_str().unwrap_or_default()));
        let chain: Vec<Vec<u8>> = chain.collect::<Result<_, _>>()?;
        if let Some(description) = chain.first().and_then(|leaf| description(leaf)) {
            seeds.push(("key_description", description));
        }
        seeds.push(("android", Evidence::of(chain).to_bytes()));
    }
    if !file["policy"]["status_list"].is_null() {
        seeds.push(("revocation", file["policy"]["status_list"].to_string().into_bytes()));
    }
    Ok(seeds)
}

/// The extension's value: the octet string after its identifier, and after "critical" if that is said.
fn description(leaf: &[u8]) -> Option<Vec<u8>> {
    let oid = KeyDescription::OID;
    let at = leaf.windows(oid.len()).position(|seen| seen == oid)? + oid.len();
    let rest = leaf.get(at..)?;
    let rest = rest.strip_prefix(&[0x01, 0x01, 0xff]).unwrap_or(rest);
    let (header, length) = match rest {
        [0x04, 0x82, high, low, ..] => (4, usize::from(u16::from_be_bytes([*high, *low]))),
        [0x04, 0x81, length, ..] => (3, usize::from(*length)),
        [0x04, length, ..] => (2, usize::from(*length)),
        _ => return None,
    };
    rest.get(header..header + length).map(<[u8]>::to_vec)
}
