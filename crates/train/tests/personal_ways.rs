//! Each way of adapting, on two of the people whom the shipped model has not seen.

use ambulo_data::{Content, Dataset};
use ambulo_model::Predictor;
use ambulo_model::adapt::{SHRINKAGE, Unlabelled};
use ambulo_model::shipped::Shipped;
use ambulo_record::vocabulary::is_transition;
use ambulo_record::{PersonalFigures, PersonalPoint};
use ambulo_signal::intake::Declared;
use ambulo_train::personal::{Personal, PersonalSource, Question, Step, Way};

fn two_people() -> Dataset {
    let mut dataset = ambulo_data::hapt().expect("the bundled data");
    if let Content::Recordings(recordings) = &mut dataset.content {
        recordings.retain(|one| ["2", "9"].contains(&one.person.as_str()));
    }
    dataset
}

fn ask(dataset: &Dataset, steps: &[Step], across: bool, threads: usize) -> PersonalFigures {
    let way = Way { steps: steps.to_vec(), shrinkage: SHRINKAGE };
    let seconds = if way.takes_labels() { vec![6.0] } else { Vec::new() };
    let model = Shipped::named("waist").expect("shipped").model().expect("sound");
    let question = Question { seconds, pieces: 1, draws: 2, new: None, way, across };
    let models = vec![PersonalSource { name: "waist".into(), model, of_run: false }];
    let personal =
        Personal { models, dataset, trained_on: &[], timeline: None, question, threads, command: "" };
    let mut figures = personal.measure(&|_| ()).expect("figures");
    figures.finished = String::new();
    figures
}

fn after(point: &PersonalPoint) -> Vec<f64> {
    point.people.iter().map(|score| score.mistakes_after).collect()
}

#[test]
fn each_step_moves_what_it_says_and_the_figures_are_the_same_for_any_number_of_threads() {
    let dataset = two_people();
    let head = ask(&dataset, &[Step::Head], false, 1);
    let mut seen = vec![after(&head.points[0])];
    for steps in [
        &[Step::AlsoUnlabelled][..],
        &[Step::Clusters],
        &[Step::Statistics],
        &[Step::Statistics, Step::Clusters],
        &[Step::Statistics, Step::Head],
        &[Step::Network],
    ] {
        let figures = ask(&dataset, steps, false, 2);
        let names: Vec<&str> = steps.iter().map(|step| step.name()).collect();
        assert_eq!(figures.way.method, names.join(", "));
        let point = &figures.points[0];
        assert_eq!(point.people.len(), 2);
        for score in &point.people {
            let before = head.points[0].people.iter().find(|one| one.person == score.person).expect("asked");
            assert_eq!(score.refused, 0, "{names:?}: {}", score.person);
            // The same model, on the same windows but for those that were given.
            assert!((score.mistakes_before - before.mistakes_before).abs() < 0.02, "{names:?}");
            assert!(score.mistakes_after < score.mistakes_before + 0.02, "{names:?}: {}", score.person);
            assert_eq!(score.by_draw.len(), if steps.iter().any(|s| s.takes_labels()) { 2 } else { 1 });
        }
        assert!(!seen.contains(&after(point)), "{names:?} does what another way does");
        seen.push(after(point));
    }
    let steps = [Step::Statistics, Step::AlsoUnlabelled];
    assert_eq!(ask(&dataset, &steps, true, 1), ask(&dataset, &steps, true, 2));
}

