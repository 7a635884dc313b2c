//! Parts of many samples at once: what the steps of a survey need to know of their values, in loops that vectorise.

/// Samples that are looked at together.
pub(crate) const RUN: usize = 64;

/// Lanes of the loops over values: four samples, so that each lane sees one axis.
const LANES: usize = 12;

/// The least and the greatest value of each axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Extent {
    pub(super) least: [f32; 3],
    pub(super) greatest: [f32; 3],
}

impl Extent {
    /// Of values that are all finite; none if one is not, or there are none.
    pub(crate) fn of(values: &[[f32; 3]]) -> Option<Self> {
        let (mut low, mut high) = ([f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES]);
        // Not finite times nothing is no number, and stays one.
        let mut nothing = [0f32; LANES];
        let (whole, rest) = values.as_flattened().as_chunks::<LANES>();
        let last = (!rest.is_empty()).then(|| core::array::from_fn(|lane| rest[lane % rest.len()]));
        for chunk in whole.iter().chain(&last) {
            for lane in 0..LANES {
                let v = chunk[lane];
                low[lane] = if v < low[lane] { v } else { low[lane] };
                high[lane] = if v > high[lane] { v } else { high[lane] };
                nothing[lane] += v * 0.0;
            }
        }
        if values.is_empty() || nothing.iter().any(|v| v.is_nan()) {
            return None;
        }
        let fold = |lanes: [f32; LANES], pick: fn(f32, f32) -> f32| -> [f32; 3] {
            core::array::from_fn(|axis| lanes.iter().skip(axis).step_by(3).copied().fold(lanes[axis], pick))
        };
        Some(Self { least: fold(low, f32::min), greatest: fold(high, f32::max) })
    }

    /// The greatest size of each axis.
    pub(crate) fn sizes(&self) -> [f32; 3] {
        core::array::from_fn(|axis| self.least[axis].abs().max(self.greatest[axis].abs()))
    }
}

/// The greatest size of any axis of values that are all finite; 0 without values.
pub(super) fn largest(values: &[[f32; 3]]) -> f32 {
    let mut most = [0f32; LANES];
    let (whole, rest) = values.as_flattened().as_chunks::<LANES>();
    for chunk in whole {
        for lane in 0..LANES {
            let size = chunk[lane].abs();
            most[lane] = if size > most[lane] { size } else { most[lane] };
        }
    }
    rest.iter().chain(&most).fold(0.0, |most, v| most.max(v.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_not_finite_has_no_extent() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for at in 0..39 {
                let mut values = [[1.0, -2.0, 0.0]; 13];
                assert!(Extent::of(&values).is_some());
                values[at / 3][at % 3] = bad;
                assert_eq!(Extent::of(&values), None, "{bad} at {at}");
            }
        }
        assert_eq!(Extent::of(&[]), None);
        assert_eq!(Extent::of(&[[f32::MAX; 3]; 8]).unwrap().greatest, [f32::MAX; 3]);
    }

    proptest! {
        #[test]
        fn the_extent_is_that_of_every_value(values in prop::collection::vec(prop::array::uniform3(-9f32..9.0), 1..40)) {
            let extent = Extent::of(&values).unwrap();
            for axis in 0..3 {
                let column = || values.iter().map(|v| v[axis]);
                prop_assert_eq!(extent.least[axis], column().fold(f32::INFINITY, f32::min));
                prop_assert_eq!(extent.greatest[axis], column().fold(f32::NEG_INFINITY, f32::max));
            }
            let sizes = extent.sizes();
            prop_assert_eq!(largest(&values), sizes[0].max(sizes[1]).max(sizes[2]));
        }
    }
}
