//! Certificates and keys from files, and those of the platform.

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::config::ServerTls;
use crate::vocabulary::error::OpenError;

/// The certificates of a PEM file, in its order.
///
/// # Errors
/// The file cannot be read, or has none in it.
pub fn certificates(path: impl AsRef<Path>) -> io::Result<Vec<CertificateDer<'static>>> {
    let path = path.as_ref();
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let all = read.map_err(|error| bad(path, error))?;
    if all.is_empty() {
        return Err(bad(path, "no certificate in it"));
    }
    Ok(all)
}

/// The private key of a PEM file.
///
/// # Errors
/// The file cannot be read, or has none in it.
pub fn private_key(path: impl AsRef<Path>) -> io::Result<PrivateKeyDer<'static>> {
    let path = path.as_ref();
    PrivateKeyDer::from_pem_file(path).map_err(|error| bad(path, error))
}

/// A server's configuration of a certificate (with those between it and a root behind it) and its
/// key, both PEM. For client certificates, ALPN and all else make a `ServerConfig` of rustls.
///
/// # Errors
/// A file cannot be read; the key does not fit the certificate; or no provider of cryptography was
/// [installed](CryptoProvider::install_default).
pub fn server(certificate: impl AsRef<Path>, key: impl AsRef<Path>) -> io::Result<ServerTls> {
    let (chain, path) = (certificates(&certificate)?, key.as_ref());
    let key = private_key(path)?;
    let builder =
        ServerConfig::builder_with_provider(provider()?).with_safe_default_protocol_versions();
    let config =
        builder.and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key));
    Ok(config.map_err(|error| bad(path, error))?.into())
}

/// A client's configuration that trusts the platform's roots. For roots of one's own, a
/// certificate, and ALPN make a `ClientConfig` of rustls.
///
/// # Errors
/// The platform has no roots, or no provider of cryptography was
/// [installed](CryptoProvider::install_default).
pub fn client() -> io::Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let why = found.errors.first().map_or("there are none".to_owned(), ToString::to_string);
        return Err(OpenError::wrap("load", "the platform's roots", io::Error::other(why)));
    }
    let builder =
        ClientConfig::builder_with_provider(provider()?).with_safe_default_protocol_versions();
    let builder = builder.map_err(io::Error::other)?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}

fn provider() -> io::Result<Arc<CryptoProvider>> {
    CryptoProvider::get_default().cloned().ok_or_else(|| {
        io::Error::other(
            "no provider of cryptography is installed: call `install_default()` on one, as \
             `rustls::crypto::ring::default_provider()`",
        )
    })
}

fn bad(path: &Path, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    OpenError::wrap("load", path.display(), io::Error::new(io::ErrorKind::InvalidData, why))
}
