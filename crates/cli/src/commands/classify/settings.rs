//! What was asked for, the model that answers, and both in short.

use super::super::load_model;
use super::super::reading::stated;
use crate::cli::ClassifyArgs;
use crate::failure::Usage;
use ambulo_formats::{ColumnRef, Columns, ReadOptions, Units};
use ambulo_model::shipped::{SHIPPED, Shipped};
use ambulo_model::{LONGEST_DELAY_S, Model, ModelError, Predictor, Smoothing, TimelineOptions};
use ambulo_record::timeline::UsedModel;
use ambulo_signal::intake::Declared;
use ambulo_signal::{Header, Sensor};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// A model that answers.
pub(super) struct Answerer {
    pub(super) predictor: Predictor,
    /// Which model it is.
    pub(super) used: UsedModel,
    /// The model in short, for people.
    pub(super) card: Vec<(String, String)>,
}

impl Answerer {
    fn new(model: Model, step_s: Option<f64>) -> anyhow::Result<Self> {
        let used = UsedModel {
            name: model.metadata().model.clone(),
            fingerprint: fingerprint(&model)?,
            labels: model.metadata().labels.names().map(str::to_owned).collect(),
        };
        let model = match step_s {
            Some(step_s) => with_step(model, step_s)?,
            None => model,
        };
        Ok(Self { card: card(&model, &used), used, predictor: Predictor::new(model) })
    }

    /// Whether a recording has all sensors that the model needs.
    fn fits(&self, header: &Header) -> bool {
        let needed = self.predictor.model().metadata().preprocessing.sensors();
        needed.iter().all(|&sensor| header.position(sensor).is_some())
    }
}

/// Everything that answers depend on, but for the recordings.
pub(super) struct Settings {
    /// The model that was named; or those inside, of which each recording gets the first that it has the sensors for.
    answerers: Vec<Answerer>,
    pub(super) options: ReadOptions,
    pub(super) declared: Declared,
    pub(super) timeline: TimelineOptions,
    pub(super) confidence: f32,
    /// All that was asked for, by name, as summaries state it.
    pub(super) stated: BTreeMap<String, Value>,
}

impl Settings {
    /// # Errors
    /// [`Usage`], or a model that cannot be read.
    pub(super) fn new(args: &ClassifyArgs) -> anyhow::Result<Self> {
        if !(0.0..=1.0).contains(&args.confidence) {
            let found = args.confidence;
            return Err(Usage(format!("--confidence {found}: a probability is 0 to 1")).into());
        }
        let smoothing = match (args.no_smoothing, args.delay) {
            (true, _) => Smoothing::Off,
            (false, Some(delay_s)) => Smoothing::Causal { delay_s },
            (false, None) => Smoothing::WholeFile,
        };
        if let Some(delay) = args.delay.filter(|delay| !(0.0..=LONGEST_DELAY_S).contains(delay)) {
            return Err(Usage(format!("--delay {delay}: give 0 to {LONGEST_DELAY_S} seconds")).into());
        }
        let (options, declared) = stated(&args.stated, args.input_format.as_deref(), args.axes)?;
        let models = match &args.model {
            Some(path) => vec![load_model(path)?],
            None => shipped()?,
        };
        if args.axes.up.is_some() && models.iter().all(|model| model.up().is_none()) {
            let text = "the model was trained on one way of wearing, so which way is up cannot be declared\nhint: leave `=up` out, or \
                        use a model for any facing";
            return Err(Usage(text.into()).into());
        }
        let answerers =
            models.into_iter().map(|model| Answerer::new(model, args.step)).collect::<Result<_, _>>()?;
        Ok(Self {
            answerers,
            options,
            declared,
            timeline: TimelineOptions { smoothing, every_step: args.step.is_some() },
            confidence: args.confidence,
            stated: said(args),
        })
    }

    /// The model for a recording: the first whose sensors it has; else the first, which says what is missing.
    ///
    /// # Panics
    /// Never: there is one at least.
    pub(super) fn answerer(&self, header: &Header) -> &Answerer {
        self.answerers.iter().find(|answerer| answerer.fits(header)).unwrap_or(&self.answerers[0])
    }

    /// The labels of all answers.
    pub(super) fn labels(&self) -> &[String] {
        self.answerers.first().map_or(&[], |answerer| &answerer.used.labels)
    }
}

