//! What a step tells of how far it is.

use crate::fixture::{Fixture, quiet};
use ceremony::{Against, CeremonyError, Folder, Progress};
use std::sync::Mutex;

type Step<'a> = &'a dyn Fn(Progress<'_>) -> Result<(), CeremonyError>;

/// What one step told: what it did, how much was done, of how much.
fn told(step: Step<'_>) -> Vec<(&'static str, u64, u64)> {
    let told = Mutex::new(Vec::new());
    step(&|doing, done, of| told.lock().unwrap().push((doing, done, of))).unwrap();
    told.into_inner().unwrap()
}

/// What a step did, one behind the other.
fn passes(step: Step<'_>) -> Vec<&'static str> {
    let mut passes: Vec<_> = told(step).into_iter().map(|(doing, ..)| doing).collect();
    passes.dedup();
    passes
}

#[test]
fn verifying_reads_the_list_once_for_all_that_came_back() {
    let fixture = Fixture::whole();
    let verify = |progress: Progress<'_>| {
        ceremony::verify(&fixture.folder, &Against::default(), progress).map(drop)
    };
    assert_eq!(passes(&verify), ["checking", "tiles", "drawing", "sampling"]);
    let none = fixture.input("none", "P1,0\n");
    for number in 2..5 {
        ceremony::alternates(&fixture.folder, number, &none, &fixture.key, &quiet).unwrap();
    }
    assert_eq!(passes(&verify), ["checking", "tiles", "drawing", "sampling"]);
}

#[test]
fn a_step_never_goes_back_and_never_says_that_all_is_done() {
    let fixture = Fixture::new();
    let (folder, key) = (&fixture.folder, &fixture.key);
    let (returned, home) = (fixture.input("returned", "P1,1\nP2,2\n"), fixture.home.path());
    let [left, now] = ["left", "now"].map(|name| home.join(name));
    let steps: [(&str, Step<'_>); 9] = [
        ("seal", &|progress| {
            fixture
                .sealing(&[], |sealing| ceremony::seal(folder, &sealing, key, progress).map(drop))
        }),
        ("seal again", &|progress| {
            fixture
                .sealing(&[], |sealing| ceremony::seal(folder, &sealing, key, progress).map(drop))
        }),
        ("run", &|progress| {
            fixture.open()?;
            fixture.seed()?;
            ceremony::run(folder, key, progress).map(drop)
        }),
        ("sample", &|progress| ceremony::sample(folder, 7, progress).map(drop)),
        ("alternates", &|progress| {
            ceremony::alternates(folder, 1, &returned, key, progress).map(drop)
        }),
        ("left", &|progress| ceremony::left(folder, progress).map(drop)),
        ("remaining", &|progress| {
            ceremony::remaining(folder, &returned, &left, &now, progress).map(drop)
        }),
        ("verify", &|progress| ceremony::verify(folder, &Against::default(), progress).map(drop)),
        ("verify what follows", &|progress| {
            let after = std::slice::from_ref(folder);
            let next = Folder::create(&home.join("next"))?;
            std::fs::copy(&left, home.join("entries")).unwrap();
            std::fs::copy(&now, home.join("stock")).unwrap();
            fixture.sealing(after, |sealing| {
                let sealing = Fixture::with_secrets([8, 9], sealing);
                ceremony::seal(&next, &sealing, key, &quiet)
            })?;
            let against = Against { after, ..Against::default() };
            ceremony::verify(&next, &against, progress).map(drop)
        }),
    ];
    for (name, step) in steps {
        let told = told(step);
        assert!(2 <= told.len(), "{name} tells how far it is");
        for pair in told.windows(2) {
            assert!(pair[0].1 <= pair[1].1 && pair[0].2 == pair[1].2, "{name}: {told:?}");
        }
        // A bar rounds 99.5 % and more to all of it.
        assert!(told.iter().all(|(_, done, of)| done * 1_000 < of * 995), "{name}: {told:?}");
    }
}
