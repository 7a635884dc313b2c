//! The page of a timeline in a browser: opened, zoomed and read. Without Chromium these tests say so and pass.
#![allow(clippy::unwrap_used, reason = "a failed step of a test fails the test")]
#![allow(clippy::print_stderr, reason = "tells why a test did nothing")]

#[path = "../examples/sample_timeline/made_up/mod.rs"]
mod made_up;

use ambulo_record::timeline::Zero;
use ambulo_report::timeline_page;
use std::path::Path;
use std::process::Command;

/// Runs a script after the page's own, and gives what it wrote into the page, a line for each thing, or nothing without a
/// browser. The script may call `tell(thing)`, and knows the page's policy: it is put in place of it.
fn told(page: &str, address: &str, script: &str) -> Option<Vec<String>> {
    let policy = page.split_once("; script-src '").unwrap().1.split_once('\'').unwrap().0;
    let open = page.replacen(&format!("'{policy}'"), "'unsafe-inline'", 1);
    // Without a screen there are no frames to wait for.
    let frames = "<script>window.requestAnimationFrame = (draw) => setTimeout(draw, 0);\
                  window.cancelAnimationFrame = clearTimeout;</script><script>";
    let open = open.replacen("<script>", frames, 1);
    let driver = format!(
        "<pre id=\"told\"></pre><script>const told = document.getElementById('told');\
         const tell = (thing) => {{ told.textContent += thing + '\\n'; }};\
         addEventListener('error', (event) => tell('error: ' + event.message));\
         const soon = () => new Promise((done) => setTimeout(done, 50));\
         (async () => {{ {script} tell('done'); }})();</script></body>"
    );
    dumped(&open.replacen("</body>", &driver, 1), address)
}

fn dumped(page: &str, address: &str) -> Option<Vec<String>> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("page.html");
    std::fs::write(&file, page).unwrap();
    let profile = directory.path().join("profile");
    let output = browser(&profile, &format!("file://{}{address}", file.display()))?;
    let (_, told) =
        output.split_once("<pre id=\"told\">").unwrap_or_else(|| panic!("nothing told: {output:.2000}"));
    let told =
        told.split_once("</pre>").unwrap().0.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    Some(told.lines().map(str::to_owned).collect())
}

/// The document as it is after its scripts, or nothing without a browser.
fn browser(profile: &Path, address: &str) -> Option<String> {
    for name in ["chromium", "chromium-browser", "google-chrome"] {
        let output = Command::new(name)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1200,1000"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .args(["--virtual-time-budget=20000", "--dump-dom", address])
            .output();
        if let Ok(output) = output {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            return Some(String::from_utf8(output.stdout).unwrap());
        }
    }
    eprintln!("no Chromium is installed: the page was not opened");
    None
}

/// What the tests ask of the page.
const HELPERS: &str = "
    const view = document.getElementById('view');
    const range = () => document.getElementById('range').textContent;
    const readout = () => document.getElementById('readout');
    const press = async (key, more = {}) => {
        view.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
        await soon();
    };
    const strip = () => view.querySelector('.answer svg').getBoundingClientRect();
    const point = async (kind, share, more = {}) => {
        const box = strip();
        view.dispatchEvent(new PointerEvent(kind, { pointerId: 1, pointerType: 'mouse', button: 0, bubbles: true,
            clientX: box.left + share * box.width, clientY: box.top + 5, ...more }));
        await soon();
    };
    const drawn = () => [...view.querySelectorAll('.answer path')].map((path) => path.getAttribute('d')).join();
    await soon();
";

#[test]
fn keys_zoom_and_move() {
    let page = timeline_page(&made_up::six_minutes());
    let script = format!(
        "{HELPERS} tell(range()); const whole = drawn();
         await press('+'); await press('+'); tell(range()); tell(drawn() !== whole);
         await press('ArrowRight'); tell(range());
         await press('-'); tell(range());
         await press('Home'); tell(range()); tell(drawn() === whole);
         await press('f'); tell(document.querySelector('[data-do=fit]').getAttribute('aria-pressed'));
         await press('.'); tell(readout().hidden); tell(readout().textContent);
         await press('.'); tell(readout().textContent);
         await press('Escape'); tell(readout().hidden);"
    );
    let Some(told) = told(&page, "", &script) else { return };
    assert_eq!(told[0], "0 s to 6:00 min (6 min 0 s)", "{told:#?}");
    assert_eq!(
        told[1..4],
        ["2:15 min to 3:45 min (1 min 30 s)", "true", "2:37 min to 4:07 min (1 min 30 s)"]
    );
    assert!(told[4].ends_with("(3 min 0 s)"), "{told:#?}");
    assert_eq!(told[5..9], ["0 s to 6:00 min (6 min 0 s)", "true", "true", "false"]);
    assert!(told[9].contains("Unknown") && told[10].contains("Standing"), "{told:#?}");
    assert_eq!(told[11..], ["true", "done"]);
}

