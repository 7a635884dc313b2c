//! The ways of wearing a device that a model is for.

use crate::{Facing, Level, Preprocessing};
use alloc::string::String;
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};

/// Which ways of wearing the device a model is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Orientation {
    /// Whichever way it faces, as long as its own vertical stays as in the training data; another direction up gives wrong
    /// answers with high confidence.
    #[default]
    AnyFacing,
    /// Any way at all, in recordings whose wearer moves about for a while: each is levelled first.
    Levelled,
    /// Only as in the training data: another facing or another way up gives wrong answers with high confidence.
    Fixed,
}

/// A name that no [`Orientation`] has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown orientation `{found}`, expected one of: {}", Orientation::names().join(", "))]
pub struct UnknownOrientation {
    /// The name.
    pub found: String,
}

/// Why a preprocessing does not bring about an orientation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutOfReach {
    /// Levelled is what a preprocessing with [`Level::Recording`] brings about, and this one levels nothing.
    NotLevelled,
    /// Recordings are levelled, for an orientation that keeps the device's own vertical.
    Levels,
    /// Windows show which way the device faces.
    FacingSeen,
}

impl Orientation {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::AnyFacing, Self::Levelled, Self::Fixed];

    /// Its name, as configurations, model files and records write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AnyFacing => "any-facing",
            Self::Levelled => "levelled",
            Self::Fixed => "fixed",
        }
    }

    /// The names of all of them.
    #[must_use]
    pub fn names() -> [&'static str; 3] {
        Self::ALL.map(Self::name)
    }

    /// What a preprocessing does about the way the device is held, where `up` of its axes points up.
    #[must_use]
    pub const fn level(self, up: [f32; 3]) -> Level {
        match self {
            Self::Levelled => Level::Recording { up },
            Self::AnyFacing | Self::Fixed => Level::AsWorn,
        }
    }

    /// What a preprocessing does about the device's facing, where `up` of its axes points up.
    #[must_use]
    pub const fn facing(self, up: [f32; 3]) -> Facing {
        match self {
            Self::AnyFacing | Self::Levelled => Facing::Canonical { up },
            Self::Fixed => Facing::AsWorn,
        }
    }

    /// Whether a model with this preprocessing can be for this orientation.
    ///
    /// Levelled needs recordings to be levelled, and the others that they are not. Every facing must be in reach of one that is
    /// not fixed: because windows are turned to a canonical one, or because the model was taught all of them (`taught`).
    ///
    /// # Errors
    /// What is missing, or too much.
    pub fn check(self, preprocessing: &Preprocessing, taught: bool) -> Result<(), OutOfReach> {
        let levels = matches!(preprocessing.level, Level::Recording { .. });
        let canonical = matches!(preprocessing.facing, Facing::Canonical { .. });
        match self {
            Self::Levelled if !levels => Err(OutOfReach::NotLevelled),
            Self::AnyFacing | Self::Fixed if levels => Err(OutOfReach::Levels),
            Self::AnyFacing | Self::Levelled if !(canonical || taught) => Err(OutOfReach::FacingSeen),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Orientation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Orientation {
    type Err = UnknownOrientation;

    fn from_str(name: &str) -> Result<Self, UnknownOrientation> {
        Self::ALL
            .into_iter()
            .find(|o| o.name() == name)
            .ok_or_else(|| UnknownOrientation { found: name.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    const UP: [f32; 3] = [0.0, 1.0, 0.0];

    #[test]
    fn names_are_the_same_everywhere() {
        for orientation in Orientation::ALL {
            let name = orientation.name();
            assert_eq!(name.parse(), Ok(orientation));
            assert_eq!(format!("{orientation}"), name);
            assert_eq!(serde_json::to_string(&orientation).unwrap(), format!("\"{name}\""));
        }
        let unknown = "up".parse::<Orientation>().unwrap_err();
        assert!(format!("{unknown}").ends_with(&Orientation::names().join(", ")), "{unknown}");
    }

    #[test]
    fn what_an_orientation_asks_of_the_preprocessing_brings_it_about_and_no_other() {
        for orientation in Orientation::ALL {
            let (level, facing) = (orientation.level(UP), orientation.facing(UP));
            let p = Preprocessing { level, facing, ..Preprocessing::default() };
            assert_eq!(p.validate(), Ok(()));
            assert_eq!(orientation.check(&p, false), Ok(()));
            let levelled = orientation == Orientation::Levelled;
            assert_eq!(Orientation::Levelled.check(&p, true).is_ok(), levelled);
            assert_eq!(Orientation::Fixed.check(&p, true).is_ok(), !levelled);
        }
    }

    #[test]
    fn every_facing_is_made_one_or_taught() {
        for (orientation, seen) in [
            (Orientation::AnyFacing, Err(OutOfReach::FacingSeen)),
            (Orientation::Levelled, Err(OutOfReach::FacingSeen)),
            (Orientation::Fixed, Ok(())),
        ] {
            let p = Preprocessing { level: orientation.level(UP), ..Preprocessing::default() };
            assert_eq!(p.facing, Facing::AsWorn);
            assert_eq!(orientation.check(&p, false), seen);
            assert_eq!(orientation.check(&p, true), Ok(()));
        }
    }
}
