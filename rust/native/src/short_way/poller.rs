//! The sockets of one event loop's links, read in one call for all that have something.

use super::sockets::{Found, READY, Ready, Watched, is_number, read, written};
use super::{ShortWay, was_given};
use pyo3::exceptions::{PyException, PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::{PyTraverseError, PyVisit, intern};
use std::collections::HashMap;
use std::mem;
use std::os::fd::RawFd;
use trunkline_codec::frame::first_frame;

/// A dozen messages of 20 ms, as where the event loop's transport reads; and as much for the rest of the last one.
const READ_BYTES: usize = 16 * 1024;
const BUFFER_BYTES: usize = 2 * READ_BYTES;

/// Looks in a row that leave some, before one reads 64 more. What is sent comes first after anything that held up the
/// loop; who sends without a pause would leave what comes unread for good.
const PATIENCE: usize = 8;

/// Reads sockets whose event loop's transports were told to pause.
#[pyclass(weakref, module = "trunkline._native")]
pub(crate) struct Poller {
    watched: Watched,
    links: HashMap<RawFd, Py<PyAny>>,
    /// What one look found, and what it reads into; taken out while anything of Python's runs.
    ready: Vec<Ready>,
    buffer: Vec<u8>,
    /// How many looks in a row left some.
    behind: usize,
}

fn raised(error: rustix::io::Errno) -> PyErr {
    PyOSError::new_err((error.raw_os_error(), error.to_string()))
}

#[pymethods]
impl Poller {
    #[new]
    fn new() -> PyResult<Self> {
        let watched = Watched::new().map_err(raised)?;
        let (links, ready, buffer) = (HashMap::new(), Vec::new(), vec![0; BUFFER_BYTES]);
        Ok(Self { watched, links, ready, buffer, behind: 0 })
    }

    /// What the event loop is to watch: readable while any of the sockets is.
    fn fileno(&self) -> RawFd {
        self.watched.number()
    }

    fn __len__(&self) -> usize {
        self.links.len()
    }

    /// Reads the link's socket from here on; `leave` must come before it is closed.
    fn watch(&mut self, socket: RawFd, link: Py<PyAny>) -> PyResult<()> {
        if !is_number(socket) {
            return Err(PyValueError::new_err("a socket that is closed"));
        }
        self.watched.add(socket).map_err(raised)?;
        self.links.insert(socket, link);
        Ok(())
    }

    /// No longer.
    fn leave(&mut self, socket: RawFd) {
        if self.links.remove(&socket).is_some() {
            // One that is closed already was left by that.
            let _ = self.watched.remove(socket);
        }
    }

    /// How many of these bytes the kernel took at once, without waiting; the rest is for the loop's transport.
    #[staticmethod]
    fn write(socket: RawFd, data: &[u8]) -> PyResult<usize> {
        if !is_number(socket) {
            return Err(PyValueError::new_err("a socket that is closed"));
        }
        Ok(written(socket, data))
    }

    /// Reads each socket that has something, once, and 64 of them.
    fn look(slf: &Bound<'_, Self>) -> PyResult<()> {
        let mut this = slf.borrow_mut();
        let rounds = 1 + (this.behind / PATIENCE).min(this.links.len() / READY);
        let (mut ready, mut buffer) = (mem::take(&mut this.ready), mem::take(&mut this.buffer));
        buffer.resize(BUFFER_BYTES, 0);
        drop(this);
        let told = (0..rounds).try_fold(true, |is_behind, _| {
            if is_behind { Self::read_ready(slf, &mut ready, &mut buffer) } else { Ok(false) }
        });
        let mut this = slf.borrow_mut();
        (this.ready, this.buffer) = (ready, buffer);
        this.behind = if told? { this.behind + 1 } else { 0 };
        Ok(())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.links.values().try_for_each(|link| visit.call(link))
    }

    fn __clear__(&mut self) {
        self.links.clear();
    }
}

impl Poller {
    /// Reads some; whether there may be more.
    fn read_ready(slf: &Bound<'_, Self>, ready: &mut Vec<Ready>, buffer: &mut [u8]) -> PyResult<bool> {
        slf.borrow().watched.ready(ready).map_err(raised)?;
        for socket in &*ready {
            Self::read(slf, socket, buffer)?;
        }
        Ok(ready.len() == READY)
    }

    fn read(slf: &Bound<'_, Self>, socket: &Ready, buffer: &mut [u8]) -> PyResult<()> {
        let py = slf.py();
        // What was read before may have ended this one.
        let Some(link) = slf.borrow().links.get(&socket.number).map(|link| link.clone_ref(py)) else {
            return Ok(());
        };
        let link = link.bind(py);
        let found =
            if socket.is_broken { Found::End(0) } else { read(socket.number, &mut buffer[..READ_BYTES]) };
        let told = match found {
            Found::Bytes(count) => Self::give(slf, link, socket.number, buffer, count),
            Found::Nothing => Ok(()),
            Found::End(error) => has_ended(link, error),
        };
        match told {
            // One link's failure is not the others'.
            Err(error) if error.is_instance_of::<PyException>(py) => {
                link.call_method1(intern!(py, "has_failed"), (error,)).map(drop)
            }
            told => told,
        }
    }

    /// Hands over what was read: a link hears what of it is ordinary audio, one that must decrypt it first nothing.
    fn give(
        slf: &Bound<'_, Self>,
        link: &Bound<'_, PyAny>,
        socket: RawFd,
        buffer: &mut [u8],
        read_bytes: usize,
    ) -> PyResult<()> {
        let Ok(way) = link.cast::<ShortWay>() else { return was_given(link, &buffer[..read_bytes]) };
        let (mut count, mut end) = (read_bytes, None);
        // Where more waits the last frame is a part of one mostly, and the next read would not begin one.
        let missing = if count < READ_BYTES { 0 } else { way.borrow().missing(&buffer[..count]) };
        if missing > 0
            && let Some(rest) = buffer[count..].get_mut(..missing)
        {
            match read(socket, rest) {
                Found::Bytes(more) => count += more,
                Found::Nothing => {}
                Found::End(error) => end = Some(error),
            }
        }
        let mut used = ShortWay::heard(way, &buffer[..count])?;
        if used == 0
            && way.borrow().is_usual
            && let Some((first, behind)) = first_frame(&buffer[..count])
        {
            // It is asked about, and what follows need not be mostly.
            was_given(link, first)?;
            used = first.len();
            // Who was told it may have ended the link, or want no more.
            if slf.borrow().links.get(&socket).is_some_and(|read| read.is(link)) {
                used += ShortWay::heard(way, behind)?;
            }
        }
        if used < count {
            was_given(link, &buffer[used..count])?;
        }
        end.map_or(Ok(()), |error| has_ended(link, error))
    }
}

fn has_ended(link: &Bound<'_, PyAny>, error: i32) -> PyResult<()> {
    link.call_method1(intern!(link.py(), "has_ended"), (error,)).map(drop)
}
