//! What a worker does in its thread.

use std::io;

use super::crew::Crew;
use super::desk::{Arrival, News, Order};
use crate::map::listener::{take_in, Accept};
use crate::map::{Map, Seed};
use crate::transport::socket::Socket;
use crate::vocabulary::addr::Addr;
use crate::vocabulary::guard::{dispose, guarded};

/// Makes a channel of a connection, in the map of its thread.
type TakeIn = Box<dyn FnMut(&Map, Socket, Addr)>;

/// Makes that, in each thread.
pub(super) type Construct = Box<dyn Fn() -> TakeIn + Send + Sync>;

pub(super) fn construct<C, F, A>(construct: C) -> Construct
where
    C: Fn() -> F + Send + Sync + 'static,
    F: FnMut(Addr) -> A + 'static,
    A: Accept,
{
    Box::new(move || {
        let mut accept = construct();
        Box::new(move |map, socket, peer| {
            take_in(map.scheduler(), socket, peer, &mut accept);
        })
    })
}

/// The thread of a worker, from its start to its end.
pub(super) fn run(index: usize, seed: Seed, crew: &Crew, constructs: &[Construct]) {
    let mut map = seed.grow();
    crew.begins(index, &map.scheduler().counters);
    let why = match guarded(|| work(&mut map, || crew.news(index), constructs)) {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(panic) => {
            map.scheduler().count_panic();
            Some(format!("panicked: {panic}"))
        }
    };
    // Before it is said that it has ended: its connections are closed then.
    dispose(map);
    crew.leaves(index, why);
}

/// Serves until it is ordered to end, and its last channel has closed.
fn work(map: &mut Map, news: impl Fn() -> News, constructs: &[Construct]) -> io::Result<()> {
    let mut listeners: Vec<TakeIn> = constructs.iter().map(|construct| construct()).collect();
    let mut is_ending = false;
    loop {
        // Between two passes: of whom it takes in the system is asked before they have their turn.
        let News { arrivals, orders } = news();
        for Arrival { listener, socket, peer } in arrivals {
            if let Some(take_in) = listeners.get_mut(listener) {
                take_in(map, socket, peer);
            }
        }
        is_ending |= !orders.is_empty();
        for order in orders {
            match order {
                Order::Finish => {}
                Order::Drain(deadline) => map.drain(deadline),
                Order::Close => map.close_all(),
            }
        }
        // What was posted before is done, and may have added something.
        if is_ending && map.is_empty() && map.scheduler().inbox.is_empty() {
            return Ok(());
        }
        map.poll(None)?;
    }
}
