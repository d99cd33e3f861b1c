//! The one place where Python memory becomes a Rust slice, and Rust output a Python object.
//!
//! Only the memory of `bytes` and `str` is never written to. All else may be, by a thread that runs C code
//! without the GIL such as numpy or a sound card's callback, so it is read as [`Memory::Shared`]: in copies.
#![allow(unsafe_code)]

use crate::errors::raised;
use numpy::npyffi::{self, NPY_TYPES, NpyTypes, PY_ARRAY_API};
use numpy::{PyArrayDescrMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::buffer::PyUntypedBuffer;
use pyo3::types::{PyBytes, PyString};
use pyo3::{ffi, prelude::*};
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};
use std::{arch::asm, borrow::Cow, ptr, slice};
use trunkline_codec::SampleForm::{self, Float32, Int16};
use trunkline_codec::{Error, LayoutError, Memory, Samples, Shared, SizeError};
pub(crate) type Bytes<'py> = PyResult<Bound<'py, PyBytes>>;
pub(crate) type Array<'py> = PyResult<Bound<'py, PyAny>>;

/// Output from which on the GIL is released. Taking it back from a busy thread costs 5.3 ms (measured: the
/// switch interval), holding it for so much output 0.6 (encoding) to 1.3 ms (decoding). With a quarter, a
/// call would wait long to save others little; with four times, an event loop might stand still for 5 ms.
const GIL_FREE_FROM_BYTES: usize = 2 * 1024 * 1024;
/// An array up to here is read without an export, which would cost more than the kernel for 20 ms. Only the
/// GIL keeps it where it is then, so no output may be long enough to release it (12 bytes a sample, upsampled).
const UNLOCKED_SAMPLES: usize = GIL_FREE_FROM_BYTES / 16;
/// numpy's array type, once an array was met: so that no call is the first to import numpy.
static ARRAY_TYPE: AtomicPtr<ffi::PyTypeObject> = AtomicPtr::new(ptr::null_mut());
#[cfg(target_endian = "big")]
compile_error!("arrays are taken and given in the machine's order of bytes, pcm is little-endian");

/// The memory of a bytes object, or of a string that UTF-8 can hold.
pub(crate) fn immutable<'a>(source: &'a Bound<'_, PyAny>) -> Option<&'a [u8]> {
    match source.cast::<PyBytes>() {
        Ok(bytes) => Some(bytes.as_bytes()),
        Err(_) => source.cast::<PyString>().ok()?.to_str().ok().map(str::as_bytes),
    }
}

/// Text: a string, or anything bytes-like.
pub(crate) fn text_of<'a>(source: &'a Bound<'_, PyAny>) -> PyResult<Cow<'a, [u8]>> {
    immutable(source).map_or_else(|| bytes_of(source), |text| Ok(text.into()))
}

/// Bytes: of pcm, or anything that is not samples of another kind.
pub(crate) fn bytes_of<'a>(source: &'a Bound<'_, PyAny>) -> PyResult<Cow<'a, [u8]>> {
    if let Ok(bytes) = source.cast::<PyBytes>() {
        return Ok(bytes.as_bytes().into());
    }
    match export_of(source)? {
        (_lock, bytes, Int16) => bytes.to_vec().map(Cow::Owned).map_err(raised),
        _ => Err(raised(LayoutError::NotBytes)),
    }
}

/// Samples as they were handed over: bytes-like pcm, or a buffer of int16 or float32.
pub(crate) struct Audio<'a> {
    pub(crate) memory: Memory<'a>,
    /// Keeps the memory where it is.
    _lock: Option<PyUntypedBuffer>,
}

impl<'a> Audio<'a> {
    pub(crate) fn take(source: &'a Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = source.cast::<PyBytes>() {
            let samples = Samples::new(bytes.as_bytes(), Int16).map_err(raised)?;
            return Ok(Self { memory: Memory::Fixed(samples), _lock: None });
        }
        if source.get_type_ptr() == ARRAY_TYPE.load(Relaxed) {
            if let Some(bytes) = plain(source) {
                return Ok(Self { memory: Memory::Shared(bytes), _lock: None });
            }
        } else if source.get_type().name()? == "ndarray" {
            // SAFETY: the GIL is held; asking for the type imports numpy, as who made such an object has.
            ARRAY_TYPE
                .store(unsafe { npyffi::get_type_object(source.py(), NpyTypes::PyArray_Type) }, Relaxed);
        }
        let (lock, bytes, _) = export_of(source)?;
        Ok(Self { memory: Memory::shared(bytes).map_err(raised)?, _lock: Some(lock) })
    }
}

