//! `ambulo datasets get`, from a server on this machine.

use crate::support::server::{Habits, Server};
use crate::support::{Done, Sandbox, finish};
use sha2::{Digest as _, Sha256};
use std::io::{Cursor, Write as _};
use std::path::PathBuf;
use zip::write::SimpleFileOptions;

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Numbers that do not pack well, so that there is something to cut off.
fn table() -> Vec<u8> {
    let mut state = 1u32;
    let mut text = String::new();
    for _ in 0..20_000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        text += &format!("{}\n", state >> 8);
    }
    text.into_bytes()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes `my.toml`, with further keys of its archive.
fn manifest(sandbox: &Sandbox, url: &str, keys: &str) {
    let text = format!(
        r#"
manifest = 1
name = "my-set"
title = "My set"
licence = "for friends only"
citation = "me"
source = "https://example.org/my-set"
archive = [{{ url = "{url}"{keys} }}]
files = [{{ pattern = "{{person}}.csv", label = {{ column = "label" }} }}]
labels.map.w = "walking"

[verified]
on = "nothing"
what = ""
"#
    );
    sandbox.write("my.toml", &text);
}

fn get(sandbox: &Sandbox, arguments: &[&str]) -> Done {
    let mut command = sandbox.command(&["datasets", "get"]);
    command.args(arguments);
    for name in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(name);
    }
    finish(command.output().unwrap())
}

/// A sandbox whose `my.toml` leads to a server.
fn with(habits: Habits, keys: &str) -> (Sandbox, Server) {
    let (sandbox, server) = (Sandbox::empty(), Server::new(habits));
    manifest(&sandbox, &server.url("set.zip"), keys);
    (sandbox, server)
}

fn paths(names: &[&str]) -> Vec<PathBuf> {
    names.iter().map(PathBuf::from).collect()
}

/// Nothing has the data set's name before it is complete.
#[track_caller]
fn nothing_there(sandbox: &Sandbox) {
    assert!(!sandbox.path("my-set").exists());
}

#[test]
fn an_archive_is_unpacked_into_a_folder_of_the_sets_name() {
    let inner = zipped(&[("set/a.csv", b"a"), ("set/sub/b.csv", b"b"), ("__MACOSX/set/._a.csv", b"x")]);
    let parts = zipped(&[("c.csv", b"c"), ("readMe", b"c")]);
    let body = zipped(&[
        ("readme.txt", b"hello"),
        ("set.zip", &inner),
        ("p1/acc_walking_csv.zip", &parts),
        ("p1/gyr_walking_csv.zip", &parts),
        ("p1/acc_walking_sqlite.zip", b"left as it is"),
        ("._readme.txt", b"x"),
    ]);
    let hash = sha256(&body);
    let (sandbox, server) =
        with(Habits { body, ..Habits::default() }, ", inner = [\"set.zip\", \"**/*_csv.zip\"]");
    let done = get(&sandbox, &["my.toml", "--yes", "--out", "data"]).expect(0).silent();
    done.says(&[
        "for friends only",
        "cite      me",
        "size",
        "kB",
        &hash,
        "ambulo datasets check",
        "ambulo train --data",
    ]);
    // A folder for each inner archive, but not `set/set`.
    let expected = [
        "my-set/p1/acc_walking_csv/c.csv",
        "my-set/p1/acc_walking_csv/readMe",
        "my-set/p1/acc_walking_sqlite.zip",
        "my-set/p1/gyr_walking_csv/c.csv",
        "my-set/p1/gyr_walking_csv/readMe",
        "my-set/readme.txt",
        "my-set/set/a.csv",
        "my-set/set/sub/b.csv",
    ];
    assert_eq!(sandbox.files("data"), paths(&expected));
    assert_eq!(server.asked().len(), 1);
    // What is there is not touched.
    get(&sandbox, &["my.toml", "--yes", "--out", "data"])
        .expect(2)
        .says(&["is there already", "hint: --out"]);
    assert_eq!(server.asked(), []);
}

#[test]
fn nobody_at_the_terminal_and_no_yes_shows_the_terms_and_asks_no_server() {
    let (sandbox, server) = with(Habits { body: zipped(&[("a", b"a")]), ..Habits::default() }, "");
    get(&sandbox, &["my.toml"]).expect(2).silent().says(&["for friends only", "hint: --yes"]);
    assert_eq!(server.asked(), []);
    nothing_there(&sandbox);
}

#[test]
fn a_download_that_broke_off_goes_on_where_it_stopped() {
    let table = table();
    let body = zipped(&[("a.csv", &table)]);
    let half = body.len() / 2;
    let keys = format!(", bytes = {}, sha256 = \"{}\"", body.len(), sha256(&body));
    let habits = Habits {
        body: body.clone(),
        tag: Some("\"one\""),
        ranges: true,
        cut: Some(half),
        ..Habits::default()
    };
    let (sandbox, server) = with(habits, &keys);
    let broke = format!("broke off after {half} of {} bytes", body.len());
    get(&sandbox, &["my.toml", "--yes"]).expect(1).says(&[&broke, "hint: what was downloaded is kept"]);
    nothing_there(&sandbox);
    server.asked();
    server.change(|habits| habits.cut = None);
    let done = get(&sandbox, &["my.toml", "--yes"]).expect(0);
    assert!(!done.stderr.contains("does not record"), "{}", done.stderr);
    let asked = server.asked();
    assert_eq!(asked[0].range.as_deref(), Some(format!("bytes={half}-").as_str()));
    assert_eq!(asked[0].if_range.as_deref(), Some("\"one\""));
    assert_eq!(sandbox.read("my-set/a.csv"), table);
    assert!(!sandbox.path(".my-set.download").exists());
}

