//! From a protocol and a data set to people and their windows.

use crate::evaluation::unseen::people_known_to;
use crate::training::ancestor::Beginning;
use crate::{Config, TrainError};
use ambulo_data::{
    Dataset, DevelopmentSubjects, Partition, Split, Test, Training, Validation, with_test_sets,
};
use ambulo_record::{LabelSet, PersonId};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;

/// The three partitions of a protocol.
pub(crate) struct Partitions {
    pub(crate) training: Partition<Training>,
    pub(crate) validation: Partition<Validation>,
    pub(crate) test: Partition<Test>,
}

impl Partitions {
    pub(crate) fn cut(dataset: &Dataset, config: &Config, labels: &LabelSet) -> Result<Self, TrainError> {
        let (people, test) = split(dataset, config)?.into_parts();
        let (training, validation) = hold_out(&people, dataset, config, labels)?;
        let test = test.cut(dataset, &config.preprocessing, labels)?.worn_at(&config.test_placements)?;
        Ok(Self { training, validation, test })
    }
}

/// Training and validation people apart; the test people are put aside uncut.
pub(crate) fn hold_out_people(
    dataset: &Dataset,
    config: &Config,
    labels: &LabelSet,
) -> Result<(Partition<Training>, Partition<Validation>), TrainError> {
    let (people, _test) = split(dataset, config)?.into_parts();
    hold_out(&people, dataset, config, labels)
}

/// Whether the configured protocol and validation draw exist on this data set; cuts no windows.
pub(crate) fn check_split(dataset: &Dataset, config: &Config) -> Result<(), TrainError> {
    let (people, _test) = split(dataset, config)?.into_parts();
    people.hold_out_group(config.validation.subjects, config.validation.seed, config.validation.group)?;
    Ok(())
}

/// Refuses a configuration that would test on people whom the model that it begins with has seen, or choose on people whose labels it has
/// seen; of a run over folds each fold is looked at.
///
/// # Errors
/// [`TrainError::SeenByAncestor`]; a model that cannot be read.
pub(crate) fn refuse_seen(dataset: &Dataset, config: &Config) -> Result<(), TrainError> {
    let (Some(beginning), Some(from)) = (Beginning::open(config)?, &config.from) else { return Ok(()) };
    let known = people_known_to(&beginning.ancestor, dataset);
    let folds = if config.is_over_folds() {
        (1..=fold_count(dataset, config)?).map(Some).collect()
    } else {
        vec![config.fold]
    };
    for fold in folds {
        let (people, test) = split(dataset, &Config { fold, ..config.clone() })?.into_parts();
        let v = &config.validation;
        let (_, validation) = people.hold_out_group(v.subjects, v.seed, v.group)?;
        // Without labels nobody can be learned by heart: people whose windows an encoder saw may choose, but never test.
        let choosing = (!beginning.is_encoder()).then(|| ("chosen on", validation.ids()));
        for (role, people) in [("tested on", test.ids())].into_iter().chain(choosing) {
            let seen: Vec<&PersonId> = people.intersection(&known).collect();
            if !seen.is_empty() {
                return Err(TrainError::SeenByAncestor {
                    path: from.file.clone(),
                    dataset: dataset.info.name.clone(),
                    role,
                    people: PersonId::list(seen),
                });
            }
        }
    }
    Ok(())
}

/// The people of one training, validation people apart.
pub(crate) fn training_people(dataset: &Dataset, config: &Config) -> Result<BTreeSet<PersonId>, TrainError> {
    let (people, _test) = split(dataset, config)?.into_parts();
    let v = &config.validation;
    let (training, _) = people.hold_out_group(v.subjects, v.seed, v.group)?;
    Ok(training.ids().clone())
}

/// How many folds the configured protocol has on this data set; checks that the first of them can be split.
pub(crate) fn fold_count(dataset: &Dataset, config: &Config) -> Result<usize, TrainError> {
    check_split(dataset, &Config { fold: Some(1), ..config.clone() })?;
    Ok(config.protocol.folds(dataset))
}

/// The people of the configured protocol and its fold.
fn split(dataset: &Dataset, config: &Config) -> Result<Split, TrainError> {
    let fold = match config.fold {
        Some(fold) if config.has_folds() => fold,
        None if config.has_folds() => {
            return Err(TrainError::Setting {
                setting: "fold",
                found: "absent".into(),
                expected: "the number of a fold: a single training belongs to one",
            });
        }
        _ => 1,
    };
    let split = if config.test_on.is_empty() {
        config.protocol.split(dataset, fold)?
    } else {
        with_test_sets(dataset, &config.test_on)?
    };
    Ok(split.worn_at(dataset, developed_at(config), &config.test_placements)?)
}

/// Where devices to develop on must have been worn; where nothing else is tested on, the data set has no others.
pub(crate) fn developed_at(config: &Config) -> &[String] {
    if config.test_placements.is_empty() { &[] } else { &config.placements }
}

fn hold_out(
    people: &DevelopmentSubjects,
    dataset: &Dataset,
    config: &Config,
    labels: &LabelSet,
) -> Result<(Partition<Training>, Partition<Validation>), TrainError> {
    let (training, validation) =
        people.hold_out_group(config.validation.subjects, config.validation.seed, config.validation.group)?;
    let p = &config.preprocessing;
    let places = developed_at(config);
    let mut training = training.cut(dataset, p, labels)?.worn_at(places)?;
    let validation = validation.cut(dataset, p, labels)?.worn_at(places)?;
    if let Some(few) = config.few {
        if let Some(people) = few.people {
            training = training.few_people(people, few.draw)?;
        }
        if let Some(windows) = few.windows.and_then(NonZeroUsize::new) {
            training = training.few_windows(windows, few.draw);
        }
    }
    Ok((training, validation))
}
