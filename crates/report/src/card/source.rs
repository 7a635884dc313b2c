//! What a card must say of the data sets Ambulo knows.

/// A data set as far as a reader of the card needs it.
pub(super) struct Source {
    pub(super) title: &'static str,
    /// Short name of the terms, for the front matter.
    pub(super) licence_name: &'static str,
    /// Where data and terms are published.
    pub(super) link: &'static str,
    pub(super) limits: &'static [&'static str],
    pub(super) about: &'static str,
    pub(super) terms: &'static str,
    pub(super) citation: &'static str,
}

impl Source {
    /// By the name in the record.
    pub(super) fn of(dataset: &str) -> Option<&'static Self> {
        match dataset {
            "hapt" => Some(&HAPT),
            "uci-har" => Some(&UCI_HAR),
            _ => None,
        }
    }
}

/// Both data sets are the same people and recordings.
const LIMITS: &[&str] = &[
    "One device: all recordings come from one model of phone (Samsung Galaxy S II, 50 Hz). Other sensors differ in \
     range, noise and rate.",
    "One place: the phone was worn at the waist, in one way of wearing. Pocket, hand, wrist or bag are another matter.",
    "Few and young people: 30 volunteers aged 19 to 48. Nothing is known about children, old people, or people who \
     walk with a limp or an aid.",
    "Instructed movement: a fixed sequence of activities in a laboratory. Daily life is messier.",
];

const TERMS: &str = "The archive's page gives the data under CC BY 4.0. The readme of the original release asks to \
cite the authors and excludes commercial use. Both statements are the authors'; the stricter one is the safe one to \
follow. Ambulo's own code is MIT OR Apache-2.0, but these weights were derived from the data, and the terms of the \
data apply to them: cite the authors, and do not use the model commercially unless they allow it.";

const HAPT: Source = Source {
    title: "Smartphone-Based Recognition of Human Activities and Postural Transitions (HAPT)",
    licence_name: "hapt-data-terms-cc-by-4.0-and-non-commercial-readme",
    link: "https://archive.ics.uci.edu/dataset/341",
    limits: LIMITS,
    about: "HAPT holds the raw recordings behind the UCI HAR data set: 30 volunteers with a phone at the waist, 61 \
            experiments at 50 Hz. UCI HAR and HAPT are the same people and recordings; neither is an independent test \
            of a model trained on the other.",
    terms: TERMS,
    citation: "J.-L. Reyes-Ortiz, L. Oneto, A. Samà, X. Parra, D. Anguita: Transition-Aware Human Activity \
               Recognition Using Smartphones. Neurocomputing 171, 2016. \
               Data: UCI Machine Learning Repository, doi:10.24432/C54G7M.",
};

const UCI_HAR: Source = Source {
    title: "Human Activity Recognition Using Smartphones (UCI HAR)",
    licence_name: "uci-har-data-terms-cc-by-4.0-and-non-commercial-readme",
    link: "https://archive.ics.uci.edu/dataset/240",
    limits: LIMITS,
    about: "UCI HAR holds windows of 128 samples cut from recordings of 30 volunteers with a phone at the waist at \
            50 Hz. UCI HAR and HAPT are the same people and recordings; neither is an independent test of a model \
            trained on the other.",
    terms: TERMS,
    citation: "D. Anguita, A. Ghio, L. Oneto, X. Parra, J. L. Reyes-Ortiz: A Public Domain Dataset for Human \
               Activity Recognition Using Smartphones. ESANN 2013. \
               Data: UCI Machine Learning Repository, doi:10.24432/C54S4K.",
};
