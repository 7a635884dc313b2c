//! All that is looked at in a recording before anything is done with it, in one pass.

use super::{WearingSurvey, Worn, wearing_of};
use crate::SignalError;
use crate::intake::{Declared, Report, Survey};
use crate::overlap::each_chunk;
use crate::source::{Source, SourceError};
use alloc::vec::Vec;

/// What the first pass found.
#[derive(Clone, Debug, PartialEq)]
pub struct FirstPass {
    /// As [`survey`](crate::intake::survey).
    pub report: Report,
    /// As [`wearing_of`].
    pub wearing: Result<Vec<Worn>, SignalError>,
    /// The direction, of length 1, that was up most of the time, whatever the wearer did: the geometric median of acceleration over
    /// all stretches of 2.56 s. Whoever lies all the time has another vertical. None without a stretch.
    pub typical: Option<[f32; 3]>,
}

/// Reads a source to its end and back: what it holds, and how the device was worn. The source is read while what came before is
/// looked at; the result does not depend on the number of threads. Where the unit of acceleration is only found by the survey,
/// the verticals may differ in their last digits from those of [`wearing_of`].
///
/// # Errors
/// What the source says.
pub fn first_pass(source: &mut dyn Source, declared: &Declared) -> Result<FirstPass, SourceError> {
    let mut survey = Survey::new(source.header(), declared);
    let mut wearing = WearingSurvey::new(source.header(), declared);
    each_chunk(
        source,
        &mut [&mut |chunk| survey.push(chunk), &mut |chunk| {
            if let Ok(wearing) = &mut wearing {
                wearing.push(chunk);
            }
        }],
    )?;
    // What a reader notices it may only know at the end.
    survey.set_header_findings(&source.header().findings);
    source.rewind()?;
    let report = survey.finish();
    let typical = wearing.as_mut().ok().and_then(WearingSurvey::typical);
    let wearing = match wearing.and_then(|wearing| wearing.finish(&report)) {
        Ok(Some(periods)) => Ok(periods),
        Ok(None) => wearing_of(source, &report, declared),
        Err(error) => Err(error),
    };
    Ok(FirstPass { report, wearing, typical })
}
