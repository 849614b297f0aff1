//! What an editor knows of the words in attributes: rust-analyzer is asked over its protocol, as an
//! editor asks it. Skipped where it is not installed; `rustup component add rust-analyzer` has it.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{json, Value};

const SOURCE: &str = r#"use asyncore_runtime::{channel, Io};

#[channel(max_frame = 4096)]
pub struct Shout<T: 'static> {
    #[on_read]
    inbox: Vec<u8>,
    kept: T,
}

#[channel(states = pub Wait)]
impl<T: 'static> Shout<T> {
    #[terminator(b"\r\n", max = 512, within = "10s")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) -> String {
        io.set_terminator(Wait::Body(4));
        line.to_uppercase()
    }

    #[terminator(len, discard, next = line)]
    fn body(&mut self) {
        self.inbox.clear();
    }

    #[on_connect]
    fn up(&mut self) {}
}
"#;

/// A body as it is while somebody types it.
const HALF_TYPED: &str = "line.to_uppercase(";

#[test]
fn words_in_attributes_are_known() {
    let Some(mut editor) = Editor::open(SOURCE) else { return };
    let documented = [
        ("#[termin|ator(b", "Says what ends the frames of a method"),
        ("#[termin|ator(len", "Says what ends the frames of a method"),
        ("#[on_conn|ect", "Called once when the connection stands"),
        ("#[on_re|ad", "Takes data that is in no frame"),
        ("max_fr|ame", "Payload bytes of one frame"),
        (", m|ax", "The most payload bytes"),
        (", with|in", "The time from the frame's first byte"),
        ("(le|n", "That many bytes"),
        (", disc|ard", "Nothing is kept"),
        (", ne|xt", "Where a state goes by itself"),
        ("next = li|ne", "fn line(&mut self"),
        ("pub Wa|it", "What `Shout` can wait for"),
    ];
    for (word, docs) in documented {
        let shown = editor.hover(word).replace('`', "");
        assert!(shown.contains(&docs.replace('`', "")), "{word}: {shown}");
    }

    assert_eq!(editor.definition("next = li|ne"), [line_of("fn line")]);
    let both = [line_of("fn line"), line_of("next = line")];
    assert_eq!(editor.rename("fn li|ne", "row"), both);
    assert_eq!(editor.rename("next = li|ne", "row"), both);
    assert_eq!(editor.rename("pub Wa|it", "Waits"), [line_of("pub Wait"), line_of("Wait::Body")]);
    assert_eq!(editor.diagnostics(), Vec::<String>::new());

    // One mistake takes no word's meaning away.
    editor.change(&SOURCE.replace("next = line", "next = lime"));
    assert!(editor.hover(", m|ax").contains("The most payload bytes"));
    assert!(editor.hover("#[termin|ator(b").contains("Says what ends the frames of a method"));

    // Whoever types hears of what they type, and of nothing else.
    let half = SOURCE.replace("line.to_uppercase()", HALF_TYPED);
    editor.change(&half);
    let lines: Vec<usize> = editor.places();
    assert!(!lines.is_empty());
    let typed = line_of("line.to_uppercase()");
    assert!(lines.iter().all(|line| (typed..typed + 3).contains(line)), "{lines:?}");
}

/// The line on which this text stands, from 0.
fn line_of(text: &str) -> usize {
    SOURCE.lines().position(|line| line.contains(text)).expect("the text is there")
}

/// The place of the `|` in this text, as the protocol counts.
fn position(text: &str) -> Value {
    let (before, after) = text.split_once('|').expect("a cursor");
    let text = format!("{before}{after}");
    let line = line_of(&text);
    let column = SOURCE.lines().nth(line).and_then(|line| line.find(&text)).unwrap_or_default();
    json!({ "line": line, "character": column + before.len() })
}

/// rust-analyzer, with one crate open.
struct Editor {
    server: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    uri: String,
    requests: u64,
    version: u64,
    /// The diagnostics last heard of, by file.
    heard: HashMap<String, Value>,
}

