//! Block and allow lists: values in, person keys on.
//!
//! Owns: normalising a file of values and turning them into keys. Never: keeps, logs or answers
//! with a value; a wrong one is named by its row.
//! Invariants: every value is checked before the first one is put on the list; nobody is put on
//! an allow list that the campaign does not ask for.

use super::access::Changer;
use super::campaigns::problems;
use super::truth::list_word;
use super::{Operator, input, refusal};
use crate::extract::{Segment, Upload};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use campaign::{List, Uploaded};
use identity::{FieldSet, Persons, Scope, Statement};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use types::{Action, Definition, ItemNo, ListKind, LocalDay, Outcome, PersonKey, Refusal, limits};
use utoipa::ToSchema;

/// Wrong rows named in one answer.
const ROWS_NAMED_MAX: usize = 100;

/// People for a list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ListRequest {
    /// `block`: may not enter; `allow`: they alone may, of a campaign whose file says
    /// `allow_list = true`; others refuse it; `reserved`: they alone may choose the reserved item
    /// that `item` names, in a draw.
    #[schema(schema_with = super::words::list)]
    list: Word,
    /// Of a `reserved` list: the code of the item.
    item: Option<String>,
    /// The unique identity field the values belong to.
    field: String,
    /// One value a row: text, CSV or XLSX.
    file: input::UploadedFile,
    /// The sheet of a workbook that has several.
    sheet: Option<String>,
    /// With true, the values are only checked.
    #[serde(default)]
    dry_run: bool,
    /// Why; not needed for a dry run.
    reason: Option<String>,
}

/// The kinds of lists, as a request names them.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Block,
    Allow,
    Reserved,
}

/// What was put on a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ListAnswer {
    /// The campaign.
    campaign: String,
    /// `block`, `allow` or `reserved`.
    list: &'static str,
    /// Of a reserved item's list: the code of the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<String>,
    /// The field.
    field: String,
    /// Whether this was only a dry run.
    dry_run: bool,
    /// Values in the file.
    values: usize,
    /// People who were not on the list before; 0 for a dry run.
    added: u64,
}

/// Puts people on a list of the campaign.
#[utoipa::path(post, path = "/v1/operator/campaigns/{campaign}/lists", tag = "operator",
    params(("campaign" = String, Path, description = "The campaign's code")),
    request_body = ListRequest,
    responses(
        (status = 200, description = "Done, or what would be done", body = ListAnswer),
        (status = 404, description = "unknown-campaign"),
        (status = 409, description = "Refused: unknown-place, allow-list-unread, …"),
        (status = 422, description = "Values are wrong; their rows are named, not they")))]
pub(super) async fn add(
    State(operator): State<Arc<Operator>>,
    Changer(caller): Changer,
    Segment(code): Segment,
    Upload(body): Upload,
) -> Result<Json<ListAnswer>, Problem> {
    let ListRequest { list, item, field, file, sheet, dry_run, reason } = input::json(&body)?;
    drop(body);
    let reason = if dry_run { String::new() } else { input::reason(reason.as_deref())? };
    let files = Uploaded(input::files(vec![file])?);
    // Keys belong to the fields and the allow list to the rules of one definition, so no other may
    // be loaded before they are on the list.
    let held = if dry_run { None } else { Some(operator.definitions.hold().await) };
    let view = operator.campaign(&code)?;
    let definition = Arc::clone(&view.definition);
    let list = list_kind(&definition, list, item.as_deref())?;
    let unique = unique_field(&definition, &field)?;
    let keys = operator.keyring.campaign_keys(&code, &Scope::of(&definition));
    let keys = keys.ok_or_else(|| refusal::problem(&Refusal::Shredded))?;
    if list == ListKind::Allow && !definition.register.allow_list {
        return Err(allow_list_unread(view.entries()));
    }
    let persons = Persons::new(&definition, &keys);
    let today = definition.calendar.day(operator.now());
    let keys = tokio::task::spawn_blocking(move || {
        let name = files.0.keys().next().expect("there is one file").clone();
        let list = campaign::read_list(&files, &name, sheet.as_deref());
        let list = list.map_err(|found| problems(&found))?;
        person_keys(&definition, unique, &list, &persons, today)
    });
    let keys = keys.await.expect("reading a list does not panic")?;
    let values = keys.len();
    let mut added = 0;
    if !dry_run {
        for chunk in keys.chunks(limits::LIST_KEYS_PER_COMMAND_MAX) {
            let keys = chunk.to_vec();
            let action = Action::List { campaign: view.no, list, field: unique, keys };
            let outcome = operator.act(&caller, &reason, action).await;
            let outcome = outcome.map_err(|problem| partly(problem, added))?;
            let Outcome::Done { units } = outcome else { unreachable!("done or refused") };
            added += units;
        }
    }
    drop(held);
    let list = list_word(list);
    Ok(Json(ListAnswer { campaign: code, list, item, field, dry_run, values, added }))
}

