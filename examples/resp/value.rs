//! What stands under a key.

use indexmap::{IndexMap, IndexSet};
use itoa::Buffer;
use std::collections::VecDeque;

use crate::number;
use crate::text::Text;

/// Bytes of a string that Redis keeps in one piece with its header.
const EMBEDDED: usize = 44;

#[derive(Clone)]
pub enum Value {
    Str(Str),
    List(List),
    Hash(Box<Hash>),
    Set(Box<Set>),
}

/// A string, as it is cheapest to work with.
#[derive(Clone)]
pub enum Str {
    Int(i64),
    Text(Text),
    /// One that was changed in its place, and may be again.
    Raw(Vec<u8>),
}

pub type List = VecDeque<Text>;

/// Fields and their values.
#[derive(Clone, Default)]
pub struct Hash {
    pub fields: IndexMap<Text, Text>,
    /// It has outgrown what Redis calls a listpack.
    pub is_table: bool,
}

/// Members; as long as they are few integers, in their order.
#[derive(Clone)]
pub enum Set {
    Ints(Vec<i64>),
    Table(IndexSet<Text>),
}

/// A type of value.
pub trait Kind: Sized {
    fn of(value: &mut Value) -> Option<&mut Self>;
    fn into_value(self) -> Value;
}

macro_rules! kind {
    ($kind:ident, $it:ident => $into:expr) => {
        impl Kind for $kind {
            fn of(value: &mut Value) -> Option<&mut Self> {
                match value {
                    Value::$kind(it) => Some(it),
                    _ => None,
                }
            }

            fn into_value(self) -> Value {
                let $it = self;
                Value::$kind($into)
            }
        }
    };
}

kind!(Str, it => it);
kind!(List, it => it);
kind!(Hash, it => Box::new(it));
kind!(Set, it => Box::new(it));

impl Value {
    /// What `TYPE` says.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Str(_) => "string",
            Self::List(_) => "list",
            Self::Hash(_) => "hash",
            Self::Set(_) => "set",
        }
    }

    /// What `OBJECT ENCODING` says.
    pub fn encoding(&self) -> &'static str {
        match self {
            Self::Str(Str::Int(_)) => "int",
            Self::Str(Str::Text(text)) if text.len() <= EMBEDDED => "embstr",
            Self::Str(_) => "raw",
            Self::List(_) => "quicklist",
            Self::Hash(hash) if hash.is_table => "hashtable",
            Self::Hash(_) => "listpack",
            Self::Set(set) if matches!(**set, Set::Ints(_)) => "intset",
            Self::Set(_) => "hashtable",
        }
    }

    /// Whether nothing is left of it: such a key does not stay.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Str(_) => false,
            Self::List(list) => list.is_empty(),
            Self::Hash(hash) => hash.fields.is_empty(),
            Self::Set(set) => set.len() == 0,
        }
    }

    /// About how many bytes it takes.
    pub fn size(&self) -> usize {
        match self {
            Self::Str(text) => text.len(),
            Self::List(list) => list.iter().map(|item| item.len() + 32).sum(),
            Self::Hash(hash) => {
                hash.fields.iter().map(|(field, value)| field.len() + value.len() + 80).sum()
            }
            Self::Set(set) => {
                (0..set.len()).filter_map(|at| set.get(at)).map(|it| it.len() + 48).sum()
            }
        }
    }
}

impl Str {
    /// An integer where it is written as one.
    pub fn new(text: impl Into<Text> + AsRef<[u8]>) -> Self {
        number::integer(text.as_ref()).map_or_else(|| Self::Text(text.into()), Self::Int)
    }

    pub fn len(&self) -> usize {
        self.text(&mut Buffer::new()).len()
    }

    /// Its bytes; the digits of an integer are written into `buffer`.
    pub fn text<'a>(&'a self, buffer: &'a mut Buffer) -> &'a [u8] {
        match self {
            Self::Int(number) => buffer.format(*number).as_bytes(),
            Self::Text(text) => text,
            Self::Raw(bytes) => bytes,
        }
    }

    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Text(text) => number::integer(text),
            Self::Raw(bytes) => number::integer(bytes),
        }
    }

    /// Its bytes, to be changed in their place.
    pub fn raw(&mut self) -> &mut Vec<u8> {
        if !matches!(self, Self::Raw(_)) {
            *self = Self::Raw(self.text(&mut Buffer::new()).to_vec());
        }
        match self {
            Self::Raw(bytes) => bytes,
            Self::Int(_) | Self::Text(_) => unreachable!("it was just made raw"),
        }
    }
}

impl Hash {
    /// Sets a field; whether it is new.
    pub fn insert(&mut self, field: Text, value: Text, limits: Listpack) -> bool {
        self.is_table |= field.len().max(value.len()) > limits.value;
        let is_new = self.fields.insert(field, value).is_none();
        self.is_table |= self.fields.len() > limits.entries;
        is_new
    }

    /// Removes a field; whether there was one. A listpack keeps the order of the others.
    pub fn remove(&mut self, field: &[u8]) -> bool {
        match self.is_table {
            true => self.fields.swap_remove(field).is_some(),
            false => self.fields.shift_remove(field).is_some(),
        }
    }
}

/// How far hashes are listpacks.
#[derive(Clone, Copy)]
pub struct Listpack {
    pub entries: usize,
    pub value: usize,
}

impl Default for Set {
    fn default() -> Self {
        Self::Ints(Vec::new())
    }
}

impl Set {
    pub fn len(&self) -> usize {
        match self {
            Self::Ints(ints) => ints.len(),
            Self::Table(table) => table.len(),
        }
    }

    pub fn get(&self, at: usize) -> Option<Text> {
        match self {
            Self::Ints(ints) => ints.get(at).map(|int| digits(*int)),
            Self::Table(table) => table.get_index(at).cloned(),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = Text> + '_ {
        (0..self.len()).filter_map(|at| self.get(at))
    }

    pub fn contains(&self, member: &[u8]) -> bool {
        match self {
            Self::Ints(ints) => {
                number::integer(member).is_some_and(|int| ints.binary_search(&int).is_ok())
            }
            Self::Table(table) => table.contains(member),
        }
    }

    /// Adds a member; whether it is new. More than `max_ints` integers, or anything else, make it a
    /// table.
    pub fn insert(&mut self, member: Text, max_ints: usize) -> bool {
        if let Self::Ints(ints) = self {
            match number::integer(&member).map(|int| (int, ints.binary_search(&int))) {
                Some((_, Ok(_))) => return false,
                Some((int, Err(at))) if ints.len() < max_ints => {
                    ints.insert(at, int);
                    return true;
                }
                _ => *self = Self::Table(self.iter().collect()),
            }
        }
        match self {
            Self::Table(table) => table.insert(member),
            Self::Ints(_) => unreachable!("it was just made a table"),
        }
    }

    /// Removes a member; whether it was one.
    pub fn remove(&mut self, member: &[u8]) -> bool {
        match self {
            Self::Ints(ints) => {
                let at = number::integer(member).and_then(|int| ints.binary_search(&int).ok());
                at.map(|at| ints.remove(at)).is_some()
            }
            Self::Table(table) => table.swap_remove(member),
        }
    }

    /// Takes out the member at a place.
    pub fn take(&mut self, at: usize) -> Option<Text> {
        match self {
            Self::Ints(ints) => (at < ints.len()).then(|| digits(ints.remove(at))),
            Self::Table(table) => table.swap_remove_index(at),
        }
    }
}

fn digits(int: i64) -> Text {
    Buffer::new().format(int).as_bytes().into()
}
