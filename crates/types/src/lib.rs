//! Tidegate's words as Rust types: ids, campaign definitions, commands, outcomes, limits.
//!
//! Owns: the vocabulary every crate shares and the byte encoding of commands. Never: a rule,
//! a clock, IO, or a type that only one crate needs.

pub mod action;
pub mod calendar;
pub mod columns;
pub mod command;
pub mod definition;
pub mod ids;
pub mod limits;
pub mod outcome;
#[cfg(planted)]
pub mod planted;
mod wire;

pub use action::{Action, DrawEvent, ExportMark, ListKind, OperatorCommand, StockMode, StockRow};
pub use calendar::{Calendar, LocalDay};
pub use command::{Award, Cancel, Command, CommandError, Enter, EnterDigests, Redeem};
pub use definition::{Allocate, Definition, DrawTerms, FieldKind, LocalText, Publish};
pub use ids::{
    CampaignNo, DrawNo, EntryNo, FrameNo, ItemNo, Millis, OutletNo, PersonKey, PoolNo, RequestId,
    Sha256, SlotNo,
};
pub use outcome::{DrawNeed, Outcome, Refusal};
