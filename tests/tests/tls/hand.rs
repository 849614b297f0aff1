//! A client by hand: rustls without a socket, so that a test says what is in one segment.

use asyncore_runtime::testing::Net;
use asyncore_runtime::{Channel, Key};
use rustls::ClientConnection;
use std::io::{Read, Write};

use crate::certificates::client;

pub struct Hand {
    tls: ClientConnection,
    /// What the channel said.
    pub heard: Vec<u8>,
}

impl Hand {
    /// One that has not begun.
    pub fn new() -> Self {
        let name = "localhost".try_into().unwrap();
        Self { tls: ClientConnection::new(client(), name).unwrap(), heard: Vec::new() }
    }

    /// A channel over TLS that stands, and its client.
    pub fn shaken<T: Channel>(net: &mut Net, key: Key<T>) -> Self {
        let mut hand = Self::new();
        while hand.tls.is_handshaking() {
            hand.exchange(net, key);
        }
        hand.exchange(net, key);
        hand
    }

    pub fn say(&mut self, data: impl AsRef<[u8]>) {
        self.tls.writer().write_all(data.as_ref()).unwrap();
    }

    pub fn say_end(&mut self) {
        self.tls.send_close_notify();
    }

    /// All that is to be sent, in one segment.
    pub fn segment(&mut self) -> Vec<u8> {
        let mut segment = Vec::new();
        while self.tls.wants_write() {
            self.tls.write_tls(&mut segment).unwrap();
        }
        segment
    }

    /// Sends what there is, and hears what comes.
    pub fn exchange<T: Channel>(&mut self, net: &mut Net, key: Key<T>) {
        let segment = self.segment();
        net.feed(key, segment);
        self.hear(&net.output(key));
    }

    pub fn hear(&mut self, mut data: &[u8]) {
        while !data.is_empty() && self.tls.read_tls(&mut data).unwrap() > 0 {
            let state = self.tls.process_new_packets().unwrap();
            let mut payload = vec![0; state.plaintext_bytes_to_read()];
            self.tls.reader().read_exact(&mut payload).unwrap();
            self.heard.extend(payload);
        }
    }
}