/// The models inside that answer by default, all with the same labels; the one that uses most sensors first.
pub(in super::super) fn shipped() -> anyhow::Result<Vec<Model>> {
    let usual = SHIPPED.iter().filter(|shipped| shipped.by_default);
    Ok(usual.map(Shipped::model).collect::<Result<_, _>>()?)
}

/// What tells a model from others: all of it, as it is written.
pub(in super::super) fn fingerprint(model: &Model) -> Result<String, ModelError> {
    let hash = Sha256::digest(model.to_bytes()?);
    Ok(hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect())
}

/// The model with another step, of whole rows.
fn with_step(model: Model, step_s: f64) -> anyhow::Result<Model> {
    let p = &model.metadata().preprocessing;
    let (rate_hz, window_s) = (p.rate_hz, p.window as f64 / p.rate_hz);
    let rows = (step_s * rate_hz).round();
    if !(rows >= 1.0 && step_s <= window_s) {
        return Err(Usage(format!(
            "--step {step_s}: give {} seconds, one sample of the model, to {window_s}, its window",
            1.0 / rate_hz
        ))
        .into());
    }
    Ok(model.with_step(rows as usize)?)
}

/// Names and values, in the order in which they are shown.
fn card(model: &Model, used: &UsedModel) -> Vec<(String, String)> {
    let metadata = model.metadata();
    let (p, from) = (&metadata.preprocessing, &metadata.provenance);
    let sensors: Vec<&str> = p.sensors().iter().map(|sensor| sensor.name()).collect();
    let people = from.trained_on.len();
    let all = [
        ("model", format!("{} ({})", metadata.model, used.fingerprint)),
        ("activities", used.labels.join(", ")),
        ("sensors", sensors.join(", ")),
        ("window", format!("{:.2} s at {} Hz", p.window as f64 / p.rate_hz, p.rate_hz)),
        ("step", format!("{:.2} s", p.step as f64 / p.rate_hz)),
        ("orientation", metadata.orientation.kind.name().to_owned()),
        ("trained on", format!("{people} people of {}", from.dataset)),
        ("trained with", format!("Ambulo {}", from.ambulo_version)),
    ];
    all.map(|(name, value)| (name.to_owned(), value)).into()
}

