//! What a form sent, as pairs: a name may stand several times.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse as _, Response};
use estafette_protocol::{FaultCode, Hash, codec};

use crate::session::Failure;

use super::refusal::{Refusal, Told};

/// The fields of a form, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// The first value of a field; empty where it is missing.
    pub fn one(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// All values of a field.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A text of several lines: browsers send them with CR LF.
    pub fn lines(&self, name: &str) -> String {
        self.one(name).replace("\r\n", "\n")
    }

    /// What stands in some fields, in a word: a form carries it to tell whether they were changed since its
    /// choices were looked at.
    pub fn digest(&self, names: &[&str]) -> String {
        let chosen = |key: &str| names.contains(&key);
        let chosen: Vec<(&str, &str)> = self
            .0
            .iter()
            .filter(|(key, _)| chosen(key))
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        Hash::of(&[&codec::to_bytes(&chosen)]).to_string()
    }

    /// All values of a field that name something.
    pub fn parsed<T: std::str::FromStr>(&self, name: &str) -> Result<Vec<T>, Failure> {
        let read = |value: &str| value.parse().map_err(|_| Failure::from(FaultCode::Malformed));
        self.all(name).filter(|value| !value.is_empty()).map(read).collect()
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        match Form::<Vec<(String, String)>>::from_request(request, state).await {
            Ok(Form(fields)) => Ok(Self(fields)),
            Err(FormRejection::BytesRejection(_)) => Err(Told::FormTooLarge.into_response()),
            Err(_) => Err(Refusal::from(FaultCode::Malformed).into_response()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_by_name_and_may_repeat() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let fields = Fields(vec![pair("to", "3"), pair("text", "a\r\nb"), pair("to", ""), pair("to", "5")]);
        assert_eq!(fields.lines("text"), "a\nb");
        assert_eq!(fields.parsed::<u32>("to").unwrap(), [3, 5]);
        assert!(fields.parsed::<u32>("text").is_err());
        assert_eq!(fields.one("none"), "");
    }

    #[test]
    fn a_digest_tells_whether_a_choice_was_changed_and_nothing_of_other_fields() {
        let of = |pairs: &[(&str, &str)]| {
            let owned = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            Fields(owned.collect()).digest(&["to", "due"])
        };
        let looked_at = of(&[("to", "3"), ("text", "a"), ("due", "")]);
        assert_eq!(of(&[("to", "3"), ("text", "b"), ("due", ""), ("step", "send")]), looked_at);
        for changed in [
            &[("to", "3"), ("to", "5"), ("due", "")][..],
            &[("to", "3"), ("due", "10:00")],
            &[("to", "3")],
            &[("due", ""), ("to", "")],
        ] {
            assert_ne!(of(changed), looked_at, "{changed:?}");
        }
    }
}