impl Editor {
    /// `None` where there is no rust-analyzer.
    fn open(source: &str) -> Option<Self> {
        let is_there = Command::new("rust-analyzer").arg("--version").output();
        if !is_there.is_ok_and(|answer| answer.status.success()) {
            assert!(
                std::env::var_os("ASYNCORE_REQUIRE_RUST_ANALYZER").is_none(),
                "rust-analyzer is not installed"
            );
            println!("skipped: rust-analyzer is not installed");
            return None;
        }
        let root = project(source);
        let mut server = Command::new("rust-analyzer")
            .current_dir(&root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("rust-analyzer starts");
        let (input, output) = (server.stdin.take(), server.stdout.take());
        let mut editor = Self {
            server,
            input: input.expect("its input"),
            output: BufReader::new(output.expect("its output")),
            uri: format!("file://{}", root.join("src/lib.rs").display()),
            requests: 0,
            version: 1,
            heard: HashMap::new(),
        };
        editor.initialize(&root, source);
        Some(editor)
    }

    fn initialize(&mut self, root: &Path, source: &str) {
        let folder = format!("file://{}", root.display());
        self.request(
            "initialize",
            json!({
                "processId": null,
                "rootUri": folder,
                "workspaceFolders": [{ "uri": folder, "name": "editor" }],
                "initializationOptions": { "checkOnSave": false, "procMacro": { "enable": true } },
                "capabilities": {
                    "textDocument": { "hover": { "contentFormat": ["plaintext"] } },
                    "experimental": { "serverStatusNotification": true },
                },
            }),
        );
        self.notify("initialized", json!({}));
        let document =
            json!({ "uri": self.uri, "languageId": "rust", "version": 1, "text": source });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
        self.wait(|message| {
            message["method"] == "experimental/serverStatus"
                && message["params"]["quiescent"] == true
        });
    }

    fn hover(&mut self, text: &str) -> String {
        let answer = self.ask("textDocument/hover", text, json!({}));
        answer["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }

    /// The lines it leads to.
    fn definition(&mut self, text: &str) -> Vec<usize> {
        let answer = self.ask("textDocument/definition", text, json!({}));
        lines(answer.as_array().into_iter().flatten())
    }

    /// The lines it changes.
    fn rename(&mut self, text: &str, name: &str) -> Vec<usize> {
        let answer = self.ask("textDocument/rename", text, json!({ "newName": name }));
        let documents = answer["documentChanges"].as_array();
        let mut lines = lines(
            documents.into_iter().flatten().filter_map(|of| of["edits"].as_array()).flatten(),
        );
        let changes = answer["changes"].as_object();
        lines.extend(self::lines(
            changes.into_iter().flatten().filter_map(|(_, of)| of.as_array()).flatten(),
        ));
        lines.sort_unstable();
        lines
    }

    /// The text of every diagnostic of rust-analyzer's own.
    fn diagnostics(&mut self) -> Vec<String> {
        let heard = self.pulled();
        heard.iter().map(|one| one["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The lines of the diagnostics.
    fn places(&mut self) -> Vec<usize> {
        lines(self.pulled().iter())
    }

    fn pulled(&mut self) -> Vec<Value> {
        let document = json!({ "textDocument": { "uri": self.uri } });
        let answer = self.request("textDocument/diagnostic", document);
        match answer["items"].as_array() {
            Some(items) => items.clone(),
            None => {
                self.heard.get(&self.uri).and_then(Value::as_array).cloned().unwrap_or_default()
            }
        }
    }

    fn change(&mut self, source: &str) {
        self.version += 1;
        let document = json!({ "uri": self.uri, "version": self.version });
        let changes = json!([{ "text": source }]);
        self.notify(
            "textDocument/didChange",
            json!({ "textDocument": document, "contentChanges": changes }),
        );
    }

    fn ask(&mut self, method: &str, text: &str, more: Value) -> Value {
        let mut params = json!({
            "textDocument": { "uri": self.uri },
            "position": position(text),
        });
        if let (Some(params), Some(more)) = (params.as_object_mut(), more.as_object()) {
            params.extend(more.clone());
        }
        self.request(method, params)
    }

    fn request(&mut self, method: &str, params: Value) -> Value {
        self.requests += 1;
        let id = self.requests;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        let answer = self.wait(|message| message["id"] == id && message["method"].is_null());
        answer["result"].clone()
    }

    fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{body}", body.len()).expect("it listens");
        self.input.flush().expect("it listens");
    }

    /// Reads until this message comes; what the server asks for meanwhile, it gets nothing of.
    fn wait(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.receive();
            if is_it(&message) {
                return message;
            }
            let (id, method) = (&message["id"], &message["method"]);
            if method == "textDocument/publishDiagnostics" {
                let params = &message["params"];
                let uri = params["uri"].as_str().unwrap_or_default().to_owned();
                self.heard.insert(uri, params["diagnostics"].clone());
            }
            if !id.is_null() && !method.is_null() {
                let nothing =
                    if method == "workspace/configuration" { json!([{}]) } else { Value::Null };
                self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": nothing }));
            }
        }
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            let read = self.output.read_line(&mut line).expect("it speaks");
            assert!(read > 0, "rust-analyzer has ended");
            match line.trim().split_once(": ") {
                Some(("Content-Length", value)) => length = value.parse().expect("a length"),
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).expect("it speaks");
        serde_json::from_slice(&body).expect("it speaks JSON")
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        // It would outlive a failed test.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn lines<'a>(places: impl Iterator<Item = &'a Value>) -> Vec<usize> {
    let start = |place: &Value| {
        let range = if place["targetRange"].is_null() {
            &place["range"]
        } else {
            &place["targetSelectionRange"]
        };
        range["start"]["line"].as_u64()
    };
    places.filter_map(start).filter_map(|line| usize::try_from(line).ok()).collect()
}

/// A crate with this source.
fn project(source: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("editor");
    let manifest = format!(
        "[package]\nname = \"editor\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n\
         [dependencies]\nasyncore-runtime = {{ path = \"{}\" }}\n\n[workspace]\n",
        here.join("../asyncore-runtime").display()
    );
    fs::create_dir_all(root.join("src")).expect("a folder");
    fs::write(root.join("Cargo.toml"), manifest).expect("a manifest");
    fs::write(root.join("src/lib.rs"), source).expect("a source");
    fs::copy(here.join("../Cargo.lock"), root.join("Cargo.lock")).expect("a lock");
    root
}
