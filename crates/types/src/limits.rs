//! Every limit of Tidegate, each with its reason. Nothing else in the tree invents one.

use std::ops::RangeInclusive;

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
/// Pools named when a new stock lies below what is booked: what an operator reads at once.
pub const BELOW_BOOKED_POOLS_MAX: usize = 100;
/// Units in one pool; sums over all pools stay far below 2^64.
pub const POOL_UNITS_MAX: u32 = 100_000_000;
/// Units in one booking: one byte of an entry, and no household needs more.
pub const UNITS_PER_BOOKING_MAX: u8 = 200;
/// Entries in a campaign: an entry number is 32 bits of a pickup code.
pub const ENTRIES_MAX: u32 = 1_000_000_000;
/// Operator actions kept in memory; older ones are in the journal. About 50 MB.
pub const ACTIONS_KEPT_MAX: usize = 100_000;
/// Payload bytes of the journal after which a snapshot is made: a restart replays a few seconds.
pub const SNAPSHOT_EVERY_BYTES: u64 = 1 << 30;
/// The first moment beyond every time there can be, in milliseconds: an entry keeps its times in
/// 44 bits, which last until the year 2527.
pub const MOMENT_MILLIS_END: u64 = 1 << 44;
/// Changes of a zone's offset in a calendar: four a year from 2000 to 2199, and room.
pub const CALENDAR_OFFSETS_MAX: usize = 1_000;
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
/// Bytes of a text field's compiled pattern: it runs for everybody, 100,000 times a second.
pub const FIELD_PATTERN_BYTES_MAX: usize = 256 << 10;
/// Bytes of an entry's sealed fields: 8 fields of 100 characters, and the seal's overhead.
pub const SEALED_BYTES_MAX: usize = 3_400;
/// Characters of the reason an operator gives.
pub const REASON_CHARS_MAX: usize = 500;
/// Characters of the name under which an operator acts.
pub const ACTOR_CHARS_MAX: usize = 100;
/// Characters of from where an operator acts: the longest address, one of IPv6 whose end is written
/// as IPv4 (RFC 4291, 2.2).
pub const FROM_CHARS_MAX: usize = 45;
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
/// A segment's bytes at most: the places of its frames are kept as 32 bits of 8-byte steps.
pub const SEGMENT_BYTES_MAX: u64 = 16 << 30;
/// Journal that a command line reads for a mere hint, in bytes: a second on a slow disk.
pub const HINT_JOURNAL_BYTES_MAX: u64 = 64 << 20;
/// Segments whose frames' places are kept for reading slices: 16 MB each at the very most.
pub const JOURNAL_INDEXES_MAX: usize = 8;
/// Damages one verification lists; it counts the rest.
pub const JOURNAL_DAMAGES_MAX: usize = 1_000;
/// Findings that an audit lists; it counts the rest.
pub const AUDIT_FINDINGS_MAX: usize = 1_000;
/// Bytes of a snapshot's chunk: what is hashed and checked before any of it is used.
pub const SNAPSHOT_CHUNK_BYTES: usize = 1 << 20;

