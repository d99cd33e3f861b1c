//! Any bytes taken for samples of either form, of any length and at any offset: every backend makes of them
//! what the slow oracle makes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trunkline_codec::base64::{encode_with, encoded_len};
use trunkline_codec::frame::{append_frame_len, write_append_frame};
use trunkline_codec::g711::Law;
use trunkline_codec::level::{Level, Meter, measure_with};
use trunkline_codec::message::{
    EventId, append_len, write_append, write_append_metered_with, write_append_with,
};
use trunkline_codec::{Backend, Coding, Memory, SampleForm, Samples, Shared, Source};
use trunkline_fuzz::{Placed, oracle, written};

fuzz_target!(|input: &[u8]| {
    let Some(bytes) = Placed::from_input(input) else {
        return;
    };
    let text = oracle::encode(&bytes);
    for backend in Backend::available() {
        let size = encoded_len(bytes.len()).unwrap();
        let found = written(size, bytes.offset(), |out| encode_with(backend, &bytes, out));
        assert_eq!(found.as_ref(), Ok(&text), "{}", backend.name());
    }
    for form in [SampleForm::Int16, SampleForm::Float32] {
        check_form(&bytes, form);
    }
});

/// What is to come of samples, made once for all backends: the oracle is much slower than what it judges.
struct Expected {
    pcm: Vec<u8>,
    text: Vec<u8>,
    level: Level,
    /// Codes and their text by each law.
    laws: [(Vec<u8>, Vec<u8>); 2],
}

impl Expected {
    fn of(bytes: &[u8], form: SampleForm) -> Self {
        let pcm = pcm_of(bytes, form);
        let laws = Law::ALL.map(|law| {
            let code = |sample: &[u8; 2]| law.code(i16::from_le_bytes(*sample));
            let codes: Vec<u8> = pcm.as_chunks().0.iter().map(code).collect();
            let text = oracle::encode(&codes);
            (codes, text)
        });
        Self { text: oracle::encode(&pcm), level: level_of(&pcm), laws, pcm }
    }
}

fn check_form(bytes: &Placed, form: SampleForm) {
    let whole = bytes.len() / form.sample_bytes() * form.sample_bytes();
    if whole < bytes.len() {
        assert_eq!(Samples::new(bytes, form).map_err(|error| error.offset).err(), Some(whole));
    }
    let bytes = Placed::new(&bytes[..whole], bytes.offset());
    let samples = Samples::new(&bytes, form).unwrap();
    let expected = Expected::of(&bytes, form);
    for backend in Backend::available() {
        check_samples(backend, samples, bytes.offset(), &expected);
        // SAFETY: the bytes outlive the call.
        let shared = unsafe { Shared::new(bytes.as_ptr(), bytes.len(), form) };
        for memory in [Memory::Fixed(samples), Memory::shared(shared).unwrap()] {
            check_messages(backend, memory, bytes.offset(), &expected);
            check_frame(memory, bytes.offset(), &expected);
        }
        check_laws(backend, samples, bytes.offset(), &expected);
    }
}

fn check_samples(backend: Backend, samples: Samples<'_>, offset: usize, expected: &Expected) {
    let found = written(expected.pcm.len(), offset, |out| samples.write_pcm_with(backend, out));
    assert_eq!(found.as_ref(), Ok(&expected.pcm), "{}", backend.name());
    let found = written(expected.text.len(), offset, |out| samples.encode_with(backend, out));
    assert_eq!(found.as_ref(), Ok(&expected.text), "{}", backend.name());
    assert_eq!(measure_with(backend, samples), expected.level, "{}", backend.name());
}

