//! The short way of a link: what a read brought to the application's event, a chunk to its frame, in one call.
//!
//! Only what `Notes` may note goes this way; everything else is left to the Python class that derives from it.

mod buffers;
mod notes;

use crate::buffers::new_bytes;
use buffers::with_front;
pub(crate) use notes::Notes;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyTuple};
use pyo3::{PyTraverseError, PyVisit, intern};
use trunkline_codec::frame::{append_frame_len, usual_payload, write_append_frame};
use trunkline_codec::{SampleForm, Samples, message};

/// Base of the class that an event loop's transport tells what it read.
#[pyclass(subclass, module = "trunkline._native")]
pub(crate) struct ShortWay {
    /// What a read is written to, and the view of it that the transport gets.
    buffer: Option<(Py<PyByteArray>, Py<PyAny>)>,
    /// Whether what is read next begins a frame, and nothing stands before it.
    #[pyo3(get, set)]
    is_usual: bool,
    /// Whether the link takes another message.
    #[pyo3(get, set)]
    is_free: bool,
    way: Option<Way>,
}

struct Way {
    notes: Py<Notes>,
    epoch: i64,
    limit_bytes: usize,
    clock: Py<PyAny>,
    hear: Py<PyAny>,
    write: Py<PyAny>,
    next_key: Py<PyAny>,
}

impl Way {
    fn clone_ref(&self, py: Python<'_>) -> Self {
        Self {
            notes: self.notes.clone_ref(py),
            epoch: self.epoch,
            limit_bytes: self.limit_bytes,
            clock: self.clock.clone_ref(py),
            hear: self.hear.clone_ref(py),
            write: self.write.clone_ref(py),
            next_key: self.next_key.clone_ref(py),
        }
    }
}

#[pymethods]
impl ShortWay {
    #[new]
    #[pyo3(signature = (*_arguments, **_options))]
    fn new(_arguments: &Bound<'_, PyTuple>, _options: Option<&Bound<'_, PyDict>>) -> Self {
        Self { buffer: None, is_usual: false, is_free: false, way: None }
    }

    /// Where reads are written to from here on.
    fn read_into(&mut self, buffer: Py<PyByteArray>, view: Py<PyAny>) {
        self.buffer = Some((buffer, view));
    }

    /// Begins: `hear` gets the event of a delta of at most so many bytes, `write` a frame masked with `next_key`.
    #[pyo3(signature = (notes, epoch, *, limit_bytes, clock, hear, write, next_key))]
    #[allow(clippy::too_many_arguments)] // named by who calls
    fn open_way(
        &mut self,
        notes: Py<Notes>,
        epoch: i64,
        limit_bytes: usize,
        clock: Py<PyAny>,
        hear: Py<PyAny>,
        write: Py<PyAny>,
        next_key: Py<PyAny>,
    ) {
        self.way = Some(Way { notes, epoch, limit_bytes, clock, hear, write, next_key });
    }

    /// Ends.
    fn close_way(&mut self) {
        self.way = None;
    }

    /// The event loop's buffer; what was in it has been used.
    fn get_buffer(&self, py: Python<'_>, _sizehint: isize) -> Option<Py<PyAny>> {
        self.buffer.as_ref().map(|(_, view)| view.clone_ref(py))
    }

    /// So many bytes were read.
    fn buffer_updated(slf: &Bound<'_, Self>, nbytes: usize) -> PyResult<()> {
        match Self::event(slf, nbytes)? {
            Some((hear, event)) => hear.bind(slf.py()).call1((event,))?,
            None => slf.call_method1(intern!(slf.py(), "was_read"), (nbytes,))?,
        };
        Ok(())
    }

    /// Sends a chunk of the user's audio; False if nothing was done.
    fn send_chunk(slf: &Bound<'_, Self>, pcm: &Bound<'_, PyAny>) -> PyResult<bool> {
        let Some((write, frame)) = Self::frame(slf, pcm)? else { return Ok(false) };
        // It may tell us that the link is full now, so nothing is borrowed.
        write.bind(slf.py()).call1((frame,))?;
        Ok(true)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let Some((buffer, view)) = &self.buffer {
            visit.call(buffer)?;
            visit.call(view)?;
        }
        if let Some(way) = &self.way {
            visit.call(&way.notes)?;
            visit.call(&way.clock)?;
            visit.call(&way.hear)?;
            visit.call(&way.write)?;
            visit.call(&way.next_key)?;
        }
        Ok(())
    }

    fn __clear__(&mut self) {
        self.way = None;
        self.buffer = None;
    }
}

impl ShortWay {
    /// Who hears, and the event, if what was read is one delta that may be noted.
    fn event<'py>(slf: &Bound<'py, Self>, nbytes: usize) -> PyResult<Option<(Py<PyAny>, Bound<'py, PyAny>)>> {
        let (py, this) = (slf.py(), slf.borrow());
        let (true, Some(way), Some((buffer, _))) = (this.is_usual, &this.way, &this.buffer) else {
            return Ok(None);
        };
        let (way, buffer) = (way.clone_ref(py), buffer.clone_ref(py));
        // What is called from here on must find this free.
        drop(this);
        let notes = way.notes.bind(py);
        if !notes.borrow().sums {
            return Ok(None);
        }
        let event = with_front(buffer.bind(py), nbytes, |read| {
            let Some(payload) = usual_payload(read).filter(|payload| payload.len() <= way.limit_bytes) else {
                return Ok(None);
            };
            let now = way.clock.bind(py).call0()?.extract()?;
            Notes::receive(notes, way.epoch, payload, now)
        })?;
        Ok(event.map(|event| (way.hear, event)))
    }

    /// Who writes, and the frame, if the chunk may be noted.
    fn frame<'py>(
        slf: &Bound<'py, Self>,
        pcm: &Bound<'py, PyAny>,
    ) -> PyResult<Option<(Py<PyAny>, Bound<'py, PyBytes>)>> {
        let (py, this) = (slf.py(), slf.borrow());
        let (true, Some(way), Ok(pcm)) = (this.is_free, &this.way, pcm.cast_exact::<PyBytes>()) else {
            return Ok(None);
        };
        let way = way.clone_ref(py);
        drop(this);
        let now = way.clock.bind(py).call0()?.extract()?;
        let Some(coding) = way.notes.borrow(py).coding_of(pcm.as_bytes().len(), now) else { return Ok(None) };
        let Ok(samples) = Samples::new(pcm.as_bytes(), SampleForm::Int16) else { return Ok(None) };
        let key = way.next_key.bind(py).call0()?.extract()?;
        let size = append_frame_len(samples.count(), coding, None);
        let frame = new_bytes(py, size, |out| write_append_frame(&samples, coding, None, key, out))?;
        let text_bytes = message::append_len(samples.count(), coding, None).unwrap_or_default();
        way.notes.borrow_mut(py).chunks.note(pcm.clone().unbind(), now, text_bytes);
        Ok(Some((way.write, frame)))
    }
}
