//! The short way of a link: what a read brought to the application's event, a chunk to its frame, in one call.
//!
//! Only what `Notes` may note goes this way; everything else is left to the Python class that derives from it.

mod buffers;
mod notes;
#[cfg(target_os = "linux")]
mod poller;
#[cfg(target_os = "linux")]
mod sockets;

use crate::buffers::new_bytes;
use crate::errors::raised;
use buffers::with_front;
pub(crate) use notes::Notes;
#[cfg(target_os = "linux")]
pub(crate) use poller::Poller;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyTuple};
use pyo3::{PyTraverseError, PyVisit, intern};
#[cfg(target_os = "linux")]
use sockets::written;
use std::sync::Arc;
use trunkline_codec::frame::{
    append_frame_len, missing_bytes, pong_payload, usual_payload, write_append_frame,
};
use trunkline_codec::{Coding, SampleForm, Samples, SizeError, message};

#[cfg(not(target_os = "linux"))]
/// Nowhere else is anything written but by the event loop's transport.
fn written(_socket: i32, _bytes: &[u8]) -> usize {
    0
}

/// Base of the class that an event loop's transport tells what it read.
#[pyclass(subclass, module = "trunkline._native")]
pub(crate) struct ShortWay {
    /// What a read is written to, and the view of it that the transport gets.
    buffer: Option<(Py<PyByteArray>, Py<PyAny>)>,
    /// Whether what is read next begins a frame, and nothing stands before it.
    #[pyo3(get, set)]
    is_usual: bool,
    /// How many bytes of a frame that began have not come; 0 if none did, or it is not known.
    #[pyo3(get, set)]
    owed: usize,
    /// Whether the link takes another message.
    #[pyo3(get, set)]
    is_free: bool,
    /// Whether anything may wait in the event loop before what is written next.
    #[pyo3(get, set)]
    is_queued: bool,
    /// Shared by who uses it while what it calls may end it.
    way: Option<Arc<Way>>,
}

/// Who hears, an event, and how many bytes of what was read it was.
type First<'py> = Option<(Arc<Way>, Bound<'py, PyAny>, usize)>;

/// Deltas of one link that are heard before another has its turn (`connection.py`).
const TURN: usize = 16;

/// A frame of 60 ms of pcm at 24 kHz; longer ones are made as objects.
const NEAR_BYTES: usize = 4096;

struct Way {
    notes: Py<Notes>,
    epoch: i64,
    limit_bytes: usize,
    clock: Py<PyAny>,
    hear: Py<PyAny>,
    pong: Option<Py<PyAny>>,
    write: Py<PyAny>,
    next_key: Py<PyAny>,
    /// The socket that a frame may be written to, and how many bytes wait before it.
    socket: Option<(i32, Py<PyAny>)>,
}

#[pymethods]
impl ShortWay {
    #[new]
    #[pyo3(signature = (*_arguments, **_options))]
    fn new(_arguments: &Bound<'_, PyTuple>, _options: Option<&Bound<'_, PyDict>>) -> Self {
        Self { buffer: None, is_usual: false, owed: 0, is_free: false, is_queued: true, way: None }
    }

    /// Where reads are written to from here on.
    fn read_into(&mut self, buffer: Py<PyByteArray>, view: Py<PyAny>) {
        self.buffer = Some((buffer, view));
    }

