//! Each way of adapting, on two of the people whom the shipped model has not seen.

use ambulo_data::{Content, Dataset};
use ambulo_model::adapt::SHRINKAGE;
use ambulo_model::shipped::Shipped;
use ambulo_record::{PersonalFigures, PersonalPoint};
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
