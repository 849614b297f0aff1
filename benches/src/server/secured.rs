//! What the servers over TLS have in common.

use rustls::crypto::ring;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::ServerConfig;
use std::sync::Arc;

/// A certificate of its own (ECDSA over P-256), and nothing but TLS 1.3.
pub(super) fn config() -> Arc<ServerConfig> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_protocol_versions(&[&rustls::version::TLS13]).expect("a version");
    let config =
        builder.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key.into());
    Arc::new(config.expect("a certificate with its key"))
}
