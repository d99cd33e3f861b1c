//! The one place where Python memory becomes a Rust slice, and Rust output a Python object.
//!
//! A Rust slice promises that nobody writes to it. Python can promise that only of `bytes` and `str`. All
//! else may be changed by a thread that runs C code without the GIL, such as numpy or a sound card's callback,
//! so it is copied first and no slice of the original ever exists. A change during that copy gives a mixture
//! of old and new samples, never a kernel whose input changes; and the GIL may be released over any input.
#![allow(unsafe_code)]

use crate::errors::raised;
use pyo3::buffer::PyUntypedBuffer;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyString};
use std::borrow::Cow;
use trunkline_codec::{Error, LayoutError, SampleForm, Samples, SizeError};
pub(crate) type Bytes<'py> = PyResult<Bound<'py, PyBytes>>;
pub(crate) type Array<'py> = PyResult<Bound<'py, PyAny>>;

/// Output from which on the GIL is released. Taking it back from a busy thread costs 5.3 ms (measured: the
/// switch interval), holding it for so much output 0.6 (encoding) to 1.3 ms (decoding). With a quarter, a
/// call would wait long to save others little; with four times, an event loop might stand still for 5 ms.
const GIL_FREE_FROM_BYTES: usize = 2 * 1024 * 1024;

/// The memory of a bytes object, or of a string that UTF-8 can hold.
pub(crate) fn immutable<'a>(source: &'a Bound<'_, PyAny>) -> Option<&'a [u8]> {
    match source.cast::<PyBytes>() {
        Ok(bytes) => Some(bytes.as_bytes()),
        Err(_) => source.cast::<PyString>().ok()?.to_str().ok().map(str::as_bytes),
    }
}

/// Text: a string, or anything bytes-like.
pub(crate) fn text_of<'a>(source: &'a Bound<'_, PyAny>) -> PyResult<Cow<'a, [u8]>> {
    immutable(source).map_or_else(|| Ok(Audio::take(source)?.bytes), |text| Ok(text.into()))
}

/// Samples as they were handed over.
pub(crate) struct Audio<'a> {
    bytes: Cow<'a, [u8]>,
    form: SampleForm,
}

impl<'a> Audio<'a> {
    /// Takes bytes-like pcm, or a buffer of int16 or float32.
    pub(crate) fn take(source: &'a Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = source.cast::<PyBytes>() {
            return Ok(Self { bytes: bytes.as_bytes().into(), form: SampleForm::Int16 });
        }
        let Ok(buffer) = PyUntypedBuffer::get(source) else {
            return Err(raised(LayoutError::NoBuffer(source.get_type().name()?.to_string())));
        };
        let (code, is_contiguous) = (buffer.format().to_bytes(), buffer.is_c_contiguous());
        let judged = SampleForm::of_buffer(code, buffer.shape(), buffer.strides(), is_contiguous);
        Ok(Self { form: judged.map_err(raised)?, bytes: copy_of(&buffer).map_err(raised)?.into() })
    }

    /// The samples, if they are whole.
    pub(crate) fn samples(&self) -> PyResult<Samples<'_>> {
        Samples::new(&self.bytes, self.form).map_err(raised)
    }

    /// Any number of bytes of pcm, if they are not floats.
    pub(crate) fn pcm(&self) -> PyResult<&[u8]> {
        let bytes = (self.form == SampleForm::Int16).then_some(&*self.bytes);
        bytes.ok_or(LayoutError::NotBytes).map_err(raised)
    }
}

fn copy_of(buffer: &PyUntypedBuffer) -> Result<Vec<u8>, SizeError> {
    let size = buffer.len_bytes();
    let mut copy = Vec::new();
    copy.try_reserve_exact(size).map_err(|_| SizeError)?;
    if size > 0 {
        // SAFETY: the exporter keeps `size` bytes readable while `buffer` lives (its layout was judged
        // contiguous), `copy` has room for them, and being new it cannot overlap them.
        unsafe { buffer.buf_ptr().cast::<u8>().copy_to_nonoverlapping(copy.as_mut_ptr(), size) };
        // SAFETY: the line above has written the first `size` bytes.
        unsafe { copy.set_len(size) };
    }
    Ok(copy)
}

/// A bytes object of exactly this size, written by `work`.
pub(crate) fn new_bytes<E: Into<Error> + Send>(
    py: Python<'_>,
    size: Option<usize>,
    work: impl FnOnce(&mut [u8]) -> Result<(), E> + Send,
) -> Bytes<'_> {
    let size = size.ok_or(SizeError).map_err(raised)?;
    // Nobody else has the new object yet, so that it may be written to without the GIL.
    PyBytes::new_with(py, size, |out| unlocked(py, size, || work(out)).map_err(raised))
}

/// What `work` makes of samples, in a bytes object of the size that `size` tells.
pub(crate) fn from_samples<'py>(
    source: &Bound<'py, PyAny>,
    size: impl FnOnce(Samples<'_>) -> Option<usize>,
    work: impl FnOnce(Samples<'_>, &mut [u8]) -> Result<(), SizeError> + Send,
) -> Bytes<'py> {
    let audio = Audio::take(source)?;
    let whole = audio.samples()?;
    new_bytes(source.py(), size(whole), |out| work(whole, out))
}

/// What `work` makes of text, in a bytes object of the size that `size` tells.
pub(crate) fn from_text<'py, S: Into<Error>, E: Into<Error> + Send>(
    source: &Bound<'py, PyAny>,
    size: impl FnOnce(&[u8]) -> Result<usize, S>,
    work: impl FnOnce(&[u8], &mut [u8]) -> Result<(), E> + Send,
) -> Bytes<'py> {
    let text = text_of(source)?;
    let size = size(&text).map_err(raised)?;
    new_bytes(source.py(), Some(size), |out| work(&text, out))
}

/// Does the work, letting other threads run meanwhile if it is much.
pub(crate) fn unlocked<T: Send>(py: Python<'_>, size: usize, work: impl FnOnce() -> T + Send) -> T {
    if size >= GIL_FREE_FROM_BYTES { py.detach(work) } else { work() }
}

/// A read-only array over such bytes. numpy is imported when the first one is asked for.
pub(crate) fn array<'py>(bytes: &Bound<'py, PyBytes>, form: SampleForm) -> Array<'py> {
    static KINDS: [PyOnceLock<Py<PyAny>>; 2] = [const { PyOnceLock::new() }; 2];
    static FROM_BUFFER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = bytes.py();
    let (index, name) = if form == SampleForm::Int16 { (0, "<i2") } else { (1, "<f4") };
    let load = || Ok::<_, PyErr>(py.import("numpy")?.getattr("dtype")?.call1((name,))?.unbind());
    let kind = KINDS[index].get_or_try_init(py, load)?;
    FROM_BUFFER.import(py, "numpy", "frombuffer")?.call1((bytes, kind))
}
