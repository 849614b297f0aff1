//! `INFO`.

use std::fmt::Write;

use crate::args::Arg;
use crate::reply::{Answer, Reply};
use crate::server::{Context, Server};

/// Whose behaviour this is: clients look here for what they may ask for.
pub const VERSION: &str = "7.0.15";

type Section = fn(&Server, &mut String) -> std::fmt::Result;

/// The sections, and whether they are shown unless others are asked for.
const SECTIONS: [(&str, bool, Section); 9] = [
    ("Server", true, server),
    ("Clients", true, clients),
    ("Memory", true, memory),
    ("Persistence", true, persistence),
    ("Stats", true, stats),
    ("Replication", true, replication),
    ("CPU", true, cpu),
    ("Commandstats", false, commandstats),
    ("Keyspace", true, keyspace),
];

/// `[section..]`
pub fn info(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let names = &args[1..];
    let is_any = |word: &str| names.iter().any(|name| name.is(word));
    let is_all = is_any("all") || is_any("everything");
    let is_default = names.is_empty() || is_any("default");
    let mut text = String::new();
    for (name, is_usual, write) in SECTIONS {
        if is_all || is_default && is_usual || is_any(name) {
            let separator = if text.is_empty() { "" } else { "\r\n" };
            // A string takes everything.
            let _ = write!(text, "{separator}# {name}\r\n");
            let _ = write(context.server, &mut text);
        }
    }
    reply.verbatim(&text)
}

fn server(server: &Server, text: &mut String) -> std::fmt::Result {
    let uptime = (server.now() - server.started()) / 1000;
    write!(text, "redis_version:{VERSION}\r\nredis_mode:standalone\r\n")?;
    write!(text, "os:{}\r\narch_bits:{}\r\n", std::env::consts::OS, usize::BITS)?;
    write!(text, "process_id:{}\r\nrun_id:{:040x}\r\n", std::process::id(), server.started())?;
    write!(text, "uptime_in_seconds:{uptime}\r\nuptime_in_days:{}\r\n", uptime / 86_400)
}

fn clients(server: &Server, text: &mut String) -> std::fmt::Result {
    write!(text, "connected_clients:{}\r\nblocked_clients:0\r\n", server.clients.len())
}

fn memory(server: &Server, text: &mut String) -> std::fmt::Result {
    let resident = resident().unwrap_or(0);
    write!(text, "used_memory:{resident}\r\nused_memory_rss:{resident}\r\n")?;
    write!(text, "maxmemory:0\r\nmaxmemory_policy:noeviction\r\nmem_allocator:libc\r\n")?;
    write!(text, "mem_clients_normal:{}\r\nlazyfree_pending_objects:0\r\n", server.gathered)
}

/// Bytes of memory that are resident, where the system has it in a file.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
}

fn persistence(_: &Server, text: &mut String) -> std::fmt::Result {
    write!(text, "loading:0\r\nrdb_bgsave_in_progress:0\r\naof_enabled:0\r\n")?;
    write!(text, "rdb_changes_since_last_save:0\r\naof_rewrite_in_progress:0\r\n")
}

fn stats(server: &Server, text: &mut String) -> std::fmt::Result {
    let expired: u64 = server.databases.iter().map(|database| database.expired).sum();
    write!(text, "total_connections_received:{}\r\n", server.stats.connections)?;
    write!(text, "total_commands_processed:{}\r\n", server.stats.commands)?;
    write!(text, "expired_keys:{expired}\r\nevicted_keys:0\r\n")
}

fn replication(_: &Server, text: &mut String) -> std::fmt::Result {
    write!(text, "role:master\r\nconnected_slaves:0\r\nmaster_repl_offset:0\r\n")
}

fn cpu(_: &Server, text: &mut String) -> std::fmt::Result {
    let (user, system) = times().unwrap_or((0.0, 0.0));
    write!(text, "used_cpu_sys:{system:.6}\r\nused_cpu_user:{user:.6}\r\n")?;
    write!(text, "used_cpu_sys_children:0.000000\r\nused_cpu_user_children:0.000000\r\n")
}

/// Seconds of CPU, of the program's and the system's: the 14th and 15th word of a file that counts
/// hundredths.
fn times() -> Option<(f64, f64)> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (_, behind_name) = stat.rsplit_once(')')?;
    let mut words = behind_name.split_whitespace().skip(11);
    let mut seconds = || Some(words.next()?.parse::<f64>().ok()? / 100.0);
    Some((seconds()?, seconds()?))
}

fn commandstats(server: &Server, text: &mut String) -> std::fmt::Result {
    let calls = server.stats.commands;
    write!(text, "cmdstat_all:calls={calls},rejected_calls=0,failed_calls=0\r\n")
}

fn keyspace(server: &Server, text: &mut String) -> std::fmt::Result {
    for (index, database) in server.databases.iter().enumerate() {
        let (keys, expires) = (database.len(), database.volatile());
        if keys > 0 {
            write!(text, "db{index}:keys={keys},expires={expires},avg_ttl=0\r\n")?;
        }
    }
    Ok(())
}