#[test]
fn over_time_answers_are_those_of_the_timeline() {
    let dataset = two_people();
    let Content::Recordings(recordings) = &dataset.content else { panic!("recordings") };
    let predictor = Predictor::new(Shipped::named("waist").expect("shipped").model().expect("sound"));
    let p = &predictor.model().metadata().preprocessing;
    let window_ns = p.nanoseconds(p.window);
    let labels = &predictor.model().metadata().labels;
    // Nothing is labelled, so that all windows count.
    let figures = ask(&dataset, &[Step::Clusters], false, 1);
    for score in &figures.points[0].people {
        let (mut windows, mut wrong) = (0.0, 0.0);
        for one in recordings.iter().filter(|one| one.person == score.person) {
            let mut all = Unlabelled::default();
            let (mut source, declared) = (one.recording.source(), Declared::default());
            predictor.collect_unlabelled(&mut source, &declared, &[], &mut all).expect("a good recording");
            let mut starts = Vec::new();
            predictor
                .each_placed(&mut one.recording.source(), &declared, &mut |raw, _| {
                    starts.extend(raw.start_ns);
                })
                .expect("a good recording");
            let answers = all.over_time(predictor.model()).expect("its own embeddings");
            assert_eq!(answers.len(), starts.len());
            for (start_ns, best) in starts.into_iter().zip(answers) {
                let within = one
                    .labels
                    .iter()
                    .find(|label| label.start_ns <= start_ns && start_ns + window_ns <= label.end_ns)
                    .filter(|label| !is_transition(&label.label));
                let Some(target) = within.and_then(|label| labels.target(&label.label)) else { continue };
                windows += 1.0;
                wrong += f64::from(!best.is_some_and(|best| target.classes().contains(&(best as u8))));
            }
        }
        let [before, after] = score.over_time.expect("scored");
        assert!((before - wrong / windows).abs() < 1e-12, "{}: {before} {wrong} {windows}", score.person);
        assert!(after < before + 0.03);
    }
}

#[test]
fn of_recordings_given_in_turn_the_others_are_scored() {
    let dataset = two_people();
    let all = ask(&dataset, &[Step::Clusters], false, 2);
    let across = ask(&dataset, &[Step::Clusters], true, 2);
    assert!(across.across && !all.across);
    for (one, both) in across.points[0].people.iter().zip(&all.points[0].people) {
        assert_eq!(one.by_draw.len(), 2, "a draw for each recording");
        // Each is scored once, the means are over both.
        assert!((2.0 * one.windows - both.windows).abs() < 1e-9, "{} of {}", one.windows, both.windows);
        assert!((one.mistakes_before - both.mistakes_before).abs() < 1e-12);
    }
}

#[test]
fn a_model_that_was_fitted_no_prior_over_time_takes_that_of_another() {
    let mut dataset = two_people();
    if let Content::Recordings(recordings) = &mut dataset.content {
        recordings.retain(|one| one.person.as_str() == "2");
    }
    let shipped = Shipped::named("waist").expect("shipped").model().expect("sound");
    let metadata = ambulo_model::Metadata { smoothing: None, unknown: None, ..shipped.metadata().clone() };
    let trained_on = [ambulo_data::hapt().expect("the bundled data")];
    let of = |timeline: bool| {
        let model = ambulo_model::Model::new(metadata.clone(), shipped.weights().to_vec()).expect("sound");
        let way = Way { steps: vec![Step::Clusters], shrinkage: SHRINKAGE };
        let question = Question { seconds: Vec::new(), pieces: 1, draws: 1, new: None, way, across: false };
        let personal = Personal {
            models: vec![PersonalSource { name: "forgetful".into(), model, of_run: false }],
            dataset: &dataset,
            trained_on: &trained_on,
            timeline: timeline.then_some(("waist", &shipped)),
            question,
            threads: 2,
            command: "",
        };
        personal.measure(&|_| ()).expect("figures")
    };
    let (with, without) = (of(true), of(false));
    assert!(with.models[0].memory_added && without.models[0].memory_added);
    assert_eq!((with.timeline.as_deref(), without.timeline), (Some("waist"), None));
    let [with, without] = [&with.points[0], &without.points[0]].map(|point| &point.people[0]);
    // Single windows are what they were; a prior that knows unknown calls some of them so over time.
    assert_eq!(with.mistakes_before.to_bits(), without.mistakes_before.to_bits());
    assert_ne!(with.over_time, without.over_time);
}