/// Bytes of a public request's body: ten times the largest honest one.
pub const BODY_BYTES_MAX: usize = 16 << 10;
/// Entries in one batch call.
pub const BATCH_ENTRIES_MAX: usize = 1_000;
/// Bytes of a batch call's body.
pub const BATCH_BODY_BYTES_MAX: usize = 4 << 20;
/// Bytes of an operator's upload: definition, stock tables or a list.
pub const UPLOAD_BYTES_MAX: usize = 256 << 20;
/// Bytes of an upload that must arrive in the time for a body: a modem from 1990 is faster.
pub const UPLOAD_STEP_BYTES: usize = 16 << 10;
/// Bytes of a long answer that a client must take in the time for a request's headers.
pub const ANSWER_STEP_BYTES: usize = 16 << 10;
/// Bytes of answers that the kernel holds unsent for one connection: what keeps a fast one busy.
/// Without it, each of those who never read holds megabytes.
pub const UNSENT_BYTES_MAX: u32 = 128 << 10;
/// Bytes of all request headers together.
pub const HEADER_BYTES_MAX: usize = 16 << 10;
/// Request headers.
pub const HEADERS_MAX: usize = 64;
/// Characters of an `Idempotency-Key`.
pub const IDEMPOTENCY_KEY_CHARS_MAX: usize = 128;
/// Open connections unless configured: within the usual limit of 65,536 descriptors.
pub const CONNECTIONS_MAX: usize = 60_000;
/// Open files kept free of connections: segments, snapshots, tokens, keys, exports' parts.
pub const OTHER_FILES: u64 = 256;
/// By what the open connections there may be are divided for one address that is no trusted proxy:
/// nobody alone can lock everybody out, and half is more than a mobile network's address needs.
pub const ADDRESS_CONNECTIONS_SHARE: usize = 2;
/// By what the open connections there may be are divided for the number beyond which they are a
/// crowd: a kept-alive connection may then be silent no longer than a head may take.
pub const CROWDED_CONNECTIONS_SHARE: usize = 2;
/// Milliseconds for a request's headers to arrive.
pub const HEADER_MILLIS_MAX: u64 = 10_000;
/// Milliseconds for a request's body to arrive.
pub const BODY_MILLIS_MAX: u64 = 10_000;
/// Milliseconds a kept-alive connection may be silent: longer than phones wait between looks.
pub const IDLE_MILLIS_MAX: u64 = 20_000;
/// The same of a trusted proxy's: longer than the minute that proxies keep theirs, so that it is
/// the proxy who closes, and never with a request under way.
pub const PROXY_IDLE_MILLIS_MAX: u64 = 75_000;
/// Milliseconds that requests in flight get to end when the process is told to stop.
pub const DRAIN_MILLIS_MAX: u64 = 20_000;
/// Milliseconds the clock may lie behind the journal at start before the node refuses.
pub const CLOCK_BEHIND_MILLIS_MAX: u64 = 60_000;
/// Milliseconds the clock must lie behind the journal of a running node to be told in the log:
/// more than the steps in which a clock that is well kept is corrected.
pub const CLOCK_BEHIND_TOLD_MILLIS: u64 = 1_000;

/// Bytes of a campaign file: the longest texts in every language, and small tables inline.
pub const CAMPAIGN_FILE_BYTES_MAX: usize = 4 << 20;
/// Rows of an operator's table: what a workbook's sheet can hold; more than `POOLS_MAX`.
pub const TABLE_ROWS_MAX: u32 = 1_048_576;
/// Rows of a list of people: fills `UPLOAD_BYTES_MAX` with resident IDs.
pub const LIST_ROWS_MAX: u32 = 14_000_000;
/// Columns of an operator's table: a name, district and address in every language, and room.
pub const TABLE_COLUMNS_MAX: usize = 64;
/// Bytes of all parts of a workbook unpacked: a full sheet of four columns is about 200 MB.
pub const WORKBOOK_BYTES_MAX: u64 = 512 << 20;
/// Parts of a workbook: an honest one has about ten, and one more for each sheet.
pub const WORKBOOK_PARTS_MAX: usize = 1_000;
/// Problems reported at once: more than a person reads before the next attempt.
pub const PROBLEMS_MAX: usize = 200;

/// Connections of one load generator: what one machine's loopback ports bear.
pub const LOAD_CONNECTIONS_MAX: usize = 20_000;
/// Seconds of one load run: an hour.
pub const LOAD_SECONDS_MAX: u64 = 3_600;
/// Bytes of one answer a load generator takes: a campaign document with all its pools.
pub const LOAD_ANSWER_BYTES_MAX: usize = 64 << 20;
/// Simulated people of one crowd: 32 bits name one in its records, with room for several sends.
pub const CROWD_PEOPLE_MAX: u32 = 100_000_000;

