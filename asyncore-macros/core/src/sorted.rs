//! In: values. Out: lists of them in order.
//!
//! The sorts and hash tables of std are compiled anew for each type, and in every clean build of a
//! user's that takes longer than they save in the few hundred words of a channel.

/// Puts a value in its place, unless it is there already.
pub(crate) fn insert<T: Ord>(list: &mut Vec<T>, value: T) {
    if let Err(at) = list.binary_search(&value) {
        list.insert(at, value);
    }
}

/// The values by their keys; of equal ones the first stays the first.
pub(crate) fn by_key<T, K: Ord>(values: Vec<T>, key: fn(&T) -> K) -> Vec<T> {
    let mut sorted: Vec<T> = Vec::with_capacity(values.len());
    for value in values {
        let at = sorted.partition_point(|other| key(other) <= key(&value));
        sorted.insert(at, value);
    }
    sorted
}
