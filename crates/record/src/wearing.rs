//! Ways of wearing the device that a test tries beside the recorded one.

use std::fmt;

/// A way of wearing the device that differs from the recorded one. The vertical is that of each recording: the mean
/// direction of acceleration while its wearer walked or stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wearing {
    /// Each recording turned about the vertical by an angle of its own, uniform over the circle.
    Turned,
    /// All recordings turned about the vertical by the same number of degrees.
    Facing(u16),
    /// Each recording tilted about a horizontal axis of its own, by an angle uniform up to this many degrees.
    Tilted(u16),
    /// Half a turn about the horizontal axis nearest to the screen's normal.
    UpsideDown,
}

impl Wearing {
    /// All that are measured.
    pub const ALL: [Self; 11] = [
        Self::Turned,
        Self::Facing(45),
        Self::Facing(90),
        Self::Facing(135),
        Self::Facing(180),
        Self::Facing(225),
        Self::Facing(270),
        Self::Facing(315),
        Self::Tilted(15),
        Self::Tilted(30),
        Self::UpsideDown,
    ];

    /// Its name in records, e.g. `tilted-15`.
    #[must_use]
    pub fn name(self) -> String {
        self.to_string()
    }

    /// The way of this name; `None` for a name that a later version may have given.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let degrees = |prefix: &str| name.strip_prefix(prefix).and_then(|d| d.parse().ok());
        match name {
            "turned" => Some(Self::Turned),
            "upside-down" => Some(Self::UpsideDown),
            _ => degrees("facing-").map(Self::Facing).or_else(|| degrees("tilted-").map(Self::Tilted)),
        }
    }
}

impl fmt::Display for Wearing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Turned => f.write_str("turned"),
            Self::Facing(degrees) => write!(f, "facing-{degrees}"),
            Self::Tilted(degrees) => write!(f, "tilted-{degrees}"),
            Self::UpsideDown => f.write_str("upside-down"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for wearing in Wearing::ALL {
            assert_eq!(Wearing::from_name(&wearing.name()), Some(wearing));
        }
        assert_eq!(Wearing::from_name("tilted-15"), Some(Wearing::Tilted(15)));
        for other in ["", "facing-", "facing-x", "tilted", "backwards"] {
            assert_eq!(Wearing::from_name(other), None, "{other}");
        }
    }
}
