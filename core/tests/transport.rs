//! HTTPS as it is configured: whom it trusts, what it shows, which way it goes. The rest of the transport's promises are
//! among the lessons.
#![cfg(feature = "client")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use taxrefund_core::{Fault, HttpRequest, HttpResponse, HttpTransport, Transport, TransportConfig};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";

/// An authority of our own.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// A certificate and its key, PEM.
    fn issue(&self, name: &str, usage: ExtendedKeyUsagePurpose) -> (String, String) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.extended_key_usages = vec![usage];
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }

    fn der(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap()
    }
}

/// Serves one connection of the `localhost` certificate, asking for a client's certificate where `clients` is given.
fn serve_one(authority: &Authority, clients: Option<&Authority>) -> (SocketAddr, JoinHandle<()>) {
    let (certificate, key) = authority.issue("localhost", ExtendedKeyUsagePurpose::ServerAuth);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(clients) => {
            let mut roots = RootCertStore::empty();
            roots.add(clients.der()).unwrap();
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        }
    };
    let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let config = Arc::new(builder.with_single_cert(chain, key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), socket);
        // A client that does not like the certificate ends the handshake: nothing to answer then.
        if read_request(&mut stream).is_some() {
            let _ = stream.write_all(ANSWER);
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    (address, server)
}

/// The request's head, once it and its body of two bytes are there.
fn read_request(stream: &mut impl Read) -> Option<String> {
    let mut seen = Vec::new();
    let mut buffer = [0; 1024];
    while !seen.ends_with(b"\r\n\r\n{}") {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(count) => seen.extend_from_slice(&buffer[..count]),
        }
    }
    Some(String::from_utf8_lossy(&seen).into_owned())
}

fn post(config: TransportConfig, url: &str) -> Result<HttpResponse, Fault> {
    HttpTransport::new(config).unwrap().exchange(HttpRequest {
        method: "POST",
        url: url.to_owned(),
        headers: vec![("content-type", "application/json".to_owned())],
        body: b"{}".to_vec(),
        timeout: Duration::from_secs(20),
        interface: "pay",
    })
}

/// The cause that whoever is on call reads.
fn why_tls_failed(exchange: Result<HttpResponse, Fault>) -> String {
    match exchange {
        Err(Fault::Tls(why)) => why,
        other => panic!("{other:?}"),
    }
}

fn direct() -> TransportConfig {
    TransportConfig { no_proxy: true, ..TransportConfig::default() }
}

#[test]
fn a_server_of_an_unknown_authority_is_not_talked_to() {
    let (address, server) = serve_one(&Authority::new(), None);
    assert!(
        why_tls_failed(post(direct(), &format!("https://localhost:{}/", address.port())))
            .contains("UnknownIssuer")
    );
    server.join().unwrap();
}

#[test]
fn an_extra_authority_is_trusted_for_the_names_it_vouches_for_and_no_others() {
    let authority = Authority::new();
    let trusting = || TransportConfig { extra_authorities_pem: Some(authority.pem.clone()), ..direct() };
    let (address, server) = serve_one(&authority, None);
    let answer = post(trusting(), &format!("https://localhost:{}/", address.port())).unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"{}"[..]));
    server.join().unwrap();

    let (address, server) = serve_one(&authority, None);
    let why = why_tls_failed(post(trusting(), &format!("https://127.0.0.1:{}/", address.port())));
    assert!(why.contains("not valid for name"), "{why}");
    server.join().unwrap();
}

#[test]
fn a_client_certificate_is_shown_where_the_server_asks_for_one() {
    let authority = Authority::new();
    let (certificate, key) = authority.issue("counter-7", ExtendedKeyUsagePurpose::ClientAuth);
    let with = |client_certificate_pem| TransportConfig {
        extra_authorities_pem: Some(authority.pem.clone()),
        client_certificate_pem,
        ..direct()
    };
    let (address, server) = serve_one(&authority, Some(&authority));
    let url = format!("https://localhost:{}/", address.port());
    assert_eq!(post(with(Some(certificate + &key)), &url).unwrap().status, 200);
    server.join().unwrap();

    let (address, server) = serve_one(&authority, Some(&authority));
    let url = format!("https://localhost:{}/", address.port());
    assert!(matches!(post(with(None), &url), Err(Fault::Tls(_) | Fault::Reset)));
    server.join().unwrap();
}

#[test]
fn a_proxy_is_asked_for_the_way_and_its_refusal_is_its_own_fault() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let proxy = thread::spawn(move || {
        let (mut socket, _): (TcpStream, _) = listener.accept().unwrap();
        let mut seen = Vec::new();
        let mut buffer = [0; 1024];
        while !seen.ends_with(b"\r\n\r\n") {
            let count = socket.read(&mut buffer).unwrap();
            seen.extend_from_slice(&buffer[..count]);
        }
        socket.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").unwrap();
        String::from_utf8_lossy(&seen).into_owned()
    });
    let config = TransportConfig { proxy: Some(format!("http://{address}")), ..TransportConfig::default() };
    assert_eq!(post(config, "https://gateway.invalid/gateway.do"), Err(Fault::Proxy));
    assert!(proxy.join().unwrap().starts_with("CONNECT gateway.invalid:443 HTTP/1.1\r\n"));
}

#[test]
fn settings_that_cannot_be_read_are_named() {
    let (certificate, key) = Authority::new().issue("counter-7", ExtendedKeyUsagePurpose::ClientAuth);
    let authorities = |pem: &str| TransportConfig { extra_authorities_pem: Some(pem.to_owned()), ..direct() };
    let client = |pem: &str| TransportConfig { client_certificate_pem: Some(pem.to_owned()), ..direct() };
    let proxy = TransportConfig { proxy: Some("::".to_owned()), ..TransportConfig::default() };
    for (config, field) in [
        (authorities(""), "transport.extra_authorities_pem"),
        (authorities(&key), "transport.extra_authorities_pem"),
        (client(&certificate), "transport.client_certificate_pem"),
        (client(&key), "transport.client_certificate_pem"),
        (proxy, "transport.proxy"),
    ] {
        let error = HttpTransport::new(config).err().unwrap();
        assert_eq!((error.field.as_str(), error.code), (field, "transport_settings"));
        assert!(!error.to_string().contains("PRIVATE"), "{error}");
    }
}
