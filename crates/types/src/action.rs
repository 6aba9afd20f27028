//! What operators do: actions with a person's name and a reason, journalled like every entry.
//!
//! Owns: the actions and their JSON form in the journal, which is cold and read by people.
//! Never: entries, cancellations or redemptions; those are hot and binary (`command`).

use crate::definition::Definition;
use crate::ids::{
    CampaignNo, DrawNo, EntryNo, ItemNo, Millis, OutletNo, PersonKey, Sha256, SlotNo,
};
use crate::limits;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

/// From where a program acts that works on a data folder itself, and has no address.
pub const COMMAND_LINE: &str = "command line";

/// An action, who takes it, from where, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorCommand {
    /// The person, as the API token names them.
    pub actor: String,
    /// From where: the address as the node knows it, or [`COMMAND_LINE`]; see [`is_origin`]. None
    /// in records of builds that did not say it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "origin")]
    pub from: Option<String>,
    /// Why, in the person's words.
    pub reason: String,
    /// What.
    pub action: Action,
}

/// Whether a text can say from where somebody acts: 1 to `FROM_CHARS_MAX` characters.
#[must_use]
pub fn is_origin(from: &str) -> bool {
    (1..=limits::FROM_CHARS_MAX).contains(&from.chars().count())
}

/// A key that is there says something: it is never null, empty or longer than any address.
fn origin<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let from = String::deserialize(from)?;
    if !is_origin(&from) {
        let most = limits::FROM_CHARS_MAX;
        return Err(D::Error::custom(format!("`from` has 1 to {most} characters")));
    }
    Ok(Some(from))
}

/// What an operator does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "do", deny_unknown_fields)]
pub enum Action {
    /// Brings a campaign into being; or replaces one of the same code that has no entries yet.
    Load {
        /// The whole campaign.
        definition: Box<Definition>,
    },
    /// Changes the stock, all of it or none.
    Stock {
        /// Whose.
        campaign: CampaignNo,
        /// Whether rows replace the stock or add to it.
        mode: StockMode,
        /// The pools; each at most once.
        rows: Vec<StockRow>,
    },
    /// Takes entries from now on, whatever the windows say, until closed.
    Open {
        /// Which.
        campaign: CampaignNo,
    },
    /// Takes no entries until resumed.
    Pause {
        /// Which.
        campaign: CampaignNo,
    },
    /// Ends a pause.
    Resume {
        /// Which.
        campaign: CampaignNo,
    },
    /// Takes no more entries, whatever the windows say.
    Close {
        /// Which.
        campaign: CampaignNo,
    },
    /// Makes the outcomes visible, for good.
    Publish {
        /// Which.
        campaign: CampaignNo,
    },
    /// Sets or lifts the cap on entries.
    Cap {
        /// Which.
        campaign: CampaignNo,
        /// The new cap; none lifts it.
        entries: Option<u32>,
    },
    /// Takes free units out of the pools that match.
    Withdraw {
        /// Whose.
        campaign: CampaignNo,
        /// Only at this outlet.
        outlet: Option<OutletNo>,
        /// Only of this item.
        item: Option<ItemNo>,
        /// Only in this slot.
        slot: Option<SlotNo>,
        /// At most so many from each pool; none takes all that are free.
        units: Option<u32>,
    },
    /// Puts people on a list of the campaign.
    List {
        /// Whose.
        campaign: CampaignNo,
        /// Block or allow.
        list: ListKind,
        /// Which unique field the keys belong to, from 0.
        field: u8,
        /// The people.
        #[serde(with = "keys_as_hex")]
        keys: Vec<PersonKey>,
    },
    /// Records that results were handed over, so that the next export can say what changed.
    Export {
        /// Whose.
        campaign: CampaignNo,
        /// Bookings handed over.
        bookings: u32,
        /// SHA-256 of the file handed over, in hex.
        checksum: String,
        /// How far it had seen: from there on the next export tells what changed. None in
        /// records of builds that did not say it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seen: Option<ExportMark>,
    },
    /// Records that the campaign's data key is destroyed; takes no entries from now on.
    Shred {
        /// Whose.
        campaign: CampaignNo,
    },
    /// Closes the list of a draw: whoever is on it takes part.
    CloseDraw {
        /// Whose.
        campaign: CampaignNo,
        /// Whose units are drawn; none where the campaign draws once for all.
        slot: Option<SlotNo>,
        /// Whether among those only who were in the draw before and have nothing.
        unserved: bool,
    },
    /// Records an event of a draw: a signed note that was made of it.
    DrawEvent {
        /// Whose.
        campaign: CampaignNo,
        /// Which.
        draw: DrawNo,
        /// What happened.
        event: DrawEvent,
        /// SHA-256 of the note's text.
        digest: Sha256,
    },
    /// Begins a round of alternates, for which the stock stays as it is from now on; or calls off
    /// one of which nothing is announced yet.
    Alternates {
        /// Whose.
        campaign: CampaignNo,
        /// Which.
        draw: DrawNo,
        /// Whether it begins, or is called off.
        begin: bool,
    },
    /// Takes units back from whoever has not collected them.
    Lapse {
        /// Whose.
        campaign: CampaignNo,
        /// Only at this outlet.
        outlet: Option<OutletNo>,
        /// Only of this item.
        item: Option<ItemNo>,
        /// Only in this slot.
        slot: Option<SlotNo>,
    },
    /// Records that the people of the campaign that is named by `registered_in` are entered into
    /// this one. Their entries come as everybody's do.
    TakeOver {
        /// Into which.
        campaign: CampaignNo,
    },
}

