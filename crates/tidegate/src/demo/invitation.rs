//! What a newcomer is told to try: addresses at once, an operator's commands when the crowd is
//! done.
//!
//! Invariants: every command can be pasted as it stands, and leaves nothing outside the demo's
//! folder.

use super::folder::Folder;
use crate::serve::Serving;
use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

/// Where a listener is reached from this machine.
pub(super) fn from_here(listening: SocketAddr) -> SocketAddr {
    let ip = match listening.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listening.port())
}

/// What there is to open while the crowd comes.
pub(super) fn addresses(serving: &Serving, folder: &Folder) -> String {
    let (public, operator) = (from_here(serving.public), from_here(serving.operator));
    let end = if folder.is_kept() { "kept" } else { "removed at the end" };
    format!(
        "  pages     http://{public}/
  API       http://{public}/docs/api/
  metrics   http://{operator}/metrics
  folder    {} ({end})
Ctrl-C ends it at any time, with an audit.
",
        folder.path().display()
    )
}

/// What an operator does next with a campaign.
pub(super) fn commands(serving: &Serving, folder: &Folder, code: &str) -> String {
    let (public, operator) = (from_here(serving.public), from_here(serving.operator));
    let started_as = std::env::args_os().next().unwrap_or_else(|| "tidegate".into());
    let started_as = Path::new(&started_as);
    // A bare name is found by the shell, wherever it is.
    let is_here = started_as.is_relative() && 1 < started_as.components().count();
    let here = if is_here { ", in this folder" } else { "" };
    let tidegate = word(started_as);
    let token_file = folder.token();
    let handed_over = folder.path().join(format!("{code}.zip"));
    let (token, output) = (word(&token_file), word(&handed_over));
    let view = serving.node.view();
    let is_held_back = view.by_code(code).is_some_and(|view| view.definition.is_held_back());
    // Results that people get at once have no publication to wait for.
    let publish = if is_held_back {
        format!(
            "
 end registration, publish, and look your own entry up again
  {tidegate} campaign close {code} --reason 'it is over'
  {tidegate} campaign publish {code} --reason 'it is time'"
        )
    } else {
        String::new()
    };
    format!(
        " book by hand
  http://{public}/c/{code}
 be the operator, in another terminal{here}
  export TIDEGATE_SERVER=http://{operator}
  export TIDEGATE_TOKEN=$(cat {token}){publish}
 export the files for the shops, into the demo's folder
  {tidegate} campaign export {code} \\
    --reason 'hand-over' --output {output}
 see everything about it
  {tidegate} campaign show {code}"
    )
}

/// A path as one word of a shell.
fn word(path: &Path) -> Cow<'_, str> {
    let text = path.to_string_lossy();
    let is_plain = |letter: char| letter.is_alphanumeric() || "/._-+:@%".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_of_a_shell() {
        let word = |path: &'static str| word(Path::new(path));
        assert_eq!(word("/tmp/tidegate-demo-x1/masks.zip"), "/tmp/tidegate-demo-x1/masks.zip");
        assert_eq!(word("/tmp/it's mine/a"), r"'/tmp/it'\''s mine/a'");
        assert_eq!(word("/tmp/$HOME"), "'/tmp/$HOME'");
    }

    #[test]
    fn who_listens_everywhere_is_reached_at_the_loopback() {
        let from_here = |text: &str| from_here(text.parse().unwrap()).to_string();
        assert_eq!(from_here("0.0.0.0:8080"), "127.0.0.1:8080");
        assert_eq!(from_here("[::]:8080"), "[::1]:8080");
        assert_eq!(from_here("192.0.2.7:80"), "192.0.2.7:80");
    }
}
