//! Asking a node for a step of a draw, and looking on while it works.
//!
//! Owns: which draw is meant, the bar, and waiting for a step that is under way. Never: sends a
//! step again that the node may have begun: whoever asked does that, and it goes on.
//! On failure: what the node said; where the connection was lost, that the step goes on there.

use crate::client::Client;
use crate::draw_cli::show::bar;
use crate::exit::{Coded, code_of};
use anyhow::{Context as _, Result};
use draw::DrawName;
use indicatif::ProgressBar;
use serde_json::Value;
use std::io::Write as _;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// Between two looks at how far a step is: a bar that moves, and next to no work for the node.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Until a node that was busy with another step is asked again.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(1);
const LOST: &str = "the connection was lost before the node answered; a step that it had begun \
                    goes on there. Give the same command again: it waits for what is under way, \
                    and comes to the same files";
const CLOSE_LOST: &str = "the connection was lost before the node answered, so that it is not \
                          known whether the list is closed: `tidegate campaign draw show` tells";

/// A draw of a campaign, the latest one unless another was named.
pub(super) struct Drawing {
    client: Client,
    campaign: String,
    all: Vec<Value>,
    /// Which of them.
    index: usize,
}

impl Drawing {
    pub(super) fn find(client: Client, campaign: &str, number: Option<u16>) -> Result<Self> {
        let told = client.get(&format!("campaigns/{campaign}/draws"))?;
        let Value::Array(all) = told else {
            let what = "the node's answer is no list of draws; is it of another release?";
            return Err(Coded::error("answer-unreadable", &what));
        };
        let number = number.map_or(all.len(), usize::from);
        if number == 0 {
            let what = format!(
                "{campaign} has no draw yet. Nothing was done. `tidegate campaign draw close \
                 {campaign}` closes the list of its first one"
            );
            return Err(Coded::error("unknown-draw", &what));
        }
        if all.len() < number {
            let what = format!(
                "{campaign} has no draw {number}: its latest is {}. Nothing was done",
                all.len()
            );
            return Err(Coded::error("unknown-draw", &what));
        }
        Ok(Self { client, campaign: campaign.to_owned(), all, index: number - 1 })
    }

    /// What the node tells of it, with what its files say.
    pub(super) fn whole(&self) -> Result<Value> {
        self.client.get(&format!("campaigns/{}/draws/{}", self.campaign, self.index + 1))
    }

    /// What the node tells of it.
    pub(super) fn told(&self) -> &Value {
        &self.all[self.index]
    }

    /// The same of every draw of the campaign, by number.
    pub(super) fn all(&self) -> &[Value] {
        &self.all
    }

    /// What it is called in its notes, and so in commitments.
    pub(super) fn name(&self) -> Result<DrawName> {
        let name = self.told()["name"].as_str().and_then(|name| name.parse().ok());
        name.ok_or_else(|| {
            let what = "the node's answer does not name the draw; is it of another release?";
            Coded::error("answer-unreadable", &what)
        })
    }

    /// Does a step, with a bar on standard error while it is at work.
    pub(super) fn take(&self, word: &str, body: &Value) -> Result<Value> {
        let path = format!("campaigns/{}/draws/{}", self.campaign, self.index + 1);
        let bar = bar()?;
        let (at_work, ended) = channel::<()>();
        let told = thread::scope(|scope| {
            scope.spawn(|| watch(&self.client, &path, &bar, ended));
            let told = ask(&self.client, &format!("{path}/{word}"), body);
            drop(at_work);
            told
        });
        bar.finish_and_clear();
        told
    }
}

/// Closes the list of the next draw.
pub(super) fn close(client: &Client, campaign: &str, body: &Value) -> Result<Value> {
    let told = client.post(&format!("campaigns/{campaign}/draws"), &[], body);
    told.map_err(|error| if is_lost(&error) { error.context(CLOSE_LOST) } else { error })
}

/// Asks for a step until the node has no other one under way: one that it turned away did nothing.
fn ask(client: &Client, path: &str, body: &Value) -> Result<Value> {
    let mut has_waited = false;
    loop {
        match client.post_for_long(path, body) {
            Err(error) if code_of(&error).as_deref() == Some("draw-busy") => {
                if !has_waited {
                    say("a step of a draw is under way at the node; waiting for it\n");
                }
                has_waited = true;
                thread::sleep(ASK_AGAIN_AFTER);
            }
            Err(error) if is_lost(&error) => return Err(error).context(LOST),
            told => return told,
        }
    }
}

/// Moves the bar by what the node tells, until the step has ended.
fn watch(client: &Client, path: &str, bar: &ProgressBar, ended: Receiver<()>) {
    while ended.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
        // A look that fails moves no bar; why it failed, the step's own answer says.
        let Ok(told) = client.get(path) else { continue };
        let progress = &told["progress"];
        if let (Some(doing), Some(done), Some(of)) =
            (progress["doing"].as_str(), progress["done"].as_u64(), progress["of"].as_u64())
        {
            bar.set_message(doing.to_owned());
            bar.set_length(of);
            bar.set_position(done);
        }
    }
}

/// Whether nobody knows what became of what was asked.
fn is_lost(error: &anyhow::Error) -> bool {
    matches!(code_of(error).as_deref(), Some("node-unreachable" | "answer-unreadable"))
}

/// Tells whoever looks on; the step does not depend on it.
fn say(text: &str) {
    drop(std::io::stderr().write_all(text.as_bytes()));
}
