//! How a recording is turned before a model sees it.

use crate::recording::Turn;
use crate::{ModelError, Predictor};
use ambulo_signal::SignalError;
use ambulo_signal::intake::Declared;
use ambulo_signal::levelling::{FirstPass, rotation_to};

/// How a recording is turned.
pub(super) struct Placed {
    pub(super) turns: Vec<Turn>,
    /// Whether it is known which way was up.
    pub(super) vertical: bool,
}

impl Predictor {
    /// How a recording is turned: as declared, or as found in it.
    pub(super) fn place(&self, first: &FirstPass, declared: &Declared) -> Result<Placed, ModelError> {
        if declared.up.is_some() {
            return Ok(Placed { turns: self.declared_turns(declared)?, vertical: true });
        }
        let Some(up) = self.model().up() else {
            return Ok(Placed { turns: Vec::new(), vertical: true });
        };
        match &first.wearing {
            Ok(worn) => {
                let turn = |(i, worn): (usize, &ambulo_signal::levelling::Worn)| {
                    let start_ns = if i == 0 { i64::MIN } else { worn.start_ns };
                    Ok(Turn { start_ns, rotation: rotation_to(worn.period.vertical, up)? })
                };
                let turns = worn.iter().enumerate().map(turn).collect::<Result<_, SignalError>>()?;
                Ok(Placed { turns, vertical: true })
            }
            Err(SignalError::NoVertical { .. }) => {
                let turn = |vertical| {
                    rotation_to(vertical, up).map(|rotation| Turn { start_ns: i64::MIN, rotation })
                };
                let turns = first.typical.map(turn).transpose()?.into_iter().collect();
                Ok(Placed { turns, vertical: false })
            }
            // What else can be wrong the intake has said before.
            Err(_) => Ok(Placed { turns: Vec::new(), vertical: false }),
        }
    }
}
