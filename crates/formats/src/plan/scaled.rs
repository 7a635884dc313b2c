//! Factors and sums that were declared.

use super::{Plan, Sample, resolve};
use crate::error::{Fault, Need};
use crate::options::ReadOptions;
use ambulo_signal::{FindingKind, Sensor};

/// Takes up what is added to the acceleration, and what each sensor is multiplied by.
///
/// # Errors
/// A number of columns that is not three, columns that are not there, factors that are no numbers or 0.
pub(super) fn apply(sample: &Sample, options: &ReadOptions, plan: &mut Plan) -> Result<(), Fault> {
    if !options.added.is_empty() {
        let places: Vec<usize> =
            options.added.iter().map(|column| resolve(sample, column)).collect::<Result<_, _>>()?;
        let Ok(places) = <[usize; 3]>::try_from(places) else {
            let text = format!(
                "{} columns are to be added to the acceleration, where x, y and z are three",
                options.added.len()
            );
            return Err(Fault::needs(Need::Columns, text));
        };
        let sensor = plan.sensors.iter_mut().find(|sensor| sensor.info.sensor == Sensor::Accelerometer);
        let Some(sensor) = sensor else {
            let text = "columns are to be added to the acceleration, and there is none";
            return Err(Fault::needs(Need::Columns, text));
        };
        sensor.plus = Some(places);
        let names = |columns: [usize; 3]| columns.map(|column| sample.name(column)).join(", ");
        plan.conversions.push(format!(
            "total acceleration is columns {} plus columns {}",
            names(sensor.columns),
            names(places)
        ));
        plan.findings.retain(|finding| finding.kind != FindingKind::GravityRemoved);
    }
    for sensor in &mut plan.sensors {
        if let Some(factor) = factor(options, sensor.info.sensor)? {
            sensor.scale = factor;
            plan.conversions.push(format!("{} x {factor}", sensor.info.sensor));
        }
    }
    Ok(())
}

/// What the values of a sensor are multiplied by, if that was declared.
///
/// # Errors
/// A factor that is no number or 0.
pub(crate) fn factor(options: &ReadOptions, sensor: Sensor) -> Result<Option<f64>, Fault> {
    let factor = options.scale.iter().rev().find(|entry| entry.0 == sensor).map(|entry| entry.1);
    match factor.filter(|factor| !factor.is_finite() || *factor == 0.0) {
        None => Ok(factor),
        Some(wrong) => {
            let text = format!("the factor of the {sensor} is {wrong}: it must be a number other than 0");
            Err(Fault::needs(Need::Unit(sensor), text))
        }
    }
}