/// What happened in a draw; `docs/draw-format.md` has the note of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is", deny_unknown_fields)]
pub enum DrawEvent {
    /// The list and every parameter are fixed.
    Seal {
        /// Entries in the list.
        entries: u32,
    },
    /// The secrets are open, the balls drawn.
    Opening,
    /// The seed is there.
    Seed,
    /// Winners and cut-offs are there.
    Result {
        /// Entries that won.
        winners: u32,
    },
    /// What came back went to others.
    Alternates {
        /// Entries that won.
        winners: u32,
    },
    /// The draw is void.
    Void,
}

impl DrawEvent {
    /// The event's word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Seal { .. } => "seal",
            Self::Opening => "opening",
            Self::Seed => "seed",
            Self::Result { .. } => "result",
            Self::Alternates { .. } => "alternates",
            Self::Void => "void",
        }
    }
}

impl Action {
    /// The action's word, as the CLI and the API spell it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Load { .. } => "load",
            Self::Stock { .. } => "stock",
            Self::Open { .. } => "open",
            Self::Pause { .. } => "pause",
            Self::Resume { .. } => "resume",
            Self::Close { .. } => "close",
            Self::Publish { .. } => "publish",
            Self::Cap { .. } => "cap",
            Self::Withdraw { .. } => "withdraw",
            Self::List { .. } => "list",
            Self::Export { .. } => "export",
            Self::Shred { .. } => "shred",
            Self::CloseDraw { .. } => "close-draw",
            Self::DrawEvent { .. } => "draw-event",
            Self::Alternates { .. } => "alternates",
            Self::Lapse { .. } => "lapse",
            Self::TakeOver { .. } => "take-over",
        }
    }

    /// The campaign it is about, unless it brings one into being.
    #[must_use]
    pub const fn campaign(&self) -> Option<CampaignNo> {
        match self {
            Self::Load { .. } => None,
            Self::Stock { campaign, .. }
            | Self::Open { campaign }
            | Self::Pause { campaign }
            | Self::Resume { campaign }
            | Self::Close { campaign }
            | Self::Publish { campaign }
            | Self::Cap { campaign, .. }
            | Self::Withdraw { campaign, .. }
            | Self::List { campaign, .. }
            | Self::Export { campaign, .. }
            | Self::CloseDraw { campaign, .. }
            | Self::DrawEvent { campaign, .. }
            | Self::Alternates { campaign, .. }
            | Self::Lapse { campaign, .. }
            | Self::TakeOver { campaign }
            | Self::Shred { campaign } => Some(*campaign),
        }
    }
}

/// How far an export had seen: it shows every booking as it was at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportMark {
    /// The ledger's time when the export began to look. What happened later is not in its file.
    pub at: Millis,
    /// Entries there were then: the next one had this number.
    pub entries: u32,
    /// Bookings that ended in that very millisecond and whose end the file knows, ascending: the
    /// next export must not tell it again. At most `EXPORT_TOLD_MAX`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<EntryNo>,
}

/// Whether stock rows replace or add.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StockMode {
    /// The rows are the whole stock on offer: a pool without a row has 0 units.
    Replace,
    /// Each row's units come on top of its pool.
    Add,
}

/// Units for one pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StockRow {
    /// Where.
    pub outlet: OutletNo,
    /// What.
    pub item: ItemNo,
    /// When.
    pub slot: SlotNo,
    /// How many.
    pub units: u32,
}

