//! What a campaign file without a mistake becomes.

use crate::fixture::files;
use campaign::tables_named;
use expect_test::expect;
use types::definition::Fulfil;
use types::{Definition, Publish};

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

#[test]
fn the_four_choices_by_default() {
    let Definition { register, allocate, publish, fulfil, pacing, .. } =
        files().read().unwrap().definition;
    expect![[r#"
        [
          {
            "windows": [
              {
                "from": 1896177600000,
                "until": 1896184800000
              }
            ],
            "fields": [
              {
                "code": "phone",
                "kind": {
                  "type": "phone",
                  "region": "CN"
                },
                "label": {
                  "en": "Phone",
                  "zh-CN": "手机"
                },
                "unique": true
              }
            ],
            "cap": null,
            "units_min": 1,
            "units_max": 5,
            "choices_max": 1,
            "reenter_after_cancel": true,
            "allow_list": false
          },
          {
            "by": "first-come"
          },
          {
            "when": "at-once"
          },
          {
            "by": "pickup",
            "whole_day": false
          },
          {
            "release_percent": 100,
            "retry_seconds": 3,
            "poll_seconds": 5,
            "jitter_seconds": 2,
            "admit_per_second": null
          }
        ]"#]]
    .assert_eq(&json(&(register, allocate, publish, fulfil, pacing)));
}

#[test]
fn tables_and_times() {
    let Definition { calendar, items, mut outlets, slots, mut stock, .. } =
        files().read().unwrap().definition;
    outlets.truncate(1);
    stock.truncate(1);
    expect![[r#"
        [
          {
            "zone": "Asia/Shanghai",
            "offsets": [
              {
                "from": 1832932800000,
                "seconds": 28800
              }
            ]
          },
          [
            {
              "code": "N95",
              "name": {
                "en": "Respirator",
                "zh-CN": "防护口罩"
              }
            }
          ],
          [
            {
              "code": "1001",
              "name": {
                "en": "Wangchao Pharmacy",
                "zh-CN": "望潮药房"
              },
              "district": {
                "en": "望潮区",
                "zh-CN": "望潮区"
              },
              "address": {
                "en": "灯塔路1号",
                "zh-CN": "灯塔路1号"
              },
              "position": {
                "latitude_millionths": 21500000,
                "longitude_millionths": 114250000
              }
            }
          ],
          [
            {
              "code": "am",
              "name": {
                "en": "Morning",
                "zh-CN": "上午"
              },
              "from": 1896224400000,
              "until": 1896235200000
            }
          ],
          [
            {
              "outlet": 0,
              "item": 0,
              "slot": 0,
              "units": 40
            }
          ]
        ]"#]]
    .assert_eq(&json(&(calendar, items, outlets, slots, stock)));
}

#[test]
fn everything_stated() {
    let stated = r#"
[series]
code = "spring"
cool_down_days = 5

[allocate]
by = "first-come"

[fulfil]
by = "pickup"
whole_day = true

[pacing]
release_percent = 20
retry_seconds = 10
poll_seconds = 15
jitter_seconds = 0
admit_per_second = 60000

[publish]
when = "by-hand"
expected = "2030-02-01 24:00"
"#;
    let definition = files()
        .with("[publish]\nwhen = \"at-once\"\n", stated)
        .with("units = { min = 1, max = 5 }", "units = 5\ncap = 1000\nchoices_max = 3")
        .with("windows", "reenter_after_cancel = false\nallow_list = true\nwindows")
        .read()
        .unwrap()
        .definition;
    let series = definition.series.unwrap();
    assert_eq!((series.code.as_str(), series.cool_down_days), ("spring", 5));
    assert_eq!(definition.fulfil, Fulfil::Pickup { whole_day: true });
    assert_eq!(definition.pacing.admit_per_second, Some(60_000));
    let Publish::ByHand { expected: Some(expected) } = definition.publish else {
        panic!("published by hand")
    };
    assert_eq!(definition.calendar.day_start(definition.calendar.day(expected)), expected);
    let register = definition.register;
    assert_eq!((register.units_min, register.units_max, register.cap), (5, 5, Some(1_000)));
    assert_eq!((register.choices_max, register.allow_list), (3, true));
    assert!(!register.reenter_after_cancel);
}

#[test]
fn a_tiny_campaign_in_one_file() {
    let tables = "[tables]\noutlets = \"outlets.csv\"\nstock = \"stock.csv\"\n";
    let inline = r#"
[[outlet]]
code = "shop"
name = "The shop"
district = { zh-CN = "老城", en = "Old Town" }
latitude = 21.5
longitude = -114

[[stock]]
outlet = "shop"
item = "N95"
slot = "am"
units = 12
"#;
    let loaded = files().with(tables, inline).read().unwrap();
    assert!(loaded.warnings.is_empty());
    let outlet = &loaded.definition.outlets[0];
    assert_eq!(outlet.name["zh-CN"], "The shop");
    assert_eq!(outlet.position.unwrap().longitude_millionths, -114_000_000);
    assert_eq!(loaded.definition.stock[0].units, 12);
}

#[test]
fn the_tables_a_file_names() {
    let text = "[tables]\noutlets = { file = \"a.xlsx\", sheet = \"1\" }\nstock = \"b.csv\"\n";
    assert_eq!(tables_named(text), ["a.xlsx", "b.csv"]);
    assert!(tables_named("[tables").is_empty());
}

#[test]
fn problems_as_json() {
    let problems = files().with("max = 5", "max = 0").read().unwrap_err();
    expect![[r#"
        [
          {
            "severity": "error",
            "code": "out-of-range",
            "place": {
              "in": "text",
              "file": "c.toml",
              "line": 29,
              "column": 26,
              "length": 1,
              "source": "units = { min = 1, max = 0 }"
            },
            "message": "\"max\" is 0, which is out of range",
            "expected": "a whole number from 1 to 200"
          }
        ]"#]]
    .assert_eq(&serde_json::to_string_pretty(&problems).unwrap());
}
