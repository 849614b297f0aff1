//! What is answered with a file: all of it, parts of it, or that the client has it already.

use asyncore_runtime::Io;
use std::fmt::Write as _;

use crate::conditions::{judge, Verdict};
use crate::files::{find, Found, Lookup, Parts};
use crate::protocol::{Http, TEXT};
use crate::request::Method;
use crate::response::Refusal;

/// A file up to this size leaves with its head, in one write.
const SMALL: u64 = 64 * 1024;
const BOUNDARY: &str = "part-of-a-file-7b1c2f";

impl Http {
    pub fn file(&mut self, io: &mut Io<Self>) -> Result<(), Refusal> {
        let found = match find(&self.site.root, &self.request.target)? {
            Lookup::File(found) => found,
            Lookup::Directory => return self.redirect(io),
        };
        let conditions = self.request.conditions.take().unwrap_or_default();
        let fields = fields(&found);
        match judge(&conditions, &found.version, found.len, self.request.method) {
            Verdict::Whole => {
                let mut parts = Parts::default();
                parts.file(&found.file, (0, found.len));
                let fields = format!("{fields}Content-Type: {}\r\n", found.kind);
                self.send("200 OK", &fields, parts, io)
            }
            Verdict::Parts(ranges) => self.partial(&found, fields, &ranges, io),
            Verdict::NotModified => {
                self.push_head("304 Not Modified", &fields, None, self.after(), io);
                Ok(())
            }
            Verdict::Changed => {
                self.text("412 Precondition Failed", &fields, b"", self.after(), io)
            }
            Verdict::OutOfRange => {
                let fields = format!("{fields}Content-Range: bytes */{}\r\n", found.len);
                self.text("416 Range Not Satisfiable", &fields, b"", self.after(), io)
            }
        }
    }

    fn redirect(&self, io: &mut Io<Self>) -> Result<(), Refusal> {
        let target = &self.request.target;
        let query = if target.query.is_empty() { "" } else { "?" };
        // `//host/` would lead elsewhere.
        let path = target.path.trim_start_matches('/').replace('\\', "%5C");
        let fields = format!("Location: /{path}/{query}{}\r\n{TEXT}", target.query);
        self.text("301 Moved Permanently", &fields, b"with a slash\n", self.after(), io)
    }

    /// One part is the body; several have a head each (RFC 9110, section 14.6).
    fn partial(
        &self,
        found: &Found,
        mut fields: String,
        ranges: &[(u64, u64)],
        io: &mut Io<Self>,
    ) -> Result<(), Refusal> {
        let mut parts = Parts::default();
        let place = |(at, end): (u64, u64)| format!("bytes {at}-{}/{}", end - 1, found.len);
        if let [range] = ranges {
            let _ = write!(
                fields,
                "Content-Type: {}\r\nContent-Range: {}\r\n",
                found.kind,
                place(*range)
            );
            parts.file(&found.file, *range);
        } else {
            let _ = write!(fields, "Content-Type: multipart/byteranges; boundary={BOUNDARY}\r\n");
            for range in ranges {
                let (kind, place) = (found.kind, place(*range));
                parts.bytes(format!(
                    "\r\n--{BOUNDARY}\r\nContent-Type: {kind}\r\nContent-Range: {place}\r\n\r\n"
                ));
                parts.file(&found.file, *range);
            }
            parts.bytes(format!("\r\n--{BOUNDARY}--\r\n"));
        }
        self.send("206 Partial Content", &fields, parts, io)
    }

    /// A small file leaves with its head; of a large one a piece is read when there is room for it.
    fn send(
        &self,
        status: &str,
        fields: &str,
        mut parts: Parts,
        io: &mut Io<Self>,
    ) -> Result<(), Refusal> {
        let len = parts.len();
        let is_small = len <= SMALL;
        // One byte more, or the last read would make it grow to see that nothing is left.
        let room = if is_small { len as usize + 1 } else { 0 };
        let mut small = Vec::with_capacity(room);
        if is_small && self.request.method != Method::Head {
            std::io::Read::read_to_end(&mut parts, &mut small).map_err(|_| Refusal::failed())?;
        }
        self.push_head(status, fields, Some(len), self.after(), io);
        if self.request.method == Method::Head {
            return Ok(());
        }
        if is_small {
            io.push(small);
        } else {
            io.push_with_producer(parts);
        }
        Ok(())
    }
}

/// What is said of a file in every answer about it.
fn fields(found: &Found) -> String {
    let modified = httpdate::fmt_http_date(found.version.modified);
    let etag = &found.version.etag;
    format!("Last-Modified: {modified}\r\nETag: {etag}\r\nAccept-Ranges: bytes\r\n")
}