/// What was asked for; nothing that leaves answers as they are.
fn said(args: &ClassifyArgs) -> BTreeMap<String, Value> {
    let smoothing = match (args.no_smoothing, args.delay) {
        (true, _) => json!("off"),
        (false, Some(delay_s)) => json!({ "delay_s": delay_s }),
        (false, None) => json!("whole_file"),
    };
    let stated = &args.stated;
    let text = |value: Option<String>| value.map(Value::from);
    let all = [
        ("ambulo", Some(json!(env!("CARGO_PKG_VERSION")))),
        ("confidence", Some(json!(rounded(args.confidence)))),
        ("smoothing", Some(smoothing)),
        ("step_s", args.step.map(Value::from)),
        ("axes", Some(json!(args.axes.to_string()))),
        ("input_format", text(args.input_format.clone())),
        ("dialects", stated.dialects.as_ref().map(|path| json!(content_of(path)))),
        ("columns", text(stated.columns.as_ref().map(columns))),
        ("units", text(stated.units.as_ref().map(units))),
        ("rate_hz", stated.rate.map(Value::from)),
        ("time", text(stated.time.map(|time| time.to_string()))),
        ("device", text(stated.device.clone())),
        ("variable", text(stated.variable.clone())),
        ("max_gap_s", Some(json!(stated.max_gap))),
        ("autocalibrate", Some(json!(format!("{:?}", stated.autocalibrate).to_lowercase()))),
        ("clock_back", text(stated.clock_back.map(|choice| format!("{choice:?}").to_lowercase()))),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// Columns in the one spelling that means the same: `time=1,ax=2,ay=3,az=4`.
pub(in super::super) fn columns(columns: &Columns) -> String {
    let written = |column: &ColumnRef| match column {
        ColumnRef::Number(number) => number.to_string(),
        ColumnRef::Name(name) => format!("\"{name}\""),
    };
    let named = [("time", &columns.time), ("type", &columns.kind), ("device", &columns.device)];
    let named = named.into_iter().filter_map(|(role, column)| Some((role.to_owned(), column.as_ref()?)));
    let axes = columns.sensors.iter().flat_map(|(sensor, axes)| {
        ["x", "y", "z"]
            .into_iter()
            .zip(axes)
            .map(|(axis, column)| (format!("{}_{axis}", stem(*sensor)), column))
    });
    let all: Vec<String> =
        named.chain(axes).map(|(role, column)| format!("{role}={}", written(column))).collect();
    all.join(",")
}

/// Units likewise: `acc=m/s2,gyro=deg/s`.
pub(in super::super) fn units(units: &Units) -> String {
    let all = Sensor::ALL.into_iter().filter_map(|sensor| Some((sensor, units.of(sensor)?)));
    all.map(|(sensor, unit)| format!("{}={unit}", stem(sensor))).collect::<Vec<_>>().join(",")
}

fn stem(sensor: Sensor) -> &'static str {
    match sensor {
        Sensor::Accelerometer => "acc",
        Sensor::Gyroscope => "gyro",
        Sensor::Magnetometer => "mag",
    }
}

/// The number that was written, not the nearest one of 32 bits.
fn rounded(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

/// The content of a file of dialects, which was read before.
fn content_of(path: &std::path::Path) -> String {
    let hash = Sha256::digest(std::fs::read(path).unwrap_or_default());
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use clap::{CommandFactory as _, Parser as _};

    /// Whoever adds an option decides here whether answers depend on it; if they do, it belongs in [`said`].
    #[test]
    fn every_option_on_which_answers_depend_is_stated() {
        const OTHERS: [&str; 11] = [
            "files",
            "model",
            "format",
            "json",
            "summary",
            "probabilities",
            "html",
            "svg",
            "out",
            "force",
            "no_smoothing",
        ];
        const STATED: [(&str, &str); 15] = [
            ("variable", "readings"),
            ("max_gap", "1"),
            ("axes", "-y,x,z"),
            ("confidence", "0.7"),
            ("step", "0.5"),
            ("delay", "1"),
            ("input_format", "table"),
            ("dialects", "nowhere.toml"),
            ("columns", "x,y,z"),
            ("units", "g"),
            ("rate", "50"),
            ("time", "s"),
            ("device", "left"),
            ("autocalibrate", "off"),
            ("clock_back", "restart"),
        ];
        let command = Cli::command();
        let classify = command.find_subcommand("classify").unwrap();
        let arguments = classify.get_arguments().map(|argument| argument.get_id().as_str());
        let known = |id: &&str| OTHERS.contains(id) || STATED.iter().any(|(name, _)| name == id);
        let unknown: Vec<&str> = arguments.filter(|id| !known(id)).collect();
        assert!(unknown.is_empty(), "{unknown:?}: do answers depend on them?");
        let said_of = |own: &[&str]| {
            let words = [&["ambulo", "classify", "walk.csv"], own].concat();
            match Cli::try_parse_from(&words).unwrap().command {
                Command::Classify(args) => said(&args),
                other => panic!("{other:?}"),
            }
        };
        let usual = said_of(&[]);
        for (name, value) in STATED {
            let option = format!("--{}", name.replace('_', "-"));
            assert_ne!(said_of(&[&option, value]), usual, "{option}");
        }
        assert_ne!(said_of(&["--no-smoothing"]), usual);
    }

    #[test]
    fn what_was_declared_is_stated_in_one_spelling() {
        for text in ["time=1,acc=2-4,gyro=5-7", "1,2,3,4,5,6,7", "t=1,ax=2,ay=3,az=4,gx=5,gy=6,gz=7"] {
            let stated = columns(&text.parse().unwrap());
            assert_eq!(stated, "time=1,acc_x=2,acc_y=3,acc_z=4,gyro_x=5,gyro_y=6,gyro_z=7");
            assert_eq!(stated.parse::<Columns>().unwrap(), text.parse().unwrap());
        }
        let named: Columns = "time,\"x, odd\",y,z".parse().unwrap();
        assert_eq!(columns(&named).parse::<Columns>().unwrap(), named);
        let both: Units = "deg/s,acc=m/s2".parse().unwrap();
        assert_eq!(units(&both), "acc=m/s2,gyro=deg/s");
        assert_eq!(rounded(0.8), 0.8);
    }
}
