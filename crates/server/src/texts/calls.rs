//! The texts that programs are answered with as well: problems, and what is wrong with a request.
//!
//! Owns: which texts there are, and which of them fits a fault of an identity field. Never: a
//! sentence.

use super::pages::{Range, When};
use super::text::{Text, patterns, sections};
use identity::FieldProblem;
use types::definition::FieldKind;

sections! {
    /// One problem.
    ProblemTexts {
        /// A few words.
        title: Text,
        /// What happened and what to do now, for a program.
        detail: Text,
        /// The same in the words of people, where theirs differ.
        people: Option<Text>,
    }

    /// Refusals that name a moment.
    Refusals {
        cooling_down: When,
        not_open_yet: When,
        already_redeemed: When,
    }

    /// Details that fit one call alone.
    Calls {
        find_fields: Text,
        header_twice: Name,
    }

    /// What is wrong with an identity field.
    Fields {
        unknown: Text,
        empty: Text,
        too_long: Text,
        no_such_region: Text,
        not_a_date: Text,
        in_the_future: Text,
        check_character: Text,
        not_a_number: Text,
        no_such_number: Text,
        control_character: Text,
        pattern: Text,
        wrong_length: ByKind,
        wrong_character: ByKind,
    }

    /// A sentence for each kind of field.
    ByKind {
        resident_id: Text,
        passport: Text,
        home_return_permit: Text,
        other: Text,
    }

    /// What is wrong with a choice, or with the units.
    Choices {
        one: Text,
        several: Most,
        unknown: Text,
        slot_missing: Text,
        not_offered: Text,
        twice: Text,
        any: Text,
        people: Most,
        alone: Text,
        person_twice: Text,
        people_long: Text,
        units_exactly: Units,
        units_range: Range,
    }

    /// What is wrong with a JSON body.
    Json {
        answer: DetailAndWhy,
        fault: Fault,
        body: Text,
        way: Way,
        /// Between names.
        names: Text,
        lacks: Lacks,
        twice: Name,
        unknown_name: AtAndNames,
        one_of: AtAndNames,
        out_of_range: Expected,
        other_kind: CameAndExpected,
        field_twice: Text,
        too_many_fields: Text,
        syntax: JsonSyntax,
        expected: JsonExpected,
        came: JsonCame,
    }

    /// Faults of the text itself.
    JsonSyntax {
        ends_early: Text,
        colon: Text,
        list_end: Text,
        object_end: Text,
        no_value: Text,
        name: Text,
        comma: Text,
        trailing: Text,
        nesting: Text,
        control: Text,
        number: Text,
        large: Text,
        encoding: Text,
    }

    /// What can be expected.
    JsonExpected {
        text: Text,
        boolean: Text,
        small: Text,
        large: Text,
        count: Text,
        list: Text,
        object: Text,
        units: Text,
        batch_entry: Text,
        entry: Text,
        find: Text,
        identity: Text,
        people: Text,
        choices: Text,
        choice: Text,
        batch: Text,
        entries: Text,
        other: Text,
    }

    /// What can come.
    JsonCame {
        nothing: Text,
        boolean: Text,
        number: Text,
        /// A number where another kind of number belongs.
        other_number: Text,
        text: Text,
        list: Text,
        object: Text,
        other: Text,
    }
}

patterns! {
    /// With the most there may be.
    Most(most);
    /// With how many there must be.
    Units(units);
    /// With a name that stands in the request.
    Name(name);
    /// With a problem's detail, and a sentence without its full stop.
    DetailAndWhy(detail, why);
    /// With a place in a body and what is wrong there.
    Fault(line, column, what);
    /// With the way to a part of a body.
    Way(way);
    /// With a part of a body and a name.
    Lacks(at, name);
    /// With a part of a body and names.
    AtAndNames(at, names);
    /// With a part of a body and what belongs there.
    Expected(at, expected);
    /// With a part of a body, what stands there and what belongs there.
    CameAndExpected(at, came, expected);
}

impl Fields {
    /// What is wrong and what to do, for the person who filled the field in.
    pub(crate) const fn of(&self, problem: FieldProblem, kind: &FieldKind) -> &Text {
        match problem {
            FieldProblem::Empty => &self.empty,
            FieldProblem::TooLong => &self.too_long,
            FieldProblem::WrongLength => self.wrong_length.of(kind),
            FieldProblem::WrongCharacter => self.wrong_character.of(kind),
            FieldProblem::NoSuchRegion => &self.no_such_region,
            FieldProblem::NotADate => &self.not_a_date,
            FieldProblem::InTheFuture => &self.in_the_future,
            FieldProblem::CheckCharacter => &self.check_character,
            FieldProblem::NotANumber => &self.not_a_number,
            FieldProblem::NoSuchRegionNumber => &self.no_such_number,
            FieldProblem::ControlCharacter => &self.control_character,
            FieldProblem::Pattern => &self.pattern,
        }
    }
}

impl ByKind {
    const fn of(&self, kind: &FieldKind) -> &Text {
        match kind {
            FieldKind::ResidentId => &self.resident_id,
            FieldKind::Passport => &self.passport,
            FieldKind::HomeReturnPermit => &self.home_return_permit,
            FieldKind::Phone { .. } | FieldKind::Text { .. } => &self.other,
        }
    }
}
