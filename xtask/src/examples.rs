//! The tables of `examples/`: outlets and stock of places that do not exist.
//!
//! Owns: every CSV and XLSX file below `examples/`. Never: the campaign files beside them, which
//! are written by hand; the clock, or chance.
//! Invariants: the same program writes the same bytes.

mod places;

use crate::root;
use anyhow::Context as _;
use places::{District, Numbers};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook};
use std::cmp::Ordering;
use std::fmt::Write as _;
use std::path::Path;

/// Outlets of the city.
const CITY_OUTLETS: usize = 300;
/// Units of all the city's pools.
const CITY_UNITS: u32 = 120_000;
/// Outlets of the city that take part in its draws.
const DRAW_OUTLETS: usize = 110;
/// Days of the draws, and the packs of a day: of the item for all, and of the reserved one.
const DRAW_DAYS: [&str; 5] = ["2030-02-02", "2030-02-03", "2030-02-04", "2030-02-05", "2030-02-06"];
const DRAW_ITEMS: [(&str, u64); 2] = [("mask", 80), ("senior", 20)];
/// Outlets of the county.
const COUNTY_OUTLETS: usize = 40;
/// Items of the city, with how much of the whole is of each, in hundredths.
const CITY_ITEMS: [(&str, u32); 4] =
    [("surgical", 50), ("kn95", 20), ("n95-medical", 10), ("child", 20)];
const CITY_SLOTS: [&str; 2] = ["morning", "afternoon"];
/// Masks for each opening of the county, at one outlet, on average.
const COUNTY_UNITS: [u64; 3] = [600, 400, 800];

/// Writes all tables.
///
/// # Errors
/// When a file cannot be written.
pub fn run() -> anyhow::Result<bool> {
    for (file, bytes) in tables()? {
        let path = root().join("examples").join(file);
        std::fs::write(&path, &bytes).with_context(|| format!("cannot write {file}"))?;
        println!("examples/{file}: {} bytes", bytes.len());
    }
    Ok(true)
}

/// Every table: its name below `examples/`, and its bytes.
///
/// # Errors
/// When the workbook cannot be made.
pub fn tables() -> anyhow::Result<Vec<(&'static str, Vec<u8>)>> {
    let city = Outlet::all(CITY_OUTLETS, &places::CITY, 1);
    let county = Outlet::all(COUNTY_OUTLETS, &places::COUNTY, 2);
    let mut tables = vec![
        ("masks/outlets.csv", outlets_csv(&city)),
        ("masks/stock.xlsx", stock_xlsx(&city_stock(&city))?),
        ("county/outlets.csv", outlets_csv(&county)),
    ];
    let draw = Outlet::all(DRAW_OUTLETS, &places::CITY, 4);
    tables.push(("mask-draw/outlets.csv", outlets_csv(&draw)));
    tables.push(("mask-draw/stock.csv", draw_stock(&draw)));
    let files = ["county/stock-1.csv", "county/stock-2.csv", "county/stock-3.csv"];
    for (file, units) in files.into_iter().zip(COUNTY_UNITS) {
        tables.push((file, county_stock(&county, units)));
    }
    for (file, _) in &tables {
        assert!(Path::new(file).is_relative(), "tables lie below examples/");
    }
    Ok(tables)
}

/// A shop as the table of outlets has it.
struct Outlet {
    code: String,
    name: [String; 2],
    district: [String; 2],
    address: [String; 2],
    /// Latitude and longitude, in hundred-thousandths of a degree: a metre.
    position: [u64; 2],
}

impl Outlet {
    /// Outlets spread over districts in turn, close together within each.
    fn all(count: usize, districts: &[District], seed: u64) -> Vec<Self> {
        let mut numbers = Numbers(seed);
        (0..count).map(|number| Self::new(number, districts, &mut numbers)).collect()
    }

