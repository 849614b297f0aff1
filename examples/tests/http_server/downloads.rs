//! Files: which ones, parts of them, and what the client has already.

use crate::kit::{answer, statuses, Www};

fn get(www: &Www, path: &str, fields: &str) -> String {
    answer(www, format!("GET {path} HTTP/1.1\r\nHost: x\r\n{fields}\r\n")).0
}

#[track_caller]
fn field<'a>(answer: &'a str, name: &str) -> &'a str {
    let line = answer.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_else(|| panic!("no {name} in {answer}"))
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

#[test]
fn a_path_is_a_file_below_the_root_and_nothing_else() {
    let www = Www::new("paths");
    for (path, status) in [
        ("/digits.txt", "200"),
        ("/", "200"),
        ("/folder/", "200"),
        ("/folder/../digits.txt", "200"),
        ("/./digits.txt", "200"),
        ("/a%20b.txt", "200"),
        ("/%64igits.txt", "200"),
        ("/in.txt", "200"),
        ("/digits.txt?a=b", "200"),
        ("/folder", "301"),
        ("/digits.txt/", "404"),
        ("/nowhere", "404"),
        ("/out.txt", "404"),
        ("/above", "404"),
        ("/folder/nowhere", "404"),
        ("/digits.txt/more", "404"),
        ("/a%00b", "400"),
        ("/a%2fb", "400"),
        ("/%", "400"),
        ("/%2", "400"),
        ("/%zz", "400"),
        ("/%ff", "400"),
        ("/..", "400"),
        ("/../secret.txt", "400"),
        ("/folder/../../secret.txt", "400"),
        ("/%2e%2e/secret.txt", "400"),
        ("/.%2e/secret.txt", "400"),
        ("/..%2fsecret.txt", "400"),
        ("/%252e%252e/secret.txt", "404"),
        ("/\\..\\secret.txt", "404"),
        ("//digits.txt", "200"),
    ] {
        let answer = get(&www, path, "");
        assert_eq!(statuses(&answer), [status], "{path}: {answer}");
        assert!(!answer.contains("secret"), "{path}: {answer}");
    }
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    let www = Www::new("pipe");
    let pipe = www.0.join("www/pipe");
    assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
    assert_eq!(statuses(&get(&www, "/pipe", "")), ["404"]);
}

#[test]
fn a_directory_without_its_slash_is_elsewhere_on_this_host() {
    let www = Www::new("slash");
    for (path, location) in [
        ("/folder", "/folder/"),
        ("/folder?a=b", "/folder/?a=b"),
        ("//folder", "/folder/"),
        ("/\\x/../folder", "/%5Cx/../folder/"),
    ] {
        assert_eq!(field(&get(&www, path, ""), "Location"), location);
    }
}

#[test]
fn a_file_says_what_it_is_and_which_version() {
    let www = Www::new("types");
    let answer = get(&www, "/", "");
    assert_eq!(field(&answer, "Content-Type"), "text/html; charset=utf-8");
    assert_eq!(field(&answer, "Content-Length"), "13");
    assert_eq!(field(&answer, "Accept-Ranges"), "bytes");
    let etag = field(&answer, "ETag");
    assert!(etag.starts_with('"') && etag.ends_with('"') && etag.len() > 2, "{etag}");
    www.write("www/unknown.zzz", "");
    let empty = get(&www, "/unknown.zzz", "");
    assert_eq!((field(&empty, "Content-Type"), body(&empty)), ("application/octet-stream", ""));
}

#[test]
fn a_part_is_sent_as_asked_for() {
    let www = Www::new("ranges");
    for (range, status, place, part) in [
        ("bytes=0-0", "206", "bytes 0-0/10", "0"),
        ("bytes=2-4", "206", "bytes 2-4/10", "234"),
        ("bytes=7-", "206", "bytes 7-9/10", "789"),
        ("bytes=7-100", "206", "bytes 7-9/10", "789"),
        ("bytes=-3", "206", "bytes 7-9/10", "789"),
        ("bytes=-100", "206", "bytes 0-9/10", "0123456789"),
        ("bytes=0-18446744073709551615", "206", "bytes 0-9/10", "0123456789"),
        ("bytes=2-4, 20-30", "206", "bytes 2-4/10", "234"),
        ("bytes=10-", "416", "bytes */10", ""),
        ("bytes=-0", "416", "bytes */10", ""),
        ("bytes=99999999999999999999-", "416", "bytes */10", ""),
        ("bytes=4-2", "200", "", "0123456789"),
        ("bytes=a-b", "200", "", "0123456789"),
        ("bytes=+1-2", "200", "", "0123456789"),
        ("bytes=-", "200", "", "0123456789"),
        ("bytes=", "200", "", "0123456789"),
        ("lines=0-1", "200", "", "0123456789"),
        ("bytes 0-1", "200", "", "0123456789"),
        ("bytes=0-5, 3-8", "200", "", "0123456789"),
    ] {
        let answer = get(&www, "/digits.txt", &format!("Range: {range}\r\n"));
        assert_eq!((statuses(&answer)[0], body(&answer)), (status, part), "{range}: {answer}");
        if !place.is_empty() {
            assert_eq!(field(&answer, "Content-Range"), place, "{range}");
        }
    }
    let many = (0..20).map(|at| format!("{at}-{at}")).collect::<Vec<_>>().join(",");
    www.write("www/many.txt", "x".repeat(50));
    assert_eq!(statuses(&get(&www, "/many.txt", &format!("Range: bytes={many}\r\n"))), ["200"]);
}