    /// Begins: `hear` gets the event of a delta of at most so many bytes, `write` a frame masked with `next_key`.
    ///
    /// With a socket that is written to here, while `waiting()` tells of nothing before, the rest is for `write`.
    /// `pong` gets the payloads of pongs that came with deltas.
    #[pyo3(signature = (notes, epoch, *, limit_bytes, clock, hear, write, next_key, socket=None, waiting=None, pong=None))]
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
        socket: Option<i32>,
        waiting: Option<Py<PyAny>>,
        pong: Option<Py<PyAny>>,
    ) {
        let socket = socket.zip(waiting).filter(|(socket, _)| *socket >= 0);
        self.way =
            Some(Arc::new(Way { notes, epoch, limit_bytes, clock, hear, pong, write, next_key, socket }));
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
        let (py, this) = (slf.py(), slf.borrow());
        // What cannot go this way is not copied.
        let (true, Some(_), Some((buffer, _))) = (this.is_usual, &this.way, &this.buffer) else {
            drop(this);
            return Self::was_read(slf, nbytes);
        };
        let buffer = buffer.clone_ref(py);
        drop(this);
        // A copy, since who hears may use the buffer, and so may other links meanwhile.
        with_front(buffer.bind(py), nbytes, |read| match Self::heard(slf, read)? {
            0 => Self::was_read(slf, nbytes),
            used if used == read.len() => Ok(()),
            used => was_given(slf, &read[used..]),
        })
    }

    /// Sends a chunk of the user's audio; False if nothing was done.
    fn send_chunk(slf: &Bound<'_, Self>, pcm: &Bound<'_, PyAny>) -> PyResult<bool> {
        let (py, this) = (slf.py(), slf.borrow());
        let (true, Some(way), Ok(pcm)) = (this.is_free, &this.way, pcm.cast_exact::<PyBytes>()) else {
            return Ok(false);
        };
        let way = Arc::clone(way);
        // What is called from here on must find this free: it may tell us that the link is full now.
        drop(this);
        let now = way.clock.bind(py).call0()?.extract()?;
        let Some(chunk) = Outgoing::of(&way, pcm, now)? else { return Ok(false) };
        if let Some(rest) = chunk.go(py, Self::free_socket(slf, &way)?)? {
            Self::leave(slf, &way, &rest)?;
        }
        Ok(true)
    }

    /// Writes a whole frame where a chunk's would go; False, and nothing is done, if it must wait behind others.
    fn send_frame(slf: &Bound<'_, Self>, frame: &Bound<'_, PyBytes>) -> PyResult<bool> {
        let (py, this) = (slf.py(), slf.borrow());
        let (true, Some(way)) = (this.is_free, &this.way) else { return Ok(false) };
        let way = Arc::clone(way);
        drop(this);
        let Some(socket) = Self::free_socket(slf, &way)? else { return Ok(false) };
        let bytes = frame.as_bytes();
        let gone = written(socket, bytes);
        if gone < bytes.len() {
            Self::leave(slf, &way, &PyBytes::new(py, &bytes[gone..]))?;
        }
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
            visit.call(&way.pong)?;
            visit.call(&way.write)?;
            visit.call(&way.next_key)?;
            if let Some((_, waiting)) = &way.socket {
                visit.call(waiting)?;
            }
        }
        Ok(())
    }

    fn __clear__(&mut self) {
        self.way = None;
        self.buffer = None;
    }
}

impl ShortWay {
    /// Has deltas and pongs heard one after the other, up to the first that is neither; gives how many bytes they were.
    fn heard(slf: &Bound<'_, Self>, read: &[u8]) -> PyResult<usize> {
        let (mut used, mut rest) = (0, read);
        for _ in 0..TURN {
            if let Some((way, event, size)) = Self::first_event(slf, rest)? {
                way.hear.bind(slf.py()).call1((event,))?;
                used += size;
            } else if let Some(size) = Self::first_pong(slf, rest)? {
                used += size;
            } else {
                break;
            }
            rest = &read[used..];
            if rest.is_empty() {
                break;
            }
        }
        Ok(used)
    }

    /// Tells a pong, if what was read begins with one; gives how many bytes it was.
    fn first_pong(slf: &Bound<'_, Self>, read: &[u8]) -> PyResult<Option<usize>> {
        let (py, this) = (slf.py(), slf.borrow());
        let (true, Some(way), Some((payload, rest))) = (this.is_usual, &this.way, pong_payload(read)) else {
            return Ok(None);
        };
        let way = Arc::clone(way);
        drop(this);
        let Some(pong) = &way.pong else { return Ok(None) };
        pong.bind(py).call1((PyBytes::new(py, payload),))?;
        Ok(Some(read.len() - rest.len()))
    }

    /// How many bytes the last frame of what was read lacks; 0 if it is not known.
    fn missing(&self, read: &[u8]) -> usize {
        match self.owed {
            0 if !self.is_usual => 0,
            owed => read.get(owed..).map_or(0, missing_bytes),
        }
    }

    fn was_read(slf: &Bound<'_, Self>, nbytes: usize) -> PyResult<()> {
        slf.call_method1(intern!(slf.py(), "was_read"), (nbytes,)).map(drop)
    }

