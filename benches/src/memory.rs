//! What a connection holds: idle, with half a frame, and with a peer that does not read.

use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::growth::connect_idle;
use crate::load::exchange;
use crate::plan::Plan;
use crate::process::Process;
use crate::script::{Batch, Script};
use crate::server::Server;

/// The part of a line of 64 bytes that is sent before the rest.
pub(crate) const HALF: usize = 32;
/// The kernel's buffers of these hold some megabytes each, so they are few.
const SLOW_READERS: usize = 100;
/// More than the kernel holds for one connection on both sides, so an end for a server that would
/// take anything.
const SLOW_READER_BYTES: usize = 32 * 1024 * 1024;

/// For each connection, on top of the state before.
pub(crate) struct Bytes {
    pub(crate) idle: f64,
    pub(crate) half_frame: f64,
    pub(crate) slow_reader: f64,
}

pub(crate) fn run(plan: &Plan) -> Result<Vec<(Server, Bytes)>> {
    let connections = if plan.quick { 500 } else { 10_000 };
    let mut servers = Vec::new();
    for server in plan.among(&[Server::Mio, Server::Ours, Server::Lines]) {
        plan.say(format_args!("memory of {server}"));
        let bytes = measure(server, connections).with_context(|| format!("memory of {server}"))?;
        servers.push((server, bytes));
    }
    Ok(servers)
}

fn measure(server: Server, connections: usize) -> Result<Bytes> {
    let (idle, half_frame) = quiet(server, connections)?;
    Ok(Bytes { idle, half_frame, slow_reader: slow_readers(server)? })
}

/// For each connection that was answered once, and for each with half a line more.
fn quiet(server: Server, connections: usize) -> Result<(f64, f64)> {
    let script = Script::echo(1, 64);
    let process = started(server)?;
    let before = process.rss()?;
    let mut streams = connect_idle(&process, &script, connections)?;
    process.settle()?;
    let idle = process.rss()?;

    let Batch { request, reply } = &script.batches[0];
    for stream in &mut streams {
        stream.write_all(&request[..HALF])?;
    }
    process.settle()?;
    let halves = process.rss()?;

    // They were held, and not lost.
    let rest = Batch { request: request[HALF..].to_vec(), reply: reply.clone() };
    streams.iter_mut().try_for_each(|stream| exchange(stream, &rest))?;
    Ok((each(before, idle, connections), each(idle, halves, connections)))
}

/// For each connection whose peer sends lines as long as they are taken, and reads nothing.
fn slow_readers(server: Server) -> Result<f64> {
    let script = Script::echo(1, 64);
    let process = started(server)?;
    let mut streams = connect_idle(&process, &script, SLOW_READERS)?;
    process.settle()?;
    let before = process.rss()?;
    let lines = script.batches[0].request.repeat(1024);
    let mut sent = vec![0; streams.len()];
    while flood(&mut streams, &mut sent, &lines)? > 0 {
        thread::sleep(Duration::from_millis(100));
    }
    process.settle()?;
    Ok(each(before, process.rss()?, SLOW_READERS))
}

/// Sends what the kernel takes. How many bytes that was.
fn flood(streams: &mut [TcpStream], sent: &mut [usize], lines: &[u8]) -> Result<usize> {
    let mut total = 0;
    for (stream, sent) in streams.iter_mut().zip(sent) {
        stream.set_nonblocking(true)?;
        while *sent < SLOW_READER_BYTES {
            // From where the line before was cut.
            match stream.write(&lines[*sent % lines.len()..]) {
                Ok(written) => {
                    *sent += written;
                    total += written;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(total)
}

/// A server whose own buffers have been used, so that they count for nobody.
fn started(server: Server) -> Result<Process> {
    let process = Process::serve(server)?;
    let script = Script::echo(4096, 64);
    let mut stream = TcpStream::connect(process.addr())?;
    exchange(&mut stream, &script.batches[0])?;
    drop(stream);
    process.settle()?;
    Ok(process)
}

fn each(before: u64, after: u64, connections: usize) -> f64 {
    (after as f64 - before as f64) / connections as f64
}
