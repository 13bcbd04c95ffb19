//! A scripted HTTP server on a real socket: it counts what arrives and answers as it is told.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What the server does with a request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// These bytes, then keep the connection.
    Bytes(Vec<u8>),
    /// These bytes, then close.
    BytesThenClose(Vec<u8>),
    /// One byte, again and again, until the client goes away.
    Drip(Vec<u8>),
    /// Nothing, until the client goes away.
    Silence,
    /// Close without an answer.
    Close,
}

/// A server; ends with the test's process.
pub(crate) struct Server {
    pub(crate) endpoint: String,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Server {
    /// Answers the n-th request (from 0, over all connections) with `reply(n, head)`.
    pub(crate) fn start(reply: impl Fn(usize, &str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let server = Self { endpoint, connections: Arc::default(), requests: Arc::default() };
        let (connections, requests) = (Arc::clone(&server.connections), Arc::clone(&server.requests));
        let reply = Arc::new(reply);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                connections.fetch_add(1, Ordering::SeqCst);
                let (requests, reply) = (Arc::clone(&requests), Arc::clone(&reply));
                std::thread::spawn(move || serve(stream.unwrap(), &requests, &*reply));
            }
        });
        server
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The bodies that arrived completely, in order.
    pub(crate) fn bodies(&self) -> Vec<Vec<u8>> {
        self.requests.lock().unwrap().clone()
    }
}

/// `HTTP/1.1 <status>` with this body.
pub(crate) fn http(status: &str, content_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

fn serve(
    stream: TcpStream,
    requests: &Mutex<Vec<Vec<u8>>>,
    reply: &(dyn Fn(usize, &str) -> Reply + Send + Sync),
) {
    let mut writer = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    while let Some((head, body)) = request(&mut reader) {
        let at = {
            let mut requests = requests.lock().unwrap();
            requests.push(body);
            requests.len() - 1
        };
        match reply(at, &head) {
            Reply::Bytes(bytes) => {
                if writer.write_all(&bytes).is_err() {
                    return;
                }
            }
            Reply::BytesThenClose(bytes) => {
                let _ = writer.write_all(&bytes);
                return;
            }
            Reply::Drip(bytes) => {
                let mut drops = bytes.iter().cycle();
                while drops.next().is_some_and(|byte| writer.write_all(&[*byte]).is_ok()) {
                    std::thread::yield_now();
                    std::thread::park_timeout(std::time::Duration::from_millis(10));
                }
                return;
            }
            Reply::Silence => {
                let _ = reader.read(&mut [0]);
                return;
            }
            Reply::Close => return,
        }
    }
}

fn request(reader: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((head, body))
}
