// cargo run --release --example memcached_client -- 127.0.0.1:11211
//! Sets, gets and deletes an item in one go, and prints what memcached answers.

mod client;

use asyncore_runtime::Map;
use client::{Answer, Client, Failure, Then};
use std::cell::Cell;
use std::rc::Rc;

fn main() -> asyncore_examples::Result {
    let address = asyncore_examples::address_or("127.0.0.1:11211");
    let failure = Rc::new(Cell::new(None));
    let mut map = Map::new()?;
    let client = map.connect(address, Client::default())?;
    let seen = Rc::clone(&failure);
    map.tell(client, move |client, io| {
        // All four are on their way before the first is answered.
        client.set("greeting", "hello", io, report("set", &seen));
        client.get("greeting", io, report("get", &seen));
        client.delete("greeting", io, report("delete", &seen));
        client.get("greeting", io, report("get", &seen));
        client.quit(io);
    });
    map.run()?;
    failure.take().map_or(Ok(()), |failure: Failure| Err(failure.into()))
}

/// Prints the answer, or keeps the failure.
fn report(what: &'static str, failure: &Rc<Cell<Option<Failure>>>) -> impl Then {
    let failure = Rc::clone(failure);
    move |answer: Result<_, _>| match answer {
        Ok(Answer::Value(value)) => println!("{what}: {}", value.escape_ascii()),
        Ok(answer) => println!("{what}: {answer:?}"),
        Err(error) => failure.set(Some(error)),
    }
}
