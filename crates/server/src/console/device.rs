//! Browsers that were let in to an account before.
//!
//! Owns: the cookie by which such a browser is known again, so that strangers who try the account's
//! name do not make it wait ("device cookies" of OWASP). Never: lets anybody in; keeps a list.
//! Invariants: a cookie is of one account; what proves it is made with the hash of the account's
//! password, which never leaves the node, and ends with that password.

use super::accounts::Account;
use super::guard::{cookie, cookie_name, give_cookie};
use crate::secret;
use axum::response::Response;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderMap;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use types::limits;

/// What tells one such browser from another.
pub(super) type DeviceKey = [u8; 32];

/// Whether the browser that sent these headers was let in to the account before.
pub(super) fn known(headers: &HeaderMap, account: &Account, is_secure: bool) -> Option<DeviceKey> {
    let value = cookie(headers, &name(account, is_secure))?;
    // The browser's own part; the rest proves it.
    let (id, told) = value.split_at_checked(secret::CHARS)?;
    let proof = proof(account, id);
    let is_proved = bool::from(secret::base32(&proof).as_bytes().ct_eq(told.as_bytes()));
    is_proved.then_some(proof)
}

/// Lets the browser that gets an answer be known.
pub(super) fn remember(
    answer: &mut Response,
    account: &Account,
    is_secure: bool,
) -> Result<(), getrandom::Error> {
    let id = secret::random()?;
    assert_eq!(id.len(), secret::CHARS, "what is made is what is read");
    let value = id.clone() + &secret::base32(&proof(account, &id));
    let seconds = Some(limits::DEVICE_SECONDS_MAX);
    give_cookie(answer, &name(account, is_secure), (&value, seconds), is_secure);
    Ok(())
}

/// Each account has a cookie of its own: several people may share a desk.
fn name(account: &Account, is_secure: bool) -> String {
    let digest = secret::base32(&Sha256::digest(account.name.as_bytes()).into());
    format!("{}-{}", cookie_name(is_secure), &digest[..8])
}

fn proof(account: &Account, id: &str) -> DeviceKey {
    let mac = Hmac::<Sha256>::new_from_slice(account.proof_key());
    let mut mac = mac.expect("a key may have any length");
    for part in ["tidegate device", &account.name, id] {
        mac.update(part.as_bytes());
        // No part holds it, so that no two different ones read alike.
        mac.update(&[0]);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::{COOKIE, SET_COOKIE};
    use serde_json::json;

    fn account(name: &str, password: &str) -> Account {
        let json = json!({ "name": name, "role": "owner", "created": 1, "password_set": 1,
            "disabled": false, "sessions": 3, "password": password });
        serde_json::from_value(json).unwrap()
    }

    /// What a browser sends that was let in.
    fn sent(account: &Account, is_secure: bool) -> HeaderMap {
        let mut answer = Response::default();
        remember(&mut answer, account, is_secure).unwrap();
        let set = answer.headers()[SET_COOKIE].to_str().unwrap();
        let pair = set.split(';').next().unwrap();
        HeaderMap::from_iter([(COOKIE, format!("x=1; {pair}").parse().unwrap())])
    }

    #[test]
    fn a_browser_is_known_for_one_account_and_one_password() {
        let ann = account("ann", "one hash");
        for is_secure in [true, false] {
            let headers = sent(&ann, is_secure);
            assert!(known(&headers, &ann, is_secure).is_some());
            assert_eq!(known(&headers, &ann, !is_secure), None);
            assert_eq!(known(&headers, &account("ann", "another hash"), is_secure), None);
            assert_eq!(known(&headers, &account("bob", "one hash"), is_secure), None);
            assert_ne!(sent(&ann, is_secure), headers, "each browser is one of its own");
        }
    }

    #[test]
    fn what_nobody_was_given_proves_nothing() {
        let ann = account("ann", "one hash");
        let name = name(&ann, false);
        let id = "a".repeat(secret::CHARS);
        let right = secret::base32(&proof(&ann, &id));
        for value in ["", "x", "é", &id, &format!("{id}{id}"), &format!("{id}{}", &right[1..])] {
            let cookie = format!("{name}={value}");
            let Ok(cookie) = cookie.parse() else { continue };
            assert_eq!(known(&HeaderMap::from_iter([(COOKIE, cookie)]), &ann, false), None);
        }
        let cookie = format!("{name}={id}{right}").parse().unwrap();
        assert!(known(&HeaderMap::from_iter([(COOKIE, cookie)]), &ann, false).is_some());
    }
}
