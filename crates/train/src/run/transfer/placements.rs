//! Models of devices worn at one place, tested on those at every place.

use super::{Found, Transfer, Watch, Way, Within, divided, sized};
use crate::evaluation::transfer::{CellName, transfer_cell};
use crate::protocol::people::refuse_seen;
use crate::training::ancestor::Beginning;
use crate::{Config, Protocol, TrainError};
use ambulo_data::{DataError, Dataset};
use ambulo_record::TransferCell;

impl Transfer<'_> {
    /// The matrix; none when it was stopped. People are divided into groups: those of one are tested at the place of the column, those of the
    /// others are learned from at the place of the row.
    pub(super) fn placements(
        &self,
        joined: &Dataset,
        beginning: Option<&Beginning>,
        watch: &mut Watch<'_>,
    ) -> Result<Option<Found>, TrainError> {
        let places: Vec<String> = if self.config.placements.is_empty() {
            joined.placements().into_iter().map(str::to_owned).collect()
        } else {
            self.config.placements.clone()
        };
        if places.len() < 2 {
            let reason = format!("devices were worn at one place alone: {}", places.join(", "));
            return Err(DataError::Incompatible { reason }.into());
        }
        let people = joined.subjects().len();
        let protocol = Protocol::Groups(divided(self.groups, people));
        let config = |way: &Way<'_>, from: &str, to: &str| Config {
            protocol,
            test_on: Vec::new(),
            placements: vec![from.to_owned()],
            test_placements: vec![to.to_owned()],
            ..sized(way.config, people)
        };
        let ways = self.ways(beginning);
        // Said now rather than when everything from scratch is trained.
        for way in &ways {
            for from in &places {
                places.iter().try_for_each(|to| refuse_seen(joined, &config(way, from, to)))?;
            }
        }
        let mut cells: Vec<TransferCell> = Vec::new();
        let mut trained_on = Vec::new();
        // From scratch, at each place.
        let mut at_home: Vec<Within> = Vec::with_capacity(places.len());
        for way in ways {
            let answers = |from: &str, to: &str, watch: &mut Watch<'_>| {
                let name = way.directory(&format!("{}-to-{}", safe(from), safe(to)));
                self.run(&name, config(&way, from, to), joined, watch)?
                    .map(super::Finished::within)
                    .transpose()
            };
            if way.from.is_none() {
                for place in &places {
                    let Some(own) = answers(place, place, watch)? else { return Ok(None) };
                    at_home.push(own);
                }
            }
            for from in &places {
                let row = way.row(from);
                trained_on.push(row.clone());
                for (to, own) in places.iter().zip(&at_home) {
                    let cell =
                        CellName { trained_on: &row, tested_on: to, datasets: std::slice::from_ref(from) };
                    let runs = own.runs();
                    let at_home = own.answers(&runs);
                    if way.from.is_none() && from == to {
                        cells.push(transfer_cell(cell, &joined.parents, &at_home, None)?);
                        continue;
                    }
                    let Some(found) = answers(from, to, watch)? else { return Ok(None) };
                    let runs = found.runs();
                    let across = found.answers(&runs);
                    cells.push(transfer_cell(cell, &joined.parents, &across, Some(&at_home))?);
                }
            }
        }
        Ok(Some(Found { protocol: protocol.name(), trained_on, tested_on: places, cells }))
    }
}

/// A placement as part of a directory's name.
fn safe(placement: &str) -> String {
    placement.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect()
}
