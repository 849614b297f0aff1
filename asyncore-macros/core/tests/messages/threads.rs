//! What a thread cannot have: the context, under whatever name.

use super::{method, Case};

/// What to take instead.
const HANDLE: &str = "take `io.handle()` along, and answer with its `post`";

pub(crate) const CASES: &[Case] = &[
    method(
        "context_in_a_thread",
        r#"#[on_connect]
fn up(&mut self, io: &mut Io<Self>) {
    std::thread::spawn(move || { «io».push("x"); });
}"#,
        &[("`io` stays in the thread of its loop", HANDLE)],
    ),
    method(
        "context_by_another_name",
        r#"#[on_connect]
fn up(&mut self, io: &mut Io<Self>) {
    io.push("a");
    let io2 = io;
    thread::spawn(move || «io2».push("x"));
}"#,
        &[("`io2` stays in the thread of its loop", HANDLE)],
    ),
    method(
        "context_lent_again",
        r#"#[on_connect]
fn up(&mut self, io: &mut Io<Self>) {
    if self.late {
        let it: &mut Io<Self> = &mut *io;
        let mine = it;
        std::thread::spawn(move || { { «mine».close() } });
    }
}"#,
        &[("`mine` stays in the thread of its loop", HANDLE)],
    ),
    method(
        "context_in_a_scope",
        r#"#[on_connect]
fn up(&mut self, io: &mut Io<Self>) {
    std::thread::scope(|scope| { scope.spawn(|| «io».push("x")); });
}"#,
        &[("`io` stays in the thread of its loop", HANDLE)],
    ),
    method(
        "context_in_a_thread_that_is_built",
        r#"#[on_connect]
fn up(&mut self, io: &mut Io<Self>) {
    thread::Builder::new().spawn(move || «io».push("x")).unwrap();
}"#,
        &[("`io` stays in the thread of its loop", HANDLE)],
    ),
];

/// What runs here, or takes a handle, is right.
pub(crate) const RIGHT: &[&str] = &[
    "std::thread::spawn(work(io.handle()));",
    "let io = io.handle(); std::thread::spawn(move || io.post(|_, io| io.close()));",
    "let it = io.handle(); std::thread::spawn(move || it.post(|_, io| io.close()));",
    "self.pool.spawn(|| io.close());",
    "spawn(|| io.close());",
    "self.spawn(move || io.close()); let thread = 1;",
];
