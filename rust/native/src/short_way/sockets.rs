//! What is done with a socket that the event loop's transport owns, and with those of all its links at once.
#![allow(unsafe_code)]

use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};
use rustix::io::{Errno, Result};
use rustix::net::{RecvFlags, SendFlags, recv, send};
use std::mem::MaybeUninit;

/// Sockets that are told of in one call; the next takes the rest.
pub(crate) const READY: usize = 64;
const AT_ONCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// What a read found.
pub(crate) enum Found {
    Bytes(usize),
    Nothing,
    /// The stream has ended, or broke with that number, which the kernel tells once: who owns the socket must get it.
    End(i32),
}

/// A socket that has something.
pub(crate) struct Ready {
    pub(crate) number: RawFd,
    /// Whether an error waits, which is its owner's to ask for.
    pub(crate) is_broken: bool,
}

fn socket<'a>(number: RawFd) -> BorrowedFd<'a> {
    // SAFETY: who gives a number is told to take it back before its owner closes the socket, and it is used for the
    // length of one system call; -1, the one that may not be borrowed, was refused. A number that is closed all the
    // same is refused by the kernel, and no memory depends on it.
    unsafe { BorrowedFd::borrow_raw(number) }
}

/// Whether it may be the number of a socket.
pub(crate) fn is_number(number: RawFd) -> bool {
    number >= 0
}

/// How many bytes went out without waiting; 0 if none can, or something is wrong, which its owner finds out.
pub(crate) fn written(number: RawFd, bytes: &[u8]) -> usize {
    send(socket(number), bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL).unwrap_or(0)
}

/// Reads what there is, without waiting.
pub(crate) fn read(number: RawFd, into: &mut [u8]) -> Found {
    match recv(socket(number), into, RecvFlags::DONTWAIT) {
        Ok((1.., count)) => Found::Bytes(count),
        Ok(_) => Found::End(0),
        Err(Errno::AGAIN | Errno::INTR) => Found::Nothing,
        Err(error) => Found::End(error.raw_os_error()),
    }
}

/// Sockets that are read here and not by their owners.
pub(crate) struct Watched(OwnedFd);

impl Watched {
    pub(crate) fn new() -> Result<Self> {
        epoll::create(CreateFlags::CLOEXEC).map(Self)
    }

    pub(crate) fn number(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    pub(crate) fn add(&self, number: RawFd) -> Result<()> {
        let data = EventData::new_u64(u64::from(number.unsigned_abs()));
        epoll::add(&self.0, socket(number), data, EventFlags::IN | EventFlags::RDHUP)
    }

    pub(crate) fn remove(&self, number: RawFd) -> Result<()> {
        epoll::delete(&self.0, socket(number))
    }

    /// Those that have something, or have ended.
    pub(crate) fn ready(&self, into: &mut Vec<Ready>) -> Result<()> {
        let mut events = [MaybeUninit::<Event>::uninit(); READY];
        into.clear();
        match epoll::wait(&self.0, &mut events, Some(&AT_ONCE)) {
            Ok((found, _)) => {
                into.extend(found.iter().filter_map(|event| {
                    let (data, flags) = (event.data, event.flags);
                    let number = RawFd::try_from(data.u64()).ok()?;
                    Some(Ready { number, is_broken: flags.contains(EventFlags::ERR) })
                }));
            }
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}
