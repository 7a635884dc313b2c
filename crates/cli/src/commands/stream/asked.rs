//! What was asked for, and the models that may answer.

use super::super::{classify, load_model};
use crate::cli::{StepFormat, StreamArgs};
use crate::failure::Usage;
use ambulo_formats::ReadOptions;
use ambulo_model::{LONGEST_DELAY_S, Model, Predictor};
use ambulo_signal::Header;
use ambulo_signal::intake::Declared;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A model, and what tells it from others.
pub(super) struct Answerer {
    pub(super) predictor: Predictor,
    pub(super) fingerprint: String,
}

/// Everything but what comes.
pub(super) struct Asked {
    /// The model that was named; or those inside, of which the first is used that there are the sensors for.
    pub(super) answerers: Vec<Answerer>,
    pub(super) options: ReadOptions,
    pub(super) declared: Declared,
    /// None answers each window by itself.
    pub(super) delay_s: Option<f64>,
    pub(super) confidence: f32,
    pub(super) csv: bool,
    /// Whether the wearer's words are listened to.
    pub(super) teaches: bool,
    /// What a stream that goes on must have been asked for as well, by option.
    pub(super) stated: BTreeMap<String, Value>,
}

impl Asked {
    /// # Errors
    /// [`Usage`], or a model that cannot be read.
    pub(super) fn new(args: &StreamArgs) -> anyhow::Result<Self> {
        if !(0.0..=1.0).contains(&args.confidence) {
            let found = args.confidence;
            return Err(Usage(format!("--confidence {found}: a probability is 0 to 1")).into());
        }
        let delay_s = (!args.no_smoothing).then_some(args.delay);
        if let Some(delay) = delay_s.filter(|delay| !(0.0..=LONGEST_DELAY_S).contains(delay)) {
            return Err(Usage(format!("--delay {delay}: give 0 to {LONGEST_DELAY_S} seconds")).into());
        }
        if let Some(rate) = args.rate.filter(|rate| !(rate.is_finite() && *rate > 0.0)) {
            return Err(Usage(format!("--rate {rate}: give samples per second, above 0")).into());
        }
        let declared = Declared { axes: args.axes.map, up: args.axes.up, ..Declared::default() };
        let models = match &args.model {
            Some(path) => vec![load_model(path)?],
            None => classify::shipped()?,
        };
        if args.axes.up.is_some() && models.iter().all(|model| model.up().is_none()) {
            let text = "the model was trained on one way of wearing, so which way is up cannot be declared\nhint: leave `=up` out, or \
                        use a model for any facing";
            return Err(Usage(text.into()).into());
        }
        let answerers = models.into_iter().map(Answerer::new).collect::<Result<_, _>>()?;
        let options = ReadOptions {
            columns: args.columns.clone(),
            units: args.units.clone().unwrap_or_default(),
            rate_hz: args.rate,
            time: args.time,
            ..ReadOptions::default()
        };
        let (csv, stated) = (args.format == StepFormat::Csv, stated(args));
        let teaches = args.teach.is_some();
        Ok(Self { answerers, options, declared, delay_s, confidence: args.confidence, csv, teaches, stated })
    }

    /// The model for a recording: the first whose sensors it has; else the first, which says what is missing.
    ///
    /// # Panics
    /// Never: there is one at least.
    pub(super) fn answerer(&self, header: &Header) -> &Answerer {
        self.answerers.iter().find(|answerer| answerer.fits(header)).unwrap_or(&self.answerers[0])
    }
}

impl Answerer {
    fn new(model: Model) -> anyhow::Result<Self> {
        Ok(Self { fingerprint: classify::fingerprint(&model)?, predictor: Predictor::new(model) })
    }

    /// Whether a recording has all sensors that the model needs.
    pub(super) fn fits(&self, header: &Header) -> bool {
        let needed = self.predictor.model().metadata().preprocessing.sensors();
        needed.iter().all(|&sensor| header.position(sensor).is_some())
    }
}

fn stated(args: &StreamArgs) -> BTreeMap<String, Value> {
    let all = [
        ("--delay", (!args.no_smoothing).then(|| json!(args.delay))),
        ("--no-smoothing", args.no_smoothing.then_some(Value::Bool(true))),
        ("--axes", Some(json!(args.axes.to_string()))),
        ("--columns", args.columns.as_ref().map(|columns| json!(classify::columns(columns)))),
        ("--units", args.units.as_ref().map(|units| json!(classify::units(units)))),
        ("--rate", args.rate.map(Value::from)),
        ("--time", args.time.map(|time| json!(time.to_string()))),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}
