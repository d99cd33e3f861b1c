//! What the kernels cost without Python: `cargo bench --package trunkline-codec`.
//!
//! Backends take turns within one run, so that a change of the machine's mood hits all of them; the figure
//! is the median of the rounds, in nanoseconds a call.

use std::hint::black_box;
use std::time::Instant;

use trunkline_codec::delta::recognise;
use trunkline_codec::level::measure_with;
use trunkline_codec::message::{append_len, write_append_metered_with, write_append_with};
use trunkline_codec::{Backend, SampleForm, Samples, base64, pcm};

const ROUNDS: usize = 25;
const NANOSECONDS_A_ROUND: u128 = 4_000_000;

type Work<'a> = (&'a str, Box<dyn FnMut(Backend) + 'a>);

fn main() {
    let backends: Vec<Backend> = Backend::available().collect();
    print!("{:34}", "ns a call, median of turns");
    for backend in &backends {
        print!("{:>12}", backend.name());
    }
    println!();
    for ms in [20_u32, 100, 1000, 60_000] {
        let count = 24 * ms;
        let floats: Vec<u8> = (0..count)
            .flat_map(|step| (f32::from(u16::try_from(step % 999).unwrap()) / 999.0 - 0.4).to_le_bytes())
            .collect();
        let pcm: Vec<u8> = floats.chunks(4).flat_map(|float| [float[0], float[1]]).collect();
        let mut text = vec![0; base64::encoded_len(pcm.len()).unwrap()];
        base64::encode(&pcm, &mut text).unwrap();
        let delta = format!(
            r#"{{"type":"response.output_audio.delta","event_id":"event_BGQCwd9zOaTBXZVJsPCgf","response_id":"resp_BGQCwZbkXUPRB5jMSxYCh","item_id":"item_BGQCwd9zOaTBXZVJsPCgf","output_index":0,"content_index":0,"delta":"{}"}}"#,
            String::from_utf8(text.clone()).unwrap()
        );
        for (name, mut call) in works(&floats, &pcm, &text, delta.as_bytes()) {
            let medians = medians(&backends, &mut call);
            print!("{name:26}{ms:>5} ms");
            for nanoseconds in medians {
                print!("{nanoseconds:>12.1}");
            }
            println!();
        }
    }
}

fn works<'a>(floats: &'a [u8], pcm: &'a [u8], text: &'a [u8], delta: &'a [u8]) -> Vec<Work<'a>> {
    let from_floats = Samples::new(floats, SampleForm::Float32).unwrap();
    let from_pcm = Samples::new(pcm, SampleForm::Int16).unwrap();
    let mut message = vec![0; append_len(from_pcm, None).unwrap()];
    let (mut other, mut third) = (message.clone(), message.clone());
    let (mut bytes, mut values) = (vec![0; pcm.len()], vec![0; floats.len()]);
    let (mut converted, mut widened) = (bytes.clone(), values.clone());
    vec![
        (
            "float32 -> append",
            Box::new(move |backend| {
                write_append_with(backend, black_box(from_floats), None, &mut message).unwrap();
            }),
        ),
        (
            "int16 -> append",
            Box::new(move |backend| {
                write_append_with(backend, black_box(from_pcm), None, &mut other).unwrap();
            }),
        ),
        (
            "float32 -> append, level",
            Box::new(move |backend| {
                let level = write_append_metered_with(backend, black_box(from_floats), None, &mut third);
                black_box(level.unwrap());
            }),
        ),
        (
            "base64 -> int16",
            Box::new(move |backend| base64::decode_with(backend, black_box(text), &mut bytes).unwrap()),
        ),
        (
            "base64 -> float32",
            Box::new(move |backend| pcm::decode_floats_with(backend, black_box(text), &mut values).unwrap()),
        ),
        (
            "float32 -> int16",
            Box::new(move |backend| {
                pcm::floats_to_pcm_with(backend, black_box(floats), &mut converted).unwrap();
            }),
        ),
        (
            "int16 -> float32",
            Box::new(move |backend| {
                pcm::pcm_to_floats_with(backend, black_box(pcm), &mut widened).unwrap();
            }),
        ),
        (
            "level of int16",
            Box::new(move |backend| {
                black_box(measure_with(backend, black_box(from_pcm)));
            }),
        ),
        (
            "recognise a delta",
            Box::new(move |_| {
                black_box(recognise(black_box(delta))).unwrap();
            }),
        ),
    ]
}

fn medians(backends: &[Backend], call: &mut dyn FnMut(Backend)) -> Vec<f64> {
    let mut timed = |backend, count: u32| {
        let start = Instant::now();
        (0..count).for_each(|_| call(backend));
        start.elapsed().as_nanos()
    };
    let counts: Vec<u32> = backends
        .iter()
        .map(|backend| {
            u32::try_from(NANOSECONDS_A_ROUND * 10 / timed(*backend, 10).max(1)).unwrap().clamp(1, 100_000)
        })
        .collect();
    let mut turns = vec![Vec::new(); backends.len()];
    for _ in 0..ROUNDS {
        for ((turn, backend), count) in turns.iter_mut().zip(backends).zip(&counts) {
            #[expect(clippy::cast_precision_loss, reason = "far below 2⁵³")]
            turn.push(timed(*backend, *count) as f64 / f64::from(*count));
        }
    }
    turns.into_iter().map(median).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