/// A list of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListKind {
    /// May not enter.
    Block,
    /// May enter, when the campaign has `allow_list`.
    Allow,
    /// May choose this reserved item.
    Reserved(ItemNo),
}

mod keys_as_hex {
    use crate::ids::PersonKey;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::fmt::Write as _;

    pub(super) fn serialize<S: Serializer>(keys: &[PersonKey], to: S) -> Result<S::Ok, S::Error> {
        let mut hex = String::with_capacity(keys.len() * 32);
        for byte in keys.iter().flat_map(|key| key.0) {
            write!(hex, "{byte:02x}").expect("writing to a string cannot fail");
        }
        to.serialize_str(&hex)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<PersonKey>, D::Error> {
        let hex = String::deserialize(from)?;
        let whole = hex.len() % 32 == 0 && hex.bytes().all(|b| b.is_ascii_hexdigit());
        if !whole {
            return Err(D::Error::custom("person keys are 32 hex digits each"));
        }
        Ok(hex.as_bytes().chunks_exact(32).map(key).collect())
    }

    fn key(hex: &[u8]) -> PersonKey {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => byte - b'0',
            _ => (byte | 0x20) - b'a' + 10,
        };
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            *byte = digit(pair[0]) << 4 | digit(pair[1]);
        }
        PersonKey(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAMPAIGN: CampaignNo = CampaignNo(7);

    /// What the journal holds of an action, and the action again.
    fn holds(action: &Action, json: &str) {
        assert_eq!(serde_json::to_string(action).unwrap(), json);
        assert_eq!(&serde_json::from_str::<Action>(json).unwrap(), action);
        let word = format!(r#"{{"do":"{}""#, action.word());
        assert!(json.starts_with(&word), "{json} is called {word}");
        assert_eq!(action.campaign(), Some(CAMPAIGN));
    }

    #[test]
    fn actions_have_the_bytes_that_journals_have() {
        let campaign = CAMPAIGN;
        holds(&Action::Open { campaign }, r#"{"do":"open","campaign":7}"#);
        holds(&Action::Pause { campaign }, r#"{"do":"pause","campaign":7}"#);
        holds(&Action::Resume { campaign }, r#"{"do":"resume","campaign":7}"#);
        holds(&Action::Close { campaign }, r#"{"do":"close","campaign":7}"#);
        holds(&Action::Publish { campaign }, r#"{"do":"publish","campaign":7}"#);
        holds(&Action::Shred { campaign }, r#"{"do":"shred","campaign":7}"#);
        let cap = |entries| Action::Cap { campaign, entries };
        holds(&cap(None), r#"{"do":"cap","campaign":7,"entries":null}"#);
        holds(&cap(Some(9)), r#"{"do":"cap","campaign":7,"entries":9}"#);
        let row = StockRow { outlet: OutletNo(1), item: ItemNo(2), slot: SlotNo(3), units: 4 };
        holds(
            &Action::Stock { campaign, mode: StockMode::Add, rows: vec![row] },
            concat!(
                r#"{"do":"stock","campaign":7,"mode":"add","#,
                r#""rows":[{"outlet":1,"item":2,"slot":3,"units":4}]}"#,
            ),
        );
        holds(
            &Action::Withdraw {
                campaign,
                outlet: Some(OutletNo(1)),
                item: None,
                slot: None,
                units: Some(5),
            },
            r#"{"do":"withdraw","campaign":7,"outlet":1,"item":null,"slot":null,"units":5}"#,
        );
        let list = ListKind::Reserved(ItemNo(4));
        holds(
            &Action::List { campaign, list, field: 0, keys: Vec::new() },
            r#"{"do":"list","campaign":7,"list":{"reserved":4},"field":0,"keys":""}"#,
        );
        let mark = ExportMark { at: Millis(5), entries: 6, told: vec![EntryNo(2)] };
        holds(
            &Action::Export { campaign, bookings: 1, checksum: "aa".into(), seen: Some(mark) },
            concat!(
                r#"{"do":"export","campaign":7,"bookings":1,"checksum":"aa","#,
                r#""seen":{"at":5,"entries":6,"told":[2]}}"#,
            ),
        );
        holds(
            &Action::Export { campaign, bookings: 1, checksum: "aa".into(), seen: None },
            r#"{"do":"export","campaign":7,"bookings":1,"checksum":"aa"}"#,
        );
    }

    #[test]
    fn actions_of_draws_have_the_bytes_that_journals_have() {
        let campaign = CAMPAIGN;
        holds(
            &Action::CloseDraw { campaign, slot: Some(SlotNo(3)), unserved: false },
            r#"{"do":"close-draw","campaign":7,"slot":3,"unserved":false}"#,
        );
        let hex = "ab".repeat(32);
        for (event, json) in [
            (DrawEvent::Seal { entries: 5 }, r#"{"is":"seal","entries":5}"#),
            (DrawEvent::Opening, r#"{"is":"opening"}"#),
            (DrawEvent::Seed, r#"{"is":"seed"}"#),
            (DrawEvent::Result { winners: 2 }, r#"{"is":"result","winners":2}"#),
            (DrawEvent::Alternates { winners: 1 }, r#"{"is":"alternates","winners":1}"#),
            (DrawEvent::Void, r#"{"is":"void"}"#),
        ] {
            let json = format!(
                r#"{{"do":"draw-event","campaign":7,"draw":2,"event":{json},"digest":"{hex}"}}"#
            );
            let digest = Sha256([0xab; 32]);
            holds(&Action::DrawEvent { campaign, draw: DrawNo(2), event, digest }, &json);
        }
        for (begin, json) in [(true, "true"), (false, "false")] {
            let json = format!(r#"{{"do":"alternates","campaign":7,"draw":2,"begin":{json}}}"#);
            holds(&Action::Alternates { campaign, draw: DrawNo(2), begin }, &json);
        }
        holds(
            &Action::Lapse { campaign, outlet: None, item: None, slot: Some(SlotNo(1)) },
            r#"{"do":"lapse","campaign":7,"outlet":null,"item":null,"slot":1}"#,
        );
        holds(&Action::TakeOver { campaign }, r#"{"do":"take-over","campaign":7}"#);
    }

    #[test]
    fn a_command_says_from_where_or_nothing_of_it() {
        let (campaign, action) = (CAMPAIGN, r#"{"do":"open","campaign":7}"#);
        let command = |from: Option<&str>| OperatorCommand {
            actor: "a".into(),
            from: from.map(str::to_owned),
            reason: "r".into(),
            action: Action::Open { campaign },
        };
        let json = |from: &str| format!(r#"{{"actor":"a",{from}"reason":"r","action":{action}}}"#);
        let longest = "x".repeat(limits::FROM_CHARS_MAX);
        for (from, said) in [
            (None, String::new()),
            (Some("203.0.113.7"), r#""from":"203.0.113.7","#.to_owned()),
            (Some(COMMAND_LINE), r#""from":"command line","#.to_owned()),
            (Some(longest.as_str()), format!(r#""from":"{longest}","#)),
        ] {
            let (command, json) = (command(from), json(&said));
            assert_eq!(serde_json::to_string(&command).unwrap(), json);
            assert_eq!(serde_json::from_str::<OperatorCommand>(&json).unwrap(), command);
        }
        for bad in ["null", "7", "\"\"", &format!("\"{longest}x\"")] {
            let read = serde_json::from_str::<OperatorCommand>(&json(&format!("\"from\":{bad},")));
            assert!(read.is_err(), "{bad}");
        }
        let widest = std::net::Ipv6Addr::from([0xff; 16]).to_string();
        assert!(is_origin(&widest) && is_origin("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"));
    }

    #[test]
    fn person_keys_are_whole_and_in_hex() {
        let list =
            |keys| Action::List { campaign: CAMPAIGN, list: ListKind::Block, field: 1, keys };
        let json = |hex: &str| {
            format!(r#"{{"do":"list","campaign":7,"list":"block","field":1,"keys":"{hex}"}}"#)
        };
        let (one, other) = (
            PersonKey(*b"\x00\x01\x09\x0a\x0f\x10\x19\x90\x99\x9a\xa0\xa9\xaf\xf0\xfa\xff"),
            PersonKey([0x5a; 16]),
        );
        let hex = "0001090a0f101990999aa0a9aff0faff";
        let more = "5a".repeat(16);
        holds(&list(vec![]), &json(""));
        holds(&list(vec![one]), &json(hex));
        holds(&list(vec![one, other]), &json(&format!("{hex}{more}")));
        let read = serde_json::from_str(&json(&hex.to_uppercase()));
        assert_eq!(read.ok(), Some(list(vec![one])), "capital letters are digits, too");
        for bad in [
            &hex[1..],
            &hex[2..],
            &format!("{hex}5"),
            &hex.replace('9', "g"),
            &hex.replace('9', " "),
        ] {
            let error = serde_json::from_str::<Action>(&json(bad)).unwrap_err().to_string();
            assert!(error.contains("32 hex digits"), "{bad}: {error}");
        }
    }
}
