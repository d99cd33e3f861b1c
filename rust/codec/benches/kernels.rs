//! What the kernels cost without Python: `cargo bench --package trunkline-codec [-- FILTER] [--quick]`.
//!
//! A group is a kernel and an amount of audio, a member of it a backend that this machine has; the
//! throughput is that of the bytes a kernel reads. `-- --save-baseline NAME` and `-- --baseline NAME` compare two
//! states of the code; backends do not take turns here, so compare them on a quiet machine, or by
//! `benches/codec.py`.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use trunkline_codec::delta::recognise;
use trunkline_codec::g711::{self, Law};
use trunkline_codec::level::{Meter, measure_with};
use trunkline_codec::message::{append_len, write_append, write_append_metered_with, write_append_with};
use trunkline_codec::resample::Resampler;
use trunkline_codec::{Backend, Coding, SampleForm, Samples, base64, pcm};

const LINE_HZ: u32 = 24_000;
const LENGTHS_MS: [u32; 2] = [20, 1000];

/// The same audio in every form that a kernel reads.
struct Audio {
    ms: u32,
    floats: Vec<u8>,
    pcm: Vec<u8>,
    text: Vec<u8>,
}

impl Audio {
    /// A ramp over nearly the whole range: no kernel's time depends on what the samples are.
    fn of(ms: u32) -> Self {
        let ramp = (0..LINE_HZ / 1000 * ms).map(|step| f32::from((step % 999) as u16) / 512.0 - 0.97);
        let floats: Vec<u8> = ramp.flat_map(f32::to_le_bytes).collect();
        let mut pcm = vec![0; floats.len() / 2];
        pcm::floats_to_pcm(&floats, &mut pcm).unwrap();
        let mut text = vec![0; base64::encoded_len(pcm.len()).unwrap()];
        base64::encode(&pcm, &mut text).unwrap();
        Self { ms, floats, pcm, text }
    }

    fn float_samples(&self) -> Samples<'_> {
        Samples::new(&self.floats, SampleForm::Float32).unwrap()
    }

    fn pcm_samples(&self) -> Samples<'_> {
        Samples::new(&self.pcm, SampleForm::Int16).unwrap()
    }

    fn delta_message(&self) -> String {
        let text = str::from_utf8(&self.text).unwrap();
        format!(
            r#"{{"type":"response.output_audio.delta","event_id":"event_BGQCwd9zOaTBXZVJsPCgf","response_id":"resp_BGQCwZbkXUPRB5jMSxYCh","item_id":"item_BGQCwd9zOaTBXZVJsPCgf","output_index":0,"content_index":0,"delta":"{text}"}}"#
        )
    }
}

/// One group: the kernel on each backend of this machine.
fn on_each_backend(
    criterion: &mut Criterion,
    name: &str,
    ms: u32,
    len: usize,
    mut call: impl FnMut(Backend),
) {
    let mut group = criterion.benchmark_group(format!("{name}, {ms} ms"));
    group.throughput(Throughput::Bytes(len as u64));
    for backend in Backend::available() {
        group.bench_function(backend.name(), |bencher| bencher.iter(|| call(black_box(backend))));
    }
    group.finish();
}

/// One group of a single member: what has no kernels by backend.
fn as_it_is(criterion: &mut Criterion, name: &str, ms: u32, len: usize, mut call: impl FnMut()) {
    let mut group = criterion.benchmark_group(format!("{name}, {ms} ms"));
    group.throughput(Throughput::Bytes(len as u64));
    group.bench_function("any", |bencher| bencher.iter(&mut call));
    group.finish();
}

fn messages(criterion: &mut Criterion) {
    for audio in LENGTHS_MS.map(Audio::of) {
        let forms = [("float32", audio.float_samples()), ("int16", audio.pcm_samples())];
        for ((form, samples), len) in forms.into_iter().zip([audio.floats.len(), audio.pcm.len()]) {
            let mut message = vec![0; append_len(samples.count(), Coding::Pcm, None).unwrap()];
            on_each_backend(criterion, &format!("{form} to append"), audio.ms, len, |backend| {
                write_append_with(backend, black_box(&samples), Coding::Pcm, None, &mut message).unwrap();
            });
            let mut meter = Meter::default();
            on_each_backend(criterion, &format!("{form} to append, level"), audio.ms, len, |backend| {
                let samples = black_box(&samples);
                write_append_metered_with(backend, samples, Coding::Pcm, None, &mut meter, &mut message)
                    .unwrap();
            });
            on_each_backend(criterion, &format!("level of {form}"), audio.ms, len, |backend| {
                black_box(measure_with(backend, black_box(samples)));
            });
        }
        let message = audio.delta_message();
        as_it_is(criterion, "recognise a delta", audio.ms, message.len(), || {
            black_box(recognise(black_box(message.as_bytes()))).unwrap();
        });
    }
}

