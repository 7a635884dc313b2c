//! Writes pages and figures of made-up recordings, to be looked at: `sample_timeline DIRECTORY`.

mod made_up;

use ambulo_report::{write_timeline, write_timeline_svg};
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::args().nth(1).ok_or("usage: sample_timeline DIRECTORY")?;
    let directory = Path::new(&directory);
    std::fs::create_dir_all(directory)?;
    for (name, timeline) in [("week", made_up::a_week()), ("six_minutes", made_up::six_minutes())] {
        write_timeline(&directory.join(name).with_extension("timeline.html"), &timeline)?;
        write_timeline_svg(&directory.join(name).with_extension("svg"), &timeline)?;
    }
    Ok(())
}