/// Rows of one worksheet, its heading included: what XLSX can hold.
pub const SHEET_ROWS_MAX: usize = 1_048_576;
/// Bytes of a working file that one cell of a worksheet is reckoned to take: about 45 of markup,
/// and its text. Rows with two identity fields were measured at 53 a cell; the rest is for longer
/// names. An XLSX export asks whether there is room for them before it begins.
pub const SHEET_CELL_BYTES: u64 = 64;
/// Entries, pools or actions looked at in one go between two frames: each is read or copied in
/// about 100 ns, so that a look takes about a millisecond of the ledger's thread.
pub const LOOK_ROWS_MAX: u32 = 10_000;
/// Bookings an export holds in memory at a time: 56 MB. A larger one looks at the ledger again.
pub const EXPORT_BOOKINGS_MAX: usize = 1_000_000;
/// Bookings that an export's mark names because they ended in its very millisecond: 11 MB of one
/// command. A clock that goes never brings so many; one that stands, or was set back, may.
pub const EXPORT_TOLD_MAX: usize = 1_000_000;
/// Exports of a campaign that the ledger knows, the newest: what a file of changes can begin from.
/// Two a day for four months; 35 kB.
pub const EXPORTS_KEPT_MAX: usize = 250;
/// Exports at the same time: each holds its references in memory and keeps a thread busy.
pub const EXPORTS_MAX: usize = 2;
/// Bytes handed to a reader of an export at a time; a slow reader holds a few of them.
pub const EXPORT_CHUNK_BYTES: usize = 64 << 10;
/// Requests of a take-over that wait for the ledger at a time: as many as a frame of a slow disk
/// takes, and few beside `QUEUE_REQUESTS_MAX`, which people need.
pub const TAKE_OVERS_WAITING_MAX: usize = 1_024;
/// API tokens of a node: each is compared with each request.
pub const TOKENS_MAX: usize = 1_000;
/// Outlets one token may redeem for.
pub const TOKEN_OUTLETS_MAX: usize = 100;
/// Files of one upload: a definition and its tables.
pub const UPLOAD_FILES_MAX: usize = 16;
/// Actions listed in one answer.
pub const ACTIONS_LISTED_MAX: usize = 1_000;

