//! Every limit of Tidegate, each with its reason. Nothing else in the tree invents one.

/// Campaigns in one journal: 12 bits of a pickup code name the campaign. Eleven years, daily.
pub const CAMPAIGNS_MAX: usize = 4_096;
/// Outlets in a campaign: twenty times the pharmacies of a city of 15 million.
pub const OUTLETS_MAX: usize = 20_000;
/// Items in a campaign: what a person can still choose from on a phone.
pub const ITEMS_MAX: usize = 200;
/// Slots in a campaign: two weeks of quarter hours in an eight-hour day.
pub const SLOTS_MAX: usize = 500;
/// Pools in a campaign: the gate's view holds one counter each, 4 MB at most.
pub const POOLS_MAX: usize = 1_000_000;
/// Units in one pool; sums over all pools stay far below 2^64.
pub const POOL_UNITS_MAX: u32 = 100_000_000;
/// Units in one booking: one byte of an entry, and no household needs more.
pub const UNITS_PER_BOOKING_MAX: u8 = 200;
/// Entries in a campaign: an entry number is 32 bits of a pickup code.
pub const ENTRIES_MAX: u32 = 1_000_000_000;
/// Registration windows in a campaign: twice a day for a year.
pub const WINDOWS_MAX: usize = 800;
/// Identity fields a campaign may ask for: more would not be filled in on a phone.
pub const IDENTITY_FIELDS_MAX: usize = 8;
/// Identity fields that must be unique: each costs about 25 bytes of memory an entry.
pub const UNIQUE_FIELDS_MAX: usize = 4;
/// Pools a person may name in one entry, in order of preference (`lottery.md`).
pub const CHOICES_MAX: usize = 5;
/// Languages of a campaign's texts: all travel in one document.
pub const LANGUAGES_MAX: usize = 8;
/// Characters of one campaign text.
pub const TEXT_CHARS_MAX: usize = 4_000;
/// Characters of a code: campaign, outlet, item, slot, field, series.
pub const CODE_CHARS_MAX: usize = 48;
/// Characters of a name shown to people: outlet, address, item.
pub const NAME_CHARS_MAX: usize = 200;
/// Characters of one identity value as a person types it.
pub const IDENTITY_CHARS_MAX: usize = 100;
/// Bytes of an entry's sealed fields: 8 fields of 100 characters, and the seal's overhead.
pub const SEALED_BYTES_MAX: usize = 3_400;
/// Characters of the reason an operator gives.
pub const REASON_CHARS_MAX: usize = 500;
/// Characters of the name under which an operator acts.
pub const ACTOR_CHARS_MAX: usize = 100;
/// Cool-down in days: a year.
pub const COOL_DOWN_DAYS_MAX: u16 = 366;
/// Person keys in one list command: a frame of 1 MiB.
pub const LIST_KEYS_PER_COMMAND_MAX: usize = 65_536;
/// Person keys on one block or allow list.
pub const LIST_KEYS_MAX: usize = 50_000_000;

/// Commands in one frame: what the ledger applies in a few milliseconds.
pub const FRAME_COMMANDS_MAX: usize = 16_384;
/// Bytes of a frame's payload: a bad length can never ask for more memory than this.
pub const FRAME_PAYLOAD_BYTES_MAX: usize = 64 << 20;
/// Bytes of one command: a definition with `POOLS_MAX` pools.
pub const COMMAND_BYTES_MAX: usize = 48 << 20;
/// Bytes after which a frame that gathers is closed: 16 to 32 syncs' worth on a slow disk.
pub const FRAME_BYTES_TARGET: usize = 4 << 20;
/// Requests that wait for the sequencer; one more is shed with 503.
pub const QUEUE_REQUESTS_MAX: usize = 65_536;
/// A segment's bytes unless configured: rolled every few minutes at full load.
pub const SEGMENT_BYTES: u64 = 256 << 20;

/// Bytes of a public request's body: ten times the largest honest one.
pub const BODY_BYTES_MAX: usize = 16 << 10;
/// Entries in one batch call.
pub const BATCH_ENTRIES_MAX: usize = 1_000;
/// Bytes of a batch call's body.
pub const BATCH_BODY_BYTES_MAX: usize = 4 << 20;
/// Bytes of an operator's upload: definition, stock tables or a list.
pub const UPLOAD_BYTES_MAX: usize = 256 << 20;
/// Bytes of all request headers together.
pub const HEADER_BYTES_MAX: usize = 16 << 10;
/// Request headers.
pub const HEADERS_MAX: usize = 64;
/// Characters of an `Idempotency-Key`.
pub const IDEMPOTENCY_KEY_CHARS_MAX: usize = 128;
/// Open connections unless configured: within the usual limit of 65,536 descriptors.
pub const CONNECTIONS_MAX: usize = 60_000;
/// Milliseconds for a request's headers to arrive.
pub const HEADER_MILLIS_MAX: u64 = 10_000;
/// Milliseconds for a request's body to arrive.
pub const BODY_MILLIS_MAX: u64 = 10_000;
/// Milliseconds a kept-alive connection may be silent.
pub const IDLE_MILLIS_MAX: u64 = 60_000;
/// Milliseconds the clock may lie behind the journal at start before the node refuses.
pub const CLOCK_BEHIND_MILLIS_MAX: u64 = 60_000;
