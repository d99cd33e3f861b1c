//! How pieces of audio arrived: the time between them, counted in buckets, and their jitter.
//!
//! Buckets are those of the log-linear histogram that durations are kept in (`telemetry/histogram.py`, where they are
//! explained): units of 10 µs, sixteen steps in each power of two. Jitter is the filter of RFC 3550 §A.8, whose transit
//! is arrival less media position.

/// A bucket for each gap, and the jitter behind the last one.
#[derive(Debug, Default, PartialEq)]
pub struct Arrivals {
    /// Of the histogram, in the order of the gaps.
    pub buckets: Vec<u16>,
    /// Seconds; none before two pieces.
    pub jitter: Option<f64>,
}

const UNITS_PER_SECOND: f64 = 100_000.0;
const STEP_BITS: u32 = 4;
const STEPS: u64 = 1 << STEP_BITS;
/// 168 s: all that is longer is in the last bucket.
const LARGEST: u64 = (1 << 24) - 1;
/// Of the filter: a sixteenth of what is new.
const GAIN: f64 = 1.0 / 16.0;

/// The bucket of a duration; below zero is the first, beyond 168 s the last.
pub fn bucket(seconds: f64) -> u16 {
    // What is no number, or too large, saturates.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let units = ((seconds * UNITS_PER_SECOND).round_ties_even() as u64).min(LARGEST);
    if units < STEPS {
        return units.try_into().unwrap_or(u16::MAX);
    }
    let shift = units.ilog2() - STEP_BITS;
    ((u64::from(shift) << STEP_BITS) + (units >> shift)).try_into().unwrap_or(u16::MAX)
}

/// Goes on behind `before`, when the last piece came and its samples, with pieces of an answer.
///
/// Each gap stands behind a piece of so many samples. Of lists of two lengths the longer one's rest is nothing.
pub fn followed(
    times: &[f64],
    samples: &[u64],
    before: Option<(f64, u64)>,
    jitter: Option<f64>,
    rate_hz: f64,
) -> Arrivals {
    let pieces = times.iter().copied().zip(samples.iter().copied());
    let all: Vec<(f64, u64)> = before.into_iter().chain(pieces).collect();
    let mut found = Arrivals { buckets: Vec::with_capacity(all.len()), jitter };
    for pair in all.windows(2) {
        let &[(at, count), (next, _)] = pair else { continue };
        let (gap, known) = (next - at, found.jitter.unwrap_or(0.0));
        #[allow(clippy::cast_precision_loss)] // far from 2^53
        let lasts = count as f64 / rate_hz;
        found.buckets.push(bucket(gap));
        found.jitter = Some(known + ((gap - lasts).abs() - known) * GAIN);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_a_sixteenth_of_a_power_of_two() {
        let found: Vec<u16> =
            [0.0, 0.000_15, 0.000_16, 0.000_32, 0.000_339, 0.02].into_iter().map(bucket).collect();
        assert_eq!(found, [0, 15, 16, 32, 33, 127]);
    }

    #[test]
    fn what_is_no_duration_is_in_the_first_bucket_or_the_last() {
        assert_eq!([-1.0, f64::NAN, f64::NEG_INFINITY].map(bucket), [0; 3]);
        assert_eq!([168.0, 1e9, f64::INFINITY].map(bucket), [335; 3]);
    }

    #[test]
    fn what_comes_as_fast_as_it_plays_has_no_jitter() {
        let found = followed(&[1.02, 1.04], &[480, 480], Some((1.0, 480)), None, 24_000.0);
        assert_eq!(found.buckets, [bucket(0.02); 2]);
        assert!(found.jitter.is_some_and(|jitter| jitter < 1e-12));
    }

    #[test]
    fn jitter_moves_by_a_sixteenth_of_what_is_off() {
        let found = followed(&[1.0, 1.1], &[480, 480], None, Some(0.016), 24_000.0);
        assert_eq!(found.buckets, [bucket(0.1)]);
        assert!(found.jitter.is_some_and(|jitter| (jitter - 0.02).abs() < 1e-12));
    }

    #[test]
    fn a_single_piece_says_nothing() {
        assert_eq!(followed(&[1.0], &[480], None, None, 24_000.0), Arrivals::default());
        assert_eq!(followed(&[], &[], Some((1.0, 480)), Some(0.5), 24_000.0).jitter, Some(0.5));
    }
}
