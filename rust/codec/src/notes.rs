//! Ordinary audio of a live line, noted until somebody asks for the books.
//!
//! A line's core asks many questions about a chunk or a delta, and nothing can change their answers but another
//! input. So it answers them once and *opens* the notes: of chunks of one size, as many as there is room for; of
//! deltas of one answer, as many samples as it may still have. What is noted meanwhile is *taken* before anybody
//! looks at the books, and whatever else happens *shuts* the notes first. What a chunk or a delta means is not
//! known here, only that the next one means what the last one did.

use std::mem::take;

/// Chunks of the user's audio that went out.
#[derive(Debug)]
pub struct Chunks<C> {
    size: Option<usize>,
    left: u64,
    until: f64,
    noted: Vec<C>,
    began_at: f64,
    at: f64,
    text_bytes: u64,
}

/// What was noted of chunks.
#[derive(Debug, PartialEq)]
pub struct Sent<C> {
    /// In the order in which they went out; never empty.
    pub chunks: Vec<C>,
    /// When the first went out.
    pub began_at: f64,
    /// When the last did.
    pub at: f64,
    /// The length of their messages, together.
    pub text_bytes: u64,
}

impl<C> Default for Chunks<C> {
    fn default() -> Self {
        Self { size: None, left: 0, until: 0.0, noted: Vec::new(), began_at: 0.0, at: 0.0, text_bytes: 0 }
    }
}

impl<C> Chunks<C> {
    /// From here on chunks of `size` bytes may be noted, `count` of them, before the moment `until`.
    pub fn open(&mut self, size: usize, count: u64, until: f64) {
        (self.size, self.left, self.until) = (Some(size), count, until);
    }

    /// What may be noted goes on being it, for so many samples and until that moment; if it is shut, nothing may.
    pub fn renew(&mut self, samples: u64, until: f64) {
        if let Some(size) = self.size {
            (self.left, self.until) = ((2 * samples).checked_div(size as u64).unwrap_or(0), until);
        }
    }

    /// Whether a chunk of so many bytes may be noted now.
    pub fn takes(&self, size: usize, now: f64) -> bool {
        self.size == Some(size) && self.left > 0 && now < self.until
    }

    /// Notes one whose message has so many bytes; only if it may be.
    pub fn note(&mut self, chunk: C, now: f64, text_bytes: usize) {
        if self.noted.is_empty() {
            self.began_at = now;
        }
        self.noted.push(chunk);
        self.at = now;
        self.left = self.left.saturating_sub(1);
        self.text_bytes += text_bytes as u64;
    }

    /// Gives what was noted since this was last asked.
    pub fn take(&mut self) -> Option<Sent<C>> {
        let chunks = take(&mut self.noted);
        let text_bytes = take(&mut self.text_bytes);
        (!chunks.is_empty()).then_some(Sent { chunks, began_at: self.began_at, at: self.at, text_bytes })
    }

    /// No more may be noted; what was is still to be taken.
    pub fn shut(&mut self) {
        self.size = None;
    }
}

/// Deltas of the answer that is being given.
#[derive(Debug, Default)]
pub struct Deltas {
    answer: Option<Answer>,
    times: Vec<f64>,
    samples: Vec<u64>,
    text_bytes: u64,
}

/// What the next delta must be like.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Of the link.
    pub epoch: i64,
    /// Of the response.
    pub response_id: String,
    /// Of the item.
    pub item_id: String,
    /// How many more samples it may have.
    pub left: u64,
    /// When the line was last heard, or looked at.
    pub ran_at: f64,
    /// From so many seconds behind that on, what comes was kept waiting, and means more than itself.
    pub lag: f64,
    /// The moment from which on none may be noted.
    pub until: f64,
}

/// What was noted of deltas.
#[derive(Debug, PartialEq)]
pub struct Heard {
    /// When each came; never empty.
    pub times: Vec<f64>,
    /// Of each, in the same order.
    pub samples: Vec<u64>,
    /// The length of their messages, together.
    pub text_bytes: u64,
}

impl Deltas {
    /// From here on such deltas may be noted.
    pub fn open(&mut self, answer: Answer) {
        self.answer = Some(answer);
    }

    /// What may be noted goes on being it, for so many samples and until that moment; if it is shut, nothing may.
    pub fn renew(&mut self, samples: u64, until: f64) {
        if let Some(answer) = &mut self.answer {
            (answer.left, answer.until) = (samples, until);
        }
    }

    /// Whether some delta of that link may be noted now.
    pub fn may_take(&self, epoch: i64, now: f64) -> bool {
        let is_now = |answer: &Answer| now < answer.until && now - answer.ran_at < answer.lag;
        self.answer.as_ref().is_some_and(|answer| answer.epoch == epoch && is_now(answer))
    }

    /// When the last one came, or before that when the line was last heard; only while some may be noted.
    pub fn heard_at(&self) -> Option<f64> {
        self.answer.as_ref().map(|answer| answer.ran_at)
    }

    /// Whether one of that response and item, with so many samples, may be.
    pub fn takes(&self, response_id: &str, item_id: &str, samples: u64) -> bool {
        self.answer.as_ref().is_some_and(|answer| {
            answer.item_id == item_id && answer.response_id == response_id && samples <= answer.left
        })
    }

    /// Notes one whose message has so many bytes; only if it may be.
    pub fn note(&mut self, samples: u64, now: f64, text_bytes: usize) {
        if let Some(answer) = &mut self.answer {
            answer.left = answer.left.saturating_sub(samples);
            answer.ran_at = now;
        }
        self.times.push(now);
        self.samples.push(samples);
        self.text_bytes += text_bytes as u64;
    }

    /// Gives what was noted since this was last asked.
    pub fn take(&mut self) -> Option<Heard> {
        let (times, samples) = (take(&mut self.times), take(&mut self.samples));
        let text_bytes = take(&mut self.text_bytes);
        (!times.is_empty()).then_some(Heard { times, samples, text_bytes })
    }

    /// No more may be noted; what was is still to be taken.
    pub fn shut(&mut self) {
        self.answer = None;
    }
}
