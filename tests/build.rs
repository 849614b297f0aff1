//! The programs of the README and of the book, each as a file that `tests/book_sockets` includes:
//! the text a reader sees is the one that is run over sockets.
//!
//! A page shows a program and then, in memory, what it does. The items are taken, up to the first
//! statement; `cargo test --doc` runs all of it. A file is named after its page and heading.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    let out = out.join("book");
    let _ = fs::remove_dir_all(&out);
    fs::create_dir_all(&out)?;
    let mut names = Vec::new();
    for page in pages()? {
        println!("cargo::rerun-if-changed={}", page.display());
        let stem = page.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
        for (heading, program) in programs(&fs::read_to_string(&page)?) {
            let name = format!("{}_{heading}", snake(&stem));
            fs::write(out.join(format!("{name}.rs")), program)?;
            names.push(name);
        }
    }
    fs::write(out.join("names"), names.join("\n"))
}

/// Where readers find programs.
fn pages() -> io::Result<Vec<PathBuf>> {
    println!("cargo::rerun-if-changed=../docs");
    let docs = fs::read_dir("../docs")?.map(|entry| Ok(entry?.path()));
    let mut pages = docs.collect::<io::Result<Vec<_>>>()?;
    pages.retain(|path| path.extension().is_some_and(|ext| ext == "md"));
    pages.push(Path::new("..").join("README.md"));
    pages.sort();
    Ok(pages)
}

/// The items of each block that is a channel; the second one under a heading ends with `_2`.
fn programs(page: &str) -> Vec<(String, String)> {
    let mut seen = BTreeMap::<String, usize>::new();
    let mut programs = Vec::new();
    let (mut heading, mut before) = (String::new(), "");
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            // What the macro writes is compiled, and tested, in `tests/expansions.rs`.
            let is_written = before.ends_with(".expanded.rs -->");
            if !is_written && is_rust(info) && is_channel(&block) {
                let count = seen.entry(heading.clone()).or_default();
                *count += 1;
                let number = if *count == 1 { String::new() } else { format!("_{count}") };
                programs.push((format!("{heading}{number}"), items(&block)));
            }
        } else if line.starts_with('#') {
            heading = snake(line);
        }
        before = line;
    }
    programs
}

fn is_rust(info: &str) -> bool {
    info == "rust" || info == "rust,no_run"
}

fn is_channel(block: &[&str]) -> bool {
    block.iter().any(|line| line.contains("#[channel") || line.starts_with("impl Channel for"))
}

/// Up to the first line that begins no item and goes on with none.
fn items(block: &[&str]) -> String {
    const BEGINNINGS: [&str; 14] = [
        "use ", "pub ", "struct ", "enum ", "trait ", "fn ", "impl", "type ", "const ", "#[", "//",
        "}", ")", " ",
    ];
    let is_item = |line: &str| {
        line.is_empty() || BEGINNINGS.iter().any(|beginning| line.starts_with(beginning))
    };
    let shown = block.iter().map(|line| line.strip_prefix("# ").unwrap_or(line));
    // Docs of a whole file have no place in the middle of one.
    let items = shown.take_while(|line| is_item(line)).filter(|line| !line.starts_with("//!"));
    items.flat_map(|line| [line, "\n"]).collect()
}

/// `A chat room` as `a_chat_room`.
fn snake(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(|char: char| !char.is_alphanumeric(), " ");
    kept.split_whitespace().collect::<Vec<_>>().join("_")
}
