//! What one text may cost: a second of processor time and 200 MB. libFuzzer's own limits count the wall clock, which lies on a busy
//! machine, and the memory of the whole process, which grows with the corpus.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

const MOST_TIME: Duration = Duration::from_secs(1);
const MOST_BYTES: usize = 200_000_000;

static HELD: AtomicUsize = AtomicUsize::new(0);
static LIMIT: AtomicUsize = AtomicUsize::new(usize::MAX);

/// The system's memory, counted. Beyond the limit the process ends, and libFuzzer keeps the text.
pub struct Counted;

impl Counted {
    fn more(&self, bytes: usize) {
        if HELD.fetch_add(bytes, Relaxed) + bytes > LIMIT.load(Relaxed) {
            LIMIT.store(usize::MAX, Relaxed);
            eprintln!("more than {MOST_BYTES} bytes for one text");
            std::process::abort();
        }
    }
}

// SAFETY: every call is the system allocator's own; beside it only numbers are counted.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.more(layout.size());
        // SAFETY: the caller keeps the promises of this very function.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(at, layout) }
    }
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        self.more(size);
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.realloc(at, layout, size) }
    }
}

fn spent() -> Duration {
    nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID).map(Duration::from).unwrap_or_default()
}

/// Does it, within the limits.
pub fn held<T>(work: impl FnOnce() -> T) -> T {
    LIMIT.store(HELD.load(Relaxed) + MOST_BYTES, Relaxed);
    let began = spent();
    let result = work();
    let took = spent() - began;
    LIMIT.store(usize::MAX, Relaxed);
    assert!(took <= MOST_TIME, "{took:?} for one text");
    result
}