/// Whoever is put on a list that nobody asks for would be told that only they may enter, while
/// anybody may. The rules of the ledger have no such refusal: they would take people on the list
/// as they always did, and journals hold such lists.
fn allow_list_unread(entries: u32) -> Problem {
    let remedy = match entries {
        0 => {
            "If only people on the list may enter, add allow_list = true to [register] of the \
             campaign file, load it again, and then send the list again."
        }
        _ => {
            "The campaign has entries, so it cannot be loaded again and never will ask for the \
             list; `tidegate campaign pause` stops further entries."
        }
    };
    let detail = format!(
        "The campaign's file does not say allow_list = true, so the list would be asked for by \
         nobody, and anybody may enter. Nobody was put on the list. {remedy}"
    );
    Problem::new(409, "allow-list-unread", "Allow list unread", detail)
}

/// A file of more than one command may stop between two: what is on the list stays there.
fn partly(problem: Problem, added: u64) -> Problem {
    if added == 0 {
        return problem;
    }
    let detail = format!(
        "{added} people of the first part of the file are on the list; the rest may not be. {} \
         Sending the same file again is safe: nobody is put on a list twice.",
        problem.detail.replace("Nothing was done", "This part was not added")
    );
    problem.detail(detail).with("added", added)
}

/// Which list is meant: that of a reserved item is named by the item.
fn list_kind(definition: &Definition, word: Word, item: Option<&str>) -> Result<ListKind, Problem> {
    let kind = match (word, item) {
        (Word::Block, None) => ListKind::Block,
        (Word::Allow, None) => ListKind::Allow,
        (Word::Reserved, Some(code)) => return reserved_item(definition, code),
        (Word::Block | Word::Allow, Some(_)) => {
            return Err(super::actions::malformed(
                "\"item\" belongs to the list \"reserved\" alone. Nothing was done.",
            ));
        }
        (Word::Reserved, None) => {
            return Err(super::actions::malformed(
                "The list \"reserved\" needs \"item\", the code of the reserved item. Nothing was \
                 done.",
            ));
        }
    };
    Ok(kind)
}

fn reserved_item(definition: &Definition, code: &str) -> Result<ListKind, Problem> {
    let mut items = (0u16..).zip(&definition.items);
    let found = items.find(|(_, item)| item.code == code && item.reserved.is_some());
    found.map(|(no, _)| ListKind::Reserved(ItemNo(no))).ok_or_else(|| {
        let reserved = definition.items.iter().filter(|item| item.reserved.is_some());
        let known: Vec<_> = reserved.map(|item| item.code.as_str()).collect();
        let known = match &known[..] {
            [] => "It has none.".to_owned(),
            known => format!("Its reserved items are: {}.", known.join(", ")),
        };
        let detail = format!(
            "\"{code}\" is not a reserved item of this campaign. Nothing was done. {known}"
        );
        Problem::new(409, "unknown-place", "Unknown item", detail)
    })
}

fn unique_field(definition: &Definition, code: &str) -> Result<u8, Problem> {
    let found = definition.unique_fields().position(|field| field.code == code);
    let number = found.and_then(|number| u8::try_from(number).ok());
    number.ok_or_else(|| {
        let known: Vec<_> = definition.unique_fields().map(|field| field.code.as_str()).collect();
        let detail = format!(
            "\"{code}\" is not a unique identity field of this campaign. Nothing was done. Its \
             unique fields are: {}.",
            known.join(", ")
        );
        Problem::new(409, "unknown-place", "Unknown field", detail)
    })
}

fn person_keys(
    definition: &Definition,
    unique: u8,
    list: &List,
    persons: &Persons,
    today: LocalDay,
) -> Result<Vec<PersonKey>, Problem> {
    let fields = FieldSet::new(definition).map_err(|error| {
        Problem::new(
            500,
            error.code(),
            "The campaign's fields cannot be checked",
            error.to_string(),
        )
    })?;
    let unique = usize::from(unique);
    let index = fields.unique_positions().nth(unique).expect("a unique field is a field");
    let field = &definition.register.fields[index].code;
    let mut statement = Statement::new();
    let mut keys = Vec::with_capacity(list.values.len());
    let mut wrong = Vec::new();
    for value in &list.values {
        statement.clear();
        match fields.normalise_field(index, &value.value, today, &mut statement) {
            Ok(()) => keys.push(persons.key(unique, &statement, 0)),
            Err(problem) => wrong.push((value.row, problem)),
        }
    }
    if wrong.is_empty() {
        return Ok(keys);
    }
    let named = wrong.iter().take(ROWS_NAMED_MAX).map(
        |(row, problem)| json!({ "row": row, "place": list.place(*row), "code": problem.code() }),
    );
    let rows: Vec<_> = named.collect();
    let detail = format!(
        "{} of {} values are not what the field \"{field}\" asks for. Nobody was put on the list. \
         Mend the rows that \"rows\" names and send the file again.",
        wrong.len(),
        list.values.len()
    );
    Err(Problem::new(422, "list-invalid", "List invalid", detail).with("rows", rows))
}
