use super::draw::pieces;
use super::*;

const WINDOW_NS: i64 = 2_560_000_000;
const STEP_NS: i64 = 640_000_000;

/// Windows of an activity from one time to another, in seconds.
fn stretch(label: &str, recording: usize, from_s: f64, to_s: f64) -> Vec<Window> {
    let (from, to) = ((from_s * 1e9) as i64, (to_s * 1e9) as i64);
    let starts = (0..).map(|i| from + i * STEP_NS).take_while(|start| start + WINDOW_NS <= to);
    let window = |start_ns| Window {
        label: label.into(),
        recording,
        start_ns,
        embedding: Vec::new(),
        movement: Vec::new(),
        logits: Vec::new(),
        input: [].into(),
    };
    starts.map(window).collect()
}

/// Two recordings in which a person walks and sits, now and then, and lies for five seconds only.
fn person(name: &str) -> Person {
    let all = [
        stretch("walking", 0, 0.0, 40.0),
        stretch("sitting", 0, 40.0, 55.0),
        stretch("lying", 0, 55.0, 60.0),
        stretch("sitting", 1, 0.0, 30.0),
        stretch("walking", 1, 30.3, 45.0),
    ];
    Person::new(PersonId::new(name).unwrap(), "made up".into(), (WINDOW_NS, STEP_NS), all.concat())
}

fn drawn(amount: Amount, only: Option<&str>) -> Drawn<'_> {
    Drawn { amount: Some(amount), only, across: false }
}

fn span(person: &Person, window: usize) -> (usize, i64, i64) {
    let window = &person.windows[window];
    (window.recording, window.start_ns, window.start_ns + WINDOW_NS)
}

fn overlap(a: (usize, i64, i64), b: (usize, i64, i64)) -> bool {
    a.0 == b.0 && a.1 < b.2 && b.1 < a.2
}

#[test]
fn what_is_scored_shares_no_sample_with_what_is_given() {
    let person = person("7");
    let mut begun = BTreeSet::new();
    for (seconds, asked) in [(10.0, 1), (3.0, 1), (10.0, 4), (1.0, 1), (100.0, 1), (100.0, 9)] {
        for number in 0..20 {
            let draw = person.draw(number, drawn(Amount::new(seconds, asked, &person), None));
            for piece in &draw.given {
                let own = (piece.recording, piece.start_ns, piece.end_ns);
                assert!(!piece.windows.is_empty(), "{piece:?}");
                for &window in &piece.windows {
                    assert_eq!(*person.windows[window].label, *piece.activity);
                    let (recording, start, end) = span(&person, window);
                    assert!(recording == own.0 && start >= own.1 && end <= own.2);
                }
                for &window in &draw.scored {
                    assert!(!overlap(span(&person, window), own), "{seconds} s, {window} in {piece:?}");
                }
                let others = draw.given.iter().filter(|o| o.activity == piece.activity && *o != piece);
                for other in others {
                    assert!(!overlap((other.recording, other.start_ns, other.end_ns), own));
                }
                if piece.activity == "walking" && seconds == 3.0 {
                    begun.insert((piece.recording, piece.start_ns));
                }
            }
            // Nothing is lost that does not touch what was given.
            let apart = (0..person.windows.len()).filter(|&window| {
                let own = span(&person, window);
                !draw.given.iter().any(|p| overlap(own, (p.recording, p.start_ns, p.end_ns)))
            });
            assert_eq!(draw.scored, apart.collect::<Vec<_>>());
        }
    }
    assert!(begun.len() > 10, "different places: {begun:?}");
}

#[test]
fn a_stretch_is_as_long_as_asked_for_or_as_the_activity_lasts() {
    let person = person("7");
    for number in 0..20 {
        let draw = person.draw(number, drawn(Amount::new(10.0, 1, &person), None));
        let given: Vec<(&str, f64)> =
            draw.given.iter().map(|p| (p.activity.as_str(), p.covered_s(&person))).collect();
        let [("lying", lying), ("sitting", sitting), ("walking", walking)] = given[..] else {
            panic!("{given:?}")
        };
        assert!((lying - 4.48).abs() < 1e-9, "all of five seconds that windows cover: {lying}");
        for seconds in [sitting, walking] {
            assert!((10.0 - 0.64..=10.0).contains(&seconds), "{seconds}");
        }
    }
    let only = person.draw(0, drawn(Amount::new(10.0, 1, &person), Some("sitting")));
    assert_eq!(only.given.iter().map(|p| p.activity.as_str()).collect::<Vec<_>>(), ["sitting"]);
}

