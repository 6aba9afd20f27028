//! Made-up people: resident numbers, phones and names that pass every check and belong to nobody.
//!
//! Owns: the way from (seed, number) to a person. Never: allocates, or draws randomness.
//! Invariants: in one population no two numbers below [`POPULATION_MAX`] share an identity number
//! or a phone. The county codes 440190 to 440199 are not assigned, so no such number was issued.

use crate::mix;

/// People a population can hold: ten counties, 75 years of birthdays, 999 births a day.
pub const POPULATION_MAX: u64 = COUNTIES * BIRTHDAYS * BIRTHS;

const COUNTIES: u64 = 10;
/// Days from 1931-01-01 to 2005-12-31.
const BIRTHDAYS: u64 = 27_394;
const BIRTHS: u64 = 999;
/// Days from 1931-01-01 to 1970-01-01.
const FIRST_BIRTHDAY: i64 = -14_245;
/// Primes that divide neither `POPULATION_MAX` nor `PHONES`: multiplying by them permutes.
const IDENTITY_STRIDE: u64 = 179_424_673;
const PHONE_STRIDE: u64 = 15_485_863;
/// The numbers that begin with 130 to 139 and 180 to 189.
const PHONES: u64 = 20 * PHONES_PER_PREFIX;
const PHONES_PER_PREFIX: u64 = 100_000_000;
/// GB 11643-1999: weights of the first 17 digits, and the check character by the sum modulo 11.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS: [u8; 11] = *b"10X98765432";

const FAMILY_NAMES: [&str; 32] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭",
    "何", "林", "高", "罗", "郑", "梁", "谢", "宋", "唐", "许", "邓", "冯", "韩", "曹", "曾", "彭",
];
const GIVEN_NAMES: [&str; 64] = [
    "安", "白", "宝", "冰", "波", "春", "达", "丹", "东", "芳", "飞", "峰", "刚", "光", "国", "海",
    "浩", "红", "华", "慧", "佳", "建", "江", "洁", "金", "静", "军", "康", "兰", "乐", "丽", "林",
    "玲", "龙", "梅", "美", "敏", "明", "娜", "宁", "平", "强", "青", "清", "晴", "秋", "荣", "瑞",
    "山", "书", "思", "松", "涛", "婷", "伟", "文", "霞", "晓", "心", "星", "雪", "燕", "阳", "云",
];
/// UTF-8 bytes of one Chinese character of the tables above.
const CHARACTER_BYTES: usize = 3;

/// The people of one seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Population {
    seed: u64,
    identity_offset: u64,
    phone_offset: u64,
}

/// A made-up person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    id_number: [u8; 18],
    phone: [u8; 11],
    name: [u8; 3 * CHARACTER_BYTES],
}

impl Population {
    /// The people of `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        let identity_offset = mix(seed, 1) % POPULATION_MAX;
        Self { seed, identity_offset, phone_offset: mix(seed, 2) % PHONES }
    }

    /// The person with this number.
    ///
    /// # Panics
    /// When `number` is not below [`POPULATION_MAX`].
    #[must_use]
    pub fn person(&self, number: u64) -> Person {
        assert!(number < POPULATION_MAX, "the population has {POPULATION_MAX} people");
        let identity = (number * IDENTITY_STRIDE + self.identity_offset) % POPULATION_MAX;
        let phone = (number * PHONE_STRIDE + self.phone_offset) % PHONES;
        Person {
            id_number: id_number(identity),
            phone: phone_number(phone),
            name: name(mix(self.seed ^ 3, number)),
        }
    }
}

impl Person {
    /// The 18 characters of the resident identity number (GB 11643-1999).
    #[must_use]
    pub fn id_number(&self) -> &str {
        ascii(&self.id_number)
    }

    /// The same number with a wrong check character.
    #[must_use]
    pub fn id_number_mistyped(&self) -> [u8; 18] {
        let mut mistyped = self.id_number;
        mistyped[17] = if mistyped[17] == b'1' { b'2' } else { b'1' };
        mistyped
    }

    /// The 11 digits of the mobile phone, as people type them.
    #[must_use]
    pub fn phone(&self) -> &str {
        ascii(&self.phone)
    }

    /// The name: three Chinese characters.
    #[must_use]
    pub fn name(&self) -> &str {
        std::str::from_utf8(&self.name).expect("a name is made of whole characters")
    }
}

fn ascii(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("digits are ASCII")
}

fn id_number(identity: u64) -> [u8; 18] {
    let county = identity % COUNTIES;
    let birthday = identity / COUNTIES % BIRTHDAYS;
    let birth = identity / (COUNTIES * BIRTHDAYS) + 1;
    assert!((1..=BIRTHS).contains(&birth));
    let mut number = [0; 18];
    write_digits(&mut number[..6], 440_190 + county);
    write_digits(&mut number[6..14], year_month_day(FIRST_BIRTHDAY + birthday as i64));
    write_digits(&mut number[14..17], birth);
    let sum: u32 =
        number.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    number[17] = CHECK_CHARACTERS[(sum % 11) as usize];
    number
}

fn phone_number(phone: u64) -> [u8; 11] {
    let prefix = phone / PHONES_PER_PREFIX;
    assert!(prefix < 20);
    let mut number = [0; 11];
    write_digits(&mut number[..3], if prefix < 10 { 130 + prefix } else { 170 + prefix });
    write_digits(&mut number[3..], phone % PHONES_PER_PREFIX);
    number
}

fn name(mixed: u64) -> [u8; 9] {
    let pick = |shift: u32, count: usize| (mixed >> shift) as usize % count;
    let family = FAMILY_NAMES[pick(0, FAMILY_NAMES.len())];
    let first = GIVEN_NAMES[pick(16, GIVEN_NAMES.len())];
    let second = GIVEN_NAMES[pick(32, GIVEN_NAMES.len())];
    let mut name = [0; 3 * CHARACTER_BYTES];
    for (place, character) in name.chunks_exact_mut(CHARACTER_BYTES).zip([family, first, second]) {
        place.copy_from_slice(character.as_bytes());
    }
    name
}

/// Fills `place` with the last digits of `number`, zeros before them.
fn write_digits(place: &mut [u8], mut number: u64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
    assert_eq!(number, 0, "the number fits its place");
}

/// The date of a day counted from 1970-01-01, as the digits YYYYMMDD (proleptic Gregorian).
///
/// The way by 400-year eras that begin in March: H. Hinnant, "chrono-compatible low-level date
/// algorithms", `civil_from_days`.
fn year_month_day(day: i64) -> u64 {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year * 10_000 + month * 100 + day_of_month) as u64
}
