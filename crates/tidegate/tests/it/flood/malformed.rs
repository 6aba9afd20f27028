//! JSON that is none, to every route that takes JSON.

use super::clients::HONEST;
use super::clients::ask;
use super::program::Program;
use super::runtime;
use serde_json::Value;

/// What the node may grow by, in bytes: the longest text is 8 MiB, and few are under way at once.
const BYTES_MAX: u64 = 128 << 20;
const LONG_BYTES: usize = 8 << 20;
const DEEP: usize = 100_000;

/// A route, and a body that it takes.
struct Route {
    of_operators: bool,
    path: &'static str,
    good: &'static str,
}

const ROUTES: [Route; 10] = [
    Route {
        of_operators: false,
        path: "/v1/campaigns/test/entries",
        good: r#"{"identity":{"id_number":"110101199003070134","phone":"13800138000"},
            "choices":[{"outlet":"shop","item":"mask","slot":"day"}],"units":1}"#,
    },
    Route {
        of_operators: false,
        path: "/v1/campaigns/test/entries:batch",
        good: r#"{"entries":[{"idempotency_key":"k",
            "identity":{"id_number":"110101199003070134","phone":"13800138000"},
            "choices":[{"outlet":"shop","item":"mask","slot":"day"}]}]}"#,
    },
    Route {
        of_operators: false,
        path: "/v1/campaigns/test/find",
        good: r#"{"identity":{"id_number":"110101199003070134","phone":"13800138000"}}"#,
    },
    Route {
        of_operators: true,
        path: "/v1/operator/campaigns?dry_run=true",
        good: r#"{"file":"a.toml","files":[{"name":"a.toml","text":"x"}],"reason":"r"}"#,
    },
    Route {
        of_operators: true,
        path: "/v1/operator/campaigns/test/actions",
        good: r#"{"do":"cap","entries":5000,"reason":"r"}"#,
    },
    Route {
        of_operators: true,
        path: "/v1/operator/campaigns/test/stock",
        good: r#"{"file":{"name":"s.csv",
            "text":"outlet,item,slot,units\nshop,mask,day,5000\n"},"mode":"replace",
            "dry_run":true,"reason":"r"}"#,
    },
    Route {
        of_operators: true,
        path: "/v1/operator/campaigns/test/lists",
        good: r#"{"list":"block","field":"phone","file":{"name":"l.csv",
            "text":"13800138009\n"},"dry_run":true,"reason":"r"}"#,
    },
    Route {
        of_operators: true,
        path: "/v1/operator/campaigns/test/export",
        good: r#"{"format":"csv","layout":"file","reason":"r"}"#,
    },
    Route {
        of_operators: true,
        path: "/v1/operator/campaigns/test/shred",
        good: r#"{"confirm":"no","reason":"r"}"#,
    },
    Route {
        of_operators: true,
        path: "/v1/operator/redemptions",
        good: r#"{"code":"22222-22222","outlet":"shop"}"#,
    },
];

/// Values that nothing takes, or nothing takes in the place of a text, number or list.
const VALUES: [&str; 18] = [
    "NaN",
    "Infinity",
    "-",
    "1e400",
    "-1e400",
    "18446744073709551616",
    "99999999999999999999999999999999",
    "01",
    "0x10",
    "1.",
    "'a'",
    "undefined",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"\\x41\"",
    "\"a\nb\"",
    "[1,]",
    "{\"a\":1,}",
];

