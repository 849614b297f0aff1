//! The scenario: one JSON object a line.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

use super::record::hex;

/// asynchat's buffer sizes, and what the oracle writes at a time.
pub const PIECE: usize = 64 * 1024;

/// What the peer sends, and what the channel does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// The first is set before any data, each next one when a frame was found.
    pub terminators: Vec<Item>,
    /// Whether the list starts again when it is used up.
    pub cycle: bool,
    /// Each is written by the peer, and all of it handled before the next.
    pub chunks: Vec<Vec<u8>>,
    /// Everything is written, and the end is made, before the channel has its first turn.
    pub burst: bool,
    /// One read takes at most this much.
    pub in_buffer: usize,
    /// One send takes at most this much.
    pub out_buffer: usize,
    /// What the peer does after the last chunk.
    pub end: End,
    /// Which kind of socket.
    pub family: Family,
    /// Which of asyncore's pollers; ours has one.
    pub poll: Poller,
    /// Done before the first chunk.
    pub output: Vec<Action>,
    /// Done when the frame of this number was found.
    pub actions: BTreeMap<usize, Vec<Action>>,
    /// Whether the trace shows every piece that was collected, and every send.
    pub raw: bool,
}

/// A terminator as `set_terminator` takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// Collect for ever.
    None,
    /// So many bytes.
    Len(u64),
    /// What CPython refuses at run time, and a `Terminator` cannot say.
    Negative(i64),
    /// Up to these bytes.
    Bytes(Vec<u8>),
}

/// What the channel does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Push(Vec<u8>),
    Producer(Vec<Vec<u8>>),
    CloseWhenDone,
    Close,
    Discard,
    Terminator(Item),
    Raise,
}

/// What the peer does in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Close,
    Shutdown,
    Reset,
    None,
}

/// The kind of socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    Unix,
    Inet,
}

/// asyncore's pollers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Poller {
    Select,
    Poll,
}

/// Why a line is no scenario.
pub type Invalid = String;

impl Scenario {
    /// A scenario with defaults for everything but its two necessary parts.
    #[must_use]
    pub fn new(terminators: Vec<Item>, chunks: Vec<Vec<u8>>) -> Self {
        Self {
            terminators,
            cycle: false,
            chunks,
            burst: false,
            in_buffer: PIECE,
            out_buffer: PIECE,
            end: End::Close,
            family: Family::Unix,
            poll: Poller::Select,
            output: Vec::new(),
            actions: BTreeMap::new(),
            raw: false,
        }
    }

    /// Reads a line.
    ///
    /// # Errors
    /// It is no JSON object, or says something that is none of the above.
    pub fn parse(line: &str) -> Result<Self, Invalid> {
        let value: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let Value::Object(object) = value else {
            return Err("not an object".into());
        };
        let required = |key: &str| object.get(key).ok_or_else(|| format!("no {key:?}"));
        Ok(Self {
            terminators: list(required("terminators")?, item)?,
            chunks: list(required("chunks")?, bytes)?,
            cycle: flag(&object, "cycle")?,
            burst: flag(&object, "burst")?,
            raw: flag(&object, "raw")?,
            in_buffer: size(&object, "in_buffer")?,
            out_buffer: size(&object, "out_buffer")?,
            end: word(&object, "end", &ENDS)?,
            family: word(&object, "family", &FAMILIES)?,
            poll: word(&object, "poll", &POLLERS)?,
            output: object.get("output").map_or(Ok(Vec::new()), |value| list(value, action))?,
            actions: object.get("actions").map_or(Ok(BTreeMap::new()), actions)?,
        })
    }

    /// What one read takes at most.
    #[must_use]
    pub fn read_size(&self) -> usize {
        if self.in_buffer == 0 {
            PIECE
        } else {
            self.in_buffer.min(PIECE)
        }
    }

