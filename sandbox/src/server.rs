//! HTTP/1.1 on a loopback address: reads a request whole, has it answered, and sends the answer the way it is meant to go.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Body, Frame, Incoming as RequestBody, SizeHint};
use hyper::header::{CONTENT_LENGTH, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Sleep;

use crate::delivery::{Incoming, Reply, Way};
use crate::world::World;
use crate::{admin, gateway, header_signed};

/// More than any request of these protocols.
const REQUEST_LIMIT: usize = 1024 * 1024;

pub(crate) async fn serve(world: Arc<World>, listener: TcpListener) -> Infallible {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            // Answers are written at once, so Nagle's algorithm could only delay them.
            let _ = stream.set_nodelay(true);
            tokio::spawn(connection(world.clone(), stream));
        } else {
            // Out of file handles, for instance: let connections end before trying again.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

const NOTHING_HERE: &str = "Nothing is served here. Send POST to /gateway.do, /aps/api/v1/funds/..., \
     /ams/sandbox/api/v1/payments/... or /ams/api/v1/payments/...; read GET /sandbox/ledger, /sandbox/requests, \
     /sandbox/notifications, /sandbox/credentials.\n";

async fn connection(world: Arc<World>, stream: TcpStream) {
    let reset = Arc::new(AtomicBool::new(false));
    let wire = Wire { stream, reset: reset.clone() };
    let service = service_fn(move |request| answer(world.clone(), request, reset.clone()));
    // An error here is a client that went away, or a fault of ours that was asked for.
    let _ = hyper::server::conn::http1::Builder::new()
        .half_close(false)
        .serve_connection(TokioIo::new(wire), service)
        .await;
}

/// The connection ends here, without an answer.
#[derive(Debug, thiserror::Error)]
#[error("closed without an answer, as the scenario asks")]
struct Closed;

async fn answer(
    world: Arc<World>,
    request: Request<RequestBody>,
    reset: Arc<AtomicBool>,
) -> Result<Response<Answer>, Closed> {
    let reply = replied(&world, request).await;
    for job in reply.jobs {
        if job.before_answer {
            job.run(world.clone()).await;
        } else {
            tokio::spawn(job.run(world.clone()));
        }
    }
    if !reply.delay.is_zero() {
        tokio::time::sleep(reply.delay).await;
    }
    match reply.way {
        Way::Close => return Err(Closed),
        Way::Reset => {
            reset.store(true, Ordering::Relaxed);
            return Err(Closed);
        }
        _ => {}
    }
    let length = reply.body.len();
    let mut response =
        Response::new(Answer { rest: reply.body, way: reply.way, pause: None, half_sent: false });
    *response.status_mut() = reply.status;
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().append(name, value);
        }
    }
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    Ok(response)
}

async fn replied(world: &World, request: Request<RequestBody>) -> Reply {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, REQUEST_LIMIT).collect().await else {
        return Reply::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "text/plain",
            "the request was cut off or is too large\n",
        );
    };
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let request = Incoming { method: head.method, target, headers: head.headers, body: body.to_bytes() };
    let path = request.path();
    if path == "/gateway.do" {
        gateway::handle(world, &request)
    } else if let Some((protocol, name)) = header_signed::protocol_of(path) {
        header_signed::handle(world, &request, protocol, name)
    } else if let Some(page) = path.strip_prefix("/sandbox/") {
        admin::handle(world, &request, page)
    } else {
        Reply::new(StatusCode::NOT_FOUND, "text/plain", NOTHING_HERE)
    }
}

/// A response body that can dawdle or break off.
struct Answer {
    rest: Bytes,
    way: Way,
    pause: Option<Pin<Box<Sleep>>>,
    half_sent: bool,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(pause) = &mut self.pause {
            std::task::ready!(pause.as_mut().poll(context));
            self.pause = None;
        }
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let piece = match self.way {
            Way::Drip(interval) => {
                self.pause = Some(Box::pin(tokio::time::sleep(interval)));
                self.rest.split_to(1)
            }
            Way::Half if self.half_sent => {
                return Poll::Ready(Some(Err(io::Error::other("broken off, as the scenario asks"))));
            }
            Way::Half => {
                // The pause lets what was sent so far leave before the connection breaks off.
                self.half_sent = true;
                self.pause = Some(Box::pin(tokio::time::sleep(Duration::from_millis(20))));
                let half = self.rest.len() / 2;
                self.rest.split_to(half)
            }
            _ => std::mem::take(&mut self.rest),
        };
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}

/// The connection's socket, which can be made to end in a reset.
struct Wire {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.reset.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
