//! User code may panic wherever it runs, and it runs in `drop` too: the one place where it is
//! called and dropped without harm to anybody else.

use core::any::Any;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};

/// Runs user code; `Err` is what its panic said.
#[inline]
pub(crate) fn guarded<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(text_of)
}

/// Drops what is the user's. A panic costs nothing more: the hook has printed it, and nobody is
/// left to be told.
pub(crate) fn dispose<V>(value: V) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        dispose_payload(payload);
    }
}

/// Has user code fill `value`. If it panics, what is in there by then is dropped guarded before the
/// panic goes on: two at a time would abort the process.
pub(crate) fn filled<V>(mut value: V, fill: impl FnOnce(&mut V)) -> V {
    match catch_unwind(AssertUnwindSafe(|| fill(&mut value))) {
        Ok(()) => value,
        Err(payload) => {
            dispose(value);
            resume_unwind(payload)
        }
    }
}

/// Drops one after the other: two panics in one `drop` would abort the process.
pub(crate) fn dispose_each<V>(values: impl IntoIterator<Item = V>) {
    values.into_iter().for_each(dispose);
}

/// What a panic said. Its payload is a value of the user's, whose drop may panic as well.
#[cold]
fn text_of(payload: Box<dyn Any + Send>) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let owned = || payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(owned).unwrap_or("no text").to_owned();
    dispose_payload(payload);
    text
}

/// The payload of a payload's panic is leaked: somewhere this has to end.
#[cold]
fn dispose_payload(payload: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        core::mem::forget(again);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::rc::Rc;

    struct Bomb(Rc<Cell<u32>>);
    impl Drop for Bomb {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
            panic!("in drop");
        }
    }

    /// Panics when it is dropped, with itself as the payload of another panic.
    struct Endless;
    impl Drop for Endless {
        fn drop(&mut self) {
            std::panic::panic_any(Endless);
        }
    }

    #[test]
    fn what_a_panic_said_is_its_error() {
        assert_eq!(guarded(|| 7), Ok(7));
        assert_eq!(guarded(|| panic!("a word")), Err::<(), _>("a word".to_owned()));
        assert_eq!(guarded(|| panic!("{}", 1)), Err::<(), _>("1".to_owned()));
        assert_eq!(guarded(|| std::panic::panic_any(7)), Err::<(), _>("no text".to_owned()));
    }

    #[test]
    fn a_payload_that_panics_when_it_is_dropped_stays_inside() {
        assert_eq!(guarded(|| std::panic::panic_any(Endless)), Err::<(), _>("no text".to_owned()));
    }

    #[test]
    fn each_is_dropped_although_the_one_before_panicked() {
        let dropped = Rc::new(Cell::new(0));
        dispose_each((0..3).map(|_| Bomb(Rc::clone(&dropped))));
        assert_eq!(dropped.get(), 3);
    }
}
