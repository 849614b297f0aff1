//! In: the tokens of an attribute and its item. Out: the [model](crate::model), and the mistakes
//! that can be seen in one place. What needs two places is left to [check](crate::check).

mod alternatives;
pub(crate) mod arguments;
pub(crate) mod block;
mod code;
mod configured;
pub(crate) mod example;
mod handler;
mod levels;
mod meant;
mod options;
mod repair;
mod roles;
mod shapes;
mod signature;
pub(crate) mod structs;
mod terminator;
mod types;
pub(crate) mod typing;
pub(crate) mod value;

use crate::model::{Protocol, Repair};

/// The methods of a block with mistakes that the compiler would report again.
pub(crate) fn repairs(protocol: &Protocol) -> Vec<Repair> {
    let methods = protocol.methods.iter();
    methods.filter_map(|method| repair::of(method, protocol)).collect()
}

/// The `#[cfg]`s of an item, which what is written for it has to repeat.
pub(crate) use handler::cfgs;
/// What a parameter of any method is, without a word about mistakes.
pub(crate) use handler::quiet_parameter;
