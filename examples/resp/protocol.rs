//! A connection of the Redis protocol, RESP2 or RESP3: from frames to commands, and from replies to
//! the output.

use asyncore_runtime::{
    channel, Addr, Bytes, Closed, Error as ChannelError, Io, Piece, Push, Refused, Sink, Socket,
};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crate::args::{Arg, Args};
use crate::command;
use crate::frame::{self, Request, Violation, MAX_FRAME};
use crate::inline;
use crate::pubsub::Subscriber;
use crate::reply::{Error, Reply};
use crate::server::{Context, Server, Session, MAX_GATHERED};
use crate::transaction;

/// Queued for a client that does not read: no further command of its own is carried out; who only
/// subscribes is closed, as by Redis's `client-output-buffer-limit`.
const OUTPUT_HIGH: usize = 8 * 1024 * 1024;
/// Of all replies to one command.
const MAX_OUTPUT: usize = 1024 * 1024 * 1024;
/// How often keys are looked for whose time has come.
const ROUND: Duration = Duration::from_millis(100);

/// One connection. Like Redis's it may be idle for ever, in a command as well.
#[channel(
    first_frame_timeout = "never",
    frame_timeout = "never",
    idle_timeout = "never",
    write_timeout = "60s",
    output_high = OUTPUT_HIGH,
    max_output = MAX_OUTPUT
)]
pub struct Client {
    server: Rc<RefCell<Server>>,
    session: Rc<RefCell<Session>>,
    gathering: Gathering,
}

/// A command of which arguments are still to come.
#[derive(Default)]
struct Gathering {
    args: Vec<Bytes>,
    missing: usize,
    /// One that comes in pieces, and how many bytes it is to have.
    large: Vec<u8>,
    len: usize,
    /// Bytes so far.
    held: usize,
}

#[channel]
impl Client {
    #[on_connect]
    fn connected(&mut self, io: &mut Io<Self>) {
        let mut server = self.server.borrow_mut();
        server.set_time(io.now());
        server.enter(&self.session, io.key());
    }

    /// A command, or the beginning of a long one.
    #[terminator(with = frame::command, max = MAX_FRAME)]
    fn command(&mut self, frame: &[u8], io: &mut Io<Self>) {
        if frame::is_inline(frame) {
            return self.inline(frame, io);
        }
        let mut args = Args::default();
        match frame::parse(frame, &mut args) {
            Ok(Request { missing: 0, .. }) => self.execute(&args, io),
            request => self.gather(&args, request, io),
        }
    }

    /// One of the arguments that were still to come.
    #[terminator(with = frame::argument, max = MAX_FRAME, busy)]
    fn argument(&mut self, frame: &[u8], io: &mut Io<Self>) {
        let mut args = Args::default();
        let request = frame::parse_argument(frame, &mut args);
        self.gather(&args, request, io);
    }

    /// A long argument, with its `\r\n`.
    #[terminator(len, busy)]
    fn large(&mut self, piece: Piece<'_>, io: &mut Io<Self>) {
        self.gathering.take(piece.data);
        self.hold(piece.data.len(), io);
        if piece.last {
            let large = std::mem::take(&mut self.gathering.large);
            self.gathering.args.push(large.into());
            self.gathering.missing -= 1;
            self.go_on(io);
        }
    }

    #[on_error]
    fn failed(&mut self, _: &ChannelError, io: &mut Io<Self>) {
        // Its peer has gone, or does not read: as daily as it is, it is not logged.
        io.close();
    }

    #[on_close]
    fn closed(&mut self, _: &Closed, _: &mut Io<Self>) {
        let (mut server, mut session) = (self.server.borrow_mut(), self.session.borrow_mut());
        server.gathered -= self.gathering.held;
        server.clients.remove(&session.id);
        session.unsubscribe(&mut server.exchange);
        let context = &mut Context { server: &mut server, session: &mut session };
        transaction::end(context);
        transaction::forget(context);
    }
}

impl Client {
    pub fn new(server: &Rc<RefCell<Server>>, peer: &Addr, local: Option<Addr>) -> Self {
        let session = Session {
            address: peer.to_string(),
            local_address: local.map(|addr| addr.to_string()).unwrap_or_default(),
            ..Session::default()
        };
        let session = Rc::new(RefCell::new(session));
        Self { server: Rc::clone(server), session, gathering: Gathering::default() }
    }

    /// A line of words.
    fn inline(&mut self, line: &[u8], io: &mut Io<Self>) {
        match line.last() {
            Some(b'\n') => match inline::words(line) {
                Ok(words) => self.execute(&words.iter().map(Arg::from).collect::<Vec<_>>(), io),
                Err(inline::Unbalanced) => self.refuse(&Violation::Quotes, io),
            },
            _ => self.refuse(&Violation::LineTooLong("inline request"), io),
        }
    }