#[test]
fn a_server_without_ranges_or_with_another_archive_by_now_starts_anew() {
    for ranges in [false, true] {
        let (old, new) = (zipped(&[("a.csv", &table())]), zipped(&[("a.csv", &table()), ("b.csv", b"b")]));
        let cut = Some(old.len() / 3);
        let habits = Habits { body: old, tag: Some("\"one\""), ranges, cut, ..Habits::default() };
        let (sandbox, server) = with(habits, "");
        get(&sandbox, &["my.toml", "--yes"]).expect(1);
        server.change(|habits| {
            habits.cut = None;
            if ranges {
                (habits.body, habits.tag) = (new, Some("\"two\""));
            }
        });
        get(&sandbox, &["my.toml", "--yes"]).expect(0);
        assert_eq!(sandbox.read("my-set/a.csv"), table());
        assert_eq!(sandbox.path("my-set/b.csv").exists(), ranges);
    }
}

#[test]
fn without_a_tag_nothing_is_joined() {
    let habits =
        Habits { body: zipped(&[("a.csv", &table())]), ranges: true, cut: Some(5000), ..Habits::default() };
    let (sandbox, server) = with(habits, "");
    get(&sandbox, &["my.toml", "--yes"]).expect(1);
    server.asked();
    server.change(|habits| habits.cut = None);
    get(&sandbox, &["my.toml", "--yes"]).expect(0);
    assert_eq!(server.asked()[0].range, None);
    assert_eq!(sandbox.read("my-set/a.csv"), table());
}

#[test]
fn another_archive_than_the_manifest_describes_is_refused() {
    let body = zipped(&[("a", b"a")]);
    let wrong = "0".repeat(64);
    let (sandbox, server) =
        with(Habits { body: body.clone(), ..Habits::default() }, &format!(", sha256 = \"{wrong}\""));
    let hash = sha256(&body);
    get(&sandbox, &["my.toml", "--yes"]).expect(1).says(&[&hash, &wrong, "it was removed"]);
    nothing_there(&sandbox);
    assert_eq!(sandbox.files(".my-set.download"), paths(&[]));
    manifest(&sandbox, &server.url("set.zip"), ", bytes = 5");
    let said = format!("has {} bytes, expected 5", body.len());
    get(&sandbox, &["my.toml", "--yes"]).expect(1).says(&[&said]);
    nothing_there(&sandbox);
}

#[test]
fn redirects_are_followed() {
    let habits = Habits { body: zipped(&[("a", b"a")]), redirect: Some("/set"), ..Habits::default() };
    let (sandbox, server) = with(habits, "");
    get(&sandbox, &["my.toml", "--yes"]).expect(0);
    let asked: Vec<String> = server.asked().into_iter().map(|request| request.path).collect();
    assert_eq!(asked, ["/set.zip", "/moved/.zip"]);
    assert_eq!(sandbox.read("my-set/a"), b"a");
}

#[test]
fn a_tar_gz_is_unpacked_as_well() {
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_size(3);
    tar.append_data(&mut header, "set/raw.txt", &b"abc"[..]).unwrap();
    let body = tar.into_inner().unwrap().finish().unwrap();
    let (sandbox, _server) = with(Habits { body, ..Habits::default() }, "");
    get(&sandbox, &["my.toml", "--yes"]).expect(0);
    assert_eq!(sandbox.read("my-set/set/raw.txt"), b"abc");
}

#[test]
fn archives_that_reach_out_of_their_folder_or_grow_beyond_measure_are_not_unpacked() {
    let zeros = vec![0; 70_000_000];
    let page = b"<!DOCTYPE html><title>Please agree</title>".to_vec();
    for (body, said) in [
        (zipped(&[("../../evil.csv", b"x")]), "which leads out of its folder"),
        (zipped(&[("zeros.csv", &zeros)]), "unpacks to more than 200 times its size"),
        (page, "is a page, no archive"),
        (b"PK\x03\x04 and nothing else".to_vec(), "is damaged"),
    ] {
        let (sandbox, _server) = with(Habits { body, ..Habits::default() }, "");
        get(&sandbox, &["my.toml", "--yes", "--out", "deep/deeper"]).expect(1).says(&[said]);
        assert!(!sandbox.path("deep/deeper/my-set").exists());
        assert!(!sandbox.path("deep/evil.csv").exists() && !sandbox.path("evil.csv").exists());
    }
}

#[test]
fn where_there_is_no_address_it_says_where_to_click() {
    let sandbox = Sandbox::empty();
    let done = get(&sandbox, &["sisfall", "--yes"]).expect(1).silent();
    done.says(&[
        "doi:10.3390/s17010198",
        "hint: get it by hand",
        "hint: unpack it into ./sisfall",
        "none stated",
    ]);
    get(&sandbox, &["wisdm", "--yes"]).expect(2).says(&["hint: known data sets are hapt"]);
    sandbox.write("bad.toml", "name = 1");
    get(&sandbox, &["bad.toml", "--yes"]).expect(1).says(&["bad.toml"]);
    assert_eq!(sandbox.files("."), paths(&["bad.toml"]));
}