#[test]
fn pieces_are_of_equal_length_and_at_least_a_window() {
    for (seconds, asked, expected) in
        [(10.0, 4, 4), (10.0, 9, 4), (10.0, 1, 1), (3.0, 4, 1), (1.0, 4, 1), (20.48, 4, 4)]
    {
        assert_eq!(pieces(seconds, asked, 2.56), expected, "{seconds} s in {asked}");
    }
    let person = person("7");
    let draw = person.draw(3, drawn(Amount::new(10.0, 4, &person), None));
    let of = |name: &str| draw.given.iter().filter(|piece| piece.activity == name).count();
    assert_eq!((of("walking"), of("sitting"), of("lying")), (4, 4, 1), "no room for a second one of lying");
    assert!(draw.given.iter().all(|piece| piece.end_ns - piece.start_ns == WINDOW_NS));
    let long = person.draw(3, drawn(Amount::new(20.48, 4, &person), Some("walking")));
    assert!(
        long.given
            .iter()
            .all(|piece| piece.end_ns - piece.start_ns == 2 * WINDOW_NS && piece.windows.len() == 5)
    );
    assert_eq!(long.given.len(), 4);
}

#[test]
fn draws_depend_on_their_number_and_the_name_of_the_person_alone() {
    let amount = Amount { seconds: 3.0, pieces: 1 };
    let [a, b] = ["7", "8"].map(person);
    assert_eq!(a.draw(1, drawn(amount, None)), a.clone().draw(1, drawn(amount, None)));
    assert_ne!(a.draw(1, drawn(amount, None)), a.draw(2, drawn(amount, None)));
    assert_ne!(a.draw(1, drawn(amount, None)), b.draw(1, drawn(amount, None)));
}

#[test]
fn a_question_that_is_none_is_refused_by_its_setting() {
    let good = Question {
        seconds: vec![10.0, 3.0],
        pieces: 1,
        draws: 10,
        new: Some(NewActivity { activity: "Nordic walking".into(), alone: false }),
        way: Way { steps: vec![Step::Head], shrinkage: 200.0 },
        across: false,
    };
    assert_eq!(good.checked().unwrap().new_activity(), Some("nordic_walking"));
    let message = |change: &dyn Fn(&mut Question)| {
        let mut question = good.clone();
        change(&mut question);
        question.checked().unwrap_err().to_string()
    };
    let head = |shrinkage| Way { steps: vec![Step::Head], shrinkage };
    let steps = |steps: &[Step]| Way { steps: steps.to_vec(), shrinkage: 200.0 };
    for (found, setting) in [
        (message(&|q| q.seconds.clear()), "seconds is empty"),
        (message(&|q| q.seconds.push(0.0)), "seconds is 0"),
        (message(&|q| q.seconds.push(f64::NAN)), "seconds is NaN"),
        (message(&|q| q.pieces = 0), "pieces is 0"),
        (message(&|q| q.draws = 0), "draws is 0"),
        (message(&|q| q.way = head(-1.0)), "shrinkage is -1"),
        (message(&|q| q.across = true), "across is with a new activity"),
        (
            message(&|q| {
                q.way = Way { steps: vec![Step::Statistics], shrinkage: 100.0 };
                q.seconds.clear();
            }),
            "shrinkage is 100",
        ),
        (message(&|q| q.way = steps(&[])), "way is "),
        (message(&|q| q.way = steps(&[Step::Head, Step::Head])), "way is head, head"),
        (message(&|q| q.way = steps(&[Step::Clusters])), "seconds is [10"),
        (
            message(&|q| (q.way, q.seconds) = (steps(&[Step::Statistics, Step::Clusters]), Vec::new())),
            "new is an activity",
        ),
        (message(&|q| q.new.as_mut().unwrap().activity = "  ".into()), "new is "),
    ] {
        assert!(found.contains(setting), "{setting}: {found}");
    }
}

#[test]
fn what_comes_from_one_recording_is_scored_in_the_others() {
    let person = person("7");
    let labelled = Drawn { amount: Some(Amount { seconds: 3.0, pieces: 1 }), only: None, across: true };
    let whole = Drawn { amount: None, ..labelled };
    assert_eq!((person.draws(10, labelled), person.draws(10, whole), person.draws(1, whole)), (10, 2, 1));
    assert_eq!(person.draws(10, Drawn { across: false, ..whole }), 1);
    for number in 0..4 {
        let draw = person.draw(number, labelled);
        let own = (number % 2) as usize;
        assert_eq!(draw.recordings, [own]);
        assert!(draw.given.iter().all(|piece| piece.recording == own));
        let names: Vec<&str> = draw.given.iter().map(|piece| piece.activity.as_str()).collect();
        assert_eq!(names, [&["lying", "sitting", "walking"][..], &["sitting", "walking"][..]][own]);
        let others = (0..person.windows.len()).filter(|&i| person.windows[i].recording != own);
        assert_eq!(draw.scored, others.collect::<Vec<_>>());
        let without = person.draw(number, whole);
        assert_eq!((&without.scored, without.given.len()), (&draw.scored, 0));
    }
    let windows = stretch("walking", 0, 0.0, 20.0);
    let one = Person::new(PersonId::from(1), "made up".into(), (WINDOW_NS, STEP_NS), windows);
    assert_eq!((one.draws(10, labelled), one.draws(10, whole)), (0, 0));
}
