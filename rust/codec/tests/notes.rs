//! Notes of ordinary audio: what may be noted, and that all of it is given once.

use trunkline_codec::notes::{Answer, Chunks, Deltas, Heard, Sent};

fn answer() -> Answer {
    Answer {
        epoch: 1,
        response_id: "r".into(),
        item_id: "a".into(),
        left: 100,
        ran_at: 1.0,
        lag: 0.25,
        until: 9.0,
    }
}

#[test]
fn chunks_are_noted_while_there_is_room_and_time_and_only_of_their_size() {
    let mut chunks = Chunks::default();
    assert!(!chunks.takes(4, 0.0));
    chunks.open(4, 2, 9.0);
    assert!(chunks.takes(4, 8.9) && !chunks.takes(4, 9.0) && !chunks.takes(6, 1.0));
    chunks.note('a', 1.0, 10);
    chunks.note('b', 2.0, 11);
    assert!(!chunks.takes(4, 3.0), "there is no more room");
    chunks.open(4, 2, 9.0);
    assert!(chunks.takes(4, 3.0));
    chunks.shut();
    assert!(!chunks.takes(4, 3.0));
    let sent = Sent { chunks: vec!['a', 'b'], began_at: 1.0, at: 2.0, text_bytes: 21 };
    assert_eq!(chunks.take(), Some(sent), "to shut the notes loses nothing");
    assert_eq!(chunks.take(), None);
    chunks.note('c', 4.0, 1);
    assert_eq!(chunks.take(), Some(Sent { chunks: vec!['c'], began_at: 4.0, at: 4.0, text_bytes: 1 }));
}

#[test]
fn deltas_are_noted_of_one_answer_on_one_link_and_not_after_a_lag() {
    let mut deltas = Deltas::default();
    assert!(!deltas.may_take(1, 1.0) && !deltas.takes("r", "a", 0) && deltas.heard_at().is_none());
    deltas.open(answer());
    assert!(deltas.may_take(1, 1.2) && !deltas.may_take(2, 1.2) && !deltas.may_take(1, 1.25));
    assert!(deltas.takes("r", "a", 100) && !deltas.takes("r", "a", 101));
    assert!(!deltas.takes("s", "a", 1) && !deltas.takes("r", "b", 1));
    deltas.note(60, 1.2, 10);
    assert_eq!(deltas.heard_at(), Some(1.2));
    assert!(deltas.may_take(1, 1.4), "each that comes moves the moment");
    assert!(deltas.takes("r", "a", 40) && !deltas.takes("r", "a", 41));
    deltas.note(40, 1.4, 20);
    deltas.shut();
    assert!(!deltas.may_take(1, 1.4) && !deltas.takes("r", "a", 0) && deltas.heard_at().is_none());
    let heard = Heard { times: vec![1.2, 1.4], samples: vec![60, 40], text_bytes: 30 };
    assert_eq!(deltas.take(), Some(heard), "to shut the notes loses nothing");
    assert_eq!(deltas.take(), None);
}

#[test]
fn none_is_noted_from_the_moment_on_that_was_set() {
    let mut deltas = Deltas::default();
    deltas.open(Answer { until: 1.1, ..answer() });
    assert!(deltas.may_take(1, 1.09) && !deltas.may_take(1, 1.1));
}

#[test]
fn what_must_not_be_noted_wraps_nothing_when_it_is() {
    let mut deltas = Deltas::default();
    deltas.open(answer());
    deltas.note(u64::MAX, 1.1, 0);
    assert!(!deltas.takes("r", "a", 1));
    let mut chunks = Chunks::default();
    chunks.note((), 1.0, 0);
    assert!(!chunks.takes(0, 1.0));
}

#[test]
fn what_may_be_noted_is_renewed_and_what_is_shut_is_not() {
    let (mut chunks, mut deltas) = (Chunks::default(), Deltas::default());
    chunks.renew(100, 20.0);
    deltas.renew(100, 20.0);
    assert!(!chunks.takes(4, 1.0) && !deltas.may_take(1, 1.0));
    chunks.open(4, 1, 9.0);
    deltas.open(answer());
    chunks.note('a', 8.0, 1);
    deltas.note(100, 8.95, 1);
    assert!(!chunks.takes(4, 8.5) && !deltas.takes("r", "a", 1) && !deltas.may_take(1, 9.0));
    chunks.renew(5, 20.0);
    deltas.renew(3, 20.0);
    assert!(chunks.takes(4, 19.9) && !chunks.takes(4, 20.0) && !chunks.takes(2, 19.9));
    assert!(deltas.takes("r", "a", 3) && !deltas.takes("r", "a", 4));
    assert!(deltas.may_take(1, 9.1) && !deltas.may_take(1, 9.3), "it was heard no later for that");
    chunks.note('b', 10.0, 1);
    chunks.note('c', 10.0, 1);
    assert!(!chunks.takes(4, 10.0), "five samples are two chunks");
    chunks.open(0, 1, 9.0);
    chunks.renew(5, 20.0);
    assert!(!chunks.takes(0, 10.0));
}