#[test]
fn a_pointer_reads_drags_and_zooms() {
    let timeline = made_up::six_minutes();
    let page = timeline_page(&timeline);
    // In the middle of the second segment.
    let segment = &timeline.segments[1];
    let share = 0.5 * (segment.start_ns + segment.end_ns) as f64 / 359.5e9;
    let script = format!(
        "{HELPERS} tell(readout().hidden); await point('pointermove', {share}); tell(readout().hidden);
         tell([...readout().querySelectorAll('.bars .p')].map((p) => p.textContent)); tell(readout().textContent);
         await point('pointerleave', {share}); tell(readout().hidden);
         await point('dblclick', 0.5); tell(range());
         await point('pointerdown', 0.5); await point('pointermove', 0.75); await point('pointerup', 0.75); tell(range());
         view.dispatchEvent(new WheelEvent('wheel', {{ deltaY: -100, ctrlKey: true, clientX: strip().left, cancelable: true }}));
         await soon(); tell(range().split(' to ')[0]);
         await press('Home');
         const touch = {{ pointerType: 'touch' }};
         await point('pointerdown', 0.4, touch); await point('pointerdown', 0.6, {{ ...touch, pointerId: 2 }});
         await point('pointermove', 0.2, touch); await point('pointermove', 0.8, {{ ...touch, pointerId: 2 }});
         await point('pointerup', 0.2, touch); await point('pointerup', 0.8, {{ ...touch, pointerId: 2 }});
         tell(range()); await point('pointerdown', 0.5, touch); await point('pointerup', 0.5, touch); tell(readout().hidden);"
    );
    let Some(told) = told(&page, "", &script) else { return };
    assert_eq!(told[..2], ["true", "false"], "{told:#?}");
    // Within the tolerance of what the timeline says.
    let at_ns = (segment.start_ns + segment.end_ns) / 2;
    let step = timeline.steps.start_ns.partition_point(|&start| start <= at_ns) - 1;
    let shown: Vec<f32> = told[2].split(',').map(|p| p.parse().unwrap()).collect();
    assert_eq!(shown.len(), 7);
    for (p, shown) in
        timeline.steps.row(step, 6).iter().chain(&timeline.steps.unknown[step..=step]).zip(shown)
    {
        assert!((p - shown).abs() < 0.018, "{p} {shown}");
    }
    assert!(told[3].contains("Walking") && told[3].contains("s from the start"), "{}", told[3]);
    assert_eq!(
        told[4..7],
        ["true", "2:15 min to 3:45 min (1 min 30 s)", "1:52 min to 3:22 min (1 min 30 s)"]
    );
    assert_eq!(told[7], "1:52 min", "zoomed about the pointer");
    assert_eq!(told[8..], ["2:00 min to 4:00 min (2 min 0 s)", "false", "done"], "{told:#?}");
}

#[test]
fn a_link_leads_to_a_stretch_of_a_week() {
    let page = timeline_page(&made_up::a_week());
    let script = format!(
        "{HELPERS} tell(range()); tell(readout().querySelector('.when').textContent);
         tell([...document.querySelectorAll('.shown')].filter((shown) => !shown.hidden).length);
         const names = [...document.querySelectorAll('.times span')].map((label) => label.textContent); tell(names.join(' '));
         const days = document.querySelectorAll('.day-name'); days[2].click(); await soon(); await soon(); tell(range());
         document.querySelector('[data-do=all]').click(); await soon(); tell(range());"
    );
    let Some(told) = told(&page, "#zoom=86400:90000&at=88200", &script) else { return };
    assert_eq!(told[0], "Tue 5 May 2026 08:00:00 to Tue 5 May 2026 09:00:00 (1 h 0 min)", "{told:#?}");
    assert_eq!(told[1..3], ["2026-05-05 08:30:00.0+02:00", "1"]);
    assert!(told[3].contains("08:10 08:20"), "{}", told[3]);
    assert_eq!(told[4], "Wed 6 May 2026 00:00 to Thu 7 May 2026 00:00 (1 d 0 h)");
    assert_eq!(told[5..], ["Mon 4 May 2026 08:00 to Mon 11 May 2026 08:00 (7 d 0 h)", "done"]);
}

#[test]
fn hopeless_times_and_texts_are_drawn() {
    let mut timeline = made_up::six_minutes();
    timeline.labels[0] = "</script><b>&\u{2028}\"'".to_owned();
    timeline.steps.probabilities[..30].fill(f32::NAN);
    timeline.steps.attention[3] = f32::INFINITY;
    timeline.segments[2].confidence = f32::NAN;
    timeline.overview.signals[0].bins[5].most[1] = f32::NEG_INFINITY;
    let mut far = timeline.clone();
    far.zero = Zero::Local { local_ns: i64::MIN };
    far.segments[0].start_ns = i64::MIN;
    far.segments.last_mut().unwrap().end_ns = i64::MAX;
    for timeline in [timeline, far] {
        let page = timeline_page(&timeline);
        let script = format!(
            "{HELPERS} for (const key of '++,..f-') await press(key); await point('pointermove', 0.3); tell(drawn());"
        );
        let Some(told) = told(&page, "", &script) else { return };
        assert_eq!(told.len(), 2, "{told:#?}");
        assert!(!told[0].contains("NaN") && told[0].len() > 10, "{}", told[0]);
    }
}

#[test]
fn no_other_script_runs() {
    let page = timeline_page(&made_up::six_minutes());
    let other = "<pre id=\"told\"></pre><img src=\"x\" onerror=\"document.getElementById('told').textContent='handler'\">\
                 <script>document.getElementById('told').textContent += 'script'</script></body>";
    let Some(told) = dumped(&page.replacen("</body>", other, 1), "") else { return };
    assert!(told.is_empty(), "{told:?}");
}
