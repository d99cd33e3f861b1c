//! The Python face of `trunkline-codec`: takes buffers apart, calls a kernel, wraps what it wrote.
//! No decision about audio is made here; the documentation for Python readers is in `_native.pyi`.

#![deny(unsafe_code)]
// For what the macros write; and methods bound to one lifetime cannot stand for the closures.
#![allow(clippy::extra_unused_lifetimes, clippy::redundant_closure_for_method_calls)]

mod buffers;
mod errors;
mod short_way;

use pyo3::pybacked::PyBackedBytes;
use pyo3::{prelude::*, types::PyBytes};
use trunkline_codec::SampleForm::{Float32, Int16};
use trunkline_codec::frame::{append_frame_len, frame_len, write_append_frame, write_frame};
use trunkline_codec::g711::{self, Law};
use trunkline_codec::message::{EventId, append_len, write_append, write_append_metered};
use trunkline_codec::{
    Backend, Coding, Memory, Source, arrivals, base64, delta, level, pcm, resample, stream,
};

use buffers::{Array, Audio, Bytes, array, bytes_of, from_text, immutable, new_bytes, text_of};
use errors::raised;
use short_way::{Notes, ShortWay};
type Object<'a, 'py> = &'a Bound<'py, PyAny>;

#[pymodule]
mod _native {
    #[cfg(target_os = "linux")]
    #[pymodule_export]
    use super::short_way::Poller;
    #[pymodule_export]
    use super::{
        Base64Decoder, Base64Encoder, Delta, Meter, Notes, Resampler, ShortWay, append_frame, append_message,
        append_messages, backend, backends, build_profile, decode, decode_floats, decode_g711,
        decode_samples, encode, follow_arrivals, read_delta, text_frame, to_pcm, use_backend,
    };
}

