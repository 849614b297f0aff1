use asyncore_runtime::{channel, Io};

#[channel]
struct Of<T: Clone>(T);

#[channel]
impl<T> Of<T> {
    #[terminator(b"\n")]
    fn line(&mut self, _line: &str, io: &mut Io<Self>) {
        io.push("x");
    }

    fn new(value: T) -> Self {
        Self(value)
    }
}

// By a where clause of the struct only, beside a constant.
#[channel]
struct Array<T, const N: usize>([T; N])
where
    T: Copy + Ord;

#[channel]
impl<T, const N: usize> Array<T, N>
where
    T: Ord,
{
    #[terminator(len = N)]
    fn part(&mut self, _part: &[u8], io: &mut Io<Self>) {
        io.push(self.name());
    }

    fn name(&self) -> &'static str {
        "array"
    }
}

fn main() {
    let _ = asyncore_runtime::testing::Session::new(Of::new(1));
    let _ = asyncore_runtime::testing::Session::new(Array([1, 2]));
    let _ = Array([1]).name();
}
