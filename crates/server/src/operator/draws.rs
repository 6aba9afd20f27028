//! Draws by the operator API: each step made in files, and journalled with a name and a reason.
//!
//! Owns: the routes below `/draws`, and for each step the order: files first, then the journal.
//! Never: another order than the ledger's; a result that is told before it is published.
//! Invariants: a step that was cut off between file and journal is gone on with when it is asked
//! for again; a step goes on to its end though whoever asked has left.

mod answer;
mod cut_off;
mod request;

use super::access::{Actor, Changer, Reader};
use super::{Operator, input, refusal};
use crate::draws::{
    self, DrawFolder, Progress, awards, program, refused, write_lines, write_returned,
};
use crate::extract::{Segment, Segments, Upload};
use crate::problem::Problem;
use answer::DrawAnswer;
use axum::Json;
use axum::extract::State;
use ceremony::{Beacon, Folder, Sealing};
use draw::Digest;
use draw::beacon::BeaconSignature;
use draw::identity::TagKey;
use draw::note::SigningKey;
use draw::seed::Opened;
use identity::Scope;
use ledger::{Draw, Ledger, Stage};
use node::CampaignView;
pub(crate) use request::{Asked, Close, Open, Reason, Seal, Seed};
use roll::{Buckets, Place, Roll, Salts};
use std::sync::Arc;
use types::action::DrawEvent;
use types::command::encode_award;
use types::ids::{CampaignNo, DrawNo, EntryNo, PoolNo, Sha256};
use types::{Action, Definition, Outcome, Refusal, limits};

/// What the tags of one draw are keyed with on the operator's side, under the campaign's data key.
const TAG_PURPOSE: &str = "tidegate/draw-tag/v1:";

/// A draw as the ledger has it, with everything that its files need.
struct Known {
    campaign: CampaignNo,
    definition: Arc<Definition>,
    draw: Draw,
    entries: u32,
    folder: DrawFolder,
    buckets: Buckets,
}

#[utoipa::path(get, path = "/v1/operator/campaigns/{campaign}/draws", tag = "operator",
    params(("campaign" = String, Path, description = "The campaign's code")),
    responses((status = 200, description = "The campaign's draws, by number",
        body = [DrawAnswer])))]
/// The draws of a campaign.
pub(super) async fn list(
    State(operator): State<Arc<Operator>>,
    _: Reader,
    Segment(code): Segment,
) -> Result<Json<Vec<DrawAnswer>>, Problem> {
    let view = operator.campaign(&code)?;
    let draws = operator.draws_of(view.no).await?;
    let each = (1..=draws.len()).map(|number| operator.tell(&view, &draws, number).map(|of| of.1));
    each.collect::<Result<_, _>>().map(Json)
}

#[utoipa::path(post, path = "/v1/operator/campaigns/{campaign}/draws", tag = "operator",
    params(("campaign" = String, Path, description = "The campaign's code")),
    request_body = Close,
    responses(
        (status = 200, description = "The list is closed", body = DrawAnswer),
        (status = 409, description = "Refused: draw-order, still-open, no-entries, …")))]
/// Closes the list of the next draw.
pub(super) async fn close(
    State(operator): State<Arc<Operator>>,
    Changer(caller): Changer,
    Segment(code): Segment,
    Upload(body): Upload,
) -> Result<Json<DrawAnswer>, Problem> {
    let asked: Close = input::json(&body)?;
    let draw = operator.close_list(&caller, &code, &asked).await?;
    operator.answer(&code, draw).await.map(Json)
}

#[utoipa::path(get, path = "/v1/operator/campaigns/{campaign}/draws/{draw}", tag = "operator",
    params(("campaign" = String, Path, description = "The campaign's code"),
        ("draw" = u16, Path, description = "The draw's number, from 1")),
    responses((status = 200, description = "The draw", body = DrawAnswer),
        (status = 404, description = "unknown-campaign, unknown-draw")))]
