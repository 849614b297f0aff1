//! Certificates for the tests, made anew in each run.

use asyncore_runtime::tls::ServerTls;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion};
use std::sync::{Arc, LazyLock};

/// Who signs all of them.
struct Issuer(CertifiedIssuer<'static, KeyPair>);

static ISSUER: LazyLock<Issuer> = LazyLock::new(|| {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // Not the name that those it signs have: openssl would take them for signed by themselves.
    params.distinguished_name.push(DnType::CommonName, "the issuer of the tests");
    Issuer(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
});

/// A certificate with its key.
pub struct Identity {
    pub certificate: rcgen::Certificate,
    pub key: KeyPair,
}

impl Identity {
    /// For this name, signed by the issuer that the clients here trust.
    pub fn of(name: &str) -> Self {
        Self::made(CertificateParams::new(vec![name.to_owned()]).unwrap())
    }

    /// One whose time is over.
    pub fn expired(name: &str) -> Self {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2001, 1, 1);
        params.not_after = rcgen::date_time_ymd(2002, 1, 1);
        Self::made(params)
    }

    fn made(params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &ISSUER.0).unwrap();
        Self { certificate, key }
    }

    fn der(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let key = PrivatePkcs8KeyDer::from(self.key.serialize_der());
        (vec![self.certificate.der().clone()], key.into())
    }
}

/// The issuer's certificate, for clients that read files.
pub fn issuer_pem() -> String {
    ISSUER.0.pem()
}

fn roots() -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add(ISSUER.0.der().clone()).unwrap();
    Arc::new(roots)
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// A server of this identity, which speaks `ours` by ALPN.
pub fn server_of(identity: &Identity) -> Arc<ServerConfig> {
    let (chain, key) = identity.der();
    let builder = ServerConfig::builder_with_provider(provider());
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_no_client_auth().with_single_cert(chain, key).unwrap();
    config.alpn_protocols = vec![b"ours".to_vec()];
    Arc::new(config)
}

/// A server with a certificate for `localhost`.
pub fn server() -> ServerTls {
    server_of(&Identity::of("localhost")).into()
}

/// The same, which asks its clients for a certificate.
pub fn server_that_asks() -> ServerTls {
    let (chain, key) = Identity::of("localhost").der();
    let builder = ServerConfig::builder_with_provider(provider());
    let verifier =
        WebPkiClientVerifier::builder_with_provider(roots(), provider()).build().unwrap();
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let config = builder.with_client_cert_verifier(verifier).with_single_cert(chain, key).unwrap();
    Arc::new(config).into()
}

/// A client that trusts the issuer, and speaks these protocols.
pub fn client_of(alpn: &[&str], identity: Option<&Identity>) -> Arc<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(provider());
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let builder = builder.with_root_certificates(roots());
    let mut config = match identity.map(Identity::der) {
        Some((chain, key)) => builder.with_client_auth_cert(chain, key).unwrap(),
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    Arc::new(config)
}

/// A client that speaks this version of TLS alone.
pub fn client_in(version: &'static SupportedProtocolVersion) -> Arc<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(provider());
    let builder = builder.with_protocol_versions(&[version]).unwrap();
    Arc::new(builder.with_root_certificates(roots()).with_no_client_auth())
}

/// A client that trusts the issuer.
pub fn client() -> Arc<ClientConfig> {
    client_of(&[], None)
}
