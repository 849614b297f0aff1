//! An FTP server (RFC 959): a control connection, and one for each transfer, which either side may open.

use asyncore_runtime::{channel, tcp, Addr, Bytes, Closed, Io, Key, Listener};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::{cell::RefCell, io, mem::take, rc::Rc};

pub type Files = Rc<RefCell<BTreeMap<String, Bytes>>>;

#[channel(idle_timeout = "5m", first_frame_timeout = "1m")]
#[derive(Default)]
pub struct Ftp {
    files: Files,
    passive: Option<Listener>,
    active: Option<SocketAddr>,
    data: Option<Key<Data>>,
    /// A transfer without its connection: a name, and what is sent, or what comes is stored.
    waiting: Option<(String, Option<Bytes>)>,
    is_busy: bool,
}

#[channel]
impl Ftp {
    /// The end of `ABOR` may come as urgent data, and is not to be taken out of its line.
    #[on_connect]
    fn greet(&mut self, io: &mut Io<Self>) -> io::Result<&'static str> {
        io.socket_options().map_or(Ok(()), |socket| socket.set_out_of_band_inline(true))?;
        Ok("220 Ready.\r\n")
    }

    #[terminator(b"\r\n", max = 1024)]
    fn command(&mut self, line: &str, io: &mut Io<Self>) -> io::Result<String> {
        let (verb, arg) = line.split_once(' ').unwrap_or((line, ""));
        let file = self.files.borrow().get(arg).cloned();
        let said = match (verb.to_ascii_uppercase().as_str(), file) {
            ("USER" | "PASS", _) => "230 Logged in.".into(),
            ("TYPE" | "NOOP", _) => "200 OK.".into(),
            ("PASV", _) => self.listen(io)?,
            ("PORT", _) => self.dial_to(arg, io).into(),
            ("NLST", _) => {
                let names: Vec<String> = self.files.borrow().keys().cloned().collect();
                self.start("", Some(names.join("\r\n").into()), io)?
            }
            ("SIZE", Some(file)) => format!("213 {}", file.len()),
            ("RETR", Some(file)) => self.start(arg, Some(file), io)?,
            ("SIZE" | "RETR", None) => "550 No such file.".into(),
            ("STOR", _) => self.start(arg, None, io)?,
            ("ABOR", _) if self.abort(io) => "426 Aborted.\r\n226 Done.".into(),
            ("ABOR", _) => "226 Nothing to abort.".into(),
            ("QUIT", _) => {
                io.close_when_done();
                "221 Bye.".into()
            }
            _ => "502 Not here.".into(),
        };
        Ok(said + "\r\n")
    }

    #[on_close]
    fn closed(&mut self, io: &mut Io<Self>) {
        self.passive.iter().for_each(Listener::close);
        self.abort(io);
    }
}

impl Ftp {
    pub fn new(files: Files) -> Self {
        Self { files, ..Self::default() }
    }

    /// For one connection, from the address of the client.
    fn listen(&mut self, io: &mut Io<Self>) -> io::Result<String> {
        let (ctl, client) = (io.key(), io.peer_addr().and_then(|peer| peer.ip()));
        let accept = move |peer: Addr| (peer.ip() == client).then_some(Data { ctl, upload: None });
        let listener = io.listen(tcp((Ipv4Addr::LOCALHOST, 0)).once(), accept)?;
        let [high, low] = listener.local_addr().port().to_be_bytes();
        self.passive.replace(listener).iter().for_each(Listener::close);
        Ok(format!("227 Entering passive mode (127,0,0,1,{high},{low})."))
    }

    /// Only the port counts: with a host that is not the client's we could be sent anywhere.
    fn dial_to(&mut self, arg: &str, io: &mut Io<Self>) -> &'static str {
        let numbers: Vec<u8> = arg.split(',').flat_map(str::parse).collect();
        let [_, _, _, _, high, low] = numbers[..] else { return "501 No address." };
        let client = io.peer_addr().and_then(|peer| peer.ip());
        self.active = client.map(|client| (client, u16::from_be_bytes([high, low])).into());
        "200 OK."
    }

    fn start(&mut self, name: &str, file: Option<Bytes>, io: &mut Io<Self>) -> io::Result<String> {
        if let Some(addr) = self.active.take() {
            self.data = Some(io.connect(addr, Data { ctl: io.key(), upload: None })?);
        } else if self.passive.is_none() && self.data.is_none() {
            return Ok("425 Use PORT or PASV first.".into());
        }
        self.waiting = Some((name.to_owned(), file));
        self.go(self.data, io);
        Ok("150 Here it goes.".into())
    }

    /// A transfer begins when both are there: who asks for it, and its connection.
    fn go(&mut self, data: Option<Key<Data>>, io: &mut Io<Self>) {
        let Some(data) = data else { return };
        (self.data, self.passive) = (Some(data), None);
        let Some((name, file)) = self.waiting.take() else { return };
        self.is_busy = true;
        io.tell(data, |data, io| match file {
            Some(file) => {
                io.push_with_producer(io::Cursor::new(file));
                io.close_when_done();
            }
            None => {
                data.upload = Some((name, Vec::new()));
                io.resume();
            }
        });
    }

    fn abort(&mut self, io: &mut Io<Self>) -> bool {
        self.waiting = None;
        self.data.take().iter().for_each(|data| io.tell(*data, |_, io| io.close()));
        take(&mut self.is_busy)
    }
}

#[channel]
struct Data {
    ctl: Key<Ftp>,
    upload: Option<(String, Vec<u8>)>,
}

#[channel]
impl Data {
    #[on_connect]
    fn up(&mut self, io: &mut Io<Self>) {
        let key = io.key();
        io.pause();
        io.tell(self.ctl, move |ctl, io| ctl.go(Some(key), io));
    }

    #[on_read]
    fn read(&mut self, data: &[u8]) -> Result<(), &'static str> {
        let (_, content) = self.upload.as_mut().ok_or("nothing was to be stored")?;
        content.extend_from_slice(data);
        (content.len() <= 64 << 20).then_some(()).ok_or("more than 64 MiB")
    }

    #[on_close]
    fn closed(&mut self, why: &Closed, io: &mut Io<Self>) {
        let (key, is_whole) = (io.key(), why.is_clean());
        let upload = self.upload.take().filter(|_| is_whole);
        let upload = upload.map(|(name, content)| (name, content.into()));
        io.tell(self.ctl, move |ctl, _| {
            let is_its = ctl.data.take_if(|data| *data == key).is_some() && take(&mut ctl.is_busy);
            ctl.files.borrow_mut().extend(upload.filter(|_| is_its));
            is_its.then_some(if is_whole { "226 Complete.\r\n" } else { "426 Cut off.\r\n" })
        });
    }
}