/// Every form of malformed JSON made of one that is good.
fn malformed(good: &str) -> Vec<(&'static str, Vec<u8>)> {
    let mut all: Vec<(&'static str, Vec<u8>)> = Vec::new();
    let (colon, inner) = (good.find(':').unwrap(), &good[1..]);
    let first = &good[1..colon];
    all.push(("nothing", Vec::new()));
    for whole in ["null", "true", "0", "-1", "1.5", "\"text\"", "[]", "[{}]", "{}", " ", "\0"] {
        all.push(("another value", whole.into()));
    }
    for end in 1..good.len() {
        all.push(("cut", good.as_bytes()[..end].to_vec()));
    }
    for value in VALUES {
        all.push(("a value", format!("{{{first}:{value}}}").into_bytes()));
        all.push(("a value of another name", format!("{{\"a\":{value},{inner}").into_bytes()));
    }
    let deep = ["[", "{\"a\":"].map(|open| open.repeat(DEEP));
    for deep in &deep {
        all.push(("deep", deep.clone().into_bytes()));
        all.push(("deep inside", format!("{{{first}:{deep}").into_bytes()));
    }
    let closed = format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP));
    all.push(("deep and closed", format!("{{{first}:{closed},{inner}").into_bytes()));
    all.push(("twice the same name", format!("{{{first}:null,{inner}").into_bytes()));
    all.push(("a byte order mark", [b"\xef\xbb\xbf", good.as_bytes()].concat()));
    all.push(("UTF-16", good.encode_utf16().flat_map(u16::to_le_bytes).collect()));
    all.push(("bytes before", format!("x{good}").into_bytes()));
    all.push(("bytes behind", format!("{good}x").into_bytes()));
    all.push(("another behind", format!("{good}{good}").into_bytes()));
    all.push(("NUL behind", format!("{good}\0").into_bytes()));
    all.push(("a comma behind", format!("{},}}", &good[..good.len() - 1]).into_bytes()));
    all.push(("a comment", format!("/**/{good}").into_bytes()));
    for bad in [&b"\xff"[..], b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe4\xb8"] {
        let value = [b"{", first.as_bytes(), b":\"", bad, b"\"}"].concat();
        all.push(("bad UTF-8 in a value", value));
        all.push(("bad UTF-8 in a name", [b"{\"", bad, b"\":1,", inner.as_bytes()].concat()));
    }
    let long = "x".repeat(LONG_BYTES);
    all.push(("a long name", format!("{{\"{long}\":1,{inner}").into_bytes()));
    all.push(("a long text", format!("{{\"a\":\"{long}\",{inner}").into_bytes()));
    all.push(("a long number", format!("{{\"a\":{},{inner}", "9".repeat(LONG_BYTES)).into_bytes()));
    all.push(("much space", format!("{}x", " ".repeat(LONG_BYTES)).into_bytes()));
    all
}

#[test]
fn malformed_json_is_refused_everywhere() {
    let mut program = Program::start(1_000);
    let tokens = [program.token("frontend"), program.token("operator")];
    let before = program.memory_bytes_peak();
    let mut sent = 0;
    runtime().block_on(async {
        for route in ROUTES {
            let to = if route.of_operators { program.operator } else { program.public };
            let token = &tokens[usize::from(route.of_operators)];
            for (what, body) in malformed(route.good) {
                let head = format!(
                    "POST {} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nidempotency-key: k\r\n\
                     content-type: application/json\r\nauthorization: Bearer {token}\r\n\
                     content-length: {}\r\n\r\n",
                    route.path,
                    body.len()
                );
                let request = [head.as_bytes(), &body].concat();
                let (status, answer) = ask(HONEST, to, &request).await;
                let shown = String::from_utf8_lossy(&body[..body.len().min(200)]);
                let case = format!("{}: {what}: {shown}: {status} {answer}", route.path);
                assert!((400..500).contains(&status), "{case}");
                let problem: Value = serde_json::from_str(&answer).expect("a problem document");
                assert!(problem["code"].is_string() && problem["status"] == status, "{case}");
                assert!(answer.len() < 4_096, "an answer does not grow with the question: {case}");
                sent += 1;
            }
        }
    });
    assert!(program.is_alive());
    let grown = program.memory_bytes_peak() - before;
    println!("{sent} malformed bodies refused, at most {} KiB more memory", grown >> 10);
    assert!(grown < BYTES_MAX, "{grown} bytes of memory");
    program.stop();
}
