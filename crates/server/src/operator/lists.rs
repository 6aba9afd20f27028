//! Block and allow lists: values in, person keys on.
//!
//! Owns: normalising a file of values and turning them into keys. Never: keeps, logs or answers
//! with a value; a wrong one is named by its row.
//! Invariants: every value is checked before the first one is put on the list.

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
use types::{Action, Definition, ListKind, LocalDay, Outcome, PersonKey, Refusal, limits};
use utoipa::ToSchema;

/// Wrong rows named in one answer.
const ROWS_NAMED_MAX: usize = 100;

/// People for a list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ListRequest {
    /// `block`: may not enter; `allow`: may, where the campaign has an allow list.
    #[schema(value_type = String)]
    list: ListKind,
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

/// What was put on a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ListAnswer {
    /// The campaign.
    campaign: String,
    /// `block` or `allow`.
    list: &'static str,
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
        (status = 409, description = "Refused: unknown-place, over-limit, shredded"),
        (status = 422, description = "Values are wrong; their rows are named, not they")))]
pub(super) async fn add(
    State(operator): State<Arc<Operator>>,
    Changer(caller): Changer,
    Segment(code): Segment,
    Upload(body): Upload,
) -> Result<Json<ListAnswer>, Problem> {
    let ListRequest { list, field, file, sheet, dry_run, reason } = input::json(&body)?;
    drop(body);
    let reason = if dry_run { String::new() } else { input::reason(reason.as_deref())? };
    let files = Uploaded(input::files(vec![file])?);
    let view = operator.campaign(&code)?;
    let definition = Arc::clone(&view.definition);
    let unique = unique_field(&definition, &field)?;
    let keys = operator.keyring.campaign_keys(&code, &Scope::of(&definition));
    let keys = keys.ok_or_else(|| refusal::problem(&Refusal::Shredded))?;
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
    let list = list_word(list);
    Ok(Json(ListAnswer { campaign: code, list, field, dry_run, values, added }))
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
