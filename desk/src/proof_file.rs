//! A proof as a file: one JSON object whose parts are CBOR in Base64 (RFC 4648), so that it can be sent by
//! any means and read by any program.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use estafette_protocol::proof::Proof;
use estafette_protocol::{Fault, FaultCode, codec, limits, reachability};
use serde::{Deserialize, Serialize};

/// The name of the form, which a later one changes.
const FORMAT: &str = "estafette-proof-1";
/// Bytes of a file that is read at all.
pub const SIZE: u64 = 64 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    format: String,
    founding: String,
    word: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    arrival: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chain: Option<Vec<String>>,
}

/// The file's text.
pub fn write(proof: &Proof) -> Result<String, Fault> {
    let fields = Fields {
        format: FORMAT.to_owned(),
        founding: STANDARD.encode(codec::to_bytes(&proof.founding)),
        word: STANDARD.encode(codec::to_bytes(&proof.word)),
        arrival: proof.arrival.as_ref().map(|arrival| STANDARD.encode(codec::to_bytes(arrival))),
        chain: proof
            .chain
            .as_ref()
            .map(|chain| chain.iter().map(|statement| STANDARD.encode(codec::to_bytes(statement))).collect()),
    };
    serde_json::to_string_pretty(&fields).map_err(|_| FaultCode::Internal.into())
}

/// Reads a file's text.
///
/// # Errors
///
/// `malformed`: not such a file, or one of a later form.
pub fn read(text: &str) -> Result<Proof, Fault> {
    let malformed = || Fault::new(FaultCode::Malformed);
    let fields: Fields = serde_json::from_str(text).map_err(|_| malformed())?;
    if fields.format != FORMAT {
        return Err(malformed());
    }
    let bytes = |text: &str| STANDARD.decode(text).map_err(|_| malformed());
    let statement =
        |text: &String| Ok::<_, Fault>(codec::from_bytes(&bytes(text)?, limits::STATEMENT + 128)?);
    Ok(Proof {
        founding: statement(&fields.founding)?,
        word: codec::from_bytes(&bytes(&fields.word)?, reachability::SIZE + 128)?,
        arrival: match &fields.arrival {
            Some(arrival) => Some(codec::from_bytes(&bytes(arrival)?, 1024)?),
            None => None,
        },
        chain: match &fields.chain {
            Some(chain) => Some(chain.iter().map(statement).collect::<Result<_, _>>()?),
            None => None,
        },
    })
}
