//! A QR code as a picture in a page (ISO/IEC 18004).
//!
//! Owns: the drawing. Never: what stands in it.

use fast_qr::ECL;
use fast_qr::qr::{QRBuilder, QRCode};
use std::fmt::Write as _;

/// Light modules around a code: scanners look for them.
const QUIET: usize = 4;

/// A code, for a template.
pub(crate) struct Picture {
    /// Modules of a side, the quiet ones included.
    pub(crate) side: usize,
    /// The dark modules as an SVG path, one unit a module.
    pub(crate) path: String,
}

/// The picture of a short text. A quarter of it may be scratched or in the shade.
pub(crate) fn picture(text: &str) -> Picture {
    drawn(&QRBuilder::new(text).ecl(ECL::Q).build().expect("a pickup code is short"))
}

/// The picture of a text of some length, a seventh of which may be scratched or in the shade; None
/// for over 2,331 bytes, which no code of that kind holds.
pub(crate) fn long_picture(text: &str) -> Option<Picture> {
    QRBuilder::new(text).ecl(ECL::M).build().ok().as_ref().map(drawn)
}

fn drawn(code: &QRCode) -> Picture {
    let mut path = String::new();
    for y in 0..code.size {
        let mut x = 0;
        while x < code.size {
            let dark = (x..code.size).take_while(|x| code[y][*x].value()).count();
            if 0 < dark {
                write!(path, "M{} {}h{dark}v1h-{dark}z", x + QUIET, y + QUIET)
                    .expect("writing to a string cannot fail");
            }
            x += dark.max(1);
        }
    }
    Picture { side: code.size + 2 * QUIET, path }
}
