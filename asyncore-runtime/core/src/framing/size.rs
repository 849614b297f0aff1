//! A size that an attribute gives as a constant, of whatever integer type.

/// The number behind `len = ..` or `max = ..`, where only the compiler knows it: what the macro writes
/// for it.
///
/// ```
/// use asyncore_runtime::Size;
/// const RECORD: u16 = 12;
/// const BYTES: usize = Size(RECORD).get();
/// assert_eq!(BYTES, 12);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Size<N>(pub N);

impl<N> Size<N> {
    /// The same size, looked at behind another one: of several constants that are wrong the first says so.
    #[must_use]
    pub const fn behind(self, _before: usize) -> Self {
        self
    }
}

macro_rules! of_integers {
    ($($integer:ident)*) => {$(
        impl Size<$integer> {
            /// The number as the runtime counts. A method of each type and not of a trait, because
            /// constants have no other.
            ///
            /// # Panics
            /// At compile time, if no frame can have this size: below 1, or more than a `usize`.
            #[must_use]
            #[track_caller]
            pub const fn get(self) -> usize {
                assert!(self.0 > 0, "the size of a frame has to be more than 0");
                let size = self.0 as usize;
                assert!(size as $integer == self.0, "the size of a frame has to fit in a `usize`");
                size
            }
        }
    )*};
}

of_integers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);

/// Of a `NonZero` the number inside.
macro_rules! of_nonzero {
    ($($integer:ident)*) => {$(
        impl Size<core::num::NonZero<$integer>> {
            /// The number as the runtime counts.
            ///
            /// # Panics
            /// At compile time, if no frame can have this size.
            #[must_use]
            #[track_caller]
            pub const fn get(self) -> usize {
                Size(self.0.get()).get()
            }
        }
    )*};
}

of_nonzero!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);

macro_rules! of_others {
    ($([$($params:tt)*] $other:ty = $word:literal;)*) => {$(
        impl<$($params)*> Size<$other> {
            /// No number of bytes: a cast would make one of it, or there is none.
            ///
            /// # Panics
            /// At compile time.
            #[must_use]
            #[track_caller]
            pub const fn get(&self) -> usize {
                crate::ensure(false, concat!("a size is an integer, and ", $word, " is none"));
                0
            }
        }
    )*};
}

of_others! {
    [] bool = "`bool`";
    [] char = "`char`";
    [] f32 = "`f32`";
    [] f64 = "`f64`";
    [] () = "`()`";
    [] &str = "`&str`";
    [T] &[T] = "a slice";
    [T, const N: usize] [T; N] = "an array";
    [T, const N: usize] &[T; N] = "an array";
    [T] Option<T> = "an `Option`";
    [] core::time::Duration = "a `Duration`";
}