/// With an id as long as the offset, or without one, so that the audio's text is not always at one place.
fn check_messages(backend: Backend, memory: Memory<'_>, offset: usize, expected: &Expected) {
    let id = "t".repeat(offset);
    let id = EventId::new(&id).ok();
    let whole = message(id, &expected.text);
    let size = append_len(memory.count(), Coding::Pcm, id).unwrap();
    let found = written(size, offset, |out| write_append_with(backend, &memory, Coding::Pcm, id, out));
    assert_eq!(found.as_ref(), Ok(&whole), "{}", backend.name());
    let mut meter = Meter::default();
    let found = written(size, offset, |out| {
        write_append_metered_with(backend, &memory, Coding::Pcm, id, &mut meter, out)
    });
    assert_eq!(found.as_ref(), Ok(&whole), "{}", backend.name());
    assert_eq!(meter.level(), expected.level, "{}", backend.name());
}

/// The payload of a frame, unmasked a byte at a time, is the message.
fn check_frame(memory: Memory<'_>, offset: usize, expected: &Expected) {
    let (key, whole) = ([0x37, 0xfa, 0x21, 0x3d], message(None, &expected.text));
    let size = append_frame_len(memory.count(), Coding::Pcm, None).unwrap();
    let frame =
        written(size, offset, |out| write_append_frame(&memory, Coding::Pcm, None, key, out)).unwrap();
    let (header, payload) = frame.split_at(size - whole.len());
    assert_eq!(header[header.len() - 4..], key);
    assert!(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).eq(whole));
}

fn message(id: Option<EventId<'_>>, text: &[u8]) -> Vec<u8> {
    let id = id.map(|id| format!(r#""event_id":"{}","#, id.as_str())).unwrap_or_default();
    let open = format!(r#"{{{id}"type":"input_audio_buffer.append","audio":""#);
    [open.as_bytes(), text, b"\"}"].concat()
}

fn check_laws(backend: Backend, samples: Samples<'_>, offset: usize, expected: &Expected) {
    // These have no entry that is told the backend; a fuzzer has one thread.
    Backend::force(Some(backend));
    for (law, (codes, text)) in Law::ALL.into_iter().zip(&expected.laws) {
        let found = written(codes.len(), offset, |out| law.encode(samples, out));
        assert_eq!(found.as_ref(), Ok(codes), "{law:?}");
        let found = written(text.len(), offset, |out| law.encode_text(samples, out));
        assert_eq!(found.as_ref(), Ok(text), "{law:?}");
        let coding = Coding::G711(law);
        let size = append_len(samples.count(), coding, None).unwrap();
        let found = written(size, offset, |out| write_append(&samples, coding, None, out));
        assert_eq!(found, Ok(message(None, text)), "{law:?}");
    }
    Backend::force(None);
}

fn pcm_of(bytes: &[u8], form: SampleForm) -> Vec<u8> {
    let sample = |float: &[u8; 4]| oracle::sample_from_float(f32::from_le_bytes(*float)).to_le_bytes();
    match form {
        SampleForm::Int16 => bytes.to_vec(),
        SampleForm::Float32 => bytes.as_chunks().0.iter().flat_map(sample).collect(),
    }
}

/// By definition: runs of three and more at full scale are clipped, whatever their signs.
fn level_of(pcm: &[u8]) -> Level {
    let samples: Vec<u16> =
        pcm.as_chunks().0.iter().map(|sample| i16::from_le_bytes(*sample).unsigned_abs()).collect();
    let is_full = |sample: &u16| *sample >= 32767;
    let runs = samples.chunk_by(|left, right| is_full(left) == is_full(right));
    let clipped = runs.filter(|run| run.len() >= 3 && is_full(&run[0])).map(|run| run.len() as u64).sum();
    // Exact: integers far below 2⁵³.
    let squares = samples.iter().fold(0.0, |sum, sample| sum + f64::from(*sample).powi(2));
    let count = u32::try_from(samples.len()).unwrap();
    let rms = (squares / f64::from(count.max(1))).sqrt();
    Level { rms, peak: samples.iter().copied().max().unwrap_or(0), clipped, count: count.into() }
}