/// Accounts of a node: everybody who operates a city's releases, and their successors.
pub const ACCOUNTS_MAX: usize = 500;
/// Characters of a password: the least that NIST SP 800-63B asks for is 8, and 12 leave room.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Bytes of a password: a long sentence in Chinese; more would only cost time.
pub const PASSWORD_BYTES_MAX: usize = 256;
/// KiB that one password hash takes (argon2id): OWASP's least, 19 MiB.
pub const PASSWORD_HASH_KIB: u32 = 19 << 10;
/// Passes of a password hash over its memory, with which OWASP names those 19 MiB.
pub const PASSWORD_HASH_PASSES: u32 = 2;
/// Log-ins that wait for a hash in each of the two lines, of those who were let in before and of
/// strangers: a few seconds' worth; one more is told to come again.
pub const PASSWORD_HASHES_WAITING_MAX: usize = 32;
/// Times as long as a stranger's hash took, for which the next stranger's waits: all of them
/// together keep a quarter of one core busy.
pub const STRANGERS_HASH_REST: u32 = 3;
/// Failed log-ins on an account, from one address or in a browser that was let in before, that cost
/// no wait: a person who mistypes.
pub const ACCOUNT_FAILURES_FREE: u32 = 5;
/// Failed log-ins on an account from all addresses together that cost no wait: ten addresses'.
pub const ACCOUNT_FAILURES_EVERYWHERE_FREE: u32 = 50;
/// Failed log-ins from an address that cost no wait: an office behind one address.
pub const ADDRESS_FAILURES_FREE: u32 = 20;
/// Milliseconds of the first wait after failed log-ins; each further failure doubles it.
pub const LOG_IN_WAIT_MILLIS_MIN: u64 = 2_000;
/// Milliseconds of the longest wait: 100 guesses a day, and an owner is back within a campaign.
pub const LOG_IN_WAIT_MILLIS_MAX: u64 = 15 * 60_000;
/// Milliseconds after which failed log-ins are forgotten: a day.
pub const LOG_IN_FAILURES_KEPT_MILLIS: u64 = 24 * 3_600_000;
/// Accounts, addresses, pairs of both, and browsers whose failures are remembered: about 4 MB.
pub const LOG_IN_FAILURES_KEPT_MAX: usize = 30_000;
/// Seconds for which a browser is known as one that was let in to an account: the longest that
/// browsers keep a cookie, 400 days. Another password ends it sooner.
pub const DEVICE_SECONDS_MAX: u64 = 400 * 86_400;
/// Milliseconds that a session may go without a request of its person's.
pub const SESSION_IDLE_MILLIS_MAX: u64 = 30 * 60_000;
/// Milliseconds before a session ends, at which its pages say so.
pub const SESSION_END_TOLD_MILLIS: u64 = 5 * 60_000;
/// Milliseconds of a session: a long shift.
pub const SESSION_MILLIS_MAX: u64 = 12 * 3_600_000;
/// Sessions of one account; the one that was quiet longest ends for one more.
pub const ACCOUNT_SESSIONS_MAX: usize = 20;
/// Sessions of a node: twice as many as accounts.
pub const SESSIONS_MAX: usize = 1_000;
/// Bytes of a form of the console without a file.
pub const CONSOLE_FORM_BYTES_MAX: usize = 16 << 10;
/// Bytes of a form of a draw: rules of 64 KiB, of which each may be written with three.
pub const CONSOLE_DRAW_FORM_BYTES_MAX: usize = 256 << 10;
/// Milliseconds for which a step of a draw is waited for; the page of the draw tells the rest.
pub const CONSOLE_STEP_MILLIS_MAX: u64 = 3_000;
/// Draws of which the console keeps what it has read: those of a week of evenings; the cut-offs of
/// a large one take 2 MB.
pub const CONSOLE_DRAWS_KEPT_MAX: usize = 8;
/// Milliseconds after which the console looks again at files of a draw that it could not read:
/// whoever puts them back waits no longer, and the log has few lines meanwhile.
pub const CONSOLE_DAMAGED_DRAW_MILLIS: u64 = 15_000;
/// Buckets whose cut-offs stand on a page for a hall: three times those of a large city.
pub const CONSOLE_CUTOFFS_MAX: usize = 2_000;
/// Bytes of a stock table that the console takes: a million rows of CSV. Larger ones go through
/// the command line.
pub const CONSOLE_UPLOAD_BYTES_MAX: usize = 32 << 20;
/// Stock tables that wait for their confirmation, of all sessions; the oldest leaves for one more.
pub const CONSOLE_DRAFTS_MAX: usize = 4;
/// Answers to forms that a session keeps: whoever presses twice is told the first one.
pub const CONSOLE_ANSWERS_KEPT_MAX: usize = 50;
/// Live streams of all sessions together. A stream is an answer without an end: it is exempt from
/// the limits on how long a connection may be silent, since it brings something every second; it
/// ends with its session, at a stop, or when its reader takes no bytes.
pub const CONSOLE_STREAMS_MAX: usize = 250;
/// Live streams of one account: a hundred pages may be open in its name, and half of all streams
/// are left to others.
pub const ACCOUNT_STREAMS_MAX: usize = 125;
/// Milliseconds between two looks at the node for the live pages.
pub const CONSOLE_SAMPLE_MILLIS: u64 = 1_000;
/// Samples kept for the charts of the last minutes: ten minutes of seconds; 100 kB.
pub const CONSOLE_SAMPLES_MAX: usize = 600;
/// Pools summed up for the live pages in a second, on average: two looks at the ledger. The sums
/// of a larger campaign are renewed less often.
pub const CONSOLE_POOLS_PER_SECOND: u64 = 20_000;
/// Entries counted for the live pages in one go: twenty looks at the ledger.
pub const CONSOLE_ENTRIES_PER_SECOND: u32 = 200_000;
/// Sums of pools that are kept for the live pages, by campaign and district; those of the largest
/// campaign take 3 MB.
pub const CONSOLE_HEATS_KEPT_MAX: usize = 64;
/// Campaigns in the console's list, the newest: more than a screen's worth would be searched for.
pub const CONSOLE_CAMPAIGNS_LISTED_MAX: usize = 200;
/// Rows of a stock table's difference on a page; sums are always of all.
pub const CONSOLE_STOCK_ROWS_MAX: usize = 200;
/// Outlets that the field for one offers, the first: each is a line of the page.
pub const CONSOLE_OUTLETS_OFFERED_MAX: usize = 1_000;
/// Cells of one heat table: what a browser draws anew every second on a phone.
pub const CONSOLE_HEAT_CELLS_MAX: usize = 2_000;
/// Columns of a chart of a whole campaign: each costs two searches among the entries.
pub const CONSOLE_CHART_COLUMNS: usize = 120;
/// Milliseconds that a code for a counter waits to be typed: a walk to the counter.
pub const COUNTER_CODE_MILLIS_MAX: u64 = 10 * 60_000;
/// Codes for counters that wait at the same time; the oldest leaves for one more. Of 852 thousand
/// million codes a guess then meets one with a probability of 1 in 4 thousand million.
pub const COUNTER_CODES_MAX: usize = 200;
/// Hours of a shift at a counter, unless its owner says otherwise: a long day.
pub const COUNTER_SHIFT_HOURS: u64 = 12;
/// Hours of the longest shift: nobody stands longer at a counter without being let in again.
pub const COUNTER_SHIFT_HOURS_MAX: u64 = 24;
/// Shifts that run at the same time: each is compared with each request of a counter.
pub const COUNTER_SHIFTS_MAX: usize = 1_000;
/// Characters of the name that an owner gives a counter: with the owner's own it fits an actor.
pub const COUNTER_NAME_CHARS_MAX: usize = 40;
/// Pixels of a camera's frame: 640 by 480. A pickup code fills a third of that easily.
pub const COUNTER_FRAME_BYTES_MAX: usize = 640 * 480;
/// Pixels of a frame's shorter side: three to each module of the smallest QR code.
pub const COUNTER_FRAME_SIDE_MIN: usize = 63;
/// Milliseconds between two frames of one counter: a camera that is held still shows nothing new.
pub const COUNTER_FRAME_MILLIS_MIN: u64 = 150;
/// Frames that are searched at the same time; further ones are turned away, and the phone sends a
/// newer one.
pub const COUNTER_FRAMES_AT_ONCE: usize = 2;
/// Places of a frame that look like a line through a corner of a QR code. One code that fills the
/// picture has 170. The search's time grows with the third power: at the limit it takes a second
/// or two of an unoptimised program, and in a picture full of corners it would take minutes.
pub const COUNTER_FRAME_CORNERS_MAX: usize = 400;
/// Pools that one look at the ledger adds up for a counter's page.
pub const COUNTER_POOLS_PER_LOOK: usize = 10_000;
/// Actions on one page of the console.
pub const CONSOLE_ACTIONS_PER_PAGE: usize = 50;
/// Characters of a search among actions.
pub const CONSOLE_SEARCH_CHARS_MAX: usize = 200;

