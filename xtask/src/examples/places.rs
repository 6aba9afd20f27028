//! Names and places of the examples, all invented, and numbers that look like chance.
//!
//! Owns: the made-up city of Chaomen and county of Dengping, which lie at sea.
//! Never: a real district, brand or address.

/// A district, and the corner around which its shops lie.
pub(super) struct District {
    /// Its outlets' codes begin with these.
    pub(super) letters: &'static str,
    pub(super) chinese: &'static str,
    pub(super) english: &'static str,
    /// 区 and District, or 镇 and Town.
    pub(super) kind: (&'static str, &'static str),
    /// In hundred-thousandths of a degree.
    pub(super) latitude: u64,
    /// In hundred-thousandths of a degree.
    pub(super) longitude: u64,
}

const fn district(
    letters: &'static str,
    (chinese, english): (&'static str, &'static str),
    latitude: u64,
    longitude: u64,
) -> District {
    District { letters, chinese, english, kind: ("区", "District"), latitude, longitude }
}

const fn town(
    letters: &'static str,
    (chinese, english): (&'static str, &'static str),
    latitude: u64,
    longitude: u64,
) -> District {
    District { letters, chinese, english, kind: ("镇", "Town"), latitude, longitude }
}

pub(super) const CITY: [District; 11] = [
    district("WC", ("望潮", "Wangchao"), 2_140_000, 11_460_000),
    district("TL", ("听澜", "Tinglan"), 2_143_500, 11_465_000),
    district("ZH", ("枕河", "Zhenhe"), 2_137_000, 11_466_500),
    district("SB", ("拾贝", "Shibei"), 2_134_500, 11_458_000),
    district("GF", ("归帆", "Guifan"), 2_146_500, 11_457_500),
    district("QS", ("晴沙", "Qingsha"), 2_131_000, 11_470_500),
    district("MY", ("暮云", "Muyun"), 2_150_500, 11_469_500),
    district("ZT", ("竹汀", "Zhuting"), 2_154_000, 11_461_500),
    district("LZ", ("鹭洲屿", "Luzhouyu"), 2_127_000, 11_462_500),
    district("XQ", ("星桥", "Xingqiao"), 2_141_000, 11_475_500),
    district("BY", ("北屿", "Beiyu"), 2_160_500, 11_467_000),
];

pub(super) const COUNTY: [District; 5] = [
    town("DP", ("灯屏", "Dengping"), 2_080_000, 11_520_000),
    town("SW", ("石湾角", "Shiwanjiao"), 2_088_000, 11_528_000),
    town("YC", ("盐池头", "Yanchitou"), 2_073_000, 11_531_000),
    town("LK", ("龙口坡", "Longkoupo"), 2_069_000, 11_512_000),
    town("HT", ("海棠岭", "Haitangling"), 2_091_000, 11_509_000),
];

/// Chains of pharmacies.
pub(super) const BRANDS: [(&str, &str); 7] = [
    ("安澜", "Anlan"),
    ("百草潮", "Baicaochao"),
    ("明灯", "Mingdeng"),
    ("福海堂", "Fuhaitang"),
    ("青禾", "Qinghe"),
    ("同舟", "Tongzhou"),
    ("望仁", "Wangren"),
];

/// Streets.
pub(super) const STREETS: [(&str, &str); 12] = [
    ("灯塔路", "Dengta Road"),
    ("海堤路", "Haidi Road"),
    ("潮声街", "Chaosheng Street"),
    ("渡口街", "Dukou Street"),
    ("珊瑚路", "Shanhu Road"),
    ("帆影路", "Fanying Road"),
    ("榕荫街", "Rongyin Street"),
    ("盐仓路", "Yancang Road"),
    ("月湾路", "Yuewan Road"),
    ("观星街", "Guanxing Street"),
    ("白鹭路", "Bailu Road"),
    ("船厂路", "Chuanchang Road"),
];

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed, everywhere.
pub(super) struct Numbers(pub(super) u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `least` to `most`.
    pub(super) fn between(&mut self, least: u64, most: u64) -> u64 {
        assert!(least <= most, "a range is not empty");
        least + self.next() % (most - least + 1)
    }

    /// One of several.
    pub(super) fn pick<'a, T>(&mut self, several: &'a [T]) -> &'a T {
        let last = several.len() as u64 - 1;
        &several[usize::try_from(self.between(0, last)).expect("it is below a length")]
    }
}
