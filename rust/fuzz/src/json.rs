//! The other parser of deltas, which the short reader is held to: `serde_json`.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use trunkline_codec::delta::{Delta, recognise};

use crate::oracle;

const TYPES: [&str; 2] = ["response.output_audio.delta", "response.audio.delta"];

/// Whatever the short reader takes, and whose audio decodes, must be JSON with each of the seven keys once, no
/// other, and the values it read.
///
/// # Panics
/// If it is not.
pub fn check(message: &[u8]) {
    if let Some(found) = recognise(message)
        && oracle::decode(found.audio).is_ok()
    {
        let Fields(fields) = serde_json::from_slice(message).expect("what was recognised is JSON");
        compare(&found, fields);
    }
}

fn compare(found: &Delta<'_>, mut fields: Vec<(String, Value)>) {
    fields.sort_by(|left, right| left.0.cmp(&right.0));
    let (keys, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    assert_eq!(
        keys,
        ["content_index", "delta", "event_id", "item_id", "output_index", "response_id", "type"]
    );
    let audio = std::str::from_utf8(found.audio).unwrap();
    assert_eq!(
        values[..6],
        [
            found.content_index.into(),
            audio.into(),
            found.event_id.into(),
            found.item_id.into(),
            found.output_index.into(),
            Value::from(found.response_id),
        ]
    );
    assert!(TYPES.into_iter().any(|name| values[6] == name), "{}", values[6]);
}

/// An object's members as they are written: a map would hide that one came twice.
struct Fields(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(parser: D) -> Result<Self, D::Error> {
        parser.deserialize_map(Members).map(Self)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, Value)>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = object.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}
