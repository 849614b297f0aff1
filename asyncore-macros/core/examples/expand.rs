//! cargo run -p asyncore-macros-core --example expand -- FILE.rs
//!
//! Prints a file with every `#[channel]` expanded: what the macro writes, formatted, without a
//! nightly compiler. `--bless DIR` keeps the outcome of each `NAME.rs` in a folder as
//! `NAME.expanded.rs`; `--check DIR` compares with what is kept, shows the difference, and ends
//! with status 1. With files after `DIR` these are taken instead of the folder's own.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match run(env::args().skip(1).collect()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("expand: {failure}");
            ExitCode::from(2)
        }
    }
}

/// Whether all was well.
fn run(arguments: Vec<String>) -> Result<bool, Failure> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["--check", dir, files @ ..] => each(dir, files, check),
        ["--bless", dir, files @ ..] => each(dir, files, bless),
        [file] if !file.starts_with('-') => {
            let (first, expanded) = expand(Path::new(file))?;
            print!("{first}{}", prettyplease::unparse(&expanded));
            Ok(true)
        }
        _ => {
            Err("usage: expand FILE.rs | --check DIR [FILE.rs..] | --bless DIR [FILE.rs..]".into())
        }
    }
}

fn each(
    dir: &str,
    files: &[&str],
    step: fn(&Path, String) -> Result<bool, Failure>,
) -> Result<bool, Failure> {
    let dir = Path::new(dir);
    let files = match files {
        [] => inputs(dir)?,
        files => files.iter().map(PathBuf::from).collect(),
    };
    let mut well = true;
    for file in &files {
        let (first, mut expanded) = expand(file)?;
        modules(&mut expanded, file, dir, &files);
        let name = file.file_stem().ok_or("a file has a name")?.to_string_lossy();
        let kept = dir.join(format!("{name}.expanded.rs"));
        well &= step(&kept, first + &prettyplease::unparse(&expanded))?;
    }
    Ok(well)
}

/// Leads `mod name;` to the expansion where that is kept too, and to the module's own file where it
/// has none.
fn modules(expanded: &mut syn::File, file: &Path, dir: &Path, files: &[PathBuf]) {
    for item in &mut expanded.items {
        let syn::Item::Mod(module) = item else { continue };
        if module.content.is_some() {
            continue;
        }
        let source = file.with_file_name(format!("{}.rs", module.ident));
        let path = if files.contains(&source) {
            format!("{}.expanded.rs", module.ident)
        } else {
            relative(&source, dir)
        };
        module.attrs.push(syn::parse_quote!(#[path = #path]));
    }
}

/// The way from a folder to a file, where both are named from the same place.
fn relative(file: &Path, dir: &Path) -> String {
    let common = file.components().zip(dir.components()).take_while(|(a, b)| a == b).count();
    let up = dir.components().skip(common).map(|_| "..".into());
    let down = file.components().skip(common).map(|part| part.as_os_str().to_string_lossy());
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// Every Rust file of a folder that is no outcome.
fn inputs(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, Failure>>()?;
    files.retain(|file| {
        let name = file.to_string_lossy();
        name.ends_with(".rs") && !name.ends_with(".expanded.rs")
    });
    files.sort();
    Ok(files)
}

/// Its first line, if that is one to keep, and the whole file, expanded.
fn expand(file: &Path) -> Result<(String, syn::File), Failure> {
    let source =
        fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let tokens = source.parse().map_err(|error| format!("{}: {error}", file.display()))?;
    let expanded = asyncore_macros_core::file(tokens);
    let parsed = syn::parse2(expanded).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok((command(&source), parsed))
}

/// The first line of an example, how to run it, with the name its expansion has.
fn command(source: &str) -> String {
    let line = source.lines().next().filter(|line| line.starts_with("// cargo run "));
    let Some((run, name)) = line.and_then(|line| line.split_once("--example ")) else {
        return String::new();
    };
    let (name, arguments) = name.split_at(name.find(' ').unwrap_or(name.len()));
    format!("{run}--example {name}_expanded{arguments}\n")
}

fn bless(kept: &Path, text: String) -> Result<bool, Failure> {
    fs::write(kept, text).map_err(|error| format!("{}: {error}", kept.display()))?;
    Ok(true)
}

fn check(kept: &Path, text: String) -> Result<bool, Failure> {
    let before =
        fs::read_to_string(kept).map_err(|error| format!("{}: {error}", kept.display()))?;
    if before == text {
        return Ok(true);
    }
    println!("{} differs: `-` is kept, `+` is written now", kept.display());
    difference(&before, &text);
    Ok(false)
}

/// What stands between the common beginning and the common end: enough to see what changed.
fn difference(before: &str, after: &str) {
    let (before, after): (Vec<&str>, Vec<&str>) =
        (before.lines().collect(), after.lines().collect());
    let shortest = before.len().min(after.len());
    let head = (0..shortest).take_while(|at| before[*at] == after[*at]).count();
    let tail = (0..shortest - head)
        .take_while(|at| before[before.len() - 1 - at] == after[after.len() - 1 - at])
        .count();
    println!("@@ line {} @@", head + 1);
    before[head..before.len() - tail].iter().for_each(|line| println!("-{line}"));
    after[head..after.len() - tail].iter().for_each(|line| println!("+{line}"));
}