/// One draw, and how far its step is if one is at work.
pub(super) async fn show(
    State(operator): State<Arc<Operator>>,
    _: Reader,
    Segments((code, draw)): Segments<(String, u16)>,
) -> Result<Json<DrawAnswer>, Problem> {
    operator.answer(&code, DrawNo(draw)).await.map(Json)
}

/// A step of a draw.
pub(crate) enum Step {
    Seal(Box<request::Sealed>),
    Open(Opened),
    Seed(Option<BeaconSignature>),
    Run,
    Alternates,
    Void(draw::seal::Words),
}

impl Step {
    /// Whether the ledger would take the step now, or has taken it: before that no file is made.
    fn is_due(&self, draw: &Draw) -> Result<(), Problem> {
        let has = |word: &str| draw.events.iter().any(|(event, _)| event.word() == word);
        let is_due = match self {
            Self::Seal(_) => draw.stage == Stage::Closed || has("seal"),
            Self::Open(_) => draw.stage == Stage::Sealed || has("opening"),
            Self::Seed(_) => draw.stage == Stage::Opened || has("seed"),
            Self::Run => draw.stage == Stage::Seeded || has("result"),
            Self::Alternates => {
                let goes_on = draw.stage == Stage::Drawn && draw.was_published;
                goes_on || draw.stage == Stage::Published
            }
            Self::Void(_) if draw.was_published => {
                return Err(refusal::problem(&Refusal::Published));
            }
            Self::Void(_) => true,
        };
        let needs = draw.needs();
        if is_due { Ok(()) } else { Err(refusal::problem(&Refusal::DrawOrder { needs })) }
    }
}

#[utoipa::path(post, path = "/v1/operator/campaigns/{campaign}/draws/{draw}/{step}",
    tag = "operator",
    params(("campaign" = String, Path, description = "The campaign's code"),
        ("draw" = u16, Path, description = "The draw's number, from 1"),
        ("step" = String, Path, description = "seal, open, seed, run, alternates or void")),
    request_body(content((Seal), (Open), (Seed), (Reason))),
    responses(
        (status = 200, description = "The step is done, now or before", body = DrawAnswer),
        (status = 409, description = "Refused: draw-order, draw-differs, draw-seed-refused, …"),
        (status = 503, description = "draw-busy")))]
/// Does a step of a draw. Asked for again, it is done to the same files, or refused.
pub(super) async fn step(
    State(operator): State<Arc<Operator>>,
    Changer(caller): Changer,
    Segments((code, draw, word)): Segments<(String, u16, String)>,
    Upload(body): Upload,
) -> Result<Json<DrawAnswer>, Problem> {
    let asked = Asked::of(&word, &body)?;
    operator.draw_step(caller, &code, DrawNo(draw), &asked).await?;
    operator.answer(&code, DrawNo(draw)).await.map(Json)
}

impl Operator {
    /// Closes the list of a campaign's next draw for somebody, and gives its number.
    pub(crate) async fn close_list(
        &self,
        by: &Actor,
        code: &str,
        asked: &Close,
    ) -> Result<DrawNo, Problem> {
        let reason = input::reason(asked.reason.as_deref())?;
        // A slot goes by its number in the definition.
        let held = self.definitions.hold().await;
        let view = self.campaign(code)?;
        let slot = asked.slot_of(&view.definition)?;
        self.must_be_recorded(code, view.no).await?;
        let action = Action::CloseDraw { campaign: view.no, slot, unserved: asked.unserved };
        let outcome = self.act(by, &reason, action).await?;
        drop(held);
        let Outcome::Listed { draw, .. } = outcome else {
            unreachable!("a list is closed or refused")
        };
        Ok(draw)
    }

    /// Takes a step of a draw for somebody.
    pub(crate) async fn draw_step(
        self: &Arc<Self>,
        by: Actor,
        code: &str,
        no: DrawNo,
        asked: &Asked,
    ) -> Result<(), Problem> {
        let (reason, step) = (input::reason(asked.reason())?, asked.step()?);
        let at_work = self.draws.begin(code, no)?;
        let (operator, code) = (Arc::clone(self), code.to_owned());
        // Whoever asked may leave; the step goes on to its end.
        let task = tokio::spawn(async move {
            let done = operator.take_step(&by, &reason, &code, no, step).await;
            drop(at_work);
            done
        });
        let done = task.await;
        done.unwrap_or_else(|error| Err(draws::failed("draw-step-failed", &error.to_string())))
    }