// Functions, or the methods of a class, with one expression for a body.
macro_rules! functions {
    ($($(#[$note:meta])* $name:ident($($args:tt)*) -> $result:ty = $body:expr;)*) => {
        $(#[pyfunction] $(#[$note])* fn $name<'py>($($args)*) -> $result { $body })*
    };
}
macro_rules! methods {
    ($class:ident { $($(#[$note:meta])* $name:ident($($args:tt)*) -> $result:ty = $body:expr;)* }) => {
        #[pymethods] impl $class { $($(#[$note])* fn $name<'py>($($args)*) -> $result { $body })* }
    };
}

functions! {
    /// How the extension was compiled: "release" or "debug".
    build_profile() -> &'static str = if cfg!(debug_assertions) { "debug" } else { "release" };
    /// The name of the backend in use.
    backend() -> &'static str = Backend::current().name();
    /// The names of the backends that this machine can run, slowest first.
    backends() -> Vec<&'static str> = Backend::available().map(Backend::name).collect();
    /// Uses that backend in the whole process, or with None the detected one again.
    use_backend(name: Option<&str>) -> PyResult<()> =
        name.map(Backend::from_name).transpose().map(Backend::force).map_err(raised);
    /// The buckets of the gaps between pieces that arrived, and their jitter.
    #[pyo3(signature = (times, samples, *, before, jitter, rate_hz))]
    follow_arrivals(
        times: Vec<f64>, samples: Vec<u64>, before: Option<(f64, u64)>, jitter: Option<f64>, rate_hz: u32
    ) -> (Vec<u16>, Option<f64>) = {
        let found = arrivals::followed(&times, &samples, before, jitter, f64::from(rate_hz));
        (found.buckets, found.jitter)
    };
    /// The finished `input_audio_buffer.append` message for these samples, measured on the way if asked.
    #[pyo3(signature = (samples, *, event_id=None, law=None, meter=None))]
    append_message(
        samples: Object<'_, 'py>, event_id: Option<&str>, law: Option<&str>, meter: Option<&Bound<'_, Meter>>
    ) -> Bytes<'py> = {
        let (audio, coding, id) = parts_of(samples, event_id, law)?;
        let size = append_len(audio.memory.count(), coding, id);
        let Some(meter) = meter else {
            return new_bytes(samples.py(), size, |out| write_append(&audio.memory, coding, id, out));
        };
        let meter = &mut meter.try_borrow_mut()?.0;
        new_bytes(samples.py(), size, |out| write_append_metered(&audio.memory, coding, id, meter, out))
    };
    /// The same message as a whole WebSocket frame of a client, masked with these four bytes.
    #[pyo3(signature = (samples, key, *, event_id=None, law=None))]
    append_frame(
        samples: Object<'_, 'py>, key: [u8; 4], event_id: Option<&str>, law: Option<&str>
    ) -> Bytes<'py> = {
        let (audio, coding, id) = parts_of(samples, event_id, law)?;
        let size = append_frame_len(audio.memory.count(), coding, id);
        new_bytes(samples.py(), size, |out| write_append_frame(&audio.memory, coding, id, key, out))
    };
    /// One finished append message for every so many samples.
    #[pyo3(signature = (samples, count, *, law=None))]
    append_messages(
        samples: Object<'_, 'py>, count: usize, law: Option<&str>
    ) -> PyResult<Vec<Bound<'py, PyBytes>>> = {
        let (audio, coding, _) = parts_of(samples, None, law)?;
        let write = |chunk: Memory| {
            let size = append_len(chunk.count(), coding, None);
            new_bytes(samples.py(), size, |out| write_append(&chunk, coding, None, out))
        };
        audio.memory.chunks(count).map(write).collect()
    };
    /// A text message as a whole WebSocket frame of a client, masked with these four bytes.
    text_frame(message: Object<'_, 'py>, key: [u8; 4]) -> Bytes<'py> = {
        let text = text_of(message)?;
        new_bytes(message.py(), frame_len(text.len()), |out| write_frame(&text, key, out))
    };
    /// The base64 text of these samples' pcm, or of a law's codes for them.
    #[pyo3(signature = (samples, *, law=None))]
    encode(samples: Object<'_, 'py>, law: Option<&str>) -> Bytes<'py> = {
        let (audio, coding, _) = parts_of(samples, None, law)?;
        new_bytes(samples.py(), coding.text_len(audio.memory.count()), |out| coding.write_text(&audio.memory, out))
    };
    /// These samples as pcm, or as a law's codes.
    #[pyo3(signature = (samples, *, law=None))]
    to_pcm(samples: Object<'_, 'py>, law: Option<&str>) -> Bytes<'py> = {
        let (audio, coding, _) = parts_of(samples, None, law)?;
        new_bytes(samples.py(), coding.byte_len(audio.memory.count()), |out| coding.write(&audio.memory, out))
    };
    /// The bytes that this base64 text stands for, or the pcm for a law's codes in it.
    #[pyo3(signature = (text, *, law=None))]
    decode(text: Object<'_, 'py>, law: Option<&str>) -> Bytes<'py> = match law {
        None => from_text(text, base64::decoded_len, base64::decode),
        Some(law) => {
            let law = Law::from_name(law).map_err(raised)?;
            from_text(text, g711::decoded_text_len, |text, out| law.decode_text(text, out))
        }
    };
    /// The samples that this base64 text stands for, as a read-only int16 array.
    decode_samples(text: Object<'_, 'py>) -> Array<'py> =
        array(&from_text(text, pcm::decoded_len, base64::decode)?, Int16);
    /// The samples that this base64 text stands for, as a read-only float32 array in [-1, 1).
    decode_floats(text: Object<'_, 'py>) -> Array<'py> =
        array(&from_text(text, pcm::decoded_floats_len, pcm::decode_floats)?, Float32);
    /// The pcm that these G.711 codes stand for.
    decode_g711(codes: Object<'_, 'py>, law: &str) -> Bytes<'py> = {
        let (py, law, codes) = (codes.py(), Law::from_name(law).map_err(raised)?, bytes_of(codes)?);
        new_bytes(py, g711::decoded_len(codes.len()), |out| law.decode(&codes, out))
    };
    /// The audio delta that this message is by its exact shape; None for anything unusual.
    #[pyo3(signature = (message, *, law=None))]
    read_delta(message: Object<'_, 'py>, law: Option<&str>) -> PyResult<Option<Delta>> = {
        let coding = Coding::of_law(law).map_err(raised)?;
        Ok(immutable(message).and_then(delta::recognise).and_then(|found| {
            let size = Some(coding.decoded_len(found.audio).ok()?);
            let pcm = new_bytes(message.py(), size, |out| coding.decode(found.audio, out)).ok()?.into();
            Some(Delta { place: found.place(), pcm })
        }))
    };
}

type Parts<'a> = (Audio<'a>, Coding, Option<EventId<'a>>);
fn parts_of<'a>(samples: Object<'a, '_>, id: Option<&'a str>, law: Option<&str>) -> PyResult<Parts<'a>> {
    let id = id.map(EventId::new).transpose().map_err(raised)?;
    Ok((Audio::take(samples)?, Coding::of_law(law).map_err(raised)?, id))
}

/// A piece of a reply's audio, and where it belongs.
#[pyclass(frozen, eq, hash, module = "trunkline._native")]
#[derive(PartialEq, Eq, Hash)]
struct Delta {
    place: delta::Place,
    #[pyo3(get)]
    pcm: PyBackedBytes,
}

