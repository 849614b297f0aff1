// cargo run --release --example file_reader_expanded
//! PyMOTW's file dispatcher: a file, 256 bytes at a time.
use asyncore_examples::{about, path_or_lorem, python};
use asyncore_runtime::{Io, Map};
use std::fs::File;
struct FileReader;
/// What `#[channel]` says of `FileReader`.
#[automatically_derived]
impl ::asyncore_runtime::Settings for FileReader {
    /// A struct without fields is its only value.
    const UNIT: ::core::option::Option<Self> = ::core::option::Option::Some(Self);
}
impl FileReader {
    fn read(&mut self, io: &mut Io<Self>) -> std::io::Result<()> {
        let data = python::recv(io, 256)?;
        println!("READ: {}", python::data(& data));
        Ok(())
    }
}
const _: () = {
    use ::asyncore_runtime::{Channel, Io, Result, Settings, Unframed, ensure, reply};
    const _: () = ensure(
        !<FileReader as Settings>::COLLECTS,
        "both a field of `FileReader` and `fn read` are `#[on_read]`: keep one of them",
    );
    /// What `FileReader` does when something happens.
    #[automatically_derived]
    impl Channel for FileReader {
        type Terminator = Unframed;
        /// From `#[on_read]` without data.
        const RAW: ::core::primitive::bool = true;
        fn on_readable(&mut self, io_: &mut Io<Self>) -> Result {
            reply(Self::read(self, io_), io_)
        }
    }
};
fn main() -> asyncore_examples::Result {
    let path = path_or_lorem();
    let file = File::open(&path).map_err(about(&path))?;
    let mut map = Map::new()?;
    map.add_file(file, FileReader).map_err(about(&path))?;
    Ok(map.run()?)
}
