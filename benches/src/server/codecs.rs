//! tokio-util's codecs, with `forward`: it flushes when the input is dry, which is ten times
//! cheaper than `send` for each line.

use std::io::{Error, ErrorKind};

use anyhow::Result;
use futures_util::{StreamExt, TryStreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_util::codec::{
    AnyDelimiterCodec, AnyDelimiterCodecError, FramedRead, FramedWrite, LinesCodec, LinesCodecError,
};

use super::read_until::on_one_thread;

type Outcome<E> = std::result::Result<(), E>;

/// With buffers of their own size, 8 KiB.
pub(super) fn serve_lines(listener: std::net::TcpListener) -> Result<()> {
    on_one_thread(listener, |stream: TcpStream| async {
        let (reader, writer) = stream.into_split();
        let reader = FramedRead::new(reader, LinesCodec::new());
        echo_lines(reader, FramedWrite::new(writer, LinesCodec::new())).await
    })
}

/// With buffers of this many bytes, as few users know to ask for.
pub(super) fn serve_lines_with(capacity: usize, listener: std::net::TcpListener) -> Result<()> {
    on_one_thread(listener, move |stream: TcpStream| async move {
        let (reader, writer) = stream.into_split();
        let reader = FramedRead::with_capacity(reader, LinesCodec::new(), capacity);
        let mut writer = FramedWrite::new(writer, LinesCodec::new());
        writer.set_backpressure_boundary(capacity);
        echo_lines(reader, writer).await
    })
}

async fn echo_lines<R: AsyncRead, W: AsyncWrite>(
    reader: FramedRead<R, LinesCodec>,
    writer: FramedWrite<W, LinesCodec>,
) -> Outcome<LinesCodecError> {
    // The decoder takes CRLF off, the encoder puts LF on.
    reader.map_ok(|line| line + "\r").forward(writer).await
}

pub(super) fn serve_any_delimiter(listener: std::net::TcpListener) -> Result<()> {
    on_one_thread(listener, echo_any_delimiter)
}

async fn echo_any_delimiter(stream: TcpStream) -> Outcome<AnyDelimiterCodecError> {
    // It knows no delimiter of two bytes: the CR stays in the chunk.
    let codec = AnyDelimiterCodec::new(b"\n".to_vec(), b"\n".to_vec());
    let (reader, writer) = stream.into_split();
    FramedRead::new(reader, codec.clone())
        .and_then(|chunk| async move {
            // Chunks come as bytes, and are taken only as text.
            String::from_utf8(chunk.into())
                .map_err(|error| Error::new(ErrorKind::InvalidData, error).into())
        })
        .forward(FramedWrite::new(writer, codec))
        .await
}
