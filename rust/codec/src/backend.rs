//! Which machine code the kernels use: found once, and forceable for tests and benches.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::UnknownBackend;

/// A set of kernels. All give the same bits and the same errors; they differ in speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backend {
    /// Portable code, the author of every error.
    Scalar,
}

/// Slowest first, so that the last one a machine has is the one to use.
const ALL: [Backend; 1] = [Backend::Scalar];

static DETECTED: OnceLock<Backend> = OnceLock::new();

/// Nothing forced, or one more than an index into `ALL`.
static FORCED: AtomicU8 = AtomicU8::new(0);

impl Backend {
    /// Those that this machine can run, slowest first; never empty.
    pub fn available() -> impl DoubleEndedIterator<Item = Self> {
        ALL.into_iter().filter(|backend| backend.is_supported())
    }

    /// The fastest one that this machine can run.
    pub fn detect() -> Self {
        *DETECTED.get_or_init(|| Self::available().next_back().unwrap_or(Self::Scalar))
    }

    /// The one in use: what was forced, else what was detected.
    pub fn current() -> Self {
        match FORCED.load(Ordering::Relaxed) {
            0 => Self::detect(),
            number => ALL.get(usize::from(number) - 1).copied().unwrap_or(Self::Scalar),
        }
    }

    /// Uses this backend in the whole process, or with `None` the detected one again.
    #[doc(hidden)]
    pub fn force(choice: Option<Self>) {
        let number = choice.and_then(|chosen| ALL.iter().position(|other| *other == chosen));
        let number = number.and_then(|index| u8::try_from(index + 1).ok());
        FORCED.store(number.unwrap_or(0), Ordering::Relaxed);
    }

    /// Its name, as it is shown and chosen by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
        }
    }

    /// The available backend of that name.
    ///
    /// # Errors
    /// If this machine has none of that name.
    pub fn from_name(name: &str) -> Result<Self, UnknownBackend> {
        Self::available().find(|backend| backend.name() == name).ok_or(UnknownBackend)
    }

    const fn is_supported(self) -> bool {
        match self {
            Self::Scalar => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_detected_backend_is_the_last_available_one() {
        assert_eq!(Backend::available().last(), Some(Backend::detect()));
    }

    #[test]
    fn every_available_backend_is_found_by_its_name_and_can_be_forced() {
        for backend in Backend::available() {
            assert_eq!(Backend::from_name(backend.name()), Ok(backend));
            Backend::force(Some(backend));
            assert_eq!(Backend::current(), backend);
        }
        Backend::force(None);
        assert_eq!(Backend::current(), Backend::detect());
        assert_eq!(Backend::from_name("abacus"), Err(UnknownBackend));
    }
}