/// Tickets of an entry in a draw: what a repeated loser can gather. Fixed by the format.
pub const DRAW_TICKETS_MAX: u8 = 32;
/// Draws of a campaign: one a day for eleven years.
pub const DRAWS_MAX: usize = 4_096;
/// Days on which an entry stands for draws: a year.
pub const STAND_DAYS_MAX: u16 = 366;
/// Winners in one part of a draw's result: 64 kB of a frame, applied in a millisecond or two.
pub const AWARDS_MAX: usize = 8_192;
/// Units that an entry in a draw needs, and people in it: a large family. Fixed by the format.
pub const DRAW_UNITS_MAX: u8 = 8;
/// Choices of an entry in a draw. Fixed by the format.
pub const DRAW_CHOICES_MAX: usize = 5;
/// Bytes of an entry's line: eight people, and five choices with the longest names.
pub const DRAW_LINE_BYTES_MAX: usize = 2048;
/// Receipts and promises that are read and signed at once: more would only wait for the disk.
pub const DRAW_RECEIPTS_AT_ONCE: usize = 16;
/// Entries that are opened for the audit of a draw: 3,000 find one false entry in a thousand.
pub const DRAW_SAMPLE_MAX: usize = 10_000;
/// Entries of a draw: their places fit 32 bits, with room to spare for a country.
pub const DRAW_ENTRIES_MAX: u64 = 1 << 31;
/// Buckets of a draw: their places fit 16 bits.
pub const DRAW_BUCKETS_MAX: usize = 65_535;
/// Characters of a draw's name, which stands in each note, and of a key's name.
pub const DRAW_NAME_CHARS_MAX: usize = 100;
/// Characters of a bucket's name before its tranche.
pub const DRAW_BUCKET_CHARS_MAX: usize = 64;
/// Characters of a reserved tranche.
pub const DRAW_TRANCHE_CHARS_MAX: usize = 16;
/// Characters of an identity: kind, issuer and number of a document.
pub const DRAW_IDENTITY_CHARS_MAX: usize = 100;
/// Characters of words in an event: a reason, or which balls there are.
pub const DRAW_WORDS_CHARS_MAX: usize = 200;
/// Characters of a program's version.
pub const DRAW_VERSION_CHARS_MAX: usize = 40;
/// Balls of a draw.
pub const DRAW_BALLS_MAX: usize = 64;
/// Characters on a ball.
pub const DRAW_BALL_CHARS_MAX: usize = 8;
/// Years of a draw's deadline: libraries end at the one or the other end of the calendar, some
/// hours before the last year is over.
pub const DRAW_DEADLINE_YEARS: RangeInclusive<i16> = 2000..=9998;
/// Bytes of a signed note: an event and all who may sign it.
pub const DRAW_NOTE_BYTES_MAX: usize = 64 << 10;
/// Signatures under a note, as the format's description allows readers to limit them.
pub const DRAW_SIGNATURES_MAX: usize = 100;