methods! { Delta {
    #[new]
    from_fields(
        event_id: &str, response_id: &str, item_id: &str, output_index: u32, content_index: u32,
        pcm: PyBackedBytes
    ) -> Self =
        Self { place: delta::Place::new([event_id, response_id, item_id], output_index, content_index), pcm };
    #[getter] event_id(&self) -> &str = self.place.event_id();
    #[getter] response_id(&self) -> &str = self.place.response_id();
    #[getter] item_id(&self) -> &str = self.place.item_id();
    #[getter] output_index(&self) -> u32 = self.place.output_index;
    #[getter] content_index(&self) -> u32 = self.place.content_index;
    /// The audio as a read-only int16 array, without a copy.
    #[getter] samples(&self, py: Python<'py>) -> Array<'py> = array(&(&self.pcm).into_pyobject(py)?, Int16);
    /// The audio as a read-only float32 array in [-1, 1).
    #[getter] floats(&self, py: Python<'py>) -> Array<'py> = {
        let pcm = &self.pcm;
        array(&new_bytes(py, pcm::floats_len(pcm), |out| pcm::pcm_to_floats(pcm, out))?, Float32)
    };
    __repr__(&self) -> String = {
        let (item, index, size) = (self.place.item_id(), self.place.content_index, self.pcm.len());
        format!("Delta(item_id={item:?}, content_index={index}, pcm=<{size} bytes>)")
    };
}}

/// Measures samples in pieces of any size.
#[pyclass(subclass, module = "trunkline._native")]
struct Meter(level::Meter);

methods! { Meter {
    #[new] new() -> Self = Self(level::Meter::default());
    /// Takes samples.
    take(&mut self, samples: Object<'_, 'py>) -> PyResult<()> = self.0.take(&Audio::take(samples)?.memory).map_err(raised);
    /// RMS, peak, clipped samples and number of samples, in units of an int16 sample; then it begins anew.
    read(&mut self) -> (f64, u16, u64, u64) = {
        let found = std::mem::take(&mut self.0).level();
        (found.rms, found.peak, found.clipped, found.count)
    };
}}

/// Turns pcm in pieces of any size into the base64 text of the whole.
#[pyclass(module = "trunkline._native")]
struct Base64Encoder(stream::Encoder);

methods! { Base64Encoder {
    #[new] new() -> Self = Self(stream::Encoder::default());
    /// Takes bytes and gives the text that is certain by now.
    update(&mut self, piece: Object<'_, 'py>) -> Bytes<'py> = {
        let bytes = bytes_of(piece)?;
        new_bytes(piece.py(), self.0.update_len(bytes.len()), |out| self.0.update(&bytes, out))
    };
    /// Gives the rest of the text; the encoder is as new afterwards.
    finish(&mut self, py: Python<'py>) -> Bound<'py, PyBytes> =
        PyBytes::new(py, self.0.finish().as_ref().map_or(&[], <[u8; 4]>::as_slice));
}}

/// Turns base64 text in pieces of any size into the bytes of the whole.
#[pyclass(module = "trunkline._native")]
struct Base64Decoder(stream::Decoder);

methods! { Base64Decoder {
    #[new] new() -> Self = Self(stream::Decoder::default());
    /// Takes text and gives the bytes that are certain by now.
    update(&mut self, piece: Object<'_, 'py>) -> Bytes<'py> = {
        let text = text_of(piece)?;
        new_bytes(piece.py(), Some(self.0.update_len(&text)), |out| self.0.update(&text, out))
    };
    /// Checks that the text ended with a whole group; the decoder is as new afterwards.
    finish(&mut self) -> PyResult<()> = self.0.finish().map_err(raised);
}}

/// Turns samples of one rate into pcm of another while they arrive.
#[pyclass(module = "trunkline._native")]
struct Resampler(resample::Resampler);

methods! { Resampler {
    #[new] new(source_hz: u32, target_hz: u32) -> PyResult<Self> =
        resample::Resampler::new(source_hz, target_hz).map(Self).map_err(raised);
    /// How much later than it came audio leaves, in milliseconds.
    #[getter] delay_ms(&self) -> f64 = self.0.delay_ms();
    /// Takes samples and gives the pcm that is certain by now.
    feed(&mut self, samples: Object<'_, 'py>) -> Bytes<'py> = {
        let audio = Audio::take(samples)?;
        new_bytes(samples.py(), self.0.feed_len(audio.memory.count()), |out| self.0.feed(&audio.memory, out))
    };
    /// Gives the filter's tail; the resampler is as new afterwards.
    flush(&mut self, py: Python<'py>) -> Bytes<'py> =
        new_bytes(py, Some(self.0.flush_len()), |out| self.0.flush(out));
}}
