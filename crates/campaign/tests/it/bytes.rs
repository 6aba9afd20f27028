//! No bytes make the readers panic.

use crate::fixture::{CAMPAIGN, NOW, OUTLETS, STOCK, files};
use campaign::{Uploaded, read_from, read_list, render};
use proptest::prelude::*;
use rust_xlsxwriter::Workbook;
use std::collections::BTreeMap;

/// A text with a few of its bytes replaced, inserted or cut out.
fn damaged(bytes: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "\"",
        "[",
        "]",
        "{",
        "}",
        "=",
        "\n",
        ",",
        "\u{feff}",
        "口",
        "\0",
        "99999999999999999999",
        "-",
        "'''",
        "\\",
        "[[",
        "#",
        ".",
        " ",
        "\t",
        ";",
    ]);
    let edit = (any::<prop::sample::Index>(), 0_usize..8, pieces);
    prop::collection::vec(edit, 1..6).prop_map(move |edits| {
        let mut bytes = bytes.clone();
        for (at, cut, piece) in edits {
            let at = at.index(bytes.len() + 1);
            let end = (at + cut).min(bytes.len());
            bytes.splice(at..end, piece.bytes());
        }
        bytes
    })
}

fn stock_workbook() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_row(0, 0, ["outlet", "item", "slot", "units"]).unwrap();
    sheet.write_row(1, 0, ["1001", "N95", "am", "4"]).unwrap();
    sheet.merge_range(2, 0, 3, 0, "1002", &rust_xlsxwriter::Format::new()).unwrap();
    workbook.save_to_buffer().unwrap()
}

/// Reads, and renders whatever is said.
fn read(files: BTreeMap<String, Vec<u8>>) {
    let problems = match read_from(&Uploaded(files), "c.toml", NOW) {
        Ok(loaded) => loaded.warnings,
        Err(problems) => problems,
    };
    assert!(!render(&problems).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_campaign_file(bytes in damaged(CAMPAIGN.into())) {
        read(files().file("c.toml", bytes).0);
    }

    #[test]
    fn damaged_tables(outlets in damaged(OUTLETS.into()), stock in damaged(STOCK.into())) {
        read(files().file("outlets.csv", outlets).file("stock.csv", stock).0);
    }

    #[test]
    fn a_damaged_workbook(bytes in damaged(stock_workbook())) {
        read(files().with("stock.csv", "stock.xlsx").file("stock.xlsx", bytes).0);
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200), packed in any::<bool>()) {
        let bytes = if packed { [b"PK\x03\x04".as_slice(), &bytes].concat() } else { bytes };
        let mut all = files().file("stock.csv", bytes.clone()).0;
        read(all.clone());
        all.insert("c.toml".into(), bytes.clone());
        read(all);
        let files = Uploaded(BTreeMap::from([("list".into(), bytes)]));
        if let Ok(list) = read_list(&files, "list", None) {
            assert!(!list.values.is_empty());
        }
    }
}
