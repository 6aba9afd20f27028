//! The peers' protocols, message by message.

use bench::peers::postgres;
use bench::peers::resp::{Reply, parse, write_command};

#[test]
fn redis_commands_and_replies() {
    let mut request = Vec::new();
    write_command(&mut request, &[b"SET", b"left", b"12"]);
    assert_eq!(request, b"*3\r\n$3\r\nSET\r\n$4\r\nleft\r\n$2\r\n12\r\n");
    assert_eq!(parse(b":4").unwrap(), None);
    assert_eq!(parse(b":-42\r\n").unwrap(), Some((Reply::Integer(-42), 6)));
    assert_eq!(parse(b"+OK\r\n").unwrap(), Some((Reply::Text(b"OK"), 5)));
    assert_eq!(parse(b"-ERR no\r\n").unwrap(), Some((Reply::Error(b"ERR no"), 9)));
    assert_eq!(parse(b"$3\r\nabc\r\n").unwrap(), Some((Reply::Text(b"abc"), 9)));
    assert_eq!(parse(b"$3\r\nab").unwrap(), None);
    assert!(parse(b"?\r\n").is_err());
    assert!(parse(b"$-1\r\n").is_err());
}

#[test]
fn postgres_queries_and_replies() {
    let mut request = Vec::new();
    postgres::write_query(&mut request, b"SELECT 1");
    assert_eq!(request, b"Q\0\0\0\x0dSELECT 1\0");
    let good = b"C\0\0\0\x0fINSERT 0 1\0Z\0\0\0\x05I";
    let reply = postgres::parse(good).unwrap().unwrap();
    assert_eq!((reply.error, reply.bytes), (None, good.len()));
    for bytes in 0..good.len() {
        assert_eq!(postgres::parse(&good[..bytes]).unwrap(), None);
    }
    let bad = b"E\0\0\0\x0aSERR\0\0Z\0\0\0\x05I";
    let reply = postgres::parse(bad).unwrap().unwrap();
    assert_eq!(postgres::shown(reply.error.unwrap()), "SERR");
    assert!(postgres::parse(b"Z\0\0\0\x03I").is_err());
}
