//! Refuses settings that make no sense.

use super::{Facing, Level, Preprocessing, Units};
use crate::rotation::{dot, up_direction};
use crate::window::check_window;
use crate::{MedianFilter, SignalError};
use alloc::format;
use alloc::string::{String, ToString};

/// Highest rate accepted, in Hz.
const MAX_RATE: f64 = 1e6;

impl Preprocessing {
    /// Refuses whatever a configuration file may hold that makes no sense.
    ///
    /// # Errors
    /// [`SignalError::Setting`] with the field, what it holds and what is allowed.
    pub fn validate(&self) -> Result<(), SignalError> {
        if !(self.rate_hz > 0.0 && self.rate_hz <= MAX_RATE) {
            return refuse("rate_hz", &self.rate_hz, "give a positive number of Hz, at most 1000000");
        }
        check_window(self.window, self.step)?;
        if self.units != Units::default() {
            let Units { acceleration, angular_velocity } = self.units;
            let found = format!("{acceleration}, {angular_velocity}");
            return refuse(
                "units",
                &found,
                "a preprocessing works in g and rad/s; convert when reading a recording",
            );
        }
        if let Some(noise) = &self.noise {
            if MedianFilter::new(noise.median_width).is_err() {
                return refuse(
                    "noise.median_width",
                    &noise.median_width,
                    "give an odd number of samples, 1 to 1023",
                );
            }
            self.check_filter(["noise.order", "noise.cutoff_hz"], noise.order, noise.cutoff_hz)?;
        }
        self.check_filter(
            ["gravity.order", "gravity.cutoff_hz"],
            self.gravity.order,
            self.gravity.cutoff_hz,
        )?;
        self.check_channels()?;
        self.check_orientation()?;
        self.check_companding()?;
        self.check_statistics()
    }

    fn check_filter(&self, fields: [&'static str; 2], order: usize, cutoff: f64) -> Result<(), SignalError> {
        use crate::filter::{Band, MAX_ORDER, butterworth};
        match butterworth(order, cutoff, self.rate_hz, Band::LowPass) {
            Ok(_) => Ok(()),
            Err(SignalError::FilterOrder { .. }) => {
                refuse(fields[0], &order, &format!("give an order from 1 to {MAX_ORDER}"))
            }
            Err(_) => {
                let nyquist = self.rate_hz / 2.0;
                refuse(
                    fields[1],
                    &cutoff,
                    &format!("give a cut-off above 0 and below half the rate, {nyquist} Hz"),
                )
            }
        }
    }

    fn check_channels(&self) -> Result<(), SignalError> {
        if self.channels.is_empty() {
            return refuse("channels", &"empty", "name at least one channel");
        }
        for (i, channel) in self.channels.iter().enumerate() {
            if self.channels[..i].contains(channel) {
                return refuse("channels", &format!("with {channel} twice"), "name each channel once");
            }
        }
        Ok(())
    }

    fn check_orientation(&self) -> Result<(), SignalError> {
        let facing = match self.facing {
            Facing::Canonical { up } => Some(up_direction("facing.up", up)?),
            Facing::AsWorn => None,
        };
        let level = match self.level {
            Level::Recording { up } => Some(up_direction("level.up", up)?),
            Level::AsWorn => None,
        };
        if let (Some(facing), Some(level)) = (facing, level)
            && dot(facing, level) < 0.999
        {
            return refuse(
                "facing.up",
                &format!("{facing:?}"),
                "give the direction of level.up: windows are turned about it",
            );
        }
        Ok(())
    }

    fn check_companding(&self) -> Result<(), SignalError> {
        let companding = [
            ("companding.acceleration_g", self.companding.acceleration_g),
            ("companding.angular_velocity_rad_s", self.companding.angular_velocity_rad_s),
        ];
        for (field, scale) in companding {
            if !(1e-9..=1e9).contains(&scale) {
                return refuse(
                    field,
                    &scale,
                    "give a positive scale, e.g. the size of a standing person's sway",
                );
            }
        }
        Ok(())
    }

    fn check_statistics(&self) -> Result<(), SignalError> {
        let Some(statistics) = &self.normalisation else { return Ok(()) };
        let channels = self.channels.len();
        let lists = [
            ("normalisation.mean", &statistics.mean),
            ("normalisation.standard_deviation", &statistics.standard_deviation),
        ];
        for (field, list) in lists {
            if list.len() != channels {
                let found = format!("a list of {}", list.len());
                return refuse(field, &found, &format!("give one value for each of the {channels} channels"));
            }
            if let Some(i) = list.iter().position(|v| !v.is_finite()) {
                let found = format!("{} for {}", list[i], self.channels[i]);
                return refuse(field, &found, "statistics are finite numbers");
            }
        }
        if let Some(i) = statistics.standard_deviation.iter().position(|&v| v <= 0.0) {
            let found = format!("{} for {}", statistics.standard_deviation[i], self.channels[i]);
            return refuse("normalisation.standard_deviation", &found, "standard deviations are above 0");
        }
        Ok(())
    }
}

fn refuse(field: &'static str, found: &dyn ToString, expected: &str) -> Result<(), SignalError> {
    Err(SignalError::Setting { field, found: found.to_string(), expected: String::from(expected) })
}
