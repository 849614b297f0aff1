//! What could look like a mistake and is none.

#![allow(unused)]

use asyncore_runtime::{self as rt, channel, Io};

mod handlers {
    #[asyncore_runtime::channel]
    pub(crate) struct Chat {
        pub(crate) r#type: u8,
    }
}

#[channel]
impl crate::handlers::Chat {
    const LIMIT: usize = 10;

    /// A pattern, a path to the helper, a text terminator, an explicit lifetime, trailing commas.
    #[rt::terminator("\n", max = Self::LIMIT,)]
    fn r#type<'a>(&self, [first, rest @ ..]: [u8; 3], _io: &mut rt::Io<Self>) -> &'static str {
        "text"
    }

    #[inline]
    #[must_use]
    fn helper(&self) -> u8 {
        self.r#type
    }

    thread_local! { static COUNT: u8 = 1; }
}

/// Values that only the compiler understands: blocks, choices, arrays, closures.
mod computed {
    use asyncore_runtime::channel;
    use core::time::Duration;

    #[channel(
        max_frame = if cfg!(debug_assertions) { 1024 } else { 4096 },
        idle_timeout = { Duration::from_secs(5) },
    )]
    pub(crate) struct Computed([u8; 2], fn(u8) -> u8, [u8; if cfg!(test) { 1 } else { 1 }]);

    pub(crate) trait Pair<A, B> {
        fn first() -> Computed;
    }

    impl<A, B> Pair<A, B> for (Computed, u8) {
        fn first() -> Computed {
            Computed([1, 2], |byte| byte, [0])
        }
    }

    const fn twice<A, B>() -> usize {
        2
    }

    #[channel]
    impl Computed {
        #[terminator(b"\n", max = if twice::<u8, u16>() > 1 { 10 } else { 20 })]
        #[example(b"a\n" => b"a", with = Computed([1, 2], |byte| byte, [0]))]
        #[example(b"b\n" => b"b", with = <(Computed, u8) as Pair<u8, u16>>::first())]
        fn line<'a>(&mut self, line: &'a [u8]) -> &'a [u8] {
            line
        }
    }
}

/// Names of the runtime, and of the prelude's neighbours, that the user has taken.
mod taken {
    pub(crate) struct Frame;
    pub(crate) struct Io;
    pub(crate) struct Until;
    pub(crate) struct Reply;
    pub(crate) struct State;
    pub(crate) trait Channel {}
    pub(crate) type Result = u8;

    #[asyncore_runtime::channel]
    pub(crate) struct Settings;

    #[asyncore_runtime::channel(states = Error)]
    impl Settings {
        #[terminator(b"\n", within = core::time::Duration::from_secs(1))]
        fn line(&mut self, line: &str, io: &mut asyncore_runtime::Io<Self>) {
            io.set_terminator(Error::Frame);
        }

        #[terminator(len = std::mem::size_of::<Frame>() + 1, next = line)]
        fn frame(&mut self, _frame: &[u8]) {}

        #[on_timer]
        fn late(&mut self, _value: (Frame, Io, Until, Reply, State, Result)) {}
    }
}

/// Items, names, types and whole blocks that come out of other macros.
macro_rules! channel_of {
    ($name:ident, $method:ident, $reply:ty, $end:literal) => {
        #[channel]
        struct $name;

        #[channel]
        impl $name {
            #[terminator($end)]
            fn $method(&mut self, line: &[u8], io: &mut Io<Self>) -> $reply {
                line.to_vec()
            }
        }
    };
}

macro_rules! marked {
    ($item:item) => {
        #[channel]
        $item
    };
}

channel_of!(Made, line, Vec<u8>, b"\n");
marked!(struct Passed;);
marked!(impl Passed {
    #[terminator(b"\n")]
    fn line(&mut self, line: &[u8]) -> Vec<u8> {
        line.to_vec()
    }
});

fn main() {
    /// A channel inside a function.
    #[channel]
    struct Inner;

    #[channel]
    impl Inner {
        #[terminator(b"\n")]
        fn first(&mut self, line: &str, io: &mut Io<Self>) {
            io.set_terminator(InnerTerminator::Second(1));
        }

        #[terminator(len, next = first)]
        fn second(&mut self, byte: [u8; 1]) -> [u8; 1] {
            byte
        }
    }

    let mut session = rt::testing::Session::new(Inner);
    session.feed(b"line\nx");
    assert_eq!(session.output(), b"x");
    rt::testing::Session::new(Made).feed(b"line\n");
    rt::testing::Session::new(Passed).feed(b"line\n");
    rt::testing::Session::new(taken::Settings).feed(b"line\nx");
}
