//! Units, and the check that a recording is in them.

use ambulo_signal::{
    AccelerationUnit, AngularVelocityUnit, Recording, RestCheck, Sample, SignalError, check_rest_magnitude,
};

/// Walking (swings of 0.4 g and 1 rad/s), still from `still_from` to `still_to` seconds, gravity of length `g`.
fn walk(seconds: usize, (still_from, still_to): (usize, usize), g: f32) -> Recording {
    let samples = (0..50 * seconds)
        .map(|i| {
            let swing = (i as f32 / 50.0 * 2.0 * std::f32::consts::PI * 1.8).sin();
            let swing = if (still_from * 50..still_to * 50).contains(&i) { 0.01 * swing } else { swing };
            let tilted = [0.6 * g + 0.4 * swing, 0.8 * g - 0.4 * swing, 0.2 * swing];
            Sample { acceleration: tilted, angular_velocity: [swing, 0.5 * swing, 0.0] }
        })
        .collect();
    Recording { rate_hz: 50.0, samples }
}

#[test]
fn conversions_round_once() {
    assert_eq!(AccelerationUnit::MetresPerSecondSquared.to_g(9.80665), 1.0);
    assert_eq!(AccelerationUnit::G.to_g(-0.3), -0.3);
    assert_eq!(AngularVelocityUnit::DegreesPerSecond.to_rad_s(180.0), std::f32::consts::PI);
    assert_eq!(AngularVelocityUnit::RadiansPerSecond.to_rad_s(2.5), 2.5);
    assert_eq!("m/s²".parse::<AccelerationUnit>().unwrap(), AccelerationUnit::MetresPerSecondSquared);
    let message = "deg".parse::<AngularVelocityUnit>().unwrap_err().to_string();
    assert!(message.contains("`deg`") && message.contains("rad/s, deg/s"), "{message}");
}

#[test]
fn a_still_stretch_is_found_among_walking() {
    let RestCheck::Confirmed { magnitude_g, still_blocks } =
        check_rest_magnitude(&walk(60, (20, 30), 1.02)).unwrap()
    else {
        panic!("the still stretch was missed");
    };
    assert!(
        (magnitude_g - 1.02).abs() < 0.01 && still_blocks == 10,
        "{magnitude_g} in {still_blocks} blocks"
    );
}

#[test]
fn the_unit_is_told_from_the_still_stretch_alone() {
    let error = |g| check_rest_magnitude(&walk(60, (20, 30), g)).unwrap_err();
    let metres = error(9.6);
    assert!(
        matches!(metres, SignalError::LooksLikeMetresPerSecondSquared { measured } if (measured - 9.6).abs() < 0.1)
    );
    assert!(metres.to_string().contains("9.80665"), "{metres}");
    assert!(matches!(error(0.0), SignalError::GravityRemoved { measured } if measured < 0.1));
    assert!(matches!(error(0.5), SignalError::RestMagnitude { .. }));
    assert!(matches!(error(1000.0), SignalError::RestMagnitude { .. }), "milli-g");
}

#[test]
fn without_stillness_nothing_is_claimed() {
    assert_eq!(check_rest_magnitude(&walk(60, (0, 0), 9.8)).unwrap(), RestCheck::Undetermined);
    assert_eq!(
        check_rest_magnitude(&walk(60, (20, 22), 9.8)).unwrap(),
        RestCheck::Undetermined,
        "two seconds"
    );
    assert_eq!(
        check_rest_magnitude(&Recording { rate_hz: 50.0, samples: vec![] }).unwrap(),
        RestCheck::Undetermined
    );
    let turning = Sample { acceleration: [0.3, 0.0, 0.0], angular_velocity: [0.0, 1.0, 0.0] };
    let turning = Recording { rate_hz: 50.0, samples: vec![turning; 500] };
    assert_eq!(
        check_rest_magnitude(&turning).unwrap(),
        RestCheck::Undetermined,
        "a turning device is not at rest"
    );
}

#[test]
fn a_drop_out_filled_with_zeros_does_not_condemn_a_recording() {
    let mut recording = walk(60, (20, 30), 1.0);
    recording.samples[40 * 50..44 * 50].fill(Sample::default());
    assert!(matches!(check_rest_magnitude(&recording).unwrap(), RestCheck::Confirmed { .. }));
}
