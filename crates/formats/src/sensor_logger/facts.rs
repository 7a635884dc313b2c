//! What Sensor Logger's metadata say.

/// The system that the app ran on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Platform {
    Ios,
    Android,
}

/// What decides about units and signs, and what may stand in a header.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Facts {
    /// None where there are no metadata.
    pub(crate) platform: Option<Platform>,
    /// None in versions without the setting.
    pub(crate) standardised: Option<bool>,
    /// First and second number of the version.
    pub(crate) app_version: Option<(u32, u32)>,
    /// The device's model, where its name is no more than that.
    pub(crate) model: Option<String>,
    /// Its own name, number and the like: for those who asked for them.
    pub(crate) identity: Vec<(String, String)>,
    pub(super) sensors: Option<String>,
    pub(super) steps: Option<String>,
}

impl Facts {
    /// Takes up one entry of the metadata; those that say nothing here are left out.
    pub(crate) fn take(&mut self, key: &str, value: &str) {
        const LONGEST: usize = 1 << 12;
        let value = value.trim();
        if value.is_empty() || value.len() > LONGEST {
            return;
        }
        match super::plain(key).as_str() {
            "platform" => {
                self.platform = match value.to_lowercase().as_str() {
                    "ios" | "ipados" => Some(Platform::Ios),
                    "android" => Some(Platform::Android),
                    _ => None,
                };
            }
            "standardisation" | "standardization" => {
                self.standardised = match value.to_lowercase().as_str() {
                    "true" | "1" => Some(true),
                    "false" | "0" => Some(false),
                    _ => None,
                };
            }
            "appversion" => {
                let mut numbers = value.split('.').map(|number| number.trim().parse().ok());
                self.app_version =
                    numbers.next().flatten().map(|first| (first, numbers.next().flatten().unwrap_or(0)));
            }
            "devicename" => {
                self.model = is_model(value).then(|| value.to_owned());
                self.identify("device name", value);
            }
            "deviceid" => self.identify("device id", value),
            "sensors" => self.sensors = Some(value.to_owned()),
            "sampleratems" => self.steps = Some(value.to_owned()),
            _ => {}
        }
    }

    fn identify(&mut self, what: &str, value: &str) {
        self.identity.retain(|entry| entry.0 != what);
        self.identity.push((what.to_owned(), value.to_owned()));
    }

    /// The rate that is stated for a sensor, in Hz; the list of milliseconds runs beside that of names.
    pub(crate) fn rate_hz(&self, name: &str) -> Option<f64> {
        let name = super::plain(name);
        let at = self.sensors.as_ref()?.split('|').position(|sensor| super::plain(sensor) == name)?;
        let step: f64 = self.steps.as_ref()?.split('|').nth(at)?.trim().parse().ok()?;
        // Below a millisecond it is a word for "as fast as possible".
        (1.0..=60_000.0).contains(&step).then(|| 1000.0 / step)
    }
}

/// Whether a device's name is its model: people give theirs names of their own, which are private.
fn is_model(name: &str) -> bool {
    const WORDS: [&str; 34] = [
        "air", "apple", "edge", "fe", "flip", "fold", "galaxy", "google", "honor", "huawei", "ipad",
        "iphone", "ipod", "lite", "max", "mini", "moto", "motorola", "nexus", "nokia", "note", "oneplus",
        "oppo", "pixel", "plus", "pro", "realme", "redmi", "samsung", "se", "sony", "ultra", "xiaomi",
        "xperia",
    ];
    let word = |word: &str| {
        let lower = word.to_lowercase();
        // `7a`, `S21`, `SM-G991B`: a digit, and never three letters together, which might be a name's.
        let is_number = word.len() <= 10
            && word.chars().any(|c| c.is_ascii_digit())
            && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && word.split(|c: char| !c.is_ascii_alphabetic()).all(|letters| letters.len() <= 2);
        is_number || matches!(lower.as_str(), "x" | "xr" | "xs") || WORDS.contains(&lower.as_str())
    };
    name.len() <= 40 && name.split_whitespace().all(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_by_name() {
        let mut facts = Facts::default();
        for (key, value) in [
            ("version", "3"),
            ("device name", "iPhone 14 Pro"),
            ("platform", "ios"),
            ("appVersion", "1.60.1"),
            ("device id", "7f"),
            ("sensors", "Accelerometer|Wrist Motion|Annotation"),
            ("sampleRateMs", "20|10|"),
            ("standardisation", "TRUE"),
            ("platform version", "17.4"),
        ] {
            facts.take(key, value);
        }
        assert_eq!(
            (facts.platform, facts.standardised, facts.app_version),
            (Some(Platform::Ios), Some(true), Some((1, 60)))
        );
        assert_eq!(facts.rate_hz("WristMotion.csv"), Some(100.0));
        assert_eq!((facts.rate_hz("Annotation"), facts.rate_hz("Gravity")), (None, None));
        assert_eq!(facts.model.as_deref(), Some("iPhone 14 Pro"));
        assert_eq!(facts.identity.len(), 2);
    }

    #[test]
    fn names_that_people_gave_are_no_models() {
        for name in ["Pixel 7", "SM-G991B", "iPhone XS Max", "Galaxy S21 FE", "iPhone"] {
            assert!(is_model(name), "{name}");
        }
        for name in ["Anna's iPhone", "iPhone von Anna", "Annas Pixel 7", "Ward 3 phone", "Anna2"] {
            assert!(!is_model(name), "{name}");
        }
    }
}