fn text(criterion: &mut Criterion) {
    for Audio { ms, floats, pcm, text } in LENGTHS_MS.map(Audio::of) {
        let mut out = vec![0; text.len()];
        on_each_backend(criterion, "int16 to base64", ms, pcm.len(), |backend| {
            base64::encode_with(backend, black_box(&pcm), &mut out).unwrap();
        });
        let mut out = vec![0; pcm.len()];
        on_each_backend(criterion, "base64 to int16", ms, text.len(), |backend| {
            base64::decode_with(backend, black_box(&text), &mut out).unwrap();
        });
        let mut out = vec![0; floats.len()];
        on_each_backend(criterion, "base64 to float32", ms, text.len(), |backend| {
            pcm::decode_floats_with(backend, black_box(&text), &mut out).unwrap();
        });
    }
}

fn conversions(criterion: &mut Criterion) {
    for Audio { ms, floats, pcm, .. } in LENGTHS_MS.map(Audio::of) {
        let mut out = vec![0; pcm.len()];
        on_each_backend(criterion, "float32 to int16", ms, floats.len(), |backend| {
            pcm::floats_to_pcm_with(backend, black_box(&floats), &mut out).unwrap();
        });
        let mut out = vec![0; floats.len()];
        on_each_backend(criterion, "int16 to float32", ms, pcm.len(), |backend| {
            pcm::pcm_to_floats_with(backend, black_box(&pcm), &mut out).unwrap();
        });
    }
}

/// Table look-ups, and base64 by the backend in use: the best one.
fn telephony(criterion: &mut Criterion) {
    for audio in LENGTHS_MS.map(Audio::of) {
        let (ms, samples) = (audio.ms, audio.pcm_samples());
        let mut codes = vec![0; samples.count()];
        let mut text = vec![0; base64::encoded_len(codes.len()).unwrap()];
        let mut out = vec![0; audio.pcm.len()];
        for law in Law::ALL {
            let name = law.name();
            let mut message = vec![0; append_len(samples.count(), Coding::G711(law), None).unwrap()];
            as_it_is(criterion, &format!("int16 to {name} append"), ms, audio.pcm.len(), || {
                write_append(black_box(&samples), Coding::G711(law), None, &mut message).unwrap();
            });
            law.encode(samples, &mut codes).unwrap();
            as_it_is(criterion, &format!("{name} to int16"), ms, codes.len(), || {
                law.decode(black_box(&codes), &mut out).unwrap();
            });
            base64::encode(&codes, &mut text).unwrap();
            assert_eq!(g711::decoded_text_len(&text), Ok(out.len()));
            as_it_is(criterion, &format!("base64 of {name} to int16"), ms, text.len(), || {
                law.decode_text(black_box(&text), &mut out).unwrap();
            });
        }
    }
}

/// A live stream: what is fed is always as long, so the output is, but for a sample more or less.
fn resampling(criterion: &mut Criterion) {
    for (source_hz, target_hz) in [(48_000, 24_000), (44_100, 24_000), (24_000, 48_000), (8_000, 24_000)] {
        for ms in LENGTHS_MS {
            let pcm = vec![7; (source_hz / 50 * ms / 20 * 2) as usize];
            let samples = Samples::new(&pcm, SampleForm::Int16).unwrap();
            let mut resampler = Resampler::new(source_hz, target_hz).unwrap();
            let mut out = vec![0; resampler.feed_len(samples.count()).unwrap() + 2];
            as_it_is(criterion, &format!("{source_hz} to {target_hz} Hz"), ms, pcm.len(), || {
                let len = resampler.feed_len(samples.count()).unwrap();
                resampler.feed(black_box(&samples), &mut out[..len]).unwrap();
            });
        }
    }
}

/// About 100 figures: a second for each, where Criterion's own choice would make it a quarter of an hour.
fn short() -> Criterion {
    Criterion::default().warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(800))
}

criterion_group! {
    name = kernels;
    config = short();
    targets = messages, text, conversions, telephony, resampling
}
criterion_main!(kernels);
