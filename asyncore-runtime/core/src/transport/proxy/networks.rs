//! Whose word is taken: networks of addresses.

use std::io;
use std::net::IpAddr;

/// Networks, as `10.0.0.0/8`; an address alone is the network of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Networks(Vec<(IpAddr, u8)>);

impl Networks {
    pub(crate) fn parse<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> io::Result<Self> {
        let networks = texts.into_iter().map(|text| network(text.as_ref()));
        networks.collect::<io::Result<_>>().map(Self)
    }

    pub(crate) fn contain(&self, addr: IpAddr) -> bool {
        let addr = addr.to_canonical();
        self.0.iter().any(|(base, bits)| {
            let (base, addr, shift) = match (base, addr) {
                (IpAddr::V4(base), IpAddr::V4(addr)) => {
                    (u128::from(base.to_bits()), u128::from(addr.to_bits()), 32 - u32::from(*bits))
                }
                (IpAddr::V6(base), IpAddr::V6(addr)) => {
                    (base.to_bits(), addr.to_bits(), 128 - u32::from(*bits))
                }
                _ => return false,
            };
            // A shift by all bits is of the network of everybody.
            (base ^ addr).checked_shr(shift).unwrap_or(0) == 0
        })
    }
}

fn network(text: &str) -> io::Result<(IpAddr, u8)> {
    let parsed = || {
        let (addr, bits) =
            text.split_once('/').map_or((text, None), |(addr, bits)| (addr, Some(bits)));
        let addr: IpAddr = addr.parse().ok()?;
        let most = if addr.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(most), |bits| bits.parse().ok())?;
        (bits <= most).then_some((addr, bits))
    };
    parsed().ok_or_else(|| {
        let why =
            format!("`{text}` is no network: write it as `10.0.0.0/8`, `::1/128` or `127.0.0.1`");
        io::Error::new(io::ErrorKind::InvalidInput, why)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(network: &str, addr: &str) -> bool {
        Networks::parse([network]).unwrap().contain(addr.parse().unwrap())
    }

    #[test]
    fn an_address_is_in_its_network_and_in_no_other() {
        assert!(contains("10.0.0.0/8", "10.255.0.1"));
        assert!(!contains("10.0.0.0/8", "11.0.0.1"));
        assert!(contains("127.0.0.1", "127.0.0.1") && !contains("127.0.0.1", "127.0.0.2"));
        assert!(contains("fd00::/8", "fd12::1") && !contains("fd00::/8", "fe80::1"));
        assert!(contains("10.0.0.0/8", "::ffff:10.0.0.1"), "an IPv4 address in IPv6");
    }

    #[test]
    fn the_network_of_no_bits_is_that_of_everybody_of_its_family() {
        assert!(contains("0.0.0.0/0", "203.0.113.9") && !contains("0.0.0.0/0", "2001:db8::1"));
        assert!(contains("::/0", "2001:db8::1"));
    }

    #[test]
    fn what_is_no_network_is_refused_by_its_text() {
        for text in ["", "10", "10.0.0.0/33", "::1/129", "10.0.0.0/", "10.0.0.0/-1", "host"] {
            let error = Networks::parse([text]).unwrap_err();
            assert!(error.to_string().starts_with(&format!("`{text}` is no network")), "{error}");
        }
    }
}
