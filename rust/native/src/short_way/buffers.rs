//! What was read, as a slice; and a Python object made round its class's own way of making it.
#![allow(unsafe_code)]

use pyo3::exceptions::PyTypeError;
use pyo3::types::{PyByteArray, PyType};
use pyo3::{ffi, prelude::*};
use std::mem::{self, MaybeUninit};
use std::slice;

/// What `work` makes of a copy of the first bytes of an array that its owner has just written to.
pub(crate) fn with_front<T>(
    source: &Bound<'_, PyByteArray>,
    count: usize,
    work: impl FnOnce(&[u8]) -> T,
) -> T {
    // Of a message with audio of 20 ms, and some more: beyond that the copy may cost an allocation.
    let mut near = [MaybeUninit::<u8>::uninit(); 4096];
    let count = count.min(source.len());
    let mut far: Vec<u8> = Vec::new();
    let place: *mut u8 = if count <= near.len() {
        near.as_mut_ptr().cast()
    } else {
        far.reserve_exact(count);
        far.as_mut_ptr()
    };
    // SAFETY: the GIL is held and nothing of Python's runs here, so the array stays where it is; it has `count`
    // bytes, as has the place, which nobody else knows. Of the copy only the bytes just written are looked at.
    let copy = unsafe {
        source.data().copy_to_nonoverlapping(place, count);
        slice::from_raw_parts(place, count)
    };
    work(copy)
}

/// Makes instances of a class with slots, round its own way of making them.
pub(crate) struct Slots {
    class: Py<PyType>,
    /// The descriptors of its slots, in the order of the values, and how each is set.
    slots: Vec<(Py<PyAny>, ffi::descrsetfunc)>,
}

impl Slots {
    /// Of a class whose instances consist of these slots and nothing else.
    pub(crate) fn of<const N: usize>(class: &Bound<'_, PyType>, names: [String; N]) -> PyResult<Self> {
        let slots = names.into_iter().map(|name| {
            let slot = class.getattr(&name)?;
            let kind = slot.get_type();
            if kind.name()? != "member_descriptor" {
                return Err(PyTypeError::new_err(format!("{name} is no slot of {class}")));
            }
            // SAFETY: the GIL is held; what a type has in this place is nothing, or a function of this form.
            let set: Option<ffi::descrsetfunc> =
                unsafe { mem::transmute(ffi::PyType_GetSlot(kind.as_type_ptr(), ffi::Py_tp_descr_set)) };
            let set = set.ok_or_else(|| PyTypeError::new_err("a slot that cannot be set"))?;
            Ok((slot.unbind(), set))
        });
        Ok(Self { class: class.clone().unbind(), slots: slots.collect::<PyResult<_>>()? })
    }

    /// An instance with these values in its slots.
    pub(crate) fn make<'py, const N: usize>(
        &self,
        py: Python<'py>,
        values: [Bound<'py, PyAny>; N],
    ) -> PyResult<Bound<'py, PyAny>> {
        // SAFETY: the GIL is held; the class is one of Python's, whose instances are made by its allocation, zeroed
        // slots being empty ones. A descriptor of a slot sets it in an instance of its class only, else it fails.
        unsafe {
            let class = self.class.bind(py).as_type_ptr();
            let made = Bound::from_owned_ptr_or_err(py, ffi::PyType_GenericAlloc(class, 0))?;
            for ((slot, set), value) in self.slots.iter().zip(values) {
                if set(slot.as_ptr(), made.as_ptr(), value.as_ptr()) != 0 {
                    return Err(PyErr::fetch(py));
                }
            }
            Ok(made)
        }
    }
}
