//! A small campaign without a mistake, to make mistakes in.

use campaign::{Loaded, Problem, Uploaded, read_from, render};
use expect_test::Expect;
use std::collections::BTreeMap;
use types::Millis;

/// 2030-01-01T00:00:00Z.
pub(crate) const NOW: Millis = Millis(1_893_456_000_000);

pub(crate) const CAMPAIGN: &str = r#"
[campaign]
code = "masks"
zone = "Asia/Shanghai"
languages = ["zh-CN", "en"]

[texts]
title = { zh-CN = "口罩预约", en = "Masks" }
summary = { zh-CN = "每人一份。", en = "One each." }
pickup = { zh-CN = "请带证件。", en = "Bring your ID." }

[[item]]
code = "N95"
name = { zh-CN = "防护口罩", en = "Respirator" }

[[slot]]
code = "am"
name = { zh-CN = "上午", en = "Morning" }
date = 2030-02-02
from = "09:00"
until = "12:00"

[tables]
outlets = "outlets.csv"
stock = "stock.csv"

[register]
windows = [{ from = "2030-02-01 20:00", until = "2030-02-01 22:00" }]
units = { min = 1, max = 5 }

[[register.field]]
code = "phone"
kind = "phone"
region = "CN"
label = { zh-CN = "手机", en = "Phone" }
unique = true

[publish]
when = "at-once"
"#;

pub(crate) const OUTLETS: &str = "\
code,name,name.en,district,address,latitude,longitude
1001,望潮药房,Wangchao Pharmacy,望潮区,灯塔路1号,21.5,114.25
1002,听澜药房,Tinglan Pharmacy,听澜区,海堤路2号,,
";

pub(crate) const STOCK: &str = "\
outlet,item,slot,units
1001,N95,am,40
1002,N95,am,60
";

/// The files of the campaign, to be changed.
#[derive(Clone)]
pub(crate) struct Fixture(pub(crate) BTreeMap<String, Vec<u8>>);

pub(crate) fn files() -> Fixture {
    let files = [("c.toml", CAMPAIGN), ("outlets.csv", OUTLETS), ("stock.csv", STOCK)];
    Fixture(files.into_iter().map(|(name, text)| (name.into(), text.into())).collect())
}

impl Fixture {
    /// Puts one text of the campaign file in place of another.
    pub(crate) fn with(mut self, old: &str, new: &str) -> Self {
        let text = String::from_utf8(self.0["c.toml"].clone()).unwrap();
        assert!(text.contains(old), "the fixture has no {old:?}");
        self.0.insert("c.toml".into(), text.replacen(old, new, 1).into());
        self
    }

    pub(crate) fn file(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.insert(name.into(), bytes.into());
        self
    }

    pub(crate) fn read(self) -> Result<Loaded, Vec<Problem>> {
        read_from(&Uploaded(self.0), "c.toml", NOW)
    }

    /// Compares what is said about the files.
    pub(crate) fn check(self, expected: Expect) {
        let said = match self.read() {
            Ok(loaded) => format!("good\n{}", render(&loaded.warnings)),
            Err(problems) => render(&problems),
        };
        expected.assert_eq(&said);
    }
}
