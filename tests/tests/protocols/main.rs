//! Ten small protocols, each written as a user would, and tested in memory and over real sockets.

mod chat;
mod ftp;
mod nats;
mod proxy;
mod resp;
mod rpc;
mod serial;
mod smtp;
mod udp;
mod websocket;
