//! The requests that are measured, byte for byte.

use bench::requests::{Batches, Entries, Finds, Maker, Receipts};
use expect_test::{Expect, expect};
use std::collections::HashSet;

fn check(maker: &mut dyn Maker, expected: Expect) {
    let mut first = Vec::new();
    maker.write(&mut first);
    let mut second = Vec::new();
    maker.write(&mut second);
    assert_eq!(first.len(), second.len(), "every person takes the same room");
    let text = String::from_utf8(second).unwrap().replace('\r', "");
    let (head, body) = text.split_once("\n\n").unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    assert_eq!(length.map_or(0, |length| length.parse().unwrap()), body.len());
    expected.assert_eq(&text.replace("\",", "\",\n"));
}

#[test]
fn requests_are_whole() {
    let address = "127.0.0.1:8080".parse().unwrap();
    check(
        &mut Entries::new("measured", address, 0),
        expect![[r#"
            POST /v1/campaigns/measured/entries HTTP/1.1
            host: 127.0.0.1:8080
            content-type: application/json
            idempotency-key: 0000000001343b0a0000000100000001
            content-length: 155

            {"identity":{"name":"马玲国",
            "id_number":"440196198705207746",
            "phone":"18976596043"},"choices":[{"outlet":"shop",
            "item":"mask",
            "slot":"day"}],"units":1}"#]],
    );
    check(
        &mut Batches::new("measured", address, "t0ken", 2, 0),
        expect![[r#"
            POST /v1/campaigns/measured/entries:batch HTTP/1.1
            host: 127.0.0.1:8080
            content-type: application/json
            authorization: Bearer t0ken
            content-length: 431

            {"entries":[{"idempotency_key":"0000000001343b0a0000000200000001",
            "identity":{"name":"周龙平",
            "id_number":"440199198509244303",
            "phone":"18992081906"},"choices":[{"outlet":"shop",
            "item":"mask",
            "slot":"day"}],"units":1},{"idempotency_key":"0000000001343b0a0000000300000001",
            "identity":{"name":"高海芳",
            "id_number":"440192198401310861",
            "phone":"13007567769"},"choices":[{"outlet":"shop",
            "item":"mask",
            "slot":"day"}],"units":1}]}"#]],
    );
    check(
        &mut Finds::new("measured", address, 10),
        expect![[r#"
            POST /v1/campaigns/measured/find HTTP/1.1
            host: 127.0.0.1:8080
            content-type: application/json
            content-length: 88

            {"identity":{"name":"马玲国",
            "id_number":"440196198705207746",
            "phone":"18976596043"}}"#]],
    );
    let receipts = ["r1".to_owned(), "r2".to_owned()];
    check(
        &mut Receipts::new(address, &receipts).unwrap(),
        expect![[r#"
        GET /v1/entries/r2 HTTP/1.1
        host: 127.0.0.1:8080

    "#]],
    );
    assert!(Receipts::new(address, &[]).is_err());
}

#[test]
fn no_two_entries_are_of_one_person() {
    let address = "127.0.0.1:8080".parse().unwrap();
    let mut entries = Entries::new("measured", address, 5);
    let mut bodies = HashSet::new();
    for _ in 0..1_000 {
        let mut request = Vec::new();
        entries.write(&mut request);
        assert!(bodies.insert(request));
    }
}
