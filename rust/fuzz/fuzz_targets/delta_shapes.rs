//! A delta written as servers write it, with the oddest ids, indices and audio that need no escape, is read
//! by the short reader, and as it was written: a shape it forgets would only cost time, which no test sees.
//! With one injury it is read as JSON has it or not at all: most random messages are too far from any shape.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use trunkline_codec::delta::{Delta, recognise};
use trunkline_fuzz::{Placed, json, oracle};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    order: Order,
    is_beta: bool,
    is_spaced: bool,
    output_index: Index,
    content_index: Index,
    event_id: Vec<u8>,
    response_id: Vec<u8>,
    item_id: Vec<u8>,
    injury: Injury,
    audio: &'a [u8],
}

/// Nearly always of one digit, which a number that is chosen among all of 32 bits never has.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum Index {
    Small(u8),
    Any(u32),
}

impl Index {
    fn value(self) -> u32 {
        match self {
            Self::Small(value) => u32::from(value % 12),
            Self::Any(value) => value,
        }
    }
}

/// Some bytes of the message replaced by others.
#[derive(Arbitrary, Clone, Copy, Debug)]
struct Injury {
    place: u16,
    removed: u8,
    inserted: u8,
}

/// What a strict reader must stumble over, or must not: everything JSON writes, and what it forbids.
const ODD: [&str; 24] = [
    "",
    " ",
    "\"",
    "\\",
    "\\u0031",
    "\\\"",
    "0",
    "00",
    "1",
    "-",
    "+",
    ".",
    "1.0",
    "e1",
    "4294967296",
    "=",
    ",",
    ":",
    "{",
    "}",
    "null",
    "\u{7f}",
    "\u{1f}",
    "é",
];

impl Injury {
    fn on(self, message: &[u8]) -> Vec<u8> {
        let start = usize::from(self.place) % (message.len() + 1);
        let end = message.len().min(start + usize::from(self.removed % 4));
        let inserted = ODD[usize::from(self.inserted) % ODD.len()];
        [&message[..start], inserted.as_bytes(), &message[end..]].concat()
    }
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Order {
    OpenAi,
    Beta,
    Sdk,
}

impl Order {
    const fn keys(self) -> [&'static str; 7] {
        match self {
            Self::OpenAi => {
                ["type", "event_id", "response_id", "item_id", "output_index", "content_index", "delta"]
            }
            Self::Beta => {
                ["event_id", "type", "response_id", "item_id", "output_index", "content_index", "delta"]
            }
            Self::Sdk => {
                ["content_index", "delta", "event_id", "item_id", "output_index", "response_id", "type"]
            }
        }
    }
}

fuzz_target!(|input: Input<'_>| {
    let ids = [&input.event_id, &input.response_id, &input.item_id].map(|bytes| plain(bytes));
    let audio = oracle::encode(input.audio);
    let expected = Delta {
        event_id: &ids[0],
        response_id: &ids[1],
        item_id: &ids[2],
        output_index: input.output_index.value(),
        content_index: input.content_index.value(),
        audio: &audio,
    };
    let message = written_out(&input, &expected);
    let message = Placed::new(message.as_bytes(), 0);
    assert_eq!(recognise(&message), Some(expected));
    json::check(&Placed::new(&input.injury.on(&message), 0));
});

/// Printable ASCII of the same length; what would need an escape becomes a space.
fn plain(bytes: &[u8]) -> String {
    let printable = |byte: &u8| char::from(b' ' + byte % 95);
    bytes
        .iter()
        .map(printable)
        .map(|symbol| if matches!(symbol, '"' | '\\') { ' ' } else { symbol })
        .collect()
}

fn written_out(input: &Input<'_>, delta: &Delta<'_>) -> String {
    let (comma, colon) = if input.is_spaced { (", ", ": ") } else { (",", ":") };
    let members = input.order.keys().map(|key| {
        let value = match key {
            "type" if input.is_beta => r#""response.audio.delta""#.to_owned(),
            "type" => r#""response.output_audio.delta""#.to_owned(),
            "event_id" => format!(r#""{}""#, delta.event_id),
            "response_id" => format!(r#""{}""#, delta.response_id),
            "item_id" => format!(r#""{}""#, delta.item_id),
            "output_index" => delta.output_index.to_string(),
            "content_index" => delta.content_index.to_string(),
            _ => format!(r#""{}""#, delta.audio.escape_ascii()),
        };
        format!(r#""{key}"{colon}{value}"#)
    });
    format!("{{{}}}", members.join(comma))
}