    /// All input, as the peer writes it.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        self.chunks.iter().flat_map(|chunk| chunk.chunks(PIECE))
    }

    /// Whether the peer has gone before the channel has its first turn.
    #[must_use]
    pub fn is_peer_gone(&self) -> bool {
        self.burst && matches!(self.end, End::Close | End::Reset)
    }

    /// Every action, wherever it is done.
    pub fn all_actions(&self) -> impl Iterator<Item = &Action> {
        self.output.iter().chain(self.actions.values().flatten())
    }
}

const ENDS: [(&str, End); 4] = [
    ("close", End::Close),
    ("shutdown", End::Shutdown),
    ("reset", End::Reset),
    ("none", End::None),
];
const FAMILIES: [(&str, Family); 2] = [("unix", Family::Unix), ("inet", Family::Inet)];
const POLLERS: [(&str, Poller); 2] = [("select", Poller::Select), ("poll", Poller::Poll)];

fn list<T>(value: &Value, read: fn(&Value) -> Result<T, Invalid>) -> Result<Vec<T>, Invalid> {
    value.as_array().ok_or_else(|| format!("{value} is not a list"))?.iter().map(read).collect()
}

fn flag(object: &Map<String, Value>, key: &str) -> Result<bool, Invalid> {
    object.get(key).map_or(Ok(false), |value| {
        value.as_bool().ok_or_else(|| format!("{key:?} is neither true nor false"))
    })
}

fn size(object: &Map<String, Value>, key: &str) -> Result<usize, Invalid> {
    object.get(key).map_or(Ok(PIECE), |value| {
        let size = value.as_u64().and_then(|size| usize::try_from(size).ok());
        size.ok_or_else(|| format!("{key:?} is not a number of bytes"))
    })
}

/// One of a few words; the first is the default.
fn word<T: Copy>(
    object: &Map<String, Value>,
    key: &str,
    words: &[(&str, T)],
) -> Result<T, Invalid> {
    let given = object.get(key).map_or(Some(words[0].0), Value::as_str);
    let known = words.iter().find(|(word, _)| Some(*word) == given);
    known.map(|(_, meaning)| *meaning).ok_or_else(|| format!("bad {key:?}"))
}

/// Hex digits in pairs, with white space between them if one likes, as `bytes.fromhex` reads them.
fn bytes(value: &Value) -> Result<Vec<u8>, Invalid> {
    let invalid = || format!("{value} is not hex");
    let text = value.as_str().filter(|text| text.is_ascii()).ok_or_else(invalid)?;
    let mut bytes = Vec::with_capacity(text.len() / 2);
    for word in text.split_ascii_whitespace() {
        for pair in word.as_bytes().chunks(2) {
            let digit = |at: usize| pair.get(at).and_then(|digit| char::from(*digit).to_digit(16));
            let (high, low) = digit(0).zip(digit(1)).ok_or_else(invalid)?;
            bytes.push(u8::try_from(high * 16 + low).map_err(|_| invalid())?);
        }
    }
    Ok(bytes)
}

fn item(value: &Value) -> Result<Item, Invalid> {
    let invalid = || format!("{value} is no terminator");
    match value {
        Value::Null => Ok(Item::None),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(len), _) => Ok(Item::Len(len)),
            (None, Some(negative)) => Ok(Item::Negative(negative)),
            (None, None) => Err(invalid()),
        },
        Value::String(text) => {
            let latin: Result<_, _> = text.chars().map(u8::try_from).collect();
            latin.map(Item::Bytes).map_err(|_| invalid())
        }
        Value::Object(object) if object.len() == 1 => {
            bytes(object.get("hex").ok_or_else(invalid)?).map(Item::Bytes)
        }
        _ => Err(invalid()),
    }
}

fn action(value: &Value) -> Result<Action, Invalid> {
    let invalid = || format!("{value} is no action");
    let parts = value.as_array().ok_or_else(invalid)?;
    let argument = || parts.get(1).ok_or_else(invalid);
    match parts.first().and_then(Value::as_str).ok_or_else(invalid)? {
        "push" => bytes(argument()?).map(Action::Push),
        "producer" => list(argument()?, bytes).map(Action::Producer),
        "terminator" => item(argument()?).map(Action::Terminator),
        "close_when_done" => Ok(Action::CloseWhenDone),
        "close" => Ok(Action::Close),
        "discard" => Ok(Action::Discard),
        "raise" => Ok(Action::Raise),
        _ => Err(invalid()),
    }
}

