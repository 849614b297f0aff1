// cargo run --release --example file_reader
//! PyMOTW's file dispatcher: a file, 256 bytes at a time.
use asyncore_examples::{about, path_or_lorem, python};
use asyncore_runtime::{channel, Io, Map};
use std::fs::File;

#[channel]
struct FileReader;

#[channel]
impl FileReader {
    #[on_read]
    fn read(&mut self, io: &mut Io<Self>) -> std::io::Result<()> {
        let data = python::recv(io, 256)?;
        println!("READ: {}", python::data(&data));
        Ok(())
    }
}

fn main() -> asyncore_examples::Result {
    let path = path_or_lorem();
    let file = File::open(&path).map_err(about(&path))?;
    let mut map = Map::new()?;
    map.add_file(file, FileReader).map_err(about(&path))?;
    Ok(map.run()?)
}
