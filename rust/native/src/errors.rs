//! The Python exception that a failure becomes: only this file knows `CodecError`.

use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;
use trunkline_codec::Error;

pyo3::import_exception!(trunkline.errors, CodecError);

/// The exception for an error of the codec.
pub(crate) fn raised(error: impl Into<Error>) -> PyErr {
    match error.into() {
        Error::Size(size) => PyMemoryError::new_err(size.to_string()),
        error => CodecError::new_err((error.to_string(), error.offset())),
    }
}