    /// The operator's key under a draw's name, as it is published.
    pub(crate) fn draw_key(&self, of: &DrawFolder) -> Result<String, Problem> {
        Ok(self.signing_key(of)?.verifying().to_string())
    }

    async fn draws_of(&self, no: CampaignNo) -> Result<Vec<Draw>, Problem> {
        self.read(move |ledger: &Ledger| {
            let campaign = ledger.campaign(no).expect("campaigns are never taken away");
            campaign.draws().to_vec()
        })
        .await
    }

    fn tell(
        &self,
        view: &CampaignView,
        draws: &[Draw],
        number: usize,
    ) -> Result<(DrawFolder, DrawAnswer), Problem> {
        let code = &view.definition.code;
        let no = DrawNo::from_index(number);
        let folder = DrawFolder::of(self.draws.root(), code, draws, no);
        let folder = folder.expect("it is one of the draws");
        let progress = self.draws.progress(code, no);
        let key = self.signing_key(&folder)?.verifying();
        let of = (code.as_str(), &view.definition.calendar);
        let answer = DrawAnswer::new(of, &draws[number - 1], &folder, &key, progress);
        Ok((folder, answer))
    }

    async fn answer(&self, code: &str, no: DrawNo) -> Result<DrawAnswer, Problem> {
        let view = self.campaign(code)?;
        let draws = self.draws_of(view.no).await?;
        if !(1..=draws.len()).contains(&no.index()) {
            return Err(refusal::problem(&Refusal::UnknownDraw));
        }
        let (folder, answer) = self.tell(&view, &draws, no.index())?;
        let seed = blocking(move || Ok(seed_of(&folder))).await?;
        Ok(answer.with_seed(seed))
    }

    /// The latest draw, which must be this one.
    async fn known(&self, code: &str, no: DrawNo) -> Result<Known, Problem> {
        let campaign = self.campaign(code)?.no;
        let root = self.draws.root().to_owned();
        let code = code.to_owned();
        let look = move |ledger: &Ledger| {
            let of = ledger.campaign(campaign).expect("campaigns are never taken away");
            let (latest, draw) = of.latest_draw()?;
            let folder = DrawFolder::of(&root, &code, of.draws(), no)?;
            (latest == no).then(|| (draw.clone(), of.entries_len(), folder))
        };
        let seen = self.read(look).await?;
        let (draw, entries, folder) =
            seen.ok_or_else(|| refusal::problem(&Refusal::UnknownDraw))?;
        let (definition, pools) = self.pools(campaign).await?;
        let place = |pool: &ledger::Pool| Place {
            outlet: pool.place.outlet,
            item: pool.place.item,
            slot: pool.place.slot,
            free: pool.free(),
        };
        let places: Vec<_> = pools.iter().map(place).collect();
        let buckets = Buckets::new(&definition, &places, draw.slot);
        Ok(Known { campaign, definition, draw, entries, folder, buckets })
    }

    async fn take_step(
        self: &Arc<Self>,
        by: &Actor,
        reason: &str,
        code: &str,
        no: DrawNo,
        step: Step,
    ) -> Result<(), Problem> {
        let known = self.known(code, no).await?;
        step.is_due(&known.draw)?;
        let key = self.signing_key(&known.folder)?;
        match step {
            Step::Seal(sealed) => self.seal(by, reason, known, key, *sealed).await,
            Step::Open(opened) => {
                let folder = open_folder(&known)?;
                ceremony::open(&folder, &opened, &key).map_err(|error| refused(&error))?;
                self.record(by, reason, &known, DrawEvent::Opening).await
            }
            Step::Seed(signature) => {
                let folder = open_folder(&known)?;
                let history = ceremony::History::read(&folder).map_err(|error| refused(&error))?;
                let round = history.seal.drand.map_or(0, |fixed| fixed.round);
                let beacon = signature.map(|signature| Beacon { round, signature });
                ceremony::seed(&folder, beacon, &key).map_err(|error| refused(&error))?;
                self.record(by, reason, &known, DrawEvent::Seed).await
            }
            Step::Run => self.run(by, reason, known, key).await,
            Step::Alternates => self.alternates(by, reason, known, key).await,
            Step::Void(words) => self.void(by, reason, &known, &key, &words).await,
        }
    }

