use futures_util::{StreamExt, TryStreamExt};
use tokio::net::TcpListener;
use tokio_util::codec::{FramedRead, FramedWrite, LinesCodec};

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    loop {
        let (reader, writer) = listener.accept().await?.0.into_split();
        tokio::spawn(
            FramedRead::new(reader, LinesCodec::new())
                .map_ok(|line| line + "\r")
                .forward(FramedWrite::new(writer, LinesCodec::new())),
        );
    }
}
