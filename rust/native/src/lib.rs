//! The Python face of `trunkline-codec`: takes buffers apart, calls a kernel, wraps what it wrote.
//! No decision about audio is made here; the documentation for Python readers is in `_native.pyi`.

#![deny(unsafe_code)]

mod buffers;
mod errors;

#[pyo3::pymodule]
mod _native {
    use pyo3::prelude::*;
    use pyo3::pybacked::PyBackedBytes;
    use pyo3::types::{PyBytes, PyList};
    use trunkline_codec::message::{EventId, append_len, write_append};
    use trunkline_codec::stream::{Decoder, Encoder};
    use trunkline_codec::{Backend, base64, delta, level as meter, pcm};

    use crate::buffers::{Audio, float32, immutable, int16, new_bytes, text_of, unlocked};
    use crate::errors::raised;

    type Bytes<'py> = PyResult<Bound<'py, PyBytes>>;
    type Array<'py> = PyResult<Bound<'py, PyAny>>;

    /// How the extension was compiled: "release" or "debug".
    #[pyfunction]
    fn build_profile() -> &'static str {
        if cfg!(debug_assertions) { "debug" } else { "release" }
    }

    /// The name of the backend in use.
    #[pyfunction]
    fn backend() -> &'static str {
        Backend::current().name()
    }

    /// The names of the backends that this machine can run, slowest first.
    #[pyfunction]
    fn backends() -> Vec<&'static str> {
        Backend::available().map(Backend::name).collect()
    }

    /// Uses that backend in the whole process, or with None the detected one again.
    #[pyfunction]
    fn use_backend(name: Option<&str>) -> PyResult<()> {
        name.map(Backend::from_name).transpose().map(Backend::force).map_err(raised)
    }

    /// The finished `input_audio_buffer.append` message for these samples.
    #[pyfunction]
    #[pyo3(signature = (samples, event_id=None))]
    fn append_message<'py>(samples: &Bound<'py, PyAny>, event_id: Option<&str>) -> Bytes<'py> {
        let (audio, id) = (Audio::take(samples)?, event_id.map(EventId::new).transpose().map_err(raised)?);
        let whole = audio.samples()?;
        new_bytes(samples.py(), append_len(whole, id), |out| write_append(whole, id, out))
    }

    /// One finished append message for every so many samples.
    #[pyfunction]
    fn append_messages<'py>(samples: &Bound<'py, PyAny>, count: usize) -> PyResult<Bound<'py, PyList>> {
        let (audio, messages) = (Audio::take(samples)?, PyList::empty(samples.py()));
        for chunk in audio.samples()?.chunks(count) {
            let size = append_len(chunk, None);
            messages.append(new_bytes(samples.py(), size, |out| write_append(chunk, None, out))?)?;
        }
        Ok(messages)
    }

    /// The base64 text of these samples' pcm.
    #[pyfunction]
    fn encode<'py>(samples: &Bound<'py, PyAny>) -> Bytes<'py> {
        let audio = Audio::take(samples)?;
        let whole = audio.samples()?;
        new_bytes(samples.py(), whole.encoded_len(), |out| whole.encode(out))
    }

    /// These samples as pcm.
    #[pyfunction]
    fn to_pcm<'py>(samples: &Bound<'py, PyAny>) -> Bytes<'py> {
        let audio = Audio::take(samples)?;
        let whole = audio.samples()?;
        new_bytes(samples.py(), Some(whole.pcm_len()), |out| whole.write_pcm(out))
    }

    /// The bytes that this base64 text stands for.
    #[pyfunction]
    fn decode<'py>(text: &Bound<'py, PyAny>) -> Bytes<'py> {
        let (py, text) = (text.py(), text_of(text)?);
        let size = base64::decoded_len(&text).map_err(raised)?;
        new_bytes(py, Some(size), |out| base64::decode(&text, out))
    }

    /// The samples that this base64 text stands for, as a read-only int16 array.
    #[pyfunction]
    fn decode_samples<'py>(text: &Bound<'py, PyAny>) -> Array<'py> {
        let (py, text) = (text.py(), text_of(text)?);
        let size = pcm::decoded_len(&text).map_err(raised)?;
        int16(&new_bytes(py, Some(size), |out| base64::decode(&text, out))?)
    }

    /// The samples that this base64 text stands for, as a read-only float32 array in [-1, 1).
    #[pyfunction]
    fn decode_floats<'py>(text: &Bound<'py, PyAny>) -> Array<'py> {
        let (py, text) = (text.py(), text_of(text)?);
        let size = pcm::decoded_floats_len(&text).map_err(raised)?;
        float32(&new_bytes(py, Some(size), |out| pcm::decode_floats(&text, out))?)
    }

    /// RMS, peak, clipped samples and number of samples, in units of an int16 sample.
    #[pyfunction]
    fn level(samples: &Bound<'_, PyAny>) -> PyResult<(f64, u16, u64, u64)> {
        let audio = Audio::take(samples)?;
        let whole = audio.samples()?;
        let found = unlocked(samples.py(), whole.pcm_len(), || meter::measure(whole));
        Ok((found.rms, found.peak, found.clipped, found.count))
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
            int16(&(&self.pcm).into_pyobject(py)?)
        }

        /// The audio as a read-only float32 array in [-1, 1).
        #[getter]
        fn floats<'py>(&self, py: Python<'py>) -> Array<'py> {
            float32(&new_bytes(py, pcm::floats_len(&self.pcm), |out| pcm::pcm_to_floats(&self.pcm, out))?)
        }

        fn __repr__(&self) -> String {
            let Self { item_id, content_index, pcm, .. } = self;
            format!("Delta(item_id={item_id:?}, content_index={content_index}, pcm=<{} bytes>)", pcm.len())
        }
    }

    /// The audio delta that this message is by its exact shape; None for anything unusual.
    #[pyfunction]
    fn read_delta(message: &Bound<'_, PyAny>) -> Option<Delta> {
        let found = delta::recognise(immutable(message)?)?;
        let size = pcm::decoded_len(found.audio).ok()?;
        let pcm = new_bytes(message.py(), Some(size), |out| base64::decode(found.audio, out)).ok()?;
        Some(Delta {
            event_id: found.event_id.to_owned(),
            response_id: found.response_id.to_owned(),
            item_id: found.item_id.to_owned(),
            output_index: found.output_index,
            content_index: found.content_index,
            pcm: pcm.into(),
        })
    }

    /// Turns pcm in pieces of any size into the base64 text of the whole.
    #[pyclass(module = "trunkline._native")]
    struct Base64Encoder(Encoder);

    #[pymethods]
    impl Base64Encoder {
        #[new]
        fn new() -> Self {
            Self(Encoder::default())
        }

        /// Takes bytes and gives the text that is certain by now.
        fn update<'py>(&mut self, piece: &Bound<'py, PyAny>) -> Bytes<'py> {
            let audio = Audio::take(piece)?;
            let bytes = audio.pcm()?;
            new_bytes(piece.py(), self.0.update_len(bytes.len()), |out| self.0.update(bytes, out))
        }

        /// Gives the rest of the text; the encoder is as new afterwards.
        fn finish<'py>(&mut self, py: Python<'py>) -> Bound<'py, PyBytes> {
            PyBytes::new(py, self.0.finish().as_ref().map_or(&[], <[u8; 4]>::as_slice))
        }
    }

    /// Turns base64 text in pieces of any size into the bytes of the whole.
    #[pyclass(module = "trunkline._native")]
    struct Base64Decoder(Decoder);

    #[pymethods]
    impl Base64Decoder {
        #[new]
        fn new() -> Self {
            Self(Decoder::default())
        }

        /// Takes text and gives the bytes that are certain by now.
        fn update<'py>(&mut self, piece: &Bound<'py, PyAny>) -> Bytes<'py> {
            let text = text_of(piece)?;
            new_bytes(piece.py(), Some(self.0.update_len(&text)), |out| self.0.update(&text, out))
        }

        /// Checks that the text ended with a whole group; the decoder is as new afterwards.
        fn finish(&mut self) -> PyResult<()> {
            self.0.finish().map_err(raised)
        }
    }
}
