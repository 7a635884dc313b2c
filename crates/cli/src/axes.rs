//! What `--axes` says: which of the device's axes are x, y and z, and which way is up.

use ambulo_signal::intake::AxisMap;
use std::fmt;
use std::str::FromStr;

/// The device's axes, and the direction that points up while the wearer stands; both as they are declared.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Axes {
    pub(crate) map: AxisMap,
    /// In the axes that `map` gives; none leaves it to be found.
    pub(crate) up: Option<[f32; 3]>,
}

impl FromStr for Axes {
    type Err = String;

    /// `auto`; an axis that points up, `x=up`, `-y=up` or `y=down`; a map as [`AxisMap`] reads it, `-y,x,z`; a map and an axis of it,
    /// `-y,x,z,z=up`.
    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || {
            format!(
                "`{text}` is neither auto, nor an axis that points up such as x=up or -y=up, nor all axes with their signs such as \
                 -y,x,z"
            )
        };
        if text.trim().eq_ignore_ascii_case("auto") {
            return Ok(Self::default());
        }
        let parts = || text.split(',').map(str::trim);
        let directions: Vec<(&str, &str)> = parts().filter_map(|part| part.split_once('=')).collect();
        let named: Vec<&str> = parts().filter(|part| !part.contains('=')).collect();
        let up = match directions.as_slice() {
            [] => None,
            [(axis, way)] => Some(direction(axis.trim(), way.trim()).ok_or_else(refuse)?),
            _ => return Err(refuse()),
        };
        let map = match named.as_slice() {
            [] => AxisMap::default(),
            _ => named.join(",").parse().map_err(|_| refuse())?,
        };
        Ok(Self { map, up })
    }
}

fn direction(axis: &str, way: &str) -> Option<[f32; 3]> {
    let (mut sign, name) = match axis.strip_prefix('-') {
        Some(name) => (-1.0, name),
        None => (1.0, axis.strip_prefix('+').unwrap_or(axis)),
    };
    match way.to_ascii_lowercase().as_str() {
        "up" => {}
        "down" => sign = -sign,
        _ => return None,
    }
    let axis = ["x", "y", "z"].iter().position(|known| name.eq_ignore_ascii_case(known))?;
    let mut up = [0.0; 3];
    up[axis] = sign;
    Some(up)
}

impl fmt::Display for Axes {
    /// In the one spelling that means the same.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let up = self.up.and_then(|up| {
            let axis = up.iter().position(|v| *v != 0.0)?;
            Some(format!("{}{}=up", if up[axis] < 0.0 { "-" } else { "" }, ["x", "y", "z"][axis]))
        });
        match (self.map.is_identity(), up) {
            (true, None) => f.write_str("auto"),
            (true, Some(up)) => f.write_str(&up),
            (false, None) => write!(f, "{}", self.map),
            (false, Some(up)) => write!(f, "{},{up}", self.map),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_a_map_or_both() {
        let read = |text: &str| text.parse::<Axes>().unwrap();
        assert_eq!(read("auto"), Axes::default());
        assert_eq!(read("x=up").up, Some([1.0, 0.0, 0.0]));
        assert_eq!(read("-Y=up"), read("y = down"));
        assert_eq!(read("-y=up").up, Some([0.0, -1.0, 0.0]));
        assert!(read("z=up").map.is_identity());
        let both = read("-y,x,z,z=up");
        assert_eq!((both.map.to_string(), both.up), ("-y,x,z".into(), Some([0.0, 0.0, 1.0])));
        assert_eq!(read("-y,x,z").up, None);
        for text in ["auto", "x=up", "-y=up", "-y,x,z", "-y,x,z,z=up"] {
            assert_eq!(read(text).to_string(), text);
        }
        for wrong in ["", "up", "x", "x=left", "x=up,y=up", "w=up", "x,y", "auto,x=up", "x,y,z,auto", "=up"] {
            let message = wrong.parse::<Axes>().unwrap_err();
            assert!(message.contains("x=up"), "{message}");
        }
    }
}
