//! "Operator" in the rules: what is told of an action, before and after.
//!
//! Never: changes anything.

use crate::Model;
use crate::campaign::{Campaign, Phase};
use crate::state::Stage;
use types::{Action, Command, ListKind, Millis, OperatorCommand};

impl Model {
    /// What is told of an operator's command; empty of every other one.
    pub(crate) fn told(&self, at: Millis, command: &Command<'_>) -> String {
        match command {
            Command::Operator(command) => self.told_of(at, command),
            _ => String::new(),
        }
    }

    /// The value that an operator's command changes, as it is; empty of one that does not say from
    /// where.
    pub(crate) fn told_of(&self, at: Millis, command: &OperatorCommand) -> String {
        if command.from.is_none() {
            return String::new();
        }
        if let Action::Load { definition } = &command.action {
            let code = &definition.code;
            let of_code = self.campaigns.iter().find(|known| known.definition.code == *code);
            return of_code.map_or("none".into(), Campaign::on_offer);
        }
        let number = command.action.campaign().expect("every action but load names a campaign");
        self.campaign(number).map_or(String::new(), |campaign| campaign.told(at, &command.action))
    }
}

impl Campaign {
    fn on_offer(&self) -> String {
        self.pools.iter().map(|pool| pool.on_offer()).sum::<u64>().to_string()
    }

    fn told(&self, at: Millis, action: &Action) -> String {
        let marks = &self.marks;
        match action {
            Action::Load { .. } => unreachable!("handled before"),
            Action::Open { .. }
            | Action::Pause { .. }
            | Action::Resume { .. }
            | Action::Close { .. } => match self.phase(at) {
                Phase::Open => "open".into(),
                Phase::NotOpenYet { .. } => "not-open-yet".into(),
                Phase::Paused => "paused".into(),
                Phase::CapReached => "cap-reached".into(),
                Phase::Closed => "closed".into(),
            },
            Action::Publish { .. } => {
                let stage = self.draws.last().map(|draw| draw.stage);
                let published = match self.definition.draw() {
                    Some(_) => stage == Some(Stage::Published),
                    None => marks.published,
                };
                if published { "published" } else { "unpublished" }.into()
            }
            Action::CloseDraw { .. } | Action::DrawEvent { .. } | Action::Alternates { .. } => {
                self.draws.last().map_or("none", |draw| draw.stage.word()).into()
            }
            Action::Lapse { .. } => {
                self.pools.iter().map(|pool| pool.booked).sum::<u64>().to_string()
            }
            Action::Cap { .. } => marks.cap.map_or("none".into(), |cap| cap.to_string()),
            Action::Stock { .. } | Action::Withdraw { .. } => self.on_offer(),
            Action::List { list, field, .. } => {
                let lists = match list {
                    ListKind::Block => Some(&self.blocked),
                    ListKind::Allow => Some(&self.allowed),
                    ListKind::Reserved(item) => self.reserved.get(item),
                };
                let list = lists.and_then(|lists| lists.get(usize::from(*field)));
                list.map_or(0, |list| list.len()).to_string()
            }
            Action::Shred { .. } if marks.shredded => "shredded".into(),
            Action::Shred { .. } => "kept".into(),
            Action::Export { .. } | Action::TakeOver { .. } => String::new(),
        }
    }
}
