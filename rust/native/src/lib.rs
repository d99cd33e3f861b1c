//! The Python face of `trunkline-codec`: takes buffers apart, calls a kernel, wraps what it wrote.
//! No decision about audio is made here; the documentation for Python readers is in `_native.pyi`.

#![deny(unsafe_code)]
// For what the macros write; and methods bound to one lifetime cannot stand for the closures.
#![allow(clippy::extra_unused_lifetimes, clippy::redundant_closure_for_method_calls)]

mod buffers;
mod errors;

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;
use trunkline_codec::SampleForm::{Float32, Int16};
use trunkline_codec::g711::{self, Law};
use trunkline_codec::message::{EventId, append_len, write_append};
use trunkline_codec::{Backend, Error, base64, delta, level as meter, pcm, resample, stream};

use buffers::{Array, Audio, Bytes, array, from_samples, from_text, immutable, new_bytes, text_of, unlocked};
use errors::raised;
type Object<'a, 'py> = &'a Bound<'py, PyAny>;

#[pymodule]
mod _native {
    #[pymodule_export]
    use super::{
        Base64Decoder, Base64Encoder, Delta, Resampler, append_g711, append_message, append_messages,
        backend, backends, build_profile, decode, decode_floats, decode_g711, decode_g711_text,
        decode_samples, encode, encode_g711, level, read_delta, to_pcm, use_backend,
    };
}

// Functions with one expression for a body.
macro_rules! functions {
    ($($(#[$note:meta])* $name:ident($($arg:ident: $kind:ty),*) -> $result:ty = $body:expr;)*) => {
        $(#[pyfunction] $(#[$note])* fn $name<'py>($($arg: $kind),*) -> $result { $body })*
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
    /// The finished `input_audio_buffer.append` message for these samples.
    #[pyo3(signature = (samples, event_id=None))]
    append_message(samples: Object<'_, 'py>, event_id: Option<&str>) -> Bytes<'py> = {
        let id = event_id.map(EventId::new).transpose().map_err(raised)?;
        from_samples(samples, |whole| append_len(whole, id), |whole, out| write_append(whole, id, out))
    };
    /// One finished append message for every so many samples.
    append_messages(samples: Object<'_, 'py>, count: usize) -> PyResult<Vec<Bound<'py, PyBytes>>> = {
        let (py, audio) = (samples.py(), Audio::take(samples)?);
        let write = |chunk| new_bytes(py, append_len(chunk, None), |out| write_append(chunk, None, out));
        audio.samples()?.chunks(count).map(write).collect()
    };
    /// The base64 text of these samples' pcm.
    encode(samples: Object<'_, 'py>) -> Bytes<'py> =
        from_samples(samples, |whole| whole.encoded_len(), |whole, out| whole.encode(out));
    /// These samples as pcm.
    to_pcm(samples: Object<'_, 'py>) -> Bytes<'py> =
        from_samples(samples, |whole| Some(whole.pcm_len()), |whole, out| whole.write_pcm(out));
    /// The bytes that this base64 text stands for.
    decode(text: Object<'_, 'py>) -> Bytes<'py> = from_text(text, base64::decoded_len, base64::decode);
    /// The samples that this base64 text stands for, as a read-only int16 array.
    decode_samples(text: Object<'_, 'py>) -> Array<'py> =
        array(&from_text(text, pcm::decoded_len, base64::decode)?, Int16);
    /// The samples that this base64 text stands for, as a read-only float32 array in [-1, 1).
    decode_floats(text: Object<'_, 'py>) -> Array<'py> =
        array(&from_text(text, pcm::decoded_floats_len, pcm::decode_floats)?, Float32);
    /// RMS, peak, clipped samples and number of samples, in units of an int16 sample.
    level(samples: Object<'_, 'py>) -> PyResult<(f64, u16, u64, u64)> = {
        let audio = Audio::take(samples)?;
        let whole = audio.samples()?;
        let found = unlocked(samples.py(), whole.pcm_len(), || meter::measure(whole));
        Ok((found.rms, found.peak, found.clipped, found.count))
    };
    /// The finished append message with these samples' G.711 codes.
    #[pyo3(signature = (samples, law, event_id=None))]
    append_g711(samples: Object<'_, 'py>, law: &str, event_id: Option<&str>) -> Bytes<'py> = {
        let id = event_id.map(EventId::new).transpose().map_err(raised)?;
        let law = Law::from_name(law).map_err(raised)?;
        from_samples(samples, |whole| law.append_len(whole, id), |whole, out| law.write_append(whole, id, out))
    };
    /// These samples' G.711 codes.
    encode_g711(samples: Object<'_, 'py>, law: &str) -> Bytes<'py> = {
        let law = Law::from_name(law).map_err(raised)?;
        from_samples(samples, |whole| Some(whole.count()), |whole, out| law.encode(whole, out))
    };
    /// The pcm that these G.711 codes stand for.
    decode_g711(codes: Object<'_, 'py>, law: &str) -> Bytes<'py> = {
        let (py, law, codes) = (codes.py(), Law::from_name(law).map_err(raised)?, Audio::take(codes)?);
        let codes = codes.pcm()?;
        new_bytes(py, g711::decoded_len(codes.len()), |out| law.decode(codes, out))
    };
    /// The pcm that this base64 text of G.711 codes stands for.
    decode_g711_text(text: Object<'_, 'py>, law: &str) -> Bytes<'py> = {
        let law = Law::from_name(law).map_err(raised)?;
        from_text(text, g711::decoded_text_len, |text, out| law.decode_text(text, out))
    };
    /// The audio delta that this message is by its exact shape; None for anything unusual.
    read_delta(message: Object<'_, 'py>) -> Option<Delta> = {
        let found = delta::recognise(immutable(message)?)?;
        let delta::Delta { event_id, response_id, item_id, output_index, content_index, audio } = found;
        let size = Some(pcm::decoded_len(audio).ok()?);
        let pcm = new_bytes(message.py(), size, |out| base64::decode(audio, out)).ok()?.into();
        let (event_id, response_id, item_id) = (event_id.into(), response_id.into(), item_id.into());
        Some(Delta { event_id, response_id, item_id, output_index, content_index, pcm })
    };
}

