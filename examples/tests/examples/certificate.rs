//! A certificate for the servers over TLS.

use std::path::PathBuf;

use crate::process::Server;

/// A certificate for `localhost` that signs itself, and its key; removed when dropped.
pub struct Certificate(PathBuf);

impl Certificate {
    pub fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("asyncore-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(dir.join("cert.pem"), made.cert.pem()).unwrap();
        std::fs::write(dir.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        Self(dir)
    }

    pub fn path(&self, file: &str) -> String {
        self.0.join(file).to_string_lossy().into_owned()
    }

    pub fn server(&self, name: &str, more: &[&str]) -> Server {
        let (certificate, key) = (self.path("cert.pem"), self.path("key.pem"));
        Server::with(name, &[&["--tls", &certificate, &key], more].concat())
    }
}

impl Drop for Certificate {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