    fn new(number: usize, districts: &[District], numbers: &mut Numbers) -> Self {
        let district = &districts[number % districts.len()];
        let place = number / districts.len();
        let street = numbers.pick(&places::STREETS);
        let house = numbers.between(1, 300);
        // Two of the same brand in a district are told apart by their number.
        let brand = &places::BRANDS[place % places::BRANDS.len()];
        let branch = place / places::BRANDS.len() + 1;
        // The sum of two is denser in the middle, as shops are.
        let mut near = |centre: u64| centre + numbers.between(0, 1_500) + numbers.between(0, 1_500);
        let position = [near(district.latitude), near(district.longitude)];
        Self {
            code: format!("{}{:03}", district.letters, place + 1),
            name: [
                format!("{}{}药店{branch}店", district.chinese, brand.0),
                format!("{} Pharmacy, {} No. {branch}", brand.1, district.english),
            ],
            district: [
                format!("{}{}", district.chinese, district.kind.0),
                format!("{} {}", district.english, district.kind.1),
            ],
            address: [format!("{}{house}号", street.0), format!("{house} {}", street.1)],
            position,
        }
    }
}

fn outlets_csv(outlets: &[Outlet]) -> Vec<u8> {
    let mut text = String::from(
        "code,name,name.en,district,district.en,address,address.en,latitude,longitude\n",
    );
    for outlet in outlets {
        let Outlet { code, name, district, address, position } = outlet;
        let degrees =
            position.map(|metres| format!("{}.{:05}", metres / 100_000, metres % 100_000));
        writeln!(
            text,
            "{code},{},\"{}\",{},{},{},{},{},{}",
            name[0],
            name[1],
            district[0],
            district[1],
            address[0],
            address[1],
            degrees[0],
            degrees[1]
        )
        .expect("writing to a string cannot fail");
    }
    text.into_bytes()
}

/// Units for every outlet, item and slot of the city; what rounding left goes to each in turn.
fn city_stock(outlets: &[Outlet]) -> Vec<(&str, &'static str, &'static str, u32)> {
    let mut numbers = Numbers(3);
    let mut stock = Vec::new();
    for outlet in outlets {
        for (item, hundredths) in CITY_ITEMS {
            for slot in CITY_SLOTS {
                let mean = u64::from(CITY_UNITS * hundredths) / 100 / CITY_OUTLETS as u64 / 2;
                let units = numbers.between(mean - mean / 2, mean + mean / 2);
                let units = u32::try_from(units).expect("a pool is small");
                stock.push((outlet.code.as_str(), item, slot, units));
            }
        }
    }
    let mut total: u32 = stock.iter().map(|(_, _, _, units)| units).sum();
    let pools = stock.len();
    for turn in 0.. {
        let units = &mut stock[turn % pools].3;
        match total.cmp(&CITY_UNITS) {
            Ordering::Less => (*units, total) = (*units + 1, total + 1),
            Ordering::Greater => (*units, total) = (*units - 1, total - 1),
            Ordering::Equal => break,
        }
    }
    assert_eq!(stock.iter().map(|pool| pool.3).sum::<u32>(), CITY_UNITS);
    stock
}

fn stock_xlsx(stock: &[(&str, &str, &str, u32)]) -> anyhow::Result<Vec<u8>> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(2030, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let sheet = workbook.add_worksheet().set_name("库存")?;
    let bold = Format::new().set_bold();
    sheet.write_row_with_format(0, 0, ["网点", "品类", "时段", "数量"], &bold)?;
    sheet.set_freeze_panes(1, 0)?.set_column_width(1, 14)?;
    for (row, (outlet, item, slot, units)) in (1_u32..).zip(stock) {
        sheet.write_row(row, 0, [*outlet, *item, *slot])?.write(row, 3, *units)?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// Packs for every outlet, day and item of the city's draws.
fn draw_stock(outlets: &[Outlet]) -> Vec<u8> {
    let mut numbers = Numbers(5);
    let mut text = String::from("outlet,item,slot,units\n");
    for outlet in outlets {
        for day in DRAW_DAYS {
            for (item, mean) in DRAW_ITEMS {
                let units = numbers.between(mean / 2, mean * 3 / 2);
                writeln!(text, "{},{item},{day},{units}", outlet.code)
                    .expect("writing to a string cannot fail");
            }
        }
    }
    text.into_bytes()
}

/// Units of the county's one item and slot: always whole bookings of five.
fn county_stock(outlets: &[Outlet], mean: u64) -> Vec<u8> {
    let mut numbers = Numbers(mean);
    let mut text = String::from("outlet,item,slot,units\n");
    for outlet in outlets {
        let units = numbers.between(mean / 10, mean * 3 / 10) * 5;
        writeln!(text, "{},mask,collect,{units}", outlet.code)
            .expect("writing to a string cannot fail");
    }
    text.into_bytes()
}
