//! Which files of a folder or archive belong together.

use super::Bundle;
use crate::container::Member;
use crate::options::Format;
use crate::{empatica, sensor_logger};
use std::collections::BTreeMap;

/// Bytes of a file that tell whose table it is.
const LOOK: usize = 512;

/// A member's name without folders and extension, in lower case.
pub(super) fn stem(member: &Member) -> String {
    let name = member.split().1.to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned()
}

/// Takes the files that belong together out of those of a folder or archive.
pub(crate) fn claim(members: &mut Vec<Member>) -> Vec<Bundle> {
    let mut folders: BTreeMap<String, Vec<Member>> = BTreeMap::new();
    for member in members.drain(..) {
        folders.entry(member.split().0.to_owned()).or_default().push(member);
    }
    let mut bundles = Vec::new();
    let names: Vec<String> = folders.keys().cloned().collect();
    for folder in names {
        let Some(mut files) = folders.remove(&folder) else { continue };
        if let Some(claimed) = sensor_logger_tables(&mut files) {
            bundles.push(bundle(Format::SensorLogger, &folder, claimed));
        }
        let below = if folder.is_empty() { "meta".to_owned() } else { format!("{folder}/meta") };
        let meta = folders.get(&below).is_some_and(|files| files.iter().any(|file| is_meta(&stem(file))));
        if let Some(mut claimed) = phyphox_tables(&mut files, meta) {
            claimed.extend(folders.remove(&below).unwrap_or_default());
            bundles.push(bundle(Format::Phyphox, &folder, claimed));
        }
        let of_metamotion = metamotion_tables(&mut files);
        let alone = of_metamotion.len() == 1;
        for (stem, claimed) in of_metamotion {
            let stem = if alone { String::new() } else { stem };
            bundles.push(Bundle { stem, ..bundle(Format::MetaMotion, &folder, claimed) });
        }
        if let Some(claimed) = e4_files(&mut files) {
            bundles.push(bundle(Format::EmpaticaE4, &folder, claimed));
        }
        members.append(&mut files);
    }
    bundles
}

fn bundle(format: Format, folder: &str, members: Vec<Member>) -> Bundle {
    Bundle { format, members, folder: folder.to_owned(), stem: String::new() }
}

fn take(files: &mut Vec<Member>, wanted: impl Fn(&Member) -> bool) -> Vec<Member> {
    let (taken, left) = std::mem::take(files).into_iter().partition(wanted);
    *files = left;
    taken
}

/// The beginning of a file's first line: in lower case, without a mark, quotes and blanks.
fn first_line(member: &Member) -> String {
    let head = member.head(LOOK);
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
    let line = head.split(|c| matches!(c, b'\n' | b'\r')).next().unwrap_or_default();
    let text = String::from_utf8_lossy(line).to_lowercase();
    text.chars().filter(|c| !matches!(c, '"' | ' ' | '\'')).collect()
}

fn is_sensor_logger_table(member: &Member) -> bool {
    let line = first_line(member);
    line.starts_with("time,seconds_elapsed,") || line.starts_with("time;seconds_elapsed;")
}

fn sensor_logger_tables(files: &mut Vec<Member>) -> Option<Vec<Member>> {
    let known = |file: &Member| sensor_logger::is_of_motion(&stem(file));
    if !files.iter().any(|file| known(file) && is_sensor_logger_table(file)) {
        return None;
    }
    let facts = |stem: &str| sensor_logger::is_metadata(stem) || stem == "annotation";
    Some(take(files, |file| {
        let stem = stem(file);
        // Tables under other names are recordings of their own, or further ones of the same sensor.
        facts(&stem) || known(file) && (file.size == 0 || is_sensor_logger_table(file))
    }))
}

fn is_meta(stem: &str) -> bool {
    matches!(stem, "device" | "time")
}

/// The names under which phyphox stores its sensors; a file of another name is a recording of its own unless facts lie beside.
fn is_phyphox_sensor(stem: &str) -> bool {
    ["accel", "gyro", "gravity", "magnet", "linear", "raw data"].iter().any(|word| stem.starts_with(word))
}

fn phyphox_tables(files: &mut Vec<Member>, meta: bool) -> Option<Vec<Member>> {
    let is_table = |file: &Member| first_line(file).starts_with("time(s)");
    let of_sensors = files.iter().filter(|file| is_phyphox_sensor(&stem(file)) && is_table(file)).count();
    if !(meta && files.iter().any(is_table) || of_sensors >= 2) {
        return None;
    }
    Some(take(files, |file| (meta || is_phyphox_sensor(&stem(file))) && is_table(file)))
}

/// `…_Accelerometer_100.000Hz_1.7.3.csv` and `…_Gyroscope_…` of one device and start.
fn metamotion_tables(files: &mut Vec<Member>) -> Vec<(String, Vec<Member>)> {
    let key = |file: &Member| {
        let stem = stem(file);
        let word =
            ["_accelerometer_", "_gyroscope_", "_magnetometer_"].into_iter().find(|w| stem.contains(w))?;
        stem.split_once(word).map(|(before, _)| before.to_owned())
    };
    let is_table = |file: &Member| first_line(file).starts_with("epoc");
    let mut groups: BTreeMap<String, Vec<Member>> = BTreeMap::new();
    for file in take(files, |file| key(file).is_some() && is_table(file)) {
        groups.entry(key(&file).unwrap_or_default()).or_default().push(file);
    }
    groups.into_iter().collect()
}

fn e4_files(files: &mut Vec<Member>) -> Option<Vec<Member>> {
    const OTHERS: [&str; 7] = ["bvp", "eda", "hr", "ibi", "temp", "tags", "info"];
    let is_acc = |file: &Member| stem(file) == "acc" && empatica::e4::sign(&file.head(LOOK)).is_some();
    if !files.iter().any(is_acc) {
        return None;
    }
    Some(take(files, |file| is_acc(file) || OTHERS.contains(&stem(file).as_str())))
}
