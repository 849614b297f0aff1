//! In: the tokens of an attribute and its item. Out: the [model](crate::model), and the mistakes
//! that can be seen in one place. What needs two places is left to [check](crate::check).

pub(crate) mod arguments;
pub(crate) mod block;
mod configured;
pub(crate) mod example;
mod handler;
mod levels;
mod meant;
mod options;
mod roles;
mod signature;
pub(crate) mod structs;
mod terminator;
pub(crate) mod value;

/// The `#[cfg]`s of an item, which what is written for it has to repeat.
pub(crate) use handler::cfgs;
/// What a parameter of any method is, without a word about mistakes.
pub(crate) use handler::quiet_parameter;
