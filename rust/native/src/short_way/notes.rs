//! `trunkline_codec::notes` for Python objects, with the codec on the way in and out.

use super::buffers::Slots;
use crate::buffers::new_bytes;
use crate::errors::raised;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyType};
use std::sync::Arc;
use trunkline_codec::message::{append_len, write_append};
use trunkline_codec::notes::{Answer, Chunks, Deltas};
use trunkline_codec::{Coding, Samples, delta};

type Sent = Option<(Vec<Py<PyBytes>>, f64, f64, u64)>;
type Heard<'py> = Option<(Bound<'py, PyBytes>, Bound<'py, PyBytes>, u64)>;

/// Ordinary audio of a line, noted until somebody asks for the books.
#[pyclass(module = "trunkline._native")]
pub(crate) struct Notes {
    coding: Coding,
    /// Makes the application's event of a delta: of its ids, its indices and its pcm.
    event: Arc<Slots>,
    longest_bytes: usize,
    /// Whether nobody wants to know of each, so that who moves the bytes need not tell them.
    #[pyo3(get, set)]
    pub(crate) sums: bool,
    pub(crate) chunks: Chunks<Py<PyBytes>>,
    deltas: Deltas,
    ids: Option<(Py<PyString>, Py<PyString>)>,
}

#[pymethods]
impl Notes {
    #[new]
    #[pyo3(signature = (event, slots, *, law, longest_bytes))]
    fn new(
        event: &Bound<'_, PyType>,
        slots: [String; 5],
        law: Option<&str>,
        longest_bytes: usize,
    ) -> PyResult<Self> {
        let (coding, event) = (Coding::of_law(law).map_err(raised)?, Arc::new(Slots::of(event, slots)?));
        let (chunks, deltas) = (Chunks::default(), Deltas::default());
        Ok(Self { coding, event, longest_bytes, sums: false, chunks, deltas, ids: None })
    }

    /// From here on `count` chunks of so many bytes may be noted, before the moment `until`.
    fn open_chunks(&mut self, size_bytes: usize, count: u64, until: f64) {
        self.chunks.open(size_bytes, count, until);
    }

    /// From here on deltas of that answer may be noted.
    #[pyo3(signature = (epoch, response_id, item_id, *, left, ran_at, lag, until))]
    #[allow(clippy::too_many_arguments)] // named by who calls
    fn open_deltas(
        &mut self,
        epoch: i64,
        response_id: Bound<'_, PyString>,
        item_id: Bound<'_, PyString>,
        left: u64,
        ran_at: f64,
        lag: f64,
        until: f64,
    ) -> PyResult<()> {
        let (response, item) = (response_id.to_str()?.to_owned(), item_id.to_str()?.to_owned());
        self.deltas.open(Answer { epoch, response_id: response, item_id: item, left, ran_at, lag, until });
        self.ids = Some((response_id.unbind(), item_id.unbind()));
        Ok(())
    }

    /// What may be noted goes on being it: chunks of so many samples, deltas of so many, before the moment `until`.
    fn renew(&mut self, room: u64, left: u64, until: f64) {
        self.chunks.renew(room, until);
        self.deltas.renew(left, until);
    }

    /// Notes a chunk and gives its message; None if it may not be noted.
    fn send<'py>(&mut self, pcm: &Bound<'py, PyBytes>, now: f64) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let bytes = pcm.as_bytes();
        if !self.chunks.takes(bytes.len(), now) {
            return Ok(None);
        }
        let samples = Samples::new(bytes, trunkline_codec::SampleForm::Int16).map_err(raised)?;
        let (coding, size) = (self.coding, append_len(samples.count(), self.coding, None));
        let message = new_bytes(pcm.py(), size, |out| write_append(&samples, coding, None, out))?;
        self.chunks.note(pcm.clone().unbind(), now, message.as_bytes().len());
        Ok(Some(message))
    }

    /// Notes a delta and gives its event; None if it may not be noted, or is none.
    pub(crate) fn receive<'py>(
        slf: &Bound<'py, Self>,
        epoch: i64,
        message: &[u8],
        now: f64,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let (py, mut this) = (slf.py(), slf.borrow_mut());
        let Some(((output, content), pcm)) = this.note_delta(py, epoch, message, now) else {
            return Ok(None);
        };
        let Some((response, item)) = &this.ids else { return Ok(None) };
        let (response, item) = (response.bind(py).clone().into_any(), item.bind(py).clone().into_any());
        let (output, content) = (output.into_pyobject(py)?.into_any(), content.into_pyobject(py)?.into_any());
        let event = Arc::clone(&this.event);
        // A new object may set the garbage collector going, and so anything: that must find this free.
        drop(this);
        event.make(py, [response, item, output, content, pcm.into_any()]).map(Some)
    }

    /// Chunks of one size that were noted since the last call, when first and last went out, bytes of messages.
    fn take_chunks(&mut self) -> Sent {
        self.chunks.take().map(|sent| (sent.chunks, sent.began_at, sent.at, sent.text_bytes))
    }

    /// When each delta came that was noted since the last call, the samples of each, bytes of messages.
    ///
    /// Times are doubles, samples integers of eight bytes, both as an array has them: no object for each.
    fn take_deltas<'py>(&mut self, py: Python<'py>) -> Heard<'py> {
        self.deltas.take().map(|heard| {
            let times: Vec<u8> = heard.times.into_iter().flat_map(f64::to_ne_bytes).collect();
            let samples: Vec<u8> = heard.samples.into_iter().flat_map(u64::to_ne_bytes).collect();
            (PyBytes::new(py, &times), PyBytes::new(py, &samples), heard.text_bytes)
        })
    }

    /// When the last delta came, or the way was opened; None while it is shut.
    #[getter]
    fn heard_at(&self) -> Option<f64> {
        self.deltas.heard_at()
    }

    /// No more may be noted; what was is still to be taken.
    fn shut(&mut self) {
        self.chunks.shut();
        self.deltas.shut();
        self.ids = None;
    }
}

impl Notes {
    /// How a chunk of so many bytes is coded, if it may be noted by who moves the bytes.
    pub(crate) fn coding_of(&self, size: usize, now: f64) -> Option<Coding> {
        (self.sums && self.chunks.takes(size, now)).then_some(self.coding)
    }

    /// Notes a delta and gives its indices and its pcm.
    fn note_delta<'py>(
        &mut self,
        py: Python<'py>,
        epoch: i64,
        message: &[u8],
        now: f64,
    ) -> Option<((u32, u32), Bound<'py, PyBytes>)> {
        if !self.deltas.may_take(epoch, now) || message.len() > self.longest_bytes {
            return None;
        }
        let found = delta::recognise(message)?;
        let size = self.coding.decoded_len(found.audio).ok()?;
        let samples = size as u64 / 2;
        if !self.deltas.takes(found.response_id, found.item_id, samples) {
            return None;
        }
        let pcm = new_bytes(py, Some(size), |out| self.coding.decode(found.audio, out)).ok()?;
        self.deltas.note(samples, now, message.len());
        Some(((found.output_index, found.content_index), pcm))
    }
}
