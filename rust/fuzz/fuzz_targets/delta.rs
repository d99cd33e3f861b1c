//! Any message that the short reader takes, and whose audio decodes, is JSON with exactly the fields it read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trunkline_fuzz::{Placed, json};

fuzz_target!(|message: &[u8]| json::check(&Placed::new(message, 0)));
