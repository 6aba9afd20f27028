/** Every sentence of the page in English; keys and names in braces are those of zh.js. */

/** @type {typeof import("./zh.js").zh} */
export const en = {
  tag: "en",
  name: "English",
  unit: "{count} unit",
  units: "{count} units",
  at: " ({at})",
  tranche: "{bucket} (reserved: {tranche})",
  states: {
    right: "holds",
    wrong: "does not hold",
    unsure: "could not be checked",
    waiting: "not yet",
    void: "void",
    unseen: "not looked at: a step before it did not pass",
  },
  page: {
    title: "Check the draw",
    motto:
      "The list was locked before the draw; its numbers did not exist then; anyone can put the two together and must get the same winners.",
    draw: "Draw",
    private:
      "Everything is checked on your device. Your receipt and your ID number are sent to nobody, and kept nowhere.",
    receipt: "Receipt",
    receipt_hint:
      "Paste all of it here, from the line tidegate-receipt/v1 to the last line. A promise (tidegate-promise/v1), which you got before the list was sealed, will do, too.",
    scan: "Scan a QR code",
    stop: "Stop scanning",
    looking: "Hold the receipt's QR code before the camera.",
    open: "Open a file or picture",
    no_reader:
      "This browser reads no QR codes. Scan it with the camera or another app of your phone, and paste the text into the box above.",
    no_camera:
      "The camera was not opened: it was not allowed, or there is none. Open a picture instead, or paste the receipt.",
    no_code: "No QR code was found in this picture. Try a sharper one, or paste the receipt.",
    not_opened:
      "This file cannot be opened, or is no text. Try another file, or paste the receipt.",
    taken: "The receipt is filled in.",
    kind: "What you entered with",
    kind_ric: "Resident identity card (China)",
    kind_tel: "Phone number",
    kind_ppt: "Passport",
    kind_hrp: "Home-return permit",
    kind_txt: "Another number or text",
    kind_other: "Written by the organiser's instructions",
    identity: "ID number",
    identity_tel: "Phone number",
    identity_txt: "The number or text",
    identity_hint: "The one you entered with. Of a group, anybody's will do.",
    identity_hint_tel:
      "The one you entered with: a mobile number of mainland China as it is, any other with + and the country code. Of a group, anybody's will do.",
    identity_hint_txt:
      "Exactly what you entered with, with the same capitals, signs and spaces. Of a group, anybody's will do.",
    identity_hint_other:
      "TYPE-ISSUER:NUMBER. Only for a draw whose organiser has told you how to write it.",
    proof: "I have a proof for the list (not needed)",
    proof_hint:
      "A file that begins with c2sp.org/tlog-proof@v1. With it, no part of the list is downloaded. It goes with a receipt, not with a promise.",
    go: "Check",
    busy: "Checking, step {done} of 7…",
    empty_receipt: "Paste, scan or open your receipt first.",
    empty_identity: "Fill in what you entered with.",
    bad_identity:
      "The number is not of the right form. Please compare it with the card; a resident identity card has 18 characters.",
    bad_tel:
      "This is no phone number: a mobile number of mainland China has 11 digits, any other begins with + and the country code.",
    bad_other: "This is not of the right form. Write TYPE-ISSUER:NUMBER in capitals without spaces.",
    key: "The key that this page trusts",
    key_hint:
      "Seal, opening, seed, result and your receipt are all checked with this one key of the organiser. Compare it, group by group, with the key on the organiser's notice or announced in the hall. If one group differs, do not believe this page.",
    key_name: "Name",
    key_id: "Number",
    key_value: "Key",
    no_key:
      "The key of this page is damaged, and nothing can be checked. Open the page again at the address that the organiser published; if this stays, tell the organiser.",
    insecure:
      "Browsers compute what is needed here on secure connections (https) only. Open this page at an address that begins with https; if that does not help, use a newer browser.",
    failed:
      "Something went wrong in this page, and the check did not end. Load the page again; if this stays, use another browser and tell the organiser.",
    result: "What came of it",
    steps: "Step by step",
    evidence: "Show the evidence",
    save: "Save a record",
    print: "Print",
    record: "tidegate-check.txt",
    record_note:
      "The record has your line of the list, and neither your receipt nor your ID number. Show the receipt itself only to the notary and to whoever hands out: with it somebody could find your ID number by trying, and try to collect in your place.",
    told: "Were you told something else?",
    told_text:
      "What stands here comes of files that the organiser has signed, and anybody can compute it again. Save a record and show it, with your receipt and your ID, to the notary or the organiser; ask them to check the same files on a computer of their own and to answer in writing. A call, a message or a screenshot does not replace the signed result.",
    limits: "What this page does not check",
    limits_beacon:
      "The signature of the public beacon. Its round and its time are checked; for the signature use tidegate draw verify or tools/verify_draw.py.",
    limits_others:
      "What others get, and that the whole list of winners follows from the sealed list. Both programs above compute all of it again.",
    limits_same:
      "That everybody is shown the same files. Compare the seal's fingerprint, in the evidence of step 3, with the one that the notary read aloud.",
    limits_people:
      "That the people in the list may be in it. If the rules have a notary's sample, it finds many false entries, not each.",
    not_public:
      "Not publicly verifiable: this draw has neither balls nor a public beacon, and nobody outside can tell that its seed was not picked.",
  },
  steps: {
    receipt: {
      title: "The organiser signed the receipt",
      right: "The organiser's signature is valid, and the receipt is of the draw {draw}.",
      promise:
        "The organiser's signature is valid. This is a promise, given before the list was sealed: as long as your entry stands, it will be in the list of the draw {draw}.",
    },
    identity: {
      title: "The receipt is yours",
      right: "The ID that you typed fits the fingerprint in the receipt.",
      group: "This is an entry of {people} people; the ID that you typed is the one of person {person}.",
    },
    list: {
      title: "Your line is in the sealed list",
      right: "The sealed list has {size} lines; yours is line {place}.",
      proof: "The sealed list has {size} lines; yours is line {place} (shown by the proof that you gave).",
    },
    seed: {
      title: "The seed was made as the seal says",
      right:
        "Both secrets fit what was sealed; the balls drawn were {balls}; the beacon's round is the sealed one, {round}{at}. The beacon's signature is not checked in this page.",
      balls:
        "Both secrets fit what was sealed; the balls drawn were {balls}. This draw has no public beacon.",
      beacon:
        "Both secrets fit what was sealed; the beacon's round is the sealed one, {round}{at}. The beacon's signature is not checked in this page. This draw has no balls.",
      private:
        "Both secrets fit what was sealed. This draw is not publicly verifiable: it has neither balls nor a public beacon.",
    },
    number: {
      title: "Your draw number",
      right:
        "Computed from the seed and your line: {number}. All numbers lie between 0 and 1, and smaller ones choose first.",
      tickets:
        "You have {tickets} tickets with a number each; the smallest counts: {number}. All numbers lie between 0 and 1, and smaller ones choose first.",
    },
    cutoff: {
      title: "Your number and the cut-off",
      right: "Your number {number} is not above the cut-off of {bucket}, {cutoff} (for {units}).",
      open: "{bucket} had enough for {units} to the end: it has no cut-off, and any number will do.",
      above: "Your number {number} is above the cut-off of each place that you may have.",
    },
    result: { title: "What that means" },
  },
  problems: {
    receipt_shape:
      "This is not a whole receipt. Copy all of it: from the line tidegate-receipt/v1, with the empty line, to the signature that begins with “—”.",
    receipt_line:
      "Line {line} of the receipt is not as it should be; something may be missing or too much. Copy or scan the receipt again.",
    receipt_other_draw:
      "This receipt is of another draw: {found}. This page checks {draw}. Open the page of the other draw.",
    receipt_unsigned:
      "The receipt has no signature of the key that this page trusts. Somebody may have made it up, or another key was used. Compare the key first; if it is right, do not rely on this receipt, and tell the organiser.",
    receipt_forged:
      "The signature does not fit the receipt: its text was changed, or the signature is made up, or something was lost in copying. Copy it from the original once more; if it stays so, take the original to the organiser.",
    identity_shape: "The ID number is not of the right form, and was not checked. Correct it and try again.",
    identity_other:
      "The ID that you typed does not fit this receipt. Look at kind and number, and whether it is the right receipt. If all is right, take receipt and ID to the organiser.",
    offline:
      "There is no connection: {file} did not arrive. Look at your connection and try again; what you filled in is still here.",
    server: "The server did not give {file} (status {status}). Try again later; if it stays so, tell the organiser.",
    missing:
      "The server does not have {file}, which should be published. Try again later, or check with another copy; if it stays missing, tell the organiser or the notary.",
    file_shape:
      "Line {line} of {file} is not as it should be: the file is damaged, or is another one. Try again later; if it stays so, tell the organiser.",
    file_note:
      "{file} is not a signed file: it is damaged, or is another one. Try again later; if it stays so, tell the organiser.",
    file_unsigned:
      "{file} has no signature of the key that this page trusts, and cannot be believed. Compare the key first; if it is right, save a record and show it to the notary.",
    file_forged:
      "The signature of {file} does not fit its text: it was changed after it was signed. Save a record and show it to the notary.",
    file_other_draw: "{file} is of another draw: {found}, not {draw}. Tell the organiser.",
    file_chain:
      "{file} does not follow the file before it: the order is broken. Save a record and show it to the notary.",
    gap: "The server has {later}, and not {file}, which comes before it: a file was taken away. Save a record and show it to the notary.",
    file_cut:
      "{file} is cut off, or of the wrong length. Try again later; if it stays so, tell the organiser, or check with another copy.",
    file_digest:
      "{file} does not fit its signed fingerprint: it was changed or damaged, and no result can be taken from it. Save a record and show it to the notary.",
    seal_checkpoint:
      "The seal and the signed head of the list differ in the number of lines or in the fingerprint. Save a record and show it to the notary.",
    absent:
      "The list is in order, and your line is not where it would have to be: the lines next to that place were checked and are in the sealed list. What you hold is signed by the organiser: it proves that you were left out.",
    absent_later:
      "The list is in order, and your line is not where it would have to be: the lines next to that place were checked and are in the sealed list. This seal goes on from an earlier one: whoever already got something there is not in it, and rightly so. If you had nothing there, what you hold shows that you were left out.",
    absent_promise:
      "The list is in order, and no line of it keeps this promise: the lines next to its place were checked and are in the sealed list. That is right if you gave the entry up, have had units since (also from an earlier seal of this draw), or were refused by the rules; else it shows that you were left out.",
    line_other:
      "The list has a line with your fingerprint, and it does not say what you were given over the organiser's signature: compare the two under the evidence of steps 1 and 3. Save a record and show it to the notary.",
    list_damaged:
      "The piece of the list that the server gave ({file}) does not fit the sealed fingerprint: it was changed or damaged. This does not say that you are missing from the list. Try again later, or check with another copy; if it stays so, save a record and show it to the notary.",
    proof_shape: "What you pasted is not a whole proof. Copy it again, or empty that box and check again.",
    proof_promise:
      "A proof does not go with a promise, and nothing was downloaded. Empty the box of the proof, and a part of the list is downloaded; or paste the receipt in place of the promise.",
    proof_wrong:
      "The proof that you pasted does not show that your line is in the sealed list: it is of another line or another list. Empty that box and check again.",
    sealed:
      "The list is sealed, and the seed does not exist yet; its deadline is {deadline}. Come back after the draw.",
    sealed_late:
      "The deadline, {deadline}, has passed and no seed is published. By the rules a draw without a seed at its deadline is void. Look for the organiser's notice.",
    opened:
      "The secrets are open, and the seed is not published yet; its deadline is {deadline}. Come back a little later.",
    opened_late:
      "The secrets are open; the deadline, {deadline}, has passed and no seed is published. By the rules a draw without a seed at its deadline is void. Look for the organiser's notice.",
    no_result: "The seed is there, and the result is not published yet. Come back a little later.",
    void: "The organiser has declared the draw void, over a signature. The reason given is: {reason}",
    opening_other_seal: "opening.txt opens another seal. Save a record and show it to the notary.",
    secret_operator:
      "The organiser's secret does not fit what was sealed: it was exchanged. Save a record and show it to the notary.",
    secret_notary:
      "The notary's secret does not fit what was sealed: it was exchanged. Save a record and show it to the notary.",
    opening_balls:
      "Whether balls are drawn differs from what was sealed. Save a record and show it to the notary.",
    seed_other_seal: "The seed names another seal. Save a record and show it to the notary.",
    seed_opening:
      "Secrets or balls in the seed differ from those that were opened. Save a record and show it to the notary.",
    seed_round:
      "The beacon's round in the seed is not the sealed one. Save a record and show it to the notary.",
    round_late:
      "Round {round} of the beacon is not before the deadline, {deadline}, and must not be used. Save a record and show it to the notary.",
    seed_digest:
      "seed.txt does not fit its signed fingerprint: it was changed or damaged. Save a record and show it to the notary.",
    beacon_unknown:
      "The seal names a beacon that this page does not know: when its rounds come cannot be checked. Save a record and show it to the notary.",
    file_private:
      "{file} and the seal differ in whether the draw is publicly verifiable. Save a record and show it to the notary.",
    result_seed: "The result is of another seed. Save a record and show it to the notary.",
    no_such_bucket:
      "Your line has chosen {bucket}, which is not in the published stock. Save a record and show it to the notary.",
  },
  conclusions: {
    drawn: {
      head: "You have been drawn: {units} at {bucket}",
      lead: "By the cut-offs that the organiser has signed, {bucket}, which you chose, has {units} for you.",
      next: "Collect when and how the organiser says, with receipt and ID at hand. Where you gave the entry up since, got something in another draw, or the time to collect is over, nothing is kept for you: the page of your entry tells.",
    },
    drawn_any: {
      head: "You have been drawn: {units} at {bucket}",
      lead: "The places that you chose had run out. You said that any other would do: by the cut-offs that the organiser has signed, {bucket} has {units} for you.",
      next: "Collect when and how the organiser says, with receipt and ID at hand. Where you gave the entry up since, got something in another draw, or the time to collect is over, nothing is kept for you: the page of your entry tells.",
    },
    alternate: {
      head: "You have been drawn as an alternate: {units} at {bucket}",
      lead: "Not in the first draw, but as alternates were drawn (number {event}): by the cut-offs that the organiser has signed, {bucket} has {units} for you.",
      next: "Collect when and how the organiser says, with receipt and ID at hand. Where you gave the entry up since, got something in another draw, or the time to collect is over, nothing is kept for you: the page of your entry tells.",
    },
    nothing: {
      head: "Not drawn so far",
      lead: "Your number is above the cut-off of each place that you may have.",
      next: "If the organiser draws alternates, check again when they are published.",
    },
    left_out: {
      head: "Your line is not in the sealed list",
      lead: "What you hold has the organiser's valid signature, and the list does not have its line.",
      next: "Save a record and show it, with receipt and ID, to the organiser and to the notary; ask for an answer in writing. Keep the receipt itself.",
    },
    left_out_later: {
      head: "Your line is not in this list, which goes on from an earlier one",
      lead: "Whoever already got something in the earlier draw is rightly not in this one.",
      next: "Check with the earlier draw's page first. If you had nothing there, save a record and show it, with receipt and ID, to the organiser and to the notary; ask for an answer in writing. Keep the receipt itself.",
    },
    left_out_promise: {
      head: "The list does not keep this promise",
      lead: "There can be a reason: you gave the entry up, have had units since, or were refused by the rules. If none is true, you were left out.",
      next: "Save a record and show it, with the promise and your ID, to the organiser and to the notary; ask for the reason in writing. Keep the promise itself.",
    },
    waiting: {
      head: "There is no result yet",
      lead: "The steps that can be checked so far hold; the files after them are not published.",
      next: "Keep your receipt, and check again when more is published.",
    },
    void: {
      head: "This draw is void",
      lead: "The reason given is: {reason}",
      next: "No result of this draw stands. Whether there is another one, the organiser's notice says; keep your receipt.",
    },
    wrong_receipt: {
      head: "This receipt cannot be checked",
      lead: "Step 1 did not pass, so nothing follows: neither that you were drawn nor that you were not.",
      next: "Read on at step 1.",
    },
    wrong_identity: {
      head: "ID and receipt do not fit",
      lead: "Step 2 did not pass, so nothing follows: neither that you were drawn nor that you were not.",
      next: "Read on at step 2.",
    },
    wrong_list: {
      head: "Something is wrong with the list: no result",
      lead: "Step 3 did not pass, so nothing follows: neither that you were drawn nor that you were not.",
      next: "Read on at step 3.",
    },
    wrong_proof: {
      head: "This proof cannot be used: no result",
      lead: "Step 3 did not pass, so nothing follows: neither that you were drawn nor that you were not.",
      next: "Read on at step 3, and empty the box of the proof to check without one.",
    },
    wrong_seed: {
      head: "Something is wrong with the seed: no result",
      lead: "Step 4 did not pass, so nothing follows: neither that you were drawn nor that you were not.",
      next: "Read on at step 4, and save a record.",
    },
    wrong_cutoff: {
      head: "Something is wrong with the result's files",
      lead: "Step 6 did not pass, so nothing follows: neither that you were drawn nor that you were not.",
      next: "Read on at step 6, and save a record.",
    },
    unsure_list: {
      head: "Not checked to the end: no result",
      lead: "A file that step 3 needs did not come.",
      next: "Read on at step 3, and try again later.",
    },
    unsure_seed: {
      head: "Not checked to the end: no result",
      lead: "A file that step 4 needs did not come.",
      next: "Read on at step 4, and try again later.",
    },
    unsure_cutoff: {
      head: "Not checked to the end: no result",
      lead: "A file that step 6 needs did not come.",
      next: "Read on at step 6, and try again later.",
    },
  },
  evidence: {
    signed_text: "The text that is signed (the salt is left out here: it stands in your receipt)",
    signatures: "Signatures",
    recipe: "Compute it yourself",
    id_recipe:
      "Compute it yourself (the salt of your receipt in place of ‹salt›; what you entered with in place of ‹identity›, written as docs/draw.md lists it: RIC-CN:number for a resident card, TEL-E164:+86… for a mobile number)",
    leaf_recipe: "Compute the hash of the line yourself",
    gives: "Gives",
    in_your_line: "What your line says",
    line: "Your line",
    goes_on: "The seal goes on from the event with this fingerprint",
    neighbours: "The two lines of the list between which yours should stand",
    path: "The hashes beside the way from your line to the list's fingerprint",
    root: "The list's fingerprint, and the signed file that holds it",
    seal_print: "The seal's fingerprint; compare it with what the notary read aloud",
    asked_for: "What was downloaded (256 lines a bundle: the server does not learn which is yours)",
    operator_secret: "The organiser's secret: how, what it gives, what was sealed",
    notary_secret: "The notary's secret: how, what it gives, what was sealed",
    seed_text: "All of seed.txt",
    number: "The smallest number, all of its hexadecimal digits",
    result_text: "The signed result",
    compared: "Place by place: the row of the table, and how your number compares",
  },
};
