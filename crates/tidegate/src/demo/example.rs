//! The examples, in the program: the very files an operator would bring.

use anyhow::{Context as _, Result, bail};
use campaign::{Files, Uploaded};
use clap::ValueEnum;
use types::{Definition, Millis};

/// A made-up place and its release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Example {
    /// A city: 300 outlets, 4 kinds of mask, results held back until they are published
    Masks,
    /// A county: irregular openings, 5 masks a booking, 5 days between two successes
    County,
}

const MASKS: [(&str, &[u8]); 3] = [
    ("campaign.toml", include_bytes!("../../../../examples/masks/campaign.toml")),
    ("outlets.csv", include_bytes!("../../../../examples/masks/outlets.csv")),
    ("stock.xlsx", include_bytes!("../../../../examples/masks/stock.xlsx")),
];

const COUNTY: [(&str, &[u8]); 7] = [
    ("county-1.toml", include_bytes!("../../../../examples/county/county-1.toml")),
    ("county-2.toml", include_bytes!("../../../../examples/county/county-2.toml")),
    ("county-3.toml", include_bytes!("../../../../examples/county/county-3.toml")),
    ("outlets.csv", include_bytes!("../../../../examples/county/outlets.csv")),
    ("stock-1.csv", include_bytes!("../../../../examples/county/stock-1.csv")),
    ("stock-2.csv", include_bytes!("../../../../examples/county/stock-2.csv")),
    ("stock-3.csv", include_bytes!("../../../../examples/county/stock-3.csv")),
];

impl Example {
    /// The campaign files, in the order of their openings.
    pub(crate) const fn rounds(self) -> &'static [&'static str] {
        match self {
            Self::Masks => &["campaign.toml"],
            Self::County => &["county-1.toml", "county-2.toml", "county-3.toml"],
        }
    }

    /// The campaign of a file, moved in time so that it opens at `opens`.
    pub(crate) fn definition(self, file: &str, opens: Millis) -> Result<Definition> {
        let files = match self {
            Self::Masks => &MASKS[..],
            Self::County => &COUNTY[..],
        };
        let named = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()));
        let uploaded = Uploaded(named.collect());
        let files: &dyn Files = &uploaded;
        match campaign::read_from(files, file, opens) {
            Ok(loaded) => campaign::with_times(&loaded.definition, opens)
                .context("the example cannot be moved to the present"),
            Err(problems) => bail!("the example is wrong:\n{}", campaign::render(&problems)),
        }
    }
}
