//! tokio by hand: what a careful user of it writes.

use std::future::Future;
use std::io;

use anyhow::Result;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, BufWriter};
use tokio::net::{TcpListener, TcpStream};

/// With the 8 KiB both have by themselves, 128 lines in flight cost half as much again.
const BUFFER: usize = 64 * 1024;

pub(super) fn serve(listener: std::net::TcpListener) -> Result<()> {
    on_one_thread(listener, echo)
}

/// Accepts for ever on tokio's current-thread runtime, a task for each connection.
pub(super) fn on_one_thread<F, T>(listener: std::net::TcpListener, echo: F) -> Result<()>
where
    F: Fn(TcpStream) -> T,
    T: Future<Output: Send> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(echo(stream));
        }
    })
}

#[cfg(feature = "tls")]
pub(super) fn serve_tls(
    listener: std::net::TcpListener,
    config: std::sync::Arc<rustls::ServerConfig>,
) -> Result<()> {
    let acceptor = tokio_rustls::TlsAcceptor::from(config);
    on_one_thread(listener, move |stream| {
        let accepting = acceptor.accept(stream);
        async { lines(tokio::io::split(accepting.await?)).await }
    })
}

async fn echo(mut stream: TcpStream) -> io::Result<()> {
    lines(stream.split()).await
}

async fn lines(
    (reader, writer): (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(BUFFER, reader);
    let mut writer = BufWriter::with_capacity(BUFFER, writer);
    let mut line = Vec::new();
    loop {
        let read = tokio::select! {
            biased;
            read = reader.read_until(b'\n', &mut line) => read?,
            // The input is dry. What `read_until` has of a line stays in `line`.
            done = writer.flush(), if !writer.buffer().is_empty() => { done?; continue }
        };
        if read == 0 {
            return writer.flush().await;
        }
        if line.ends_with(b"\r\n") {
            writer.write_all(&line).await?;
            line.clear();
        }
    }
}