/// What limits need of one another.
const _: () = {
    // A command fits a frame, a frame a segment, a segment's places their 32 bits of 8-byte steps.
    assert!(LIST_KEYS_PER_COMMAND_MAX * 2 * 16 < COMMAND_BYTES_MAX);
    assert!(COMMAND_BYTES_MAX < FRAME_PAYLOAD_BYTES_MAX);
    assert!(FRAME_COMMANDS_MAX * 100 < FRAME_BYTES_TARGET);
    assert!(FRAME_BYTES_TARGET + COMMAND_BYTES_MAX < FRAME_PAYLOAD_BYTES_MAX);
    assert!((FRAME_PAYLOAD_BYTES_MAX as u64) < SEGMENT_BYTES);
    assert!(SEGMENT_BYTES <= SEGMENT_BYTES_MAX && SEGMENT_BYTES_MAX < 8 << 32);
    assert!(SEGMENT_BYTES <= SNAPSHOT_EVERY_BYTES);
    assert!(FRAME_PAYLOAD_BYTES_MAX as u64 <= HINT_JOURNAL_BYTES_MAX);
    assert!(CODE_CHARS_MAX < SNAPSHOT_CHUNK_BYTES && SNAPSHOT_CHUNK_BYTES < 1 << 32);
    // The first day of 2500 is a moment.
    assert!(16_725_225_600_000 < MOMENT_MILLIS_END);
    // What a request may hold fits its body, and the fields of an entry their seal.
    assert!(IDENTITY_FIELDS_MAX * IDENTITY_CHARS_MAX * 4 < SEALED_BYTES_MAX);
    assert!(SEALED_BYTES_MAX < BODY_BYTES_MAX && BODY_BYTES_MAX < BATCH_BODY_BYTES_MAX);
    assert!(BATCH_ENTRIES_MAX * 4_000 < BATCH_BODY_BYTES_MAX);
    assert!(IDEMPOTENCY_KEY_CHARS_MAX < HEADER_BYTES_MAX);
    assert!(IDENTITY_CHARS_MAX < FIELD_PATTERN_BYTES_MAX);
    // A campaign's file, its tables and what comes of them.
    assert!(LANGUAGES_MAX * TEXT_CHARS_MAX * 4 * 4 < CAMPAIGN_FILE_BYTES_MAX);
    assert!(CAMPAIGN_FILE_BYTES_MAX < UPLOAD_BYTES_MAX && COMMAND_BYTES_MAX < UPLOAD_BYTES_MAX);
    assert!(LIST_ROWS_MAX as usize * 19 <= UPLOAD_BYTES_MAX);
    assert!((UPLOAD_BYTES_MAX as u64) < WORKBOOK_BYTES_MAX);
    assert!(COMMAND_BYTES_MAX < LOAD_ANSWER_BYTES_MAX);
    // Steps are smaller than what they are steps of, and not nothing.
    assert!(0 < UPLOAD_STEP_BYTES && UPLOAD_STEP_BYTES < UPLOAD_BYTES_MAX);
    assert!(0 < ANSWER_STEP_BYTES && ANSWER_STEP_BYTES <= EXPORT_CHUNK_BYTES);
    assert!(EXPORT_CHUNK_BYTES < UNSENT_BYTES_MAX as usize);
    // What the console takes fits what it goes through.
    assert!(CONSOLE_UPLOAD_BYTES_MAX < UPLOAD_BYTES_MAX);
    assert!(PASSWORD_BYTES_MAX * 3 * 3 < CONSOLE_FORM_BYTES_MAX);
    assert!(REASON_CHARS_MAX * 4 * 3 < CONSOLE_FORM_BYTES_MAX);
    assert!(DRAW_NOTE_BYTES_MAX * 3 + CONSOLE_FORM_BYTES_MAX < CONSOLE_DRAW_FORM_BYTES_MAX);
    assert!(SESSION_END_TOLD_MILLIS < SESSION_IDLE_MILLIS_MAX);
    assert!(ACCOUNT_STREAMS_MAX * 2 <= CONSOLE_STREAMS_MAX);
    assert!(ACCOUNT_FAILURES_FREE < ACCOUNT_FAILURES_EVERYWHERE_FREE);
    assert!(SESSION_IDLE_MILLIS_MAX < SESSION_MILLIS_MAX);
    assert!(LOG_IN_WAIT_MILLIS_MIN < LOG_IN_WAIT_MILLIS_MAX);
    assert!(CONSOLE_ACTIONS_PER_PAGE < ACTIONS_LISTED_MAX);
};

