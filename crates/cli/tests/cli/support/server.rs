//! A web server for one test: one archive under every path, with the habits of good and of bad servers.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What is served, and how.
#[derive(Clone, Default)]
pub(crate) struct Habits {
    pub(crate) body: Vec<u8>,
    pub(crate) tag: Option<&'static str>,
    /// Whether pieces are given to whoever asks for them.
    pub(crate) ranges: bool,
    /// After so many bytes of a body the connection is closed.
    pub(crate) cut: Option<usize>,
    /// Paths that begin so lead to `/moved/` with the same name.
    pub(crate) redirect: Option<&'static str>,
}

/// A request as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) range: Option<String>,
    pub(crate) if_range: Option<String>,
}

pub(crate) struct Server {
    port: u16,
    habits: Arc<Mutex<Habits>>,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub(crate) fn new(habits: Habits) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (habits, seen) = (Arc::new(Mutex::new(habits)), Arc::new(Mutex::new(Vec::new())));
        let server = Self { port, habits: Arc::clone(&habits), seen: Arc::clone(&seen) };
        // It serves until the tests are over.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever asked may be gone: its own affair.
                let _ = answer(stream, &habits, &seen);
            }
        });
        server
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Habits)) {
        change(&mut self.habits.lock().unwrap());
    }

    /// What was asked for since the last time, but for lengths.
    pub(crate) fn asked(&self) -> Vec<Request> {
        let mut seen = std::mem::take(&mut *self.seen.lock().unwrap());
        seen.retain(|request| request.method == "GET");
        seen
    }
}

fn answer(stream: TcpStream, habits: &Mutex<Habits>, seen: &Mutex<Vec<Request>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut request = Request::default();
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split(' ').map(str::to_owned);
    (request.method, request.path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        let Some((name, value)) = line.trim().split_once(": ") else { continue };
        match name.to_lowercase().as_str() {
            "range" => request.range = Some(value.to_owned()),
            "if-range" => request.if_range = Some(value.to_owned()),
            _ => {}
        }
    }
    seen.lock().unwrap().push(request.clone());
    let habits = habits.lock().unwrap().clone();
    let mut stream = reader.into_inner();
    if let Some(rest) = habits.redirect.and_then(|from| request.path.strip_prefix(from)) {
        return write!(
            stream,
            "HTTP/1.1 302 Found\r\nLocation: /moved/{rest}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
    }
    let from = request
        .range
        .as_ref()
        .and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
    let same = request.if_range.is_some() && request.if_range.as_deref() == habits.tag;
    let from = from.filter(|&from: &usize| habits.ranges && same && from < habits.body.len());
    let total = habits.body.len();
    let mut body = &habits.body[from.unwrap_or(0)..];
    let mut head = match from {
        Some(from) => {
            format!("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {from}-{}/{total}\r\n", total - 1)
        }
        None => "HTTP/1.1 200 OK\r\n".to_owned(),
    };
    head += &format!("Content-Length: {}\r\nConnection: close\r\n", body.len());
    if let Some(tag) = habits.tag {
        head += &format!("ETag: {tag}\r\n");
    }
    write!(stream, "{head}\r\n")?;
    if request.method == "HEAD" {
        return Ok(());
    }
    if let Some(cut) = habits.cut {
        body = &body[..cut.min(body.len())];
    }
    stream.write_all(body)
}
