//! The models in the box.
//!
//! `general` learned from HAPT, SisFall and SP-SW together, `waist` from the 21 people of HAPT to develop on alone; both are made by
//! `cargo run --release -p ambulo-train --example ship`, which gives the same bytes on the same instruction set. Their cards with figures
//! and terms are in `shipped/README.md`.

use crate::{Model, ModelError};

/// A model in the box.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// Its name.
    pub name: &'static str,
    /// What it is for, in a line.
    pub about: &'static str,
    /// Whether it answers unless another one is named. Those that do have the same labels.
    pub by_default: bool,
    /// Its card: origin, figures, limits and terms, as Markdown.
    pub card: &'static str,
    bytes: &'static [u8],
}

/// The models in the box. Of those that answer by default the first that has what it needs does, so that what uses more sensors
/// stands first.
pub static SHIPPED: [Shipped; 4] = [
    Shipped {
        name: "general",
        about: "acceleration and angular velocity, device at the waist, in a trouser pocket or on the wrist, worn any way; knows running",
        by_default: true,
        card: include_str!("../shipped/general.md"),
        bytes: include_bytes!("../shipped/general.safetensors"),
    },
    Shipped {
        name: "general-acc",
        about: "acceleration alone, device at the waist, in a trouser pocket or on the wrist, worn any way; knows running",
        by_default: true,
        card: include_str!("../shipped/general-acc.md"),
        bytes: include_bytes!("../shipped/general-acc.safetensors"),
    },
    Shipped {
        name: "waist",
        about: "acceleration and angular velocity, device at the waist, worn any way",
        by_default: false,
        card: include_str!("../shipped/waist.md"),
        bytes: include_bytes!("../shipped/waist.safetensors"),
    },
    Shipped {
        name: "waist-acc",
        about: "acceleration alone, device at the waist, worn any way",
        by_default: false,
        card: include_str!("../shipped/waist-acc.md"),
        bytes: include_bytes!("../shipped/waist-acc.safetensors"),
    },
];

impl Shipped {
    /// The model of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        SHIPPED.iter().find(|shipped| shipped.name == name)
    }

    /// Reads it.
    ///
    /// # Errors
    /// None: a test reads all of them.
    pub fn model(&self) -> Result<Model, ModelError> {
        Model::from_bytes(self.name, self.bytes)
    }

    /// The content of its file.
    #[must_use]
    pub fn bytes(&self) -> &'static [u8] {
        self.bytes
    }

    /// Bytes of its file.
    #[must_use]
    pub fn size(&self) -> usize {
        self.bytes.len()
    }
}