/// A short array in one row, taken at its word; all others have to be exported.
fn plain<'a>(source: &'a Bound<'_, PyAny>) -> Option<Shared<'a>> {
    let array = source.cast_exact::<PyUntypedArray>().ok()?;
    let kind = array.dtype();
    let form = match (kind.num() == NPY_TYPES::NPY_SHORT as i32, kind.num() == NPY_TYPES::NPY_FLOAT as i32) {
        (true, _) => Int16,
        (_, true) => Float32,
        _ => return None,
    };
    let is_row = array.ndim() == 1 && array.len() <= UNLOCKED_SAMPLES && array.is_c_contiguous();
    // SAFETY: an array has such an address, with so many samples behind each other if it is a row; and no other
    // thread can take them away while the GIL is held.
    let bytes = unsafe {
        let start = (*array.as_array_ptr()).fields.data.cast();
        Shared::new(start, array.len() * form.sample_bytes(), form)
    };
    (is_row && kind.is_native_byteorder() == Some(true)).then_some(bytes)
}

/// A lock on the memory of a buffer, and the bytes in it, which live as long as both the lock and the source.
fn export_of<'a>(source: &'a Bound<'_, PyAny>) -> PyResult<(PyUntypedBuffer, Shared<'a>, SampleForm)> {
    let Ok(buffer) = PyUntypedBuffer::get(source) else {
        return Err(raised(LayoutError::NoBuffer(source.get_type().name()?.to_string())));
    };
    let (code, is_contiguous) = (buffer.format().to_bytes(), buffer.is_c_contiguous());
    let judged = SampleForm::of_buffer(code, buffer.shape(), buffer.strides(), is_contiguous);
    let form = judged.map_err(raised)?;
    // SAFETY: the exporter keeps so many bytes there; callers keep the lock as long as they use them.
    let bytes = unsafe { Shared::new(buffer.buf_ptr().cast(), buffer.len_bytes(), form) };
    Ok((buffer, bytes, form))
}

/// A bytes object of exactly this size, written by `work`.
pub(crate) fn new_bytes<E: Into<Error> + Send>(
    py: Python<'_>,
    size: Option<usize>,
    work: impl FnOnce(&mut [u8]) -> Result<(), E> + Send,
) -> Bytes<'_> {
    let size = size.and_then(|size| size.try_into().ok()).ok_or(SizeError).map_err(raised)?;
    // SAFETY: the GIL is held. Nobody else has the new object, so that it may be written to, also without the
    // GIL. An asm that is handed its address may have written any bytes there, as far as the compiler can know:
    // so they are initialised, though not by zeros, which would cost as much as a kernel. `work` only writes.
    let (bytes, out) = unsafe {
        let bytes = Bound::from_owned_ptr_or_err(py, ffi::PyBytes_FromStringAndSize(ptr::null(), size))?;
        let start = ffi::PyBytes_AsString(bytes.as_ptr()).cast::<u8>();
        asm!("/* {0} */", in(reg) start, options(nostack, preserves_flags));
        (bytes.cast_into_unchecked(), slice::from_raw_parts_mut(start, size.cast_unsigned()))
    };
    if out.len() < GIL_FREE_FROM_BYTES { work(out) } else { py.detach(|| work(out)) }.map_err(raised)?;
    Ok(bytes)
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

/// A read-only array over such bytes. numpy is imported when the first one is asked for.
pub(crate) fn array<'py>(bytes: &Bound<'py, PyBytes>, form: SampleForm) -> Array<'py> {
    let (py, none, flags) = (bytes.py(), ptr::null_mut(), npyffi::NPY_ARRAY_CARRAY_RO);
    let kind = if form == Int16 { NPY_TYPES::NPY_SHORT } else { NPY_TYPES::NPY_FLOAT } as i32;
    let mut count = (bytes.as_bytes().len() / form.sample_bytes()).cast_signed();
    // SAFETY: the GIL is held; the array has one dimension of `count` samples, which are there as long as the
    // bytes, which it owns from here on (a reference is handed over), and it is not writable, as they are not.
    unsafe {
        let (start, ty) = (bytes.as_bytes().as_ptr(), npyffi::get_type_object(py, NpyTypes::PyArray_Type));
        let (dims, start) = (&raw mut count, start.cast_mut().cast());
        let made = PY_ARRAY_API.PyArray_New(py, ty, 1, dims, kind, ptr::null_mut(), start, 0, flags, none);
        let array = Bound::from_owned_ptr_or_err(py, made)?;
        let failed = PY_ARRAY_API.PyArray_SetBaseObject(py, array.as_ptr().cast(), bytes.clone().into_ptr());
        if failed == 0 { Ok(array) } else { Err(PyErr::fetch(py)) }
    }
}