#[test]
fn several_parts_have_a_head_each() {
    let www = Www::new("multipart");
    let answer = get(&www, "/digits.txt", "Range: bytes=0-1, -2, 4-4\r\n");
    let kind = field(&answer, "Content-Type");
    let boundary = kind.strip_prefix("multipart/byteranges; boundary=").unwrap();
    let part = |place, text| {
        format!("\r\n--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes {place}/10\r\n\r\n{text}")
    };
    let expected = [part("0-1", "01"), part("8-9", "89"), part("4-4", "4")].concat();
    assert_eq!(body(&answer), format!("{expected}\r\n--{boundary}--\r\n"));
    assert_eq!(field(&answer, "Content-Length"), body(&answer).len().to_string());
}

#[test]
fn what_the_client_has_already_is_not_sent_again() {
    let www = Www::new("conditions");
    let whole = get(&www, "/digits.txt", "");
    let (etag, modified) = (field(&whole, "ETag"), field(&whole, "Last-Modified"));
    let (before, later) = ("Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 2100 23:59:59 GMT");
    for (fields, status) in [
        (format!("If-None-Match: {etag}\r\n"), "304"),
        (format!("If-None-Match: W/{etag}\r\n"), "304"),
        (format!("If-None-Match: \"a\", {etag}\r\n"), "304"),
        (format!("If-None-Match: \"a\"\r\nIf-None-Match: {etag}\r\n"), "304"),
        ("If-None-Match: *\r\n".to_owned(), "304"),
        ("If-None-Match: \"a\"\r\n".to_owned(), "200"),
        (format!("If-None-Match: \"a\"\r\nIf-Modified-Since: {later}\r\n"), "200"),
        (format!("If-Modified-Since: {modified}\r\n"), "304"),
        (format!("If-Modified-Since: {later}\r\n"), "304"),
        (format!("If-Modified-Since: {before}\r\n"), "200"),
        ("If-Modified-Since: yesterday\r\n".to_owned(), "200"),
        (format!("If-Match: {etag}\r\n"), "200"),
        (format!("If-Match: W/{etag}\r\n"), "412"),
        ("If-Match: *\r\n".to_owned(), "200"),
        ("If-Match: \"a\"\r\n".to_owned(), "412"),
        (format!("If-Unmodified-Since: {modified}\r\n"), "200"),
        (format!("If-Unmodified-Since: {before}\r\n"), "412"),
        (format!("If-Match: {etag}\r\nIf-None-Match: {etag}\r\n"), "304"),
        (format!("If-Range: {etag}\r\nRange: bytes=0-0\r\n"), "206"),
        (format!("If-Range: {modified}\r\nRange: bytes=0-0\r\n"), "206"),
        ("If-Range: \"a\"\r\nRange: bytes=0-0\r\n".to_owned(), "200"),
        (format!("If-Range: W/{etag}\r\nRange: bytes=0-0\r\n"), "200"),
        (format!("If-Range: {before}\r\nRange: bytes=0-0\r\n"), "200"),
        (format!("If-None-Match: {etag}\r\nRange: bytes=0-0\r\n"), "304"),
    ] {
        let answer = get(&www, "/digits.txt", &fields);
        assert_eq!(statuses(&answer), [status], "{fields}{answer}");
        assert_eq!(field(&answer, "ETag"), etag, "{fields}");
        if status == "304" {
            assert!(body(&answer).is_empty() && !answer.contains("Content-"), "{answer}");
        }
    }
}

#[test]
fn a_large_file_comes_whole_and_in_parts() {
    let www = Www::new("large");
    let data: String = (0..40_000).map(|at| format!("{at:07}")).collect();
    www.write("www/large.txt", &data);
    assert_eq!(body(&get(&www, "/large.txt", "")), data);
    let part = get(&www, "/large.txt", "Range: bytes=100000-199999\r\n");
    assert_eq!(body(&part), &data[100_000..200_000]);
    let twice =
        "GET /large.txt HTTP/1.1\r\nHost: x\r\n\r\nGET /digits.txt HTTP/1.1\r\nHost: x\r\n\r\n";
    let (both, is_open) = answer(&www, twice);
    assert!(is_open && both.ends_with("0123456789") && both.contains(&data));
}
