//! All cores.

mod shout {
    program!("workers_workers");

    #[test]
    fn each_worker_shouts() {
        let (ready, started) = std::sync::mpsc::channel();
        let ends = bounded(move || {
            let workers = Workers::new(2).listen("127.0.0.1:0", || |_peer| Shout).unwrap();
            ready.send((workers.local_addrs()[0].inet().unwrap(), workers.handle())).unwrap();
            workers.run()
        });
        let (addr, handle) = started.recv().unwrap();
        let mut peers = [Peer::connect(addr), Peer::connect(addr)];
        peers.iter_mut().for_each(|peer| peer.converse("hello\r\n", "HELLO\r\n"));
        assert_eq!(handle.connections(), [1, 1]);
        drop(peers);
        handle.drain(std::time::Duration::ZERO).unwrap();
        ends().unwrap();
    }
}

mod reaching_the_others {
    program!("workers_reaching_the_others");

    #[test]
    fn everybody_hears_everybody() {
        let (ready, started) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let workers = chat(Workers::new(2)).unwrap();
            ready.send((workers.local_addrs()[0].inet().unwrap(), workers.handle())).unwrap();
            workers.run()
        });
        let (addr, handle) = started.recv().unwrap();
        let mut peers: Vec<_> = (0..4).map(|_| Peer::connect(addr)).collect();
        // Given to a worker is not yet taken by it.
        while handle.connections() != [2, 2] || handle.maps().iter().any(|map| len(map) < 2) {}
        for speaker in 0..peers.len() {
            let said = format!("{}: hello {speaker}\n", peers[speaker].0.local_addr().unwrap());
            peers[speaker].send(format!("hello {speaker}\n"));
            peers.iter_mut().for_each(|peer| assert_eq!(peer.receive_line(), said));
        }
        handle.close_all().unwrap();
    }

    fn len(map: &asyncore_runtime::MapHandle) -> usize {
        let (say, hear) = std::sync::mpsc::channel();
        map.post(move |map| say.send(map.len()).unwrap()).unwrap();
        hear.recv().unwrap()
    }
}
