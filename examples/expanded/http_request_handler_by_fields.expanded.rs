// cargo run --release --example http_request_handler_by_fields_expanded
//! asynchat's example as its page has it, name by name: the same three names, on fields. How a port
//! of Python code begins; `http_request_handler` is where it goes from there.
use asyncore_examples::http::{answer, Head};
use asyncore_runtime::{BoxError, Error, Io, Map, Terminator};
use std::mem::take;
struct HttpRequestHandler {
    ibuffer: Vec<u8>,
    obuffer: Vec<u8>,
    terminator: Terminator,
    reading_headers: bool,
    handling: bool,
    head: Head,
}
/// What `#[channel]` says of `HttpRequestHandler`.
#[automatically_derived]
impl ::asyncore_runtime::Settings for HttpRequestHandler {
    /// From `#[on_read]` on the field.
    const COLLECTS: ::core::primitive::bool = true;
    fn collect(&mut self, data_: &[::core::primitive::u8]) {
        ::asyncore_runtime::Collect::collect(&mut self.ibuffer, data_);
    }
    fn take_back(&mut self, len_: ::core::primitive::usize) {
        ::asyncore_runtime::Collect::take_back(&mut self.ibuffer, len_);
    }
    /// From `#[producer]` on the field.
    const PRODUCES: ::core::primitive::bool = true;
    fn producer_field(
        &mut self,
    ) -> ::core::option::Option<&mut dyn ::asyncore_runtime::Producer> {
        ::core::option::Option::Some(&mut self.obuffer)
    }
    /// From `#[terminator]` on the field.
    const HAS_TERMINATOR: ::core::primitive::bool = true;
    fn terminator_field(
        &mut self,
    ) -> ::core::option::Option<&mut ::asyncore_runtime::Terminator> {
        let field_: &mut ::asyncore_runtime::Terminator = &mut self.terminator;
        ::core::option::Option::Some(field_)
    }
}
const _: () = ::asyncore_runtime::ensure(
    <HttpRequestHandler as ::asyncore_runtime::Channel>::WAITS_FOR_FIELD,
    "nothing handles what field `terminator` ends: mark a method with a bare `#[terminator]`",
);
impl HttpRequestHandler {
    fn new() -> Self {
        Self {
            ibuffer: Vec::new(),
            obuffer: Vec::new(),
            terminator: Terminator::from(b"\r\n\r\n"),
            reading_headers: true,
            handling: false,
            head: Head::default(),
        }
    }
    fn handle_request(&mut self, body: &[u8]) {
        let text = format!("you asked for {}\n", self.head.path);
        let is_post = self.head.method == "POST";
        let body = if is_post { body } else { text.as_bytes() };
        self.obuffer = answer("200 OK", body);
    }
}
impl HttpRequestHandler {
    fn handle_error(&mut self, _: &Error, io: &mut Io<Self>) -> Vec<u8> {
        io.close_when_done();
        answer("400 Bad Request", b"")
    }
    fn found_terminator(&mut self, io: &mut Io<Self>) -> Result<(), BoxError> {
        let data = take(&mut self.ibuffer);
        if self.reading_headers {
            self.reading_headers = false;
            self.head = std::str::from_utf8(&data)?.parse()?;
            if self.head.method == "POST" && self.head.content_length > 0 {
                self.terminator = Terminator::Len(self.head.content_length);
            } else {
                self.handling = true;
                self.terminator = Terminator::None;
                self.handle_request(b"");
            }
        } else if !self.handling {
            self.terminator = Terminator::None;
            self.handling = true;
            self.handle_request(&data);
        }
        if self.handling {
            io.close_when_done();
        }
        Ok(())
    }
}
const _: () = {
    use ::asyncore_runtime::{
        Channel, Error, FieldTerminator, Frame, Io, Result, Settings, ensure, reply,
    };
    const _: () = ensure(
        <HttpRequestHandler as Settings>::HAS_TERMINATOR,
        "`fn found_terminator` has no terminator to wait for: mark a field of `HttpRequestHandler` with `#[terminator]`",
    );
    const _: () = ensure(
        <HttpRequestHandler as Settings>::COLLECTS,
        "`fn found_terminator` takes no frame: mark a method or a field with `#[on_read]` for its data",
    );
    /// The protocol of `HttpRequestHandler`: a field says what ends a frame.
    #[automatically_derived]
    impl Channel for HttpRequestHandler {
        type Terminator = FieldTerminator;
        /// From `#[terminator]` without arguments.
        const WAITS_FOR_FIELD: ::core::primitive::bool = true;
        #[inline]
        fn found_terminator(&mut self, _: Frame<'_>, io_: &mut Io<Self>) -> Result {
            reply(Self::found_terminator(self, io_), io_)
        }
        fn on_error(&mut self, error_: &Error, io_: &mut Io<Self>) -> Result {
            reply(Self::handle_error(self, error_, io_), io_)
        }
    }
};
fn main() -> asyncore_examples::Result {
    let address = asyncore_examples::address_or("127.0.0.1:8080");
    let mut map = Map::new()?;
    let listener = map.listen(address, |_peer| HttpRequestHandler::new())?;
    println!("listening on {}", listener.local_addr());
    Ok(map.until_signal(asyncore_examples::DRAIN)?)
}