    /// The operator's key under the draw's name.
    fn signing_key(&self, of: &DrawFolder) -> Result<SigningKey, Problem> {
        let secret = self.keyring.draw_key();
        let secret = secret.map_err(|error| draws::failed(error.code(), &error.to_string()))?;
        Ok(draws::signing_key(&of.name, &secret))
    }

    async fn seal(
        self: &Arc<Self>,
        by: &Actor,
        reason: &str,
        known: Known,
        key: SigningKey,
        sealed: request::Sealed,
    ) -> Result<(), Problem> {
        let definition = Arc::clone(&known.definition);
        let keys = self.keyring.campaign_keys(&definition.code, &Scope::of(&definition));
        let keys = keys.ok_or_else(|| refusal::problem(&Refusal::Shredded))?;
        let purpose = format!("{TAG_PURPOSE}{}", known.folder.name);
        let roll = Roll {
            draw: known.folder.name.clone(),
            salts: Salts::new(keys.derived(Salts::PURPOSE)),
            operator: TagKey(keys.derived(&purpose)),
            notary: sealed.notary_tag_key.clone(),
        };
        let operator = Arc::clone(self);
        let work = move || -> Result<Known, Problem> {
            operator.make_seal(&known, &keys, &roll, &key, &sealed)?;
            Ok(known)
        };
        let known = blocking(work).await?;
        let entries = known.draw.entries;
        self.record(by, reason, &known, DrawEvent::Seal { entries }).await
    }

    /// The files of a seal. For a thread that may wait.
    fn make_seal(
        &self,
        known: &Known,
        keys: &identity::CampaignKeys,
        roll: &Roll,
        key: &SigningKey,
        sealed: &request::Sealed,
    ) -> Result<(), Problem> {
        let private = &known.folder.private;
        let maker = draws::Maker {
            campaign: known.campaign,
            definition: &known.definition,
            keys,
            roll,
            buckets: &known.buckets,
        };
        let note = |done, of| self.note("listing", done, of);
        let lines = match known.folder.after.last().filter(|_| known.draw.unserved) {
            None => write_lines(&maker, &self.node, known.entries, private, &note)?,
            Some(before) => self.remaining(known, before)?,
        };
        if lines != known.draw.entries {
            let what = format!(
                "the ledger lists {} entries, and {lines} lines came of them",
                known.draw.entries
            );
            return Err(draws::failed("draw-file-wrong", &what));
        }
        let (stock, rules) = (private.join("stock.txt"), private.join("rules.txt"));
        // The stock is that of the first call: what comes back afterwards is for alternates.
        let kept = Folder::open(private).map_err(|error| refused(&error))?;
        if !kept.has("stock.txt").map_err(|error| refused(&error))? {
            let put = kept.put("stock.txt", known.buckets.stock().as_bytes());
            put.map_err(|error| refused(&error))?;
        }
        std::fs::write(&rules, &sealed.rules).map_err(draws::disk(private))?;
        let after: Result<Vec<_>, _> =
            known.folder.after.iter().map(|path| Folder::open(path)).collect();
        let after = after.map_err(|error| refused(&error))?;
        let sealing = Sealing {
            draw: known.folder.name.clone(),
            entries: &private.join(draws::LINES),
            stock: &stock,
            rules: &rules,
            program: program()?,
            operator: sealed.operator,
            notary: sealed.notary,
            balls: sealed.balls.clone(),
            drand: sealed.drand,
            deadline: sealed.deadline,
            after: &after,
        };
        let folder = Folder::create(&known.folder.path).map_err(|error| refused(&error))?;
        let progress = |doing, done, of| self.note(doing, done, of);
        ceremony::seal(&folder, &sealing, key, &progress).map_err(|error| refused(&error))?;
        draws::put_page(&folder, key)
    }

