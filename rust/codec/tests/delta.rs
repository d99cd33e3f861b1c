//! The delta reader knows its shapes, all of them, and nothing else.

use trunkline_codec::base64;
use trunkline_codec::delta::{Delta, recognise};

const GA: &str = r#"{"type":"response.output_audio.delta","event_id":"event_1","response_id":"resp_2","item_id":"item_3","output_index":0,"content_index":17,"delta":"QUJD"}"#;
const BETA: &str = r#"{"event_id":"event_1","type":"response.audio.delta","response_id":"resp_2","item_id":"item_3","output_index":0,"content_index":17,"delta":"QUJD"}"#;
const SDK: &str = r#"{"content_index":17,"delta":"QUJD","event_id":"event_1","item_id":"item_3","output_index":0,"response_id":"resp_2","type":"response.output_audio.delta"}"#;

const FOUND: Delta<'_> = Delta {
    event_id: "event_1",
    response_id: "resp_2",
    item_id: "item_3",
    output_index: 0,
    content_index: 17,
    audio: b"QUJD",
};

/// What a caller takes for a delta: recognised, and the audio decodes.
fn known(message: &str) -> Option<Delta<'_>> {
    let found = recognise(message.as_bytes())?;
    let mut pcm = vec![0; base64::decoded_len(found.audio).ok()?];
    base64::decode(found.audio, &mut pcm).ok().map(|()| found)
}

fn spaced(message: &str) -> String {
    message.replace("\":", "\": ").replace(",\"", ", \"")
}

#[test]
fn each_known_shape_is_recognised_compact_and_spaced() {
    for message in [GA, BETA, SDK] {
        assert_eq!(known(message), Some(FOUND));
        assert_eq!(known(&spaced(message)), Some(FOUND));
    }
}

#[test]
fn an_empty_delta_and_the_greatest_index_are_recognised() {
    let message = GA.replace("QUJD", "").replace("17", "4294967295");
    let found = recognise(message.as_bytes()).unwrap();
    assert_eq!((found.audio, found.content_index), (&b""[..], u32::MAX));
}

#[test]
fn an_id_of_any_length_is_read_and_one_bad_byte_at_any_place_is_not() {
    for length in 0..40 {
        let id = "x".repeat(length);
        let message = GA.replace("item_3", &id);
        assert_eq!(known(&message).map(|found| found.item_id), Some(&*id));
        for place in 0..length {
            for bad in ["\\", "\u{1f}", "\u{7f}", "é"] {
                let mut damaged = id.clone();
                damaged.replace_range(place..=place, bad);
                assert_eq!(known(&GA.replace("item_3", &damaged)), None);
            }
        }
    }
}

#[test]
fn any_other_shape_is_left_to_a_parser() {
    for (from, to) in [
        ("_audio.delta", "_text.delta"),
        ("event_1", "event\\u00311"),
        ("event_1", "évent_1"),
        ("event_1", "event\u{7f}"),
        ("event_1", "event\n"),
        (r#""event_1""#, "null"),
        (":17", ":017"),
        (":17", ":-1"),
        (":17", ":1.0"),
        (":17", ":1e1"),
        (":17", ":"),
        (":17", ":true"),
        (":17", ":\"17\""),
        (":17", ":4294967296"),
        (r#","delta""#, r#","delta":"","delta""#),
        (r#","output_index""#, r#","obfuscation":"x","output_index""#),
        (r#""output_index":0,"#, ""),
        (r#""type":"#, r#""type": "#),
        (r#","item_id""#, r#", "item_id""#),
        ("{", " {"),
        ("}", "} "),
        ("}", ""),
        ("{", "["),
        (r#""}"#, "}"),
    ] {
        let message = GA.replacen(from, to, 1);
        assert_eq!(known(&message), None, "{message}");
        let spaced = spaced(GA).replacen(from, to, 1);
        assert!(spaced == self::spaced(GA) || known(&spaced).is_none(), "{spaced}");
    }
    assert_eq!(recognise(b""), None);
    assert_eq!(recognise(b"{}"), None);
}

#[test]
fn no_shortened_message_is_recognised() {
    for message in [GA, BETA, SDK] {
        assert!((0..message.len()).all(|end| known(&message[..end]).is_none()));
    }
}