    /// Keeps what a frame has of a command.
    fn gather(&mut self, args: &[Arg<'_>], request: Result<Request, Violation>, io: &mut Io<Self>) {
        let Request { missing, large } = match request {
            Ok(request) => request,
            Err(violation) => return self.refuse(&violation, io),
        };
        let max_bulk = self.server.borrow().config.max_bulk;
        if large.is_some_and(|len| len > max_bulk) {
            return self.refuse(&Violation::Length, io);
        }
        let held = args.iter().map(|arg| arg.len()).sum::<usize>();
        self.gathering.add(args, missing);
        self.hold(held, io);
        match large {
            Some(len) => {
                self.gathering.len = len;
                io.set_terminator(ClientTerminator::Large(len as u64 + 2));
            }
            None => self.go_on(io),
        }
    }

    /// To the next argument, or the command is complete.
    fn go_on(&mut self, io: &mut Io<Self>) {
        if self.gathering.missing > 0 {
            return io.set_terminator(ClientTerminator::Argument);
        }
        io.set_terminator(ClientTerminator::Command);
        let Gathering { args, held, .. } = std::mem::take(&mut self.gathering);
        self.server.borrow_mut().gathered -= held;
        self.execute(&args.iter().map(Arg::from).collect::<Vec<_>>(), io);
    }

    /// Counts what is held of commands that are not complete.
    fn hold(&mut self, bytes: usize, io: &mut Io<Self>) {
        self.gathering.held += bytes;
        let mut server = self.server.borrow_mut();
        server.gathered += bytes;
        if server.gathered > MAX_GATHERED {
            io.close();
        }
    }

    /// Carries out a command; a line without words, or an array of none, is no command.
    fn execute(&mut self, args: &[Arg<'_>], io: &mut Io<Self>) {
        if args.is_empty() {
            return;
        }
        let mut server = self.server.borrow_mut();
        server.set_time(io.now());
        let session = &mut *self.session.borrow_mut();
        io.push(Call { context: Context { server: &mut server, session }, args });
        if !server.outbox.is_empty() {
            publish(&mut server.outbox, io);
        }
        if session.is_closing {
            io.close_when_done();
        }
    }

    /// Nobody knows where the next command begins.
    fn refuse(&mut self, violation: &Violation, io: &mut Io<Self>) {
        io.push(violation);
        io.close_when_done();
    }
}

impl Gathering {
    fn add(&mut self, args: &[Arg<'_>], missing: usize) {
        let is_first = self.args.is_empty();
        self.args.extend(args.iter().map(|arg| arg.to_bytes()));
        self.missing = if is_first { missing } else { self.missing - args.len() };
    }

    /// Takes bytes of a long argument. There is never more room than was announced, nor much more than
    /// has come.
    fn take(&mut self, piece: &[u8]) {
        let left = self.len - self.large.len();
        let piece = &piece[..piece.len().min(left)];
        if self.large.capacity() - self.large.len() < piece.len() {
            self.large.reserve_exact(left.min(self.large.len().max(piece.len())));
        }
        self.large.extend_from_slice(piece);
    }
}

/// Who reads too slowly hears no more.
fn publish(outbox: &mut Vec<(Subscriber, Bytes)>, io: &mut Io<Client>) {
    for (subscriber, message) in outbox.drain(..) {
        if io.try_push_to(subscriber, &message) == Err(Refused::Full) {
            io.tell(subscriber, |_, io| io.close());
        }
    }
}

/// A command on its way into the output: its reply is written where it leaves from.
struct Call<'a> {
    context: Context<'a>,
    args: &'a [Arg<'a>],
}

impl Push for Call<'_> {
    fn push_to(mut self, out: &mut Sink<'_>) {
        let is_resp3 = self.context.session.is_resp3;
        command::execute(&mut self.context, self.args, &mut Reply::new(out, is_resp3));
    }
}

impl Push for &Violation {
    fn push_to(self, out: &mut Sink<'_>) {
        let error = |what: &str| format!("ERR Protocol error: {what}").into();
        let error = match self {
            Violation::LineTooLong(what) => error(&format!("too big {what}")),
            Violation::Count => error("invalid multibulk length"),
            Violation::Length => error("invalid bulk length"),
            Violation::NoLength(byte) => {
                Error::showing("ERR Protocol error: expected '$', got '", &[*byte], "'")
            }
            Violation::Quotes => error("unbalanced quotes in request"),
        };
        Reply::new(out, false).error(&error);
    }
}

/// Where connections come in. It also sees to keys that nobody asks for.
#[channel]
pub struct Door {
    server: Rc<RefCell<Server>>,
    makes_rounds: bool,
}

/// It is time for another round.
struct Round;

#[channel]
impl Door {
    #[on_accepted]
    fn accepted(&mut self, socket: Socket, peer: Addr, io: &mut Io<Self>) -> std::io::Result<()> {
        let client = Client::new(&self.server, &peer, io.local_addr());
        io.add(socket, client)?;
        if !std::mem::replace(&mut self.makes_rounds, true) {
            io.set_timer(ROUND, Round);
        }
        Ok(())
    }

    #[on_timer]
    fn round(&mut self, _: Round, io: &mut Io<Self>) {
        let mut server = self.server.borrow_mut();
        server.set_time(io.now());
        server.expire();
        // Nobody sees what is left when nobody is here.
        self.makes_rounds = !server.clients.is_empty();
        if self.makes_rounds {
            io.set_timer(ROUND, Round);
        }
    }
}

impl Door {
    pub fn new(server: Server) -> Self {
        Self { server: Rc::new(RefCell::new(server)), makes_rounds: false }
    }
}
