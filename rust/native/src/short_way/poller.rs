//! The sockets of one event loop's links, read in one call for all that have something.

use super::sockets::{Found, Ready, Watched, is_number, read, written};
use super::{ShortWay, was_given};
use pyo3::exceptions::{PyException, PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::{PyTraverseError, PyVisit, intern};
use std::collections::HashMap;
use std::mem;
use std::os::fd::RawFd;

/// A dozen messages of 20 ms, as where the event loop's transport reads.
const BUFFER_BYTES: usize = 16 * 1024;

/// Reads sockets whose event loop's transports were told to pause.
#[pyclass(weakref, module = "trunkline._native")]
pub(crate) struct Poller {
    watched: Watched,
    links: HashMap<RawFd, Py<PyAny>>,
    /// What one look found, and what it reads into; taken out while anything of Python's runs.
    ready: Vec<Ready>,
    buffer: Vec<u8>,
}

fn raised(error: rustix::io::Errno) -> PyErr {
    PyOSError::new_err((error.raw_os_error(), error.to_string()))
}

#[pymethods]
impl Poller {
    #[new]
    fn new() -> PyResult<Self> {
        let watched = Watched::new().map_err(raised)?;
        Ok(Self { watched, links: HashMap::new(), ready: Vec::new(), buffer: vec![0; BUFFER_BYTES] })
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

    /// Reads each socket that has something, once, at most 64 of them.
    fn look(slf: &Bound<'_, Self>) -> PyResult<()> {
        let mut this = slf.borrow_mut();
        let (mut ready, mut buffer) = (mem::take(&mut this.ready), mem::take(&mut this.buffer));
        buffer.resize(BUFFER_BYTES, 0);
        let found = this.watched.ready(&mut ready).map_err(raised);
        drop(this);
        let mut told = found;
        for socket in &ready {
            told = told.and_then(|()| Self::read(slf, socket, &mut buffer));
        }
        let mut this = slf.borrow_mut();
        (this.ready, this.buffer) = (ready, buffer);
        told
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.links.values().try_for_each(|link| visit.call(link))
    }

    fn __clear__(&mut self) {
        self.links.clear();
    }
}

impl Poller {
    fn read(slf: &Bound<'_, Self>, socket: &Ready, buffer: &mut [u8]) -> PyResult<()> {
        let py = slf.py();
        // What was read before may have ended this one.
        let Some(link) = slf.borrow().links.get(&socket.number).map(|link| link.clone_ref(py)) else {
            return Ok(());
        };
        let link = link.bind(py);
        let found = if socket.is_broken { Found::End(0) } else { read(socket.number, buffer) };
        let told = match found {
            Found::Bytes(count) => given(link, &buffer[..count]),
            Found::Nothing => Ok(()),
            Found::End(error) => link.call_method1(intern!(py, "has_ended"), (error,)).map(drop),
        };
        match told {
            // One link's failure is not the others'.
            Err(error) if error.is_instance_of::<PyException>(py) => {
                link.call_method1(intern!(py, "has_failed"), (error,)).map(drop)
            }
            told => told,
        }
    }
}

/// Hands over what was read: a link hears what of it is ordinary audio, one that must decrypt it first nothing.
fn given(link: &Bound<'_, PyAny>, read: &[u8]) -> PyResult<()> {
    let used = link.cast().map_or(Ok(0), |link| ShortWay::heard(link, read))?;
    if used == read.len() { Ok(()) } else { was_given(link, &read[used..]) }
}