    /// The lines of those unserved, and the table back, which is the one of the draw before.
    fn remaining(&self, known: &Known, before: &std::path::Path) -> Result<u32, Problem> {
        let private = &known.folder.private;
        std::fs::create_dir_all(private).map_err(draws::disk(private))?;
        let (lines, stock) = (private.join(draws::LINES), private.join("left.txt"));
        for made in [&lines, &stock] {
            match std::fs::remove_file(made) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(draws::disk(made)(error));
                }
                _ => {}
            }
        }
        let table = before.with_extension("private").join(draws::INDEX);
        std::fs::copy(&table, private.join(draws::INDEX)).map_err(draws::disk(private))?;
        let nothing = private.join("nothing.txt");
        let text: String = known.buckets.names().iter().map(|name| format!("{name},0\n")).collect();
        std::fs::write(&nothing, text).map_err(draws::disk(private))?;
        let folder = Folder::open(before).map_err(|error| refused(&error))?;
        let progress = |doing, done, of| self.note(doing, done, of);
        let count = ceremony::remaining(&folder, &nothing, &lines, &stock, &progress);
        let count = count.map_err(|error| refused(&error))?;
        Ok(u32::try_from(count).expect("a list has fewer than 2^32 entries"))
    }

    async fn run(
        self: &Arc<Self>,
        by: &Actor,
        reason: &str,
        known: Known,
        key: SigningKey,
    ) -> Result<(), Problem> {
        let operator = Arc::clone(self);
        let work = move || -> Result<(Known, Vec<(EntryNo, PoolNo)>), Problem> {
            let folder = open_folder(&known)?;
            let progress = |doing, done, of| operator.note(doing, done, of);
            ceremony::run(&folder, &key, &progress).map_err(|error| refused(&error))?;
            let rows = awards(&known.folder, &known.buckets, 0)?;
            Ok((known, rows))
        };
        let (known, rows) = blocking(work).await?;
        let winners = u32::try_from(rows.len()).expect("a list has fewer than 2^32 entries");
        self.record(by, reason, &known, DrawEvent::Result { winners }).await?;
        self.award(&known, 0, &rows).await
    }

    async fn alternates(
        self: &Arc<Self>,
        by: &Actor,
        reason: &str,
        known: Known,
        key: SigningKey,
    ) -> Result<(), Problem> {
        let before = |(event, _): &&(DrawEvent, Sha256)| event.word() == "alternates";
        let recorded = known.draw.events.iter().filter(before).count() as u32;
        // Announced and not awarded: the step was cut off behind its record.
        let goes_on = known.draw.stage == Stage::Drawn && 0 < recorded;
        let round = if goes_on { recorded } else { recorded + 1 };
        let operator = Arc::clone(self);
        let work = move || -> Result<(Known, Vec<(EntryNo, PoolNo)>), Problem> {
            let folder = open_folder(&known)?;
            let progress = |doing, done, of| operator.note(doing, done, of);
            let history = ceremony::History::read(&folder).map_err(|error| refused(&error))?;
            if history.alternates() < round {
                let returned = write_returned(&known.folder, &known.buckets, round, &progress)?;
                let drawn = ceremony::alternates(&folder, round, &returned, &key, &progress);
                drawn.map_err(|error| refused(&error))?;
            }
            let rows = awards(&known.folder, &known.buckets, round)?;
            Ok((known, rows))
        };
        let (known, rows) = blocking(work).await?;
        let winners = u32::try_from(rows.len()).expect("a list has fewer than 2^32 entries");
        let first = if goes_on { known.draw.winners - winners } else { known.draw.winners };
        if !goes_on {
            self.must_have_units(&known, &rows).await?;
        }
        self.record(by, reason, &known, DrawEvent::Alternates { winners }).await?;
        self.award(&known, first, &rows).await
    }

    async fn void(
        &self,
        by: &Actor,
        reason: &str,
        known: &Known,
        key: &SigningKey,
        words: &draw::seal::Words,
    ) -> Result<(), Problem> {
        let is_sealed = known.folder.path.join("seal.txt").exists();
        if is_sealed {
            let folder = open_folder(known)?;
            ceremony::void(&folder, words, key).map_err(|error| refused(&error))?;
            return self.record(by, reason, known, DrawEvent::Void).await;
        }
        // Nothing was published of it yet: there is no note, and its words stand for one.
        let digest = Sha256(draw::Digest::of(words.as_str().as_bytes()).0);
        self.event(by, reason, known, DrawEvent::Void, digest).await
    }

    /// Journals an event with the digest of its note, which lies in the draw's folder.
    async fn record(
        &self,
        by: &Actor,
        reason: &str,
        known: &Known,
        event: DrawEvent,
    ) -> Result<(), Problem> {
        let history = ceremony::History::read(&open_folder(known)?);
        let history = history.map_err(|error| refused(&error))?;
        let file = match event {
            DrawEvent::Seal { .. } => "seal.txt",
            DrawEvent::Opening => "opening.txt",
            DrawEvent::Seed => "seeded.txt",
            DrawEvent::Result { .. } => "result.txt",
            DrawEvent::Alternates { .. } => &format!("alternates-{}.txt", history.alternates()),
            DrawEvent::Void => "void.txt",
        };
        let digest = history.digest_of(file).expect("the step made its note");
        self.event(by, reason, known, event, Sha256(digest.0)).await
    }

    async fn event(
        &self,
        by: &Actor,
        reason: &str,
        known: &Known,
        event: DrawEvent,
        digest: Sha256,
    ) -> Result<(), Problem> {
        if known.draw.events.contains(&(event, digest)) {
            return Ok(());
        }
        let (campaign, draw) = (known.campaign, known.folder.no);
        let action = Action::DrawEvent { campaign, draw, event, digest };
        self.act(by, reason, action).await.map(drop)
    }

    /// Tells the ledger of all winners of an event, the `first`th of all and on, part by part.
    async fn award(
        &self,
        known: &Known,
        first: u32,
        rows: &[(EntryNo, PoolNo)],
    ) -> Result<(), Problem> {
        let mut first = first;
        for part in rows.chunks(limits::AWARDS_MAX) {
            self.note("awarding", u64::from(first), rows.len() as u64);
            let mut record = Vec::new();
            encode_award((known.campaign, known.folder.no), first, part, &mut record);
            let pending = self.node.submit_one(record).map_err(super::unavailable)?;
            match pending.await.map_err(super::unavailable)? {
                // A part that was awarded before the step was cut off.
                Outcome::Done { .. } | Outcome::Refused(Refusal::AlreadySo) => {}
                Outcome::Refused(refused) => return Err(refusal::problem(&refused)),
                other => unreachable!("awards are done or refused, not {other:?}"),
            }
            first += part.len() as u32;
        }
        Ok(())
    }

    fn note(&self, doing: &'static str, done: u64, of: u64) {
        self.draws.note(Progress { doing, done, of });
    }
}

/// The seed of a draw that has one. That the folder was taken elsewhere hides nothing else of it.
fn seed_of(of: &DrawFolder) -> Option<Digest> {
    let path = of.path.join("seed.txt");
    match std::fs::read(&path) {
        Ok(text) => Some(Digest::of(&text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "a draw's seed cannot be read");
            None
        }
    }
}

fn open_folder(known: &Known) -> Result<Folder, Problem> {
    Folder::open(&known.folder.path).map_err(|_| {
        refusal::problem(&Refusal::DrawOrder { needs: types::outcome::DrawNeed::Seal })
    })
}

/// Work for a thread that may wait.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(draws::failed("draw-step-failed", &error.to_string())))
}
