//! People opened one by one for an export: from the journal, under the campaign's data key.
//!
//! Owns: finding a booking's sealed fields, and that they are those it was entered with. Never:
//! keeps what it opened beyond one row.

use crate::record;
use handover::{Booking, HandoverError, People};
use identity::{CampaignKeys, Codes, Persons, Sealer, Statement};
use journal::ReadLog;
use types::{CampaignNo, Command, Definition, Enter, EntryNo};

/// Between the values of people who entered together, in each of their fields.
const BETWEEN_PEOPLE: &str = "; ";

/// The people of one campaign.
pub(super) struct Sealed {
    campaign: CampaignNo,
    codes: Codes,
    /// None when the people are shredded.
    opener: Option<Opener>,
}

struct Opener {
    journal: Box<dyn ReadLog>,
    sealer: Sealer,
    persons: Persons,
    record: Vec<u8>,
    statement: Statement,
}

impl Sealed {
    pub(super) fn new(
        (campaign, definition): (CampaignNo, &Definition),
        codes: Codes,
        keys: Option<&CampaignKeys>,
        journal: Box<dyn ReadLog>,
    ) -> Self {
        let opener = keys.map(|keys| Opener {
            journal,
            sealer: Sealer::new(&definition.code, keys),
            persons: Persons::new(definition, keys),
            record: Vec::new(),
            statement: Statement::new(),
        });
        Self { campaign, codes, opener }
    }
}

impl People for Sealed {
    fn are_known(&self) -> bool {
        self.opener.is_some()
    }

    fn open(&mut self, booking: &Booking, fields: &mut Vec<String>) -> Result<(), HandoverError> {
        let opener = self.opener.as_mut().expect("shredded people are never asked for");
        let unreadable = |why| HandoverError::Unreadable { entry: booking.entry, why };
        *fields = opener.open(booking).map_err(unreadable)?;
        Ok(())
    }

    fn code(&self, entry: EntryNo) -> String {
        self.codes.encode(self.campaign, entry).to_string()
    }
}

impl Opener {
    fn open(&mut self, booking: &Booking) -> Result<Vec<String>, String> {
        let place = (booking.frame, booking.offset);
        record::read(&*self.journal, place, &mut self.record)?;
        let command = Command::decode(&self.record).map_err(|error| error.to_string())?;
        let Command::Enter(enter) = command else {
            return Err("its record is not an entry".to_owned());
        };
        if 1 < enter.people {
            return self.open_group(booking, &enter);
        }
        let opened = self.sealer.open(enter.sealed, &mut self.statement);
        opened.map_err(|error| error.to_string())?;
        // A seal opens anywhere in its campaign. Whose it is, the ledger knows from the entry.
        if self.persons.identity_digest(&self.statement) != booking.identity {
            return Err("they are not those that it was entered with".to_owned());
        }
        let fields = self.statement.iter().map(str::to_owned).collect();
        self.statement.clear();
        Ok(fields)
    }

    /// The fields of people who entered together: of each, whoever entered them first.
    fn open_group(&self, booking: &Booking, enter: &Enter<'_>) -> Result<Vec<String>, String> {
        let people = self.sealer.open_group(enter.sealed, enter.people);
        let people = people.map_err(|error| error.to_string())?;
        if self.persons.identity_digest(&people[0]) != booking.identity {
            return Err("they are not those that it was entered with".to_owned());
        }
        let field = |nth: usize| {
            let of_each = people.iter().filter_map(|person| person.get(nth));
            of_each.collect::<Vec<_>>().join(BETWEEN_PEOPLE)
        };
        Ok((0..people[0].len()).map(field).collect())
    }
}