fn actions(value: &Value) -> Result<BTreeMap<usize, Vec<Action>>, Invalid> {
    let object = value.as_object().ok_or("\"actions\" is not an object")?;
    let mut actions = BTreeMap::new();
    for (number, verbs) in object {
        let at: i64 = number.trim().parse().map_err(|_| format!("{number:?} is not a number"))?;
        let verbs = list(verbs, action)?;
        // A frame has the number that a computer writes; "+1" and "-1" are numbers of none.
        if let Some(at) = usize::try_from(at).ok().filter(|at| at.to_string() == *number) {
            actions.insert(at, verbs);
        }
    }
    Ok(actions)
}

impl Scenario {
    /// Whether something may end the output before all of it is out.
    #[must_use]
    pub fn cuts_output(&self) -> bool {
        let cuts =
            |action: &Action| matches!(action, Action::Close | Action::Discard) || action.raises();
        let is_negative = |item: &Item| matches!(item, Item::Negative(_));
        self.terminators.iter().any(is_negative) || self.all_actions().any(cuts)
    }
}

impl Action {
    /// Whether it does nothing but fail.
    #[must_use]
    pub fn raises(&self) -> bool {
        matches!(self, Self::Raise | Self::Terminator(Item::Negative(_)))
    }
}

impl Item {
    fn to_json(&self) -> Value {
        match self {
            Self::None => Value::Null,
            Self::Len(len) => (*len).into(),
            Self::Negative(negative) => (*negative).into(),
            Self::Bytes(bytes) => serde_json::json!({ "hex": hex(bytes) }),
        }
    }
}

impl Action {
    fn to_json(&self) -> Value {
        match self {
            Self::Push(data) => serde_json::json!(["push", hex(data)]),
            Self::Producer(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| hex(part)).collect();
                serde_json::json!(["producer", parts])
            }
            Self::CloseWhenDone => serde_json::json!(["close_when_done"]),
            Self::Close => serde_json::json!(["close"]),
            Self::Discard => serde_json::json!(["discard"]),
            Self::Terminator(item) => serde_json::json!(["terminator", item.to_json()]),
            Self::Raise => serde_json::json!(["raise"]),
        }
    }
}

impl Scenario {
    /// As a line, with what is not a default.
    #[must_use]
    pub fn to_line(&self) -> String {
        let mut object = Map::new();
        let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
        put("terminators", self.terminators.iter().map(Item::to_json).collect());
        put("chunks", self.chunks.iter().map(|chunk| hex(chunk)).collect());
        for (key, flag) in [("cycle", self.cycle), ("burst", self.burst), ("raw", self.raw)] {
            if flag {
                put(key, true.into());
            }
        }
        for (key, size) in [("in_buffer", self.in_buffer), ("out_buffer", self.out_buffer)] {
            if size != PIECE {
                put(key, size.into());
            }
        }
        if let Some((name, _)) = ENDS[1..].iter().find(|(_, end)| *end == self.end) {
            put("end", (*name).into());
        }
        if self.family == Family::Inet {
            put("family", "inet".into());
        }
        if self.poll == Poller::Poll {
            put("poll", "poll".into());
        }
        if !self.output.is_empty() {
            put("output", self.output.iter().map(Action::to_json).collect());
        }
        if !self.actions.is_empty() {
            let verbs = |list: &Vec<Action>| list.iter().map(Action::to_json).collect::<Value>();
            let actions = self.actions.iter().map(|(at, list)| (at.to_string(), verbs(list)));
            put("actions", Value::Object(actions.collect()));
        }
        Value::Object(object).to_string()
    }
}
