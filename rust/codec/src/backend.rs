//! Which machine code the kernels use: found once, and forceable for tests and benches.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::UnknownBackend;

/// A set of kernels. All give the same bits and the same errors; they differ in speed.
///
/// A value is proof that this machine can run it: only [`Self::available`] and what rests on it make
/// one, so whoever holds a backend may call its kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backend(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Portable code, the author of every error.
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "aarch64")]
    Neon,
}

/// Slowest first, so that the last one a machine has is the one to use.
const ALL: &[Kind] = &[
    Kind::Scalar,
    #[cfg(target_arch = "x86_64")]
    Kind::Avx2,
    #[cfg(target_arch = "x86_64")]
    Kind::Avx512,
    #[cfg(target_arch = "aarch64")]
    Kind::Neon,
];

static DETECTED: OnceLock<Backend> = OnceLock::new();

/// Nothing forced, or one more than an index into `ALL`.
static FORCED: AtomicU8 = AtomicU8::new(0);

impl Backend {
    /// Portable code, which every machine runs.
    pub const SCALAR: Self = Self(Kind::Scalar);

    /// Those that this machine can run, slowest first; never empty.
    pub fn available() -> impl DoubleEndedIterator<Item = Self> {
        ALL.iter().copied().filter(|kind| kind.is_supported()).map(Self)
    }

    /// The fastest one that this machine can run.
    pub fn detect() -> Self {
        *DETECTED.get_or_init(|| Self::available().next_back().unwrap_or(Self::SCALAR))
    }

    /// The one in use: what was forced, else what was detected.
    pub fn current() -> Self {
        match FORCED.load(Ordering::Relaxed) {
            0 => Self::detect(),
            // Only `force` writes here, and it was handed a backend.
            number => ALL.get(usize::from(number) - 1).copied().map_or(Self::SCALAR, Self),
        }
    }

    /// Uses this backend in the whole process, or with `None` the detected one again.
    #[doc(hidden)]
    pub fn force(choice: Option<Self>) {
        let number = choice.and_then(|chosen| ALL.iter().position(|kind| *kind == chosen.0));
        let number = number.and_then(|index| u8::try_from(index + 1).ok());
        FORCED.store(number.unwrap_or(0), Ordering::Relaxed);
    }

    /// Its name, as it is shown and chosen by.
    pub const fn name(self) -> &'static str {
        match self.0 {
            Kind::Scalar => "scalar",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => "avx512",
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => "neon",
        }
    }

    /// The available backend of that name.
    ///
    /// # Errors
    /// If this machine has none of that name.
    pub fn from_name(name: &str) -> Result<Self, UnknownBackend> {
        Self::available().find(|backend| backend.name() == name).ok_or(UnknownBackend)
    }

    pub(crate) const fn kind(self) -> Kind {
        self.0
    }
}

impl Kind {
    /// Asks for every feature that the kernel file of that name enables.
    fn is_supported(self) -> bool {
        match self {
            Self::Scalar => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512vbmi")
            }
            #[cfg(target_arch = "aarch64")]
            Self::Neon => std::arch::is_aarch64_feature_detected!("neon"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_detected_backend_is_the_last_available_one() {
        assert_eq!(Backend::available().last(), Some(Backend::detect()));
        assert_eq!(Backend::available().next(), Some(Backend::SCALAR));
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
