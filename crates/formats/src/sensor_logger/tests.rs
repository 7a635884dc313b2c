use super::*;

fn facts(platform: Option<Platform>, standardised: Option<bool>) -> Facts {
    Facts { platform, standardised, app_version: Some((1, 60)), ..Facts::default() }
}

fn ios() -> Facts {
    facts(Some(Platform::Ios), Some(false))
}

fn android() -> Facts {
    facts(Some(Platform::Android), Some(false))
}

/// Names, columns' first letters and factors of a sensor's parts, and its unit.
fn shown(choice: &Choice, sensor: Sensor) -> String {
    let Some(chosen) = choice.sensors.iter().find(|chosen| chosen.sensor == sensor) else {
        return "-".to_owned();
    };
    let parts: Vec<String> = chosen
        .parts
        .iter()
        .map(|part| format!("{:.4} {}.{}", part.factor, part.name, part.columns[0]))
        .collect();
    format!("{} {}", parts.join(" "), chosen.unit.map_or("?", Unit::name))
}

fn acceleration(names: &[&str], facts: &Facts) -> String {
    shown(&choose(names, facts, None).unwrap(), Sensor::Accelerometer)
}

#[test]
fn one_rule_for_every_combination() {
    let all = ["Accelerometer", "AccelerometerUncalibrated", "Gravity", "TotalAcceleration", "Annotation"];
    let standard = facts(Some(Platform::Ios), Some(true));
    let old = facts(Some(Platform::Ios), None);
    for (names, facts, expected) in [
        (&all[..], android(), "1.0000 TotalAcceleration.x m/s2"),
        (&all[..3], android(), "1.0000 Accelerometer.x 1.0000 Gravity.x m/s2"),
        (&all[..3], ios(), "-1.0000 Accelerometer.x -1.0000 Gravity.x m/s2"),
        (&all[..3], old.clone(), "-1.0000 Accelerometer.x -1.0000 Gravity.x m/s2"),
        (&all[..3], standard.clone(), "1.0000 Accelerometer.x 1.0000 Gravity.x m/s2"),
        (&all[..2], ios(), "-1.0000 AccelerometerUncalibrated.x g"),
        (&all[..2], standard.clone(), "1.0000 AccelerometerUncalibrated.x m/s2"),
        (&all[..2], android(), "1.0000 AccelerometerUncalibrated.x m/s2"),
        (&all[1..2], Facts::default(), "1.0000 AccelerometerUncalibrated.x ?"),
        (&all[..1], ios(), "-1.0000 Accelerometer.x m/s2"),
        (&["gravity", "accelerometer"], android(), "1.0000 accelerometer.x 1.0000 gravity.x m/s2"),
        (&["Wrist Motion"], ios(), "-1.0000 Wrist Motion.accelerationX -1.0000 Wrist Motion.gravityX g"),
        (
            &["WatchAccelerometerUncalibrated.csv", "Gyroscope.csv"],
            standard,
            "-1.0000 WatchAccelerometerUncalibrated.csv.x g",
        ),
        (&["Headphone"], ios(), "-1.0000 Headphone.accelerationX -0.1020 Headphone.gravityX g"),
    ] {
        assert_eq!(acceleration(names, &facts), expected, "{names:?} {facts:?}");
    }
}

#[test]
fn watches_follow_the_setting_since_1_63() {
    let mut facts = facts(Some(Platform::Ios), Some(true));
    facts.app_version = Some((1, 63));
    let names = ["WristMotion"];
    let choice = choose(&names, &facts, None).unwrap();
    assert_eq!(
        shown(&choice, Sensor::Accelerometer),
        "1.0000 WristMotion.accelerationX 1.0000 WristMotion.gravityX m/s2"
    );
    assert_eq!(shown(&choice, Sensor::Gyroscope), "1.0000 WristMotion.rotationRateX rad/s");
    assert_eq!(choice.device.placement(), Some("wrist"));
    facts.app_version = None;
    let choice = choose(&names, &facts, None).unwrap();
    assert_eq!(choice.sensors[0].unit, None);
    assert!(choice.findings[0].text.contains("version"));
}

#[test]
fn gravity_that_nothing_holds_is_refused() {
    let choice = choose(&["Accelerometer.csv", "Gyroscope.csv"], &android(), None).unwrap();
    let finding = &choice.findings[0];
    assert_eq!((finding.kind, finding.severity), (FindingKind::GravityRemoved, Severity::Refusal));
    assert!(finding.text.contains("Gravity") && finding.text.contains("Total Acceleration"));
    assert_eq!(shown(&choice, Sensor::Gyroscope), "1.0000 Gyroscope.csv.x rad/s");
    let choice = choose(&["Gravity", "Gyroscope"], &android(), None).unwrap();
    assert_eq!(choice.findings[0].kind, FindingKind::SensorMissing);
    let Err(Fault::NotARecording { what, .. }) = choose(&["Location", "Gravity"], &android(), None) else {
        panic!("there is no acceleration");
    };
    assert!(what.contains("`Location`"), "{what}");
}

#[test]
fn signs_that_nobody_knows_are_said() {
    let choice = choose(&["Accelerometer", "Gravity"], &Facts::default(), None).unwrap();
    assert_eq!(
        (choice.findings[0].kind, choice.findings[0].severity),
        (FindingKind::Axes, Severity::Warning)
    );
    assert!(choice.findings[0].text.contains("sign convention"));
    assert_eq!(choice.sensors[0].parts[0].factor, 1.0);
    let choice = choose(&["TotalAcceleration"], &Facts::default(), None).unwrap();
    assert_eq!((choice.findings[0].kind, choice.findings[0].severity), (FindingKind::Axes, Severity::Note));
    assert!(choose(&["TotalAcceleration"], &android(), None).unwrap().findings.is_empty());
    let choice = choose(&["Accelerometer", "Gravity"], &ios(), None).unwrap();
    assert!(choice.findings.is_empty() && choice.conversions.iter().any(|text| text.contains("negated")));
}

#[test]
fn two_devices_need_a_word() {
    let names = ["Accelerometer", "Gravity", "Gyroscope", "WristMotion", "Headphone"];
    let Err(Fault::Needs { need, text }) = choose(&names, &ios(), None) else { panic!("one was taken") };
    assert_eq!(need, Need::Device);
    assert!(text.contains("phone and watch"), "{text}");
    let watch = choose(&names, &ios(), Some("Watch")).unwrap();
    assert_eq!((watch.device, watch.sensors[1].parts[0].columns[0]), (Device::Watch, "rotationRateX"));
    assert_eq!(choose(&names, &ios(), Some("phone")).unwrap().device, Device::Phone);
    assert_eq!(choose(&names, &ios(), Some("head")).unwrap().device, Device::Head);
    assert!(matches!(choose(&names, &ios(), Some("left")), Err(Fault::Needs { .. })));
    assert!(matches!(choose(&names[..3], &ios(), Some("watch")), Err(Fault::Needs { .. })));
    let choice = choose(&["Accelerometer", "Gravity", "Headphone"], &ios(), None).unwrap();
    assert_eq!((choice.device, choice.findings[0].severity), (Device::Phone, Severity::Note));
    assert_eq!(choose(&["Gyroscope", "WristMotion"], &ios(), None).unwrap().device, Device::Watch);
}