#[cfg(test)]
mod tests {
    use super::*;

    /// A number in groups of three digits.
    fn grouped(number: u64) -> String {
        let digits = number.to_string();
        let groups = digits.as_bytes().rchunks(3).rev();
        let groups: Vec<_> = groups.map(|group| str::from_utf8(group).unwrap()).collect();
        groups.join(",")
    }

    /// Whoever keeps books by the rules needs the numbers that the rules name.
    #[test]
    fn the_rules_tell_the_limits_that_they_name() {
        let rules = include_str!("../../../docs/rules.md");
        let named = [
            ("CAMPAIGNS_MAX", CAMPAIGNS_MAX as u64),
            ("OUTLETS_MAX", OUTLETS_MAX as u64),
            ("ITEMS_MAX", ITEMS_MAX as u64),
            ("SLOTS_MAX", SLOTS_MAX as u64),
            ("POOLS_MAX", POOLS_MAX as u64),
            ("POOL_UNITS_MAX", POOL_UNITS_MAX as u64),
            ("BELOW_BOOKED_POOLS_MAX", BELOW_BOOKED_POOLS_MAX as u64),
            ("UNITS_PER_BOOKING_MAX", UNITS_PER_BOOKING_MAX as u64),
            ("ENTRIES_MAX", ENTRIES_MAX as u64),
            ("ACTIONS_KEPT_MAX", ACTIONS_KEPT_MAX as u64),
            ("MOMENT_MILLIS_END", MOMENT_MILLIS_END),
            ("CALENDAR_OFFSETS_MAX", CALENDAR_OFFSETS_MAX as u64),
            ("WINDOWS_MAX", WINDOWS_MAX as u64),
            ("IDENTITY_FIELDS_MAX", IDENTITY_FIELDS_MAX as u64),
            ("UNIQUE_FIELDS_MAX", UNIQUE_FIELDS_MAX as u64),
            ("CHOICES_MAX", CHOICES_MAX as u64),
            ("LANGUAGES_MAX", LANGUAGES_MAX as u64),
            ("CODE_CHARS_MAX", CODE_CHARS_MAX as u64),
            ("COOL_DOWN_DAYS_MAX", COOL_DOWN_DAYS_MAX as u64),
            ("LIST_KEYS_MAX", LIST_KEYS_MAX as u64),
            ("EXPORTS_KEPT_MAX", EXPORTS_KEPT_MAX as u64),
            ("DRAW_TICKETS_MAX", u64::from(DRAW_TICKETS_MAX)),
            ("DRAW_UNITS_MAX", u64::from(DRAW_UNITS_MAX)),
            ("DRAW_TRANCHE_CHARS_MAX", DRAW_TRANCHE_CHARS_MAX as u64),
            ("DRAW_BUCKET_CHARS_MAX", DRAW_BUCKET_CHARS_MAX as u64),
            ("DRAW_BUCKETS_MAX", DRAW_BUCKETS_MAX as u64),
            ("DRAWS_MAX", DRAWS_MAX as u64),
            ("STAND_DAYS_MAX", u64::from(STAND_DAYS_MAX)),
            ("AWARDS_MAX", AWARDS_MAX as u64),
        ];
        for (name, value) in named {
            let row = format!("| `{name}` | {} |", grouped(value));
            assert!(rules.contains(&row), "{row} is missing in docs/rules.md");
        }
        let mut words = rules.split(|c: char| !(c.is_ascii_uppercase() || c == '_'));
        let is_known = |word: &&str| named.iter().any(|(name, _)| name == word);
        assert_eq!(words.find(|word| word.ends_with("_MAX") && !is_known(word)), None);
    }
}