/// A piece of a reply's audio, and where it belongs.
#[pyclass(frozen, eq, hash, get_all, new = "from_fields", module = "trunkline._native")]
#[derive(PartialEq, Eq, Hash)]
struct Delta {
    event_id: String,
    response_id: String,
    item_id: String,
    output_index: u32,
    content_index: u32,
    pcm: PyBackedBytes,
}

#[pymethods]
impl Delta {
    /// The audio as a read-only int16 array, without a copy.
    #[getter]
    fn samples<'py>(&self, py: Python<'py>) -> Array<'py> {
        array(&(&self.pcm).into_pyobject(py)?, Int16)
    }

    /// The audio as a read-only float32 array in [-1, 1).
    #[getter]
    fn floats<'py>(&self, py: Python<'py>) -> Array<'py> {
        let pcm = &self.pcm;
        array(&new_bytes(py, pcm::floats_len(pcm), |out| pcm::pcm_to_floats(pcm, out))?, Float32)
    }

    fn __repr__(&self) -> String {
        let Self { item_id, content_index, pcm, .. } = self;
        format!("Delta(item_id={item_id:?}, content_index={content_index}, pcm=<{} bytes>)", pcm.len())
    }
}

/// Classes that hold a stream, what makes one, and methods with one expression for a body.
macro_rules! streams {
    ($($(#[$note:meta])* $class:ident($inner:ty) from ($($of:ident: $kind:ty),*) = $new:expr => {
        $($(#[$about:meta])* $name:ident($this:ident $(, $arg:ident: $type:ty)*) -> $result:ty = $body:expr;)*
    })*) => {$(
        $(#[$note])* #[pyclass(module = "trunkline._native")] struct $class($inner);
        #[pymethods]
        impl $class {
            #[new] fn new($($of: $kind),*) -> PyResult<Self> { $new.map(Self).map_err(raised) }
            $($(#[$about])* fn $name<'py>(&mut $this $(, $arg: $type)*) -> $result { $body })*
        }
    )*};
}

streams! {
    /// Turns pcm in pieces of any size into the base64 text of the whole.
    Base64Encoder(stream::Encoder) from () = Ok::<_, Error>(stream::Encoder::default()) => {
        /// Takes bytes and gives the text that is certain by now.
        update(self, piece: Object<'_, 'py>) -> Bytes<'py> = {
            let audio = Audio::take(piece)?;
            let bytes = audio.pcm()?;
            new_bytes(piece.py(), self.0.update_len(bytes.len()), |out| self.0.update(bytes, out))
        };
        /// Gives the rest of the text; the encoder is as new afterwards.
        finish(self, py: Python<'py>) -> Bound<'py, PyBytes> =
            PyBytes::new(py, self.0.finish().as_ref().map_or(&[], <[u8; 4]>::as_slice));
    }
    /// Turns base64 text in pieces of any size into the bytes of the whole.
    Base64Decoder(stream::Decoder) from () = Ok::<_, Error>(stream::Decoder::default()) => {
        /// Takes text and gives the bytes that are certain by now.
        update(self, piece: Object<'_, 'py>) -> Bytes<'py> = {
            let text = text_of(piece)?;
            new_bytes(piece.py(), Some(self.0.update_len(&text)), |out| self.0.update(&text, out))
        };
        /// Checks that the text ended with a whole group; the decoder is as new afterwards.
        finish(self) -> PyResult<()> = self.0.finish().map_err(raised);
    }
    /// Turns samples of one rate into pcm of another while they arrive.
    Resampler(resample::Resampler) from (source_hz: u32, target_hz: u32) =
        resample::Resampler::new(source_hz, target_hz) => {
        /// How much later than it came audio leaves, in milliseconds.
        #[getter]
        delay_ms(self) -> f64 = self.0.delay_ms();
        /// Takes samples and gives the pcm that is certain by now.
        feed(self, samples: Object<'_, 'py>) -> Bytes<'py> = {
            let audio = Audio::take(samples)?;
            let whole = audio.samples()?;
            new_bytes(samples.py(), self.0.feed_len(whole.count()), |out| self.0.feed(whole, out))
        };
        /// Gives the filter's tail; the resampler is as new afterwards.
        flush(self, py: Python<'py>) -> Bytes<'py> =
            new_bytes(py, Some(self.0.flush_len()), |out| self.0.flush(out));
    }
}
