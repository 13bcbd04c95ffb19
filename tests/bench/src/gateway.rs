//! The platform of the loopback rows, in a process of its own: knows three paths, answers at once with bytes made before.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use taxrefund_core::HttpResponse;

use crate::exchange::{Exchange, Pay, RefundPayment, SyncForm};
use crate::keys::Keys;

/// The child process; ends when this is dropped.
pub(crate) struct Gateway {
    child: Child,
    host: String,
}

impl Gateway {
    pub(crate) fn start() -> Result<Self> {
        Self::thinking(Duration::ZERO)
    }

    /// One that takes so long over each answer.
    pub(crate) fn thinking(pause: Duration) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["serve", "--pause-ms", &pause.as_millis().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the gateway")?;
        let mut port = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut port)?;
        }
        Ok(Self { child, host: format!("http://127.0.0.1:{}", port.trim()) })
    }

    /// `http://127.0.0.1:<port>`.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // It ends with its standard input; there is nothing to be done if it does not.
        let _ = self.child.wait();
    }
}

/// The child's side: prints the port, answers until standard input ends.
pub(crate) fn serve(keys: &Keys, pause: Duration) -> Result<()> {
    let answers: Arc<[(&str, Vec<u8>)]> = Arc::new([
        (Pay::PATH, on_the_wire(&Pay::answer(keys)?)),
        (RefundPayment::PATH, on_the_wire(&RefundPayment::answer(keys)?)),
        (SyncForm::PATH, on_the_wire(&SyncForm::answer(keys)?)),
    ]);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?.port());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answers = answers.clone();
            // A broken connection is the client's to notice.
            std::thread::spawn(move || answer_all(&stream, &answers, pause));
        }
    });
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
    Ok(())
}

fn answer_all(stream: &TcpStream, answers: &[(&str, Vec<u8>)], pause: Duration) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    while let Some((path, length)) = read_head(&mut reader)? {
        std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink())?;
        let answer = answers.iter().find(|(known, _)| *known == path).map(|(_, answer)| answer.as_slice());
        if !pause.is_zero() {
            std::thread::sleep(pause);
        }
        writer.write_all(answer.unwrap_or(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"))?;
    }
    Ok(())
}

/// A request's path, without the query, and the length of its body; `None` at the connection's end.
fn read_head(reader: &mut impl BufRead) -> Result<Option<(String, u64)>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let target = line.split(' ').nth(1).unwrap_or_default();
    // Some clients write the whole address.
    let path = target.split_once("://").map_or(target, |(_, rest)| &rest[rest.find('/').unwrap_or(0)..]);
    let path = path.split('?').next().unwrap_or_default().to_owned();
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse()?;
            }
            Some(_) => {}
            None => return Ok(Some((path, length))),
        }
    }
}

fn on_the_wire(answer: &HttpResponse) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {} OK\r\n", answer.status).into_bytes();
    for (name, value) in &answer.headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&answer.body);
    bytes
}