    /// Who hears, and the event, if what was read begins with a delta that may be noted.
    fn first_event<'py>(slf: &Bound<'py, Self>, read: &[u8]) -> PyResult<First<'py>> {
        let (py, this) = (slf.py(), slf.borrow());
        let (true, Some(way)) = (this.is_usual, &this.way) else { return Ok(None) };
        let Some((payload, rest)) =
            usual_payload(read).filter(|(payload, _)| payload.len() <= way.limit_bytes)
        else {
            return Ok(None);
        };
        let way = Arc::clone(way);
        // What is called from here on must find this free.
        drop(this);
        let notes = way.notes.bind(py);
        if !notes.borrow().sums {
            return Ok(None);
        }
        let now = way.clock.bind(py).call0()?.extract()?;
        let event = Notes::receive(notes, way.epoch, payload, now)?;
        let used = read.len() - rest.len();
        Ok(event.map(|event| (way, event, used)))
    }

    /// Leaves what is left of a frame to the event loop's transport.
    fn leave(slf: &Bound<'_, Self>, way: &Way, rest: &Bound<'_, PyBytes>) -> PyResult<()> {
        slf.borrow_mut().is_queued = true;
        way.write.bind(slf.py()).call1((rest,)).map(drop)
    }

    /// The socket, if nothing waits before what is written to it.
    fn free_socket(slf: &Bound<'_, Self>, way: &Way) -> PyResult<Option<i32>> {
        let Some((socket, waiting)) = &way.socket else { return Ok(None) };
        if slf.borrow().is_queued {
            let waiting: usize = waiting.bind(slf.py()).call0()?.extract()?;
            slf.borrow_mut().is_queued = waiting > 0;
        }
        Ok((!slf.borrow().is_queued).then_some(*socket))
    }
}

/// Hands bytes to what Python makes of them.
fn was_given(link: &Bound<'_, PyAny>, bytes: &[u8]) -> PyResult<()> {
    let py = link.py();
    link.call_method1(intern!(py, "was_given"), (PyBytes::new(py, bytes),)).map(drop)
}

/// A chunk that may be noted.
struct Outgoing<'a, 'py> {
    notes: &'a Bound<'py, Notes>,
    pcm: &'a Bound<'py, PyBytes>,
    now: f64,
    frame: Frame<'a>,
}

/// How it goes out.
struct Frame<'a> {
    samples: Samples<'a>,
    coding: Coding,
    key: [u8; 4],
}

impl<'a, 'py> Outgoing<'a, 'py> {
    fn of(way: &'a Way, pcm: &'a Bound<'py, PyBytes>, now: f64) -> PyResult<Option<Self>> {
        let py = pcm.py();
        let notes = way.notes.bind(py);
        let Some(coding) = notes.borrow().coding_of(pcm.as_bytes().len(), now) else { return Ok(None) };
        let Ok(samples) = Samples::new(pcm.as_bytes(), SampleForm::Int16) else { return Ok(None) };
        let key = way.next_key.bind(py).call0()?.cast::<PyBytes>()?.as_bytes().try_into()?;
        Ok(Some(Self { notes, pcm, now, frame: Frame { samples, coding, key } }))
    }

    /// Notes it and writes its frame to the socket, if there is one; gives what is left for the loop's transport.
    fn go(&self, py: Python<'py>, socket: Option<i32>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let (frame, size) = (&self.frame, self.frame.size());
        let mut near = [0; NEAR_BYTES];
        let Some((socket, size)) = socket.zip(size.filter(|size| *size <= NEAR_BYTES)) else {
            let whole = new_bytes(py, size, |out| frame.write(out))?;
            self.note();
            return Ok(Some(whole));
        };
        let whole = &mut near[..size];
        frame.write(whole).map_err(raised)?;
        self.note();
        let gone = written(socket, whole);
        Ok((gone < size).then(|| PyBytes::new(py, &whole[gone..])))
    }

    fn note(&self) {
        let text_bytes = self.frame.text_len().unwrap_or_default();
        self.notes.borrow_mut().chunks.note(self.pcm.clone().unbind(), self.now, text_bytes);
    }
}

impl Frame<'_> {
    fn size(&self) -> Option<usize> {
        append_frame_len(self.samples.count(), self.coding, None)
    }

    fn text_len(&self) -> Option<usize> {
        message::append_len(self.samples.count(), self.coding, None)
    }

    fn write(&self, out: &mut [u8]) -> Result<(), SizeError> {
        write_append_frame(&self.samples, self.coding, None, self.key, out)
    }
}
