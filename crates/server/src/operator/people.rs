//! People opened one by one for an export: from the journal, under the campaign's data key.
//!
//! Owns: finding a booking's sealed fields, and that they are those it was entered with. Never:
//! keeps what it opened beyond one row.

use handover::{Booking, HandoverError, People};
use identity::{CampaignKeys, Codes, Persons, Sealer, Statement};
use journal::ReadLog;
use types::{CampaignNo, Command, Definition, EntryNo, limits};

const LENGTH_BYTES: u64 = 4;

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
        let offset = u64::from(booking.offset);
        let mut length = [0; LENGTH_BYTES as usize];
        let read = self.journal.read_slice(booking.frame, offset, &mut length);
        read.map_err(|error| error.to_string())?;
        let length = u32::from_le_bytes(length) as usize;
        if length > limits::COMMAND_BYTES_MAX {
            return Err(format!("its record claims {length} bytes"));
        }
        self.record.resize(length, 0);
        let read = self.journal.read_slice(booking.frame, offset + LENGTH_BYTES, &mut self.record);
        read.map_err(|error| error.to_string())?;
        let command = Command::decode(&self.record).map_err(|error| error.to_string())?;
        let Command::Enter(enter) = command else {
            return Err("its record is not an entry".to_owned());
        };
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
}
